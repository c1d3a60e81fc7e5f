//! [`Listener`]: hears a take while it is recorded, or afterwards, and tells what was [`Heard`].
//!
//! ```text
//! hear ─▶ Mono ─▶ Cutter ─▶ pieces ═▶ Speech ─▶ sift ─▶ cues ─▶ Heard
//!         16 kHz  pauses    waiting   one thread of low priority
//! ```

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use transcribe_cpp::CancelToken;
use vignette_model::text::Label;
use vignette_model::words::{Cue, MAX_CUES};
use vignette_model::{Micros, Samples};

use crate::cues::cues;
use crate::mono::Mono;
use crate::piece::{Cutter, Piece};
use crate::sieve::sift;
use crate::speech::Said;
use crate::{Speech, WordsError, priority};

/// Sound that may wait while a take is recorded; with more than that this computer is too slow for the model.
const MOST_WAITING: Micros = Micros::from_secs(600);
/// Sound that may wait when there is time to wait for it.
const ENOUGH_WAITING: Micros = Micros::from_secs(60);
/// In a shorter piece a model may take one language for another.
const TELLING: Micros = Micros::from_secs(6);

/// What was heard so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// What was said, in order.
    pub cues: Vec<Cue>,
    /// BCP 47 tag of the language, if known: `en`.
    pub language: Option<Label>,
    /// Where in the clip the hearing has got to; before it nothing more comes.
    pub until: Micros,
    /// Whether everything was heard that there was. Stays `false` if the listener gave up or the model failed.
    pub done: bool,
}

/// Hears sound in the order in which it comes. Dropping it stops at once and keeps nothing.
pub struct Listener {
    mono: Mono,
    cutter: Cutter,
    desk: Arc<Desk>,
    cancel: CancelToken,
    worker: Option<JoinHandle<Heard>>,
}

/// Where pieces wait for the worker.
#[derive(Default)]
struct Desk {
    pile: Mutex<Pile>,
    changed: Condvar,
}

#[derive(Default)]
struct Pile {
    pieces: VecDeque<Piece>,
    /// Together with the one that is being heard.
    waiting: Micros,
    /// No piece comes any more; the clip's sound ends here.
    ends: Option<Micros>,
    gave_up: bool,
    worker_is_gone: bool,
}

impl Desk {
    fn pile(&self) -> MutexGuard<'_, Pile> {
        self.pile.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, pile: MutexGuard<'a, Pile>) -> MutexGuard<'a, Pile> {
        self.changed.wait_timeout(pile, Duration::from_secs(1)).map_or_else(|e| e.into_inner().0, |(pile, _)| pile)
    }
}

impl Listener {
    /// Begins to listen. `on` is told on the listener's own thread, after each piece, of everything that was heard so far.
    #[must_use]
    pub fn start(speech: Speech, on: impl FnMut(Heard) + Send + 'static) -> Self {
        let cancel = CancelToken::new();
        let desk = Arc::new(Desk::default());
        let heard = Heard { language: speech.language(), ..Heard::default() };
        let worker = Worker { desk: desk.clone(), cancel: cancel.clone(), speech, votes: HashMap::new(), heard, failed: false };
        let thread = std::thread::Builder::new().name("words".to_owned()).spawn(move || worker.run(on));
        // With no thread nothing is heard, and `finish` says so; the take goes on.
        let worker = thread.inspect_err(|error| tracing::warn!(%error, "No thread for hearing speech")).ok();
        Self { mono: Mono::default(), cutter: Cutter::default(), desk, cancel, worker }
    }

    /// Hears the next block, stamped with clip time: any rate, any number of channels. Never waits. Blocks follow each
    /// other; a gap of more than half a second is one, and what was heard already is passed over. If more than 10 minutes of
    /// speech wait, it gives up: see [`Self::gave_up`].
    pub fn hear(&mut self, samples: &Samples) {
        let mut pieces = Vec::new();
        for stretch in self.mono.hear(samples) {
            self.cutter.hear(&stretch, &mut pieces);
        }
        self.lay_down(pieces);
    }

    /// Like [`Self::hear`], but waits while more than a minute of speech does: for sound that comes faster than it is
    /// spoken. Gives whether it is worth going on: `false` if the listener gave up.
    pub fn hear_waiting(&mut self, samples: &Samples) -> bool {
        self.hear(samples);
        let mut pile = self.desk.pile();
        while pile.waiting > ENOUGH_WAITING && !pile.gave_up && !pile.worker_is_gone {
            pile = self.desk.wait(pile);
        }
        !pile.gave_up && !pile.worker_is_gone
    }

    /// Whether the model was too slow for this computer, so that the rest of the take is not heard.
    #[must_use]
    pub fn gave_up(&self) -> bool {
        self.desk.pile().gave_up
    }

    /// Waits until everything is heard, and gives it.
    #[must_use]
    pub fn finish(mut self) -> Heard {
        let mut pieces = Vec::new();
        if let Some(stretch) = self.mono.flush() {
            self.cutter.hear(&stretch, &mut pieces);
        }
        self.cutter.finish(&mut pieces);
        self.lay_down(pieces);
        self.desk.pile().ends = Some(self.cutter.end());
        self.desk.changed.notify_all();
        let heard = self.worker.take().map(JoinHandle::join);
        heard.and_then(Result::ok).unwrap_or_default()
    }

    fn lay_down(&self, pieces: Vec<Piece>) {
        if pieces.is_empty() {
            return;
        }
        let mut pile = self.desk.pile();
        for piece in pieces {
            if !pile.gave_up {
                pile.waiting += piece.length();
                pile.pieces.push_back(piece);
            }
        }
        if pile.waiting > MOST_WAITING && !pile.gave_up {
            tracing::warn!(waiting_us = pile.waiting.0, "Speech comes faster than this computer can write it down");
            pile.gave_up = true;
            pile.pieces.clear();
            self.cancel.cancel();
        }
        self.desk.changed.notify_all();
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // After `finish` the worker is gone. Else it stops by itself, within the second that a step of the model takes.
        self.cancel.cancel();
        self.desk.changed.notify_all();
    }
}

/// The thread that hears.
struct Worker {
    desk: Arc<Desk>,
    cancel: CancelToken,
    speech: Speech,
    /// How long each language was heard.
    votes: HashMap<String, Micros>,
    heard: Heard,
    failed: bool,
}

impl Worker {
    fn run(mut self, mut on: impl FnMut(Heard)) -> Heard {
        let _gone = Gone(self.desk.clone());
        priority::lower();
        let mut attention = self.speech.attend(&self.cancel);
        while let Some(piece) = self.next() {
            let said = match &mut attention {
                Ok(attention) => attention.hear(&piece.sound, self.told(&piece).as_deref()),
                Err(error) => Err(WordsError::Engine(error.to_string())),
            };
            self.take(&piece, said);
            let mut pile = self.desk.pile();
            pile.waiting = pile.waiting - piece.length();
            drop(pile);
            self.desk.changed.notify_all();
            if !self.cancel.is_cancelled() {
                on(self.heard.clone());
            }
        }
        self.heard
    }

    /// The next piece; none if no more comes.
    fn next(&mut self) -> Option<Piece> {
        let desk = self.desk.clone();
        let mut pile = desk.pile();
        loop {
            if self.cancel.is_cancelled() {
                return None;
            }
            if let Some(piece) = pile.pieces.pop_front() {
                return Some(piece);
            }
            if let Some(end) = pile.ends {
                self.heard.until = end;
                self.heard.done = !self.failed && !pile.gave_up;
                return None;
            }
            pile = desk.wait(pile);
        }
    }

    /// The language to tell the model: what was heard most, if this piece is too short to tell by itself.
    fn told(&self, piece: &Piece) -> Option<String> {
        if spoken(piece) < TELLING { self.most_heard().cloned() } else { None }
    }

    fn most_heard(&self) -> Option<&String> {
        self.votes.iter().max_by_key(|(_, time)| **time).map(|(language, _)| language)
    }

    fn take(&mut self, piece: &Piece, said: Result<Said, WordsError>) {
        match said {
            Ok(said) => {
                if let (None, Some(language)) = (self.speech.language(), said.language) {
                    *self.votes.entry(language).or_default() += spoken(piece);
                    self.heard.language = self.most_heard().and_then(|language| Label::cut(language).ok());
                }
                let cues = cues(&sift(said.parts, piece), piece);
                tracing::debug!(start_us = piece.start.0, length_us = piece.length().0, cues = cues.len(), "Heard a piece");
                self.add(cues);
            }
            Err(_) if self.cancel.is_cancelled() => {}
            Err(error) => {
                tracing::warn!(%error, start_us = piece.start.0, "A piece of speech could not be written down");
                self.failed = true;
            }
        }
        self.heard.until = piece.start + piece.length();
    }

    fn add(&mut self, cues: Vec<Cue>) {
        for mut cue in cues {
            let after = self.heard.cues.last().map_or(Micros::ZERO, |last| last.end_us);
            cue.start_us = cue.start_us.max(after);
            for word in &mut cue.word_starts_us {
                *word = (*word).max(after);
            }
            if cue.start_us < cue.end_us && self.heard.cues.len() < MAX_CUES {
                self.heard.cues.push(cue);
            }
        }
    }
}

/// How long somebody speaks in a piece.
fn spoken(piece: &Piece) -> Micros {
    piece.voiced.iter().fold(Micros::ZERO, |sum, span| sum + (span.end - span.start))
}

/// Says that the worker is gone, however it went.
struct Gone(Arc<Desk>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.pile().worker_is_gone = true;
        self.0.changed.notify_all();
    }
}
