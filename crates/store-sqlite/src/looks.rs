//! Rows of what names and logins of people look like: who else may not be called so, or sign in so.

use std::collections::BTreeSet;

use sqlx::sqlite::SqlitePool;
use sqlx::{Sqlite, SqliteExecutor, Transaction};
use vignette_library::store::StoreError;
use vignette_model::text::name_looks;

use crate::failed;

/// What a look is one of. Names and logins are compared apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name.
    Name,
    /// A login.
    Login,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Login => "login",
        }
    }
}

/// Whether somebody who has not left has a name, or a login, that shares a look with `text`.
pub(crate) async fn is_like_one<'c>(
    connection: impl SqliteExecutor<'c>,
    doing: &'static str,
    kind: Kind,
    text: &str,
) -> Result<bool, StoreError> {
    let (kind, looks) = (kind.as_str(), name_looks(text));
    // There are four at most; an empty one is nobody's.
    let [one, two, three, four] = [0, 1, 2, 3].map(|n| looks.get(n).map_or("", String::as_str));
    let found = sqlx::query_scalar!(
        "SELECT 1 AS found FROM looks WHERE kind = ? AND look IN (?, ?, ?, ?) LIMIT 1",
        kind,
        one,
        two,
        three,
        four
    );
    Ok(found.fetch_optional(connection).await.map_err(failed(doing))?.is_some())
}

/// Keeps what somebody's name or login looks like.
pub(crate) async fn keep_looks(
    transaction: &mut Transaction<'static, Sqlite>,
    doing: &'static str,
    person: &str,
    kind: Kind,
    text: &str,
) -> Result<(), StoreError> {
    let kind = kind.as_str();
    for look in name_looks(text) {
        let keep = sqlx::query!(
            "INSERT OR IGNORE INTO looks (kind, look, person) VALUES (?, ?, ?)",
            kind,
            look,
            person
        );
        keep.execute(&mut **transaction).await.map_err(failed(doing))?;
    }
    Ok(())
}

/// Rebuilds the looks of all names and logins if they are not those of today's rules. Two logins of before may look alike;
/// none that is chosen later looks like either.
pub(crate) async fn rebuild_looks(writer: &SqlitePool) -> Result<(), StoreError> {
    const DOING: &str = "look at names by the rules of today";
    let people = sqlx::query!("SELECT id, name, login FROM people WHERE state <> 'left'");
    let people = people.fetch_all(writer).await.map_err(failed(DOING))?;
    let mut today = BTreeSet::new();
    for row in &people {
        for (kind, text) in [(Kind::Name, &row.name), (Kind::Login, &row.login)] {
            let looks = name_looks(text).into_iter();
            today.extend(looks.map(|look| (kind.as_str().to_owned(), look, row.id.clone())));
        }
    }
    let kept = sqlx::query!("SELECT kind, look, person FROM looks");
    let kept = kept.fetch_all(writer).await.map_err(failed(DOING))?;
    let kept: BTreeSet<_> = kept.into_iter().map(|row| (row.kind, row.look, row.person)).collect();
    if kept == today {
        return Ok(());
    }
    let mut transaction = writer.begin().await.map_err(failed(DOING))?;
    sqlx::query!("DELETE FROM looks").execute(&mut *transaction).await.map_err(failed(DOING))?;
    for row in &people {
        keep_looks(&mut transaction, DOING, &row.id, Kind::Name, &row.name).await?;
        keep_looks(&mut transaction, DOING, &row.id, Kind::Login, &row.login).await?;
    }
    transaction.commit().await.map_err(failed(DOING))
}
