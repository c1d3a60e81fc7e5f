//! Routes whose handlers check access first. A handler whose first argument is not [`Allowed`] (or
//! [`Public`]) does not compile, and neither does one that reads a body by another extractor than
//! those of [`payload`](super::payload), which are bounded.
//!
//! ```text
//! pub async fn change_clip(
//!     Allowed { requester, target: id }: Allowed<ById<Change>>,   // 401, 403, 404 before the body is read
//!     State(app): State<SharedApp>,
//!     FromJson(change): FromJson<ClipChange>,                     // bounded by the kind of sender
//! ) -> Result<Json<MemberClip>, ApiError>
//! ```

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, RawQuery, State};
use axum::handler::Handler;
use axum::http::{HeaderMap, Method};
use axum::middleware::from_fn;
use axum::routing::MethodRouter;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter, UtoipaMethodRouterExt as _};

use super::allowed::{Allowed, Guard, Public};
use super::payload::{FromForm, FromJson, FromJsonOrForm, RawBody};
use crate::app::SharedApp;
use crate::http::api_error::ApiError;
use crate::http::compression::compress;

/// A handler's first argument: the result of an access check.
#[diagnostic::on_unimplemented(
    message = "a handler's first argument checks access: `Allowed<…>`, or `Public` for files that are the same for all",
    note = "see `allowed.rs`; where a page redirects to the sign-in instead, take `Result<Allowed<…>, ApiError>`"
)]
pub(crate) trait AccessChecked {}
impl<G: Guard> AccessChecked for Allowed<G> {}
impl<G: Guard> AccessChecked for Result<Allowed<G>, ApiError> {}
impl AccessChecked for Public {}

/// A handler's other arguments: parts of the request's head, and bounded bodies.
#[diagnostic::on_unimplemented(
    message = "this extractor has no bound: read bodies by `FromJson`, `FromForm`, `FromJsonOrForm` or `RawBody` of `payload.rs`"
)]
pub(crate) trait BoundedInput {}
impl BoundedInput for State<SharedApp> {}
impl<T> BoundedInput for Query<T> {}
impl BoundedInput for RawQuery {}
impl BoundedInput for Method {}
impl BoundedInput for HeaderMap {}
impl<T, const MOST: usize> BoundedInput for FromJson<T, MOST> {}
impl<T> BoundedInput for FromForm<T> {}
impl<T> BoundedInput for FromJsonOrForm<T> {}
impl BoundedInput for RawBody {}
/// Read piece by piece by [`receive`](crate::http::body::receive), with limits.
impl BoundedInput for Body {}
impl BoundedInput for axum::extract::Path<String> {}

/// The arguments of a handler as a tuple, the first of which is axum's own marker.
#[diagnostic::on_unimplemented(
    message = "this handler does not check access first, or reads something without a bound"
)]
pub(crate) trait HandlerArguments {}

macro_rules! arguments {
    ($($part:ident),*) => {
        impl<M, First: AccessChecked, $($part: BoundedInput),*> HandlerArguments for (M, First, $($part,)*) {}
    };
}
arguments!();
arguments!(A);
arguments!(A, B);
arguments!(A, B, C);
arguments!(A, B, C, D);
arguments!(A, B, C, D, E);

/// Methods of one path whose handlers check access.
pub(crate) struct CheckedRoute(MethodRouter<SharedApp>);

/// `GET` (and `HEAD`).
pub(crate) fn get<H: Handler<T, SharedApp>, T: HandlerArguments + 'static>(
    handler: H,
) -> CheckedRoute {
    CheckedRoute(axum::routing::get(handler))
}

/// `POST`.
pub(crate) fn post<H: Handler<T, SharedApp>, T: HandlerArguments + 'static>(
    handler: H,
) -> CheckedRoute {
    CheckedRoute(axum::routing::post(handler))
}

impl CheckedRoute {
    /// And `POST`.
    #[must_use]
    pub(crate) fn post<H: Handler<T, SharedApp>, T: HandlerArguments + 'static>(
        self,
        handler: H,
    ) -> Self {
        Self(self.0.post(handler))
    }

    /// Compresses answers to `GET`, see [`compression`](crate::http::compression) for what must not be.
    #[must_use]
    pub(crate) fn compressed(self) -> Self {
        Self(self.0.layer(from_fn(compress)))
    }
}

/// Routes outside the API: pages, media, health checks.
#[derive(Default)]
pub(crate) struct PageRoutes(Router<SharedApp>);

impl PageRoutes {
    /// Adds a path.
    #[must_use]
    pub(crate) fn route(self, path: &str, methods: CheckedRoute) -> Self {
        Self(self.0.route(path, methods.0))
    }

    /// The routes as axum takes them.
    pub(crate) fn into_router(self) -> Router<SharedApp> {
        self.0
    }
}

/// Routes of the API, with their OpenAPI description.
pub(crate) struct ApiRoutes(OpenApiRouter<SharedApp>);

impl ApiRoutes {
    /// No routes yet.
    #[must_use]
    pub(crate) fn new(head: utoipa::openapi::OpenApi) -> Self {
        Self(OpenApiRouter::with_openapi(head))
    }

    /// Adds the paths that the handlers name: the result of [`checked!`](checked).
    #[must_use]
    pub(crate) fn routes(self, methods: CheckedApiRoute) -> Self {
        Self(self.0.routes(methods.0))
    }

    /// The routes as axum takes them, and their description.
    pub(crate) fn split(self) -> (Router<SharedApp>, utoipa::openapi::OpenApi) {
        self.0.split_for_parts()
    }
}

/// Methods of the API whose handlers check access. Made by [`checked!`](checked) alone.
pub(crate) struct CheckedApiRoute(UtoipaMethodRouter<SharedApp>);

impl CheckedApiRoute {
    #[doc(hidden)]
    pub(crate) fn of_checked(methods: UtoipaMethodRouter<SharedApp>) -> Self {
        Self(methods)
    }

    /// Compresses answers to `GET`, see [`compression`](crate::http::compression) for what must not be.
    #[must_use]
    pub(crate) fn compressed(self) -> Self {
        Self(self.0.layer(from_fn(compress)))
    }
}

#[doc(hidden)]
pub(crate) fn check<H: Handler<T, SharedApp>, T: HandlerArguments + 'static>(_: &H) {}

/// The methods of one path of the API, whose handlers check access.
macro_rules! checked {
    ($($handler:path),+ $(,)?) => {{
        $($crate::access::handlers::check(&$handler);)+
        $crate::access::handlers::CheckedApiRoute::of_checked(utoipa_axum::routes!($($handler),+))
    }};
}
pub(crate) use checked;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::allowed::{Anyone, ByLink, See};

    /// Does not compile if `T` can be the arguments of a handler: `name` is ambiguous then.
    macro_rules! refused {
        ($($arguments:ty),* $(,)?) => { $({
            trait Ambiguous<Marker> { fn name() {} }
            impl<T> Ambiguous<()> for T {}
            impl<T: HandlerArguments> Ambiguous<u8> for T {}
            let _ = <$arguments as Ambiguous<_>>::name;
        })* };
    }

    fn taken<T: HandlerArguments>() {}

    #[test]
    fn a_handler_checks_access_first() {
        type Mark = ();
        taken::<(Mark, Allowed<ByLink<See>>, State<SharedApp>)>();
        taken::<(Mark, Allowed<Anyone>, State<SharedApp>, FromForm<()>)>();
        taken::<(Mark, Public)>();
        refused!(
            (Mark,),
            (Mark, State<SharedApp>),
            (Mark, State<SharedApp>, Allowed<Anyone>),
            (Mark, FromJson<()>),
            (Mark, Allowed<Anyone>, axum::Json<()>),
            (Mark, Allowed<Anyone>, axum::Form<()>),
            (Mark, Allowed<Anyone>, bytes::Bytes),
            (Mark, Allowed<Anyone>, axum::extract::Request),
        );
    }
}
