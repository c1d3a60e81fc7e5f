//! Rows of people: their accounts, and how somebody gets one.

use async_trait::async_trait;
use sqlx::{Sqlite, Transaction};
use vignette_library::store::{
    AccountChange, AccountState, InvitationRow, Invite, Inviter, Joined, MemberRow, NewPassword,
    NewPerson, PeopleRows, PersonRow, Reset, StoreError,
};
use vignette_library::{InvitationId, Person, Role};
use vignette_model::text::{Login, PersonName};
use vignette_model::{PersonId, Sha256, UtcMicros};

use crate::access::end_access;
use crate::looks::{Kind, is_like_one, keep_looks};
use crate::row::{Reader, blob, person, role};
use crate::{SqliteStore, failed};

fn state(doing: &'static str, text: &str) -> Result<AccountState, StoreError> {
    Reader { doing }.parse("state", text)
}

/// Why an account cannot be changed, if it cannot: it is not there, or it is the only open administrator's and would not be
/// one any more (`loses`).
async fn refused(
    transaction: &mut Transaction<'static, Sqlite>,
    doing: &'static str,
    person: &str,
    loses: bool,
) -> Result<Option<AccountChange>, StoreError> {
    let there = sqlx::query_scalar!(
        "SELECT 1 AS found FROM people WHERE id = ? AND state <> 'left'",
        person
    );
    if there.fetch_optional(&mut **transaction).await.map_err(failed(doing))?.is_none() {
        return Ok(Some(AccountChange::NoAccount));
    }
    let admins =
        sqlx::query_scalar!("SELECT id FROM people WHERE role = 'admin' AND state = 'open'");
    let admins = admins.fetch_all(&mut **transaction).await.map_err(failed(doing))?;
    Ok((loses && admins == [person]).then_some(AccountChange::LastAdmin))
}

/// Ends what somebody gave out as an administrator, and reset links to their own account.
async fn end_links(
    transaction: &mut Transaction<'static, Sqlite>,
    doing: &'static str,
    person: &str,
) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM invites WHERE made_by = ?", person)
        .execute(&mut **transaction)
        .await
        .map_err(failed(doing))?;
    let resets = sqlx::query!("DELETE FROM resets WHERE made_by = ?1 OR person = ?1", person);
    resets.execute(&mut **transaction).await.map(drop).map_err(failed(doing))
}

async fn set_password(
    transaction: &mut Transaction<'static, Sqlite>,
    doing: &'static str,
    new: &NewPassword<'_>,
) -> Result<(), StoreError> {
    let person = new.person.to_string();
    sqlx::query!(
        "UPDATE people SET password = ? WHERE id = ? AND state <> 'left'",
        new.password,
        person
    )
    .execute(&mut **transaction)
    .await
    .map_err(failed(doing))?;
    sqlx::query!("DELETE FROM resets WHERE person = ?", person)
        .execute(&mut **transaction)
        .await
        .map_err(failed(doing))?;
    end_access(transaction, doing, &person, new.keep, new.end_tokens, new.at).await
}

/// The login in the row of somebody in this state.
fn login(state: AccountState, text: &str) -> Option<Login> {
    (state != AccountState::Left).then(|| Login::stored(text))
}

/// Keeps what the name and the login of somebody new look like.
async fn keep_looks_of(
    transaction: &mut Transaction<'static, Sqlite>,
    doing: &'static str,
    new: &NewPerson,
) -> Result<(), StoreError> {
    let id = new.person.id.to_string();
    keep_looks(transaction, doing, &id, Kind::Name, new.person.name.as_str()).await?;
    keep_looks(transaction, doing, &id, Kind::Login, new.login.as_str()).await
}

#[async_trait]
impl PeopleRows for SqliteStore {
    async fn owner(&self) -> Result<Option<Person>, StoreError> {
        const DOING: &str = "find the owner";
        let found = sqlx::query!(
            "SELECT id, name FROM people WHERE role = 'admin' AND state = 'open' ORDER BY created_at_us, id LIMIT 1"
        );
        let found = found.fetch_optional(self.readers()).await.map_err(failed(DOING))?;
        found.map(|row| person(DOING, &row.id, &row.name)).transpose()
    }

    async fn person_by_login(&self, login: &Login) -> Result<Option<PersonRow>, StoreError> {
        const DOING: &str = "find a person";
        let login = login.as_str();
        let found =
            sqlx::query_scalar!("SELECT id FROM people WHERE login = ? AND state <> 'left'", login);
        let Some(id) = found.fetch_optional(self.readers()).await.map_err(failed(DOING))? else {
            return Ok(None);
        };
        self.person(Reader { doing: DOING }.parse("id", &id)?).await
    }

    async fn is_like_a_name(&self, name: &PersonName) -> Result<bool, StoreError> {
        is_like_one(self.readers(), "compare names", Kind::Name, name.as_str()).await
    }

    async fn person(&self, id: PersonId) -> Result<Option<PersonRow>, StoreError> {
        const DOING: &str = "find a person";
        let id = id.to_string();
        let found = sqlx::query!(
            "SELECT id, name, login, role, state, password FROM people WHERE id = ?",
            id
        );
        let Some(row) = found.fetch_optional(self.readers()).await.map_err(failed(DOING))? else {
            return Ok(None);
        };
        let state = state(DOING, &row.state)?;
        Ok(Some(PersonRow {
            person: person(DOING, &row.id, &row.name)?,
            login: login(state, &row.login),
            role: role(DOING, &row.role)?,
            state,
            password: row.password,
        }))
    }

    async fn members(&self) -> Result<Vec<MemberRow>, StoreError> {
        const DOING: &str = "list people";
        let found = sqlx::query!(
            r#"SELECT p.id, p.name, p.login, p.role, p.state, p.created_at_us,
                (SELECT max(used_at_us) FROM sessions s WHERE s.person = p.id) AS "session_us: i64",
                (SELECT max(used_at_us) FROM tokens t WHERE t.person = p.id) AS "token_us: i64",
                (SELECT count(*) FROM sessions s WHERE s.person = p.id) AS "sessions!: u32",
                (SELECT count(*) FROM tokens t WHERE t.person = p.id) AS "tokens!: u32"
             FROM people p ORDER BY p.created_at_us, p.id"#
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        let mut members = Vec::with_capacity(found.len());
        for row in found {
            let state = state(DOING, &row.state)?;
            members.push(MemberRow {
                person: person(DOING, &row.id, &row.name)?,
                login: login(state, &row.login),
                role: role(DOING, &row.role)?,
                state,
                created_at: UtcMicros(row.created_at_us),
                used_at: row.session_us.max(row.token_us).map(UtcMicros),
                sessions: row.sessions,
                tokens: row.tokens,
            });
        }
        Ok(members)
    }

    async fn ensure_first(&self, new: &NewPerson) -> Result<Person, StoreError> {
        const DOING: &str = "make the first account";
        let (id, name, at) = (new.person.id.to_string(), new.person.name.as_str(), new.at.0);
        let login = new.login.as_str();
        let mut transaction = self.begin(DOING).await?;
        sqlx::query!(
            "INSERT INTO people (id, name, login, password, created_at_us, role)
             SELECT ?1, ?2, ?3, ?4, ?5, 'admin' WHERE NOT EXISTS (SELECT 1 FROM people)",
            id,
            name,
            login,
            new.password,
            at
        )
        .execute(&mut *transaction)
        .await
        .map_err(failed(DOING))?;
        let added = sqlx::query_scalar!("SELECT 1 AS found FROM people WHERE id = ?", id);
        if added.fetch_optional(&mut *transaction).await.map_err(failed(DOING))?.is_some() {
            keep_looks_of(&mut transaction, DOING, new).await?;
        }
        let first = sqlx::query!(
            "SELECT id, name FROM people WHERE role = 'admin' AND state = 'open' ORDER BY created_at_us, id LIMIT 1"
        );
        let first = first.fetch_one(&mut *transaction).await.map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        person(DOING, &first.id, &first.name)
    }

    async fn rename(
        &self,
        person: PersonId,
        name: &PersonName,
    ) -> Result<AccountChange, StoreError> {
        const DOING: &str = "change a name";
        let (person, name) = (person.to_string(), name.as_str());
        let mut transaction = self.begin(DOING).await?;
        if let Some(refused) = refused(&mut transaction, DOING, &person, false).await? {
            return Ok(refused);
        }
        let done = sqlx::query!("UPDATE people SET name = ? WHERE id = ?", name, person);
        done.execute(&mut *transaction).await.map_err(failed(DOING))?;
        sqlx::query!("DELETE FROM looks WHERE person = ? AND kind = 'name'", person)
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        keep_looks(&mut transaction, DOING, &person, Kind::Name, name).await?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(AccountChange::Done)
    }

    async fn set_role(&self, person: PersonId, role: Role) -> Result<AccountChange, StoreError> {
        const DOING: &str = "change a role";
        let (person, text) = (person.to_string(), role.as_str());
        let mut transaction = self.begin(DOING).await?;
        if let Some(refused) =
            refused(&mut transaction, DOING, &person, role == Role::Member).await?
        {
            return Ok(refused);
        }
        let done = sqlx::query!("UPDATE people SET role = ? WHERE id = ?", text, person);
        done.execute(&mut *transaction).await.map_err(failed(DOING))?;
        if role == Role::Member {
            sqlx::query!("DELETE FROM invites WHERE made_by = ?", person)
                .execute(&mut *transaction)
                .await
                .map_err(failed(DOING))?;
            sqlx::query!("DELETE FROM resets WHERE made_by = ?", person)
                .execute(&mut *transaction)
                .await
                .map_err(failed(DOING))?;
        }
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(AccountChange::Done)
    }

    async fn suspend(
        &self,
        person: PersonId,
        suspended: bool,
        at: UtcMicros,
    ) -> Result<AccountChange, StoreError> {
        const DOING: &str = "shut or open an account";
        let (person, state) = (person.to_string(), if suspended { "suspended" } else { "open" });
        let mut transaction = self.begin(DOING).await?;
        if let Some(refused) = refused(&mut transaction, DOING, &person, suspended).await? {
            return Ok(refused);
        }
        let done = sqlx::query!("UPDATE people SET state = ? WHERE id = ?", state, person);
        done.execute(&mut *transaction).await.map_err(failed(DOING))?;
        if suspended {
            end_links(&mut transaction, DOING, &person).await?;
            end_access(&mut transaction, DOING, &person, None, false, at).await?;
        }
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(AccountChange::Done)
    }

    async fn remove_person(
        &self,
        person: PersonId,
        name: &PersonName,
        at: UtcMicros,
    ) -> Result<AccountChange, StoreError> {
        const DOING: &str = "remove a person";
        let (person, name) = (person.to_string(), name.as_str());
        let mut transaction = self.begin(DOING).await?;
        if let Some(refused) = refused(&mut transaction, DOING, &person, true).await? {
            return Ok(refused);
        }
        let done = sqlx::query!(
            "UPDATE people SET state = 'left', role = 'member', password = NULL, name = ?, login = 'LEFT ' || id WHERE id = ?",
            name,
            person
        );
        done.execute(&mut *transaction).await.map_err(failed(DOING))?;
        end_links(&mut transaction, DOING, &person).await?;
        end_access(&mut transaction, DOING, &person, None, true, at).await?;
        sqlx::query!("DELETE FROM looks WHERE person = ?", person)
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        sqlx::query!("DELETE FROM watch_progress WHERE person = ?", person)
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        sqlx::query!("DELETE FROM devices WHERE person = ?", person)
            .execute(&mut *transaction)
            .await
            .map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(AccountChange::Done)
    }

    async fn set_password(&self, new: &NewPassword<'_>) -> Result<(), StoreError> {
        const DOING: &str = "change a password";
        let mut transaction = self.begin(DOING).await?;
        set_password(&mut transaction, DOING, new).await?;
        transaction.commit().await.map_err(failed(DOING))
    }

    async fn add_reset(&self, reset: &Reset) -> Result<(), StoreError> {
        const DOING: &str = "keep a reset link";
        let (hash, person, made_by) =
            (blob(reset.hash), reset.person.to_string(), reset.made_by.to_string());
        let kept = sqlx::query!(
            "INSERT OR REPLACE INTO resets (hash, person, made_by, expires_at_us) VALUES (?, ?, ?, ?)",
            hash,
            person,
            made_by,
            reset.expires_at.0
        );
        kept.execute(self.writer()).await.map(drop).map_err(failed(DOING))
    }

    async fn reset(&self, hash: Sha256, at: UtcMicros) -> Result<Option<Person>, StoreError> {
        const DOING: &str = "look for a reset link";
        let hash = blob(hash);
        let found = sqlx::query!(
            "SELECT p.id, p.name FROM resets r JOIN people p ON p.id = r.person
             WHERE r.hash = ? AND r.expires_at_us > ? AND p.state = 'open'",
            hash,
            at.0
        );
        let found = found.fetch_optional(self.readers()).await.map_err(failed(DOING))?;
        found.map(|row| person(DOING, &row.id, &row.name)).transpose()
    }

    async fn use_reset(&self, hash: Sha256, new: &NewPassword<'_>) -> Result<bool, StoreError> {
        const DOING: &str = "reset a password";
        let (hash, person) = (blob(hash), new.person.to_string());
        let mut transaction = self.begin(DOING).await?;
        let used = sqlx::query!(
            "DELETE FROM resets WHERE hash = ? AND person = ? AND expires_at_us > ?
             AND EXISTS (SELECT 1 FROM people p WHERE p.id = resets.person AND p.state = 'open')",
            hash,
            person,
            new.at.0
        );
        if used.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() == 0 {
            return Ok(false);
        }
        set_password(&mut transaction, DOING, new).await?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(true)
    }

    async fn add_invite(&self, invite: &Invite) -> Result<bool, StoreError> {
        const DOING: &str = "keep an invitation";
        let (hash, setup, created_at, expires_at) =
            (blob(invite.hash), invite.setup, invite.created_at.0, invite.expires_at.0);
        let made_by = invite.made_by.map(|person| person.to_string());
        let mut transaction = self.begin(DOING).await?;
        if setup {
            sqlx::query!("DELETE FROM invites WHERE setup = 1")
                .execute(&mut *transaction)
                .await
                .map_err(failed(DOING))?;
        }
        let added = sqlx::query!(
            "INSERT INTO invites (hash, setup, made_by, created_at_us, expires_at_us)
             SELECT ?1, ?2, ?3, ?4, ?5 WHERE ?2 = 0 OR NOT EXISTS (SELECT 1 FROM people)",
            hash,
            setup,
            made_by,
            created_at,
            expires_at
        );
        let added =
            added.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() > 0;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(added)
    }

    async fn invitations(&self, at: UtcMicros) -> Result<Vec<InvitationRow>, StoreError> {
        const DOING: &str = "list invitations";
        let found = sqlx::query!(
            r#"SELECT i.id, p.name AS "name?", p.login AS "login?", i.created_at_us, i.expires_at_us
             FROM invites i LEFT JOIN people p ON p.id = i.made_by
             WHERE i.setup = 0 AND i.expires_at_us > ? ORDER BY i.id"#,
            at.0
        );
        let found = found.fetch_all(self.readers()).await.map_err(failed(DOING))?;
        let open = found.into_iter().map(|row| InvitationRow {
            id: InvitationId(row.id),
            made_by: row.name.zip(row.login).map(|(name, login)| Inviter {
                name: PersonName::stored(&name),
                login: Login::stored(&login),
            }),
            created_at: row.created_at_us.map(UtcMicros),
            expires_at: UtcMicros(row.expires_at_us),
        });
        Ok(open.collect())
    }

    async fn revoke_invitation(&self, id: InvitationId) -> Result<bool, StoreError> {
        const DOING: &str = "revoke an invitation";
        let ended = sqlx::query!("DELETE FROM invites WHERE id = ? AND setup = 0", id.0);
        Ok(ended.execute(self.writer()).await.map_err(failed(DOING))?.rows_affected() > 0)
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
        let login = new.login.as_str();
        if is_like_one(&mut *transaction, DOING, Kind::Login, login).await? {
            return Ok(Joined::LoginTaken);
        }
        let added = sqlx::query!(
            "INSERT INTO people (id, name, login, password, created_at_us, role)
             SELECT ?1, ?2, ?3, ?4, ?5, iif(EXISTS (SELECT 1 FROM people), 'member', 'admin') WHERE true
             ON CONFLICT (login) DO NOTHING",
            id,
            name,
            login,
            new.password,
            at
        );
        if added.execute(&mut *transaction).await.map_err(failed(DOING))?.rows_affected() == 0 {
            return Ok(Joined::LoginTaken);
        }
        keep_looks_of(&mut transaction, DOING, new).await?;
        transaction.commit().await.map_err(failed(DOING))?;
        Ok(Joined::Added)
    }
}
