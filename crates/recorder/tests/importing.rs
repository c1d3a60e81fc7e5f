//! Video files that are taken in: what they say of themselves is kept with the take.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use vignette_model::SystemClock;
use vignette_model::text::{Summary, Title};
use vignette_recorder::{Credentials, ImportedFile, Options, Recorder, library_url};

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

fn write(path: &Path, bytes: &[u8]) {
    File::create(path).unwrap().write_all(bytes).unwrap();
}

/// A file with two subtitles, two chapters, another sound track and a date.
fn film(folder: &Path, more: &[&str]) -> PathBuf {
    let (srt, meta, path) =
        (folder.join("words.srt"), folder.join("meta.txt"), folder.join("Weekly update.mp4"));
    write(
        &srt,
        b"1\n00:00:01,000 --> 00:00:02,000\nHello there\n\n2\n00:00:03,000 --> 00:00:04,000\nBye\n",
    );
    let chapter = |start: u32, title: &str| {
        format!("[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={}\ntitle={title}\n", start + 3000)
    };
    write(&meta, format!(";FFMETADATA1\n{}{}", chapter(0, "One"), chapter(3000, "Two")).as_bytes());
    let mut command = Command::new("ffmpeg");
    command.args([
        "-v",
        "error",
        "-y",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=64x64:r=10",
        "-f",
        "lavfi",
        "-i",
        "sine=r=48000",
        "-i",
    ]);
    command
        .arg(&srt)
        .arg("-i")
        .arg(&meta)
        .args(["-map", "0:v", "-map", "1:a", "-map", "1:a", "-map_chapters", "3"])
        .args(more);
    command
        .args(["-metadata", "creation_time=2019-05-04T10:20:30Z", "-pix_fmt", "yuv420p", "-t", "6"])
        .arg(&path);
    assert!(
        command.stdin(Stdio::null()).status().expect("ffmpeg is installed").success(),
        "the film is made"
    );
    path
}

async fn import(folder: &Path, file: &Path) -> (ImportedFile, [Value; 2]) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = told.clone();
    let recorder = recorder(folder);
    let imported = recorder.import(file, Title::default(), Summary::default(), move |progress| {
        tell.lock().unwrap().push(progress)
    });
    let imported = imported.await.unwrap();
    let told = told.lock().unwrap();
    assert!(told.windows(2).all(|pair| pair[0].done <= pair[1].done), "it goes forward: {told:?}");
    assert!(
        told.last().is_some_and(|last| last.done.0 * 10 >= last.of.0 * 9),
        "to the end: {told:?}"
    );
    let read = |name: &str| {
        let text = std::fs::read(folder.join(format!("spool/takes/{}/{name}", imported.take)));
        text.map_or(Value::Null, |text| serde_json::from_slice(&text).unwrap())
    };
    (imported.clone(), [read("take.json"), read("transcript.json")])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_says_of_itself_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = film(folder.path(), &["-map", "2:s", "-c:s", "mov_text"]);
    let (imported, [take, transcript]) = import(folder.path(), &file).await;
    assert_eq!(take["details"]["title"], "Weekly update");
    assert_eq!(take["details"]["recorded_at_us"], 1_556_965_230_000_000_i64);
    assert_eq!(
        (&take["stream"]["interrupted"], &take["transcript"]["plan"]["untranscribed"]),
        (&Value::Bool(false), &Value::Bool(false))
    );
    assert_eq!(
        (&transcript["transcribed_by"], &transcript["chapters_by"], &transcript["done"]),
        (&"file".into(), &"file".into(), &true.into())
    );
    let texts: Vec<_> = transcript["cues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cue| cue["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["Hello there", "Bye"]);
    let chapters = transcript["insights"]["chapters"].as_array().unwrap();
    assert_eq!(
        chapters.iter().map(|chapter| chapter["title"].as_str().unwrap()).collect::<Vec<_>>(),
        ["One", "Two"]
    );
    assert_eq!(
        imported.remarks(),
        [
            "Left out of the file: another sound track (aac).",
            "The file brought 2 chapters and 2 captions."
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_of_a_file_with_chapters_alone_is_still_to_be_heard() {
    let folder = tempfile::tempdir().unwrap();
    let (imported, [take, transcript]) = import(folder.path(), &film(folder.path(), &[])).await;
    assert_eq!((imported.chapters, imported.captions), (2, 0));
    assert_eq!(
        (
            &take["transcript"]["plan"]["untranscribed"],
            transcript["cues"].as_array().unwrap().len()
        ),
        (&Value::Bool(true), 0)
    );
    assert_eq!(transcript["chapters_by"], "file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_end_is_missing_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let file = film(folder.path(), &["-movflags", "+faststart"]);
    let bytes = std::fs::read(&file).unwrap();
    let short = folder.path().join("short.mp4");
    write(&short, &bytes[..bytes.len() * 7 / 10]);
    let (imported, [take, _]) = import(folder.path(), &short).await;
    assert!(imported.short);
    assert_eq!(
        (&take["details"]["title"], &take["stream"]["interrupted"]),
        (&"short".into(), &Value::Bool(true))
    );
    assert_eq!(
        imported.remarks()[0],
        "The file ends before it should; what could be read of it is here."
    );
}
