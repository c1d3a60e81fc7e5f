//! The policy of sending: what to do next for one take, as a pure function of what the spool has,
//! what the library is known to have, and what went wrong last. It has no clock, no network and no
//! memory.
//!
//! ```text
//!          ┌─ Create ─┐  ┌────── Send ──────┐
//! Nowhere ─┘          └▶ Open(offset) ──────┴─ Complete ─▶ Complete ─ Ask … ─▶ Sealed ─▶ Done
//!                         ▲      │ answer lost                 │
//!                         └─ Ask ┴──── Unknown ◀───────────────┘
//! ```

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use vignette_model::{Backoff, Sha256};

/// The pauses after failures in a row.
pub(crate) const BACKOFF: Backoff =
    Backoff::new(Duration::from_millis(500), Duration::from_secs(60));
/// The pauses between two questions whether a complete clip is sealed yet, for the first
/// [`FAST_POLLS`] of them.
pub(crate) const POLL: Backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(2));
/// After so many questions (about two minutes) something holds the library up, and it is asked once
/// in an [`IDLE_INTERVAL`].
pub(crate) const FAST_POLLS: u32 = 60;
/// How long to wait when only somebody else can change anything; whatever happens ends the wait
/// earlier.
pub(crate) const IDLE_INTERVAL: Duration = Duration::from_secs(60);
/// How many bytes of waiting pieces are joined into one append, unless the library says less.
pub(crate) const JOIN_BYTES: u64 = 8 << 20;

/// What the spool has of a take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spooled<'a> {
    /// The byte ranges of its whole pieces, in order, without gaps, from zero.
    pub(crate) pieces: &'a [Range<u64>],
    /// Digest of the whole stream, once nothing follows.
    pub(crate) whole: Option<Sha256>,
    /// How many bytes of pieces may be joined into one append; a single larger piece is sent all
    /// the same.
    pub(crate) join_bytes: u64,
    /// An append of so many bytes was refused for its size.
    pub(crate) too_large_bytes: Option<u64>,
}

impl Spooled<'_> {
    fn size_bytes(&self) -> u64 {
        self.pieces.last().map_or(0, |piece| piece.end)
    }

    /// From `offset` to the end of the piece it lies in, and as many whole pieces after that as
    /// fit.
    fn waiting(&self, offset: u64, join_bytes: u64) -> Option<Range<u64>> {
        let first = self.pieces.partition_point(|piece| piece.end <= offset);
        let own_end = self.pieces.get(first)?.end;
        let fits = |piece: &&Range<u64>| piece.end - offset <= join_bytes;
        let end = self.pieces[first + 1..]
            .iter()
            .take_while(fits)
            .last()
            .map_or(own_end, |piece| piece.end);
        Some(offset..end)
    }
}

/// What the library is known to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acked {
    /// There is no clip yet.
    Nowhere,
    /// There is a clip; how much of it the library has must be asked.
    Unknown,
    /// The library waits for what follows this offset.
    Open {
        /// Bytes it has made durable.
        offset_bytes: u64,
    },
    /// The library has been told that nothing follows.
    Complete {
        /// Bytes it has made durable.
        offset_bytes: u64,
        /// How often it has been asked whether it is sealed.
        asked: u32,
        /// How long ago the last answer came.
        since: Duration,
    },
    /// The library says that it lost some of what it had acknowledged.
    Damaged,
    /// The library has sealed the clip.
    Sealed {
        /// Digest of the stream as the library has it.
        sha256: Sha256,
    },
}

/// What went wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No answer came, or one that does not tell whether the bytes arrived.
    Unanswered,
    /// The library stands at another offset, and says at which.
    OffsetMismatch,
    /// It is not possible in the state that the upload is in.
    Conflict,
    /// The clip is there, but its upload address opens nothing any more.
    UploadAddressLost,
    /// The bytes that arrived are not those that were sent.
    DigestMismatch,
    /// The clip was deleted.
    NotFound,
    /// The library does not take these bytes.
    NotAStream,
    /// The library lost some of what it had acknowledged.
    Damaged,
    /// It was more than is taken at once.
    TooLarge,
    /// The token opens nothing, or there is none.
    SignInNeeded,
    /// The library does not accept the request as it is: its form, or that it comes from this
    /// person.
    Rejected,
    /// The library refused for another reason, which may pass: its disk is full, it is asked too
    /// often.
    Refused,
    /// This computer failed; nothing was sent.
    Local,
}

impl Failure {
    /// What is given up for if this failure is the reason.
    #[must_use]
    pub(crate) const fn give_up(self) -> Option<GiveUp> {
        match self {
            Self::NotFound => Some(GiveUp::NotFound),
            Self::NotAStream => Some(GiveUp::NotAStream),
            Self::Damaged => Some(GiveUp::Damaged),
            Self::DigestMismatch => Some(GiveUp::DigestMismatch),
            Self::TooLarge => Some(GiveUp::TooLarge),
            Self::Unanswered
            | Self::OffsetMismatch
            | Self::Conflict
            | Self::UploadAddressLost
            | Self::SignInNeeded
            | Self::Rejected
            | Self::Refused
            | Self::Local => None,
        }
    }
}

/// What went wrong since bytes last arrived. That a question is answered ends nothing: a way to the
/// library that breaks every large append answers small questions all the time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Failures {
    /// How many in a row.
    pub(crate) in_a_row: u32,
    /// The last of them.
    pub(crate) last: Option<Failure>,
    /// What is left of the pause after it.
    pub(crate) pause: Duration,
}

/// Why trying again cannot help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GiveUp {
    /// The clip was deleted.
    NotFound,
    /// The library does not take these bytes, or there are none.
    NotAStream,
    /// The library lost some of what it had acknowledged.
    Damaged,
    /// The library has other bytes than this computer.
    DigestMismatch,
    /// Somebody ended the clip before all of it had arrived, or it holds more than the take.
    EndedEarly,
    /// A single piece is more than the library takes at once.
    TooLarge,
}

impl fmt::Display for GiveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound | Self::NotAStream => "The library does not take this clip.",
            Self::Damaged => "The library's disk lost some of what had arrived.",
            Self::DigestMismatch => "The library has other bytes for this clip than this computer.",
            Self::EndedEarly => "The library ended this clip before all of it had arrived.",
            Self::TooLarge => "Even one piece of the clip is more than the library takes at once.",
        })
    }
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ask for a clip: the take has none.
    Create,
    /// Ask the library what it has.
    Ask,
    /// Append these bytes of the stream.
    Send {
        /// From what the library has to the end of a piece.
        range: Range<u64>,
        /// Whether nothing follows, so that this append completes the upload.
        completes: bool,
    },
    /// Do nothing for so long, or until something changes.
    Wait(Duration),
    /// Say that nothing follows.
    Complete,
    /// The library has sealed exactly these bytes.
    Done,
    /// Trying again cannot help; the take stays in the spool.
    GiveUp(GiveUp),
}

/// What to do next for one take.
#[must_use]
pub(crate) fn next(spooled: &Spooled<'_>, acked: &Acked, failures: &Failures) -> Step {
    if let Some(step) = after_failure(failures) {
        return step;
    }
    // After a failure as little as possible is sent: what cannot pass in one piece may pass in
    // many, and what is lost again is less.
    let taken_bytes = spooled.too_large_bytes.map_or(u64::MAX, |refused| refused.saturating_sub(1));
    let join_bytes = if failures.in_a_row > 0 { 0 } else { spooled.join_bytes.min(taken_bytes) };
    let size_bytes = spooled.size_bytes();
    match *acked {
        Acked::Nowhere => Step::Create,
        Acked::Unknown => Step::Ask,
        Acked::Damaged => Step::GiveUp(GiveUp::Damaged),
        Acked::Sealed { sha256 } => match spooled.whole {
            Some(whole) if whole == sha256 => Step::Done,
            Some(_) => Step::GiveUp(GiveUp::DigestMismatch),
            // Somebody ended this clip while the take goes on: it can never hold the rest.
            None => Step::GiveUp(GiveUp::EndedEarly),
        },
        Acked::Complete { offset_bytes, .. }
            if offset_bytes != size_bytes || spooled.whole.is_none() =>
        {
            Step::GiveUp(GiveUp::EndedEarly)
        }
        Acked::Complete { asked, since, .. } => {
            let pause = if asked < FAST_POLLS { POLL.delay(asked + 1) } else { IDLE_INTERVAL };
            match pause.checked_sub(since) {
                Some(rest) if !rest.is_zero() => Step::Wait(rest),
                _ => Step::Ask,
            }
        }
        // The library has bytes that this computer has not: these are not the same takes.
        Acked::Open { offset_bytes } if offset_bytes > size_bytes => {
            Step::GiveUp(GiveUp::EndedEarly)
        }
        Acked::Open { offset_bytes } => {
            match (spooled.waiting(offset_bytes, join_bytes), spooled.whole) {
                (Some(range), _) if range.end - range.start > taken_bytes => {
                    Step::GiveUp(GiveUp::TooLarge)
                }
                (Some(range), whole) => {
                    // When the digest did not match, sending and completing are done apart: then it
                    // shows whether these bytes were damaged on the way or earlier ones differ.
                    let apart = failures.last == Some(Failure::DigestMismatch);
                    Step::Send {
                        completes: whole.is_some() && range.end == size_bytes && !apart,
                        range,
                    }
                }
                (None, None) => Step::Wait(IDLE_INTERVAL),
                (None, Some(_)) if size_bytes == 0 => Step::GiveUp(GiveUp::NotAStream),
                (None, Some(_)) if failures.last == Some(Failure::DigestMismatch) => {
                    Step::GiveUp(GiveUp::DigestMismatch)
                }
                (None, Some(_)) => Step::Complete,
            }
        }
    }
}

/// What the last failure alone decides, if it does.
fn after_failure(failures: &Failures) -> Option<Step> {
    let last = failures.last.filter(|_| failures.in_a_row > 0)?;
    match last {
        Failure::NotFound | Failure::NotAStream | Failure::Damaged => {
            last.give_up().map(Step::GiveUp)
        }
        Failure::SignInNeeded => Some(Step::Wait(IDLE_INTERVAL)),
        // The answer carried the true offset, so nothing is wrong. Only a second one in a row is
        // worth a pause.
        Failure::OffsetMismatch if failures.in_a_row == 1 => None,
        _ => (!failures.pause.is_zero()).then_some(Step::Wait(failures.pause)),
    }
}

#[cfg(test)]
mod tests;
