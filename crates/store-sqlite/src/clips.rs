//! Rows of clips, their fragments and extents.

mod records;

use std::ops::Range;

use async_trait::async_trait;
use vignette_library::Viewer;
use vignette_library::media::Extent;
use vignette_library::store::{
    Appended, Clip, ClipRows, Fragment, FreshClip, Job, RowChange, Sealed, StoreError, UploadRow,
};
use vignette_model::text::{Summary, Title};
use vignette_model::{ClipId, ClipKey, Micros, PersonId, Sha256, UtcMicros};

use self::records::{ClipRecord, ExtentRecord, FragmentRecord, SealRecord, upload_phase};
use crate::jobs::enqueue;
use crate::row::{Reader, blob, columns, integer};
use crate::search::{TextOf, index_text};
use crate::{SqliteStore, failed};

/// The clips that a condition names.
macro_rules! clips_where {
    ($condition:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            ClipRecord,
            r#"SELECT c.id, c.key, c.author, p.name AS author_name, c.take, c.title, c.summary, c.live AS "live: bool",
                   c.guests AS "guests: bool",
                   c.recorded_at_us, c.stopped AS "stopped: bool", c.heard_at_us, c.offset_bytes, c.length_bytes,
                   c.by_upload AS "by_upload: bool", c.head_bytes, c.width, c.height,
                   c.duration_us, c.complete_sha256, c.interrupted AS "interrupted: bool", c.sealed_object,
                   c.header_bytes, c.header_sha256, c.sealed_sha256, c.damaged AS "damaged: bool", c.poster AS "poster: bool",
                   (SELECT count(*) FROM replies r WHERE r.clip = c.id) AS "replies!: i64", c.title_model,
                   c.title_person AS "title_person: bool", c.summary_model, c.summary_person AS "summary_person: bool",
                   w.version AS "transcript_version?: i64", w.done AS "transcript_done?: bool",
                   EXISTS (SELECT 1 FROM cues q WHERE q.clip = c.id AND q.hidden = 0) AS "has_cues!: bool",
                   EXISTS (SELECT 1 FROM chapters h WHERE h.clip = c.id) AS "has_chapters!: bool"
               FROM clips c JOIN people p ON p.id = c.author LEFT JOIN transcripts w ON w.clip = c.id
               WHERE "# + $condition
            $(, $argument)*
        )
    };
}

#[async_trait]
impl ClipRows for SqliteStore {
    async fn create_clip(&self, fresh: &FreshClip<'_>) -> Result<Clip, StoreError> {
        const DOING: &str = "make a clip";
        let (id, author, take) =
            (fresh.id.to_string(), fresh.author.to_string(), fresh.new.take.to_string());
        let (key, title, summary) =
            (fresh.key.as_str(), fresh.new.title.as_str(), fresh.new.summary.as_str());
        let (live, recorded_at, at, upload) =
            (fresh.new.live, fresh.new.recorded_at_us.0, fresh.at.0, blob(fresh.upload));
        let by_upload = fresh.by_upload.is_some();
        let length = fresh.by_upload.as_ref().and_then(|upload| upload.length_bytes).map(integer);
        let metadata = fresh.by_upload.as_ref().and_then(|upload| upload.metadata.as_deref());
        let mut transaction = self.begin(DOING).await?;
        sqlx::query!(
            "INSERT INTO clips (id, key, author, take, title, summary, live, recorded_at_us, created_at_us, upload_hash, heard_at_us,
                 title_person, summary_person, stopped, by_upload, length_bytes, upload_metadata)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?5 <> '', ?6 <> '', ?12, ?12, ?13, ?14)
             ON CONFLICT (author, take) DO UPDATE SET upload_hash = excluded.upload_hash",
            id,
            key,
            author,
            take,
            title,
            summary,
            live,
            recorded_at,
            at,
            upload,
            at,
            by_upload,
            length,
            metadata
        )
        .execute(&mut *transaction)
        .await
        .map_err(failed(DOING))?;
        let made = clips_where!("c.author = ? AND c.take = ?", author, take);
        let made = made.fetch_one(&mut *transaction).await.map_err(failed(DOING))?.read(DOING)?;
        if made.id == fresh.id {
            index_text(&mut transaction, &id, TextOf::Title, title).await.map_err(failed(DOING))?;
            index_text(&mut transaction, &id, TextOf::Summary, summary)
                .await
                .map_err(failed(DOING))?;
        }
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(made)
    }

    async fn clip(&self, id: ClipId) -> Result<Option<Clip>, StoreError> {
        const DOING: &str = "read a clip";
        let id = id.to_string();
        let found = clips_where!("c.id = ?", id)
            .fetch_optional(self.readers())
            .await
            .map_err(failed(DOING))?;
        found.map(|record| record.read(DOING)).transpose()
    }

    async fn clip_by_key(&self, key: &ClipKey) -> Result<Option<Clip>, StoreError> {
        const DOING: &str = "read the clip of a link";
        let key = key.as_str();
        let found = clips_where!("c.key = ?", key)
            .fetch_optional(self.readers())
            .await
            .map_err(failed(DOING))?;
        found.map(|record| record.read(DOING)).transpose()
    }

    async fn upload(&self, secret: Sha256) -> Result<Option<UploadRow>, StoreError> {
        const DOING: &str = "read an upload";
        let secret = blob(secret);
        let found = sqlx::query!(
            r#"SELECT c.id, c.author, c.heard_at_us, c.offset_bytes, c.length_bytes, c.by_upload AS "by_upload: bool",
                   c.head_bytes IS NOT NULL AND c.duration_us > 0 AS "plays!: bool", c.complete_sha256,
                   c.interrupted AS "interrupted: bool", c.stopped AS "stopped: bool", c.sealed_object, c.header_bytes,
                   c.header_sha256, c.sealed_sha256, c.damaged AS "damaged: bool", c.stream_state,
                   e.object AS "object?", e.position_bytes AS "position_bytes?", e.offset_bytes AS "extent_offset_bytes?",
                   e.size_bytes AS "size_bytes?", e.sha256 AS "sha256?"
               FROM clips c JOIN people p ON p.id = c.author LEFT JOIN extents e ON e.clip = c.id
                   AND e.offset_bytes = (SELECT max(l.offset_bytes) FROM extents l WHERE l.clip = c.id)
               WHERE c.upload_hash = ? AND p.state = 'open'"#,
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
            damaged: row.damaged,
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
            clip: read.parse("id", &row.id)?,
            author: read.parse("author", &row.author)?,
            phase: upload_phase(
                read,
                row.complete_sha256.as_deref(),
                row.interrupted,
                row.stopped,
            )?,
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
        }))
    }

    async fn uploader(&self, secret: Sha256) -> Result<Option<PersonId>, StoreError> {
        const DOING: &str = "read whose an upload is";
        let secret = blob(secret);
        let found = sqlx::query_scalar!(
            "SELECT p.id FROM clips c JOIN people p ON p.id = c.author WHERE c.upload_hash = ? AND p.state = 'open'",
            secret
        );
        let found = found.fetch_optional(self.readers()).await.map_err(failed(DOING))?;
        Reader { doing: DOING }.maybe("id", found.as_deref())
    }

    async fn clips(
        &self,
        viewer: &Viewer,
        after: Option<ClipId>,
        limit: u32,
    ) -> Result<Vec<Clip>, StoreError> {
        const DOING: &str = "list clips";
        let (person, link) = columns(viewer);
        let after = after.map(|id| id.to_string());
        let found = clips_where!(
            "EXISTS (SELECT 1 FROM clip_rights s WHERE s.clip = c.id AND (?1 IS NOT NULL OR s.key = ?2))
             AND (?3 IS NULL OR c.id < ?3) ORDER BY c.id DESC LIMIT ?4",
            person,
            link,
            after,
            limit
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        found.into_iter().map(|record| record.read(DOING)).collect()
    }

    async fn change_clip(
        &self,
        id: ClipId,
        change: &RowChange,
    ) -> Result<Option<Clip>, StoreError> {
        const DOING: &str = "change a clip";
        let id = id.to_string();
        let (title, summary) = (
            change.title.as_ref().map(Title::as_str),
            change.summary.as_ref().map(Summary::as_str),
        );
        let key = change.key.as_ref().map(ClipKey::as_str);
        let mut transaction = self.begin(DOING).await?;
        sqlx::query!(
            "UPDATE clips SET title = coalesce(?1, title), title_person = iif(?1 IS NULL, title_person, 1),
                 title_model = iif(?1 IS NULL, title_model, NULL), summary = coalesce(?2, summary),
                 summary_person = iif(?2 IS NULL, summary_person, 1), summary_model = iif(?2 IS NULL, summary_model, NULL),
                 live = coalesce(?3, live), stopped = coalesce(?4, stopped), key = coalesce(?5, key), poster = coalesce(?6, poster),
                 guests = coalesce(?7, guests)
             WHERE id = ?8",
            title,
            summary,
            change.live,
            change.stopped,
            key,
            change.poster,
            change.guests,
            id
        )
        .execute(&mut *transaction)
        .await
        .map_err(failed(DOING))?;
        let changed = clips_where!("c.id = ?", id)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        if let Some(title) = title.filter(|_| changed.is_some()) {
            index_text(&mut transaction, &id, TextOf::Title, title).await.map_err(failed(DOING))?;
        }
        if let Some(summary) = summary.filter(|_| changed.is_some()) {
            index_text(&mut transaction, &id, TextOf::Summary, summary)
                .await
                .map_err(failed(DOING))?;
        }
        transaction.commit().await.map_err(failed(DOING))?;
        changed.map(|record| record.read(DOING)).transpose()
    }

    async fn delete_clip(&self, id: ClipId, at: UtcMicros) -> Result<bool, StoreError> {
        const DOING: &str = "delete a clip";
        let clip = id.to_string();
        let mut transaction = self.begin(DOING).await?;
        let done = sqlx::query!("DELETE FROM clips WHERE id = ?", clip)
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        enqueue(&mut transaction, Job::Clean { clip: id }, at).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(true)
    }

    async fn upload_metadata(&self, id: ClipId) -> Result<Option<String>, StoreError> {
        const DOING: &str = "read the metadata of an upload";
        let id = id.to_string();
        let found = sqlx::query_scalar!("SELECT upload_metadata FROM clips WHERE id = ?", id);
        Ok(found.fetch_optional(self.readers()).await.map_err(failed(DOING))?.flatten())
    }

    async fn append(&self, appended: &Appended<'_>) -> Result<bool, StoreError> {
        const DOING: &str = "append to a clip";
        let clip = appended.clip.to_string();
        let (from, to, at) =
            (integer(appended.from_bytes), integer(appended.to_bytes()), appended.at.0);
        let head_bytes = appended.head.map(|head| integer(head.size_bytes));
        let (width, height) =
            (appended.head.map(|head| head.width), appended.head.map(|head| head.height));
        let longer =
            appended.fragments.iter().fold(Micros::ZERO, |sum, fragment| sum + fragment.duration);
        let longer = integer(longer.0);
        let complete = appended.complete.map(blob);
        let mut transaction = self.begin(DOING).await?;
        let length = appended.length_bytes.map(integer);
        let moved = sqlx::query!(
            "UPDATE clips SET offset_bytes = ?1, heard_at_us = ?2, head_bytes = coalesce(head_bytes, ?3), width = coalesce(width, ?4),
                 height = coalesce(height, ?5), duration_us = duration_us + ?6, complete_sha256 = ?7, interrupted = 0,
                 length_bytes = coalesce(length_bytes, ?8), sealed_object = NULL, header_bytes = NULL, header_sha256 = NULL,
                 sealed_sha256 = NULL, stream_state = iif(?7 IS NULL, coalesce(?11, stream_state), NULL)
             WHERE id = ?9 AND offset_bytes = ?10 AND complete_sha256 IS NULL
                 AND coalesce(length_bytes, ?8, ?1) >= ?1 AND (?8 IS NULL OR length_bytes IS NULL OR length_bytes = ?8)",
            to,
            at,
            head_bytes,
            width,
            height,
            longer,
            complete,
            length,
            clip,
            from,
            appended.stream_state
        );
        if moved.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() == 0 {
            return Ok(false);
        }
        if let Some(extent) = &appended.extent {
            let (object, sha256) = (extent.object.as_str(), blob(extent.sha256));
            let (size, position) = (integer(extent.size_bytes), integer(extent.position_bytes));
            sqlx::query!(
                "INSERT INTO extents (clip, offset_bytes, size_bytes, object, position_bytes, sha256, appended_at_us)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
                clip,
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
                "INSERT INTO fragments (clip, offset_bytes, size_bytes, moof_offset_bytes, moof_size_bytes, start_us, duration_us)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
                clip,
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
            let seal = Job::Seal { clip: appended.clip };
            enqueue(&mut transaction, seal, appended.at).await.map_err(failed(DOING))?;
        }
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(true)
    }

    async fn extents(&self, id: ClipId, range: Range<u64>) -> Result<Vec<Extent>, StoreError> {
        const DOING: &str = "read the extents of a clip";
        let (id, begin, end) = (id.to_string(), integer(range.start), integer(range.end));
        // The first one that reaches into the range begins at or before it: found by the key, without a look at those before.
        let found = sqlx::query_as!(
            ExtentRecord,
            r#"SELECT object, position_bytes, offset_bytes AS "offset_bytes!", size_bytes, sha256 FROM extents
               WHERE clip = ?1 AND offset_bytes < ?3 AND offset_bytes >= coalesce(
                   (SELECT max(offset_bytes) FROM extents WHERE clip = ?1 AND offset_bytes <= ?2), 0)
               ORDER BY offset_bytes"#,
            id,
            begin,
            end
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        found.into_iter().map(|record| record.read(Reader { doing: DOING })).collect()
    }

    async fn stream_state(&self, id: ClipId) -> Result<Option<Vec<u8>>, StoreError> {
        const DOING: &str = "read the state of a stream";
        let id = id.to_string();
        let found = sqlx::query_scalar!("SELECT stream_state FROM clips WHERE id = ?", id);
        Ok(found.fetch_optional(self.readers()).await.map_err(failed(DOING))?.flatten())
    }

    async fn fragments(&self, id: ClipId) -> Result<Vec<Fragment>, StoreError> {
        const DOING: &str = "read the fragments of a clip";
        let id = id.to_string();
        let found = sqlx::query_as!(
            FragmentRecord,
            "SELECT offset_bytes, size_bytes, moof_offset_bytes, moof_size_bytes, start_us, duration_us
             FROM fragments WHERE clip = ? ORDER BY offset_bytes",
            id
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        found.into_iter().map(|record| record.read(DOING)).collect()
    }

    async fn silent_since(&self, at: UtcMicros) -> Result<Vec<ClipId>, StoreError> {
        const DOING: &str = "find silent uploads";
        let found = sqlx::query_scalar!(
            "SELECT id FROM clips WHERE complete_sha256 IS NULL AND interrupted = 0 AND heard_at_us < ? ORDER BY heard_at_us",
            at.0
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        found.iter().map(|id| Reader { doing: DOING }.parse("id", id)).collect()
    }

    async fn interrupt(
        &self,
        id: ClipId,
        heard_at: UtcMicros,
        end: bool,
        at: UtcMicros,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "mark an upload as interrupted";
        let clip = id.to_string();
        let mut transaction = self.begin(DOING).await?;
        let done = sqlx::query!(
            "UPDATE clips SET interrupted = 1, stopped = CASE WHEN ?1 THEN 1 ELSE stopped END,
                 upload_hash = CASE WHEN ?1 THEN NULL ELSE upload_hash END
             WHERE id = ?2 AND heard_at_us = ?3 AND complete_sha256 IS NULL",
            end,
            clip,
            heard_at.0
        );
        if done.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() == 0 {
            return Ok(false);
        }
        enqueue(&mut transaction, Job::Seal { clip: id }, at).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(true)
    }

    async fn seal(
        &self,
        id: ClipId,
        offset_bytes: u64,
        sealed: &Sealed,
        at: UtcMicros,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "write down that a clip is sealed";
        let (clip, offset, header_bytes) =
            (id.to_string(), integer(offset_bytes), integer(sealed.header_bytes));
        let (object, header, stream) =
            (sealed.object.as_str(), blob(sealed.header_sha256), blob(sealed.sha256));
        let mut transaction = self.begin(DOING).await?;
        let done = sqlx::query!(
            "UPDATE clips SET sealed_object = ?, header_bytes = ?, header_sha256 = ?, sealed_sha256 = ?
             WHERE id = ? AND offset_bytes = ? AND (complete_sha256 IS NOT NULL OR interrupted = 1) AND sealed_sha256 IS NULL",
            object,
            header_bytes,
            header,
            stream,
            clip,
            offset
        );
        if done.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query!(
            "UPDATE extents SET object = ?, position_bytes = offset_bytes + ? WHERE clip = ?",
            object,
            header_bytes,
            clip
        )
        .execute(&mut *transaction)
        .await
        .map_err(failed(DOING))?;
        enqueue(&mut transaction, Job::Clean { clip: id }, at).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(true)
    }

    async fn mark_damaged(&self, id: ClipId) -> Result<(), StoreError> {
        const DOING: &str = "write down that a clip is damaged";
        let id = id.to_string();
        let done = sqlx::query!("UPDATE clips SET damaged = 1 WHERE id = ?", id);
        done.execute(self.writer()).await.map(drop).map_err(failed(DOING))
    }
}
