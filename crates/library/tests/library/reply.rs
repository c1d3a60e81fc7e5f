//! Replies: who writes, changes and deletes them, and who hears of it.

use vignette_library::Actor;
use vignette_model::api::{ClipEvent, NewReply, ReplyChange};
use vignette_model::text::{PersonName, ReplyBody};
use vignette_model::{ErrorCode, Micros, Problem, ReplyId, Secret};

use crate::rig::{STREAM, World};

fn words(text: &str) -> ReplyBody {
    ReplyBody::new(text).unwrap()
}

fn guest(text: &str, at_secs: u64) -> NewReply {
    let name = Some(PersonName::new("<b>Gus</b>").unwrap());
    NewReply { body: words(text), name, at_us: Some(Micros::from_secs(at_secs)), parent: None }
}

fn code<T>(answer: Result<T, Problem>) -> Option<ErrorCode> {
    answer.err().map(|problem| problem.code)
}

#[tokio::test]
async fn a_guest_replies_with_a_link_and_a_name() {
    let world = World::new().await;
    let clip = world.sealed(STREAM).await;
    let (key, nobody, library) = (&clip.created.key, Actor::nobody(), &world.library);
    let mut events = library.events(&nobody, key).await.unwrap();
    let posted = library.post_reply(&nobody, key, guest("At *this* moment", 3)).await.unwrap();
    let (reply, secret) = (posted.reply, posted.secret.unwrap());
    assert_eq!((reply.name.as_str(), reply.member, reply.mine), ("<b>Gus</b>", false, true));
    assert_eq!((reply.at_us, reply.body_html.as_str()), (Some(Micros::from_secs(3)), "<p>At <em>this</em> moment</p>"));
    let ClipEvent::Reply { reply: heard } = events.recv().await.unwrap() else { panic!("a reply is heard of") };
    assert_eq!((heard.id, heard.mine), (reply.id, false), "what everybody hears is nobody's");
    let ClipEvent::Clip { clip: heard } = events.recv().await.unwrap() else { panic!("the clip counts its replies") };
    assert_eq!(heard.replies, 1);

    let listed = library.replies(&nobody, key).await.unwrap();
    assert_eq!(listed.iter().map(|reply| (reply.id, reply.mine)).collect::<Vec<_>>(), [(reply.id, false)]);
    let with_secret = Actor::nobody().with_reply_secret(secret.clone());
    assert!(library.replies(&with_secret, key).await.unwrap()[0].mine);

    let change = ReplyChange { body: words("Other words") };
    let wrong = Actor::nobody().with_reply_secret(Secret::random("reply"));
    for other in [&nobody, &wrong, &world.bob().await, &world.ann] {
        assert_eq!(code(library.change_reply(other, key, reply.id, change.clone()).await), Some(ErrorCode::NotAllowed));
    }
    let changed = library.change_reply(&with_secret, key, reply.id, change).await.unwrap();
    assert_eq!((changed.body.as_str(), changed.edited_at_us.is_some(), changed.mine), ("Other words", true, true));
    assert_eq!(library.replies(&nobody, key).await.unwrap()[0].body.as_str(), "Other words");
    library.delete_reply(&with_secret, key, reply.id).await.unwrap();
    assert!(library.replies(&nobody, key).await.unwrap().is_empty());
    assert_eq!(code(library.delete_reply(&with_secret, key, reply.id).await), Some(ErrorCode::NotFound));
}

#[tokio::test]
async fn members_sign_with_their_own_name() {
    let world = World::new().await;
    let clip = world.sealed(STREAM).await;
    let (key, bob, library) = (&clip.created.key, world.bob().await, &world.library);
    let posted = library.post_reply(&bob, key, guest("Signed", 1)).await.unwrap();
    assert_eq!((posted.reply.name.as_str(), posted.reply.member), ("Bob", true), "a member cannot take another name");
    assert_eq!(posted.secret, None);
    assert!(library.replies(&bob, key).await.unwrap()[0].mine);
    let change = ReplyChange { body: words("Changed") };
    assert_eq!(code(library.change_reply(&world.ann, key, posted.reply.id, change.clone()).await), Some(ErrorCode::NotAllowed));
    library.change_reply(&bob, key, posted.reply.id, change).await.unwrap();
    library.delete_reply(&world.ann, key, posted.reply.id).await.unwrap();
    assert!(library.replies(&bob, key).await.unwrap().is_empty(), "the clip's author may delete any");
}

#[tokio::test]
async fn answers_are_one_level_deep() {
    let world = World::new().await;
    let (clip, other) = (world.sealed(STREAM).await, world.sealed(STREAM).await);
    let (key, nobody, library) = (&clip.created.key, Actor::nobody(), &world.library);
    let post = async |parent| library.post_reply(&nobody, key, NewReply { parent, ..guest("Words", 1) }).await;
    let first = post(None).await.unwrap();
    let answer = post(Some(first.reply.id)).await.unwrap();
    assert_eq!(answer.reply.parent, Some(first.reply.id));
    assert_eq!(code(post(Some(answer.reply.id)).await), Some(ErrorCode::BadRequest));
    assert_eq!(code(post(Some(ReplyId::new())).await), Some(ErrorCode::BadRequest));
    let elsewhere = library.post_reply(&nobody, &other.created.key, guest("There", 1)).await.unwrap();
    assert_eq!(code(post(Some(elsewhere.reply.id)).await), Some(ErrorCode::BadRequest), "a parent is of the same clip");
    let change = ReplyChange { body: words("Words") };
    let there = Actor::nobody().with_reply_secret(elsewhere.secret.unwrap());
    let answered = library.change_reply(&there, key, elsewhere.reply.id, change).await;
    assert_eq!(code(answered), Some(ErrorCode::NotFound), "one clip's link does not reach another's replies");

    let mut events = library.events(&nobody, key).await.unwrap();
    let writer = Actor::nobody().with_reply_secret(first.secret.unwrap());
    library.delete_reply(&writer, key, first.reply.id).await.unwrap();
    assert_eq!(events.recv().await.unwrap(), ClipEvent::ReplyDeleted { id: first.reply.id });
    assert!(library.replies(&nobody, key).await.unwrap().is_empty(), "the answers go with what they answer");
}

#[tokio::test]
async fn what_is_wrong_with_a_reply_is_said() {
    let world = World::with(|settings| settings.max_replies = 2).await;
    let clip = world.create(false).await;
    let (key, nobody, library) = (&clip.created.key, Actor::nobody(), &world.library);
    let post = async |new| library.post_reply(&nobody, key, new).await;
    assert_eq!(code(post(NewReply { name: None, ..guest("Words", 1) }).await), Some(ErrorCode::BadRequest));
    let never = NewReply { at_us: Some(Micros(u64::MAX)), ..guest("Words", 1) };
    assert_eq!(code(post(never).await), Some(ErrorCode::BadRequest));
    post(NewReply { at_us: None, ..guest("No moment", 1) }).await.unwrap();
    post(guest("<script>alert(1)</script>", 1)).await.unwrap();
    assert_eq!(code(post(guest("One too many", 1)).await), Some(ErrorCode::TooManyRequests));
    let listed = library.replies(&nobody, key).await.unwrap();
    assert_eq!(listed.len(), 2, "one may reply while it is being recorded");
    assert!(listed.iter().all(|reply| !reply.body_html.contains("<script")));
}
