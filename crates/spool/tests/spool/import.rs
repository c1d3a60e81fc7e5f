//! Finished files become takes.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use vignette_model::{ErrorCode, Micros, Problem, Sha256};
use vignette_spool::SpoolError;

use crate::streams::{TINY, open, pieces, spool, take};

fn file(dir: &tempfile::TempDir, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join("somebody's film.mp4");
    File::create(&path).unwrap().write_all(bytes).unwrap();
    path
}

#[test]
fn a_finished_file_is_a_complete_take() {
    let (dir, spool) = spool();
    let path = file(&dir, TINY);
    let imported = spool.import(&path, take()).unwrap();
    assert_eq!((imported.complete, imported.interrupted, imported.duration_us), (true, false, Micros::from_secs(6)));
    assert_eq!(imported.sha256, Some(Sha256::of(TINY)));
    assert_eq!(std::fs::read(&path).unwrap(), TINY, "the file itself is only read");
    drop(spool);
    let again = open(dir.path());
    assert!(again.recover().unwrap().is_empty());
    assert_eq!(again.take(imported.id).unwrap().sha256, imported.sha256);
    assert_eq!(again.read(imported.id, 0, usize::MAX).unwrap(), TINY);
}

#[test]
fn an_mfra_is_left_out() {
    let (dir, spool) = spool();
    let with_sound = include_bytes!("../../../fmp4/tests/data/bframes.mp4");
    let imported = spool.import(&file(&dir, with_sound), take()).unwrap();
    let end = pieces(with_sound).last().unwrap().end;
    assert!(end < with_sound.len());
    assert_eq!((imported.size_bytes, imported.sha256), (end as u64, Some(Sha256::of(&with_sound[..end]))));
}

#[test]
fn what_is_not_a_whole_stream_is_refused() {
    let (dir, spool) = spool();
    let init = pieces(TINY)[0].end;
    for bytes in
        [&b""[..], b"plain text", &TINY[..TINY.len() - 1], &TINY[..init], &TINY[init..], &[TINY, b"and more and more"].concat()]
    {
        let error = spool.import(&file(&dir, bytes), take()).expect_err("not a whole stream");
        assert!(matches!(error, SpoolError::NotAPiece { .. }), "{error}");
        assert_eq!(Problem::from(error).code, ErrorCode::NotAStream);
    }
    assert!(matches!(spool.import(&dir.path().join("nowhere.mp4"), take()), Err(SpoolError::Disk { .. })));
    assert_eq!(std::fs::read_dir(dir.path().join("takes")).unwrap().count(), 0, "nothing is left of what was refused");
}
