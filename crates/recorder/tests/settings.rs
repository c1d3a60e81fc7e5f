//! Settings as several programs change them at once.
#![expect(clippy::expect_used, reason = "what is not as it should be fails the test")]

use std::path::Path;
use std::process::{Child, Command};

use url::Url;
use vignette_model::Problem;
use vignette_recorder::{BubbleView, CaptureTarget, RecorderError, Settings, TargetKind};

/// Names the folder to a child of this test.
const FOLDER: &str = "VIGNETTE_TEST_SETTINGS";
/// Names the setting that a child changes.
const WHICH: &str = "VIGNETTE_TEST_SETTING";
const CHANGES: u8 = 100;

/// Changes one setting a hundred times. Each change must find what the last one of its own kept.
fn change(folder: &Path, which: &str) {
    for n in 1..=CHANGES {
        let library = |n: u8| {
            (n > 0)
                .then(|| Url::parse(&format!("https://library.example/{n}")).expect("an address"))
        };
        Settings::change(folder, |settings| match which {
            "countdown" => {
                assert_eq!(
                    settings.countdown_s.unwrap_or(0),
                    n - 1,
                    "a change of the countdown was lost"
                );
                settings.countdown_s = Some(n);
            }
            _ => {
                assert_eq!(settings.library, library(n - 1), "a change of the library was lost");
                settings.library = library(n);
            }
        })
        .expect("the settings are kept");
    }
}

/// What a child does; without the variables it is no child.
#[test]
fn child() {
    let (Some(folder), Ok(which)) = (std::env::var_os(FOLDER), std::env::var(WHICH)) else {
        return;
    };
    change(Path::new(&folder), &which);
}

fn all_changes(folder: &Path) {
    let settings = Settings::open(folder).expect("settings");
    assert_eq!(settings.countdown_s, Some(CHANGES));
    assert_eq!(settings.library.as_ref().map(Url::path), Some(&*format!("/{CHANGES}")));
}

#[test]
fn two_programs_that_change_settings_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let begin = |which: &str| -> Child {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child"])
            .env(FOLDER, folder.path())
            .env(WHICH, which)
            .spawn()
            .unwrap()
    };
    for mut child in ["countdown", "library"].map(begin) {
        assert!(child.wait().unwrap().success(), "a change was lost");
    }
    all_changes(folder.path());
}

#[test]
fn two_threads_that_change_settings_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for which in ["countdown", "library"] {
            scope.spawn(|| change(folder.path(), which));
        }
    });
    all_changes(folder.path());
}

#[test]
fn settings_of_the_version_before_are_read_and_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/settings-0.1.json"), &path)
        .unwrap();
    let settings = Settings::open(folder.path()).unwrap();
    assert_eq!(settings.library.as_ref().map(Url::as_str), Some("https://clips.example.org/"));
    assert_eq!(settings.countdown_s, Some(5));
    assert_eq!(
        settings.speech.mirror.as_ref().map(Url::as_str),
        Some("https://models.example.org/")
    );
    let insights = settings.speech.insights.clone().unwrap();
    assert_eq!(
        (insights.url.as_str(), insights.model.as_str()),
        ("http://localhost:11434/v1", "qwen3:1.7b")
    );
    assert_eq!(insights.timeout_s, Some(60));
    let elsewhere = settings.speech.transcription.clone().unwrap();
    assert_eq!(elsewhere.url.as_str(), "https://speech.example.org/v1");

    assert_eq!(
        (settings.target, settings.region, settings.bubble),
        (TargetKind::Display, None, Some(BubbleView::default())),
        "what the version before did not know is as it did it"
    );

    let changed =
        Settings::change(folder.path(), |settings| settings.countdown_s = Some(1)).unwrap();
    assert_eq!(changed, Settings { countdown_s: Some(1), ..settings });
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(
        (&json["words"], &json["speech"]["insights"]["model"]),
        (&serde_json::Value::Null, &"qwen3:1.7b".into())
    );
}

#[test]
fn target_region_and_a_bubble_that_is_off_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let rect = vignette_model::Rect { x: 10, y: 20, width: 300, height: 200 };
    for (target, bubble) in [
        (CaptureTarget::Region { rect }, Some(BubbleView { x: 0.5, y: 0.25, size: 0.3 })),
        (CaptureTarget::Window { id: 7 }, None),
    ] {
        Settings::change(folder.path(), |settings| {
            settings.remember_target(&target);
            settings.bubble = bubble;
        })
        .unwrap();
        let kept = Settings::open(folder.path()).unwrap();
        assert_eq!((kept.target, kept.bubble), (target.kind(), bubble));
        assert_eq!(kept.region, Some(rect), "the region outlives another choice");
    }
}

#[test]
fn settings_that_cannot_be_understood_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/settings.rs"), &path).unwrap();
    let error =
        Settings::change(folder.path(), |settings| settings.countdown_s = Some(1)).unwrap_err();
    assert!(matches!(error, RecorderError::SettingsUnreadable { .. }), "{error}");
    let message = Problem::from(error).message;
    assert!(message.contains("cannot be read"), "{message}");
    assert_eq!(
        std::fs::read(&path).unwrap(),
        include_bytes!("settings.rs"),
        "nobody's text is thrown away"
    );
}

#[test]
fn who_has_settings_of_the_version_before_is_not_asked_the_first_questions() {
    let folder = tempfile::tempdir().unwrap();
    let new = Settings::open(folder.path()).unwrap();
    assert!(!new.introduced, "nothing is kept yet");
    Settings::change(folder.path(), |settings| settings.countdown_s = Some(5)).unwrap();
    assert!(
        !Settings::open(folder.path()).unwrap().introduced,
        "a change of something else answers no question"
    );
    let before = r#"{ "library": null, "countdown_s": 3, "words": { "off": true } }"#;
    vignette_durable::write(&folder.path().join("settings.json"), before.as_bytes()).unwrap();
    let before = Settings::open(folder.path()).unwrap();
    assert_eq!((before.introduced, before.name), (true, None));
}
