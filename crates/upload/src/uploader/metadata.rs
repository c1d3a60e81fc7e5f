//! The metadata of a take that its library does not have yet: [`MetadataUpdate`]. Only what differs
//! from what was last sent is sent, so that what somebody changed in the library since then stays.

use vignette_model::api::{ClipChange, NewClip};
use vignette_spool::{SyncedMetadata, Take};

/// What is sent next, and what the library has then.
#[derive(Clone, Debug)]
pub(super) enum MetadataUpdate {
    /// Title, summary and switches.
    Change(ClipChange, SyncedMetadata),
    /// The poster.
    Poster(SyncedMetadata),
    /// The newest snapshot of the transcript.
    Transcript(SyncedMetadata),
}

/// The clip that a take asks for.
pub(super) fn new_clip(take: &Take) -> NewClip {
    NewClip {
        take: take.id,
        title: take.details.title.clone(),
        summary: take.details.summary.clone(),
        live: take.details.live,
        recorded_at_us: take.details.recorded_at_us,
    }
}

/// What the library has after [`new_clip`].
pub(super) fn synced_by(new: &NewClip) -> SyncedMetadata {
    SyncedMetadata {
        title: new.title.clone(),
        summary: new.summary.clone(),
        live: new.live,
        ..SyncedMetadata::default()
    }
}

/// The updates that a library has refused, so that they stand in the way of no other.
#[derive(Clone, Debug, Default)]
pub(super) struct RefusedMetadata {
    change: Option<SyncedMetadata>,
    poster: bool,
    /// An older library has no transcripts; it would refuse each snapshot that follows as well.
    transcript: bool,
}

impl RefusedMetadata {
    /// The library has refused this update.
    pub(super) fn add(&mut self, update: MetadataUpdate) {
        match update {
            MetadataUpdate::Change(_, synced) => self.change = Some(change_only(&synced)),
            MetadataUpdate::Poster(_) => self.poster = true,
            MetadataUpdate::Transcript(_) => self.transcript = true,
        }
    }

    /// The library may have been brought up to date.
    pub(super) fn reset_backoff(&mut self) {
        self.transcript = false;
    }
}

/// Without what is sent apart from it.
fn change_only(synced: &SyncedMetadata) -> SyncedMetadata {
    SyncedMetadata { poster: false, transcript: 0, ..synced.clone() }
}

/// What is sent next, if anything. The transcript comes last: it changes often, and only its newest
/// snapshot counts.
pub(super) fn next_update(take: &Take, refused: &RefusedMetadata) -> Option<MetadataUpdate> {
    let synced = take.upload.synced.clone().unwrap_or_default();
    // A sealed clip has evidently stopped, and whether it was live is over.
    let stopped = (take.stream.complete && !take.upload.sealed) || synced.stopped;
    let live = if take.upload.sealed { synced.live } else { take.details.live };
    let change = ClipChange {
        title: (take.details.title != synced.title).then(|| take.details.title.clone()),
        summary: (take.details.summary != synced.summary).then(|| take.details.summary.clone()),
        live: (live != synced.live).then_some(live),
        stopped: (stopped && !synced.stopped).then_some(true),
        // Set in the library alone.
        guests: None,
    };
    let now = SyncedMetadata {
        title: take.details.title.clone(),
        summary: take.details.summary.clone(),
        live,
        stopped,
        ..synced.clone()
    };
    if now != synced && refused.change.as_ref() != Some(&change_only(&now)) {
        return Some(MetadataUpdate::Change(change, now));
    }
    if take.stream.poster && !synced.poster && !refused.poster {
        return Some(MetadataUpdate::Poster(SyncedMetadata { poster: true, ..synced }));
    }
    let snapshot = take
        .transcript
        .version
        .filter(|mark| mark.version > synced.transcript && !refused.transcript)?;
    Some(MetadataUpdate::Transcript(SyncedMetadata { transcript: snapshot.version, ..synced }))
}

/// Whether the library lacks anything.
pub(super) fn has_update(take: &Take) -> bool {
    next_update(take, &RefusedMetadata::default()).is_some()
}

#[cfg(test)]
mod tests {
    use vignette_model::text::{Summary, Title};
    use vignette_model::transcript::TranscriptVersion;
    use vignette_model::{TakeId, UtcMicros};

    use super::*;

    fn take() -> Take {
        let mut take = Take::new(TakeId::new(), UtcMicros(1));
        take.details.title = Title::new("a title").unwrap();
        take.upload.synced = Some(synced_by(&new_clip(&take)));
        take
    }

    fn change(take: &Take) -> ClipChange {
        match next_update(take, &RefusedMetadata::default()) {
            Some(MetadataUpdate::Change(change, _)) => change,
            other => panic!("a change was to be synced, not {other:?}"),
        }
    }

    #[test]
    fn nothing_is_told_twice() {
        assert!(next_update(&take(), &RefusedMetadata::default()).is_none());
        let mut take = take();
        take.details.summary = Summary::new("words").unwrap();
        take.stream.complete = true;
        take.stream.poster = true;
        let Some(MetadataUpdate::Change(change, synced)) =
            next_update(&take, &RefusedMetadata::default())
        else {
            panic!("title and summary come first")
        };
        assert_eq!(change.title, None, "what did not change here may have been changed there");
        assert_eq!(change.summary, Some(take.details.summary.clone()));
        assert_eq!(change.stopped, Some(true), "viewers learn at once that it has stopped");
        take.upload.synced = Some(synced);
        let Some(MetadataUpdate::Poster(synced)) = next_update(&take, &RefusedMetadata::default())
        else {
            panic!("then the poster")
        };
        take.upload.synced = Some(synced);
        take.transcript.version = Some(TranscriptVersion { version: 3, done: false });
        let Some(MetadataUpdate::Transcript(synced)) =
            next_update(&take, &RefusedMetadata::default())
        else {
            panic!("then what was said")
        };
        assert_eq!(synced.transcript, 3);
        take.upload.synced = Some(synced);
        assert!(next_update(&take, &RefusedMetadata::default()).is_none());
    }

    #[test]
    fn what_is_refused_stands_in_the_way_of_nothing_else() {
        let mut take = take();
        (take.stream.complete, take.stream.poster, take.transcript.version) =
            (true, true, Some(TranscriptVersion { version: 1, done: true }));
        let mut refused = RefusedMetadata::default();
        let mut kinds = Vec::new();
        while let Some(update) = next_update(&take, &refused) {
            kinds.push(match update {
                MetadataUpdate::Change(..) => "change",
                MetadataUpdate::Poster(_) => "poster",
                MetadataUpdate::Transcript(_) => "transcript",
            });
            refused.add(update);
        }
        assert_eq!(kinds, ["change", "poster", "transcript"], "each is tried once");
        take.transcript.version = Some(TranscriptVersion { version: 2, done: true });
        assert!(
            next_update(&take, &refused).is_none(),
            "a library that takes no transcripts is not asked about each snapshot"
        );
        refused.reset_backoff();
        assert!(
            matches!(next_update(&take, &refused), Some(MetadataUpdate::Transcript(_))),
            "after good news it is asked again"
        );
    }

    #[test]
    fn a_sealed_clip_is_told_new_words_only() {
        let mut take = take();
        (take.stream.complete, take.upload.sealed, take.details.live) = (true, true, true);
        assert!(next_update(&take, &RefusedMetadata::default()).is_none());
        take.details.title = Title::new("another").unwrap();
        let change = change(&take);
        assert_eq!(
            (change.title, change.stopped, change.live),
            (Some(take.details.title.clone()), None, None)
        );
    }
}
