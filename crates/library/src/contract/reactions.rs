//! Promises of stores: reactions, and the room there is for them.

use vignette_model::{ClipId, Micros, ReactionId, ReactionKind, TakeId};

use super::fixture::{NOW, a_clip, a_member, ann_and_bob, create, hash, later, now};
use crate::actor::{Person, Viewer};
use crate::store::{Reacted, ReactionQuota, ReactionRow, Reactor, Store};

const UNLIMITED: ReactionQuota = ReactionQuota { all: 1_000, guests: 1_000, each: 1_000 };

fn by(person: &Person) -> Reactor {
    Reactor::Person(person.id)
}

fn guest(secret: &str) -> Reactor {
    Reactor::Guest(hash(secret))
}

/// A heart at a second.
fn heart(clip: ClipId, by: Reactor, secs: u64) -> ReactionRow {
    ReactionRow {
        id: ReactionId::new(),
        clip,
        kind: ReactionKind::Heart,
        at: Micros::from_secs(secs),
        by,
        name: None,
        created_at: NOW,
    }
}

async fn add(store: &dyn Store, row: &ReactionRow) -> Reacted {
    store.add_reaction(row, &UNLIMITED).await.unwrap()
}

pub async fn a_reaction_is_kept_as_it_was_made(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let clip = create(store, &ann, TakeId::new(), "upload").await.id;
    let other = create(store, &ann, TakeId::new(), "other").await.id;
    let by_bob = ReactionRow { name: Some("Bob".to_owned()), ..heart(clip, by(&bob), 9) };
    let by_guest = ReactionRow { kind: ReactionKind::Clap, ..heart(clip, guest("a"), 3) };
    let later = ReactionRow { created_at: later(5), ..heart(clip, guest("b"), 9) };
    for row in [&later, &by_bob, &by_guest] {
        assert_eq!(add(store, row).await, Reacted::As(row.id));
        assert_eq!(store.reaction(clip, row.id).await.unwrap().as_ref(), Some(row));
        assert_eq!(store.reaction(other, row.id).await.unwrap(), None, "under its own clip only");
    }
    let listed = store.reactions(&a_member(), clip).await.unwrap();
    assert_eq!(listed, [by_guest.clone(), by_bob, later], "by moment, then by age");
    let viewer = Viewer { person: None, link: Some(now(store, clip).await.key) };
    assert_eq!(store.reactions(&viewer, clip).await.unwrap().len(), 3);
    assert_eq!(store.reactions(&viewer, other).await.unwrap(), [], "a link shows its own clip");
    assert_eq!(store.reactions(&Viewer::default(), clip).await.unwrap(), []);
    assert!(store.has_reacted(clip, hash("a")).await.unwrap());
    assert!(!store.has_reacted(clip, hash("nobody")).await.unwrap());
    assert!(!store.has_reacted(other, hash("a")).await.unwrap());
    assert_eq!(add(store, &heart(ClipId::new(), guest("a"), 0)).await, Reacted::Gone);
    assert!(store.delete_reaction(by_guest.id).await.unwrap());
    assert!(!store.delete_reaction(by_guest.id).await.unwrap());
    store.delete_clip(clip, NOW).await.unwrap();
    assert_eq!(store.reactions(&a_member(), clip).await.unwrap(), [], "they go with their clip");
}

pub async fn each_has_one_reaction_of_a_kind_at_a_moment(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let clip = create(store, &ann, TakeId::new(), "upload").await.id;
    let first = heart(clip, by(&ann), 3);
    assert_eq!(add(store, &first).await, Reacted::As(first.id));
    assert_eq!(add(store, &heart(clip, by(&ann), 3)).await, Reacted::As(first.id));
    let of_guest = heart(clip, guest("a"), 3);
    assert_eq!(add(store, &of_guest).await, Reacted::As(of_guest.id));
    assert_eq!(add(store, &heart(clip, guest("a"), 3)).await, Reacted::As(of_guest.id));
    for another in [
        heart(clip, by(&bob), 3),
        heart(clip, guest("b"), 3),
        heart(clip, by(&ann), 4),
        ReactionRow { kind: ReactionKind::Laugh, ..heart(clip, by(&ann), 3) },
    ] {
        assert_eq!(add(store, &another).await, Reacted::As(another.id));
    }
    assert_eq!(store.reactions(&a_member(), clip).await.unwrap().len(), 6);
}

pub async fn a_clip_has_room_for_so_many_reactions(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    let clip = create(store, &ann, TakeId::new(), "upload").await.id;
    let another = a_clip(store).await;
    let room = ReactionQuota { all: 4, guests: 2, each: 2 };
    let add = async |row: &ReactionRow| store.add_reaction(row, &room).await.unwrap();
    let hearts = |by: Reactor| [1, 2, 3].map(|secs| heart(clip, by, secs));
    let [first, second, third] = hearts(guest("a"));
    assert_eq!(add(&first).await, Reacted::As(first.id));
    let other = heart(clip, guest("b"), 1);
    assert_eq!(add(&other).await, Reacted::As(other.id));
    assert_eq!(add(&second).await, Reacted::GuestsFull);
    assert_eq!(add(&heart(clip, guest("a"), 1)).await, Reacted::As(first.id), "it is there");
    let [one, two, three] = hearts(by(&ann));
    assert_eq!(add(&one).await, Reacted::As(one.id), "members have the rest");
    assert!(store.delete_reaction(other.id).await.unwrap());
    assert_eq!(add(&two).await, Reacted::As(two.id));
    assert_eq!(add(&three).await, Reacted::EachFull);
    assert_eq!(add(&third).await, Reacted::As(third.id));
    assert_eq!(add(&other).await, Reacted::Full);
    assert!(matches!(add(&heart(another, guest("a"), 1)).await, Reacted::As(_)));
}
