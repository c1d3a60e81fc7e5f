//! The [`Round`]: looks at every take again and again, sends off what is due, and sleeps until something happens.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{error, warn};
use url::Url;
use vignette_model::{Clock, Micros, Problem, Secret, TakeId};
use vignette_spool::{Spool, Take};

use super::clearing::Clearing;
use super::errand::Outcome;
use super::sending::{Due, Sending};
use super::survey::Survey;
use super::{Progress, Signals};
use crate::client::Client;
use crate::policy::{JOIN_BYTES, REST};
use crate::{Credentials, library_url};

/// How often to look through the whole spool, for takes that other programs left behind.
const SURVEY: Micros = Micros::from_secs(15);
/// How often to look whether another program has signed in.
const SIGN_IN_LOOK: Duration = Duration::from_secs(5);

/// What the task remembers. All of it can be forgotten.
pub(super) struct Round {
    spool: Spool,
    credentials: Credentials,
    clock: Arc<dyn Clock>,
    signals: Arc<Signals>,
    report: watch::Sender<Vec<Progress>>,
    clients: HashMap<Url, Client>,
    sendings: HashMap<TakeId, Sending>,
    errands: JoinSet<Finished>,
    survey: Survey,
    surveying: JoinSet<Survey>,
    surveyed_at: Option<Micros>,
    clearing: Clearing,
}

/// An errand that came to its end.
struct Finished {
    take: TakeId,
    tells: bool,
    token: Option<Secret>,
    outcome: Outcome,
    /// How long the library wants to be left alone.
    wait: Option<Duration>,
}

impl Round {
    pub(super) fn new(
        spool: Spool,
        credentials: Credentials,
        clock: Arc<dyn Clock>,
        signals: Arc<Signals>,
        report: watch::Sender<Vec<Progress>>,
    ) -> Self {
        Self {
            spool,
            credentials,
            clock,
            signals,
            report,
            clients: HashMap::new(),
            sendings: HashMap::new(),
            errands: JoinSet::new(),
            survey: Survey::default(),
            surveying: JoinSet::new(),
            surveyed_at: None,
            clearing: Clearing::default(),
        }
    }

    /// Goes on until `ended` says so, or until nobody is left who could say it.
    pub(super) async fn run(mut self, mut ended: watch::Receiver<bool>) {
        let mut credentials = self.credentials.changes();
        loop {
            let rest = self.look();
            tokio::select! {
                biased;
                _ = ended.wait_for(|ended| *ended) => break,
                Some(finished) = self.errands.join_next(), if !self.errands.is_empty() => match finished {
                    Ok(finished) => self.finished(finished),
                    Err(error) => {
                        error!(%error, "A request did not come to its end; everything is asked again");
                        self.errands = JoinSet::new();
                        self.sendings.clear();
                    }
                },
                Some(survey) = self.surveying.join_next(), if !self.surveying.is_empty() => match survey {
                    Ok(survey) => {
                        self.survey.renew(survey, &self.spool);
                        self.clearing.look(&self.spool, &self.credentials);
                    }
                    Err(error) => error!(%error, "The spool could not be looked through"),
                },
                () = self.clearing.next() => {}
                () = self.signals.look.notified() => {}
                Ok(()) = credentials.changed() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
        self.errands.shutdown().await;
        self.clearing.end().await;
        // A survey reads the disk and cannot be stopped, but it is short.
        while self.surveying.join_next().await.is_some() {}
        self.remember_acked();
    }

    /// Sends off what is due and says how long nothing else will be.
    fn look(&mut self) -> Duration {
        let now = self.clock.monotonic();
        let news = self.signals.news();
        if news.hope {
            self.sendings.values_mut().for_each(Sending::hopeful);
            self.clearing.look(&self.spool, &self.credentials);
        }
        for id in news.takes {
            self.survey.changed(id, &self.spool);
            if !self.survey.has(id) {
                // It was removed, perhaps because it was cancelled.
                self.clearing.look(&self.spool, &self.credentials);
            }
        }
        if self.surveying.is_empty() && self.surveyed_at.is_none_or(|at| now - at >= SURVEY) {
            self.surveyed_at = Some(now);
            let spool = self.spool.clone();
            self.surveying.spawn_blocking(move || Survey::make(&spool));
        }
        let takes = self.survey.ours();
        let mut rest = Duration::from(SURVEY);
        let mut lanes = Lanes::new(&takes, |take| self.sendings.get(&take).is_some_and(|sending| sending.is_sending));
        for take in &takes {
            rest = rest.min(self.attend(take, lanes.join_bytes(take), now));
            lanes.attended(take, self.sendings.get(&take.id).is_some_and(|sending| sending.is_sending));
        }
        self.sendings.retain(|id, sending| self.survey.has(*id) || sending.is_busy());
        self.publish();
        rest
    }

    /// Sends off what is due for one take and says how long nothing else will be. Without `join_bytes` it is not the
    /// take's turn to send.
    fn attend(&mut self, take: &Take, join_bytes: Option<u64>, now: Micros) -> Duration {
        let sending = self.sendings.entry(take.id).or_insert_with(|| Sending::new(take));
        let (client, token) = match client(&mut self.clients, &self.credentials, take) {
            Ok(found) => found,
            Err(problem) => {
                sending.problem = Some(problem);
                return REST;
            }
        };
        sending.has_token(token.as_ref());
        let send = join_bytes.map(|join_bytes| sending.due_to_send(take, &self.spool, join_bytes, now));
        let tell = sending.due_to_tell(take, now);
        let mut rest = REST;
        for due in send.into_iter().chain([tell]) {
            match due {
                Due::Nothing(for_so_long) => rest = rest.min(for_so_long),
                Due::Errand(errand) => {
                    let Some(errand) = sending.begin(errand, token.as_ref(), now) else { continue };
                    let (id, tells, spool) = (take.id, errand.tells(), self.spool.clone());
                    // Of its own, so that it knows what its own answers asked for.
                    let (client, token) = (client.with_token(token.clone()), token.clone());
                    self.errands.spawn(async move {
                        let outcome = errand.run(id, client.clone(), spool).await;
                        Finished { take: id, tells, token, outcome, wait: client.asked_to_wait() }
                    });
                }
            }
        }
        if sending.is_shut_out() { rest.min(SIGN_IN_LOOK) } else { rest }
    }

    fn finished(&mut self, finished: Finished) {
        let now = self.clock.monotonic();
        if let Some(sending) = self.sendings.get_mut(&finished.take) {
            sending.finished(finished.tells, finished.outcome, &self.spool, finished.token, now);
            if let Some(span) = finished.wait {
                sending.leave_alone(span, now);
            }
        }
    }

    fn publish(&self) {
        let progress = |take: &Take| {
            let sending = self.sendings.get(&take.id);
            Progress {
                take: take.id,
                link: take.clip.as_ref().map(|clip| clip.link.clone()),
                acked_bytes: match sending {
                    _ if take.sealed => take.size_bytes,
                    Some(sending) => sending.acked_bytes,
                    None => take.acked_bytes,
                },
                size_bytes: take.size_bytes,
                sealed: take.sealed,
                problem: sending.and_then(|sending| sending.problem.clone()).filter(|_| !take.sealed),
            }
        };
        let all: Vec<_> = self.survey.takes().map(progress).collect();
        self.report.send_if_modified(|before| {
            let differs = *before != all;
            *before = all;
            differs
        });
    }

    /// For display after the next start, until the library has been asked.
    fn remember_acked(&self) {
        for (id, sending) in &self.sendings {
            let differs = self.spool.take(*id).is_some_and(|take| !take.sealed && take.acked_bytes != sending.acked_bytes);
            if differs && let Err(error) = self.spool.update(*id, |take| take.acked_bytes = sending.acked_bytes) {
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

/// Who may send now. Of the takes of one library, one that is being recorded and the newest one never wait for another;
/// the others send one at a time, and little at once while something is being recorded.
struct Lanes {
    recording: bool,
    busy: HashSet<String>,
    newest: HashMap<String, TakeId>,
}

impl Lanes {
    /// `takes` in the order in which they shall be attended.
    fn new(takes: &[Take], is_sending: impl Fn(TakeId) -> bool) -> Self {
        let mut lanes = Self { recording: false, busy: HashSet::new(), newest: HashMap::new() };
        for take in takes {
            lanes.recording |= !take.complete;
            if take.complete && !take.sealed {
                lanes.newest.entry(library(take)).or_insert(take.id);
            }
            lanes.attended(take, is_sending(take.id));
        }
        lanes
    }

    /// How many bytes a take may join into one append now, or `None` if it is not its turn.
    fn join_bytes(&self, take: &Take) -> Option<u64> {
        let first = !take.complete || self.newest.get(&library(take)) == Some(&take.id);
        match (first, self.busy.contains(&library(take))) {
            (false, true) => None,
            _ if self.recording && take.complete => Some(0),
            _ => Some(JOIN_BYTES),
        }
    }

    fn attended(&mut self, take: &Take, is_sending: bool) {
        if is_sending && take.complete {
            self.busy.insert(library(take));
        }
    }
}

fn library(take: &Take) -> String {
    take.library.clone().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use vignette_model::UtcMicros;

    use super::*;

    fn take(library: &str, complete: bool, at: i64) -> Take {
        let mut take = Take::new(TakeId::new(), UtcMicros(at));
        (take.library, take.complete) = (Some(library.to_owned()), complete);
        take
    }

    #[test]
    fn recordings_and_the_newest_take_wait_for_nobody() {
        let mut takes = vec![take("a", true, 9), take("a", true, 8), take("a", true, 7), take("b", true, 1)];
        let oldest = takes[2].id;
        let mut lanes = Lanes::new(&takes, |id| id == oldest);
        assert_eq!(lanes.join_bytes(&takes[0]), Some(JOIN_BYTES), "the newest does not wait for an older one");
        assert_eq!(lanes.join_bytes(&takes[1]), None, "older ones go one at a time");
        assert_eq!(lanes.join_bytes(&takes[3]), Some(JOIN_BYTES), "nobody waits for another library");
        lanes.attended(&takes[3], true);
        takes.insert(0, take("a", false, 10));
        let lanes = Lanes::new(&takes, |id| id == oldest);
        assert_eq!(lanes.join_bytes(&takes[0]), Some(JOIN_BYTES), "what is being recorded comes first");
        assert_eq!(lanes.join_bytes(&takes[1]), Some(0), "and the others leave it room");
    }
}
