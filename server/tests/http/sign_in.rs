//! Accounts: the set-up link, signing in with a browser, and the recorder's way to a token.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use reqwest::cookie::Jar;
use reqwest::{Client, Response, StatusCode};
use serde_json::json;
use url::Url;
use vignette_model::{ErrorCode, Secret, Sha256};

use crate::common::{PASSWORD, TestServer, browser, json_of, problem};

pub(crate) fn location(answer: &Response) -> String {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

pub(crate) async fn sign_in(
    server: &TestServer,
    http: &Client,
    login: &str,
    password: &str,
    next: &str,
) -> Response {
    let form = [("login", login), ("password", password), ("next", next)];
    http.post(format!("{}/sign-in", server.url)).form(&form).send().await.unwrap()
}

#[tokio::test]
async fn a_recorder_signs_in_by_way_of_the_browser() {
    let server = TestServer::start().await;
    let http = browser(Some(Arc::new(Jar::default())));
    let verifier = "a-verifier-that-only-the-recorder-knows-0123456789";
    let challenge = BASE64URL_NOPAD.encode(&Sha256::of(verifier.as_bytes()).0);
    let redirect_uri = "http://127.0.0.1:49152/signed-in";
    let query = [
        ("response_type", "code"),
        ("client_id", "vignette"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("redirect_uri", redirect_uri),
        ("state", "st&te"),
        ("label", "Ann's <laptop>"),
    ];

    let first = http.get(format!("{}/authorize", server.url)).query(&query).send().await.unwrap();
    let to_sign_in = location(&first);
    assert!(to_sign_in.starts_with("/sign-in?next=%2Fauthorize%3F"), "{to_sign_in}");
    let form =
        http.get(format!("{}{to_sign_in}", server.url)).send().await.unwrap().text().await.unwrap();
    assert!(form.contains("type=\"password\""), "{form}");
    let next = Url::parse(&format!("{}{to_sign_in}", server.url)).unwrap();
    let next = next.query_pairs().find(|(key, _)| key == "next").unwrap().1.into_owned();
    let signed_in = sign_in(&server, &http, "Ann", PASSWORD, &next).await;
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        cookie.starts_with("vignette=")
            && cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let back = location(&signed_in);

    let question = http.get(format!("{}{back}", server.url)).send().await.unwrap();
    assert!(
        question.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("form-action 'self' http://127.0.0.1:*")
    );
    let question = question.text().await.unwrap();
    assert!(
        question.contains("as <bdi>Ann</bdi>") && question.contains("from 127.0.0.1:49152"),
        "{question}"
    );
    assert!(
        question.contains("<bdi>Ann&#39;s &lt;laptop&gt;</bdi>")
            || question.contains("Ann&#39;s &#60;laptop&#62;"),
        "{question}"
    );
    assert!(!question.contains("autofocus"), "a held key answers nothing");
    let answer = query
        .iter()
        .copied()
        .filter(|(key, _)| *key != "client_id")
        .chain([("answer", "allow")])
        .collect::<Vec<_>>();
    let allowed =
        http.post(format!("{}/authorize", server.url)).form(&answer).send().await.unwrap();
    let returned = Url::parse(&location(&allowed)).unwrap();
    assert!(returned.as_str().starts_with(redirect_uri));
    let pair = |name: &str| {
        returned.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    assert_eq!(pair("state").as_deref(), Some("st&te"));
    let code = pair("code").unwrap();

    let exchange = async |verifier: &str| {
        let body = json!({ "grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": redirect_uri });
        server.request("POST", "/api/v1/token").json(&body).send().await.unwrap()
    };
    let token = json_of(exchange(verifier).await, StatusCode::OK).await;
    assert_eq!(token["token_type"], "Bearer");
    let token = token["access_token"].as_str().unwrap();
    let me =
        json_of(server.get("/api/v1/me").bearer_auth(token).send().await.unwrap(), StatusCode::OK)
            .await;
    assert_eq!((me["name"].as_str(), me["library"].as_str()), (Some("Ann"), Some("Test library")));
    problem(exchange(verifier).await, 400, "bad_request").await;

    assert_eq!(
        server.request("DELETE", "/api/v1/token").bearer_auth(token).send().await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
    problem(
        server.get("/api/v1/me").bearer_auth(token).send().await.unwrap(),
        401,
        "sign_in_needed",
    )
    .await;
}

#[tokio::test]
async fn codes_go_to_this_computer_alone() {
    let server = TestServer::start().await;
    let http = browser(Some(Arc::new(Jar::default())));
    sign_in(&server, &http, "Ann", PASSWORD, "").await;
    let challenge = BASE64URL_NOPAD.encode(&[7; 32]);
    for (redirect_uri, method) in [
        ("https://evil.example/", "S256"),
        ("http://127.0.0.1.evil.example/", "S256"),
        ("http://user@evil.example:80@127.0.0.1/", "S256"),
        ("javascript:alert(1)", "S256"),
        ("http://127.0.0.1:4000/", "plain"),
    ] {
        let query = [
            ("response_type", "code"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", method),
            ("redirect_uri", redirect_uri),
        ];
        let asked =
            http.get(format!("{}/authorize", server.url)).query(&query).send().await.unwrap();
        problem(asked, 400, "bad_request").await;
        let answer = query.iter().copied().chain([("answer", "allow")]).collect::<Vec<_>>();
        problem(
            http.post(format!("{}/authorize", server.url)).form(&answer).send().await.unwrap(),
            400,
            "bad_request",
        )
        .await;
    }
}

#[tokio::test]
async fn declining_is_told_to_the_recorder() {
    let server = TestServer::start().await;
    let http = browser(Some(Arc::new(Jar::default())));
    sign_in(&server, &http, "Ann", PASSWORD, "").await;
    let challenge = BASE64URL_NOPAD.encode(&[7; 32]);
    let form = [
        ("response_type", "code"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("redirect_uri", "http://127.0.0.1:4000/x"),
        ("state", "s"),
        ("answer", "deny"),
    ];
    let declined = http.post(format!("{}/authorize", server.url)).form(&form).send().await.unwrap();
    assert_eq!(location(&declined), "http://127.0.0.1:4000/x?error=access_denied&state=s");
}

#[tokio::test]
async fn the_wrong_password_shows_the_form_again() {
    let server = TestServer::start().await;
    let http = browser(Some(Arc::new(Jar::default())));
    for (name, password) in [("Ann", "wrong password"), ("Nobody", PASSWORD)] {
        let answer = sign_in(&server, &http, name, password, "/account").await;
        assert!(!answer.headers().contains_key("set-cookie"));
        let html = answer.text().await.unwrap();
        assert!(html.contains("role=\"alert\"") && html.contains("value=\"/account\""), "{html}");
    }
    assert_eq!(location(&http.get(&server.url).send().await.unwrap()), "/sign-in");
}

#[tokio::test]
async fn an_invitation_works_once() {
    let server = TestServer::start().await;
    assert!(
        server.library.setup_secret().await.unwrap().is_none(),
        "there is no set-up link once somebody has an account"
    );
    let invite = server.library.invite(&server.ann).await.unwrap();
    let link = format!("{}/setup?secret={}", server.url, invite.expose());
    let http = browser(Some(Arc::new(Jar::default())));
    let page = http.get(&link).send().await.unwrap().text().await.unwrap();
    assert!(page.contains(invite.expose()), "{page}");
    let form = |name: &'static str, password: &'static str| {
        http.post(format!("{}/setup", server.url))
            .form(&[("secret", invite.expose()), ("name", name), ("password", password)])
            .send()
    };
    let short = form("Eve", "short").await.unwrap();
    assert!(
        short.text().await.unwrap().contains("role=\"alert\""),
        "a weak password can be typed again"
    );
    let taken = form("Ann", PASSWORD).await.unwrap().text().await.unwrap();
    let alert = "<p role=\"alert\">That sign-in name is taken. Choose another.</p>";
    assert!(taken.contains(alert) && taken.contains("name=\"name\" value=\"Ann\""), "{taken}");
    let joined = form("Eve", PASSWORD).await.unwrap();
    assert_eq!(location(&joined), "/");
    let home = http.get(&server.url).send().await.unwrap().text().await.unwrap();
    assert!(home.contains("Eve"), "signed in at once: {home}");
    problem(form("Mallory", PASSWORD).await.unwrap(), 404, "not_found").await;
    problem(http.get(&link).send().await.unwrap(), 404, "not_found").await;
}

#[tokio::test]
async fn tokens_are_made_shown_once_and_revoked() {
    let server = TestServer::start().await;
    let http = browser(Some(Arc::new(Jar::default())));
    assert_eq!(
        location(&http.get(format!("{}/tokens", server.url)).send().await.unwrap()),
        "/account"
    );
    let account = format!("{}/account", server.url);
    assert_eq!(location(&http.get(&account).send().await.unwrap()), "/sign-in?next=/account");
    sign_in(&server, &http, "Bob", PASSWORD, "").await;
    let tokens = format!("{}/tokens", server.url);
    let page = http
        .post(&tokens)
        .form(&[("label", "Laptop <i>")])
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let token = page.split("<code>").nth(1).unwrap().split("</code>").next().unwrap().to_owned();
    assert!(page.contains("Laptop &#60;i&#62;"), "{page}");
    let actor = server.library.actor_for_token(&Secret::presented(&token)).await.unwrap();
    assert_eq!(actor.person(), server.bob.person());
    assert!(
        !http.get(&account).send().await.unwrap().text().await.unwrap().contains(&token),
        "it is shown once"
    );
    let id = page
        .split("name=\"revoke\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(
        location(&http.post(&tokens).form(&[("revoke", id)]).send().await.unwrap()),
        "/account"
    );
    let gone = server.library.actor_for_token(&Secret::presented(&token)).await.unwrap_err();
    assert_eq!(gone.code(), ErrorCode::SignInNeeded);

    assert_eq!(
        location(&http.post(format!("{}/sign-out", server.url)).send().await.unwrap()),
        "/sign-in"
    );
    assert_eq!(location(&http.get(&server.url).send().await.unwrap()), "/sign-in");
}

#[tokio::test]
async fn members_see_all_clips_and_are_known_on_the_page() {
    let server = TestServer::start().await;
    let clip = server.sealed_clip().await;
    let http = browser(Some(Arc::new(Jar::default())));
    sign_in(&server, &http, "Bob", PASSWORD, "").await;
    let home = http.get(&server.url).send().await.unwrap().text().await.unwrap();
    assert!(
        home.contains(&format!("/c/{}", clip.key)) && home.contains("How the export works"),
        "{home}"
    );
    let page = http
        .get(format!("{}/c/{}", server.url, clip.key))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(page.contains("You reply as <bdi>Bob</bdi>"), "{page}");
    assert!(page.contains(r#""own":null"#), "the id is the author's to know: {page}");
    let author = browser(Some(Arc::new(Jar::default())));
    sign_in(&server, &author, "Ann", PASSWORD, "").await;
    let page = author
        .get(format!("{}/c/{}", server.url, clip.key))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        page.contains(&format!(r#""own":"{}""#, clip.id)),
        "the author's page can change the clip: {page}"
    );
    let posted = http
        .post(format!("{}/c/{}/replies", server.url, clip.key))
        .form(&[("text", "Hello")])
        .send()
        .await
        .unwrap();
    location(&posted);
    let replies = json_of(
        http.get(format!("{}/api/v1/c/{}/replies", server.url, clip.key)).send().await.unwrap(),
        StatusCode::OK,
    )
    .await;
    let first = &replies["replies"][0];
    assert_eq!(
        (first["name"].as_str(), first["member"].as_bool(), first["mine"].as_bool()),
        (Some("Bob"), Some(true), Some(true))
    );
}
