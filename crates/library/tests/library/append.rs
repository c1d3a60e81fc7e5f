//! The life of an upload: what is taken, what is refused, and that a refusal moves nothing.

use bytes::Bytes;
use vignette_library::store::{ClipRows as _, JobRows as _, RecordingRows as _};
use vignette_library::{Append, AppendRefused};
use vignette_model::api::{ClipChange, ClipState};
use vignette_model::{ErrorCode, Secret, Sha256, Span, TakeId};

use crate::rig::{STREAM, STREAMS, World, append, pieces};

fn refused(answer: Result<impl std::fmt::Debug, AppendRefused>) -> (ErrorCode, Option<u64>) {
    let refused = answer.unwrap_err();
    (refused.error.code(), refused.offset_bytes)
}

#[tokio::test]
async fn a_stream_arrives_piece_by_piece() {
    for stream in STREAMS {
        let world = World::new().await;
        let clip = world.create(false).await;
        let (ranges, fragments) = pieces(stream);
        for range in &ranges {
            let status =
                world.send(&clip, range.start, &stream[range.clone()], false).await.unwrap();
            assert_eq!((status.offset_bytes, status.complete), (range.end as u64, false));
            assert_eq!(
                world.offset(&clip).await,
                range.end as u64,
                "what was acknowledged is what is asked for next"
            );
        }
        let whole = Append {
            repr_digest: Some(Sha256::of(stream)),
            ..append(ranges.last().unwrap().end, b"", true)
        };
        let status = world.library.append(&clip.secret, whole).await.unwrap();
        assert!(status.complete);
        assert_eq!(world.stream(&clip).await, stream);
        assert_eq!(
            world.store.fragments(clip.recording()).await.unwrap(),
            fragments,
            "the index is computed from the bytes"
        );
        let view = world.own(&clip).await.view;
        assert_eq!((view.state, view.size_bytes), (ClipState::Ready, stream.len() as u64));
        let sum: Span = fragments.iter().map(|fragment| fragment.duration).sum();
        assert_eq!(view.duration_us, sum);
        assert!(view.width > 0 && view.height > 0);
    }
}

#[tokio::test]
async fn a_refusal_moves_nothing() {
    let (ranges, _) = pieces(STREAM);
    let at = ranges[1].end;
    let world = World::with(|settings| {
        settings.max_append_bytes = 2 * at as u64;
        settings.max_clip_bytes = STREAM.len() as u64;
    })
    .await;
    let clip = world.create(false).await;
    let id = clip.created.id;
    world.send(&clip, 0, &STREAM[..at], false).await.unwrap();
    let before = world.store.clip(id).await.unwrap();

    let good = &STREAM[at..ranges[2].end];
    let digest = Some(Sha256::of(b"other bytes"));
    for (what, wrong, code) in [
        ("the start again", append(0, &STREAM[..at], false), ErrorCode::OffsetMismatch),
        ("an earlier offset", append(at - 1, good, false), ErrorCode::OffsetMismatch),
        ("a later offset", append(at + 1, good, false), ErrorCode::OffsetMismatch),
        (
            "the largest offset",
            Append { offset_bytes: u64::MAX, ..append(0, good, false) },
            ErrorCode::OffsetMismatch,
        ),
        ("a wrong digest", Append { digest, ..append(at, good, false) }, ErrorCode::DigestMismatch),
        (
            "a wrong digest of all",
            Append { repr_digest: digest, ..append(at, good, true) },
            ErrorCode::DigestMismatch,
        ),
        ("noise", append(at, b"\0\0\0\x10what is this?!", false), ErrorCode::NotAStream),
        ("a second start", append(at, &STREAM[..at], false), ErrorCode::NotAStream),
        ("a fragment twice", append(at, &STREAM[ranges[1].clone()], false), ErrorCode::NotAStream),
        ("too much at once", append(at, &vec![0; 2 * at + 1], false), ErrorCode::TooLarge),
    ] {
        assert_eq!(
            refused(world.library.append(&clip.secret, wrong).await),
            (code, Some(at as u64)),
            "{what}"
        );
        assert_eq!(world.store.clip(id).await.unwrap(), before, "{what} must not change the clip");
    }
    world.send(&clip, at, good, false).await.unwrap();
    assert_eq!(
        world.stream(&clip).await,
        &STREAM[..ranges[2].end],
        "after all that the right bytes are taken"
    );

    let mut sent = ranges[2].end;
    while sent < STREAM.len() {
        let end = STREAM.len().min(sent + at);
        world.send(&clip, sent, &STREAM[sent..end], false).await.unwrap();
        sent = end;
    }
    let more = world.send(&clip, sent, b"\0\0\0\x08free", false).await;
    assert_eq!(
        refused(more),
        (ErrorCode::TooLarge, Some(sent as u64)),
        "a clip has a largest size"
    );
}

#[tokio::test]
async fn four_billion_samples_are_refused() {
    let world = World::new().await;
    let clip = world.create(false).await;
    let (ranges, _) = pieces(STREAM);
    let at = ranges[0].end;
    world.send(&clip, 0, &STREAM[..at], false).await.unwrap();
    // moof(mfhd, traf(tfhd, trun)): 4,294,967,295 samples that take no bytes in the box.
    let mut moof = Vec::new();
    moof.extend_from_slice(&[
        0, 0, 0, 68, b'm', b'o', b'o', b'f', 0, 0, 0, 16, b'm', b'f', b'h', b'd', 0, 0, 0, 0, 0, 0,
        0, 1,
    ]);
    moof.extend_from_slice(&[
        0, 0, 0, 44, b't', b'r', b'a', b'f', 0, 0, 0, 16, b't', b'f', b'h', b'd', 0, 2, 0, 0, 0, 0,
        0, 1,
    ]);
    moof.extend_from_slice(&[
        0, 0, 0, 20, b't', b'r', b'u', b'n', 0, 0, 0, 1, 255, 255, 255, 255, 0, 0, 0, 76,
    ]);
    let answer = refused(world.send(&clip, at, &moof, false).await);
    assert_eq!(answer, (ErrorCode::NotAStream, Some(at as u64)));
}

#[tokio::test]
async fn only_the_upload_secret_opens_an_upload() {
    let world = World::new().await;
    let take = TakeId::new();
    let clip = world.create_take(take, false).await;
    for secret in
        [Secret::random("up"), Secret::presented(""), Secret::presented(clip.created.key.as_str())]
    {
        assert_eq!(
            world.library.upload_status(&secret).await.unwrap_err().code(),
            ErrorCode::NotFound
        );
        let answer = world.library.append(&secret, append(0, STREAM, false)).await;
        assert_eq!(refused(answer), (ErrorCode::NotFound, None));
    }
    let again = world.create_take(take, false).await;
    assert_eq!(
        (again.created.id, &again.created.key),
        (clip.created.id, &clip.created.key),
        "a take has one clip"
    );
    let answer = world.send(&clip, 0, STREAM, false).await;
    assert_eq!(
        refused(answer),
        (ErrorCode::NotFound, None),
        "the upload secret before opens nothing"
    );
    world.send(&again, 0, STREAM, false).await.unwrap();
}

#[tokio::test]
async fn the_end_can_be_said_again_and_nothing_follows_it() {
    let world = World::new().await;
    let clip = world.sealed(STREAM).await;
    let end = STREAM.len();
    let digest = Sha256::of(STREAM);
    let again = Append { repr_digest: Some(digest), ..append(end, b"", true) };
    let status = world.library.append(&clip.secret, again).await.unwrap();
    assert!(status.complete, "a sender that lost the answer asks again");
    assert_eq!(status.sealed_sha256, Some(digest));
    let other = Append { repr_digest: Some(Sha256::of(b"")), ..append(end, b"", true) };
    assert_eq!(
        refused(world.library.append(&clip.secret, other).await),
        (ErrorCode::Conflict, Some(end as u64))
    );
    assert_eq!(
        refused(world.send(&clip, end, b"more", false).await),
        (ErrorCode::Conflict, Some(end as u64))
    );
    assert_eq!(
        refused(world.send(&clip, 0, STREAM, true).await),
        (ErrorCode::OffsetMismatch, Some(end as u64))
    );
    assert_eq!(
        world.library.end_upload(&clip.secret).await.unwrap_err().code(),
        ErrorCode::Conflict
    );
}

#[tokio::test]
async fn what_has_nothing_to_play_is_not_complete() {
    let world = World::new().await;
    let clip = world.create(false).await;
    assert_eq!(refused(world.send(&clip, 0, b"", true).await), (ErrorCode::NotAStream, Some(0)));
    let (ranges, _) = pieces(STREAM);
    let init = &STREAM[ranges[0].clone()];
    assert_eq!(refused(world.send(&clip, 0, init, true).await), (ErrorCode::NotAStream, Some(0)));
    world.send(&clip, 0, init, false).await.unwrap();
    assert_eq!(
        refused(world.send(&clip, init.len(), b"", true).await),
        (ErrorCode::NotAStream, Some(init.len() as u64))
    );
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_complete_as_far_as_it_goes() {
    let world = World::new().await;
    let (ranges, fragments) = pieces(STREAM);
    let broken = &STREAM[..ranges.last().unwrap().end - 10];
    let clip = world.sealed(broken).await;
    assert_eq!(world.stream(&clip).await, broken, "every byte that was sent is kept");
    let rows = world.store.fragments(clip.recording()).await.unwrap();
    assert_eq!(
        rows,
        fragments[..fragments.len() - 1],
        "what plays ends with the last whole fragment"
    );
    assert_eq!(world.own(&clip).await.sealed_sha256, Some(Sha256::of(broken)));
}

#[tokio::test]
async fn of_many_writers_one_wins() {
    let world = World::new().await;
    let clip = world.create(false).await;
    let (ranges, _) = pieces(STREAM);
    for range in ranges {
        let bytes = &STREAM[range.clone()];
        // Different lengths, so that it shows whose bytes count.
        let cuts = [bytes.len(), bytes.len() - 1, bytes.len() / 2, bytes.len()];
        let send = |size: usize| world.send(&clip, range.start, &bytes[..size], false);
        let answers = tokio::join!(send(cuts[0]), send(cuts[1]), send(cuts[2]), send(cuts[3]));
        let answers = [answers.0, answers.1, answers.2, answers.3];
        let offset = world.offset(&clip).await;
        let winners: Vec<_> = answers.iter().flatten().collect();
        assert_eq!(winners.len(), 1, "one append at one offset counts");
        assert_eq!(winners[0].offset_bytes, offset);
        for loser in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            assert_eq!(
                (loser.error.code(), loser.offset_bytes),
                (ErrorCode::OffsetMismatch, Some(offset))
            );
        }
        let rest = &STREAM[usize::try_from(offset).unwrap()..range.end];
        world.send(&clip, usize::try_from(offset).unwrap(), rest, false).await.unwrap();
        assert_eq!(world.stream(&clip).await, &STREAM[..range.end]);
    }
}

#[tokio::test]
async fn an_append_goes_on_though_nobody_waits() {
    let world = World::new().await;
    let clip = world.create(false).await;
    {
        let mut sending = Box::pin(world.send(&clip, 0, STREAM, false));
        let polled = futures_util::future::poll_immediate(&mut sending).await;
        assert!(polled.is_none(), "the connection ends while the append is on its way");
    }
    world.library.settled().await;
    assert_eq!(
        world.offset(&clip).await,
        STREAM.len() as u64,
        "what was begun is finished, never half"
    );
}

#[tokio::test]
async fn states_follow_what_happens() {
    let world = World::new().await;
    let clip = world.create(false).await;
    let state = async || world.own(&clip).await.view.state;
    let (ranges, _) = pieces(STREAM);
    assert_eq!(state().await, ClipState::Recording);
    world.send(&clip, 0, &STREAM[..ranges[1].end], false).await.unwrap();
    assert_eq!(state().await, ClipState::Recording);
    let stop = ClipChange { stopped: Some(true), ..ClipChange::default() };
    world.library.change_clip(&world.ann, clip.created.id, stop).await.unwrap();
    assert_eq!(state().await, ClipState::Arriving);
    world.send(&clip, ranges[1].end, &STREAM[ranges[1].end..], true).await.unwrap();
    assert_eq!(state().await, ClipState::Ready);
}

#[tokio::test]
async fn an_upload_that_falls_silent_is_kept_and_can_go_on() {
    let mut world = World::new().await;
    let (clip, empty) = (world.create(false).await, world.create(false).await);
    let (ranges, _) = pieces(STREAM);
    // In the middle of a fragment, as an unlucky proxy may end it.
    let at = ranges[2].end - 5;
    world.send(&clip, 0, &STREAM[..at], false).await.unwrap();
    world.clock.advance(world.settings.silence.into());
    world.library.sweep().await.unwrap();
    assert_eq!(
        world.own(&clip).await.view.state,
        ClipState::Recording,
        "just as long is not too long"
    );
    world.clock.advance(Span(1));
    world.library.sweep().await.unwrap();
    world.library.settled().await;
    let own = world.own(&clip).await;
    assert_eq!(
        (own.view.state, own.sealed_sha256),
        (ClipState::Interrupted, Some(Sha256::of(&STREAM[..at])))
    );
    assert!(own.view.mp4.is_some() && own.view.hls.is_some(), "what is here plays");
    assert_eq!(world.own(&empty).await.view.state, ClipState::Interrupted);
    let status = world.library.upload_status(&clip.secret).await.unwrap();
    assert_eq!(
        (status.offset_bytes, status.complete, status.sealed_sha256),
        (at as u64, false, None)
    );

    // The laptop is opened again on Monday.
    for restart in [false, true] {
        if restart {
            world.restart().await;
        }
        world.library.sweep().await.unwrap();
        world.library.settled().await;
    }
    world.send(&clip, at, &STREAM[at..ranges[3].end], false).await.unwrap();
    assert_eq!(
        world.own(&clip).await.view.state,
        ClipState::Recording,
        "and what was kept back is again"
    );
    assert_eq!(world.own(&clip).await.view.mp4, None, "one file again only when all of it is here");
    world.send(&clip, ranges[3].end, &STREAM[ranges[3].end..], true).await.unwrap();
    world.library.settled().await;
    let own = world.own(&clip).await;
    assert_eq!((own.view.state, own.sealed_sha256), (ClipState::Ready, Some(Sha256::of(STREAM))));
    assert_eq!(world.stream(&clip).await, STREAM);
    world.library.sweep().await.unwrap();
    world.library.settled().await;
    assert_eq!(world.store.jobs().await.unwrap(), [], "nothing is left lying about");
}

#[tokio::test]
async fn an_upload_that_is_given_up_is_kept() {
    let world = World::new().await;
    let take = TakeId::new();
    let clip = world.create_take(take, false).await;
    let (ranges, _) = pieces(STREAM);
    let at = ranges[2].end;
    world.send(&clip, 0, &STREAM[..at], false).await.unwrap();
    world.library.end_upload(&clip.secret).await.unwrap();
    world.library.settled().await;
    assert_eq!(
        world.library.end_upload(&clip.secret).await.unwrap_err().code(),
        ErrorCode::NotFound
    );
    assert_eq!(
        refused(world.send(&clip, at, &STREAM[at..], true).await),
        (ErrorCode::NotFound, None)
    );
    let own = world.own(&clip).await;
    assert_eq!(
        (own.view.state, own.sealed_sha256),
        (ClipState::Interrupted, Some(Sha256::of(&STREAM[..at])))
    );
    let again = world.create_take(take, false).await;
    world.send(&again, at, &STREAM[at..], true).await.unwrap();
    world.library.settled().await;
    assert_eq!(
        world.own(&clip).await.sealed_sha256,
        Some(Sha256::of(STREAM)),
        "whoever asks for the clip again may go on"
    );
}

#[tokio::test]
async fn bytes_without_a_digest_are_taken_as_they_are() {
    let world = World::new().await;
    let clip = world.create(false).await;
    let bytes = Bytes::from_static(STREAM);
    let plain = Append {
        offset_bytes: 0,
        bytes,
        digest: None,
        length_bytes: None,
        complete: true,
        repr_digest: None,
    };
    assert!(world.library.append(&clip.secret, plain).await.unwrap().complete);
}
