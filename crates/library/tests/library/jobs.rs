//! Durable jobs: each is run once, by whichever process is there, and again later if it fails.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vignette_library::Library;
use vignette_library::store::{Job, JobRow, JobRows as _};
use vignette_model::{Sha256, Span, UtcMicros};

use crate::rig::{Clip, STREAM, Step, When, World, pieces};

/// A little more than a lease lasts.
const AFTER_A_LEASE: Span = Span::from_secs(11);

/// Another process over the same rows and bytes.
fn beside(world: &World) -> Library {
    let (store, media) = (world.store.clone(), world.media.clone());
    Library::new(store, media, world.clock.clone(), world.settings.clone())
}

/// Clips whose streams are whole, so that each waits to be sealed.
async fn complete(world: &World, count: usize) -> Vec<Clip> {
    let mut clips = Vec::new();
    for _ in 0..count {
        let clip = world.create(false).await;
        world.send(&clip, 0, STREAM, true).await.unwrap();
        clips.push(clip);
    }
    clips
}

async fn only(world: &World) -> JobRow {
    let [row] = <[JobRow; 1]>::try_from(world.store.jobs().await.unwrap()).unwrap();
    row
}

async fn is_sealed(world: &World, clip: &Clip) -> bool {
    world.own(clip).await.sealed_sha256 == Some(Sha256::of(STREAM))
}

#[tokio::test]
async fn a_library_that_runs_no_jobs_leaves_them_to_be_done() {
    let world = World::new().await;
    let clips = complete(&world, 2).await;
    let expected: Vec<_> =
        clips.iter().map(|clip| Job::Seal { recording: clip.recording() }).collect();
    let rows = world.library.jobs(&world.ann).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.job).collect::<Vec<_>>(), expected);
    assert_eq!(world.media.seals().0, 0);
    beside(&world).settled().await;
    for clip in &clips {
        assert!(is_sealed(&world, clip).await, "whichever process runs them does them");
    }
    assert_eq!(world.store.jobs().await.unwrap(), []);
}

#[tokio::test]
async fn a_worker_hears_of_jobs_at_once_and_runs_two_at_a_time() {
    let world = World::new().await;
    world.media.hold_seals(2);
    let shutdown = CancellationToken::new();
    let worker = tokio::spawn({
        let (library, shutdown) = (world.library.clone(), shutdown.clone());
        async move { library.run_jobs(shutdown).await }
    });
    let clips = complete(&world, 5).await;
    world.media.seals_begun(2).await;
    let running: BTreeSet<_> = world
        .store
        .jobs()
        .await
        .unwrap()
        .into_iter()
        .filter(|row| row.lease_until.is_some())
        .map(|row| row.job.recording())
        .collect();
    assert_eq!(running.len(), 2);
    world.media.hold_seals(0);
    shutdown.cancel();
    worker.await.unwrap();
    for clip in &clips {
        assert!(is_sealed(&world, clip).await, "what is due at its end is still done");
        assert_eq!(world.media.objects(clip.recording()).await.len(), 1);
    }
    assert_eq!(world.media.seals(), (5, 2), "each once, and never three at the same time");
    assert_eq!(world.store.jobs().await.unwrap(), []);
}

#[tokio::test]
async fn of_two_processes_one_runs_each_job() {
    let world = World::new().await;
    let clips = complete(&world, 6).await;
    let other = beside(&world);
    tokio::join!(world.library.settled(), other.settled());
    world.library.settled().await;
    for clip in &clips {
        assert!(is_sealed(&world, clip).await);
    }
    assert_eq!(world.media.seals().0, 6, "each clip is sealed once");
    assert_eq!(world.store.jobs().await.unwrap(), []);
}

#[tokio::test]
async fn the_job_of_a_process_that_was_killed_is_done_by_another() {
    let world = World::new().await;
    world.media.hold_seals(1);
    let clip = complete(&world, 1).await.remove(0);
    let (killed, other) = (beside(&world), beside(&world));
    let worker = tokio::spawn(async move { killed.run_jobs(CancellationToken::new()).await });
    world.media.seals_begun(1).await;
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());

    other.settled().await;
    assert!(!is_sealed(&world, &clip).await, "as far as anybody knows it is being sealed");
    world.clock.advance(AFTER_A_LEASE);
    other.settled().await;
    assert!(is_sealed(&world, &clip).await);
    assert_eq!(world.stream(&clip).await, STREAM);
    assert_eq!(world.store.jobs().await.unwrap(), []);
}

#[tokio::test]
async fn a_process_that_slept_through_its_lease_undoes_nothing() {
    let world = World::new().await;
    world.media.hold_seals(1);
    let clip = complete(&world, 1).await.remove(0);
    let other = beside(&world);
    let slept = tokio::spawn({
        let library = world.library.clone();
        async move { library.settled().await }
    });
    world.media.seals_begun(1).await;
    world.clock.advance(AFTER_A_LEASE);
    other.settled().await;
    assert!(is_sealed(&world, &clip).await);
    world.media.hold_seals(0);
    slept.await.unwrap();
    assert!(is_sealed(&world, &clip).await);
    assert_eq!(world.stream(&clip).await, STREAM);
    assert_eq!(world.media.objects(clip.recording()).await.len(), 1, "the second copy is removed");
    assert_eq!(world.store.jobs().await.unwrap(), []);
}

#[tokio::test]
async fn what_arrives_while_it_is_sealed_is_sealed_too() {
    let world = World::new().await;
    let clip = world.create(false).await;
    let (ranges, _) = pieces(STREAM);
    let at = ranges[2].end;
    world.send(&clip, 0, &STREAM[..at], false).await.unwrap();
    world.clock.advance(Span::from(world.settings.silence) + Span(1));
    world.library.sweep().await.unwrap();
    world.media.hold_seals(1);
    let settled = tokio::spawn({
        let library = world.library.clone();
        async move { library.settled().await }
    });
    world.media.seals_begun(1).await;
    // Its sender comes back in the middle.
    world.send(&clip, at, &STREAM[at..], true).await.unwrap();
    assert!(only(&world).await.lease_until.is_some(), "it is one job, and runs");
    world.media.hold_seals(0);
    settled.await.unwrap();
    assert!(is_sealed(&world, &clip).await, "the job was due again");
    assert_eq!(world.media.objects(clip.recording()).await.len(), 1);
    assert_eq!(world.store.jobs().await.unwrap(), []);
}

#[tokio::test]
async fn a_job_that_fails_backs_off_until_it_is_retried() {
    let world = World::new().await;
    world.media.fail(Some((Step::Seal, When::Before)));
    let clip = complete(&world, 1).await.remove(0);
    let attempts = async || {
        world.library.settled().await;
        only(&world).await.attempts
    };
    let since =
        |row: &JobRow, now: UtcMicros| Duration::from_micros((row.run_after.0 - now.0) as u64);
    for (n, delay_secs) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16)] {
        assert_eq!(attempts().await, n);
        let row = only(&world).await;
        let now = vignette_model::Clock::utc(&*world.clock);
        assert_eq!(since(&row, now), Duration::from_secs(delay_secs), "twice as long each time");
        assert!(row.last_error.unwrap().contains("told to fail"));
        assert_eq!(row.lease_until, None);
        world.clock.advance(Span(delay_secs * 1_000_000 - 1));
        assert_eq!(attempts().await, n, "it is not due yet");
        world.clock.advance(Span(1));
    }
    for _ in 0..6 {
        assert!(attempts().await > 0);
        world.clock.advance(Span::from_secs(300));
    }
    let before = attempts().await;
    world.clock.advance(Span::from_secs(299));
    assert_eq!(attempts().await, before, "five minutes at most");
    assert_eq!(world.stream(&clip).await, STREAM, "it plays all the time");

    world.media.fail(None);
    let id = only(&world).await.id;
    let bob = world.bob().await;
    assert!(world.library.jobs(&bob).await.is_err(), "jobs are the operator's");
    assert!(world.library.retry_jobs(&bob, None).await.is_err());
    let other = vignette_library::JobId(id.0 + 1);
    assert!(world.library.retry_jobs(&world.ann, Some(other)).await.is_err());
    assert_eq!(world.library.retry_jobs(&world.ann, Some(id)).await.unwrap(), 1);
    world.library.settled().await;
    assert!(is_sealed(&world, &clip).await);
    assert_eq!(world.library.jobs(&world.ann).await.unwrap(), []);
}
