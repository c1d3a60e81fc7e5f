//! The suite of stores.

use vignette_fmp4::Fragment;
use vignette_model::api::{ClipState, NewClip};
use vignette_model::text::{ReplyBody, Title};
use vignette_model::{ClipId, ClipKey, Micros, ReplyId, Sha256, TakeId, UtcMicros};

use crate::people::Person;
use crate::store::{Appended, Clip, FreshClip, Leftover, LeftoverPart, ReplyRow, RowChange, Sealed, Store, StreamHead};

pub(super) const NOW: UtcMicros = UtcMicros(1_800_000_000_000_000);

pub(super) fn later(secs: u64) -> UtcMicros {
    NOW + std::time::Duration::from_secs(secs)
}

pub(super) fn hash(text: &str) -> Sha256 {
    Sha256::of(text.as_bytes())
}

/// Runs the suite on a store that is empty.
///
/// # Panics
/// With the first sentence that does not hold.
pub async fn store(store: &dyn Store) {
    store.ready().await.unwrap();
    let (ann, bob) = super::people::people(store).await;
    clips(store, &ann, &bob).await;
    appends(store, &ann).await;
    silence(store, &ann).await;
    sealing(store, &ann).await;
    replies(store, &ann, &bob).await;
    super::words::words(store, &ann).await;
    super::search::search(store, &ann).await;
    deletion(store, &ann).await;
}

pub(super) async fn create(store: &dyn Store, author: &Person, take: TakeId, upload: &str) -> Clip {
    let new = NewClip {
        take,
        title: Title::new("'; DROP TABLE clips; --").unwrap(),
        summary: Default::default(),
        live: false,
        recorded_at_us: NOW,
    };
    let (id, key) = (ClipId::new(), ClipKey::random());
    store.create_clip(&FreshClip { id, key, author: author.id, new: &new, upload: hash(upload), at: NOW }).await.unwrap()
}

async fn clips(store: &dyn Store, ann: &Person, bob: &Person) {
    let take = TakeId::new();
    let clip = create(store, ann, take, "up 1").await;
    assert_eq!((clip.take, clip.author, clip.author_name.as_str()), (take, ann.id, "Ann"));
    assert_eq!((clip.state(), clip.offset_bytes, clip.recorded_at, clip.heard_at), (ClipState::Recording, 0, NOW, NOW));
    assert_eq!(clip.title.as_str(), "'; DROP TABLE clips; --", "text is text");

    let again = create(store, ann, take, "up 2").await;
    assert_eq!(again, clip, "the same take gives the same clip");
    assert_eq!(store.clip_by_upload(hash("up 1")).await.unwrap(), None, "the upload secret before opens nothing");
    assert_eq!(store.clip_by_upload(hash("up 2")).await.unwrap().unwrap().id, clip.id);
    assert_ne!(create(store, bob, take, "up 3").await.id, clip.id, "the same take of another person is another clip");

    assert_eq!(store.clip(clip.id).await.unwrap().as_ref(), Some(&clip));
    assert_eq!(store.clip_by_key(&clip.key).await.unwrap().as_ref(), Some(&clip));
    assert_eq!(store.clip(ClipId::new()).await.unwrap(), None);
    assert_eq!(store.clip_by_key(&ClipKey::random()).await.unwrap(), None);

    let key = ClipKey::random();
    let change = RowChange { title: Some(Title::new("New").unwrap()), key: Some(key.clone()), ..RowChange::default() };
    let changed = store.change_clip(clip.id, &change).await.unwrap().unwrap();
    assert_eq!(changed, Clip { title: Title::new("New").unwrap(), key: key.clone(), ..clip.clone() }, "what is left out stays");
    assert_eq!(store.clip_by_key(&clip.key).await.unwrap(), None, "the link before shows nothing");
    let change = RowChange { live: Some(true), stopped: Some(true), poster: Some(true), ..RowChange::default() };
    let changed = store.change_clip(clip.id, &change).await.unwrap().unwrap();
    assert!(changed.live && changed.stopped && changed.poster && changed.state() == ClipState::Arriving);
    let change = RowChange { stopped: Some(false), ..RowChange::default() };
    assert_eq!(store.change_clip(clip.id, &change).await.unwrap().unwrap().state(), ClipState::Recording);
    assert_eq!(store.change_clip(ClipId::new(), &change).await.unwrap(), None);

    for n in 0..5 {
        create(store, bob, TakeId::new(), &format!("page {n}")).await;
    }
    let all = store.clips(None, 100).await.unwrap();
    assert_eq!(all.len(), 7);
    assert!(all.is_sorted_by(|newer, older| newer.id > older.id), "newest first");
    let mut paged = Vec::new();
    while let page = store.clips(paged.last().map(|clip: &Clip| clip.id), 2).await.unwrap()
        && !page.is_empty()
    {
        paged.extend(page);
    }
    assert_eq!(paged, all, "pages neither overlap nor leave out");
}

/// A fragment that fills `offset..offset + size` and lasts a second.
fn fragment(offset: u64, size: u64) -> Fragment {
    Fragment {
        offset_bytes: offset,
        size_bytes: size,
        moof_offset_bytes: offset,
        moof_size_bytes: size / 2,
        start: Micros(offset),
        duration: Micros::from_secs(1),
    }
}

fn appended<'a>(clip: ClipId, from: u64, to: u64, fragments: &'a [Fragment]) -> Appended<'a> {
    let sha256 = hash("bytes");
    Appended { clip, from_bytes: from, to_bytes: to, sha256, at: later(from), head: None, fragments, complete: None }
}

async fn appends(store: &dyn Store, ann: &Person) {
    let id = create(store, ann, TakeId::new(), "append").await.id;
    let head = StreamHead { size_bytes: 100, width: 1920, height: 1080 };
    let fragments = [fragment(100, 50), fragment(150, 50)];
    let first = Appended { head: Some(head), ..appended(id, 0, 210, &fragments) };
    assert!(store.append(&first).await.unwrap());
    let clip = store.clip(id).await.unwrap().unwrap();
    assert_eq!((clip.offset_bytes, clip.head, clip.duration), (210, Some(head), Micros::from_secs(2)));
    assert!(!store.append(&first).await.unwrap(), "of two writers at one offset one wins");
    assert!(!store.append(&appended(id, 209, 300, &[])).await.unwrap());
    assert!(!store.append(&appended(id, 211, 300, &[])).await.unwrap());
    assert!(!store.append(&appended(ClipId::new(), 0, 300, &[])).await.unwrap(), "what is not there takes no bytes");
    assert_eq!(store.clip(id).await.unwrap().unwrap(), clip, "a refused append changes nothing");
    assert_eq!(store.fragments(id).await.unwrap(), fragments, "a refused append leaves no fragment");

    let third = [fragment(200, 20)];
    assert!(store.append(&appended(id, 210, 220, &third)).await.unwrap());
    assert_eq!(store.fragments(id).await.unwrap(), [fragments[0], fragments[1], third[0]], "fragments are in order");
    assert!(store.append(&appended(id, 220, 220, &[])).await.unwrap(), "an empty append says that somebody is there");
    let done = Appended { complete: Some(hash("whole")), ..appended(id, 220, 220, &[]) };
    assert!(store.append(&done).await.unwrap());
    let clip = store.clip(id).await.unwrap().unwrap();
    assert_eq!(
        (clip.complete, clip.state(), clip.heard_at, clip.head),
        (Some(hash("whole")), ClipState::Ready, later(220), Some(head))
    );
    assert!(!store.append(&appended(id, 220, 230, &[])).await.unwrap(), "nothing follows the end");
    assert!(store.fragments(ClipId::new()).await.unwrap().is_empty());

    // Many at once: exactly one counts.
    let id = create(store, ann, TakeId::new(), "race").await.id;
    let (one, two) = (appended(id, 0, 10, &[]), appended(id, 0, 20, &[]));
    let won = tokio::join!(store.append(&one), store.append(&two), store.append(&one), store.append(&two));
    let won = [won.0, won.1, won.2, won.3].into_iter().filter(|won| *won.as_ref().unwrap()).count();
    assert_eq!(won, 1, "the compare-and-swap lets one through");
}

async fn silence(store: &dyn Store, ann: &Person) {
    let id = create(store, ann, TakeId::new(), "silent").await.id;
    assert!(!store.silent_since(NOW).await.unwrap().contains(&id));
    assert!(store.silent_since(later(1)).await.unwrap().contains(&id));
    assert!(store.append(&Appended { at: later(5), ..appended(id, 0, 10, &[fragment(0, 10)]) }).await.unwrap());
    assert!(!store.interrupt(id, NOW, false).await.unwrap(), "who was heard of since is not interrupted");
    assert!(store.interrupt(id, later(5), false).await.unwrap());
    let clip = store.clip(id).await.unwrap().unwrap();
    assert_eq!((clip.state(), clip.stopped), (ClipState::Interrupted, false));
    assert!(!store.silent_since(later(1000)).await.unwrap().contains(&id), "it is marked once");
    assert!(store.unsealed().await.unwrap().contains(&id), "what is interrupted is sealed");
    assert!(store.clip_by_upload(hash("silent")).await.unwrap().is_some(), "its sender may come back");
    assert!(store.append(&Appended { at: later(6), ..appended(id, 10, 20, &[]) }).await.unwrap());
    let clip = store.clip(id).await.unwrap().unwrap();
    let state = (clip.state(), clip.offset_bytes);
    assert_eq!(state, (ClipState::Recording, 20), "the next append ends the interruption, and what was kept back is again");
    assert!(store.interrupt(id, later(6), true).await.unwrap());
    assert!(store.clip(id).await.unwrap().unwrap().stopped, "an upload that was given up has stopped");
    assert!(store.clip_by_upload(hash("silent")).await.unwrap().is_none(), "an upload that was given up is over");

    let id = create(store, ann, TakeId::new(), "done").await.id;
    let ten = [fragment(0, 10)];
    let done = Appended { complete: Some(hash("whole")), ..appended(id, 0, 10, &ten) };
    assert!(store.append(&done).await.unwrap());
    assert!(!store.interrupt(id, later(0), true).await.unwrap(), "what is complete is not interrupted");
}

async fn sealing(store: &dyn Store, ann: &Person) {
    let id = create(store, ann, TakeId::new(), "seal").await.id;
    let (stream, all) = (LeftoverPart::Stream, LeftoverPart::Sealed);
    let left = |part| Leftover { clip: id, part };
    assert!(store.append(&appended(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert!(!store.unsealed().await.unwrap().contains(&id), "what is still arriving is not sealed");
    assert!(store.interrupt(id, later(0), false).await.unwrap());
    let sealed = Sealed { header_bytes: 7, header_sha256: hash("header"), sha256: hash("stream") };
    assert!(!store.seal(id, 9, &sealed).await.unwrap(), "only the whole is sealed");
    assert!(!store.seal(ClipId::new(), 10, &sealed).await.unwrap());
    assert!(!store.unseal(id).await.unwrap(), "what is not sealed is not taken up again");
    assert!(store.seal(id, 10, &sealed).await.unwrap());
    assert_eq!(store.clip(id).await.unwrap().unwrap().sealed, Some(sealed));
    assert!(!store.unsealed().await.unwrap().contains(&id));
    assert!(store.leftovers().await.unwrap().contains(&left(stream)), "the separate stream is not needed any more");
    assert!(!store.append(&appended(id, 10, 20, &[])).await.unwrap(), "a sealed clip takes no bytes");

    assert!(store.unseal(id).await.unwrap());
    let leftovers = store.leftovers().await.unwrap();
    assert!(!leftovers.contains(&left(stream)) && leftovers.contains(&left(all)), "the stream is needed again, the file is not");
    assert!(store.append(&appended(id, 10, 20, &[])).await.unwrap());
    let done = Appended { complete: Some(hash("whole")), ..appended(id, 20, 20, &[]) };
    assert!(store.append(&done).await.unwrap());
    assert!(store.unsealed().await.unwrap().contains(&id));
    assert!(store.seal(id, 20, &sealed).await.unwrap());
    let leftovers = store.leftovers().await.unwrap();
    assert!(leftovers.contains(&left(stream)) && !leftovers.contains(&left(all)));
    assert!(!store.unseal(id).await.unwrap(), "what is complete stays sealed");
    store.forget(left(stream)).await.unwrap();
    assert!(!store.leftovers().await.unwrap().contains(&left(stream)));

    let id = create(store, ann, TakeId::new(), "damaged").await.id;
    let ten = [fragment(0, 10)];
    let done = Appended { complete: Some(hash("whole")), ..appended(id, 0, 10, &ten) };
    assert!(store.append(&done).await.unwrap());
    store.mark_damaged(id).await.unwrap();
    assert!(store.clip(id).await.unwrap().unwrap().damaged);
    assert!(!store.unsealed().await.unwrap().contains(&id), "what is damaged is not sealed");
}

pub(super) fn reply(clip: ClipId, parent: Option<ReplyId>, person: Option<&Person>, at: u64) -> ReplyRow {
    ReplyRow {
        id: ReplyId::new(),
        clip,
        parent,
        person: person.map(|person| person.id),
        name: person.map_or("A guest".to_owned(), |person| person.name.to_string()),
        secret: person.is_none().then(|| hash("guest")),
        body: ReplyBody::new("Words").unwrap(),
        at: Some(Micros::from_secs(3)),
        created_at: later(at),
        edited_at: None,
    }
}

async fn replies(store: &dyn Store, ann: &Person, bob: &Person) {
    let clip = create(store, ann, TakeId::new(), "replies").await.id;
    let other = create(store, ann, TakeId::new(), "no replies").await.id;
    let (first, second) = (reply(clip, None, None, 1), reply(clip, None, Some(bob), 0));
    let answer = reply(clip, Some(first.id), Some(ann), 2);
    for row in [&first, &second, &answer] {
        assert!(store.add_reply(row, 3).await.unwrap());
    }
    assert_eq!(store.replies(clip).await.unwrap(), [second.clone(), first.clone(), answer.clone()], "oldest first");
    assert_eq!(store.clip(clip).await.unwrap().unwrap().replies, 3);
    assert!(!store.add_reply(&reply(clip, None, None, 3), 3).await.unwrap(), "there is a most");
    assert!(!store.add_reply(&reply(clip, Some(ReplyId::new()), None, 3), 100).await.unwrap(), "a parent has to be there");
    assert!(!store.add_reply(&reply(other, Some(first.id), None, 3), 100).await.unwrap(), "a parent is of the same clip");
    assert!(!store.add_reply(&reply(ClipId::new(), None, None, 3), 100).await.unwrap(), "a clip has to be there");
    assert_eq!(store.reply(clip, first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(store.reply(other, first.id).await.unwrap(), None, "a reply is found under its own clip only");

    let body = ReplyBody::new("Other words").unwrap();
    assert!(store.change_reply(second.id, &body, later(9)).await.unwrap());
    let changed = store.reply(clip, second.id).await.unwrap().unwrap();
    assert_eq!(changed, ReplyRow { body: body.clone(), edited_at: Some(later(9)), ..second });
    assert!(!store.change_reply(ReplyId::new(), &body, later(9)).await.unwrap());

    assert!(store.delete_reply(first.id).await.unwrap());
    assert!(!store.delete_reply(first.id).await.unwrap());
    assert_eq!(store.replies(clip).await.unwrap(), [changed], "the answers go with what they answer");
}

async fn deletion(store: &dyn Store, ann: &Person) {
    let id = create(store, ann, TakeId::new(), "delete").await.id;
    let all = Leftover { clip: id, part: LeftoverPart::All };
    assert!(store.append(&appended(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert!(store.add_reply(&reply(id, None, None, 1), 10).await.unwrap());
    assert!(store.delete_clip(id).await.unwrap());
    assert!(!store.delete_clip(id).await.unwrap());
    assert_eq!(store.clip(id).await.unwrap(), None);
    assert!(store.fragments(id).await.unwrap().is_empty() && store.replies(id).await.unwrap().is_empty());
    assert_eq!(store.clip_by_upload(hash("delete")).await.unwrap(), None);
    assert!(store.leftovers().await.unwrap().contains(&all), "what lay on disk is to be removed");
    store.forget(all).await.unwrap();
    assert!(!store.leftovers().await.unwrap().iter().any(|left| left.clip == id));
}
