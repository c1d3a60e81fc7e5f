//! `/people`: who has an account, for those who look after the library.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use vignette_library::store::{AccountState, InvitationRow, MemberRow};
use vignette_library::{Action, Actor, InvitationId, Role, may};
use vignette_model::{ErrorCode, PersonId};

use super::confirm::{Asked, Confirmed, confirmed};
use crate::allowed::{Allowed, ManagePeople, OnceConfirmed, signed_in};
use crate::app::{App, Shared};
use crate::pages::{InvitationCard, MemberCard, People, Remove, page_links, render};
use crate::payload::FromForm;
use crate::refusal::{Refusal, see_other};
use crate::setup;

/// `GET /people`.
pub async fn list(
    asked: Result<Allowed<OnceConfirmed<ManagePeople>>, Refusal>,
    State(app): State<Shared>,
) -> Result<Response, Refusal> {
    let Some(Allowed { asker, .. }) = signed_in(asked)? else { return Ok(see_other("/sign-in?next=/people")) };
    match may(&asker.actor, Action::ManagePeople, None) {
        Ok(()) => page(&app, &asker.actor, None).await,
        Err(_) => Ok(see_other("/confirm?next=/people")),
    }
}

/// What the forms send: what is to be done, and to whom.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    #[serde(rename = "do")]
    what: PeopleChange,
    person: Option<PersonId>,
    invitation: Option<i64>,
    password: Option<String>,
}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeopleChange {
    /// Let one more person in.
    Invite,
    /// End an invitation.
    RevokeInvitation,
    /// Shut an account.
    Suspend,
    /// Open it again.
    Resume,
    /// Say what it means to end an account, and ask.
    AskToRemove,
    /// End it.
    Remove,
    /// Give a link by which somebody chooses a new password.
    ResetPassword,
    /// End somebody's sessions and tokens.
    EndSessions,
    /// Make somebody an administrator.
    MakeAdmin,
    /// Make somebody a member.
    MakeMember,
}

impl PeopleChange {
    /// As the forms say it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::RevokeInvitation => "revoke-invitation",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::AskToRemove => "ask-to-remove",
            Self::Remove => "remove",
            Self::ResetPassword => "reset-password",
            Self::EndSessions => "end-sessions",
            Self::MakeAdmin => "make-admin",
            Self::MakeMember => "make-member",
        }
    }
}

/// `POST /people`.
pub async fn change(
    Allowed { asker, .. }: Allowed<OnceConfirmed<ManagePeople>>,
    State(app): State<Shared>,
    FromForm(change): FromForm<Change>,
) -> Result<Response, Refusal> {
    let whom = change.person.map(|person| person.to_string());
    let invitation = change.invitation.map(|id| id.to_string());
    let fields = [("do", Some(change.what.as_str())), ("person", whom.as_deref()), ("invitation", invitation.as_deref())];
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let asked = Asked { action: "/people", fields };
    let actor = match confirmed(&app, &asker, Action::ManagePeople, change.password.as_deref(), asked).await? {
        Confirmed::GoOn(actor) => actor,
        Confirmed::Ask(page) => return Ok(page),
    };
    let library = &app.library;
    if change.what == PeopleChange::RevokeInvitation {
        let which = || Refusal::new(ErrorCode::BadRequest, "Which invitation?");
        library.revoke_invitation(&actor, InvitationId(change.invitation.ok_or_else(which)?)).await?;
        return Ok(see_other("/people"));
    }
    let Some(person) = change.person else {
        if change.what != PeopleChange::Invite {
            return Err(Refusal::new(ErrorCode::BadRequest, "Whose account?"));
        }
        let link = setup::address(library, &library.invite(&actor).await?);
        return page(&app, &actor, Some(("A link with which one more person can make an account, once, within a week:", &link)))
            .await;
    };
    match change.what {
        PeopleChange::Invite | PeopleChange::RevokeInvitation => {
            return Err(Refusal::new(ErrorCode::BadRequest, "An invitation is for nobody in particular."));
        }
        PeopleChange::AskToRemove => {
            let member = library.members(&actor).await?.into_iter().find(|row| row.person.id == person);
            let name = member.map(|row| row.person.name.to_string()).unwrap_or_default();
            return render(&Remove { links: page_links(), library: app.name(), id: person.to_string(), name: &name });
        }
        PeopleChange::ResetPassword => {
            let link = setup::reset_address(library, &library.reset_link(&actor, person).await?);
            let words = "A link with which they choose a new password, once, within a day. Send it by a way that only they read:";
            return page(&app, &actor, Some((words, &link))).await;
        }
        PeopleChange::Suspend => library.suspend_person(&actor, person).await?,
        PeopleChange::Resume => library.resume_person(&actor, person).await?,
        PeopleChange::Remove => library.remove_person(&actor, person).await?,
        PeopleChange::EndSessions => library.end_access(&actor, person).await?,
        PeopleChange::MakeAdmin => library.set_role(&actor, person, Role::Admin).await?,
        PeopleChange::MakeMember => library.set_role(&actor, person, Role::Member).await?,
    }
    Ok(see_other("/people"))
}

async fn page(app: &App, actor: &Actor, link: Option<(&str, &str)>) -> Result<Response, Refusal> {
    let (gone, members): (Vec<_>, Vec<_>) =
        app.library.members(actor).await?.into_iter().partition(|row| row.state == AccountState::Left);
    render(&People {
        links: page_links(),
        library: app.name(),
        link,
        invitations: app.library.invitations(actor).await?.into_iter().map(invitation).collect(),
        members: members.into_iter().map(|row| card(row, actor)).collect(),
        left: gone.into_iter().map(|row| row.person.name.to_string()).collect(),
    })
}

fn invitation(row: InvitationRow) -> InvitationCard {
    InvitationCard {
        id: row.id.0,
        made_by: row.made_by.map(|name| name.to_string()),
        given: row.created_at.map(Into::into),
        ends: row.expires_at.into(),
    }
}

fn card(row: MemberRow, actor: &Actor) -> MemberCard {
    MemberCard {
        id: row.person.id.to_string(),
        you: actor.person().is_some_and(|person| person.id == row.person.id),
        name: row.person.name.to_string(),
        admin: row.role == Role::Admin,
        suspended: row.state == AccountState::Suspended,
        joined: row.created_at.into(),
        used: row.used_at.map(Into::into),
        sessions: row.sessions,
        tokens: row.tokens,
    }
}
