//! Pictures of a take that runs: taken in by the order of their capture, encoded as far as there is
//! time.

use std::sync::atomic::Ordering;

use vignette_capture::SourceKind;
use vignette_encode::{Canvas, Encoder, EncoderSettings};
use vignette_model::take::Phase;
use vignette_model::{Captured, Frame, Micros, Span};

use super::{PICTURES_A_TURN, RunningTake, survivable};
use crate::RecorderError;
use crate::warning::Warning;

impl RunningTake {
    /// Takes in pictures in the order in which they were captured, and encodes what is due; the
    /// newest only if there is no time for all.
    pub(super) fn take_in_pictures(&mut self) -> Result<(), RecorderError> {
        let from = self.notice_stops();
        // Sound may have taken long: no picture is made of what lies after the end.
        self.stop_at_limit(from);
        // After stop the last ones are taken in all at once.
        if self.load.rest(from) > Span::ZERO || self.phase == Phase::Finishing {
            return Ok(());
        }
        let encoded = self.encoder.as_ref().map_or(0, Encoder::pictures);
        for _ in 0..PICTURES_A_TURN {
            self.gather();
            let Some((input, frame)) = self.order.take(from) else { break };
            self.picture(input, frame)?;
            if !self.load.is_behind() && !self.order.is_of_the_same_instant() {
                self.tick(from)?;
            }
        }
        self.tick(from)?;
        if self.phase == Phase::Recording {
            let encoded = self.encoder.as_ref().map_or(0, Encoder::pictures) - encoded;
            self.load.worked(from, self.of.clock.now(), encoded);
            if self.load.makes_fewer() {
                self.warn(Warning::Busy);
            } else {
                self.clear_warning(|warning| *warning == Warning::Busy);
            }
        }
        Ok(())
    }

    /// Has the next picture of each source at hand, if there is one.
    pub(super) fn gather(&mut self) {
        for input in 0..self.of.inputs.all.len() {
            if !self.of.inputs.all[input].slot.kind.is_picture() {
                continue;
            }
            while self.order.lacks(input)
                && let Some(captured) = self.of.inputs.all[input].try_receive()
            {
                if let Some(Captured::Frame(frame)) = self.take_in(input, captured) {
                    self.order.put(input, frame);
                }
            }
        }
    }

    /// Encodes what is due of the pictures that were taken in.
    pub(super) fn tick(&mut self, now: Micros) -> Result<(), RecorderError> {
        if self.phase == Phase::Recording
            && let Some(encoder) = &mut self.encoder
        {
            encoder.tick(self.timeline.clip_time(self.order.complete_until(now)))?;
        }
        Ok(())
    }

    /// Pictures are taken in even while nothing is kept, since the next one may be only what
    /// changed.
    pub(super) fn picture(&mut self, input: usize, mut frame: Frame) -> Result<(), RecorderError> {
        let is_camera = self.of.inputs.all[input].slot.kind == SourceKind::Camera;
        if is_camera {
            self.camera_seen = true;
            self.of.preview.show(&frame);
        }
        if self.stopping.as_ref().is_some_and(|(at, _)| frame.at > *at) {
            return Ok(());
        }
        frame.at = self.timeline.clip_time(frame.at);
        let has_screen = self.of.inputs.of_kind(SourceKind::Screen).is_some();
        if self.encoder.is_none() && (!is_camera || !has_screen) {
            self.open_encoder(Canvas { width: frame.width, height: frame.height })?;
        }
        let Some(encoder) = &mut self.encoder else { return Ok(()) };
        survivable(if is_camera { encoder.camera(&frame) } else { encoder.screen(&frame) })
    }

    pub(super) fn open_encoder(&mut self, canvas: Canvas) -> Result<(), RecorderError> {
        let inputs = &self.of.inputs;
        let sound: Vec<_> = inputs.sounds().map(|(_, input)| input.slot.role).collect();
        let has_screen = inputs.of_kind(SourceKind::Screen).is_some();
        let settings = EncoderSettings {
            bubble: self.bubble.filter(|_| has_screen),
            profile: self.of.plan.profile,
            ..EncoderSettings::for_take(canvas, self.of.plan.fps_max, has_screen, &sound)
        };
        let (pieces, sink_closed) = (self.of.pieces.clone(), self.sink_closed.clone());
        let keep = move |piece| {
            if pieces.send(piece).is_err() {
                sink_closed.store(true, Ordering::Relaxed);
            }
        };
        let mut encoder = Encoder::new(settings, keep)?;
        for (source, _) in self.sounds.iter().enumerate().filter(|(_, sound)| sound.is_lost) {
            encoder.sound_is_lost(source);
        }
        self.encoder = Some(encoder);
        Ok(())
    }

    /// Takes in the pictures that still wait, of up to the instant of stopping.
    pub(super) fn last_pictures(&mut self, at: Micros) -> Result<(), RecorderError> {
        for _ in 0..PICTURES_A_TURN {
            self.gather();
            let Some((input, frame)) = self.order.take_any() else { break };
            self.picture(input, frame)?;
            let until = self.timeline.clip_time(self.order.complete_until(Micros::ZERO).min(at));
            if let Some(encoder) =
                self.encoder.as_mut().filter(|_| !self.order.is_of_the_same_instant())
            {
                encoder.tick(until)?;
            }
        }
        Ok(())
    }
}
