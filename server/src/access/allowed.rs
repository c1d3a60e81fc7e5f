//! [`Allowed`]: access is decided before the body is read. A route names in its type what it lets
//! people do; it is refused (`401`, `403`, `404`, `429`) from the request line and headers alone.
//!
//! ```text
//! Allowed<ById<Change>>       /api/v1/clips/{id}            target: ClipId
//! Allowed<ByLink<Play>>       /c/{key}                      target: ClipKey
//! Allowed<ByReply<Rewrite>>   /c/{key}/replies/{reply}      target: (ClipKey, ReplyId)
//! Allowed<ByReaction>         /c/{key}/reactions/{reaction} target: (ClipKey, ReactionId)
//! Allowed<ByUpload>           /api/v1/uploads/{upload}      target: UploadAccess
//! Allowed<InLibrary<List>>    what concerns no one clip     target: ()
//! Allowed<OnceConfirmed<…>>   what asks for the password    target: ()
//! Allowed<RateLimited<…>>     passwords, codes, set-up      target: ()
//! Allowed<Anyone>             pages like the sign-in        target: ()
//! Public                      files that are the same for all
//! ```
//!
//! [`handlers`](super::handlers) makes every handler begin with one of these.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use vignette_library::{Action, LibraryError, Resource, may};
use vignette_model::{ClipId, ClipKey, ErrorCode, PersonId, ReactionId, ReplyId, Secret};

use super::credentials;
use super::requester::{PathParam, PathParams, Requester, client_of};
use crate::app::SharedApp;
use crate::http::api_error::ApiError;
use crate::http::body_budget::{BodyOwner, BodySender, SenderKind};
use crate::http::peer::RateLimitKey;
use crate::http::rate_limit::Purpose;

/// A requester who may do what `G` checks.
pub(crate) struct Allowed<G: Guard> {
    /// Who.
    pub requester: Requester,
    /// What the path names.
    pub target: G::Target,
}

/// A check of access before the body is read.
pub(crate) trait Guard: Send + 'static {
    /// What the path names.
    type Target: Send;
    /// The rate limit that a request counts against, if any.
    const RATE_LIMIT: Option<Purpose> = None;
    /// Whether the path contains a secret that gives access like an account does. Requests with a
    /// valid one are not throttled.
    const SECRET_IN_PATH: bool = false;

    /// Allows or refuses the request.
    fn check(
        app: &SharedApp,
        requester: &Requester,
        parts: &mut Parts,
    ) -> impl Future<Output = Result<Self::Target, ApiError>> + Send;

    /// Whose share of the body budget the request's body uses.
    fn body_sender(requester: &Requester, target: &Self::Target) -> BodySender;
}

impl<G: Guard> FromRequestParts<SharedApp> for Allowed<G> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, ApiError> {
        let requester = Requester::from_request_parts(parts, app).await?;
        let anonymous = requester.actor.person().is_none();
        if anonymous && !G::SECRET_IN_PATH {
            app.throttle(requester.address).await?;
        }
        let checked = G::check(app, &requester, parts).await;
        if anonymous && G::SECRET_IN_PATH && checked.is_err() {
            app.throttle(requester.address).await?;
        }
        let target = checked?;
        if let Some(purpose) = G::RATE_LIMIT {
            requester.check_rate_limit(app, purpose)?;
        }
        parts.extensions.insert(G::body_sender(&requester, &target));
        Ok(Self { requester, target })
    }
}

/// `None` if the request was refused because it needs a sign-in: a page redirects there instead.
///
/// # Errors
/// A refusal for another reason.
pub(crate) fn signed_in<G: Guard>(
    allowed: Result<Allowed<G>, ApiError>,
) -> Result<Option<Allowed<G>>, ApiError> {
    match allowed {
        Err(error) if error.needs_account() => Ok(None),
        other => other.map(Some),
    }
}

/// No access check, and no body: files that are the same for everybody.
pub(crate) struct Public;

impl FromRequestParts<SharedApp> for Public {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, ApiError> {
        app.throttle(client_of(parts, app)?).await?;
        Ok(Self)
    }
}

/// An [`Action`] as a type.
pub(crate) trait ActionType: Send + 'static {
    /// The action.
    const ACTION: Action;
    /// The rate limit that it counts against without an account.
    const RATE_LIMIT: Option<Purpose> = None;
}

macro_rules! action_types {
    ($($name:ident $(limited as $purpose:ident)?),* $(,)?) => { $(
        #[doc = concat!("[`Action::", stringify!($name), "`] as a type.")]
        pub(crate) enum $name {}
        impl ActionType for $name {
            const ACTION: Action = Action::$name;
            $(const RATE_LIMIT: Option<Purpose> = Some(Purpose::$purpose);)?
        }
    )* };
}
action_types!(
    Create,
    List,
    ManagePeople,
    KeepTokens,
    KeepAccount,
    See,
    Play,
    NoteProgress,
    Reply limited as Reply,
    React limited as React,
    Change,
    Delete,
);

/// The person, if the requester has an account; else the client's address.
fn body_sender(requester: &Requester, without_account: SenderKind) -> BodySender {
    match requester.actor.person() {
        Some(person) => {
            BodySender { kind: SenderKind::Member, owner: BodyOwner::Person(person.id) }
        }
        None => {
            let owner = BodyOwner::Address(RateLimitKey::of(requester.address));
            BodySender { kind: without_account, owner }
        }
    }
}

/// Anyone at all. The handler checks what the body says.
pub(crate) struct Anyone;

impl Guard for Anyone {
    type Target = ();

    async fn check(_: &SharedApp, _: &Requester, _: &mut Parts) -> Result<(), ApiError> {
        Ok(())
    }

    fn body_sender(requester: &Requester, _: &()) -> BodySender {
        body_sender(requester, SenderKind::Anonymous)
    }
}

/// Anyone, up to a number of attempts a minute.
pub(crate) struct RateLimited<P>(PhantomData<P>);

/// A [`Purpose`] as a type.
pub(crate) trait PurposeType: Send + 'static {
    /// The purpose.
    const PURPOSE: Purpose;
}

/// [`Purpose::SignIn`] as a type.
pub(crate) enum SignInAttempt {}
/// [`Purpose::SetUp`] as a type.
pub(crate) enum SetUp {}
/// [`Purpose::Exchange`] as a type.
pub(crate) enum Exchange {}

impl PurposeType for SignInAttempt {
    const PURPOSE: Purpose = Purpose::SignIn;
}
impl PurposeType for SetUp {
    const PURPOSE: Purpose = Purpose::SetUp;
}
impl PurposeType for Exchange {
    const PURPOSE: Purpose = Purpose::Exchange;
}

impl<P: PurposeType> Guard for RateLimited<P> {
    type Target = ();
    const RATE_LIMIT: Option<Purpose> = Some(P::PURPOSE);

    async fn check(_: &SharedApp, _: &Requester, _: &mut Parts) -> Result<(), ApiError> {
        Ok(())
    }

    fn body_sender(requester: &Requester, _: &()) -> BodySender {
        body_sender(requester, SenderKind::Anonymous)
    }
}

/// Those who may do `A` in the library.
pub(crate) struct InLibrary<A>(PhantomData<A>);

impl<A: ActionType> Guard for InLibrary<A> {
    type Target = ();

    async fn check(_: &SharedApp, requester: &Requester, _: &mut Parts) -> Result<(), ApiError> {
        Ok(may(&requester.actor, A::ACTION, Resource::Library)?)
    }

    fn body_sender(requester: &Requester, _: &()) -> BodySender {
        body_sender(requester, SenderKind::Anonymous)
    }
}

/// Those who may do `A` in the library after confirming their password, which the handler asks for.
pub(crate) struct OnceConfirmed<A>(PhantomData<A>);

impl<A: ActionType> Guard for OnceConfirmed<A> {
    type Target = ();

    async fn check(_: &SharedApp, requester: &Requester, _: &mut Parts) -> Result<(), ApiError> {
        match may(&requester.actor, A::ACTION, Resource::Library) {
            Ok(()) | Err(LibraryError::PasswordNeeded) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn body_sender(requester: &Requester, _: &()) -> BodySender {
        body_sender(requester, SenderKind::Anonymous)
    }
}

/// Those who may do `A` to the clip whose id is in the path.
pub(crate) struct ById<A>(PhantomData<A>);

impl<A: ActionType> Guard for ById<A> {
    type Target = ClipId;

    async fn check(
        app: &SharedApp,
        requester: &Requester,
        parts: &mut Parts,
    ) -> Result<ClipId, ApiError> {
        // Without an account the answer is 401, whatever the path says.
        may(&requester.actor, Action::List, Resource::Library)?;
        let PathParam(id) = PathParam::from_request_parts(parts, app).await?;
        app.library.allow_by_id(&requester.actor, id, A::ACTION).await?;
        Ok(id)
    }

    fn body_sender(requester: &Requester, _: &ClipId) -> BodySender {
        body_sender(requester, SenderKind::Anonymous)
    }
}

/// Those who may do `A` to the clip whose key is in the path.
pub(crate) struct ByLink<A>(PhantomData<A>);

impl<A: ActionType> Guard for ByLink<A> {
    type Target = ClipKey;
    const RATE_LIMIT: Option<Purpose> = A::RATE_LIMIT;

    async fn check(
        app: &SharedApp,
        requester: &Requester,
        parts: &mut Parts,
    ) -> Result<ClipKey, ApiError> {
        let PathParam(key) = PathParam::from_request_parts(parts, app).await?;
        app.library.allow_by_key(&requester.actor, &key, A::ACTION).await?;
        Ok(key)
    }

    fn body_sender(requester: &Requester, _: &ClipKey) -> BodySender {
        body_sender(requester, SenderKind::Guest)
    }
}

/// Those who may do `A` to the reply in the path.
pub(crate) struct ByReply<A>(PhantomData<A>);

/// What is done to a reply; the action depends on whether the requester wrote it.
pub(crate) trait ReplyActionType: Send + 'static {
    /// The rate limit that it counts against without an account.
    const RATE_LIMIT: Option<Purpose>;
    /// The action.
    const ACTION: Action;
}

/// [`Action::ChangeReply`] as a type.
pub(crate) enum Rewrite {}
/// [`Action::DeleteReply`] as a type.
pub(crate) enum Remove {}

impl ReplyActionType for Rewrite {
    const RATE_LIMIT: Option<Purpose> = Some(Purpose::Reply);
    const ACTION: Action = Action::ChangeReply;
}
impl ReplyActionType for Remove {
    const RATE_LIMIT: Option<Purpose> = None;
    const ACTION: Action = Action::DeleteReply;
}

impl<A: ReplyActionType> Guard for ByReply<A> {
    type Target = (ClipKey, ReplyId);
    const RATE_LIMIT: Option<Purpose> = A::RATE_LIMIT;

    async fn check(
        app: &SharedApp,
        requester: &Requester,
        parts: &mut Parts,
    ) -> Result<Self::Target, ApiError> {
        let PathParams(key, reply) = PathParams::from_request_parts(parts, app).await?;
        app.library.allow_reply(&requester.actor, &key, reply, A::ACTION).await?;
        Ok((key, reply))
    }

    fn body_sender(requester: &Requester, _: &Self::Target) -> BodySender {
        body_sender(requester, SenderKind::Guest)
    }
}

/// Those who may take away the reaction in the path.
pub(crate) struct ByReaction;

impl Guard for ByReaction {
    type Target = (ClipKey, ReactionId);

    async fn check(
        app: &SharedApp,
        requester: &Requester,
        parts: &mut Parts,
    ) -> Result<Self::Target, ApiError> {
        let PathParams(key, reaction) = PathParams::from_request_parts(parts, app).await?;
        app.library.allow_reaction(&requester.actor, &key, reaction).await?;
        Ok((key, reaction))
    }

    fn body_sender(requester: &Requester, _: &Self::Target) -> BodySender {
        body_sender(requester, SenderKind::Guest)
    }
}

/// Those who have the secret of the upload, which is in the path.
pub(crate) struct ByUpload;

impl Guard for ByUpload {
    type Target = UploadAccess;
    const SECRET_IN_PATH: bool = true;

    async fn check(
        app: &SharedApp,
        _: &Requester,
        parts: &mut Parts,
    ) -> Result<UploadAccess, ApiError> {
        let unknown = || ApiError::new(ErrorCode::NotFound, "There is no such upload.");
        let PathParam(text) = PathParam::<String>::from_request_parts(parts, app).await?;
        let secret = credentials::secret(&text).ok_or_else(unknown)?;
        let author = app.library.uploader(&secret).await?;
        Ok(UploadAccess { secret, author })
    }

    fn body_sender(_: &Requester, upload: &UploadAccess) -> BodySender {
        UploadAccess::body_sender_of(upload.author)
    }
}

/// Access to an upload.
pub(crate) struct UploadAccess {
    /// Its secret.
    pub secret: Secret,
    /// The author of the clip that it fills.
    pub author: PersonId,
}

impl UploadAccess {
    /// The uploads of one author share one budget, however many there are.
    #[must_use]
    pub(crate) fn body_sender_of(author: PersonId) -> BodySender {
        BodySender { kind: SenderKind::Upload, owner: BodyOwner::Person(author) }
    }
}
