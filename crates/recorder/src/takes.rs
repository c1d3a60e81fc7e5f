//! [`views`]: every take on this computer in the words that people see.

use vignette_model::take::{Phase, TakeView, Whereabouts};
use vignette_spool::Take;
use vignette_upload::Progress;

use crate::recording::RecordingView;

/// The spool's takes with what the uploader and a running take know of them.
pub(crate) fn views(takes: Vec<Take>, progress: &[Progress], running: Option<&RecordingView>) -> Vec<TakeView> {
    let view = |take: Take| {
        let progress = progress.iter().find(|p| p.take == take.id);
        let running = running.filter(|r| r.take == take.id);
        let phase = running.map_or(if take.complete { Phase::Stopped } else { Phase::Recording }, |r| r.phase);
        let whereabouts = whereabouts(&take, progress);
        TakeView {
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

/// Only what the library has acknowledged counts as sent, and only what it has sealed is safe.
fn whereabouts(take: &Take, progress: Option<&Progress>) -> Whereabouts {
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
    use vignette_model::{TakeId, UtcMicros};

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
