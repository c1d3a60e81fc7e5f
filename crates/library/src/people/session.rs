//! Sessions: browsers that somebody is signed in with. Each visit lengthens one, up to an end that no visit moves; each is
//! listed and ended by itself, and remembers when the password was last typed in it.

use std::time::Duration;

use vignette_model::text::{Label, Login};
use vignette_model::{PersonId, Secret, UtcMicros};

use super::{SignedIn, Visit, noted};
use crate::actor::{Actor, Person, SessionId, Standing};
use crate::error::{LibraryError, Missing};
use crate::library::{Library, member};
use crate::passwords::LoginSource;
use crate::rules::{Action, Resource, may};
use crate::store::{NewSession, SessionRow};

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// Which.
    pub id: SessionId,
    /// What the browser calls itself: "Firefox on Linux".
    pub device: String,
    /// When it began.
    pub created_at_us: UtcMicros,
    /// When it was last used, to within five minutes.
    pub used_at_us: UtcMicros,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A visit is written down at most this often, so that not every page writes a row.
const NOTE_AFTER: Duration = Duration::from_secs(5 * 60);

/// How long after the password was typed a session may do what asks for it.
const FRESH: Duration = Duration::from_secs(10 * 60);

/// The most devices remembered for one person.
const DEVICES: u32 = 20;

impl Library {
    /// Whose session this is. Each visit lengthens it, up to [`session_most`](crate::LibrarySettings::session_most) after it began.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub async fn actor_for_session(&self, session: &Secret) -> Result<Actor, LibraryError> {
        let (hash, now) = (session.hash(), self.now());
        let ended = || LibraryError::SessionEnded;
        let (person, role, session) = self.store().session(hash, now).await?.ok_or_else(ended)?;
        let last = session.created_at + self.settings().session_most;
        if last <= now {
            return Err(ended());
        }
        if session.used_at + NOTE_AFTER <= now {
            let until = last.min(now + self.settings().session_life);
            noted(self.store().use_session(session.id, now, until).await)?;
        }
        let fresh = now < session.confirmed_at + FRESH;
        Ok(Actor::member(person)
            .with_role(role)
            .with_standing(Standing::Session { id: session.id, fresh }))
    }

    /// The sessions of whoever asks, last used first.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`.
    pub async fn sessions(&self, actor: &Actor) -> Result<Vec<SessionView>, LibraryError> {
        may(actor, Action::KeepAccount, Resource::Library)?;
        self.sessions_of(member(actor)?.id, actor).await
    }

    pub(super) async fn sessions_of(
        &self,
        person: PersonId,
        actor: &Actor,
    ) -> Result<Vec<SessionView>, LibraryError> {
        let view = |row: SessionRow| SessionView {
            id: row.id,
            device: if row.device.is_empty() { "A browser".to_owned() } else { row.device },
            created_at_us: row.created_at,
            used_at_us: row.used_at,
            current: actor.session() == Some(row.id),
        };
        Ok(self.store().sessions(person, self.now()).await?.into_iter().map(view).collect())
    }

    /// Ends one of one's own sessions.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`.
    pub async fn end_session(&self, actor: &Actor, session: SessionId) -> Result<(), LibraryError> {
        may(actor, Action::KeepAccount, Resource::Library)?;
        let person = member(actor)?.id;
        if !self.store().end_session(person, session, self.now()).await? {
            return Err(LibraryError::NotFound(Missing::Session));
        }
        self.listeners().tell_ended(person);
        Ok(())
    }

    /// Ends all of one's own sessions but the one that asks.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`.
    pub async fn end_other_sessions(&self, actor: &Actor) -> Result<(), LibraryError> {
        may(actor, Action::KeepAccount, Resource::Library)?;
        let person = member(actor)?.id;
        self.store().end_access(person, actor.session(), false, self.now()).await?;
        self.listeners().tell_ended(person);
        Ok(())
    }

    /// Checks the password again in a session, which may then do for ten minutes what asks for it. Gives the actor with that
    /// standing.
    ///
    /// # Errors
    /// `password_needed` if it is not right, `too_many_requests`, `sign_in_needed`, `not_allowed`.
    pub async fn confirm(&self, actor: &Actor, password: &str) -> Result<Actor, LibraryError> {
        let id = self.own_password(actor, password, LibraryError::WrongPassword).await?;
        self.store().confirm_session(id, self.now()).await?;
        Ok(actor.clone().with_standing(Standing::Session { id, fresh: true }))
    }

    /// Whether this is the password of whoever asks by a session. Tries are counted for the session alone.
    pub(super) async fn own_password(
        &self,
        actor: &Actor,
        password: &str,
        wrong: LibraryError,
    ) -> Result<SessionId, LibraryError> {
        may(actor, Action::KeepAccount, Resource::Library)?;
        let person = member(actor)?;
        let id = actor.session().ok_or(LibraryError::SessionNeeded)?;
        let stored = self.store().person(person.id).await?;
        let from = format!("session {}", id.0);
        let login = stored.as_ref().and_then(|stored| stored.login.as_ref());
        let login = login.map_or("", Login::as_str);
        let right =
            self.compare(login, stored.as_ref(), password, LoginSource::KnownDevice(&from)).await?;
        if right { Ok(id) } else { Err(wrong) }
    }

    /// Begins a session of somebody whose password, invitation or reset link was right.
    pub(super) async fn begin_session(
        &self,
        person: Person,
        visit: &Visit<'_>,
    ) -> Result<SignedIn, LibraryError> {
        let (session, at) = (Secret::random("ses"), self.now());
        let device = Label::cut(visit.browser).map(|name| name.to_string()).unwrap_or_default();
        let expires_at = at + self.settings().session_life.min(self.settings().session_most);
        let row = NewSession { hash: session.hash(), person: person.id, device, at, expires_at };
        if !self.store().add_session(&row).await? {
            return Err(LibraryError::Suspended);
        }
        let known = self.known_device(person.id, visit).await?;
        let new = known.is_none().then(|| Secret::random("dev"));
        if let Some(device) = new.as_ref().or(known) {
            self.store().add_device(device.hash(), person.id, at, DEVICES).await?;
        }
        Ok(SignedIn { person, session, device: new })
    }

    /// Which of the device secrets in their browser is of an earlier sign-in as this person.
    pub(super) async fn known_device<'v>(
        &self,
        person: PersonId,
        visit: &Visit<'v>,
    ) -> Result<Option<&'v Secret>, LibraryError> {
        for device in visit.devices {
            if self.store().knows_device(device.hash(), person).await? {
                return Ok(Some(device));
            }
        }
        Ok(None)
    }

    /// Polls the rows for access that another process has ended, and broadcasts it. Call it every second or so while the library
    /// is served; it does nothing while nobody listens. `since` is what the call before returned.
    ///
    /// # Errors
    /// `internal`.
    pub async fn notice_ends(&self, since: UtcMicros) -> Result<UtcMicros, LibraryError> {
        if !self.listeners().ended_heard() {
            return Ok(since);
        }
        let (people, last) = self.store().ended_since(since).await?;
        for person in people {
            self.listeners().tell_ended(person);
        }
        Ok(last)
    }
}
