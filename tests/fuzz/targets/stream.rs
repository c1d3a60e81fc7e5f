//! A whole stream: it is cut the same way however it is split, and what was cut can be sealed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vignette_fmp4::{Cutter, Fragment, Init, Limits, Piece, Sealer, playlist};

fuzz_target!(|bytes: &[u8]| {
    let mut cutter = Cutter::new(Limits::DEFAULT);
    let mut pieces = Vec::new();
    let result = cutter.push_into(bytes, &mut pieces);

    let mut split = Cutter::new(Limits::DEFAULT);
    let mut split_pieces = Vec::new();
    let step = 1 + bytes.len() % 61;
    let split_result = bytes.chunks(step).try_for_each(|part| split.push_into(part, &mut split_pieces));
    assert_eq!((&split_result, &split_pieces), (&result, &pieces), "pushed {step} bytes at a time");
    assert_eq!(split.whole_bytes(), cutter.whole_bytes());

    let (init, fragments) = parts(pieces);
    let Some(init) = init else { return };
    check_order(&init, &fragments, cutter.whole_bytes());
    let _ = playlist::media(&init, &fragments, "stream.mp4", true);
    let _ = playlist::multivariant(&init, &fragments, "media.m3u8");

    let header = Sealer::new(part(bytes, 0, init.size_bytes), Limits::DEFAULT).and_then(|mut sealer| {
        for fragment in &fragments {
            let moof = part(bytes, fragment.moof_offset_bytes, fragment.moof_size_bytes);
            sealer.add(fragment.moof_offset_bytes, moof)?;
        }
        sealer.header(cutter.whole_bytes())
    });
    assert!(fragments.is_empty() || header.is_ok(), "what was cut can be sealed: {header:?}");
    // Every sample has bytes of its own, and at most 44 in the tables: stts 8, ctts 8, stss 4, stsz 4, stsc 12, co64 8.
    let most = 4096 + 2 * init.size_bytes as usize + 44 * bytes.len();
    assert!(header.map_or(0, |header| header.len()) <= most, "a few bytes do not become a huge header");
});

fn parts(pieces: Vec<Piece>) -> (Option<Init>, Vec<Fragment>) {
    let mut init = None;
    let mut fragments = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Init(found) => assert!(init.replace(found).is_none(), "a stream has one init segment"),
            Piece::Fragment(fragment) => fragments.push(fragment),
        }
    }
    (init, fragments)
}

fn check_order(init: &Init, fragments: &[Fragment], whole_bytes: u64) {
    let (mut end, mut start) = (init.size_bytes, None);
    for fragment in fragments {
        assert_eq!(fragment.offset_bytes, end, "no byte lies between two pieces");
        assert!(start <= Some(fragment.start), "time does not go back");
        (end, start) = (fragment.end_bytes(), Some(fragment.start));
    }
    assert!(end <= whole_bytes, "only an mfra may follow");
}

fn part(bytes: &[u8], offset: u64, size: u64) -> &[u8] {
    &bytes[offset as usize..][..size as usize]
}
