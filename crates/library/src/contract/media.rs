//! The suite of media.

use std::ops::Range;

use bytes::Bytes;
use futures_util::StreamExt as _;
use vignette_model::{ClipId, Sha256};

use crate::media::{Extent, Media, MediaError, ObjectName, READ_BYTES, Slice, read_whole};

async fn append(
    media: &dyn Media,
    clip: ClipId,
    last: Option<&Extent>,
    bytes: impl Into<Bytes>,
) -> Extent {
    let bytes = bytes.into();
    let sha256 = Sha256::of(&bytes);
    media.append(clip, last, bytes, sha256).await.unwrap()
}

async fn bytes(media: &dyn Media, clip: ClipId, extents: &[Extent], range: Range<u64>) -> Vec<u8> {
    let pieces = media.read(clip, extents, range).await.unwrap();
    read_whole(clip, pieces).await.unwrap().to_vec()
}

async fn object(
    media: &dyn Media,
    clip: ClipId,
    object: &ObjectName,
    range: Range<u64>,
) -> Vec<u8> {
    let slice = Slice { object: object.clone(), range };
    let pieces = media.read_slices(clip, vec![slice]).await.unwrap();
    read_whole(clip, pieces).await.unwrap().to_vec()
}

fn index(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap()
}

/// Bytes that differ from place to place.
fn sample(size: usize) -> Bytes {
    // 251 is prime, so that no two pieces of a power of two look alike.
    (0..251_u8).cycle().take(size).collect()
}

/// Runs the suite.
///
/// # Panics
/// With the first sentence that does not hold.
pub async fn media(media: &dyn Media) {
    media.ready().await.unwrap();
    streams(media).await;
    appends_that_do_not_count(media).await;
    sealed_objects(media).await;
    posters(media).await;
    endings(media).await;
}

async fn streams(media: &dyn Media) {
    let (clip, other) = (ClipId::new(), ClipId::new());
    let whole = sample(3 * READ_BYTES + 17);
    let size = whole.len() as u64;
    assert!(media.objects(clip).await.unwrap().is_empty(), "a clip begins with nothing");

    let mut extents: Vec<Extent> = Vec::new();
    for range in [0..100, 100..101, 101..whole.len()] {
        let extent = append(media, clip, extents.last(), whole.slice(range.clone())).await;
        assert_eq!(
            (extent.offset_bytes, extent.end_bytes()),
            (range.start as u64, range.end as u64)
        );
        assert_eq!(extent.sha256, Sha256::of(&whole[range]), "an extent says what its bytes were");
        extents.push(extent);
    }
    let another = append(media, other, None, &b"another clip"[..]).await;
    for range in [
        0..0,
        0..1,
        0..size,
        size - 1..size,
        7..size - 7,
        99..102,
        READ_BYTES as u64 - 1..READ_BYTES as u64 + 1,
        size..size,
    ] {
        let expected = &whole[index(range.start)..index(range.end)];
        assert_eq!(bytes(media, clip, &extents, range.clone()).await, expected, "{range:?}");
    }
    assert_eq!(
        bytes(media, other, &[another], 0..12).await,
        b"another clip",
        "clips do not touch each other"
    );
    assert_eq!(
        bytes(media, clip, &extents[1..2], 100..101).await,
        &whole[100..101],
        "only the extents that are read are needed"
    );

    let mut pieces = media.read(clip, &extents, 0..size).await.unwrap();
    while let Some(piece) = pieces.next().await {
        let piece = piece.unwrap();
        assert!(
            !piece.is_empty() && piece.len() <= READ_BYTES,
            "a piece has {} bytes",
            piece.len()
        );
    }
    let short = media.read(clip, &extents, size - 1..size + 1).await.err();
    assert!(
        matches!(short, Some(MediaError::Short { .. })),
        "what no extent holds is not read: {short:?}"
    );
    let last = &extents[2];
    let range = last.position_bytes..last.end_position_bytes() + 1;
    let slice = Slice { object: last.object.clone(), range };
    let beyond: Vec<_> = media.read_slices(clip, vec![slice]).await.unwrap().collect().await;
    assert!(beyond.last().is_some_and(Result::is_err), "bytes that end too soon end with an error");
    let slice = Slice { object: "stream-that-never-was".parse().unwrap(), range: 0..1 };
    let missing = media.read_slices(clip, vec![slice]).await.err();
    assert!(
        matches!(missing, Some(MediaError::NotFound { .. })),
        "what was never written is not found: {missing:?}"
    );
}

async fn appends_that_do_not_count(media: &dyn Media) {
    let clip = ClipId::new();
    let first = append(media, clip, None, &b"first "[..]).await;
    // Two writers that do not know of each other, at one offset.
    let one = append(media, clip, Some(&first), &b"one"[..]).await;
    let other = append(media, clip, Some(&first), &b"the other"[..]).await;
    assert_eq!(
        bytes(media, clip, &[first.clone(), one.clone()], 0..9).await,
        b"first one",
        "both are there"
    );
    let extents = [first.clone(), other.clone()];
    assert_eq!(
        bytes(media, clip, &extents, 0..15).await,
        b"first the other",
        "until it is decided which counts"
    );
    media.discard(clip, &one).await;
    media.discard(clip, &one).await;
    assert_eq!(
        bytes(media, clip, &extents, 0..15).await,
        b"first the other",
        "the one that counts stays"
    );
    let last = append(media, clip, Some(&other), &b", and more"[..]).await;
    let extents = [first.clone(), other, last];
    assert_eq!(
        bytes(media, clip, &extents, 0..25).await,
        b"first the other, and more",
        "and goes on"
    );

    let lost = append(media, clip, None, &b"from the beginning"[..]).await;
    assert_eq!(
        bytes(media, clip, &extents, 0..25).await,
        b"first the other, and more",
        "whatever comes later"
    );
    media.discard(clip, &lost).await;
    assert_eq!(bytes(media, clip, &extents, 0..25).await, b"first the other, and more");

    let many = (0..8_u8).map(|n| append(media, clip, Some(&first), vec![n; 9]));
    let racing = futures_util::future::join_all(many).await;
    for (n, extent) in (0..).zip(racing) {
        assert_eq!(
            bytes(media, clip, &[first.clone(), extent], 6..15).await,
            [n; 9],
            "each of many has its own bytes"
        );
    }
}

async fn sealed_objects(media: &dyn Media) {
    let clip = ClipId::new();
    let stream = sample(READ_BYTES + 1000);
    let header = Bytes::from_static(b"a header of some bytes");
    let (size, before) = (stream.len() as u64, header.len() as u64);
    let first = append(media, clip, None, stream.slice(..500)).await;
    append(media, clip, Some(&first), &b"bytes that no row tells of"[..]).await;
    let second = append(media, clip, Some(&first), stream.slice(500..)).await;
    let extents = [first, second];
    let stays = media.objects(clip).await.unwrap();

    let lost = [Extent { object: "stream-that-never-was".parse().unwrap(), ..extents[0].clone() }];
    let missing = media.seal(clip, header.clone(), &lost).await;
    assert!(
        matches!(missing, Err(MediaError::NotFound { .. })),
        "a stream that is not there is not sealed: {missing:?}"
    );
    let long = [extents[0].clone(), Extent { size_bytes: size, ..extents[1].clone() }];
    assert!(
        media.seal(clip, header.clone(), &long).await.is_err(),
        "a stream is sealed whole or not at all"
    );
    assert_eq!(media.objects(clip).await.unwrap(), stays, "a failed seal leaves nothing");

    let earlier =
        media.seal(clip, Bytes::from_static(b"an earlier attempt"), &extents[..1]).await.unwrap();
    let sealed = media.seal(clip, header.clone(), &extents).await.unwrap();
    assert_ne!(earlier, sealed, "no sealed object takes the place of another");
    let expected = [&header[..], &stream[..]].concat();
    assert_eq!(
        object(media, clip, &sealed, 0..before + size).await,
        expected,
        "it is the header and the stream as far as it counts"
    );
    assert_eq!(
        object(media, clip, &earlier, 0..518).await,
        [&b"an earlier attempt"[..], &stream[..500]].concat()
    );
    assert_eq!(
        bytes(media, clip, &extents, 0..size).await,
        stream,
        "sealing leaves the stream alone"
    );

    let reading = media.read(clip, &extents, 0..size).await.unwrap();
    for object in media.objects(clip).await.unwrap().iter().filter(|object| **object != sealed) {
        media.remove(clip, object).await.unwrap();
        media.remove(clip, object).await.unwrap();
    }
    assert_eq!(
        media.objects(clip).await.unwrap(),
        std::slice::from_ref(&sealed),
        "what is removed is not there any more"
    );
    let read = read_whole(clip, reading).await.unwrap();
    assert_eq!(read, stream, "who reads a stream reads it to its end, though it was removed");
    let missing = media.read(clip, &extents, 0..1).await.err();
    assert!(
        matches!(missing, Some(MediaError::NotFound { .. })),
        "what was removed is not found: {missing:?}"
    );

    // The stream now lies in the sealed object, and may go on.
    let whole = Extent {
        object: sealed.clone(),
        position_bytes: before,
        offset_bytes: 0,
        size_bytes: size,
        sha256: Sha256::of(&stream),
    };
    let more = append(media, clip, Some(&whole), &b"more"[..]).await;
    assert_eq!(
        object(media, clip, &sealed, 0..before + size).await,
        expected,
        "which stays as it is"
    );
    let extents = [whole, more];
    assert_eq!(
        bytes(media, clip, &extents, size - 1..size + 4).await,
        [&stream[stream.len() - 1..], b"more"].concat()
    );
    let again = media.seal(clip, header.clone(), &extents).await.unwrap();
    let longer = [&expected[..], b"more"].concat();
    assert_eq!(
        object(media, clip, &again, 0..before + size + 4).await,
        longer,
        "and is sealed again from where it lies"
    );
}

async fn posters(media: &dyn Media) {
    let clip = ClipId::new();
    let missing = media.poster(clip).await;
    assert!(
        matches!(missing, Err(MediaError::NotFound { .. })),
        "a poster that was never put is not found: {missing:?}"
    );
    for poster in [&b"first"[..], b"the second, which is longer", b"3"] {
        media.put_poster(clip, Bytes::from_static(poster)).await.unwrap();
        assert_eq!(media.poster(clip).await.unwrap(), poster, "a poster replaces the one before");
    }
    assert!(media.objects(clip).await.unwrap().is_empty(), "a poster is no part of the stream");
}

async fn endings(media: &dyn Media) {
    let (clip, other) = (ClipId::new(), ClipId::new());
    let mut kept = Vec::new();
    for id in [clip, other] {
        let extent = append(media, id, None, sample(10)).await;
        media.seal(id, sample(5), std::slice::from_ref(&extent)).await.unwrap();
        media.put_poster(id, sample(3)).await.unwrap();
        kept.push(extent);
    }
    media.delete(clip).await.unwrap();
    media.delete(clip).await.unwrap();
    assert!(media.objects(clip).await.unwrap().is_empty(), "nothing is left of what was deleted");
    let missing = media.read(clip, &kept[..1], 0..1).await.err();
    assert!(matches!(missing, Some(MediaError::NotFound { .. })), "it is not found: {missing:?}");
    assert!(media.poster(clip).await.is_err(), "nor is its poster");
    assert_eq!(media.objects(other).await.unwrap().len(), 2, "another clip keeps its objects");
    assert!(media.read(other, &kept[1..], 0..1).await.is_ok() && media.poster(other).await.is_ok());
}
