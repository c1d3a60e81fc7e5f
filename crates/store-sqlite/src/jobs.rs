//! Rows of durable jobs.

use async_trait::async_trait;
use sqlx::SqliteConnection;
use vignette_library::store::{Claim, Job, JobId, JobRow, JobRows, LONGEST_DELAY, StoreError};
use vignette_model::UtcMicros;

use crate::row::Reader;
use crate::{SqliteStore, failed};

/// Stores a job in the transaction of its cause.
pub(crate) async fn enqueue(
    transaction: &mut SqliteConnection,
    job: Job,
    at: UtcMicros,
) -> Result<(), sqlx::Error> {
    let (kind, data) = (job.kind(), job.data());
    let enqueued = sqlx::query!(
        "INSERT INTO jobs (kind, data, created_at_us, run_after_us) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT (kind, data) DO UPDATE SET generation = generation + 1, attempts = 0,
             run_after_us = excluded.run_after_us",
        kind,
        data,
        at.0
    );
    enqueued.execute(transaction).await.map(drop)
}

impl Reader {
    fn job(self, kind: &str, data: &str) -> Result<Job, StoreError> {
        self.text("kind", |kind| Job::from_row(kind, data), kind)
    }
}

#[async_trait]
impl JobRows for SqliteStore {
    async fn enqueue(&self, job: Job, at: UtcMicros) -> Result<(), StoreError> {
        const DOING: &str = "enqueue a job";
        let mut transaction = self.begin(DOING).await?;
        enqueue(&mut transaction, job, at).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))
    }

    async fn claim_job(
        &self,
        now: UtcMicros,
        lease_until: UtcMicros,
    ) -> Result<Option<Claim>, StoreError> {
        const DOING: &str = "claim a job";
        let horizon = now + LONGEST_DELAY;
        let mut transaction = self.begin(DOING).await?;
        let claimed = sqlx::query!(
            r#"UPDATE jobs SET lease_until_us = ?2, attempts = attempts + 1
               WHERE id = (SELECT id FROM jobs
                   WHERE run_after_us NOT BETWEEN ?1 + 1 AND ?3
                       AND coalesce(lease_until_us, 0) NOT BETWEEN ?1 + 1 AND ?3
                   ORDER BY run_after_us, id LIMIT 1)
               RETURNING id AS "id!", kind AS "kind!", data AS "data!", attempts AS "attempts!",
                   generation AS "generation!""#,
            now.0,
            lease_until.0,
            horizon.0
        );
        let claimed = claimed.fetch_optional(&mut *transaction).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        let read = Reader { doing: DOING };
        let claim = claimed.map(|row| {
            Ok(Claim {
                id: JobId(row.id),
                job: read.job(&row.kind, &row.data)?,
                attempts: read.count("attempts", row.attempts)?,
                generation: row.generation,
                lease_until,
            })
        });
        claim.transpose()
    }

    async fn renew_lease(&self, claim: &Claim, lease_until: UtcMicros) -> Result<bool, StoreError> {
        const DOING: &str = "renew the lease of a job";
        let renewed = sqlx::query!(
            "UPDATE jobs SET lease_until_us = ?1 WHERE id = ?2 AND lease_until_us = ?3",
            lease_until.0,
            claim.id.0,
            claim.lease_until.0
        );
        let renewed = renewed.execute(self.writer()).await.map_err(failed(DOING))?;
        Ok(renewed.rows_affected() > 0)
    }

    async fn finish_job(&self, claim: &Claim) -> Result<bool, StoreError> {
        const DOING: &str = "finish a job";
        let mut transaction = self.begin(DOING).await?;
        let deleted = sqlx::query!(
            "DELETE FROM jobs WHERE id = ?1 AND lease_until_us = ?2 AND generation = ?3",
            claim.id.0,
            claim.lease_until.0,
            claim.generation
        );
        let deleted = deleted.execute(&mut *transaction).await.map_err(failed(DOING))?;
        if deleted.rows_affected() > 0 {
            transaction.commit().await.map_err(failed(DOING))?;
            return Ok(true);
        }
        // It was enqueued meanwhile, which made it due; or somebody else has it.
        let released = sqlx::query!(
            "UPDATE jobs SET lease_until_us = NULL WHERE id = ?1 AND lease_until_us = ?2",
            claim.id.0,
            claim.lease_until.0
        );
        let released = released.execute(&mut *transaction).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(released.rows_affected() > 0)
    }

    async fn postpone_job(
        &self,
        claim: &Claim,
        run_after: UtcMicros,
        error: &str,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "postpone a job";
        let postponed = sqlx::query!(
            "UPDATE jobs SET lease_until_us = NULL, last_error = ?1,
                 run_after_us = iif(generation = ?2, ?3, run_after_us)
             WHERE id = ?4 AND lease_until_us = ?5",
            error,
            claim.generation,
            run_after.0,
            claim.id.0,
            claim.lease_until.0
        );
        let postponed = postponed.execute(self.writer()).await.map_err(failed(DOING))?;
        Ok(postponed.rows_affected() > 0)
    }

    async fn next_job_at(&self) -> Result<Option<UtcMicros>, StoreError> {
        const DOING: &str = "see when the next job is due";
        let next = sqlx::query_scalar!(
            r#"SELECT min(max(run_after_us, coalesce(lease_until_us, run_after_us))) AS "at: i64"
               FROM jobs"#
        );
        let next = next.fetch_one(self.readers()).await.map_err(failed(DOING))?;
        Ok(next.map(UtcMicros))
    }

    async fn jobs(&self) -> Result<Vec<JobRow>, StoreError> {
        const DOING: &str = "list jobs";
        let found = sqlx::query!(
            "SELECT id, kind, data, created_at_us, run_after_us, attempts, lease_until_us, last_error
             FROM jobs ORDER BY run_after_us, id"
        );
        let read = Reader { doing: DOING };
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        let rows = found.into_iter().map(|row| {
            Ok(JobRow {
                id: JobId(row.id),
                job: read.job(&row.kind, &row.data)?,
                created_at: UtcMicros(row.created_at_us),
                run_after: UtcMicros(row.run_after_us),
                attempts: read.count("attempts", row.attempts)?,
                lease_until: row.lease_until_us.map(UtcMicros),
                last_error: row.last_error,
            })
        });
        rows.collect()
    }

    async fn retry_jobs(&self, id: Option<JobId>, at: UtcMicros) -> Result<u64, StoreError> {
        const DOING: &str = "retry jobs";
        let id = id.map(|id| id.0);
        let retried = sqlx::query!(
            "UPDATE jobs SET run_after_us = ?1, attempts = 0 WHERE ?2 IS NULL OR id = ?2",
            at.0,
            id
        );
        let retried = retried.execute(self.writer()).await.map_err(failed(DOING))?;
        Ok(retried.rows_affected())
    }
}
