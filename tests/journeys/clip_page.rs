//! The page of a clip by keyboard alone: past the player, a reply, an answer to it, a reaction that somebody else sees, and the
//! focus that is never lost.

use std::path::Path;
use std::time::Duration;

use vignette_tests::browser::Browser;
use vignette_tests::program::{Program, RECORD_WITH_CAMERA};
use vignette_tests::team::Team;

const PATIENCE: Duration = Duration::from_secs(20);
const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const CTRL_ENTER: &str = "\u{E009}\u{E007}\u{E009}";

/// Records some seconds of synthetic sources into the team's library and gives the link.
fn recorded(team: &Team, home: &Path, seconds: u32) -> String {
    let (url, duration) = (team.url(), format!("{seconds}s"));
    let args = ["--library", &url, "--token", &team.token, "--duration", &duration];
    let mut recording = Program::vignette(home, &[&RECORD_WITH_CAMERA[..], &args].concat(), &[]);
    let link =
        recording.wait_for_event("link", PATIENCE)["link"].as_str().expect("a link").to_owned();
    let (status, said) = recording.finish(Duration::from_secs(60));
    assert!(status.success(), "the clip is safe in the library: {:#?}", said.last());
    link
}

/// Presses keys where the focus is.
async fn press(browser: &Browser, keys: &str) {
    let focused = browser.client.active_element().await.expect("something has the focus");
    focused.send_keys(keys).await.expect("keys are pressed");
}

/// Goes on by Tab until what a selector names has the focus.
async fn tab_to(browser: &Browser, selector: &str) {
    let there = format!("return document.activeElement.matches({selector:?})");
    for _ in 0..40 {
        press(browser, TAB).await;
        if browser.run(&there).await == true {
            return;
        }
    }
    let at = browser.run("return document.activeElement.outerHTML.slice(0, 200)").await;
    panic!("{selector} is not reached by Tab, but {at}");
}

async fn has_focus(browser: &Browser, selector: &str) {
    let there = format!("return document.activeElement.matches({selector:?})");
    browser.until(&format!("the focus on {selector}"), PATIENCE, &there).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_by_keyboard_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let team = Team::start(folder.path()).await;
    let link = recorded(&team, &folder.path().join("home"), 6);
    let (gus, other) = (Browser::open().await, Browser::open().await);
    for browser in [&gus, &other] {
        browser.client.goto(&format!("{link}?t=0:02")).await.expect("the page loads");
        browser
            .until(
                "where the link says",
                PATIENCE,
                "return document.querySelector('video')?.currentTime === 2",
            )
            .await;
    }

    // The first stop of Tab leads past the player.
    tab_to(&gus, ".skip").await;
    press(&gus, ENTER).await;
    has_focus(&gus, "#beside").await;
    press(&gus, "r").await;
    has_focus(&gus, "[data-testid=reply-text]").await;
    press(&gus, "See https://a.example/x").await;
    tab_to(&gus, "[data-testid=reply-name]").await;
    press(&gus, "Gus").await;
    press(&gus, CTRL_ENTER).await;
    gus.until(
        "the reply, with its link",
        PATIENCE,
        "return document.querySelector('[data-testid=reply] a[href=\"https://a.example/x\"][rel~=nofollow]') !== null",
    )
    .await;

    // An answer, whose form gives the focus back; the name is not asked for again.
    tab_to(&gus, "[data-testid=reply-text]").await;
    gus.run("document.querySelector('#beside').focus()").await;
    tab_to(&gus, "[data-testid=follow-up]").await;
    press(&gus, ENTER).await;
    has_focus(&gus, "[data-testid=follow-up-text]").await;
    press(&gus, "And more").await;
    assert_eq!(
        gus.run("return document.querySelectorAll('[data-testid=reply-name]').length").await,
        0,
        "a guest says their name once"
    );
    press(&gus, CTRL_ENTER).await;
    let answered = "return document.querySelectorAll('[data-testid=reply]').length === 2";
    gus.until("the answer", PATIENCE, answered).await;
    has_focus(&gus, "[data-testid=follow-up]").await;

    // A reaction, which the other sees at once, and which a second press takes back.
    let count = |n: u32| {
        format!(
            "return document.querySelector('[data-testid=react-clap]').getAttribute('aria-label') === 'Applause{}'",
            if n == 0 { String::new() } else { format!(", {n}") }
        )
    };
    gus.run("document.querySelector('[data-testid=seek]').focus()").await;
    tab_to(&gus, "[data-testid=react-clap]").await;
    press(&gus, " ").await;
    for browser in [&gus, &other] {
        browser.until("the reaction", PATIENCE, &count(1)).await;
    }
    other
        .until(
            "its sign on the bar, or a reply in its place",
            PATIENCE,
            "return document.querySelector('[data-testid=reaction-mark], [data-testid=marker]') !== null",
        )
        .await;
    has_focus(&gus, "[data-testid=react-clap][aria-pressed=true]").await;
    press(&gus, " ").await;
    for browser in [&gus, &other] {
        browser.until("that it is taken back", PATIENCE, &count(0)).await;
    }

    // What is deleted leaves the focus in the list.
    gus.run("document.querySelector('#beside').focus()").await;
    tab_to(&gus, "[data-testid=delete]").await;
    press(&gus, ENTER).await;
    has_focus(&gus, "[data-testid=delete-not]").await;
    gus.run("document.querySelector('[data-testid=delete-really]').focus()").await;
    press(&gus, ENTER).await;
    let gone = "return document.querySelectorAll('[data-testid=reply]').length === 0";
    for browser in [&gus, &other] {
        browser.until("that both are gone, with the answer", PATIENCE, gone).await;
    }
    has_focus(&gus, "[aria-label='List of replies']").await;

    for browser in [&gus, &other] {
        assert_eq!(browser.axe().await, Vec::<String>::new(), "axe finds nothing");
        assert_eq!(browser.console_errors().await, Vec::<String>::new(), "no errors");
    }
    gus.close().await;
    other.close().await;
}
