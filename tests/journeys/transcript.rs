//! Transcripts, the whole way: a voice is played into a real sound server's microphone, recorded, written down by a real speech
//! model, and read in the library.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use vignette_tests::media::Media;
use vignette_tests::process::now;
use vignette_tests::program::Program;
use vignette_tests::sound::Sound;
use vignette_tests::speech::{self, SCRIPT, TWO_CITIES, aligned, word_error_rate};

/// From stop to the whole transcript in the library, at most. The goal is 2 s; this machine may be busy.
const SOON: Duration = Duration::from_secs(20);
/// What is on the picture is of no matter here.
const SMALL: [&str; 6] = ["--screen", "synthetic", "--camera", "off", "--fps", "5"];

/// A home with the small English model in use.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a home");
    let model = speech::file("whisper-tiny.en.bin");
    let model = model.to_str().expect("a plain path");
    let (status, said) = Program::vignette(home.path(), &["models", "use", model], &[])
        .finish(Duration::from_secs(60));
    assert!(
        status.success() && said[0]["model"] == "whisper-tiny.en",
        "the model is in use: {said:#?}"
    );
    home
}

/// Records what is played into a microphone.
fn record(home: &Path, sound: &Sound, more: &[&str]) -> Program {
    let args = [&["record"], &SMALL[..], more].concat();
    Program::recording(home, &args, &[("PULSE_SERVER", &sound.address)])
}

/// Starts the library and waits until it is there.
fn library(home: &Path) -> Program {
    let mut library = Program::vignette(home, &["library"], &[]);
    library.wait_for_event("serving", Duration::from_secs(30));
    library
}

/// What the library has of a clip's transcript, if anything.
async fn transcript_of(link: &str) -> Option<Value> {
    let answer = reqwest::get(link.replacen("/c/", "/api/v1/c/", 1) + "/transcript").await.ok()?;
    if answer.status().is_success() { answer.json().await.ok() } else { None }
}

/// Waits until the library has the whole transcript of a clip.
async fn whole_transcript(link: &str, patience: Duration) -> Value {
    let until = now() + patience;
    loop {
        let transcript = transcript_of(link).await;
        match transcript {
            Some(transcript) if transcript["done"] == true => return transcript,
            transcript if now() > until => {
                panic!("the transcript did not arrive within {patience:?}: {transcript:#?}")
            }
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// A cue: when it begins and ends in seconds, and what it says.
fn cues(transcript: &Value) -> Vec<(f64, f64, String)> {
    let seconds = |time: &Value| time.as_f64().expect("microseconds") / 1e6;
    let cue = |cue: &Value| {
        (
            seconds(&cue["start_us"]),
            seconds(&cue["end_us"]),
            cue["text"].as_str().expect("text").to_owned(),
        )
    };
    transcript["cues"].as_array().expect("cues").iter().map(cue).collect()
}

fn text(transcript: &Value) -> String {
    cues(transcript).into_iter().map(|(_, _, text)| text + " ").collect()
}

/// A sentence that is spoken: its words, and when it begins and ends.
#[derive(Debug)]
struct Sentence {
    words: Vec<String>,
    from: f64,
    to: f64,
}

/// Has sentences spoken into one file with pauses between, and says when each of them is.
fn spoken(folder: &Path, sentences: &[&str]) -> (std::path::PathBuf, Vec<Sentence>) {
    const RATE: usize = 48_000;
    let mut samples = vec![0_i16; RATE];
    let mut truth = Vec::new();
    for (n, sentence) in sentences.iter().enumerate() {
        let wav = folder.join(format!("{n}.wav"));
        speech::speak(sentence, "en-us", &wav);
        let loud = |sample: &i16| sample.unsigned_abs() > 300;
        let voice = raw(&wav);
        let (from, to) = (
            voice.iter().position(loud).expect("a voice"),
            voice.iter().rposition(loud).expect("a voice"),
        );
        let begins = samples.len();
        samples.extend_from_slice(&voice[from..to]);
        #[expect(clippy::cast_precision_loss, reason = "minutes at most")]
        let seconds = |samples: usize| samples as f64 / RATE as f64;
        truth.push(Sentence {
            words: speech::words(sentence),
            from: seconds(begins),
            to: seconds(samples.len()),
        });
        samples.resize(samples.len() + RATE * [4, 6, 9, 15][n % 4] / 10, 0);
    }
    let file = folder.join("script.wav");
    let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let raw = folder.join("script.raw");
    #[expect(clippy::disallowed_methods, reason = "a file of the rig, gone with it")]
    std::fs::write(&raw, bytes).expect("the sound is written");
    let mut sox = Command::new("sox");
    sox.args(["-q", "-t", "raw", "-r", "48000", "-e", "signed", "-b", "16", "-c", "1"])
        .arg(&raw)
        .arg(&file);
    assert!(sox.status().expect("sox runs").success(), "the sound is made");
    (file, truth)
}

/// The samples of a sound file at 48 kHz.
fn raw(wav: &Path) -> Vec<i16> {
    let mut sox = Command::new("sox");
    sox.arg("-q")
        .arg(wav)
        .args(["-t", "raw", "-r", "48000", "-e", "signed", "-b", "16", "-c", "1", "-"]);
    let out = sox.stderr(Stdio::null()).output().expect("sox runs");
    out.stdout.as_chunks::<2>().0.iter().map(|two| i16::from_le_bytes(*two)).collect()
}

/// The first moment of a clip at which something is to be heard, in seconds: all before is digital silence.
fn first_sound(clip: &Path) -> f64 {
    let samples = Media::at(clip).sound();
    let at = samples.iter().position(|sample| sample.abs() > 0.01).expect("something is heard");
    #[expect(clippy::cast_precision_loss, reason = "minutes at most")]
    let seconds = at as f64 / 48_000.0;
    seconds
}

/// The stream of the only take.
fn stream(home: &Path) -> std::path::PathBuf {
    let take = std::fs::read_dir(home.join("spool/takes"))
        .expect("takes")
        .find_map(Result::ok)
        .expect("a take");
    take.path().join("stream.mp4")
}

/// How many cues begin and end at the right time, to half a second, of how many that can be told. Of a cue that begins or
/// ends within a sentence nobody knows better than that it has to lie there.
fn on_time(transcript: &Value, truth: &[Sentence]) -> (usize, usize) {
    let places: Vec<(&Sentence, bool, bool)> = truth
        .iter()
        .flat_map(|sentence| {
            (0..sentence.words.len())
                .map(move |n| (sentence, n == 0, n + 1 == sentence.words.len()))
        })
        .collect();
    let script: Vec<String> = truth.iter().flat_map(|sentence| sentence.words.clone()).collect();
    let said: Vec<_> = cues(transcript)
        .into_iter()
        .map(|(from, to, text)| (from, to, speech::words(&text)))
        .collect();
    let mut heard =
        aligned(&script, &said.iter().flat_map(|(_, _, words)| words.clone()).collect::<Vec<_>>())
            .into_iter();
    let (mut right, mut all) = (0, 0);
    for (from, to, words) in &said {
        let of_cue: Vec<usize> = heard.by_ref().take(words.len()).flatten().collect();
        let (Some(&first), Some(&last)) = (of_cue.first(), of_cue.last()) else { continue };
        let ((starts_in, begins, _), (ends_in, _, ends)) = (places[first], places[last]);
        let near = |at: f64, place: f64| (at - place).abs() <= 0.5;
        let within =
            |at: f64, sentence: &Sentence| (sentence.from - 0.5..sentence.to + 0.5).contains(&at);
        let starts_right =
            if begins { near(*from, starts_in.from) } else { within(*from, starts_in) };
        let ends_right = if ends { near(*to, ends_in.to) } else { within(*to, ends_in) };
        all += 1;
        right += usize::from(starts_right && ends_right);
        if !(starts_right && ends_right) {
            eprintln!(
                "off: {from:.2} to {to:.2} instead of {:.2} to {:.2}: {words:?}",
                starts_in.from, ends_in.to
            );
        }
    }
    (right, all)
}

#[track_caller]
fn assert_on_time(transcript: &Value, truth: &[Sentence]) {
    let (right, all) = on_time(transcript, truth);
    eprintln!("{right} of {all} cues are on time");
    assert!(all * 10 >= cues(transcript).len() * 8, "most cues are of the script");
    assert!(
        right * 10 >= all * 9,
        "{right} of {all} cues are within half a second of the truth: {:#?}",
        cues(transcript)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_voice_is_read_in_the_library_when_the_recording_stops() {
    let (home, sound) = (home(), Sound::start());
    let mut library = library(home.path());
    let mut recording = record(home.path(), &sound, &[]);
    let link = recording.seen("link")["link"].as_str().expect("a link").to_owned();
    sound.play(&speech::file("two_cities.wav")).wait(Duration::from_secs(90));
    recording.process().signal("INT");
    let stopped = now();
    let transcript = whole_transcript(&link, SOON).await;
    eprintln!("the transcript was in the library {:?} after stop", stopped.elapsed());
    let wrong = word_error_rate(TWO_CITIES, &text(&transcript));
    eprintln!("{:.1} % of the words are wrong", wrong * 100.0);
    assert!(wrong <= 0.05, "{:.1} % of the words are wrong: {}", wrong * 100.0, text(&transcript));
    assert_eq!(
        (&transcript["language"], &transcript["transcribed_by"]),
        (&"en".into(), &"whisper-tiny.en".into())
    );
    let (status, said) = recording.finish(Duration::from_secs(60));
    assert!(status.success(), "{said:#?}");
    let told = said.iter().find(|v| v["event"] == "transcript").expect("the transcript is said");
    assert_eq!(told["transcript"]["sent"], true, "{told:#?}");
    assert!(!told["transcript"]["summary"].as_str().expect("a summary").is_empty(), "{told:#?}");
    library.process().signal("INT");
    library.finish(Duration::from_secs(15));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_written_down_at_the_right_second() {
    let (home, sound) = (home(), Sound::start());
    let (file, mut truth) = spoken(home.path(), &SCRIPT.lines().collect::<Vec<_>>());
    let mut library = library(home.path());
    let mut recording = record(home.path(), &sound, &[]);
    let link = recording.seen("link")["link"].as_str().expect("a link").to_owned();
    sound.play(&file).wait(Duration::from_secs(180));
    recording.process().signal("INT");
    let transcript = whole_transcript(&link, SOON).await;
    recording.finish(Duration::from_secs(60));
    let wrong = word_error_rate(SCRIPT, &text(&transcript));
    eprintln!("{:.1} % of the words are wrong", wrong * 100.0);
    // The small model itself gets 5 to 10 % of this script wrong, by how many milliseconds after its beginning the file is heard.
    assert!(wrong <= 0.12, "{:.1} % of the words are wrong: {}", wrong * 100.0, text(&transcript));
    let later = first_sound(&stream(home.path())) - truth[0].from;
    for sentence in &mut truth {
        (sentence.from, sentence.to) = (sentence.from + later, sentence.to + later);
    }
    assert_on_time(&transcript, &truth);
    library.process().signal("INT");
    library.finish(Duration::from_secs(15));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_pause_in_the_middle_of_a_sentence_cues_point_at_the_right_second() {
    let (home, sound) = (home(), Sound::start());
    let lines: Vec<&str> = SCRIPT.lines().take(9).collect();
    let (file, mut truth) = spoken(home.path(), &lines);
    let mut recording = record(home.path(), &sound, &["--control"]);
    let playing = now();
    let mut player = sound.play(&file);
    // In the middle of the third sentence, until the middle of the sixth.
    for (ask, sentence) in [("pause", &truth[2]), ("resume", &truth[5])] {
        let at = Duration::from_secs_f64(f64::midpoint(sentence.from, sentence.to));
        tokio::time::sleep(at.saturating_sub(playing.elapsed())).await; // The instants are the point of the test.
        recording.process().tell(ask);
    }
    player.wait(Duration::from_secs(120));
    recording.process().tell("stop");
    let (status, said) = recording.finish(Duration::from_secs(60));
    assert!(status.success(), "{said:#?}");

    let folder = stream(home.path()).with_file_name("take.json");
    let take: Value =
        serde_json::from_slice(&std::fs::read(folder).expect("the record")).expect("JSON");
    let seconds = |time: &Value| time.as_f64().expect("microseconds") / 1e6;
    let (at, left_out) =
        (seconds(&take["details"]["paused"][0][0]), seconds(&take["details"]["paused"][0][1]));
    let later = first_sound(&stream(home.path())) - truth[0].from;
    // What was captured before the pause stays where it was; what came after moves up.
    let clip_time = |time: f64| {
        if time + later < at { time + later } else { (time + later - left_out).max(at) }
    };
    for sentence in &mut truth {
        (sentence.from, sentence.to) = (clip_time(sentence.from), clip_time(sentence.to));
    }
    truth.retain(|sentence| sentence.to - sentence.from > 0.1);
    assert_eq!(truth.len(), 7, "two whole sentences fall into the pause: {truth:#?}");
    let mut library = library(home.path());
    let link = said.iter().find_map(|v| v["link"].as_str()).expect("a link").to_owned();
    let transcript = whole_transcript(&link, SOON).await;
    assert_on_time(&transcript, &truth);
    let heard = text(&transcript).to_lowercase();
    assert!(
        heard.contains("walk you through") && heard.contains("search field"),
        "both sides of it: {heard}"
    );
    assert!(
        !heard.contains("corner") && !heard.contains("invoices of the last"),
        "nothing of the pause: {heard}"
    );
    library.process().signal("INT");
    library.finish(Duration::from_secs(15));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_recording_gets_its_transcript_afterwards() {
    let (home, sound) = (home(), Sound::start());
    let mut recording = record(home.path(), &sound, &[]);
    let link = recording.seen("link")["link"].as_str().expect("a link").to_owned();
    let _player = sound.play(&speech::file("two_cities.wav"));
    tokio::time::sleep(Duration::from_secs(22)).await; // Long enough for a first piece, and for half of one more.
    recording.process().signal("KILL");
    drop(recording);
    let (status, said) =
        Program::vignette(home.path(), &["transcribe"], &[]).finish(Duration::from_secs(120));
    assert!(status.success(), "{said:#?}");
    let mut library = library(home.path());
    let transcript = whole_transcript(&link, SOON).await;
    let heard = text(&transcript);
    let count = speech::words(&heard).len();
    let truth: Vec<_> = speech::words(TWO_CITIES).into_iter().take(count).collect();
    let wrong = word_error_rate(&truth.join(" "), &heard);
    assert!(count >= 35, "nearly twenty seconds were recorded: {heard}");
    assert!(wrong <= 0.1, "what was recorded until then is written down: {heard}");
    library.process().signal("INT");
    library.finish(Duration::from_secs(15));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_of_a_voice_gets_a_transcript_and_without_a_model_everything_else_works() {
    let bare = tempfile::tempdir().expect("a home without a model");
    let film = bare.path().join("film.mp4");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc=s=320x180:r=10", "-i"])
        .arg(speech::file("beckett.wav"));
    ffmpeg.args(["-shortest", "-pix_fmt", "yuv420p"]).arg(&film);
    assert!(
        ffmpeg.stdin(Stdio::null()).status().expect("ffmpeg runs").success(),
        "the film is made"
    );
    let film = film.to_str().expect("a plain path");

    let args = [&["record", "--microphone", "synthetic", "--duration", "2s"], &SMALL[..]].concat();
    let (status, said) = Program::vignette(bare.path(), &args, &[]).finish(Duration::from_secs(60));
    assert!(status.success(), "the clip is safe without a transcript: {said:#?}");
    let state =
        said.iter().find(|v| v["event"] == "transcript_progress").expect("what is missing is said");
    assert_eq!(state["progress"]["state"], "no_model");
    let help = state["progress"]["problem"]["help"].as_str().expect("help");
    assert!(help.contains("vignette models get"), "and how to get it: {help}");
    let (status, said) =
        Program::vignette(bare.path(), &["upload", film], &[]).finish(Duration::from_secs(60));
    assert!(status.success(), "{said:#?}");

    let home = home();
    let (status, said) =
        Program::vignette(home.path(), &["upload", film], &[]).finish(Duration::from_secs(60));
    assert!(status.success(), "{said:#?}");
    let link = said.iter().find_map(|v| v["link"].as_str()).expect("a link").to_owned();
    let mut library = library(home.path());
    let transcript = whole_transcript(&link, SOON).await;
    assert!(word_error_rate(speech::BECKETT, &text(&transcript)) <= 0.05, "{}", text(&transcript));
    library.process().signal("INT");
    library.finish(Duration::from_secs(15));
}
