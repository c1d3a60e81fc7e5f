//! The gate: routes whose handlers say first who may ask. A handler that does not begin with an
//! [`Allowed`] (or [`Open`]) does not compile, and neither does one that reads a
//! body in another way than those of [`payload`](crate::payload), which are bounded.
//!
//! ```text
//! pub async fn change(
//!     Allowed { asker, of: id }: Allowed<ById<Change>>,   // 401, 403, 404 before a byte of the body is read
//!     State(app): State<Shared>,
//!     FromJson(change): FromJson<ClipChange>,             // bounded by whose it is
//! ) -> Result<Json<OwnClip>, Refusal>
//! ```

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, RawQuery, State};
use axum::handler::Handler;
use axum::http::{HeaderMap, Method};
use axum::routing::MethodRouter;
use tower_http::compression::CompressionLayer;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::allowed::{Allowed, Door, Open};
use crate::app::Shared;
use crate::payload::{FromEither, FromForm, FromJson, Plain};
use crate::refusal::Refusal;

/// What a handler's first argument is: whoever asks, let in or not.
#[diagnostic::on_unimplemented(
    message = "a handler's first argument says who may ask: `Allowed<…>`, or `Open` for what is the same for all",
    note = "see `allowed.rs`; where a page leads somebody to sign in instead, take `Result<Allowed<…>, Refusal>`"
)]
pub trait AsksFirst {}
impl<D: Door> AsksFirst for Allowed<D> {}
impl<D: Door> AsksFirst for Result<Allowed<D>, Refusal> {}
impl AsksFirst for Open {}

/// What a handler's other arguments are: parts of the request's head, and bodies that are bounded.
#[diagnostic::on_unimplemented(
    message = "this is not read of a request: take bodies by `FromJson`, `FromForm`, `FromEither` or `Plain` of `payload.rs`"
)]
pub trait Bounded {}
impl Bounded for State<Shared> {}
impl<T> Bounded for Query<T> {}
impl Bounded for RawQuery {}
impl Bounded for Method {}
impl Bounded for HeaderMap {}
impl<T, const MOST: usize> Bounded for FromJson<T, MOST> {}
impl<T> Bounded for FromForm<T> {}
impl<T> Bounded for FromEither<T> {}
impl Bounded for Plain {}
/// Read piece by piece, by [`receive`](crate::body::receive).
impl Bounded for Body {}
impl Bounded for axum::extract::Path<String> {}

/// The arguments of a handler as a tuple, the first of which is the framework's own mark.
#[diagnostic::on_unimplemented(message = "this handler does not say first who may ask, or reads something without a bound")]
pub trait Arguments {}

macro_rules! arguments {
    ($($part:ident),*) => {
        impl<M, First: AsksFirst, $($part: Bounded),*> Arguments for (M, First, $($part,)*) {}
    };
}
arguments!();
arguments!(A);
arguments!(A, B);
arguments!(A, B, C);
arguments!(A, B, C, D);
arguments!(A, B, C, D, E);

/// Methods of one address whose handlers say who may ask.
pub struct Gated(MethodRouter<Shared>);

/// `GET` (and `HEAD`).
pub fn get<H: Handler<T, Shared>, T: Arguments + 'static>(handler: H) -> Gated {
    Gated(axum::routing::get(handler))
}

/// `POST`.
pub fn post<H: Handler<T, Shared>, T: Arguments + 'static>(handler: H) -> Gated {
    Gated(axum::routing::post(handler))
}

impl Gated {
    /// And `POST`.
    #[must_use]
    pub fn post<H: Handler<T, Shared>, T: Arguments + 'static>(self, handler: H) -> Self {
        Self(self.0.post(handler))
    }

    /// Compressed where the asker takes it.
    #[must_use]
    pub fn compressed(self) -> Self {
        Self(self.0.layer(CompressionLayer::new()))
    }
}

/// Pages, media, and what machines ask of a server.
#[derive(Default)]
pub struct Pages(Router<Shared>);

impl Pages {
    /// Answers at a path.
    #[must_use]
    pub fn route(self, path: &str, methods: Gated) -> Self {
        Self(self.0.route(path, methods.0))
    }

    /// As the framework's.
    pub fn into_router(self) -> Router<Shared> {
        self.0
    }
}

/// The API, which describes itself.
pub struct Api(OpenApiRouter<Shared>);

impl Api {
    /// One without routes.
    #[must_use]
    pub fn new(head: utoipa::openapi::OpenApi) -> Self {
        Self(OpenApiRouter::with_openapi(head))
    }

    /// Answers at the paths that the handlers name: of [`gated!`](crate::gated).
    #[must_use]
    pub fn routes(self, methods: GatedApi) -> Self {
        Self(self.0.routes(methods.0))
    }

    /// As the framework's, and its description.
    pub fn split(self) -> (Router<Shared>, utoipa::openapi::OpenApi) {
        self.0.split_for_parts()
    }
}

/// Methods of the API whose handlers say who may ask. Made by [`gated!`](crate::gated) alone.
pub struct GatedApi(UtoipaMethodRouter<Shared>);

impl GatedApi {
    #[doc(hidden)]
    pub(crate) fn of_checked(methods: UtoipaMethodRouter<Shared>) -> Self {
        Self(methods)
    }
}

#[doc(hidden)]
pub(crate) fn check<H: Handler<T, Shared>, T: Arguments + 'static>(_: &H) {}

/// The methods of one address of the API, by handlers that say who may ask.
#[macro_export]
macro_rules! gated {
    ($($handler:path),+ $(,)?) => {{
        $($crate::gate::check(&$handler);)+
        $crate::gate::GatedApi::of_checked(utoipa_axum::routes!($($handler),+))
    }};
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allowed::{Anybody, ByLink, See};

    /// Does not compile if `T` can be the arguments of a handler: then two ways lead to the name, and neither is meant.
    macro_rules! refused {
        ($($arguments:ty),* $(,)?) => { $({
            trait Ambiguous<Way> { fn name() {} }
            impl<T> Ambiguous<()> for T {}
            impl<T: Arguments> Ambiguous<u8> for T {}
            let _ = <$arguments as Ambiguous<_>>::name;
        })* };
    }

    fn taken<T: Arguments>() {}

    #[test]
    fn a_handler_says_first_who_may_ask() {
        type Mark = ();
        taken::<(Mark, Allowed<ByLink<See>>, State<Shared>)>();
        taken::<(Mark, Allowed<Anybody>, State<Shared>, FromForm<()>)>();
        taken::<(Mark, Open)>();
        refused!(
            (Mark,),
            (Mark, State<Shared>),
            (Mark, State<Shared>, Allowed<Anybody>),
            (Mark, FromJson<()>),
            (Mark, Allowed<Anybody>, axum::Json<()>),
            (Mark, Allowed<Anybody>, axum::Form<()>),
            (Mark, Allowed<Anybody>, bytes::Bytes),
            (Mark, Allowed<Anybody>, axum::extract::Request),
        );
    }
}
