//! Rows of durable jobs: work that a change leaves to be done, stored in the transaction of that
//! change.
//!
//! ```text
//! change + job: one transaction ─▶ claim: a lease ─▶ run ─▶ finish: deleted, or due again if it was enqueued meanwhile
//!                                    ▲     │           └──▶ postpone: due later, with the error
//!                                    └─────┘ the lease ran out: its worker is gone
//! ```

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use vignette_model::{RecordingId, UtcMicros};

use crate::store::StoreError;

/// No lease and no backoff reaches further. What does was stored before the wall clock was set
/// back, and counts as past.
pub const LONGEST_DELAY: Duration = Duration::from_secs(60 * 60);

/// What is to be done. A job is stored once: the same job again is the same row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Job {
    /// Turn a stream that has ended into one plain MP4.
    Seal {
        /// Whose stream.
        recording: RecordingId,
    },
    /// Remove the objects that no row names: of one that was sealed, or all of one that was
    /// deleted.
    Clean {
        /// Whose objects.
        recording: RecordingId,
    },
}

/// A row does not say what is to be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no job is of the kind {kind:?} with the data {data:?}")]
pub struct NotAJob {
    kind: String,
    data: String,
}

impl Job {
    /// The name of its kind, as rows and the operator's list have it.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Seal { .. } => "seal",
            Self::Clean { .. } => "clean",
        }
    }

    /// The recording that it is about.
    #[must_use]
    pub const fn recording(self) -> RecordingId {
        match self {
            Self::Seal { recording } | Self::Clean { recording } => recording,
        }
    }

    /// What a row stores of it beside its kind: the recording's id.
    #[must_use]
    pub fn data(self) -> String {
        self.recording().to_string()
    }

    /// The job of a row.
    ///
    /// # Errors
    /// [`NotAJob`] if no job has that kind and data.
    pub fn from_row(kind: &str, data: &str) -> Result<Self, NotAJob> {
        match (kind, data.parse()) {
            ("seal", Ok(recording)) => Ok(Self::Seal { recording }),
            ("clean", Ok(recording)) => Ok(Self::Clean { recording }),
            _ => Err(NotAJob { kind: kind.to_owned(), data: data.to_owned() }),
        }
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.recording())
    }
}

/// Names a job to the operator. Never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JobId(pub i64);

/// A job as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    /// Which.
    pub id: JobId,
    /// What is to be done.
    pub job: Job,
    /// When it was first enqueued.
    pub created_at: UtcMicros,
    /// When it is due.
    pub run_after: UtcMicros,
    /// How often it was begun since it was last enqueued, or retried by the operator.
    pub attempts: u32,
    /// Until when a worker has it, if one does.
    pub lease_until: Option<UtcMicros>,
    /// Why it last failed.
    pub last_error: Option<String>,
}

/// A job that a worker may run while its lease lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which.
    pub id: JobId,
    /// What is to be done.
    pub job: Job,
    /// How often it was begun, this time included.
    pub attempts: u32,
    /// Rises each time the job is enqueued.
    pub generation: i64,
    /// Until when nobody else claims it. Names the claim too: a later one of the same job ends
    /// later.
    pub lease_until: UtcMicros,
}

/// The rows of durable jobs.
///
/// Methods of other rows enqueue the jobs that their changes leave to be done, in the same
/// transaction: a job that is there already is due again, its attempts begin anew, and its
/// generation rises.
#[async_trait]
pub trait JobRows {
    /// Enqueues a job without another change.
    async fn enqueue(&self, job: Job, at: UtcMicros) -> Result<(), StoreError>;

    /// Gives the job that is due longest to a worker until `lease_until`: one that nobody has, or
    /// whose lease has run out. `None` if none is due.
    async fn claim_job(
        &self,
        now: UtcMicros,
        lease_until: UtcMicros,
    ) -> Result<Option<Claim>, StoreError>;

    /// Moves the end of a lease. `false`, and nothing changed, if somebody else has claimed the
    /// job.
    async fn renew_lease(&self, claim: &Claim, lease_until: UtcMicros) -> Result<bool, StoreError>;

    /// The job is done: its row is deleted, or due again if it was enqueued since it was claimed.
    /// `false`, and nothing changed, if somebody else has claimed it.
    async fn finish_job(&self, claim: &Claim) -> Result<bool, StoreError>;

    /// The job failed and is due again at `run_after`, or now if it was enqueued since it was
    /// claimed. `false`, and nothing changed, if somebody else has claimed it.
    async fn postpone_job(
        &self,
        claim: &Claim,
        run_after: UtcMicros,
        error: &str,
    ) -> Result<bool, StoreError>;

    /// When the next job will be due or its lease run out; in the past if one is due now, `None` if
    /// there is none.
    async fn next_job_at(&self) -> Result<Option<UtcMicros>, StoreError>;

    /// All jobs, in the order in which they are due.
    async fn jobs(&self) -> Result<Vec<JobRow>, StoreError>;

    /// Makes a job, or all of them, due at `at`, with no failure behind it. Gives how many there
    /// were.
    async fn retry_jobs(&self, id: Option<JobId>, at: UtcMicros) -> Result<u64, StoreError>;
}
