//! Promises of stores: which of a clip's files counts, and which are left over.

use vignette_model::ClipId;

use super::fixture::{a_clip, appended, completing, fragment, hash, later, now};
use crate::store::{PendingDeletion, PendingPart, SealState, Sealed, Store};

fn sealed() -> Sealed {
    Sealed { header_bytes: 7, header_sha256: hash("header"), sha256: hash("stream") }
}

/// A clip that fell silent after ten bytes.
async fn interrupted(store: &dyn Store) -> ClipId {
    let id = a_clip(store).await;
    assert!(store.append(&appended(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert!(store.interrupt(id, later(0), false).await.unwrap());
    id
}

/// Which parts of a clip are left over.
async fn left(store: &dyn Store, clip: ClipId) -> Vec<PendingPart> {
    let all = store.pending_deletions().await.unwrap();
    all.into_iter().filter(|left| left.clip == clip).map(|left| left.part).collect()
}

pub async fn a_whole_stream_is_sealed_and_leaves_the_separate_one(store: &dyn Store) {
    let arriving = a_clip(store).await;
    assert!(store.append(&appended(arriving, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert_eq!(store.unsealed().await.unwrap(), [], "what is still arriving is not sealed");
    let id = interrupted(store).await;
    assert_eq!(store.unsealed().await.unwrap(), [id]);
    assert!(!store.seal(id, 9, &sealed()).await.unwrap(), "only the whole is sealed");
    assert!(!store.seal(ClipId::new(), 10, &sealed()).await.unwrap());
    assert!(store.seal(id, 10, &sealed()).await.unwrap());
    assert_eq!(now(store, id).await.seal, SealState::Sealed(sealed()));
    assert_eq!(store.unsealed().await.unwrap(), []);
    assert_eq!(left(store, id).await, [PendingPart::Stream]);
    assert!(!store.append(&appended(id, 10, 20, &[])).await.unwrap(), "it takes no bytes");
    store.finish_deletion(PendingDeletion { clip: id, part: PendingPart::Stream }).await.unwrap();
    assert_eq!(left(store, id).await, []);
}

pub async fn an_interrupted_clip_is_unsealed_to_go_on(store: &dyn Store) {
    let id = interrupted(store).await;
    assert!(!store.unseal(id).await.unwrap(), "it is not sealed");
    assert!(store.seal(id, 10, &sealed()).await.unwrap());
    assert!(store.unseal(id).await.unwrap());
    assert_eq!(left(store, id).await, [PendingPart::Sealed], "the stream is needed again");
    assert!(store.append(&completing(id, 10, 20, &[])).await.unwrap());
    assert_eq!(store.unsealed().await.unwrap(), [id]);
    assert!(store.seal(id, 20, &sealed()).await.unwrap());
    assert_eq!(left(store, id).await, [PendingPart::Stream], "and now the sealed file is");
}

pub async fn a_complete_clip_stays_sealed(store: &dyn Store) {
    let id = a_clip(store).await;
    assert!(store.append(&completing(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert!(store.seal(id, 10, &sealed()).await.unwrap());
    assert!(!store.unseal(id).await.unwrap());
    assert_eq!(now(store, id).await.seal, SealState::Sealed(sealed()));
}

pub async fn a_damaged_clip_is_not_sealed(store: &dyn Store) {
    let id = a_clip(store).await;
    assert!(store.append(&completing(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    store.mark_damaged(id).await.unwrap();
    assert_eq!(now(store, id).await.seal, SealState::Damaged);
    assert_eq!(store.unsealed().await.unwrap(), []);
}
