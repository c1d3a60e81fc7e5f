//! A teammate with only the link and a browser: watches, seeks, replies with another at the same time, watches while it is
//! still being recorded, and does without JavaScript.

use std::time::Duration;

use vignette_tests::browser::Browser;
use vignette_tests::program::{Program, RECORD_WITH_CAMERA};
use vignette_tests::team::Team;

const PATIENCE: Duration = Duration::from_secs(20);
const CURRENT_TIME: &str = "return document.querySelector('video').currentTime";

/// Records some seconds of synthetic sources into the team's library and gives the link.
fn recorded(team: &Team, home: &std::path::Path, seconds: u32) -> String {
    let duration = format!("{seconds}s");
    let mut recording = record(team, home, &["--duration", &duration]);
    let link =
        recording.wait_for_event("link", PATIENCE)["link"].as_str().expect("a link").to_owned();
    let (status, said) = recording.finish(Duration::from_secs(60));
    assert!(status.success(), "the clip is safe in the library: {:#?}", said.last());
    link
}

fn record(team: &Team, home: &std::path::Path, more: &[&str]) -> Program {
    let (url, token) = (team.url(), team.token.clone());
    let args = ["--library", &url, "--token", &token, "--title", "Numbers & bars"];
    let summary = ["--summary", "Counts **pictures**."];
    let args = [&RECORD_WITH_CAMERA[..], &args, &summary, more].concat();
    Program::vignette(home, &args, &[])
}

async fn nothing_wrong(browser: &Browser, team: &Team) {
    assert_eq!(browser.axe().await, Vec::<String>::new(), "axe finds nothing");
    assert_eq!(browser.console_errors().await, Vec::<String>::new(), "the console has no errors");
    assert_eq!(
        browser.requests_elsewhere(&team.url()).await,
        Vec::<String>::new(),
        "no other host is asked for anything"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_watch_and_reply() {
    let folder = tempfile::tempdir().expect("a folder");
    let team = Team::start(folder.path()).await;
    let link = recorded(&team, &folder.path().join("home"), 10);
    let (ada, bob) = (Browser::open().await, Browser::open().await);
    for browser in [&ada, &bob] {
        browser.client.goto(&link).await.expect("the page loads");
        browser
            .until("the length", PATIENCE, "return document.querySelector('video')?.duration > 9.9")
            .await;
    }
    // Seek to 80 % with the keyboard alone.
    ada.run("document.querySelector('[data-testid=seek]').focus()").await;
    for _ in 0..8 {
        ada.client
            .active_element()
            .await
            .expect("the focus")
            .send_keys("\u{E014}")
            .await
            .expect("right arrow");
    }
    ada.run("document.querySelector('video').currentTime = document.querySelector('video').duration * 0.8").await;
    ada.until(
        "the frame at 80 %",
        PATIENCE,
        "const v = document.querySelector('video'); return !v.seeking && v.readyState >= 2 && Math.abs(v.currentTime - 8) < 0.2",
    )
    .await;
    bob.run("document.querySelector('video').play()").await;
    bob.until("playing", PATIENCE, &format!("{CURRENT_TIME} > 1.0")).await;
    bob.run("document.querySelector('video').playbackRate = 2").await;

    // Both write at the same time; the moment is frozen at the first key stroke.
    reply(&ada, "Ada L.", "What is this number?").await;
    reply(&bob, "Bob", "I know it.").await;
    for (browser, other) in [(&ada, "I know it."), (&bob, "What is this number?")] {
        let seen = format!(
            "return [...document.querySelectorAll('[data-testid=reply]')].some(r => r.textContent.includes({other:?}))"
        );
        browser.until("the other's reply, without reloading", Duration::from_secs(5), &seen).await;
        browser
            .until(
                "both replies on the bar",
                PATIENCE,
                // Near ones are one cluster, which says how many they are.
                "return [...document.querySelectorAll('[data-testid=marker]')].reduce((n, marker) => n + Number(marker.textContent.trim() || 1), 0) >= 2",
            )
            .await;
    }
    let at = ada.run("return document.querySelector('[data-testid=reply] time, [data-testid=reply] [data-testid=reply-time]')?.textContent").await;
    assert!(at.as_str().is_some_and(|t| t.contains("0:0")), "the reply shows its moment: {at}");
    nothing_wrong(&ada, &team).await;
    let written = "try { document.body.insertAdjacentHTML('beforeend', '<b>x</b>'); return 'written' } catch (e) { return e.name }";
    assert_eq!(ada.run(written).await, "TypeError", "no text becomes HTML of the page");
    let policy = "try { trustedTypes.createPolicy('mine', { createHTML: (s) => s }); return 'made' } catch (e) { return e.name }";
    assert_eq!(
        ada.run(policy).await,
        "TypeError",
        "nor does anybody name a policy that would let it"
    );
    ada.close().await;
    bob.close().await;
}

/// Writes and sends a reply with the keyboard.
async fn reply(browser: &Browser, name: &str, text: &str) {
    use fantoccini::Locator;
    let client = &browser.client;
    let field =
        client.find(Locator::Css("[data-testid=reply-text]")).await.expect("a place to write");
    field.send_keys(text).await.expect("the text is typed");
    let named =
        client.find(Locator::Css("[data-testid=reply-name]")).await.expect("a place for the name");
    named.send_keys(name).await.expect("the name is typed");
    client
        .find(Locator::Css("[data-testid=reply-send]"))
        .await
        .expect("a button")
        .click()
        .await
        .expect("it is sent");
    let seen = format!(
        "return [...document.querySelectorAll('[data-testid=reply]')].some(r => r.textContent.includes({text:?}))"
    );
    browser.until("one's own reply", PATIENCE, &seen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn live_while_it_is_being_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let team = Team::start(folder.path()).await;
    let mut recording = record(&team, &folder.path().join("home"), &["--live"]);
    let link =
        recording.wait_for_event("link", PATIENCE)["link"].as_str().expect("a link").to_owned();
    let browser = Browser::open().await;
    browser.client.goto(&link).await.expect("the page loads");
    browser
        .until(
            "the words that it is being recorded",
            PATIENCE,
            "return /being recorded|Live/i.test(document.body.innerText)",
        )
        .await;
    browser.run("document.querySelector('[data-testid=start]')?.click(); document.querySelector('video')?.play()").await;
    browser
        .until("live pictures", PATIENCE, "return document.querySelector('video')?.currentTime > 3")
        .await;
    recording.process().signal("INT");
    recording.wait_for_event("stopped", PATIENCE);
    let (status, said) = recording.finish(Duration::from_secs(60));
    assert!(status.success(), "{:#?}", said.last());
    browser.until("the end", Duration::from_secs(40), "const v = document.querySelector('video'); return v.ended || (Number.isFinite(v.duration) && v.currentTime > v.duration - 0.5)").await;
    nothing_wrong(&browser, &team).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_that_is_not_live_starts_by_itself_after_stop() {
    let folder = tempfile::tempdir().expect("a folder");
    let team = Team::start(folder.path()).await;
    let mut recording = record(&team, &folder.path().join("home"), &[]);
    let link =
        recording.wait_for_event("link", PATIENCE)["link"].as_str().expect("a link").to_owned();
    let browser = Browser::open().await;
    browser.client.goto(&link).await.expect("the page loads");
    browser
        .until(
            "the words that it is being recorded",
            PATIENCE,
            "return /being recorded/i.test(document.body.innerText)",
        )
        .await;
    tokio::time::sleep(Duration::from_secs(4)).await; // Four seconds of recording take four seconds.
    let early = reqwest::get(format!("{link}/media.m3u8")).await.expect("an answer").status();
    assert_eq!(early.as_u16(), 409, "nothing plays before the author has stopped");
    recording.process().signal("INT");
    recording.wait_for_event("stopped", PATIENCE);
    browser
        .until(
            "playing by itself",
            PATIENCE,
            "return document.querySelector('video')?.currentTime > 0.5",
        )
        .await;
    assert!(recording.finish(Duration::from_secs(60)).0.success());
    nothing_wrong(&browser, &team).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_javascript() {
    use fantoccini::Locator;
    let folder = tempfile::tempdir().expect("a folder");
    let team = Team::start(folder.path()).await;
    let link = recorded(&team, &folder.path().join("home"), 6);
    let browser = Browser::open_without_javascript().await;
    browser.client.goto(&link).await.expect("the page loads");
    let text = browser
        .client
        .find(Locator::Css("body"))
        .await
        .expect("a body")
        .text()
        .await
        .expect("text");
    assert!(
        text.contains("Numbers & bars") && text.contains("Counts pictures."),
        "title and summary can be read: {text}"
    );
    browser
        .run("document.querySelector('video').muted = true; document.querySelector('video').play()")
        .await;
    browser.until("playing", PATIENCE, &format!("{CURRENT_TIME} > 1.0")).await;
    let find = async |css| {
        browser.client.find(Locator::Css(css)).await.unwrap_or_else(|e| panic!("{css}: {e}"))
    };
    find("form [name=name]").await.send_keys("Cleo").await.expect("the name is typed");
    find("form textarea").await.send_keys("Even so.").await.expect("the words are typed");
    find("form [name=time]").await.send_keys("0:03").await.expect("the moment is typed");
    find("form button").await.click().await.expect("it is sent");
    let replied = browser
        .client
        .wait()
        .at_most(PATIENCE)
        .for_element(Locator::Css("article[id^=reply-]"))
        .await
        .expect("the reply");
    let text = replied.text().await.expect("text");
    assert!(text.contains("Cleo") && text.contains("0:03") && text.contains("Even so."), "{text}");
    browser.close().await;
}
