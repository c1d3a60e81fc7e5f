//! How a take ends: what was kept of it is made complete, or it is thrown away.

use vignette_model::TakeId;
use vignette_model::api::CreatedClip;
use vignette_spool::{SpoolError, Take, Unwanted};

use super::Inner;
use crate::keeper::Kept;
use crate::recording::Outcome;

impl Inner {
    /// Marks the take complete, or throws away one of which nothing is to be kept.
    pub(super) fn close(&self, kept: Kept, mut outcome: Outcome) -> Outcome {
        let Kept { writer, problem: lost } = kept;
        let id = writer.id();
        let given = self.given(id);
        match &mut outcome {
            Outcome::Stopped { paused, poster, problem, .. } => {
                let described = writer.update(|take| take.paused.clone_from(paused)).map(drop);
                let pictured = poster.as_ref().map_or(Ok(()), |jpeg| self.spool.put_poster(id, jpeg));
                for error in [described, pictured].into_iter().filter_map(Result::err) {
                    tracing::warn!(take.id = %id, %error, "A take's description could not be kept");
                }
                let finished = if lost.is_some() { writer.finish_interrupted() } else { writer.finish() };
                *problem = problem.take().or(lost);
                match finished {
                    Ok(take) => tracing::info!(take.id = %id, take.size_bytes, duration_us = take.duration_us.0, "Finished take"),
                    Err(error @ SpoolError::Nothing(_)) => {
                        self.leave_no_clip(given);
                        return Outcome::Failed(problem.take().unwrap_or_else(|| error.into()));
                    }
                    // Its bytes are safe, and recovery will mark it.
                    Err(error) => {
                        tracing::warn!(take.id = %id, %error, "A take could not be marked complete for now");
                        problem.get_or_insert_with(|| error.into());
                    }
                }
            }
            Outcome::Cancelled | Outcome::Failed(_) => {
                if let Err(error) = writer.discard() {
                    tracing::warn!(take.id = %id, %error, "A cancelled take could not be removed");
                }
                self.leave_no_clip(given);
            }
        }
        outcome
    }

    /// The clip that waits for a take in a library, if there is one.
    fn given(&self, id: TakeId) -> Option<(String, CreatedClip)> {
        let Take { library, clip, .. } = self.spool.take(id)?;
        library.zip(clip)
    }

    /// Has the clip of a take that is gone deleted, as soon as the library is there.
    fn leave_no_clip(&self, given: Option<(String, CreatedClip)>) {
        let noted = given.map_or(Ok(()), |(library, clip)| self.spool.add_unwanted(&Unwanted { library, clip: clip.id }));
        if let Err(error) = noted {
            tracing::warn!(%error, "A take that is gone leaves an empty clip in the library");
        }
        self.uploader.wake();
    }
}
