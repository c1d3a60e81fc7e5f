//! The client against servers that are no good libraries.

use std::net::SocketAddr;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use vignette_model::{ClipKey, ErrorCode, Problem, Secret};
use vignette_upload::{Client, ClientError, library_url};

async fn serve(routes: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

async fn client(routes: Router) -> Client {
    let url = library_url(&format!("http://{}", serve(routes).await)).unwrap();
    Client::new(&url, Some(Secret::presented("lib_secret"))).unwrap()
}

fn me(answer: impl IntoResponse + Clone + Send + Sync + 'static) -> Router {
    Router::new().route("/api/v1/me", get(move || async move { answer }))
}

#[tokio::test]
async fn a_token_goes_to_nobody_else() {
    let elsewhere = serve(Router::new().fallback(async |headers: HeaderMap| -> Response {
        panic!("somebody came, with {:?}", headers.get(header::AUTHORIZATION));
    }))
    .await;
    let client = client(me(Redirect::temporary(&format!("http://{elsewhere}/api/v1/me")))).await;
    let problem = Problem::from(client.me().await.unwrap_err());
    assert_eq!(problem.code, ErrorCode::Unreachable);
    assert!(
        problem.help.contains(&elsewhere.to_string()),
        "the person is told where it leads: {problem:?}"
    );
}

#[tokio::test]
async fn what_is_no_library_is_not_believed() {
    let json = || [(header::CONTENT_TYPE, "application/json")];
    let problem_json = || [(header::CONTENT_TYPE, "application/problem+json")];
    let new_code = r#"{"code":"from_the_future","message":"New.","help":"Wait."}"#;
    let known = r#"{"code":"not_allowed","message":"No.","help":"Ask."}"#;
    for (why, routes, code) in [
        ("a page", me("<h1>Welcome</h1>"), ErrorCode::Unreachable),
        (
            "a page that is not found",
            me((StatusCode::NOT_FOUND, "nothing")),
            ErrorCode::Unreachable,
        ),
        (
            "a page that wants a password",
            me((StatusCode::UNAUTHORIZED, "who?")),
            ErrorCode::Unreachable,
        ),
        (
            "a proxy without a library",
            me((StatusCode::BAD_GATEWAY, "gone")),
            ErrorCode::Unreachable,
        ),
        ("a proxy with a limit", me((StatusCode::PAYLOAD_TOO_LARGE, "less")), ErrorCode::TooLarge),
        ("other JSON", me((json(), "[]")), ErrorCode::Unreachable),
        ("broken JSON", me((json(), "{")), ErrorCode::Unreachable),
        ("endless JSON", me((json(), " ".repeat(9 << 20))), ErrorCode::Unreachable),
        ("a problem", me((StatusCode::FORBIDDEN, problem_json(), known)), ErrorCode::NotAllowed),
        (
            "a new problem",
            me((StatusCode::NOT_FOUND, problem_json(), new_code)),
            ErrorCode::NotFound,
        ),
        (
            "a problem without words",
            me((StatusCode::UNAUTHORIZED, problem_json(), "")),
            ErrorCode::SignInNeeded,
        ),
    ] {
        let problem = Problem::from(client(routes).await.me().await.unwrap_err());
        assert_eq!(problem.code, code, "{why}: {problem:?}");
        assert!(problem.help.ends_with('.') && !problem.message.is_empty(), "{why}: {problem:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_said_without_secrets() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = library_url(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let client = Client::new(&url, Some(Secret::presented("lib_secret"))).unwrap();
    let problem =
        Problem::from(client.upload_status("/api/v1/uploads/up_secret").await.unwrap_err());
    assert_eq!(problem.code, ErrorCode::Unreachable);
    assert!(
        problem.message.contains(url.as_str()) && !problem.message.contains("secret"),
        "{problem:?}"
    );
    assert!(!format!("{client:?}").contains("lib_secret"));
}

#[tokio::test]
async fn a_status_that_says_nothing_is_no_status() {
    let routes =
        Router::new().route("/api/v1/uploads/up_a", get(|| async { StatusCode::NO_CONTENT }));
    let error = client(routes).await.upload_status("/api/v1/uploads/up_a").await.unwrap_err();
    assert!(
        matches!(error, ClientError::NotALibrary { status: 204, .. }),
        "no offset is not offset 0: {error:?}"
    );
}

#[tokio::test]
async fn events_are_read_until_they_end() {
    let stream = ": hello\n\nevent: gone\ndata: {\"event\":\"gone\"}\n\nevent: new\ndata: \
        {\"event\":\"new\"}\n\n\
                  event: reply_deleted\ndata: \
                  {\"event\":\"reply_deleted\",\"id\":\"018f0000-0000-7000-8000-000000000000\"}\n\n";
    let key = ClipKey::random();
    let answer = ([(header::CONTENT_TYPE, "text/event-stream")], stream);
    let routes =
        Router::new().route(&format!("/api/v1/c/{key}/events"), get(move || async move { answer }));
    let client = client(routes).await;
    let mut events = client.clip_events(&key).await.unwrap();
    let mut names = Vec::new();
    while let Some(event) = events.next().await.unwrap() {
        names.push(serde_json::to_value(event).unwrap()["event"].as_str().unwrap().to_owned());
    }
    assert_eq!(names, ["gone", "reply_deleted"], "what this version does not know is passed over");

    let other = client.clip_events(&ClipKey::random()).await.map(drop).unwrap_err();
    assert!(matches!(other, ClientError::NotALibrary { status: 404, .. }), "{other:?}");
}
