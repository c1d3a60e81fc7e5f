//! The [`App`]: what every route has at hand, and the router over all of them.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::{error, info};
use url::Url;
use vignette_library::Library;
use vignette_model::{ClipKey, Clock, ErrorCode, Micros, PersonId, Problem};

use crate::advice::Advice;
use crate::allowed::Open;
use crate::asker::Asker;
use crate::body::{Pace, paced};
use crate::config::Config;
use crate::descriptors::Capacity;
use crate::host::{Hosts, known_host};
use crate::listener;
use crate::payload::Bodies;
use crate::peer::Network;
use crate::places::Places;
use crate::rate::{Limiters, Purpose, Throttle};
use crate::refusal::{Refusal, panicked, speak};
use crate::security::{self, Reached};
use crate::turns::Turns;
use crate::{routes, security::cors};

/// Most listeners of one member, or of one link from one address; each holds a connection and a place in the broadcast.
const MAX_LISTENERS_OF_ONE: usize = 64;
/// How long it is believed that the library can write, or cannot.
const READY_FOR: Micros = Micros::from_secs(2);
/// How often the log says that the disk refuses writes.
const SAY_DISK: Micros = Micros::from_secs(60);

/// What every route has at hand.
pub struct App {
    /// The library that all routes are about.
    pub library: Library,
    /// One request at a time for each upload.
    pub turns: Turns,
    /// How long an upload may stand still.
    pub stall: Duration,
    /// What is tried from each address.
    pub tries: Limiters,
    /// Requests of those without an account, by household.
    pub throttle: Throttle,
    /// Bytes of requests that are being received.
    pub bodies: Bodies,
    /// Places for listeners.
    pub listeners: Arc<Places<Listener>>,
    /// Places for requests under way, by the household they come from.
    pub requests: Arc<Places<IpAddr>>,
    /// How many connections are held.
    pub capacity: Capacity,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<Network>,
    /// What whoever runs it should see to.
    pub advice: Advice,
    /// The names it goes by.
    pub hosts: Hosts,
    /// Cancelled when the library is told to end.
    pub shutdown: CancellationToken,
    /// Where the library keeps its data.
    data: PathBuf,
    clock: Arc<dyn Clock>,
    /// When it was last tried whether the library can write, and how that went.
    readiness: Mutex<Option<(Micros, Result<(), Problem>)>>,
    /// When the log was last told that the disk refuses writes.
    disk_said: std::sync::Mutex<Option<Micros>>,
}

/// Who listens, as they are counted: nobody takes another's places by listening from the same address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Listener {
    /// A member, wherever they are.
    Member(PersonId),
    /// Whoever came by this link, from one household.
    Link(IpAddr, ClipKey),
}

/// The app, shared by all requests.
pub type Shared = Arc<App>;

impl App {
    /// An app over `library`.
    #[must_use]
    pub fn new(library: Library, config: &Config, data: &Path, clock: Arc<dyn Clock>, shutdown: CancellationToken) -> Shared {
        let capacity = Capacity::of_this_process();
        Arc::new(Self {
            turns: Turns::default(),
            stall: Duration::from_secs(config.stall_seconds),
            tries: Limiters::new(config.tries_per_minute, &clock),
            throttle: Throttle::new(config.requests_per_second, clock.clone()),
            bodies: Bodies::new(library.settings().max_append_bytes),
            // Half of all, so that listeners leave room for those who ask.
            listeners: Places::new(capacity.in_all / 2, MAX_LISTENERS_OF_ONE.min(capacity.of_one / 2)),
            requests: Places::new(capacity.in_all, capacity.of_one),
            capacity,
            trusted_proxies: config.trusted_proxies.clone(),
            advice: Advice::of(config),
            hosts: Hosts::new(&library.settings().public_url, &config.hosts),
            shutdown,
            data: data.to_owned(),
            library,
            clock,
            readiness: Mutex::default(),
            disk_said: std::sync::Mutex::default(),
        })
    }

    /// The time.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Where people reach the library.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.library.settings().public_url
    }

    /// What the library is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.library.settings().name
    }

    /// Whether people reach it by https, so that cookies may insist on it.
    #[must_use]
    pub fn https(&self) -> bool {
        self.url().scheme() == "https"
    }

    /// Whether rows and bytes can be written. Trying writes, so it is done once for all who ask within two seconds.
    ///
    /// # Errors
    /// `internal`; `cannot_write` or `no_space`, which name the folder.
    pub async fn ready(&self) -> Result<(), Problem> {
        let mut last = self.readiness.lock().await;
        let now = self.clock.monotonic();
        if let Some((at, how)) = &*last
            && now < *at + READY_FOR
        {
            return how.clone();
        }
        let how = self.library.ready().await.map_err(|problem| self.in_the_folder(problem));
        *last = Some((now, how.clone()));
        how
    }

    /// A problem of the disk, for those who run the library: with the folder's name, which is nobody else's business.
    fn in_the_folder(&self, problem: Problem) -> Problem {
        let folder = self.data.display();
        match problem.code {
            ErrorCode::NoSpace => Problem { message: format!("There is no space left on the disk of {folder}."), ..problem },
            ErrorCode::CannotWrite => Problem { message: format!("The disk of {folder} cannot be written."), ..problem },
            _ => problem,
        }
    }

    /// Says in the log that the disk refuses writes, once a minute however often it does.
    fn note_disk(&self, problem: &Problem) {
        let now = self.clock.monotonic();
        let mut said = self.disk_said.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(problem.code, ErrorCode::NoSpace | ErrorCode::CannotWrite) && said.is_none_or(|at| now >= at + SAY_DISK) {
            *said = Some(now);
            error!("{}", self.in_the_folder(problem.clone()));
        }
    }

    /// Waits until it is the turn of a request of somebody who may be anybody.
    ///
    /// # Errors
    /// `too_many_requests` with `Retry-After`, if too many of the same household wait.
    pub async fn wait_for_turn(&self, peer: IpAddr) -> Result<(), Refusal> {
        self.throttle.wait(peer).await.map_err(Refusal::too_many)
    }

    /// Counts a try of somebody who may be anybody. Members answer for the replies they write; passwords, invitations and codes
    /// are counted whoever tries them.
    ///
    /// # Errors
    /// `too_many_requests` with `Retry-After`.
    pub fn count_try(&self, purpose: Purpose, asker: &Asker) -> Result<(), Refusal> {
        if purpose == Purpose::Reply && asker.actor.person().is_some() {
            return Ok(());
        }
        self.tries.try_once(purpose, asker.peer).map_err(Refusal::too_many)
    }
}

/// The whole router: pages, media and API, with everything that holds for all of them around it.
///
/// ```text
/// log ─▶ security headers ─▶ protocol of uploads ─▶ CORS ─▶ words for refusals ─▶ panics ─▶ host? ─▶ same site ─▶ room? ─▶ body deadlines ─▶ who may ask ─▶ routes
/// ```
pub fn router(app: Shared) -> Router {
    let (reached, url) = (Reached::at(app.url()), app.url().clone());
    // A little longer than uploads wait themselves, which have more to say about it.
    let pace = Pace::usual(app.stall + Duration::from_secs(1));
    let (api, document) = routes::api().split();
    routes::pages()
        .into_router()
        .merge(api)
        .merge(routes::document(document).into_router())
        .fallback(async |_: Open| StatusCode::NOT_FOUND)
        .method_not_allowed_fallback(async |_: Open| StatusCode::METHOD_NOT_ALLOWED)
        // Every body is bounded by whoever reads it, see `payload` and `body`.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(pace, paced))
        .layer(from_fn_with_state(app.clone(), listener::admitted))
        .layer(from_fn_with_state(url, security::same_site))
        .layer(from_fn_with_state(app.hosts.clone(), known_host))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(speak))
        .layer(cors())
        .layer(from_fn_with_state(app.clone(), routes::new_upload::mark))
        .layer(from_fn_with_state(reached, security::headers))
        .layer(from_fn_with_state(app.clone(), log))
        .with_state(app)
}

/// One line for each answer: the route's pattern, never the path, since paths carry keys and secrets.
async fn log(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let began = app.clock.monotonic();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    if let Some(problem) = response.extensions().get::<Problem>() {
        app.note_disk(problem);
    }
    let (status, took_us) = (response.status().as_u16(), (app.clock.monotonic() - began).0);
    info!(%method, route, status, took_us, "Answered");
    response
}
