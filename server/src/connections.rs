//! Connections: accepted, given to the router, and at the end brought to a close.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tracing::{debug, info, warn};

/// How long appends and downloads may take to finish once the library is told to end.
const GRACE: Duration = Duration::from_secs(10);
/// How long a client may take to send its request's headers.
const HEADERS: Duration = Duration::from_secs(30);
/// Pause after the system refused a connection, so that a lack of file descriptors does not become a lack of processor.
const BREATH: Duration = Duration::from_millis(100);

/// Answers on `listener` until `shutdown`, then lets what is under way finish for at most ten seconds.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS);
    http.http2().timer(TokioTimer::new()).keep_alive_interval(HEADERS).max_concurrent_streams(64);
    let graceful = GracefulShutdown::new();
    loop {
        let (stream, address) = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    warn!(%error, "A connection could not be accepted");
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
            },
        };
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "A connection ended before it began");
            continue;
        }
        let connection = http.serve_connection(TokioIo::new(stream), service(&router, address)).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!(error = &*error, "A connection broke");
            }
        });
    }
    drop(listener);
    info!(connections = graceful.count(), "Ending: requests under way may finish");
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        warn!("Some requests were cut off");
    }
}

/// The router, with each request told whose connection it came by.
fn service(
    router: &Router,
    address: SocketAddr,
) -> TowerToHyperService<
    impl tower::Service<
        hyper::Request<hyper::body::Incoming>,
        Response = axum::response::Response,
        Error = std::convert::Infallible,
        Future: Send,
    > + Clone
    + Send
    + 'static,
> {
    let router = router.clone().map_request(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(ConnectInfo(address));
        request
    });
    TowerToHyperService::new(router)
}
