//! Promises of stores: clips, as they are made, found, changed and deleted.

use vignette_model::api::ClipState;
use vignette_model::text::Title;
use vignette_model::{ClipId, ClipKey, RecordingId, TakeId};

use super::fixture::{
    NOW, UNLIMITED, a_member, ann_and_bob, appended, create, create_as, fragment, hash, new_clip,
    now, olga, recording, reply,
};
use crate::actor::Person;
use crate::store::{Appended, Clip, ClipFilter, FreshUpload, Kept, RowChange, Store, UploadPhase};

pub async fn a_clip_begins_as_a_recording(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    let take = TakeId::new();
    let clip = create(store, &ann, take, "upload").await;
    assert_eq!((clip.take, clip.author, clip.author_name.as_str()), (take, ann.id, "Ann"));
    assert_eq!((clip.state(), clip.recording.offset_bytes), (ClipState::Recording, 0));
    assert_eq!((clip.recorded_at, clip.recording.heard_at), (NOW, NOW));
    assert_eq!((clip.by_upload, clip.recording.length_bytes), (false, None));
    assert!(clip.guests, "guests may reply until the author says otherwise");
}

pub async fn text_is_text(store: &dyn Store) {
    let author = olga(store).await;
    let title = "'; DROP TABLE clips; --";
    let new = new_clip(TakeId::new(), title);
    let clip = create_as(store, &author, &new, "upload", None).await;
    assert_eq!(clip.title.as_str(), title);
    assert_eq!(now(store, clip.id).await.title.as_str(), title);
}

pub async fn the_same_take_gives_the_same_clip_and_a_new_upload_secret(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let take = TakeId::new();
    let clip = create(store, &ann, take, "first").await;
    assert_eq!(create(store, &ann, take, "second").await, clip);
    assert_eq!(store.upload(hash("first")).await.unwrap(), None);
    assert_eq!(store.upload(hash("second")).await.unwrap().unwrap().clip, clip.id);
    let other = create(store, &bob, take, "third").await;
    assert_ne!(other.id, clip.id, "the same take of another person is another clip");
}

pub async fn a_clip_is_found_by_id_and_by_key(store: &dyn Store) {
    let author = olga(store).await;
    let clip = create(store, &author, TakeId::new(), "upload").await;
    assert_eq!(store.clip(clip.id).await.unwrap().as_ref(), Some(&clip));
    assert_eq!(store.clip_by_key(&clip.key).await.unwrap().as_ref(), Some(&clip));
    assert_eq!(store.clip(ClipId::new()).await.unwrap(), None);
    assert_eq!(store.clip_by_key(&ClipKey::random()).await.unwrap(), None);
}

pub async fn a_change_leaves_the_rest_as_it_was(store: &dyn Store) {
    let author = olga(store).await;
    let clip = create(store, &author, TakeId::new(), "upload").await;
    let title = Title::new("New").unwrap();
    let change = RowChange { title: Some(title.clone()), ..RowChange::default() };
    let changed = store.change_clip(clip.id, &change).await.unwrap();
    assert_eq!(changed, Some(Clip { title, ..clip.clone() }));
    let change = RowChange {
        live: Some(true),
        stopped: Some(true),
        poster: Some(true),
        guests: Some(false),
        ..RowChange::default()
    };
    let changed = store.change_clip(clip.id, &change).await.unwrap().unwrap();
    assert_eq!((changed.live, changed.poster, changed.guests), (true, true, false));
    assert_eq!(changed.recording.phase, UploadPhase::Arriving);
    let change = RowChange { stopped: Some(false), ..RowChange::default() };
    let changed = store.change_clip(clip.id, &change).await.unwrap().unwrap();
    assert_eq!(changed.state(), ClipState::Recording);
    assert_eq!(store.change_clip(ClipId::new(), &change).await.unwrap(), None);
}

pub async fn a_replaced_key_finds_nothing(store: &dyn Store) {
    let author = olga(store).await;
    let clip = create(store, &author, TakeId::new(), "upload").await;
    let key = ClipKey::random();
    let change = RowChange { key: Some(key.clone()), ..RowChange::default() };
    store.change_clip(clip.id, &change).await.unwrap();
    assert_eq!(store.clip_by_key(&clip.key).await.unwrap(), None);
    assert_eq!(store.clip_by_key(&key).await.unwrap().unwrap().id, clip.id);
}

pub async fn clips_are_listed_in_pages_the_newest_first(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    for n in 0..7 {
        let author = if n % 2 == 0 { &ann } else { &bob };
        create(store, author, TakeId::new(), &format!("upload {n}")).await;
    }
    let all = store.clips(&a_member(), ClipFilter::default(), None, 100).await.unwrap();
    assert_eq!(all.len(), 7);
    assert!(all.is_sorted_by(|newer, older| newer.id > older.id));
    let mut paged = Vec::new();
    while let page = store
        .clips(&a_member(), ClipFilter::default(), paged.last().map(|clip: &Clip| clip.id), 2)
        .await
        .unwrap()
        && !page.is_empty()
    {
        assert!(page.len() <= 2);
        paged.extend(page);
    }
    assert_eq!(paged, all, "pages neither overlap nor leave out");
}

pub async fn a_deleted_clip_takes_all_its_rows_along(store: &dyn Store) {
    let author = olga(store).await;
    let id = create(store, &author, TakeId::new(), "upload").await.id;
    assert!(store.append(&appended(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    let written = reply(id, None, None, 1);
    assert_eq!(store.add_reply(&written, "Text", &UNLIMITED).await.unwrap(), Kept::Yes);
    assert!(store.delete_clip(id, NOW).await.unwrap());
    assert!(!store.delete_clip(id, NOW).await.unwrap());
    assert_eq!(store.clip(id).await.unwrap(), None);
    assert_eq!(store.fragments(recording(id)).await.unwrap(), []);
    assert_eq!(store.extents(recording(id), 0..10).await.unwrap(), []);
    assert_eq!(store.replies(&a_member(), id, None, 1).await.unwrap(), []);
    assert_eq!(store.upload(hash("upload")).await.unwrap(), None);
}

/// Makes a clip of an upload alone.
async fn make(store: &dyn Store, author: &Person, made: FreshUpload, upload: &str) -> Clip {
    create_as(store, author, &new_clip(TakeId::new(), ""), upload, Some(made)).await
}

pub async fn an_upload_of_its_own_begins_as_stopped(store: &dyn Store) {
    let author = olga(store).await;
    let made = FreshUpload { length_bytes: None, metadata: None };
    let clip = make(store, &author, made, "upload").await;
    assert_eq!((clip.by_upload, clip.recording.length_bytes), (true, None));
    assert_eq!(clip.state(), ClipState::Arriving);
}

pub async fn the_length_of_an_upload_is_noted_once(store: &dyn Store) {
    let author = olga(store).await;
    let declared = |id, from, to, length| Appended {
        length_bytes: Some(length),
        ..appended(id, from, to, &[])
    };
    let said = FreshUpload { length_bytes: Some(7), metadata: None };
    let said = make(store, &author, said, "said").await;
    assert_eq!(said.recording.length_bytes, Some(7));
    assert!(!store.append(&declared(said.id, 0, 3, 8)).await.unwrap());
    assert!(
        !store.append(&appended(said.id, 0, 8, &[])).await.unwrap(),
        "no longer than its length"
    );
    assert_eq!(now(store, said.id).await, said, "what is refused changes nothing");
    assert!(store.append(&declared(said.id, 0, 7, 7)).await.unwrap(), "the same may be said again");

    let silent = FreshUpload { length_bytes: None, metadata: None };
    let silent = make(store, &author, silent, "silent").await;
    assert!(!store.append(&declared(silent.id, 0, 5, 4)).await.unwrap(), "more than it says");
    assert!(store.append(&declared(silent.id, 0, 5, 6)).await.unwrap(), "it comes with bytes");
    let clip = now(store, silent.id).await;
    assert_eq!((clip.recording.offset_bytes, clip.recording.length_bytes), (5, Some(6)));
    assert!(
        !store.append(&appended(silent.id, 5, 7, &[])).await.unwrap(),
        "and holds from then on"
    );
}

pub async fn an_upload_keeps_what_its_sender_says_of_it(store: &dyn Store) {
    let author = olga(store).await;
    let said = FreshUpload { length_bytes: None, metadata: Some("title QQ==".to_owned()) };
    let said = make(store, &author, said, "said").await;
    let kept = store.upload_metadata(said.recording.id).await.unwrap();
    assert_eq!(kept.as_deref(), Some("title QQ=="));
    let silent = FreshUpload { length_bytes: None, metadata: None };
    let silent = make(store, &author, silent, "silent").await;
    assert_eq!(store.upload_metadata(silent.recording.id).await.unwrap(), None);
    assert_eq!(store.upload_metadata(RecordingId::new()).await.unwrap(), None);
}
