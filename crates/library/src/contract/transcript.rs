//! The suite of stores: transcripts, and who wrote them.

use vignette_model::text::{ChapterTitle, CueText, Label, Summary, TaskText, Title};
use vignette_model::transcript::{Chapter, Cue, Origin, Task, TranscriptVersion};
use vignette_model::{ClipId, Micros, TakeId};

use super::store::create;
use crate::people::Person;
use crate::store::{CueRow, MachineTexts, RowChange, Store, TranscriptRow, TranscriptState};

pub(super) fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

pub(super) fn cue(start_secs: u64, text: &str) -> CueRow {
    let cue = Cue {
        start_us: Micros::from_secs(start_secs),
        end_us: Micros::from_secs(start_secs + 1),
        text: CueText::new(text).unwrap(),
        word_starts_us: Vec::new(),
    };
    CueRow { cue, edited: false, hidden: false }
}

fn machine() -> Option<Origin> {
    Some(Origin::Machine { model: label("rules") })
}

fn row() -> TranscriptRow {
    let mut timed = cue(2, "'quoted' \"twice\" 42");
    timed.cue.word_starts_us = vec![Micros(2_000_000), Micros(2_400_000), Micros(2_900_000)];
    let edited = CueRow { edited: true, ..cue(4, "42") };
    TranscriptRow {
        version: 1,
        revision: 7,
        done: false,
        language: Some(label("en")),
        transcribed_by: Some(label("tiny")),
        cues: vec![cue(0, "Größe ☃"), timed, edited, CueRow { edited: true, hidden: true, ..cue(6, "not said") }],
        chapters: vec![Chapter { start_us: Micros(0), title: ChapterTitle::new("1").unwrap() }],
        chapters_by: Some(Origin::Person),
        tasks: vec![
            Task { at_us: Micros(5), text: TaskText::new("Do it").unwrap(), owner: Some(label("Ann")), due: None },
            Task { at_us: Micros(5), text: TaskText::new("Again").unwrap(), owner: None, due: Some(label("Friday")) },
        ],
        tasks_by: machine(),
    }
}

pub(super) async fn transcript(store: &dyn Store, ann: &Person) {
    rows(store, ann).await;
    texts(store, ann).await;
}

async fn rows(store: &dyn Store, ann: &Person) {
    let id = create(store, ann, TakeId::new(), "words").await.id;
    let stand = async || store.clip(id).await.unwrap().unwrap().transcript;
    assert_eq!((store.transcript(id).await.unwrap(), stand().await), (None, None), "there is no transcript at first");
    let first = row();
    let early = TranscriptRow { version: 2, ..first.clone() };
    assert!(!store.put_transcript(id, &early, None).await.unwrap(), "there is no version before it");
    assert!(store.put_transcript(id, &first, None).await.unwrap());
    assert_eq!(store.transcript(id).await.unwrap().as_ref(), Some(&first), "what is written is read");
    let mark = TranscriptVersion { version: 1, done: false };
    assert_eq!(stand().await, Some(TranscriptState { mark, cues: true, chapters: true }));
    assert!(!store.put_transcript(id, &first, None).await.unwrap(), "of two writers over one version one wins");
    assert!(!store.put_transcript(id, &TranscriptRow { version: 3, ..first.clone() }, None).await.unwrap());
    assert!(!store.put_transcript(ClipId::new(), &first, None).await.unwrap(), "what is not there has no words");
    assert!(!store.put_transcript(ClipId::new(), &early, None).await.unwrap());
    assert_eq!(store.transcript(id).await.unwrap(), Some(first.clone()), "a refused transcript changes nothing");

    let second = TranscriptRow {
        version: 2,
        revision: 8,
        done: true,
        language: None,
        cues: vec![CueRow { edited: true, hidden: true, ..cue(0, "Größe ☃") }, first.cues[1].clone()],
        chapters: Vec::new(),
        tasks: first.tasks.iter().rev().cloned().collect(),
        tasks_by: Some(Origin::Person),
        ..first
    };
    assert!(store.put_transcript(id, &second, None).await.unwrap());
    assert_eq!(store.transcript(id).await.unwrap().as_ref(), Some(&second));
    let third = TranscriptRow { version: 3, cues: second.cues[..1].to_vec(), ..second };
    assert!(store.put_transcript(id, &third, None).await.unwrap());
    let mark = TranscriptVersion { version: 3, done: true };
    assert_eq!(stand().await, Some(TranscriptState { mark, cues: false, chapters: false }), "what is hidden is not to be shown");

    assert!(store.delete_clip(id).await.unwrap());
    assert_eq!(store.transcript(id).await.unwrap(), None, "the transcript goes with its clip");

    // Many at once: exactly one counts.
    let id = create(store, ann, TakeId::new(), "words race").await.id;
    let (one, two) = (row(), TranscriptRow { revision: 9, ..row() });
    let won = tokio::join!(
        store.put_transcript(id, &one, None),
        store.put_transcript(id, &two, None),
        store.put_transcript(id, &one, None)
    );
    let won = [won.0, won.1, won.2].into_iter().filter(|won| *won.as_ref().unwrap()).count();
    assert_eq!(won, 1, "the compare-and-swap lets one through");
}

async fn texts(store: &dyn Store, ann: &Person) {
    let (insights_by, text) = (label("rules"), |text| (Title::new(text).unwrap(), Summary::new(text).unwrap()));
    let clip = create(store, ann, TakeId::new(), "texts").await;
    assert_eq!((clip.title_by, clip.summary_by), (Some(Origin::Person), None), "what is there when it is made is a person's");
    let put = async |version, (title, summary): (Title, Summary)| {
        let texts = MachineTexts { title: &title, summary: &summary, insights_by: &insights_by };
        assert!(store.put_transcript(clip.id, &TranscriptRow { version, ..row() }, Some(texts)).await.unwrap());
        store.clip(clip.id).await.unwrap().unwrap()
    };
    let now = put(1, text("Machine")).await;
    assert_eq!((&now.title, now.title_by), (&clip.title, Some(Origin::Person)), "a person's title stays");
    assert_eq!((now.summary.as_str(), now.summary_by), ("Machine", machine()), "what nobody wrote a machine fills");
    let now = put(2, text("")).await;
    assert_eq!((now.summary.as_str(), now.summary_by), ("", None), "the next snapshot replaces what a machine wrote");
    put(3, text("Machine")).await;
    let empty = RowChange { summary: Some(Summary::default()), ..RowChange::default() };
    let now = store.change_clip(clip.id, &empty).await.unwrap().unwrap();
    assert_eq!((now.summary.as_str(), now.summary_by), ("", Some(Origin::Person)));
    let now = put(4, text("Machine again")).await;
    assert_eq!((now.summary.as_str(), now.summary_by), ("", Some(Origin::Person)), "what a person emptied stays empty");
    let late = MachineTexts { title: &Title::default(), summary: &Summary::default(), insights_by: &insights_by };
    let untitled = RowChange { title: Some(Title::default()), ..RowChange::default() };
    store.change_clip(clip.id, &untitled).await.unwrap();
    assert!(!store.put_transcript(clip.id, &TranscriptRow { version: 4, ..row() }, Some(late)).await.unwrap());
    let now = store.clip(clip.id).await.unwrap().unwrap();
    assert_eq!((now.title.as_str(), now.title_by), ("", Some(Origin::Person)));
}
