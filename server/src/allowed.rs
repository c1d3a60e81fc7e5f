//! [`Allowed`]: who asks is decided before what is asked is read. A route names in its type what it lets people do; the
//! answer (`401`, `403`, `404`, `429`) is given from the request's line and headers alone, before a byte of its body is taken.
//!
//! ```text
//! Allowed<ById<Change>>       /api/v1/clips/{id}            of: ClipId
//! Allowed<ByLink<Play>>       /c/{key}                      of: ClipKey
//! Allowed<ToReply<Rewrite>>   /c/{key}/replies/{reply}      of: (ClipKey, ReplyId)
//! Allowed<ByUpload>           /api/v1/uploads/{upload}      of: Upload
//! Allowed<InLibrary<List>>    what concerns no one clip     of: ()
//! Allowed<OnceConfirmed<…>>   what asks for the password    of: ()
//! Allowed<Anybody>            sign-in and the like          of: ()
//! Open                        what asks nobody (assets)
//! ```
//!
//! [`gate`](crate::gate) sees to it that every handler begins with one of these.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use vignette_library::Action;
use vignette_model::{ClipId, ClipKey, ErrorCode, PersonId, ReplyId, Secret};

use crate::app::Shared;
use crate::asker::{Asker, At, AtBoth, peer_of};
use crate::headers;
use crate::payload::{Kind, Sender, Who};
use crate::peer::household;
use crate::rate::Purpose;
use crate::refusal::Refusal;

/// Whoever asks, and may do what `D` says.
pub struct Allowed<D: Door> {
    /// Who.
    pub asker: Asker,
    /// What the path names.
    pub of: D::Of,
}

/// What somebody has to be allowed before a request of theirs is read.
pub trait Door: Send + 'static {
    /// What the path names.
    type Of: Send;
    /// What is counted against whoever asks, if anything.
    const COUNTED: Option<Purpose> = None;
    /// Whether what the path names opens by itself, as an account does: whoever has it waits for nobody.
    const OPENS_BY_ITSELF: bool = false;

    /// Lets in or refuses.
    fn open(app: &Shared, asker: &Asker, parts: &mut Parts) -> impl Future<Output = Result<Self::Of, Refusal>> + Send;

    /// Whose bytes a body is made of, which says how much of it is taken.
    fn sender(asker: &Asker, of: &Self::Of) -> Sender;
}

impl<D: Door> FromRequestParts<Shared> for Allowed<D> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Refusal> {
        let asker = Asker::from_request_parts(parts, app).await?;
        let anybody = asker.actor.person().is_none();
        if anybody && !D::OPENS_BY_ITSELF {
            app.wait_for_turn(asker.peer).await?;
        }
        let opened = D::open(app, &asker, parts).await;
        if anybody && D::OPENS_BY_ITSELF && opened.is_err() {
            app.wait_for_turn(asker.peer).await?;
        }
        let of = opened?;
        if let Some(purpose) = D::COUNTED {
            app.count_try(purpose, &asker)?;
        }
        parts.extensions.insert(D::sender(&asker, &of));
        Ok(Self { asker, of })
    }
}

/// Whoever has an account, or `None` for a page to lead them to the sign-in instead of refusing.
///
/// # Errors
/// What was refused for another reason.
pub fn signed_in<D: Door>(asked: Result<Allowed<D>, Refusal>) -> Result<Option<Allowed<D>>, Refusal> {
    match asked {
        Err(refusal) if refusal.problem().code == ErrorCode::SignInNeeded => Ok(None),
        other => other.map(Some),
    }
}

/// Nobody is asked for and nothing of a body is read: files that are the same for all.
pub struct Open;

impl FromRequestParts<Shared> for Open {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Refusal> {
        app.wait_for_turn(peer_of(parts, app)?).await?;
        Ok(Self)
    }
}

/// An [`Action`] as a type.
pub trait Act: Send + 'static {
    /// Which.
    const ACTION: Action;
    /// What is counted against whoever does it without an account.
    const COUNTED: Option<Purpose> = None;
}

macro_rules! acts {
    ($($name:ident $(counted as $purpose:ident)?),* $(,)?) => { $(
        #[doc = concat!("[`Action::", stringify!($name), "`] as a type.")]
        pub enum $name {}
        impl Act for $name {
            const ACTION: Action = Action::$name;
            $(const COUNTED: Option<Purpose> = Some(Purpose::$purpose);)?
        }
    )* };
}
acts!(Create, List, ManagePeople, KeepTokens, KeepAccount, See, Play, Reply counted as Reply, Change, Delete);

/// Whoever has an account, or a link, or neither: with this household.
fn sender(asker: &Asker, without_account: Kind) -> Sender {
    match asker.actor.person() {
        Some(person) => Sender { kind: Kind::Member, who: Who::Person(person.id) },
        None => Sender { kind: without_account, who: Who::Household(household(asker.peer)) },
    }
}

/// Anybody at all. What they send is small, and what it opens is asked of it.
pub struct Anybody;

impl Door for Anybody {
    type Of = ();

    async fn open(_: &Shared, _: &Asker, _: &mut Parts) -> Result<(), Refusal> {
        Ok(())
    }

    fn sender(asker: &Asker, _: &()) -> Sender {
        sender(asker, Kind::Nobody)
    }
}

/// Anybody, a number of times a minute.
pub struct Trying<P>(PhantomData<P>);

/// A [`Purpose`] as a type.
pub trait Try: Send + 'static {
    /// Which.
    const PURPOSE: Purpose;
}

/// [`Purpose::SignIn`] as a type.
pub enum SignIn {}
/// [`Purpose::SetUp`] as a type.
pub enum SetUp {}
/// [`Purpose::Exchange`] as a type.
pub enum Exchange {}

impl Try for SignIn {
    const PURPOSE: Purpose = Purpose::SignIn;
}
impl Try for SetUp {
    const PURPOSE: Purpose = Purpose::SetUp;
}
impl Try for Exchange {
    const PURPOSE: Purpose = Purpose::Exchange;
}

impl<P: Try> Door for Trying<P> {
    type Of = ();
    const COUNTED: Option<Purpose> = Some(P::PURPOSE);

    async fn open(_: &Shared, _: &Asker, _: &mut Parts) -> Result<(), Refusal> {
        Ok(())
    }

    fn sender(asker: &Asker, _: &()) -> Sender {
        sender(asker, Kind::Nobody)
    }
}

/// Those who may do `A` in the library.
pub struct InLibrary<A>(PhantomData<A>);

impl<A: Act> Door for InLibrary<A> {
    type Of = ();

    async fn open(_: &Shared, asker: &Asker, _: &mut Parts) -> Result<(), Refusal> {
        Ok(vignette_library::may(&asker.actor, A::ACTION, None)?)
    }

    fn sender(asker: &Asker, _: &()) -> Sender {
        sender(asker, Kind::Nobody)
    }
}

/// Those who may do `A` in the library once they have typed their password again: the route asks for that itself.
pub struct OnceConfirmed<A>(PhantomData<A>);

impl<A: Act> Door for OnceConfirmed<A> {
    type Of = ();

    async fn open(_: &Shared, asker: &Asker, _: &mut Parts) -> Result<(), Refusal> {
        match vignette_library::may(&asker.actor, A::ACTION, None) {
            Err(problem) if problem.code != ErrorCode::PasswordNeeded => Err(problem.into()),
            _ => Ok(()),
        }
    }

    fn sender(asker: &Asker, _: &()) -> Sender {
        sender(asker, Kind::Nobody)
    }
}

/// Those who may do `A` to the clip whose id is in the path.
pub struct ById<A>(PhantomData<A>);

impl<A: Act> Door for ById<A> {
    type Of = ClipId;

    async fn open(app: &Shared, asker: &Asker, parts: &mut Parts) -> Result<ClipId, Refusal> {
        // Whoever has no account learns that first, whatever the path says.
        vignette_library::may(&asker.actor, Action::List, None)?;
        let At(id) = At::from_request_parts(parts, app).await?;
        app.library.allow_by_id(&asker.actor, id, A::ACTION).await?;
        Ok(id)
    }

    fn sender(asker: &Asker, _: &ClipId) -> Sender {
        sender(asker, Kind::Nobody)
    }
}

/// Those who may do `A` to the clip whose key is in the path.
pub struct ByLink<A>(PhantomData<A>);

impl<A: Act> Door for ByLink<A> {
    type Of = ClipKey;
    const COUNTED: Option<Purpose> = A::COUNTED;

    async fn open(app: &Shared, asker: &Asker, parts: &mut Parts) -> Result<ClipKey, Refusal> {
        let At(key) = At::from_request_parts(parts, app).await?;
        app.library.allow_by_key(&asker.actor, &key, A::ACTION).await?;
        Ok(key)
    }

    fn sender(asker: &Asker, _: &ClipKey) -> Sender {
        sender(asker, Kind::Guest)
    }
}

/// Those who may do `A` to the reply in the path.
pub struct ToReply<A>(PhantomData<A>);

/// What is done to a reply, given whether whoever asks wrote it.
pub trait ReplyAct: Send + 'static {
    /// What is counted against whoever does it without an account.
    const COUNTED: Option<Purpose>;
    /// Which.
    fn action(mine: bool) -> Action;
}

/// [`Action::ChangeReply`] as a type.
pub enum Rewrite {}
/// [`Action::DeleteReply`] as a type.
pub enum Remove {}

impl ReplyAct for Rewrite {
    const COUNTED: Option<Purpose> = Some(Purpose::Reply);

    fn action(mine: bool) -> Action {
        Action::ChangeReply { mine }
    }
}
impl ReplyAct for Remove {
    const COUNTED: Option<Purpose> = None;

    fn action(mine: bool) -> Action {
        Action::DeleteReply { mine }
    }
}

impl<A: ReplyAct> Door for ToReply<A> {
    type Of = (ClipKey, ReplyId);
    const COUNTED: Option<Purpose> = A::COUNTED;

    async fn open(app: &Shared, asker: &Asker, parts: &mut Parts) -> Result<Self::Of, Refusal> {
        let AtBoth(key, reply) = AtBoth::from_request_parts(parts, app).await?;
        app.library.allow_reply(&asker.actor, &key, reply, A::action).await?;
        Ok((key, reply))
    }

    fn sender(asker: &Asker, _: &Self::Of) -> Sender {
        sender(asker, Kind::Guest)
    }
}

/// Whoever has the secret of an upload, which is in the path.
pub struct ByUpload;

impl Door for ByUpload {
    type Of = Upload;
    const OPENS_BY_ITSELF: bool = true;

    async fn open(app: &Shared, _: &Asker, parts: &mut Parts) -> Result<Upload, Refusal> {
        let unknown = || Refusal::new(ErrorCode::NotFound, "There is no such upload.");
        let At(text) = At::<String>::from_request_parts(parts, app).await?;
        let upload = headers::secret(&text).ok_or_else(unknown)?;
        let author = app.library.uploader(&upload).await?;
        Ok(Upload { secret: upload, author })
    }

    fn sender(_: &Asker, upload: &Upload) -> Sender {
        Upload::sender_of(upload.author)
    }
}

/// An upload, and whose it is.
pub struct Upload {
    /// What opens it.
    pub secret: Secret,
    /// Whose clip it fills.
    pub author: PersonId,
}

impl Upload {
    /// Whose bytes the uploads of somebody's clips are made of: theirs, who have no more room for many than for one.
    #[must_use]
    pub fn sender_of(author: PersonId) -> Sender {
        Sender { kind: Kind::Upload, who: Who::Person(author) }
    }
}
