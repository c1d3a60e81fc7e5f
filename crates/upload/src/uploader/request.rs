//! A [`Request`]: one request for one take, and its [`RequestOutcome`].

use std::ops::Range;

use bytes::Bytes;
use vignette_model::api::{CreatedClip, NewClip};
use vignette_model::{ClipId, ErrorCode, Problem, Sha256, TakeId};
use vignette_spool::{Spool, Told};

use super::metadata::MetadataUpdate;
use crate::client::{AppendRequest, Client};
use crate::upload_state::RemoteUpload;

/// What is to be done for one take.
#[derive(Debug)]
pub(super) enum Request {
    /// Ask for its clip.
    Create(NewClip),
    /// Ask where its upload stands.
    GetStatus(CreatedClip),
    /// Send these bytes of it.
    Append(CreatedClip, Range<u64>, Option<Sha256>),
    /// Tell the library something else about it.
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
    /// The library knows this now.
    MetadataSynced(Told),
    /// The bytes (so many) did not arrive, or it is not known.
    Failed(Problem, u64),
    /// The library does not know this yet, and why.
    MetadataFailed(Problem, MetadataUpdate),
}

impl Request {
    /// Whether it is about something else than the bytes.
    pub(super) fn is_metadata(&self) -> bool {
        matches!(self, Self::UpdateMetadata(..))
    }

    pub(super) async fn run(self, take: TakeId, client: Client, spool: Spool) -> RequestOutcome {
        match self {
            Self::Create(new) => match client.create_clip(&new).await {
                Ok(clip) => RequestOutcome::Created(clip, new),
                Err(problem) => RequestOutcome::Failed(problem, 0),
            },
            Self::GetStatus(clip) => match client.upload_status(&clip.upload).await {
                Ok(status) => RequestOutcome::Status(status),
                Err(problem) => lost(problem, 0, &client, clip.id).await,
            },
            Self::Append(clip, range, completes) => append(take, clip, range, completes, &client, spool).await,
            Self::UpdateMetadata(clip, update) => update_metadata(take, clip, update, &client, spool).await,
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
        Err(problem) => return RequestOutcome::Failed(problem, 0),
    };
    let append = AppendRequest { offset_bytes, bytes, completes };
    let range = append.range();
    match client.append(&clip.upload, append).await {
        Ok(status) => RequestOutcome::Appended(range, status),
        Err(refused) => match error.status {
            Some(status) if refused.problem.code == ErrorCode::OffsetMismatch => RequestOutcome::OffsetMismatch(range, status),
            _ => lost(refused.problem, sent_bytes, client, clip.id).await,
        },
    }
}

/// Exactly these bytes of a take.
fn read(spool: &Spool, take: TakeId, range: &Range<u64>) -> Result<Bytes, Problem> {
    if range.is_empty() {
        return Ok(Bytes::new());
    }
    let most = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
    let bytes = spool.read(take, range.start, most)?;
    if bytes.len() != most {
        let message = format!("Only {} of {most} bytes of the take could be read.", bytes.len());
        return Err(Problem::new(ErrorCode::Internal, message));
    }
    Ok(bytes.into())
}

async fn update_metadata(take: TakeId, clip: ClipId, update: MetadataUpdate, client: &Client, spool: Spool) -> RequestOutcome {
    let outcome = match &update {
        MetadataUpdate::Change(change, now) => client.change_clip(clip, change).await.map(|_| now.clone()),
        MetadataUpdate::Poster(now) => match reading(move || Ok(spool.poster(take))).await {
            Ok(Some(jpeg)) => client.put_poster(clip, jpeg).await.map(|()| now.clone()),
            Ok(None) => Ok(now.clone()),
            Err(problem) => Err(problem),
        },
        MetadataUpdate::Words(now) => match reading(move || Ok(spool.words(take))).await {
            // There may be newer ones than when this request was begun.
            Ok(Some(words)) => {
                let now = Told { words: words.revision.max(now.words), ..now.clone() };
                client.put_words(clip, &words).await.map(|()| now)
            }
            Ok(None) => Ok(now.clone()),
            Err(problem) => Err(problem),
        },
    };
    outcome.map_or_else(|problem| RequestOutcome::MetadataFailed(problem, update), RequestOutcome::MetadataSynced)
}

/// Looks whether it is the clip that is gone, or only the address of its upload: asking for the clip again ends the
/// address given before, and an answer may come late.
async fn lost(problem: Problem, sent_bytes: u64, client: &Client, clip: ClipId) -> RequestOutcome {
    if problem.code != ErrorCode::NotFound {
        return RequestOutcome::Failed(problem, sent_bytes);
    }
    match client.clip(clip).await {
        Ok(_) => RequestOutcome::UploadAddressLost,
        Err(problem) if problem.code == ErrorCode::NotFound => {
            let gone = Problem::new(ErrorCode::NotFound, "The clip was deleted in the library.")
                .with_help("It is still on this computer: upload it again, or delete it here too.");
            RequestOutcome::Failed(gone, sent_bytes)
        }
        Err(problem) => RequestOutcome::Failed(problem, sent_bytes),
    }
}

/// Reads from the disk without holding up the network.
async fn reading<T: Send + 'static>(read: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    let read = tokio::task::spawn_blocking(read).await;
    read.unwrap_or_else(|_| Err(Problem::new(ErrorCode::Internal, "The take could not be read.")))
}
