//! Promises of stores: jobs are stored with their cause, and run by one worker at a time.

use std::collections::BTreeSet;

use vignette_model::{ClipId, RecordingId, UtcMicros};

use super::fixture::{
    NOW, a_clip, appended, completing, fragment, jobs, later, recording, sealed_object,
};
use crate::store::{Claim, Job, JobRow, LONGEST_DELAY, Store};

fn seal() -> Job {
    Job::Seal { recording: RecordingId::new() }
}

/// The only job, as it is now.
async fn only(store: &dyn Store) -> JobRow {
    let [row] = <[JobRow; 1]>::try_from(store.jobs().await.unwrap()).unwrap();
    row
}

/// A claim that lasts ten seconds.
async fn claim(store: &dyn Store, now: UtcMicros) -> Option<Claim> {
    store.claim_job(now, now + std::time::Duration::from_secs(10)).await.unwrap()
}

pub async fn a_job_is_stored_with_its_cause(store: &dyn Store) {
    let (whole, silent) = (a_clip(store).await, a_clip(store).await);
    assert!(store.append(&appended(silent, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert_eq!(jobs(store).await, [], "of what is still arriving nothing is to be done");
    assert!(!store.append(&completing(whole, 5, 10, &[])).await.unwrap());
    assert!(!store.interrupt(recording(silent), NOW - LONGEST_DELAY, false, NOW).await.unwrap());
    assert!(!store.delete_clip(ClipId::new(), NOW).await.unwrap());
    assert!(!store.seal(recording(silent), 10, &sealed_object("clip"), NOW).await.unwrap());
    assert_eq!(jobs(store).await, [], "what is refused enqueues nothing");

    assert!(store.append(&completing(whole, 0, 10, &[fragment(0, 10)])).await.unwrap());
    assert!(store.interrupt(recording(silent), later(0), false, later(3)).await.unwrap());
    let seals =
        [Job::Seal { recording: recording(whole) }, Job::Seal { recording: recording(silent) }];
    assert_eq!(jobs(store).await, seals, "what has ended is to be sealed");
    let row = store.jobs().await.unwrap().remove(1);
    assert_eq!((row.created_at, row.run_after, row.attempts), (later(3), later(3), 0));

    assert!(store.seal(recording(whole), 10, &sealed_object("clip"), later(4)).await.unwrap());
    assert!(store.delete_clip(silent, later(5)).await.unwrap());
    let cleans =
        [Job::Clean { recording: recording(whole) }, Job::Clean { recording: recording(silent) }];
    assert_eq!(jobs(store).await, [seals, cleans].concat());
}

pub async fn a_job_is_stored_once(store: &dyn Store) {
    let (job, other) = (seal(), seal());
    store.enqueue(job, NOW).await.unwrap();
    let first = claim(store, NOW).await.unwrap();
    assert!(store.postpone_job(&first, later(100), "no disk").await.unwrap());
    store.enqueue(job, later(7)).await.unwrap();
    let row = only(store).await;
    assert_eq!((row.id, row.job, row.created_at), (first.id, job, NOW));
    assert_eq!((row.run_after, row.attempts), (later(7), 0), "a new cause makes it due at once");
    assert_eq!(row.last_error.as_deref(), Some("no disk"), "why it failed is kept");
    let second = claim(store, later(7)).await.unwrap();
    assert!(second.generation > first.generation);
    store.enqueue(other, NOW).await.unwrap();
    assert_eq!(jobs(store).await.len(), 2, "one of something else is another job");
}

pub async fn a_claimed_job_is_claimed_by_nobody_else(store: &dyn Store) {
    let job = seal();
    store.enqueue(job, NOW).await.unwrap();
    assert_eq!(claim(store, NOW - LONGEST_DELAY / 2).await, None, "it is not due yet");
    let first = claim(store, NOW).await.unwrap();
    assert_eq!((first.job, first.attempts, first.lease_until), (job, 1, later(10)));
    assert_eq!(claim(store, later(9)).await, None);
    assert_eq!(store.next_job_at().await.unwrap(), Some(later(10)));
    assert!(store.renew_lease(&first, later(20)).await.unwrap());
    let first = Claim { lease_until: later(20), ..first };
    assert_eq!(claim(store, later(19)).await, None, "a lease that is renewed lasts longer");

    let second = claim(store, later(20)).await.unwrap();
    assert_eq!((second.id, second.attempts), (first.id, 2), "one that ran out is claimed anew");
    assert!(!store.renew_lease(&first, later(40)).await.unwrap());
    assert!(!store.postpone_job(&first, later(90), "too late").await.unwrap());
    assert!(!store.finish_job(&first).await.unwrap());
    let row = only(store).await;
    assert_eq!((row.lease_until, row.last_error), (Some(later(30)), None), "the first is too late");
    assert!(store.finish_job(&second).await.unwrap());
    assert_eq!(jobs(store).await, []);
    assert!(!store.finish_job(&second).await.unwrap(), "it is done once");
    assert_eq!(store.next_job_at().await.unwrap(), None);
}

pub async fn of_many_workers_each_job_has_one(store: &dyn Store) {
    let all: Vec<_> = (0..3).map(|_| seal()).collect();
    for &job in &all {
        store.enqueue(job, NOW).await.unwrap();
    }
    let claims = tokio::join!(
        claim(store, NOW),
        claim(store, NOW),
        claim(store, NOW),
        claim(store, NOW),
        claim(store, NOW)
    );
    let claims = [claims.0, claims.1, claims.2, claims.3, claims.4];
    let claimed: Vec<_> = claims.iter().flatten().map(|claim| claim.job.recording()).collect();
    assert_eq!(claimed.len(), 3);
    let expected: BTreeSet<_> = all.iter().map(|job| job.recording()).collect();
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>(), expected);
}

pub async fn a_job_that_is_enqueued_while_it_runs_is_due_again(store: &dyn Store) {
    let job = seal();
    store.enqueue(job, NOW).await.unwrap();
    let first = claim(store, NOW).await.unwrap();
    store.enqueue(job, later(1)).await.unwrap();
    assert_eq!(claim(store, later(2)).await, None, "it still runs");
    assert!(store.finish_job(&first).await.unwrap());
    // The new cause is not forgotten.
    let second = claim(store, later(2)).await.unwrap();
    store.enqueue(job, later(3)).await.unwrap();
    assert!(store.postpone_job(&second, later(100), "failed").await.unwrap());
    // Nor does it wait for the backoff of the cause before.
    let third = claim(store, later(4)).await.unwrap();
    assert_eq!(third.attempts, 1);
    assert!(store.finish_job(&third).await.unwrap());
    assert_eq!(jobs(store).await, []);
}

pub async fn a_job_that_failed_waits_and_says_why(store: &dyn Store) {
    store.enqueue(seal(), NOW).await.unwrap();
    for (attempt, at) in [(1, 0), (2, 60), (3, 120)] {
        assert_eq!(store.next_job_at().await.unwrap(), Some(later(at)));
        let claimed = claim(store, later(at)).await.unwrap();
        assert_eq!(claimed.attempts, attempt);
        let error = format!("failure {attempt}");
        assert!(store.postpone_job(&claimed, later(at + 60), &error).await.unwrap());
        assert_eq!(claim(store, later(at + 59)).await, None);
        let row = only(store).await;
        assert_eq!((row.attempts, row.lease_until), (attempt, None));
        assert_eq!(row.last_error, Some(error));
    }
}

pub async fn jobs_are_claimed_in_the_order_in_which_they_are_due(store: &dyn Store) {
    let [first, second, third] = [seal(), seal(), seal()];
    for (job, at) in [(second, 5), (third, 5), (first, 1)] {
        store.enqueue(job, later(at)).await.unwrap();
    }
    assert_eq!(jobs(store).await, [first, second, third]);
    for job in [first, second, third] {
        assert_eq!(claim(store, later(5)).await.unwrap().job, job);
    }
}

pub async fn no_job_waits_for_a_clock_that_was_set_back(store: &dyn Store) {
    let (waiting, running) = (seal(), seal());
    store.enqueue(running, later(10_000_000)).await.unwrap();
    claim(store, later(10_000_000)).await.unwrap();
    store.enqueue(waiting, later(10_000_000)).await.unwrap();
    for job in [running, waiting] {
        assert_eq!(claim(store, NOW).await.unwrap().job, job);
    }
    assert_eq!(claim(store, NOW).await, None, "of the leases of today each counts");
}

pub async fn a_job_is_retried_when_the_operator_says_so(store: &dyn Store) {
    let (one, two) = (seal(), seal());
    let mut ids = Vec::new();
    for job in [one, two] {
        store.enqueue(job, NOW).await.unwrap();
        let claimed = claim(store, NOW).await.unwrap();
        assert!(store.postpone_job(&claimed, later(100), "failed").await.unwrap());
        ids.push(claimed.id);
    }
    assert_eq!(store.retry_jobs(Some(ids[1]), later(1)).await.unwrap(), 1);
    let claimed = claim(store, later(1)).await.unwrap();
    assert_eq!((claimed.job, claimed.attempts), (two, 1), "its failures are forgotten");
    assert_eq!(claim(store, later(1)).await, None);
    assert_eq!(store.retry_jobs(None, later(2)).await.unwrap(), 2);
    assert_eq!(claim(store, later(2)).await.unwrap().job, one);
    assert_eq!(claim(store, later(2)).await, None, "what runs goes on");
    assert!(store.finish_job(&claimed).await.unwrap());
    assert_eq!(store.retry_jobs(Some(claimed.id), later(3)).await.unwrap(), 0);
}
