//! A spool of the version before: everything in it is there, and it is written in the form of now
//! once a program has the takes.

use std::path::Path;

use serde_json::Value;
use vignette_model::{Micros, Span, TakeId, UtcMicros};
use vignette_spool::{OrphanClip, Spool, Take};

use crate::streams::open;

const SENT: &str = "01a21c77-6aef-729b-b104-7ad03d2a5eea";
const WAITING: &str = "01a21c77-6da9-7714-b5a4-4b4cf8aa5ea5";

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the fixture").map(|entry| entry.expect("an entry"))
    {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("a copy");
        }
    }
}

fn id(text: &str) -> TakeId {
    text.parse().expect("an id")
}

fn take(spool: &Spool, text: &str) -> Take {
    spool.take(id(text)).expect("a take")
}

/// Everything that the fixture holds, as a spool of now shows it.
fn assert_everything_is_there(spool: &Spool) {
    assert_eq!(spool.takes().len(), 2);
    let sent = take(spool, SENT);
    assert_eq!(sent.details.title.as_str(), "A walk through");
    assert_eq!(sent.details.summary.as_str(), "Three *things*");
    assert_eq!(
        (sent.details.live, sent.details.recorded_at_us),
        (false, UtcMicros(1_795_773_917_935_189))
    );
    let stream = &sent.stream;
    assert_eq!((stream.complete, stream.interrupted, stream.poster), (true, false, true));
    assert_eq!((stream.size_bytes, stream.duration_us), (3_185, Span::from_secs(2)));
    assert!(stream.sha256.is_some());
    assert_eq!((sent.upload.acked_bytes, sent.upload.sealed), (3_185, true));
    let clip = sent.upload.clip.expect("its clip");
    assert_eq!(clip.link, "http://127.0.0.1:8455/c/nvyecoqlwgh4gmcrn2iyc5shzi");
    let synced = sent.upload.synced.expect("what the library was sent");
    assert_eq!(
        (synced.title.as_str(), synced.stopped, synced.poster, synced.transcript),
        ("A walk through", true, true, 1)
    );
    assert!(sent.transcript.plan.no_transcript);
    assert_eq!(
        sent.transcript.version.map(|version| (version.version, version.done)),
        Some((1, true))
    );

    let waiting = take(spool, WAITING);
    assert_eq!((waiting.details.title.as_str(), waiting.details.live), ("film", true));
    assert_eq!(waiting.details.paused, [(Micros(1_200_000), Span(1_700_000))]);
    assert!(waiting.stream.interrupted);
    assert_eq!(waiting.upload.library.as_deref(), Some("http://127.0.0.1:9/"));
    assert!(
        waiting.upload.clip.is_none() && waiting.upload.synced.is_none() && !waiting.upload.sealed
    );
    let plan = waiting.transcript.plan;
    assert_eq!((plan.no_transcript, plan.untranscribed), (false, true));
    let attempts = plan.attempts.expect("attempts");
    assert_eq!((attempts.model.as_str(), attempts.times), ("whisper-tiny.en-Q8_0", 2));

    for text in [SENT, WAITING] {
        let transcript = spool.transcript(id(text)).expect("a transcript");
        let cues: Vec<_> = transcript.cues.iter().map(|cue| cue.text.as_str()).collect();
        assert_eq!((cues, transcript.insights.chapters.len()), (vec!["Hello there", "Bye"], 2));
        assert!(spool.poster(id(text)).is_some());
        assert_eq!(
            spool.pieces(id(text)).expect("the stream").last().map(|piece| piece.end),
            Some(3_185)
        );
    }
    let clip = "01a21c77-6c5c-74b4-85be-cee1ef424db6".parse().expect("an id");
    assert_eq!(
        spool.orphan_clips(),
        [OrphanClip { library: "https://clips.example.org/".to_owned(), clip }]
    );
}

#[test]
fn a_spool_of_the_version_before_opens_with_everything_in_it() {
    let dir = tempfile::tempdir().expect("a folder");
    copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/spool-0.1")), dir.path());
    let spool = open(dir.path());
    assert_everything_is_there(&spool);

    assert!(spool.claim(id(SENT)) && spool.claim(id(WAITING)));
    assert_everything_is_there(&spool);
    for text in [SENT, WAITING] {
        let folder = dir.path().join("takes").join(text);
        let record: Value =
            serde_json::from_slice(&std::fs::read(folder.join("take.json")).expect("a record"))
                .expect("JSON");
        assert!(
            record["details"].is_object() && record["recorded_at_us"].is_null(),
            "it is in parts now: {record:#}"
        );
        assert!(folder.join("transcript.json").exists() && !folder.join("words.json").exists());
    }
    drop(spool);
    assert_everything_is_there(&open(dir.path()));
}
