//! Who may do what: an [`Actor`] holds things, an [`Action`] is asked for, [`may`] decides. Nothing else does.

use vignette_model::api::ClipState;
use vignette_model::transcript::Origin;

use crate::actor::{Actor, Standing};
use crate::error::{LibraryError, Missing};
use crate::store::Clip;

/// What somebody wants to do: first what concerns the library, then what concerns one clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Make a clip.
    Create,
    /// List the library's clips and hear of their changes.
    List,
    /// Let another person in.
    Invite,
    /// See who has an account, shut and end accounts, give reset links and roles.
    ManagePeople,
    /// Make tokens, or codes that become tokens, for oneself.
    KeepTokens,
    /// See and end one's own sessions and tokens, and change one's password by typing the present one.
    KeepAccount,
    /// See that a clip is there, how far it has come, its replies, and what people wrote as its title and summary.
    See,
    /// See its picture, hear its sound, and read what is said in it or was made of that.
    Play,
    /// Reply to it, with an account or, where its author lets guests reply, without one.
    Reply,
    /// Change a reply.
    ChangeReply {
        /// Whether they wrote it.
        mine: bool,
    },
    /// Delete a reply.
    DeleteReply {
        /// Whether they wrote it.
        mine: bool,
    },
    /// Change title, summary, transcript, poster or who may watch; replace its link; look at its boxes.
    Change,
    /// Delete it.
    Delete,
    /// Add bytes to it, or end its upload.
    Append,
}

/// What has to be allowed to read a title or a summary: a machine's is made of what is said in the clip.
#[must_use]
pub fn to_read(by: Option<&Origin>) -> Action {
    match by {
        Some(Origin::Machine { .. }) => Action::Play,
        Some(Origin::Person) | None => Action::See,
    }
}

/// Whether somebody is there themselves and typed their password lately: a token never is, so that a stolen one neither
/// outlives its end nor lets anybody in.
fn confirmed(actor: &Actor) -> Result<(), LibraryError> {
    match actor.standing() {
        Standing::Token => present(actor),
        Standing::Session { fresh: false, .. } => Err(LibraryError::PasswordNeeded),
        Standing::Session { fresh: true, .. } | Standing::Host => Ok(()),
    }
}

/// Whether somebody is there themselves, rather than a program in their place.
fn present(actor: &Actor) -> Result<(), LibraryError> {
    match actor.standing() {
        Standing::Token => Err(LibraryError::NotByToken),
        Standing::Session { .. } | Standing::Host => Ok(()),
    }
}

fn admin(actor: &Actor) -> Result<(), LibraryError> {
    if actor.is_admin() { Ok(()) } else { Err(LibraryError::AdminOnly) }
}

/// Whether `actor` may do `action`, to `clip` where one is concerned.
///
/// A link shows one clip and lets its viewers reply, unless its author takes replies of members only; nothing else. Those with
/// an account see every clip of the library and make their own. Only its author changes or deletes a clip; only its upload secret adds to it. What decides who gets in
/// asks for more than an account: for a person at a browser, and where it opens anything, a password typed lately.
///
/// # Errors
/// Why not. Who may not even know of the clip gets [`Missing::Clip`].
pub fn may(actor: &Actor, action: Action, clip: Option<&Clip>) -> Result<(), LibraryError> {
    let member = actor.person().is_some();
    let author = clip.is_some_and(|clip| actor.person().is_some_and(|person| person.id == clip.author));
    let viewer = member || clip.is_some_and(|clip| actor.holds_link(&clip.key));
    let uploader = clip.is_some_and(|clip| actor.uploads_to(clip.id));
    let kept_back = clip.is_some_and(|clip| clip.state() == ClipState::Recording && !clip.live);
    let muted = !member && clip.is_some_and(|clip| !clip.guests);
    match action {
        Action::Create | Action::List if member => Ok(()),
        Action::KeepAccount if member => present(actor),
        Action::KeepTokens if member => confirmed(actor),
        Action::Invite | Action::ManagePeople if member => admin(actor).and_then(|()| confirmed(actor)),
        Action::Create | Action::List | Action::KeepAccount | Action::KeepTokens | Action::Invite | Action::ManagePeople => {
            Err(LibraryError::AccountNeeded)
        }

        _ if clip.is_none() => Err(LibraryError::NotFound(Missing::Clip)),
        Action::Append if uploader => Ok(()),
        Action::Append => Err(LibraryError::NotFound(Missing::Clip)),

        Action::Change | Action::Delete if author => Ok(()),
        Action::Change | Action::Delete if member => Err(LibraryError::AuthorOnly),
        Action::Change | Action::Delete => Err(LibraryError::AccountNeeded),

        _ if !viewer => Err(LibraryError::NotFound(Missing::Clip)),
        Action::Play if author || !kept_back => Ok(()),
        Action::Play => Err(LibraryError::StillRecording),
        Action::Reply | Action::ChangeReply { mine: true } if muted => Err(LibraryError::MembersOnly),
        Action::See | Action::Reply => Ok(()),
        Action::ChangeReply { mine: true } | Action::DeleteReply { mine: true } => Ok(()),
        Action::DeleteReply { mine: false } if author => Ok(()),
        Action::ChangeReply { .. } | Action::DeleteReply { .. } => Err(LibraryError::WriterOnly),
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::text::PersonName;
    use vignette_model::{ClipId, ClipKey, ErrorCode, Micros, PersonId, TakeId, UtcMicros};

    use super::*;
    use crate::actor::{Person, Role, SessionId};
    use crate::store::{SealState, UploadPhase};

    fn person(name: &str) -> Person {
        Person { id: PersonId::new(), name: PersonName::new(name).unwrap() }
    }

    fn clip(author: &Person, state: ClipState, live: bool) -> Clip {
        Clip {
            id: ClipId::new(),
            key: ClipKey::random(),
            author: author.id,
            author_name: author.name.to_string(),
            take: TakeId::new(),
            title: Default::default(),
            summary: Default::default(),
            live,
            guests: true,
            recorded_at: UtcMicros(0),
            upload: match state {
                ClipState::Recording => UploadPhase::Recording,
                ClipState::Arriving => UploadPhase::Arriving,
                ClipState::Interrupted => UploadPhase::Interrupted,
                ClipState::Ready => UploadPhase::Complete { sha256: vignette_model::Sha256::of(b"") },
            },
            heard_at: UtcMicros(0),
            offset_bytes: 0,
            length_bytes: None,
            by_upload: false,
            head: None,
            duration: Micros::ZERO,
            seal: SealState::Unsealed,
            poster: false,
            replies: 0,
            title_by: None,
            summary_by: None,
            transcript: None,
        }
    }

    /// Every action by every kind of actor, on a clip that is ready.
    #[test]
    fn who_may_do_what() {
        use Action::{Append, Change, ChangeReply, Create, Delete, DeleteReply, List, Play, Reply, See};
        use ErrorCode::{NotAllowed, NotFound, SignInNeeded};
        let (ann, bob) = (person("Ann"), person("Bob"));
        let clip = clip(&ann, ClipState::Ready, false);
        let viewer = Actor::anonymous().with_link(clip.key.clone());
        let other_link = Actor::anonymous().with_link(ClipKey::random());
        let actors = [
            Actor::anonymous(),
            other_link,
            viewer,
            Actor::member(bob.clone()),
            Actor::member(ann),
            Actor::uploader(clip.id),
            Actor::uploader(ClipId::new()),
        ];
        let (ok, sign_in, unknown, refused) = (None, Some(SignInNeeded), Some(NotFound), Some(NotAllowed));
        #[rustfmt::skip]
        let table = [
            //                              nobody   other link viewer   member   author uploader other upload
            (Create,                       [sign_in, sign_in,   sign_in, ok,      ok,    sign_in, sign_in]),
            (List,                         [sign_in, sign_in,   sign_in, ok,      ok,    sign_in, sign_in]),
            (See,                          [unknown, unknown,   ok,      ok,      ok,    unknown, unknown]),
            (Play,                         [unknown, unknown,   ok,      ok,      ok,    unknown, unknown]),
            (Reply,                        [unknown, unknown,   ok,      ok,      ok,    unknown, unknown]),
            (ChangeReply { mine: true },   [unknown, unknown,   ok,      ok,      ok,    unknown, unknown]),
            (ChangeReply { mine: false },  [unknown, unknown,   refused, refused, refused, unknown, unknown]),
            (DeleteReply { mine: true },   [unknown, unknown,   ok,      ok,      ok,    unknown, unknown]),
            (DeleteReply { mine: false },  [unknown, unknown,   refused, refused, ok,    unknown, unknown]),
            (Change,                       [sign_in, sign_in,   sign_in, refused, ok,    sign_in, sign_in]),
            (Delete,                       [sign_in, sign_in,   sign_in, refused, ok,    sign_in, sign_in]),
            (Append,                       [unknown, unknown,   unknown, unknown, unknown, ok,    unknown]),
        ];
        for (action, row) in table {
            for (actor, expected) in actors.iter().zip(row) {
                let answer = may(actor, action, Some(&clip)).err().map(|error| error.code());
                assert_eq!(answer, expected, "{action:?} by {actor:?}");
            }
        }
        assert!(may(&Actor::member(bob), See, None).is_err(), "nothing may be done to a clip that is not there");
    }

    /// Every action that decides who gets in, by every standing of every role.
    #[test]
    fn who_lets_whom_in() {
        use Action::{Create, Invite, KeepAccount, KeepTokens, List, ManagePeople};
        use ErrorCode::{NotAllowed, PasswordNeeded, SignInNeeded};
        let session = |fresh| Standing::Session { id: SessionId(1), fresh };
        let standings = [Standing::Token, session(false), session(true), Standing::Host];
        let (ok, sign_in, refused, password) = (None, Some(SignInNeeded), Some(NotAllowed), Some(PasswordNeeded));
        #[rustfmt::skip]
        let table = [
            //              nobody    member by token, session, fresh,   host     admin by token, session, fresh, host
            (List,         [sign_in,  ok,       ok,       ok,      ok,       ok,      ok,       ok,      ok]),
            (Create,       [sign_in,  ok,       ok,       ok,      ok,       ok,      ok,       ok,      ok]),
            (KeepAccount,  [sign_in,  refused,  ok,       ok,      ok,       refused, ok,       ok,      ok]),
            (KeepTokens,   [sign_in,  refused,  password, ok,      ok,       refused, password, ok,      ok]),
            (Invite,       [sign_in,  refused,  refused,  refused, refused,  refused, password, ok,      ok]),
            (ManagePeople, [sign_in,  refused,  refused,  refused, refused,  refused, password, ok,      ok]),
        ];
        let ann = person("Ann");
        let by = |role: Role| standings.map(|standing| Actor::member(ann.clone()).with_role(role).with_standing(standing));
        let actors: Vec<Actor> = [Actor::anonymous()].into_iter().chain(by(Role::Member)).chain(by(Role::Admin)).collect();
        for (action, row) in table {
            for (actor, expected) in actors.iter().zip(row) {
                let answer = may(actor, action, None).err().map(|error| error.code());
                assert_eq!(answer, expected, "{action:?} by {actor:?}");
            }
        }
        let nobody = Actor::anonymous().with_role(Role::Admin).with_standing(Standing::Host);
        assert!(may(&nobody, ManagePeople, None).is_err(), "a role is somebody's");
    }

    #[test]
    fn guests_reply_where_the_author_lets_them() {
        let (ann, bob) = (person("Ann"), person("Bob"));
        let clip = Clip { guests: false, ..clip(&ann, ClipState::Ready, false) };
        let guest = Actor::anonymous().with_link(clip.key.clone());
        let said = |actor: &Actor, action| may(actor, action, Some(&clip)).err().map(|error| error.code());
        for action in [Action::Reply, Action::ChangeReply { mine: true }] {
            assert_eq!(said(&guest, action), Some(ErrorCode::SignInNeeded), "{action:?}");
            assert_eq!(said(&Actor::anonymous(), action), Some(ErrorCode::NotFound), "{action:?}");
            assert_eq!(said(&Actor::member(bob.clone()), action), None, "{action:?}");
        }
        for action in [Action::See, Action::Play, Action::DeleteReply { mine: true }] {
            assert_eq!(said(&guest, action), None, "{action:?}: what they wrote they may take back");
        }
    }

    #[test]
    fn a_recording_is_watched_early_only_if_it_is_live() {
        let (ann, bob) = (person("Ann"), person("Bob"));
        for (state, live, open) in [
            (ClipState::Recording, false, false),
            (ClipState::Recording, true, true),
            (ClipState::Arriving, false, true),
            (ClipState::Interrupted, false, true),
            (ClipState::Ready, false, true),
        ] {
            let clip = clip(&ann, state, live);
            for actor in [Actor::anonymous().with_link(clip.key.clone()), Actor::member(bob.clone())] {
                let answer = may(&actor, Action::Play, Some(&clip));
                assert_eq!(answer.is_ok(), open, "{state:?}, live {live}");
                assert!(answer.err().is_none_or(|error| error.code() == ErrorCode::Conflict));
                assert!(may(&actor, Action::See, Some(&clip)).is_ok(), "that it is being recorded is no secret to a viewer");
            }
            assert!(may(&Actor::member(ann.clone()), Action::Play, Some(&clip)).is_ok(), "authors may look at their own");
        }
    }
}
