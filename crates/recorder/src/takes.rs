//! [`TakeList`]: every take on this computer as people see it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, watch};
use vignette_model::TakeId;
use vignette_model::take::{Phase, TakeTranscript, TakeView, Whereabouts};
use vignette_model::transcript::TranscriptSnapshot;
use vignette_spool::{Spool, Take};
use vignette_upload::UploadProgress;

use crate::recording::RecordingView;

/// Every take, newest first. A new snapshot is shown only if it differs from the one before.
pub(crate) struct TakeList {
    spool: Spool,
    uploads: watch::Receiver<Vec<UploadProgress>>,
    views: watch::Sender<Vec<TakeView>>,
    changed: Arc<Notify>,
    shown: ShownTranscripts,
}

/// What makes the list out of date.
pub(crate) struct Changes {
    uploads: watch::Receiver<Vec<UploadProgress>>,
    spool: Arc<Notify>,
}

impl TakeList {
    /// A list of nothing until it is refreshed.
    pub(crate) fn new(spool: Spool, uploads: watch::Receiver<Vec<UploadProgress>>) -> Self {
        let changed = Arc::new(Notify::new());
        let wake = changed.clone();
        spool.subscribe(move |_| wake.notify_one());
        Self {
            spool,
            uploads,
            views: watch::Sender::new(Vec::new()),
            changed,
            shown: ShownTranscripts::default(),
        }
    }

    /// The list; every later change is seen through the receiver.
    pub(crate) fn views(&self) -> watch::Receiver<Vec<TakeView>> {
        self.views.subscribe()
    }

    /// Takes a new snapshot, in which a running take is as its own view says.
    pub(crate) fn refresh(&self, running: Option<&RecordingView>) {
        let transcript = |take: &Take| self.shown.of(take, &self.spool);
        let now = views(self.spool.takes(), &self.uploads.borrow(), running, transcript);
        self.views.send_if_modified(|before| {
            let differs = *before != now;
            *before = now;
            differs
        });
    }

    /// What makes it out of date from now on.
    pub(crate) fn changes(&self) -> Changes {
        Changes { uploads: self.uploads.clone(), spool: self.changed.clone() }
    }
}

impl Changes {
    /// Waits for the next change; false if there will be none.
    pub(crate) async fn next(&mut self) -> bool {
        tokio::select! {
            () = self.spool.notified() => true,
            changed = self.uploads.changed() => changed.is_ok(),
        }
    }
}

/// The spool's takes with what the uploader and a running take know of them.
fn views(
    takes: Vec<Take>,
    progress: &[UploadProgress],
    running: Option<&RecordingView>,
    transcript: impl Fn(&Take) -> Option<TakeTranscript>,
) -> Vec<TakeView> {
    let view = |take: Take| {
        let progress = progress.iter().find(|p| p.take == take.id);
        let running = running.filter(|r| r.take == take.id);
        let phase = running
            .map_or(if take.stream.complete { Phase::Stopped } else { Phase::Recording }, |r| {
                r.phase
            });
        let whereabouts = whereabouts(&take, progress);
        TakeView {
            transcript: transcript(&take),
            id: take.id,
            link: take.upload.clip.map(|clip| clip.link),
            title: take.details.title,
            summary: take.details.summary,
            recorded_at_us: take.details.recorded_at_us,
            duration_us: running.map_or(take.stream.duration_us, |r| r.duration_us),
            phase,
            whereabouts_text: whereabouts.to_string(),
            whereabouts,
            problem: progress.and_then(|p| p.problem.clone()),
        }
    };
    takes.into_iter().filter(|take| !take.details.discarded).map(view).collect()
}

/// What a machine has made of each take, read again only when it is new.
#[derive(Debug, Default)]
struct ShownTranscripts(Mutex<HashMap<TakeId, (u64, TakeTranscript)>>);

impl ShownTranscripts {
    fn of(&self, take: &Take, spool: &Spool) -> Option<TakeTranscript> {
        let mark = take.transcript.version?;
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.get(&take.id).is_none_or(|(version, _)| *version != mark.version) {
            let TranscriptSnapshot { done, cues, insights, .. } = spool.transcript(take.id)?;
            let transcript = TakeTranscript {
                title: insights.title,
                summary: insights.summary,
                cues: cues.len(),
                done,
                sent: false,
            };
            shown.insert(take.id, (mark.version, transcript));
        }
        let sent =
            take.upload.synced.as_ref().is_some_and(|synced| synced.transcript >= mark.version);
        shown.get(&take.id).map(|(_, transcript)| TakeTranscript { sent, ..transcript.clone() })
    }
}

/// Only what the library has acknowledged counts as sent, and only what it has sealed is safe.
fn whereabouts(take: &Take, progress: Option<&UploadProgress>) -> Whereabouts {
    let size_bytes = take.stream.size_bytes;
    let sent_bytes = progress.map_or(take.upload.acked_bytes, |p| p.acked_bytes).min(size_bytes);
    match () {
        () if take.upload.sealed => Whereabouts::Safe { size_bytes },
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
        take.stream.size_bytes = 1_000;
        assert_eq!(whereabouts(&take, None), Whereabouts::OnThisComputer { size_bytes: 1_000 });
        take.upload.acked_bytes = 2_000;
        assert_eq!(
            whereabouts(&take, None),
            Whereabouts::Sending { sent_bytes: 1_000, size_bytes: 1_000 }
        );
        take.upload.sealed = true;
        assert_eq!(whereabouts(&take, None), Whereabouts::Safe { size_bytes: 1_000 });
    }
}
