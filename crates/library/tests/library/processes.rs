//! Several processes over the same rows and media: none reads again what another has taken in, and none undoes what counts.

use std::sync::Arc;

use vignette_library::locks::LocalLocks;
use vignette_library::media::{DiskMedia, Media};
use vignette_library::store::RecordingRows as _;
use vignette_library::{Append, Library, MediaPart};
use vignette_model::{ErrorCode, Sha256};

use crate::rig::{Clip, STREAM, STREAMS, World, append, pieces, read};

/// Another process beside that of `world`, over media of its own view.
fn beside(world: &World, media: Arc<dyn Media>) -> Library {
    Library::new(world.store.clone(), media, world.clock.clone(), world.settings.clone())
}

#[tokio::test]
async fn two_processes_take_turns_and_read_nothing_again() {
    for stream in STREAMS {
        let world = World::new().await;
        let other = beside(&world, world.media.clone());
        let clip = world.create(false).await;
        let (ranges, fragments) = pieces(stream);
        // Each piece, and each in two: in the middle of boxes too.
        let halves = ranges.iter().flat_map(|range| {
            let middle = range.start + range.len() / 2;
            [range.start..middle, middle..range.end]
        });
        for (n, range) in halves.enumerate() {
            let library = if n % 2 == 0 { &world.library } else { &other };
            let status = library
                .append(&clip.secret, append(range.start, &stream[range.clone()], false))
                .await
                .unwrap();
            assert_eq!(status.offset_bytes, range.end as u64);
        }
        let whole =
            Append { repr_digest: Some(Sha256::of(stream)), ..append(stream.len(), b"", true) };
        // Before the end is said, since sealing begins then, and reads everything.
        assert_eq!(world.media.bytes_read(), 0, "what was taken in is known from the rows");
        assert!(
            other.append(&clip.secret, whole).await.unwrap().complete,
            "and so is the digest of the whole"
        );
        other.settled().await;
        assert_eq!(world.own(&clip).await.sealed_sha256, Some(Sha256::of(stream)));
        assert_eq!(
            world.store.fragments(clip.recording()).await.unwrap(),
            fragments,
            "the index is that of the whole stream"
        );
        assert_eq!(world.stream(&clip).await, stream);
    }
}

/// Sends a stream to two libraries at once, in different cuts, and looks after each step at what counts.
async fn race(world: &World, one: &Library, two: &Library) -> Clip {
    let clip = world.create(false).await;
    let mut at = 0;
    while at < STREAM.len() {
        let send = |library: &Library, size: usize| {
            let (library, secret) = (library.clone(), clip.secret.clone());
            let end = STREAM.len().min(at + size);
            async move { library.append(&secret, append(at, &STREAM[at..end], false)).await }
        };
        let answers =
            tokio::join!(send(one, 1_500), send(two, 2_500), send(one, 2_000), send(two, 1_000));
        let answers = [answers.0, answers.1, answers.2, answers.3];
        let won: Vec<_> = answers.iter().flatten().collect();
        assert_eq!(won.len(), 1, "one append at one offset counts");
        for lost in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            assert_eq!(
                (lost.error.code(), lost.offset_bytes),
                (ErrorCode::OffsetMismatch, Some(won[0].offset_bytes))
            );
        }
        at = usize::try_from(won[0].offset_bytes).unwrap();
        for library in [one, two] {
            let file =
                library.media(&world.ann, &clip.created.key, MediaPart::Stream).await.unwrap();
            let bytes = read(&file, 0..file.size_bytes).await.unwrap();
            assert_eq!(bytes, &STREAM[..at], "whoever lost has changed no byte that counts");
        }
    }
    let whole = Append { repr_digest: Some(Sha256::of(STREAM)), ..append(at, b"", true) };
    assert!(one.append(&clip.secret, whole).await.unwrap().complete);
    one.settled().await;
    two.settled().await;
    let verified = one.verify_clip(&world.ann, clip.created.id).await.unwrap();
    assert!(verified.sealed && verified.damage.is_empty(), "{verified:?}");
    clip
}

#[tokio::test]
async fn of_writers_in_two_processes_one_wins_in_memory() {
    let world = World::new().await;
    let other = beside(&world, world.media.clone());
    let clip = race(&world, &world.library, &other).await;
    assert_eq!(
        world.media.objects(clip.recording()).await.len(),
        1,
        "what did not count is removed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_writers_in_two_processes_one_wins_on_disk() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let open = async || Arc::new(DiskMedia::open(folder.path()).await.unwrap());
    let (one, two) = (beside(&world, open().await), beside(&world, open().await));
    let clip = race(&world, &one, &two).await;
    let names: Vec<_> = std::fs::read_dir(folder.path().join(clip.created.id.to_string()))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["clip.mp4"], "what did not count is removed");
}

#[tokio::test]
async fn a_lock_is_handed_over_between_libraries_that_share_it() {
    let world = World::new().await;
    let locks = Arc::new(LocalLocks::default());
    let library = || {
        let (store, media) = (world.store.clone(), world.media.clone());
        Library::with_locks(
            store,
            media,
            locks.clone(),
            world.clock.clone(),
            world.settings.clone(),
        )
    };
    let (one, two) = (library(), library());
    let clip = world.create(false).await;
    let mut first = one.lock_upload(&clip.secret).await.unwrap();
    let second = tokio::spawn({
        let (two, secret) = (two.clone(), clip.secret.clone());
        async move { two.lock_upload(&secret).await.unwrap().status().offset_bytes }
    });
    first.superseded().cancelled().await;
    assert!(!second.is_finished(), "what was begun is brought to an end first");
    first.append(append(0, STREAM, false)).await.unwrap();
    drop(first);
    assert_eq!(second.await.unwrap(), STREAM.len() as u64, "the next one sees what came before");
}
