//! A [`Request`] for one take, and its [`RequestOutcome`].

use std::ops::Range;

use bytes::Bytes;
use vignette_model::api::{CreatedClip, NewClip};
use vignette_model::{ClipId, Sha256, TakeId};
use vignette_spool::{Spool, SyncedMetadata};

use super::metadata::MetadataUpdate;
use crate::client::{AppendRequest, Client, RemoteUpload};
use crate::error::{ClientError, UploadError};
use crate::policy::Failure;

/// What is asked of a library for one take.
#[derive(Debug)]
pub(super) enum Request {
    /// Make a clip for it.
    Create(NewClip),
    /// Say where its upload stands.
    GetStatus(CreatedClip),
    /// Take these bytes of it; with the digest of the whole stream if nothing follows.
    Append(CreatedClip, Range<u64>, Option<Sha256>),
    /// Take over what has changed of it besides the bytes.
    UpdateMetadata(ClipId, MetadataUpdate),
}

/// How a request went.
#[derive(Debug)]
pub(super) enum RequestOutcome {
    /// There is a clip now.
    Created(CreatedClip, NewClip),
    /// This is where the upload stands.
    Status(RemoteUpload),
    /// These bytes were taken.
    Appended(Range<u64>, RemoteUpload),
    /// These bytes do not follow what the library has.
    OffsetMismatch(Range<u64>, RemoteUpload),
    /// The clip is there, but its upload address opens nothing any more.
    UploadAddressLost,
    /// So many bytes did not arrive, or it is not known whether they did.
    Failed(UploadError, u64),
    /// The library knows this now.
    MetadataSynced(SyncedMetadata),
    /// The library does not know this yet, and why.
    MetadataFailed(UploadError, MetadataUpdate),
}

impl Request {
    /// Whether it is about something else than the bytes.
    pub(super) fn is_metadata(&self) -> bool {
        matches!(self, Self::UpdateMetadata(..))
    }

    /// Whether it is refused without a token. The address of an upload is enough for its bytes.
    pub(super) fn needs_token(&self) -> bool {
        matches!(self, Self::Create(_) | Self::UpdateMetadata(..))
    }

    pub(super) async fn run(self, take: TakeId, client: Client, spool: Spool) -> RequestOutcome {
        match self {
            Self::Create(new) => match client.create_clip(&new).await {
                Ok(clip) => RequestOutcome::Created(clip, new),
                Err(error) => RequestOutcome::Failed(error.into(), 0),
            },
            Self::GetStatus(clip) => match client.upload_status(&clip.upload).await {
                Ok(status) => RequestOutcome::Status(status),
                Err(error) => failed(error, 0, &client, clip.id).await,
            },
            Self::Append(clip, range, completes) => {
                append(take, clip, range, completes, &client, spool).await
            }
            Self::UpdateMetadata(clip, update) => {
                update_metadata(take, clip, update, &client, spool).await
            }
        }
    }
}

async fn append(
    take: TakeId,
    clip: CreatedClip,
    range: Range<u64>,
    completes: Option<Sha256>,
    client: &Client,
    spool: Spool,
) -> RequestOutcome {
    let (offset_bytes, sent_bytes) = (range.start, range.end - range.start);
    let bytes = match reading(move || read(&spool, take, &range)).await {
        Ok(bytes) => bytes,
        Err(error) => return RequestOutcome::Failed(error, 0),
    };
    let append = AppendRequest { offset_bytes, bytes, completes };
    let range = append.range();
    match client.append(&clip.upload, append).await {
        Ok(status) => RequestOutcome::Appended(range, status),
        Err(refused) => match refused.status {
            Some(status) if refused.error.failure() == Failure::OffsetMismatch => {
                RequestOutcome::OffsetMismatch(range, status)
            }
            _ => failed(refused.error, sent_bytes, client, clip.id).await,
        },
    }
}

/// Exactly these bytes of a take.
fn read(spool: &Spool, take: TakeId, range: &Range<u64>) -> Result<Bytes, UploadError> {
    if range.is_empty() {
        return Ok(Bytes::new());
    }
    let wanted_bytes = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
    let bytes = spool.read(take, range.start, wanted_bytes)?;
    if bytes.len() != wanted_bytes {
        return Err(UploadError::ShortRead { read_bytes: bytes.len(), wanted_bytes });
    }
    Ok(bytes.into())
}

async fn update_metadata(
    take: TakeId,
    clip: ClipId,
    update: MetadataUpdate,
    client: &Client,
    spool: Spool,
) -> RequestOutcome {
    match send_metadata(take, clip, &update, client, spool).await {
        Ok(synced) => RequestOutcome::MetadataSynced(synced),
        Err(error) => RequestOutcome::MetadataFailed(error, update),
    }
}

/// Sends an update and gives what the library knows then.
async fn send_metadata(
    take: TakeId,
    clip: ClipId,
    update: &MetadataUpdate,
    client: &Client,
    spool: Spool,
) -> Result<SyncedMetadata, UploadError> {
    match update {
        MetadataUpdate::Change(change, synced) => {
            client.change_clip(clip, change).await?;
            Ok(synced.clone())
        }
        MetadataUpdate::Poster(synced) => {
            if let Some(jpeg) = reading(move || Ok(spool.poster(take))).await? {
                client.put_poster(clip, jpeg).await?;
            }
            Ok(synced.clone())
        }
        MetadataUpdate::Transcript(synced) => {
            let Some(transcript) = reading(move || Ok(spool.transcript(take))).await? else {
                return Ok(synced.clone());
            };
            client.put_transcript(clip, &transcript).await?;
            // The snapshot may be newer than it was when this request was made.
            Ok(SyncedMetadata {
                transcript: transcript.revision.max(synced.transcript),
                ..synced.clone()
            })
        }
    }
}

/// If an upload address opens nothing, looks whether the clip is gone or only the address: asking
/// for the clip again replaces the address given before, and the answer to an earlier request may
/// come late.
async fn failed(
    error: ClientError,
    sent_bytes: u64,
    client: &Client,
    clip: ClipId,
) -> RequestOutcome {
    if error.failure() != Failure::NotFound {
        return RequestOutcome::Failed(error.into(), sent_bytes);
    }
    match client.clip(clip).await {
        Ok(_) => RequestOutcome::UploadAddressLost,
        Err(error) if error.failure() == Failure::NotFound => {
            RequestOutcome::Failed(UploadError::ClipDeleted, sent_bytes)
        }
        Err(error) => RequestOutcome::Failed(error.into(), sent_bytes),
    }
}

/// Reads from the disk on a thread of its own, so that it does not hold up the network.
async fn reading<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, UploadError> + Send + 'static,
) -> Result<T, UploadError> {
    let read = tokio::task::spawn_blocking(read).await;
    read.unwrap_or(Err(UploadError::ReaderDied))
}
