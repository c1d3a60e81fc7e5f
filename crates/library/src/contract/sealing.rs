//! Promises of stores: which object a clip is sealed in.

use std::collections::BTreeSet;

use vignette_model::{ClipId, RecordingId};

use super::fixture::{
    NOW, a_clip, appended, completing, extent, fragment, later, now, recording, sealed_object,
};
use crate::media::Extent;
use crate::store::{Appended, SealState, Store};

/// A clip that fell silent after ten bytes.
async fn interrupted(store: &dyn Store) -> ClipId {
    let id = a_clip(store).await;
    assert!(store.append(&appended(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert!(store.interrupt(recording(id), later(0), false, NOW).await.unwrap());
    id
}

pub async fn a_whole_stream_is_sealed_and_lies_in_the_sealed_object(store: &dyn Store) {
    let arriving = a_clip(store).await;
    assert!(store.append(&appended(arriving, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert!(
        !store.seal(recording(arriving), 10, &sealed_object("clip"), NOW).await.unwrap(),
        "by nobody"
    );
    let id = interrupted(store).await;
    assert!(
        !store.seal(recording(id), 9, &sealed_object("clip"), NOW).await.unwrap(),
        "only the whole is sealed"
    );
    assert!(!store.seal(RecordingId::new(), 10, &sealed_object("clip"), NOW).await.unwrap());
    assert!(store.seal(recording(id), 10, &sealed_object("clip"), NOW).await.unwrap());
    assert_eq!(now(store, id).await.recording.seal, SealState::Sealed(sealed_object("clip")));
    assert!(
        !store.seal(recording(id), 10, &sealed_object("another"), NOW).await.unwrap(),
        "a clip is sealed once"
    );
    let moved = Extent { object: sealed_object("clip").object, position_bytes: 7, ..extent(0, 10) };
    assert_eq!(store.extents(recording(id), 0..10).await.unwrap(), [moved]);
}

pub async fn an_interrupted_clip_goes_on_where_it_lies(store: &dyn Store) {
    let id = interrupted(store).await;
    assert!(store.seal(recording(id), 10, &sealed_object("clip"), NOW).await.unwrap());
    assert!(store.append(&appended(id, 10, 20, &[])).await.unwrap());
    let seal = now(store, id).await.recording.seal;
    assert_eq!(seal, SealState::Unsealed, "it is one file again only when all of it is here");
    let moved = Extent { object: sealed_object("clip").object, position_bytes: 7, ..extent(0, 10) };
    assert_eq!(store.extents(recording(id), 0..20).await.unwrap(), [moved, extent(10, 20)]);
    assert!(store.append(&completing(id, 20, 20, &[])).await.unwrap());
    assert!(store.seal(recording(id), 20, &sealed_object("again"), NOW).await.unwrap());
    let extents = store.extents(recording(id), 0..20).await.unwrap();
    let objects: BTreeSet<_> = extents.into_iter().map(|extent| extent.object).collect();
    assert_eq!(objects, BTreeSet::from([sealed_object("again").object]));
}

pub async fn a_complete_clip_stays_sealed(store: &dyn Store) {
    let id = a_clip(store).await;
    assert!(store.append(&completing(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert!(store.seal(recording(id), 10, &sealed_object("clip"), NOW).await.unwrap());
    assert!(!store.append(&appended(id, 10, 20, &[])).await.unwrap());
    assert_eq!(now(store, id).await.recording.seal, SealState::Sealed(sealed_object("clip")));
}

pub async fn a_damaged_clip_is_not_sealed(store: &dyn Store) {
    let id = a_clip(store).await;
    assert!(store.append(&completing(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    store.mark_damaged(recording(id), 9).await.unwrap();
    let unsealed = SealState::Unsealed;
    assert_eq!(
        now(store, id).await.recording.seal,
        unsealed,
        "what was looked at is not what is here"
    );
    store.mark_damaged(recording(id), 10).await.unwrap();
    assert_eq!(now(store, id).await.recording.seal, SealState::Damaged);
}

pub async fn a_cleaning_ends_appends_that_began_before_it(store: &dyn Store) {
    let id = a_clip(store).await;
    assert!(store.append(&appended(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert_eq!(store.begin_cleaning(recording(id)).await.unwrap(), None, "it is not sealed");
    assert!(store.interrupt(recording(id), later(0), false, NOW).await.unwrap());
    assert!(store.seal(recording(id), 10, &sealed_object("clip"), NOW).await.unwrap());
    let before = store.recording(recording(id)).await.unwrap().unwrap();
    let cleaned = store.begin_cleaning(recording(id)).await.unwrap();
    assert_eq!(cleaned, Some(sealed_object("clip").object), "the one object that stays");
    assert!(
        !store.append(&appended(id, 10, 20, &[])).await.unwrap(),
        "what it wrote may have been removed"
    );
    assert_eq!(store.recording(recording(id)).await.unwrap().unwrap(), before);
    let after = Appended { cleanings: 1, ..appended(id, 10, 20, &[]) };
    assert!(store.append(&after).await.unwrap(), "one that began after it");
    assert_eq!(store.begin_cleaning(recording(id)).await.unwrap(), None, "it goes on");
}
