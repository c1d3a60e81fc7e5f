//! Promises of stores: passwords, roles, accounts that are shut.

use vignette_model::text::{Login, PersonName};
use vignette_model::{PersonId, TakeId, UtcMicros};

use super::fixture::{NOW, ann_and_bob, create, hash, invite, later, member, new_person};
use crate::actor::{Person, Role, SessionId};
use crate::store::{
    AccountChange, AccountState, CodeRow, Joined, NewPassword, NewSession, Reset, Store,
};

pub(super) fn session(secret: &str, person: &Person, secs: u64) -> NewSession {
    let device = "Firefox on Linux".to_owned();
    NewSession { hash: hash(secret), person: person.id, device, at: NOW, expires_at: later(secs) }
}

/// Gives somebody a session, a token, a code and a reset link, named after `secret`.
async fn let_in(store: &dyn Store, person: &Person, secret: &str) {
    let by = store.owner().await.unwrap().unwrap().id;
    let name = |kind: &str| hash(&format!("{kind} {secret}"));
    let begun = session(&format!("session {secret}"), person, 100);
    assert!(store.add_session(&begun).await.unwrap());
    store.add_token(name("token"), person.id, "laptop", NOW).await.unwrap();
    let code = CodeRow {
        hash: name("code"),
        person: person.clone(),
        challenge: hash("verifier"),
        redirect_uri: String::new(),
        label: String::new(),
        expires_at: later(60),
    };
    store.add_code(&code).await.unwrap();
    let (person, expires_at) = (person.id, later(100));
    store.add_reset(&Reset { hash: name("reset"), person, made_by: by, expires_at }).await.unwrap();
}

/// Which of session, token, code and reset link still open something. Looking takes the code.
async fn open(store: &dyn Store, secret: &str) -> [bool; 4] {
    let name = |kind: &str| hash(&format!("{kind} {secret}"));
    [
        store.session(name("session"), NOW).await.unwrap().is_some(),
        store.token(name("token")).await.unwrap().is_some(),
        store.take_code(name("code")).await.unwrap().is_some(),
        store.reset(name("reset"), NOW).await.unwrap().is_some(),
    ]
}

fn new_password(
    person: &Person,
    keep: Option<SessionId>,
    end_tokens: bool,
) -> NewPassword<'static> {
    NewPassword { person: person.id, password: "new", keep, end_tokens, at: NOW }
}

async fn role(store: &dyn Store, person: PersonId) -> Role {
    store.person(person).await.unwrap().unwrap().role
}

pub async fn a_new_password_ends_all_but_tokens_and_the_session_that_chose_it(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let_in(store, &ann, "kept").await;
    let kept = store.sessions(ann.id, NOW).await.unwrap()[0].id;
    let_in(store, &ann, "other").await;
    let_in(store, &bob, "bob").await;
    store.set_password(&new_password(&ann, Some(kept), false)).await.unwrap();
    let password = store.person(ann.id).await.unwrap().unwrap().password;
    assert_eq!(password.as_deref(), Some("new"));
    assert_eq!(open(store, "kept").await, [true, true, false, false]);
    assert_eq!(open(store, "other").await, [false, true, false, false]);
    assert_eq!(open(store, "bob").await, [true; 4], "another's stays");
}

pub async fn a_new_password_ends_tokens_too_if_asked(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    let_in(store, &ann, "before").await;
    store.set_password(&new_password(&ann, None, true)).await.unwrap();
    assert_eq!(open(store, "before").await, [false; 4]);
}

pub async fn a_reset_link_works_once_and_for_its_own_person(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let_in(store, &ann, "ann").await;
    let link = hash("reset ann");
    assert_eq!(store.reset(link, later(99)).await.unwrap(), Some(ann.clone()));
    assert_eq!(store.reset(link, later(100)).await.unwrap(), None, "links end");
    assert!(!store.use_reset(link, &new_password(&bob, None, false)).await.unwrap());
    let late = NewPassword { at: later(100), ..new_password(&ann, None, true) };
    assert!(!store.use_reset(link, &late).await.unwrap());
    assert_eq!(open(store, "ann").await, [true; 4], "what was refused ends nothing");
    assert!(store.use_reset(link, &new_password(&ann, None, true)).await.unwrap());
    assert!(!store.use_reset(link, &new_password(&ann, None, true)).await.unwrap());
    assert_eq!(open(store, "ann").await, [false; 4]);
}

pub async fn a_new_reset_link_ends_the_one_before(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    let_in(store, &ann, "first").await;
    let_in(store, &ann, "second").await;
    let first = store.use_reset(hash("reset first"), &new_password(&ann, None, true)).await;
    assert!(!first.unwrap());
    let second = store.use_reset(hash("reset second"), &new_password(&ann, None, true)).await;
    assert!(second.unwrap());
}

pub async fn the_last_administrator_stays(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    let olga = store.owner().await.unwrap().unwrap();
    assert_eq!(
        (role(store, olga.id).await, role(store, ann.id).await),
        (Role::Admin, Role::Member)
    );
    let refused = [
        store.set_role(olga.id, Role::Member).await.unwrap(),
        store.suspend(olga.id, true, NOW).await.unwrap(),
        store.remove_person(olga.id, &olga.name, NOW).await.unwrap(),
    ];
    assert_eq!(refused, [AccountChange::LastAdmin; 3]);
    let unknown = store.set_role(PersonId::new(), Role::Admin).await.unwrap();
    assert_eq!(unknown, AccountChange::NoAccount);
    for _ in 0..2 {
        assert_eq!(store.set_role(ann.id, Role::Admin).await.unwrap(), AccountChange::Done);
    }
    assert_eq!(store.owner().await.unwrap().unwrap(), olga, "who came first is the owner");
    assert_eq!(store.suspend(olga.id, true, NOW).await.unwrap(), AccountChange::Done);
    assert_eq!(store.owner().await.unwrap().unwrap(), ann, "of those whose account is open");
}

pub async fn invitations_end_with_the_role_of_who_gave_them(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    store.set_role(ann.id, Role::Admin).await.unwrap();
    store.add_invite(&invite("by Ann", ann.id)).await.unwrap();
    assert_eq!(store.set_role(ann.id, Role::Member).await.unwrap(), AccountChange::Done);
    assert!(!store.invited(hash("by Ann"), NOW).await.unwrap());
}

pub async fn a_suspended_account_opens_nothing(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    let_in(store, &ann, "shut").await;
    create(store, &ann, TakeId::new(), "upload").await;
    for _ in 0..2 {
        assert_eq!(store.suspend(ann.id, true, NOW).await.unwrap(), AccountChange::Done);
    }
    assert_eq!(store.person(ann.id).await.unwrap().unwrap().state, AccountState::Suspended);
    assert_eq!(open(store, "shut").await, [false; 4]);
    assert!(!store.add_session(&session("late", &ann, 100)).await.unwrap());
    assert_eq!(store.upload(hash("upload")).await.unwrap(), None);
}

pub async fn a_resumed_account_has_its_tokens_and_uploads_again(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    let_in(store, &ann, "shut").await;
    create(store, &ann, TakeId::new(), "upload").await;
    store.suspend(ann.id, true, NOW).await.unwrap();
    assert_eq!(store.suspend(ann.id, false, NOW).await.unwrap(), AccountChange::Done);
    assert_eq!(open(store, "shut").await, [false, true, false, false]);
    assert!(store.upload(hash("upload")).await.unwrap().is_some());
}

pub async fn uploads_end_with_the_tokens_that_began_them(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    create(store, &ann, TakeId::new(), "upload").await;
    store.end_access(ann.id, None, false, NOW).await.unwrap();
    assert!(store.upload(hash("upload")).await.unwrap().is_some());
    store.end_access(ann.id, None, true, NOW).await.unwrap();
    assert_eq!(store.upload(hash("upload")).await.unwrap(), None);
}

pub async fn what_ends_is_noticed_once(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    let (_, before) = store.ended_since(UtcMicros(0)).await.unwrap();
    store.suspend(ann.id, true, NOW).await.unwrap();
    let (ended, last) = store.ended_since(before).await.unwrap();
    assert_eq!((ended.as_slice(), last > before), (&[ann.id][..], true));
    assert_eq!(store.ended_since(last).await.unwrap(), (Vec::new(), last));
}

pub async fn who_leaves_keeps_a_name_beside_what_they_made(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    let_in(store, &ann, "gone").await;
    store.add_device(hash("device"), ann.id, NOW, 2).await.unwrap();
    let clip = create(store, &ann, TakeId::new(), "upload").await;
    let left = PersonName::new("Ann (left)").unwrap();
    let removed = store.remove_person(ann.id, &left, NOW).await.unwrap();
    assert_eq!(removed, AccountChange::Done);
    assert_eq!(open(store, "gone").await, [false; 4]);
    assert!(!store.knows_device(hash("device"), ann.id).await.unwrap());
    let row = store.person(ann.id).await.unwrap().unwrap();
    assert_eq!((row.person.name, row.login, row.password), (left, None, None));
    assert_eq!(row.state, AccountState::Left);
    assert_eq!(store.clip(clip.id).await.unwrap().unwrap().author_name, "Ann (left)");
    let back = store.suspend(ann.id, false, NOW).await.unwrap();
    assert_eq!(back, AccountChange::NoAccount, "there is no way back");
}

pub async fn name_and_login_of_who_left_are_free(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    let left = PersonName::new("Ann (left)").unwrap();
    store.remove_person(ann.id, &left, NOW).await.unwrap();
    assert_eq!(store.person_by_login(&Login::typed("ann")).await.unwrap(), None);
    assert!(!store.is_like_a_name(&ann.name).await.unwrap());
    let olga = store.owner().await.unwrap().unwrap();
    store.add_invite(&invite("another", olga.id)).await.unwrap();
    assert_eq!(store.join(hash("another"), &new_person("Ann")).await.unwrap(), Joined::Added);
}

pub async fn a_new_name_replaces_the_one_before(store: &dyn Store) {
    let (ann, bob) = ann_and_bob(store).await;
    let clip = create(store, &ann, TakeId::new(), "upload").await;
    let (zoe, left) = (PersonName::new("Zoe").unwrap(), PersonName::new("Bob (left)").unwrap());
    assert_eq!(store.rename(ann.id, &zoe).await.unwrap(), AccountChange::Done);
    let row = store.person(ann.id).await.unwrap().unwrap();
    assert_eq!((row.person.name, row.login), (zoe.clone(), Some(Login::typed("ann"))));
    assert_eq!(store.clip(clip.id).await.unwrap().unwrap().author_name, "Zoe");
    assert!(store.is_like_a_name(&zoe).await.unwrap());
    assert!(!store.is_like_a_name(&ann.name).await.unwrap(), "the one before is nobody's");
    assert_eq!(store.rename(bob.id, &zoe).await.unwrap(), AccountChange::Done, "two may share it");
    store.remove_person(bob.id, &left, NOW).await.unwrap();
    assert_eq!(store.rename(bob.id, &bob.name).await.unwrap(), AccountChange::NoAccount);
}

pub async fn people_are_listed_with_what_opens_the_library_for_them(store: &dyn Store) {
    let (_, bob) = ann_and_bob(store).await;
    let_in(store, &bob, "bob").await;
    let zoe = member(store, "Zoe").await;
    let left = PersonName::new("Zoe (left)").unwrap();
    store.remove_person(zoe.id, &left, NOW).await.unwrap();
    let members = store.members().await.unwrap();
    let of = |name: &str| members.iter().find(|row| row.person.name.as_str() == name).unwrap();
    assert_eq!(members.len(), 4);
    assert_eq!((of("Olga").role, of("Olga").state), (Role::Admin, AccountState::Open));
    assert_eq!(of("Olga").login, Some(Login::typed("olga")));
    assert_eq!((of("Zoe (left)").role, of("Zoe (left)").state), (Role::Member, AccountState::Left));
    assert_eq!(of("Zoe (left)").login, None);
    let bob = of("Bob");
    assert_eq!((bob.sessions, bob.tokens, bob.used_at), (1, 1, Some(NOW)));
    assert_eq!((of("Ann").sessions, of("Ann").tokens, of("Ann").used_at), (0, 0, None));
}
