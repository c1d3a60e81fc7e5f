//! Rows of replies.

use async_trait::async_trait;
use vignette_library::store::{ReplyRow, ReplyRows, StoreError};
use vignette_model::text::{PersonName, ReplyBody};
use vignette_model::{ClipId, Micros, ReplyId, UtcMicros};

use crate::row::{Reader, blob, integer};
use crate::search::{TextOf, index_text};
use crate::{SqliteStore, failed};

/// A reply as SQLite gives it.
struct ReplyRecord {
    id: String,
    clip: String,
    parent: Option<String>,
    person: Option<String>,
    name: String,
    secret_hash: Option<Vec<u8>>,
    body: String,
    at_us: Option<i64>,
    created_at_us: i64,
    edited_at_us: Option<i64>,
}

/// The replies that a condition names.
macro_rules! replies_where {
    ($condition:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            ReplyRecord,
            r#"SELECT r.id, r.clip, r.parent, r.person, coalesce(p.name, r.name) AS "name!: String", r.secret_hash, r.body, r.at_us,
                   r.created_at_us, r.edited_at_us
               FROM replies r LEFT JOIN people p ON p.id = r.person
               WHERE "# + $condition
            $(, $argument)*
        )
    };
}

impl ReplyRecord {
    fn read(self, doing: &'static str) -> Result<ReplyRow, StoreError> {
        let read = Reader { doing };
        Ok(ReplyRow {
            id: read.parse("id", &self.id)?,
            clip: read.parse("clip", &self.clip)?,
            parent: read.maybe("parent", self.parent.as_deref())?,
            person: read.maybe("person", self.person.as_deref())?,
            name: PersonName::stored(&self.name).to_string(),
            secret: read.maybe_digest("secret_hash", self.secret_hash.as_deref())?,
            body: ReplyBody::stored(&self.body),
            at: self.at_us.map(|at| read.count("at_us", at)).transpose()?.map(Micros),
            created_at: UtcMicros(self.created_at_us),
            edited_at: self.edited_at_us.map(UtcMicros),
        })
    }
}

#[async_trait]
impl ReplyRows for SqliteStore {
    async fn replies(&self, clip: ClipId) -> Result<Vec<ReplyRow>, StoreError> {
        const DOING: &str = "read the replies to a clip";
        let clip = clip.to_string();
        let found = replies_where!("r.clip = ? ORDER BY r.created_at_us, r.id", clip);
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        found.into_iter().map(|record| record.read(DOING)).collect()
    }

    async fn reply(&self, clip: ClipId, id: ReplyId) -> Result<Option<ReplyRow>, StoreError> {
        const DOING: &str = "read a reply";
        let (clip, id) = (clip.to_string(), id.to_string());
        let found = replies_where!("r.clip = ? AND r.id = ?", clip, id);
        let found = found.fetch_optional(self.readers()).await.map_err(failed(DOING))?;
        found.map(|record| record.read(DOING)).transpose()
    }

    async fn add_reply(&self, reply: &ReplyRow, most: u32) -> Result<bool, StoreError> {
        const DOING: &str = "add a reply";
        let (id, clip) = (reply.id.to_string(), reply.clip.to_string());
        let (parent, person) = (reply.parent.map(|id| id.to_string()), reply.person.map(|id| id.to_string()));
        let (secret, name, body) = (reply.secret.map(blob), reply.name.as_str(), reply.body.as_str());
        let (at, created_at, edited_at) = (reply.at.map(|at| integer(at.0)), reply.created_at.0, reply.edited_at.map(|at| at.0));
        let mut transaction = self.begin(DOING).await?;
        let added = sqlx::query!(
            "INSERT INTO replies (id, clip, parent, person, secret_hash, name, body, at_us, created_at_us, edited_at_us)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
             WHERE (SELECT count(*) FROM replies WHERE clip = ?2) < ?11
               AND EXISTS (SELECT 1 FROM clips WHERE id = ?2)
               AND (?3 IS NULL OR EXISTS (SELECT 1 FROM replies WHERE id = ?3 AND clip = ?2))",
            id,
            clip,
            parent,
            person,
            secret,
            name,
            body,
            at,
            created_at,
            edited_at,
            most
        );
        if added.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() == 0 {
            return Ok(false);
        }
        index_text(&mut transaction, &clip, TextOf::Reply(&id), body).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(true)
    }

    async fn change_reply(&self, id: ReplyId, body: &ReplyBody, at: UtcMicros) -> Result<bool, StoreError> {
        const DOING: &str = "change a reply";
        let (id, body) = (id.to_string(), body.as_str());
        let mut transaction = self.begin(DOING).await?;
        let changed =
            sqlx::query_scalar!("UPDATE replies SET body = ?, edited_at_us = ? WHERE id = ? RETURNING clip", body, at.0, id);
        let Some(clip) = changed.fetch_optional(&mut *transaction).await.map_err(failed(DOING))? else { return Ok(false) };
        index_text(&mut transaction, &clip, TextOf::Reply(&id), body).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(true)
    }

    async fn delete_reply(&self, id: ReplyId) -> Result<bool, StoreError> {
        const DOING: &str = "delete a reply";
        let id = id.to_string();
        let deleted = sqlx::query!("DELETE FROM replies WHERE id = ?", id);
        Ok(deleted.execute(self.writer()).await.map_err(failed(DOING))?.rows_affected() > 0)
    }
}
