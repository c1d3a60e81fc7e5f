//! Machines and people who write in any order, and searches of anything.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vignette_library::store::TranscriptRows as _;
use vignette_model::Micros;
use vignette_model::api::ClipChange;
use vignette_model::text::{CueText, Summary, Title};
use vignette_model::transcript::{Cue, CueChange, Insights, TranscriptChange, TranscriptSnapshot};

use super::{chapter, cue, snapshot, task};
use crate::rig::{STREAM, World};

/// What a machine or a person may do.
#[derive(Clone, Debug)]
enum Act {
    Machine(u64),
    Cue(prop::sample::Index, Option<u8>),
    Title(u8),
    Summary(u8),
    Chapters(u8),
    Tasks(u8),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        5 => (1..9_u64).prop_map(Act::Machine),
        4 => (any::<prop::sample::Index>(), any::<Option<u8>>()).prop_map(|(which, text)| Act::Cue(which, text)),
        1 => (0..3_u8).prop_map(Act::Title),
        1 => (0..3_u8).prop_map(Act::Summary),
        1 => (0..3_u8).prop_map(Act::Chapters),
        1 => (0..3_u8).prop_map(Act::Tasks),
    ]
}

/// What the machine says at this revision: the same words cut at other places each time.
fn said(revision: u64) -> TranscriptSnapshot {
    let step = 300 + revision * 170;
    let cues = (0..8)
        .map(|n| cue(n * step, (n + 1) * step - revision * 20, &format!("machine {revision} {n}")))
        .collect();
    let mut transcript = snapshot(revision, cues);
    if revision.is_multiple_of(3) {
        transcript.insights = Insights::default();
    }
    transcript
}

async fn play(acts: &[Act]) {
    let world = World::new().await;
    let (clip, library, ann) = (world.create(false).await, &world.library, &world.ann);
    let (id, key) = (clip.created.id, &clip.created.key);
    // What people did, and the newest snapshot.
    let mut cues: BTreeMap<Micros, (Micros, Option<String>)> = BTreeMap::new();
    let (mut title, mut summary) = (Some("../../etc/passwd".to_owned()), None);
    let (mut chapters, mut tasks) = (None, None);
    let mut newest = 0;
    for act in acts {
        match act {
            Act::Machine(revision) => {
                library.put_transcript(ann, id, said(*revision)).await.unwrap();
                newest = newest.max(*revision);
            }
            Act::Cue(which, text) => {
                let rows = world.store.transcript(id).await.unwrap().unwrap_or_default().cues;
                if !rows.is_empty() {
                    let row = which.get(&rows);
                    let text = text.map(|n| format!("person {n}"));
                    let change = CueChange {
                        start_us: row.cue.start_us,
                        text: text.as_deref().map(|t| CueText::new(t).unwrap()),
                    };
                    library
                        .edit_transcript(
                            ann,
                            id,
                            TranscriptChange { cues: vec![change], ..TranscriptChange::default() },
                        )
                        .await
                        .unwrap();
                    cues.insert(row.cue.start_us, (row.cue.end_us, text));
                }
            }
            Act::Title(n) | Act::Summary(n) => {
                let text = if *n == 0 { String::new() } else { format!("person {n}") };
                let mut change = ClipChange::default();
                if matches!(act, Act::Title(_)) {
                    (change.title, title) = (Some(Title::new(&text).unwrap()), Some(text));
                } else {
                    (change.summary, summary) = (Some(Summary::new(&text).unwrap()), Some(text));
                }
                library.change_clip(ann, id, change).await.unwrap();
            }
            Act::Chapters(n) | Act::Tasks(n) => {
                let count = 0..u64::from(*n);
                let mut change = TranscriptChange::default();
                if matches!(act, Act::Chapters(_)) {
                    chapters = Some(count.map(|n| chapter(n * 7, "person")).collect::<Vec<_>>());
                    change.chapters.clone_from(&chapters);
                } else {
                    tasks = Some(count.map(|n| task(n * 7, "person")).collect::<Vec<_>>());
                    change.tasks.clone_from(&tasks);
                }
                library.edit_transcript(ann, id, change).await.unwrap();
            }
        }
    }
    let machine = if newest > 0 {
        said(newest)
    } else {
        TranscriptSnapshot { cues: Vec::new(), insights: Insights::default(), ..said(1) }
    };
    let untouched = |cue: &&Cue| {
        cues.iter().all(|(start, (end, _))| cue.end_us <= *start || *end <= cue.start_us)
    };
    let mut expected: Vec<(Micros, String)> = machine
        .cues
        .iter()
        .filter(untouched)
        .map(|cue| (cue.start_us, cue.text.to_string()))
        .collect();
    expected.extend(cues.iter().filter_map(|(start, (_, text))| Some((*start, text.clone()?))));
    expected.sort();
    let (view, transcript) =
        (library.watch(ann, key).await.unwrap(), library.transcript(ann, key).await.unwrap());
    let shown: Vec<_> = transcript
        .cues
        .iter()
        .map(|shown| (shown.cue.start_us, shown.cue.text.to_string()))
        .collect();
    assert_eq!(
        shown, expected,
        "every cue a person wrote, and the newest of the machine elsewhere"
    );
    assert!(
        transcript.cues.iter().all(|shown| shown.edited == cues.contains_key(&shown.cue.start_us))
    );
    assert_eq!(view.title.to_string(), title.unwrap_or_else(|| machine.insights.title.to_string()));
    assert_eq!(
        view.summary.to_string(),
        summary.unwrap_or_else(|| machine.insights.summary.to_string())
    );
    assert_eq!(transcript.chapters, chapters.unwrap_or(machine.insights.chapters));
    assert_eq!(transcript.tasks, tasks.unwrap_or(machine.insights.tasks));
    assert_eq!(transcript.done, newest > 5);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_when_a_person_s_words_stay_and_the_rest_is_the_newest(acts in prop::collection::vec(act(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(&acts));
    }

    #[test]
    fn no_search_is_an_error(searches in prop::collection::vec("\\PC{0,60}|[\"*^:(){}+ a-zäORNEAT-]{0,60}", 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let clip = world.sealed(STREAM).await;
            let said = searches.iter().zip(0..).filter_map(|(text, n)| {
                let text = CueText::cut(text).ok()?;
                Some(Cue { text, ..cue(n * 1_000, n * 1_000 + 900, "x") })
            });
            world.library.put_transcript(&world.ann, clip.created.id, snapshot(1, said.collect())).await.unwrap();
            for q in &searches {
                let found = world.library.search(&world.ann, q, 50).await;
                assert!(found.is_ok(), "{q:?} is no error: {found:?}");
            }
        });
    }
}
