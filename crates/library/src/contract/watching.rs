//! Promises of stores: what members have watched, what is new to them, and who is in a clip.

use vignette_model::api::{ClipSelection, WatchProgress, WatchedTo};
use vignette_model::text::{Login, PersonName};
use vignette_model::transcript::ReplyWriter;
use vignette_model::{ClipId, Micros, PersonId, TakeId};

use super::fixture::{
    NOW, UNLIMITED, ann_and_bob, create, hash, invite, later, member, new_person, now, reply,
};
use crate::actor::{Actor, Person};
use crate::store::{AccountChange, ClipFilter, Joined, Kept, NewPerson, ReplyRow, Store};

fn at(secs: u64) -> WatchedTo {
    WatchedTo { position_us: Some(Micros::from_secs(secs)), finished: false }
}

const OPENED: WatchedTo = WatchedTo { position_us: None, finished: false };
const ENDED: WatchedTo = WatchedTo { position_us: None, finished: true };

async fn note(store: &dyn Store, person: &Person, clip: ClipId, watched: WatchedTo) {
    assert!(store.note_progress(person.id, clip, &watched).await.unwrap());
}

async fn progress(store: &dyn Store, person: &Person, clip: ClipId) -> WatchProgress {
    store.progress(person.id, &[clip]).await.unwrap()[0]
}

async fn say(store: &dyn Store, row: ReplyRow) {
    assert_eq!(store.add_reply(&row, "Text", &UNLIMITED).await.unwrap(), Kept::Yes);
}

/// Which clips a person is listed of a selection.
async fn listed(store: &dyn Store, person: &Person, selection: ClipSelection) -> Vec<ClipId> {
    let viewer = Actor::member(person.clone()).viewer();
    let filter = ClipFilter { selection, take: None };
    let clips = store.clips(&viewer, filter, None, 100).await.unwrap();
    clips.iter().map(|clip| clip.id).collect()
}

pub async fn what_is_watched_is_kept_for_each_person(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let first = create(store, &ann, TakeId::new(), "first").await.id;
    let second = create(store, &ann, TakeId::new(), "second").await.id;
    note(store, &bob, first, at(7)).await;
    note(store, &bob, first, at(9)).await;
    note(store, &ann, second, at(3)).await;
    let of_bob = store.progress(bob.id, &[second, first, ClipId::new()]).await.unwrap();
    let positions: Vec<_> = of_bob.iter().map(|progress| progress.position_us).collect();
    assert_eq!(positions, [Micros(0), Micros::from_secs(9), Micros(0)], "in the order asked for");
    assert_eq!(progress(store, &ann, second).await.position_us, Micros::from_secs(3));
    assert!(!store.note_progress(bob.id, ClipId::new(), &at(1)).await.unwrap());
    let nobody = store.progress(PersonId::new(), &[first]).await.unwrap();
    assert_eq!(nobody, [WatchProgress::default()]);
}

pub async fn what_was_finished_stays_finished(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let clip = create(store, &ann, TakeId::new(), "upload").await.id;
    note(store, &bob, clip, at(5)).await;
    note(store, &bob, clip, ENDED).await;
    assert_eq!(progress(store, &bob, clip).await.position_us, Micros::from_secs(5));
    note(store, &bob, clip, at(1)).await;
    let seen = progress(store, &bob, clip).await;
    assert_eq!((seen.position_us, seen.finished), (Micros::from_secs(1), true));
}

pub async fn a_clip_is_new_until_it_is_opened(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let clip = create(store, &ann, TakeId::new(), "upload").await.id;
    assert!(progress(store, &bob, clip).await.unopened);
    assert!(!progress(store, &ann, clip).await.unopened, "it is hers");
    assert_eq!(listed(store, &bob, ClipSelection::Unread).await, [clip]);
    assert_eq!(listed(store, &ann, ClipSelection::Unread).await, []);
    note(store, &bob, clip, OPENED).await;
    assert!(!progress(store, &bob, clip).await.unopened);
    assert_eq!(listed(store, &bob, ClipSelection::Unread).await, []);
}

pub async fn replies_are_new_until_the_clip_is_open_again(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let clip = create(store, &ann, TakeId::new(), "upload").await.id;
    say(store, reply(clip, None, Some(&bob), 1)).await;
    say(store, reply(clip, None, None, 2)).await;
    assert_eq!(progress(store, &ann, clip).await.new_replies, 2);
    assert_eq!(progress(store, &bob, clip).await.new_replies, 1, "his own is not new to him");
    assert_eq!(listed(store, &ann, ClipSelection::Unread).await, [clip]);
    note(store, &ann, clip, OPENED).await;
    assert_eq!(progress(store, &ann, clip).await.new_replies, 0);
    assert_eq!(listed(store, &ann, ClipSelection::Unread).await, []);
    say(store, reply(clip, None, Some(&bob), 3)).await;
    assert_eq!(progress(store, &ann, clip).await.new_replies, 1);
    assert_eq!(listed(store, &ann, ClipSelection::Unread).await, [clip]);
}

pub async fn what_was_there_before_one_joined_is_not_new(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let clip = create(store, &ann, TakeId::new(), "upload").await.id;
    say(store, reply(clip, None, Some(&bob), 1)).await;
    let admin = store.owner().await.unwrap().unwrap();
    assert!(store.add_invite(&invite("late", admin.id)).await.unwrap());
    let late = NewPerson { at: later(9), ..new_person("Late") };
    assert_eq!(store.join(hash("late"), &late).await.unwrap(), Joined::Added);
    assert_eq!(progress(store, &late.person, clip).await, WatchProgress::default());
    say(store, reply(clip, None, Some(&bob), 10)).await;
    assert_eq!(progress(store, &late.person, clip).await.new_replies, 1);
}

pub async fn what_is_selected_is_listed_in_pages(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let takes: Vec<TakeId> = (0..9).map(|_| TakeId::new()).collect();
    let mut clips = Vec::new();
    for (n, take) in takes.iter().enumerate() {
        let author = if n % 3 == 0 { &ann } else { &bob };
        clips.push(create(store, author, *take, &format!("upload {n}")).await.id);
    }
    clips.reverse();
    assert_eq!(listed(store, &ann, ClipSelection::All).await, clips);
    let mine = [clips[2], clips[5], clips[8]];
    assert_eq!(listed(store, &ann, ClipSelection::Mine).await, mine);
    note(store, &ann, clips[0], OPENED).await;
    let viewer = Actor::member(ann).viewer();
    let unread = ClipFilter { selection: ClipSelection::Unread, take: None };
    let page = store.clips(&viewer, unread, Some(clips[1]), 2).await.unwrap();
    let page: Vec<_> = page.iter().map(|clip| clip.id).collect();
    assert_eq!(page, [clips[3], clips[4]], "what is left out fills no page");
    for (take, found) in [(takes[0], vec![clips[8]]), (takes[1], vec![]), (TakeId::new(), vec![])] {
        let filter = ClipFilter { take: Some(take), ..ClipFilter::default() };
        let of_take = store.clips(&viewer, filter, None, 9).await.unwrap();
        assert_eq!(of_take.iter().map(|clip| clip.id).collect::<Vec<_>>(), found);
    }
}

pub async fn what_was_watched_goes_with_clip_and_person(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let gone = create(store, &ann, TakeId::new(), "gone").await.id;
    let stays = create(store, &ann, TakeId::new(), "stays").await.id;
    for clip in [gone, stays] {
        note(store, &bob, clip, at(5)).await;
    }
    assert!(store.delete_clip(gone, NOW).await.unwrap());
    assert_eq!(progress(store, &bob, gone).await, WatchProgress::default());
    assert_eq!(progress(store, &bob, stays).await.position_us, Micros::from_secs(5));
    let left = PersonName::new("Bob (left)").unwrap();
    let done = store.remove_person(bob.id, &left, NOW).await.unwrap();
    assert_eq!(done, AccountChange::Done);
    assert_eq!(progress(store, &bob, stays).await.position_us, Micros(0), "nothing of it is kept");
}

pub async fn who_replied_is_said_once_the_last_first(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let cleo = member(store, "Cleo").await;
    let clip = create(store, &ann, TakeId::new(), "upload").await.id;
    assert_eq!(now(store, clip).await.repliers, []);
    for (n, person) in [Some(&ann), Some(&bob), None, Some(&cleo), Some(&bob)].iter().enumerate() {
        say(store, reply(clip, None, *person, n as u64)).await;
    }
    let guest = reply(clip, None, None, 0).name;
    let named = |name: &str, member| ReplyWriter { name: name.to_owned(), member };
    let expected = [named("Bob", true), named("Cleo", true), named(&guest, false)];
    assert_eq!(now(store, clip).await.repliers, expected);
}

pub async fn authors_of_one_name_are_told_apart(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    let clip = create(store, &ann, TakeId::new(), "upload").await.id;
    assert_eq!(now(store, clip).await.author_login, None);
    let admin = store.owner().await.unwrap().unwrap();
    assert!(store.add_invite(&invite("secret", admin.id)).await.unwrap());
    let alike = NewPerson { login: Login::typed("second"), ..new_person("\u{410}nn") };
    assert_eq!(store.join(hash("secret"), &alike).await.unwrap(), Joined::Added);
    let other = create(store, &alike.person, TakeId::new(), "other").await.id;
    for (clip, login) in [(clip, "ann"), (other, "second")] {
        let said = now(store, clip).await.author_login.map(|login| login.to_string());
        assert_eq!(said.as_deref(), Some(login));
    }
}
