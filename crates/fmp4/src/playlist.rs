//! HLS playlists (RFC 8216): a stream as byte ranges of one URL, playable while it grows.

use std::fmt::Write as _;

use vignette_model::Span;

use crate::{Fragment, Init};

/// The longest that a fragment should be, in whole seconds. It may not change while a playlist
/// grows (RFC 8216 §6.2.1), so it is promised from the first fragment on, twice what the recorder
/// makes.
const TARGET_SECONDS: u64 = 4;

/// The media playlist of a stream. It only ever grows: as long as fragments are added and `ended`
/// comes last, each playlist begins with the one before. `url` is where the stream's bytes are,
/// without line breaks.
#[must_use]
pub fn media(init: &Init, fragments: &[Fragment], url: &str, ended: bool) -> String {
    let longest =
        fragments.iter().map(|fragment| whole_seconds(fragment.duration)).max().unwrap_or(0);
    let target = longest.max(TARGET_SECONDS);
    let mut out = format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{target}\n\
         #EXT-X-PLAYLIST-TYPE:EVENT\n\
         #EXT-X-INDEPENDENT-SEGMENTS\n\
         #EXT-X-START:TIME-OFFSET=0\n#EXT-X-MAP:URI=\"{url}\",BYTERANGE=\"{}@0\"\n",
        init.size_bytes
    );
    for fragment in fragments {
        // RFC 8216 §4.3.2.1: decimal seconds. Five digits keep hours of fragments within a frame.
        let tens_of_micros = fragment.duration.0.saturating_add(5) / 10;
        let _ = writeln!(
            out,
            "#EXTINF:{}.{:05},\n#EXT-X-BYTERANGE:{}@{}\n{url}",
            tens_of_micros / 100_000,
            tens_of_micros % 100_000,
            fragment.size_bytes,
            fragment.offset_bytes
        );
    }
    if ended {
        out.push_str("#EXT-X-ENDLIST\n");
    }
    out
}

/// The multivariant playlist: one variant, with the codecs, size and bit rate a player wants to
/// know before it begins. `media_url` is where the media playlist is, without line breaks.
/// `EXT-X-START` stands in the media playlist alone: where it comes before `EXT-X-STREAM-INF`,
/// FFmpeg (so ffprobe and mpv) takes the whole for a media playlist without a segment.
#[must_use]
pub fn multivariant(init: &Init, fragments: &[Fragment], media_url: &str) -> String {
    let (width, height) = init.picture();
    let peak = fragments
        .iter()
        .map(|fragment| bits_per_second(fragment.size_bytes, fragment.duration))
        .max()
        .unwrap_or(0);
    let (bytes, span) = fragments.iter().fold((0_u64, Span::ZERO), |(bytes, span), fragment| {
        (bytes.saturating_add(fragment.size_bytes), span + fragment.duration)
    });
    let average = bits_per_second(bytes, span);
    format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n\
         #EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\",\
         RESOLUTION={width}x{height}\n{media_url}\n",
        peak.max(1),
        average.max(1),
        init.codecs()
    )
}

/// Rounded to the nearest, as RFC 8216 §4.3.3.1 compares durations with the target.
fn whole_seconds(duration: Span) -> u64 {
    duration.0.saturating_add(500_000) / 1_000_000
}

fn bits_per_second(bytes: u64, span: Span) -> u64 {
    let bits = u128::from(bytes) * 8 * 1_000_000;
    u64::try_from(bits / u128::from(span.0.max(1))).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use vignette_model::Micros;

    use super::*;
    use crate::track::{Edit, SampleDefaults};
    use crate::{Track, TrackKind};

    fn init() -> Init {
        let kind = TrackKind::Video { width: 1920, height: 1080 };
        let (defaults, edit) = (SampleDefaults::default(), Edit::default());
        Init {
            size_bytes: 800,
            tracks: vec![Track {
                id: 1,
                timescale: 90_000,
                kind,
                codec: "avc1.640028".into(),
                defaults,
                edit,
            }],
        }
    }

    fn fragment(offset_bytes: u64, size_bytes: u64, start: Micros, duration: Span) -> Fragment {
        Fragment {
            offset_bytes,
            size_bytes,
            moof_offset_bytes: offset_bytes,
            moof_size_bytes: 100,
            start,
            duration,
        }
    }

    #[test]
    fn a_playlist_only_grows() {
        let fragments: Vec<_> = (0..5)
            .map(|n| fragment(800 + n * 1000, 1000, Micros::from_secs(2 * n), Span::from_secs(2)))
            .collect();
        let mut before = media(&init(), &[], "stream.mp4", false);
        for count in 1..=5 {
            let now = media(&init(), &fragments[..count], "stream.mp4", false);
            assert!(
                now.starts_with(&before),
                "players rely on what they have read staying as it is"
            );
            before = now;
        }
        assert_eq!(
            media(&init(), &fragments, "stream.mp4", true),
            format!("{before}#EXT-X-ENDLIST\n")
        );
    }

    #[test]
    fn a_long_fragment_raises_the_target() {
        let long = fragment(800, 1, Micros::ZERO, Span::from_millis(6_499));
        assert!(media(&init(), &[long], "u", true).contains("#EXT-X-TARGETDURATION:6\n"));
    }

    #[test]
    fn extremes_do_not_overflow() {
        let huge = fragment(u64::MAX, u64::MAX, Micros(u64::MAX), Span(u64::MAX - 5));
        assert!(media(&init(), &[huge, huge], "u", true).contains("#EXTINF:18446744073709.55161,"));
        assert!(multivariant(&init(), &[huge, huge], "u").contains("RESOLUTION=1920x1080"));
        assert!(
            multivariant(&init(), &[], "u").contains("BANDWIDTH=1,AVERAGE-BANDWIDTH=1,"),
            "a rate of 0 is not allowed"
        );
    }
}
