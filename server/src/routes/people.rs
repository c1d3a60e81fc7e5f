//! `/people`: everybody's accounts, for administrators.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use vignette_library::error::{LibraryError, Missing};
use vignette_library::store::{AccountState, InvitationRow, MemberRow};
use vignette_library::{Action, Actor, InvitationId, Resource, Role, may};
use vignette_model::text::{LibraryName, Login, PersonName};
use vignette_model::{ErrorCode, PersonId, Problem, paths};

use super::confirm::{Confirmation, PendingForm, confirm};
use super::replies::text_problem;
use crate::access::allowed::{Allowed, ManagePeople, OnceConfirmed, signed_in};
use crate::access::payload::FromForm;
use crate::app::{App, SharedApp};
use crate::http::api_error::{ApiError, see_other};
use crate::links::{invitation_link, reset_link};
use crate::pages::{
    InvitationCard, MadeLink, MemberCard, People, RemovePage, helped_links, plain_links, render,
};

/// `GET /people`.
pub(crate) async fn show_people(
    allowed: Result<Allowed<OnceConfirmed<ManagePeople>>, ApiError>,
    State(app): State<SharedApp>,
) -> Result<Response, ApiError> {
    let Some(Allowed { requester, .. }) = signed_in(allowed)? else {
        return Ok(see_other("/sign-in?next=/people"));
    };
    match may(&requester.actor, Action::ManagePeople, Resource::Library) {
        Ok(()) => page(&app, &requester.actor, PeopleNotice::None).await,
        Err(_) => Ok(see_other("/confirm?next=/people")),
    }
}

/// The forms of the page: an action, and whom it concerns.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeopleForm {
    #[serde(rename = "do")]
    action: PeopleAction,
    person: Option<PersonId>,
    invitation: Option<i64>,
    /// What the library shall be called.
    library: Option<String>,
    password: Option<String>,
}

/// An action on an account or an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PeopleAction {
    /// Let one more person in.
    Invite,
    /// End an invitation.
    RevokeInvitation,
    /// Name the library.
    NameLibrary,
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

impl PeopleAction {
    /// As the forms say it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::RevokeInvitation => "revoke-invitation",
            Self::NameLibrary => "name-library",
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
pub(crate) async fn change_people(
    Allowed { requester, .. }: Allowed<OnceConfirmed<ManagePeople>>,
    State(app): State<SharedApp>,
    FromForm(form): FromForm<PeopleForm>,
) -> Result<Response, ApiError> {
    let whom = form.person.map(|person| person.to_string());
    let invitation = form.invitation.map(|id| id.to_string());
    let fields = [
        ("do", Some(form.action.as_str())),
        ("person", whom.as_deref()),
        ("invitation", invitation.as_deref()),
        ("library", form.library.as_deref()),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let pending = PendingForm { action: paths::PEOPLE, fields };
    let actor =
        match confirm(&app, &requester, Action::ManagePeople, form.password.as_deref(), pending)
            .await?
        {
            Confirmation::Confirmed(actor) => actor,
            Confirmation::AskPassword(page) => return Ok(page),
        };
    let library = &app.library;
    if form.action == PeopleAction::RevokeInvitation {
        let which = || ApiError::new(ErrorCode::BadRequest, "Which invitation?");
        library.revoke_invitation(&actor, InvitationId(form.invitation.ok_or_else(which)?)).await?;
        return Ok(see_other(paths::PEOPLE));
    }
    if form.action == PeopleAction::NameLibrary {
        let typed = form.library.as_deref().unwrap_or_default();
        return match LibraryName::new(typed) {
            Ok(name) => {
                library.rename_library(&actor, &name).await?;
                Ok(see_other(paths::PEOPLE))
            }
            Err(error) => {
                page(&app, &actor, PeopleNotice::NameRefused(typed, &text_problem(error))).await
            }
        };
    }
    let Some(person) = form.person else {
        if form.action != PeopleAction::Invite {
            return Err(ApiError::new(ErrorCode::BadRequest, "Whose account?"));
        }
        let link = invitation_link(library, &library.invite(&actor).await?);
        let made = MadeLink {
            text: "Send this link to one person. They create their own account with it:",
            ends: (app.clock().utc() + library.settings().invite_life).into(),
            address: &link,
        };
        return page(&app, &actor, PeopleNotice::Link(made)).await;
    };
    match form.action {
        PeopleAction::Invite | PeopleAction::RevokeInvitation | PeopleAction::NameLibrary => {
            return Err(ApiError::new(
                ErrorCode::BadRequest,
                "An invitation is for nobody in particular.",
            ));
        }
        PeopleAction::AskToRemove => {
            let members = library.members(&actor).await?;
            let members = members.into_iter().filter(|row| row.state != AccountState::Left);
            let MemberRow { person, login, .. } = members
                .into_iter()
                .find(|row| row.person.id == person)
                .ok_or(LibraryError::NotFound(Missing::Account))?;
            return render(&RemovePage {
                links: plain_links(),
                library: &app.name(),
                id: person.id.to_string(),
                name: person.name.as_str(),
                login: login.as_ref().map_or("", Login::as_str),
            });
        }
        PeopleAction::ResetPassword => {
            let link = reset_link(library, &library.reset_link(&actor, person).await?);
            let made = MadeLink {
                text: "Send them this link in a way that only they can read. They choose a new password with it:",
                ends: (app.clock().utc() + library.settings().reset_life).into(),
                address: &link,
            };
            return page(&app, &actor, PeopleNotice::Link(made)).await;
        }
        PeopleAction::Suspend => library.suspend_person(&actor, person).await?,
        PeopleAction::Resume => library.resume_person(&actor, person).await?,
        PeopleAction::Remove => library.remove_person(&actor, person).await?,
        PeopleAction::EndSessions => library.end_access(&actor, person).await?,
        PeopleAction::MakeAdmin => library.set_role(&actor, person, Role::Admin).await?,
        PeopleAction::MakeMember => library.set_role(&actor, person, Role::Member).await?,
    }
    Ok(see_other(paths::PEOPLE))
}

/// What the page says happened.
enum PeopleNotice<'a> {
    /// Nothing.
    None,
    /// A link was made.
    Link(MadeLink<'a>),
    /// The library was not named as was typed, and why.
    NameRefused(&'a str, &'a Problem),
}

async fn page(app: &App, actor: &Actor, notice: PeopleNotice<'_>) -> Result<Response, ApiError> {
    let (link, refused_name) = match notice {
        PeopleNotice::None => (None, None),
        PeopleNotice::Link(link) => (Some(link), None),
        PeopleNotice::NameRefused(typed, problem) => (None, Some((typed, problem))),
    };
    let (gone, members): (Vec<_>, Vec<_>) = app
        .library
        .members(actor)
        .await?
        .into_iter()
        .partition(|row| row.state == AccountState::Left);
    let invitations = app.library.invitations(actor).await?;
    render(&People {
        links: helped_links(),
        library: &app.name(),
        link,
        names_library: !app.library.settings().is_named,
        refused_name,
        invitations: invitations.into_iter().map(|row| invitation(row, &members)).collect(),
        members: members.iter().map(|row| card(row, &members, actor)).collect(),
        left: gone.into_iter().map(|row| row.person.name.to_string()).collect(),
    })
}

fn invitation(row: InvitationRow, members: &[MemberRow]) -> InvitationCard {
    InvitationCard {
        id: row.id.0,
        made_by: row.made_by.map(|by| distinct_name(&by.name, Some(&by.login), members)),
        given: row.created_at.map(Into::into),
        ends: row.expires_at.into(),
    }
}

/// A name, with the login if others are called the same.
fn distinct_name(name: &PersonName, login: Option<&Login>, members: &[MemberRow]) -> String {
    match login {
        Some(login) if members.iter().filter(|row| row.person.name == *name).count() > 1 => {
            format!("{name} ({login})")
        }
        _ => name.to_string(),
    }
}

fn card(row: &MemberRow, members: &[MemberRow], actor: &Actor) -> MemberCard {
    MemberCard {
        id: row.person.id.to_string(),
        you: actor.person().is_some_and(|person| person.id == row.person.id),
        name: row.person.name.to_string(),
        login: row.login.as_ref().map(Login::to_string).unwrap_or_default(),
        distinct_name: distinct_name(&row.person.name, row.login.as_ref(), members),
        admin: row.role == Role::Admin,
        suspended: row.state == AccountState::Suspended,
        joined: row.created_at.into(),
        used: row.used_at.map(Into::into),
        sessions: row.sessions,
        tokens: row.tokens,
    }
}
