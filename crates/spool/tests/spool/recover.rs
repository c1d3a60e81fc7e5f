//! Recovery goes by the stream alone.

use vignette_model::api::CreatedClip;
use vignette_model::text::Title;
use vignette_model::{ClipId, ClipKey, Sha256, Span, TakeId};
use vignette_spool::{OrphanClip, Spool, StreamRecord, Take};

use crate::streams::{TINY, open, pieces, remains, spool, take};

fn titled(mut take: Take, title: &str) -> Take {
    take.details.title = Title::new(title).unwrap();
    take
}

fn recovered(spool: &Spool, id: TakeId, whole: usize) {
    let take = spool.take(id).expect("the take is there");
    assert_eq!(take.stream.size_bytes, whole as u64);
    assert_eq!(
        (take.stream.complete, take.stream.interrupted, take.stream.sha256),
        (true, true, Some(Sha256::of(&TINY[..whole])))
    );
    assert_eq!(
        std::fs::read(spool.stream_path(id)).unwrap(),
        &TINY[..whole],
        "the file ends after the last whole piece"
    );
}

#[test]
fn a_stream_cut_off_at_any_byte_is_whole_again() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    let pieces = pieces(TINY);
    for size in 0..=TINY.len() {
        let id = TakeId::new();
        remains(dir.path(), id, &[("stream.mp4", &TINY[..size])]);
        let ids = spool.recover().unwrap();
        let whole = pieces.iter().skip(1).map(|piece| piece.end).filter(|end| *end <= size).max();
        match whole {
            Some(whole) => {
                assert_eq!(ids, [id], "cut off after {size} bytes");
                recovered(&spool, id, whole);
                assert!(spool.recover().unwrap().is_empty(), "what is recovered stays so");
                spool.remove(id).unwrap();
            }
            None => assert!(
                ids.is_empty() && spool.take(id).is_none(),
                "{size} bytes hold nothing to see"
            ),
        }
    }
    assert_eq!(std::fs::read_dir(dir.path().join("takes")).unwrap().count(), 0, "nothing is left");
}

#[test]
fn a_damaged_record_does_not_lose_the_stream() {
    let good = serde_json::to_vec(&titled(take(), "Kept")).unwrap();
    let other = serde_json::to_vec(&take()).unwrap();
    let huge = vec![b' '; 2 << 20];
    for (what, json) in [
        ("empty", &b""[..]),
        ("half", &good[..good.len() / 2]),
        ("garbage", b"\0\xff\0\xff\0\0\0"),
        ("no object", b"[1, 2, 3]"),
        ("wrong types", br#"{"id": 7, "title": ["x"]}"#),
        ("of another take", &other),
        ("huge", &huge),
    ] {
        let (dir, spool) = spool();
        let id = TakeId::new();
        remains(dir.path(), id, &[("stream.mp4", TINY), ("take.json", json)]);
        assert_eq!(spool.recover().unwrap(), [id], "{what}");
        recovered(&spool, id, TINY.len());
        assert!(
            spool.take(id).unwrap().details.recorded_at_us.0 > 1_700_000_000_000_000,
            "{what}: the id tells when it was begun"
        );
        let rest = spool.stream_path(id).with_file_name("take.rest");
        assert!(std::fs::read(rest).unwrap() == json, "{what}: what was there is kept aside");
        let again = open(dir.path());
        assert!(again.take(id).unwrap().stream.complete, "{what}: the record is good again");
    }
}

#[test]
fn a_record_that_the_disk_does_not_give_now_is_not_overwritten() {
    let (dir, spool) = spool();
    let id = TakeId::new();
    let end = pieces(TINY)[2].end;
    remains(dir.path(), id, &[("stream.mp4", &TINY[..end + 7])]);
    // What is no file cannot be read; it stands for every error of a disk but that there is no such
    // file.
    let record = spool.stream_path(id).with_file_name("take.json");
    std::fs::create_dir(&record).unwrap();
    assert!(spool.recover().unwrap().is_empty(), "it is left alone");
    assert!(!spool.claim(id) && spool.take(id).is_none(), "and nobody takes it for something else");
    assert_eq!(
        std::fs::read(spool.stream_path(id)).unwrap(),
        &TINY[..end + 7],
        "its stream is as it was"
    );

    std::fs::remove_dir(&record).unwrap();
    let good = titled(Take::new(id, take().details.recorded_at_us), "Kept");
    remains(dir.path(), id, &[("take.json", &serde_json::to_vec(&good).unwrap())]);
    assert_eq!(spool.recover().unwrap(), [id], "when the disk gives it again");
    recovered(&spool, id, end);
    assert_eq!(spool.take(id).unwrap().details.title.as_str(), "Kept");
}

#[test]
fn a_record_that_lies_about_the_stream_is_not_believed() {
    let (dir, spool) = spool();
    let (id, end) = (TakeId::new(), pieces(TINY)[2].end);
    let mut lie = titled(Take::new(id, take().details.recorded_at_us), "Kept");
    lie.stream = StreamRecord {
        size_bytes: TINY.len() as u64,
        complete: true,
        duration_us: Span(1),
        sha256: Some(Sha256::of(TINY)),
        ..StreamRecord::default()
    };
    lie.upload.sealed = true;
    remains(
        dir.path(),
        id,
        &[("stream.mp4", &TINY[..end]), ("take.json", &serde_json::to_vec(&lie).unwrap())],
    );
    let seen = spool.take(id).unwrap();
    assert_eq!(
        (seen.stream.complete, seen.upload.sealed, seen.stream.size_bytes),
        (false, false, end as u64)
    );
    assert_eq!(spool.recover().unwrap(), [id]);
    recovered(&spool, id, end);
    assert_eq!(
        spool.take(id).unwrap().details.title.as_str(),
        "Kept",
        "what only the record knows is kept"
    );
    assert_eq!(spool.take(id).unwrap().stream.duration_us, Span::from_secs(4));
}

#[test]
fn bytes_that_are_no_piece_are_kept_aside() {
    let (dir, spool) = spool();
    let (id, end) = (TakeId::new(), pieces(TINY)[2].end);
    let mut damaged = TINY.to_vec();
    damaged[end + 4..end + 8].copy_from_slice(b"\0\0\0\0");
    remains(dir.path(), id, &[("stream.mp4", &damaged)]);
    assert_eq!(spool.recover().unwrap(), [id]);
    recovered(&spool, id, end);
    let rest = std::fs::read(spool.stream_path(id).with_file_name("stream.rest")).unwrap();
    assert_eq!(rest, &damaged[end..], "they may be worth something to somebody");
}

#[test]
fn a_file_that_is_no_stream_is_left_alone() {
    let (dir, spool) = spool();
    let id = TakeId::new();
    remains(dir.path(), id, &[("stream.mp4", b"these are not the boxes you are looking for")]);
    assert!(spool.recover().unwrap().is_empty());
    assert!(spool.stream_path(id).exists());
}

#[test]
fn remains_without_a_stream_are_cleared_away() {
    let (dir, spool) = spool();
    let json = serde_json::to_vec(&take()).unwrap();
    remains(dir.path(), TakeId::new(), &[]);
    remains(dir.path(), TakeId::new(), &[("take.json", &json), ("lock", b"")]);
    remains(dir.path(), TakeId::new(), &[("stream.new", &TINY[..500])]);
    let stranger = dir.path().join("takes/not a take");
    std::fs::create_dir(&stranger).unwrap();
    assert!(spool.recover().unwrap().is_empty());
    assert!(stranger.exists(), "what is not ours stays");
    assert_eq!(std::fs::read_dir(dir.path().join("takes")).unwrap().count(), 1);
}

#[test]
fn a_writer_that_is_dropped_leaves_a_take_to_recover() {
    let (_dir, spool) = spool();
    let mut writer = spool.begin(take()).unwrap();
    let id = writer.id();
    let end = pieces(TINY)[1].end;
    writer.append(&TINY[..end]).unwrap();
    drop(writer);
    assert_eq!(spool.recover().unwrap(), [id]);
    recovered(&spool, id, end);
}

#[test]
fn a_clip_that_waits_for_a_take_without_a_fragment_is_unwanted() {
    let (_dir, spool) = spool();
    let writer = spool.begin(take()).unwrap();
    let id = writer.id();
    let clip = CreatedClip {
        id: ClipId::new(),
        key: ClipKey::random(),
        link: String::new(),
        upload: "/api/v1/uploads/up_1".to_owned(),
    };
    spool
        .update(id, |take| {
            take.upload.library = Some("https://library.example/".to_owned());
            take.upload.clip = Some(clip.clone());
        })
        .unwrap();
    drop(writer);
    assert!(spool.recover().unwrap().is_empty(), "there is nothing to see in it");
    assert!(spool.take(id).is_none());
    let orphan = OrphanClip { library: "https://library.example/".to_owned(), clip: clip.id };
    assert_eq!(
        spool.orphan_clips(),
        [orphan],
        "its clip is deleted as soon as the library is there"
    );
}
