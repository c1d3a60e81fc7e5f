//! Promises of stores: replies, the room there is for them, and their order.

use std::collections::BTreeSet;

use vignette_model::text::{Login, PersonName, ReplyBody};
use vignette_model::{Anchor, ClipId, Micros, Point, ReplyId, Shape, TakeId};

use super::fixture::{
    NOW, UNLIMITED, a_clip, a_member, ann_and_bob, create, hash, invite, later, new_person, now,
    reply,
};
use crate::markdown::Rendered;
use crate::store::{Joined, Kept, NewPerson, ReplyQuota, ReplyRow, Store, place};

async fn add(store: &dyn Store, row: &ReplyRow, quota: &ReplyQuota) -> Kept {
    store.add_reply(row, "Text", quota).await.unwrap()
}

async fn change(store: &dyn Store, id: ReplyId, text: &str, quota: &ReplyQuota) -> Kept {
    let body = ReplyBody::new(text).unwrap();
    let rendered = Rendered { html: format!("<p>{text}</p>"), text: text.to_owned() };
    store.change_reply(id, &body, &rendered, later(9), quota).await.unwrap()
}

/// What a reply takes of a clip's room.
fn bytes(row: &ReplyRow) -> u64 {
    (row.name.len() + row.body.as_str().len() + row.html.len()) as u64
}

pub async fn a_reply_is_kept_as_it_was_written(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let clip = create(store, &ann, TakeId::new(), "upload").await.id;
    let other = create(store, &ann, TakeId::new(), "other").await.id;
    let (by_guest, by_bob) = (reply(clip, None, None, 1), reply(clip, None, Some(&bob), 2));
    for row in [&by_guest, &by_bob] {
        assert_eq!(add(store, row, &UNLIMITED).await, Kept::Yes);
        assert_eq!(store.reply(clip, row.id).await.unwrap().as_ref(), Some(row));
        assert_eq!(store.reply(other, row.id).await.unwrap(), None, "under its own clip only");
    }
    assert_eq!(now(store, clip).await.replies, 2);
    assert_eq!(add(store, &reply(ClipId::new(), None, None, 3), &UNLIMITED).await, Kept::Gone);
}

pub async fn writers_of_one_name_are_told_apart(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let clip = create(store, &ann, TakeId::new(), "upload").await.id;
    let by = [Some(&ann), Some(&bob), None].map(|person| reply(clip, None, person, 1));
    for row in &by {
        add(store, row, &UNLIMITED).await;
    }
    let logins = async || {
        let mut logins = Vec::new();
        for row in &by {
            let row = store.reply(clip, row.id).await.unwrap().unwrap();
            logins.push(row.login.map(|login| login.to_string()));
        }
        logins
    };
    assert_eq!(logins().await, [None, None, None]);
    let olga = store.owner().await.unwrap().unwrap();
    store.add_invite(&invite("secret", olga.id)).await.unwrap();
    let alike = NewPerson { login: Login::typed("second"), ..new_person("\u{410}nn") };
    assert_eq!(store.join(hash("secret"), &alike).await.unwrap(), Joined::Added);
    assert_eq!(logins().await, [Some("ann".to_owned()), None, None]);
    let left = PersonName::new("Ann (left)").unwrap();
    store.remove_person(alike.person.id, &left, NOW).await.unwrap();
    assert_eq!(logins().await, [None, None, None], "there is one of that name again");
}

pub async fn a_reply_keeps_its_range_and_its_shape(store: &dyn Store) {
    let clip = a_clip(store).await;
    let far = Shape::FAR;
    let points = (0..far).map(|n| Point { x: far - n, y: n }).take(Shape::MOST);
    let shape = Shape::new(points.collect()).unwrap();
    let (start_us, end_us) = (Micros::from_secs(62), Some(Micros::from_secs(70)));
    let (range, drawn) = (Anchor { start_us, end_us, shape: None }, Some(shape));
    let anchors = [
        None,
        Some(Anchor { shape: drawn.clone(), ..Anchor::moment(Micros(0)) }),
        Some(range.clone()),
        Some(Anchor { shape: drawn, ..range }),
    ];
    for (n, anchor) in anchors.into_iter().enumerate() {
        let row = ReplyRow { anchor, ..reply(clip, None, None, n as u64) };
        assert_eq!(add(store, &row, &UNLIMITED).await, Kept::Yes);
        assert_eq!(store.reply(clip, row.id).await.unwrap(), Some(row));
    }
    let moments = store.reply_moments(&a_member(), clip).await.unwrap();
    let mut moments: Vec<_> = moments.into_iter().map(|(_, at)| at).collect();
    moments.sort();
    assert_eq!(moments, [Micros(0), start_us, start_us], "a range stands where it begins");
}

pub async fn a_parent_is_a_reply_to_the_same_clip(store: &dyn Store) {
    let (clip, other) = (a_clip(store).await, a_clip(store).await);
    let first = reply(clip, None, None, 1);
    assert_eq!(add(store, &first, &UNLIMITED).await, Kept::Yes);
    assert_eq!(add(store, &reply(clip, Some(&first), None, 2), &UNLIMITED).await, Kept::Yes);
    assert_eq!(add(store, &reply(other, Some(&first), None, 3), &UNLIMITED).await, Kept::Gone);
    let lost = ReplyRow { parent: Some(ReplyId::new()), ..reply(clip, None, None, 3) };
    assert_eq!(add(store, &lost, &UNLIMITED).await, Kept::Gone);
}

pub async fn a_changed_reply_has_another_text_and_time(store: &dyn Store) {
    let clip = a_clip(store).await;
    let row = reply(clip, None, None, 1);
    let room_for_one = ReplyQuota { replies: 1, ..UNLIMITED };
    assert_eq!(add(store, &row, &room_for_one).await, Kept::Yes);
    assert_eq!(change(store, row.id, "Other", &room_for_one).await, Kept::Yes, "it is one still");
    let changed = store.reply(clip, row.id).await.unwrap().unwrap();
    let (body, html) = (ReplyBody::new("Other").unwrap(), "<p>Other</p>".to_owned());
    assert_eq!(changed, ReplyRow { body, html, edited_at: Some(later(9)), ..row });
    assert_eq!(change(store, ReplyId::new(), "Other", &UNLIMITED).await, Kept::Gone);
}

pub async fn a_clip_has_room_for_so_many_replies_and_bytes(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let clip = create(store, &ann, TakeId::new(), "upload").await.id;
    let (first, second) = (reply(clip, None, Some(&bob), 1), reply(clip, None, Some(&bob), 2));
    assert_eq!(add(store, &first, &UNLIMITED).await, Kept::Yes);
    let both = bytes(&first) + bytes(&second);
    let one = ReplyQuota { replies: 1, ..UNLIMITED };
    let short = ReplyQuota { bytes: both - 1, ..UNLIMITED };
    assert_eq!(add(store, &second, &one).await, Kept::Full);
    assert_eq!(add(store, &second, &short).await, Kept::Full);
    assert_eq!(add(store, &second, &ReplyQuota { bytes: both, ..UNLIMITED }).await, Kept::Yes);
    let full = ReplyQuota { bytes: both, ..UNLIMITED };
    assert_eq!(change(store, first.id, "Longer text", &full).await, Kept::Full);
}

pub async fn guests_have_a_part_of_the_room(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let clip = create(store, &ann, TakeId::new(), "upload").await.id;
    let (first, second) = (reply(clip, None, None, 1), reply(clip, None, None, 2));
    assert_eq!(add(store, &first, &UNLIMITED).await, Kept::Yes);
    let both = bytes(&first) + bytes(&second);
    let one = ReplyQuota { guest_replies: 1, ..UNLIMITED };
    let short = ReplyQuota { guest_bytes: both - 1, ..UNLIMITED };
    assert_eq!(add(store, &second, &one).await, Kept::GuestsFull);
    assert_eq!(add(store, &second, &short).await, Kept::GuestsFull);
    assert_eq!(change(store, first.id, &"long ".repeat(99), &short).await, Kept::GuestsFull);
    let none = ReplyQuota { guest_replies: 0, guest_bytes: 0, ..UNLIMITED };
    let by_bob = reply(clip, None, Some(&bob), 3);
    assert_eq!(add(store, &by_bob, &none).await, Kept::Yes, "members have the rest");
    let enough = ReplyQuota { guest_replies: 2, guest_bytes: both, ..UNLIMITED };
    assert_eq!(add(store, &second, &enough).await, Kept::Yes);
}

pub async fn follow_ups_go_with_their_reply(store: &dyn Store) {
    let clip = a_clip(store).await;
    let (first, second) = (reply(clip, None, None, 1), reply(clip, None, None, 2));
    let follow_up = reply(clip, Some(&first), None, 3);
    for row in [&first, &second, &follow_up] {
        assert_eq!(add(store, row, &UNLIMITED).await, Kept::Yes);
    }
    assert!(store.delete_reply(first.id).await.unwrap());
    assert!(!store.delete_reply(first.id).await.unwrap());
    let left = store.replies(&a_member(), clip, None, 9).await.unwrap();
    let left: BTreeSet<_> = left.iter().map(|row| row.id).collect();
    assert_eq!(left, BTreeSet::from([second.id]));
}

/// Threads of several moments, in the order in which they are to be listed.
async fn threads(store: &dyn Store, clip: ClipId) -> Vec<ReplyRow> {
    let mut rows: Vec<ReplyRow> = Vec::new();
    let moments = [Some(9), None, Some(0), Some(9), Some(3), None, Some(604_800)];
    for (n, at) in moments.into_iter().enumerate() {
        let mut root = reply(clip, None, None, 20 - n as u64);
        let start = at.map(Micros::from_secs);
        root.anchor = start.map(Anchor::moment);
        root.place = place(None, start, root.created_at, root.id);
        let mut follow_ups = [60, 50].map(|at| reply(clip, Some(&root), None, at));
        // A follow-up has no moment of its own to be sorted by.
        follow_ups.iter_mut().for_each(|row| row.anchor = None);
        rows.push(root);
        rows.extend(follow_ups);
    }
    for row in &rows {
        assert_eq!(add(store, row, &UNLIMITED).await, Kept::Yes);
    }
    let mut expected = rows.clone();
    let root = |row: &ReplyRow| {
        rows.iter().find(|root| Some(root.id) == row.parent).unwrap_or(row).clone()
    };
    expected.sort_by_key(|row| {
        let (root, late) = (root(row), Micros(u64::MAX));
        let moment = root.anchor.map_or(late, |anchor| anchor.start_us);
        (moment, root.created_at, root.id, row.parent.is_some(), row.created_at, row.id)
    });
    expected
}

pub async fn threads_are_in_the_order_of_their_moments(store: &dyn Store) {
    let clip = a_clip(store).await;
    let expected = threads(store, clip).await;
    let listed = store.replies(&a_member(), clip, None, 100).await.unwrap();
    assert_eq!(listed, expected, "those without a moment last, follow-ups below their reply");
    let roots = expected.iter().filter(|row| row.parent.is_none());
    let moments: Vec<_> =
        roots.filter_map(|row| Some((row.id, row.anchor.as_ref()?.start_us))).collect();
    assert_eq!(store.reply_moments(&a_member(), clip).await.unwrap(), moments);
}

pub async fn replies_come_in_pages(store: &dyn Store) {
    let clip = a_clip(store).await;
    let expected = threads(store, clip).await;
    let mut paged: Vec<ReplyRow> = Vec::new();
    while let after = paged.last().map(|row| row.place.as_str())
        && let page = store.replies(&a_member(), clip, after, 4).await.unwrap()
        && !page.is_empty()
    {
        assert!(page.len() <= 4);
        paged.extend(page);
    }
    assert_eq!(paged, expected, "pages neither overlap nor leave out");
}
