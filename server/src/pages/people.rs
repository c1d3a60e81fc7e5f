//! Pages about people: signing in, one's own account, everybody's accounts.

use askama::Template;
use vignette_model::Problem;

use crate::http::date::Date;
use crate::pages::assets::Links;

/// The form to sign in.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignIn<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// Where to go on afterwards.
    pub next: &'a str,
    /// The name typed before.
    pub name: &'a str,
    /// What was wrong with it.
    pub problem: Option<&'a Problem>,
}

/// The form behind a set-up link or an invitation.
#[derive(Template)]
#[template(path = "setup.html")]
pub struct Setup<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// The secret of the link.
    pub secret: &'a str,
    /// The name typed before.
    pub name: &'a str,
    /// What was wrong with it.
    pub problem: Option<&'a Problem>,
}

/// The form behind a reset link.
#[derive(Template)]
#[template(path = "reset.html")]
pub struct Reset<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// The secret of the link.
    pub secret: &'a str,
    /// Whose password.
    pub name: &'a str,
    /// What was wrong with it.
    pub problem: Option<&'a Problem>,
}

/// The question for a password that was not typed lately.
#[derive(Template)]
#[template(path = "confirm.html")]
pub struct Confirm<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// Whose password.
    pub name: &'a str,
    /// Where the form goes.
    pub action: &'a str,
    /// What was asked, sent on with the password.
    pub fields: Vec<(&'a str, &'a str)>,
    /// What was wrong with the password typed before.
    pub problem: Option<&'a Problem>,
}

/// The question whether a recorder may act for somebody.
#[derive(Template)]
#[template(path = "authorize.html")]
pub struct Authorize<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// Whose token it will be.
    pub name: &'a str,
    /// What the recorder says it is.
    pub label: &'a str,
    /// Where its answer goes.
    pub address: &'a str,
    /// The recorder's request, sent on with the answer.
    pub fields: Vec<(&'static str, &'a str)>,
}

/// Somebody's own account.
#[derive(Template)]
#[template(path = "account.html")]
pub struct Account<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// Whose account.
    pub name: &'a str,
    /// Whether they look after the library.
    pub admin: bool,
    /// A token that was just made.
    pub token: Option<&'a str>,
    /// Whether the password was just changed.
    pub changed: bool,
    /// Why it was not.
    pub problem: Option<&'a Problem>,
    /// Whether they are signed in elsewhere too.
    pub others: bool,
    /// Their sessions.
    pub sessions: Vec<SessionCard>,
    /// Their tokens.
    pub tokens: Vec<TokenCard>,
}

/// One session in the list.
pub struct SessionCard {
    /// Which one.
    pub id: String,
    /// What the browser calls itself.
    pub device: String,
    /// When it began.
    pub began: Date,
    /// When it was last used.
    pub used: Date,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// One token in the list.
pub struct TokenCard {
    /// Which one.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// When it was made.
    pub made: Date,
    /// When it was last used.
    pub used: Option<Date>,
}

/// Everybody's accounts.
#[derive(Template)]
#[template(path = "people.html")]
pub struct People<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// A link that was just made, and what it is for.
    pub link: Option<(&'a str, &'a str)>,
    /// Invitations that are open.
    pub invitations: Vec<InvitationCard>,
    /// Those who have an account.
    pub members: Vec<MemberCard>,
    /// The names of those who left.
    pub left: Vec<String>,
}

/// One open invitation in the list.
pub struct InvitationCard {
    /// Which one.
    pub id: i64,
    /// Who gave it.
    pub made_by: Option<String>,
    /// When.
    pub given: Option<Date>,
    /// Until when it opens the door.
    pub ends: Date,
}

/// One member in the list.
pub struct MemberCard {
    /// Who.
    pub id: String,
    /// Whether it is the one who asks.
    pub you: bool,
    /// What they are called.
    pub name: String,
    /// Whether they look after the library.
    pub admin: bool,
    /// Whether their account is shut.
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

/// The question whether somebody's account is to end.
#[derive(Template)]
#[template(path = "remove.html")]
pub struct Remove<'a> {
    /// What the page links.
    pub links: Links,
    /// The library's name.
    pub library: &'a str,
    /// Who.
    pub id: String,
    /// What they are called.
    pub name: &'a str,
}
