//! The streams, and small things that every test does with them.

use vignette_fmp4::{Cutter, FormatError, Fragment, Init, Limits, Piece, Sealer};

pub(crate) const BFRAMES: &[u8] = include_bytes!("../data/bframes.mp4");
pub(crate) const ZEROLATENCY: &[u8] = include_bytes!("../data/zerolatency.mp4");
pub(crate) const ABSOLUTE: &[u8] = include_bytes!("../data/absolute.mp4");

pub(crate) const ALL: [(&str, &[u8]); 3] =
    [("bframes", BFRAMES), ("zerolatency", ZEROLATENCY), ("absolute", ABSOLUTE)];

/// Every piece of a stream that is good from beginning to end.
pub(crate) fn pieces(stream: &[u8]) -> (Init, Vec<Fragment>) {
    let mut init = None;
    let mut fragments = Vec::new();
    for piece in Cutter::new(Limits::DEFAULT).push(stream).expect("the stream is good") {
        match piece {
            Piece::Init(found) => init = Some(found),
            Piece::Fragment(fragment) => fragments.push(fragment),
        }
    }
    (init.expect("the stream has an init segment"), fragments)
}

/// A part of a stream.
pub(crate) fn part(stream: &[u8], offset_bytes: u64, size_bytes: u64) -> &[u8] {
    let begin = usize::try_from(offset_bytes).unwrap();
    &stream[begin..][..usize::try_from(size_bytes).unwrap()]
}

/// A cutter that has taken the init segment of a stream.
pub(crate) fn after_init(stream: &[u8], limits: Limits) -> Cutter {
    let mut cutter = Cutter::new(limits);
    let head = part(stream, 0, pieces(stream).0.size_bytes);
    cutter.push(head).expect("the init segment is good");
    cutter
}

/// The header of a sealed file, from an init segment and the moofs at their offsets.
pub(crate) fn sealed_header<'a>(
    init: &[u8],
    moofs: impl IntoIterator<Item = (u64, &'a [u8])>,
    stream_size_bytes: u64,
) -> Result<Vec<u8>, FormatError> {
    let mut sealer = Sealer::new(init, Limits::DEFAULT)?;
    for (offset_bytes, moof) in moofs {
        sealer.add(offset_bytes, moof)?;
    }
    sealer.header(stream_size_bytes)
}

/// The sealed file of a stream.
pub(crate) fn sealed(stream: &[u8]) -> Vec<u8> {
    let (init, fragments) = pieces(stream);
    let moofs = fragments
        .iter()
        .map(|f| (f.moof_offset_bytes, part(stream, f.moof_offset_bytes, f.moof_size_bytes)));
    let mut file = sealed_header(part(stream, 0, init.size_bytes), moofs, stream.len() as u64)
        .expect("what was cut can be sealed");
    file.extend(stream);
    file
}

/// Where `needle` first begins in `stream`, from `from` on.
pub(crate) fn find(stream: &[u8], needle: &[u8], from: usize) -> usize {
    from + stream[from..]
        .windows(needle.len())
        .position(|window| window == needle)
        .expect("the stream has it")
}

/// The stream with every decode time of fragments from `fragment` (counted from 0) on changed by
/// `ticks(track id)`.
pub(crate) fn shifted(stream: &[u8], fragment: usize, ticks: impl Fn(u32) -> i32) -> Vec<u8> {
    let mut stream = stream.to_vec();
    for moof in pieces(&stream).1.into_iter().skip(fragment) {
        let mut at = usize::try_from(moof.moof_offset_bytes).unwrap();
        let end = at + usize::try_from(moof.moof_size_bytes).unwrap();
        while let Some(found) = stream[at..end].windows(4).position(|window| window == b"tfhd") {
            let tfhd = at + found;
            let track = u32::from_be_bytes(*stream[tfhd + 8..].first_chunk().unwrap());
            let tfdt = find(&stream, b"tfdt", tfhd);
            assert_eq!(stream[tfdt + 4], 1, "the streams have 64-bit decode times");
            let time = u64::from_be_bytes(*stream[tfdt + 8..].first_chunk().unwrap());
            let moved =
                time.checked_add_signed(i64::from(ticks(track))).expect("the time stays positive");
            stream[tfdt + 8..][..8].copy_from_slice(&moved.to_be_bytes());
            at = tfdt;
        }
    }
    stream
}
