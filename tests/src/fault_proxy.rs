//! A [`FaultProxy`]: a bad network on loopback. It carries bytes between a client and a library and, by seeded chance, cuts
//! connections, resets them, lets them stand still, and delivers whole `PATCH` requests twice.
//!
//! ```text
//! client ── requests ──▶ [cut | reset | stall | again] ──▶ library
//!        ◀── [cut | reset | stall] ────────── answers ──
//! ```

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::chance::Chance;

const BUFFER_BYTES: usize = 16 << 10;
/// Larger requests are not delivered twice.
const MAX_REQUEST_BYTES: usize = 16 << 20;
/// How long the answer to a request delivered for a second time is waited for.
const REPLAY_TIMEOUT: Duration = Duration::from_secs(5);

/// How the network is at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Everything passes.
    Calm,
    /// Faults happen.
    Rough,
    /// Nothing passes: connections are reset, new ones too.
    Dark,
}

/// How bad the network is while it is rough.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// Bytes of requests between two faults, on average.
    pub up_bytes: u64,
    /// Bytes of answers between two faults, on average. An answer without content has about 300.
    pub down_bytes: u64,
    /// How long a connection stands still.
    pub stall: Duration,
    /// One of so many `PATCH` requests is delivered twice.
    pub one_in_twice: u64,
}

impl Default for Faults {
    /// A fault every few requests of some 100 kB.
    fn default() -> Self {
        Self {
            up_bytes: 300_000,
            down_bytes: 1_500,
            stall: Duration::from_millis(300),
            one_in_twice: 4,
        }
    }
}

/// What has happened so far.
#[derive(Debug, Default)]
pub struct Tally {
    connections: AtomicU64,
    cuts: AtomicU64,
    resets: AtomicU64,
    stalls: AtomicU64,
    twice: AtomicU64,
}

macro_rules! tallies {
    ($($(#[$doc:meta])* $name:ident)*) => {
        impl Tally {
            $($(#[$doc])*
            #[must_use]
            pub fn $name(&self) -> u64 {
                self.$name.load(Ordering::Relaxed)
            })*
        }
    };
}

tallies! {
    /// Connections that were accepted.
    connections
    /// Connections that ended early but in order.
    cuts
    /// Connections that were reset.
    resets
    /// How often a connection stood still.
    stalls
    /// Requests that were delivered twice.
    twice
}

/// A bad network on loopback. It ends when it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    tally: Arc<Tally>,
    task: JoinHandle<()>,
}

impl FaultProxy {
    /// Begins, rough, to carry bytes to `target`.
    ///
    /// # Panics
    /// If there is no loopback.
    pub async fn start(target: SocketAddr, faults: Faults, chance: Chance) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback");
        let address = listener.local_addr().expect("an address");
        let (weather, _) = watch::channel(Weather::Rough);
        let tally = Arc::new(Tally::default());
        let network = Network {
            target,
            faults,
            chance: Arc::new(Mutex::new(chance)),
            weather: weather.subscribe(),
            tally: tally.clone(),
        };
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        let (client, _) = accepted.expect("a connection");
                        connections.spawn(network.clone().carry(client));
                    }
                    Some(_) = connections.join_next() => {}
                }
            }
        });
        Self { address, weather, tally, task }
    }

    /// Where clients connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as the address of a library.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes the weather, for connections that are open too.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// What has happened so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How a connection ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// In order, as when a proxy or a library closes.
    Cut,
    /// At once, and what was under way is lost.
    Reset,
}

/// What one connection needs to know.
#[derive(Clone)]
struct Network {
    target: SocketAddr,
    faults: Faults,
    chance: Arc<Mutex<Chance>>,
    weather: watch::Receiver<Weather>,
    tally: Arc<Tally>,
}

impl Network {
    async fn carry(self, mut client: TcpStream) {
        self.tally.connections.fetch_add(1, Ordering::Relaxed);
        let library = match *self.weather.borrow() {
            Weather::Dark => None,
            Weather::Calm | Weather::Rough => Some(TcpStream::connect(self.target)),
        };
        let library = if let Some(connecting) = library { connecting.await.ok() } else { None };
        let Some(mut library) = library else { return reset(&client) };
        let mut weather = self.weather.clone();
        let end = {
            let (from_client, to_client) = client.split();
            let (from_library, to_library) = library.split();
            let both = async {
                tokio::try_join!(
                    self.requests(from_client, to_library),
                    self.answers(from_library, to_client)
                )
            };
            tokio::select! {
                ended = both => ended.err(),
                _ = weather.wait_for(|weather| *weather == Weather::Dark) => Some(End::Reset),
            }
        };
        if end == Some(End::Reset) {
            reset(&client);
            reset(&library);
        }
    }

    /// Carries requests, some of them twice.
    async fn requests(&self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> Result<(), End> {
        let mut passage = self.passage(self.faults.up_bytes);
        let mut requests = Requests::default();
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let first = requests.is_between();
            let Some(mut bytes) = read(&mut from, &mut buffer).await? else { break };
            let mut whole = requests.push(&bytes);
            if first && self.is_rough() && self.one_in(self.faults.one_in_twice * 2) {
                // The copy comes first, so that the request itself meets a library that has its bytes already.
                while !requests.is_between() {
                    let Some(more) = read(&mut from, &mut buffer).await? else { break };
                    whole = requests.push(&more).or(whole);
                    bytes.extend(more);
                }
                if let Some(request) = whole.take() {
                    self.deliver(request).await;
                }
            }
            passage.carry(&bytes, &mut to).await?;
            if let Some(request) = whole
                && self.is_rough()
                && self.one_in(self.faults.one_in_twice * 2)
            {
                // The copy comes while the library is still at the request itself, or just after.
                let network = self.clone();
                tokio::spawn(async move { network.deliver(request).await });
            }
        }
        to.shutdown().await.map_err(|_| End::Cut)
    }

    async fn answers(&self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> Result<(), End> {
        let mut passage = self.passage(self.faults.down_bytes);
        let mut buffer = vec![0; BUFFER_BYTES];
        while let Some(bytes) = read(&mut from, &mut buffer).await? {
            passage.carry(&bytes, &mut to).await?;
        }
        to.shutdown().await.map_err(|_| End::Cut)
    }

    /// Delivers a whole request by itself and throws the answer away.
    async fn deliver(&self, request: Vec<u8>) {
        let delivering = async {
            let mut library = TcpStream::connect(self.target).await.ok()?;
            library.write_all(&request).await.ok()?;
            library.read_u8().await.ok()
        };
        if let Ok(Some(_)) = tokio::time::timeout(REPLAY_TIMEOUT, delivering).await {
            self.tally.twice.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn passage(&self, mean_bytes: u64) -> Passage<'_> {
        Passage { network: self, mean_bytes, until_fault: self.between(1, mean_bytes * 2) }
    }

    /// Counts an end of our own making.
    fn end(&self, end: End) -> End {
        let count = if end == End::Cut { &self.tally.cuts } else { &self.tally.resets };
        count.fetch_add(1, Ordering::Relaxed);
        end
    }

    fn is_rough(&self) -> bool {
        *self.weather.borrow() == Weather::Rough
    }

    fn one_in(&self, count: u64) -> bool {
        self.between(0, count.max(1)) == 0
    }

    fn between(&self, from: u64, to: u64) -> u64 {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner).between(from, to.max(from + 1))
    }
}

/// One direction of a connection, with a fault now and then.
struct Passage<'n> {
    network: &'n Network,
    mean_bytes: u64,
    until_fault: u64,
}

impl Passage<'_> {
    async fn carry(&mut self, mut bytes: &[u8], to: &mut WriteHalf<'_>) -> Result<(), End> {
        while self.network.is_rough() && self.until_fault <= bytes.len() as u64 {
            let (before, after) =
                bytes.split_at(usize::try_from(self.until_fault).unwrap_or(bytes.len()));
            to.write_all(before).await.map_err(|_| End::Cut)?;
            bytes = after;
            self.until_fault = self.network.between(1, self.mean_bytes * 2);
            match self.network.between(0, 4) {
                0 => return Err(self.network.end(End::Cut)),
                1 => return Err(self.network.end(End::Reset)),
                kind => {
                    self.network.tally.stalls.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(self.network.faults.stall).await;
                    if kind == 2 {
                        return Err(self.network.end(End::Reset));
                    }
                }
            }
        }
        self.until_fault = self.until_fault.saturating_sub(bytes.len() as u64).max(1);
        to.write_all(bytes).await.map_err(|_| End::Cut)
    }
}

/// Finds the ends of HTTP/1.1 requests and keeps the last `PATCH`. What it does not understand, it lets pass.
#[derive(Debug, Default)]
struct Requests {
    request: Vec<u8>,
    /// Where the request ends, once its head is there.
    end: Option<usize>,
    lost: bool,
}

impl Requests {
    /// Whether the next byte is the first of a request.
    fn is_between(&self) -> bool {
        self.request.is_empty() || self.lost
    }

    /// Goes on by these bytes, and gives the `PATCH` that ends with them, if one does.
    fn push(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        if self.lost {
            return None;
        }
        self.request.extend_from_slice(bytes);
        if self.end.is_none() {
            let head = self.request.windows(4).position(|end| end == b"\r\n\r\n").map(|at| at + 4);
            self.end = head.map(|head| head + content_length(&self.request[..head]));
        }
        self.lost = self.end.map_or(self.request.len(), |end| end.max(self.request.len()))
            > MAX_REQUEST_BYTES;
        if self.lost || self.end != Some(self.request.len()) {
            // Clients of ours wait for an answer before they ask again; whoever does not is not followed.
            self.lost |= self.end.is_some_and(|end| self.request.len() > end);
            return None;
        }
        self.end = None;
        Some(std::mem::take(&mut self.request)).filter(|request| request.starts_with(b"PATCH "))
    }
}

fn content_length(head: &[u8]) -> usize {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let value =
        text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    value.unwrap_or(0)
}

/// Some bytes, or `None` at the end.
async fn read(from: &mut ReadHalf<'_>, buffer: &mut [u8]) -> Result<Option<Vec<u8>>, End> {
    match from.read(buffer).await {
        Ok(0) => Ok(None),
        Ok(count) => Ok(Some(buffer[..count].to_vec())),
        Err(_) => Err(End::Reset),
    }
}

/// Ends a connection at once: what was sent and has not arrived is lost, and the other side gets an error.
fn reset(stream: &TcpStream) {
    // One that has ended already needs no reset.
    let _ = stream.set_zero_linger();
}

#[cfg(test)]
mod tests;
