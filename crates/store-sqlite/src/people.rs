//! Rows of people and of the secrets that speak for them.

use async_trait::async_trait;
use vignette_library::store::{CodeRow, Invite, Joined, NewPerson, PeopleRows, SecretRow, StoreError, Stored, TokenRow};
use vignette_library::{Person, TokenId};
use vignette_model::text::PersonName;
use vignette_model::{PersonId, Sha256, UtcMicros};

use crate::row::{Reader, blob};
use crate::{SqliteStore, failed};

/// A person as SQLite gives them.
fn person(doing: &'static str, id: &str, name: &str) -> Result<Person, StoreError> {
    Ok(Person { id: Reader { doing }.parse("id", id)?, name: PersonName::stored(name) })
}

#[async_trait]
impl PeopleRows for SqliteStore {
    async fn first_person(&self) -> Result<Option<Person>, StoreError> {
        const DOING: &str = "find the first person";
        let found = sqlx::query!("SELECT id, name FROM people ORDER BY created_at_us, id LIMIT 1");
        let found = found.fetch_optional(self.readers()).await.map_err(failed(DOING))?;
        found.map(|row| person(DOING, &row.id, &row.name)).transpose()
    }

    async fn person_by_name(&self, name_key: &str) -> Result<Option<Stored>, StoreError> {
        const DOING: &str = "find a person";
        let found = sqlx::query!("SELECT id, name, password FROM people WHERE name_key = ?", name_key);
        let found = found.fetch_optional(self.readers()).await.map_err(failed(DOING))?;
        found.map(|row| Ok(Stored { person: person(DOING, &row.id, &row.name)?, password: row.password })).transpose()
    }

    async fn ensure_first(&self, new: &NewPerson) -> Result<Person, StoreError> {
        const DOING: &str = "make the first account";
        let (id, name, at) = (new.person.id.to_string(), new.person.name.as_str(), new.at.0);
        let mut transaction = self.begin(DOING).await?;
        sqlx::query!(
            "INSERT INTO people (id, name, name_key, password, created_at_us)
             SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM people)",
            id,
            name,
            new.name_key,
            new.password,
            at
        )
        .execute(&mut *transaction)
        .await
        .map_err(failed(DOING))?;
        let first = sqlx::query!("SELECT id, name FROM people ORDER BY created_at_us, id LIMIT 1");
        let first = first.fetch_one(&mut *transaction).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        person(DOING, &first.id, &first.name)
    }

    async fn add_invite(&self, invite: &Invite) -> Result<bool, StoreError> {
        const DOING: &str = "keep an invitation";
        let (hash, setup, expires_at) = (blob(invite.hash), invite.setup, invite.expires_at.0);
        let mut transaction = self.begin(DOING).await?;
        if setup {
            sqlx::query!("DELETE FROM invites WHERE setup = 1").execute(&mut *transaction).await.map_err(failed(DOING))?;
        }
        let added = sqlx::query!(
            "INSERT INTO invites (hash, setup, expires_at_us) SELECT ?1, ?2, ?3 WHERE ?2 = 0 OR NOT EXISTS (SELECT 1 FROM people)",
            hash,
            setup,
            expires_at
        );
        let added = added.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() > 0;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(added)
    }

    async fn invited(&self, hash: Sha256, at: UtcMicros) -> Result<bool, StoreError> {
        const DOING: &str = "look for an invitation";
        let hash = blob(hash);
        let found = sqlx::query_scalar!(
            "SELECT 1 AS found FROM invites
             WHERE hash = ? AND expires_at_us > ? AND (setup = 0 OR NOT EXISTS (SELECT 1 FROM people))",
            hash,
            at.0
        );
        Ok(found.fetch_optional(self.readers()).await.map_err(failed(DOING))?.is_some())
    }

    async fn join(&self, invite: Sha256, new: &NewPerson) -> Result<Joined, StoreError> {
        const DOING: &str = "add a person";
        let (hash, at) = (blob(invite), new.at.0);
        let mut transaction = self.begin(DOING).await?;
        let used = sqlx::query!(
            "DELETE FROM invites
             WHERE hash = ? AND expires_at_us > ? AND (setup = 0 OR NOT EXISTS (SELECT 1 FROM people))",
            hash,
            at
        );
        if used.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() == 0 {
            return Ok(Joined::NotInvited);
        }
        let (id, name) = (new.person.id.to_string(), new.person.name.as_str());
        let added = sqlx::query!(
            "INSERT INTO people (id, name, name_key, password, created_at_us) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (name_key) DO NOTHING",
            id,
            name,
            new.name_key,
            new.password,
            at
        );
        if added.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() == 0 {
            return Ok(Joined::NameTaken);
        }
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(Joined::Added)
    }

    async fn add_session(&self, session: &SecretRow) -> Result<(), StoreError> {
        const DOING: &str = "keep a session";
        let (hash, person) = (blob(session.hash), session.person.to_string());
        let (at, expires_at) = (session.at.0, session.expires_at.0);
        let added = sqlx::query!(
            "INSERT INTO sessions (hash, person, created_at_us, expires_at_us) VALUES (?, ?, ?, ?)",
            hash,
            person,
            at,
            expires_at
        );
        added.execute(self.writer()).await.map(drop).map_err(failed(DOING))
    }

    async fn session(&self, hash: Sha256, at: UtcMicros) -> Result<Option<(Person, UtcMicros)>, StoreError> {
        const DOING: &str = "look for a session";
        let hash = blob(hash);
        let found = sqlx::query!(
            "SELECT p.id, p.name, s.expires_at_us FROM sessions s JOIN people p ON p.id = s.person
             WHERE s.hash = ? AND s.expires_at_us > ?",
            hash,
            at.0
        );
        let found = found.fetch_optional(self.readers()).await.map_err(failed(DOING))?;
        found.map(|row| Ok((person(DOING, &row.id, &row.name)?, UtcMicros(row.expires_at_us)))).transpose()
    }

    async fn extend_session(&self, hash: Sha256, expires_at: UtcMicros) -> Result<(), StoreError> {
        const DOING: &str = "lengthen a session";
        let hash = blob(hash);
        let done = sqlx::query!("UPDATE sessions SET expires_at_us = ? WHERE hash = ?", expires_at.0, hash);
        done.execute(self.writer()).await.map(drop).map_err(failed(DOING))
    }

    async fn add_token(&self, hash: Sha256, person: PersonId, label: &str, at: UtcMicros) -> Result<TokenId, StoreError> {
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

    async fn token(&self, hash: Sha256) -> Result<Option<(Person, Option<UtcMicros>)>, StoreError> {
        const DOING: &str = "look for a token";
        let hash = blob(hash);
        let found = sqlx::query!(
            "SELECT p.id, p.name, t.used_at_us FROM tokens t JOIN people p ON p.id = t.person WHERE t.hash = ?",
            hash
        );
        let found = found.fetch_optional(self.readers()).await.map_err(failed(DOING))?;
        found.map(|row| Ok((person(DOING, &row.id, &row.name)?, row.used_at_us.map(UtcMicros)))).transpose()
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
        let found =
            sqlx::query!("SELECT id, label, created_at_us, used_at_us FROM tokens WHERE person = ? ORDER BY id DESC", person);
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        let token = |(id, label, created_at, used_at): (i64, String, i64, Option<i64>)| TokenRow {
            id: TokenId(id),
            label,
            created_at: UtcMicros(created_at),
            used_at: used_at.map(UtcMicros),
        };
        Ok(found.into_iter().map(|row| token((row.id, row.label, row.created_at_us, row.used_at_us))).collect())
    }

    async fn revoke_token(&self, person: PersonId, token: TokenId) -> Result<bool, StoreError> {
        const DOING: &str = "end a token";
        let person = person.to_string();
        let done = sqlx::query!("DELETE FROM tokens WHERE id = ? AND person = ?", token.0, person);
        Ok(done.execute(self.writer()).await.map_err(failed(DOING))?.rows_affected() > 0)
    }

    async fn sign_out(&self, hash: Sha256) -> Result<(), StoreError> {
        const DOING: &str = "sign out";
        let hash = blob(hash);
        let mut transaction = self.begin(DOING).await?;
        sqlx::query!("DELETE FROM sessions WHERE hash = ?", hash).execute(&mut *transaction).await.map_err(failed(DOING))?;
        sqlx::query!("DELETE FROM tokens WHERE hash = ?", hash).execute(&mut *transaction).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))
    }

    async fn add_code(&self, code: &CodeRow) -> Result<(), StoreError> {
        const DOING: &str = "keep a code";
        let (hash, person, challenge) = (blob(code.hash), code.person.id.to_string(), blob(code.challenge));
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
             FROM codes c JOIN people p ON p.id = c.person WHERE c.hash = ?",
            bytes
        );
        let Some(row) = found.fetch_optional(&mut *transaction).await.map_err(failed(DOING))? else { return Ok(None) };
        sqlx::query!("DELETE FROM codes WHERE hash = ?", bytes).execute(&mut *transaction).await.map_err(failed(DOING))?;
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
        transaction.commit().await.map_err(failed(DOING))
    }
}
