//! Promises of stores: who lists and searches sees what the rules let them see, and nothing moves by
//! what they do not see.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;
use tokio::task;
use vignette_model::text::{Summary, Title};
use vignette_model::transcript::SearchPlace;
use vignette_model::{ClipId, ClipKey, TakeId};

use super::fixture::{
    NOW, UNLIMITED, ann_and_bob, appended, completing, create_as, cue, fragment, label, later,
    new_clip, now, recording, reply,
};
use crate::actor::{Actor, Person};
use crate::rules::{Action, Resource, may, to_read};
use crate::store::{Clip, ClipFilter, Kept, MachineTexts, RowChange, Store, TranscriptRow};

/// How far a clip of a random library has come.
#[derive(Clone, Copy, Debug)]
enum Upload {
    Recording,
    Stopped,
    Interrupted,
    Complete,
}

/// A clip of a random library. Everywhere in it stands the word "okapi".
#[derive(Clone, Copy, Debug)]
struct Made {
    by_ann: bool,
    upload: Upload,
    live: bool,
    /// Whether a person wrote title and summary; a machine did else.
    titled: bool,
    summarised: bool,
    cues: u8,
    replies: u8,
}

fn made() -> impl Strategy<Value = Made> {
    let upload = prop_oneof![
        3 => Just(Upload::Recording),
        1 => Just(Upload::Stopped),
        1 => Just(Upload::Interrupted),
        1 => Just(Upload::Complete),
    ];
    let written = (any::<bool>(), any::<bool>(), 0_u8..3, 0_u8..3);
    (any::<bool>(), upload, any::<bool>(), written).prop_map(
        |(by_ann, upload, live, (titled, summarised, cues, replies))| Made {
            by_ann,
            upload,
            live,
            titled,
            summarised,
            cues,
            replies,
        },
    )
}

async fn make(store: &dyn Store, author: &Person, made: Made) -> ClipId {
    let (take, upload) = (TakeId::new(), ClipId::new().to_string());
    let id = create_as(store, author, &new_clip(take, ""), &upload, None).await.id;
    let text =
        |by_person: bool, text: &str| if by_person { text.to_owned() } else { String::new() };
    let title = made.titled.then(|| Title::new("okapi title").unwrap());
    let summary = made.summarised.then(|| Summary::new("okapi summary").unwrap());
    let change = RowChange { title, summary, live: Some(made.live), ..RowChange::default() };
    store.change_clip(id, &change).await.unwrap().unwrap();
    let (title, summary) =
        (text(!made.titled, "okapi heard"), text(!made.summarised, "okapi said"));
    let (title, summary) = (Title::new(&title).unwrap(), Summary::new(&summary).unwrap());
    let texts = MachineTexts { title: &title, summary: &summary, insights_by: &label("rules") };
    let cues = (0..made.cues).map(|n| cue(u64::from(n) * 2, "an okapi")).collect();
    let words = TranscriptRow { version: 1, cues, ..TranscriptRow::default() };
    assert!(store.put_transcript(id, &words, Some(texts)).await.unwrap());
    for n in 0..made.replies {
        let kept = store.add_reply(&reply(id, None, None, n.into()), "okapi", &UNLIMITED).await;
        assert_eq!(kept.unwrap(), Kept::Yes);
    }
    let bytes = [fragment(0, 10)];
    match made.upload {
        Upload::Recording => {}
        Upload::Stopped => {
            let stopped = RowChange { stopped: Some(true), ..RowChange::default() };
            store.change_clip(id, &stopped).await.unwrap().unwrap();
        }
        Upload::Interrupted => {
            assert!(store.append(&appended(id, 0, 10, &bytes)).await.unwrap());
            assert!(store.interrupt(recording(id), later(0), false, NOW).await.unwrap());
        }
        Upload::Complete => assert!(store.append(&completing(id, 0, 10, &bytes)).await.unwrap()),
    }
    id
}

/// A passage: its clip and its kind, with how many of that kind there are.
type Passages = BTreeSet<(ClipId, SearchPlace, usize)>;

/// What `may` lets an actor read, by asking it for every text of every clip.
async fn readable(store: &dyn Store, actor: &Actor, clips: &[Clip]) -> Passages {
    let mut passages = Passages::new();
    for clip in clips {
        let words = store.transcript(clip.id).await.unwrap().unwrap_or_default();
        let kinds = [
            (SearchPlace::Title, to_read(clip.title_by.as_ref()), 1),
            (SearchPlace::Summary, to_read(clip.summary_by.as_ref()), 1),
            (SearchPlace::Cue, Action::Play, words.cues.len()),
            (SearchPlace::Reply, Action::See, clip.replies as usize),
        ];
        let may = |action| may(actor, action, Resource::Clip(clip)).is_ok();
        let read = kinds.into_iter().filter(|(_, action, _)| may(Action::See) && may(*action));
        passages.extend(read.filter(|(.., n)| *n > 0).map(|(place, _, n)| (clip.id, place, n)));
    }
    passages
}

/// What a search finds for an actor.
async fn found(store: &dyn Store, actor: &Actor) -> Passages {
    let term = super::search::word("okapi");
    let found = store.search(&actor.viewer(), &[term], 100, 0, 10_000).await.unwrap();
    let places: Vec<_> = found.iter().map(|found| (found.clip, found.place)).collect();
    let count = |place| places.iter().filter(|other| **other == place).count();
    places.iter().map(|place| (place.0, place.1, count(*place))).collect()
}

/// Everybody who may ask: members, guests with a link, somebody with none.
fn actors(people: &[Person], clips: &[Clip]) -> Vec<Actor> {
    let mut actors: Vec<Actor> = people.iter().cloned().map(Actor::member).collect();
    actors.push(Actor::anonymous());
    actors.push(Actor::anonymous().with_link(ClipKey::random()));
    for clip in clips {
        actors.push(Actor::anonymous().with_link(clip.key.clone()));
        actors.push(Actor::member(people[0].clone()).with_link(clip.key.clone()));
    }
    actors
}

async fn hold_against_the_rules(store: &dyn Store, people: &[Person], library: &[Made]) {
    let mut clips = Vec::new();
    for made in library {
        let author = if made.by_ann { &people[0] } else { &people[1] };
        clips.push(make(store, author, *made).await);
    }
    let mut rows = Vec::new();
    for id in &clips {
        rows.push(now(store, *id).await);
    }
    // Newest first, as they are listed.
    rows.sort_by_key(|clip| std::cmp::Reverse(clip.id));
    for actor in actors(people, &rows) {
        let viewer = actor.viewer();
        let seen =
            rows.iter().filter(|clip| may(&actor, Action::See, Resource::Clip(clip)).is_ok());
        let seen: Vec<_> = seen.cloned().collect();
        assert_eq!(
            store.clips(&viewer, ClipFilter::default(), None, 100).await.unwrap(),
            seen,
            "{actor:?}"
        );
        assert_eq!(found(store, &actor).await, readable(store, &actor, &rows).await, "{actor:?}");
        for clip in &rows {
            let sees = seen.iter().any(|seen| seen.id == clip.id);
            let replies = store.replies(&viewer, clip.id, None, 100).await.unwrap();
            let moments = store.reply_moments(&viewer, clip.id).await.unwrap();
            let expected = if sees { clip.replies as usize } else { 0 };
            assert_eq!((replies.len(), moments.len()), (expected, expected), "{actor:?}");
        }
    }
    for id in clips {
        assert!(store.delete_clip(id, NOW).await.unwrap());
    }
}

pub async fn what_is_listed_and_found_is_what_the_rules_let_the_viewer_see(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let olga = store.owner().await.unwrap().unwrap();
    let people = [ann, bob, olga];
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    let run = TestRunner::new(config).run(&vec(made(), 1..6), |library| {
        let handle = Handle::current();
        task::block_in_place(|| handle.block_on(hold_against_the_rules(store, &people, &library)));
        Ok(())
    });
    if let Err(error) = run {
        panic!("{error}");
    }
}

pub async fn what_one_may_not_read_starves_no_page(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let kept_back = Made {
        by_ann: true,
        upload: Upload::Recording,
        live: false,
        titled: false,
        summarised: false,
        cues: 2,
        replies: 0,
    };
    for _ in 0..9 {
        make(store, &ann, kept_back).await;
    }
    let open = make(store, &bob, Made { upload: Upload::Complete, ..kept_back }).await;
    let (term, viewer) = (super::search::word("okapi"), Actor::member(bob).viewer());
    let found = store.search(&viewer, &[term], 1, 0, 3).await.unwrap();
    assert_eq!(found.len(), 3, "title, summary and a cue of the one clip that may be played");
    assert!(found.iter().all(|found| found.clip == open), "{found:?}");
}
