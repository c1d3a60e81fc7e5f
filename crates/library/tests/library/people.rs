//! Accounts, sessions, tokens and codes.

use data_encoding::BASE64URL_NOPAD;
use vignette_library::{Actor, Authorization, Library};
use vignette_model::api::TokenRequest;
use vignette_model::text::PersonName;
use vignette_model::{ErrorCode, Micros, Problem, Secret, Sha256, SimulatedClock};

use std::sync::Arc;

use vignette_library::Settings;
use vignette_library::media::MemoryMedia;
use vignette_store_sqlite::SqliteStore;

use crate::rig::NOW;

const PASSWORD: &str = "correct horse";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REDIRECT: &str = "http://127.0.0.1:45123/done";

async fn empty() -> (Library, Arc<SimulatedClock>) {
    let clock = Arc::new(SimulatedClock::at(NOW));
    let store = Arc::new(SqliteStore::in_memory().await.unwrap());
    let settings = Settings::new("http://127.0.0.1:8455".parse().unwrap(), "Test");
    (Library::open(store, Arc::new(MemoryMedia::default()), clock.clone(), settings).await.unwrap(), clock)
}

fn name(text: &str) -> PersonName {
    PersonName::new(text).unwrap()
}

fn code<T>(answer: Result<T, Problem>) -> Option<ErrorCode> {
    answer.err().map(|problem| problem.code)
}

async fn with_ann() -> (Library, Arc<SimulatedClock>, Actor) {
    let (library, clock) = empty().await;
    let setup = library.setup_secret().await.unwrap().unwrap();
    let ann = library.complete_setup(&setup, name("Ann"), PASSWORD).await.unwrap();
    (library, clock, Actor::member(ann.person))
}

#[tokio::test]
async fn the_first_account_is_made_once() {
    let (library, clock) = empty().await;
    let first = library.setup_secret().await.unwrap().unwrap();
    let second = library.setup_secret().await.unwrap().unwrap();
    assert_eq!(code(library.check_invite(&first).await), Some(ErrorCode::NotFound), "the newest link counts");
    assert_eq!(code(library.complete_setup(&first, name("Eve"), PASSWORD).await), Some(ErrorCode::NotFound));
    library.check_invite(&second).await.unwrap();
    assert_eq!(code(library.complete_setup(&second, name("Ann"), "short").await), Some(ErrorCode::BadRequest));
    let ann = library.complete_setup(&second, name("Ann"), PASSWORD).await.unwrap();
    assert_eq!(library.actor_for_session(&ann.session).await.unwrap(), Actor::member(ann.person.clone()));
    assert_eq!(code(library.complete_setup(&second, name("Eve"), PASSWORD).await), Some(ErrorCode::NotFound), "once");
    assert_eq!(library.setup_secret().await.unwrap(), None, "there is nothing left to set up");
    assert_eq!(library.ensure_owner(name("Other")).await.unwrap(), Actor::member(ann.person));

    let (library, _) = empty().await;
    let setup = library.setup_secret().await.unwrap().unwrap();
    clock.advance(Micros(1));
    library.ensure_owner(name("Owner")).await.unwrap();
    assert_eq!(code(library.complete_setup(&setup, name("Eve"), PASSWORD).await), Some(ErrorCode::NotFound));
}

#[tokio::test]
async fn an_invitation_lets_one_person_in() {
    let (library, clock, ann) = with_ann().await;
    assert_eq!(code(library.invite(&Actor::nobody()).await), Some(ErrorCode::SignInNeeded));
    let invite = library.invite(&ann).await.unwrap();
    for alike in ["ann", "Ａｎｎ", "An\u{200d}n", "\u{202e}Ann"] {
        let answer = library.accept_invite(&invite, name(alike), PASSWORD).await;
        assert_eq!(code(answer), Some(ErrorCode::Conflict), "names differ in what can be seen: {}", alike.escape_unicode());
    }
    let bob = library.accept_invite(&invite, name("Bob"), PASSWORD).await.unwrap();
    assert_eq!(bob.person.name, name("Bob"));
    assert_eq!(code(library.accept_invite(&invite, name("Eve"), PASSWORD).await), Some(ErrorCode::NotFound));
    let invite = library.invite(&ann).await.unwrap();
    clock.advance(library.settings().invite_life.into());
    assert_eq!(code(library.accept_invite(&invite, name("Eve"), PASSWORD).await), Some(ErrorCode::NotFound), "it ends");
    library.sweep().await.unwrap();
}

#[tokio::test]
async fn a_session_lasts_as_long_as_it_is_used() {
    let (library, clock, ann) = with_ann().await;
    let signed_in = library.sign_in(" aNN ", PASSWORD, "here").await.unwrap();
    let half = Micros(Micros::from(library.settings().session_life).0 / 2 + 1);
    for _ in 0..3 {
        clock.advance(half);
        library.sweep().await.unwrap();
        assert_eq!(library.actor_for_session(&signed_in.session).await.unwrap(), ann, "each visit lengthens it");
    }
    clock.advance(half + half);
    assert_eq!(code(library.actor_for_session(&signed_in.session).await), Some(ErrorCode::SignInNeeded));

    let signed_in = library.sign_in("Ann", PASSWORD, "here").await.unwrap();
    library.sign_out(&signed_in.session).await.unwrap();
    assert_eq!(code(library.actor_for_session(&signed_in.session).await), Some(ErrorCode::SignInNeeded));
    library.sign_out(&signed_in.session).await.unwrap();
}

#[tokio::test]
async fn a_failed_sign_in_says_little_and_slows_the_next() {
    let (library, clock, _) = with_ann().await;
    let wrong = library.sign_in("Ann", "wrong password", "here").await.unwrap_err();
    let unknown = library.sign_in("Nobody", "wrong password", "here").await.unwrap_err();
    assert_eq!(wrong, unknown, "whether the name exists is not told");
    assert_eq!(wrong.code, ErrorCode::SignInNeeded);
    while code(library.sign_in("ANN", "wrong password", "here").await) == Some(ErrorCode::SignInNeeded) {}
    assert_eq!(
        code(library.sign_in("Ann", PASSWORD, "here").await),
        Some(ErrorCode::TooManyRequests),
        "even the right one waits"
    );
    clock.advance(Micros::from_secs(300));
    assert!(library.sign_in("Ann", PASSWORD, "here").await.is_ok());
    let (embedded, _) = empty().await;
    embedded.ensure_owner(name("Owner")).await.unwrap();
    assert_eq!(
        code(embedded.sign_in("Owner", "", "here").await),
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
    assert_eq!(library.actor_for_token(&token).await.unwrap(), ann);
    clock.advance(Micros::from_secs(30));
    library.actor_for_token(&token).await.unwrap();
    let listed = library.tokens(&ann).await.unwrap();
    assert_eq!((listed.len(), listed[0].label.as_str(), listed[0].used_at_us), (1, "laptop", Some(NOW)), "to within a minute");
    clock.advance(Micros::from_secs(30));
    library.actor_for_token(&token).await.unwrap();
    assert_ne!(library.tokens(&ann).await.unwrap()[0].used_at_us, Some(NOW));

    assert_eq!(code(library.actor_for_session(&token).await), Some(ErrorCode::SignInNeeded), "a token is no session");
    let invite = library.invite(&ann).await.unwrap();
    let bob = Actor::member(library.accept_invite(&invite, name("Bob"), PASSWORD).await.unwrap().person);
    assert_eq!(code(library.revoke_token(&bob, listed[0].id).await), Some(ErrorCode::NotFound));
    library.revoke_token(&ann, listed[0].id).await.unwrap();
    assert_eq!(code(library.actor_for_token(&token).await), Some(ErrorCode::SignInNeeded));
    let other = library.issue_token(&ann, "").await.unwrap();
    library.sign_out(&other).await.unwrap();
    assert!(library.tokens(&ann).await.unwrap().is_empty());
    for nobody in [library.issue_token(&Actor::nobody(), "").await.map(drop), library.tokens(&Actor::nobody()).await.map(drop)] {
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
    assert_eq!(code(library.authorize(&Actor::nobody(), &asked()).await), Some(ErrorCode::SignInNeeded));
    let given = library.authorize(&ann, &asked()).await.unwrap();
    let answer = library.exchange(&presented(&given)).await.unwrap();
    assert_eq!(answer.token_type, "Bearer");
    assert_eq!(library.actor_for_token(&answer.access_token).await.unwrap(), ann);
    assert_eq!(library.tokens(&ann).await.unwrap()[0].label, "Ann's laptop");
    assert_eq!(code(library.exchange(&presented(&given)).await), Some(ErrorCode::BadRequest), "a code works once");
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
    clock.advance(Micros::from_secs(60));
    assert_eq!(code(library.exchange(&presented(&given)).await), Some(ErrorCode::BadRequest), "codes live for a minute");
    let elsewhere = Authorization { redirect_uri: "https://example.org/".to_owned(), ..asked() };
    assert_eq!(code(library.authorize(&ann, &elsewhere).await), Some(ErrorCode::BadRequest));
    assert!(library.tokens(&ann).await.unwrap().is_empty(), "none of this gave a token");
}
