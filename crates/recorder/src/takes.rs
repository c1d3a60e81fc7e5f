//! [`views`]: every take on this computer in the words that people see.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use vignette_model::TakeId;
use vignette_model::take::{Phase, TakeView, TakeWords, Whereabouts};
use vignette_model::transcript::TranscriptSnapshot;
use vignette_spool::{Spool, Take};
use vignette_upload::UploadProgress;

use crate::recording::RecordingView;

/// The spool's takes with what the uploader and a running take know of them.
pub(crate) fn views(
    takes: Vec<Take>,
    progress: &[UploadProgress],
    running: Option<&RecordingView>,
    words: impl Fn(&Take) -> Option<TakeWords>,
) -> Vec<TakeView> {
    let view = |take: Take| {
        let progress = progress.iter().find(|p| p.take == take.id);
        let running = running.filter(|r| r.take == take.id);
        let phase = running.map_or(if take.complete { Phase::Stopped } else { Phase::Recording }, |r| r.phase);
        let whereabouts = whereabouts(&take, progress);
        TakeView {
            words: words(&take),
            id: take.id,
            link: take.clip.map(|clip| clip.link),
            title: take.title,
            summary: take.summary,
            recorded_at_us: take.recorded_at_us,
            duration_us: running.map_or(take.duration_us, |r| r.duration_us),
            phase,
            whereabouts_text: whereabouts.to_string(),
            whereabouts,
            problem: progress.and_then(|p| p.problem.clone()),
        }
    };
    takes.into_iter().map(view).collect()
}

/// What a machine has made of each take, read again only when it is new.
#[derive(Debug, Default)]
pub(crate) struct ShownWords(Mutex<HashMap<TakeId, (u64, TakeWords)>>);

impl ShownWords {
    pub(crate) fn of(&self, take: &Take, spool: &Spool) -> Option<TakeWords> {
        let mark = take.transcript?;
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.get(&take.id).is_none_or(|(version, _)| *version != mark.version) {
            let TranscriptSnapshot { done, cues, insights, .. } = spool.transcript(take.id)?;
            let words = TakeWords { title: insights.title, summary: insights.summary, cues: cues.len(), done, sent: false };
            shown.insert(take.id, (mark.version, words));
        }
        let sent = take.told.as_ref().is_some_and(|told| told.transcript >= mark.version);
        shown.get(&take.id).map(|(_, words)| TakeWords { sent, ..words.clone() })
    }
}

/// Only what the library has acknowledged counts as sent, and only what it has sealed is safe.
fn whereabouts(take: &Take, progress: Option<&UploadProgress>) -> Whereabouts {
    let size_bytes = take.size_bytes;
    let sent_bytes = progress.map_or(take.acked_bytes, |p| p.acked_bytes).min(size_bytes);
    match () {
        () if take.sealed => Whereabouts::Safe { size_bytes },
        () if sent_bytes == 0 => Whereabouts::OnThisComputer { size_bytes },
        () => Whereabouts::Sending { sent_bytes, size_bytes },
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::UtcMicros;

    use super::*;

    #[test]
    fn whereabouts_claim_no_more_than_was_acknowledged() {
        let mut take = Take::new(TakeId::new(), UtcMicros(0));
        take.size_bytes = 1_000;
        assert_eq!(whereabouts(&take, None), Whereabouts::OnThisComputer { size_bytes: 1_000 });
        take.acked_bytes = 2_000;
        assert_eq!(whereabouts(&take, None), Whereabouts::Sending { sent_bytes: 1_000, size_bytes: 1_000 });
        take.sealed = true;
        assert_eq!(whereabouts(&take, None), Whereabouts::Safe { size_bytes: 1_000 });
    }
}
