//! The asking journeys: what the window's page may not decide alone is asked by dialogs of the system.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use vignette_tests::desk::{Desk, Key};
use vignette_tests::hostile::HostileLibrary;

const YES: [Key<'static>; 1] = [Key::Named("Return")];
const NO: [Key<'static>; 1] = [Key::Named("Escape")];

/// What the app keeps as the person's choices.
fn settings(home: &Path) -> Value {
    let file = std::fs::read(home.join("settings.json")).unwrap_or_else(|_| b"{}".to_vec());
    serde_json::from_slice(&file).expect("settings")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_reads_no_file_that_it_was_not_given() {
    let desk = Desk::open().await;
    let film = desk.home.path().join("A film.mp4");
    let mut make = Command::new("ffmpeg");
    make.args(["-v", "error", "-f", "lavfi", "-i", "testsrc=d=2:s=320x240", "-f", "lavfi", "-i", "sine=d=2", "-c:v", "libx264"]);
    assert!(make.args(["-pix_fmt", "yuv420p", "-shortest"]).arg(&film).status().expect("ffmpeg runs").success());

    for (command, arguments) in [
        ("import", json!({ "file": film, "title": "Stolen" })),
        ("import", json!({ "file": 1, "title": "Stolen" })),
        ("use_model_file", json!({ "path": film })),
    ] {
        let said = desk.invoke(command, arguments.clone(), || ()).await;
        assert_eq!(said[0], "refused", "{command} {arguments}: {said}");
    }
    assert_eq!(desk.takes(), Vec::<Value>::new());

    desk.click("add-video").await;
    let path = Key::Text(film.to_str().expect("a path"));
    desk.answer("Choose a video", &[Key::Named("ctrl+l"), Key::Named("ctrl+a"), path, Key::Named("Return")]);
    desk.until("the film among the takes", "return document.body.innerText.includes('A film')").await;
    let said = desk.invoke("import", json!({ "file": 1, "title": "Again" }), || ()).await;
    assert_eq!(said, json!(["refused", "not_allowed"]), "what was given is used up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_sends_nothing_elsewhere_on_its_own() {
    let elsewhere = HostileLibrary::start(&[], "").await;
    let desk = Desk::open().await;
    let service = json!({ "address": elsewhere.url(), "model": "ears", "key": null });
    let chosen = json!({ "chosen": { "off": false, "mirror": null, "insights": null, "speech": service } });
    let title = "Send what you say to a service";
    let said = desk.invoke("choose_words", chosen.clone(), || desk.answer(title, &NO)).await;
    assert_eq!(said, json!(["refused", "not_allowed"]));
    assert_eq!(settings(desk.home.path())["words"]["speech"], Value::Null, "nothing was kept");
    let said = desk.invoke("choose_words", chosen.clone(), || desk.answer(title, &YES)).await;
    assert_eq!(said[0], "done", "{said}");
    let kept = settings(desk.home.path());
    assert!(kept["words"]["speech"]["url"].as_str().is_some_and(|url| url.starts_with(&elsewhere.url())), "{kept}");
    let said = desk.invoke("choose_words", chosen, || ()).await;
    assert_eq!(said[0], "done", "what was agreed to once is not asked again");

    let library = json!({ "address": elsewhere.url(), "token": "lib_mallory" });
    let title = "Use this library";
    let said = desk.invoke("sign_in_with_token", library, || desk.answer(title, &NO)).await;
    assert_eq!(said, json!(["refused", "not_allowed"]));
    assert_eq!(settings(desk.home.path())["library"], Value::Null, "new takes go where they went");

    // The person does it: the window is loaded again with a policy that names the new library, and goes on where it was.
    desk.click("tab-settings").await;
    desk.type_into("library-address", &elsewhere.url()).await;
    desk.window.run("document.querySelector('[data-testid=library-token]').closest('details').open = true").await;
    desk.type_into("library-token", "lib_mallory").await;
    desk.click("sign-in").await;
    desk.answer(title, &YES);
    desk.until("who is signed in", "return document.querySelector('[data-testid=who]')?.innerText.includes('Mallory')").await;
    assert_eq!(settings(desk.home.path())["library"], format!("{}/", elsewhere.url()));
}
