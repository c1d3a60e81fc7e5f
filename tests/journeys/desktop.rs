//! The desktop journeys: record in the window and see the reply; the tray; one instance; what is asked before quitting.

use std::time::Duration;

use fantoccini::Locator;
use serde_json::Value;
use vignette_tests::browser::Browser;
use vignette_tests::desk::{Desk, css};
use vignette_tests::process::until;
use vignette_tests::program::Program;
use vignette_tests::speech;

const PATIENCE: Duration = Duration::from_secs(30);

/// Choose sources, record, pause, stop, read the link from the clipboard, open it in a browser, reply there, and see the
/// reply in the desktop window.
#[tokio::test(flavor = "multi_thread")]
async fn record_in_the_window_and_see_the_reply() {
    let desk = Desk::open().await;
    desk.click("record").await;
    desk.until_second(2).await;
    desk.bring_window().await;
    desk.click("pause").await;
    desk.until_there("resume").await;
    desk.click("resume").await;
    desk.until_second(4).await;
    desk.click("stop").await;
    let link = until("the link on the clipboard", PATIENCE, || {
        desk.display.clipboard().filter(|text| text.contains("/c/"))
    });
    desk.until(
        "the words that it is safe",
        "return /saved on this computer/i.test(document.body.innerText)",
    )
    .await;
    let measured =
        desk.window.run("return performance.getEntriesByName('stop to link').length").await;
    assert_eq!(measured, 1, "the window knows how long the link took");
    desk.type_into("title", "From the window").await;

    let browser = Browser::open().await;
    browser.client.goto(&link).await.expect("the page loads");
    browser
        .until("the video", PATIENCE, "return document.querySelector('video')?.readyState >= 2")
        .await;
    browser.run("document.querySelector('video').play()").await;
    browser
        .until("playing", PATIENCE, "return document.querySelector('video').currentTime > 1")
        .await;
    let page_says = async |text: &str| {
        browser
            .until(text, PATIENCE, &format!("return document.body.innerText.includes({text:?})"))
            .await;
    };
    page_says("From the window").await;

    desk.click("tab-library").await;
    desk.click("clip-card").await;
    desk.until("the player", "return document.querySelector('video')?.readyState >= 1").await;
    let type_into = async |testid: &str, text: &str| {
        let css = css(testid);
        let field = browser
            .client
            .find(Locator::Css(&css))
            .await
            .unwrap_or_else(|e| panic!("{testid}: {e}"));
        field.send_keys(text).await.expect("words are typed");
    };
    type_into("reply-text", "Seen from the browser").await;
    type_into("reply-name", "Bob").await;
    browser
        .client
        .find(Locator::Css(&css("reply-send")))
        .await
        .expect("a button")
        .click()
        .await
        .expect("it is sent");
    desk.until(
        "the reply in the desktop window",
        "return document.body.innerText.includes('Seen from the browser')",
    )
    .await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tray_shows_the_take_and_stops_it() {
    let desk = Desk::open().await;
    let (idle, idle_picture) = desk.tray_says();
    let menu = ["Start recording", "Pause", "Copy last link", "Open Vignette", "Settings", "Quit"];
    assert_eq!((idle[0].as_str(), &idle[1..]), ("Not recording", &menu.map(str::to_owned)[..]));
    desk.press_in_tray("Start recording");
    desk.until_second(1).await;
    let (recording, recording_picture) = desk.tray_says();
    assert!(recording[0].starts_with("Recording, 0:0"), "{recording:?}");
    desk.press_in_tray("Pause");
    let says = |text: &str| {
        until("what the tray says", PATIENCE, || {
            Some(desk.tray_says()).filter(|(says, _)| says.iter().any(|w| w == text))
        })
    };
    let (paused, paused_picture) = says("Resume");
    assert!(paused[0].starts_with("Paused at 0:0"), "{paused:?}");
    assert!(
        idle_picture != recording_picture
            && recording_picture != paused_picture
            && paused_picture != idle_picture,
        "what a take does is seen without opening the menu"
    );
    desk.press_in_tray("Stop and copy link");
    until("the link on the clipboard", PATIENCE, || {
        desk.display.clipboard().filter(|text| text.contains("/c/"))
    });
    desk.until("the window says so", "return document.body.innerText.includes('Link copied')")
        .await;
    let (stopped, picture) = says("Not recording");
    assert_eq!((stopped, picture), (idle, idle_picture), "it is as it was before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_is_the_first() {
    let desk = Desk::open().await;
    assert_eq!(desk.start_again(), Some(0), "whoever starts it twice has what they wanted");
    assert_eq!(desk.window_count(), 1);
    desk.press_close();
    desk.until_ended();
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_asks_while_a_take_runs() {
    let desk = Desk::open().await;
    desk.click("record").await;
    desk.until_second(1).await;
    desk.press_close();
    desk.click("go-on").await;
    desk.until_second(3).await;
    assert_eq!(desk.takes().len(), 1, "the take goes on");
    desk.press_close();
    desk.click("throw-away").await;
    desk.until_ended();
    assert_eq!(desk.takes(), Vec::<serde_json::Value>::new(), "nothing of it is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_that_quitting_stopped_is_kept() {
    let desk = Desk::open().await;
    desk.click("record").await;
    desk.until_second(2).await;
    desk.press_in_tray("Quit");
    desk.click("stop-and-keep").await;
    desk.until_ended();
    let takes = desk.takes();
    assert_eq!(takes.len(), 1, "{takes:?}");
    assert_eq!(takes[0]["phase"], "stopped", "{takes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_that_the_end_of_the_session_stopped_is_kept() {
    for signal in ["HUP", "TERM"] {
        let desk = Desk::open().await;
        desk.click("record").await;
        desk.until_second(3).await;
        desk.signal(signal);
        desk.until_ended();
        let takes = desk.takes();
        assert_eq!(takes.len(), 1, "{signal}: {takes:?}");
        assert_eq!(
            (&takes[0]["phase"], &takes[0]["problem"]),
            (&"stopped".into(), &Value::Null),
            "{signal}: {takes:?}"
        );
        assert!(takes[0]["duration_us"].as_u64() >= Some(3_000_000), "{signal}: {takes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_outlives_the_window_until_it_is_discarded() {
    let desk = Desk::open().await;
    desk.click("record").await;
    desk.until_second(1).await;
    desk.bring_window().await;
    desk.window.run("window.before = true").await;
    desk.window.client.refresh().await.expect("the page reloads");
    let anew = format!("return !window.before && !!document.querySelector('{}')", css("running"));
    desk.until("the page anew", &anew).await;
    desk.click("discard").await;
    desk.click("discarded-action").await;
    desk.until_there("done").await;
    assert_eq!(desk.takes().len(), 1, "what was discarded is there again");
    desk.click("record-another").await;
    desk.until_there("record").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discarded_take_is_gone() {
    let desk = Desk::open().await;
    desk.click("record").await;
    desk.until_second(1).await;
    desk.bring_window().await;
    desk.click("discard").await;
    desk.until_there("record").await;
    assert_eq!(desk.takes(), Vec::<serde_json::Value>::new(), "nothing of it is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_show_what_the_command_line_changed() {
    let desk = Desk::open().await;
    desk.click("tab-settings").await;
    desk.until("what is missing", "return document.body.innerText.includes('No captions yet')")
        .await;
    let model = speech::file("whisper-tiny.en.bin");
    let model = model.to_str().expect("a path");
    let (status, _) =
        Program::vignette(desk.home.path(), &["models", "use", model], &[]).finish(PATIENCE);
    assert!(status.success());
    desk.click("tab-record").await;
    desk.click("tab-settings").await;
    let used = format!(
        "return document.querySelector('{}')?.innerText.includes('whisper-tiny.en.bin')",
        css("own-model")
    );
    desk.until("the model in use", &used).await;
}
