//! Rows of reactions.

use async_trait::async_trait;
use vignette_library::Viewer;
use vignette_library::store::{
    Reacted, ReactionQuota, ReactionRow, ReactionRows, Reactor, StoreError,
};
use vignette_model::text::PersonName;
use vignette_model::{ClipId, Micros, ReactionId, Sha256, UtcMicros};

use crate::row::{Reader, blob, columns, integer};
use crate::{SqliteStore, failed};

/// A reaction as SQLite gives it.
struct ReactionRecord {
    id: String,
    clip: String,
    kind: String,
    at_us: i64,
    person: Option<String>,
    name: Option<String>,
    secret_hash: Option<Vec<u8>>,
    created_at_us: i64,
}

/// The reactions that a condition names.
macro_rules! reactions_where {
    ($condition:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            ReactionRecord,
            r#"SELECT r.id, r.clip, r.kind, r.at_us, r.person, p.name AS "name?: String", r.secret_hash, r.created_at_us
               FROM reactions r LEFT JOIN people p ON p.id = r.person
               WHERE "# + $condition
            $(, $argument)*
        )
    };
}

impl ReactionRecord {
    fn read(self, doing: &'static str) -> Result<ReactionRow, StoreError> {
        let read = Reader { doing };
        let person = read.maybe("person", self.person.as_deref())?;
        let guest = read.maybe_digest("secret_hash", self.secret_hash.as_deref())?;
        let by = person.map(Reactor::Person).or(guest.map(Reactor::Guest));
        Ok(ReactionRow {
            id: read.parse("id", &self.id)?,
            clip: read.parse("clip", &self.clip)?,
            kind: read.parse("kind", &self.kind)?,
            at: Micros(read.count("at_us", self.at_us)?),
            by: by.ok_or_else(|| read.unreadable("secret_hash", "it is nobody's"))?,
            name: self.name.map(|name| PersonName::stored(&name).to_string()),
            created_at: UtcMicros(self.created_at_us),
        })
    }
}

#[async_trait]
impl ReactionRows for SqliteStore {
    async fn reactions(
        &self,
        viewer: &Viewer,
        clip: ClipId,
    ) -> Result<Vec<ReactionRow>, StoreError> {
        const DOING: &str = "read the reactions to a clip";
        let (clip, (person, link)) = (clip.to_string(), columns(viewer));
        let found = reactions_where!(
            "EXISTS (SELECT 1 FROM clip_rights s WHERE s.clip = ?1 AND (?2 IS NOT NULL OR s.key = ?3))
             AND r.clip = ?1 ORDER BY r.at_us, r.kind, r.created_at_us, r.id",
            clip,
            person,
            link
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        found.into_iter().map(|record| record.read(DOING)).collect()
    }

    async fn reaction(
        &self,
        clip: ClipId,
        id: ReactionId,
    ) -> Result<Option<ReactionRow>, StoreError> {
        const DOING: &str = "read a reaction";
        let (clip, id) = (clip.to_string(), id.to_string());
        let found = reactions_where!("r.clip = ? AND r.id = ?", clip, id);
        let found = found.fetch_optional(self.readers()).await.map_err(failed(DOING))?;
        found.map(|record| record.read(DOING)).transpose()
    }

    async fn has_reacted(&self, clip: ClipId, guest: Sha256) -> Result<bool, StoreError> {
        const DOING: &str = "look for a guest's reactions";
        let (clip, guest) = (clip.to_string(), blob(guest));
        let found = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM reactions WHERE clip = ? AND secret_hash = ?) AS "found!: bool""#,
            clip,
            guest
        );
        found.fetch_one(self.readers()).await.map_err(failed(DOING))
    }

    async fn add_reaction(
        &self,
        reaction: &ReactionRow,
        room: &ReactionQuota,
    ) -> Result<Reacted, StoreError> {
        const DOING: &str = "add a reaction";
        let read = Reader { doing: DOING };
        let (id, clip) = (reaction.id.to_string(), reaction.clip.to_string());
        let (kind, at) = (reaction.kind.as_str(), integer(reaction.at.0));
        let (person, guest) = match reaction.by {
            Reactor::Person(person) => (Some(person.to_string()), None),
            Reactor::Guest(hash) => (None, Some(blob(hash))),
        };
        let created_at = reaction.created_at.0;
        let mut transaction = self.begin(DOING).await?;
        let same = sqlx::query_scalar!(
            "SELECT id FROM reactions
             WHERE clip = ? AND kind = ? AND at_us = ? AND person IS ? AND secret_hash IS ?",
            clip,
            kind,
            at,
            person,
            guest
        );
        let same = same.fetch_optional(&mut *transaction).await.map_err(failed(DOING))?;
        if let Some(same) = same {
            return Ok(Reacted::As(read.parse("id", &same)?));
        }
        let taken = sqlx::query!(
            r#"SELECT count(*) AS "all!: i64", count(*) FILTER (WHERE person IS NULL) AS "guests!: i64",
                   count(*) FILTER (WHERE person IS ?1 AND secret_hash IS ?2) AS "each!: i64"
               FROM reactions WHERE clip = ?3"#,
            person,
            guest,
            clip
        );
        let taken = taken.fetch_one(&mut *transaction).await.map_err(failed(DOING))?;
        if taken.all >= room.all.into() {
            return Ok(Reacted::Full);
        }
        if guest.is_some() && taken.guests >= room.guests.into() {
            return Ok(Reacted::GuestsFull);
        }
        if taken.each >= room.each.into() {
            return Ok(Reacted::EachFull);
        }
        let added = sqlx::query!(
            "INSERT INTO reactions (id, clip, kind, at_us, person, secret_hash, created_at_us)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS (SELECT 1 FROM clips WHERE id = ?2)",
            id,
            clip,
            kind,
            at,
            person,
            guest,
            created_at
        );
        if added.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() == 0 {
            return Ok(Reacted::Gone);
        }
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(Reacted::As(reaction.id))
    }

    async fn delete_reaction(&self, id: ReactionId) -> Result<bool, StoreError> {
        const DOING: &str = "delete a reaction";
        let id = id.to_string();
        let deleted = sqlx::query!("DELETE FROM reactions WHERE id = ?", id);
        Ok(deleted.execute(self.writer()).await.map_err(failed(DOING))?.rows_affected() > 0)
    }
}
