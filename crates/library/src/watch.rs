//! What a link shows: the clip, its poster, playlists and media.

use std::ops::Range;

use vignette_fmp4::{Init, dump, playlist};
use vignette_model::api::{ClipView, WatchedTo};
use vignette_model::{ClipId, ClipKey, Micros, RecordingId, Sha256};

use crate::actor::Actor;
use crate::error::{LibraryError, Missing};
use crate::library::{Library, member};
use crate::media::{ByteStream, MediaError, Slice, read_whole};
use crate::rules::Action;
use crate::shown;
use crate::store::{Clip, Sealed};
use crate::stream_state::{limits, unreadable};

/// How much of a stream is dumped at most.
const DUMP_BYTES: u64 = 32 << 20;

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
    pub jpeg: bytes::Bytes,
}

/// A file to be served: a snapshot of size and layout at the time of the request.
pub struct MediaFile {
    /// Its size. A stream that is being recorded is larger at the next request.
    pub size_bytes: u64,
    /// Strong entity tag, quotes included: it changes with size, bytes and layout.
    pub etag: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Whether it may still grow.
    pub growing: bool,
    library: Library,
    recording: RecordingId,
    place: Place,
}

/// Where the bytes of a file lie.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// In the extents of the stream, wherever they lie.
    Stream,
    /// In a sealed file.
    Sealed(Sealed),
}

impl MediaFile {
    /// The bytes of `range`, which lies within the file, in pieces of at most 64 KiB.
    ///
    /// # Errors
    /// `range_not_satisfiable`; `not_found` if the clip was deleted meanwhile; `internal`.
    pub async fn read(&self, range: Range<u64>) -> Result<ByteStream, LibraryError> {
        if range.start > range.end || range.end > self.size_bytes {
            return Err(LibraryError::Range { size_bytes: self.size_bytes });
        }
        match self.read_once(range.clone()).await? {
            // Race: the clip was sealed or deleted after its row was read. Read the row again.
            Err(MediaError::NotFound { .. } | MediaError::Short { .. }) => {
                let recording = self.library.store().recording(self.recording).await?;
                let recording = recording.ok_or(LibraryError::NotFound(Missing::Clip))?;
                if let Place::Sealed(sealed) = &self.place
                    && recording.seal.sealed() != Some(sealed)
                {
                    return Err(LibraryError::NotSealed);
                }
                Ok(self.read_once(range).await??)
            }
            other => Ok(other?),
        }
    }

    async fn read_once(
        &self,
        range: Range<u64>,
    ) -> Result<Result<ByteStream, MediaError>, LibraryError> {
        let media = self.library.media_store();
        Ok(match &self.place {
            Place::Stream => {
                let extents = self.library.store().extents(self.recording, range.clone()).await?;
                media.read(self.recording, &extents, range).await
            }
            Place::Sealed(sealed) => {
                media
                    .read_slices(
                        self.recording,
                        vec![Slice { object: sealed.object.clone(), range }],
                    )
                    .await
            }
        })
    }
}

impl Library {
    /// What the link shows of the clip.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn watch(&self, actor: &Actor, key: &ClipKey) -> Result<ClipView, LibraryError> {
        let (actor, clip) = self.by_key(actor, key, Action::See).await?;
        Ok(shown::clip(&actor, &clip))
    }

    /// Notes that a member has the clip of a link open, and how far they have watched it. Nobody else is told.
    ///
    /// # Errors
    /// `not_found`, `sign_in_needed`.
    pub async fn note_progress(
        &self,
        actor: &Actor,
        key: &ClipKey,
        watched: WatchedTo,
    ) -> Result<(), LibraryError> {
        let (actor, clip) = self.by_key(actor, key, Action::NoteProgress).await?;
        let position_us = watched.position_us.map(|at| at.min(Micros(clip.recording.duration.0)));
        let watched = WatchedTo { position_us, ..watched };
        if self.store().note_progress(member(&actor)?.id, clip.id, &watched).await? {
            Ok(())
        } else {
            Err(LibraryError::NotFound(Missing::Clip))
        }
    }

    /// The id of the clip, for its author only: views by link do not carry it.
    ///
    /// # Errors
    /// `internal`.
    pub async fn own(&self, actor: &Actor, key: &ClipKey) -> Result<Option<ClipId>, LibraryError> {
        match self.by_key(actor, key, Action::Change).await {
            Ok((_, clip)) => Ok(Some(clip.id)),
            Err(error) if error.is_fault() => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// The poster.
    ///
    /// # Errors
    /// `not_found`; `conflict` while it may not be watched yet.
    pub async fn poster(&self, actor: &Actor, key: &ClipKey) -> Result<Poster, LibraryError> {
        let (_, clip) = self.by_key(actor, key, Action::Play).await?;
        let missing = || LibraryError::NotFound(Missing::Poster);
        if !clip.poster {
            return Err(missing());
        }
        let jpeg = match self.media_store().poster(clip.recording.id).await {
            Err(MediaError::NotFound { .. }) => return Err(missing()),
            other => other?,
        };
        Ok(Poster { etag: etag(&format!("poster {} {}", clip.id, Sha256::of(&jpeg))), jpeg })
    }

    /// An HLS playlist.
    ///
    /// # Errors
    /// `not_found`; `conflict` while it may not be watched yet, or nothing has arrived.
    pub async fn playlist(
        &self,
        actor: &Actor,
        key: &ClipKey,
        which: Playlist,
    ) -> Result<String, LibraryError> {
        let (_, clip) = self.by_key(actor, key, Action::Play).await?;
        let init = self.init(&clip).await?;
        let fragments = self.store().fragments(clip.recording.id).await?;
        Ok(match which {
            Playlist::Multivariant => playlist::multivariant(&init, &fragments, "media.m3u8"),
            Playlist::Media => playlist::media(&init, &fragments, "stream.mp4", ended(&clip)),
        })
    }

    /// The clip's bytes.
    ///
    /// # Errors
    /// `not_found`; `conflict` while it may not be watched yet, nothing has arrived, or (for the
    /// MP4) it is not sealed.
    pub async fn media(
        &self,
        actor: &Actor,
        key: &ClipKey,
        part: MediaPart,
    ) -> Result<MediaFile, LibraryError> {
        let (_, clip) = self.by_key(actor, key, Action::Play).await?;
        match part {
            MediaPart::Stream => self.stream_file(&clip),
            MediaPart::Mp4 => {
                let sealed = clip.recording.seal.sealed().ok_or(LibraryError::NotSealed)?;
                let layout = format!("mp4 {} {} {}", clip.id, sealed.header_sha256, sealed.sha256);
                Ok(MediaFile {
                    size_bytes: sealed.header_bytes + clip.recording.offset_bytes,
                    etag: etag(&layout),
                    content_type: "video/mp4",
                    growing: false,
                    library: self.clone(),
                    recording: clip.recording.id,
                    place: Place::Sealed(sealed.clone()),
                })
            }
        }
    }

    /// A readable dump of the stream's boxes, of its first 32 MiB, for its author.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`; `conflict` if nothing has arrived.
    pub async fn dump(&self, actor: &Actor, key: &ClipKey) -> Result<String, LibraryError> {
        let (_, clip) = self.by_key(actor, key, Action::Change).await?;
        let size_bytes = clip.recording.offset_bytes.min(DUMP_BYTES);
        let bytes = self.stream_part(&clip, 0..size_bytes).await?;
        Ok(dump(&bytes))
    }

    /// The stream, wherever it lies.
    fn stream_file(&self, clip: &Clip) -> Result<MediaFile, LibraryError> {
        if clip.recording.offset_bytes == 0 {
            return Err(LibraryError::NothingArrived);
        }
        Ok(MediaFile {
            size_bytes: clip.recording.offset_bytes,
            // Acknowledged bytes never change, so that the size identifies them.
            etag: etag(&format!("stream {} {}", clip.id, clip.recording.offset_bytes)),
            content_type: "video/mp4",
            growing: clip.recording.phase.complete().is_none(),
            library: self.clone(),
            recording: clip.recording.id,
            place: Place::Stream,
        })
    }

    /// Reads a range of the stream into memory.
    async fn stream_part(
        &self,
        clip: &Clip,
        range: Range<u64>,
    ) -> Result<bytes::Bytes, LibraryError> {
        let pieces = self.stream_file(clip)?.read(range).await?;
        Ok(read_whole(clip.recording.id, pieces).await?)
    }

    async fn init(&self, clip: &Clip) -> Result<Init, LibraryError> {
        let head = clip
            .recording
            .head
            .filter(|_| clip.recording.plays())
            .ok_or(LibraryError::NothingArrived)?;
        let bytes = self.stream_part(clip, 0..head.size_bytes).await?;
        Init::read(&bytes, &limits(self.settings())).map_err(unreadable(clip.recording.id))
    }
}

/// Whether the playlist ends here: a player polls one that does not.
fn ended(clip: &Clip) -> bool {
    clip.recording.phase.has_ended()
}

/// A strong entity tag, derived from `layout`.
pub(crate) fn etag(layout: &str) -> String {
    let digest = Sha256::of(layout.as_bytes()).to_string();
    format!("\"{}\"", digest.get(..32).unwrap_or(&digest))
}
