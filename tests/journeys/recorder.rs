//! The recorder's window by the keyboard alone: the first questions, what is to be recorded, and the card of what was.

use std::time::Duration;

use serde_json::{Value, json};
use vignette_tests::desk::{Desk, Key, css};
use vignette_tests::media::Media;
use vignette_tests::process::until;

const PATIENCE: Duration = Duration::from_secs(30);

/// Presses Tab until what has this `data-testid` has the focus.
async fn tab_to(desk: &Desk, testid: &str) {
    let focused = format!("return document.activeElement?.dataset.testid === '{testid}'");
    for _ in 0..60 {
        if desk.window.run(&focused).await == Value::Bool(true) {
            return;
        }
        press(desk, "\u{e004}").await;
    }
    panic!("{testid} is not reached by Tab");
}

/// Presses a key of WebDriver's (`\u{e007}` is Enter) where the focus is.
async fn press(desk: &Desk, key: &str) {
    desk.window.client.active_element().await.expect("a focus").send_keys(key).await.expect("keys");
}

const ENTER: &str = "\u{e007}";

/// Nothing is kept yet: three questions are asked once, and what is answered counts.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_questions_are_asked_once() {
    let desk = Desk::open_after(|_| ()).await;
    desk.until_there("first-run").await;
    tab_to(&desk, "first-name").await;
    press(&desk, "Ada Example").await;
    press(&desk, ENTER).await;
    desk.until_there("library-address").await;
    tab_to(&desk, "next").await;
    press(&desk, ENTER).await;
    desk.until_there("first-download").await;
    tab_to(&desk, "next").await;
    press(&desk, ENTER).await;
    desk.until_there("record").await;
    let settings: Value = serde_json::from_slice(
        &std::fs::read(desk.home.path().join("settings.json")).expect("settings"),
    )
    .expect("settings are JSON");
    assert_eq!((&settings["name"], &settings["introduced"]), (&json!("Ada Example"), &json!(true)));
    desk.window.client.refresh().await.expect("the page reloads");
    desk.until_there("record").await;
    desk.click("tab-settings").await;
    let named =
        "return document.querySelector('[data-testid=who]')?.innerText.includes('Ada Example')";
    desk.until("the author's name in the library of this computer", named).await;
}

/// An area is chosen and recorded without a pointer; the file that is saved holds that area and no more.
#[tokio::test(flavor = "multi_thread")]
async fn an_area_is_recorded_by_the_keyboard_and_saved_as_a_file() {
    let desk = Desk::open().await;
    desk.until_there("record").await;
    tab_to(&desk, "mode-screen").await;
    // Right twice: Window, then Area.
    press(&desk, "\u{e014}").await;
    press(&desk, "\u{e014}").await;
    desk.until_there("area-width").await;
    for (field, typed) in [("area-width", "640"), ("area-height", "400")] {
        tab_to(&desk, field).await;
        let select = format!("document.querySelector('{}').select()", css(field));
        desk.window.run(&select).await;
        press(&desk, typed).await;
        press(&desk, ENTER).await;
    }
    desk.until(
        "the area",
        "return /640 × 400/.test(document.querySelector('[data-testid=area]')?.ariaLabel ?? '')",
    )
    .await;
    let picture =
        "return (document.querySelector('[data-testid=preview] canvas')?.width ?? 0) > 16";
    desk.until("a picture of the screen before it is recorded", picture).await;
    tab_to(&desk, "record").await;
    press(&desk, ENTER).await;
    desk.until_second(2).await;
    desk.bring_window().await;
    desk.click("stop").await;
    desk.until_there("done").await;
    desk.until_there("only-here").await;
    tab_to(&desk, "title").await;
    press(&desk, "An area").await;
    press(&desk, ENTER).await;
    until("the title", PATIENCE, || {
        desk.takes().first().filter(|take| take["title"] == "An area").map(drop)
    });

    let file = desk.home.path().join("saved.mp4");
    tab_to(&desk, "save-file").await;
    press(&desk, ENTER).await;
    let path = Key::Text(file.to_str().expect("a path"));
    desk.answer("Save the recording", &[Key::Named("ctrl+a"), path, Key::Named("Return")]);
    until("the file", PATIENCE, || file.exists().then_some(()));
    let video = Media::at(&file)
        .streams()
        .into_iter()
        .find(|stream| stream["codec_type"] == "video")
        .expect("a picture");
    assert_eq!((&video["width"], &video["height"]), (&json!(640), &json!(400)));
    tab_to(&desk, "record-another").await;
    press(&desk, ENTER).await;
    desk.until_there("record").await;
}
