//! Upkeep: rows that an earlier version wrote, in the form of today. Done at every start, after the migrations, which only SQL
//! can be said in.

use sqlx::sqlite::SqlitePool;
use vignette_library::store::StoreError;
use vignette_model::text::name_key;

use crate::failed;

/// Compares names by the rules of today. Of two people whose names have come to be one, the second keeps the key they had.
pub(crate) async fn rekey_names(writer: &SqlitePool) -> Result<(), StoreError> {
    const DOING: &str = "compare names by the rules of today";
    let people = sqlx::query!("SELECT id, name, name_key FROM people WHERE state <> 'left' ORDER BY created_at_us, id");
    for person in people.fetch_all(writer).await.map_err(failed(DOING))? {
        let key = name_key(&person.name);
        if key != person.name_key {
            let changed = sqlx::query!("UPDATE OR IGNORE people SET name_key = ? WHERE id = ?", key, person.id);
            changed.execute(writer).await.map_err(failed(DOING))?;
        }
    }
    Ok(())
}
