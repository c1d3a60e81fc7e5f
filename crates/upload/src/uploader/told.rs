//! What a library is still to be told of a take besides its bytes. Only what differs from what it was last told is sent,
//! so that what somebody changed there since stays.

use vignette_model::api::{ClipChange, NewClip};
use vignette_spool::{Take, Told};

/// What is to be told next.
#[derive(Clone, Debug)]
pub(super) enum Untold {
    /// Words and switches; and what the library has been told then.
    Change(ClipChange, Told),
    /// The poster; and what the library has been told then.
    Poster(Told),
}

impl Untold {
    /// What the library has been told then.
    pub(super) fn then(&self) -> &Told {
        match self {
            Self::Change(_, told) | Self::Poster(told) => told,
        }
    }
}

/// How to ask for a take's clip.
pub(super) fn new_clip(take: &Take) -> NewClip {
    NewClip {
        take: take.id,
        title: take.title.clone(),
        summary: take.summary.clone(),
        live: take.live,
        recorded_at_us: take.recorded_at_us,
    }
}

/// What the library has been told by [`new_clip`].
pub(super) fn by_new_clip(new: &NewClip) -> Told {
    Told { title: new.title.clone(), summary: new.summary.clone(), live: new.live, stopped: false, poster: false }
}

/// What is to be told next, if anything.
pub(super) fn untold(take: &Take) -> Option<Untold> {
    let told = take.told.clone().unwrap_or_default();
    // A sealed clip has evidently stopped, and whether it was live is over.
    let stopped = (take.complete && !take.sealed) || told.stopped;
    let live = if take.sealed { told.live } else { take.live };
    let change = ClipChange {
        title: (take.title != told.title).then(|| take.title.clone()),
        summary: (take.summary != told.summary).then(|| take.summary.clone()),
        live: (live != told.live).then_some(live),
        stopped: (stopped && !told.stopped).then_some(true),
    };
    if change.title.is_some() || change.summary.is_some() || change.live.is_some() || change.stopped.is_some() {
        let now = Told { title: take.title.clone(), summary: take.summary.clone(), live, stopped, poster: told.poster };
        return Some(Untold::Change(change, now));
    }
    (take.poster && !told.poster).then_some(Untold::Poster(Told { poster: true, ..told }))
}

#[cfg(test)]
mod tests {
    use vignette_model::text::{Summary, Title};
    use vignette_model::{TakeId, UtcMicros};

    use super::*;

    fn take() -> Take {
        let mut take = Take::new(TakeId::new(), UtcMicros(1));
        take.title = Title::new("a title").unwrap();
        take.told = Some(by_new_clip(&new_clip(&take)));
        take
    }

    fn change(take: &Take) -> ClipChange {
        match untold(take) {
            Some(Untold::Change(change, _)) => change,
            other => panic!("a change was to be told, not {other:?}"),
        }
    }

    #[test]
    fn nothing_is_told_twice() {
        assert!(untold(&take()).is_none());
        let mut take = take();
        take.summary = Summary::new("words").unwrap();
        take.complete = true;
        take.poster = true;
        let Some(Untold::Change(change, told)) = untold(&take) else { panic!("words come first") };
        assert_eq!(change.title, None, "what did not change here may have been changed there");
        assert_eq!(change.summary, Some(take.summary.clone()));
        assert_eq!(change.stopped, Some(true), "viewers learn at once that it has stopped");
        take.told = Some(told);
        let Some(Untold::Poster(told)) = untold(&take) else { panic!("then the poster") };
        take.told = Some(told);
        assert!(untold(&take).is_none());
    }

    #[test]
    fn a_sealed_clip_is_told_new_words_only() {
        let mut take = take();
        (take.complete, take.sealed, take.live) = (true, true, true);
        assert!(untold(&take).is_none());
        take.title = Title::new("another").unwrap();
        let change = change(&take);
        assert_eq!((change.title, change.stopped, change.live), (Some(take.title.clone()), None, None));
    }
}
