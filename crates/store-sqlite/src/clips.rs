//! Rows of clips.

mod records;

use async_trait::async_trait;
use vignette_library::Viewer;
use vignette_library::store::{Clip, ClipFilter, ClipRows, FreshClip, Job, RowChange, StoreError};
use vignette_model::UtcMicros;
use vignette_model::api::ClipSelection;
use vignette_model::text::{Summary, Title};
use vignette_model::{ClipId, ClipKey, RecordingId};

use self::records::ClipRecord;
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
                   c.recorded_at_us, c.by_upload AS "by_upload: bool", c.poster AS "poster: bool", s.id AS recording,
                   s.upload_phase, s.heard_at_us, s.offset_bytes, s.length_bytes, s.complete_sha256, s.head_bytes,
                   s.width, s.height, s.duration_us, s.seal_state, s.sealed_object, s.header_bytes, s.header_sha256,
                   s.sealed_sha256,
                   (SELECT count(*) FROM replies r WHERE r.clip = c.id) AS "replies!: i64",
                   (SELECT json_group_array(json_object('name', b.name, 'member', json(iif(b.member, 'true', 'false')))) FROM (
                       SELECT coalesce(m.name, r.name) AS name, r.person IS NOT NULL AS member
                       FROM replies r LEFT JOIN people m ON m.id = r.person WHERE r.clip = c.id
                       GROUP BY coalesce(r.person, 'guest ' || r.name) ORDER BY max(r.created_at_us) DESC, max(r.id) DESC LIMIT 3
                   ) b) AS "repliers!: String",
                   CASE WHEN EXISTS (
                       SELECT 1 FROM looks own JOIN looks other ON other.kind = 'name' AND other.look = own.look
                       WHERE own.kind = 'name' AND own.person = p.id AND other.person <> p.id
                   ) THEN p.login END AS "author_login: String", c.title_model,
                   c.title_person AS "title_person: bool", c.summary_model, c.summary_person AS "summary_person: bool",
                   w.version AS "transcript_version?: i64", w.done AS "transcript_done?: bool",
                   EXISTS (SELECT 1 FROM cues q WHERE q.clip = c.id AND q.hidden = 0) AS "has_cues!: bool",
                   EXISTS (SELECT 1 FROM chapters h WHERE h.clip = c.id) AS "has_chapters!: bool"
               FROM clips c JOIN people p ON p.id = c.author JOIN recordings s ON s.id = c.recording
                   LEFT JOIN transcripts w ON w.clip = c.id
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
        let recording = fresh.recording.to_string();
        let phase = if by_upload { "arriving" } else { "recording" };
        let mut transaction = self.begin(DOING).await?;
        // Asked for again, the clip is there, and only its upload secret is another.
        let renewed = sqlx::query!(
            "UPDATE recordings SET upload_hash = ?1
             WHERE id = (SELECT recording FROM clips WHERE author = ?2 AND take = ?3)",
            upload,
            author,
            take
        );
        let renewed = renewed.execute(&mut *transaction).await.map_err(failed(DOING))?;
        if renewed.rows_affected() == 0 {
            sqlx::query!(
                "INSERT INTO recordings (id, upload_hash, upload_phase, upload_metadata, heard_at_us, length_bytes)
                 VALUES (?, ?, ?, ?, ?, ?)",
                recording,
                upload,
                phase,
                metadata,
                at,
                length
            )
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
            sqlx::query!(
                "INSERT INTO clips (id, key, author, take, recording, title, summary, live, recorded_at_us, created_at_us,
                     title_person, summary_person, by_upload)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?6 <> '', ?7 <> '', ?11)",
                id,
                key,
                author,
                take,
                recording,
                title,
                summary,
                live,
                recorded_at,
                at,
                by_upload
            )
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        }
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

    async fn clip_of(&self, recording: RecordingId) -> Result<Option<Clip>, StoreError> {
        const DOING: &str = "read the clip of a recording";
        let recording = recording.to_string();
        let found = clips_where!("c.recording = ?", recording)
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

    async fn clips(
        &self,
        viewer: &Viewer,
        filter: ClipFilter,
        after: Option<ClipId>,
        limit: u32,
    ) -> Result<Vec<Clip>, StoreError> {
        const DOING: &str = "list clips";
        let (person, link) = columns(viewer);
        let after = after.map(|id| id.to_string());
        let take = filter.take.map(|take| take.to_string());
        let selection = match filter.selection {
            ClipSelection::All => "all",
            ClipSelection::Mine => "mine",
            ClipSelection::Unread => "unread",
        };
        let found = clips_where!(
            "EXISTS (SELECT 1 FROM clip_rights v WHERE v.clip = c.id AND (?1 IS NOT NULL OR v.key = ?2))
             AND (?3 IS NULL OR c.id < ?3)
             AND (?5 = 'all' OR ?5 = 'mine' AND c.author = ?1 OR ?5 = 'unread' AND EXISTS (
                 SELECT 1 FROM clip_news n WHERE n.person = ?1 AND n.clip = c.id AND (n.unopened OR n.new_replies > 0)))
             AND (?6 IS NULL OR c.author = ?1 AND c.take = ?6)
             ORDER BY c.id DESC LIMIT ?4",
            person,
            link,
            after,
            limit,
            selection,
            take
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
                 live = coalesce(?3, live), key = coalesce(?4, key), poster = coalesce(?5, poster), guests = coalesce(?6, guests)
             WHERE id = ?7",
            title,
            summary,
            change.live,
            key,
            change.poster,
            change.guests,
            id
        )
        .execute(&mut *transaction)
        .await
        .map_err(failed(DOING))?;
        if let Some(stopped) = change.stopped {
            let phase = if stopped { "arriving" } else { "recording" };
            sqlx::query!(
                "UPDATE recordings SET resumes_as = iif(upload_phase = 'interrupted', ?1, NULL),
                     upload_phase = iif(upload_phase IN ('recording', 'arriving'), ?1, upload_phase)
                 WHERE id = (SELECT recording FROM clips WHERE id = ?2)",
                phase,
                id
            )
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        }
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
        let deleted =
            sqlx::query_scalar!("DELETE FROM clips WHERE id = ? RETURNING recording", clip);
        let Some(recording) =
            deleted.fetch_optional(&mut *transaction).await.map_err(failed(DOING))?
        else {
            return Ok(false);
        };
        let rows = sqlx::query!("DELETE FROM recordings WHERE id = ?", recording);
        rows.execute(&mut *transaction).await.map_err(failed(DOING))?;
        let clean =
            Job::Clean { recording: Reader { doing: DOING }.parse("recording", &recording)? };
        enqueue(&mut transaction, clean, at).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(true)
    }
}
