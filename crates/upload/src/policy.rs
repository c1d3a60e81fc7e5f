//! The policy of sending: what to do next for one take, as a pure function of what the spool has, what the library is
//! known to have, and what went wrong last. It has no clock, no network and no memory.
//!
//! ```text
//!          ┌─ Create ─┐  ┌────── Send ──────┐
//! Nowhere ─┘          └▶ Open(offset) ──────┴─ Complete ─▶ Complete ─ Ask … ─▶ Sealed ─▶ Done
//!                         ▲      │ answer lost                 │
//!                         └─ Ask ┴──── Unknown ◀───────────────┘
//! ```

use std::ops::Range;
use std::time::Duration;

use vignette_model::{ErrorCode, Sha256};

/// The first pause after a failure.
pub const BACKOFF_FIRST: Duration = Duration::from_millis(500);
/// The longest pause after a failure.
pub const BACKOFF_MAX: Duration = Duration::from_secs(60);
/// The first pause between two questions whether a complete clip is sealed yet.
pub const POLL_FIRST: Duration = Duration::from_millis(50);
/// The longest pause between two such questions, for the first [`FAST_POLLS`] of them.
pub const POLL_MAX: Duration = Duration::from_secs(2);
/// After so many questions (about two minutes) something holds the library up, and it is asked once in a [`IDLE_INTERVAL`].
pub const FAST_POLLS: u32 = 60;
/// How long to rest when only somebody else can change anything; whatever happens ends the rest earlier.
pub const IDLE_INTERVAL: Duration = Duration::from_secs(60);
/// How many bytes of waiting pieces are joined into one append, unless the library says less.
pub const JOIN_BYTES: u64 = 8 << 20;

/// What the spool has of a take.
#[derive(Clone, Copy, Debug)]
pub struct Spooled<'a> {
    /// The byte ranges of its whole pieces, in order, without gaps, from zero.
    pub pieces: &'a [Range<u64>],
    /// Digest of the whole stream, once nothing follows.
    pub whole: Option<Sha256>,
    /// How many bytes of pieces may be joined into one append; a single larger piece is sent all the same.
    pub join_bytes: u64,
    /// An append of so many bytes was refused for its size.
    pub too_large_bytes: Option<u64>,
}

impl Spooled<'_> {
    fn size_bytes(&self) -> u64 {
        self.pieces.last().map_or(0, |piece| piece.end)
    }

    /// From `offset` to the end of the piece it lies in, and as many whole pieces after that as fit.
    fn waiting(&self, offset: u64, join_bytes: u64) -> Option<Range<u64>> {
        let first = self.pieces.partition_point(|piece| piece.end <= offset);
        let own_end = self.pieces.get(first)?.end;
        let fits = |piece: &&Range<u64>| piece.end - offset <= join_bytes;
        let end = self.pieces[first + 1..].iter().take_while(fits).last().map_or(own_end, |piece| piece.end);
        Some(offset..end)
    }
}

/// What the library is known to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acked {
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

/// What went wrong since bytes last arrived. That a question is answered ends nothing: a way to the library that breaks every
/// large append answers small questions all the time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Failures {
    /// How many in a row.
    pub in_a_row: u32,
    /// The last of them.
    pub last: Option<ErrorCode>,
    /// How long ago the last one was.
    pub since: Duration,
    /// Randomness, drawn anew for each failure, so that many recorders do not all come back at once.
    pub jitter: u16,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
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
    GiveUp(ErrorCode),
}

/// How long to pause after the `in_a_row`-th failure: doubling from [`BACKOFF_FIRST`] to [`BACKOFF_MAX`], of which the
/// second half is random.
#[must_use]
pub fn backoff(in_a_row: u32, jitter: u16) -> Duration {
    let full = doubled(BACKOFF_FIRST, in_a_row.saturating_sub(1), BACKOFF_MAX);
    let random = full / 2 * u32::from(jitter) / u32::from(u16::MAX);
    // Clocks count microseconds: a rest of less would never pass.
    full / 2 + Duration::from_millis(u64::try_from(random.as_millis()).unwrap_or_default())
}

fn doubled(first: Duration, times: u32, most: Duration) -> Duration {
    2_u32.checked_pow(times).and_then(|factor| first.checked_mul(factor)).map_or(most, |pause| pause.min(most))
}

/// What to do next for one take.
#[must_use]
pub fn next(spooled: &Spooled<'_>, acked: &Acked, failures: &Failures) -> Step {
    if let Some(step) = after_failure(failures) {
        return step;
    }
    // After a failure as little as possible is sent: what cannot pass in one piece may pass in many, and what is lost
    // again is less.
    let taken_bytes = spooled.too_large_bytes.map_or(u64::MAX, |refused| refused.saturating_sub(1));
    let join_bytes = if failures.in_a_row > 0 { 0 } else { spooled.join_bytes.min(taken_bytes) };
    let size_bytes = spooled.size_bytes();
    match *acked {
        Acked::Nowhere => Step::Create,
        Acked::Unknown => Step::Ask,
        Acked::Damaged => Step::GiveUp(ErrorCode::Damaged),
        Acked::Sealed { sha256 } => match spooled.whole {
            Some(whole) if whole == sha256 => Step::Done,
            Some(_) => Step::GiveUp(ErrorCode::DigestMismatch),
            // Somebody ended this clip while the take goes on: it can never hold the rest.
            None => Step::GiveUp(ErrorCode::Conflict),
        },
        Acked::Complete { offset_bytes, .. } if offset_bytes != size_bytes || spooled.whole.is_none() => {
            Step::GiveUp(ErrorCode::Conflict)
        }
        Acked::Complete { asked, since, .. } => {
            let pause = if asked < FAST_POLLS { doubled(POLL_FIRST, asked, POLL_MAX) } else { IDLE_INTERVAL };
            match pause.checked_sub(since) {
                Some(rest) if !rest.is_zero() => Step::Wait(rest),
                _ => Step::Ask,
            }
        }
        // The library has bytes that this computer has not: these are not the same takes.
        Acked::Open { offset_bytes } if offset_bytes > size_bytes => Step::GiveUp(ErrorCode::Conflict),
        Acked::Open { offset_bytes } => match (spooled.waiting(offset_bytes, join_bytes), spooled.whole) {
            (Some(range), _) if range.end - range.start > taken_bytes => Step::GiveUp(ErrorCode::TooLarge),
            (Some(range), whole) => {
                // When the digest did not match, sending and completing are done apart: then it shows whether these
                // bytes were damaged on the way or earlier ones differ.
                let apart = failures.last == Some(ErrorCode::DigestMismatch);
                Step::Send { completes: whole.is_some() && range.end == size_bytes && !apart, range }
            }
            (None, None) => Step::Wait(IDLE_INTERVAL),
            (None, Some(_)) if size_bytes == 0 => Step::GiveUp(ErrorCode::NotAStream),
            (None, Some(_)) if failures.last == Some(ErrorCode::DigestMismatch) => Step::GiveUp(ErrorCode::DigestMismatch),
            (None, Some(_)) => Step::Complete,
        },
    }
}

/// What the last failure alone decides, if it does.
fn after_failure(failures: &Failures) -> Option<Step> {
    let last = failures.last.filter(|_| failures.in_a_row > 0)?;
    match last {
        ErrorCode::NotFound | ErrorCode::NotAStream | ErrorCode::Damaged => return Some(Step::GiveUp(last)),
        ErrorCode::SignInNeeded => return Some(Step::Wait(IDLE_INTERVAL)),
        // The answer carried the true offset, so nothing is wrong; only if it goes on so, it is worth a pause.
        ErrorCode::OffsetMismatch if failures.in_a_row == 1 => return None,
        _ => {}
    }
    let rest = backoff(failures.in_a_row, failures.jitter).checked_sub(failures.since)?;
    (!rest.is_zero()).then_some(Step::Wait(rest))
}

#[cfg(test)]
mod tests;
