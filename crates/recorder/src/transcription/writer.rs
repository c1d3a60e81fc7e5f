//! [`TranscriptWriter`]: writes the transcript of one take into the spool as it grows, with the
//! insights that rules make of it.

use std::sync::Arc;

use vignette_insights as insights;
use vignette_model::text::Label;
use vignette_model::transcript::{Cue, TranscriptSnapshot};
use vignette_model::{Clock, Micros, Span, TakeId};
use vignette_spool::{Spool, SpoolError};
use vignette_transcribe::Transcript;

/// Between two snapshots, but for the last.
const WRITE_INTERVAL: Span = Span::from_secs(10);

/// Writes the transcript of one take, as whole snapshots.
pub(super) struct TranscriptWriter {
    spool: Spool,
    clock: Arc<dyn Clock>,
    take: TakeId,
    /// The model that hears.
    transcribed_by: Label,
    /// What was heard at an earlier try.
    before: Vec<Cue>,
    written_at: Option<Micros>,
}

impl TranscriptWriter {
    /// A writer who goes on after `before`, which lies before whatever is heard.
    pub(super) fn new(
        spool: Spool,
        clock: Arc<dyn Clock>,
        take: TakeId,
        transcribed_by: Label,
        before: Vec<Cue>,
    ) -> Self {
        Self { spool, clock, take, transcribed_by, before, written_at: None }
    }

    /// How many cues there are with these.
    pub(super) fn cues(&self, heard: &Transcript) -> usize {
        self.before.len() + heard.cues.len()
    }

    /// Writes a snapshot, unless one was written just now. The last one, and that of everything,
    /// are always written.
    pub(super) fn write(&mut self, heard: Transcript, last: bool) -> Result<(), SpoolError> {
        let now = self.clock.monotonic();
        if !last && self.written_at.is_some_and(|at| now < at + WRITE_INTERVAL) {
            return Ok(());
        }
        self.written_at = Some(now);
        let duration = self
            .spool
            .take(self.take)
            .ok_or(SpoolError::NotFound(self.take))?
            .stream
            .duration_us
            .max(heard.until.since_start());
        let Transcript { mut cues, language, done, .. } = heard;
        cues.splice(0..0, self.before.iter().cloned());
        let mut insights =
            insights::extractive(&cues, duration, language.as_ref().map(Label::as_str));
        let (transcribed_by, insights_by) = (self.transcribed_by.clone(), extractive());
        // Chapters that came with a file are better than any that can be made of what is said.
        let from_file =
            self.spool.transcript(self.take).filter(|transcript| transcript.chapters_by.is_some());
        let chapters_by = from_file.map(|transcript| {
            insights.chapters = transcript.insights.chapters;
            transcript.chapters_by
        });
        let chapters_by = chapters_by.flatten();
        let transcript = TranscriptSnapshot {
            revision: 0,
            done,
            language,
            transcribed_by,
            cues,
            insights_by,
            chapters_by,
            insights,
        };
        self.spool.put_transcript(self.take, transcript).map(drop)
    }
}

/// The name of the rules that make insights.
fn extractive() -> Label {
    Label::cut(insights::EXTRACTIVE).unwrap_or_else(|_| unreachable!("it is not empty"))
}
