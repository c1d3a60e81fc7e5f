//! Promises of stores: which object a clip is sealed in, and what is to be removed.

use std::collections::BTreeSet;

use vignette_model::ClipId;

use super::fixture::{a_clip, appended, completing, extent, fragment, hash, later, now};
use crate::media::Extent;
use crate::store::{SealState, Sealed, Store};

fn sealed(object: &str) -> Sealed {
    let object = object.parse().unwrap();
    Sealed { object, header_bytes: 7, header_sha256: hash("header"), sha256: hash("stream") }
}

/// A clip that fell silent after ten bytes.
async fn interrupted(store: &dyn Store) -> ClipId {
    let id = a_clip(store).await;
    assert!(store.append(&appended(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert!(store.interrupt(id, later(0), false).await.unwrap());
    id
}

pub async fn a_whole_stream_is_sealed_and_lies_in_the_sealed_object(store: &dyn Store) {
    let arriving = a_clip(store).await;
    assert!(store.append(&appended(arriving, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert_eq!(store.unsealed().await.unwrap(), [], "what is still arriving is not sealed");
    assert!(!store.seal(arriving, 10, &sealed("clip")).await.unwrap(), "by nobody");
    let id = interrupted(store).await;
    assert_eq!(store.unsealed().await.unwrap(), [id]);
    assert!(!store.seal(id, 9, &sealed("clip")).await.unwrap(), "only the whole is sealed");
    assert!(!store.seal(ClipId::new(), 10, &sealed("clip")).await.unwrap());
    assert_eq!(store.pending_deletions().await.unwrap(), [], "what is refused leaves nothing");
    assert!(store.seal(id, 10, &sealed("clip")).await.unwrap());
    assert_eq!(now(store, id).await.seal, SealState::Sealed(sealed("clip")));
    assert_eq!(store.unsealed().await.unwrap(), []);
    assert!(!store.seal(id, 10, &sealed("another")).await.unwrap(), "a clip is sealed once");
    let moved = Extent { object: sealed("clip").object, position_bytes: 7, ..extent(0, 10) };
    assert_eq!(store.extents(id, 0..10).await.unwrap(), [moved]);
    assert_eq!(store.pending_deletions().await.unwrap(), [id], "what they lay in is to be removed");
    store.deletion_done(id).await.unwrap();
    assert_eq!(store.pending_deletions().await.unwrap(), []);
}

pub async fn an_interrupted_clip_goes_on_where_it_lies(store: &dyn Store) {
    let id = interrupted(store).await;
    assert!(store.seal(id, 10, &sealed("clip")).await.unwrap());
    assert!(store.append(&appended(id, 10, 20, &[])).await.unwrap());
    let seal = now(store, id).await.seal;
    assert_eq!(seal, SealState::Unsealed, "it is one file again only when all of it is here");
    let moved = Extent { object: sealed("clip").object, position_bytes: 7, ..extent(0, 10) };
    assert_eq!(store.extents(id, 0..20).await.unwrap(), [moved, extent(10, 20)]);
    assert!(store.append(&completing(id, 20, 20, &[])).await.unwrap());
    assert_eq!(store.unsealed().await.unwrap(), [id]);
    assert!(store.seal(id, 20, &sealed("again")).await.unwrap());
    let extents = store.extents(id, 0..20).await.unwrap();
    let objects: BTreeSet<_> = extents.into_iter().map(|extent| extent.object).collect();
    assert_eq!(objects, BTreeSet::from([sealed("again").object]));
}

pub async fn a_complete_clip_stays_sealed(store: &dyn Store) {
    let id = a_clip(store).await;
    assert!(store.append(&completing(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert!(store.seal(id, 10, &sealed("clip")).await.unwrap());
    assert!(!store.append(&appended(id, 10, 20, &[])).await.unwrap());
    assert_eq!(now(store, id).await.seal, SealState::Sealed(sealed("clip")));
}

pub async fn a_damaged_clip_is_not_sealed(store: &dyn Store) {
    let id = a_clip(store).await;
    assert!(store.append(&completing(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    store.mark_damaged(id).await.unwrap();
    assert_eq!(now(store, id).await.seal, SealState::Damaged);
    assert_eq!(store.unsealed().await.unwrap(), []);
}
