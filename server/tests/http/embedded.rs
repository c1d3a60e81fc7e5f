//! The library inside the recorder's own process.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use vignette_model::SystemClock;
use vignette_model::text::PersonName;
use vignette_server::embed::{EmbedOptions, EmbeddedLibrary, start};

use crate::common::{browser, json_of};

async fn embedded(folder: &Path) -> EmbeddedLibrary {
    embedded_for(folder, None).await
}

async fn embedded_for(folder: &Path, chosen_name: Option<PersonName>) -> EmbeddedLibrary {
    let clock = Arc::new(SystemClock::new());
    start(EmbedOptions {
        data_dir: folder.to_owned(),
        owner_name: "Ann".to_owned(),
        chosen_name,
        clock,
    })
    .await
    .expect("an embedded library")
}

async fn owner(library: &EmbeddedLibrary) -> Option<String> {
    let me = browser(None)
        .get(library.url.join("/api/v1/me").unwrap())
        .bearer_auth(library.token.expose())
        .send()
        .await
        .ok()?;
    Some(json_of(me, StatusCode::OK).await["name"].as_str()?.to_owned())
}

#[tokio::test]
async fn it_is_there_again_and_served_once() {
    // Others on this computer may want the usual port while nobody listens on it for a moment: here another is remembered.
    let _usual = std::net::TcpListener::bind(("127.0.0.1", 8455));
    let folder = tempfile::tempdir().unwrap();
    let first = embedded(folder.path()).await;
    assert_eq!(owner(&first).await.as_deref(), Some("Ann"));
    let (url, token) = (first.url.clone(), first.token.clone());
    first.shutdown().await;
    let second = embedded(folder.path()).await;
    assert_eq!((&second.url, &second.token), (&url, &token), "links and credentials stay good");
    assert_eq!(owner(&second).await.as_deref(), Some("Ann"));
    a_third_one_uses_what_runs_and_takes_over_from_it(folder.path(), second).await;
}

#[tokio::test]
async fn its_owner_is_called_what_they_chose() {
    let _usual = std::net::TcpListener::bind(("127.0.0.1", 8455));
    let folder = tempfile::tempdir().unwrap();
    let name = |name| PersonName::new(name).unwrap();
    let first = embedded(folder.path()).await;
    first.rename_owner(&name("Ann Example")).await.unwrap();
    assert_eq!(owner(&first).await.as_deref(), Some("Ann Example"), "at once");
    let elsewhere = embedded(folder.path()).await;
    elsewhere.rename_owner(&name("Ann of another process")).await.unwrap();
    elsewhere.shutdown().await;
    first.shutdown().await;
    let second = embedded_for(folder.path(), Some(name("Ann of another process"))).await;
    assert_eq!(
        owner(&second).await.as_deref(),
        Some("Ann of another process"),
        "a name that was chosen while another process served it comes with the next opening"
    );
    second.shutdown().await;
    let third = embedded(folder.path()).await;
    assert_eq!(owner(&third).await.as_deref(), Some("Ann of another process"), "and stays");
}

async fn a_third_one_uses_what_runs_and_takes_over_from_it(folder: &Path, first: EmbeddedLibrary) {
    let second = embedded(folder).await;
    assert_eq!(
        (&second.url, &second.token),
        (&first.url, &first.token),
        "one folder is served once"
    );
    first.shutdown().await;
    let served = async {
        while owner(&second).await.is_none() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), served)
        .await
        .expect("the second serves on when the first has ended");
    second.shutdown().await;
}
