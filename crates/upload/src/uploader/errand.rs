//! An [`Errand`]: one request for one take, and its [`Outcome`].

use std::ops::Range;

use bytes::Bytes;
use vignette_model::api::{CreatedClip, NewClip};
use vignette_model::{ClipId, ErrorCode, Problem, Sha256, TakeId};
use vignette_spool::{Spool, Told};

use super::told::Untold;
use crate::client::{Append, Client};
use crate::course::UploadStatus;

/// What is to be done for one take.
#[derive(Debug)]
pub(super) enum Errand {
    /// Ask for its clip.
    Create(NewClip),
    /// Ask where its upload stands.
    Ask(CreatedClip),
    /// Send these bytes of it.
    Append(CreatedClip, Range<u64>, Option<Sha256>),
    /// Tell the library something else about it.
    Tell(ClipId, Untold),
}

/// How an errand went.
#[derive(Debug)]
pub(super) enum Outcome {
    /// There is a clip now.
    Created(CreatedClip, NewClip),
    /// This is where the upload stands.
    Stands(UploadStatus),
    /// These bytes were taken.
    Appended(Range<u64>, UploadStatus),
    /// These bytes do not follow what the library has.
    StandsElsewhere(Range<u64>, UploadStatus),
    /// The clip is there, but its upload address opens nothing any more.
    AddressLost,
    /// The library knows this now.
    Told(Told),
    /// The bytes (so many) did not arrive, or it is not known.
    Failed(Problem, u64),
    /// The library does not know this yet, and why.
    NotTold(Problem, Untold),
}

impl Errand {
    /// Whether it is about something else than the bytes.
    pub(super) fn tells(&self) -> bool {
        matches!(self, Self::Tell(..))
    }

    pub(super) async fn run(self, take: TakeId, client: Client, spool: Spool) -> Outcome {
        match self {
            Self::Create(new) => match client.create_clip(&new).await {
                Ok(clip) => Outcome::Created(clip, new),
                Err(problem) => Outcome::Failed(problem, 0),
            },
            Self::Ask(clip) => match client.upload_status(&clip.upload).await {
                Ok(status) => Outcome::Stands(status),
                Err(problem) => lost(problem, 0, &client, clip.id).await,
            },
            Self::Append(clip, range, completes) => append(take, clip, range, completes, &client, spool).await,
            Self::Tell(clip, untold) => tell(take, clip, untold, &client, spool).await,
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
) -> Outcome {
    let (offset_bytes, sent_bytes) = (range.start, range.end - range.start);
    let bytes = match reading(move || read(&spool, take, &range)).await {
        Ok(bytes) => bytes,
        Err(problem) => return Outcome::Failed(problem, 0),
    };
    let append = Append { offset_bytes, bytes, completes };
    let range = append.range();
    match client.append(&clip.upload, append).await {
        Ok(status) => Outcome::Appended(range, status),
        Err(refused) => match refused.stands {
            Some(status) if refused.problem.code == ErrorCode::OffsetMismatch => Outcome::StandsElsewhere(range, status),
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

async fn tell(take: TakeId, clip: ClipId, untold: Untold, client: &Client, spool: Spool) -> Outcome {
    let outcome = match &untold {
        Untold::Change(change, now) => client.change_clip(clip, change).await.map(|_| now.clone()),
        Untold::Poster(now) => match reading(move || Ok(spool.poster(take))).await {
            Ok(Some(jpeg)) => client.put_poster(clip, jpeg).await.map(|()| now.clone()),
            Ok(None) => Ok(now.clone()),
            Err(problem) => Err(problem),
        },
        Untold::Words(now) => match reading(move || Ok(spool.words(take))).await {
            // There may be newer ones than when this errand was begun.
            Ok(Some(words)) => {
                let now = Told { words: words.revision.max(now.words), ..now.clone() };
                client.put_words(clip, &words).await.map(|()| now)
            }
            Ok(None) => Ok(now.clone()),
            Err(problem) => Err(problem),
        },
    };
    outcome.map_or_else(|problem| Outcome::NotTold(problem, untold), Outcome::Told)
}

/// Looks whether it is the clip that is gone, or only the address of its upload: asking for the clip again ends the
/// address given before, and an answer may come late.
async fn lost(problem: Problem, sent_bytes: u64, client: &Client, clip: ClipId) -> Outcome {
    if problem.code != ErrorCode::NotFound {
        return Outcome::Failed(problem, sent_bytes);
    }
    match client.clip(clip).await {
        Ok(_) => Outcome::AddressLost,
        Err(problem) if problem.code == ErrorCode::NotFound => {
            let gone = Problem::new(ErrorCode::NotFound, "The clip was deleted in the library.")
                .with_help("It is still on this computer: upload it again, or delete it here too.");
            Outcome::Failed(gone, sent_bytes)
        }
        Err(problem) => Outcome::Failed(problem, sent_bytes),
    }
}

/// Reads from the disk without holding up the network.
async fn reading<T: Send + 'static>(read: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    let read = tokio::task::spawn_blocking(read).await;
    read.unwrap_or_else(|_| Err(Problem::new(ErrorCode::Internal, "The take could not be read.")))
}
