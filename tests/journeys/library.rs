//! The library by the keyboard alone: in Chromium for a team's member, and in the app's own window.

use std::path::Path;
use std::time::Duration;

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::Value;
use vignette_tests::browser::Browser;
use vignette_tests::desk::Desk;
use vignette_tests::process::until;
use vignette_tests::program::{Program, RECORD};
use vignette_tests::team::Team;
use vignette_tests::visitor::Visitor;

const PATIENCE: Duration = Duration::from_secs(30);
const PASSWORD: &str = "a horse of another colour";
/// How many recordings are shown, and how many of them are new.
const COUNTS: &str = "return [document.querySelectorAll('[data-card]').length,
    document.querySelectorAll('[data-testid=unread]').length].join(' ')";

fn record(home: &Path, team: &Team, title: &str) {
    let more = ["--duration", "5s", "--no-transcript", "--library", &team.url(), "--title", title];
    let args = [&RECORD[..], &more].concat();
    let recorded = Program::vignette(home, &args, &[("VIGNETTE_TOKEN", &team.token)]);
    let (status, said) = recorded.finish(PATIENCE);
    assert!(status.success(), "{said:#?}");
}

async fn fill(browser: &Browser, name: &str, text: &str) {
    let field = browser.client.find(Locator::Css(&format!("input[name={name}]"))).await;
    field.expect("a field").send_keys(text).await.expect("it takes text");
}

/// Presses keys where the keyboard is.
async fn press(client: &fantoccini::Client, keys: &str) {
    let element = client.active_element().await.expect("something has the keyboard");
    element.send_keys(keys).await.expect("it hears keys");
}

fn key(key: Key) -> String {
    char::from(key).to_string()
}

async fn counts(browser: &Browser, expected: &str) {
    let script = format!("return (() => {{ {COUNTS} }})() === {expected:?}");
    browser.until(&format!("cards and unread: {expected}"), PATIENCE, &script).await;
}

async fn focused(browser: &Browser, text: &str) {
    let script = format!("return document.activeElement.innerText.includes({text:?})");
    browser.until(&format!("the keyboard at {text}"), PATIENCE, &script).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_finds_watches_and_selects_recordings_by_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    let team = Team::start(folder.path()).await;
    for title in ["The first one", "The second one"] {
        record(&folder.path().join("home"), &team, title);
    }
    let mut bob = Visitor::default();
    let welcome = bob.open(&team.say(&["person", "invite"])).await;
    let home = bob.submit(&welcome, &[("name", "Bob"), ("password", PASSWORD)]).await;
    assert!(!home.html.contains("Unread: "), "what was there before he came is not new to him");
    record(&folder.path().join("home"), &team, "The third one");
    let unread = bob.open(&format!("{}/?only=unread", team.url())).await.html;
    assert!(unread.contains("The third one") && !unread.contains("The first one"), "{unread}");

    let browser = Browser::open().await;
    browser.client.goto(&format!("{}/sign-in", team.url())).await.expect("the page loads");
    fill(&browser, "login", "Bob").await;
    fill(&browser, "password", PASSWORD).await;
    press(&browser.client, &key(Key::Enter)).await;
    counts(&browser, "3 1").await;
    assert_eq!(browser.axe().await, Vec::<String>::new());

    press(&browser.client, "j").await;
    focused(&browser, "The third one").await;
    let moves = "const all = document.querySelectorAll('video');
        return all.length === 1 && all[0].muted && all[0].currentTime > 0
            && all[0].closest('[data-entry]').innerText.includes";
    browser.until("a preview", PATIENCE, &format!("{moves}('The third one')")).await;
    press(&browser.client, "j").await;
    browser.until("another", PATIENCE, &format!("{moves}('The second one')")).await;
    press(&browser.client, " ").await;
    press(&browser.client, "j").await;
    press(&browser.client, " ").await;
    let selection = "return document.querySelector('[data-testid=selection]')?.innerText ?? ''";
    let selected = format!("return (() => {{ {selection} }})().startsWith('2 selected')");
    browser.until("two are selected", PATIENCE, &selected).await;
    let says = browser.run(selection).await;
    let says = says.as_str().unwrap_or_default();
    assert!(says.contains("Copy 2 links") && !says.contains("Delete"), "they are Ada's: {says}");
    assert_eq!(browser.axe().await, Vec::<String>::new());
    press(&browser.client, &key(Key::Escape)).await;
    browser.until("none is", PATIENCE, &format!("return (() => {{ {selection} }})() === ''")).await;

    press(&browser.client, "k").await;
    press(&browser.client, "k").await;
    focused(&browser, "The third one").await;
    press(&browser.client, &key(Key::Enter)).await;
    browser.until("its page", PATIENCE, "return location.pathname.startsWith('/c/')").await;
    browser.until("the player", PATIENCE, "return !!document.querySelector('video')").await;
    let opened = format!("{}/?only=unread", team.url());
    until("it is read", PATIENCE, || {
        let page = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(bob.open(&opened))
        });
        page.html.contains("You have seen everything.").then_some(())
    });

    browser.client.goto(&team.url()).await.expect("the page loads");
    counts(&browser, "3 0").await;
    press(&browser.client, "/").await;
    press(&browser.client, "second").await;
    browser.until("a hit", PATIENCE, "return !!document.querySelector('[data-hit]')").await;
    assert_eq!(browser.axe().await, Vec::<String>::new());
    press(&browser.client, &key(Key::Down)).await;
    focused(&browser, "The second one").await;
    press(&browser.client, &key(Key::Enter)).await;
    browser.until("its page", PATIENCE, "return location.pathname.startsWith('/c/')").await;
    assert_eq!(browser.console_errors().await, Vec::<String>::new());
    assert_eq!(browser.requests_elsewhere(&team.url()).await, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_shows_where_a_recording_is_and_what_became_of_it() {
    let desk = Desk::open().await;
    let says = async |what: &str| {
        let script = format!("return document.body.innerText.includes({what:?})");
        desk.until(what, &script).await;
    };
    desk.click("record").await;
    desk.until_second(2).await;
    desk.click("tab-library").await;
    says("Recording").await;
    desk.click("clip-card").await;
    // Nobody can watch it yet, and that is not an error.
    desk.until("its state", "return !!document.querySelector('[data-testid=state]')").await;
    let text = desk.window.run("return document.body.innerText").await;
    let text = text.as_str().unwrap_or_default();
    assert!(!text.contains("does not play") && !text.contains("Can't play"), "{text}");
    desk.click("back").await;
    desk.click("tab-record").await;
    desk.click("stop").await;
    desk.click("tab-library").await;
    desk.until(
        "it is in the library",
        "return !!document.querySelector('[data-testid=clip-card]')
        && !document.querySelector('[data-testid=card-state]')",
    )
    .await;
    says("Untitled recording").await;

    let client = &desk.window.client;
    press(client, "j").await;
    desk.until("the keyboard at it", "return document.activeElement.matches('[data-card]')").await;
    press(client, " ").await;
    says("1 selected").await;
    press(client, &key(Key::Escape)).await;
    for _ in 0..2 {
        press(client, &key(Key::Tab)).await;
    }
    press(client, &key(Key::Enter)).await;
    says("Delete from the library").await;
    press(client, &key(Key::End)).await;
    press(client, &key(Key::Enter)).await;
    says("Delete this recording from the library?").await;
    press(client, &key(Key::Tab)).await;
    press(client, &key(Key::Enter)).await;
    says("Deleted from the library (1)").await;
    let text = desk.window.run("return document.body.innerText").await;
    assert!(!text.as_str().unwrap_or_default().contains("In the library"), "{text}");
    assert_eq!(desk.takes().len(), 1, "it is still on this computer");

    desk.click("take-remove").await;
    desk.click("confirm-yes").await;
    until("nothing is left", PATIENCE, || (desk.takes() == Vec::<Value>::new()).then_some(()));
    desk.until_there("empty").await;
}
