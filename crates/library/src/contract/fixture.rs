//! What the promises begin with: a moment, people, clips, replies.

use std::time::Duration;

use vignette_fmp4::Fragment;
use vignette_model::api::NewClip;
use vignette_model::text::{CueText, Label, Login, PersonName, ReplyBody, Title};
use vignette_model::transcript::Cue;
use vignette_model::{
    Anchor, ClipId, ClipKey, Micros, PersonId, RecordingId, ReplyId, Sha256, Span, TakeId,
    UtcMicros,
};

use crate::actor::{Person, Viewer};
use crate::media::Extent;
use crate::store::{
    Appended, Clip, CueRow, FreshClip, FreshUpload, Invite, Job, Joined, NewPerson, ReplyQuota,
    ReplyRow, Sealed, Store, place,
};

pub(super) const NOW: UtcMicros = UtcMicros(1_800_000_000_000_000);

/// No limit that a promise would meet by accident.
pub(super) const UNLIMITED: ReplyQuota =
    ReplyQuota { replies: 1_000, bytes: 1 << 30, guest_replies: 1_000, guest_bytes: 1 << 30 };

pub(super) fn later(secs: u64) -> UtcMicros {
    NOW + Duration::from_secs(secs)
}

pub(super) fn hash(text: &str) -> Sha256 {
    Sha256::of(text.as_bytes())
}

/// Somebody whose login is their name.
pub(super) fn new_person(name: &str) -> NewPerson {
    NewPerson {
        person: Person { id: PersonId::new(), name: PersonName::new(name).unwrap() },
        login: Login::new(name).unwrap(),
        password: Some(format!("hash of {name}'s password")),
        at: NOW,
    }
}

/// The first person, an administrator.
pub(super) async fn olga(store: &dyn Store) -> Person {
    store.ensure_first(&new_person("Olga")).await.unwrap()
}

pub(super) fn invite(secret: &str, made_by: PersonId) -> Invite {
    Invite {
        hash: hash(secret),
        setup: false,
        made_by: Some(made_by),
        created_at: NOW,
        expires_at: later(100),
    }
}

/// Somebody more with an account. There is a first person already.
pub(super) async fn member(store: &dyn Store, name: &str) -> Person {
    let admin = store.owner().await.unwrap().unwrap().id;
    let secret = format!("invitation of {name}");
    assert!(store.add_invite(&invite(&secret, admin)).await.unwrap());
    let new = new_person(name);
    assert_eq!(store.join(hash(&secret), &new).await.unwrap(), Joined::Added);
    new.person
}

/// Ann and Bob, members of a library that Olga looks after.
pub(super) async fn ann_and_bob(store: &dyn Store) -> (Person, Person) {
    olga(store).await;
    (member(store, "Ann").await, member(store, "Bob").await)
}

pub(super) fn new_clip(take: TakeId, title: &str) -> NewClip {
    NewClip {
        take,
        title: Title::new(title).unwrap(),
        summary: Default::default(),
        live: false,
        recorded_at_us: NOW,
    }
}

/// Makes a clip of a take whose upload has the secret `upload`.
pub(super) async fn create(store: &dyn Store, author: &Person, take: TakeId, upload: &str) -> Clip {
    create_as(store, author, &new_clip(take, "Title"), upload, None).await
}

/// Makes a clip of what its author says of it, whose upload has the secret `upload`.
pub(super) async fn create_as(
    store: &dyn Store,
    author: &Person,
    new: &NewClip,
    upload: &str,
    by_upload: Option<FreshUpload>,
) -> Clip {
    let id = ClipId::new();
    let fresh = FreshClip {
        id,
        recording: recording(id),
        key: ClipKey::random(),
        author: author.id,
        new,
        upload: hash(upload),
        by_upload,
        at: NOW,
    };
    store.create_clip(&fresh).await.unwrap()
}

/// The recording of a clip that this suite made: it has the clip's id.
pub(super) fn recording(clip: ClipId) -> RecordingId {
    RecordingId(clip.0)
}

/// A clip of the library's first person, whom it makes if there is none.
pub(super) async fn a_clip(store: &dyn Store) -> ClipId {
    let author = olga(store).await;
    create(store, &author, TakeId::new(), &ClipId::new().to_string()).await.id
}

/// Somebody with an account: every clip is theirs to see.
pub(super) fn a_member() -> Viewer {
    Viewer { person: Some(PersonId::new()), link: None }
}

pub(super) async fn now(store: &dyn Store, id: ClipId) -> Clip {
    store.clip(id).await.unwrap().unwrap()
}

/// What is to be done, in the order in which it is due.
pub(super) async fn jobs(store: &dyn Store) -> Vec<Job> {
    store.jobs().await.unwrap().into_iter().map(|row| row.job).collect()
}

/// A sealed file of that name, with a header of seven bytes.
pub(super) fn sealed_object(object: &str) -> Sealed {
    let object = object.parse().unwrap();
    Sealed { object, header_bytes: 7, header_sha256: hash("header"), sha256: hash("stream") }
}

/// A fragment that fills `offset..offset + size` and lasts a second.
pub(super) fn fragment(offset: u64, size: u64) -> Fragment {
    Fragment {
        offset_bytes: offset,
        size_bytes: size,
        moof_offset_bytes: offset,
        moof_size_bytes: size / 2,
        start: Micros(offset),
        duration: Span::from_secs(1),
    }
}

pub(super) fn appended<'a>(
    clip: ClipId,
    from: u64,
    to: u64,
    fragments: &'a [Fragment],
) -> Appended<'a> {
    Appended {
        recording: recording(clip),
        from_bytes: from,
        cleanings: 0,
        extent: (to > from).then(|| extent(from, to)),
        length_bytes: None,
        at: later(from),
        head: None,
        fragments,
        stream_state: None,
        complete: None,
    }
}

/// `from..to` of a stream, in an object of its own.
pub(super) fn extent(from: u64, to: u64) -> Extent {
    let object = format!("stream-{from}-{to}").parse().unwrap();
    Extent {
        object,
        position_bytes: 7,
        offset_bytes: from,
        size_bytes: to - from,
        sha256: hash("bytes"),
    }
}

/// The last append of a stream of `from` bytes, which brings `fragments`.
pub(super) fn completing<'a>(
    clip: ClipId,
    from: u64,
    to: u64,
    fragments: &'a [Fragment],
) -> Appended<'a> {
    Appended { complete: Some(hash("whole")), ..appended(clip, from, to, fragments) }
}

/// A reply that is pinned to the third second.
pub(super) fn reply(
    clip: ClipId,
    parent: Option<&ReplyRow>,
    person: Option<&Person>,
    at: u64,
) -> ReplyRow {
    let (id, created_at, moment) = (ReplyId::new(), later(at), Some(Micros::from_secs(3)));
    ReplyRow {
        id,
        clip,
        parent: parent.map(|parent| parent.id),
        person: person.map(|person| person.id),
        name: person.map_or("A guest".to_owned(), |person| person.name.to_string()),
        login: None,
        secret: person.is_none().then(|| hash("guest")),
        body: ReplyBody::new("Text").unwrap(),
        html: "<p>Text</p>".to_owned(),
        anchor: moment.map(Anchor::moment),
        created_at,
        edited_at: None,
        place: place(parent, moment, created_at, id),
    }
}

pub(super) fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

/// A cue of one second.
pub(super) fn cue(start_secs: u64, text: &str) -> CueRow {
    let cue = Cue {
        start_us: Micros::from_secs(start_secs),
        end_us: Micros::from_secs(start_secs + 1),
        text: CueText::new(text).unwrap(),
        word_starts_us: Vec::new(),
    };
    CueRow { cue, edited: false, hidden: false }
}
