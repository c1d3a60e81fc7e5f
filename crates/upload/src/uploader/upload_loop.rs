//! The [`UploadLoop`]: looks at every take again and again, sends off what is due, and sleeps until something happens.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{error, warn};
use url::Url;
use vignette_model::{Clock, Micros, Problem, Secret, TakeId};
use vignette_spool::{Spool, Take};

use super::orphan_cleanup::OrphanCleanup;
use super::request::RequestOutcome;
use super::send_priority::SendPriority;
use super::spool_index::SpoolIndex;
use super::take_upload::{Due, TakeUpload};
use super::{Signals, UploadProgress};
use crate::client::Client;
use crate::policy::IDLE_INTERVAL;
use crate::{Credentials, library_url};

/// How often to look through the whole spool, for takes that other programs left behind.
const SCAN_INTERVAL: Micros = Micros::from_secs(15);
/// How often to look whether another program has signed in.
const SIGN_IN_POLL_INTERVAL: Duration = Duration::from_secs(5);

/// What the task remembers. All of it can be forgotten.
pub(super) struct UploadLoop {
    spool: Spool,
    credentials: Credentials,
    clock: Arc<dyn Clock>,
    signals: Arc<Signals>,
    report: watch::Sender<Vec<UploadProgress>>,
    clients: HashMap<Url, Client>,
    uploads: HashMap<TakeId, TakeUpload>,
    requests: JoinSet<FinishedRequest>,
    index: SpoolIndex,
    index_scan: JoinSet<SpoolIndex>,
    scanned_at: Option<Micros>,
    orphan_cleanup: OrphanCleanup,
}

/// A request that came to its end.
struct FinishedRequest {
    take: TakeId,
    is_metadata: bool,
    token: Option<Secret>,
    outcome: RequestOutcome,
    /// How long the library wants to be left alone.
    retry_after: Option<Duration>,
}

impl UploadLoop {
    pub(super) fn new(
        spool: Spool,
        credentials: Credentials,
        clock: Arc<dyn Clock>,
        signals: Arc<Signals>,
        report: watch::Sender<Vec<UploadProgress>>,
    ) -> Self {
        Self {
            spool,
            credentials,
            clock,
            signals,
            report,
            clients: HashMap::new(),
            uploads: HashMap::new(),
            requests: JoinSet::new(),
            index: SpoolIndex::default(),
            index_scan: JoinSet::new(),
            scanned_at: None,
            orphan_cleanup: OrphanCleanup::default(),
        }
    }

    /// Goes on until `ended` says so, or until nobody is left who could say it.
    pub(super) async fn run(mut self, mut ended: watch::Receiver<bool>) {
        let mut credentials = self.credentials.changes();
        loop {
            let rest = self.start_due();
            tokio::select! {
                biased;
                _ = ended.wait_for(|ended| *ended) => break,
                Some(finished) = self.requests.join_next(), if !self.requests.is_empty() => match finished {
                    Ok(finished) => self.finished(finished),
                    Err(error) => {
                        error!(%error, "A request did not come to its end; everything is asked again");
                        self.requests = JoinSet::new();
                        self.uploads.clear();
                    }
                },
                Some(index) = self.index_scan.join_next(), if !self.index_scan.is_empty() => match index {
                    Ok(index) => {
                        self.index.merge(index, &self.spool);
                        self.orphan_cleanup.start(&self.spool, &self.credentials);
                    }
                    Err(error) => error!(%error, "The spool could not be looked through"),
                },
                () = self.orphan_cleanup.join_next() => {}
                () = self.signals.changed.notified() => {}
                Ok(()) = credentials.changed() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
        self.requests.shutdown().await;
        self.orphan_cleanup.shutdown().await;
        // A scan reads the disk and cannot be stopped, but it is short.
        while self.index_scan.join_next().await.is_some() {}
        self.remember_acked();
    }

    /// Sends off what is due and says how long nothing else will be.
    fn start_due(&mut self) -> Duration {
        let now = self.clock.monotonic();
        let pending = self.signals.take_pending();
        if pending.reset_backoff {
            self.uploads.values_mut().for_each(TakeUpload::reset_backoff);
            self.orphan_cleanup.start(&self.spool, &self.credentials);
        }
        for id in pending.takes {
            self.index.refresh(id, &self.spool);
            if !self.index.has(id) {
                // It was removed, perhaps because it was cancelled.
                self.orphan_cleanup.start(&self.spool, &self.credentials);
            }
        }
        if self.index_scan.is_empty() && self.scanned_at.is_none_or(|at| now - at >= SCAN_INTERVAL) {
            self.scanned_at = Some(now);
            let spool = self.spool.clone();
            self.index_scan.spawn_blocking(move || SpoolIndex::scan(&spool));
        }
        let takes = self.index.ours();
        let mut rest = Duration::from(SCAN_INTERVAL);
        let mut priority = SendPriority::new(&takes, |take| self.uploads.get(&take).is_some_and(|upload| upload.is_sending));
        for take in &takes {
            rest = rest.min(self.start_due_of(take, priority.join_bytes(take), now));
            priority.mark_busy(take, self.uploads.get(&take.id).is_some_and(|upload| upload.is_sending));
        }
        self.uploads.retain(|id, upload| self.index.has(*id) || upload.is_busy());
        self.publish();
        rest
    }

    /// Sends off what is due for one take and says how long nothing else will be. Without `join_bytes` it is not the
    /// take's turn to send.
    fn start_due_of(&mut self, take: &Take, join_bytes: Option<u64>, now: Micros) -> Duration {
        let upload = self.uploads.entry(take.id).or_insert_with(|| TakeUpload::new(take));
        let (client, token) = match client(&mut self.clients, &self.credentials, take) {
            Ok(found) => found,
            Err(problem) => {
                upload.problem = Some(problem);
                return IDLE_INTERVAL;
            }
        };
        upload.set_token(token.as_ref());
        let send = join_bytes.map(|join_bytes| upload.next_transfer(take, &self.spool, join_bytes, now));
        let tell = upload.next_metadata_update(take, now);
        let mut rest = IDLE_INTERVAL;
        for due in send.into_iter().chain([tell]) {
            match due {
                Due::Nothing(for_so_long) => rest = rest.min(for_so_long),
                Due::Request(request) => {
                    let Some(request) = upload.begin(request, token.as_ref(), now) else { continue };
                    let (id, is_metadata, spool) = (take.id, request.is_metadata(), self.spool.clone());
                    // Of its own, so that it knows what its own answers asked for.
                    let (client, token) = (client.with_token(token.clone()), token.clone());
                    self.requests.spawn(async move {
                        let outcome = request.run(id, client.clone(), spool).await;
                        FinishedRequest { take: id, is_metadata, token, outcome, retry_after: client.retry_after() }
                    });
                }
            }
        }
        if upload.needs_sign_in() { rest.min(SIGN_IN_POLL_INTERVAL) } else { rest }
    }

    fn finished(&mut self, finished: FinishedRequest) {
        let now = self.clock.monotonic();
        if let Some(upload) = self.uploads.get_mut(&finished.take) {
            upload.finished(finished.is_metadata, finished.outcome, &self.spool, finished.token, now);
            if let Some(span) = finished.retry_after {
                upload.retry_after(span, now);
            }
        }
    }

    fn publish(&self) {
        let progress = |take: &Take| {
            let upload = self.uploads.get(&take.id);
            UploadProgress {
                take: take.id,
                link: take.clip.as_ref().map(|clip| clip.link.clone()),
                acked_bytes: match upload {
                    _ if take.sealed => take.size_bytes,
                    Some(upload) => upload.acked_bytes,
                    None => take.acked_bytes,
                },
                size_bytes: take.size_bytes,
                sealed: take.sealed,
                problem: upload.and_then(|upload| upload.problem.clone()).filter(|_| !take.sealed),
            }
        };
        let all: Vec<_> = self.index.takes().map(progress).collect();
        self.report.send_if_modified(|before| {
            let differs = *before != all;
            *before = all;
            differs
        });
    }

    /// For display after the next start, until the library has been asked.
    fn remember_acked(&self) {
        for (id, upload) in &self.uploads {
            let differs = self.spool.take(*id).is_some_and(|take| !take.sealed && take.acked_bytes != upload.acked_bytes);
            if differs && let Err(error) = self.spool.update(*id, |take| take.acked_bytes = upload.acked_bytes) {
                warn!(take.id = %id, %error, "How far a take has come could not be kept");
            }
        }
    }
}

/// The client for a take's library, with the token that is there now.
fn client(
    clients: &mut HashMap<Url, Client>,
    credentials: &Credentials,
    take: &Take,
) -> Result<(Client, Option<Secret>), Problem> {
    let url = library_url(take.library.as_deref().unwrap_or_default())?;
    let token = credentials.token(&url);
    let client = match clients.get(&url) {
        Some(client) => client.clone(),
        None => clients.entry(url.clone()).or_insert(credentials.client(&url)?).clone(),
    };
    Ok((client.with_token(token.clone()), token))
}
