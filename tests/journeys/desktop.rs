//! The desktop journey: choose sources, record, pause, stop, read the link from the clipboard, open it in a browser, reply
//! there, and see the reply in the desktop window.

use std::time::Duration;

use fantoccini::Locator;
use vignette_tests::browser::{Browser, DesktopWindow};
use vignette_tests::display::Display;
use vignette_tests::process::until;
use vignette_tests::program::binary;
use vignette_tests::sound::Sound;

const PATIENCE: Duration = Duration::from_secs(30);

fn css(testid: &str) -> String {
    format!("[data-testid={testid}]")
}

async fn click(window: &DesktopWindow, testid: &str) {
    let css = css(testid);
    let element = window.client.wait().at_most(PATIENCE).for_element(Locator::Css(&css)).await;
    element.unwrap_or_else(|e| panic!("{testid}: {e}")).click().await.unwrap_or_else(|e| panic!("{testid}: {e}"));
}

/// Chooses the option of a select whose text contains `words`.
async fn choose(window: &DesktopWindow, testid: &str, words: &str) {
    let chosen = format!(
        "const s = document.querySelector('{}'); const o = [...(s?.options ?? [])].find(o => o.text.includes({words:?}));
         if (!o) return false; s.value = o.value; s.dispatchEvent(new Event('change', {{ bubbles: true }})); return true",
        css(testid)
    );
    window.until(&format!("{words} in {testid}"), PATIENCE, &chosen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn record_in_the_window_and_see_the_reply() {
    let (display, sound) = (Display::start(1280, 900), Sound::start());
    display.paint("#204060");
    let _tone = sound.play_tone(440);
    let home = tempfile::tempdir().expect("a home");
    let folder = home.path().to_str().expect("a path").to_owned();
    let env = [("DISPLAY", display.name.as_str()), ("PULSE_SERVER", &sound.address), ("VIGNETTE_HOME", &folder)];
    let window = DesktopWindow::open(&binary("vignette-desktop"), &env).await;

    choose(&window, "camera-select", "Off").await;
    choose(&window, "countdown-select", "No countdown").await;
    let title = window.client.find(Locator::Css(&css("title"))).await.expect("a title field");
    title.send_keys("From the window").await.expect("a title is typed");
    click(&window, "record").await;
    let elapsed =
        |secs: &str| format!("return (document.querySelector('{}')?.textContent ?? '').includes('0:0{secs}')", css("elapsed"));
    window.until("two seconds", PATIENCE, &elapsed("2")).await;
    click(&window, "pause").await;
    window.until("the pause", PATIENCE, &format!("return !!document.querySelector('{}')", css("resume"))).await;
    click(&window, "resume").await;
    window.until("four seconds", PATIENCE, &elapsed("4")).await;
    click(&window, "stop").await;
    let link = until("the link on the clipboard", PATIENCE, || display.clipboard().filter(|text| text.contains("/c/")));
    window.until("the words that it is safe", PATIENCE, "return /safe in the library/i.test(document.body.innerText)").await;

    let browser = Browser::open().await;
    browser.client.goto(&link).await.expect("the page loads");
    browser.until("the video", PATIENCE, "return document.querySelector('video')?.readyState >= 2").await;
    browser.run("document.querySelector('video').play()").await;
    browser.until("playing", PATIENCE, "return document.querySelector('video').currentTime > 1").await;

    click(&window, "tab-library").await;
    click(&window, "clip-card").await;
    window.until("the player", PATIENCE, "return document.querySelector('video')?.readyState >= 1").await;
    let type_into = async |testid: &str, words: &str| {
        let css = css(testid);
        let field = browser.client.find(Locator::Css(&css)).await.unwrap_or_else(|e| panic!("{testid}: {e}"));
        field.send_keys(words).await.expect("words are typed");
    };
    type_into("reply-text", "Seen from the browser").await;
    type_into("reply-name", "Bob").await;
    browser.client.find(Locator::Css(&css("reply-send"))).await.expect("a button").click().await.expect("it is sent");
    window
        .until("the reply in the desktop window", PATIENCE, "return document.body.innerText.includes('Seen from the browser')")
        .await;
    browser.close().await;
    drop(window.client.clone().close().await);
}
