//! People who look after people, by pages that have no script, and while somebody guesses passwords.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fantoccini::Locator;
use reqwest::{Client, StatusCode, Url};
use tokio::sync::Semaphore;
use vignette_tests::browser::Browser;
use vignette_tests::process::now;
use vignette_tests::team::{NAME, PASSWORD, Team};
use vignette_tests::visitor::Visitor;

const PATIENCE: Duration = Duration::from_secs(20);

async fn nothing_wrong(browser: &Browser, team: &Team, place: &str) {
    assert_eq!(browser.axe().await, Vec::<String>::new(), "axe finds nothing on {place}");
    assert_eq!(
        browser.console_errors().await,
        Vec::<String>::new(),
        "the console has no errors on {place}"
    );
    assert_eq!(
        browser.requests_elsewhere(&team.url()).await,
        Vec::<String>::new(),
        "no other host is asked on {place}"
    );
}

async fn go(browser: &Browser, address: &str) {
    browser.client.goto(address).await.expect("the page loads");
}

async fn fill(browser: &Browser, name: &str, text: &str) {
    let field = browser.client.find(Locator::Css(&format!("input[name={name}]"))).await;
    field
        .unwrap_or_else(|error| panic!("{name}: {error}"))
        .send_keys(text)
        .await
        .expect("it takes text");
}

async fn press(browser: &Browser, css: &str) {
    let button = browser
        .client
        .find(Locator::Css(css))
        .await
        .unwrap_or_else(|error| panic!("{css}: {error}"));
    button.click().await.expect("it can be pressed");
}

async fn text(browser: &Browser) -> String {
    browser.run("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
}

async fn at(browser: &Browser, path: &str) {
    let there =
        format!("return location.pathname === {path:?} && document.readyState === 'complete'");
    browser.until(path, PATIENCE, &there).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_invites_suspends_and_removes_somebody() {
    let folder = tempfile::tempdir().expect("a folder");
    let team = Team::start(folder.path()).await;
    let url = team.url();
    let browser = Browser::open().await;
    go(&browser, &format!("{url}/people")).await;
    at(&browser, "/sign-in").await;
    fill(&browser, "login", NAME).await;
    fill(&browser, "password", PASSWORD).await;
    press(&browser, "form button").await;
    at(&browser, "/people").await;

    press(&browser, "button[value=invite]").await;
    let link = browser
        .until(
            "an invitation",
            PATIENCE,
            "return document.querySelector('[role=status] code')?.innerText",
        )
        .await;
    let mut bob = Visitor::default();
    let welcome = bob.open(link.as_str().expect("a link")).await;
    let home = bob.submit(&welcome, &[("name", "Bob"), ("password", PASSWORD)]).await;
    assert_eq!(home.status, StatusCode::OK, "{}", home.html);
    nothing_wrong(&browser, &team, "an invitation").await;

    go(&browser, &format!("{url}/people")).await;
    nothing_wrong(&browser, &team, "people").await;
    press(&browser, "button[value=suspend]").await;
    browser
        .until("the word", PATIENCE, "return document.body.innerText.includes('suspended')")
        .await;
    nothing_wrong(&browser, &team, "people, one of them suspended").await;
    assert_eq!(bob.open(&url).await.url.path(), "/sign-in", "Bob is out at once");
    press(&browser, "button[value=resume]").await;
    browser
        .until("the button", PATIENCE, "return !!document.querySelector('button[value=suspend]')")
        .await;
    press(&browser, "button[value=reset-password]").await;
    let link = browser
        .until(
            "a reset link",
            PATIENCE,
            "return document.querySelector('[role=status] code')?.innerText",
        )
        .await;
    let other = Browser::open_without_javascript().await;
    go(&other, link.as_str().expect("a link")).await;
    fill(&other, "password", "another password").await;
    press(&other, "form button").await;
    at(&other, "/").await;
    other.close().await;

    press(&browser, "button[value=ask-to-remove]").await;
    browser
        .until("the question", PATIENCE, "return document.body.innerText.includes('Bob (left)')")
        .await;
    nothing_wrong(&browser, &team, "the question before somebody is removed").await;
    press(&browser, "button[value=remove]").await;
    browser.until("who left", PATIENCE, "return document.body.innerText.includes('Left')").await;
    nothing_wrong(&browser, &team, "people, one of whom left").await;
    browser.close().await;
}

/// The value of a field.
async fn value(browser: &Browser, name: &str) -> String {
    let script = format!("return document.querySelector('input[name={name}]').value");
    browser.run(&script).await.as_str().expect("a field").to_owned()
}

/// Types into whatever has the focus.
async fn keys(browser: &Browser, text: &str) {
    let focused = browser.client.active_element().await.expect("a focus");
    focused.send_keys(text).await.expect("it takes keys");
}

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

#[tokio::test(flavor = "multi_thread")]
async fn a_second_person_of_one_name_joins_and_signs_in_by_the_keyboard() {
    let folder = tempfile::tempdir().expect("a folder");
    let team = Team::start(folder.path()).await;
    let url = team.url();
    let browser = Browser::open().await;
    go(&browser, &team.say(&["invite"])).await;
    at(&browser, "/setup").await;
    browser.until("the script", PATIENCE, "return !!document.querySelector('script[src]')").await;
    nothing_wrong(&browser, &team, "the page that makes accounts").await;
    keys(&browser, NAME).await;
    assert_eq!(value(&browser, "login").await, NAME, "filled in as the name is typed");
    keys(&browser, TAB).await;
    keys(&browser, TAB).await;
    keys(&browser, &format!("{PASSWORD}{ENTER}")).await;
    let taken = "return document.querySelector('[role=alert]')?.innerText";
    let taken = browser.until("the refusal", PATIENCE, taken).await;
    assert_eq!(taken, "That sign-in name is taken. Choose another.");
    assert_eq!(value(&browser, "name").await, NAME, "what was typed stays");
    nothing_wrong(&browser, &team, "the page that makes accounts, refused").await;
    keys(&browser, TAB).await;
    keys(&browser, &format!("second@example.org{TAB}")).await;
    assert_eq!(value(&browser, "login").await, "second@example.org", "it is selected when reached");
    keys(&browser, &format!("{PASSWORD}{ENTER}")).await;
    at(&browser, "/").await;
    assert!(text(&browser).await.contains(NAME), "signed in at once");

    let other = Browser::open().await;
    go(&other, &format!("{url}/account")).await;
    at(&other, "/sign-in").await;
    nothing_wrong(&other, &team, "the page to sign in").await;
    keys(&other, &format!("Second@Example.org{TAB}")).await;
    keys(&other, &format!("{PASSWORD}{ENTER}")).await;
    at(&other, "/account").await;
    let shown = text(&other).await;
    assert!(
        shown.contains(&format!("You are {NAME} and sign in as second@example.org")),
        "{shown}"
    );
    other.close().await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_keeps_their_own_account() {
    let folder = tempfile::tempdir().expect("a folder");
    let team = Team::start(folder.path()).await;
    let url = team.url();
    let browser = Browser::open().await;
    go(&browser, &format!("{url}/account")).await;
    at(&browser, "/sign-in").await;
    fill(&browser, "login", NAME).await;
    fill(&browser, "password", PASSWORD).await;
    press(&browser, "form button").await;
    at(&browser, "/account").await;
    let shown = text(&browser).await;
    assert!(
        shown.contains("Chrome on Linux") && shown.contains("journey"),
        "sessions and tokens: {shown}"
    );
    nothing_wrong(&browser, &team, "the account").await;
    press(&browser, "button[name=end_others]").await;
    browser
        .until("one session", PATIENCE, "return !document.querySelector('button[name=end_others]')")
        .await;
    fill(&browser, "label", "Laptop").await;
    press(&browser, "form:has(input[name=label]) button").await;
    browser
        .until(
            "a token",
            PATIENCE,
            "return document.querySelector('[role=status] code')?.innerText.startsWith('lib_')",
        )
        .await;
    nothing_wrong(&browser, &team, "a new token").await;
    fill(&browser, "present", PASSWORD).await;
    fill(&browser, "new", "another password").await;
    press(&browser, "form:has(input[name=present]) button").await;
    browser
        .until(
            "the word",
            PATIENCE,
            "return document.body.innerText.includes('Your password is changed')",
        )
        .await;

    // The page that asks a recorder's user: nothing on it has the focus, so that a held key answers nothing.
    let query = "response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256\
        &redirect_uri=http://127.0.0.1:45123/done&label=Desk";
    go(&browser, &format!("{url}/authorize?{query}")).await;
    let shown = text(&browser).await;
    assert!(
        shown.contains("Desk") && shown.contains("127.0.0.1:45123"),
        "it says what asks: {shown}"
    );
    assert_eq!(
        browser.run("return document.activeElement === document.body").await,
        true,
        "nothing has the focus"
    );
    nothing_wrong(&browser, &team, "the question of a recorder").await;
    browser.close().await;
}

/// The most memory that a process has had, in kB.
fn peak_kb(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("Linux says so");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("a number")
}

fn at_address(address: &str) -> Client {
    let address: IpAddr = address.parse().expect("an address");
    let client = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .local_address(address);
    client.timeout(Duration::from_secs(60)).build().expect("a client")
}

async fn sign_in(http: &Client, url: &str, login: &str, password: &str) -> Option<StatusCode> {
    let form = Url::parse_with_params("http://form/", [("login", login), ("password", password)])
        .expect("fields");
    let form = form.query().unwrap_or_default().to_owned();
    let request = http
        .post(format!("{url}/sign-in"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    Some(request.send().await.ok()?.status())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_guesses_keeps_nobody_out_and_costs_bounded_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    // Without the limit for each address, so that what guards behind it is seen too.
    let team = Team::start_with(folder.path(), &["--tries-per-minute", "100000"]).await;
    let (url, before) = (team.url(), peak_kb(team.pid()));
    let (over, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(Semaphore::new(0)));
    let mut storm = tokio::task::JoinSet::new();
    for connection in 0..100 {
        let (http, url, over, asked) =
            (at_address("127.0.0.2"), url.clone(), over.clone(), asked.clone());
        storm.spawn(async move {
            for guess in 0.. {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                sign_in(&http, &url, &format!("made up {connection} {guess}"), "wrong password")
                    .await;
                asked.add_permits(1);
            }
        });
    }
    asked.acquire_many(200).await.expect("it storms").forget();
    let owner = at_address("127.0.0.3");
    let (mut right, mut longest) = (0, Duration::ZERO);
    for _ in 0..10 {
        let began = now();
        right +=
            u32::from(sign_in(&owner, &url, NAME, PASSWORD).await == Some(StatusCode::SEE_OTHER));
        longest = longest.max(now() - began);
    }
    over.store(true, Ordering::Relaxed);
    storm.join_all().await;
    let grown_mib = (peak_kb(team.pid()) - before) / 1024;
    println!(
        "{right} of 10 signed in, at most {longest:?} each, {} guesses, {grown_mib} MiB more",
        200 + asked.available_permits()
    );
    assert_eq!(right, 10, "the owner is signed in, whatever storms");
    assert!(grown_mib < 100, "two blocks of 19 MiB and what connections need: {grown_mib} MiB");
}
