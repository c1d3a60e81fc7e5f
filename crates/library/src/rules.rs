//! Who may do what: [`may`] decides for an [`Actor`], an [`Action`] and a [`Resource`]. Nothing else does,
//! but for the predicate in the queries of a store, which is [`may`]'s for those who list and search
//! ([`crate::actor::Viewer`]); the contract suite holds the two against each other on random libraries.

use subtle::ConstantTimeEq as _;
use vignette_model::api::ClipState;
use vignette_model::transcript::Origin;
use vignette_model::{PersonId, Sha256};

use crate::actor::{Actor, Standing};
use crate::error::{LibraryError, Missing};
use crate::store::{Clip, ReactionRow, Reactor, ReplyRow};

/// To what something is to be done.
#[derive(Clone, Copy, Debug)]
pub enum Resource<'a> {
    /// The library.
    Library,
    /// A clip.
    Clip(&'a Clip),
    /// A reply to a clip.
    Reply(&'a Clip, &'a ReplyRow),
    /// A reaction to a clip.
    Reaction(&'a Clip, &'a ReactionRow),
}

impl<'a> Resource<'a> {
    fn clip(self) -> Option<&'a Clip> {
        match self {
            Self::Library => None,
            Self::Clip(clip) | Self::Reply(clip, _) | Self::Reaction(clip, _) => Some(clip),
        }
    }
}

/// What somebody wants to do: first to the library, then to a clip, a reply or a reaction.
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
    /// See which jobs the library has to do, and have them tried again.
    ManageJobs,
    /// Make tokens, or codes that become tokens, for oneself.
    KeepTokens,
    /// See and end one's own sessions and tokens, and change one's password by typing the present one.
    KeepAccount,
    /// See that a clip is there, how far it has come, its replies, and what people wrote as its title and summary.
    See,
    /// See its picture, hear its sound, and read what is said in it or was made of that.
    Play,
    /// Keep how far oneself has watched it.
    NoteProgress,
    /// Reply to it, with an account or, where its author lets guests reply, without one.
    Reply,
    /// Change a reply.
    ChangeReply,
    /// Delete a reply.
    DeleteReply,
    /// React to it: for those who may reply.
    React,
    /// Take a reaction away.
    DeleteReaction,
    /// Change title, summary, transcript, poster or who may watch; replace its link; look at its boxes.
    Change,
    /// Delete it.
    Delete,
    /// Add bytes to it, or end its upload.
    Append,
}

/// What has to be allowed to read a title or a summary: a machine's is made of what is said in the clip.
#[must_use]
pub(crate) fn to_read(by: Option<&Origin>) -> Action {
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

/// Whether they wrote the reply: by their account, or by the secret that a guest got for it.
#[must_use]
pub(crate) fn wrote(actor: &Actor, reply: &ReplyRow) -> bool {
    reply.person.is_some_and(|person| is_person(actor, person))
        || reply.secret.is_some_and(|hash| has_secret(actor, hash))
}

/// Whether they made the reaction, in the same way.
#[must_use]
pub(crate) fn reacted(actor: &Actor, reaction: &ReactionRow) -> bool {
    match reaction.by {
        Reactor::Person(person) => is_person(actor, person),
        Reactor::Guest(hash) => has_secret(actor, hash),
    }
}

fn is_person(actor: &Actor, person: PersonId) -> bool {
    actor.person().is_some_and(|actor| actor.id == person)
}

fn has_secret(actor: &Actor, hash: Sha256) -> bool {
    actor.reply_secret().is_some_and(|presented| presented.hash().0.ct_eq(&hash.0).into())
}

/// Whether `actor` may do `action` to `resource`.
///
/// A link shows one clip and lets its viewers reply, unless its author takes replies of members only; nothing else. Those with
/// an account see every clip of the library and make their own. Only its author changes or deletes a clip; only its upload
/// secret adds to it. What decides who gets in asks for more than an account: for a person at a browser, and where it opens
/// anything, a password typed lately.
///
/// # Errors
/// Why not. Who may not even know of the clip gets [`Missing::Clip`], as does an action on what is no such resource.
pub fn may(actor: &Actor, action: Action, resource: Resource<'_>) -> Result<(), LibraryError> {
    let member = actor.person().is_some();
    match action {
        Action::Create | Action::List if member => return Ok(()),
        Action::KeepAccount if member => return present(actor),
        Action::KeepTokens if member => return confirmed(actor),
        Action::Invite | Action::ManagePeople | Action::ManageJobs if member => {
            return admin(actor).and_then(|()| confirmed(actor));
        }
        Action::Create
        | Action::List
        | Action::KeepAccount
        | Action::KeepTokens
        | Action::Invite
        | Action::ManagePeople
        | Action::ManageJobs => {
            return Err(LibraryError::AccountNeeded);
        }
        _ => {}
    }
    let Some(clip) = resource.clip() else { return Err(LibraryError::NotFound(Missing::Clip)) };
    let author = actor.person().is_some_and(|person| person.id == clip.author);
    let sees = clip.audience().includes(&actor.viewer());
    let kept_back = clip.state() == ClipState::Recording && !clip.live;
    let muted = !member && !clip.guests;
    match (action, resource) {
        (Action::Append, _) if actor.uploads_to(clip.id) => Ok(()),
        (Action::Append, _) => Err(LibraryError::NotFound(Missing::Clip)),

        (Action::Change | Action::Delete, _) if author => Ok(()),
        (Action::Change | Action::Delete, _) if member => Err(LibraryError::AuthorOnly),
        (Action::Change | Action::Delete, _) => Err(LibraryError::AccountNeeded),

        _ if !sees => Err(LibraryError::NotFound(Missing::Clip)),
        (Action::See, _) => Ok(()),
        (Action::NoteProgress, _) if member => Ok(()),
        (Action::NoteProgress, _) => Err(LibraryError::AccountNeeded),
        (Action::Play, _) if author || !kept_back => Ok(()),
        (Action::Play, _) => Err(LibraryError::StillRecording),
        (Action::Reply | Action::React, _) if muted => Err(LibraryError::MembersOnly),
        (Action::Reply | Action::React, _) => Ok(()),

        (Action::ChangeReply, Resource::Reply(_, reply)) if wrote(actor, reply) => {
            if muted {
                Err(LibraryError::MembersOnly)
            } else {
                Ok(())
            }
        }
        (Action::DeleteReply, Resource::Reply(_, reply)) if author || wrote(actor, reply) => Ok(()),
        (Action::ChangeReply | Action::DeleteReply, Resource::Reply(..)) => {
            Err(LibraryError::WriterOnly)
        }
        (Action::DeleteReaction, Resource::Reaction(_, reaction))
            if author || reacted(actor, reaction) =>
        {
            Ok(())
        }
        (Action::DeleteReaction, Resource::Reaction(..)) => Err(LibraryError::WriterOnly),
        _ => Err(LibraryError::NotFound(Missing::Clip)),
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::text::{PersonName, ReplyBody};
    use vignette_model::{
        ClipId, ClipKey, ErrorCode, Micros, PersonId, ReactionId, ReactionKind, RecordingId,
        ReplyId, Secret, Span, TakeId, UtcMicros,
    };

    use super::*;
    use crate::actor::{Person, Role, SessionId};
    use crate::store::{RecordingRow, SealState, UploadPhase};

    fn person(name: &str) -> Person {
        Person { id: PersonId::new(), name: PersonName::new(name).unwrap() }
    }

    fn clip(author: &Person, state: ClipState, live: bool) -> Clip {
        Clip {
            id: ClipId::new(),
            key: ClipKey::random(),
            author: author.id,
            author_name: author.name.to_string(),
            author_login: None,
            take: TakeId::new(),
            title: Default::default(),
            summary: Default::default(),
            live,
            guests: true,
            recorded_at: UtcMicros(0),
            recording: RecordingRow {
                id: RecordingId::new(),
                phase: match state {
                    ClipState::Recording => UploadPhase::Recording,
                    ClipState::Arriving => UploadPhase::Arriving,
                    ClipState::Interrupted => UploadPhase::Interrupted,
                    ClipState::Ready => {
                        UploadPhase::Complete { sha256: vignette_model::Sha256::of(b"") }
                    }
                },
                heard_at: UtcMicros(0),
                offset_bytes: 0,
                length_bytes: None,
                head: None,
                duration: Span::ZERO,
                seal: SealState::Unsealed,
            },
            by_upload: false,
            poster: false,
            replies: 0,
            repliers: Vec::new(),
            title_by: None,
            summary_by: None,
            transcript: None,
        }
    }

    fn reply(clip: &Clip, person: Option<&Person>, secret: Option<&Secret>) -> ReplyRow {
        ReplyRow {
            id: ReplyId::new(),
            clip: clip.id,
            parent: None,
            person: person.map(|person| person.id),
            name: "Somebody".to_owned(),
            login: None,
            secret: secret.map(Secret::hash),
            body: ReplyBody::new("Text").unwrap(),
            html: String::new(),
            anchor: None,
            created_at: UtcMicros(0),
            edited_at: None,
            place: String::new(),
        }
    }

    fn reaction(clip: &Clip, by: Reactor) -> ReactionRow {
        ReactionRow {
            id: ReactionId::new(),
            clip: clip.id,
            kind: ReactionKind::Heart,
            at: Micros::ZERO,
            by,
            name: None,
            created_at: UtcMicros(0),
        }
    }

    /// Every action by every kind of actor, on a clip that is ready.
    #[test]
    fn who_may_do_what() {
        use Action::{
            Append, Change, ChangeReply, Create, Delete, DeleteReaction, DeleteReply, List,
            NoteProgress, Play, React, Reply, See,
        };
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
        let (ok, sign_in, unknown, refused) =
            (None, Some(SignInNeeded), Some(NotFound), Some(NotAllowed));
        let to_clip = Resource::Clip(&clip);
        let (secret, other_secret) = (Secret::random("reply"), Secret::random("reply"));
        let by_bob = reply(&clip, Some(&bob), None);
        let by_guest = reply(&clip, None, Some(&secret));
        let bobs = Resource::Reply(&clip, &by_bob);
        let heart = reaction(&clip, Reactor::Person(bob.id));
        let bobs_heart = Resource::Reaction(&clip, &heart);
        #[rustfmt::skip]
        let table = [
            //                              nobody   other link viewer   member   author uploader other upload
            (Create, Resource::Library,    [sign_in, sign_in,   sign_in, ok,      ok,    sign_in, sign_in]),
            (List, Resource::Library,      [sign_in, sign_in,   sign_in, ok,      ok,    sign_in, sign_in]),
            (See, to_clip,                 [unknown, unknown,   ok,      ok,      ok,    unknown, unknown]),
            (Play, to_clip,                [unknown, unknown,   ok,      ok,      ok,    unknown, unknown]),
            (NoteProgress, to_clip,        [unknown, unknown,   sign_in, ok,      ok,    unknown, unknown]),
            (Reply, to_clip,               [unknown, unknown,   ok,      ok,      ok,    unknown, unknown]),
            (React, to_clip,               [unknown, unknown,   ok,      ok,      ok,    unknown, unknown]),
            (DeleteReaction, bobs_heart,   [unknown, unknown,   refused, ok,      ok,    unknown, unknown]),
            (ChangeReply, bobs,            [unknown, unknown,   refused, ok,      refused, unknown, unknown]),
            (DeleteReply, bobs,            [unknown, unknown,   refused, ok,      ok,    unknown, unknown]),
            (Change, to_clip,              [sign_in, sign_in,   sign_in, refused, ok,    sign_in, sign_in]),
            (Delete, to_clip,              [sign_in, sign_in,   sign_in, refused, ok,    sign_in, sign_in]),
            (Append, to_clip,              [unknown, unknown,   unknown, unknown, unknown, ok,    unknown]),
            // What is done to a reply is not done to a clip, and what is done to a clip not to the library.
            (ChangeReply, to_clip,         [unknown; 7]),
            (DeleteReaction, bobs,         [unknown; 7]),
            (DeleteReply, bobs_heart,      [unknown; 7]),
            (See, Resource::Library,       [unknown; 7]),
        ];
        for (action, resource, row) in table {
            for (actor, expected) in actors.iter().zip(row) {
                let answer = may(actor, action, resource).err().map(|error| error.code());
                assert_eq!(answer, expected, "{action:?} by {actor:?}");
            }
        }
        let guests = Resource::Reply(&clip, &by_guest);
        let heart = reaction(&clip, Reactor::Guest(secret.hash()));
        let guests_heart = Resource::Reaction(&clip, &heart);
        for (secret, expected) in [(secret, ok), (other_secret, refused)] {
            let guest = Actor::anonymous().with_link(clip.key.clone()).with_reply_secret(secret);
            let may_delete = may(&guest, DeleteReaction, guests_heart);
            assert_eq!(may_delete.err().map(|error| error.code()), expected);
            for action in [ChangeReply, DeleteReply] {
                assert_eq!(may(&guest, action, guests).err().map(|error| error.code()), expected);
            }
        }
    }

    /// Every action that decides who gets in, by every standing of every role.
    #[test]
    fn who_lets_whom_in() {
        use Action::{Create, Invite, KeepAccount, KeepTokens, List, ManageJobs, ManagePeople};
        use ErrorCode::{NotAllowed, PasswordNeeded, SignInNeeded};
        let session = |fresh| Standing::Session { id: SessionId(1), fresh };
        let standings = [Standing::Token, session(false), session(true), Standing::Host];
        let (ok, sign_in, refused, password) =
            (None, Some(SignInNeeded), Some(NotAllowed), Some(PasswordNeeded));
        #[rustfmt::skip]
        let table = [
            //              nobody    member by token, session, fresh,   host     admin by token, session, fresh, host
            (List,         [sign_in,  ok,       ok,       ok,      ok,       ok,      ok,       ok,      ok]),
            (Create,       [sign_in,  ok,       ok,       ok,      ok,       ok,      ok,       ok,      ok]),
            (KeepAccount,  [sign_in,  refused,  ok,       ok,      ok,       refused, ok,       ok,      ok]),
            (KeepTokens,   [sign_in,  refused,  password, ok,      ok,       refused, password, ok,      ok]),
            (Invite,       [sign_in,  refused,  refused,  refused, refused,  refused, password, ok,      ok]),
            (ManagePeople, [sign_in,  refused,  refused,  refused, refused,  refused, password, ok,      ok]),
            (ManageJobs,   [sign_in,  refused,  refused,  refused, refused,  refused, password, ok,      ok]),
        ];
        let ann = person("Ann");
        let by = |role: Role| {
            standings
                .map(|standing| Actor::member(ann.clone()).with_role(role).with_standing(standing))
        };
        let actors: Vec<Actor> = [Actor::anonymous()]
            .into_iter()
            .chain(by(Role::Member))
            .chain(by(Role::Admin))
            .collect();
        for (action, row) in table {
            for (actor, expected) in actors.iter().zip(row) {
                let answer = may(actor, action, Resource::Library).err().map(|error| error.code());
                assert_eq!(answer, expected, "{action:?} by {actor:?}");
            }
        }
        let nobody = Actor::anonymous().with_role(Role::Admin).with_standing(Standing::Host);
        assert!(may(&nobody, ManagePeople, Resource::Library).is_err(), "a role is somebody's");
    }

    #[test]
    fn guests_reply_where_the_author_lets_them() {
        let (ann, bob) = (person("Ann"), person("Bob"));
        let clip = Clip { guests: false, ..clip(&ann, ClipState::Ready, false) };
        let guest = Actor::anonymous().with_link(clip.key.clone());
        let secret = Secret::random("reply");
        let (by_guest, by_bob) =
            (reply(&clip, None, Some(&secret)), reply(&clip, Some(&bob), None));
        let guest = guest.with_reply_secret(secret);
        let said = |actor: &Actor, action| {
            let written = if actor.person().is_some() { &by_bob } else { &by_guest };
            may(actor, action, Resource::Reply(&clip, written)).err().map(|error| error.code())
        };
        for action in [Action::Reply, Action::React, Action::ChangeReply] {
            assert_eq!(said(&guest, action), Some(ErrorCode::SignInNeeded), "{action:?}");
            assert_eq!(said(&Actor::anonymous(), action), Some(ErrorCode::NotFound), "{action:?}");
            assert_eq!(said(&Actor::member(bob.clone()), action), None, "{action:?}");
        }
        for action in [Action::See, Action::Play, Action::DeleteReply] {
            assert_eq!(
                said(&guest, action),
                None,
                "{action:?}: what they wrote they may take back"
            );
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
            for actor in
                [Actor::anonymous().with_link(clip.key.clone()), Actor::member(bob.clone())]
            {
                let answer = may(&actor, Action::Play, Resource::Clip(&clip));
                assert_eq!(answer.is_ok(), open, "{state:?}, live {live}");
                assert!(answer.err().is_none_or(|error| error.code() == ErrorCode::Conflict));
                assert!(
                    may(&actor, Action::See, Resource::Clip(&clip)).is_ok(),
                    "that it is being recorded is no secret to a viewer"
                );
            }
            assert!(
                may(&Actor::member(ann.clone()), Action::Play, Resource::Clip(&clip)).is_ok(),
                "authors may look at their own"
            );
        }
    }
}
