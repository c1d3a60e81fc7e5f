//! The [`SpoolIndex`]: every take that goes to a library, and which of them this program sends. The
//! spool notifies it of changes to takes of this program; a scan of the disk, now and then, finds
//! those of others.

use std::collections::{BTreeMap, HashSet};

use tracing::{info, warn};
use vignette_model::TakeId;
use vignette_spool::{Spool, Take};

use super::metadata::has_update;

/// Every take that goes to a library.
#[derive(Debug, Default)]
pub(super) struct SpoolIndex {
    takes: BTreeMap<TakeId, Take>,
    ours: HashSet<TakeId>,
}

impl SpoolIndex {
    /// Reads the whole spool, recovers takes whose program died, and claims those that have
    /// something to be sent. Waits for the disk.
    pub(super) fn scan(spool: &Spool) -> Self {
        match spool.recover() {
            Ok(recovered) if recovered.is_empty() => {}
            Ok(recovered) => {
                info!(takes = recovered.len(), "Recovered takes that were left unfinished")
            }
            Err(error) => warn!(%error, "Unfinished takes could not be looked for"),
        }
        let takes = spool.takes().into_iter().filter(goes_to_a_library);
        let takes: BTreeMap<_, _> = takes.map(|take| (take.id, take)).collect();
        // One that is not complete is another program's: of ours the spool notifies.
        let to_send = takes
            .values()
            .filter(|take| take.stream.complete && (!take.upload.sealed || has_update(take)));
        let ours = to_send.map(|take| take.id).filter(|id| spool.claim(*id)).collect();
        Self { takes, ours }
    }

    /// Takes over a scan, but for what is ours: of that the index is newer. What has become ours is
    /// read again, since it may have changed or gone since the scan was begun.
    pub(super) fn merge(&mut self, newer: Self, spool: &Spool) {
        let ours = &self.ours;
        self.takes.retain(|id, _| ours.contains(id));
        for (id, take) in newer.takes {
            self.takes.entry(id).or_insert(take);
        }
        for id in newer.ours {
            if !self.ours.contains(&id) {
                self.refresh(id, spool);
            }
        }
    }

    /// This program has begun, changed or removed a take.
    pub(super) fn refresh(&mut self, id: TakeId, spool: &Spool) {
        match spool.take(id).filter(goes_to_a_library) {
            Some(take) => {
                self.takes.insert(id, take);
                self.ours.insert(id);
            }
            None => {
                self.takes.remove(&id);
                self.ours.remove(&id);
            }
        }
    }

    /// All of them, newest first.
    pub(super) fn takes(&self) -> impl Iterator<Item = &Take> {
        self.takes.values().rev()
    }

    /// Those that are for this program to send, in the order in which they should be: what is being
    /// recorded, then the newest link first.
    pub(super) fn ours(&self) -> Vec<Take> {
        let mut ours: Vec<_> =
            self.ours.iter().filter_map(|id| self.takes.get(id)).cloned().collect();
        ours.retain(|take| !take.upload.sealed || has_update(take));
        ours.sort_by_key(|take| (take.stream.complete, std::cmp::Reverse(take.id)));
        ours
    }

    /// Whether there is such a take.
    pub(super) fn has(&self, id: TakeId) -> bool {
        self.takes.contains_key(&id)
    }
}

/// Of a take that its person threw away nothing more is sent.
fn goes_to_a_library(take: &Take) -> bool {
    take.upload.library.is_some() && !take.details.discarded
}
