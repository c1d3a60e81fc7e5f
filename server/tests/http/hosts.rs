//! The host that a request names, and what is said of proxies.

use tokio::io::AsyncReadExt;

use crate::common::TestServer;

async fn status(server: &TestServer, request: &str) -> String {
    let mut answer = Vec::new();
    server.raw(request.as_bytes()).await.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_page_that_pretends_to_be_the_library_gets_nothing() {
    let server = TestServer::start_with(|config| config.hosts = vec!["nas.local".to_owned()]).await;
    for (lines, expected) in [
        ("host: 127.0.0.1:9\r\n", "200"),
        ("host: localhost\r\n", "200"),
        ("host: NAS.local:8455\r\n", "200"),
        ("host: [::1]\r\n", "200"),
        ("host: evil.example\r\n", "421"),
        ("host: evil.example\r\norigin: http://evil.example\r\n", "421"),
        ("", "400"),
        ("host: 127.0.0.1\r\nhost: 127.0.0.1\r\n", "400"),
        ("host: 127.0.0.1\r\nhost: evil.example\r\n", "400"),
        ("host:\r\n", "421"),
    ] {
        let answer =
            status(&server, &format!("GET /sign-in HTTP/1.1\r\n{lines}connection: close\r\n\r\n"))
                .await;
        assert_eq!(answer, expected, "{lines:?}");
    }
    assert_eq!(
        status(&server, "GET /healthz HTTP/1.0\r\n\r\n").await,
        "200",
        "who speaks HTTP/1.0 need not name it"
    );
    assert_eq!(
        status(&server, "GET http://evil.example/sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").await,
        "421"
    );
    let form = "POST /sign-in HTTP/1.1\r\nhost: evil.example\r\norigin: http://evil.example\r\nconnection: close\r\n\
        content-type: application/x-www-form-urlencoded\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(status(&server, form).await, "421", "nor does its form come through");
}

#[tokio::test]
async fn a_proxy_that_is_not_trusted_is_told_of() {
    let server = TestServer::start().await;
    let ready = async || server.get("/readyz").send().await.unwrap().text().await.unwrap();
    assert_eq!(ready().await, "ok\n");
    server.get("/sign-in").header("x-forwarded-for", "192.0.2.1").send().await.unwrap();
    let told = ready().await;
    assert!(
        told.starts_with("ok\nwarning: 127.0.0.1 forwards") && told.contains("trusted_proxies"),
        "{told}"
    );

    let server = TestServer::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]
    })
    .await;
    server.get("/sign-in").header("x-forwarded-for", "192.0.2.1").send().await.unwrap();
    assert_eq!(
        server.get("/readyz").send().await.unwrap().text().await.unwrap(),
        "ok\n",
        "one that is trusted is as it should be"
    );

    let https = |config: &mut vignette_server::Config| {
        config.url = Some("https://clips.example.org".parse().unwrap())
    };
    let server = TestServer::start_with(https).await;
    let told = server.get("/readyz").send().await.unwrap().text().await.unwrap();
    assert!(told.contains("url is https") && told.contains("trusted_proxies is empty"), "{told}");
}

#[tokio::test]
async fn a_look_at_the_set_up_is_no_try_of_a_password() {
    let server = TestServer::start_with(|config| config.tries_per_minute = 3).await;
    for _ in 0..10 {
        assert_eq!(server.get("/setup?secret=a").send().await.unwrap().status(), 404);
    }
    let form = [("login", "Ann"), ("password", crate::common::PASSWORD)];
    assert_eq!(server.request("POST", "/sign-in").form(&form).send().await.unwrap().status(), 303);
    let tried = [("secret", "a"), ("name", "Eve"), ("password", crate::common::PASSWORD)];
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(
            server.request("POST", "/setup").form(&tried).send().await.unwrap().status().as_u16(),
        );
    }
    assert_eq!(statuses, [404, 404, 404, 429], "tries of a set-up are counted by themselves");
    assert_eq!(
        server.request("POST", "/sign-in").form(&form).send().await.unwrap().status(),
        303,
        "and take no sign-in away"
    );
}
