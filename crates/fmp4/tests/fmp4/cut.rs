//! Cutting: however the bytes come, the pieces are the same, and a stream that breaks off is good
//! up to its last whole piece.

use proptest::prelude::*;
use vignette_fmp4::{Cutter, Limits};
use vignette_model::Span;

use crate::streams::{ALL, BFRAMES, ZEROLATENCY, pieces};

#[test]
fn pieces_lie_one_behind_the_other() {
    for (name, stream) in ALL {
        let (init, fragments) = pieces(stream);
        let mut end = init.size_bytes;
        let mut time = fragments[0].start;
        for fragment in &fragments {
            assert_eq!(fragment.offset_bytes, end, "{name}: no byte lies between two pieces");
            assert_eq!(fragment.start, time, "{name}: these streams have no gaps");
            assert_eq!(fragment.duration, Span::from_secs(2), "{name}");
            end = fragment.end_bytes();
            time = fragment.end();
        }
    }
}

#[test]
fn an_mfra_at_the_end_belongs_to_the_stream() {
    let mut cutter = Cutter::new(Limits::DEFAULT);
    let fragments = cutter.push(BFRAMES).unwrap().len() - 1;
    assert_eq!((fragments, cutter.whole_bytes()), (3, BFRAMES.len() as u64));
    assert!(pieces(BFRAMES).1[2].end_bytes() < BFRAMES.len() as u64, "the stream has an mfra");
    assert!(cutter.push(b"\0\0\0\x08free").is_err(), "nothing may follow an mfra");
}

#[test]
fn a_stream_that_breaks_off_is_whole_up_to_its_last_piece() {
    for (name, stream) in ALL {
        let (init, fragments) = pieces(stream);
        let ends: Vec<u64> = std::iter::once(init.size_bytes)
            .chain(fragments.iter().map(|f| f.end_bytes()))
            .collect();
        let mut cutter = Cutter::new(Limits::DEFAULT);
        for (index, byte) in stream.iter().enumerate() {
            let whole = ends.iter().copied().filter(|end| *end <= index as u64).max().unwrap_or(0);
            assert_eq!(cutter.whole_bytes(), whole, "{name}: cut off after {index} bytes");
            assert_eq!(cutter.offset_bytes(), index as u64, "{name}");
            cutter.push(&[*byte]).unwrap_or_else(|error| {
                panic!("{name}: a beginning of a good stream is good: {error}")
            });
        }
        assert_eq!(cutter.whole_bytes(), stream.len() as u64, "{name}: all of it");
    }
}

#[test]
fn media_need_not_be_read() {
    for (name, stream) in ALL {
        let mut cutter = Cutter::new(Limits::DEFAULT);
        let (mut found, mut read, mut at) = (Vec::new(), 0, 0);
        while at < stream.len() {
            let skippable = usize::try_from(cutter.skippable_bytes()).unwrap();
            if skippable > 0 {
                found.extend(cutter.skip(skippable as u64));
                at += skippable;
            } else {
                found.extend(cutter.push(&stream[at..=at]).unwrap());
                at += 1;
                read += 1;
            }
        }
        assert_eq!(found, Cutter::new(Limits::DEFAULT).push(stream).unwrap(), "{name}");
        assert!(read < stream.len() / 5, "{name}: {read} of {} bytes were read", stream.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn however_the_bytes_are_split_the_pieces_are_the_same(
        which in 0..ALL.len(),
        mut cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let stream = ALL[which].1;
        let whole = Cutter::new(Limits::DEFAULT).push(stream).unwrap();
        let mut places: Vec<usize> = cuts.drain(..).map(|cut| cut.index(stream.len())).collect();
        places.extend([0, stream.len()]);
        places.sort_unstable();
        let mut cutter = Cutter::new(Limits::DEFAULT);
        let mut found = Vec::new();
        for pair in places.windows(2) {
            found.extend(cutter.push(&stream[pair[0]..pair[1]]).unwrap());
        }
        prop_assert_eq!(found, whole);
    }

    #[test]
    fn damaged_streams_never_panic_and_err_the_same_however_split(
        position in 0..4000_usize,
        value: u8,
        split in 1..5000_usize,
    ) {
        // Nearly all of the first 4000 bytes are headers.
        let mut stream = ZEROLATENCY.to_vec();
        stream[position] = value;
        let mut at_once = Vec::new();
        let result = Cutter::new(Limits::DEFAULT).push_into(&stream, &mut at_once);
        let mut cutter = Cutter::new(Limits::DEFAULT);
        let mut found = Vec::new();
        let split_result = stream.chunks(split).try_for_each(|bytes| cutter.push_into(bytes, &mut found));
        prop_assert_eq!(split_result, result);
        prop_assert_eq!(found, at_once);
        let _ = vignette_fmp4::dump(&stream);
    }
}
