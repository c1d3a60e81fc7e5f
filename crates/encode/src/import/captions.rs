//! Text subtitles of a file as cues.

use ff::Packet;
use ff::codec::Id;
use ffmpeg_next as ff;
use vignette_model::text::CueText;
use vignette_model::transcript::{Cue, MAX_CUES};
use vignette_model::{Micros, Span};

/// The duration of a cue without one of its own.
const UNTOLD_US: i64 = 5_000_000;

/// The cues of one subtitle track, in the file's time.
#[derive(Default)]
pub(super) struct Captions {
    cues: Vec<(i64, i64, CueText)>,
}

impl Captions {
    /// Takes a packet that is shown from `at_us` on for `length_us`, 0 if unknown.
    pub(super) fn take(&mut self, packet: &Packet, id: Id, at_us: i64, length_us: i64) {
        let Some(text) = packet.data().and_then(|data| CueText::cut(&text(data, id)).ok()) else {
            return;
        };
        if self.cues.len() < MAX_CUES {
            let length_us = if length_us > 0 { length_us } else { UNTOLD_US };
            self.cues.push((at_us, at_us.saturating_add(length_us), text));
        }
    }

    /// The cues between `start_us` and `duration`, in order. Those outside were cut off and are
    /// left out.
    pub(super) fn cues(mut self, start_us: i64, duration: Span) -> Vec<Cue> {
        self.cues.sort_by_key(|(start, ..)| *start);
        let end = Micros::ZERO + duration;
        let within = |us: i64| {
            Micros(u64::try_from(us.saturating_sub(start_us)).unwrap_or_default()).min(end)
        };
        let cues =
            self.cues.into_iter().map(|(start, end, text)| (within(start), within(end), text));
        cues.filter(|(start, end, _)| start < end)
            .map(|(start_us, end_us, text)| Cue {
                start_us,
                end_us,
                text,
                word_starts_us: Vec::new(),
            })
            .collect()
    }
}

/// The text of a packet on one line, without styling.
fn text(data: &[u8], id: Id) -> String {
    let data = match id {
        // ETSI TS 126 245: the length of the text, the text, then how it looks.
        Id::MOV_TEXT => data.split_first_chunk::<2>().map_or(&[][..], |(length, rest)| {
            &rest[..usize::from(u16::from_be_bytes(*length)).min(rest.len())]
        }),
        _ => data,
    };
    let text = String::from_utf8_lossy(data);
    let text = match id {
        // Matroska: ReadOrder, Layer, Style, Name, three margins, Effect, then the text.
        Id::ASS | Id::SSA => text.splitn(9, ',').nth(8).unwrap_or_default(),
        _ => &text,
    };
    let text =
        without(&without(text, '{', '}', |inside| inside.starts_with('\\')), '<', '>', |inside| {
            inside.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '!'))
        });
    let text =
        text.replace("\\N", " ").replace("\\n", " ").replace("\\h", " ").replace("&nbsp;", " ");
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Removes what stands between `open` and `close` if it is markup.
fn without(text: &str, open: char, close: char, is_markup: impl Fn(&str) -> bool) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        match after.split_once(close) {
            Some((inside, behind)) if is_markup(inside) => rest = behind,
            _ => {
                out.push(open);
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_are_left() {
        for (data, id, words) in [
            (&b"<i>Hello</i>,\nworld"[..], Id::SUBRIP, "Hello, world"),
            (b"\0\x05Hello\0\0\0\x0cstyl", Id::MOV_TEXT, "Hello"),
            (b"\0\xffHi", Id::MOV_TEXT, "Hi"),
            (b"", Id::MOV_TEXT, ""),
            (b"0,0,Default,,0,0,0,,{\\an8\\b1}One,{\\b0} two\\Nthree", Id::ASS, "One, two three"),
            (b"<v Anna>3 &lt; 5 &amp; a <b", Id::WEBVTT, "3 < 5 & a <b"),
            (b"{not markup} 1 < 2 > 0", Id::SUBRIP, "{not markup} 1 < 2 > 0"),
        ] {
            assert_eq!(text(data, id), words);
        }
    }
}
