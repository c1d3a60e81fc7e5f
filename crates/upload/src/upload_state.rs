//! An [`UploadState`]: what is known of the upload of one take. It is memory only and may be lost
//! at any time: the library is asked again. It turns answers into what [`policy::next`] wants to
//! know.

use std::ops::Range;
use std::time::Duration;

use vignette_model::{Micros, Sha256};

use crate::client::RemoteUpload;
use crate::policy::{self, Acked, Failure, Failures, GiveUp, JOIN_BYTES, Spooled, Step};
use crate::retry::Retry;

/// What is known of the upload of one take.
#[derive(Clone, Debug)]
pub(crate) struct UploadState {
    acked: Acked,
    /// When the last status came.
    status_at: Micros,
    /// The most that the library was ever known to have of this clip. Only more than that ends a
    /// row of failures.
    acked_bytes: u64,
    retry: Retry,
    last_failure: Option<Failure>,
    join_bytes: u64,
    /// How much the way to the library is believed to let through at once: half of what was lost,
    /// twice what passed.
    passes_bytes: u64,
    too_large_bytes: Option<u64>,
    addresses_lost: u32,
}

impl UploadState {
    /// Nothing is known but whether there is a clip, and how much the library had of it when that
    /// was last known.
    #[must_use]
    pub(crate) fn new(has_clip: bool, acked_bytes: u64) -> Self {
        Self {
            acked: if has_clip { Acked::Unknown } else { Acked::Nowhere },
            status_at: Micros::ZERO,
            acked_bytes: if has_clip { acked_bytes } else { 0 },
            retry: Retry::default(),
            last_failure: None,
            join_bytes: JOIN_BYTES,
            passes_bytes: u64::MAX,
            too_large_bytes: None,
            addresses_lost: 0,
        }
    }

    /// What to do at `now`, with these pieces in the spool, of which at most `join_bytes` should be
    /// joined.
    #[must_use]
    pub(crate) fn step(
        &self,
        pieces: &[Range<u64>],
        whole: Option<Sha256>,
        join_bytes: u64,
        now: Micros,
    ) -> Step {
        let acked = match self.acked {
            Acked::Complete { offset_bytes, asked, .. } => Acked::Complete {
                offset_bytes,
                asked,
                since: now.saturating_since(self.status_at).into(),
            },
            other => other,
        };
        let failures = Failures {
            in_a_row: self.retry.failures(),
            last: self.last_failure,
            pause: self.retry.pause(now),
        };
        let join_bytes = join_bytes.min(self.join_bytes).min(self.passes_bytes);
        let spooled = Spooled { pieces, whole, join_bytes, too_large_bytes: self.too_large_bytes };
        policy::next(&spooled, &acked, &failures)
    }

    /// What is left of the pause after the last failure.
    pub(crate) fn pause(&self, now: Micros) -> Duration {
        self.retry.pause(now)
    }

    /// Bytes the library was last known to have.
    pub(crate) fn acked_bytes(&self) -> u64 {
        self.acked_bytes
    }

    /// Whether the last failure is the reason for which the take is given up.
    pub(crate) fn failed_for(&self, reason: GiveUp) -> bool {
        self.last_failure.and_then(Failure::give_up) == Some(reason)
    }

    /// The library made a clip, or gave a new upload address for it.
    pub(crate) fn created(&mut self) {
        // If it has bytes of an earlier try after all, the first append is refused with the true
        // offset.
        self.acked = Acked::Open { offset_bytes: 0 };
        self.acked_bytes = 0;
        self.last_failure = None;
        self.retry = Retry::default();
        self.retry.at_least(self.addresses_lost);
    }

    /// The clip is there but its upload address opens nothing any more: ask for another. If that
    /// goes on, less and less often.
    pub(crate) fn upload_address_lost(&mut self, now: Micros, jitter: u16) {
        self.retry.at_least(self.addresses_lost);
        self.addresses_lost = self.addresses_lost.saturating_add(1);
        self.count(Failure::UploadAddressLost, now, jitter);
        self.acked = Acked::Nowhere;
    }

    /// The library took `sent` and says where it stands.
    pub(crate) fn appended(
        &mut self,
        sent: &Range<u64>,
        status: &RemoteUpload,
        now: Micros,
        jitter: u16,
    ) {
        if status.offset_bytes == sent.end && (status.complete || !sent.is_empty()) {
            self.passes_bytes = self.passes_bytes.max((sent.end - sent.start).saturating_mul(2));
            self.status_received(status, now);
            self.succeeded();
        } else {
            // The answer does not fit the request.
            self.failed(Failure::Unanswered, sent.end - sent.start, now, jitter);
        }
    }

    /// The library said where the upload stands. That it answers does not show that bytes pass:
    /// failures are forgotten only if it has more than it ever had, or all.
    pub(crate) fn status_received(&mut self, status: &RemoteUpload, now: Micros) {
        if let Some(most) = status.most_append_bytes {
            self.join_bytes = self.join_bytes.min(most);
        }
        self.acked = match (status.sealed, self.acked) {
            (Some(sha256), _) => Acked::Sealed { sha256 },
            (None, _) if status.damaged => Acked::Damaged,
            (None, _) if !status.complete => Acked::Open { offset_bytes: status.offset_bytes },
            (None, before) => {
                let asked = if let Acked::Complete { asked, .. } = before {
                    asked.saturating_add(1)
                } else {
                    0
                };
                Acked::Complete { offset_bytes: status.offset_bytes, asked, since: Duration::ZERO }
            }
        };
        self.status_at = now;
        if status.offset_bytes > self.acked_bytes || status.complete {
            self.acked_bytes = status.offset_bytes;
            self.succeeded();
        }
    }

    /// An append of `sent` was refused because the library stands elsewhere, and it said where.
    pub(crate) fn offset_mismatch(
        &mut self,
        sent: &Range<u64>,
        status: &RemoteUpload,
        now: Micros,
        jitter: u16,
    ) {
        self.status_received(status, now);
        if !status.complete && status.offset_bytes == sent.start {
            // It refuses the offset that it names: its state must be asked for.
            self.acked = Acked::Unknown;
        }
        self.count(Failure::OffsetMismatch, now, jitter);
    }

    /// A request that carried `sent_bytes` failed.
    pub(crate) fn failed(&mut self, failure: Failure, sent_bytes: u64, now: Micros, jitter: u16) {
        if sent_bytes > 0 && failure == Failure::Unanswered {
            self.passes_bytes = self.passes_bytes.min(sent_bytes) / 2;
        }
        match failure {
            // Whether the bytes arrived is not known.
            Failure::Unanswered | Failure::OffsetMismatch | Failure::Conflict
                if self.acked != Acked::Nowhere =>
            {
                self.acked = Acked::Unknown;
            }
            Failure::TooLarge => {
                let least = self.too_large_bytes.map_or(sent_bytes, |least| least.min(sent_bytes));
                self.too_large_bytes = Some(least);
            }
            _ => {}
        }
        self.count(failure, now, jitter);
    }

    /// Something has changed for the better (the network, the token): try at once, and again what
    /// had been given up.
    pub(crate) fn reset_backoff(&mut self) {
        if self.retry.failures() > 0 {
            *self = Self::new(self.acked != Acked::Nowhere, self.acked_bytes);
        }
    }

    fn succeeded(&mut self) {
        self.retry = Retry::default();
        self.last_failure = None;
        self.addresses_lost = 0;
    }

    fn count(&mut self, failure: Failure, now: Micros, jitter: u16) {
        self.retry.failed(now, jitter);
        self.last_failure = Some(failure);
    }
}

#[cfg(test)]
mod tests;
