//! Who may do what: an [`Actor`] holds things, an [`Action`] is asked for, [`may`] decides. Nothing else does.

use vignette_model::api::ClipState;
use vignette_model::transcript::Origin;
use vignette_model::{ClipId, ClipKey, ErrorCode, Problem, Secret};

use crate::people::{Person, Role, SessionId};
use crate::store::Clip;

/// By what somebody with an account is known to be who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// A token: a program speaks in their place, and may have been stolen with the computer it is on.
    #[default]
    Token,
    /// A session: a browser in which they typed their password.
    Session {
        /// Which.
        id: SessionId,
        /// Whether they typed it in the last ten minutes.
        fresh: bool,
    },
    /// They hold the library's folder, and could do as they like: its commands, or the recorder in whose process it runs.
    Host,
}

/// Whoever asks, as the things they hold: an account, a clip's link, a clip's upload secret, a reply's secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    person: Option<Person>,
    role: Role,
    standing: Standing,
    link: Option<ClipKey>,
    upload: Option<ClipId>,
    reply: Option<Secret>,
}

impl Actor {
    /// Holds nothing.
    #[must_use]
    pub fn nobody() -> Self {
        Self::default()
    }

    /// Signed in as `person`, with the least that shows it: by a token, without a role beyond a member's.
    #[must_use]
    pub fn member(person: Person) -> Self {
        Self { person: Some(person), ..Self::default() }
    }

    /// The same, known by more than a token.
    #[must_use]
    pub fn with_standing(mut self, standing: Standing) -> Self {
        self.standing = standing;
        self
    }

    /// The same in another role.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// The same, who also presents the secret of a reply they wrote as a guest.
    #[must_use]
    pub fn with_reply_secret(mut self, secret: Secret) -> Self {
        self.reply = Some(secret);
        self
    }

    /// The same, who came by a clip's link.
    #[must_use]
    pub fn with_link(mut self, key: ClipKey) -> Self {
        self.link = Some(key);
        self
    }

    /// Whoever holds the upload secret of a clip: the library has found it by the secret's hash.
    #[cfg_attr(not(test), expect(dead_code, reason = "the row that an upload's secret opens is all it may add to: tested here"))]
    pub(crate) fn uploader(clip: ClipId) -> Self {
        Self { upload: Some(clip), ..Self::default() }
    }

    /// Who they are, if they are signed in.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        self.person.as_ref()
    }

    /// By what they are known, if they are signed in.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// The session they are signed in with, if it is one.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        match self.standing {
            Standing::Session { id, .. } => Some(id),
            Standing::Token | Standing::Host => None,
        }
    }

    /// Whether they look after the library.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.person.is_some() && self.role == Role::Admin
    }

    /// The secret of a reply that they present.
    pub(crate) fn reply_secret(&self) -> Option<&Secret> {
        self.reply.as_ref()
    }
}

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

fn sign_in_needed() -> Problem {
    Problem::new(ErrorCode::SignInNeeded, "This needs an account in the library.")
}

fn not_found() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is no such clip.")
}

fn not_allowed(message: &str) -> Problem {
    Problem::new(ErrorCode::NotAllowed, message)
}

/// Whether somebody is there themselves and typed their password lately: a token never is, so that a stolen one neither
/// outlives its end nor lets anybody in.
fn confirmed(actor: &Actor) -> Result<(), Problem> {
    match actor.standing {
        Standing::Token => present(actor),
        Standing::Session { fresh: false, .. } => {
            Err(Problem::new(ErrorCode::PasswordNeeded, "This asks for a password that was typed in the last ten minutes."))
        }
        Standing::Session { fresh: true, .. } | Standing::Host => Ok(()),
    }
}

/// Whether somebody is there themselves, rather than a program in their place.
fn present(actor: &Actor) -> Result<(), Problem> {
    match actor.standing {
        Standing::Token => {
            Err(not_allowed("A token cannot do this.").with_help("Sign in to the library with a browser and do it there."))
        }
        Standing::Session { .. } | Standing::Host => Ok(()),
    }
}

fn admin(actor: &Actor) -> Result<(), Problem> {
    if actor.is_admin() { Ok(()) } else { Err(not_allowed("Only an administrator of the library can do this.")) }
}

/// Whether `actor` may do `action`, to `clip` where one is concerned.
///
/// A link shows one clip and lets its viewers reply, unless its author takes replies of members only; nothing else. Those with
/// an account see every clip of the library and make their own. Only its author changes or deletes a clip; only its upload secret adds to it. What decides who gets in
/// asks for more than an account: for a person at a browser, and where it opens anything, a password typed lately.
///
/// # Errors
/// The [`Problem`] to show if not. Whoever may not even know of the clip gets `not_found`.
pub fn may(actor: &Actor, action: Action, clip: Option<&Clip>) -> Result<(), Problem> {
    let member = actor.person.is_some();
    let author = clip.is_some_and(|clip| actor.person.as_ref().is_some_and(|person| person.id == clip.author));
    let viewer = member || clip.is_some_and(|clip| actor.link.as_ref() == Some(&clip.key));
    let uploader = clip.is_some_and(|clip| actor.upload == Some(clip.id));
    let kept_back = clip.is_some_and(|clip| clip.state() == ClipState::Recording && !clip.live);
    let muted = !member && clip.is_some_and(|clip| !clip.guests);
    match action {
        Action::Create | Action::List if member => Ok(()),
        Action::KeepAccount if member => present(actor),
        Action::KeepTokens if member => confirmed(actor),
        Action::Invite | Action::ManagePeople if member => admin(actor).and_then(|()| confirmed(actor)),
        Action::Create | Action::List | Action::KeepAccount | Action::KeepTokens | Action::Invite | Action::ManagePeople => {
            Err(sign_in_needed())
        }

        _ if clip.is_none() => Err(not_found()),
        Action::Append if uploader => Ok(()),
        Action::Append => Err(not_found()),

        Action::Change | Action::Delete if author => Ok(()),
        Action::Change | Action::Delete if member => Err(not_allowed("Only its author can do this to a clip.")),
        Action::Change | Action::Delete => Err(sign_in_needed()),

        _ if !viewer => Err(not_found()),
        Action::Play if author || !kept_back => Ok(()),
        Action::Play => Err(Problem::new(ErrorCode::Conflict, "This clip is still being recorded.")
            .with_help("It can be watched as soon as the recording stops.")),
        Action::Reply | Action::ChangeReply { mine: true } if muted => {
            Err(Problem::new(ErrorCode::SignInNeeded, "Only members can reply to this clip.")
                .with_help("Sign in, or ask its author to let guests reply."))
        }
        Action::See | Action::Reply => Ok(()),
        Action::ChangeReply { mine: true } | Action::DeleteReply { mine: true } => Ok(()),
        Action::DeleteReply { mine: false } if author => Ok(()),
        Action::ChangeReply { .. } | Action::DeleteReply { .. } => Err(not_allowed("Somebody else wrote this reply.")
            .with_help("Its writer can change it; the clip's author can delete it.")),
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::text::PersonName;
    use vignette_model::{Micros, PersonId, TakeId, UtcMicros};

    use super::*;
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
        let viewer = Actor::nobody().with_link(clip.key.clone());
        let other_link = Actor::nobody().with_link(ClipKey::random());
        let actors = [
            Actor::nobody(),
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
                let answer = may(actor, action, Some(&clip)).err().map(|problem| problem.code);
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
        let actors: Vec<Actor> = [Actor::nobody()].into_iter().chain(by(Role::Member)).chain(by(Role::Admin)).collect();
        for (action, row) in table {
            for (actor, expected) in actors.iter().zip(row) {
                let answer = may(actor, action, None).err().map(|problem| problem.code);
                assert_eq!(answer, expected, "{action:?} by {actor:?}");
            }
        }
        let nobody = Actor::nobody().with_role(Role::Admin).with_standing(Standing::Host);
        assert!(may(&nobody, ManagePeople, None).is_err(), "a role is somebody's");
    }

    #[test]
    fn guests_reply_where_the_author_lets_them() {
        let (ann, bob) = (person("Ann"), person("Bob"));
        let clip = Clip { guests: false, ..clip(&ann, ClipState::Ready, false) };
        let guest = Actor::nobody().with_link(clip.key.clone());
        let said = |actor: &Actor, action| may(actor, action, Some(&clip)).err().map(|problem| problem.code);
        for action in [Action::Reply, Action::ChangeReply { mine: true }] {
            assert_eq!(said(&guest, action), Some(ErrorCode::SignInNeeded), "{action:?}");
            assert_eq!(said(&Actor::nobody(), action), Some(ErrorCode::NotFound), "{action:?}");
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
            for actor in [Actor::nobody().with_link(clip.key.clone()), Actor::member(bob.clone())] {
                let answer = may(&actor, Action::Play, Some(&clip));
                assert_eq!(answer.is_ok(), open, "{state:?}, live {live}");
                assert!(answer.err().is_none_or(|problem| problem.code == ErrorCode::Conflict));
                assert!(may(&actor, Action::See, Some(&clip)).is_ok(), "that it is being recorded is no secret to a viewer");
            }
            assert!(may(&Actor::member(ann.clone()), Action::Play, Some(&clip)).is_ok(), "authors may look at their own");
        }
    }
}
