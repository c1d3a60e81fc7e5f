//! How a take ends: what was kept of it is made complete, or it is thrown away.

use std::panic::{self, AssertUnwindSafe};
use std::thread::JoinHandle;

use vignette_model::TakeId;
use vignette_model::api::CreatedClip;
use vignette_spool::{OrphanClip, SpoolError};

use super::Inner;
use crate::RecorderError;
use crate::conductor::Conductor;
use crate::inputs::Inputs;
use crate::recording::{Outcome, Pictures};
use crate::spool_writer::SpoolOutcome;

impl Inner {
    /// Conducts a take to its end, and gives the sources that are still open then.
    pub(super) fn conduct(
        &self,
        conductor: Conductor,
        spool_writer: JoinHandle<SpoolOutcome>,
    ) -> (Outcome, Option<Inputs>) {
        let id = conductor.view.borrow().take;
        // A panic is caught here, so that it neither loses what was recorded nor keeps the person
        // from recording again. After one nothing of the conductor is used, hence unwind safe.
        let ran = panic::catch_unwind(AssertUnwindSafe(|| conductor.run()));
        // The conductor's end of the channel is dropped, so the spool writer ends after the last
        // piece.
        match (ran, spool_writer.join()) {
            (Ok((outcome, inputs)), Ok(kept)) => (self.close(kept, outcome), Some(inputs)),
            (Ok((Outcome::Stopped { .. }, inputs)), Err(_)) => (self.broke_off(id), Some(inputs)),
            (Ok((outcome, inputs)), Err(_)) => {
                self.throw_away(id);
                (outcome, Some(inputs))
            }
            (Err(_), kept) => {
                // The writer is dropped first: recovery skips a take that has one.
                drop(kept);
                (self.broke_off(id), None)
            }
        }
    }

    /// Makes of a take what recovery makes of one whose program died.
    fn broke_off(&self, id: TakeId) -> Outcome {
        tracing::error!(take.id = %id, "A thread of a take broke off");
        let given = self.given(id);
        if let Err(error) = self.spool.recover() {
            tracing::warn!(take.id = %id, %error, "A take that broke off is not recovered for now");
        }
        match self.spool.take(id) {
            Some(take) => Outcome::Stopped {
                duration: take.stream.duration_us,
                paused: take.details.paused,
                pictures: Pictures::default(),
                poster: None,
                problem: Some(RecorderError::BrokeOff { kept: true }.into()),
            },
            None => {
                self.leave_no_clip(given);
                Outcome::Failed(RecorderError::BrokeOff { kept: false }.into())
            }
        }
    }

    /// Marks the take complete, or throws away one of which nothing is to be kept.
    pub(super) fn close(&self, kept: SpoolOutcome, mut outcome: Outcome) -> Outcome {
        let SpoolOutcome { writer, failed: lost } = kept;
        let id = writer.id();
        match &mut outcome {
            Outcome::Stopped { paused, poster, problem, .. } => {
                let described =
                    writer.update(|take| take.details.paused.clone_from(paused)).map(drop);
                let pictured =
                    poster.as_ref().map_or(Ok(()), |jpeg| self.spool.put_poster(id, jpeg));
                for error in [described, pictured].into_iter().filter_map(Result::err) {
                    tracing::warn!(take.id = %id, %error, "A take's description could not be kept");
                }
                let given = self.given(id);
                let finished =
                    if lost.is_some() { writer.finish_interrupted() } else { writer.finish() };
                let lost = lost.map(|error| RecorderError::NotAppended(error).into());
                *problem = problem.take().or(lost);
                match finished {
                    Ok(take) => {
                        tracing::info!(
                            take.id = %id,
                            size_bytes = take.stream.size_bytes,
                            duration_us = take.stream.duration_us.0,
                            "Finished take"
                        )
                    }
                    Err(error @ SpoolError::Nothing(_)) => {
                        self.leave_no_clip(given);
                        return Outcome::Failed(problem.take().unwrap_or_else(|| error.into()));
                    }
                    // Its bytes are durable; recovery marks it at the next start.
                    Err(error) => {
                        tracing::warn!(take.id = %id, %error, "A take is not marked complete for now");
                        problem.get_or_insert_with(|| error.into());
                    }
                }
            }
            // That a take was discarded shows only once it has been closed.
            Outcome::Cancelled | Outcome::Discarded | Outcome::Failed(_) => {
                drop(writer);
                self.throw_away(id);
            }
        }
        outcome
    }

    /// Removes a take of which nothing is to be kept, here and in the library.
    pub(super) fn throw_away(&self, id: TakeId) {
        // Noted first: a program that dies in between must not leave a clip that nobody deletes.
        self.leave_no_clip(self.given(id));
        if let Err(error) = self.spool.remove(id) {
            tracing::warn!(take.id = %id, %error, "A cancelled take could not be removed");
        }
    }

    /// The clip that waits for a take in a library, if there is one.
    fn given(&self, id: TakeId) -> Option<(String, CreatedClip)> {
        let upload = self.spool.take(id)?.upload;
        upload.library.zip(upload.clip)
    }

    /// Has the clip of a take that is gone deleted, as soon as the library is there.
    fn leave_no_clip(&self, given: Option<(String, CreatedClip)>) {
        let noted = given.map_or(Ok(()), |(library, clip)| {
            self.spool.add_orphan_clip(&OrphanClip { library, clip: clip.id })
        });
        if let Err(error) = noted {
            tracing::warn!(%error, "A take that is gone leaves an empty clip in the library");
        }
        self.uploader.wake();
    }
}
