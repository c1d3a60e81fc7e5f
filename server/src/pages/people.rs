//! Pages about people: the sign-in, a member's own account, all accounts.

use askama::Template;
use vignette_model::Problem;

use crate::http::date::Date;
use crate::pages::assets::Links;

/// The sign-in form.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignInPage<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// Where to continue afterwards.
    pub next: &'a str,
    /// The login typed before.
    pub login: &'a str,
    /// Why the form was refused.
    pub problem: Option<&'a Problem>,
}

/// What stands at the sign-in of the library of one person's computer.
#[derive(Template)]
#[template(path = "own_library.html")]
pub(crate) struct OwnLibraryPage<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
}

/// The form of the set-up link or an invitation.
#[derive(Template)]
#[template(path = "setup.html")]
pub(crate) struct Setup<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// Whether it is the first account of the library.
    pub first: bool,
    /// Whether that also names the library.
    pub asks_name: bool,
    /// The secret of the link.
    pub secret: &'a str,
    /// The library's name typed before.
    pub library_name: &'a str,
    /// The name typed before.
    pub name: &'a str,
    /// The login typed before.
    pub login: &'a str,
    /// Why the form was refused.
    pub problem: Option<&'a Problem>,
}

/// The form of a reset link.
#[derive(Template)]
#[template(path = "reset.html")]
pub(crate) struct ResetPage<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// The secret of the link.
    pub secret: &'a str,
    /// The name of the person.
    pub name: &'a str,
    /// Why the form was refused.
    pub problem: Option<&'a Problem>,
}

/// Asks for the password again.
#[derive(Template)]
#[template(path = "confirm.html")]
pub(crate) struct Confirm<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// The name of the person.
    pub name: &'a str,
    /// Where the form is sent.
    pub action: &'a str,
    /// The original fields, repeated in the form.
    pub fields: Vec<(&'a str, &'a str)>,
    /// Why the password was refused.
    pub problem: Option<&'a Problem>,
}

/// Asks whether a recorder may get a token.
#[derive(Template)]
#[template(path = "authorize.html")]
pub(crate) struct Authorize<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// The name of the person.
    pub name: &'a str,
    /// The label that the recorder sent.
    pub label: &'a str,
    /// The address that gets the code.
    pub address: &'a str,
    /// The recorder's request, repeated in the form.
    pub fields: Vec<(&'static str, &'a str)>,
}

/// A member's own account.
#[derive(Template)]
#[template(path = "account.html")]
pub(crate) struct Account<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// Their name.
    pub name: &'a str,
    /// What they type to sign in.
    pub login: &'a str,
    /// Whether they are an administrator.
    pub admin: bool,
    /// A token that was just made.
    pub token: Option<&'a str>,
    /// Whether the password was just changed.
    pub changed: bool,
    /// Why the password was not changed.
    pub problem: Option<&'a Problem>,
    /// The name typed before, and why it was refused.
    pub refused_name: Option<(&'a str, &'a Problem)>,
    /// Whether they are signed in elsewhere too.
    pub others: bool,
    /// Their sessions.
    pub sessions: Vec<SessionCard>,
    /// Their tokens.
    pub tokens: Vec<TokenCard>,
}

/// One session in the list.
pub(crate) struct SessionCard {
    /// Which one.
    pub id: String,
    /// The browser and system.
    pub device: String,
    /// When it began.
    pub began: Date,
    /// When it was last used.
    pub used: Date,
    /// Whether it is the session of this request.
    pub current: bool,
}

/// One token in the list.
pub(crate) struct TokenCard {
    /// Which one.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// When it was made.
    pub made: Date,
    /// When it was last used.
    pub used: Option<Date>,
}

/// All accounts.
#[derive(Template)]
#[template(path = "people.html")]
pub(crate) struct People<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// A link that was just made.
    pub link: Option<MadeLink<'a>>,
    /// Whether its administrators name the library.
    pub names_library: bool,
    /// The library's name typed before, and why it was refused.
    pub refused_name: Option<(&'a str, &'a Problem)>,
    /// Invitations that are open.
    pub invitations: Vec<InvitationCard>,
    /// Accounts that are open or suspended.
    pub members: Vec<MemberCard>,
    /// The names of those who left.
    pub left: Vec<String>,
}

/// A link that was just made, to be passed on.
pub(crate) struct MadeLink<'a> {
    /// What it is for.
    pub text: &'a str,
    /// Until when it is good.
    pub ends: Date,
    /// The link.
    pub address: &'a str,
}

/// One open invitation in the list.
pub(crate) struct InvitationCard {
    /// Which one.
    pub id: i64,
    /// Who made it.
    pub made_by: Option<String>,
    /// When.
    pub given: Option<Date>,
    /// When it expires.
    pub ends: Date,
}

/// One member in the list.
pub(crate) struct MemberCard {
    /// Who.
    pub id: String,
    /// Whether it is the requester.
    pub you: bool,
    /// Their name.
    pub name: String,
    /// What they type to sign in.
    pub login: String,
    /// Their name, with the login if somebody else on the page has the same name.
    pub distinct_name: String,
    /// Whether they are an administrator.
    pub admin: bool,
    /// Whether their account is suspended.
    pub suspended: bool,
    /// When they joined.
    pub joined: Date,
    /// When they were last seen.
    pub used: Option<Date>,
    /// How many sessions they have.
    pub sessions: u32,
    /// How many tokens they have.
    pub tokens: u32,
}

/// Asks whether to end an account.
#[derive(Template)]
#[template(path = "remove.html")]
pub(crate) struct RemovePage<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// Who.
    pub id: String,
    /// Their name.
    pub name: &'a str,
    /// What they type to sign in.
    pub login: &'a str,
}
