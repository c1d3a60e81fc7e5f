//! A [`UploadState`]: what one take's sending has met with so far. It is memory only, and may be lost at any time: the library
//! is asked again. It turns answers into what [`policy::next`] wants to know.

use std::ops::Range;
use std::time::Duration;

use vignette_model::{ErrorCode, Micros, Sha256};

use crate::policy::{self, Acked, Failures, JOIN_BYTES, Spooled, Step};

/// Where an upload stands, as the library says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteUpload {
    /// Bytes it has made durable.
    pub offset_bytes: u64,
    /// Whether it has been told that nothing follows.
    pub complete: bool,
    /// Digest of the stream, once sealed.
    pub sealed: Option<Sha256>,
    /// Whether the library has lost some of what it had acknowledged, so that it will never be sealed.
    pub damaged: bool,
    /// The most bytes it takes in one append, if it says so.
    pub most_append_bytes: Option<u64>,
}

/// What one take's sending has met with so far.
#[derive(Clone, Debug)]
pub struct UploadState {
    acked: Acked,
    status_at: Micros,
    failures: Failures,
    failed_at: Micros,
    /// The most that the library was ever known to have. Only what goes beyond it ends a row of failures.
    farthest_bytes: u64,
    join_bytes: u64,
    /// How much the way to the library is believed to let through at once: half of what was lost, twice what passed.
    passes_bytes: u64,
    too_large_bytes: Option<u64>,
    addresses_lost: u32,
}

impl UploadState {
    /// Nothing is known but whether there is a clip.
    #[must_use]
    pub fn new(has_clip: bool) -> Self {
        Self {
            acked: if has_clip { Acked::Unknown } else { Acked::Nowhere },
            status_at: Micros::ZERO,
            failures: Failures::default(),
            failed_at: Micros::ZERO,
            farthest_bytes: 0,
            join_bytes: JOIN_BYTES,
            passes_bytes: u64::MAX,
            too_large_bytes: None,
            addresses_lost: 0,
        }
    }

    /// What to do at `now`, with these pieces in the spool, of which at most `join_bytes` should be joined.
    #[must_use]
    pub fn step(&self, pieces: &[Range<u64>], whole: Option<Sha256>, join_bytes: u64, now: Micros) -> Step {
        let acked = match self.acked {
            Acked::Complete { offset_bytes, asked, .. } => {
                Acked::Complete { offset_bytes, asked, since: (now - self.status_at).into() }
            }
            other => other,
        };
        let failures = Failures { since: (now - self.failed_at).into(), ..self.failures };
        let join_bytes = join_bytes.min(self.join_bytes).min(self.passes_bytes);
        policy::next(&Spooled { pieces, whole, join_bytes, too_large_bytes: self.too_large_bytes }, &acked, &failures)
    }

    /// The last failure, if nothing went right since.
    #[must_use]
    pub fn failure(&self) -> Option<ErrorCode> {
        self.failures.last.filter(|_| self.failures.in_a_row > 0)
    }

    /// Bytes the library is known to have, if it is known.
    #[must_use]
    pub fn acked_bytes(&self) -> Option<u64> {
        match self.acked {
            Acked::Open { offset_bytes } | Acked::Complete { offset_bytes, .. } => Some(offset_bytes),
            Acked::Nowhere | Acked::Unknown | Acked::Damaged | Acked::Sealed { .. } => None,
        }
    }

    /// The library made a clip, or gave a new upload address for it.
    pub fn created(&mut self) {
        // If it has bytes of an earlier try after all, the first append is told so.
        self.acked = Acked::Open { offset_bytes: 0 };
        self.failures = Failures { in_a_row: self.addresses_lost, ..Failures::default() };
    }

    /// The clip is there but its upload address opens nothing any more: ask for another. If that goes on, less and less
    /// often.
    pub fn upload_address_lost(&mut self, now: Micros, jitter: u16) {
        self.addresses_lost = self.addresses_lost.saturating_add(1);
        self.failures.in_a_row = self.failures.in_a_row.max(self.addresses_lost - 1);
        self.count(ErrorCode::Conflict, now, jitter);
        self.acked = Acked::Nowhere;
    }

    /// The library took `sent` and says where it stands.
    pub fn appended(&mut self, sent: &Range<u64>, status: &RemoteUpload, now: Micros, jitter: u16) {
        if status.offset_bytes == sent.end && (status.complete || !sent.is_empty()) {
            self.passes_bytes = self.passes_bytes.max((sent.end - sent.start).saturating_mul(2));
            self.status_received(status, now);
            self.went_right();
        } else {
            // What it says does not fit what it was told.
            self.failed(ErrorCode::Internal, sent.end - sent.start, now, jitter);
        }
    }

    /// The library said where the upload stands. That it answers is not yet that bytes pass: failures are forgotten only if
    /// it has more than it ever had, or all.
    pub fn status_received(&mut self, status: &RemoteUpload, now: Micros) {
        if let Some(most) = status.most_append_bytes {
            self.join_bytes = self.join_bytes.min(most);
        }
        self.acked = match (status.sealed, self.acked) {
            (Some(sha256), _) => Acked::Sealed { sha256 },
            (None, _) if status.damaged => Acked::Damaged,
            (None, _) if !status.complete => Acked::Open { offset_bytes: status.offset_bytes },
            (None, before) => {
                let asked = if let Acked::Complete { asked, .. } = before { asked.saturating_add(1) } else { 0 };
                Acked::Complete { offset_bytes: status.offset_bytes, asked, since: Duration::ZERO }
            }
        };
        self.status_at = now;
        if status.offset_bytes > self.farthest_bytes || status.complete {
            self.farthest_bytes = status.offset_bytes;
            self.went_right();
        }
    }

    fn went_right(&mut self) {
        self.failures = Failures::default();
        self.addresses_lost = 0;
    }

    /// An append of `sent` was refused because the library stands elsewhere, and it said where.
    pub fn offset_mismatch(&mut self, sent: &Range<u64>, status: &RemoteUpload, now: Micros, jitter: u16) {
        self.status_received(status, now);
        if !status.complete && status.offset_bytes == sent.start {
            // It refuses what it asks for: only a question can tell what it means.
            self.acked = Acked::Unknown;
        }
        self.count(ErrorCode::OffsetMismatch, now, jitter);
    }

    /// Something went wrong with a request that carried `sent_bytes`.
    pub fn failed(&mut self, code: ErrorCode, sent_bytes: u64, now: Micros, jitter: u16) {
        if sent_bytes > 0 && matches!(code, ErrorCode::Unreachable | ErrorCode::Internal) {
            self.passes_bytes = self.passes_bytes.min(sent_bytes) / 2;
        }
        match code {
            // Whether the bytes arrived is not known.
            ErrorCode::Unreachable | ErrorCode::Internal | ErrorCode::OffsetMismatch | ErrorCode::Conflict
                if self.acked != Acked::Nowhere =>
            {
                self.acked = Acked::Unknown;
            }
            ErrorCode::TooLarge => {
                self.too_large_bytes = Some(self.too_large_bytes.map_or(sent_bytes, |least| least.min(sent_bytes)))
            }
            _ => {}
        }
        self.count(code, now, jitter);
    }

    /// Something has changed for the better (the network, the token): try at once, and again what had been given up.
    pub fn reset_backoff(&mut self) {
        if self.failures.in_a_row > 0 {
            *self = Self::new(self.acked != Acked::Nowhere);
        }
    }

    fn count(&mut self, code: ErrorCode, now: Micros, jitter: u16) {
        let in_a_row = self.failures.in_a_row.saturating_add(1);
        self.failures = Failures { in_a_row, last: Some(code), since: Duration::ZERO, jitter };
        self.failed_at = now;
    }
}

#[cfg(test)]
mod tests;
