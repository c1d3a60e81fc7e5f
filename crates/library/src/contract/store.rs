//! The suite of stores.

use std::collections::BTreeSet;

use vignette_fmp4::Fragment;
use vignette_model::api::{ClipState, NewClip};
use vignette_model::text::{ReplyBody, Title};
use vignette_model::{ClipId, ClipKey, Micros, ReplyId, Sha256, TakeId, UtcMicros};

use crate::markdown::Rendered;
use crate::people::Person;
use crate::store::{
    Appended, Clip, FreshClip, FreshUpload, Kept, PendingDeletion, PendingPart, ReplyRoom, ReplyRow, RowChange, SealState,
    Sealed, Store, StreamHead, UploadPhase, place,
};

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
    uploads_of_their_own(store, &ann).await;
    appends(store, &ann).await;
    silence(store, &ann).await;
    sealing(store, &ann).await;
    replies(store, &ann, &bob).await;
    pages_of_replies(store, &ann).await;
    super::transcript::transcript(store, &ann).await;
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
    store
        .create_clip(&FreshClip { id, key, author: author.id, new: &new, upload: hash(upload), by_upload: None, at: NOW })
        .await
        .unwrap()
}

async fn clips(store: &dyn Store, ann: &Person, bob: &Person) {
    let take = TakeId::new();
    let clip = create(store, ann, take, "up 1").await;
    assert_eq!((clip.take, clip.author, clip.author_name.as_str()), (take, ann.id, "Ann"));
    assert_eq!((clip.state(), clip.offset_bytes, clip.recorded_at, clip.heard_at), (ClipState::Recording, 0, NOW, NOW));
    assert_eq!(clip.title.as_str(), "'; DROP TABLE clips; --", "text is text");

    let again = create(store, ann, take, "up 2").await;
    assert_eq!(again, clip, "the same take gives the same clip");
    assert_eq!(store.upload(hash("up 1")).await.unwrap(), None, "the upload secret before opens nothing");
    assert_eq!(store.upload(hash("up 2")).await.unwrap().unwrap().clip, clip.id);
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
    let change =
        RowChange { live: Some(true), stopped: Some(true), poster: Some(true), guests: Some(false), ..RowChange::default() };
    let changed = store.change_clip(clip.id, &change).await.unwrap().unwrap();
    assert!(clip.guests, "guests may reply until the author says otherwise");
    assert!(changed.live && changed.poster && !changed.guests && changed.upload == UploadPhase::Arriving);
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

async fn uploads_of_their_own(store: &dyn Store, ann: &Person) {
    let new =
        NewClip { take: TakeId::new(), title: Title::default(), summary: Default::default(), live: false, recorded_at_us: NOW };
    let make = async |length_bytes, upload| {
        let new = NewClip { take: TakeId::new(), ..new.clone() };
        let by_upload = Some(FreshUpload { length_bytes, metadata: length_bytes.map(|_| "title QQ==".to_owned()) });
        let (id, key) = (ClipId::new(), ClipKey::random());
        let fresh = FreshClip { id, key, author: ann.id, new: &new, upload: hash(upload), by_upload, at: NOW };
        store.create_clip(&fresh).await.unwrap()
    };
    let known = make(Some(7), "up known").await;
    assert_eq!((known.by_upload, known.length_bytes, known.state()), (true, Some(7), ClipState::Arriving));
    let declared = |id, to, length| Appended { length_bytes: Some(length), ..appended(id, 0, to, &[]) };
    assert!(!store.append(&declared(known.id, 3, 8)).await.unwrap(), "a length is noted once");
    assert!(!store.append(&appended(known.id, 0, 8, &[])).await.unwrap(), "a stream is no longer than its length");
    assert_eq!(store.clip(known.id).await.unwrap().unwrap(), known, "what is refused changes nothing");
    assert!(store.append(&declared(known.id, 7, 7)).await.unwrap(), "the same may be said again");

    assert_eq!(store.upload_metadata(known.id).await.unwrap().as_deref(), Some("title QQ=="));

    let unknown = make(None, "up unknown").await;
    assert_eq!(store.upload_metadata(unknown.id).await.unwrap(), None);
    assert_eq!(store.upload_metadata(ClipId::new()).await.unwrap(), None);
    assert_eq!((unknown.by_upload, unknown.length_bytes), (true, None));
    assert!(!store.append(&declared(unknown.id, 5, 4)).await.unwrap(), "more arrives than it says");
    assert!(store.append(&declared(unknown.id, 5, 6)).await.unwrap(), "a length comes with bytes, or after them");
    let clip = store.clip(unknown.id).await.unwrap().unwrap();
    assert_eq!((clip.offset_bytes, clip.length_bytes), (5, Some(6)));
    assert!(!store.append(&appended(unknown.id, 5, 7, &[])).await.unwrap(), "what was said with bytes holds from then on");

    let recorded = create(store, ann, TakeId::new(), "up recorded").await;
    assert_eq!((recorded.by_upload, recorded.length_bytes, recorded.state()), (false, None, ClipState::Recording));
    for clip in [known, unknown, recorded] {
        assert!(store.delete_clip(clip.id).await.unwrap());
        store.finish_deletion(PendingDeletion { clip: clip.id, part: PendingPart::All }).await.unwrap();
    }
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
    let at = later(from);
    Appended { clip, from_bytes: from, to_bytes: to, sha256, length_bytes: None, at, head: None, fragments, complete: None }
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
        (clip.upload, clip.state(), clip.heard_at, clip.head),
        (UploadPhase::Complete { sha256: hash("whole") }, ClipState::Ready, later(220), Some(head))
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
    assert_eq!(clip.state(), ClipState::Interrupted);
    assert!(!store.silent_since(later(1000)).await.unwrap().contains(&id), "it is marked once");
    assert!(store.unsealed().await.unwrap().contains(&id), "what is interrupted is sealed");
    assert!(store.upload(hash("silent")).await.unwrap().is_some(), "its sender may come back");
    assert!(store.append(&Appended { at: later(6), ..appended(id, 10, 20, &[]) }).await.unwrap());
    let clip = store.clip(id).await.unwrap().unwrap();
    let state = (clip.state(), clip.offset_bytes);
    assert_eq!(state, (ClipState::Recording, 20), "the next append ends the interruption, and what was kept back is again");
    assert!(store.interrupt(id, later(6), true).await.unwrap());
    assert!(store.upload(hash("silent")).await.unwrap().is_none(), "an upload that was given up is over");
    assert!(store.append(&appended(id, 20, 21, &[])).await.unwrap());
    let clip = store.clip(id).await.unwrap().unwrap();
    assert_eq!(clip.upload, UploadPhase::Arriving, "nothing is being recorded after it was given up");

    let id = create(store, ann, TakeId::new(), "done").await.id;
    let ten = [fragment(0, 10)];
    let done = Appended { complete: Some(hash("whole")), ..appended(id, 0, 10, &ten) };
    assert!(store.append(&done).await.unwrap());
    assert!(!store.interrupt(id, later(0), true).await.unwrap(), "what is complete is not interrupted");
}

async fn sealing(store: &dyn Store, ann: &Person) {
    let id = create(store, ann, TakeId::new(), "seal").await.id;
    let (stream, all) = (PendingPart::Stream, PendingPart::Sealed);
    let left = |part| PendingDeletion { clip: id, part };
    assert!(store.append(&appended(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert!(!store.unsealed().await.unwrap().contains(&id), "what is still arriving is not sealed");
    assert!(store.interrupt(id, later(0), false).await.unwrap());
    let sealed = Sealed { header_bytes: 7, header_sha256: hash("header"), sha256: hash("stream") };
    assert!(!store.seal(id, 9, &sealed).await.unwrap(), "only the whole is sealed");
    assert!(!store.seal(ClipId::new(), 10, &sealed).await.unwrap());
    assert!(!store.unseal(id).await.unwrap(), "what is not sealed is not taken up again");
    assert!(store.seal(id, 10, &sealed).await.unwrap());
    assert_eq!(store.clip(id).await.unwrap().unwrap().seal, SealState::Sealed(sealed));
    assert!(!store.unsealed().await.unwrap().contains(&id));
    assert!(store.pending_deletions().await.unwrap().contains(&left(stream)), "the separate stream is not needed any more");
    assert!(!store.append(&appended(id, 10, 20, &[])).await.unwrap(), "a sealed clip takes no bytes");

    assert!(store.unseal(id).await.unwrap());
    let pending = store.pending_deletions().await.unwrap();
    assert!(!pending.contains(&left(stream)) && pending.contains(&left(all)), "the stream is needed again, the file is not");
    assert!(store.append(&appended(id, 10, 20, &[])).await.unwrap());
    let done = Appended { complete: Some(hash("whole")), ..appended(id, 20, 20, &[]) };
    assert!(store.append(&done).await.unwrap());
    assert!(store.unsealed().await.unwrap().contains(&id));
    assert!(store.seal(id, 20, &sealed).await.unwrap());
    let pending = store.pending_deletions().await.unwrap();
    assert!(pending.contains(&left(stream)) && !pending.contains(&left(all)));
    assert!(!store.unseal(id).await.unwrap(), "what is complete stays sealed");
    store.finish_deletion(left(stream)).await.unwrap();
    assert!(!store.pending_deletions().await.unwrap().contains(&left(stream)));

    let id = create(store, ann, TakeId::new(), "damaged").await.id;
    let ten = [fragment(0, 10)];
    let done = Appended { complete: Some(hash("whole")), ..appended(id, 0, 10, &ten) };
    assert!(store.append(&done).await.unwrap());
    store.mark_damaged(id).await.unwrap();
    assert_eq!(store.clip(id).await.unwrap().unwrap().seal, SealState::Damaged);
    assert!(!store.unsealed().await.unwrap().contains(&id), "what is damaged is not sealed");
}

/// Room enough.
pub(super) const ROOM: ReplyRoom = ReplyRoom { replies: 1_000, bytes: 1 << 30, guest_replies: 1_000, guest_bytes: 1 << 30 };

pub(super) fn reply(clip: ClipId, parent: Option<&ReplyRow>, person: Option<&Person>, at: u64) -> ReplyRow {
    let (id, created_at, moment) = (ReplyId::new(), later(at), Some(Micros::from_secs(3)));
    ReplyRow {
        id,
        clip,
        parent: parent.map(|parent| parent.id),
        person: person.map(|person| person.id),
        name: person.map_or("A guest".to_owned(), |person| person.name.to_string()),
        secret: person.is_none().then(|| hash("guest")),
        body: ReplyBody::new("Words").unwrap(),
        html: "<p>Words</p>".to_owned(),
        at: moment,
        created_at,
        edited_at: None,
        place: place(parent, moment, created_at, id),
    }
}

async fn replies(store: &dyn Store, ann: &Person, bob: &Person) {
    let clip = create(store, ann, TakeId::new(), "replies").await.id;
    let other = create(store, ann, TakeId::new(), "no replies").await.id;
    let (first, second) = (reply(clip, None, None, 1), reply(clip, None, Some(bob), 0));
    let answer = reply(clip, Some(&second), Some(ann), 2);
    let three = ReplyRoom { replies: 3, ..ROOM };
    let add = async |row: &ReplyRow, room: &ReplyRoom| store.add_reply(row, "Words", room).await.unwrap();
    for row in [&first, &second, &answer] {
        assert_eq!(add(row, &three).await, Kept::Yes);
    }
    let in_order = [second.clone(), answer.clone(), first.clone()];
    assert_eq!(store.replies(clip, None, 9).await.unwrap(), in_order, "the older thread first, with its answers");
    assert_eq!(store.clip(clip).await.unwrap().unwrap().replies, 3);
    let lost = ReplyRow { parent: Some(ReplyId::new()), ..reply(clip, None, None, 3) };
    assert_eq!(add(&lost, &ROOM).await, Kept::Gone, "a parent has to be there");
    assert_eq!(add(&reply(other, Some(&first), None, 3), &ROOM).await, Kept::Gone, "a parent is of the same clip");
    assert_eq!(add(&reply(ClipId::new(), None, None, 3), &ROOM).await, Kept::Gone, "a clip has to be there");
    assert_eq!(store.reply(clip, first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(store.reply(other, first.id).await.unwrap(), None, "a reply is found under its own clip only");

    let body = ReplyBody::new("Other words").unwrap();
    let rendered = Rendered { html: "<p>Other words</p>".to_owned(), text: "Other words".to_owned() };
    let change = async |id, room: &ReplyRoom| store.change_reply(id, &body, &rendered, later(9), room).await.unwrap();
    assert_eq!(change(second.id, &three).await, Kept::Yes, "what is there takes no more room by being changed");
    let changed = store.reply(clip, second.id).await.unwrap().unwrap();
    assert_eq!(changed, ReplyRow { body: body.clone(), html: rendered.html.clone(), edited_at: Some(later(9)), ..second });
    assert_eq!(change(ReplyId::new(), &ROOM).await, Kept::Gone);

    // The room there is: in all, and for guests.
    let taken: u64 = [&first, &changed, &answer].map(bytes).iter().sum();
    let (guest, member) = (reply(clip, None, None, 3), reply(clip, None, Some(bob), 3));
    for (what, row, room, expected) in [
        ("replies", &member, three, Kept::Full),
        ("bytes", &member, ReplyRoom { bytes: taken + bytes(&member) - 1, ..ROOM }, Kept::Full),
        ("guests' replies", &guest, ReplyRoom { guest_replies: 1, ..ROOM }, Kept::GuestsFull),
        ("guests' bytes", &guest, ReplyRoom { guest_bytes: bytes(&first) + bytes(&guest) - 1, ..ROOM }, Kept::GuestsFull),
        ("a member's", &member, ReplyRoom { guest_replies: 1, guest_bytes: 0, bytes: taken + bytes(&member), ..ROOM }, Kept::Yes),
        ("a guest's", &guest, ReplyRoom { guest_replies: 2, guest_bytes: bytes(&first) + bytes(&guest), ..ROOM }, Kept::Yes),
    ] {
        assert_eq!(add(row, &room).await, expected, "{what}");
    }
    assert_eq!(change(first.id, &ReplyRoom { guest_bytes: 10, ..ROOM }).await, Kept::GuestsFull, "a change takes room too");
    assert_eq!(change(first.id, &ReplyRoom { bytes: taken, ..ROOM }).await, Kept::Full);

    assert!(store.delete_reply(changed.id).await.unwrap());
    assert!(!store.delete_reply(changed.id).await.unwrap());
    let left: BTreeSet<_> = store.replies(clip, None, 9).await.unwrap().iter().map(|row| row.id).collect();
    assert_eq!(left, BTreeSet::from([first.id, member.id, guest.id]), "the answers go with what they answer");
}

/// What a reply takes of a clip's room.
fn bytes(row: &ReplyRow) -> u64 {
    (row.name.len() + row.body.as_str().len() + row.html.len()) as u64
}

async fn pages_of_replies(store: &dyn Store, ann: &Person) {
    let clip = create(store, ann, TakeId::new(), "pages").await.id;
    let mut rows: Vec<ReplyRow> = Vec::new();
    for (n, at) in [Some(9), None, Some(0), Some(9), Some(3), None, Some(604_800)].into_iter().enumerate() {
        let mut root = reply(clip, None, None, 20 - n as u64);
        root.at = at.map(Micros::from_secs);
        root.place = place(None, root.at, root.created_at, root.id);
        let mut answers = [reply(clip, Some(&root), Some(ann), 60), reply(clip, Some(&root), None, 50)];
        // An answer has no moment of its own to be sorted by.
        answers.iter_mut().for_each(|answer| answer.at = None);
        rows.push(root);
        rows.extend(answers);
    }
    for row in &rows {
        assert_eq!(store.add_reply(row, "Words", &ROOM).await.unwrap(), Kept::Yes);
    }
    let mut expected = rows.clone();
    let root = |row: &ReplyRow| rows.iter().find(|root| Some(root.id) == row.parent).unwrap_or(row).clone();
    expected.sort_by_key(|row| {
        let root = root(row);
        let late = Micros(u64::MAX);
        (root.at.unwrap_or(late), root.created_at, root.id, row.parent.is_some(), row.created_at, row.id)
    });
    assert_eq!(store.replies(clip, None, 100).await.unwrap(), expected, "threads by moment, those without one last");
    let mut paged: Vec<ReplyRow> = Vec::new();
    while let page = store.replies(clip, paged.last().map(|row| row.place.as_str()), 4).await.unwrap()
        && !page.is_empty()
    {
        paged.extend(page);
    }
    assert_eq!(paged, expected, "pages neither overlap nor leave out");
    let pinned = expected.iter().filter(|row| row.parent.is_none()).filter_map(|row| Some((row.id, row.at?)));
    assert_eq!(store.reply_moments(clip).await.unwrap(), pinned.collect::<Vec<_>>());
}

async fn deletion(store: &dyn Store, ann: &Person) {
    let id = create(store, ann, TakeId::new(), "delete").await.id;
    let all = PendingDeletion { clip: id, part: PendingPart::All };
    assert!(store.append(&appended(id, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert_eq!(store.add_reply(&reply(id, None, None, 1), "Words", &ROOM).await.unwrap(), Kept::Yes);
    assert!(store.delete_clip(id).await.unwrap());
    assert!(!store.delete_clip(id).await.unwrap());
    assert_eq!(store.clip(id).await.unwrap(), None);
    assert!(store.fragments(id).await.unwrap().is_empty() && store.replies(id, None, 1).await.unwrap().is_empty());
    assert_eq!(store.upload(hash("delete")).await.unwrap(), None);
    assert!(store.pending_deletions().await.unwrap().contains(&all), "what lay on disk is to be removed");
    store.finish_deletion(all).await.unwrap();
    assert!(!store.pending_deletions().await.unwrap().iter().any(|left| left.clip == id));
}
