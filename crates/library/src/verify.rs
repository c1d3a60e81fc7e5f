//! Verifying: are the bytes of a clip still what they were when they were acknowledged? Extent by extent, so that damage has a
//! place.

use std::{fmt, io};

use futures_util::StreamExt as _;
use vignette_model::digest::Hasher;
use vignette_model::{ClipId, RecordingId, Sha256};

use crate::actor::Actor;
use crate::error::LibraryError;
use crate::library::Library;
use crate::media::{ByteStream, Extent, MediaError, Slice};
use crate::rules::Action;
use crate::seal::blocking;
use crate::store::SealState;

/// What was found of one clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Size of its stream: what was acknowledged.
    pub size_bytes: u64,
    /// Whether it is one file.
    pub sealed: bool,
    /// What is wrong with it; nothing, if all is well.
    pub damage: Vec<Damage>,
}

/// Bytes of a clip that are not what they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The header of the sealed file.
    Header {
        /// The object that holds it.
        object: String,
    },
    /// A part of the stream.
    Extent(DamagedExtent),
    /// Rows tell of fewer bytes than were acknowledged.
    Missing {
        /// Where the extents end.
        from_bytes: u64,
    },
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header { object } => write!(f, "the header of {object} is not what it was"),
            Self::Extent(extent) => extent.fmt(f),
            Self::Missing { from_bytes } => {
                write!(f, "from byte {from_bytes} on nothing is known of the stream")
            }
        }
    }
}

/// An extent whose bytes are not what they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedExtent {
    /// Which, and where its bytes lie.
    pub extent: Extent,
    /// Whether its bytes are not there at all; they are others, otherwise.
    pub missing: bool,
}

impl fmt::Display for DamagedExtent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Extent { object, position_bytes, offset_bytes, size_bytes, .. } = &self.extent;
        let what = if self.missing { "missing" } else { "changed" };
        write!(
            f,
            "{size_bytes} bytes at offset {offset_bytes} of the stream are {what} ({object}, byte {position_bytes})"
        )
    }
}

impl Library {
    /// Reads every byte of a clip and compares it with what was acknowledged. For those who hold the library's folder.
    ///
    /// # Errors
    /// [`LibraryError::AccountNeeded`], [`LibraryError::NotFound`]; faults of store and media.
    pub async fn verify_clip(&self, actor: &Actor, id: ClipId) -> Result<Verified, LibraryError> {
        let row = self.by_id(actor, id, Action::See).await?.recording;
        let extents = self.store().extents(row.id, 0..row.offset_bytes).await?;
        let mut damage = Vec::new();
        if let SealState::Sealed(sealed) = &row.seal {
            let header = Slice { object: sealed.object.clone(), range: 0..sealed.header_bytes };
            if self.slice_digest(row.id, header).await? != Some(sealed.header_sha256) {
                damage.push(Damage::Header { object: sealed.object.to_string() });
            }
        }
        damage
            .extend(self.damaged_extents(row.id, &extents).await?.into_iter().map(Damage::Extent));
        let end_bytes = extents.last().map_or(0, Extent::end_bytes);
        if end_bytes < row.offset_bytes {
            damage.push(Damage::Missing { from_bytes: end_bytes });
        }
        Ok(Verified { size_bytes: row.offset_bytes, sealed: row.seal.sealed().is_some(), damage })
    }

    /// The extents whose bytes are not what they were.
    pub(crate) async fn damaged_extents(
        &self,
        recording: RecordingId,
        extents: &[Extent],
    ) -> Result<Vec<DamagedExtent>, LibraryError> {
        let mut damaged = Vec::new();
        for extent in extents {
            let range = extent.position_bytes..extent.end_position_bytes();
            let digest = self
                .slice_digest(recording, Slice { object: extent.object.clone(), range })
                .await?;
            if digest != Some(extent.sha256) {
                damaged.push(DamagedExtent { extent: extent.clone(), missing: digest.is_none() });
            }
        }
        Ok(damaged)
    }

    /// SHA-256 of a part of an object; `None` if it is not there, or not all of it.
    pub(crate) async fn slice_digest(
        &self,
        recording: RecordingId,
        slice: Slice,
    ) -> Result<Option<Sha256>, LibraryError> {
        match self.media_store().read_slices(recording, vec![slice]).await {
            Err(MediaError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
            Ok(pieces) => digest(recording, pieces).await,
        }
    }
}

/// SHA-256 of bytes as they come; `None` if they end too soon.
async fn digest(
    recording: RecordingId,
    mut pieces: ByteStream,
) -> Result<Option<Sha256>, LibraryError> {
    let mut hasher = Hasher::default();
    while let Some(piece) = pieces.next().await {
        let piece = match piece {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other.map_err(|source| MediaError::io(recording, "an object", source))?,
        };
        hasher = blocking(move || {
            hasher.update(&piece);
            hasher
        })
        .await?;
    }
    Ok(Some(hasher.digest()))
}
