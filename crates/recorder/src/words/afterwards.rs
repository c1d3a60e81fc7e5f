//! [`Afterwards`]: gives takes their words that have none yet: because the program died, because there was no model then,
//! because they came as files. One at a time, newest first, and never while something is being recorded.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tracing::{info, warn};
use vignette_model::text::Label;
use vignette_model::words::Cue;
use vignette_model::{Clock, ErrorCode, Micros, Problem, TakeId};
use vignette_spool::{Hearings, Spool, Take};
use vignette_words::insights::Endpoint;
use vignette_words::{Heard, Listener, Speech};

use super::ear::broke_off;
use super::scribe::Scribe;
use super::{Hearer, better, service};
use crate::recorder::Inner;

/// How often a model may fail on a take before the take is left without words.
const TRIES: u32 = 3;
/// How often to look for takes that nobody told of.
const LOOK: Duration = Duration::from_secs(30);
/// After a failure, whatever it is.
const BREATH: Duration = Duration::from_secs(5);
/// What is shorter holds no word.
const SHORTEST: Micros = Micros::from_millis(500);

/// Who is heard at the moment, and that somebody should look for more.
#[derive(Debug, Default)]
pub(crate) struct Afterwards {
    heard_now: Mutex<HashSet<TakeId>>,
    one_at_a_time: tokio::sync::Mutex<()>,
    /// Of two that ask a service about the same take, the second finds that it is done.
    pub(super) thinking: tokio::sync::Mutex<()>,
    news: Notify,
}

impl Afterwards {
    /// The take is being heard, or is not any more.
    pub(crate) fn set_heard_now(&self, take: TakeId, now: bool) {
        let mut heard = self.heard_now();
        if now {
            heard.insert(take)
        } else {
            heard.remove(&take)
        };
        drop(heard);
        self.look();
    }

    fn heard_now(&self) -> MutexGuard<'_, HashSet<TakeId>> {
        self.heard_now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// There may be something to be heard.
    pub(crate) fn look(&self) {
        self.news.notify_one();
    }
}

/// Gives words to whatever has none, as long as the recorder lives.
pub(crate) async fn keep_catching_up(recorder: Weak<Inner>) {
    loop {
        let Some(inner) = recorder.upgrade() else { return };
        let next = tokio::task::spawn_blocking({
            let inner = inner.clone();
            move || inner.next_to_hear()
        });
        if let Ok(Some((take, hearer))) = next.await {
            let heard = hear_one(&inner, take, hearer, true).await;
            if let Err(problem) = &heard {
                warn!(take.id = %take, code = %problem.code, "A take got no words for now");
            }
            let failed = heard.is_err();
            inner.set_words_problem(heard.err());
            drop(inner);
            if failed {
                tokio::time::sleep(BREATH).await;
            }
            continue;
        }
        drop(inner);
        // A look now and then finds what other programs left, and that the recorder is gone.
        let Some(waiting) = recorder.upgrade().map(|inner| inner.words.clone()) else { return };
        drop(tokio::time::timeout(LOOK, waiting.news.notified()).await);
    }
}

impl Inner {
    /// The newest take that has no words yet and may get some now, and who hears it.
    fn next_to_hear(&self) -> Option<(TakeId, Hearer)> {
        if self.is_recording() {
            return None;
        }
        let hearers = self.hearers();
        if hearers.is_empty() {
            return None;
        }
        let heard_now = self.words.heard_now().clone();
        let lacking = self.spool.takes().into_iter().filter(|take| lacks_words(take) && !heard_now.contains(&take.id));
        let mut both = lacking.filter_map(|take| {
            let hearer = hearers.iter().find(|hearer| hearer.name().is_some_and(|name| tries(&take, &name) < TRIES))?;
            Some((take.id, hearer.clone()))
        });
        both.find(|(take, _)| self.spool.claim(*take))
    }
}

/// How often it was tried in vain.
fn tries(take: &Take, name: &Label) -> u32 {
    take.hearings.as_ref().filter(|hearings| hearings.model == *name).map_or(0, |hearings| hearings.times)
}

fn lacks_words(take: &Take) -> bool {
    let heard = !take.unheard && take.words.is_some_and(|mark| mark.done);
    take.complete && !take.wordless && take.duration_us >= SHORTEST && !heard
}

/// Hears a finished take from its stream and keeps its words. With `gives_way` it stops, to go on another time, as soon as
/// something is recorded.
pub(crate) async fn hear_one(inner: &Arc<Inner>, take: TakeId, hearer: Hearer, gives_way: bool) -> Result<(), Problem> {
    let one = inner.words.one_at_a_time.lock().await;
    inner.words.set_heard_now(take, true);
    let recorder = Arc::downgrade(inner);
    let stop = move || recorder.upgrade().is_none_or(|inner| gives_way && inner.is_recording());
    let again = Again { spool: inner.spool.clone(), clock: inner.clock.clone(), take, runtime: Handle::current() };
    let heard = tokio::task::spawn_blocking(move || again.hear(&hearer, &stop)).await;
    inner.words.set_heard_now(take, false);
    heard
        .unwrap_or_else(|error| Err(Problem::new(ErrorCode::Internal, format!("A thread of the recorder broke off: {error}"))))?;
    // The next take does not wait for a service that thinks about this one.
    drop(one);
    better(inner, take).await;
    Ok(())
}

/// A take that is heard from its stream.
struct Again {
    spool: Spool,
    clock: Arc<dyn Clock>,
    take: TakeId,
    runtime: Handle,
}

/// How hearing a stream ended.
enum Ended {
    /// All of it was heard.
    Heard(Heard),
    /// There is no sound in it.
    Soundless,
    /// Something else comes first.
    Stopped,
}

impl Again {
    fn hear(&self, hearer: &Hearer, stop: &dyn Fn() -> bool) -> Result<(), Problem> {
        let (id, spool) = (self.take, &self.spool);
        let take = spool.take(id).ok_or_else(|| Problem::new(ErrorCode::NotFound, "There is no such take."))?;
        let Some(name) = hearer.name().filter(|_| lacks_words(&take)) else { return Ok(()) };
        // Counted before it begins, in case the model takes the whole program with it.
        let times = tries(&take, &name);
        let tried = |times| Some(Hearings { model: name.clone(), times }).filter(|hearings| hearings.times > 0);
        spool.update(id, |take| take.hearings = tried(times + 1))?;
        // What the same model heard before still holds; it goes on behind its last cue.
        let before = spool.words(id).filter(|words| words.heard_by == name && matches!(hearer, Hearer::Model(_)));
        let before = before.map_or_else(Vec::new, |words| words.cues);
        info!(take.id = %id, cues = before.len(), "Hearing a take");
        let ended = match hearer {
            Hearer::Model(file) => self.by_model(file, &name, before.clone(), stop)?,
            Hearer::Service(endpoint) => self.by_service(endpoint, stop)?,
        };
        let heard = match ended {
            Ended::Heard(heard) => heard,
            Ended::Soundless => {
                return Ok(spool.update(id, |take| (take.wordless, take.hearings) = (true, None)).map(drop)?);
            }
            Ended::Stopped => {
                info!(take.id = %id, "Something else comes first; the take is heard another time");
                return Ok(spool.update(id, |take| take.hearings = tried(times)).map(drop)?);
            }
        };
        let done = heard.done;
        self.scribe(&name, before).note(heard, true)?;
        if !done {
            return Err(broke_off());
        }
        spool.update(id, |take| (take.hearings, take.unheard) = (None, false))?;
        info!(take.id = %id, "A take has its words");
        Ok(())
    }

    fn by_model(&self, file: &Path, name: &Label, before: Vec<Cue>, stop: &dyn Fn() -> bool) -> Result<Ended, Problem> {
        let from = before.last().map_or(Micros::ZERO, |cue| cue.end_us);
        let (mut scribe, id) = (self.scribe(name, before), self.take);
        let mut listener = Listener::start(Speech::open(file)?, move |heard: Heard| {
            if let Err(error) = scribe.note(heard, false) {
                warn!(take.id = %id, %error, "Words could not be kept for now");
            }
        });
        let mut stopped = false;
        let sound = vignette_encode::sound_of(&self.spool.stream_path(id), from, |samples| {
            stopped = stop();
            if !stopped && listener.hear_waiting(&samples) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(match sound {
            _ if stopped => Ended::Stopped,
            None => Ended::Soundless,
            Some(_) => Ended::Heard(listener.finish()),
        })
    }

    fn by_service(&self, endpoint: &Endpoint, stop: &dyn Fn() -> bool) -> Result<Ended, Problem> {
        let heard = service::hear(&self.spool.stream_path(self.take), endpoint, &self.runtime, stop)?;
        Ok(match heard {
            Some(heard) => Ended::Heard(heard),
            None if stop() => Ended::Stopped,
            None => Ended::Soundless,
        })
    }

    fn scribe(&self, name: &Label, before: Vec<Cue>) -> Scribe {
        Scribe::new(self.spool.clone(), self.clock.clone(), self.take, name.clone(), before)
    }
}
