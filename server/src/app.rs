//! The [`App`]: the state that every route shares.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tracing::error;
use url::Url;
use vignette_library::error::chain;
use vignette_library::{Library, LibraryError};
use vignette_model::{ClipKey, Clock, Micros, PersonId, Problem, Span};

use crate::config::Config;
use crate::http::api_error::ApiError;
use crate::http::body_budget::BodyBudget;
use crate::http::descriptors::Capacity;
use crate::http::host::AllowedHosts;
use crate::http::keyed_limit::KeyedLimit;
use crate::http::peer::{Network, RateLimitKey};
use crate::http::rate_limit::{RateLimiters, Throttle};
use crate::warnings::OperatorWarnings;

/// The most event streams of one member, or of one link from one address. Each holds a connection
/// and a receiver of the broadcast.
const MAX_EVENT_STREAMS_OF_ONE: usize = 64;
/// How long the result of a readiness check is reused.
const READINESS_CACHE_TIME: Span = Span::from_secs(2);
/// Least time between two log lines that the disk refuses writes.
const DISK_LOG_INTERVAL: Span = Span::from_secs(60);

/// Whether rows and bytes can be written, or what refuses them.
type Readiness = Result<(), Arc<LibraryError>>;

/// The state that every route shares.
pub(crate) struct App {
    /// The library behind all routes.
    pub library: Library,
    /// How long an append may go without a byte.
    pub upload_idle_timeout: Duration,
    /// Counts passwords, invitations, codes and replies by address.
    pub rate_limiters: RateLimiters,
    /// Delays requests without an account, by address.
    pub throttle: Throttle,
    /// Bytes of request bodies held in memory.
    pub body_budget: BodyBudget,
    /// How many event streams are open.
    pub event_streams: Arc<KeyedLimit<EventListener>>,
    /// How many requests are being answered, by address.
    pub request_limit: Arc<KeyedLimit<RateLimitKey>>,
    /// How many connections may be open.
    pub capacity: Capacity,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// What the operator should mend.
    pub warnings: OperatorWarnings,
    /// Values of `Host` that are answered.
    pub hosts: AllowedHosts,
    /// Cancelled at shutdown.
    pub shutdown: CancellationToken,
    /// Whether it is the library of one person's computer, which nobody signs in to with a browser.
    pub of_one_computer: bool,
    /// Where the library keeps its data.
    data_folder: PathBuf,
    clock: Arc<dyn Clock>,
    /// When readiness was last checked, and the result.
    readiness: Mutex<Option<(Micros, Readiness)>>,
    /// When the log last said that the disk refuses writes.
    disk_logged_at: std::sync::Mutex<Option<Micros>>,
}

/// The key that event streams are counted by: members each have their own, wherever they connect
/// from, so that one cannot use up the streams of others behind the same address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum EventListener {
    /// A member.
    Member(PersonId),
    /// A viewer without an account: one link from one address.
    Link(RateLimitKey, ClipKey),
}

/// The app as handlers get it.
pub(crate) type SharedApp = Arc<App>;

impl App {
    /// The state for `library`, with the limits of `config` and of this process.
    #[must_use]
    pub(crate) fn new(
        library: Library,
        config: &Config,
        data_folder: &Path,
        clock: Arc<dyn Clock>,
        shutdown: CancellationToken,
        of_one_computer: bool,
    ) -> SharedApp {
        let capacity = Capacity::of_this_process();
        // Half of all connections, so that event streams leave room for requests.
        let event_streams =
            KeyedLimit::new(capacity.in_all / 2, MAX_EVENT_STREAMS_OF_ONE.min(capacity.of_one / 2));
        Arc::new(Self {
            upload_idle_timeout: Duration::from_secs(config.stall_seconds),
            rate_limiters: RateLimiters::new(config.tries_per_minute, &clock),
            throttle: Throttle::new(config.requests_per_second, clock.clone()),
            body_budget: BodyBudget::new(library.settings().max_append_bytes),
            event_streams,
            request_limit: KeyedLimit::new(capacity.in_all, capacity.of_one),
            capacity,
            trusted_proxies: config.trusted_proxies.clone(),
            warnings: OperatorWarnings::from_config(config),
            hosts: AllowedHosts::new(&library.settings().public_url, &config.hosts),
            shutdown,
            of_one_computer,
            data_folder: data_folder.to_owned(),
            library,
            clock,
            readiness: Mutex::default(),
            disk_logged_at: std::sync::Mutex::default(),
        })
    }

    /// The clock that limits and deadlines are measured by.
    #[must_use]
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The library's public address.
    #[must_use]
    pub(crate) fn url(&self) -> &Url {
        &self.library.settings().public_url
    }

    /// The library's name.
    #[must_use]
    pub(crate) fn name(&self) -> String {
        self.library.name()
    }

    /// Whether the public address is https, so that cookies may require it.
    #[must_use]
    pub(crate) fn https(&self) -> bool {
        self.url().scheme() == "https"
    }

    /// Whether rows and bytes can be written. The check writes, so its result is shared by all
    /// requests within two seconds.
    ///
    /// # Errors
    /// What refuses them.
    pub(crate) async fn ready(&self) -> Readiness {
        let mut last = self.readiness.lock().await;
        let now = self.clock.monotonic();
        if let Some((at, result)) = &*last
            && now < *at + READINESS_CACHE_TIME
        {
            return result.clone();
        }
        let result = self.library.ready().await.map_err(|failed| {
            error!(error = chain(&failed), "The library is not ready");
            Arc::new(failed)
        });
        *last = Some((now, result.clone()));
        result
    }

    /// The problem of `error` for the operator alone: of the disk with the data folder, whose name is
    /// nobody else's business.
    #[must_use]
    pub(crate) fn operators_problem(&self, error: &LibraryError) -> Problem {
        let (problem, folder) = (Problem::from(error), self.data_folder.display());
        let message = if error.is_full_disk() {
            format!("There is no space left on the disk of {folder}.")
        } else if error.is_disk() {
            format!("The disk of {folder} cannot be written.")
        } else {
            return problem;
        };
        Problem { message, ..problem }
    }

    /// Logs that the disk refuses writes, at most once a minute.
    pub(crate) fn log_disk_problem(&self, error: &LibraryError) {
        if !error.is_disk() {
            return;
        }
        let now = self.clock.monotonic();
        let mut logged_at = self.disk_logged_at.lock().unwrap_or_else(PoisonError::into_inner);
        if logged_at.is_none_or(|at| now >= at + DISK_LOG_INTERVAL) {
            *logged_at = Some(now);
            error!("{}", self.operators_problem(error));
        }
    }

    /// Delays a request without an account until the rate of its address allows it.
    ///
    /// # Errors
    /// `too_many_requests` with `Retry-After`, if too many requests of that address already wait.
    pub(crate) async fn throttle(&self, peer: IpAddr) -> Result<(), ApiError> {
        self.throttle.wait(RateLimitKey::of(peer)).await.map_err(ApiError::too_many)
    }
}
