//! People: what their sessions, tokens and passwords open, and how what opened is shut again.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::cookie::Jar;
use reqwest::{Client, StatusCode};
use vignette_library::Visit;
use vignette_model::Span;

use super::sign_in::{location, sign_in};
use crate::common::{PASSWORD, TestServer, browser, problem};

/// A browser at another address of this computer.
fn at(address: [u8; 4]) -> Client {
    let address = IpAddr::V4(Ipv4Addr::from(address));
    let client = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(60));
    client.local_address(address).build().unwrap()
}

fn signed_in(answer: &reqwest::Response) -> bool {
    answer.status() == StatusCode::SEE_OTHER && answer.headers().contains_key("set-cookie")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_guesses_keeps_nobody_out() {
    let server = TestServer::start().await;
    let over = Arc::new(AtomicBool::new(false));
    let mut storm = tokio::task::JoinSet::new();
    for connection in 0..100 {
        let (http, url, over) = (at([127, 0, 0, 2]), server.url.clone(), over.clone());
        storm.spawn(async move {
            for guess in 0.. {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let name = format!("made up {connection} {guess}");
                let form = [("login", name.as_str()), ("password", "wrong password")];
                let _ = http.post(format!("{url}/sign-in")).form(&form).send().await;
            }
        });
    }
    let owner = at([127, 0, 0, 3]);
    let mut right = 0;
    for _ in 0..10 {
        right += u32::from(signed_in(&sign_in(&server, &owner, "Ann", PASSWORD, "").await));
    }
    over.store(true, Ordering::Relaxed);
    storm.join_all().await;
    assert_eq!(right, 10, "the right password from another address is let in, whatever storms");
}

#[tokio::test]
async fn a_token_frees_nobody_from_being_counted() {
    let server = TestServer::start_with(|config| config.tries_per_minute = 5).await;
    let token = server.token(&server.bob).await;
    let mut refused = 0;
    for guess in 0..10 {
        let form =
            [("login", format!("made up {guess}")), ("password", "wrong password".to_owned())];
        let answer = server
            .request("POST", "/sign-in")
            .bearer_auth(&token)
            .form(&form)
            .send()
            .await
            .unwrap();
        refused += u32::from(answer.status() == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 5, "sign-ins are counted by address, whoever asks");
}

#[tokio::test]
async fn a_token_makes_no_token() {
    let server = TestServer::start().await;
    let token = server.token(&server.ann).await;
    let made = server
        .request("POST", "/tokens")
        .bearer_auth(&token)
        .form(&[("label", "second")])
        .send()
        .await
        .unwrap();
    problem(made, 403, "not_allowed").await;
    let form = [
        ("response_type", "code"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
        ("redirect_uri", "http://127.0.0.1:4000/x"),
        ("answer", "allow"),
    ];
    let allowed =
        server.request("POST", "/authorize").bearer_auth(&token).form(&form).send().await.unwrap();
    problem(allowed, 403, "not_allowed").await;
}

#[tokio::test]
async fn another_programs_cookie_signs_nobody_out() {
    let server = TestServer::start().await;
    let http = browser(Some(Arc::new(Jar::default())));
    let answer = sign_in(&server, &http, "Ann", PASSWORD, "").await;
    let session =
        answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    for cookies in [
        format!("vignette=x; {session}"),
        format!("{session}; vignette=x"),
        format!("vignette=; vignette=a b; {session}"),
    ] {
        let home = server.get("/").header("cookie", &cookies).send().await.unwrap();
        assert_eq!(
            home.status(),
            StatusCode::OK,
            "of all cookies of our name the one that opens counts: {cookies}"
        );
    }
}

#[tokio::test]
async fn who_is_signed_out_hears_nothing_more() {
    let server = TestServer::start().await;
    let token = server.token(&server.bob).await;
    let mut events = server.get("/api/v1/events").bearer_auth(&token).send().await.unwrap();
    let out = server.request("DELETE", "/api/v1/token").bearer_auth(&token).send().await.unwrap();
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    let end = async { while events.chunk().await.unwrap().is_some() {} };
    tokio::time::timeout(Duration::from_secs(10), end)
        .await
        .expect("events end with the token, not with the next minute");
}

/// A browser in which somebody has just signed in.
async fn signed_in_as(server: &TestServer, name: &str) -> Client {
    let http = browser(Some(Arc::new(Jar::default())));
    assert!(signed_in(&sign_in(server, &http, name, PASSWORD, "").await));
    http
}

async fn page(server: &TestServer, http: &Client, path: &str) -> String {
    http.get(format!("{}{path}", server.url)).send().await.unwrap().text().await.unwrap()
}

async fn send(
    server: &TestServer,
    http: &Client,
    path: &str,
    form: &[(&str, &str)],
) -> reqwest::Response {
    http.post(format!("{}{path}", server.url))
        .header("accept", "text/html")
        .form(form)
        .send()
        .await
        .unwrap()
}

/// The value of the first input of that name on the page.
pub(crate) fn value(page: &str, name: &str) -> String {
    let from = page
        .split(&format!("name=\"{name}\" value=\""))
        .nth(1)
        .unwrap_or_else(|| panic!("no {name}: {page}"));
    from.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_administrator_looks_after_people_by_the_page() {
    let server = TestServer::start().await;
    let (ann, bob) = (signed_in_as(&server, "Ann").await, signed_in_as(&server, "Bob").await);
    assert!(page(&server, &ann, "/").await.contains("href=\"/people\""));
    assert!(
        !page(&server, &bob, "/").await.contains("href=\"/people\""),
        "members are not shown a way they cannot go"
    );
    assert_eq!(
        bob.get(format!("{}/people", server.url)).send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(location(&server.get("/people").send().await.unwrap()), "/sign-in?next=/people");

    let invited = send(&server, &ann, "/people", &[("do", "invite")]).await.text().await.unwrap();
    assert!(invited.contains("/setup?secret=invite_"), "{invited}");
    let people = page(&server, &ann, "/people").await;
    assert!(
        people.contains("Open invitations") && people.contains("from <bdi>Ann</bdi>"),
        "{people}"
    );
    let secret = invited.split("/setup?secret=").nth(1).unwrap().split('<').next().unwrap();
    let form = format!("{}/setup?secret={secret}", server.url);
    assert_eq!(server.http.get(&form).send().await.unwrap().status(), StatusCode::OK);
    let revoke = [("do", "revoke-invitation"), ("invitation", &value(&people, "invitation"))];
    assert_eq!(send(&server, &bob, "/people", &revoke).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(location(&send(&server, &ann, "/people", &revoke).await), "/people");
    assert_eq!(
        server.http.get(&form).send().await.unwrap().status(),
        StatusCode::NOT_FOUND,
        "what is revoked opens nothing"
    );
    assert_eq!(send(&server, &ann, "/people", &revoke).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        send(&server, &ann, "/people", &revoke[..1]).await.status(),
        StatusCode::BAD_REQUEST
    );
    let people = page(&server, &ann, "/people").await;
    assert!(!people.contains("Open invitations"), "{people}");
    let person = value(&people, "person");
    let act = async |what: &str| {
        send(&server, &ann, "/people", &[("do", what), ("person", &person)]).await
    };

    let token = server.token(&server.bob).await;
    let mut events = server.get("/api/v1/events").bearer_auth(&token).send().await.unwrap();
    assert_eq!(location(&act("suspend").await), "/people");
    let end = async { while events.chunk().await.unwrap().is_some() {} };
    tokio::time::timeout(Duration::from_secs(10), end).await.expect("open streams end at once");
    problem(
        server.get("/api/v1/me").bearer_auth(&token).send().await.unwrap(),
        401,
        "sign_in_needed",
    )
    .await;
    assert_eq!(location(&bob.get(&server.url).send().await.unwrap()), "/sign-in");
    let refused = sign_in(&server, &bob, "Bob", PASSWORD, "").await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert!(page(&server, &ann, "/people").await.contains("suspended"));
    assert_eq!(location(&act("resume").await), "/people");
    assert_eq!(
        server.get("/api/v1/me").bearer_auth(&token).send().await.unwrap().status(),
        StatusCode::OK
    );

    let link = act("reset-password").await.text().await.unwrap();
    let secret = link.split("/reset?secret=").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let form = bob.get(format!("{}/reset?secret={secret}", server.url)).send().await.unwrap();
    assert_eq!(
        (&form.headers()["referrer-policy"], &form.headers()["cache-control"]),
        (&"strict-origin".parse().unwrap(), &"no-store".parse().unwrap())
    );
    assert!(form.text().await.unwrap().contains("Bob"));
    let short = send(&server, &bob, "/reset", &[("secret", &secret), ("password", "short")]).await;
    assert!(short.text().await.unwrap().contains("role=\"alert\""));
    let reset = send(
        &server,
        &bob,
        "/reset",
        &[("secret", &secret), ("password", "another password"), ("end_tokens", "yes")],
    )
    .await;
    assert_eq!(location(&reset), "/");
    assert!(page(&server, &bob, "/").await.contains("Bob"), "signed in at once");
    problem(
        server.get("/api/v1/me").bearer_auth(&token).send().await.unwrap(),
        401,
        "sign_in_needed",
    )
    .await;

    assert_eq!(location(&act("make-admin").await), "/people");
    assert!(
        page(&server, &bob, "/").await.contains("href=\"/people\""),
        "a role counts from the next request on"
    );
    assert_eq!(location(&act("make-member").await), "/people");

    let clip = server.sealed_clip().await;
    let asked = act("ask-to-remove").await.text().await.unwrap();
    assert!(
        asked.contains("Bob (left)") && asked.contains("stay"),
        "it says what happens before it does: {asked}"
    );
    send(&server, &bob, &format!("/c/{}/replies", clip.key), &[("text", "Hello")]).await;
    assert_eq!(location(&act("remove").await), "/people");
    assert_eq!(location(&bob.get(&server.url).send().await.unwrap()), "/sign-in");
    let shown = page(&server, &ann, &format!("/c/{}", clip.key)).await;
    assert!(
        shown.contains("Hello") && shown.contains("Bob (left)"),
        "what they wrote stays, marked: {shown}"
    );
    assert_eq!(act("resume").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_page_tells_people_of_one_name_apart() {
    let server = TestServer::start().await;
    let ann = signed_in_as(&server, "Ann").await;
    let invite = server.library.invite(&server.ann).await.unwrap();
    let join = async |login: &str| {
        let form = [
            ("secret", invite.expose()),
            ("name", "Bob"),
            ("login", login),
            ("password", PASSWORD),
        ];
        send(&server, &browser(None), "/setup", &form).await
    };
    let taken = join("bob ").await.text().await.unwrap();
    assert!(taken.contains("That sign-in name is taken. Choose another."), "{taken}");
    assert_eq!((value(&taken, "name"), value(&taken, "login")), ("Bob".into(), "bob ".into()));
    assert_eq!(location(&join("bob@example.org").await), "/");
    let people = page(&server, &ann, "/people").await;
    for said in [
        "Signs in as <bdi>bob</bdi>",
        "Signs in as <bdi>bob@example.org</bdi>",
        "aria-label=\"Suspend Bob (bob)\"",
        "aria-label=\"Suspend Bob (bob@example.org)\"",
    ] {
        assert!(people.contains(said), "{said}: {people}");
    }
    let ask = [("do", "ask-to-remove"), ("person", &value(&people, "person"))];
    let asked = send(&server, &ann, "/people", &ask).await.text().await.unwrap();
    assert!(asked.contains("They sign in as <bdi>bob</bdi>."), "{asked}");
    let bob = browser(Some(Arc::new(Jar::default())));
    assert!(signed_in(&sign_in(&server, &bob, "BOB@example.org", PASSWORD, "").await));
    let account = page(&server, &bob, "/account").await;
    assert!(account.contains("sign in as <strong><bdi>bob@example.org</bdi>"), "{account}");
}

#[tokio::test]
async fn a_page_left_open_asks_for_the_password_and_goes_on() {
    let server = TestServer::start().await;
    let http = browser(None);
    let signed = server.library.sign_in("Ann", PASSWORD, &Visit::default()).await.unwrap();
    server.clock.advance(Span::from_secs(11 * 60));
    let cookie = format!("vignette={}", signed.session.expose());
    let send = async |path: &str, form: &[(&str, &str)]| {
        let request =
            http.post(format!("{}{path}", server.url)).header("cookie", &cookie).form(form);
        request.send().await.unwrap()
    };
    let to =
        http.get(format!("{}/people", server.url)).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(location(&to), "/confirm?next=/people");
    let asked = send("/tokens", &[("label", "Lap<top")]).await.text().await.unwrap();
    assert!(asked.contains("Confirm your password") && !asked.contains("lib_"), "{asked}");
    assert_eq!(value(&asked, "label"), "Lap&#60;top", "what was asked is not lost");
    let wrong = send("/tokens", &[("label", "Lap<top"), ("password", "wrong password")])
        .await
        .text()
        .await
        .unwrap();
    assert!(wrong.contains("role=\"alert\"") && value(&wrong, "label") == "Lap&#60;top", "{wrong}");
    let made = send("/tokens", &[("label", "Lap<top"), ("password", PASSWORD)])
        .await
        .text()
        .await
        .unwrap();
    assert!(made.contains("<code>lib_"), "{made}");
    assert_eq!(
        location(
            &send("/confirm", &[("next", "https://evil.example"), ("password", PASSWORD)]).await
        ),
        "/"
    );
    let people =
        http.get(format!("{}/people", server.url)).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(people.status(), StatusCode::OK, "for ten minutes it is not asked again");
}

#[tokio::test]
async fn somebody_keeps_their_own_account() {
    let server = TestServer::start().await;
    let (here, there) = (signed_in_as(&server, "Bob").await, signed_in_as(&server, "Bob").await);
    let account = page(&server, &here, "/account").await;
    assert!(account.contains("this browser") && account.contains("A browser · since"), "{account}");
    let id = value(&account, "end");
    assert_eq!(
        location(&send(&server, &there, "/account", &[("end_others", "yes")]).await),
        "/account"
    );
    assert_eq!(
        location(&here.get(format!("{}/account", server.url)).send().await.unwrap()),
        "/sign-in?next=/account"
    );
    assert_eq!(
        send(&server, &there, "/account", &[("end", &id)]).await.status(),
        StatusCode::SEE_OTHER,
        "one's own can be ended too"
    );

    let here = signed_in_as(&server, "Bob").await;
    let renamed = send(&server, &here, "/account", &[("name", " Robert  Ray ")]).await;
    assert_eq!(location(&renamed), "/account");
    let account = page(&server, &here, "/account").await;
    assert!(
        account.contains(
            "You are <strong><bdi>Robert  Ray</bdi></strong> and sign in as <strong><bdi>bob</bdi>"
        ),
        "{account}"
    );
    let both = [("name", "Robert"), ("end_others", "yes")];
    assert_eq!(send(&server, &here, "/account", &both).await.status(), StatusCode::BAD_REQUEST);
    let change = |present: &'static str, new: &'static str| {
        let (server, here) = (&server, &here);
        async move {
            send(server, here, "/account", &[("present", present), ("new", new)])
                .await
                .text()
                .await
                .unwrap()
        }
    };
    assert!(change("wrong password", "another password").await.contains("role=\"alert\""));
    assert!(change(PASSWORD, "short").await.contains("role=\"alert\""));
    assert!(change(PASSWORD, "another password").await.contains("is changed"));
    assert!(signed_in(&sign_in(&server, &browser(None), "Bob", "another password", "").await));
    assert!(!signed_in(&sign_in(&server, &browser(None), "Bob", PASSWORD, "").await));
}

#[tokio::test]
async fn a_browser_is_known_by_its_earlier_sign_in() {
    let server = TestServer::start().await;
    let known = signed_in_as(&server, "Bob").await;
    for n in 0..120 {
        let from = format!("address {n}");
        let visit = Visit { from: &from, ..Visit::default() };
        let _ = server.library.sign_in("Bob", "wrong password", &visit).await;
    }
    assert!(
        !signed_in(&sign_in(&server, &browser(None), "Bob", PASSWORD, "").await),
        "strangers wait"
    );
    send(&server, &known, "/sign-out", &[]).await;
    assert!(
        signed_in(&sign_in(&server, &known, "Bob", PASSWORD, "").await),
        "whoever was here before is let in"
    );
}
