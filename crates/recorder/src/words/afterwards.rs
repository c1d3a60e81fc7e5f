//! [`Afterwards`]: gives takes their words that have none yet: because the program died, because there was no model then,
//! because they came as files. One at a time, newest first, and never while something is being recorded.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tracing::{info, warn};
use vignette_model::text::Label;
use vignette_model::{Clock, ErrorCode, Micros, Problem, TakeId};
use vignette_spool::{Hearings, Spool, Take};
use vignette_words::{Heard, Listener, Speech};

use super::ear::broke_off;
use super::scribe::Scribe;
use crate::recorder::Inner;

/// How often a model may fail on a take before the take is left without words.
const TRIES: u32 = 3;
/// How often to look for takes that nobody told of.
const LOOK: Duration = Duration::from_secs(30);
/// What is shorter holds no word.
const SHORTEST: Micros = Micros::from_millis(500);

/// Who is heard at the moment, and that somebody should look for more.
#[derive(Debug, Default)]
pub(crate) struct Afterwards {
    heard_now: Mutex<HashSet<TakeId>>,
    one_at_a_time: tokio::sync::Mutex<()>,
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
        if let Ok(Some((take, model))) = next.await {
            match hear_one(&inner, take, model, true).await {
                Ok(()) => {}
                Err(problem) => warn!(take.id = %take, code = %problem.code, "A take got no words for now"),
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
    /// The newest take that has no words yet and may get some now.
    fn next_to_hear(&self) -> Option<(TakeId, PathBuf)> {
        if self.is_recording() {
            return None;
        }
        let model = self.model_in_use()?;
        let name = model.file_stem().and_then(|stem| Label::cut(&stem.to_string_lossy()).ok())?;
        let heard_now = self.words.heard_now().clone();
        let wants = |take: &Take| {
            let tries = take.hearings.as_ref().filter(|hearings| hearings.model == name).map_or(0, |hearings| hearings.times);
            lacks_words(take) && tries < TRIES && !heard_now.contains(&take.id)
        };
        let take = self.spool.takes().into_iter().find(|take| wants(take) && self.spool.claim(take.id))?;
        Some((take.id, model))
    }
}

fn lacks_words(take: &Take) -> bool {
    take.complete && !take.wordless && take.duration_us >= SHORTEST && !take.words.is_some_and(|mark| mark.done)
}

/// Hears a finished take from its stream and keeps its words. With `gives_way` it stops, to go on another time, as soon as
/// something is recorded.
pub(crate) async fn hear_one(inner: &Arc<Inner>, take: TakeId, model: PathBuf, gives_way: bool) -> Result<(), Problem> {
    let _one = inner.words.one_at_a_time.lock().await;
    inner.words.set_heard_now(take, true);
    let (spool, clock, recorder) = (inner.spool.clone(), inner.clock.clone(), Arc::downgrade(inner));
    let stop = move || recorder.upgrade().is_none_or(|inner| gives_way && inner.is_recording());
    let heard = tokio::task::spawn_blocking(move || hear(&spool, &clock, take, &model, &stop)).await;
    inner.words.set_heard_now(take, false);
    heard.unwrap_or_else(|error| Err(Problem::new(ErrorCode::Internal, format!("A thread of the recorder broke off: {error}"))))
}

fn hear(spool: &Spool, clock: &Arc<dyn Clock>, id: TakeId, model: &Path, stop: &dyn Fn() -> bool) -> Result<(), Problem> {
    let take = spool.take(id).ok_or_else(|| Problem::new(ErrorCode::NotFound, "There is no such take."))?;
    if !lacks_words(&take) {
        return Ok(());
    }
    let speech = Speech::open(model)?;
    let name = speech.name();
    // Counted before it begins, in case the model takes the whole program with it.
    let times = take.hearings.filter(|hearings| hearings.model == name).map_or(0, |hearings| hearings.times);
    let tried = |times| Some(Hearings { model: name.clone(), times }).filter(|hearings| hearings.times > 0);
    spool.update(id, |take| take.hearings = tried(times + 1))?;
    // What the same model heard before still holds; it goes on behind its last cue.
    let before = spool.words(id).filter(|words| words.heard_by == name).map_or_else(Vec::new, |words| words.cues);
    let from = before.last().map_or(Micros::ZERO, |cue| cue.end_us);
    info!(take.id = %id, from_us = from.0, "Hearing a take");

    let scribe = || Scribe::new(spool.clone(), clock.clone(), id, name.clone(), before.clone());
    let mut noting = scribe();
    let mut listener = Listener::start(speech, move |heard: Heard| {
        if let Err(error) = noting.note(heard, false) {
            warn!(take.id = %id, %error, "Words could not be kept for now");
        }
    });
    let mut stopped = false;
    let sound = vignette_encode::sound_of(&spool.stream_path(id), from, |samples| {
        stopped = stop();
        if !stopped && listener.hear_waiting(&samples) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    if stopped {
        drop(listener);
        info!(take.id = %id, "Something else comes first; the take is heard another time");
        return Ok(spool.update(id, |take| take.hearings = tried(times)).map(drop)?);
    }
    if sound.is_none() {
        return Ok(spool.update(id, |take| (take.wordless, take.hearings) = (true, None)).map(drop)?);
    }
    let heard = listener.finish();
    let done = heard.done;
    scribe().note(heard, true)?;
    if !done {
        return Err(broke_off());
    }
    spool.update(id, |take| take.hearings = None)?;
    info!(take.id = %id, "A take has its words");
    Ok(())
}
