//! What follows a good init segment, so that every input gets as far as a moof: as an append, and as a moof to be sealed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vignette_fmp4::{Cutter, Init, Limits, Piece, Sealer};

/// Pictures with reordering, sound with priming.
const STREAM: &[u8] = include_bytes!("../../../crates/fmp4/tests/data/bframes.mp4");

fuzz_target!(|bytes: &[u8]| {
    let (init, size) = init();
    let mut cutter = Cutter::new(Limits::DEFAULT);
    cutter.push(&STREAM[..size]).expect("the init segment is good");
    let mut pieces = Vec::new();
    let _ = cutter.push_into(bytes, &mut pieces);
    assert!(pieces.iter().all(|piece| matches!(piece, Piece::Fragment(_))), "only fragments follow an init segment");

    let mut sealer = Sealer::new(&STREAM[..size], Limits::DEFAULT).expect("the init segment is good");
    if sealer.add(init.size_bytes, bytes).is_ok() {
        let _ = sealer.header(init.size_bytes + bytes.len() as u64);
        let most = 4096 + 2 * size + 44 * Limits::DEFAULT.fragment_samples as usize;
        assert!(sealer.header(u64::MAX).map_or(0, |header| header.len()) <= most, "no moof claims more than it may");
    }
    // The same moof again and again: whatever else is wrong with that, it ends with the limit.
    let few = Limits { samples: 100, ..Limits::DEFAULT };
    let mut sealer = Sealer::new(&STREAM[..size], few).expect("the init segment is good");
    while sealer.add(init.size_bytes, bytes).is_ok_and(|()| sealer.header(u64::MAX).is_ok()) {}
});

fn init() -> (Init, usize) {
    let first = Cutter::new(Limits::DEFAULT).push(STREAM).expect("the stream is good").swap_remove(0);
    let Piece::Init(init) = first else { panic!("a stream begins with an init segment") };
    let size = init.size_bytes as usize;
    (init, size)
}
