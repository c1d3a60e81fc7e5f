//! Promises of stores: sessions, tokens, codes and devices.

use super::accounts::session;
use super::fixture::{NOW, ann_and_bob, hash, later};
use crate::actor::Role;
use crate::store::{CodeRow, Store};

pub async fn a_session_ends(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    assert!(store.add_session(&session("secret", &ann, 10)).await.unwrap());
    let (whose, role, row) = store.session(hash("secret"), later(9)).await.unwrap().unwrap();
    assert_eq!((whose, role, row.device.as_str()), (ann, Role::Member, "Firefox on Linux"));
    assert_eq!((row.created_at, row.used_at, row.confirmed_at), (NOW, NOW, NOW));
    assert_eq!(store.session(hash("secret"), later(10)).await.unwrap(), None);
    assert_eq!(store.session(hash("another"), NOW).await.unwrap(), None);
}

pub async fn a_session_is_lengthened_and_confirmed(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    assert!(store.add_session(&session("secret", &ann, 10)).await.unwrap());
    let (.., row) = store.session(hash("secret"), NOW).await.unwrap().unwrap();
    store.use_session(row.id, later(3), later(20)).await.unwrap();
    store.confirm_session(row.id, later(2)).await.unwrap();
    store.purge(later(15)).await.unwrap();
    let (.., row) = store.session(hash("secret"), later(15)).await.unwrap().unwrap();
    assert_eq!((row.used_at, row.confirmed_at, row.expires_at), (later(3), later(2), later(20)));
}

pub async fn sessions_are_listed_the_last_used_first(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    for secret in ["first", "second"] {
        assert!(store.add_session(&session(secret, &ann, 10)).await.unwrap());
    }
    let (.., first) = store.session(hash("first"), NOW).await.unwrap().unwrap();
    store.use_session(first.id, later(3), later(20)).await.unwrap();
    let (.., first) = store.session(hash("first"), NOW).await.unwrap().unwrap();
    let listed = store.sessions(ann.id, later(9)).await.unwrap();
    assert_eq!((listed.len(), &listed[0]), (2, &first));
    assert_eq!(store.sessions(ann.id, later(10)).await.unwrap(), [first], "those that last");
    assert_eq!(store.sessions(bob.id, NOW).await.unwrap(), []);
}

pub async fn a_session_is_ended_by_its_own_person(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    assert!(store.add_session(&session("secret", &ann, 10)).await.unwrap());
    let id = store.sessions(ann.id, NOW).await.unwrap()[0].id;
    assert!(!store.end_session(bob.id, id, NOW).await.unwrap());
    assert!(store.end_session(ann.id, id, NOW).await.unwrap());
    assert!(!store.end_session(ann.id, id, NOW).await.unwrap());
    assert_eq!(store.session(hash("secret"), NOW).await.unwrap(), None);
}

pub async fn a_token_says_when_it_was_used(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    store.add_token(hash("secret"), ann.id, "laptop", NOW).await.unwrap();
    let token = async || store.token(hash("secret")).await.unwrap();
    assert_eq!(token().await, Some((ann.clone(), Role::Member, None)));
    store.use_token(hash("secret"), later(5)).await.unwrap();
    assert_eq!(token().await, Some((ann, Role::Member, Some(later(5)))));
}

pub async fn tokens_are_listed_the_newest_first(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let first = store.add_token(hash("first"), ann.id, "laptop", NOW).await.unwrap();
    let second = store.add_token(hash("second"), ann.id, "desk", later(1)).await.unwrap();
    let tokens = store.tokens(ann.id).await.unwrap();
    let tokens: Vec<_> = tokens.iter().map(|token| (token.id, token.label.as_str())).collect();
    assert_eq!(tokens, [(second, "desk"), (first, "laptop")]);
    assert_eq!(store.tokens(bob.id).await.unwrap(), []);
}

pub async fn a_token_is_ended_by_its_own_person(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let id = store.add_token(hash("secret"), ann.id, "laptop", NOW).await.unwrap();
    assert!(!store.revoke_token(bob.id, id, NOW).await.unwrap());
    assert!(store.revoke_token(ann.id, id, NOW).await.unwrap());
    assert!(!store.revoke_token(ann.id, id, NOW).await.unwrap());
    assert_eq!(store.token(hash("secret")).await.unwrap(), None);
}

pub async fn signing_out_ends_a_session_or_a_token(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    assert!(store.add_session(&session("session", &ann, 10)).await.unwrap());
    store.add_token(hash("token"), ann.id, "laptop", NOW).await.unwrap();
    for secret in ["session", "token"] {
        assert_eq!(store.sign_out(hash(secret), NOW).await.unwrap(), Some(ann.id));
        assert_eq!(store.sign_out(hash(secret), NOW).await.unwrap(), None);
    }
    assert_eq!(store.session(hash("session"), NOW).await.unwrap(), None);
    assert_eq!(store.token(hash("token")).await.unwrap(), None);
}

pub async fn a_code_works_once(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    let code = CodeRow {
        hash: hash("code"),
        person: ann,
        challenge: hash("verifier"),
        redirect_uri: "http://127.0.0.1:1/".to_owned(),
        label: "laptop".to_owned(),
        expires_at: later(60),
    };
    store.add_code(&code).await.unwrap();
    assert_eq!(store.take_code(hash("code")).await.unwrap(), Some(code.clone()));
    assert_eq!(store.take_code(hash("code")).await.unwrap(), None);
    store.add_code(&code).await.unwrap();
    store.purge(later(60)).await.unwrap();
    assert_eq!(store.take_code(hash("code")).await.unwrap(), None, "what has ended is purged");
}

pub async fn a_device_is_known_for_who_signed_in_from_it(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    store.add_device(hash("device"), ann.id, NOW, 2).await.unwrap();
    assert!(store.knows_device(hash("device"), ann.id).await.unwrap());
    assert!(!store.knows_device(hash("device"), bob.id).await.unwrap());
    store.add_device(hash("device"), bob.id, NOW, 2).await.unwrap();
    for person in [&ann, &bob] {
        assert!(store.knows_device(hash("device"), person.id).await.unwrap());
    }
}

pub async fn the_oldest_device_gives_way(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    for (at, device) in ["first", "second", "third"].into_iter().enumerate() {
        store.add_device(hash(device), ann.id, later(at as u64), 2).await.unwrap();
    }
    let known = async |device| store.knows_device(hash(device), ann.id).await.unwrap();
    assert_eq!(
        [known("first").await, known("second").await, known("third").await],
        [false, true, true]
    );
}
