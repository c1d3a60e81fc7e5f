//! The transcript beside a take's stream: kept as a whole, with a revision that rises.

use vignette_durable as durable;
use vignette_model::TakeId;
use vignette_model::transcript::{TranscriptSnapshot, TranscriptVersion};

use crate::transcript_file::{self, FILE_NAME, VERSION_1_FILE_NAME};
use crate::{Spool, SpoolError, Take, record};

impl Spool {
    /// Keeps the transcript of a take in place of the one before. It gets the next revision,
    /// whatever `transcript` says; that stands in the take that this gives.
    ///
    /// # Errors
    /// [`SpoolError::TranscriptTooLarge`]; else as [`Spool::update`]. Then the one before is still
    /// there.
    pub fn put_transcript(
        &self,
        id: TakeId,
        transcript: TranscriptSnapshot,
    ) -> Result<Take, SpoolError> {
        let owned = self.owned(id)?;
        let take = {
            let mut state = owned.state();
            let path = owned.folder.join(FILE_NAME);
            // Whichever is newer: a crash may have come between transcript and record.
            let recorded = state.take.transcript.version.map_or(0, |version| version.version);
            let before = recorded.max(
                transcript_file::read(&owned.folder, id)
                    .map_or(0, |transcript| transcript.revision),
            );
            let transcript = TranscriptSnapshot { revision: before + 1, ..transcript };
            let json = transcript_file::json(id, &transcript)?;
            durable::write(&path, &json).map_err(SpoolError::disk("write", &path))?;
            let mut take = state.take.clone();
            take.transcript.version =
                Some(TranscriptVersion { version: transcript.revision, done: transcript.done });
            record::write(&owned.folder, &take)?;
            state.take = take.clone();
            // It is read only while there is no newer one, so a failure costs nothing but its
            // space.
            let _ = std::fs::remove_file(owned.folder.join(VERSION_1_FILE_NAME));
            take
        };
        self.notify(id);
        Ok(take)
    }

    /// The transcript of a take, if there is one.
    #[must_use]
    pub fn transcript(&self, id: TakeId) -> Option<TranscriptSnapshot> {
        transcript_file::read(&self.folder(id), id)
    }
}
