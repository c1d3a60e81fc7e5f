//! The suite of media.

use bytes::Bytes;
use futures_util::StreamExt as _;
use vignette_model::ClipId;

use crate::media::{Media, MediaError, MediaName, READ_BYTES, read_whole};

async fn bytes(media: &dyn Media, clip: ClipId, name: MediaName, range: std::ops::Range<u64>) -> Vec<u8> {
    let pieces = media.read(clip, name, range).await.unwrap();
    read_whole(clip, name, pieces).await.unwrap().to_vec()
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
    sealed_files(media).await;
    posters(media).await;
    endings(media).await;
}

async fn streams(media: &dyn Media) {
    let (clip, other) = (ClipId::new(), ClipId::new());
    let whole = sample(3 * READ_BYTES + 17);
    let size = whole.len() as u64;

    let missing = media.read(clip, MediaName::Stream, 0..1).await.err();
    assert!(matches!(missing, Some(MediaError::NotFound { .. })), "what was never written is not found: {missing:?}");
    let short = media.append(clip, 1, whole.slice(..1)).await;
    assert!(matches!(short, Err(MediaError::Short { size_bytes: 0, needed_bytes: 1, .. })), "there are no gaps: {short:?}");

    media.append(clip, 0, whole.slice(..100)).await.unwrap();
    media.append(other, 0, Bytes::from_static(b"another clip")).await.unwrap();
    media.append(clip, 100, Bytes::from_static(b"bytes that no row will tell of")).await.unwrap();
    media.append(clip, 100, whole.slice(100..)).await.unwrap();
    assert_eq!(bytes(media, clip, MediaName::Stream, 0..size).await, whole, "an append replaces what lay at its offset");
    assert_eq!(bytes(media, other, MediaName::Stream, 0..12).await, b"another clip", "clips do not touch each other");

    for range in [0..0, 0..1, size - 1..size, 7..size - 7, 99..101, READ_BYTES as u64 - 1..READ_BYTES as u64 + 1, size..size] {
        let expected = &whole[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
        assert_eq!(bytes(media, clip, MediaName::Stream, range.clone()).await, expected, "{range:?}");
    }
    let mut pieces = media.read(clip, MediaName::Stream, 0..size).await.unwrap();
    while let Some(piece) = pieces.next().await {
        let piece = piece.unwrap();
        assert!(!piece.is_empty() && piece.len() <= READ_BYTES, "a piece has {} bytes", piece.len());
    }
    let beyond: Vec<_> = media.read(clip, MediaName::Stream, size - 1..size + 1).await.unwrap().collect().await;
    assert!(beyond.last().is_some_and(Result::is_err), "bytes that end too soon end with an error");

    media.append(clip, 50, whole.slice(50..60)).await.unwrap();
    let gone: Vec<_> = media.read(clip, MediaName::Stream, 0..61).await.unwrap().collect().await;
    assert!(gone.last().is_some_and(Result::is_err), "nothing lies behind the last append");
    assert_eq!(bytes(media, clip, MediaName::Stream, 0..60).await, &whole[..60]);
}

async fn sealed_files(media: &dyn Media) {
    let clip = ClipId::new();
    let stream = sample(READ_BYTES + 1000);
    let header = Bytes::from_static(b"a header of some bytes");
    let (size, before) = (stream.len() as u64, header.len() as u64);

    let missing = media.seal(clip, header.clone(), 1).await;
    assert!(matches!(missing, Err(MediaError::NotFound { .. })), "a stream that is not there is not sealed: {missing:?}");
    media.append(clip, 0, stream.clone()).await.unwrap();
    let short = media.seal(clip, header.clone(), size + 1).await;
    assert!(matches!(short, Err(MediaError::Short { .. })), "a stream is sealed whole or not at all: {short:?}");
    let missing = media.read(clip, MediaName::Sealed, 0..1).await.err();
    assert!(matches!(missing, Some(MediaError::NotFound { .. })), "a failed seal leaves nothing: {missing:?}");

    media.append(clip, size, Bytes::from_static(b"not acknowledged")).await.unwrap();
    media.seal(clip, Bytes::from_static(b"an earlier attempt"), 10).await.unwrap();
    media.seal(clip, header.clone(), size).await.unwrap();
    let sealed = bytes(media, clip, MediaName::Sealed, 0..before + size).await;
    assert_eq!(sealed, [&header[..], &stream[..]].concat(), "a sealed file is the header and the stream as far as it counts");
    assert_eq!(bytes(media, clip, MediaName::Stream, 0..size).await, stream, "sealing leaves the stream alone");
    let beyond: Vec<_> = media.read(clip, MediaName::Sealed, 0..before + size + 1).await.unwrap().collect().await;
    assert!(beyond.last().is_some_and(Result::is_err), "nothing lies behind the stream");

    let reading = media.read(clip, MediaName::Stream, 0..size).await.unwrap();
    media.remove(clip, MediaName::Stream).await.unwrap();
    media.remove(clip, MediaName::Stream).await.unwrap();
    let read = read_whole(clip, MediaName::Stream, reading).await.unwrap();
    assert_eq!(read, stream, "who reads a file reads it to its end, though it was removed");
    let missing = media.read(clip, MediaName::Stream, 0..1).await.err();
    assert!(matches!(missing, Some(MediaError::NotFound { .. })), "what was removed is not found: {missing:?}");

    media.unseal(clip, before).await.unwrap();
    assert_eq!(bytes(media, clip, MediaName::Stream, 0..size).await, stream, "unsealing gives the stream back");
    assert_eq!(bytes(media, clip, MediaName::Sealed, 0..before).await, header, "unsealing leaves the sealed file alone");
    media.append(clip, size, Bytes::from_static(b"more")).await.unwrap();
    assert_eq!(bytes(media, clip, MediaName::Stream, size..size + 4).await, b"more", "and the stream goes on");
}

async fn posters(media: &dyn Media) {
    let clip = ClipId::new();
    let missing = media.poster(clip).await;
    assert!(matches!(missing, Err(MediaError::NotFound { .. })), "a poster that was never put is not found: {missing:?}");
    for poster in [&b"first"[..], b"the second, which is longer", b"3"] {
        media.put_poster(clip, Bytes::from_static(poster)).await.unwrap();
        assert_eq!(media.poster(clip).await.unwrap(), poster, "a poster replaces the one before");
    }
}

async fn endings(media: &dyn Media) {
    let (clip, other) = (ClipId::new(), ClipId::new());
    for id in [clip, other] {
        media.append(id, 0, sample(10)).await.unwrap();
        media.seal(id, sample(5), 10).await.unwrap();
        media.put_poster(id, sample(3)).await.unwrap();
    }
    media.delete(clip).await.unwrap();
    media.delete(clip).await.unwrap();
    for name in MediaName::ALL {
        let missing = media.read(clip, name, 0..1).await.err();
        assert!(matches!(missing, Some(MediaError::NotFound { .. })), "deleted, {name:?} is not found: {missing:?}");
        assert!(media.read(other, name, 0..1).await.is_ok(), "another clip keeps its {name:?}");
    }
}
