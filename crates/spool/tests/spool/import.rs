//! Films that are taken in.

use std::sync::Arc;

use vignette_model::{Sha256, SimulatedClock, Span, UtcMicros};
use vignette_spool::{FULL_BYTES, SimulatedDisk, Spool, SpoolError, Take, TakeWriter};

use crate::streams::{TINY, open, pieces, remains, spool, take};

const LIBRARY: &str = "https://library.example/";

/// Begins to take in a film, and has taken in so many pieces of it.
fn begin(spool: &Spool, count: usize) -> TakeWriter {
    let mut writer = spool.begin_import(take_for_library()).unwrap();
    for piece in &pieces(TINY)[..count] {
        writer.append(&TINY[piece.clone()]).unwrap();
    }
    writer
}

fn take_for_library() -> Take {
    let mut take = take();
    take.upload.library = Some(LIBRARY.to_owned());
    take
}

fn folders(dir: &tempfile::TempDir) -> usize {
    std::fs::read_dir(dir.path().join("takes")).unwrap().count()
}

#[test]
fn a_film_is_a_take_once_all_of_it_is_there() {
    let (dir, spool) = spool();
    let another = open(dir.path());
    let writer = begin(&spool, 4);
    let id = writer.id();
    spool.put_poster(id, b"\xff\xd8 jpeg").unwrap();
    let pending = spool.take(id).unwrap();
    assert_eq!(
        (pending.stream.complete, pending.upload.library),
        (false, None),
        "nothing is sent of what may still fail"
    );
    assert!(
        another.recover().unwrap().is_empty() && another.takes().is_empty(),
        "another program sees nothing of it"
    );

    let taken_in = writer.finish().unwrap();
    assert_eq!(
        (taken_in.stream.complete, taken_in.stream.interrupted, taken_in.stream.duration_us),
        (true, false, Span::from_secs(6))
    );
    assert_eq!(
        (taken_in.stream.sha256, taken_in.upload.library.as_deref()),
        (Some(Sha256::of(TINY)), Some(LIBRARY))
    );
    let seen = another.take(id).unwrap();
    assert_eq!(
        (seen.stream.complete, seen.stream.poster, seen.upload.library.as_deref()),
        (true, true, Some(LIBRARY))
    );
    assert_eq!(another.read(id, 0, usize::MAX).unwrap(), TINY);
}

#[test]
fn of_a_film_that_fails_half_way_nothing_is_left() {
    let (dir, spool) = spool();
    drop(begin(&spool, 3));
    assert_eq!((folders(&dir), spool.takes().len()), (0, 0), "dropped");
    begin(&spool, 3).discard().unwrap();
    assert_eq!(folders(&dir), 0, "discarded");
    assert!(matches!(begin(&spool, 1).finish(), Err(SpoolError::Nothing(_))));
    assert_eq!(folders(&dir), 0, "nothing to see in it");
}

#[test]
fn a_crash_while_a_film_is_taken_in_publishes_nothing() {
    let (_dir, living) = spool();
    let writer = begin(&living, 3);
    let id = writer.id();
    let folder = living.stream_path(id).parent().unwrap().to_owned();
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let left: Vec<_> = paths
        .map(|path| (path.file_name().unwrap().to_owned(), std::fs::read(&path).unwrap()))
        .collect();
    let left: Vec<_> =
        left.iter().map(|(name, bytes)| (name.to_str().unwrap(), &bytes[..])).collect();
    assert!(
        left.iter().any(|(_, bytes)| TINY.starts_with(bytes) && bytes.len() > 1000),
        "there is half a film"
    );

    let (dir, spool) = spool();
    remains(dir.path(), id, &left);
    assert!(spool.recover().unwrap().is_empty());
    assert_eq!(
        (folders(&dir), spool.takes().len()),
        (0, 0),
        "it is taken in again by whoever wanted it"
    );
}

#[test]
fn a_film_leaves_room_to_record() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(SimulatedDisk::with_free_bytes(FULL_BYTES + 10_000));
    let spool = Spool::open_on(
        dir.path(),
        Arc::new(SimulatedClock::at(UtcMicros(1_000))),
        Box::new(disk.clone()),
    )
    .unwrap();
    let mut writer = begin(&spool, 2);
    disk.set_free_bytes(FULL_BYTES + 10);
    let next = &TINY[pieces(TINY)[2].clone()];
    assert!(
        matches!(writer.append(next), Err(SpoolError::Full { .. })),
        "a disk may become full on the way"
    );
    drop(writer);
    assert_eq!(folders(&dir), 0);
}
