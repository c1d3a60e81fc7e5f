//! The part of the suite that is about people and what opens a library for them.

use vignette_model::text::{PersonName, name_key, name_looks};
use vignette_model::{PersonId, TakeId, UtcMicros};

use super::store::{NOW, create, hash, later};
use crate::people::{Person, Role};
use crate::store::{
    AccountChange, AccountState, CodeRow, Invite, Joined, NewPassword, NewPerson, NewSession, PendingDeletion, PendingPart,
    Reset, Store,
};

fn new_person(name: &str) -> NewPerson {
    NewPerson {
        person: Person { id: PersonId::new(), name: PersonName::new(name).unwrap() },
        name_key: name_key(name),
        looks: name_looks(name),
        password: Some(format!("hash of {name}'s password")),
        at: NOW,
    }
}

/// Gives Ann and Bob, members of a library that Olga looks after.
pub(super) async fn people(store: &dyn Store) -> (Person, Person) {
    first_person(store).await;
    let (ann, bob) = invitations(store).await;
    sessions_and_tokens(store, &ann, &bob).await;
    codes(store, &ann).await;
    devices(store, &ann, &bob).await;
    passwords(store, &ann, &bob).await;
    roles(store, &ann).await;
    suspension(store, &ann).await;
    removal(store).await;
    (ann, bob)
}

async fn first_person(store: &dyn Store) {
    assert_eq!(store.owner().await.unwrap(), None);
    let setup = |text, ends| Invite { hash: hash(text), setup: true, made_by: None, created_at: NOW, expires_at: later(ends) };
    assert!(store.add_invite(&setup("setup 1", 100)).await.unwrap());
    assert!(store.add_invite(&setup("setup 2", 100)).await.unwrap());
    assert!(!store.invited(hash("setup 1"), NOW).await.unwrap(), "a set-up secret ends the one before");
    assert!(store.invited(hash("setup 2"), NOW).await.unwrap());
    assert!(!store.invited(hash("setup 2"), later(100)).await.unwrap(), "invitations end");
    assert_eq!(store.join(hash("setup 1"), &new_person("Eve")).await.unwrap(), Joined::NotInvited);
    assert_eq!(store.join(hash("setup 2"), &new_person("Olga")).await.unwrap(), Joined::Added);
    assert_eq!(store.join(hash("setup 2"), &new_person("Eve")).await.unwrap(), Joined::NotInvited, "it works once");
    assert!(!store.add_invite(&setup("setup 3", 100)).await.unwrap(), "nobody sets up what is set up");
    assert!(!store.invited(hash("setup 3"), NOW).await.unwrap());
    let olga = store.owner().await.unwrap().unwrap();
    assert_eq!(olga.name.as_str(), "Olga");
    assert_eq!(store.ensure_first(&new_person("Eve")).await.unwrap(), olga, "there is one first person");
    assert!(store.person_by_name("eve").await.unwrap().is_none());
}

async fn invitations(store: &dyn Store) -> (Person, Person) {
    let olga = store.owner().await.unwrap().unwrap().id;
    let invite = |text| Invite { hash: hash(text), setup: false, made_by: Some(olga), created_at: NOW, expires_at: later(100) };
    for name in ["Ann", "Bob"] {
        assert!(store.add_invite(&invite(name)).await.unwrap());
        assert_eq!(store.join(hash(name), &new_person(name)).await.unwrap(), Joined::Added);
    }
    assert!(store.add_invite(&invite("again")).await.unwrap());
    assert_eq!(store.join(hash("again"), &new_person("ANN")).await.unwrap(), Joined::NameTaken);
    let cyrillic = "\u{410}nn";
    assert_eq!(store.join(hash("again"), &new_person(cyrillic)).await.unwrap(), Joined::NameTaken, "it looks like Ann's");
    assert!(store.is_like_a_name(&name_looks(cyrillic)).await.unwrap());
    assert!(!store.is_like_a_name(&name_looks("Anna")).await.unwrap() && !store.is_like_a_name(&[]).await.unwrap());
    let open = store.invitations(later(99)).await.unwrap();
    assert_eq!(open.len(), 1, "those that were used are not open: {open:?}");
    let by = open[0].made_by.as_ref().map(PersonName::as_str);
    assert_eq!((by, open[0].created_at, open[0].expires_at), (Some("Olga"), Some(NOW), later(100)));
    assert_eq!(store.invitations(later(100)).await.unwrap(), [], "nor are those that have ended");
    assert!(store.add_invite(&invite("regretted")).await.unwrap());
    let regretted = store.invitations(NOW).await.unwrap()[1].id;
    assert!(store.revoke_invitation(regretted).await.unwrap() && !store.revoke_invitation(regretted).await.unwrap());
    assert!(!store.invited(hash("regretted"), NOW).await.unwrap(), "what is revoked opens nothing");
    assert!(store.invited(hash("again"), NOW).await.unwrap(), "and the others go on");
    assert!(store.invited(hash("again"), NOW).await.unwrap(), "an invitation outlives a name that was taken");
    let late = NewPerson { at: later(100), ..new_person("Zoe") };
    assert_eq!(store.join(hash("again"), &late).await.unwrap(), Joined::NotInvited, "an invitation ends");
    store.purge(later(100)).await.unwrap();
    assert!(!store.invited(hash("again"), NOW).await.unwrap(), "what has ended is removed");
    let ann = store.person_by_name("ann").await.unwrap().unwrap();
    assert_eq!(ann.password.as_deref(), Some("hash of Ann's password"));
    (ann.person, store.person_by_name("bob").await.unwrap().unwrap().person)
}

async fn sessions_and_tokens(store: &dyn Store, ann: &Person, bob: &Person) {
    assert!(store.add_session(&session("session", ann, 10)).await.unwrap());
    let (whose, role, row) = store.session(hash("session"), later(9)).await.unwrap().unwrap();
    assert_eq!((&whose, role), (ann, Role::Member));
    assert_eq!((row.device.as_str(), row.created_at, row.used_at, row.confirmed_at), ("Firefox on Linux", NOW, NOW, NOW));
    assert_eq!(store.session(hash("session"), later(10)).await.unwrap(), None, "sessions end");
    assert_eq!(store.session(hash("other"), NOW).await.unwrap(), None);
    store.use_session(row.id, later(3), later(20)).await.unwrap();
    store.confirm_session(row.id, later(2)).await.unwrap();
    store.purge(later(15)).await.unwrap();
    let (.., row) = store.session(hash("session"), later(15)).await.unwrap().unwrap();
    assert_eq!((row.used_at, row.confirmed_at, row.expires_at), (later(3), later(2), later(20)), "sessions are lengthened");
    assert!(store.add_session(&session("other", ann, 10)).await.unwrap());
    let listed = store.sessions(ann.id, later(9)).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0], row, "last used first");
    assert_eq!(store.sessions(ann.id, later(10)).await.unwrap(), std::slice::from_ref(&row), "what has ended is not listed");
    assert!(!store.end_session(bob.id, row.id, NOW).await.unwrap(), "nobody ends another's session");
    assert!(store.end_session(ann.id, listed[1].id, NOW).await.unwrap());
    assert!(!store.end_session(ann.id, listed[1].id, NOW).await.unwrap());

    let first = store.add_token(hash("token 1"), ann.id, "laptop", NOW).await.unwrap();
    let second = store.add_token(hash("token 2"), ann.id, "desk", later(1)).await.unwrap();
    assert_eq!(store.token(hash("token 1")).await.unwrap(), Some((ann.clone(), Role::Member, None)));
    store.use_token(hash("token 1"), later(5)).await.unwrap();
    assert_eq!(store.token(hash("token 1")).await.unwrap(), Some((ann.clone(), Role::Member, Some(later(5)))));
    let tokens = store.tokens(ann.id).await.unwrap();
    assert_eq!(
        tokens.iter().map(|token| (token.id, token.label.as_str())).collect::<Vec<_>>(),
        [(second, "desk"), (first, "laptop")]
    );
    assert!(store.tokens(bob.id).await.unwrap().is_empty(), "tokens are their owner's");
    assert!(!store.revoke_token(bob.id, first, NOW).await.unwrap(), "nobody ends another's token");
    assert!(store.revoke_token(ann.id, first, NOW).await.unwrap());
    assert!(!store.revoke_token(ann.id, first, NOW).await.unwrap());
    assert_eq!(store.token(hash("token 1")).await.unwrap(), None);

    assert_eq!(store.sign_out(hash("token 2"), NOW).await.unwrap(), Some(ann.id));
    assert_eq!(store.sign_out(hash("session"), NOW).await.unwrap(), Some(ann.id));
    assert_eq!(store.sign_out(hash("nothing"), NOW).await.unwrap(), None);
    assert_eq!(store.token(hash("token 2")).await.unwrap(), None, "whoever signs out is out");
    assert_eq!(store.session(hash("session"), NOW).await.unwrap(), None);
}

fn session(secret: &str, person: &Person, secs: u64) -> NewSession {
    let device = "Firefox on Linux".to_owned();
    NewSession { hash: hash(secret), person: person.id, device, at: NOW, expires_at: later(secs) }
}

async fn codes(store: &dyn Store, ann: &Person) {
    let code = CodeRow {
        hash: hash("code"),
        person: ann.clone(),
        challenge: hash("verifier"),
        redirect_uri: "http://127.0.0.1:1/".to_owned(),
        label: "laptop".to_owned(),
        expires_at: later(60),
    };
    store.add_code(&code).await.unwrap();
    assert_eq!(store.take_code(hash("code")).await.unwrap(), Some(code.clone()));
    assert_eq!(store.take_code(hash("code")).await.unwrap(), None, "a code works once");
    store.add_code(&code).await.unwrap();
    store.purge(later(60)).await.unwrap();
    assert_eq!(store.take_code(hash("code")).await.unwrap(), None, "what has ended is removed");
}

async fn devices(store: &dyn Store, ann: &Person, bob: &Person) {
    for (at, device) in ["first", "second", "third"].into_iter().enumerate() {
        store.add_device(hash(device), ann.id, later(at as u64), 2).await.unwrap();
    }
    let known = async |device, person: &Person| store.knows_device(hash(device), person.id).await.unwrap();
    assert!(!known("first", ann).await, "the oldest gives way");
    assert!(known("second", ann).await && known("third", ann).await);
    assert!(!known("third", bob).await, "a device is known for who signed in from it");
    store.add_device(hash("third"), bob.id, NOW, 2).await.unwrap();
    assert!(known("third", bob).await, "of whom there may be more");
}

/// Gives somebody a session, a token, a code and a reset link, named after `secret`.
async fn let_in(store: &dyn Store, person: &Person, secret: &str, by: PersonId) {
    let name = |kind: &str| hash(&format!("{kind} {secret}"));
    assert!(store.add_session(&session(&format!("session {secret}"), person, 100)).await.unwrap());
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
    store.add_reset(&Reset { hash: name("reset"), person: person.id, made_by: by, expires_at: later(100) }).await.unwrap();
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

async fn passwords(store: &dyn Store, ann: &Person, bob: &Person) {
    let olga = store.owner().await.unwrap().unwrap().id;
    let new = |person: &Person, keep, end_tokens| NewPassword { person: person.id, password: "new", keep, end_tokens, at: NOW };
    let_in(store, ann, "kept", olga).await;
    let kept = store.sessions(ann.id, NOW).await.unwrap()[0].id;
    let_in(store, ann, "other", olga).await;
    let_in(store, bob, "bob", olga).await;
    store.set_password(&new(ann, Some(kept), false)).await.unwrap();
    assert_eq!(store.person(ann.id).await.unwrap().unwrap().password.as_deref(), Some("new"));
    assert_eq!(open(store, "kept").await, [true, true, false, false], "the session that changes it stays, and tokens do");
    assert_eq!(open(store, "other").await, [false, true, false, false]);
    assert_eq!(open(store, "bob").await, [true; 4], "another's stays");

    let_in(store, ann, "reset", olga).await;
    let link = hash("reset reset");
    assert!(!store.use_reset(link, &new(bob, None, false)).await.unwrap(), "a link changes its own person's password");
    assert!(!store.use_reset(link, &NewPassword { at: later(100), ..new(ann, None, true) }).await.unwrap(), "links end");
    assert_eq!(store.reset(link, later(100)).await.unwrap(), None);
    let_in(store, ann, "newer", olga).await;
    assert!(!store.use_reset(link, &new(ann, None, true)).await.unwrap(), "a new link ends the one before");
    assert!(store.use_reset(hash("reset newer"), &new(ann, None, true)).await.unwrap());
    assert!(!store.use_reset(hash("reset newer"), &new(ann, None, true)).await.unwrap(), "it works once");
    for secret in ["kept", "reset", "newer"] {
        assert_eq!(open(store, secret).await, [false; 4], "nothing of before opens anything: {secret}");
    }
}

async fn roles(store: &dyn Store, ann: &Person) {
    let olga = store.owner().await.unwrap().unwrap();
    let role = async |person: PersonId| store.person(person).await.unwrap().unwrap().role;
    assert_eq!((role(olga.id).await, role(ann.id).await), (Role::Admin, Role::Member), "who came first looks after the others");
    let last = [
        store.set_role(olga.id, Role::Member).await.unwrap(),
        store.suspend(olga.id, true, NOW).await.unwrap(),
        store.remove_person(olga.id, &olga.name, NOW).await.unwrap(),
    ];
    assert_eq!(last, [AccountChange::LastAdmin; 3], "a library is not left alone");
    assert_eq!(store.set_role(PersonId::new(), Role::Admin).await.unwrap(), AccountChange::NoAccount);
    assert_eq!(store.set_role(ann.id, Role::Admin).await.unwrap(), AccountChange::Done);
    assert_eq!(store.set_role(ann.id, Role::Admin).await.unwrap(), AccountChange::Done);
    assert_eq!(store.owner().await.unwrap().unwrap(), olga);
    let by_ann = Invite { hash: hash("by ann"), setup: false, made_by: Some(ann.id), created_at: NOW, expires_at: later(100) };
    store.add_invite(&by_ann).await.unwrap();
    assert_eq!(store.set_role(ann.id, Role::Member).await.unwrap(), AccountChange::Done);
    assert!(!store.invited(hash("by ann"), NOW).await.unwrap(), "what an administrator gave out ends with the role");
}

async fn suspension(store: &dyn Store, ann: &Person) {
    let olga = store.owner().await.unwrap().unwrap().id;
    let (_, before) = store.ended_since(UtcMicros(0)).await.unwrap();
    let_in(store, ann, "shut", olga).await;
    let clip = create(store, ann, TakeId::new(), "up shut").await;
    let uploads = async || store.upload(hash("up shut")).await.unwrap().is_some();
    assert!(uploads().await);
    assert_eq!(store.suspend(ann.id, true, NOW).await.unwrap(), AccountChange::Done);
    assert_eq!(store.suspend(ann.id, true, NOW).await.unwrap(), AccountChange::Done);
    assert_eq!(open(store, "shut").await, [false; 4], "nothing opens anything");
    assert!(!uploads().await, "nor does an upload that was begun before");
    assert!(!store.add_session(&session("late", ann, 100)).await.unwrap(), "nor is a session begun");
    let (ended, last) = store.ended_since(before).await.unwrap();
    assert_eq!((ended.as_slice(), last > before), (&[ann.id][..], true), "whoever serves the library learns of it");
    assert_eq!(store.ended_since(last).await.unwrap(), (Vec::new(), last), "once");
    assert_eq!(store.person(ann.id).await.unwrap().unwrap().state, AccountState::Suspended);
    assert_eq!(store.suspend(ann.id, false, NOW).await.unwrap(), AccountChange::Done);
    assert_eq!(open(store, "shut").await, [false, true, false, false], "recorders go on, sessions begin anew");
    assert!(uploads().await, "recorders go on where they were");
    store.end_access(ann.id, None, false, NOW).await.unwrap();
    assert!(uploads().await, "a new password leaves recorders alone");
    store.end_access(ann.id, None, true, NOW).await.unwrap();
    assert_eq!(open(store, "shut").await, [false; 4]);
    assert!(!uploads().await, "an upload ends with the token that began it");
    assert!(store.delete_clip(clip.id).await.unwrap());
    store.finish_deletion(PendingDeletion { clip: clip.id, part: PendingPart::All }).await.unwrap();
}

async fn removal(store: &dyn Store) {
    let olga = store.owner().await.unwrap().unwrap().id;
    let invite = |text| Invite { hash: hash(text), setup: false, made_by: Some(olga), created_at: NOW, expires_at: later(100) };
    store.add_invite(&invite("zoe")).await.unwrap();
    let zoe = new_person("Zoe");
    assert_eq!(store.join(hash("zoe"), &zoe).await.unwrap(), Joined::Added);
    let_in(store, &zoe.person, "gone", olga).await;
    store.add_device(hash("device"), zoe.person.id, NOW, 2).await.unwrap();
    let left = PersonName::new("Zoe (left)").unwrap();
    assert_eq!(store.remove_person(zoe.person.id, &left, NOW).await.unwrap(), AccountChange::Done);
    assert_eq!(open(store, "gone").await, [false; 4]);
    assert!(!store.knows_device(hash("device"), zoe.person.id).await.unwrap());
    let row = store.person(zoe.person.id).await.unwrap().unwrap();
    assert_eq!((row.person.name, row.state, row.password), (left, AccountState::Left, None), "what they made keeps a name");
    assert!(store.person_by_name("zoe").await.unwrap().is_none(), "who left has no name to sign in by");
    assert_eq!(store.suspend(zoe.person.id, false, NOW).await.unwrap(), AccountChange::NoAccount, "there is no way back");
    store.add_invite(&invite("zoe 2")).await.unwrap();
    assert_eq!(store.join(hash("zoe 2"), &new_person("Zoe")).await.unwrap(), Joined::Added, "the name is free");
    let members = store.members().await.unwrap();
    let names: Vec<_> = members.iter().map(|row| (row.person.name.as_str(), row.role, row.state)).collect();
    assert_eq!(names.len(), 5);
    assert!(names.contains(&("Olga", Role::Admin, AccountState::Open)), "{names:?}");
    assert!(names.contains(&("Zoe (left)", Role::Member, AccountState::Left)), "{names:?}");
    let bob = members.iter().find(|row| row.person.name.as_str() == "Bob").unwrap();
    assert_eq!((bob.sessions, bob.tokens, bob.used_at), (1, 1, Some(NOW)));
}
