//! Goldens of what people and players read.

use vignette_fmp4::{dump, playlist};
use vignette_golden::assert_golden;

use crate::streams::{ABSOLUTE, ALL, BFRAMES, pieces, sealed};

fn golden(name: &str, now: &str) {
    assert_golden(format!("{}/tests/golden/{name}.txt", env!("CARGO_MANIFEST_DIR")), now);
}

#[test]
fn boxes_in_words() {
    golden("dump_bframes", &dump(BFRAMES));
    golden("dump_absolute", &dump(ABSOLUTE));
    golden("dump_sealed", &dump(&sealed(BFRAMES)));
}

#[test]
fn words_for_any_beginning() {
    for (_, stream) in ALL {
        // Every size near the headers, then some.
        for size in (0..3000).chain((3000..stream.len()).step_by(997)) {
            let _ = dump(&stream[..size]);
        }
    }
    golden("words_for_any_beginning", &dump(b"\0\0\0\x14ftypisom\0\0\0\0mp41\0\0\0\x05junk"));
}

#[test]
fn playlists() {
    let (init, fragments) = pieces(BFRAMES);
    let media =
        |count: usize, ended| playlist::media(&init, &fragments[..count], "stream.mp4?v=1", ended);
    golden("media_growing", &media(2, false));
    golden("media_ended", &media(fragments.len(), true));
    golden("multivariant", &playlist::multivariant(&init, &fragments, "media.m3u8"));
}
