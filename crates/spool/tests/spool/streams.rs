//! A spool in a folder of its own, and streams to put into it.

use std::fs::File;
use std::io::Write as _;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use vignette_fmp4::{Cutter, Limits, Piece};
use vignette_model::{SimulatedClock, TakeId, UtcMicros};
use vignette_spool::{Spool, Take};

/// A whole stream of less than 2 kB.
pub(crate) const TINY: &[u8] = include_bytes!("../data/tiny.mp4");

/// An empty spool; it is gone with the folder.
pub(crate) fn spool() -> (TempDir, Spool) {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    (dir, spool)
}

/// A spool as another program sees it: it shares nothing but the disk.
pub(crate) fn open(dir: &Path) -> Spool {
    Spool::open(dir, Arc::new(SimulatedClock::at(UtcMicros(1_000)))).unwrap()
}

pub(crate) fn take() -> Take {
    Take::new(TakeId::new(), UtcMicros(1_700_000_000_000_000))
}

/// Where the pieces of a stream lie.
pub(crate) fn pieces(stream: &[u8]) -> Vec<Range<usize>> {
    let mut at = 0;
    let end = |piece: Piece| match piece {
        Piece::Init(init) => init.size_bytes,
        Piece::Fragment(fragment) => fragment.end_bytes(),
    };
    let ends = Cutter::new(Limits::DEFAULT).push(stream).unwrap().into_iter().map(end);
    ends.map(|end| {
        std::mem::replace(&mut at, usize::try_from(end).unwrap())..usize::try_from(end).unwrap()
    })
    .collect()
}

/// The init segment of the tiny stream, then its fragments over and over, each later than the one
/// before.
pub(crate) fn endless() -> impl Iterator<Item = Vec<u8>> {
    let pieces = pieces(TINY);
    let init = TINY[pieces[0].clone()].to_vec();
    let count = pieces.len() - 1;
    let fragment = move |index: usize| {
        let mut bytes = TINY[pieces[1 + index % count].clone()].to_vec();
        let tfdt = bytes.windows(4).position(|name| name == b"tfdt").unwrap() + 8;
        let fragment_ticks = 2 * 16_384_u64; // 8 pictures at 4 a second
        bytes[tfdt..tfdt + 8].copy_from_slice(&(index as u64 * fragment_ticks).to_be_bytes());
        bytes
    };
    std::iter::once(init).chain((0..).map(fragment))
}

/// Puts a take on the disk as a program leaves it that died at any moment: a folder with these
/// files.
pub(crate) fn remains(dir: &Path, id: TakeId, files: &[(&str, &[u8])]) {
    let folder = dir.join("takes").join(id.to_string());
    std::fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in files {
        File::create(folder.join(name)).unwrap().write_all(bytes).unwrap();
    }
}
