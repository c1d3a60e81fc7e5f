//! Upkeep: rows that an earlier version wrote, in the form of today. Done at every start, after the migrations, which only SQL
//! can be said in.

use sqlx::sqlite::SqlitePool;
use vignette_library::markdown::stored_reply;
use vignette_library::store::StoreError;
use vignette_model::text::Login;

use crate::failed;
use crate::replies::size_bytes;
use crate::row::integer;

/// How many replies are rendered in one go.
const BATCH: u32 = 100;

/// Folds logins by the rules of today. Where another has that login already, it keeps the form it had.
pub(crate) async fn refold_logins(writer: &SqlitePool) -> Result<(), StoreError> {
    const DOING: &str = "fold logins by the rules of today";
    let people = sqlx::query!(
        "SELECT id, login FROM people WHERE state <> 'left' ORDER BY created_at_us, id"
    );
    for person in people.fetch_all(writer).await.map_err(failed(DOING))? {
        let login = Login::typed(&person.login);
        let login = login.as_str();
        if login != person.login {
            let changed = sqlx::query!(
                "UPDATE OR IGNORE people SET login = ? WHERE id = ?",
                login,
                person.id
            );
            changed.execute(writer).await.map_err(failed(DOING))?;
        }
    }
    Ok(())
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
