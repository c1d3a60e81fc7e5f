//! The listener: accepts connections, limits their number and their time, and closes them at shutdown.
//!
//! ```text
//! accept ─▶ connection limit ─▶ first request within 10 s ─▶ router ─▶ response, read by the client
//!              └ full: the connection that is idle longest is closed      └ not read for 30 s: cut
//! ```
//!
//! | a client that | is bounded by |
//! |---|---|
//! | sends nothing, or half a preface | [`Deadlines::first_request`] |
//! | sends the head of a request slowly, or no further request | [`HEADER_READ_TIMEOUT`], [`Deadlines::idle`] |
//! | sends a body slowly | [`BodyDeadlines`](super::body::BodyDeadlines) |
//! | does not read the response | [`Deadlines::progress`] |
//!
//! An event stream has no deadline: its client waits for the server, not the other way round.

mod connection;
mod connection_limit;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::RETRY_AFTER;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::{debug, info, warn};
use vignette_model::{Clock, ErrorCode, Span};

use super::api_error::ApiError;
use super::descriptors::Capacity;
use super::keyed_limit::{KeyedLimit, Permit};
use super::peer::{Network, RateLimitKey, client_address, is_trusted};
use connection::{Connection, ConnectionAction};
use connection_limit::{ConnectionLimit, OverloadEvent};

/// How long requests may take to finish after shutdown began.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take to send a request's head.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Time between pings of an HTTP/2 connection, and the longest wait for their answer.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// Pause after `accept` failed, so that a lack of file descriptors does not become a busy loop.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);
/// How often the deadlines of a connection are checked.
const DEADLINE_CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// The most bytes buffered of a request's head, and of a response, for each connection or stream.
const BUFFER_BYTES: usize = 64 << 10;
/// The most requests under way on one HTTP/2 connection.
const MAX_CONCURRENT_STREAMS: u32 = 64;

/// How long a client may take. Bodies have deadlines of their own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadlines {
    /// From the connection to the whole head of its first request.
    pub first_request: Span,
    /// Without a request.
    pub idle: Span,
    /// Between one piece of a response and the next, of at most 64 KiB each.
    pub progress: Span,
}

impl Deadlines {
    /// Those of every library.
    pub(crate) const STANDARD: Self = Self {
        first_request: Span::from_secs(10),
        idle: Span::from_secs(60),
        progress: Span::from_secs(30),
    };
}

/// What the listener needs to know.
pub(crate) struct ListenerOptions {
    /// How many connections may be open.
    pub capacity: Capacity,
    /// Proxies, whose connections carry the requests of many clients.
    pub trusted_proxies: Vec<Network>,
    /// The clock that deadlines are measured by.
    pub clock: Arc<dyn Clock>,
}

/// Serves `router` on `listener` until `shutdown`, then lets requests under way finish for at most ten
/// seconds.
pub(crate) async fn serve(
    listener: TcpListener,
    options: ListenerOptions,
    router: Router,
    shutdown: CancellationToken,
) {
    let ListenerOptions { capacity, trusted_proxies, clock } = options;
    let protocol = protocol();
    let connections = ConnectionLimit::new(capacity, Deadlines::STANDARD, clock);
    let open = TaskTracker::new();
    loop {
        let (stream, address) = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    debug!(%error, "A connection could not be accepted");
                    connections.record(OverloadEvent::AcceptFailed);
                    tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                    continue;
                }
            },
        };
        let trusted = is_trusted(address.ip(), &trusted_proxies);
        let admitted = connections.admit(RateLimitKey::of(address.ip()), trusted).await;
        let Some((connection, guard)) = admitted else { continue };
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "A connection ended before it began");
            continue;
        }
        let service = connection_service(&router, address, &connection);
        let (protocol, shutdown) = (protocol.clone(), shutdown.clone());
        open.spawn(async move {
            serve_connection(protocol, stream, service, &connection, shutdown).await;
            drop(guard);
        });
    }
    drop(listener);
    info!(connections = open.len(), "Shutting down: requests under way may finish");
    open.close();
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, open.wait()).await.is_err() {
        warn!("Some requests were cut off");
        connections.cut_all();
        open.wait().await;
    }
}

/// HTTP/1.1 and HTTP/2 with their limits.
fn protocol() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .max_buf_size(BUFFER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .max_concurrent_streams(MAX_CONCURRENT_STREAMS)
        .max_send_buf_size(BUFFER_BYTES);
    builder
}

/// Serves one connection until it ends, misses a deadline, is cut, or the library shuts down.
async fn serve_connection<S: RouterService>(
    protocol: auto::Builder<TokioExecutor>,
    stream: TcpStream,
    service: TowerToHyperService<S>,
    connection: &Connection,
    shutdown: CancellationToken,
) {
    let serving = protocol.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let mut check = tokio::time::interval(DEADLINE_CHECK_INTERVAL);
    let mut closing = false;
    loop {
        tokio::select! {
            ended = serving.as_mut() => {
                if let Err(error) = ended {
                    debug!(error = &*error, "A connection broke");
                }
                return;
            }
            () = connection.cut_off() => return,
            () = shutdown.cancelled(), if !closing => {
                closing = true;
                serving.as_mut().graceful_shutdown();
            }
            _ = check.tick() => match connection.check_deadlines() {
                ConnectionAction::Keep => {}
                ConnectionAction::Close if closing => {}
                ConnectionAction::Close => {
                    closing = true;
                    serving.as_mut().graceful_shutdown();
                }
                ConnectionAction::Cut => return,
            },
        }
    }
}

/// The router as hyper needs it for a connection.
trait RouterService:
    tower::Service<
        hyper::Request<hyper::body::Incoming>,
        Response = Response,
        Error = std::convert::Infallible,
        Future: Send,
    > + Clone
    + Send
    + 'static
{
}
impl<S> RouterService for S where
    S: tower::Service<
            hyper::Request<hyper::body::Incoming>,
            Response = Response,
            Error = std::convert::Infallible,
            Future: Send,
        > + Clone
        + Send
        + 'static
{
}

/// The router for one connection: requests get the client's address, responses are tracked as they
/// are sent.
fn connection_service(
    router: &Router,
    address: SocketAddr,
    connection: &Arc<Connection>,
) -> TowerToHyperService<impl RouterService> {
    let (router, connection) = (router.clone(), connection.clone());
    TowerToHyperService::new(tower::service_fn(
        move |request: hyper::Request<hyper::body::Incoming>| {
            let active = connection.begin_request(request.version());
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(address));
            let response = router.clone().oneshot(request);
            async move {
                let mut response = response.await?;
                let permit = response.extensions_mut().remove::<RequestPermit>();
                Ok(response.map(|body| Body::new(active.track(body, permit))))
            }
        },
    ))
}

/// A permit of the request limit, held until the response is sent.
#[derive(Clone)]
struct RequestPermit(
    #[expect(dead_code, reason = "held for as long as the response is under way")]
    Arc<Permit<RateLimitKey>>,
);

/// The limit on requests under way, and whose requests count together.
#[derive(Clone)]
pub(crate) struct RequestLimit {
    /// Requests under way.
    pub limit: Arc<KeyedLimit<RateLimitKey>>,
    /// Proxies whose `X-Forwarded-For` names the client.
    pub trusted_proxies: Arc<[Network]>,
}

/// Middleware that limits requests under way, in all and for each client: one HTTP/2 connection
/// carries many.
pub(crate) async fn limit_requests(
    State(limit): State<RequestLimit>,
    request: Request,
    next: Next,
) -> Response {
    let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let Some(ConnectInfo(address)) = connection.copied() else { return next.run(request).await };
    let client = client_address(address, request.headers(), &limit.trusted_proxies);
    let Some(permit) = limit.limit.try_acquire(RateLimitKey::of(client)) else {
        return ApiError::new(ErrorCode::TooManyRequests, "Too many requests at the same time.")
            .with_header(RETRY_AFTER, 2.into())
            .into_response();
    };
    let mut response = next.run(request).await;
    response.extensions_mut().insert(RequestPermit(Arc::new(permit)));
    response
}
