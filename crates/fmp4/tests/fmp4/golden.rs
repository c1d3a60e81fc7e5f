//! Goldens of what people and players read.

use vignette_fmp4::{dump, playlist};

use crate::streams::{ABSOLUTE, ALL, BFRAMES, pieces, sealed};

#[test]
fn boxes_in_words() {
    insta::assert_snapshot!("dump_bframes", dump(BFRAMES));
    insta::assert_snapshot!("dump_absolute", dump(ABSOLUTE));
    insta::assert_snapshot!("dump_sealed", dump(&sealed(BFRAMES)));
}

#[test]
fn words_for_any_beginning() {
    for (_, stream) in ALL {
        // Every size near the headers, then some.
        for size in (0..3000).chain((3000..stream.len()).step_by(997)) {
            let _ = dump(&stream[..size]);
        }
    }
    insta::assert_snapshot!(dump(b"\0\0\0\x14ftypisom\0\0\0\0mp41\0\0\0\x05junk"));
}

#[test]
fn playlists() {
    let (init, fragments) = pieces(BFRAMES);
    insta::assert_snapshot!(
        "media_growing",
        playlist::media(&init, &fragments[..2], "stream.mp4?v=1", false)
    );
    insta::assert_snapshot!(
        "media_ended",
        playlist::media(&init, &fragments, "stream.mp4?v=1", true)
    );
    insta::assert_snapshot!(
        "multivariant",
        playlist::multivariant(&init, &fragments, "media.m3u8")
    );
}
