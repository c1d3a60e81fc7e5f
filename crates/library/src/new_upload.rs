//! Uploads that make a clip of their own: those of other clients than our recorder, which ask for nothing before they send bytes
//! and say how many there will be.

use bytes::Bytes;
use vignette_model::api::NewClip;
use vignette_model::text::{Summary, Title};
use vignette_model::{PersonId, Secret, Sha256, TakeId};

use crate::actor::Actor;
use crate::error::{LibraryError, SizeLimit};
use crate::library::Library;
use crate::rules::{Action, Resource, may};
use crate::store::FreshUpload;
use crate::stream_state::{StreamState, limits};
use crate::upload::{Append, UploadStatus, take_in};

/// An upload that makes a clip of its own, by another client than our recorder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewUpload {
    /// The clip's title; may be empty.
    pub title: Title,
    /// How long the whole stream will be, if the sender knows.
    pub length_bytes: Option<u64>,
    /// What the sender says of it, in the form of tus's `Upload-Metadata`: kept to be given back.
    pub metadata: Option<String>,
}

impl Library {
    /// Whether the library would take such an upload, before anything is made of it.
    ///
    /// # Errors
    /// `too_large`; `not_a_stream` if it is to be empty.
    pub fn check_new_upload(&self, new: &NewUpload) -> Result<(), LibraryError> {
        new.length_bytes.map_or(Ok(()), |length_bytes| self.check_length(length_bytes))
    }

    /// Makes a clip of an upload alone, and gives the upload's secret and whose it is. It arrives: nothing is being recorded.
    ///
    /// # Errors
    /// `sign_in_needed`, `too_large`; `not_a_stream` if it is to be empty.
    pub async fn create_upload(
        &self,
        actor: &Actor,
        new: NewUpload,
    ) -> Result<(Secret, PersonId), LibraryError> {
        may(actor, Action::Create, Resource::Library)?;
        self.check_new_upload(&new)?;
        let clip = NewClip {
            take: TakeId::new(),
            title: new.title,
            summary: Summary::default(),
            live: false,
            recorded_at_us: self.now(),
        };
        let by_upload = FreshUpload { length_bytes: new.length_bytes, metadata: new.metadata };
        let (clip, secret) = self.make_clip(actor, &clip, Some(by_upload)).await?;
        Ok((secret, clip.author))
    }

    /// Whether the stream of an upload with this status may be as long as its sender says. Stores nothing: the length is stored with
    /// the next [`Append`] that says it.
    ///
    /// # Errors
    /// `too_large`, `not_a_stream` (it is to be empty); `bad_request` if another length was noted before, or more has arrived.
    pub fn check_declared(
        &self,
        status: &UploadStatus,
        length_bytes: u64,
    ) -> Result<(), LibraryError> {
        self.check_length(length_bytes)?;
        let agrees = match status.length_bytes {
            Some(noted) => noted == length_bytes,
            None => status.offset_bytes <= length_bytes,
        };
        if agrees { Ok(()) } else { Err(LibraryError::AnotherLength) }
    }

    pub(crate) fn check_length(&self, length_bytes: u64) -> Result<(), LibraryError> {
        let most = self.settings().max_clip_bytes;
        match length_bytes {
            0 => Err(LibraryError::NothingToPlay),
            length if length > most => {
                Err(LibraryError::TooLarge { limit: SizeLimit::Clip, most_bytes: most })
            }
            _ => Ok(()),
        }
    }

    /// Whether a stream may begin with these bytes, before anything is made of them; and whether they have their digest.
    ///
    /// # Errors
    /// `not_a_stream`, `digest_mismatch`.
    pub async fn check_beginning(
        &self,
        bytes: Bytes,
        digest: Option<Sha256>,
    ) -> Result<(), LibraryError> {
        let append = Append {
            offset_bytes: 0,
            bytes,
            digest,
            length_bytes: None,
            complete: false,
            repr_digest: None,
        };
        take_in(StreamState::new(limits(self.settings())), &append).await.map(drop)
    }
}
