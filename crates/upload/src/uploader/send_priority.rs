//! [`SendPriority`]: which takes may send now, and how much at once.

use std::collections::{HashMap, HashSet};

use vignette_model::TakeId;
use vignette_spool::Take;

use crate::policy::JOIN_BYTES;

/// Which takes may send now. Of the takes of one library, one that is being recorded and the newest
/// one never wait for another; the others send one at a time, and one piece at a time while
/// something is being recorded.
pub(super) struct SendPriority {
    recording: bool,
    busy: HashSet<String>,
    newest: HashMap<String, TakeId>,
}

impl SendPriority {
    /// `takes` in the order in which they are sent.
    pub(super) fn new(takes: &[Take], is_sending: impl Fn(TakeId) -> bool) -> Self {
        let mut priority = Self { recording: false, busy: HashSet::new(), newest: HashMap::new() };
        for take in takes {
            priority.recording |= !take.stream.complete;
            if take.stream.complete && !take.upload.sealed {
                priority.newest.entry(library(take)).or_insert(take.id);
            }
            priority.mark_busy(take, is_sending(take.id));
        }
        priority
    }

    /// How many bytes a take may join into one append now, or `None` if it is not its turn.
    pub(super) fn join_bytes(&self, take: &Take) -> Option<u64> {
        let first = !take.stream.complete || self.newest.get(&library(take)) == Some(&take.id);
        match (first, self.busy.contains(&library(take))) {
            (false, true) => None,
            _ if self.recording && take.stream.complete => Some(0),
            _ => Some(JOIN_BYTES),
        }
    }

    pub(super) fn mark_busy(&mut self, take: &Take, is_sending: bool) {
        if is_sending && take.stream.complete {
            self.busy.insert(library(take));
        }
    }
}

fn library(take: &Take) -> String {
    take.upload.library.clone().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use vignette_model::UtcMicros;

    use super::*;

    fn take(library: &str, complete: bool, at: i64) -> Take {
        let mut take = Take::new(TakeId::new(), UtcMicros(at));
        (take.upload.library, take.stream.complete) = (Some(library.to_owned()), complete);
        take
    }

    #[test]
    fn recordings_and_the_newest_take_wait_for_nobody() {
        let mut takes =
            vec![take("a", true, 9), take("a", true, 8), take("a", true, 7), take("b", true, 1)];
        let oldest = takes[2].id;
        let mut priority = SendPriority::new(&takes, |id| id == oldest);
        assert_eq!(
            priority.join_bytes(&takes[0]),
            Some(JOIN_BYTES),
            "the newest does not wait for an older one"
        );
        assert_eq!(priority.join_bytes(&takes[1]), None, "older ones go one at a time");
        assert_eq!(
            priority.join_bytes(&takes[3]),
            Some(JOIN_BYTES),
            "nobody waits for another library"
        );
        priority.mark_busy(&takes[3], true);
        takes.insert(0, take("a", false, 10));
        let priority = SendPriority::new(&takes, |id| id == oldest);
        assert_eq!(
            priority.join_bytes(&takes[0]),
            Some(JOIN_BYTES),
            "what is being recorded comes first"
        );
        assert_eq!(priority.join_bytes(&takes[1]), Some(0), "and the others leave it room");
    }
}
