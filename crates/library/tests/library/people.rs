//! Accounts, sessions, tokens and codes.

use data_encoding::BASE64URL_NOPAD;
use vignette_library::LibraryError;
use vignette_library::{Actor, Authorization, Library, Newcomer, Role, SignedIn, Standing, Visit};
use vignette_model::api::TokenRequest;
use vignette_model::text::{Login, PersonName};
use vignette_model::{ErrorCode, Problem, Secret, Sha256, SimulatedClock, Span};

use std::sync::Arc;

use vignette_library::LibrarySettings;
use vignette_library::media::MemoryMedia;
use vignette_store_sqlite::SqliteStore;

use crate::rig::NOW;

const PASSWORD: &str = "correct horse";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// A visitor from nowhere in particular.
const HERE: Visit<'_> = Visit { from: "here", browser: "Firefox on Linux", devices: &[] };
const REDIRECT: &str = "http://127.0.0.1:45123/done";

async fn empty() -> (Library, Arc<SimulatedClock>) {
    let clock = Arc::new(SimulatedClock::at(NOW));
    let store = Arc::new(SqliteStore::in_memory().await.unwrap());
    let settings = LibrarySettings::new("http://127.0.0.1:8455".parse().unwrap(), "Test");
    (Library::new(store, Arc::new(MemoryMedia::default()), clock.clone(), settings), clock)
}

fn name(text: &str) -> PersonName {
    PersonName::new(text).unwrap()
}

fn code<T>(answer: Result<T, LibraryError>) -> Option<ErrorCode> {
    answer.err().map(|error| error.code())
}

/// Somebody whose login is their name.
fn newcomer(text: &str) -> Newcomer<'static> {
    Newcomer { name: name(text), login: Login::new(text).unwrap(), password: PASSWORD }
}

async fn with_ann() -> (Library, Arc<SimulatedClock>, Actor) {
    let (library, clock) = empty().await;
    let setup = library.setup_secret().await.unwrap().unwrap();
    let ann = library.join(&setup, newcomer("Ann"), &HERE).await.unwrap();
    let ann = library.actor_for_session(&ann.session).await.unwrap();
    (library, clock, ann)
}

/// Somebody else with an account, just signed in.
async fn bob(library: &Library, ann: &Actor) -> (SignedIn, Actor) {
    let invite = library.invite(ann).await.unwrap();
    let bob = library.join(&invite, newcomer("Bob"), &HERE).await.unwrap();
    let actor = library.actor_for_session(&bob.session).await.unwrap();
    (bob, actor)
}

#[tokio::test]
async fn the_first_account_is_made_once() {
    let (library, clock) = empty().await;
    let first = library.setup_secret().await.unwrap().unwrap();
    let second = library.setup_secret().await.unwrap().unwrap();
    assert_eq!(
        code(library.check_invite(&first).await),
        Some(ErrorCode::NotFound),
        "the newest link counts"
    );
    assert_eq!(code(library.join(&first, newcomer("Eve"), &HERE).await), Some(ErrorCode::NotFound));
    library.check_invite(&second).await.unwrap();
    assert_eq!(
        code(library.join(&second, Newcomer { password: "short", ..newcomer("Ann") }, &HERE).await),
        Some(ErrorCode::BadRequest)
    );
    let ann = library.join(&second, newcomer("Ann"), &HERE).await.unwrap();
    let actor = library.actor_for_session(&ann.session).await.unwrap();
    assert_eq!(
        (actor.person(), actor.is_admin()),
        (Some(&ann.person), true),
        "who came first looks after the library"
    );
    assert_eq!(
        code(library.join(&second, newcomer("Eve"), &HERE).await),
        Some(ErrorCode::NotFound),
        "once"
    );
    assert_eq!(library.setup_secret().await.unwrap(), None, "there is nothing left to set up");
    assert_eq!(library.ensure_owner(name("Other")).await.unwrap().person(), Some(&ann.person));

    let (library, _) = empty().await;
    let setup = library.setup_secret().await.unwrap().unwrap();
    clock.advance(Span(1));
    library.ensure_owner(name("Owner")).await.unwrap();
    assert_eq!(code(library.join(&setup, newcomer("Eve"), &HERE).await), Some(ErrorCode::NotFound));
}

#[tokio::test]
async fn an_invitation_lets_one_person_in() {
    let (library, clock, ann) = with_ann().await;
    assert_eq!(code(library.invite(&Actor::anonymous()).await), Some(ErrorCode::SignInNeeded));
    let invite = library.invite(&ann).await.unwrap();
    for alike in ["ann", "Ａｎｎ", "An\u{200d}n", "\u{202e}Ann"] {
        let answer = library.join(&invite, newcomer(alike), &HERE).await;
        assert_eq!(
            code(answer),
            Some(ErrorCode::Conflict),
            "logins differ in what can be seen: {}",
            alike.escape_unicode()
        );
    }
    let bob = library.join(&invite, newcomer("Bob"), &HERE).await.unwrap();
    assert_eq!(bob.person.name, name("Bob"));
    assert_eq!(
        code(library.join(&invite, newcomer("Eve"), &HERE).await),
        Some(ErrorCode::NotFound)
    );
    let invite = library.invite(&ann).await.unwrap();
    clock.advance(library.settings().invite_life.into());
    assert_eq!(
        code(library.join(&invite, newcomer("Eve"), &HERE).await),
        Some(ErrorCode::NotFound),
        "it ends"
    );
    library.sweep().await.unwrap();
}

#[tokio::test]
async fn two_people_of_one_name_sign_in_each_by_their_own_login() {
    let (library, _, ann) = with_ann().await;
    let (invite, host) = (library.invite(&ann).await.unwrap(), library.host().await.unwrap());
    let host = host.unwrap();
    let other = |login| Newcomer { login: Login::new(login).unwrap(), ..newcomer("Ann") };
    let alike = library.join(&invite, other("\u{430}nn"), &HERE).await;
    assert!(matches!(alike, Err(LibraryError::LoginTaken)), "a Cyrillic а is taken for the other");
    let joined = library.join(&invite, other("Ann.Smith@example.org"), &HERE).await.unwrap();
    assert_eq!(joined.person.name, ann.person().unwrap().name);
    for (typed, id) in
        [("Ann", ann.person().unwrap().id), (" ann.smith@EXAMPLE.org", joined.person.id)]
    {
        let signed_in = library.sign_in(typed, PASSWORD, &HERE).await.unwrap();
        assert_eq!(signed_in.person.id, id, "{typed}");
        assert_eq!(library.find_member(&host, typed).await.unwrap(), id);
        assert_eq!(library.find_member(&host, &id.to_string()).await.unwrap(), id);
        let actor = library.actor_for_session(&signed_in.session).await.unwrap();
        assert_eq!(library.login(&actor).await.unwrap(), Login::typed(typed));
        library.confirm(&actor, PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn an_id_is_never_taken_for_a_login() {
    let (library, _, ann) = with_ann().await;
    let ann_id = ann.person().unwrap().id.to_string();
    let invite = library.invite(&ann).await.unwrap();
    let ann_again = Newcomer { login: Login::new(&ann_id).unwrap(), ..newcomer("Eve") };
    let refused = library.join(&invite, ann_again, &HERE).await;
    assert!(matches!(refused, Err(LibraryError::LoginTaken)), "commands would not find Eve by it");
    let eve = library.join(&invite, newcomer("Eve"), &HERE).await.unwrap();
    let host = library.host().await.unwrap().unwrap();
    assert_eq!(library.find_member(&host, &ann_id).await.unwrap().to_string(), ann_id);
    let eve = eve.person.id;
    assert_eq!(library.find_member(&host, &eve.to_string()).await.unwrap(), eve);
    library.remove_person(&host, eve).await.unwrap();
    let left = library.find_member(&host, &eve.to_string()).await;
    assert_eq!(code(left), Some(ErrorCode::NotFound));
    let unknown = library.find_member(&host, &vignette_model::PersonId::new().to_string()).await;
    assert_eq!(code(unknown), Some(ErrorCode::NotFound));
}

#[tokio::test]
async fn a_session_lasts_as_long_as_it_is_used() {
    let (library, clock, ann) = with_ann().await;
    let signed_in = library.sign_in(" aNN ", PASSWORD, &HERE).await.unwrap();
    let half = Span(Span::from(library.settings().session_life).0 / 2 + 1);
    for _ in 0..4 {
        clock.advance(half);
        library.sweep().await.unwrap();
        let actor = library.actor_for_session(&signed_in.session).await.unwrap();
        assert_eq!(actor.person(), ann.person(), "each visit lengthens it");
    }
    clock.advance(half + half);
    assert_eq!(
        code(library.actor_for_session(&signed_in.session).await),
        Some(ErrorCode::SignInNeeded)
    );

    let signed_in = library.sign_in("Ann", PASSWORD, &HERE).await.unwrap();
    library.sign_out(&signed_in.session).await.unwrap();
    assert_eq!(
        code(library.actor_for_session(&signed_in.session).await),
        Some(ErrorCode::SignInNeeded)
    );
    library.sign_out(&signed_in.session).await.unwrap();
}

#[tokio::test]
async fn a_failed_sign_in_says_little_and_slows_the_next() {
    let (library, clock, _) = with_ann().await;
    let wrong = library.sign_in("Ann", "wrong password", &HERE).await.unwrap_err();
    let unknown = library.sign_in("Nobody", "wrong password", &HERE).await.unwrap_err();
    assert_eq!(
        Problem::from(&wrong),
        Problem::from(&unknown),
        "whether the login exists is not told"
    );
    assert_eq!(wrong.code(), ErrorCode::SignInNeeded);
    while code(library.sign_in("ANN", "wrong password", &HERE).await)
        == Some(ErrorCode::SignInNeeded)
    {}
    assert_eq!(
        code(library.sign_in("Ann", PASSWORD, &HERE).await),
        Some(ErrorCode::TooManyRequests),
        "even the right one waits"
    );
    clock.advance(Span::from_secs(300));
    assert!(library.sign_in("Ann", PASSWORD, &HERE).await.is_ok());
    let (embedded, _) = empty().await;
    embedded.ensure_owner(name("Owner")).await.unwrap();
    assert_eq!(
        code(embedded.sign_in("Owner", "", &HERE).await),
        Some(ErrorCode::SignInNeeded),
        "no password is not any password"
    );
}

#[tokio::test]
async fn tokens_are_listed_and_ended() {
    let (library, clock, ann) = with_ann().await;
    let token = library.issue_token(&ann, " laptop\n").await.unwrap();
    assert!(token.expose().starts_with("lib_"));
    assert_eq!(library.tokens(&ann).await.unwrap()[0].used_at_us, None);
    assert_eq!(library.actor_for_token(&token).await.unwrap().person(), ann.person());
    clock.advance(Span::from_secs(30));
    library.actor_for_token(&token).await.unwrap();
    let listed = library.tokens(&ann).await.unwrap();
    assert_eq!(
        (listed.len(), listed[0].label.as_str(), listed[0].used_at_us),
        (1, "laptop", Some(NOW)),
        "to within a minute"
    );
    clock.advance(Span::from_secs(30));
    library.actor_for_token(&token).await.unwrap();
    assert_ne!(library.tokens(&ann).await.unwrap()[0].used_at_us, Some(NOW));

    assert_eq!(
        code(library.actor_for_session(&token).await),
        Some(ErrorCode::SignInNeeded),
        "a token is no session"
    );
    let invite = library.invite(&ann).await.unwrap();
    let bob = library.join(&invite, newcomer("Bob"), &HERE).await.unwrap();
    let bob = library.actor_for_session(&bob.session).await.unwrap();
    assert_eq!(code(library.revoke_token(&bob, listed[0].id).await), Some(ErrorCode::NotFound));
    library.revoke_token(&ann, listed[0].id).await.unwrap();
    assert_eq!(code(library.actor_for_token(&token).await), Some(ErrorCode::SignInNeeded));
    let other = library.issue_token(&ann, "").await.unwrap();
    library.sign_out(&other).await.unwrap();
    assert!(library.tokens(&ann).await.unwrap().is_empty());
    for nobody in [
        library.issue_token(&Actor::anonymous(), "").await.map(drop),
        library.tokens(&Actor::anonymous()).await.map(drop),
    ] {
        assert_eq!(code(nobody), Some(ErrorCode::SignInNeeded));
    }
}

fn asked() -> Authorization {
    Authorization {
        code_challenge_method: "S256".to_owned(),
        code_challenge: BASE64URL_NOPAD.encode(&Sha256::of(VERIFIER.as_bytes()).0),
        redirect_uri: REDIRECT.to_owned(),
        label: "Ann's laptop".to_owned(),
    }
}

fn presented(code: &Secret) -> TokenRequest {
    TokenRequest {
        grant_type: "authorization_code".to_owned(),
        code: code.clone(),
        code_verifier: Secret::presented(VERIFIER),
        redirect_uri: REDIRECT.to_owned(),
    }
}

#[tokio::test]
async fn a_code_becomes_a_token_once() {
    let (library, _, ann) = with_ann().await;
    assert_eq!(
        code(library.authorize(&Actor::anonymous(), &asked()).await),
        Some(ErrorCode::SignInNeeded)
    );
    let given = library.authorize(&ann, &asked()).await.unwrap();
    let answer = library.exchange(&presented(&given)).await.unwrap();
    assert_eq!(answer.token_type, "Bearer");
    assert_eq!(library.actor_for_token(&answer.access_token).await.unwrap().person(), ann.person());
    assert_eq!(library.tokens(&ann).await.unwrap()[0].label, "Ann's laptop");
    assert_eq!(
        code(library.exchange(&presented(&given)).await),
        Some(ErrorCode::BadRequest),
        "a code works once"
    );
}

#[tokio::test]
async fn a_code_is_for_the_one_who_asked() {
    let (library, clock, ann) = with_ann().await;
    type Change = fn(&mut TokenRequest);
    let wrong: [(&str, Change); 5] = [
        ("another grant", |asked| asked.grant_type = "password".to_owned()),
        ("another code", |asked| asked.code = Secret::random("code")),
        ("another verifier", |asked| asked.code_verifier = Secret::presented(&"a".repeat(43))),
        ("no verifier", |asked| asked.code_verifier = Secret::presented("")),
        ("another address", |asked| asked.redirect_uri = "http://127.0.0.1:45124/done".to_owned()),
    ];
    for (what, change) in wrong {
        let given = library.authorize(&ann, &asked()).await.unwrap();
        let mut asked = presented(&given);
        change(&mut asked);
        assert_eq!(code(library.exchange(&asked).await), Some(ErrorCode::BadRequest), "{what}");
    }
    let given = library.authorize(&ann, &asked()).await.unwrap();
    clock.advance(Span::from_secs(60));
    assert_eq!(
        code(library.exchange(&presented(&given)).await),
        Some(ErrorCode::BadRequest),
        "codes live for a minute"
    );
    let elsewhere = Authorization { redirect_uri: "https://example.org/".to_owned(), ..asked() };
    assert_eq!(code(library.authorize(&ann, &elsewhere).await), Some(ErrorCode::BadRequest));
    assert!(library.tokens(&ann).await.unwrap().is_empty(), "none of this gave a token");
}

#[tokio::test]
async fn no_visit_lengthens_a_session_for_ever() {
    let (library, clock, _) = with_ann().await;
    let signed_in = library.sign_in("Ann", PASSWORD, &HERE).await.unwrap();
    let mut days = 0;
    while library.actor_for_session(&signed_in.session).await.is_ok() {
        clock.advance(Span::from_secs(24 * 60 * 60));
        days += 1;
        assert!(days <= 90, "a session that is used every day has an end");
    }
    assert_eq!(days, 90);
}

#[tokio::test]
async fn a_stolen_token_opens_no_second_door() {
    let (library, _, ann) = with_ann().await;
    let token = library.issue_token(&ann, "laptop").await.unwrap();
    let thief = library.actor_for_token(&token).await.unwrap();
    assert!(thief.is_admin() && library.me(&thief).is_ok(), "it speaks for its owner");
    let person = ann.person().unwrap().id;
    let tries = [
        library.issue_token(&thief, "another").await.map(drop),
        library.authorize(&thief, &asked()).await.map(drop),
        library.invite(&thief).await.map(drop),
        library.tokens(&thief).await.map(drop),
        library.sessions(&thief).await.map(drop),
        library.members(&thief).await.map(drop),
        library.suspend_person(&thief, person).await,
        library.remove_person(&thief, person).await,
        library.reset_link(&thief, person).await.map(drop),
        library.end_other_sessions(&thief).await,
        library.change_password(&thief, PASSWORD, "another password", false).await,
        library.confirm(&thief, PASSWORD).await.map(drop),
    ];
    for refused in tries {
        assert_eq!(code(refused), Some(ErrorCode::NotAllowed));
    }
}

#[tokio::test]
async fn a_session_left_open_asks_for_the_password_again() {
    let (library, clock, _) = with_ann().await;
    let signed_in = library.sign_in("Ann", PASSWORD, &HERE).await.unwrap();
    clock.advance(Span::from_secs(10 * 60));
    let ann = library.actor_for_session(&signed_in.session).await.unwrap();
    assert_eq!(code(library.issue_token(&ann, "").await), Some(ErrorCode::PasswordNeeded));
    assert_eq!(code(library.invite(&ann).await), Some(ErrorCode::PasswordNeeded));
    assert_eq!(code(library.members(&ann).await), Some(ErrorCode::PasswordNeeded));
    assert_eq!(
        code(library.confirm(&ann, "wrong password").await),
        Some(ErrorCode::PasswordNeeded)
    );
    assert!(library.invite(&library.confirm(&ann, PASSWORD).await.unwrap()).await.is_ok());
    let again = library.actor_for_session(&signed_in.session).await.unwrap();
    assert!(library.invite(&again).await.is_ok(), "it is remembered for the next request");
    clock.advance(Span::from_secs(10 * 60));
    let later = library.actor_for_session(&signed_in.session).await.unwrap();
    assert!(
        matches!(later.standing(), Standing::Session { fresh: false, .. }),
        "and for ten minutes"
    );
    while code(library.confirm(&later, "wrong password").await) == Some(ErrorCode::PasswordNeeded) {
    }
    assert_eq!(
        code(library.confirm(&later, PASSWORD).await),
        Some(ErrorCode::TooManyRequests),
        "guesses are counted"
    );
    assert!(library.sign_in("Ann", PASSWORD, &HERE).await.is_ok(), "for that session alone");
}

#[tokio::test]
async fn who_is_suspended_is_out_at_once() {
    let (library, _, ann) = with_ann().await;
    let (signed_in, bob) = bob(&library, &ann).await;
    let token = library.issue_token(&bob, "laptop").await.unwrap();
    let given = library.authorize(&bob, &asked()).await.unwrap();
    let id = bob.person().unwrap().id;
    let mut ends = library.ends();
    assert_eq!(
        code(library.suspend_person(&bob, id).await),
        Some(ErrorCode::NotAllowed),
        "members suspend nobody"
    );
    library.suspend_person(&ann, id).await.unwrap();
    assert_eq!(ends.recv().await.unwrap(), id, "whoever listens as them is told");
    assert_eq!(
        code(library.actor_for_session(&signed_in.session).await),
        Some(ErrorCode::SignInNeeded)
    );
    assert_eq!(code(library.actor_for_token(&token).await), Some(ErrorCode::SignInNeeded));
    assert_eq!(code(library.exchange(&presented(&given)).await), Some(ErrorCode::BadRequest));
    assert_eq!(
        code(library.sign_in("Bob", "wrong password", &HERE).await),
        Some(ErrorCode::SignInNeeded)
    );
    assert_eq!(
        code(library.sign_in("Bob", PASSWORD, &HERE).await),
        Some(ErrorCode::NotAllowed),
        "they are told why"
    );
    assert_eq!(code(library.reset_link(&ann, id).await), Some(ErrorCode::Conflict));
    library.resume_person(&ann, id).await.unwrap();
    assert!(library.actor_for_token(&token).await.is_ok(), "their recorder goes on");
    assert_eq!(
        code(library.actor_for_session(&signed_in.session).await),
        Some(ErrorCode::SignInNeeded),
        "browsers sign in anew"
    );
    assert!(library.sign_in("Bob", PASSWORD, &HERE).await.is_ok());
}

#[tokio::test]
async fn somebody_always_looks_after_the_library() {
    let (library, _, ann) = with_ann().await;
    let id = ann.person().unwrap().id;
    let (_, bob) = bob(&library, &ann).await;
    let other = bob.person().unwrap().id;
    for _ in 0..2 {
        assert_eq!(code(library.suspend_person(&ann, id).await), Some(ErrorCode::Conflict));
        assert_eq!(code(library.remove_person(&ann, id).await), Some(ErrorCode::Conflict));
        assert_eq!(code(library.set_role(&ann, id, Role::Member).await), Some(ErrorCode::Conflict));
        // An administrator whose account is shut looks after nothing.
        library.set_role(&ann, other, Role::Admin).await.unwrap();
        library.suspend_person(&ann, other).await.unwrap();
    }
    library.resume_person(&ann, other).await.unwrap();
    library.remove_person(&ann, id).await.unwrap();
    assert_eq!(library.host().await.unwrap().unwrap().person().unwrap().id, other);
    assert_eq!(code(library.sign_in("Ann", PASSWORD, &HERE).await), Some(ErrorCode::SignInNeeded));
    let host = library.host().await.unwrap().unwrap();
    let invite = library.invite(&host).await.unwrap();
    assert!(
        library.join(&invite, newcomer("Ann"), &HERE).await.is_ok(),
        "the login is free for another"
    );
    assert_eq!(library.members(&host).await.unwrap()[0].person.name.as_str(), "Ann (left)");
}

#[tokio::test]
async fn a_new_password_ends_what_the_old_one_opened() {
    let (library, clock, ann) = with_ann().await;
    let (other, bob) = bob(&library, &ann).await;
    let here = library.sign_in("Bob", PASSWORD, &HERE).await.unwrap();
    let token = library.issue_token(&bob, "laptop").await.unwrap();
    let actor = library.actor_for_session(&here.session).await.unwrap();
    const NEW: &str = "battery staple";
    assert_eq!(
        code(library.change_password(&actor, "wrong password", NEW, false).await),
        Some(ErrorCode::BadRequest)
    );
    assert_eq!(
        code(library.change_password(&actor, PASSWORD, "short", false).await),
        Some(ErrorCode::BadRequest)
    );
    clock.advance(Span::from_secs(3600));
    library.change_password(&actor, PASSWORD, NEW, false).await.unwrap();
    assert_eq!(
        code(library.actor_for_session(&other.session).await),
        Some(ErrorCode::SignInNeeded)
    );
    let fresh = library.actor_for_session(&here.session).await.unwrap();
    assert!(
        matches!(fresh.standing(), Standing::Session { fresh: true, .. }),
        "it was typed just now"
    );
    assert!(
        library.actor_for_token(&token).await.is_ok(),
        "recorders go on, unless that is wished"
    );
    assert_eq!(code(library.sign_in("Bob", PASSWORD, &HERE).await), Some(ErrorCode::SignInNeeded));

    let id = bob.person().unwrap().id;
    let host = library.host().await.unwrap().unwrap();
    let link = library.reset_link(&host, id).await.unwrap();
    assert_eq!(library.check_reset(&link).await.unwrap().name, name("Bob"));
    assert_eq!(
        code(library.reset_password(&link, "short", true, &HERE).await),
        Some(ErrorCode::BadRequest),
        "it can be used again"
    );
    let back = library.reset_password(&link, PASSWORD, true, &HERE).await.unwrap();
    assert!(library.actor_for_session(&back.session).await.is_ok(), "signed in at once");
    assert_eq!(code(library.actor_for_session(&here.session).await), Some(ErrorCode::SignInNeeded));
    assert_eq!(
        code(library.actor_for_token(&token).await),
        Some(ErrorCode::SignInNeeded),
        "tokens too, where that is wished"
    );
    assert_eq!(
        code(library.reset_password(&link, NEW, true, &HERE).await),
        Some(ErrorCode::NotFound),
        "once"
    );
    let link = library.reset_link(&host, id).await.unwrap();
    clock.advance(library.settings().reset_life.into());
    assert_eq!(
        code(library.reset_password(&link, NEW, true, &HERE).await),
        Some(ErrorCode::NotFound),
        "and for a day"
    );
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let (library, clock, ann) = with_ann().await;
    let (first, bob) = bob(&library, &ann).await;
    clock.advance(Span::from_secs(60));
    let visit = Visit { browser: "Chrome on Windows\n", ..HERE };
    let second = library.sign_in("Bob", PASSWORD, &visit).await.unwrap();
    let listed = library.sessions(&bob).await.unwrap();
    let seen: Vec<_> =
        listed.iter().map(|session| (session.device.as_str(), session.current)).collect();
    assert_eq!(seen, [("Chrome on Windows", false), ("Firefox on Linux", true)]);
    assert_eq!(
        code(library.end_session(&ann, listed[0].id).await),
        Some(ErrorCode::NotFound),
        "one's own alone"
    );
    library.end_session(&bob, listed[0].id).await.unwrap();
    assert_eq!(
        code(library.actor_for_session(&second.session).await),
        Some(ErrorCode::SignInNeeded)
    );
    let third = library.sign_in("Bob", PASSWORD, &HERE).await.unwrap();
    library.end_other_sessions(&bob).await.unwrap();
    assert!(library.actor_for_session(&first.session).await.is_ok());
    assert_eq!(
        code(library.actor_for_session(&third.session).await),
        Some(ErrorCode::SignInNeeded)
    );
    let id = bob.person().unwrap().id;
    library.end_access(&ann, id).await.unwrap();
    assert_eq!(library.access_of(&ann, id).await.unwrap(), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn nobody_holds_a_known_device_out() {
    let (library, _, ann) = with_ann().await;
    bob(&library, &ann).await;
    let device = library
        .sign_in("Bob", PASSWORD, &HERE)
        .await
        .unwrap()
        .device
        .expect("a device is known from now on");
    for n in 0..120 {
        let from = format!("address {n}");
        let _ = library.sign_in("Bob", "wrong password", &Visit { from: &from, ..HERE }).await;
    }
    let stranger = library.sign_in("Bob", PASSWORD, &Visit { from: "elsewhere", ..HERE }).await;
    assert_eq!(code(stranger), Some(ErrorCode::TooManyRequests), "strangers wait for each other");
    let known = Visit { devices: std::slice::from_ref(&device), ..HERE };
    let signed_in = library.sign_in("Bob", PASSWORD, &known).await.unwrap();
    assert_eq!(signed_in.device, None, "it keeps what it is known by");
    let other = library.sign_in("Ann", PASSWORD, &known).await.unwrap();
    assert!(other.device.is_some_and(|other| other != device), "a device is known for one person");
    while code(library.sign_in("Bob", "wrong password", &known).await)
        == Some(ErrorCode::SignInNeeded)
    {}
    assert_eq!(
        code(library.sign_in("Bob", PASSWORD, &known).await),
        Some(ErrorCode::TooManyRequests),
        "it guesses no more either"
    );
}
