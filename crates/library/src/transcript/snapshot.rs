//! A machine's snapshot, held against what a clip can have. What is merely untidy is put in order; what cannot be meant is refused.

use vignette_model::Micros;
use vignette_model::text::CueText;
use vignette_model::transcript::{Chapter, Cue, MAX_CHAPTERS, MAX_CUES, Task, TranscriptSnapshot};

use crate::error::{LibraryError, TranscriptError};
use crate::library::LATEST;

/// The snapshot in order: cues one after the other, word times only where they fit their words, chapters and tasks by time.
///
/// # Errors
/// `too_large` for more cues, chapters or tasks than a clip has room for; `bad_request` for a revision of 0, a cue that does not
/// end after it begins, a moment that no clip has, and two chapters that begin at the same instant.
pub(super) fn in_order(
    mut transcript: TranscriptSnapshot,
) -> Result<TranscriptSnapshot, LibraryError> {
    if transcript.revision == 0 {
        return Err(TranscriptError::Revision.into());
    }
    transcript.cues = cues(transcript.cues)?;
    transcript.insights.chapters = chapters(transcript.insights.chapters)?;
    transcript.insights.tasks = tasks(transcript.insights.tasks)?;
    Ok(transcript)
}

/// Cues by time. One that reaches into the next is cut there; what begins at the same instant becomes one.
fn cues(mut cues: Vec<Cue>) -> Result<Vec<Cue>, LibraryError> {
    fits(cues.len(), MAX_CUES, "cues")?;
    if let Some(cue) = cues.iter().find(|cue| cue.end_us <= cue.start_us) {
        return Err(TranscriptError::CueWithoutLength { start: cue.start_us }.into());
    }
    in_time(cues.iter().map(|cue| cue.end_us))?;
    cues.sort_by_key(|cue| cue.start_us);
    let mut ordered: Vec<Cue> = Vec::with_capacity(cues.len());
    for cue in cues {
        match ordered.last_mut() {
            Some(before) if before.start_us == cue.start_us => {
                // Both have text, so it is never empty.
                before.text =
                    CueText::cut(&format!("{} {}", before.text, cue.text)).unwrap_or(cue.text);
                before.end_us = before.end_us.max(cue.end_us);
                before.word_starts_us.clear();
            }
            Some(before) => {
                before.end_us = before.end_us.min(cue.start_us);
                ordered.push(cue);
            }
            None => ordered.push(cue),
        }
    }
    for cue in &mut ordered {
        let transcript = cue.text.as_str().split_whitespace().count();
        let within = |at: &Micros| (cue.start_us..cue.end_us).contains(at);
        let starts = &cue.word_starts_us;
        if starts.len() != transcript || !starts.is_sorted() || !starts.iter().all(within) {
            cue.word_starts_us.clear();
        }
    }
    Ok(ordered)
}

/// Chapters by time.
///
/// # Errors
/// See [`in_order`].
pub(super) fn chapters(mut chapters: Vec<Chapter>) -> Result<Vec<Chapter>, LibraryError> {
    fits(chapters.len(), MAX_CHAPTERS, "chapters")?;
    in_time(chapters.iter().map(|chapter| chapter.start_us))?;
    chapters.sort_by_key(|chapter| chapter.start_us);
    match chapters.array_windows().find(|[one, two]| one.start_us == two.start_us) {
        Some([one, _]) => Err(TranscriptError::TwoChapters { start: one.start_us }.into()),
        None => Ok(chapters),
    }
}

/// Tasks by time.
///
/// # Errors
/// See [`in_order`].
pub(super) fn tasks(mut tasks: Vec<Task>) -> Result<Vec<Task>, LibraryError> {
    fits(tasks.len(), MAX_CHAPTERS, "tasks")?;
    in_time(tasks.iter().map(|task| task.at_us))?;
    tasks.sort_by_key(|task| task.at_us);
    Ok(tasks)
}

fn fits(count: usize, most: usize, noun: &'static str) -> Result<(), LibraryError> {
    if count <= most {
        return Ok(());
    }
    Err(LibraryError::TooMany { noun, count, most })
}

fn in_time(mut moments: impl Iterator<Item = Micros>) -> Result<(), LibraryError> {
    if moments.any(|at| at > LATEST) { Err(LibraryError::MomentTooLate) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use vignette_model::text::{ChapterTitle, Label};
    use vignette_model::{ErrorCode, Problem};

    use vignette_model::Span;

    use super::*;

    fn cue(start: u64, end: u64, text: &str, starts: &[u64]) -> Cue {
        let word_starts_us = starts.iter().copied().map(Micros).collect();
        Cue {
            start_us: Micros(start),
            end_us: Micros(end),
            text: CueText::new(text).unwrap(),
            word_starts_us,
        }
    }

    fn snapshot(cues: Vec<Cue>) -> TranscriptSnapshot {
        let label = Label::new("test").unwrap();
        TranscriptSnapshot {
            revision: 1,
            done: false,
            language: None,
            transcribed_by: label.clone(),
            cues,
            insights_by: label,
            chapters_by: None,
            insights: Default::default(),
        }
    }

    #[test]
    fn what_is_untidy_is_put_in_order() {
        let untidy = vec![
            cue(50, 60, "last words", &[50, 55]),
            cue(0, 30, "first words", &[0, 25]),
            cue(20, 40, "then these", &[20, 19]),
            cue(20, 45, "and those", &[]),
        ];
        let tidy = in_order(snapshot(untidy)).unwrap();
        let expected = [
            cue(0, 20, "first words", &[]),
            cue(20, 45, "then these and those", &[]),
            cue(50, 60, "last words", &[50, 55]),
        ];
        assert_eq!(
            tidy.cues, expected,
            "cues follow each other; times that fit no word are left out"
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let late = LATEST + Span(1);
        let chapter = |at| Chapter { start_us: at, title: ChapterTitle::new("One").unwrap() };
        let with_chapters = |chapters: Vec<Chapter>| {
            let mut transcript = snapshot(Vec::new());
            transcript.insights.chapters = chapters;
            transcript
        };
        let many = (0..=MAX_CUES as u64).map(|at| cue(at, at + 1, "word", &[])).collect();
        for (transcript, code, said) in [
            (snapshot(vec![cue(5, 5, "nothing", &[])]), ErrorCode::BadRequest, "does not end"),
            (snapshot(vec![cue(5, late.0, "late", &[])]), ErrorCode::BadRequest, "that late"),
            (snapshot(many), ErrorCode::TooLarge, "18000 cues"),
            (
                with_chapters(vec![chapter(Micros(3)), chapter(Micros(3))]),
                ErrorCode::BadRequest,
                "Two chapters",
            ),
            (with_chapters(vec![chapter(late)]), ErrorCode::BadRequest, "that late"),
            (
                TranscriptSnapshot { revision: 0, ..snapshot(Vec::new()) },
                ErrorCode::BadRequest,
                "from 1",
            ),
        ] {
            let problem = Problem::from(in_order(transcript).unwrap_err());
            assert_eq!(problem.code, code);
            assert!(problem.message.contains(said), "{said} is not said in: {}", problem.message);
        }
    }
}
