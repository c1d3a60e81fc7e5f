//! Rows of what members have watched.

use std::collections::HashMap;

use async_trait::async_trait;
use vignette_library::store::{StoreError, WatchRows};
use vignette_model::api::{WatchProgress, WatchedTo};
use vignette_model::{ClipId, Micros, PersonId};

use crate::row::{Reader, integer};
use crate::transcript::json;
use crate::{SqliteStore, failed};

#[async_trait]
impl WatchRows for SqliteStore {
    async fn note_progress(
        &self,
        person: PersonId,
        clip: ClipId,
        watched: &WatchedTo,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "note what was watched";
        let (person, clip) = (person.to_string(), clip.to_string());
        let position = watched.position_us.map(|at| integer(at.0));
        let there = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM clips WHERE id = ?) AS "there!: bool""#,
            clip
        );
        if !there.fetch_one(self.readers()).await.map_err(failed(DOING))? {
            return Ok(false);
        }
        let noted = sqlx::query!(
            "INSERT INTO watch_progress (person, clip, position_us, finished, read_until_us)
             SELECT p.id, c.id, coalesce(?3, 0), ?4,
                 coalesce((SELECT max(r.created_at_us) FROM replies r WHERE r.clip = c.id), 0)
             FROM people p CROSS JOIN clips c WHERE p.id = ?1 AND c.id = ?2
             ON CONFLICT (person, clip) DO UPDATE SET position_us = coalesce(?3, position_us),
                 finished = max(finished, excluded.finished), read_until_us = excluded.read_until_us
             WHERE position_us <> coalesce(?3, position_us) OR finished < excluded.finished
                 OR read_until_us <> excluded.read_until_us",
            person,
            clip,
            position,
            watched.finished
        );
        noted.execute(self.writer()).await.map_err(failed(DOING))?;
        Ok(true)
    }

    async fn progress(
        &self,
        person: PersonId,
        clips: &[ClipId],
    ) -> Result<Vec<WatchProgress>, StoreError> {
        const DOING: &str = "read what was watched";
        let (person, read) = (person.to_string(), Reader { doing: DOING });
        let ids: Vec<String> = clips.iter().map(ToString::to_string).collect();
        let listed = json(&ids).map_err(failed(DOING))?;
        let found = sqlx::query!(
            r#"SELECT n.clip, n.position_us AS "position_us!: i64", n.finished AS "finished!: bool",
                   n.unopened AS "unopened!: bool", n.new_replies AS "new_replies!: i64"
               FROM clip_news n WHERE n.person = ?1 AND n.clip IN (SELECT value FROM json_each(?2))"#,
            person,
            listed
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        let mut progress = HashMap::new();
        for row in found {
            let watched = WatchProgress {
                position_us: Micros(read.count("position_us", row.position_us)?),
                finished: row.finished,
                unopened: row.unopened,
                new_replies: read.count("new_replies", row.new_replies)?,
            };
            progress.insert(row.clip, watched);
        }
        Ok(ids.iter().map(|id| progress.remove(id).unwrap_or_default()).collect())
    }
}
