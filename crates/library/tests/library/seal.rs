//! Sealing: the file is the header and the untouched stream, on disk as in memory.

use std::process::Command;
use std::sync::Arc;

use bytes::Bytes;
use vignette_fmp4::{Limits, Sealer};
use vignette_library::media::DiskMedia;
use vignette_library::store::LONGEST_DELAY;
use vignette_library::{Append, Library, LibrarySettings, MediaPart};
use vignette_model::api::NewClip;
use vignette_model::text::PersonName;
use vignette_model::{ErrorCode, Secret, Sha256, SimulatedClock, TakeId};
use vignette_store_sqlite::SqliteStore;

use crate::rig::{NOW, STREAM, STREAMS, World, pieces, read};

/// The sealed file as the format room makes it from the whole stream.
fn expected(stream: &[u8]) -> Vec<u8> {
    let (ranges, fragments) = pieces(stream);
    let index = |at: u64| usize::try_from(at).unwrap();
    let mut sealer = Sealer::new(&stream[ranges[0].clone()], Limits::DEFAULT).unwrap();
    for fragment in fragments {
        let moof = &stream[index(fragment.moof_offset_bytes)..];
        let moof = &moof[..index(fragment.moof_size_bytes)];
        sealer.add(fragment.moof_offset_bytes, moof).unwrap();
    }
    [&sealer.header(stream.len() as u64).unwrap(), stream].concat()
}

#[tokio::test]
async fn a_sealed_clip_is_a_header_and_the_stream() {
    let world = World::new().await;
    for stream in STREAMS {
        let clip = world.sealed(stream).await;
        let file =
            world.library.media(&world.ann, &clip.created.key, MediaPart::Mp4).await.unwrap();
        assert_eq!((file.content_type, file.growing), ("video/mp4", false));
        let whole = expected(stream);
        assert_eq!(file.size_bytes, whole.len() as u64);
        assert_eq!(read(&file, 0..file.size_bytes).await.unwrap(), whole);
        assert_eq!(read(&file, 100..200).await.unwrap(), &whole[100..200]);
        assert_eq!(
            world.stream(&clip).await,
            stream,
            "the stream is served out of the sealed file"
        );
        let beyond = file.read(0..file.size_bytes + 1).await.err().unwrap();
        assert_eq!(beyond.code(), ErrorCode::RangeNotSatisfiable);
    }
}

#[tokio::test]
async fn entity_tags_change_with_what_they_name() {
    let world = World::new().await;
    let clip = world.create(true).await;
    let (ranges, _) = pieces(STREAM);
    let tag = async |part| {
        world.library.media(&world.ann, &clip.created.key, part).await.map(|file| file.etag)
    };
    world.send(&clip, 0, &STREAM[..ranges[1].end], false).await.unwrap();
    let first = tag(MediaPart::Stream).await.unwrap();
    assert!(
        first.starts_with('"') && first.ends_with('"') && first.len() > 20,
        "{first} is a strong tag"
    );
    assert_eq!(tag(MediaPart::Stream).await.unwrap(), first, "the same bytes have the same tag");
    assert_eq!(tag(MediaPart::Mp4).await.unwrap_err().code(), ErrorCode::Conflict);
    world.send(&clip, ranges[1].end, &STREAM[ranges[1].end..], true).await.unwrap();
    let second = tag(MediaPart::Stream).await.unwrap();
    assert_ne!(second, first);
    world.library.settled().await;
    assert_eq!(
        tag(MediaPart::Stream).await.unwrap(),
        second,
        "where the bytes lie is nobody's business"
    );
    let sealed = tag(MediaPart::Mp4).await.unwrap();
    assert_ne!(sealed, second);
    let other = world.sealed(STREAM).await;
    let file = world.library.media(&world.ann, &other.created.key, MediaPart::Mp4).await.unwrap();
    assert_ne!(file.etag, sealed, "another clip has another tag");
}

#[tokio::test]
async fn a_copy_that_went_wrong_is_made_again() {
    let world = World::new().await;
    world.media.spoil(Some("clip"));
    let clip = world.sealed(STREAM).await;
    assert_eq!(
        world.own(&clip).await.sealed_sha256,
        None,
        "what reads back as something else is not sealed"
    );
    assert_eq!(world.stream(&clip).await, STREAM, "and the only good bytes stay");
    world.media.spoil(None);
    world.clock.advance(LONGEST_DELAY.into());
    world.library.settled().await;
    assert_eq!(world.own(&clip).await.sealed_sha256, Some(Sha256::of(STREAM)));
}

#[tokio::test]
async fn a_reader_does_not_notice_the_sealing() {
    let world = World::new().await;
    let clip = world.create(false).await;
    world.send(&clip, 0, STREAM, true).await.unwrap();
    let before =
        world.library.media(&world.ann, &clip.created.key, MediaPart::Stream).await.unwrap();
    world.library.settled().await;
    assert_eq!(
        read(&before, 0..before.size_bytes).await.unwrap(),
        STREAM,
        "asked before, read after"
    );
    world.library.delete_clip(&world.ann, clip.created.id).await.unwrap();
    world.library.settled().await;
    assert_eq!(read(&before, 0..1).await.unwrap_err().code(), ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_disk_a_sealed_clip_is_one_plain_file() {
    let folder = tempfile::tempdir().unwrap();
    let open = async || {
        let store = Arc::new(SqliteStore::open(&folder.path().join("library.db")).await.unwrap());
        let media = Arc::new(DiskMedia::open(&folder.path().join("media")).await.unwrap());
        let settings = LibrarySettings::new("http://127.0.0.1:8455".parse().unwrap(), "Test");
        Library::new(store, media, Arc::new(SimulatedClock::at(NOW)), settings)
    };
    let mut library = open().await;
    let owner = library.ensure_owner(PersonName::new("Ann").unwrap()).await.unwrap();
    let new = NewClip {
        take: TakeId::new(),
        title: Default::default(),
        summary: Default::default(),
        live: false,
        recorded_at_us: NOW,
    };
    let created = library.create_clip(&owner, new).await.unwrap();
    let secret = Secret::presented(created.upload.strip_prefix("/api/v1/uploads/").unwrap());
    let (ranges, _) = pieces(STREAM);
    for range in &ranges {
        let bytes = Bytes::from_static(&STREAM[range.clone()]);
        let complete = range.end == STREAM.len();
        let append = Append {
            offset_bytes: range.start as u64,
            bytes,
            digest: None,
            length_bytes: None,
            complete,
            repr_digest: None,
        };
        library.append(&secret, append).await.unwrap();
        if range.start == ranges[2].start {
            // The next process begins a file of its own: it does not touch what another one may still write.
            library = open().await;
        }
    }
    library.settled().await;
    let names: Vec<_> = std::fs::read_dir(folder.path().join("media").join(created.id.to_string()))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["clip.mp4"], "one plain MP4 and nothing else");
    let path = folder.path().join("media").join(created.id.to_string()).join("clip.mp4");
    assert_eq!(std::fs::read(&path).unwrap(), expected(STREAM));

    drop(library);
    let library = open().await;
    assert_eq!(
        library.upload_status(&secret).await.unwrap().sealed_sha256,
        Some(Sha256::of(STREAM))
    );
    if let Ok(probed) = Command::new("ffprobe")
        .args(["-v", "error", "-count_packets", "-show_entries"])
        .arg("stream=nb_read_packets")
        .arg(&path)
        .output()
    {
        assert!(
            probed.status.success() && probed.stderr.is_empty(),
            "ffprobe: {}",
            String::from_utf8_lossy(&probed.stderr)
        );
    }
}
