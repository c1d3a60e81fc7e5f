//! The listener: connections are accepted, bounded in number and in time, given to the router, and at the end brought to a close.
//!
//! ```text
//! accept ─▶ a place (of its household's, of all)? ─▶ first request within 10 s ─▶ router ─▶ response, read by the client
//!              └ full: the quietest makes room                                   └ nothing taken of it for 30 s: cut
//! ```
//!
//! | who is slow | what bounds it |
//! |---|---|
//! | says nothing, or half a preface | [`Deadlines::first_request`] |
//! | sends a request's head, or the next one, slowly | [`HEADERS`], [`Deadlines::idle`] |
//! | sends a body slowly | [`Pace`](crate::body::Pace) |
//! | does not read the response | [`Deadlines::progress`] |
//!
//! Whoever listens to events waits for us and not we for them, so nothing of this ends a listener.

mod connection;
mod crowd;

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
use vignette_model::{ErrorCode, Micros};

use crate::app::Shared;
use crate::peer::{household, peer};
use crate::places::Place;
use crate::refusal::Refusal;
use connection::{Connection, Verdict};
use crowd::{Crowd, Flood};

/// How long appends and downloads may take to finish once the library is told to end.
const GRACE: Duration = Duration::from_secs(10);
/// How long a client may take to send its request's headers.
const HEADERS: Duration = Duration::from_secs(30);
/// Pause after the system refused a connection, so that a lack of file descriptors does not become a lack of processor.
const BREATH: Duration = Duration::from_millis(100);
/// How often a connection's deadlines are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// The most that is held of a request's head, and of a response on its way out, for each connection or stream.
const BUFFER_BYTES: usize = 64 << 10;

/// How long a client may take. A body has deadlines of its own.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// From the connection to the whole head of its first request.
    pub first_request: Micros,
    /// Without a request.
    pub idle: Micros,
    /// Between one piece of a response and the next, of at most 64 KiB each.
    pub progress: Micros,
}

impl Deadlines {
    /// Those of every library.
    pub const USUAL: Self =
        Self { first_request: Micros::from_secs(10), idle: Micros::from_secs(60), progress: Micros::from_secs(30) };
}

/// Answers on `listener` until `shutdown`, then lets what is under way finish for at most ten seconds.
pub async fn serve(listener: TcpListener, app: &Shared, router: Router, shutdown: CancellationToken) {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(BUFFER_BYTES);
    let mut http2 = http.http2();
    http2.timer(TokioTimer::new()).keep_alive_interval(HEADERS).max_concurrent_streams(64).max_send_buf_size(BUFFER_BYTES);
    let crowd = Crowd::new(app.capacity, Deadlines::USUAL, app.clock().clone());
    let open = TaskTracker::new();
    loop {
        let (stream, address) = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    debug!(%error, "A connection could not be accepted");
                    crowd.note(Flood::Failed);
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
            },
        };
        let trusted = app.trusted_proxies.iter().any(|network| network.contains(address.ip()));
        let Some((connection, standing)) = crowd.admit(household(address.ip()), trusted).await else { continue };
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "A connection ended before it began");
            continue;
        }
        let service = service(&router, address, &connection);
        let (http, shutdown) = (http.clone(), shutdown.clone());
        open.spawn(async move {
            converse(http, stream, service, &connection, shutdown).await;
            drop(standing);
        });
    }
    drop(listener);
    info!(connections = open.len(), "Ending: requests under way may finish");
    open.close();
    if tokio::time::timeout(GRACE, open.wait()).await.is_err() {
        warn!("Some requests were cut off");
        crowd.cut_all();
        open.wait().await;
    }
}

/// One connection from its beginning to its end.
async fn converse<S>(
    http: auto::Builder<TokioExecutor>,
    stream: TcpStream,
    service: TowerToHyperService<S>,
    connection: &Connection,
    shutdown: CancellationToken,
) where
    S: Answers,
{
    let talk = http.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(talk);
    let mut look = tokio::time::interval(LOOK);
    let mut ending = false;
    loop {
        tokio::select! {
            said = talk.as_mut() => {
                if let Err(error) = said {
                    debug!(error = &*error, "A connection broke");
                }
                return;
            }
            () = connection.cut_off() => return,
            () = shutdown.cancelled(), if !ending => {
                ending = true;
                talk.as_mut().graceful_shutdown();
            }
            _ = look.tick() => match connection.verdict() {
                Verdict::GoOn => {}
                Verdict::Close if ending => {}
                Verdict::Close => {
                    ending = true;
                    talk.as_mut().graceful_shutdown();
                }
                Verdict::Cut => return,
            },
        }
    }
}

/// What the router is to a connection.
trait Answers:
    tower::Service<hyper::Request<hyper::body::Incoming>, Response = Response, Error = std::convert::Infallible, Future: Send>
    + Clone
    + Send
    + 'static
{
}
impl<S> Answers for S where
    S: tower::Service<hyper::Request<hyper::body::Incoming>, Response = Response, Error = std::convert::Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// The router, with each request told whose connection it came by, and each response watched as it leaves.
fn service(router: &Router, address: SocketAddr, connection: &Arc<Connection>) -> TowerToHyperService<impl Answers> {
    let (router, connection) = (router.clone(), connection.clone());
    TowerToHyperService::new(tower::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let under_way = connection.begin(request.version());
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(address));
        let answered = router.clone().oneshot(request);
        async move {
            let mut response = answered.await?;
            let place = response.extensions_mut().remove::<HeldPlace>();
            Ok(response.map(|body| Body::new(under_way.sent(body, place))))
        }
    }))
}

/// A request's place, held until its response has left.
#[derive(Clone)]
struct HeldPlace(#[expect(dead_code, reason = "held for as long as the response is under way")] Arc<Place<std::net::IpAddr>>);

/// Middleware that lets in so many requests at one time, and of those only so many from one household: one connection of
/// HTTP/2 carries many.
pub async fn admitted(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let Some(ConnectInfo(address)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() else {
        return next.run(request).await;
    };
    let asker = household(peer(address, request.headers(), &app.trusted_proxies));
    let Some(place) = app.requests.take(asker) else {
        return Refusal::new(ErrorCode::TooManyRequests, "Too much is asked at once.")
            .with_header(RETRY_AFTER, 2.into())
            .into_response();
    };
    let mut response = next.run(request).await;
    response.extensions_mut().insert(HeldPlace(Arc::new(place)));
    response
}
