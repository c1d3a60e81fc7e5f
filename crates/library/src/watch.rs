//! What a link shows: the clip, its poster, playlists and media.

use std::io;
use std::ops::Range;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;
use vignette_model::api::ClipView;
use vignette_model::{ClipKey, Problem};

use crate::library::Library;
use crate::rules::Actor;

/// Bytes on their way to a viewer.
pub type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// Which form of a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaPart {
    /// The stream as it arrived, for byte ranges named in the playlist.
    Stream,
    /// The sealed clip, one plain MP4.
    Mp4,
}

/// Which HLS playlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Playlist {
    /// `stream.m3u8`: names [`Playlist::Media`] beside it as `media.m3u8`.
    Multivariant,
    /// `media.m3u8`: names byte ranges of `stream.mp4` beside it.
    Media,
}

/// A poster, small enough to be held whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poster {
    /// Strong entity tag, quotes included.
    pub etag: String,
    /// The picture, `image/jpeg`.
    pub jpeg: Bytes,
}

/// One file to be served, as it was when it was asked for.
pub struct MediaFile {
    /// Its size. A stream may have grown by the next time it is asked for.
    pub size_bytes: u64,
    /// Strong entity tag, quotes included: another one whenever size, bytes or layout are others.
    pub etag: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Whether it may still grow.
    pub growing: bool,
}

impl MediaFile {
    /// The bytes of `range`, which lies within the file, in pieces of at most 256 KiB.
    ///
    /// # Errors
    /// `range_not_satisfiable`; `not_found` if the clip was deleted meanwhile; `internal`.
    pub async fn read(&self, _range: Range<u64>) -> Result<ByteStream, Problem> {
        unimplemented!()
    }
}

impl Library {
    /// What the link shows of the clip.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn watch(&self, _actor: &Actor, _key: &ClipKey) -> Result<ClipView, Problem> {
        unimplemented!()
    }

    /// The poster.
    ///
    /// # Errors
    /// `not_found`; `conflict` while it may not be watched yet.
    pub async fn poster(&self, _actor: &Actor, _key: &ClipKey) -> Result<Poster, Problem> {
        unimplemented!()
    }

    /// An HLS playlist.
    ///
    /// # Errors
    /// `not_found`; `conflict` while it may not be watched yet, or nothing has arrived.
    pub async fn playlist(&self, _actor: &Actor, _key: &ClipKey, _which: Playlist) -> Result<String, Problem> {
        unimplemented!()
    }

    /// The clip's bytes.
    ///
    /// # Errors
    /// `not_found`; `conflict` while it may not be watched yet, nothing has arrived, or (for the MP4) it is not sealed.
    pub async fn media(&self, _actor: &Actor, _key: &ClipKey, _part: MediaPart) -> Result<MediaFile, Problem> {
        unimplemented!()
    }

    /// The stream's boxes in words, for its author.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`; `conflict` if nothing has arrived.
    pub async fn dump(&self, _actor: &Actor, _key: &ClipKey) -> Result<String, Problem> {
        unimplemented!()
    }
}
