//! Upkeep: rows that an earlier version wrote, in the form of today. Done at every start, after the migrations, which only SQL
//! can be said in.

use std::collections::BTreeSet;

use sqlx::sqlite::SqlitePool;
use vignette_library::markdown::stored_reply;
use vignette_library::store::StoreError;
use vignette_model::text::{name_key, name_looks};

use crate::failed;
use crate::replies::size_bytes;
use crate::row::integer;

/// How many replies are rendered in one go.
const BATCH: u32 = 100;

/// Compares names by the rules of today. Of two people whose names have come to be one, the second keeps the key they had.
pub(crate) async fn rekey_names(writer: &SqlitePool) -> Result<(), StoreError> {
    const DOING: &str = "compare names by the rules of today";
    let people = sqlx::query!(
        "SELECT id, name, name_key FROM people WHERE state <> 'left' ORDER BY created_at_us, id"
    );
    for person in people.fetch_all(writer).await.map_err(failed(DOING))? {
        let key = name_key(&person.name);
        if key != person.name_key {
            let changed = sqlx::query!(
                "UPDATE OR IGNORE people SET name_key = ? WHERE id = ?",
                key,
                person.id
            );
            changed.execute(writer).await.map_err(failed(DOING))?;
        }
    }
    Ok(())
}

/// Keeps what names look like by the rules of today. Two people of before may look alike; nobody else does from now on.
pub(crate) async fn index_name_looks(writer: &SqlitePool) -> Result<(), StoreError> {
    const DOING: &str = "look at names by the rules of today";
    let people = sqlx::query!("SELECT id, name FROM people WHERE state <> 'left'");
    let people = people.fetch_all(writer).await.map_err(failed(DOING))?;
    let looks = |name: &str| name_looks(name).into_iter();
    let today: BTreeSet<_> =
        people.iter().flat_map(|row| looks(&row.name).map(|look| (look, row.id.clone()))).collect();
    let kept = sqlx::query!("SELECT look, person FROM name_looks")
        .fetch_all(writer)
        .await
        .map_err(failed(DOING))?;
    if kept.into_iter().map(|row| (row.look, row.person)).collect::<BTreeSet<_>>() == today {
        return Ok(());
    }
    let mut transaction = writer.begin().await.map_err(failed(DOING))?;
    sqlx::query!("DELETE FROM name_looks")
        .execute(&mut *transaction)
        .await
        .map_err(failed(DOING))?;
    for (look, person) in today {
        let keep =
            sqlx::query!("INSERT INTO name_looks (look, person) VALUES (?, ?)", look, person);
        keep.execute(&mut *transaction).await.map_err(failed(DOING))?;
    }
    transaction.commit().await.map_err(failed(DOING))
}

/// Renders the replies that were written when pages still rendered them.
pub(crate) async fn render_replies(writer: &SqlitePool) -> Result<(), StoreError> {
    const DOING: &str = "render the replies of before";
    loop {
        let found =
            sqlx::query!("SELECT id, name, body FROM replies WHERE html = '' LIMIT ?", BATCH);
        let found = found.fetch_all(writer).await.map_err(failed(DOING))?;
        if found.is_empty() {
            return Ok(());
        }
        let mut transaction = writer.begin().await.map_err(failed(DOING))?;
        for reply in found {
            let html = stored_reply(&reply.body).html;
            let size_bytes = integer(size_bytes(&reply.name, &reply.body, &html));
            let rendered = sqlx::query!(
                "UPDATE replies SET html = ?, size_bytes = ? WHERE id = ?",
                html,
                size_bytes,
                reply.id
            );
            rendered.execute(&mut *transaction).await.map_err(failed(DOING))?;
        }
        transaction.commit().await.map_err(failed(DOING))?;
    }
}
