//! The asking journeys: what the window's page may not decide alone is asked by dialogs of the system.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use vignette_tests::desk::{Desk, Key};
use vignette_tests::hostile::HostileLibrary;
use vignette_tests::process::until;

const SOON: Duration = Duration::from_secs(30);
const YES: [Key<'static>; 1] = [Key::Named("Return")];
const NO: [Key<'static>; 1] = [Key::Named("Escape")];

/// What the app keeps as the person's choices.
fn settings(home: &Path) -> Value {
    let file = std::fs::read(home.join("settings.json")).unwrap_or_else(|_| b"{}".to_vec());
    serde_json::from_slice(&file).expect("settings")
}

/// Two seconds of a film in `folder`, by this name.
fn film(folder: &Path, name: &str) -> PathBuf {
    let film = folder.join(name);
    let mut make = Command::new("ffmpeg");
    make.args([
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc=d=2:s=320x240",
        "-f",
        "lavfi",
        "-i",
        "sine=d=2",
        "-c:v",
        "libx264",
    ]);
    assert!(
        make.args(["-pix_fmt", "yuv420p", "-shortest"])
            .arg(&film)
            .status()
            .expect("ffmpeg runs")
            .success()
    );
    film
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_reads_no_file_that_it_was_not_given() {
    let desk = Desk::open().await;
    let film = film(desk.home.path(), "A film.mp4");

    for (command, arguments) in [
        ("import", json!({ "file": film, "title": "Stolen" })),
        ("import", json!({ "file": 1, "title": "Stolen" })),
        ("use_model_file", json!({ "path": film })),
    ] {
        let said = desk.invoke(command, arguments.clone(), || ()).await;
        assert_eq!(said[0], "refused", "{command} {arguments}: {said}");
    }
    assert_eq!(desk.takes(), Vec::<Value>::new());

    desk.click("tab-library").await;
    desk.click("add-video").await;
    let path = Key::Text(film.to_str().expect("a path"));
    desk.answer(
        "Choose a video",
        &[Key::Named("ctrl+l"), Key::Named("ctrl+a"), path, Key::Named("Return")],
    );
    desk.until("the film among the takes", "return document.body.innerText.includes('A film')")
        .await;
    let said = desk.invoke("import", json!({ "file": 1, "title": "Again" }), || ()).await;
    assert_eq!(said, json!(["refused", "not_allowed"]), "what was given is used up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_dropped_on_the_window_is_given_to_it() {
    let desk = Desk::open().await;
    desk.drop_file(&film(desk.home.path(), "A dropped film.mp4"));
    desk.until(
        "the film among the takes",
        "return document.body.innerText.includes('A dropped film')",
    )
    .await;
    let takes = until("the take", SOON, || Some(desk.takes()).filter(|takes| !takes.is_empty()));
    assert_eq!(
        (takes.len(), takes[0]["title"].as_str()),
        (1, Some("A dropped film")),
        "{takes:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_in_clear_before_the_person_agrees() {
    let elsewhere = HostileLibrary::start(&[], "").await;
    let desk = Desk::open().await;
    // This computer under an address that does not say so, as that of another computer.
    let address = elsewhere.url().replace("127.0.0.1", "0.0.0.0");
    let library = json!({ "address": address, "token": "lib_mallory" });
    let title = "Sign in without encryption";
    let said = desk.invoke("sign_in_with_token", library.clone(), || desk.answer(title, &NO)).await;
    assert_eq!(said, json!(["refused", "not_allowed"]));
    assert_eq!(elsewhere.asked(), Vec::<String>::new(), "nobody was told the token");
    let both = || {
        desk.answer(title, &YES);
        desk.answer("Use this library", &NO);
    };
    let said = desk.invoke("sign_in_with_token", library, both).await;
    assert_eq!(said, json!(["refused", "not_allowed"]));
    assert!(
        elsewhere.asked().iter().any(|path| path.ends_with("/api/v1/me")),
        "agreed to, it is asked: {:?}",
        elsewhere.asked()
    );
    assert_eq!(settings(desk.home.path())["library"], Value::Null, "new takes go where they went");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_sends_nothing_elsewhere_on_its_own() {
    let elsewhere = HostileLibrary::start(&[], "").await;
    let desk = Desk::open().await;
    let endpoint = json!({ "address": elsewhere.url(), "model": "ears", "key": null });
    let chosen = json!({ "chosen": { "off": false, "mirror": null, "insights": null, "transcription": endpoint } });
    let title = "Send what you say to a service";
    let said = desk.invoke("choose_speech", chosen.clone(), || desk.answer(title, &NO)).await;
    assert_eq!(said, json!(["refused", "not_allowed"]));
    assert_eq!(
        settings(desk.home.path())["speech"]["transcription"],
        Value::Null,
        "nothing was kept"
    );
    let said = desk.invoke("choose_speech", chosen.clone(), || desk.answer(title, &YES)).await;
    assert_eq!(said[0], "done", "{said}");
    let kept = settings(desk.home.path());
    assert!(
        kept["speech"]["transcription"]["url"]
            .as_str()
            .is_some_and(|url| url.starts_with(&elsewhere.url())),
        "{kept}"
    );
    let said = desk.invoke("choose_speech", chosen, || ()).await;
    assert_eq!(said[0], "done", "what was agreed to once is not asked again");

    let library = json!({ "address": elsewhere.url(), "token": "lib_mallory" });
    let title = "Use this library";
    let said = desk.invoke("sign_in_with_token", library, || desk.answer(title, &NO)).await;
    assert_eq!(said, json!(["refused", "not_allowed"]));
    assert_eq!(settings(desk.home.path())["library"], Value::Null, "new takes go where they went");

    // The person does it: the window is loaded again with a policy that names the new library, and goes on where it was.
    desk.click("tab-settings").await;
    desk.type_into("library-address", &elsewhere.url()).await;
    desk.window
        .run("document.querySelector('[data-testid=library-token]').closest('details').open = true")
        .await;
    desk.type_into("library-token", "lib_mallory").await;
    desk.click("sign-in").await;
    desk.answer(title, &YES);
    desk.until(
        "who is signed in",
        "return document.querySelector('[data-testid=who]')?.innerText.includes('Mallory')",
    )
    .await;
    assert_eq!(settings(desk.home.path())["library"], format!("{}/", elsewhere.url()));
}
