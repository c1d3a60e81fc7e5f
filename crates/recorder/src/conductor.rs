//! [`Conductor`]: the thread that makes one stream of the sources of a take.
//!
//! ```text
//!  screen ─┐           ┌─ in order ─┐
//!  camera ─┼─ Captured ┤            ├─▶ timeline ─▶ encoder ─▶ writer ─▶ spool
//!  mic    ─┘  (bounded)└─ first ────┘  (cuts out    (this      (its own thread)
//!                                       pauses)     thread)
//!                                         └ mic ─▶ live transcription (its own thread)
//! ```
//!
//! Each turn drains the queues of sound first and then handles pictures: encoding a picture can
//! take long on a busy computer, and lost sound cannot be captured again, while a later picture
//! shows all that has changed. How late sound is follows from the samples that have arrived and
//! from the latency that the microphone reports, never from the clock.
//!
//! A take begins after the countdown, once the first pictures and the link are there (both are
//! waited for two seconds at most), and is kept until a stop command. Sound is captured up to the
//! instant of the stop, so its queues are drained for a moment longer.

mod pictures;
mod view;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, Select, Sender, TryRecvError};
use tokio::sync::watch;
use vignette_capture::SourceKind;
use vignette_encode::{Bubble, Canvas, EncodeError, EncodedPiece, Encoder, Totals};
use vignette_model::take::Phase;
use vignette_model::{Captured, Micros, Notice, Problem, Samples, Span, TakeClock};

use crate::RecorderError;
use crate::command::TakeCommand;
use crate::heartbeat::Heartbeat;
use crate::in_order::InOrder;
use crate::inputs::Inputs;
use crate::load::Load;
use crate::loudness::Loudness;
use crate::plan::Plan;
use crate::preview::Preview;
use crate::recording::{Outcome, Pictures, RecordingView};
use crate::timeline::Timeline;
use crate::transcription::LiveTranscription;
use crate::warning::Warning;

/// How long a take waits for first pictures and for its link before it begins without them.
const FIRST_PICTURE_TIMEOUT: Span = Span::from_secs(2);
/// How long after stop sound that was captured before it may still come.
const LATE_SOUND_TIMEOUT: Span = Span::from_millis(800);
/// The most that one turn counts towards that: while this thread waits for the processor, the
/// threads that bring the sound may wait, too.
const MAX_WAIT_PER_TURN: Span = Span::from_millis(50);
/// The most pictures that are received before the queues of sound are drained again.
const PICTURES_A_TURN: usize = 8;
/// The picture of a take that has neither screen nor camera.
const VOICE_ONLY: Canvas = Canvas { width: 1280, height: 720 };

/// One take, from open sources to its last fragment.
pub(crate) struct Conductor {
    pub(crate) inputs: Inputs,
    pub(crate) clock: TakeClock,
    pub(crate) plan: Plan,
    pub(crate) commands: Receiver<TakeCommand>,
    pub(crate) pieces: Sender<EncodedPiece>,
    pub(crate) view: Arc<watch::Sender<RecordingView>>,
    pub(crate) preview: Preview,
    /// Gets the voice for the live transcription, if there is one.
    pub(crate) live: Option<LiveTranscription>,
}

impl Conductor {
    /// Runs until the take is stopped, cancelled or failed. The channel to the spool writer is
    /// closed when this returns. The sources are still open then, since some need half a second to
    /// close their device.
    pub(crate) fn run(self) -> (Outcome, Inputs) {
        let asked = self.clock.now();
        let take = RunningTake {
            timeline: Timeline::default(),
            heartbeat: Heartbeat::start(self.clock.clone()),
            order: InOrder::new(self.inputs.all.len()),
            load: Load::new(self.plan.fps_max),
            loudness: Loudness::default(),
            encoder: None,
            bubble: self.plan.bubble.map(Bubble::from),
            sink_closed: Arc::default(),
            linked: false,
            camera_seen: false,
            asked,
            stopping: None,
            sounds: self.inputs.sounds().map(|(input, _)| SoundState::of(input)).collect(),
            voice: self.inputs.voice(),
            turned: asked,
            waited: Span::ZERO,
            phase: Phase::Countdown,
            of: self,
        };
        take.run()
    }
}

/// What goes on after a step.
enum Flow {
    On,
    End(Outcome),
}

/// How far the sound of one source has come.
struct SoundState {
    /// Its place among the inputs.
    input: usize,
    /// Up to where sound has come, by the take's clock.
    heard_until: Micros,
    /// Whether it has said that it gives nothing.
    is_lost: bool,
}

impl SoundState {
    const fn of(input: usize) -> Self {
        Self { input, heard_until: Micros::ZERO, is_lost: false }
    }
}

struct RunningTake {
    of: Conductor,
    timeline: Timeline,
    heartbeat: Heartbeat,
    order: InOrder,
    load: Load,
    loudness: Loudness,
    encoder: Option<Encoder>,
    /// How the camera lies over the screen.
    bubble: Option<Bubble>,
    /// Whether a piece found nobody who takes it.
    sink_closed: Arc<AtomicBool>,
    linked: bool,
    camera_seen: bool,
    asked: Micros,
    /// Set once stop was asked: when by the take's clock, and why if not by a person.
    stopping: Option<(Micros, Option<RecorderError>)>,
    /// One for each source of sound, in the order of their tracks.
    sounds: Vec<SoundState>,
    /// The place among the inputs of the sound that is metered and transcribed.
    voice: Option<usize>,
    /// When the last turn ended, and for how long sound was waited for after stop.
    turned: Micros,
    waited: Span,
    phase: Phase,
}

impl RunningTake {
    fn run(mut self) -> (Outcome, Inputs) {
        let outcome = self.conduct();
        (outcome, self.of.inputs)
    }

    fn conduct(&mut self) -> Outcome {
        loop {
            match self.step() {
                Ok(Flow::On) => {}
                Ok(Flow::End(outcome)) => return outcome,
                Err(error) => {
                    let now = self.of.clock.now();
                    self.stop(now, Some(error));
                    return self.finish();
                }
            }
        }
    }

    fn step(&mut self) -> Result<Flow, RecorderError> {
        self.wait();
        loop {
            match self.of.commands.try_recv() {
                Ok(command) => match self.command(command)? {
                    Flow::On => {}
                    end @ Flow::End(_) => return Ok(end),
                },
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return Ok(Flow::End(Outcome::Cancelled)),
            }
        }
        self.take_in_sound()?;
        self.take_in_pictures()?;
        self.advance()
    }

    /// Waits until there is something to do: for one picture's time at most.
    fn wait(&self) {
        let now = self.of.clock.now();
        let mut span = Span(1_000_000 / u64::from(self.of.plan.fps_max.clamp(1, 120)));
        let mut any = Select::new();
        any.recv(&self.of.commands);
        for (_, sound) in self.of.inputs.sounds() {
            any.recv(&sound.captured);
        }
        let rest = self.load.rest(now);
        if rest > Span::ZERO {
            span = span.min(rest);
        } else {
            for (from, picture) in self.of.inputs.pictures() {
                if self.order.lacks(from) {
                    any.recv(&picture.captured);
                }
            }
            span = self.order.wait(now).map_or(span, |wait| span.min(wait));
        }
        // What was ready does not matter: each turn looks at all channels.
        let _ = any.ready_timeout(span.into());
    }

    /// Cuts out the time in which the program was stopped. Gives the time now.
    fn notice_stops(&mut self) -> Micros {
        let (now, stops) = self.heartbeat.now();
        for stop in stops {
            tracing::info!(
                from_us = stop.start.0,
                until_us = stop.end.0,
                "Nothing ran for a while; it is left out of the take"
            );
            // Sound and pictures may have arrived after the heartbeat's last look.
            let from =
                stop.start.max(self.heard_until()).max(self.order.complete_until(Micros::ZERO));
            self.timeline.cut(from..stop.end);
        }
        now
    }

    /// Drains the queues of sound.
    fn take_in_sound(&mut self) -> Result<(), RecorderError> {
        for source in 0..self.sounds.len() {
            let input = self.sounds[source].input;
            while let Some(captured) = self.of.inputs.all[input].try_receive() {
                if let Some(Captured::Samples(samples)) = self.take_in(input, captured) {
                    self.sound(source, &samples)?;
                }
            }
        }
        Ok(())
    }

    /// Up to where the sound of any source has come, by the take's clock.
    fn heard_until(&self) -> Micros {
        self.sounds.iter().map(|sound| sound.heard_until).max().unwrap_or_default()
    }

    fn command(&mut self, command: TakeCommand) -> Result<Flow, RecorderError> {
        match command {
            TakeCommand::Pause(at) if self.phase == Phase::Recording => {
                self.timeline.pause(at);
                self.enter(Phase::Paused);
            }
            TakeCommand::Resume(at) if self.phase == Phase::Paused => {
                self.timeline.resume(at);
                self.enter(Phase::Recording);
            }
            // Stopped during the countdown: nothing was kept, so there is nothing to finish.
            TakeCommand::Stop(_) if self.phase == Phase::Countdown => {
                return Ok(Flow::End(Outcome::Cancelled));
            }
            TakeCommand::Stop(at) => self.stop(at, None),
            TakeCommand::Cancel => return Ok(Flow::End(Outcome::Cancelled)),
            TakeCommand::SetBubble(bubble) => {
                self.bubble = bubble;
                if let Some(encoder) = &mut self.encoder {
                    encoder.set_bubble(bubble);
                }
            }
            TakeCommand::Linked(link) => {
                self.linked = true;
                self.of.view.send_modify(|view| view.link = link);
            }
            TakeCommand::Failed(error) => return Err(error),
            TakeCommand::Warn(warning) => self.warn(warning),
            TakeCommand::Pause(_) | TakeCommand::Resume(_) => {}
        }
        Ok(Flow::On)
    }

    /// A frame or block of an input; notices of the source are handled here and give none.
    /// `captured` is none if the source has ended. What was received may have been captured after a
    /// stop of the program, since encoding the picture before takes a while: the stop is cut out
    /// before that moves the take on beyond it.
    fn take_in(&mut self, input: usize, captured: Option<Captured>) -> Option<Captured> {
        let kind = self.of.inputs.all[input].slot.kind;
        match captured {
            Some(Captured::Notice(Notice::Lost { why })) => {
                self.warn(Warning::lost(kind, why));
                self.gives_nothing(input);
            }
            Some(Captured::Notice(Notice::Back)) => {
                self.clear_lost_warning(kind);
                let sound = self.sounds.iter_mut().find(|sound| sound.input == input);
                sound.into_iter().for_each(|sound| sound.is_lost = false);
            }
            None => {
                self.warn(Warning::lost(kind, format!("The {kind} ended")));
                self.gives_nothing(input);
                self.of.inputs.all[input].close();
            }
            Some(captured) => {
                self.notice_stops();
                return Some(captured);
            }
        }
        None
    }

    /// Removes a source from those that are waited for.
    fn gives_nothing(&mut self, input: usize) {
        if let Some(source) = self.sounds.iter().position(|sound| sound.input == input) {
            self.sounds[source].is_lost = true;
            if let Some(encoder) = &mut self.encoder {
                encoder.sound_is_lost(source);
            }
        } else {
            self.order.gives_nothing(input);
        }
    }

    /// Takes in a block of the `source`th sound.
    fn sound(&mut self, source: usize, samples: &Samples) -> Result<(), RecorderError> {
        let length = Span::from_ticks(samples.frames() as u64, samples.rate_hz).unwrap_or_default();
        let sound = &mut self.sounds[source];
        sound.heard_until = samples.at + length;
        let is_voice = self.voice == Some(sound.input);
        if is_voice && let Some(level) = self.loudness.hear(samples) {
            self.of.view.send_modify(|view| view.level_dbfs = Some(level));
        }
        if let Some(encoder) = &mut self.encoder {
            for kept in self.timeline.keep(samples) {
                survivable(encoder.sound(source, &kept))?;
                if let Some(live) = self.of.live.as_ref().filter(|_| is_voice) {
                    live.push(kept);
                }
            }
        }
        Ok(())
    }

    /// What time alone brings: the beginning, the next picture, the end.
    fn advance(&mut self) -> Result<Flow, RecorderError> {
        if self.sink_closed.load(Ordering::Relaxed) {
            return Err(RecorderError::NotKept);
        }
        let now = self.notice_stops();
        let turned = std::mem::replace(&mut self.turned, now);
        match self.phase {
            Phase::Countdown => self.count_down(now)?,
            Phase::Recording => {
                let kept = self.timeline.clip_time(now).since_start();
                self.watch_for_silence();
                if !self.stop_at_limit(now)
                    && self.of.view.borrow().duration_us.abs_diff(kept) >= Span::from_millis(100)
                {
                    self.of.view.send_modify(|view| view.duration_us = kept);
                }
            }
            Phase::Paused | Phase::Stopped => {}
            Phase::Finishing => {
                let at = self.stopping.as_ref().map_or(now, |(at, _)| *at);
                // Turns follow each other by one clock, which never goes back.
                self.waited += now.saturating_since(turned).min(MAX_WAIT_PER_TURN);
                let has_come = |sound: &SoundState| sound.is_lost || sound.heard_until >= at;
                if self.sounds.iter().all(has_come) || self.waited >= LATE_SOUND_TIMEOUT {
                    return Ok(Flow::End(self.finish()));
                }
            }
        }
        Ok(Flow::On)
    }

    fn count_down(&mut self, now: Micros) -> Result<(), RecorderError> {
        let begins = self.asked + Span::from_secs(self.of.plan.countdown_s.into());
        let left = begins.saturating_since(now);
        let seconds_left = left.0.div_ceil(1_000_000);
        if self.of.view.borrow().countdown_s != seconds_left {
            self.of.view.send_modify(|view| view.countdown_s = seconds_left);
        }
        let waited = now >= begins.max(self.asked + FIRST_PICTURE_TIMEOUT);
        let pictured = self.encoder.is_some() || !self.has_pictures();
        let ready = pictured
            && self.linked
            && (self.camera_seen || self.of.inputs.of_kind(SourceKind::Camera).is_none());
        if left > Span::ZERO || !(waited || ready) {
            return Ok(());
        }
        if !pictured {
            let silent = self.of.inputs.pictures().next();
            let name = silent.map_or("The screen", |(_, input)| &input.name).to_owned();
            return Err(RecorderError::NoPicture { name });
        }
        if self.encoder.is_none() {
            self.open_encoder(VOICE_ONLY)?;
        }
        self.timeline.begin(now);
        self.enter(Phase::Recording);
        Ok(())
    }

    /// Stops a take that has lasted as long as it was to last, at that instant; whether it did.
    fn stop_at_limit(&mut self, now: Micros) -> bool {
        let limit =
            self.of.plan.duration.filter(|_| self.phase == Phase::Recording).map(Span::from);
        let kept = self.timeline.clip_time(now).since_start();
        let over = limit.and_then(|limit| kept.checked_sub(limit));
        if let Some(over) = over {
            // Less was kept than the clock has counted.
            self.stop(now.saturating_sub(over), None);
        }
        over.is_some()
    }

    fn has_pictures(&self) -> bool {
        self.of.inputs.pictures().any(|(_, input)| input.is_open())
    }

    fn stop(&mut self, at: Micros, why: Option<RecorderError>) {
        if self.stopping.is_none() {
            self.timeline.end(at);
            self.stopping = Some((at, why));
            self.enter(Phase::Finishing);
        }
    }

    fn finish(&mut self) -> Outcome {
        let at = self.stopping.as_ref().map_or_else(|| self.of.clock.now(), |(at, _)| *at);
        let end = self.timeline.clip_time(at);
        let shown = self.last_pictures(at);
        let why = self.stopping.take().and_then(|(_, why)| why);
        let poster = self.encoder.as_mut().and_then(Encoder::poster);
        // Whatever the encoder says at the end, the fragments before are kept.
        let finished = self.encoder.take().map_or(Ok(Totals::default()), |encoder| {
            encoder.finish(end).map_err(RecorderError::from)
        });
        let totals = finished.as_ref().copied().unwrap_or_default();
        let problem = why.or(finished.err()).or(shown.err()).map(Problem::from);
        let kept = end > Micros::ZERO;
        if !kept {
            return problem.map_or(Outcome::Cancelled, Outcome::Failed);
        }
        if let Some(live) = self.of.live.take() {
            live.finish();
        }
        let pictures = Pictures { kept: totals.pictures, left_out: totals.left_out };
        Outcome::Stopped {
            duration: end.since_start(),
            paused: self.timeline.pauses(),
            pictures,
            poster,
            problem,
        }
    }
}

/// A frame or block that is not what it says is left out, and the take goes on.
fn survivable(done: Result<(), EncodeError>) -> Result<(), RecorderError> {
    match done {
        Err(error @ (EncodeError::BadFrame { .. } | EncodeError::BadSound { .. })) => {
            tracing::warn!(%error, "Left something out of a take");
            Ok(())
        }
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests;
