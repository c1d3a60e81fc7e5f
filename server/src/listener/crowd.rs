//! The [`Crowd`]: all connections there are. When no more are held, whoever has been quiet longest makes room; and if nobody is
//! quiet, somebody of the household that holds most, for one that holds fewer.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::warn;
use vignette_model::{Clock, Micros};

use super::Deadlines;
use super::connection::Connection;
use crate::descriptors::Capacity;
use crate::places::{Place, Places};

/// How long a newcomer waits for one that was told to make room: it only has to close.
const ROOM: Duration = Duration::from_secs(1);
/// A flood is told of once in this time.
const TELL: Micros = Micros::from_secs(60);

/// What is told of a flood.
#[derive(Clone, Copy, Debug)]
pub(super) enum Flood {
    /// The system had no descriptor for a connection.
    Failed,
    /// A connection was not taken.
    Refused,
    /// A connection had to make room.
    MadeRoom,
}

/// All connections.
pub(super) struct Crowd {
    in_all: Arc<Places<()>>,
    by_household: Arc<Places<IpAddr>>,
    deadlines: Deadlines,
    clock: Arc<dyn Clock>,
    here: Mutex<HashMap<u64, Arc<Connection>>>,
    next: AtomicU64,
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    at: Option<Micros>,
    failed: u64,
    refused: u64,
    made_room: u64,
}

/// The places of a connection; with them it leaves the crowd.
pub(super) struct Standing {
    crowd: Arc<Crowd>,
    id: u64,
    _places: (Place<()>, Option<Place<IpAddr>>),
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.crowd.here().remove(&self.id);
    }
}

impl Crowd {
    pub(super) fn new(capacity: Capacity, deadlines: Deadlines, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            in_all: Places::new(capacity.in_all, capacity.in_all),
            // Bounded for each alone: in all there are as many as of the others.
            by_household: Places::new(usize::MAX, capacity.of_one),
            deadlines,
            clock,
            here: Mutex::default(),
            next: AtomicU64::new(0),
            told: Mutex::default(),
        })
    }

    fn here(&self) -> MutexGuard<'_, HashMap<u64, Arc<Connection>>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a connection in, if there is room or somebody quiet can make room. All connections of a proxy that is trusted come
    /// from one address, so those count among all alone.
    pub(super) async fn admit(self: &Arc<Self>, household: IpAddr, trusted: bool) -> Option<(Arc<Connection>, Standing)> {
        let mut own = (!trusted).then(|| self.by_household.share(household));
        if let Some(own) = &mut own {
            self.room(own, |now| self.quietest(Some(household), now)).await?;
        }
        let mut all = self.in_all.share(());
        let newcomer = (!trusted).then_some(household);
        self.room(&mut all, |now| self.quietest(None, now).or_else(|| self.of_the_largest(newcomer))).await?;
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let standing = Standing { crowd: self.clone(), id, _places: (all, own) };
        let connection = Arc::new(Connection::new(household, trusted, self.deadlines, self.clock.clone()));
        self.here().insert(id, connection.clone());
        Some((connection, standing))
    }

    /// A place, for which the connection that `choose` names is cut off if need be.
    async fn room<K: Clone + Eq + std::hash::Hash>(
        &self,
        place: &mut Place<K>,
        choose: impl FnOnce(Micros) -> Option<Arc<Connection>>,
    ) -> Option<()> {
        if place.grow(1) {
            return Some(());
        }
        let Some(leaves) = choose(self.clock.monotonic()) else {
            self.note(Flood::Refused);
            return None;
        };
        leaves.cut();
        self.note(Flood::MadeRoom);
        tokio::time::timeout(ROOM, place.wait_to_grow(1)).await.ok()
    }

    /// The quietest connection, of one household or of all.
    fn quietest(&self, of: Option<IpAddr>, now: Micros) -> Option<Arc<Connection>> {
        let here = self.here();
        let theirs = here.values().filter(|one| of.is_none_or(|household| one.household() == Some(household)));
        let quiet = theirs.filter_map(|one| Some((one.quiet(now)?, one)));
        quiet.min_by_key(|(quiet, _)| *quiet).map(|(_, one)| one.clone())
    }

    /// Of the household that holds most connections, the one whose response has waited longest to be read, if that household
    /// still holds no fewer than the newcomer's afterwards.
    fn of_the_largest(&self, newcomer: Option<IpAddr>) -> Option<Arc<Connection>> {
        let here = self.here();
        let mut held = HashMap::<IpAddr, usize>::new();
        here.values().filter_map(|one| one.household()).for_each(|household| *held.entry(household).or_default() += 1);
        let own = newcomer.and_then(|household| held.get(&household).copied()).unwrap_or_default();
        let (largest, _) = held.into_iter().filter(|(_, count)| *count > own + 1).max_by_key(|(_, count)| *count)?;
        let theirs = here.values().filter(|one| one.household() == Some(largest));
        let unread = theirs.filter_map(|one| Some((one.unread_since()?, one)));
        unread.min_by_key(|(since, _)| *since).map(|(_, one)| one.clone())
    }

    /// Cuts everybody off.
    pub(super) fn cut_all(&self) {
        self.here().values().for_each(|one| one.cut());
    }

    /// Counts what a flood brings, and tells of it once a minute.
    pub(super) fn note(&self, what: Flood) {
        let now = self.clock.monotonic();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match what {
            Flood::Failed => told.failed += 1,
            Flood::Refused => told.refused += 1,
            Flood::MadeRoom => told.made_room += 1,
        }
        if told.at.is_some_and(|at| now < at + TELL) {
            return;
        }
        let Told { failed, refused, made_room, .. } = *told;
        let connections = self.in_all.count();
        warn!(connections, refused, made_room, failed, "There are more connections than are held at one time");
        *told = Told { at: Some(now), ..Told::default() };
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Version;
    use http_body_util::BodyExt as _;
    use vignette_model::{SimulatedClock, UtcMicros};

    use super::super::connection::Sent;
    use super::*;

    fn crowd(in_all: usize, of_one: usize) -> (Arc<Crowd>, Arc<SimulatedClock>) {
        let clock = Arc::new(SimulatedClock::at(UtcMicros(0)));
        (Crowd::new(Capacity { in_all, of_one }, Deadlines::USUAL, clock.clone()), clock)
    }

    fn address(n: u8) -> IpAddr {
        [192, 0, 2, n].into()
    }

    /// A connection that goes when it is cut off, as its task would.
    fn goes_when_cut((connection, standing): (Arc<Connection>, Standing)) {
        tokio::spawn(async move {
            connection.cut_off().await;
            drop(standing);
        });
    }

    #[tokio::test]
    async fn whoever_is_quiet_makes_room_and_whoever_is_served_stays() {
        let (crowd, clock) = crowd(3, 2);
        let busy = crowd.admit(address(1), false).await.expect("room");
        let request = busy.0.begin(Version::HTTP_11);
        clock.advance(Micros(1));
        goes_when_cut(crowd.admit(address(1), false).await.expect("room"));
        clock.advance(Micros(1));
        let newer = crowd.admit(address(1), false).await.expect("the silent one of this household makes room");
        assert_eq!(crowd.here().len(), 2);
        let other = crowd.admit(address(2), false).await.expect("another household has room of its own");
        let (one, two) = (newer.0.begin(Version::HTTP_11), other.0.begin(Version::HTTP_11));
        drop(other);
        goes_when_cut(crowd.admit(address(2), false).await.expect("room"));
        let third = crowd.admit(address(3), false).await.expect("a household of which nobody is here gets room from another");
        let three = third.0.begin(Version::HTTP_11);
        assert!(crowd.admit(address(3), false).await.is_none(), "nobody who is served is cut off for a newcomer");
        drop((request, one, two, three));
    }

    /// A response of which a piece was given that nobody has read.
    async fn unread(connection: &Arc<Connection>) -> Sent {
        let mut sent = connection.begin(Version::HTTP_11).sent(Body::from("a piece"), None);
        sent.frame().await.expect("a piece").expect("no error");
        sent
    }

    #[tokio::test]
    async fn whoever_holds_most_makes_room_for_whoever_holds_fewer() {
        let (crowd, clock) = crowd(3, 3);
        let mut unread_ones = Vec::new();
        for _ in 0..3 {
            clock.advance(Micros(1));
            let (connection, standing) = crowd.admit(address(1), false).await.expect("room");
            unread_ones.push(unread(&connection).await);
            goes_when_cut((connection, standing));
        }
        let one = crowd.admit(address(2), false).await.expect("of three that read slowly one makes room");
        let _served = one.0.begin(Version::HTTP_11);
        assert!(crowd.admit(address(2), false).await.is_none(), "but not for a household that would hold as many itself");
        assert_eq!(crowd.here().len(), 3);
    }

    #[tokio::test]
    async fn a_trusted_proxy_is_no_household() {
        let (crowd, _) = crowd(3, 1);
        let (one, two) = (crowd.admit(address(1), true).await, crowd.admit(address(1), true).await);
        assert!(one.is_some() && two.is_some(), "its connections are many people's");
        assert!(crowd.admit(address(2), false).await.is_some());
    }
}
