//! The [`ConnectionLimit`]: how many connections are open, in all and for each client. At the limit, the
//! connection that has been idle longest is cut to make room; if none is idle, one of the client that
//! holds most, in favour of a client that holds fewer.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::warn;
use vignette_model::{Clock, Micros, Span};

use super::Deadlines;
use super::connection::Connection;
use crate::http::descriptors::Capacity;
use crate::http::keyed_limit::{KeyedLimit, Permit};
use crate::http::peer::RateLimitKey;

/// How long a new connection waits for one that was cut to go away.
const EVICTION_TIMEOUT: Duration = Duration::from_secs(1);
/// Least time between two log lines about an overload.
const LOG_INTERVAL: Span = Span::from_secs(60);

/// What happened because there are too many connections.
#[derive(Clone, Copy, Debug)]
pub(super) enum OverloadEvent {
    /// The system could not accept a connection, usually for lack of descriptors.
    AcceptFailed,
    /// A new connection was refused.
    Refused,
    /// A connection was cut to make room.
    Evicted,
}

/// All open connections, and their limits.
pub(super) struct ConnectionLimit {
    in_all: Arc<KeyedLimit<()>>,
    by_client: Arc<KeyedLimit<RateLimitKey>>,
    deadlines: Deadlines,
    clock: Arc<dyn Clock>,
    open: Mutex<HashMap<u64, Arc<Connection>>>,
    next_id: AtomicU64,
    overload: Mutex<OverloadLog>,
}

/// Counts of overload events since the last log line.
#[derive(Debug, Default)]
struct OverloadLog {
    logged_at: Option<Micros>,
    failed: u64,
    refused: u64,
    evicted: u64,
}

/// The permits of an open connection. Dropping it removes the connection from the limit.
pub(super) struct ConnectionGuard {
    limit: Arc<ConnectionLimit>,
    id: u64,
    _permits: (Permit<()>, Option<Permit<RateLimitKey>>),
}

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.limit.open().remove(&self.id);
    }
}

impl ConnectionLimit {
    pub(super) fn new(
        capacity: Capacity,
        deadlines: Deadlines,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        Arc::new(Self {
            in_all: KeyedLimit::new(capacity.in_all, capacity.in_all),
            // The limit for all is that of `in_all`.
            by_client: KeyedLimit::new(usize::MAX, capacity.of_one),
            deadlines,
            clock,
            open: Mutex::default(),
            next_id: AtomicU64::new(0),
            overload: Mutex::default(),
        })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Arc<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a connection, if there is room or another one can be cut for it. All connections of a
    /// trusted proxy come from one address, so they count against the limit for all alone.
    pub(super) async fn admit(
        self: &Arc<Self>,
        client: RateLimitKey,
        trusted: bool,
    ) -> Option<(Arc<Connection>, ConnectionGuard)> {
        let mut own = (!trusted).then(|| self.by_client.empty_permit(client));
        if let Some(own) = &mut own {
            self.make_room(own, |now| self.longest_idle_of(client, now)).await?;
        }
        let mut all = self.in_all.empty_permit(());
        let newcomer = (!trusted).then_some(client);
        let choose =
            |now| self.longest_idle_for(newcomer, now).or_else(|| self.of_largest_client(newcomer));
        self.make_room(&mut all, choose).await?;
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let guard = ConnectionGuard { limit: self.clone(), id, _permits: (all, own) };
        let connection = Connection::new(client, trusted, self.deadlines, self.clock.clone());
        let connection = Arc::new(connection);
        self.open().insert(id, connection.clone());
        Some((connection, guard))
    }

    /// Acquires one unit for `permit`, cutting the connection that `choose` names if there is none.
    async fn make_room<K: Clone + Eq + Hash>(
        &self,
        permit: &mut Permit<K>,
        choose: impl FnOnce(Micros) -> Option<Arc<Connection>>,
    ) -> Option<()> {
        if permit.try_grow(1) {
            return Some(());
        }
        let Some(evicted) = choose(self.clock.monotonic()) else {
            self.record(OverloadEvent::Refused);
            return None;
        };
        evicted.cut();
        self.record(OverloadEvent::Evicted);
        tokio::time::timeout(EVICTION_TIMEOUT, permit.grow(1)).await.ok()
    }

    /// The connection of `client` that has been idle longest.
    fn longest_idle_of(&self, client: RateLimitKey, now: Micros) -> Option<Arc<Connection>> {
        longest_idle(self.open().values().filter(|one| one.client() == Some(client)), now)
    }

    /// The connection that has been idle longest, of the clients that hold at least as many as the
    /// newcomer does: a viewer's one connection is idle between two requests, and must not be cut
    /// then for the fortieth of somebody else. Connections of proxies carry many clients, so they
    /// are not counted.
    fn longest_idle_for(
        &self,
        newcomer: Option<RateLimitKey>,
        now: Micros,
    ) -> Option<Arc<Connection>> {
        let open = self.open();
        let counts = connections_by_client(&open);
        let own = newcomer.and_then(|key| counts.get(&key).copied()).unwrap_or_default();
        let holds_as_many =
            |one: &Connection| one.client().is_none_or(|client| counts[&client] >= own);
        longest_idle(open.values().filter(|one| holds_as_many(one)), now)
    }

    /// A connection of the client that holds most of them, if that client still holds at least as
    /// many as the newcomer afterwards: the one whose response has been unread longest; if it reads
    /// them all, the newest, which has been served least.
    fn of_largest_client(&self, newcomer: Option<RateLimitKey>) -> Option<Arc<Connection>> {
        let open = self.open();
        let counts = connections_by_client(&open);
        let own = newcomer.and_then(|key| counts.get(&key).copied()).unwrap_or_default();
        let larger = counts.into_iter().filter(|(_, count)| *count > own + 1);
        let (largest, _) = larger.max_by_key(|(_, count)| *count)?;
        let candidates = || {
            let of_largest = |one: &Connection| one.client() == Some(largest) && !one.is_cut();
            open.iter().filter(move |(_, one)| of_largest(one))
        };
        let unread = candidates().filter_map(|(_, one)| Some((one.unread_since()?, one)));
        let unread = unread.min_by_key(|(since, _)| *since).map(|(_, one)| one);
        let newest = || candidates().max_by_key(|(id, _)| **id).map(|(_, one)| one);
        unread.or_else(newest).cloned()
    }

    /// Cuts all connections.
    pub(super) fn cut_all(&self) {
        self.open().values().for_each(|one| one.cut());
    }

    /// Counts an overload event; logs the counts at most once a minute.
    pub(super) fn record(&self, event: OverloadEvent) {
        let now = self.clock.monotonic();
        let mut log = self.overload.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            OverloadEvent::AcceptFailed => log.failed += 1,
            OverloadEvent::Refused => log.refused += 1,
            OverloadEvent::Evicted => log.evicted += 1,
        }
        if log.logged_at.is_some_and(|at| now < at + LOG_INTERVAL) {
            return;
        }
        let OverloadLog { failed, refused, evicted, .. } = *log;
        let connections = self.in_all.in_use();
        warn!(connections, refused, evicted, failed, "There are more connections than may be open");
        *log = OverloadLog { logged_at: Some(now), ..OverloadLog::default() };
    }
}

/// How many connections each client holds, proxies aside.
fn connections_by_client(open: &HashMap<u64, Arc<Connection>>) -> HashMap<RateLimitKey, usize> {
    let mut counts = HashMap::new();
    for client in open.values().filter_map(|one| one.client()) {
        *counts.entry(client).or_default() += 1;
    }
    counts
}

/// Of these, the one that has been idle longest.
fn longest_idle<'a>(
    candidates: impl Iterator<Item = &'a Arc<Connection>>,
    now: Micros,
) -> Option<Arc<Connection>> {
    let idle = candidates.filter_map(|one| Some((one.eviction_order(now)?, one)));
    idle.min_by_key(|(order, _)| *order).map(|(_, one)| one.clone())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Version;
    use http_body_util::BodyExt as _;
    use vignette_model::{SimulatedClock, UtcMicros};

    use super::super::connection::TrackedBody;
    use super::*;

    fn limit(in_all: usize, of_one: usize) -> (Arc<ConnectionLimit>, Arc<SimulatedClock>) {
        let clock = Arc::new(SimulatedClock::at(UtcMicros(0)));
        (
            ConnectionLimit::new(Capacity { in_all, of_one }, Deadlines::STANDARD, clock.clone()),
            clock,
        )
    }

    fn client(n: u8) -> RateLimitKey {
        RateLimitKey::of([192, 0, 2, n].into())
    }

    /// A connection that goes when it is cut off, as its task would.
    fn goes_when_cut((connection, guard): (Arc<Connection>, ConnectionGuard)) {
        tokio::spawn(async move {
            connection.cut_off().await;
            drop(guard);
        });
    }

    #[tokio::test]
    async fn whoever_is_quiet_makes_room_and_whoever_is_served_stays() {
        let (connections, clock) = limit(3, 2);
        let busy = connections.admit(client(1), false).await.expect("room");
        let request = busy.0.begin_request(Version::HTTP_11);
        clock.advance(Span(1));
        goes_when_cut(connections.admit(client(1), false).await.expect("room"));
        clock.advance(Span(1));
        let newer = connections
            .admit(client(1), false)
            .await
            .expect("the silent one of this household makes room");
        assert_eq!(connections.open().len(), 2);
        let other = connections
            .admit(client(2), false)
            .await
            .expect("another household has room of its own");
        let (one, two) =
            (newer.0.begin_request(Version::HTTP_11), other.0.begin_request(Version::HTTP_11));
        drop(other);
        goes_when_cut(connections.admit(client(2), false).await.expect("room"));
        let third = connections
            .admit(client(3), false)
            .await
            .expect("a household of which nobody is here gets room from another");
        let three = third.0.begin_request(Version::HTTP_11);
        assert!(
            connections.admit(client(3), false).await.is_none(),
            "nobody who is served is cut off for a newcomer"
        );
        drop((request, one, two, three));
    }

    /// A response of which a piece was given that nobody has read.
    async fn unread(connection: &Arc<Connection>) -> TrackedBody {
        let mut sent =
            connection.begin_request(Version::HTTP_11).track(Body::from("a piece"), None);
        sent.frame().await.expect("a piece").expect("no error");
        sent
    }

    #[tokio::test]
    async fn whoever_holds_most_makes_room_for_whoever_holds_fewer() {
        let (connections, clock) = limit(3, 3);
        let mut unread_ones = Vec::new();
        for _ in 0..3 {
            clock.advance(Span(1));
            let (connection, guard) = connections.admit(client(1), false).await.expect("room");
            unread_ones.push(unread(&connection).await);
            goes_when_cut((connection, guard));
        }
        let one = connections
            .admit(client(2), false)
            .await
            .expect("of three that read slowly one makes room");
        let _served = one.0.begin_request(Version::HTTP_11);
        assert!(
            connections.admit(client(2), false).await.is_none(),
            "but not for a household that would hold as many itself"
        );
        assert_eq!(connections.open().len(), 3);
    }

    #[tokio::test]
    async fn whoever_holds_most_makes_room_even_while_all_of_it_is_read() {
        let (connections, _clock) = limit(4, 4);
        let mut served = Vec::new();
        for _ in 0..4 {
            let (connection, guard) = connections.admit(client(1), false).await.expect("room");
            served.push((connection.begin_request(Version::HTTP_11), connection.clone()));
            goes_when_cut((connection, guard));
        }
        let one = connections.admit(client(2), false).await.expect("of four one makes room");
        let cut: Vec<_> = served.iter().map(|(_, connection)| connection.is_cut()).collect();
        assert_eq!(cut, [false, false, false, true], "the newest goes");
        drop(one);
    }

    #[tokio::test]
    async fn a_second_connection_does_not_end_the_first_between_two_requests() {
        let (connections, clock) = limit(4, 4);
        let mut unread_ones = Vec::new();
        for _ in 0..3 {
            let (connection, guard) = connections.admit(client(1), false).await.expect("room");
            unread_ones.push(unread(&connection).await);
            goes_when_cut((connection, guard));
        }
        let (viewer, _guard) = connections.admit(client(2), false).await.expect("room");
        drop(viewer.begin_request(Version::HTTP_11));
        clock.advance(Span(1));
        connections.admit(client(2), false).await.expect("of the three that read one makes room");
        assert!(!viewer.is_cut());
    }

    #[tokio::test]
    async fn whoever_holds_few_is_not_cut_between_two_requests_for_whoever_holds_many() {
        let (connections, clock) = limit(4, 4);
        let mut unread_ones = Vec::new();
        for _ in 0..3 {
            let (connection, guard) = connections.admit(client(1), false).await.expect("room");
            unread_ones.push((unread(&connection).await, guard));
        }
        let (viewer, _guard) = connections.admit(client(2), false).await.expect("room");
        drop(viewer.begin_request(Version::HTTP_11));
        clock.advance(Span::from_secs(2));
        assert!(
            connections.admit(client(1), false).await.is_none(),
            "a fourth is refused while the first three are read"
        );
        assert!(!viewer.is_cut());
    }

    #[tokio::test]
    async fn a_trusted_proxy_is_no_household() {
        let (connections, _) = limit(3, 1);
        let (one, two) =
            (connections.admit(client(1), true).await, connections.admit(client(1), true).await);
        assert!(one.is_some() && two.is_some(), "its connections are many people's");
        assert!(connections.admit(client(2), false).await.is_some());
    }
}
