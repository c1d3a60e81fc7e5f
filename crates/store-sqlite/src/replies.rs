//! Rows of replies.

use async_trait::async_trait;
use sqlx::{Sqlite, Transaction};
use vignette_library::Viewer;
use vignette_library::markdown::Rendered;
use vignette_library::store::{Kept, ReplyQuota, ReplyRow, ReplyRows, StoreError};
use vignette_model::text::{Login, PersonName, ReplyBody};
use vignette_model::{Anchor, ClipId, Micros, ReplyId, UtcMicros};

use crate::row::{Reader, blob, columns, integer};
use crate::search::{TextOf, index_text};
use crate::transcript::json;
use crate::{SqliteStore, failed};

/// A reply as SQLite gives it.
struct ReplyRecord {
    id: String,
    clip: String,
    parent: Option<String>,
    person: Option<String>,
    name: String,
    login: Option<String>,
    secret_hash: Option<Vec<u8>>,
    body: String,
    html: String,
    start_us: Option<i64>,
    end_us: Option<i64>,
    shape: Option<String>,
    created_at_us: i64,
    edited_at_us: Option<i64>,
    place: String,
}

/// The replies that a condition names.
macro_rules! replies_where {
    ($condition:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            ReplyRecord,
            r#"SELECT r.id, r.clip, r.parent, r.person, coalesce(p.name, r.name) AS "name!: String",
                   CASE WHEN EXISTS (
                       SELECT 1 FROM looks own JOIN looks other ON other.kind = 'name' AND other.look = own.look
                       WHERE own.kind = 'name' AND own.person = p.id AND other.person <> p.id
                   ) THEN p.login END AS "login: String",
                   r.secret_hash, r.body, r.html,
                   r.start_us, r.end_us, r.shape, r.created_at_us, r.edited_at_us, r.place
               FROM replies r LEFT JOIN people p ON p.id = r.person
               WHERE "# + $condition
            $(, $argument)*
        )
    };
}

impl ReplyRecord {
    fn read(self, doing: &'static str) -> Result<ReplyRow, StoreError> {
        let read = Reader { doing };
        let micros = |column, at: Option<i64>| -> Result<_, StoreError> {
            Ok(at.map(|at| read.count(column, at)).transpose()?.map(Micros))
        };
        let shape = self.shape.as_deref();
        let shape = shape
            .map(|text| read.text("shape", |text| serde_json::from_str(text), text))
            .transpose()?;
        let end_us = micros("end_us", self.end_us)?;
        let start_us = micros("start_us", self.start_us)?;
        let anchor = start_us.map(|start_us| Anchor { start_us, end_us, shape });
        Ok(ReplyRow {
            id: read.parse("id", &self.id)?,
            clip: read.parse("clip", &self.clip)?,
            parent: read.maybe("parent", self.parent.as_deref())?,
            person: read.maybe("person", self.person.as_deref())?,
            name: PersonName::stored(&self.name).to_string(),
            login: self.login.as_deref().map(Login::stored),
            secret: read.maybe_digest("secret_hash", self.secret_hash.as_deref())?,
            body: ReplyBody::stored(&self.body),
            html: self.html,
            anchor,
            created_at: UtcMicros(self.created_at_us),
            edited_at: self.edited_at_us.map(UtcMicros),
            place: self.place,
        })
    }
}

/// Bytes that a reply takes of its clip's budget.
pub(crate) fn size_bytes(name: &str, body: &str, html: &str) -> u64 {
    (name.len() + body.len() + html.len()) as u64
}

/// What the replies to a clip take, but for one.
async fn taken(
    transaction: &mut Transaction<'static, Sqlite>,
    clip: &str,
    but: &str,
) -> Result<ReplyQuota, StoreError> {
    const DOING: &str = "add up the replies to a clip";
    let found = sqlx::query!(
        r#"SELECT count(*) AS "replies!: i64", coalesce(sum(size_bytes), 0) AS "bytes!: i64",
               count(*) FILTER (WHERE person IS NULL) AS "guest_replies!: i64",
               coalesce(sum(size_bytes) FILTER (WHERE person IS NULL), 0) AS "guest_bytes!: i64"
           FROM replies WHERE clip = ? AND id <> ?"#,
        clip,
        but
    );
    let found = found.fetch_one(&mut **transaction).await.map_err(failed(DOING))?;
    let read = Reader { doing: DOING };
    Ok(ReplyQuota {
        replies: read.count("replies", found.replies)?,
        bytes: read.count("bytes", found.bytes)?,
        guest_replies: read.count("guest_replies", found.guest_replies)?,
        guest_bytes: read.count("guest_bytes", found.guest_bytes)?,
    })
}

#[async_trait]
impl ReplyRows for SqliteStore {
    async fn replies(
        &self,
        viewer: &Viewer,
        clip: ClipId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ReplyRow>, StoreError> {
        const DOING: &str = "read the replies to a clip";
        let (clip, (person, link)) = (clip.to_string(), columns(viewer));
        // Every place is greater than nothing.
        let after = after.unwrap_or_default();
        let found = replies_where!(
            "EXISTS (SELECT 1 FROM clip_rights s WHERE s.clip = ?1 AND (?2 IS NOT NULL OR s.key = ?3))
             AND r.clip = ?1 AND r.place > ?4 ORDER BY r.place LIMIT ?5",
            clip,
            person,
            link,
            after,
            limit
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        found.into_iter().map(|record| record.read(DOING)).collect()
    }

    async fn reply_moments(
        &self,
        viewer: &Viewer,
        clip: ClipId,
    ) -> Result<Vec<(ReplyId, Micros)>, StoreError> {
        const DOING: &str = "read the moments of a clip's replies";
        let (clip, (person, link), read) =
            (clip.to_string(), columns(viewer), Reader { doing: DOING });
        let found = sqlx::query!(
            r#"SELECT id, start_us AS "at_us!: i64" FROM replies
               WHERE EXISTS (SELECT 1 FROM clip_rights s WHERE s.clip = ?1 AND (?2 IS NOT NULL OR s.key = ?3))
                   AND clip = ?1 AND start_us IS NOT NULL AND parent IS NULL ORDER BY place"#,
            clip,
            person,
            link
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        found
            .iter()
            .map(|row| Ok((read.parse("id", &row.id)?, Micros(read.count("at_us", row.at_us)?))))
            .collect()
    }

    async fn reply(&self, clip: ClipId, id: ReplyId) -> Result<Option<ReplyRow>, StoreError> {
        const DOING: &str = "read a reply";
        let (clip, id) = (clip.to_string(), id.to_string());
        let found = replies_where!("r.clip = ? AND r.id = ?", clip, id);
        let found = found.fetch_optional(self.readers()).await.map_err(failed(DOING))?;
        found.map(|record| record.read(DOING)).transpose()
    }

    async fn add_reply(
        &self,
        reply: &ReplyRow,
        text: &str,
        room: &ReplyQuota,
    ) -> Result<Kept, StoreError> {
        const DOING: &str = "add a reply";
        let (id, clip) = (reply.id.to_string(), reply.clip.to_string());
        let (parent, person) =
            (reply.parent.map(|id| id.to_string()), reply.person.map(|id| id.to_string()));
        let (secret, name, body, html) =
            (reply.secret.map(blob), reply.name.as_str(), reply.body.as_str(), reply.html.as_str());
        let anchor = reply.anchor.as_ref();
        let start = anchor.map(|anchor| integer(anchor.start_us.0));
        let end = anchor.and_then(|anchor| anchor.end_us).map(|end| integer(end.0));
        let shape = anchor.and_then(|anchor| anchor.shape.as_ref());
        let shape = shape.map(json).transpose().map_err(failed(DOING))?;
        let (created_at, edited_at) = (reply.created_at.0, reply.edited_at.map(|at| at.0));
        let (place, size) = (reply.place.as_str(), size_bytes(name, body, html));
        let size_bytes = integer(size);
        let mut transaction = self.begin(DOING).await?;
        let kept =
            room.one_more(&taken(&mut transaction, &clip, &id).await?, person.is_none(), size);
        if kept != Kept::Yes {
            return Ok(kept);
        }
        let added = sqlx::query!(
            "INSERT INTO replies (id, clip, parent, person, secret_hash, name, body, html, size_bytes, place, start_us, end_us,
                 shape, created_at_us, edited_at_us)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15
             WHERE EXISTS (SELECT 1 FROM clips WHERE id = ?2)
               AND (?3 IS NULL OR EXISTS (SELECT 1 FROM replies WHERE id = ?3 AND clip = ?2))",
            id,
            clip,
            parent,
            person,
            secret,
            name,
            body,
            html,
            size_bytes,
            place,
            start,
            end,
            shape,
            created_at,
            edited_at
        );
        if added.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() == 0 {
            return Ok(Kept::Gone);
        }
        index_text(&mut transaction, &clip, TextOf::Reply(&id), text)
            .await
            .map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(Kept::Yes)
    }

    async fn change_reply(
        &self,
        id: ReplyId,
        body: &ReplyBody,
        rendered: &Rendered,
        at: UtcMicros,
        room: &ReplyQuota,
    ) -> Result<Kept, StoreError> {
        const DOING: &str = "change a reply";
        let (id, body, html) = (id.to_string(), body.as_str(), rendered.html.as_str());
        let mut transaction = self.begin(DOING).await?;
        let found = sqlx::query!("SELECT clip, person, name FROM replies WHERE id = ?", id);
        let found = found.fetch_optional(&mut *transaction).await.map_err(failed(DOING))?;
        let Some(found) = found else { return Ok(Kept::Gone) };
        let size = size_bytes(&found.name, body, html);
        let kept = room.one_more(
            &taken(&mut transaction, &found.clip, &id).await?,
            found.person.is_none(),
            size,
        );
        if kept != Kept::Yes {
            return Ok(kept);
        }
        let size_bytes = integer(size);
        let changed = sqlx::query!(
            "UPDATE replies SET body = ?, html = ?, size_bytes = ?, edited_at_us = ? WHERE id = ?",
            body,
            html,
            size_bytes,
            at.0,
            id
        );
        changed.execute(&mut *transaction).await.map_err(failed(DOING))?;
        index_text(&mut transaction, &found.clip, TextOf::Reply(&id), &rendered.text)
            .await
            .map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(Kept::Yes)
    }

    async fn delete_reply(&self, id: ReplyId) -> Result<bool, StoreError> {
        const DOING: &str = "delete a reply";
        let id = id.to_string();
        let deleted = sqlx::query!("DELETE FROM replies WHERE id = ?", id);
        Ok(deleted.execute(self.writer()).await.map_err(failed(DOING))?.rows_affected() > 0)
    }
}
