//! What media promise: streams, appends that do not count, sealed objects, posters, deletion.

use std::ops::Range;

use bytes::Bytes;
use futures_util::StreamExt as _;
use vignette_model::{RecordingId, Sha256};

use crate::media::{Extent, Media, MediaError, ObjectName, READ_BYTES, Slice, read_whole};

async fn append(
    media: &dyn Media,
    recording: RecordingId,
    last: Option<&Extent>,
    bytes: impl Into<Bytes>,
) -> Extent {
    let bytes = bytes.into();
    let sha256 = Sha256::of(&bytes);
    media.append(recording, last, bytes, sha256).await.unwrap()
}

async fn bytes(
    media: &dyn Media,
    recording: RecordingId,
    extents: &[Extent],
    range: Range<u64>,
) -> Vec<u8> {
    let pieces = media.read(recording, extents, range).await.unwrap();
    read_whole(recording, pieces).await.unwrap().to_vec()
}

async fn object(
    media: &dyn Media,
    recording: RecordingId,
    object: &ObjectName,
    range: Range<u64>,
) -> Vec<u8> {
    let slice = Slice { object: object.clone(), range };
    let pieces = media.read_slices(recording, vec![slice]).await.unwrap();
    read_whole(recording, pieces).await.unwrap().to_vec()
}

fn index(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap()
}

/// Bytes that differ from place to place.
fn sample(size: usize) -> Bytes {
    // 251 is prime, so that no two pieces of a power of two look alike.
    (0..251_u8).cycle().take(size).collect()
}

/// A stream of three appends, whole and as extents.
async fn three_appends(media: &dyn Media, recording: RecordingId) -> (Bytes, Vec<Extent>) {
    let whole = sample(3 * READ_BYTES + 17);
    let mut extents: Vec<Extent> = Vec::new();
    for range in [0..100, 100..101, 101..whole.len()] {
        let extent = append(media, recording, extents.last(), whole.slice(range)).await;
        extents.push(extent);
    }
    (whole, extents)
}

pub async fn a_clip_begins_with_nothing(media: &dyn Media) {
    media.ready().await.unwrap();
    assert!(media.objects(RecordingId::new()).await.unwrap().is_empty());
}

pub async fn an_extent_says_which_bytes_it_holds(media: &dyn Media) {
    let (whole, extents) = three_appends(media, RecordingId::new()).await;
    for (range, extent) in [0..100, 100..101, 101..whole.len()].into_iter().zip(extents) {
        let bounds = (extent.offset_bytes, extent.end_bytes());
        assert_eq!(bounds, (range.start as u64, range.end as u64));
        assert_eq!(extent.sha256, Sha256::of(&whole[range]));
    }
}

pub async fn any_range_is_read(media: &dyn Media) {
    let recording = RecordingId::new();
    let (whole, extents) = three_appends(media, recording).await;
    let (size, piece) = (whole.len() as u64, READ_BYTES as u64);
    let inside = [0..0, 0..1, 99..102, piece - 1..piece + 1, 7..size - 7];
    for range in inside.into_iter().chain([0..size, size - 1..size, size..size]) {
        let expected = &whole[index(range.start)..index(range.end)];
        assert_eq!(bytes(media, recording, &extents, range.clone()).await, expected, "{range:?}");
    }
    assert_eq!(
        bytes(media, recording, &extents[1..2], 100..101).await,
        &whole[100..101],
        "only the extents that are read are needed"
    );
}

pub async fn a_stream_is_read_in_small_pieces(media: &dyn Media) {
    let recording = RecordingId::new();
    let (whole, extents) = three_appends(media, recording).await;
    let mut pieces = media.read(recording, &extents, 0..whole.len() as u64).await.unwrap();
    while let Some(piece) = pieces.next().await {
        let size = piece.unwrap().len();
        assert!((1..=READ_BYTES).contains(&size), "a piece has {size} bytes");
    }
}

pub async fn clips_do_not_touch_each_other(media: &dyn Media) {
    let (recording, other) = (RecordingId::new(), RecordingId::new());
    let one = append(media, recording, None, &b"one clip"[..]).await;
    let another = append(media, other, None, &b"another clip"[..]).await;
    assert_eq!(bytes(media, recording, &[one], 0..8).await, b"one clip");
    assert_eq!(bytes(media, other, &[another], 0..12).await, b"another clip");
}

pub async fn what_is_not_there_is_not_read(media: &dyn Media) {
    let recording = RecordingId::new();
    let (whole, extents) = three_appends(media, recording).await;
    let size = whole.len() as u64;
    let short = media.read(recording, &extents, size - 1..size + 1).await.err();
    assert!(matches!(short, Some(MediaError::Short { .. })), "beyond the extents: {short:?}");

    let last = &extents[2];
    let range = last.position_bytes..last.end_position_bytes() + 1;
    let slice = Slice { object: last.object.clone(), range };
    let beyond: Vec<_> = media.read_slices(recording, vec![slice]).await.unwrap().collect().await;
    assert!(beyond.last().is_some_and(Result::is_err), "bytes that end too soon end with an error");

    let slice = Slice { object: "stream-that-never-was".parse().unwrap(), range: 0..1 };
    let missing = media.read_slices(recording, vec![slice]).await.err();
    assert!(matches!(missing, Some(MediaError::NotFound { .. })), "never written: {missing:?}");
}

pub async fn of_two_appends_at_one_offset_either_may_count(media: &dyn Media) {
    let recording = RecordingId::new();
    let first = append(media, recording, None, &b"first "[..]).await;
    // Two writers that do not know of each other.
    let one = append(media, recording, Some(&first), &b"one"[..]).await;
    let other = append(media, recording, Some(&first), &b"the other"[..]).await;
    assert_eq!(bytes(media, recording, &[first.clone(), one.clone()], 0..9).await, b"first one");
    let extents = [first.clone(), other.clone()];
    assert_eq!(bytes(media, recording, &extents, 0..15).await, b"first the other");

    media.discard(recording, &one).await;
    media.discard(recording, &one).await;
    assert_eq!(
        bytes(media, recording, &extents, 0..15).await,
        b"first the other",
        "the one that counts stays when the other is discarded"
    );
    let more = append(media, recording, Some(&other), &b", and more"[..]).await;
    assert_eq!(
        bytes(media, recording, &[first, other, more], 0..25).await,
        b"first the other, and more",
        "and goes on"
    );
}

pub async fn an_append_that_does_not_count_harms_nothing(media: &dyn Media) {
    let recording = RecordingId::new();
    let first = append(media, recording, None, &b"what counts"[..]).await;
    let lost = append(media, recording, None, &b"from the beginning"[..]).await;
    let extents = [first];
    assert_eq!(bytes(media, recording, &extents, 0..11).await, b"what counts");
    media.discard(recording, &lost).await;
    assert_eq!(
        bytes(media, recording, &extents, 0..11).await,
        b"what counts",
        "after it is discarded"
    );
}

pub async fn each_of_many_appends_at_once_has_its_own_bytes(media: &dyn Media) {
    let recording = RecordingId::new();
    let first = append(media, recording, None, &b"first "[..]).await;
    let many = (0..8_u8).map(|n| append(media, recording, Some(&first), vec![n; 9]));
    let racing = futures_util::future::join_all(many).await;
    for (n, extent) in (0..).zip(racing) {
        assert_eq!(bytes(media, recording, &[first.clone(), extent], 6..15).await, [n; 9]);
    }
}

/// The header of sealed objects here.
const HEADER: Bytes = Bytes::from_static(b"a header of some bytes");

/// A stream of two appends, with one between them that does not count.
async fn two_that_count(media: &dyn Media, recording: RecordingId) -> (Bytes, [Extent; 2]) {
    let stream = sample(READ_BYTES + 1000);
    let first = append(media, recording, None, stream.slice(..500)).await;
    append(media, recording, Some(&first), &b"bytes that no row tells of"[..]).await;
    let second = append(media, recording, Some(&first), stream.slice(500..)).await;
    (stream, [first, second])
}

pub async fn a_sealed_object_is_the_header_and_the_stream(media: &dyn Media) {
    let recording = RecordingId::new();
    let (stream, extents) = two_that_count(media, recording).await;
    let early = Bytes::from_static(b"an earlier attempt");
    let earlier = media.seal(recording, early, &extents[..1]).await.unwrap();
    let sealed = media.seal(recording, HEADER, &extents).await.unwrap();
    assert_ne!(earlier, sealed, "no sealed object takes the place of another");

    let expected = [&HEADER[..], &stream].concat();
    let size = expected.len() as u64;
    assert_eq!(object(media, recording, &sealed, 0..size).await, expected, "as far as it counts");
    let expected = [&b"an earlier attempt"[..], &stream[..500]].concat();
    assert_eq!(object(media, recording, &earlier, 0..518).await, expected);
    let size = stream.len() as u64;
    assert_eq!(
        bytes(media, recording, &extents, 0..size).await,
        stream,
        "the stream is left alone"
    );
}

pub async fn a_stream_is_sealed_whole_or_not_at_all(media: &dyn Media) {
    let recording = RecordingId::new();
    let (stream, extents) = two_that_count(media, recording).await;
    let before = media.objects(recording).await.unwrap();
    let lost = [Extent { object: "stream-that-never-was".parse().unwrap(), ..extents[0].clone() }];
    let missing = media.seal(recording, HEADER, &lost).await;
    assert!(matches!(missing, Err(MediaError::NotFound { .. })), "not there: {missing:?}");
    let longer = Extent { size_bytes: stream.len() as u64, ..extents[1].clone() };
    let short = media.seal(recording, HEADER, &[extents[0].clone(), longer]).await;
    assert!(short.is_err(), "shorter than its extents say");
    assert_eq!(media.objects(recording).await.unwrap(), before, "a failed seal leaves nothing");
}

pub async fn what_is_removed_is_read_to_its_end_and_then_not_found(media: &dyn Media) {
    let recording = RecordingId::new();
    let (stream, extents) = two_that_count(media, recording).await;
    let sealed = media.seal(recording, HEADER, &extents).await.unwrap();
    let reading = media.read(recording, &extents, 0..stream.len() as u64).await.unwrap();
    for object in media.objects(recording).await.unwrap().iter().filter(|object| **object != sealed)
    {
        media.remove(recording, object).await.unwrap();
        media.remove(recording, object).await.unwrap();
    }
    assert_eq!(media.objects(recording).await.unwrap(), std::slice::from_ref(&sealed));
    let read = read_whole(recording, reading).await.unwrap();
    assert_eq!(read, stream, "who reads a stream reads it to its end, though it was removed");
    let missing = media.read(recording, &extents, 0..1).await.err();
    assert!(matches!(missing, Some(MediaError::NotFound { .. })), "{missing:?}");
}

pub async fn a_stream_goes_on_from_a_sealed_object(media: &dyn Media) {
    let recording = RecordingId::new();
    let (stream, extents) = two_that_count(media, recording).await;
    let sealed = media.seal(recording, HEADER, &extents).await.unwrap();
    let (before, size) = (HEADER.len() as u64, stream.len() as u64);
    let whole = Extent {
        object: sealed.clone(),
        position_bytes: before,
        offset_bytes: 0,
        size_bytes: size,
        sha256: Sha256::of(&stream),
    };
    let more = append(media, recording, Some(&whole), &b"more"[..]).await;
    let expected = [&HEADER[..], &stream].concat();
    assert_eq!(
        object(media, recording, &sealed, 0..before + size).await,
        expected,
        "the sealed object stays as it is"
    );
    let extents = [whole, more];
    assert_eq!(
        bytes(media, recording, &extents, size - 1..size + 4).await,
        [&stream[stream.len() - 1..], b"more"].concat()
    );
    let again = media.seal(recording, HEADER, &extents).await.unwrap();
    assert_eq!(
        object(media, recording, &again, 0..before + size + 4).await,
        [&expected[..], b"more"].concat(),
        "the longer stream is sealed from where it lies"
    );
}

pub async fn a_poster_replaces_the_one_before(media: &dyn Media) {
    let recording = RecordingId::new();
    let missing = media.poster(recording).await;
    assert!(matches!(missing, Err(MediaError::NotFound { .. })), "never put: {missing:?}");
    for poster in [&b"first"[..], b"the second, which is longer", b"3"] {
        media.put_poster(recording, Bytes::from_static(poster)).await.unwrap();
        assert_eq!(media.poster(recording).await.unwrap(), poster);
    }
    assert!(
        media.objects(recording).await.unwrap().is_empty(),
        "a poster is no part of the stream"
    );
}

pub async fn a_deleted_clip_leaves_nothing_and_no_other_clip_changes(media: &dyn Media) {
    let (recording, other) = (RecordingId::new(), RecordingId::new());
    let mut kept = Vec::new();
    for id in [recording, other] {
        let extent = append(media, id, None, sample(10)).await;
        media.seal(id, sample(5), std::slice::from_ref(&extent)).await.unwrap();
        media.put_poster(id, sample(3)).await.unwrap();
        kept.push(extent);
    }
    media.delete(recording).await.unwrap();
    media.delete(recording).await.unwrap();
    assert!(media.objects(recording).await.unwrap().is_empty());
    let missing = media.read(recording, &kept[..1], 0..1).await.err();
    assert!(matches!(missing, Some(MediaError::NotFound { .. })), "it is not found: {missing:?}");
    assert!(media.poster(recording).await.is_err(), "nor is its poster");
    assert_eq!(media.objects(other).await.unwrap().len(), 2, "another recording keeps its objects");
    assert_eq!(bytes(media, other, &kept[1..], 0..10).await, sample(10));
    assert_eq!(media.poster(other).await.unwrap(), sample(3));
}
