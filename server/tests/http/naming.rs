//! What a library is called: asked when it is set up, shown on its pages, changed by its administrators.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use reqwest::{Client, StatusCode};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use vignette_model::SystemClock;
use vignette_server::embed::{EmbedOptions, start};
use vignette_server::folder::Folder;
use vignette_server::{Config, LibraryInstance};

use crate::common::{PASSWORD, TestServer, browser};
use crate::people::value;
use crate::sign_in::{location, sign_in};

/// A library that nobody has set up. It ends with its token.
struct Fresh {
    url: String,
    /// The link that sets it up; `None` once it is.
    link: Option<String>,
    end: CancellationToken,
    serving: tokio::task::JoinHandle<()>,
}

async fn fresh(data: &Path, name: Option<&str>) -> Fresh {
    let config = Config { name: name.map(str::to_owned), ..Config::default() };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let folder = Folder::lock(data).unwrap();
    let clock = Arc::new(SystemClock::new());
    let instance = LibraryInstance::open(config, folder, address, clock).await.unwrap();
    let link = instance.setup_link().await.unwrap();
    let end = CancellationToken::new();
    let serving = tokio::spawn(instance.serve(listener, end.clone()));
    Fresh { url: format!("http://{address}"), link, end, serving }
}

impl Fresh {
    async fn stop(self) {
        self.end.cancel();
        self.serving.await.unwrap();
    }

    async fn set_up(&self, browser: &Client, more: &[(&str, &str)]) -> reqwest::Response {
        let link = self.link.as_deref().unwrap();
        let secret = link.split_once("secret=").unwrap().1;
        let form = [&[("secret", secret), ("password", PASSWORD)], more].concat();
        browser.post(format!("{}/setup", self.url)).form(&form).send().await.unwrap()
    }

    async fn page(&self, browser: &Client, path: &str) -> String {
        let answer = browser.get(format!("{}{path}", self.url)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }
}

#[tokio::test]
async fn whoever_sets_a_library_up_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let library = fresh(&data, None).await;
    let maria = browser(Some(Arc::default()));
    let asked =
        library.page(&maria, library.link.as_deref().unwrap().split_at(library.url.len()).1);
    let asked = asked.await;
    assert!(asked.contains("Set up your library") && asked.contains("name=\"library\""), "{asked}");

    let names = [("library", "   "), ("name", "Maria"), ("login", "maria")];
    let refused = library.set_up(&maria, &names).await.text().await.unwrap();
    assert!(
        refused.contains("The library&#39;s name is empty. Change it and try again."),
        "{refused}"
    );
    assert_eq!(
        (value(&refused, "name"), value(&refused, "login")),
        ("Maria".into(), "maria".into())
    );
    let long = "M".repeat(81);
    let names = [("library", "Acme & Söhne"), ("name", long.as_str())];
    let refused = library.set_up(&maria, &names).await.text().await.unwrap();
    assert!(refused.contains("The name has more than 80 characters."), "{refused}");
    assert_eq!(
        (value(&refused, "library"), value(&refused, "name")),
        ("Acme &#38; Söhne".into(), long)
    );

    let names = [("library", "Acme & Söhne"), ("name", "Maria")];
    assert_eq!(location(&library.set_up(&maria, &names).await), "/");
    let home = library.page(&maria, "/").await;
    for part in [
        "<title>Acme &#38; Söhne</title>",
        "<span dir=\"auto\">Acme &#38; Söhne</span>",
        "Get the app",
        "Create an invitation link",
        &format!("data-copy=\"{}/\"", library.url),
    ] {
        assert!(home.contains(part), "{part}: {home}");
    }
    library.stop().await;

    let library = fresh(&data, None).await;
    assert_eq!(library.link, None);
    let sign_in = library.page(&browser(None), "/sign-in").await;
    assert!(sign_in.contains("Sign in to <bdi>Acme &#38; Söhne</bdi>"), "it is kept: {sign_in}");
    library.stop().await;

    let library = fresh(&data, Some("By the host")).await;
    let sign_in = library.page(&browser(None), "/sign-in").await;
    assert!(sign_in.contains("Sign in to <bdi>By the host</bdi>"), "settings go before: {sign_in}");
    library.stop().await;
}

#[tokio::test]
async fn a_library_that_its_host_has_named_asks_for_no_name() {
    let folder = tempfile::tempdir().unwrap();
    let library = fresh(&folder.path().join("data"), Some("Acme")).await;
    let maria = browser(Some(Arc::default()));
    let path = library.link.as_deref().unwrap().split_at(library.url.len()).1.to_owned();
    let asked = library.page(&maria, &path).await;
    assert!(!asked.contains("name=\"library\""), "{asked}");
    assert_eq!(location(&library.set_up(&maria, &[("name", "Maria")]).await), "/");
    assert!(!library.page(&maria, "/people").await.contains("name=\"library\""));
    library.stop().await;
}

#[tokio::test]
async fn administrators_name_it_anew() {
    let server = TestServer::start_with(|config| config.name = None).await;
    let ann = browser(Some(Arc::default()));
    sign_in(&server, &ann, "Ann", PASSWORD, "").await;
    let send = |name: &str| {
        let form =
            [("do", "name-library"), ("library", name)].map(|(k, v)| (k.to_owned(), v.to_owned()));
        ann.post(format!("{}/people", server.url)).form(&form).send()
    };
    let refused = send(&"x".repeat(61)).await.unwrap().text().await.unwrap();
    assert!(refused.contains("The library&#39;s name has more than 60 characters."), "{refused}");
    assert_eq!(value(&refused, "library"), "x".repeat(61), "what was typed is kept");
    assert_eq!(location(&send("Acme").await.unwrap()), "/people");
    let token = server.token(&server.ann).await;
    let me = server.get("/api/v1/me").bearer_auth(token).send().await.unwrap();
    let me: serde_json::Value = serde_json::from_str(&me.text().await.unwrap()).unwrap();
    assert_eq!(me["library"], "Acme", "the app knows it too");
    let clip = server.sealed_clip().await;
    let page = server.get(&format!("/c/{}", clip.key)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("property=\"og:site_name\" content=\"Acme\""), "{page}");

    let bob = browser(Some(Arc::default()));
    sign_in(&server, &bob, "Bob", PASSWORD, "").await;
    let form = [("do", "name-library"), ("library", "Bob's")];
    let refused = bob.post(format!("{}/people", server.url)).form(&form).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_account_keeps_what_was_typed() {
    let server = TestServer::start().await;
    let ann = browser(Some(Arc::default()));
    sign_in(&server, &ann, "Ann", PASSWORD, "").await;
    let long = "A".repeat(81);
    let form = [("name", long.as_str())];
    let refused = ann.post(format!("{}/account", server.url)).form(&form).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::OK);
    let refused = refused.text().await.unwrap();
    assert!(refused.contains("The name has more than 80 characters."), "{refused}");
    assert_eq!(value(&refused, "name"), long);
}

#[tokio::test]
async fn the_library_of_one_computer_says_where_it_opens() {
    // Others on this computer may want the usual port: here another is remembered.
    let _usual = std::net::TcpListener::bind(("127.0.0.1", 8455));
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SystemClock::new());
    let options = EmbedOptions {
        data_dir: folder.path().to_owned(),
        owner_name: "Ann".to_owned(),
        chosen_name: None,
        clock,
    };
    let library = start(options).await.unwrap();
    let get = |path: &str| browser(None).get(library.url.join(path).unwrap()).send();
    assert_eq!(location(&get("/").await.unwrap()), "/sign-in");
    let page = get("/sign-in").await.unwrap().text().await.unwrap();
    assert!(page.contains("Open this in the app") && !page.contains("<form"), "{page}");
    library.shutdown().await;
}
