//! An [`Ear`]: what the conductor hands the sound of a running take to. It never waits; a thread of its own opens the
//! model, listens and writes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use tokio::sync::watch;
use vignette_model::{Clock, ErrorCode, Micros, Problem, Samples, TakeId};
use vignette_spool::Spool;
use vignette_words::{Heard, Listener, Speech};

use super::WordsState;
use super::scribe::Scribe;
use crate::recording::RecordingView;

/// Sound that may wait while the model is being read. A disk that needs longer than this is left to others.
const MOST_WAITING: Micros = Micros::from_secs(60);

/// Where the sound of a running take goes. Dropping it without [`Ear::finish`] means that the take is not kept, or that its
/// words are left for afterwards.
pub(crate) struct Ear {
    sound: Sender<Heeded>,
    /// Microseconds of sound that nobody has taken yet; more than [`MOST_WAITING`] once it was given up.
    waiting_us: Arc<AtomicU64>,
}

enum Heeded {
    Sound(Samples),
    /// Nothing follows: all of it is to be written.
    End,
}

/// What an ear needs.
pub(crate) struct Hearing {
    pub(crate) spool: Spool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) take: TakeId,
    pub(crate) model: PathBuf,
    pub(crate) view: Arc<watch::Sender<RecordingView>>,
}

impl Ear {
    /// Begins to listen on a thread of its own. `over` is called at the end, however it comes.
    pub(crate) fn open(hearing: Hearing, over: impl FnOnce() + Send + 'static) -> Option<Self> {
        let (sound, heeded) = unbounded();
        let waiting_us = Arc::new(AtomicU64::new(0));
        let waits = waiting_us.clone();
        let listen = move || {
            let view = hearing.view.clone();
            let state = listen(hearing, &heeded, &waits).unwrap_or_else(|problem| WordsState::Failed { problem });
            view.send_modify(|view| view.words = state);
            // What still comes has nobody who takes it.
            waits.store(u64::MAX, Ordering::Relaxed);
            over();
        };
        let begun = thread::Builder::new().name("ear".to_owned()).spawn(listen);
        begun.inspect_err(|error| tracing::warn!(%error, "No thread for the words of a take")).ok()?;
        Some(Self { sound, waiting_us })
    }

    /// Hears a block, stamped with clip time. Never waits.
    pub(crate) fn hear(&self, samples: Samples) {
        if self.waiting_us.load(Ordering::Relaxed) <= MOST_WAITING.0 {
            self.waiting_us.fetch_add(length(&samples), Ordering::Relaxed);
            // If nobody listens any more, the view says why.
            drop(self.sound.send(Heeded::Sound(samples)));
        }
    }

    /// Nothing follows. What was heard is written without anybody waiting for it.
    pub(crate) fn finish(self) {
        drop(self.sound.send(Heeded::End));
    }
}

fn length(samples: &Samples) -> u64 {
    Micros::from_ticks(samples.frames() as u64, samples.rate_hz).unwrap_or_default().0
}

/// Hears everything that comes, and gives what became of it.
fn listen(hearing: Hearing, heeded: &Receiver<Heeded>, waiting_us: &AtomicU64) -> Result<WordsState, Problem> {
    let Hearing { spool, clock, take, model, view } = hearing;
    let speech = Speech::open(&model)?;
    let name = speech.name();
    let mut scribe = Scribe::new(spool.clone(), clock.clone(), take, name.clone(), Vec::new());
    let mut listener = Listener::start(speech, move |heard: Heard| {
        let cues = scribe.cues(&heard);
        if let Err(error) = scribe.note(heard, false) {
            tracing::warn!(take.id = %take, %error, "Words could not be kept for now");
        }
        view.send_if_modified(|view| {
            let now = WordsState::Listening { cues };
            let differs = view.words != now;
            view.words = now;
            differs
        });
    });
    loop {
        match heeded.recv() {
            Ok(Heeded::Sound(samples)) => {
                listener.hear(&samples);
                if waiting_us.fetch_sub(length(&samples), Ordering::Relaxed) > MOST_WAITING.0 {
                    return Err(too_slow());
                }
                if listener.gave_up() {
                    return Err(too_slow());
                }
            }
            Ok(Heeded::End) => break,
            // The take is not kept, or broke off: dropping the listener ends it.
            Err(_) => return Ok(WordsState::Off),
        }
    }
    let heard = listener.finish();
    let (cues, done) = (heard.cues.len(), heard.done);
    Scribe::new(spool, clock, take, name, Vec::new()).note(heard, true)?;
    if done { Ok(WordsState::Done { cues }) } else { Err(broke_off()) }
}

fn too_slow() -> Problem {
    Problem::new(ErrorCode::NotOnThisSystem, "The speech model is too slow on this computer to keep up.")
        .with_help("The words are made after the recording. A smaller model keeps up.")
}

pub(super) fn broke_off() -> Problem {
    Problem::new(ErrorCode::Internal, "The speech model did not come to the end of the recording.")
        .with_help("It is tried again by itself; if it stays, choose another model.")
}
