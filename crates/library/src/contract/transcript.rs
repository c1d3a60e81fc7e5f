//! Promises of stores: transcripts, and who wrote them.

use vignette_model::text::{ChapterTitle, Summary, TaskText, Title};
use vignette_model::transcript::{Chapter, Origin, Task, TranscriptVersion};
use vignette_model::{ClipId, Micros, TakeId};

use super::fixture::{NOW, a_clip, create, cue, label, now, olga};
use crate::store::{Clip, CueRow, MachineTexts, RowChange, Store, TranscriptRow, TranscriptState};

fn machine() -> Option<Origin> {
    Some(Origin::Machine { model: label("rules") })
}

/// A first version in which every column says something.
fn first() -> TranscriptRow {
    let mut timed = cue(2, "'quoted' \"twice\" 42");
    timed.cue.word_starts_us = vec![Micros(2_000_000), Micros(2_400_000), Micros(2_900_000)];
    let edited = CueRow { edited: true, ..cue(4, "42") };
    let hidden = CueRow { edited: true, hidden: true, ..cue(6, "not said") };
    let task = |text: &str, owner: Option<&str>, due: Option<&str>| Task {
        at_us: Micros(5),
        text: TaskText::new(text).unwrap(),
        owner: owner.map(label),
        due: due.map(label),
    };
    TranscriptRow {
        version: 1,
        revision: 7,
        done: false,
        language: Some(label("en")),
        transcribed_by: Some(label("tiny")),
        cues: vec![cue(0, "Größe ☃"), timed, edited, hidden],
        chapters: vec![Chapter { start_us: Micros(0), title: ChapterTitle::new("1").unwrap() }],
        chapters_by: Some(Origin::Person),
        tasks: vec![task("Do it", Some("Ann"), None), task("Again", None, Some("Friday"))],
        tasks_by: machine(),
    }
}

/// A second version, of which every column says something else.
fn second() -> TranscriptRow {
    let first = first();
    let hidden = CueRow { edited: true, hidden: true, ..cue(0, "Größe ☃") };
    TranscriptRow {
        version: 2,
        revision: 8,
        done: true,
        language: None,
        transcribed_by: Some(label("base")),
        cues: vec![hidden, first.cues[1].clone()],
        chapters: Vec::new(),
        chapters_by: None,
        tasks: first.tasks.into_iter().rev().collect(),
        tasks_by: Some(Origin::Person),
    }
}

async fn put(store: &dyn Store, id: ClipId, words: &TranscriptRow) -> bool {
    store.put_transcript(id, words, None).await.unwrap()
}

pub async fn what_is_written_is_read(store: &dyn Store) {
    let id = a_clip(store).await;
    assert_eq!(
        (store.transcript(id).await.unwrap(), now(store, id).await.transcript),
        (None, None)
    );
    for words in [first(), second()] {
        assert!(put(store, id, &words).await);
        assert_eq!(store.transcript(id).await.unwrap(), Some(words));
    }
    assert!(!put(store, ClipId::new(), &first()).await, "what is not there has no words");
}

pub async fn one_writer_over_a_version_wins(store: &dyn Store) {
    let id = a_clip(store).await;
    assert!(!put(store, id, &second()).await, "there is no version before it");
    assert!(put(store, id, &first()).await);
    assert!(!put(store, id, &first()).await);
    assert!(!put(store, id, &TranscriptRow { version: 3, ..second() }).await);
    assert_eq!(
        store.transcript(id).await.unwrap(),
        Some(first()),
        "what is refused changes nothing"
    );
}

pub async fn of_many_writers_at_once_one_wins(store: &dyn Store) {
    let id = a_clip(store).await;
    let (one, two) = (first(), TranscriptRow { revision: 9, ..first() });
    let won = tokio::join!(put(store, id, &one), put(store, id, &two), put(store, id, &one));
    let won = [won.0, won.1, won.2].into_iter().filter(|won| *won).count();
    assert_eq!(won, 1, "the compare-and-swap lets one through");
}

pub async fn what_is_hidden_is_not_counted_as_shown(store: &dyn Store) {
    let id = a_clip(store).await;
    assert!(put(store, id, &first()).await);
    let mark = TranscriptVersion { version: 1, done: false };
    let stand = TranscriptState { mark, cues: true, chapters: true };
    assert_eq!(now(store, id).await.transcript, Some(stand));
    let mut hidden = second();
    hidden.cues.truncate(1);
    assert!(put(store, id, &hidden).await);
    let mark = TranscriptVersion { version: 2, done: true };
    let stand = TranscriptState { mark, cues: false, chapters: false };
    assert_eq!(now(store, id).await.transcript, Some(stand));
}

pub async fn a_transcript_goes_with_its_clip(store: &dyn Store) {
    let id = a_clip(store).await;
    assert!(put(store, id, &first()).await);
    assert!(store.delete_clip(id, NOW).await.unwrap());
    assert_eq!(store.transcript(id).await.unwrap(), None);
}

/// Has a machine write title and summary, both `text`, with a version.
async fn machine_writes(store: &dyn Store, id: ClipId, version: u64, text: &str) -> Clip {
    let (title, summary) = (Title::new(text).unwrap(), Summary::new(text).unwrap());
    let texts = MachineTexts { title: &title, summary: &summary, insights_by: &label("rules") };
    let words = TranscriptRow { version, ..first() };
    assert!(store.put_transcript(id, &words, Some(texts)).await.unwrap());
    now(store, id).await
}

pub async fn a_machine_writes_where_no_person_did(store: &dyn Store) {
    let author = olga(store).await;
    let clip = create(store, &author, TakeId::new(), "upload").await;
    assert_eq!((clip.title_by, clip.summary_by), (Some(Origin::Person), None));
    let now = machine_writes(store, clip.id, 1, "Machine").await;
    assert_eq!((&now.title, now.title_by), (&clip.title, Some(Origin::Person)));
    assert_eq!((now.summary.as_str(), now.summary_by), ("Machine", machine()));
    let now = machine_writes(store, clip.id, 2, "").await;
    assert_eq!((now.summary.as_str(), now.summary_by), ("", None), "its next replaces its last");
}

pub async fn what_a_person_emptied_stays_empty(store: &dyn Store) {
    let id = a_clip(store).await;
    machine_writes(store, id, 1, "Machine").await;
    let (title, summary) = (Some(Title::default()), Some(Summary::default()));
    let emptied = RowChange { title, summary, ..RowChange::default() };
    let person = Some(Origin::Person);
    let clip = store.change_clip(id, &emptied).await.unwrap().unwrap();
    assert_eq!((&clip.title_by, &clip.summary_by), (&person, &person));
    let clip = machine_writes(store, id, 2, "Machine").await;
    assert_eq!((clip.title.as_str(), clip.summary.as_str()), ("", ""));
    assert_eq!((&clip.title_by, &clip.summary_by), (&person, &person));
}
