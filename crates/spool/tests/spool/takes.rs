//! What a take is while nothing goes wrong.

use std::io::Write as _;
use std::sync::{Arc, Mutex};

use vignette_model::text::Title;
use vignette_model::{ErrorCode, Micros, Problem, Sha256, SimulatedClock, Span, TakeId, UtcMicros};
use vignette_spool::{
    FreeSpace, SimulatedDisk, Spool, SpoolError, StreamRecord, Take, TakeDetails, TranscriptPlan,
    UploadRecord,
};

use crate::streams::{TINY, open, pieces, spool, take};

#[test]
fn a_take_from_beginning_to_end() {
    let (dir, spool) = spool();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (ears, inner) = (heard.clone(), spool.clone());
    spool.subscribe(move |id| {
        ears.lock()
            .unwrap()
            .push(inner.take(id).map(|take| (take.stream.size_bytes, take.stream.complete)))
    });

    let mut writer = spool.begin(take()).unwrap();
    let id = writer.id();
    for piece in pieces(TINY) {
        writer.append(&TINY[piece.clone()]).unwrap();
        let now = spool.take(id).unwrap();
        assert_eq!(
            (now.stream.size_bytes, now.stream.complete, now.stream.sha256),
            (piece.end as u64, false, None)
        );
    }
    let finished = writer.finish().unwrap();
    assert_eq!(finished.stream.sha256, Some(Sha256::of(TINY)));
    assert_eq!(
        (finished.stream.duration_us, finished.stream.interrupted),
        (Span::from_secs(6), false)
    );
    assert_eq!(
        spool.read(id, 0, usize::MAX).unwrap(),
        TINY,
        "the file is the stream, byte for byte"
    );

    let sizes: Vec<u64> = pieces(TINY).iter().map(|piece| piece.end as u64).collect();
    let mut expected: Vec<_> =
        std::iter::once(0).chain(sizes).map(|size| Some((size, false))).collect();
    expected.push(Some((TINY.len() as u64, true)));
    assert_eq!(*heard.lock().unwrap(), expected, "listeners hear of every step, and can ask");

    spool.remove(id).unwrap();
    assert_eq!(heard.lock().unwrap().last(), Some(&None), "and of the removal");
    assert!(spool.takes().is_empty());
    assert_eq!(
        std::fs::read_dir(dir.path().join("takes")).unwrap().count(),
        0,
        "nothing is left on the disk"
    );
}

#[test]
fn only_whole_pieces_in_order_are_taken() {
    let (_dir, spool) = spool();
    let mut writer = spool.begin(take()).unwrap();
    let pieces = pieces(TINY);
    let part = |range: &std::ops::Range<usize>| &TINY[range.clone()];
    let refused = |writer: &mut vignette_spool::TakeWriter, bytes: &[u8]| {
        let size = spool.take(writer.id()).unwrap().stream.size_bytes;
        let error = writer.append(bytes).expect_err("no whole pieces");
        assert!(matches!(error, SpoolError::NotAPiece { .. }), "{error}");
        assert_eq!(
            spool.take(writer.id()).unwrap().stream.size_bytes,
            size,
            "what is refused must not count"
        );
        assert_eq!(
            std::fs::metadata(spool.stream_path(writer.id())).unwrap().len(),
            size,
            "and must not be written"
        );
    };
    refused(&mut writer, part(&pieces[1]));
    refused(&mut writer, &TINY[..pieces[0].end - 1]);
    refused(&mut writer, &TINY[..pieces[0].end + 1]);
    writer.append(part(&pieces[0])).unwrap();
    refused(&mut writer, part(&pieces[0]));
    refused(&mut writer, &TINY[pieces[1].start..pieces[1].end - 1]);
    writer
        .append(&TINY[pieces[1].start..pieces[2].end])
        .expect("several whole pieces at once are fine");
    refused(&mut writer, part(&pieces[1]));
    writer.append(part(&pieces[3])).unwrap();
    assert_eq!(writer.finish().unwrap().stream.sha256, Some(Sha256::of(TINY)));
}

#[test]
fn readers_get_whole_pieces_where_they_can() {
    let (_dir, spool) = spool();
    let mut writer = spool.begin(take()).unwrap();
    let id = writer.id();
    writer.append(TINY).unwrap();
    let pieces = pieces(TINY);
    let in_spool: Vec<_> = spool
        .pieces(id)
        .unwrap()
        .into_iter()
        .map(|p| usize::try_from(p.start).unwrap()..usize::try_from(p.end).unwrap())
        .collect();
    assert_eq!(in_spool, pieces);
    for from in
        [0, 1, pieces[1].start, pieces[2].start + 7, TINY.len() - 1, TINY.len(), TINY.len() + 9]
    {
        for max in [0, 1, 300, 700, 1200, TINY.len(), usize::MAX] {
            let got = spool.read(id, from as u64, max).unwrap();
            assert!(got.len() <= max, "never more than was asked for");
            assert_eq!(
                got,
                TINY.get(from..from + got.len()).unwrap_or(&[]),
                "from {from}, at most {max}"
            );
            let fits = pieces.iter().rfind(|piece| piece.end > from && piece.end - from <= max);
            match fits {
                Some(piece) => {
                    assert_eq!(from + got.len(), piece.end, "from {from}, at most {max}")
                }
                None => assert_eq!(
                    got.len(),
                    max.min(TINY.len().saturating_sub(from)),
                    "from {from}, at most {max}"
                ),
            }
        }
    }
}

#[test]
fn what_the_stream_says_cannot_be_changed() {
    let (_dir, spool) = spool();
    let mut begun = take();
    begun.stream = StreamRecord {
        size_bytes: 77,
        complete: true,
        interrupted: true,
        ..StreamRecord::default()
    };
    begun.upload.sealed = true;
    let mut writer = spool.begin(begun).unwrap();
    let id = writer.id();
    let begun = spool.take(id).unwrap();
    assert_eq!(
        begun.stream,
        StreamRecord::default(),
        "a take begins at its beginning whatever it is begun with"
    );
    assert!(!begun.upload.sealed);
    writer.append(TINY).unwrap();
    let changed = writer
        .update(|take| {
            *take.details = TakeDetails {
                title: Title::new("New").unwrap(),
                ..Take::new(id, UtcMicros(5)).details
            };
            *take.upload = UploadRecord { acked_bytes: 12, ..UploadRecord::default() };
            *take.transcript = TranscriptPlan { no_transcript: true, ..TranscriptPlan::default() };
        })
        .unwrap();
    assert_eq!(
        (changed.id, changed.stream.size_bytes, changed.stream.complete),
        (id, TINY.len() as u64, false)
    );
    assert_eq!(
        (
            changed.details.title.as_str(),
            changed.upload.acked_bytes,
            changed.details.recorded_at_us
        ),
        ("New", 12, UtcMicros(5))
    );
    writer.finish().unwrap();
    assert_eq!(
        spool.update(id, |take| take.upload.sealed = true).unwrap().details.title.as_str(),
        "New",
        "a change does not undo another"
    );
}

#[test]
fn the_record_is_what_another_start_reads() {
    let (dir, spool) = spool();
    let mut writer = spool.begin(take()).unwrap();
    let id = writer.id();
    writer.append(TINY).unwrap();
    writer.update(|take| take.details.paused.push((Micros(3), Span(9)))).unwrap();
    spool.put_poster(id, b"\xff\xd8 jpeg").unwrap();
    writer.finish().unwrap();
    spool.update(id, |take| take.upload.sealed = true).unwrap();
    drop(spool);

    let again = open(dir.path());
    assert!(again.recover().unwrap().is_empty(), "a finished take needs no recovery");
    let read = again.take(id).unwrap();
    assert_eq!(
        (read.stream.complete, read.upload.sealed, read.stream.poster, read.stream.interrupted),
        (true, true, true, false)
    );
    assert_eq!(
        (read.stream.sha256, read.details.paused),
        (Some(Sha256::of(TINY)), vec![(Micros(3), Span(9))])
    );
    assert_eq!(again.poster(id).as_deref(), Some(&b"\xff\xd8 jpeg"[..]));
    assert_eq!(again.pieces(id).unwrap().len(), 4);
}

#[test]
fn the_stream_of_a_complete_take_is_read_when_its_pieces_are_wanted() {
    let (dir, spool) = spool();
    let mut writer = spool.begin(take()).unwrap();
    let id = writer.id();
    writer.append(TINY).unwrap();
    writer.finish().unwrap();
    drop(spool);
    // Bytes that no scan would take for a stream, so that it shows whether there was one.
    let again = open(dir.path());
    std::fs::File::create(again.stream_path(id))
        .unwrap()
        .write_all(&vec![b'x'; TINY.len()])
        .unwrap();
    let seen = |why: &str| {
        let seen = again.takes().remove(0);
        assert_eq!(
            (seen.stream.complete, seen.stream.duration_us),
            (true, Span::from_secs(6)),
            "{why} is no reason to read the stream"
        );
    };
    seen("a list");
    assert!(again.claim(id) && again.recover().unwrap().is_empty());
    seen("being ours");
    assert_eq!(again.pieces(id).unwrap(), [], "pieces are what is there");
    let seen = again.take(id).unwrap();
    assert_eq!(
        (seen.stream.complete, seen.stream.sha256, seen.stream.size_bytes),
        (false, None, 0),
        "and what is not there is not complete"
    );
}

#[test]
fn one_program_at_a_time() {
    let (dir, ours) = spool();
    let theirs = open(dir.path());
    let mut writer = ours.begin(take()).unwrap();
    let id = writer.id();
    writer.append(TINY).unwrap();

    assert_eq!(theirs.take(id).unwrap().stream.size_bytes, TINY.len() as u64, "others see it");
    assert_eq!(theirs.read(id, 0, usize::MAX).unwrap(), TINY, "and can play it");
    assert!(!theirs.claim(id));
    assert!(
        theirs.recover().unwrap().is_empty(),
        "a take that is being recorded is nobody else's to end"
    );
    assert!(matches!(
        theirs.update(id, |take| take.upload.acked_bytes = 1),
        Err(SpoolError::Elsewhere(_))
    ));
    assert!(matches!(theirs.remove(id), Err(SpoolError::Elsewhere(_))));
    assert!(matches!(ours.begin(Take::new(id, UtcMicros(0))), Err(SpoolError::AlreadyThere(_))));
    assert!(matches!(ours.remove(id), Err(SpoolError::Recording(_))));
    assert!(ours.recover().unwrap().is_empty(), "not even by ourselves");

    writer.finish().unwrap();
    assert!(!theirs.claim(id), "it stays ours while we live");
    drop(ours);
    assert!(theirs.claim(id), "and can be taken over then");
    theirs.remove(id).unwrap();
}

#[test]
fn a_cancelled_take_is_gone() {
    let (dir, spool) = spool();
    let mut writer = spool.begin(take()).unwrap();
    let id = writer.id();
    writer.append(TINY).unwrap();
    writer.discard().unwrap();
    assert!(spool.take(id).is_none());
    assert!(matches!(spool.update(id, |_| {}), Err(SpoolError::NotFound(_))));
    assert!(
        open(dir.path()).recover().unwrap().is_empty(),
        "recovery must not bring back what somebody threw away"
    );
}

#[test]
fn a_take_without_a_picture_is_not_kept() {
    let (_dir, spool) = spool();
    let mut writer = spool.begin(take()).unwrap();
    writer.append(&TINY[pieces(TINY)[0].clone()]).unwrap();
    let problem = Problem::from(writer.finish().expect_err("there is nothing to see"));
    assert_eq!(problem.message, "It was stopped before anything was recorded.");
    assert!(spool.takes().is_empty());
}

#[test]
fn takes_are_listed_newest_first() {
    let (_dir, spool) = spool();
    let writers: Vec<_> =
        [5, 9, 7].map(|at| spool.begin(Take::new(TakeId::new(), UtcMicros(at))).unwrap()).into();
    let times: Vec<i64> = spool.takes().iter().map(|take| take.details.recorded_at_us.0).collect();
    assert_eq!(times, [9, 7, 5]);
    drop(writers);
}

#[test]
fn a_full_disk_is_noticed_before_it_is_full() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(SimulatedClock::default());
    for (free, room) in [
        (499_999_999, FreeSpace::Full { free_bytes: 499_999_999 }),
        (1_999_999_999, FreeSpace::Low { free_bytes: 1_999_999_999 }),
    ] {
        let spool = Spool::open_on(
            dir.path(),
            clock.clone(),
            Box::new(SimulatedDisk::with_free_bytes(free)),
        )
        .unwrap();
        assert_eq!(spool.free_space(), room);
        let begun = spool.begin(take());
        if let FreeSpace::Full { .. } = room {
            let problem = Problem::from(begun.expect_err("too little room to begin"));
            let folder = dir.path().join("takes");
            let said = format!(
                "Only 499 MB are free on the disk of {}, and 500 MB are kept free there.",
                folder.display()
            );
            assert_eq!((problem.code, problem.message), (ErrorCode::NoSpace, said));
            assert!(spool.takes().is_empty());
        } else {
            begun.expect("there is room still");
        }
    }
}

#[cfg(unix)]
#[test]
fn takes_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, spool) = spool();
    let writer = spool.begin(take()).unwrap();
    let mode =
        |path: std::path::PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(dir.path().join("takes")), 0o700);
    assert_eq!(mode(spool.stream_path(writer.id()).parent().unwrap().to_owned()), 0o700);
}
