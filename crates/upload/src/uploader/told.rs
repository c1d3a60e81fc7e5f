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
    /// What a machine made of the sound so far; and what the library has been told then.
    Words(Told),
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
    Told { title: new.title.clone(), summary: new.summary.clone(), live: new.live, ..Told::default() }
}

/// What a library does not want to hear of a take.
#[derive(Clone, Debug, Default)]
pub(super) struct Refused {
    change: Option<Told>,
    poster: bool,
    /// An older library does not know what words are; those that follow will be no better.
    words: bool,
}

impl Refused {
    /// The library does not want to hear this.
    pub(super) fn add(&mut self, untold: Untold) {
        match untold {
            Untold::Change(_, told) => self.change = Some(alone(&told)),
            Untold::Poster(_) => self.poster = true,
            Untold::Words(_) => self.words = true,
        }
    }

    /// It may have become another library meanwhile.
    pub(super) fn hopeful(&mut self) {
        self.words = false;
    }
}

/// Without what is told apart from it.
fn alone(told: &Told) -> Told {
    Told { poster: false, words: 0, ..told.clone() }
}

/// What is to be told next, if anything. What was said comes last: it changes often, and only its newest snapshot counts.
pub(super) fn untold(take: &Take, refused: &Refused) -> Option<Untold> {
    let told = take.told.clone().unwrap_or_default();
    // A sealed clip has evidently stopped, and whether it was live is over.
    let stopped = (take.complete && !take.sealed) || told.stopped;
    let live = if take.sealed { told.live } else { take.live };
    let change = ClipChange {
        title: (take.title != told.title).then(|| take.title.clone()),
        summary: (take.summary != told.summary).then(|| take.summary.clone()),
        live: (live != told.live).then_some(live),
        stopped: (stopped && !told.stopped).then_some(true),
        // Decided in the library, not by a take.
        guests: None,
    };
    let now = Told { title: take.title.clone(), summary: take.summary.clone(), live, stopped, ..told.clone() };
    if now != told && refused.change.as_ref() != Some(&alone(&now)) {
        return Some(Untold::Change(change, now));
    }
    if take.poster && !told.poster && !refused.poster {
        return Some(Untold::Poster(Told { poster: true, ..told }));
    }
    let heard = take.words.filter(|mark| mark.version > told.words && !refused.words)?;
    Some(Untold::Words(Told { words: heard.version, ..told }))
}

/// Whether anything is still to be told.
pub(super) fn is_untold(take: &Take) -> bool {
    untold(take, &Refused::default()).is_some()
}

#[cfg(test)]
mod tests {
    use vignette_model::text::{Summary, Title};
    use vignette_model::words::WordsMark;
    use vignette_model::{TakeId, UtcMicros};

    use super::*;

    fn take() -> Take {
        let mut take = Take::new(TakeId::new(), UtcMicros(1));
        take.title = Title::new("a title").unwrap();
        take.told = Some(by_new_clip(&new_clip(&take)));
        take
    }

    fn change(take: &Take) -> ClipChange {
        match untold(take, &Refused::default()) {
            Some(Untold::Change(change, _)) => change,
            other => panic!("a change was to be told, not {other:?}"),
        }
    }

    #[test]
    fn nothing_is_told_twice() {
        assert!(untold(&take(), &Refused::default()).is_none());
        let mut take = take();
        take.summary = Summary::new("words").unwrap();
        take.complete = true;
        take.poster = true;
        let Some(Untold::Change(change, told)) = untold(&take, &Refused::default()) else { panic!("words come first") };
        assert_eq!(change.title, None, "what did not change here may have been changed there");
        assert_eq!(change.summary, Some(take.summary.clone()));
        assert_eq!(change.stopped, Some(true), "viewers learn at once that it has stopped");
        take.told = Some(told);
        let Some(Untold::Poster(told)) = untold(&take, &Refused::default()) else { panic!("then the poster") };
        take.told = Some(told);
        take.words = Some(WordsMark { version: 3, done: false });
        let Some(Untold::Words(told)) = untold(&take, &Refused::default()) else { panic!("then what was said") };
        assert_eq!(told.words, 3);
        take.told = Some(told);
        assert!(untold(&take, &Refused::default()).is_none());
    }

    #[test]
    fn what_is_refused_stands_in_the_way_of_nothing_else() {
        let mut take = take();
        (take.complete, take.poster, take.words) = (true, true, Some(WordsMark { version: 1, done: true }));
        let mut refused = Refused::default();
        let mut kinds = Vec::new();
        while let Some(untold) = untold(&take, &refused) {
            kinds.push(match untold {
                Untold::Change(..) => "change",
                Untold::Poster(_) => "poster",
                Untold::Words(_) => "words",
            });
            refused.add(untold);
        }
        assert_eq!(kinds, ["change", "poster", "words"], "each is tried once");
        take.words = Some(WordsMark { version: 2, done: true });
        assert!(untold(&take, &refused).is_none(), "a library that knows no words is not asked about each snapshot");
        refused.hopeful();
        assert!(matches!(untold(&take, &refused), Some(Untold::Words(_))), "after good news it is asked again");
    }

    #[test]
    fn a_sealed_clip_is_told_new_words_only() {
        let mut take = take();
        (take.complete, take.sealed, take.live) = (true, true, true);
        assert!(untold(&take, &Refused::default()).is_none());
        take.title = Title::new("another").unwrap();
        let change = change(&take);
        assert_eq!((change.title, change.stopped, change.live), (Some(take.title.clone()), None, None));
    }
}
