//! Promises of stores: how an account is made.

use vignette_model::text::{Login, PersonName};

use super::fixture::{NOW, ann_and_bob, hash, invite, later, member, new_person, olga};
use crate::store::{Invite, Inviter, Joined, NewPerson, Store};

fn setup(secret: &str) -> Invite {
    Invite {
        hash: hash(secret),
        setup: true,
        made_by: None,
        created_at: NOW,
        expires_at: later(100),
    }
}

pub async fn a_set_up_secret_ends_the_one_before(store: &dyn Store) {
    assert_eq!(store.owner().await.unwrap(), None);
    assert!(store.add_invite(&setup("first")).await.unwrap());
    assert!(store.add_invite(&setup("second")).await.unwrap());
    assert!(!store.invited(hash("first"), NOW).await.unwrap());
    assert_eq!(store.join(hash("first"), &new_person("Eve")).await.unwrap(), Joined::NotInvited);
    assert!(store.invited(hash("second"), NOW).await.unwrap());
}

pub async fn a_set_up_secret_makes_the_first_account_and_no_other(store: &dyn Store) {
    assert!(store.add_invite(&setup("setup")).await.unwrap());
    assert_eq!(store.join(hash("setup"), &new_person("Olga")).await.unwrap(), Joined::Added);
    assert_eq!(store.join(hash("setup"), &new_person("Eve")).await.unwrap(), Joined::NotInvited);
    assert_eq!(store.owner().await.unwrap().unwrap().name.as_str(), "Olga");
    assert_eq!(store.members().await.unwrap().len(), 1);
}

pub async fn nothing_sets_up_what_is_set_up(store: &dyn Store) {
    assert!(store.add_invite(&setup("early")).await.unwrap());
    olga(store).await;
    assert!(!store.invited(hash("early"), NOW).await.unwrap());
    assert_eq!(store.join(hash("early"), &new_person("Eve")).await.unwrap(), Joined::NotInvited);
    assert!(!store.add_invite(&setup("late")).await.unwrap());
    assert!(!store.invited(hash("late"), NOW).await.unwrap());
}

pub async fn the_first_account_is_made_once(store: &dyn Store) {
    let first = olga(store).await;
    assert_eq!(store.ensure_first(&new_person("Eve")).await.unwrap(), first);
    assert_eq!(store.owner().await.unwrap(), Some(first));
    assert_eq!(store.members().await.unwrap().len(), 1);
}

pub async fn an_invitation_adds_one_person(store: &dyn Store) {
    olga(store).await;
    let ann = member(store, "Ann").await;
    let again = store.join(hash("invitation of Ann"), &new_person("Eve")).await.unwrap();
    assert_eq!(again, Joined::NotInvited);
    let row = store.person(ann.id).await.unwrap().unwrap();
    assert_eq!((row.person, row.password.as_deref()), (ann, Some("hash of Ann's password")));
}

pub async fn an_invitation_ends(store: &dyn Store) {
    let olga = olga(store).await;
    store.add_invite(&invite("secret", olga.id)).await.unwrap();
    assert!(store.invited(hash("secret"), later(99)).await.unwrap());
    assert!(!store.invited(hash("secret"), later(100)).await.unwrap());
    let late = NewPerson { at: later(100), ..new_person("Zoe") };
    assert_eq!(store.join(hash("secret"), &late).await.unwrap(), Joined::NotInvited);
}

pub async fn an_invitation_outlives_a_login_that_was_taken(store: &dyn Store) {
    ann_and_bob(store).await;
    let olga = store.owner().await.unwrap().unwrap();
    store.add_invite(&invite("secret", olga.id)).await.unwrap();
    assert_eq!(store.join(hash("secret"), &new_person("ANN")).await.unwrap(), Joined::LoginTaken);
    assert!(store.invited(hash("secret"), NOW).await.unwrap());
    assert_eq!(store.join(hash("secret"), &new_person("Zoe")).await.unwrap(), Joined::Added);
}

pub async fn a_login_that_looks_like_anothers_is_taken(store: &dyn Store) {
    ann_and_bob(store).await;
    let olga = store.owner().await.unwrap().unwrap();
    store.add_invite(&invite("secret", olga.id)).await.unwrap();
    let cyrillic = NewPerson { login: Login::typed("\u{410}nn"), ..new_person("Zoe") };
    assert_eq!(store.join(hash("secret"), &cyrillic).await.unwrap(), Joined::LoginTaken);
    let other = NewPerson { login: Login::typed("anna"), ..new_person("Zoe") };
    assert_eq!(store.join(hash("secret"), &other).await.unwrap(), Joined::Added);
}

pub async fn two_people_may_share_a_name(store: &dyn Store) {
    let (ann, _) = ann_and_bob(store).await;
    let olga = store.owner().await.unwrap().unwrap();
    store.add_invite(&invite("secret", olga.id)).await.unwrap();
    let second = NewPerson { login: Login::typed("ann 2"), ..new_person("Ann") };
    assert_eq!(store.join(hash("secret"), &second).await.unwrap(), Joined::Added);
    for (login, person) in [("ann", &ann), ("ann 2", &second.person)] {
        let found = store.person_by_login(&Login::typed(login)).await.unwrap().unwrap();
        assert_eq!((&found.person, found.login), (person, Some(Login::typed(login))));
    }
    let left = PersonName::new("Ann (left)").unwrap();
    store.remove_person(ann.id, &left, NOW).await.unwrap();
    assert!(store.is_like_a_name(&second.person.name).await.unwrap(), "it is the other's still");
}

pub async fn names_of_people_are_told_from_those_that_look_like_them(store: &dyn Store) {
    ann_and_bob(store).await;
    let olga = store.owner().await.unwrap().unwrap();
    store.add_invite(&invite("secret", olga.id)).await.unwrap();
    let zoe = NewPerson { login: Login::typed("walrus"), ..new_person("Zoe") };
    assert_eq!(store.join(hash("secret"), &zoe).await.unwrap(), Joined::Added);
    let is_like = async |name| store.is_like_a_name(&PersonName::new(name).unwrap()).await.unwrap();
    for name in ["Ann", " aNN", "\u{410}nn", "Ａｎｎ", "zoe", "Z\u{3bf}e"] {
        assert!(is_like(name).await, "{}", name.escape_unicode());
    }
    for name in ["Anna", "Walrus", "Z"] {
        assert!(!is_like(name).await, "{name} is nobody's name");
    }
}

pub async fn open_invitations_are_listed_with_who_gave_them(store: &dyn Store) {
    ann_and_bob(store).await;
    let olga = store.owner().await.unwrap().unwrap();
    store.add_invite(&invite("open", olga.id)).await.unwrap();
    let open = store.invitations(later(99)).await.unwrap();
    assert_eq!(open.len(), 1, "those that Ann and Bob used are not open: {open:?}");
    let (created_at, expires_at) = (open[0].created_at, open[0].expires_at);
    assert_eq!((created_at, expires_at), (Some(NOW), later(100)));
    let by = Inviter { name: olga.name, login: Login::typed("olga") };
    assert_eq!(open[0].made_by, Some(by));
    assert_eq!(store.invitations(later(100)).await.unwrap(), [], "nor are those that have ended");
}

pub async fn a_revoked_invitation_opens_nothing(store: &dyn Store) {
    let olga = olga(store).await;
    for secret in ["kept", "revoked"] {
        store.add_invite(&invite(secret, olga.id)).await.unwrap();
    }
    let revoked = store.invitations(NOW).await.unwrap()[1].id;
    assert!(store.revoke_invitation(revoked).await.unwrap());
    assert!(!store.revoke_invitation(revoked).await.unwrap());
    assert!(!store.invited(hash("revoked"), NOW).await.unwrap());
    assert!(store.invited(hash("kept"), NOW).await.unwrap(), "the others go on");
}

pub async fn what_has_ended_is_purged(store: &dyn Store) {
    let olga = olga(store).await;
    store.add_invite(&invite("secret", olga.id)).await.unwrap();
    store.purge(later(99)).await.unwrap();
    assert!(store.invited(hash("secret"), NOW).await.unwrap());
    store.purge(later(100)).await.unwrap();
    assert!(!store.invited(hash("secret"), NOW).await.unwrap());
}
