//! A take as the recorder's computer sees it: its [`Phase`] and its [`Whereabouts`], reported as whole [`TakeView`]s.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::{Summary, Title};
use crate::{Problem, Span, TakeId, UtcMicros};

/// What a take is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Sources are open and nothing is kept yet.
    Countdown,
    /// Frames are being kept.
    Recording,
    /// Sources are open; what they give is left out.
    Paused,
    /// Stopped: the last fragment is being written.
    Finishing,
    /// The stream is complete.
    Stopped,
}

/// Where the bytes of a take are. `Display` says it the way the app does, and it is always true: only what the library
/// has acknowledged counts as sent, and only a sealed clip of the same digest is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "place", rename_all = "snake_case")]
pub enum Whereabouts {
    /// Nothing has reached a library yet.
    OnThisComputer {
        /// Size of the stream so far.
        size_bytes: u64,
    },
    /// The library has made the first `sent_bytes` durable.
    Sending {
        /// Bytes acknowledged.
        sent_bytes: u64,
        /// Size of the stream so far.
        size_bytes: u64,
    },
    /// The library has sealed it with the same SHA-256.
    Safe {
        /// Size of the whole stream.
        size_bytes: u64,
    },
}

impl fmt::Display for Whereabouts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::OnThisComputer { .. } => f.write_str("not uploaded yet"),
            Self::Sending { sent_bytes, size_bytes } => {
                let percent = u128::from(sent_bytes) * 100 / u128::from(size_bytes.max(1));
                write!(f, "uploading {percent} %")
            }
            Self::Safe { .. } => f.write_str("in the library"),
        }
    }
}

impl Whereabouts {
    /// Whether the library has all of it.
    #[must_use]
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Safe { .. })
    }
}

/// Everything a window or a program needs to know of a take, as one snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct TakeView {
    /// Which take.
    #[ts(as = "String")]
    pub id: TakeId,
    /// Its title; may be empty.
    #[ts(as = "String")]
    pub title: Title,
    /// Its summary in Markdown; may be empty.
    #[ts(as = "String")]
    pub summary: Summary,
    /// The clip's link, once a library has given one.
    pub link: Option<String>,
    /// When it was begun.
    #[ts(type = "UtcMicros")]
    pub recorded_at_us: UtcMicros,
    /// How much has been recorded, pauses left out.
    #[ts(type = "Span")]
    pub duration_us: Span,
    /// What it is doing.
    pub phase: Phase,
    /// Where its bytes are.
    pub whereabouts: Whereabouts,
    /// The same in words.
    pub whereabouts_text: String,
    /// What stands in the way of sending at the moment, if anything. Sending is tried again whatever it says.
    #[ts(type = "Problem | null")]
    pub problem: Option<Problem>,
    /// What a machine has made of its sound so far. Title and summary above are the person's alone.
    #[serde(default)]
    pub transcript: Option<TakeTranscript>,
}

/// What a recording without a title is called, everywhere.
pub const UNTITLED: &str = "Untitled recording";

impl TakeView {
    /// The title to show, and whether a machine made it because the person gave none.
    #[must_use]
    pub fn title_to_show(&self) -> (&str, bool) {
        let machine = self.transcript.as_ref().map_or("", |transcript| transcript.title.as_str());
        match self.title.as_str() {
            "" if machine.is_empty() => (UNTITLED, false),
            "" => (machine, true),
            title => (title, false),
        }
    }
}

/// What a machine has made of a take's sound so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct TakeTranscript {
    /// To be shown as a machine's where the person gave no title; may be empty.
    #[ts(as = "String")]
    pub title: Title,
    /// The same for the summary, in Markdown.
    #[ts(as = "String")]
    pub summary: Summary,
    /// How many cues there are.
    pub cues: usize,
    /// Whether the whole take was heard.
    pub done: bool,
    /// Whether the library has them.
    #[serde(default)]
    pub sent: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whereabouts_speak_plainly() {
        let sending = |sent_bytes, size_bytes| Whereabouts::Sending { sent_bytes, size_bytes };
        assert_eq!(Whereabouts::OnThisComputer { size_bytes: 5 }.to_string(), "not uploaded yet");
        assert_eq!(sending(12_000_000, 29_999_999).to_string(), "uploading 40 %");
        assert_eq!(sending(0, 0).to_string(), "uploading 0 %");
        assert_eq!(
            sending(u64::MAX - 1, u64::MAX).to_string(),
            "uploading 99 %",
            "it is not all sent before it is"
        );
        assert_eq!(Whereabouts::Safe { size_bytes: 1 }.to_string(), "in the library");
    }
}
