//! The process dies between any two steps: what was acknowledged is there, and the rest is done by the next start.

use vignette_library::MediaPart;
use vignette_library::media::Media as _;
use vignette_library::store::JobRows as _;
use vignette_model::{ErrorCode, Sha256, Span};

use crate::rig::{STREAM, Step, When, World, pieces, read};

#[tokio::test]
async fn between_bytes_and_row() {
    for when in [When::Before, When::After] {
        let mut world = World::new().await;
        let clip = world.create(false).await;
        let (ranges, _) = pieces(STREAM);
        let at = ranges[1].end;
        world.send(&clip, 0, &STREAM[..at], false).await.unwrap();

        world.media.fail(Some((Step::Append, when)));
        let lost = world.send(&clip, at, &STREAM[at..], true).await.unwrap_err();
        assert_eq!((lost.error.code(), lost.offset_bytes), (ErrorCode::Internal, Some(at as u64)));
        let objects = world.media.objects(clip.recording()).await.len();
        assert_eq!(objects > 1, when == When::After, "bytes may lie there that no row tells of");
        world.media.fail(None);
        world.restart().await;

        assert_eq!(world.offset(&clip).await, at as u64);
        assert_eq!(
            world.stream(&clip).await,
            &STREAM[..at],
            "bytes that were not acknowledged are not shown"
        );
        // The sender may go on with fewer bytes than it had sent before.
        world.send(&clip, at, &STREAM[at..ranges[2].end], false).await.unwrap();
        assert_eq!(world.stream(&clip).await, &STREAM[..ranges[2].end]);
        world.send(&clip, ranges[2].end, &STREAM[ranges[2].end..], true).await.unwrap();
        world.library.settled().await;
        assert_eq!(world.own(&clip).await.sealed_sha256, Some(Sha256::of(STREAM)));
        assert_eq!(
            world.media.objects(clip.recording()).await.len(),
            1,
            "what no row tells of is removed"
        );
    }
}

#[tokio::test]
async fn the_same_process_goes_on_after_a_failure() {
    for when in [When::Before, When::After] {
        let world = World::new().await;
        let clip = world.create(false).await;
        let (ranges, _) = pieces(STREAM);
        for range in ranges {
            world.media.fail(Some((Step::Append, when)));
            world.send(&clip, range.start, &STREAM[range.clone()], false).await.unwrap_err();
            world.media.fail(None);
            world.send(&clip, range.start, &STREAM[range], false).await.unwrap();
        }
        assert_eq!(world.stream(&clip).await, STREAM);
    }
}

#[tokio::test]
async fn at_any_step_of_sealing() {
    for step in [Step::Seal, Step::Remove] {
        for when in [When::Before, When::After] {
            let mut world = World::new().await;
            let clip = world.create(false).await;
            world.media.fail(Some((step, when)));
            world.send(&clip, 0, STREAM, true).await.unwrap();
            world.library.settled().await;
            assert_eq!(
                world.stream(&clip).await,
                STREAM,
                "{step:?} {when:?}: it plays as a stream whatever happens"
            );
            world.restart().await;
            assert_eq!(
                world.stream(&clip).await,
                STREAM,
                "{step:?} {when:?}: failing again changes nothing"
            );

            world.media.fail(None);
            world.restart().await;
            let own = world.own(&clip).await;
            assert_eq!(
                own.sealed_sha256,
                Some(Sha256::of(STREAM)),
                "{step:?} {when:?}: the next start seals it"
            );
            let file =
                world.library.media(&world.ann, &clip.created.key, MediaPart::Mp4).await.unwrap();
            let sealed = read(&file, 0..file.size_bytes).await.unwrap();
            assert!(sealed.ends_with(STREAM) && sealed.len() > STREAM.len());
            assert_eq!(world.stream(&clip).await, STREAM);
            assert_eq!(
                world.media.objects(clip.recording()).await.len(),
                1,
                "{step:?} {when:?}: one copy is left"
            );
            assert_eq!(world.store.jobs().await.unwrap(), [], "{step:?} {when:?}");
        }
    }
}

#[tokio::test]
async fn at_any_step_of_going_on_after_silence() {
    for step in [Step::Append] {
        for when in [When::Before, When::After] {
            let mut world = World::new().await;
            let clip = world.create(false).await;
            let (ranges, _) = pieces(STREAM);
            let at = ranges[2].end;
            world.send(&clip, 0, &STREAM[..at], false).await.unwrap();
            world.clock.advance(Span::from(world.settings.silence) + Span(1));
            world.library.sweep().await.unwrap();
            world.library.settled().await;
            assert!(world.own(&clip).await.sealed_sha256.is_some());

            world.media.fail(Some((step, when)));
            let lost = world.send(&clip, at, &STREAM[at..], true).await.unwrap_err();
            assert_eq!(lost.offset_bytes, Some(at as u64), "{step:?} {when:?}: the offset stays");
            world.restart().await;
            assert_eq!(
                world.stream(&clip).await,
                &STREAM[..at],
                "{step:?} {when:?}: what was there still plays"
            );
            world.media.fail(None);
            world.restart().await;
            assert_eq!(
                world.stream(&clip).await,
                &STREAM[..at],
                "{step:?} {when:?}: what was there still plays"
            );
            world.send(&clip, at, &STREAM[at..], true).await.unwrap();
            world.restart().await;
            assert_eq!(
                world.own(&clip).await.sealed_sha256,
                Some(Sha256::of(STREAM)),
                "{step:?} {when:?}"
            );
            assert_eq!(world.store.jobs().await.unwrap(), [], "{step:?} {when:?}");
            assert_eq!(world.media.objects(clip.recording()).await.len(), 1, "{step:?} {when:?}");
        }
    }
}

#[tokio::test]
async fn in_the_middle_of_a_deletion() {
    for when in [When::Before, When::After] {
        let mut world = World::new().await;
        let (clip, other) = (world.sealed(STREAM).await, world.sealed(STREAM).await);
        world.media.fail(Some((Step::Delete, when)));
        world.library.delete_clip(&world.ann, clip.created.id).await.unwrap();
        world.library.settled().await;
        let gone = world.library.watch(&world.ann, &clip.created.key).await.unwrap_err();
        assert_eq!(
            gone.code(),
            ErrorCode::NotFound,
            "it is gone for everybody, whatever lies on the disk"
        );
        world.media.fail(None);
        world.restart().await;
        assert_eq!(world.media.objects(clip.recording()).await, [], "the next start removes it");
        assert_eq!(world.store.jobs().await.unwrap(), []);
        assert_eq!(world.stream(&other).await, STREAM, "nothing else is touched");
    }
}

#[tokio::test]
async fn bytes_that_no_row_knows_are_left_alone() {
    // Somebody put back an older copy of the database: the bytes of newer clips are theirs to find, not ours to delete.
    let mut world = World::new().await;
    let stranger = vignette_model::RecordingId::new();
    let bytes = bytes::Bytes::from_static(STREAM);
    world.media.append(stranger, None, bytes, Sha256::of(STREAM)).await.unwrap();
    world.restart().await;
    world.library.sweep().await.unwrap();
    world.library.settled().await;
    assert_eq!(world.media.objects(stranger).await.len(), 1);
}

#[tokio::test]
async fn a_disk_that_changes_bytes_is_found_out() {
    let world = World::new().await;
    let clip = world.create(false).await;
    let (ranges, _) = pieces(STREAM);
    let at = ranges[2].end;
    world.send(&clip, 0, &STREAM[..at], false).await.unwrap();
    let mut bytes = STREAM[..at].to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let object = world.media.objects(clip.recording()).await.remove(0);
    world.media.within.replace(clip.recording(), &object, bytes.into());
    world.send(&clip, at, &STREAM[at..], true).await.unwrap();
    world.library.settled().await;
    let status = world.library.upload_status(&clip.secret).await.unwrap();
    assert_eq!(status.sealed_sha256, None, "it is not called safe");
    assert!(status.damaged, "and the sender is told to keep its copy");
    assert!(world.own(&clip).await.view.hls.is_some(), "what can be played is played");
}
