//! What a link shows, to whom, and who hears of what.

use bytes::Bytes;
use futures_util::FutureExt as _;
use vignette_library::LibraryError;
use vignette_library::store::ClipFilter;
use vignette_library::{Actor, MediaPart, Playlist};
use vignette_model::api::{ClipChange, ClipEvent, ClipState, LibraryEvent, MemberClip};
use vignette_model::text::{Summary, Title};
use vignette_model::{ClipKey, ErrorCode};

use crate::rig::{STREAM, World, pieces};

const JPEG: Bytes = Bytes::from_static(&[0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);

fn code<T>(answer: Result<T, LibraryError>) -> Option<ErrorCode> {
    answer.err().map(|error| error.code())
}

#[tokio::test]
async fn a_recording_is_kept_back_unless_it_is_live() {
    let world = World::new().await;
    let (ranges, _) = pieces(STREAM);
    let nobody = Actor::anonymous();
    for live in [false, true] {
        let clip = world.create(live).await;
        let key = &clip.created.key;
        let closed = if live { None } else { Some(ErrorCode::Conflict) };
        let library = &world.library;
        assert_eq!(
            code(library.playlist(&nobody, key, Playlist::Media).await),
            Some(ErrorCode::Conflict),
            "nothing has arrived"
        );
        assert_eq!(
            code(library.media(&nobody, key, MediaPart::Stream).await),
            Some(ErrorCode::Conflict)
        );
        world.send(&clip, 0, &STREAM[..ranges[0].end], false).await.unwrap();
        assert_eq!(
            code(library.playlist(&nobody, key, Playlist::Media).await),
            Some(ErrorCode::Conflict),
            "nothing plays yet"
        );
        world
            .send(&clip, ranges[0].end, &STREAM[ranges[0].end..ranges[2].end], false)
            .await
            .unwrap();
        library.put_poster(&world.ann, clip.created.id, JPEG).await.unwrap();

        let view = library.watch(&nobody, key).await.unwrap();
        assert_eq!((view.state, view.live), (ClipState::Recording, live));
        assert!(view.duration_us.0 > 0, "how long it is already is no secret");
        assert_eq!(view.hls.is_some(), live);
        assert_eq!(view.poster.is_some(), live, "a poster shows what is recorded");
        for which in [Playlist::Multivariant, Playlist::Media] {
            assert_eq!(code(library.playlist(&nobody, key, which).await), closed);
        }
        assert_eq!(code(library.media(&nobody, key, MediaPart::Stream).await), closed);
        assert_eq!(code(library.poster(&nobody, key).await), closed);
        assert!(
            library.playlist(&world.ann, key, Playlist::Media).await.is_ok(),
            "its author may look"
        );

        let stop = ClipChange { stopped: Some(true), ..ClipChange::default() };
        library.change_clip(&world.ann, clip.created.id, stop).await.unwrap();
        let view = library.watch(&nobody, key).await.unwrap();
        assert_eq!(view.state, ClipState::Arriving);
        assert_eq!(
            view.hls,
            Some(format!("/c/{key}/stream.m3u8")),
            "it plays from the moment it stops"
        );
        assert_eq!(view.poster, Some(format!("/c/{key}/poster.jpg")));
        assert_eq!(view.mp4, None);
        assert_eq!(library.poster(&nobody, key).await.unwrap().jpeg, JPEG);
        let playlist = library.playlist(&nobody, key, Playlist::Media).await.unwrap();
        assert!(
            playlist.contains("stream.mp4") && !playlist.contains("#EXT-X-ENDLIST"),
            "{playlist}"
        );
        assert!(
            library
                .playlist(&nobody, key, Playlist::Multivariant)
                .await
                .unwrap()
                .contains("media.m3u8")
        );

        world.send(&clip, ranges[2].end, &STREAM[ranges[2].end..], true).await.unwrap();
        let ended = library.playlist(&nobody, key, Playlist::Media).await.unwrap();
        let grown = ended
            .strip_prefix(playlist.trim_end())
            .unwrap_or_else(|| panic!("a playlist only grows:\n{playlist}\n{ended}"));
        assert!(grown.trim_end().ends_with("#EXT-X-ENDLIST"));
        library.settled().await;
        assert_eq!(
            library.watch(&nobody, key).await.unwrap().mp4,
            Some(format!("/c/{key}/clip.mp4"))
        );
        assert_eq!(
            library.playlist(&nobody, key, Playlist::Media).await.unwrap(),
            ended,
            "sealing changes no playlist"
        );
    }
}

#[tokio::test]
async fn a_key_that_is_not_there_shows_nothing() {
    let world = World::new().await;
    let clip = world.sealed(STREAM).await;
    let other = ClipKey::random();
    for actor in [
        Actor::anonymous(),
        world.ann.clone(),
        Actor::anonymous().with_link(clip.created.key.clone()),
    ] {
        let library = &world.library;
        assert_eq!(code(library.watch(&actor, &other).await), Some(ErrorCode::NotFound));
        assert_eq!(
            code(library.playlist(&actor, &other, Playlist::Media).await),
            Some(ErrorCode::NotFound)
        );
        assert_eq!(
            code(library.media(&actor, &other, MediaPart::Mp4).await),
            Some(ErrorCode::NotFound)
        );
        assert_eq!(code(library.poster(&actor, &other).await), Some(ErrorCode::NotFound));
        assert_eq!(
            code(library.replies(&actor, &other, None, 50).await),
            Some(ErrorCode::NotFound)
        );
        assert_eq!(code(library.events(&actor, &other).await), Some(ErrorCode::NotFound));
    }
}

#[tokio::test]
async fn a_link_gives_no_more_than_one_clip() {
    let world = World::new().await;
    let clip = world.sealed(STREAM).await;
    let id = clip.created.id;
    let (viewer, bob) = (Actor::anonymous().with_link(clip.created.key.clone()), world.bob().await);
    let library = &world.library;
    for (actor, expected) in [(&viewer, ErrorCode::SignInNeeded), (&bob, ErrorCode::NotAllowed)] {
        assert_eq!(
            code(library.change_clip(actor, id, ClipChange::default()).await),
            Some(expected)
        );
        assert_eq!(code(library.delete_clip(actor, id).await), Some(expected));
        assert_eq!(code(library.rotate_key(actor, id).await), Some(expected));
        assert_eq!(code(library.put_poster(actor, id, JPEG).await), Some(expected));
        assert_eq!(code(library.dump(actor, &clip.created.key).await), Some(expected));
    }
    assert_eq!(
        code(library.clips(&viewer, ClipFilter::default(), None, 10).await),
        Some(ErrorCode::SignInNeeded)
    );
    assert_eq!(code(library.clip(&viewer, id).await), Some(ErrorCode::SignInNeeded));
    assert_eq!(code(library.library_events(&viewer)), Some(ErrorCode::SignInNeeded));
    assert_eq!(code(library.me(&viewer)), Some(ErrorCode::SignInNeeded));
    assert_eq!(
        library.clips(&bob, ClipFilter::default(), None, 10).await.unwrap().clips.len(),
        1,
        "the team shares the library"
    );
    assert!(library.clip(&bob, id).await.is_ok());
    assert!(library.dump(&world.ann, &clip.created.key).await.unwrap().contains("moof"));
    assert_eq!(world.stream(&clip).await, STREAM, "nothing was changed by all that");
}

#[tokio::test]
async fn what_an_author_writes_is_shown_safely() {
    let world = World::new().await;
    let clip = world.create(false).await;
    let summary = Summary::new("**Hi** <script>alert(1)</script>").unwrap();
    let change = ClipChange { summary: Some(summary.clone()), ..ClipChange::default() };
    let own = world.library.change_clip(&world.ann, clip.created.id, change).await.unwrap();
    assert_eq!(own.view.summary, summary);
    assert_eq!(
        own.view.summary_html,
        "<p><strong>Hi</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p>"
    );
    assert_eq!(
        own.view.title,
        Title::new("../../etc/passwd").unwrap(),
        "text is text, what is left out stays"
    );
    assert_eq!(own.link, format!("https://clips.example.org/c/{}", own.key));
}

#[tokio::test]
async fn posters_are_pictures_of_bounded_size() {
    let world = World::with(|settings| settings.max_poster_bytes = 100).await;
    let clip = world.sealed(STREAM).await;
    let put = async |jpeg: Bytes| world.library.put_poster(&world.ann, clip.created.id, jpeg).await;
    assert_eq!(
        code(world.library.poster(&world.ann, &clip.created.key).await),
        Some(ErrorCode::NotFound)
    );
    assert_eq!(
        code(put(Bytes::from_static(b"<svg onload=alert(1)>")).await),
        Some(ErrorCode::BadRequest)
    );
    assert_eq!(code(put(Bytes::new()).await), Some(ErrorCode::BadRequest));
    assert_eq!(code(put(Bytes::from(vec![0xff; 101])).await), Some(ErrorCode::TooLarge));
    assert!(put(JPEG).await.unwrap().view.poster.is_some());
    let first = world.library.poster(&Actor::anonymous(), &clip.created.key).await.unwrap();
    put(Bytes::from_static(&[0xff, 0xd8, 0xff, 9])).await.unwrap();
    let second = world.library.poster(&Actor::anonymous(), &clip.created.key).await.unwrap();
    assert_ne!(first.etag, second.etag);
}

#[tokio::test]
async fn a_new_link_ends_the_old_one() {
    let world = World::new().await;
    let clip = world.sealed(STREAM).await;
    let mut events = world.library.events(&Actor::anonymous(), &clip.created.key).await.unwrap();
    let own = world.library.rotate_key(&world.ann, clip.created.id).await.unwrap();
    assert_ne!(own.key, clip.created.key);
    assert_eq!(
        code(world.library.watch(&Actor::anonymous(), &clip.created.key).await),
        Some(ErrorCode::NotFound)
    );
    assert!(world.library.watch(&Actor::anonymous(), &own.key).await.is_ok());
    let heard = events.recv().await.unwrap();
    assert_eq!(
        heard,
        ClipEvent::Gone,
        "who watched by the old link hears that it is over, and nothing of the new one"
    );
    assert!(events.recv().await.is_err(), "and nothing after that");
}

#[tokio::test]
async fn who_listens_hears_whole_snapshots() {
    let world = World::new().await;
    let mut library = world.library.library_events(&world.ann).unwrap();
    let clip = world.create(true).await;
    let LibraryEvent::Clip { clip: heard } = library.recv().await.unwrap() else {
        panic!("a new clip is heard of")
    };
    assert_eq!((heard.id, heard.view.state), (clip.created.id, ClipState::Recording));

    let mut viewer = world.library.events(&Actor::anonymous(), &clip.created.key).await.unwrap();
    let (ranges, _) = pieces(STREAM);
    world.send(&clip, 0, &STREAM[..ranges[1].end], false).await.unwrap();
    let ClipEvent::Clip { clip: heard } = viewer.recv().await.unwrap() else {
        panic!("bytes are heard of")
    };
    assert_eq!(
        heard,
        world.library.watch(&Actor::anonymous(), &clip.created.key).await.unwrap(),
        "an event is what asking gives"
    );
    world.send(&clip, ranges[1].end, &STREAM[ranges[1].end..], true).await.unwrap();
    world.library.settled().await;
    let mut last = None;
    while let Some(Ok(event)) = viewer.recv().now_or_never() {
        last = Some(event);
    }
    let Some(ClipEvent::Clip { clip: heard }) = last else { panic!("the end is heard of") };
    assert!(heard.mp4.is_some(), "and so is the sealing");
    world.library.delete_clip(&world.ann, clip.created.id).await.unwrap();
    assert_eq!(viewer.recv().await.unwrap(), ClipEvent::Gone);
    let mut last = None;
    while let Some(Ok(event)) = library.recv().now_or_never() {
        last = Some(event);
    }
    assert_eq!(last, Some(LibraryEvent::ClipDeleted { id: clip.created.id }));
}

#[tokio::test]
async fn each_member_hears_what_they_see() {
    let world = World::new().await;
    let bob = world.bob().await;
    let mut listeners =
        [&world.ann, &bob].map(|actor| world.library.library_events(actor).unwrap());
    let clip = world.create(false).await;
    let (ranges, _) = pieces(STREAM);
    world.send(&clip, 0, &STREAM[..ranges[1].end], false).await.unwrap();
    world.library.settled().await;
    for (events, actor) in listeners.iter_mut().zip([&world.ann, &bob]) {
        let mut last = None;
        while let Some(Ok(event)) = events.recv().now_or_never() {
            last = Some(event);
        }
        let Some(LibraryEvent::Clip { clip: heard }) = last else { panic!("a clip is heard of") };
        let asked = world.library.clip(actor, clip.created.id).await.unwrap();
        assert!(asked.progress.is_some() && heard.progress.is_none(), "that is for one alone");
        let asked = MemberClip { progress: None, ..asked };
        assert_eq!(*heard, asked, "else an event is what asking gives");
        let own = actor.person() == world.ann.person();
        assert_eq!(
            (heard.mine, heard.view.hls.is_some()),
            (own, own),
            "kept back from all but its author"
        );
    }
}

#[tokio::test]
async fn clips_come_in_pages() {
    let world = World::new().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.insert(0, world.create(false).await.created.id);
    }
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = world
            .library
            .clips(&world.ann, ClipFilter::default(), after.as_deref(), 2)
            .await
            .unwrap();
        assert!(page.clips.len() <= 2);
        listed.extend(page.clips.iter().map(|clip| clip.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed, made, "newest first, each once");
    assert_eq!(
        code(
            world
                .library
                .clips(&world.ann, ClipFilter::default(), Some("'; DROP TABLE clips"), 2)
                .await
        ),
        Some(ErrorCode::BadRequest)
    );
    assert_eq!(
        world.library.clips(&world.ann, ClipFilter::default(), None, 0).await.unwrap().clips.len(),
        1,
        "a page has at least one"
    );
}
