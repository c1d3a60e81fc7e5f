//! Transcripts of takes, made by a real speech model: of files that are taken in, of what another
//! program left, and by services.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use vignette_model::take::{TakeTranscript, TakeView};
use vignette_model::text::{Label, Summary, Title};
use vignette_model::transcript::TranscriptSnapshot;
use vignette_model::{ErrorCode, Micros, Problem, Secret, SystemClock, TakeId};
use vignette_recorder::{
    Credentials, DeviceSelector, EndpointSettings, Models, Options, Plan, Recorder, RecorderError,
    Sources, SpeechSettings, SpeechSetup, TranscriptProgress, library_url,
};
use vignette_tests::speech;

/// Longer than it takes to hear a minute, even on a busy machine.
const SOON: Duration = Duration::from_secs(90);

/// A recorder whose library nobody serves.
fn recorder(folder: &Path) -> Recorder {
    let credentials = Credentials::open(&folder.join("tokens.json")).unwrap();
    let library = library_url("http://127.0.0.1:9").unwrap();
    Recorder::open(Options {
        spool: folder.join("spool"),
        library,
        credentials,
        clock: Arc::new(SystemClock::new()),
    })
    .unwrap()
}

fn setup(folder: &Path, settings: SpeechSettings) -> SpeechSetup {
    let (models, keys) = (
        Models::open(folder.join("models")),
        Credentials::open(&folder.join("keys.json")).unwrap(),
    );
    SpeechSetup { settings, models, keys }
}

/// With the small English model in use.
fn with_model(folder: &Path) -> SpeechSetup {
    let setup = setup(folder, SpeechSettings::default());
    setup.models.use_file(&speech::file("whisper-tiny.en.bin")).unwrap();
    setup
}

/// A film of a voice.
fn film(folder: &Path, sound: &[&str]) -> PathBuf {
    let path = folder.join("film.mp4");
    let mut command = Command::new("ffmpeg");
    command
        .args(["-v", "error", "-y", "-f", "lavfi", "-i", "color=gray:s=64x64:r=5"])
        .args(sound)
        // Pictures in the order in which they are shown: a file with others is copied so that it
        // begins later, by as long as they wait for each other.
        .args(["-bf", "0", "-shortest"])
        .arg(&path);
    assert!(
        command.stdin(Stdio::null()).status().expect("ffmpeg is installed").success(),
        "the film is made"
    );
    path
}

fn beckett(folder: &Path) -> PathBuf {
    film(folder, &["-i", speech::file("beckett.wav").to_str().unwrap()])
}

async fn import(recorder: &Recorder, film: &Path) -> TakeId {
    recorder.import(film, Title::default(), Summary::default(), |_| ()).await.unwrap().take
}

async fn until(
    recorder: &Recorder,
    take: TakeId,
    is: impl Fn(&TakeTranscript) -> bool,
) -> TakeView {
    let found = |takes: &[TakeView]| {
        takes
            .iter()
            .find(|view| view.id == take && view.transcript.as_ref().is_some_and(&is))
            .cloned()
    };
    let mut takes = recorder.takes();
    let getting_there = async {
        loop {
            if let Some(view) = found(&takes.borrow_and_update()) {
                return view;
            }
            // The program before may need a moment to let go of its takes.
            drop(tokio::time::timeout(Duration::from_millis(500), takes.changed()).await);
            recorder.look_for_model();
        }
    };
    tokio::time::timeout(SOON, getting_there).await.expect("it gets there")
}

/// The transcript as the spool has it.
fn kept(folder: &Path, take: TakeId) -> TranscriptSnapshot {
    serde_json::from_slice(
        &std::fs::read(folder.join(format!("spool/takes/{take}/transcript.json"))).unwrap(),
    )
    .unwrap()
}

fn text(transcript: &TranscriptSnapshot) -> String {
    transcript.cues.iter().map(|cue| cue.text.as_str()).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_gets_its_transcript_once_there_is_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder(folder.path());
    let take = import(&recorder, &beckett(folder.path())).await;
    let posters = folder.path().join(format!("spool/takes/{take}/poster.jpg"));
    assert!(posters.exists(), "a film that is taken in has a picture");
    let error = recorder.transcribe(take).await.unwrap_err();
    assert!(matches!(error, RecorderError::NoSpeechModel), "what is missing is said: {error}");
    assert_eq!(Problem::from(error).code, ErrorCode::NotFound);
    recorder.use_speech(setup(folder.path(), SpeechSettings::default()));
    recorder.catch_up();
    recorder.use_speech(with_model(folder.path()));
    let view = until(&recorder, take, |transcript| transcript.done).await;
    assert_eq!(view.title.as_str(), "film", "a machine's title is not the file's");
    let transcript = kept(folder.path(), take);
    assert!(
        speech::word_error_rate(speech::BECKETT, &text(&transcript)) <= 0.05,
        "{}",
        text(&transcript)
    );
    assert_eq!(view.transcript.unwrap().cues, transcript.cues.len());
    assert_eq!(transcript.transcribed_by.as_str(), "whisper-tiny.en");

    // Nothing is heard twice, whoever asks.
    let revision = transcript.revision;
    recorder.transcribe(take).await.unwrap();
    assert_eq!(kept(folder.path(), take).revision, revision);
}

#[tokio::test(flavor = "multi_thread")]
async fn hearing_goes_on_behind_the_last_cue_that_another_program_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let film = film(folder.path(), &["-i", speech::file("two_cities.wav").to_str().unwrap()]);
    let take = {
        let recorder = recorder(folder.path());
        recorder.use_speech(with_model(folder.path()));
        let take = import(&recorder, &film).await;
        recorder.transcribe(take).await.unwrap();
        take
    };
    // As if it had died in the middle: half of the cues, the first of them changed so that it can
    // be told.
    let path = folder.path().join(format!("spool/takes/{take}/transcript.json"));
    let mut transcript = kept(folder.path(), take);
    let all = transcript.cues.len();
    transcript.cues.truncate(all / 2);
    transcript.cues[0].text = vignette_model::text::CueText::new("Heard before.").unwrap();
    transcript.done = false;
    #[expect(clippy::disallowed_methods, reason = "the test plays a crash")]
    std::fs::write(&path, serde_json::to_vec(&transcript).unwrap()).unwrap();
    let record = path.with_file_name("take.json");
    let mut known: Value = serde_json::from_slice(&std::fs::read(&record).unwrap()).unwrap();
    known["transcript"]["version"]["done"] = false.into();
    #[expect(clippy::disallowed_methods, reason = "the test plays a crash")]
    std::fs::write(&record, known.to_string()).unwrap();

    let recorder = recorder(folder.path());
    recorder.use_speech(with_model(folder.path()));
    recorder.catch_up();
    until(&recorder, take, |transcript| transcript.done).await;
    let again = kept(folder.path(), take);
    assert_eq!(again.cues[0].text.as_str(), "Heard before.", "what was heard before stands");
    assert!(again.revision > transcript.revision, "and is newer");
    assert!(
        again.cues.windows(2).all(|pair| pair[0].end_us <= pair[1].start_us),
        "cues follow each other"
    );
    let rest: String = again.cues[1..].iter().map(|cue| format!("{} ", cue.text)).collect();
    assert!(rest.contains("superlative degree"), "the rest is heard: {rest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_and_films_without_sound_get_no_cues_and_are_not_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder(folder.path());
    recorder.use_speech(with_model(folder.path()));
    let silent = import(
        &recorder,
        &film(folder.path(), &["-f", "lavfi", "-i", "anullsrc=r=48000", "-t", "3"]),
    )
    .await;
    let soundless = import(&recorder, &film(folder.path(), &["-t", "2"])).await;
    recorder.catch_up();
    let view = until(&recorder, silent, |transcript| transcript.done).await;
    assert_eq!(view.transcript.unwrap().cues, 0, "nothing is invented");
    let record = folder.path().join(format!("spool/takes/{soundless}/take.json"));
    let no_transcript = || {
        serde_json::from_slice::<Value>(&std::fs::read(&record).unwrap()).unwrap()["transcript"]["plan"]
            ["no_transcript"]
            == true
    };
    tokio::time::timeout(SOON, async {
        while !no_transcript() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("a film without sound is left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_none_is_not_tried_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder(folder.path());
    let take = import(&recorder, &beckett(folder.path())).await;
    // A model that was replaced by something else after it was chosen.
    let model = folder.path().join("broken.bin");
    std::fs::copy(speech::file("whisper-tiny.en.bin"), &model).unwrap();
    let setup = setup(folder.path(), SpeechSettings::default());
    setup.models.use_file(&model).unwrap();
    std::fs::OpenOptions::new().write(true).open(&model).unwrap().set_len(1_000).unwrap();
    recorder.use_speech(setup);
    for _ in 0..3 {
        recorder.transcribe(take).await.unwrap_err();
    }
    recorder.catch_up();
    let problem = recorder.transcription_problem();
    tokio::time::sleep(Duration::from_secs(1)).await; // That nothing happens takes its time.
    assert_eq!(*problem.borrow(), None, "after three tries it is not tried again");
    recorder.use_speech(with_model(folder.path()));
    until(&recorder, take, |transcript| transcript.done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_a_recording_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder(folder.path());
    let sources = Sources::new(DeviceSelector::Off, DeviceSelector::Off, DeviceSelector::Synthetic);
    let plan = |transcribe| Plan {
        sources: sources.clone(),
        countdown_s: 0,
        transcribe,
        ..Plan::default()
    };
    for (settings, transcribe, state) in [
        (SpeechSettings::default(), true, "no_model"),
        (SpeechSettings::default(), false, "off"),
        (SpeechSettings { off: true, ..SpeechSettings::default() }, true, "off"),
    ] {
        recorder.use_speech(setup(folder.path(), settings));
        let recording = recorder.start(plan(transcribe)).await.unwrap();
        let said = recording.view().borrow().transcript.clone();
        assert_eq!(serde_json::to_value(&said).unwrap()["state"], state);
        if let TranscriptProgress::NoModel { problem } = said {
            assert!(
                problem.help.contains("vignette models get"),
                "it says how to get one: {problem:?}"
            );
        }
        recording.cancel();
        recording.ended().await;
    }
}

/// A double of an endpoint with a speech model and a language model. It notes what it was sent.
struct EndpointDouble {
    url: String,
    asked: Asked,
}

/// Path and key, and what was sent.
type Asked = Arc<Mutex<Vec<(String, String)>>>;

async fn endpoint_double() -> EndpointDouble {
    let asked = Asked::default();
    let note =
        |State(asked): State<Asked>, path: &str, headers: &axum::http::HeaderMap, body: &[u8]| {
            let key = headers
                .get("authorization")
                .and_then(|key| key.to_str().ok())
                .unwrap_or_default()
                .to_owned();
            asked
                .lock()
                .unwrap()
                .push((format!("{path} {key}"), String::from_utf8_lossy(body).into_owned()));
        };
    let transcribe = move |state: State<_>,
                           headers: axum::http::HeaderMap,
                           body: axum::body::Bytes| async move {
        note(state, "transcribe", &headers, &body);
        let segment = json!({ "start": 0.5, "end": 2.0, "text": "Please send the report by Friday.", "no_speech_prob": 0.0 });
        Json(
            json!({ "language": "english", "text": "Please send the report by Friday.", "segments": [segment] }),
        )
    };
    let make_insights = move |state: State<_>,
                              headers: axum::http::HeaderMap,
                              body: axum::body::Bytes| async move {
        note(state, "insights", &headers, &body);
        let answer = json!({ "title": "The report", "summary": "I ask for the report.", "chapters": [], "tasks": [] });
        Json(
            json!({ "choices": [{ "message": { "content": answer.to_string() }, "finish_reason": "stop" }] }),
        )
    };
    let routes = Router::new()
        .route("/v1/audio/transcriptions", post(transcribe))
        .route("/v1/chat/completions", post(make_insights))
        .layer(DefaultBodyLimit::disable())
        .with_state(asked.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    EndpointDouble { url, asked }
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_that_the_person_named_transcribe_and_make_insights() {
    let folder = tempfile::tempdir().unwrap();
    let double = endpoint_double().await;
    let endpoint = |model: &str| {
        Some(EndpointSettings {
            url: double.url.parse().unwrap(),
            model: Label::new(model).unwrap(),
            timeout_s: Some(20),
        })
    };
    let settings = SpeechSettings {
        transcription: endpoint("ears"),
        insights: endpoint("brain"),
        ..SpeechSettings::default()
    };
    let setup = setup(folder.path(), settings);
    setup.keys.keep(&double.url.parse().unwrap(), Secret::presented("s3cret")).unwrap();
    let recorder = recorder(folder.path());
    let take = import(&recorder, &beckett(folder.path())).await;
    recorder.use_speech(setup);
    recorder.catch_up();
    let view = until(&recorder, take, |transcript| transcript.title.as_str() == "The report").await;
    assert_eq!(view.transcript.unwrap().cues, 1);
    let transcript = kept(folder.path(), take);
    assert_eq!(
        (transcript.transcribed_by.as_str(), transcript.insights_by.as_str()),
        ("ears", "brain")
    );
    assert_eq!(transcript.cues[0].start_us, Micros::from_millis(500));
    let asked = double.asked.lock().unwrap();
    let paths: Vec<_> = asked.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        ["transcribe Bearer s3cret", "insights Bearer s3cret"],
        "each is asked once, with the key"
    );
}
