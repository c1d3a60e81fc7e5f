//! What becomes of a transcript when a machine sends more of it or a person edits it. The one rule: a person's text stays.
//!
//! ```text
//! before ──┬── a machine's snapshot ──▶ its cues where no edited cue is, its chapters and tasks where no person made them
//!          └── a person's change ─────▶ these cues edited, these chapters and tasks theirs for good
//! ```
//! Pure: rows in, rows out.

use vignette_model::text::Label;
use vignette_model::transcript::{Cue, CueChange, Origin, TranscriptChange, TranscriptSnapshot};

use super::snapshot;
use crate::error::LibraryError;
use crate::store::{CueRow, TranscriptRow};

/// The transcript after a snapshot, or `None` if it is not newer than what is there. The snapshot is in order.
pub(super) fn heard(before: TranscriptRow, snapshot: TranscriptSnapshot) -> Option<TranscriptRow> {
    if snapshot.revision <= before.revision {
        return None;
    }
    let TranscriptSnapshot {
        revision,
        done,
        language,
        transcribed_by,
        cues,
        insights_by,
        chapters_by,
        insights,
    } = snapshot;
    let mut kept: Vec<CueRow> = before.cues.into_iter().filter(|row| row.edited).collect();
    let free: Vec<CueRow> =
        cues.into_iter().filter(|cue| !overlaps(&kept, cue)).map(machine_cue).collect();
    kept.extend(free);
    kept.sort_by_key(|row| row.cue.start_us);
    let (chapters, chapters_by) = made(
        before.chapters,
        before.chapters_by,
        insights.chapters,
        chapters_by.as_ref().unwrap_or(&insights_by),
    );
    let (tasks, tasks_by) = made(before.tasks, before.tasks_by, insights.tasks, &insights_by);
    Some(TranscriptRow {
        version: before.version + 1,
        revision,
        done,
        language,
        transcribed_by: Some(transcribed_by),
        cues: kept,
        chapters,
        chapters_by,
        tasks,
        tasks_by,
    })
}

fn machine_cue(cue: Cue) -> CueRow {
    CueRow { cue, edited: false, hidden: false }
}

/// Whether a cue reaches into one of these, which are in order and do not overlap.
fn overlaps(rows: &[CueRow], cue: &Cue) -> bool {
    let next = rows.partition_point(|row| row.cue.end_us <= cue.start_us);
    rows.get(next).is_some_and(|row| row.cue.start_us < cue.end_us)
}

/// What a machine made, unless a person did before.
fn made<T>(
    before: Vec<T>,
    by: Option<Origin>,
    now: Vec<T>,
    insights_by: &Label,
) -> (Vec<T>, Option<Origin>) {
    match by {
        Some(Origin::Person) => (before, by),
        _ if now.is_empty() => (now, None),
        _ => (now, Some(Origin::Machine { model: insights_by.clone() })),
    }
}

/// The transcript after a person's change.
///
/// # Errors
/// `conflict` if no cue begins where one is to be changed; `too_large` and `bad_request` as for a machine.
pub(super) fn changed(
    mut transcript: TranscriptRow,
    change: TranscriptChange,
) -> Result<TranscriptRow, LibraryError> {
    for CueChange { start_us, text } in change.cues {
        let row = transcript.cues.binary_search_by_key(&start_us, |row| row.cue.start_us);
        let row = row
            .ok()
            .and_then(|at| transcript.cues.get_mut(at))
            .ok_or(LibraryError::CueGone { start: start_us })?;
        row.edited = true;
        row.hidden = text.is_none();
        if let Some(text) = text {
            // Corrected spelling leaves each word where it is; other words begin nobody knows where.
            let count = |text: &str| text.split_whitespace().count();
            if count(text.as_str()) != count(row.cue.text.as_str()) {
                row.cue.word_starts_us.clear();
            }
            row.cue.text = text;
        }
    }
    if let Some(chapters) = change.chapters {
        (transcript.chapters, transcript.chapters_by) =
            (snapshot::chapters(chapters)?, Some(Origin::Person));
    }
    if let Some(tasks) = change.tasks {
        (transcript.tasks, transcript.tasks_by) = (snapshot::tasks(tasks)?, Some(Origin::Person));
    }
    transcript.version += 1;
    Ok(transcript)
}
