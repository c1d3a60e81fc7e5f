//! Promises of stores: offsets that only rise, uploads that fall silent.

use vignette_model::api::ClipState;
use vignette_model::{ClipId, RecordingId, Span, TakeId};

use super::fixture::{
    NOW, a_clip, appended, completing, create, extent, fragment, hash, later, now, olga, recording,
};
use crate::store::{Appended, Store, StreamHead, UploadPhase};

pub async fn an_append_moves_the_offset_and_adds_fragments(store: &dyn Store) {
    let id = a_clip(store).await;
    let head = StreamHead { size_bytes: 100, width: 1920, height: 1080 };
    let fragments = [fragment(100, 50), fragment(150, 50)];
    let first = Appended { head: Some(head), ..appended(id, 0, 210, &fragments) };
    assert!(store.append(&first).await.unwrap());
    let clip = now(store, id).await;
    assert_eq!((clip.recording.offset_bytes, clip.recording.head), (210, Some(head)));
    assert_eq!(clip.recording.duration, Span::from_secs(2));
    let third = [fragment(200, 20)];
    assert!(store.append(&appended(id, 210, 220, &third)).await.unwrap());
    let all = store.fragments(recording(id)).await.unwrap();
    assert_eq!(all, [fragments[0], fragments[1], third[0]], "fragments are in order");
    assert!(store.append(&appended(id, 220, 220, &[])).await.unwrap());
    let clip = now(store, id).await;
    assert_eq!(
        (clip.recording.heard_at, clip.recording.head),
        (later(220), Some(head)),
        "an empty one says: here"
    );
    assert_eq!(store.fragments(RecordingId::new()).await.unwrap(), []);
}

pub async fn an_append_at_another_offset_changes_nothing(store: &dyn Store) {
    let id = a_clip(store).await;
    let fragments = [fragment(0, 10)];
    assert!(store.append(&appended(id, 0, 10, &fragments)).await.unwrap());
    let before = now(store, id).await;
    for from in [0, 9, 11] {
        let refused = [fragment(from, 10)];
        assert!(!store.append(&appended(id, from, 20, &refused)).await.unwrap(), "{from}");
    }
    assert!(!store.append(&appended(ClipId::new(), 0, 10, &[])).await.unwrap());
    assert_eq!(now(store, id).await, before);
    assert_eq!(store.fragments(recording(id)).await.unwrap(), fragments);
}

pub async fn nothing_follows_the_end_of_a_stream(store: &dyn Store) {
    let id = a_clip(store).await;
    assert!(store.append(&completing(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    let clip = now(store, id).await;
    assert_eq!(
        (clip.recording.phase, clip.state()),
        (UploadPhase::Complete { sha256: hash("whole") }, ClipState::Ready)
    );
    assert!(!store.append(&appended(id, 10, 20, &[])).await.unwrap());
    assert_eq!(now(store, id).await, clip);
}

pub async fn of_many_appends_at_one_offset_one_wins(store: &dyn Store) {
    let id = a_clip(store).await;
    let (one, two) = (appended(id, 0, 10, &[]), appended(id, 0, 20, &[]));
    let won = tokio::join!(
        store.append(&one),
        store.append(&two),
        store.append(&one),
        store.append(&two)
    );
    let won = [won.0, won.1, won.2, won.3].into_iter().filter(|won| *won.as_ref().unwrap()).count();
    assert_eq!(won, 1, "the compare-and-swap lets one through");
}

pub async fn an_upload_that_falls_silent_is_interrupted_once(store: &dyn Store) {
    let id = a_clip(store).await;
    assert_eq!(store.silent_since(NOW).await.unwrap(), []);
    assert_eq!(store.silent_since(later(1)).await.unwrap(), [recording(id)]);
    let bytes = [fragment(0, 10)];
    let heard = Appended { at: later(5), ..appended(id, 0, 10, &bytes) };
    assert!(store.append(&heard).await.unwrap());
    assert!(
        !store.interrupt(recording(id), NOW, false, NOW).await.unwrap(),
        "it was heard of since"
    );
    assert!(store.interrupt(recording(id), later(5), false, NOW).await.unwrap());
    let clip = now(store, id).await;
    assert_eq!(clip.state(), ClipState::Interrupted);
    assert_eq!(store.silent_since(later(1000)).await.unwrap(), []);
}

pub async fn an_append_ends_an_interruption(store: &dyn Store) {
    let author = olga(store).await;
    let id = create(store, &author, TakeId::new(), "upload").await.id;
    assert!(store.append(&appended(id, 0, 10, &[])).await.unwrap());
    assert!(store.interrupt(recording(id), later(0), false, NOW).await.unwrap());
    assert!(store.upload(hash("upload")).await.unwrap().is_some(), "it may come back");
    assert!(store.append(&appended(id, 10, 20, &[])).await.unwrap());
    let clip = now(store, id).await;
    assert_eq!((clip.state(), clip.recording.offset_bytes), (ClipState::Recording, 20));
}

pub async fn an_upload_that_was_given_up_is_over(store: &dyn Store) {
    let author = olga(store).await;
    let id = create(store, &author, TakeId::new(), "upload").await.id;
    assert!(store.interrupt(recording(id), NOW, true, NOW).await.unwrap());
    assert_eq!(store.upload(hash("upload")).await.unwrap(), None);
    assert!(store.append(&appended(id, 0, 1, &[])).await.unwrap());
    let phase = now(store, id).await.recording.phase;
    assert_eq!(phase, UploadPhase::Arriving, "nothing is being recorded any more");
}

pub async fn what_is_complete_is_not_interrupted(store: &dyn Store) {
    let id = a_clip(store).await;
    assert!(store.append(&completing(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert!(!store.interrupt(recording(id), later(0), true, NOW).await.unwrap());
    assert_eq!(now(store, id).await.state(), ClipState::Ready);
}

pub async fn a_range_is_read_by_its_extents(store: &dyn Store) {
    let id = a_clip(store).await;
    assert!(store.append(&appended(id, 0, 210, &[])).await.unwrap());
    assert!(store.append(&appended(id, 210, 220, &[])).await.unwrap());
    let all = [extent(0, 210), extent(210, 220)];
    for (range, expected) in [
        (0..220, &all[..]),
        (0..1, &all[..1]),
        (209..210, &all[..1]),
        (209..211, &all),
        (210..211, &all[1..]),
        (220..300, &[]),
        (0..0, &[]),
    ] {
        let found = store.extents(recording(id), range.clone()).await.unwrap();
        // One that ends where the range begins may be among them.
        let found: Vec<_> =
            found.into_iter().filter(|extent| extent.end_bytes() > range.start).collect();
        assert_eq!(found, expected, "the extents of {range:?}");
    }
    assert_eq!(store.extents(RecordingId::new(), 0..300).await.unwrap(), []);
}

pub async fn an_upload_knows_where_its_stream_ends_and_in_what_state(store: &dyn Store) {
    let author = olga(store).await;
    let id = create(store, &author, TakeId::new(), "upload").await.id;
    let row = async || store.upload(hash("upload")).await.unwrap().unwrap();
    let before = row().await;
    assert_eq!((before.clip, before.author), (id, author.id));
    assert_eq!((before.last, before.stream_state), (None, None));
    assert_eq!(store.uploader(hash("upload")).await.unwrap(), Some(author.id));
    assert_eq!(store.uploader(hash("no upload")).await.unwrap(), None);

    let head = Some(StreamHead { size_bytes: 5, width: 2, height: 2 });
    let first = Appended { head, stream_state: Some(b"state"), ..appended(id, 0, 10, &[]) };
    assert!(store.append(&first).await.unwrap());
    let now = row().await;
    assert_eq!((now.offset_bytes, now.heard_at), (10, later(0)));
    assert!(!now.plays, "an init segment alone does not play");
    assert_eq!((now.last, now.stream_state.as_deref()), (Some(extent(0, 10)), Some(&b"state"[..])));
    assert!(store.append(&appended(id, 10, 20, &[fragment(10, 10)])).await.unwrap());
    let now = row().await;
    assert_eq!((now.last, now.plays), (Some(extent(10, 20)), true));
    assert_eq!(
        now.stream_state.as_deref(),
        Some(&b"state"[..]),
        "a state stays until there is a newer one"
    );
    assert_eq!(store.stream_state(recording(id)).await.unwrap(), now.stream_state);
    assert!(store.append(&completing(id, 20, 20, &[])).await.unwrap());
    let now = row().await;
    assert_eq!(
        (now.last, now.stream_state),
        (Some(extent(10, 20)), None),
        "nothing follows the end"
    );
}
