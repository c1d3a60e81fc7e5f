//! The [`UploadLoop`]: starts the requests that are due for each take, and sleeps until something
//! happens.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{error, warn};
use url::Url;
use vignette_model::{Clock, Micros, Secret, Span, TakeId};
use vignette_spool::{Spool, Take};

use super::orphan_cleanup::OrphanCleanup;
use super::request::RequestOutcome;
use super::send_priority::SendPriority;
use super::spool_index::SpoolIndex;
use super::take_upload::{Situation, TakeUpload};
use super::{Signals, UploadProgress};
use crate::client::Client;
use crate::error::UploadError;
use crate::policy::IDLE_INTERVAL;
use crate::{Credentials, library_url};

/// How often the whole spool is read, for takes that other programs left behind.
const SCAN_INTERVAL: Span = Span::from_secs(15);
/// How often the tokens are read again, since another program may have signed in.
const SIGN_IN_POLL_INTERVAL: Duration = Duration::from_secs(5);

/// The state of the task. All of it can be lost: the spool and the library are asked again.
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

    /// Runs until `ended` is true or its sender is dropped.
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
                        error!(%error, "A request did not come to its end; everything is \
                            asked again");
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

    /// Starts the requests that are due and gives how long no other will be.
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
        if self.index_scan.is_empty() && self.scanned_at.is_none_or(|at| now >= at + SCAN_INTERVAL)
        {
            self.scanned_at = Some(now);
            let spool = self.spool.clone();
            self.index_scan.spawn_blocking(move || SpoolIndex::scan(&spool));
        }
        let takes = self.index.ours();
        let mut rest = Duration::from(SCAN_INTERVAL);
        let mut priority = SendPriority::new(&takes, |take| {
            self.uploads.get(&take).is_some_and(TakeUpload::is_sending)
        });
        for take in &takes {
            rest = rest.min(self.start_due_of(take, priority.join_bytes(take), now));
            priority
                .mark_busy(take, self.uploads.get(&take.id).is_some_and(TakeUpload::is_sending));
        }
        self.uploads.retain(|id, upload| self.index.has(*id) || upload.is_busy());
        self.publish();
        rest
    }

    /// Starts the requests that are due for one take and gives how long no other will be. Without
    /// `join_bytes` it is not the take's turn to send.
    fn start_due_of(&mut self, take: &Take, join_bytes: Option<u64>, now: Micros) -> Duration {
        let upload = self.uploads.entry(take.id).or_insert_with(|| TakeUpload::new(take));
        let (client, token) = match client(&mut self.clients, &self.credentials, take) {
            Ok(found) => found,
            Err(error) => {
                upload.no_client(error);
                return IDLE_INTERVAL;
            }
        };
        upload.set_token(token.as_ref());
        let situation = Situation { take, spool: &self.spool, join_bytes, now };
        let (requests, idle) = upload.due(&situation, token.as_ref());
        for request in requests {
            let (id, is_metadata, token) = (take.id, request.is_metadata(), token.clone());
            let run = request.run(id, client.clone(), self.spool.clone());
            self.requests.spawn(async move {
                FinishedRequest { take: id, is_metadata, token, outcome: run.await }
            });
        }
        if upload.needs_sign_in() { idle.min(SIGN_IN_POLL_INTERVAL) } else { idle }
    }

    fn finished(&mut self, finished: FinishedRequest) {
        let FinishedRequest { take, is_metadata, token, outcome } = finished;
        if let Some(upload) = self.uploads.get_mut(&take) {
            upload.finished(is_metadata, outcome, &self.spool, token, self.clock.monotonic());
        }
    }

    /// Publishes the progress of every take, as one snapshot, if it differs from the one before.
    fn publish(&self) {
        let all: Vec<_> = self.index.takes().map(|take| self.progress_of(take)).collect();
        self.report.send_if_modified(|before| {
            let differs = *before != all;
            *before = all;
            differs
        });
    }

    fn progress_of(&self, take: &Take) -> UploadProgress {
        let upload = self.uploads.get(&take.id);
        let acked_bytes = upload.map_or(take.upload.acked_bytes, TakeUpload::acked_bytes);
        let problem = upload.and_then(TakeUpload::problem).cloned();
        UploadProgress {
            take: take.id,
            link: take.upload.clip.as_ref().map(|clip| clip.link.clone()),
            acked_bytes: if take.upload.sealed { take.stream.size_bytes } else { acked_bytes },
            size_bytes: take.stream.size_bytes,
            sealed: take.upload.sealed,
            problem: problem.filter(|_| !take.upload.sealed),
            refused: !take.upload.sealed && upload.is_some_and(TakeUpload::is_refused),
        }
    }

    /// Keeps how far each take has come, to be shown after the next start until the library has
    /// been asked.
    fn remember_acked(&self) {
        for (id, upload) in &self.uploads {
            let acked_bytes = upload.acked_bytes();
            let is_new = |take: Take| !take.upload.sealed && take.upload.acked_bytes != acked_bytes;
            if self.spool.take(*id).is_some_and(is_new)
                && let Err(error) =
                    self.spool.update(*id, |take| take.upload.acked_bytes = acked_bytes)
            {
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
) -> Result<(Client, Option<Secret>), UploadError> {
    let url = library_url(take.upload.library.as_deref().unwrap_or_default())?;
    let token = credentials.token(&url);
    let client = match clients.get(&url) {
        Some(client) => client.clone(),
        None => clients.entry(url.clone()).or_insert(credentials.client(&url)?).clone(),
    };
    Ok((client.with_token(token.clone()), token))
}
