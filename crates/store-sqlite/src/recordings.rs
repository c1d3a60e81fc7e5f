//! Rows of recordings, their extents and fragments.

mod records;

use std::ops::Range;

use async_trait::async_trait;
use vignette_library::media::{Extent, ObjectName};
use vignette_library::store::{
    Appended, Fragment, Job, RecordingRow, RecordingRows, Sealed, StoreError, UploadRow,
};
use vignette_model::{PersonId, RecordingId, Sha256, Span, UtcMicros};

pub(crate) use self::records::RecordingRecord;
use self::records::{ExtentRecord, FragmentRecord, SealRecord, upload_phase};
use crate::jobs::enqueue;
use crate::row::{Reader, blob, integer};
use crate::{SqliteStore, failed};

#[async_trait]
impl RecordingRows for SqliteStore {
    async fn recording(&self, id: RecordingId) -> Result<Option<RecordingRow>, StoreError> {
        const DOING: &str = "read a recording";
        let id = id.to_string();
        let found = sqlx::query_as!(
            RecordingRecord,
            "SELECT id, upload_phase, heard_at_us, offset_bytes, length_bytes, complete_sha256, head_bytes, width, height,
                 duration_us, seal_state, sealed_object, header_bytes, header_sha256, sealed_sha256
             FROM recordings WHERE id = ?",
            id
        );
        let found = found.fetch_optional(self.readers()).await.map_err(failed(DOING))?;
        found.map(|record| record.read(Reader { doing: DOING })).transpose()
    }

    async fn upload(&self, secret: Sha256) -> Result<Option<UploadRow>, StoreError> {
        const DOING: &str = "read an upload";
        let secret = blob(secret);
        let found = sqlx::query!(
            r#"SELECT c.id AS clip, c.author, c.by_upload AS "by_upload: bool", r.id, r.upload_phase, r.heard_at_us,
                   r.offset_bytes, r.length_bytes, r.head_bytes IS NOT NULL AND r.duration_us > 0 AS "plays!: bool",
                   r.complete_sha256, r.seal_state, r.sealed_object, r.header_bytes, r.header_sha256, r.sealed_sha256,
                   r.stream_state, r.cleanings,
                   e.object AS "object?", e.position_bytes AS "position_bytes?", e.offset_bytes AS "extent_offset_bytes?",
                   e.size_bytes AS "size_bytes?", e.sha256 AS "sha256?"
               FROM recordings r JOIN clips c ON c.recording = r.id JOIN people p ON p.id = c.author
                   LEFT JOIN extents e ON e.recording = r.id
                   AND e.offset_bytes = (SELECT max(l.offset_bytes) FROM extents l WHERE l.recording = r.id)
               WHERE r.upload_hash = ? AND p.state = 'open'"#,
            secret
        );
        let Some(row) = found.fetch_optional(self.readers()).await.map_err(failed(DOING))? else {
            return Ok(None);
        };
        let read = Reader { doing: DOING };
        let seal = SealRecord {
            object: row.sealed_object,
            header_bytes: row.header_bytes,
            header_sha256: row.header_sha256,
            sha256: row.sealed_sha256,
            state: row.seal_state,
        };
        let last = match (
            row.object,
            row.position_bytes,
            row.extent_offset_bytes,
            row.size_bytes,
            row.sha256,
        ) {
            (
                Some(object),
                Some(position_bytes),
                Some(offset_bytes),
                Some(size_bytes),
                Some(sha256),
            ) => Some(
                ExtentRecord { object, position_bytes, offset_bytes, size_bytes, sha256 }
                    .read(read)?,
            ),
            _ => None,
        };
        Ok(Some(UploadRow {
            clip: read.parse("clip", &row.clip)?,
            recording: read.parse("id", &row.id)?,
            author: read.parse("author", &row.author)?,
            phase: upload_phase(read, &row.upload_phase, row.complete_sha256.as_deref())?,
            heard_at: UtcMicros(row.heard_at_us),
            offset_bytes: read.count("offset_bytes", row.offset_bytes)?,
            length_bytes: row
                .length_bytes
                .map(|length| read.count("length_bytes", length))
                .transpose()?,
            by_upload: row.by_upload,
            plays: row.plays,
            seal: seal.read(read)?,
            last,
            stream_state: row.stream_state,
            cleanings: read.count("cleanings", row.cleanings)?,
        }))
    }

    async fn uploader(&self, secret: Sha256) -> Result<Option<PersonId>, StoreError> {
        const DOING: &str = "read whose an upload is";
        let secret = blob(secret);
        let found = sqlx::query_scalar!(
            "SELECT p.id FROM recordings r JOIN clips c ON c.recording = r.id JOIN people p ON p.id = c.author
             WHERE r.upload_hash = ? AND p.state = 'open'",
            secret
        );
        let found = found.fetch_optional(self.readers()).await.map_err(failed(DOING))?;
        Reader { doing: DOING }.maybe("id", found.as_deref())
    }

    async fn upload_metadata(&self, id: RecordingId) -> Result<Option<String>, StoreError> {
        const DOING: &str = "read the metadata of an upload";
        let id = id.to_string();
        let found = sqlx::query_scalar!("SELECT upload_metadata FROM recordings WHERE id = ?", id);
        Ok(found.fetch_optional(self.readers()).await.map_err(failed(DOING))?.flatten())
    }

    async fn append(&self, appended: &Appended<'_>) -> Result<bool, StoreError> {
        const DOING: &str = "append to a recording";
        let recording = appended.recording.to_string();
        let (from, to, at) =
            (integer(appended.from_bytes), integer(appended.to_bytes()), appended.at.0);
        let head_bytes = appended.head.map(|head| integer(head.size_bytes));
        let (width, height) =
            (appended.head.map(|head| head.width), appended.head.map(|head| head.height));
        let longer: Span = appended.fragments.iter().map(|fragment| fragment.duration).sum();
        let longer = integer(longer.0);
        let complete = appended.complete.map(blob);
        let cleanings = integer(appended.cleanings);
        let mut transaction = self.begin(DOING).await?;
        let length = appended.length_bytes.map(integer);
        let moved = sqlx::query!(
            "UPDATE recordings SET offset_bytes = ?1, heard_at_us = ?2, head_bytes = coalesce(head_bytes, ?3),
                 width = coalesce(width, ?4), height = coalesce(height, ?5), duration_us = duration_us + ?6,
                 complete_sha256 = ?7, upload_phase = iif(?7 IS NULL, coalesce(resumes_as, upload_phase), 'complete'),
                 resumes_as = NULL, length_bytes = coalesce(length_bytes, ?8),
                 seal_state = iif(seal_state = 'sealed', 'unsealed', seal_state), sealed_object = NULL,
                 header_bytes = NULL, header_sha256 = NULL, sealed_sha256 = NULL,
                 stream_state = iif(?7 IS NULL, coalesce(?11, stream_state), NULL)
             WHERE id = ?9 AND offset_bytes = ?10 AND cleanings = ?12 AND upload_phase <> 'complete'
                 AND coalesce(length_bytes, ?8, ?1) >= ?1 AND (?8 IS NULL OR length_bytes IS NULL OR length_bytes = ?8)",
            to,
            at,
            head_bytes,
            width,
            height,
            longer,
            complete,
            length,
            recording,
            from,
            appended.stream_state,
            cleanings
        );
        if moved.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() == 0 {
            return Ok(false);
        }
        if let Some(extent) = &appended.extent {
            let (object, sha256) = (extent.object.as_str(), blob(extent.sha256));
            let (size, position) = (integer(extent.size_bytes), integer(extent.position_bytes));
            sqlx::query!(
                "INSERT INTO extents (recording, offset_bytes, size_bytes, object, position_bytes, sha256, appended_at_us)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
                recording,
                from,
                size,
                object,
                position,
                sha256,
                at
            )
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        }
        for fragment in appended.fragments {
            let (offset, size) = (integer(fragment.offset_bytes), integer(fragment.size_bytes));
            let (moof_offset, moof_size) =
                (integer(fragment.moof_offset_bytes), integer(fragment.moof_size_bytes));
            let (start, duration) = (integer(fragment.start.0), integer(fragment.duration.0));
            sqlx::query!(
                "INSERT INTO fragments (recording, offset_bytes, size_bytes, moof_offset_bytes, moof_size_bytes, start_us, duration_us)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
                recording,
                offset,
                size,
                moof_offset,
                moof_size,
                start,
                duration
            )
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        }
        if appended.complete.is_some() {
            let seal = Job::Seal { recording: appended.recording };
            enqueue(&mut transaction, seal, appended.at).await.map_err(failed(DOING))?;
        }
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(true)
    }

    async fn extents(&self, id: RecordingId, range: Range<u64>) -> Result<Vec<Extent>, StoreError> {
        const DOING: &str = "read the extents of a recording";
        let (id, begin, end) = (id.to_string(), integer(range.start), integer(range.end));
        // The first one that reaches into the range begins at or before it: found by the key,
        // without a look at those before.
        let found = sqlx::query_as!(
            ExtentRecord,
            r#"SELECT object, position_bytes, offset_bytes AS "offset_bytes!", size_bytes, sha256 FROM extents
               WHERE recording = ?1 AND offset_bytes < ?3 AND offset_bytes >= coalesce(
                   (SELECT max(offset_bytes) FROM extents WHERE recording = ?1 AND offset_bytes <= ?2), 0)
               ORDER BY offset_bytes"#,
            id,
            begin,
            end
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        found.into_iter().map(|record| record.read(Reader { doing: DOING })).collect()
    }

    async fn stream_state(&self, id: RecordingId) -> Result<Option<Vec<u8>>, StoreError> {
        const DOING: &str = "read the state of a stream";
        let id = id.to_string();
        let found = sqlx::query_scalar!("SELECT stream_state FROM recordings WHERE id = ?", id);
        Ok(found.fetch_optional(self.readers()).await.map_err(failed(DOING))?.flatten())
    }

    async fn fragments(&self, id: RecordingId) -> Result<Vec<Fragment>, StoreError> {
        const DOING: &str = "read the fragments of a recording";
        let id = id.to_string();
        let found = sqlx::query_as!(
            FragmentRecord,
            "SELECT offset_bytes, size_bytes, moof_offset_bytes, moof_size_bytes, start_us, duration_us
             FROM fragments WHERE recording = ? ORDER BY offset_bytes",
            id
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        found.into_iter().map(|record| record.read(Reader { doing: DOING })).collect()
    }

    async fn silent_since(&self, at: UtcMicros) -> Result<Vec<RecordingId>, StoreError> {
        const DOING: &str = "find silent uploads";
        let found = sqlx::query_scalar!(
            "SELECT id FROM recordings WHERE upload_phase IN ('recording', 'arriving') AND heard_at_us < ?
             ORDER BY heard_at_us",
            at.0
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        found.iter().map(|id| Reader { doing: DOING }.parse("id", id)).collect()
    }

    async fn interrupt(
        &self,
        id: RecordingId,
        heard_at: UtcMicros,
        end: bool,
        at: UtcMicros,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "mark an upload as interrupted";
        let recording = id.to_string();
        let mut transaction = self.begin(DOING).await?;
        let done = sqlx::query!(
            "UPDATE recordings SET upload_phase = 'interrupted',
                 resumes_as = iif(?1, 'arriving', coalesce(resumes_as, upload_phase)),
                 upload_hash = iif(?1, NULL, upload_hash)
             WHERE id = ?2 AND heard_at_us = ?3 AND upload_phase <> 'complete'",
            end,
            recording,
            heard_at.0
        );
        if done.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() == 0 {
            return Ok(false);
        }
        enqueue(&mut transaction, Job::Seal { recording: id }, at).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(true)
    }

    async fn seal(
        &self,
        id: RecordingId,
        offset_bytes: u64,
        sealed: &Sealed,
        at: UtcMicros,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "write down that a recording is sealed";
        let (recording, offset, header_bytes) =
            (id.to_string(), integer(offset_bytes), integer(sealed.header_bytes));
        let (object, header, stream) =
            (sealed.object.as_str(), blob(sealed.header_sha256), blob(sealed.sha256));
        let mut transaction = self.begin(DOING).await?;
        let done = sqlx::query!(
            "UPDATE recordings SET seal_state = 'sealed', sealed_object = ?, header_bytes = ?, header_sha256 = ?,
                 sealed_sha256 = ?
             WHERE id = ? AND offset_bytes = ? AND upload_phase IN ('interrupted', 'complete') AND seal_state = 'unsealed'",
            object,
            header_bytes,
            header,
            stream,
            recording,
            offset
        );
        if done.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query!(
            "UPDATE extents SET object = ?, position_bytes = offset_bytes + ? WHERE recording = ?",
            object,
            header_bytes,
            recording
        )
        .execute(&mut *transaction)
        .await
        .map_err(failed(DOING))?;
        enqueue(&mut transaction, Job::Clean { recording: id }, at).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(true)
    }

    async fn mark_damaged(&self, id: RecordingId, offset_bytes: u64) -> Result<(), StoreError> {
        const DOING: &str = "write down that a recording is damaged";
        let (id, offset) = (id.to_string(), integer(offset_bytes));
        let done = sqlx::query!(
            "UPDATE recordings SET seal_state = 'damaged'
             WHERE id = ? AND offset_bytes = ? AND seal_state = 'unsealed'",
            id,
            offset
        );
        done.execute(self.writer()).await.map(drop).map_err(failed(DOING))
    }

    async fn begin_cleaning(&self, id: RecordingId) -> Result<Option<ObjectName>, StoreError> {
        const DOING: &str = "begin to clean a recording";
        let id = id.to_string();
        let mut transaction = self.begin(DOING).await?;
        let sealed = sqlx::query_scalar!(
            r#"UPDATE recordings SET cleanings = cleanings + 1 WHERE id = ? AND seal_state = 'sealed'
               RETURNING sealed_object AS "object!""#,
            id
        );
        let sealed = sealed.fetch_optional(&mut *transaction).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        sealed.map(|name| Reader { doing: DOING }.parse("sealed_object", &name)).transpose()
    }
}
