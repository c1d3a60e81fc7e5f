//! The transcript beside a take, and notes of clips that nobody wants.

use vignette_model::text::{CueText, Label, Title};
use vignette_model::transcript::{Cue, Insights, MAX_CUES, TranscriptSnapshot, TranscriptVersion};
use vignette_model::{ClipId, Micros};
use vignette_spool::{OrphanClip, SpoolError};

use crate::streams::{TINY, open, spool, take};

fn transcript(cues: usize, done: bool) -> TranscriptSnapshot {
    let cue = |n: usize| Cue {
        start_us: Micros::from_secs(n as u64),
        end_us: Micros::from_secs(n as u64 + 1),
        text: CueText::new("so they say").unwrap(),
        word_starts_us: Vec::new(),
    };
    let insights = Insights { title: Title::new("What they say").unwrap(), ..Insights::default() };
    let (transcribed_by, insights_by) =
        (Label::new("a model").unwrap(), Label::new("extractive").unwrap());
    TranscriptSnapshot {
        revision: 77,
        done,
        language: None,
        transcribed_by,
        cues: (0..cues).map(cue).collect(),
        insights_by,
        chapters_by: None,
        insights,
    }
}

#[test]
fn each_snapshot_is_durable_and_newer_than_the_last() {
    let (dir, spool) = spool();
    let mut writer = spool.begin(take()).unwrap();
    let id = writer.id();
    writer.append(TINY).unwrap();
    assert_eq!((spool.transcript(id), spool.take(id).unwrap().transcript.version), (None, None));
    spool.put_transcript(id, transcript(1, false)).unwrap();
    let take = spool.put_transcript(id, transcript(2, false)).unwrap();
    assert_eq!(
        take.transcript.version,
        Some(TranscriptVersion { version: 2, done: false }),
        "the spool counts, whatever the snapshot says"
    );
    assert_eq!(
        spool.transcript(id),
        Some(TranscriptSnapshot { revision: 2, ..transcript(2, false) })
    );

    // The program dies; the next one finds them and counts on.
    drop(writer);
    drop(spool);
    let spool = open(dir.path());
    spool.recover().unwrap();
    assert_eq!(
        spool.take(id).unwrap().transcript.version,
        Some(TranscriptVersion { version: 2, done: false }),
        "a transcript survives a crash"
    );
    let take = spool.put_transcript(id, transcript(2, true)).unwrap();
    assert_eq!(take.transcript.version, Some(TranscriptVersion { version: 3, done: true }));

    // A lost record must not make the next snapshot look old.
    let folder = spool.stream_path(id).parent().unwrap().to_owned();
    drop(spool);
    std::fs::remove_file(folder.join("take.json")).unwrap();
    let spool = open(dir.path());
    assert_eq!(
        spool.put_transcript(id, transcript(1, true)).unwrap().transcript.version.unwrap().version,
        4
    );
}

#[test]
fn a_damaged_transcript_is_none_and_one_too_large_is_refused() {
    let (_dir, spool) = spool();
    let mut writer = spool.begin(take()).unwrap();
    let id = writer.id();
    writer.append(TINY).unwrap();
    let error = spool
        .put_transcript(id, transcript(MAX_CUES + 1, true))
        .expect_err("more cues than a clip may have");
    assert!(matches!(error, SpoolError::TranscriptTooLarge { .. }), "{error}");
    assert_eq!(spool.transcript(id), None, "what is refused must not be written");
    spool.put_transcript(id, transcript(1, true)).unwrap();
    let path = spool.stream_path(id).with_file_name("transcript.json");
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(20).unwrap();
    assert_eq!(spool.transcript(id), None);
    assert_eq!(
        spool.put_transcript(id, transcript(1, true)).unwrap().transcript.version.unwrap().version,
        2,
        "the record still counts"
    );
}

#[test]
fn an_unwanted_clip_is_remembered_until_it_is_forgotten() {
    let (dir, spool) = spool();
    assert!(spool.orphan_clips().is_empty());
    let [one, two] = [(); 2]
        .map(|()| OrphanClip { library: "http://127.0.0.1:9/".to_owned(), clip: ClipId::new() });
    spool.add_orphan_clip(&one).unwrap();
    spool.add_orphan_clip(&two).unwrap();
    let other = open(dir.path());
    other.remove_orphan_clip(one.clip).unwrap();
    other.remove_orphan_clip(one.clip).expect("to forget twice is fine");
    std::fs::File::create(dir.path().join("unwanted").join("damaged.json")).unwrap();
    assert_eq!(spool.orphan_clips(), [two], "what cannot be read is in nobody's way");
}

#[test]
fn a_transcript_of_the_version_before_is_read_and_replaced() {
    let (_dir, spool) = spool();
    let mut writer = spool.begin(take()).unwrap();
    let id = writer.id();
    writer.append(TINY).unwrap();
    spool.put_transcript(id, transcript(2, true)).unwrap();
    let now = spool.stream_path(id).with_file_name("transcript.json");
    let json = std::fs::read_to_string(&now).unwrap();
    let json = json.replace("transcribed_by", "heard_by").replace("insights_by", "made_by");
    let before = now.with_file_name("words.json");
    vignette_durable::write(&before, json.as_bytes()).unwrap();
    std::fs::remove_file(&now).unwrap();
    assert_eq!(
        spool.transcript(id),
        Some(TranscriptSnapshot { revision: 1, ..transcript(2, true) })
    );
    spool.put_transcript(id, transcript(3, true)).unwrap();
    assert_eq!(
        spool.transcript(id),
        Some(TranscriptSnapshot { revision: 2, ..transcript(3, true) })
    );
    assert!(!before.exists(), "the old file goes once there is a new one");
}
