//! Replies: who writes, changes and deletes them, and who hears of it.

use vignette_library::LibraryError;
use vignette_library::{Actor, Library, Newcomer, Visit};
use vignette_model::api::{ClipChange, ClipEvent, NewReply, Reply, ReplyChange};
use vignette_model::text::{Login, PersonName, ReplyBody};
use vignette_model::{Anchor, ClipKey, ErrorCode, Micros, Problem, ReplyId, Secret};

use crate::rig::{STREAM, World};

fn words(text: &str) -> ReplyBody {
    ReplyBody::new(text).unwrap()
}

fn guest(text: &str, at_secs: u64) -> NewReply {
    let name = Some(PersonName::new("<b>Gus</b>").unwrap());
    let anchor = Some(Anchor::moment(Micros::from_secs(at_secs)));
    NewReply { body: words(text), name, anchor, parent: None }
}

async fn all(library: &Library, actor: &Actor, key: &ClipKey) -> Vec<Reply> {
    library.replies(actor, key, None, 50).await.unwrap().replies
}

fn code<T>(answer: Result<T, LibraryError>) -> Option<ErrorCode> {
    answer.err().map(|error| error.code())
}

#[tokio::test]
async fn a_guest_replies_with_a_link_and_a_name() {
    let world = World::new().await;
    let clip = world.sealed(STREAM).await;
    let (key, nobody, library) = (&clip.created.key, Actor::anonymous(), &world.library);
    let mut events = library.events(&nobody, key).await.unwrap();
    let posted = library.post_reply(&nobody, key, guest("At *this* moment", 3)).await.unwrap();
    let (reply, secret) = (posted.reply, posted.secret.unwrap());
    assert_eq!((reply.name.as_str(), reply.member, reply.mine), ("<b>Gus</b>", false, true));
    assert_eq!(
        (reply.anchor, reply.body_html.as_str()),
        (Some(Anchor::moment(Micros::from_secs(3))), "<p>At <em>this</em> moment</p>")
    );
    let ClipEvent::Reply { reply: heard } = events.recv().await.unwrap() else {
        panic!("a reply is heard of")
    };
    assert_eq!((heard.id, heard.mine), (reply.id, false), "what everybody hears is nobody's");
    let ClipEvent::Clip { clip: heard } = events.recv().await.unwrap() else {
        panic!("the clip counts its replies")
    };
    assert_eq!(heard.replies, 1);

    let listed = all(library, &nobody, key).await;
    assert_eq!(
        listed.iter().map(|reply| (reply.id, reply.mine)).collect::<Vec<_>>(),
        [(reply.id, false)]
    );
    let with_secret = Actor::anonymous().with_reply_secret(secret.clone());
    assert!(all(library, &with_secret, key).await[0].mine);

    let change = ReplyChange { body: words("Other words") };
    let wrong = Actor::anonymous().with_reply_secret(Secret::random("reply"));
    for other in [&nobody, &wrong, &world.bob().await, &world.ann] {
        assert_eq!(
            code(library.change_reply(other, key, reply.id, change.clone()).await),
            Some(ErrorCode::NotAllowed)
        );
    }
    let changed = library.change_reply(&with_secret, key, reply.id, change).await.unwrap();
    assert_eq!(
        (changed.body.as_str(), changed.edited_at_us.is_some(), changed.mine),
        ("Other words", true, true)
    );
    assert_eq!(all(library, &nobody, key).await[0].body.as_str(), "Other words");
    library.delete_reply(&with_secret, key, reply.id).await.unwrap();
    assert!(all(library, &nobody, key).await.is_empty());
    assert_eq!(
        code(library.delete_reply(&with_secret, key, reply.id).await),
        Some(ErrorCode::NotFound)
    );
}

#[tokio::test]
async fn members_sign_with_their_own_name() {
    let world = World::new().await;
    let clip = world.sealed(STREAM).await;
    let (key, bob, library) = (&clip.created.key, world.bob().await, &world.library);
    let posted = library.post_reply(&bob, key, guest("Signed", 1)).await.unwrap();
    assert_eq!(
        (posted.reply.name.as_str(), posted.reply.member),
        ("Bob", true),
        "a member cannot take another name"
    );
    assert_eq!(posted.secret, None);
    assert!(all(library, &bob, key).await[0].mine);
    let change = ReplyChange { body: words("Changed") };
    assert_eq!(
        code(library.change_reply(&world.ann, key, posted.reply.id, change.clone()).await),
        Some(ErrorCode::NotAllowed)
    );
    library.change_reply(&bob, key, posted.reply.id, change).await.unwrap();
    library.delete_reply(&world.ann, key, posted.reply.id).await.unwrap();
    assert!(all(library, &bob, key).await.is_empty(), "the clip's author may delete any");
}

#[tokio::test]
async fn follow_ups_are_one_level_deep() {
    let world = World::new().await;
    let (clip, other) = (world.sealed(STREAM).await, world.sealed(STREAM).await);
    let (key, nobody, library) = (&clip.created.key, Actor::anonymous(), &world.library);
    let post = async |parent| {
        library.post_reply(&nobody, key, NewReply { parent, ..guest("Words", 1) }).await
    };
    let first = post(None).await.unwrap();
    let follow_up = post(Some(first.reply.id)).await.unwrap();
    assert_eq!(follow_up.reply.parent, Some(first.reply.id));
    assert_eq!(code(post(Some(follow_up.reply.id)).await), Some(ErrorCode::BadRequest));
    assert_eq!(code(post(Some(ReplyId::new())).await), Some(ErrorCode::BadRequest));
    let elsewhere =
        library.post_reply(&nobody, &other.created.key, guest("There", 1)).await.unwrap();
    assert_eq!(
        code(post(Some(elsewhere.reply.id)).await),
        Some(ErrorCode::BadRequest),
        "a parent is of the same clip"
    );
    let change = ReplyChange { body: words("Words") };
    let there = Actor::anonymous().with_reply_secret(elsewhere.secret.unwrap());
    let changed = library.change_reply(&there, key, elsewhere.reply.id, change).await;
    assert_eq!(
        code(changed),
        Some(ErrorCode::NotFound),
        "one clip's link does not reach another's replies"
    );

    let mut events = library.events(&nobody, key).await.unwrap();
    let writer = Actor::anonymous().with_reply_secret(first.secret.unwrap());
    library.delete_reply(&writer, key, first.reply.id).await.unwrap();
    assert_eq!(events.recv().await.unwrap(), ClipEvent::ReplyDeleted { id: first.reply.id });
    assert!(all(library, &nobody, key).await.is_empty(), "follow-ups go with their reply");
}

#[tokio::test]
async fn what_is_wrong_with_a_reply_is_said() {
    let world = World::with(|settings| settings.max_replies = 4).await;
    let clip = world.create(false).await;
    let (key, nobody, library) = (&clip.created.key, Actor::anonymous(), &world.library);
    let post = async |new| library.post_reply(&nobody, key, new).await;
    assert_eq!(
        code(post(NewReply { name: None, ..guest("Words", 1) }).await),
        Some(ErrorCode::BadRequest)
    );
    let anchor = Some(Anchor::moment(Micros(u64::MAX)));
    let never = NewReply { anchor, ..guest("Words", 1) };
    assert_eq!(code(post(never).await), Some(ErrorCode::BadRequest));
    post(NewReply { anchor: None, ..guest("No moment", 1) }).await.unwrap();
    post(guest("<script>alert(1)</script>", 1)).await.unwrap();
    assert_eq!(code(post(guest("One too many", 1)).await), Some(ErrorCode::TooManyRequests));
    let listed = all(library, &nobody, key).await;
    assert_eq!(listed.len(), 2, "one may reply while it is being recorded");
    assert!(listed.iter().all(|reply| !reply.body_html.contains("<script")));
}

#[tokio::test]
async fn guests_leave_room_for_members() {
    let world = World::with(|settings| settings.max_replies = 3).await;
    let clip = world.sealed(STREAM).await;
    let (key, nobody, bob, library) =
        (&clip.created.key, Actor::anonymous(), world.bob().await, &world.library);
    library.post_reply(&nobody, key, guest("One", 1)).await.unwrap();
    let problem =
        Problem::from(library.post_reply(&nobody, key, guest("Two", 1)).await.unwrap_err());
    assert_eq!(problem.code, ErrorCode::TooManyRequests);
    assert!(problem.message.contains("guests"), "{}", problem.message);
    library.post_reply(&bob, key, guest("Two", 1)).await.unwrap();
    library.post_reply(&bob, key, guest("Three", 1)).await.unwrap();
    assert_eq!(
        code(library.post_reply(&bob, key, guest("Four", 1)).await),
        Some(ErrorCode::TooManyRequests)
    );
}

#[tokio::test]
async fn a_guest_takes_nobodys_name() {
    let world = World::new().await;
    let clip = world.sealed(STREAM).await;
    let (key, nobody, library) = (&clip.created.key, Actor::anonymous(), &world.library);
    world.bob().await;
    let post = async |name: &str| {
        let name = Some(PersonName::new(name).unwrap());
        library.post_reply(&nobody, key, NewReply { name, ..guest("Words", 1) }).await
    };
    for name in ["Bob", "bob", " BOB ", "Ｂｏｂ", "B\u{200d}ob", "\u{202e}Bob", "𝐁𝐨𝐛"] {
        let problem = Problem::from(post(name).await.unwrap_err());
        assert_eq!(problem.code, ErrorCode::BadRequest, "{}", name.escape_unicode());
        assert!(problem.help.contains("sign in"), "{}", problem.help);
    }
    assert!(!post("Bob Ray").await.unwrap().reply.member);
    assert!(
        all(library, &nobody, key).await.iter().all(|reply| !reply.member),
        "a guest is no member in any list"
    );
}

#[tokio::test]
async fn members_see_which_of_two_of_one_name_wrote_a_reply() {
    let world = World::new().await;
    let clip = world.sealed(STREAM).await;
    let (key, library) = (&clip.created.key, &world.library);
    let nobody = Actor::anonymous();
    let bob = world.bob().await;
    let host = library.host().await.unwrap().unwrap();
    let invite = library.invite(&host).await.unwrap();
    let second = Newcomer {
        name: bob.person().unwrap().name.clone(),
        login: Login::new("second").unwrap(),
        password: "correct horse",
    };
    let second = library.join(&invite, second, &Visit::default()).await.unwrap();
    let second = Actor::member(second.person);
    let (mut here, mut outside) =
        (library.events(&bob, key).await.unwrap(), library.events(&nobody, key).await.unwrap());
    for (actor, at) in [(&bob, 1), (&second, 2), (&world.ann, 3)] {
        let reply = NewReply { name: None, ..guest("Words", at) };
        library.post_reply(actor, key, reply).await.unwrap();
    }
    let logins = async |actor: &Actor| -> Vec<_> {
        all(library, actor, key).await.into_iter().map(|reply| (reply.name, reply.login)).collect()
    };
    let said = |name: &str, login: Option<&str>| (name.to_owned(), login.map(str::to_owned));
    let to_members = [said("Bob", Some("bob")), said("Bob", Some("second")), said("Ann", None)];
    assert_eq!(logins(&world.ann).await, to_members);
    let to_guests = [said("Bob", None), said("Bob", None), said("Ann", None)];
    assert_eq!(logins(&nobody).await, to_guests, "logins are the members' own business");
    for (events, login) in [(&mut here, Some("bob")), (&mut outside, None)] {
        let ClipEvent::Reply { reply } = events.recv().await.unwrap() else {
            panic!("a reply is heard of")
        };
        assert_eq!(reply.login.as_deref(), login);
    }
}

#[tokio::test]
async fn its_author_may_take_replies_from_members_only() {
    let world = World::new().await;
    let clip = world.sealed(STREAM).await;
    let (key, nobody, bob, library) =
        (&clip.created.key, Actor::anonymous(), world.bob().await, &world.library);
    assert!(library.watch(&nobody, key).await.unwrap().guests);
    let secret = library.post_reply(&nobody, key, guest("While one could", 1)).await.unwrap();
    let off = ClipChange { guests: Some(false), ..ClipChange::default() };
    assert_eq!(
        code(library.change_clip(&bob, clip.created.id, off.clone()).await),
        Some(ErrorCode::NotAllowed)
    );
    assert!(!library.change_clip(&world.ann, clip.created.id, off).await.unwrap().view.guests);
    assert_eq!(
        code(library.post_reply(&nobody, key, guest("Words", 1)).await),
        Some(ErrorCode::SignInNeeded)
    );
    let guest_again = Actor::anonymous().with_reply_secret(secret.secret.unwrap());
    let change = ReplyChange { body: words("Changed") };
    assert_eq!(
        code(library.change_reply(&guest_again, key, secret.reply.id, change).await),
        Some(ErrorCode::SignInNeeded)
    );
    library.post_reply(&bob, key, guest("Words", 1)).await.unwrap();
    library.delete_reply(&guest_again, key, secret.reply.id).await.unwrap();
}

#[tokio::test]
async fn replies_come_in_pages_of_bounded_size() {
    let world = World::new().await;
    let clip = world.sealed(STREAM).await;
    let (key, bob, library) = (&clip.created.key, world.bob().await, &world.library);
    let long = "😀".repeat(9_900);
    for n in 0..60 {
        let words = format!("{n} {}", if n < 14 { &long } else { "short" });
        let anchor = Some(Anchor::moment(Micros::from_millis(n * 50)));
        let new = NewReply { anchor, ..guest(&words, 0) };
        library.post_reply(&bob, key, new).await.unwrap();
    }
    let mut pages = vec![library.replies(&bob, key, None, 50).await.unwrap()];
    while let Some(next) = &pages.last().unwrap().next {
        pages.push(library.replies(&bob, key, Some(next), 50).await.unwrap());
    }
    for page in &pages {
        let bytes: usize = page
            .replies
            .iter()
            .map(|reply| reply.body.as_str().len() + reply.body_html.len())
            .sum();
        assert!(
            page.replies.len() <= 50 && bytes <= 1 << 20,
            "{} replies of {bytes} bytes",
            page.replies.len()
        );
    }
    assert!(pages[0].replies.len() < 14, "a page of long replies has fewer");
    let moments: Vec<_> = pages
        .iter()
        .flat_map(|page| &page.replies)
        .map(|reply| reply.anchor.as_ref().unwrap().start_us)
        .collect();
    assert_eq!(
        moments,
        (0..60).map(|n| Micros::from_millis(n * 50)).collect::<Vec<_>>(),
        "in the order of their moments"
    );
    let told = pages[0].moments.as_ref().unwrap();
    assert_eq!(
        told.iter().map(|told| told.at_us).collect::<Vec<_>>(),
        moments,
        "the first page knows all moments"
    );
    assert!(pages[1].moments.is_none());
    let last = pages.last().unwrap().replies.last().unwrap().id;
    let after = library.page_of_reply(&bob, key, last).await.unwrap().unwrap();
    assert_eq!(library.replies(&bob, key, Some(&after), 50).await.unwrap().replies[0].id, last);
    assert_eq!(library.page_of_reply(&bob, key, pages[0].replies[0].id).await.unwrap(), None);
    for nonsense in ["no such page\n", &"0".repeat(500)] {
        assert_eq!(
            code(library.replies(&bob, key, Some(nonsense), 50).await),
            Some(ErrorCode::BadRequest)
        );
    }
}

#[tokio::test]
async fn what_becomes_too_much_is_refused() {
    let world = World::new().await;
    let clip = world.sealed(STREAM).await;
    let (key, nobody, library) = (&clip.created.key, Actor::anonymous(), &world.library);
    let links = "<http:a>".repeat(1_250);
    let problem =
        Problem::from(library.post_reply(&nobody, key, guest(&links, 1)).await.unwrap_err());
    assert_eq!(
        (problem.code, problem.message.contains("64 kB")),
        (ErrorCode::TooLarge, true),
        "{}",
        problem.message
    );
    let posted = library.post_reply(&nobody, key, guest("Fine", 1)).await.unwrap();
    let writer = Actor::anonymous().with_reply_secret(posted.secret.unwrap());
    let change = ReplyChange { body: words(&links) };
    assert_eq!(
        code(library.change_reply(&writer, key, posted.reply.id, change).await),
        Some(ErrorCode::TooLarge)
    );
    assert_eq!(all(library, &nobody, key).await[0].body_html, "<p>Fine</p>");
}
