//! Rows of the secrets that speak for people: sessions, tokens, codes, and the devices they sign in from.

use async_trait::async_trait;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, Transaction};
use vignette_library::store::{AccessRows, CodeRow, NewSession, SessionRow, StoreError, TokenRow};
use vignette_library::{Person, Role, SessionId, TokenId};
use vignette_model::{PersonId, Sha256, UtcMicros};

use crate::row::{Reader, blob, person, role};
use crate::{SqliteStore, failed};

/// Ends all sessions of a person but one, and all tokens if that is asked too, with the uploads that were begun by them; pending
/// codes, which become tokens, always end.
pub(crate) async fn end_access(
    transaction: &mut Transaction<'static, Sqlite>,
    doing: &'static str,
    person: &str,
    keep: Option<SessionId>,
    tokens: bool,
    at: UtcMicros,
) -> Result<(), StoreError> {
    // Ids begin at 1.
    let keep = keep.map_or(0, |session| session.0);
    sqlx::query!("DELETE FROM sessions WHERE person = ? AND id <> ?", person, keep)
        .execute(&mut **transaction)
        .await
        .map_err(failed(doing))?;
    sqlx::query!("DELETE FROM codes WHERE person = ?", person)
        .execute(&mut **transaction)
        .await
        .map_err(failed(doing))?;
    if tokens {
        sqlx::query!("DELETE FROM tokens WHERE person = ?", person)
            .execute(&mut **transaction)
            .await
            .map_err(failed(doing))?;
        sqlx::query!("UPDATE recordings SET upload_hash = NULL WHERE id IN (SELECT recording FROM clips WHERE author = ?)", person)
            .execute(&mut **transaction)
            .await
            .map_err(failed(doing))?;
    }
    note_end(transaction, doing, person, at).await
}

/// Stores when access of a person last ended. The instants rise strictly, so that a poller that knows the last one misses none.
pub(crate) async fn note_end(
    transaction: &mut Transaction<'static, Sqlite>,
    doing: &'static str,
    person: &str,
    at: UtcMicros,
) -> Result<(), StoreError> {
    let noted = sqlx::query!(
        "UPDATE people SET ended_at_us = max(?, (SELECT max(ended_at_us) FROM people) + 1) WHERE id = ?",
        at.0,
        person
    );
    noted.execute(&mut **transaction).await.map(drop).map_err(failed(doing))
}

impl SqliteStore {
    /// Ends the access that `delete` deletes. Gives whether it was there.
    async fn end(
        &self,
        doing: &'static str,
        person: &str,
        delete: Query<'_, Sqlite, SqliteArguments>,
        at: UtcMicros,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin(doing).await?;
        let ended =
            delete.execute(&mut *transaction).await.map_err(failed(doing))?.rows_affected() > 0;
        note_end(&mut transaction, doing, person, at).await?;
        transaction.commit().await.map_err(failed(doing))?;
        Ok(ended)
    }
}

#[async_trait]
impl AccessRows for SqliteStore {
    async fn knows_device(&self, hash: Sha256, person: PersonId) -> Result<bool, StoreError> {
        const DOING: &str = "look for a device";
        let (hash, person) = (blob(hash), person.to_string());
        let found = sqlx::query_scalar!(
            "SELECT 1 AS found FROM devices WHERE hash = ? AND person = ?",
            hash,
            person
        );
        Ok(found.fetch_optional(self.readers()).await.map_err(failed(DOING))?.is_some())
    }

    async fn add_device(
        &self,
        hash: Sha256,
        person: PersonId,
        at: UtcMicros,
        most: u32,
    ) -> Result<(), StoreError> {
        const DOING: &str = "keep a device";
        let (hash, person) = (blob(hash), person.to_string());
        let mut transaction = self.begin(DOING).await?;
        let kept = sqlx::query!(
            "INSERT INTO devices (hash, person, used_at_us) VALUES (?, ?, ?)
             ON CONFLICT (hash, person) DO UPDATE SET used_at_us = excluded.used_at_us",
            hash,
            person,
            at.0
        );
        kept.execute(&mut *transaction).await.map_err(failed(DOING))?;
        let surplus = sqlx::query!(
            "DELETE FROM devices WHERE person = ?1 AND hash NOT IN
                (SELECT hash FROM devices WHERE person = ?1 ORDER BY used_at_us DESC LIMIT ?2)",
            person,
            most
        );
        surplus.execute(&mut *transaction).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))
    }

    async fn add_session(&self, session: &NewSession) -> Result<bool, StoreError> {
        const DOING: &str = "keep a session";
        let (hash, person) = (blob(session.hash), session.person.to_string());
        let (at, expires_at) = (session.at.0, session.expires_at.0);
        let added = sqlx::query!(
            "INSERT INTO sessions (hash, person, device, created_at_us, used_at_us, confirmed_at_us, expires_at_us)
             SELECT ?1, id, ?3, ?4, ?4, ?4, ?5 FROM people WHERE id = ?2 AND state = 'open'",
            hash,
            person,
            session.device,
            at,
            expires_at
        );
        Ok(added.execute(self.writer()).await.map_err(failed(DOING))?.rows_affected() > 0)
    }

    async fn session(
        &self,
        hash: Sha256,
        at: UtcMicros,
    ) -> Result<Option<(Person, Role, SessionRow)>, StoreError> {
        const DOING: &str = "look for a session";
        let hash = blob(hash);
        let found = sqlx::query!(
            "SELECT p.id AS person, p.name, p.role, s.id, s.device, s.created_at_us, s.used_at_us, s.confirmed_at_us, s.expires_at_us
             FROM sessions s JOIN people p ON p.id = s.person
             WHERE s.hash = ? AND s.expires_at_us > ? AND p.state = 'open'",
            hash,
            at.0
        );
        let Some(row) = found.fetch_optional(self.readers()).await.map_err(failed(DOING))? else {
            return Ok(None);
        };
        let session = SessionRow {
            id: SessionId(row.id),
            device: row.device,
            created_at: UtcMicros(row.created_at_us),
            used_at: UtcMicros(row.used_at_us),
            confirmed_at: UtcMicros(row.confirmed_at_us),
            expires_at: UtcMicros(row.expires_at_us),
        };
        Ok(Some((person(DOING, &row.person, &row.name)?, role(DOING, &row.role)?, session)))
    }

    async fn use_session(
        &self,
        id: SessionId,
        at: UtcMicros,
        expires_at: UtcMicros,
    ) -> Result<(), StoreError> {
        const DOING: &str = "lengthen a session";
        let done = sqlx::query!(
            "UPDATE sessions SET used_at_us = ?, expires_at_us = ? WHERE id = ?",
            at.0,
            expires_at.0,
            id.0
        );
        done.execute(self.writer()).await.map(drop).map_err(failed(DOING))
    }

    async fn confirm_session(&self, id: SessionId, at: UtcMicros) -> Result<(), StoreError> {
        const DOING: &str = "note that a password was typed";
        let done = sqlx::query!("UPDATE sessions SET confirmed_at_us = ? WHERE id = ?", at.0, id.0);
        done.execute(self.writer()).await.map(drop).map_err(failed(DOING))
    }

    async fn sessions(
        &self,
        person: PersonId,
        at: UtcMicros,
    ) -> Result<Vec<SessionRow>, StoreError> {
        const DOING: &str = "list sessions";
        let person = person.to_string();
        let found = sqlx::query!(
            "SELECT id, device, created_at_us, used_at_us, confirmed_at_us, expires_at_us FROM sessions
             WHERE person = ? AND expires_at_us > ? ORDER BY used_at_us DESC, id DESC",
            person,
            at.0
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?.into_iter();
        let sessions = found.map(|row| SessionRow {
            id: SessionId(row.id),
            device: row.device,
            created_at: UtcMicros(row.created_at_us),
            used_at: UtcMicros(row.used_at_us),
            confirmed_at: UtcMicros(row.confirmed_at_us),
            expires_at: UtcMicros(row.expires_at_us),
        });
        Ok(sessions.collect())
    }

    async fn end_session(
        &self,
        person: PersonId,
        session: SessionId,
        at: UtcMicros,
    ) -> Result<bool, StoreError> {
        let person = person.to_string();
        let delete =
            sqlx::query!("DELETE FROM sessions WHERE id = ? AND person = ?", session.0, person);
        self.end("end a session", &person, delete, at).await
    }

    async fn end_access(
        &self,
        person: PersonId,
        keep: Option<SessionId>,
        tokens: bool,
        at: UtcMicros,
    ) -> Result<(), StoreError> {
        const DOING: &str = "end sessions";
        let mut transaction = self.begin(DOING).await?;
        end_access(&mut transaction, DOING, &person.to_string(), keep, tokens, at).await?;
        transaction.commit().await.map_err(failed(DOING))
    }

    async fn add_token(
        &self,
        hash: Sha256,
        person: PersonId,
        label: &str,
        at: UtcMicros,
    ) -> Result<TokenId, StoreError> {
        const DOING: &str = "keep a token";
        let (hash, person) = (blob(hash), person.to_string());
        let added = sqlx::query!(
            "INSERT INTO tokens (hash, person, label, created_at_us) VALUES (?, ?, ?, ?)",
            hash,
            person,
            label,
            at.0
        );
        let added = added.execute(self.writer()).await.map_err(failed(DOING))?;
        Ok(TokenId(added.last_insert_rowid()))
    }

    async fn token(
        &self,
        hash: Sha256,
    ) -> Result<Option<(Person, Role, Option<UtcMicros>)>, StoreError> {
        const DOING: &str = "look for a token";
        let hash = blob(hash);
        let found = sqlx::query!(
            "SELECT p.id, p.name, p.role, t.used_at_us FROM tokens t JOIN people p ON p.id = t.person
             WHERE t.hash = ? AND p.state = 'open'",
            hash
        );
        let found = found.fetch_optional(self.readers()).await.map_err(failed(DOING))?;
        let token = |row: (Person, Role, Option<i64>)| (row.0, row.1, row.2.map(UtcMicros));
        found
            .map(|row| {
                Ok(token((
                    person(DOING, &row.id, &row.name)?,
                    role(DOING, &row.role)?,
                    row.used_at_us,
                )))
            })
            .transpose()
    }

    async fn use_token(&self, hash: Sha256, at: UtcMicros) -> Result<(), StoreError> {
        const DOING: &str = "note the use of a token";
        let hash = blob(hash);
        let done = sqlx::query!("UPDATE tokens SET used_at_us = ? WHERE hash = ?", at.0, hash);
        done.execute(self.writer()).await.map(drop).map_err(failed(DOING))
    }

    async fn tokens(&self, person: PersonId) -> Result<Vec<TokenRow>, StoreError> {
        const DOING: &str = "list tokens";
        let person = person.to_string();
        let found = sqlx::query!(
            "SELECT id, label, created_at_us, used_at_us FROM tokens WHERE person = ? ORDER BY id DESC",
            person
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        let token = |(id, label, created_at, used_at): (i64, String, i64, Option<i64>)| TokenRow {
            id: TokenId(id),
            label,
            created_at: UtcMicros(created_at),
            used_at: used_at.map(UtcMicros),
        };
        Ok(found
            .into_iter()
            .map(|row| token((row.id, row.label, row.created_at_us, row.used_at_us)))
            .collect())
    }

    async fn revoke_token(
        &self,
        person: PersonId,
        token: TokenId,
        at: UtcMicros,
    ) -> Result<bool, StoreError> {
        let person = person.to_string();
        let delete =
            sqlx::query!("DELETE FROM tokens WHERE id = ? AND person = ?", token.0, person);
        self.end("end a token", &person, delete, at).await
    }

    async fn sign_out(&self, hash: Sha256, at: UtcMicros) -> Result<Option<PersonId>, StoreError> {
        const DOING: &str = "sign out";
        let hash = blob(hash);
        let mut transaction = self.begin(DOING).await?;
        let session =
            sqlx::query_scalar!("DELETE FROM sessions WHERE hash = ? RETURNING person", hash);
        let session = session.fetch_optional(&mut *transaction).await.map_err(failed(DOING))?;
        let token = sqlx::query_scalar!("DELETE FROM tokens WHERE hash = ? RETURNING person", hash);
        let token = token.fetch_optional(&mut *transaction).await.map_err(failed(DOING))?;
        let Some(person) = session.or(token) else { return Ok(None) };
        note_end(&mut transaction, DOING, &person, at).await?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(Some(Reader { doing: DOING }.parse("person", &person)?))
    }

    async fn ended_since(
        &self,
        since: UtcMicros,
    ) -> Result<(Vec<PersonId>, UtcMicros), StoreError> {
        const DOING: &str = "look for what has ended";
        let found = sqlx::query!(
            "SELECT id, ended_at_us FROM people WHERE ended_at_us > ? ORDER BY ended_at_us",
            since.0
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        let last = found.last().map_or(since, |row| UtcMicros(row.ended_at_us));
        let read = Reader { doing: DOING };
        let people: Result<_, _> = found.iter().map(|row| read.parse("id", &row.id)).collect();
        Ok((people?, last))
    }

    async fn add_code(&self, code: &CodeRow) -> Result<(), StoreError> {
        const DOING: &str = "keep a code";
        let (hash, person, challenge) =
            (blob(code.hash), code.person.id.to_string(), blob(code.challenge));
        let expires_at = code.expires_at.0;
        let added = sqlx::query!(
            "INSERT INTO codes (hash, person, challenge_sha256, redirect_uri, label, expires_at_us) VALUES (?, ?, ?, ?, ?, ?)",
            hash,
            person,
            challenge,
            code.redirect_uri,
            code.label,
            expires_at
        );
        added.execute(self.writer()).await.map(drop).map_err(failed(DOING))
    }

    async fn take_code(&self, hash: Sha256) -> Result<Option<CodeRow>, StoreError> {
        const DOING: &str = "take a code";
        let bytes = blob(hash);
        let mut transaction = self.begin(DOING).await?;
        let found = sqlx::query!(
            "SELECT p.id, p.name, c.challenge_sha256, c.redirect_uri, c.label, c.expires_at_us
             FROM codes c JOIN people p ON p.id = c.person WHERE c.hash = ? AND p.state = 'open'",
            bytes
        );
        let Some(row) = found.fetch_optional(&mut *transaction).await.map_err(failed(DOING))?
        else {
            return Ok(None);
        };
        sqlx::query!("DELETE FROM codes WHERE hash = ?", bytes)
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(Some(CodeRow {
            hash,
            person: person(DOING, &row.id, &row.name)?,
            challenge: Reader { doing: DOING }.digest("challenge_sha256", &row.challenge_sha256)?,
            redirect_uri: row.redirect_uri,
            label: row.label,
            expires_at: UtcMicros(row.expires_at_us),
        }))
    }

    async fn purge(&self, at: UtcMicros) -> Result<(), StoreError> {
        const DOING: &str = "remove what has ended";
        let mut transaction = self.begin(DOING).await?;
        sqlx::query!("DELETE FROM sessions WHERE expires_at_us <= ?", at.0)
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        sqlx::query!("DELETE FROM codes WHERE expires_at_us <= ?", at.0)
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        sqlx::query!("DELETE FROM invites WHERE expires_at_us <= ?", at.0)
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        sqlx::query!("DELETE FROM resets WHERE expires_at_us <= ?", at.0)
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))
    }
}
