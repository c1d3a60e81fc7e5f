//! Durable jobs: work that a change leaves to be done (sealing, removing what is not needed),
//! claimed and run by a worker.
//!
//! ```text
//! change + job: one transaction ─▶ notify, or poll ─▶ claim: a lease ─▶ run ─▶ finish
//!                                                      ▲    │ renewed while it runs  └▶ failed: backoff
//!                                                      └────┘ ran out: the worker is gone, another one claims it
//! ```
//!
//! A job may run twice: its process was killed, or was suspended for longer than a lease. So each
//! is idempotent, and what it stores at its end is a compare-and-swap.

use std::collections::HashMap;
use std::time::Duration;

use tokio::task::{self, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tokio_util::task::task_tracker::TaskTrackerToken;
use vignette_model::Backoff;

use crate::actor::Actor;
use crate::error::{LibraryError, Missing, chain};
use crate::library::Library;
use crate::rules::{Action, Resource, may};
use crate::store::{Claim, Job, JobId, JobRow, StoreError};

/// How many jobs a worker runs at once.
const PARALLEL: usize = 2;
/// How long a claim lasts unless it is renewed: how soon the job of a process that was killed is
/// claimed by another.
const LEASE: Duration = Duration::from_secs(10);
/// Time between renewals of a lease.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(3);
/// Time between looks at the jobs that other processes enqueued.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// How long a job that failed waits.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(5 * 60));

impl Library {
    /// Runs jobs as they become due, until `shutdown`; then those that are due, and those that they
    /// enqueue, to their end. For the process that serves the library; several processes share the
    /// jobs of one library by their leases.
    pub async fn run_jobs(&self, shutdown: CancellationToken) {
        let mut worker = Worker::new(self.clone());
        while !shutdown.is_cancelled() {
            let idle = worker.claim_due().await;
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = self.job_enqueued().notified() => {}
                Some(done) = worker.running.join_next_with_id() => worker.conclude(done).await,
                () = tokio::time::sleep(idle) => {}
            }
        }
        worker.run_due().await;
    }

    /// Runs the jobs that are due, and those that they enqueue, to their end or their failure; says
    /// whether there was any.
    pub(crate) async fn run_due_jobs(&self) -> bool {
        Worker::new(self.clone()).run_due().await
    }

    /// What is to be done, is being done, or failed, in the order in which it is due: for the
    /// operator.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `password_needed`.
    pub async fn jobs(&self, actor: &Actor) -> Result<Vec<JobRow>, LibraryError> {
        may(actor, Action::ManageJobs, Resource::Library)?;
        Ok(self.store().jobs().await?)
    }

    /// Makes a job due now, or all of them, however often they failed; gives how many there were.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `password_needed`; `not_found` if there is no job of that
    /// id.
    pub async fn retry_jobs(&self, actor: &Actor, id: Option<JobId>) -> Result<u64, LibraryError> {
        may(actor, Action::ManageJobs, Resource::Library)?;
        let retried = self.store().retry_jobs(id, self.now()).await?;
        if id.is_some() && retried == 0 {
            return Err(LibraryError::NotFound(Missing::Job));
        }
        self.job_enqueued().notify_one();
        Ok(retried)
    }

    async fn run_job(&self, job: Job) -> Result<(), LibraryError> {
        match job {
            Job::Seal { recording } => self.seal(recording).await,
            Job::Clean { recording } => self.remove_superfluous(recording).await,
        }
    }
}

/// Claims jobs and runs them, at most [`PARALLEL`] at once.
struct Worker {
    library: Library,
    running: JoinSet<Result<(), LibraryError>>,
    claims: HashMap<task::Id, Running>,
}

/// The claim of a job that runs, and the sign that this process has work in the background.
struct Running {
    claim: Claim,
    _tracked: TaskTrackerToken,
}

impl Worker {
    fn new(library: Library) -> Self {
        Self { library, running: JoinSet::new(), claims: HashMap::new() }
    }

    /// Runs what is due to its end; says whether anything was.
    async fn run_due(&mut self) -> bool {
        let mut ran = false;
        loop {
            self.claim_due().await;
            if self.running.is_empty() {
                return ran;
            }
            ran = true;
            tokio::select! {
                Some(done) = self.running.join_next_with_id() => self.conclude(done).await,
                () = tokio::time::sleep(RENEWAL_INTERVAL) => {}
            }
        }
    }

    /// Renews the leases of what runs, and claims what is due while there is room. Gives how long
    /// to wait before it is called again, unless a job ends or is enqueued before.
    async fn claim_due(&mut self) -> Duration {
        match self.try_claim_due().await {
            Ok(idle) => idle,
            Err(error) => {
                // That a disk takes no writes is logged by those whose requests fail.
                if !error.kind.is_disk() {
                    tracing::warn!(doing = error.doing, error = %error.source, "Jobs wait");
                }
                if self.running.is_empty() { POLL_INTERVAL } else { RENEWAL_INTERVAL }
            }
        }
    }

    async fn try_claim_due(&mut self) -> Result<Duration, StoreError> {
        // Before a claim: after the computer slept, this process would claim what it is running
        // itself.
        self.renew_leases().await?;
        while self.running.len() < PARALLEL {
            // Before the claim, so that no job is claimed and not seen to run.
            let tracked = self.library.track();
            let now = self.library.now();
            let claimed = self.library.store().claim_job(now, now + LEASE).await?;
            let Some(claim) = claimed else { break };
            self.begin(claim, tracked);
        }
        if self.running.len() == PARALLEL {
            return Ok(RENEWAL_INTERVAL);
        }
        let most = if self.running.is_empty() { POLL_INTERVAL } else { RENEWAL_INTERVAL };
        let next = self.library.store().next_job_at().await?;
        let wait_us = next.map(|next| next.0.saturating_sub(self.library.now().0));
        let wait = wait_us.map(|us| Duration::from_micros(u64::try_from(us).unwrap_or(0)));
        Ok(wait.map_or(most, |wait| wait.min(most)))
    }

    /// A lease that somebody else has claimed is not renewed: the job goes on here, and changes
    /// nothing at its end.
    async fn renew_leases(&mut self) -> Result<(), StoreError> {
        let lease_until = self.library.now() + LEASE;
        for running in self.claims.values_mut() {
            if self.library.store().renew_lease(&running.claim, lease_until).await? {
                running.claim.lease_until = lease_until;
            }
        }
        Ok(())
    }

    fn begin(&mut self, claim: Claim, tracked: TaskTrackerToken) {
        let (library, job) = (self.library.clone(), claim.job);
        let begun = self.running.spawn(async move { library.run_job(job).await });
        self.claims.insert(begun.id(), Running { claim, _tracked: tracked });
    }

    /// Stores how a job ended.
    async fn conclude(&mut self, done: Result<(task::Id, Result<(), LibraryError>), JoinError>) {
        let (id, result) = match done {
            Ok((id, result)) => (id, result),
            Err(source) => (source.id(), Err(LibraryError::Task { doing: "run a job", source })),
        };
        let Some(running) = self.claims.remove(&id) else { return };
        let (claim, store) = (&running.claim, self.library.store());
        let stored = match result {
            Ok(()) => store.finish_job(claim).await,
            Err(error) => {
                let (error, delay) = (chain(&error), BACKOFF.delay(claim.attempts));
                tracing::warn!(
                    job.kind = claim.job.kind(), recording.id = %claim.job.recording(), attempts = claim.attempts, ?delay, error,
                    "A job failed and is tried again"
                );
                store.postpone_job(claim, self.library.now() + delay, &error).await
            }
        };
        match stored {
            Ok(true) => {}
            Ok(false) => tracing::info!(job = %claim.job, "Another process had claimed a job"),
            // Its lease runs out, and it is run again.
            Err(error) => {
                tracing::warn!(job = %claim.job, doing = error.doing, error = %error.source, "A job's end is not stored");
            }
        }
    }
}

/// A seal that was cut off in the middle would leave its object to nobody: what runs goes on to its
/// end.
impl Drop for Worker {
    fn drop(&mut self) {
        self.running.detach_all();
    }
}
