//! Checks the whole library: whether the bytes that the rows describe are there and unchanged.

use futures_util::TryStreamExt;
use vignette_library::{Actor, Library, LibraryError, MediaPart};
use vignette_model::api::{ClipState, MemberClip};
use vignette_model::digest::Hasher;
use vignette_model::{ClipId, Problem};

const CLIPS_A_PAGE: u32 = 100;

/// The result for one clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which clip.
    pub clip: ClipId,
    /// Its condition.
    pub verdict: Verdict,
}

/// The condition of a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Sealed, and its bytes still have the digest they were sealed with.
    Sound {
        /// Size of its stream.
        size_bytes: u64,
    },
    /// Not sealed yet; all acknowledged bytes are there.
    Arriving {
        /// How many.
        size_bytes: u64,
    },
    /// Nothing has arrived yet.
    Empty,
    /// Something is wrong with it.
    Damaged {
        /// What.
        what: String,
    },
}

impl Verdict {
    /// Whether it is undamaged.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        !matches!(self, Self::Damaged { .. })
    }
}

/// Reads every byte of every clip and calls `found` with each result.
///
/// # Errors
/// `internal` if the rows cannot be read.
pub async fn check(library: &Library, owner: &Actor, mut found: impl FnMut(Finding)) -> Result<(), LibraryError> {
    let mut after = None;
    loop {
        let page = library.clips(owner, after.as_deref(), CLIPS_A_PAGE).await?;
        for clip in page.clips {
            let verdict = match verify(library, owner, &clip).await {
                Ok(verdict) => verdict,
                Err(error) => Verdict::Damaged { what: error.to_string() },
            };
            found(Finding { clip: clip.id, verdict });
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn verify(library: &Library, owner: &Actor, clip: &MemberClip) -> Result<Verdict, CheckError> {
    let expected = clip.view.size_bytes;
    if expected == 0 {
        return Ok(Verdict::Empty);
    }
    let stream = match library.media(owner, &clip.key, MediaPart::Stream).await {
        // Another member's recording: only its author may read it before it stops.
        Err(LibraryError::StillRecording) if clip.view.state == ClipState::Recording => {
            return Ok(Verdict::Arriving { size_bytes: expected });
        }
        other => other?,
    };
    let mut hasher = Hasher::default();
    let mut size_bytes = 0;
    let mut pieces = stream.read(0..stream.size_bytes).await?;
    while let Some(piece) = pieces.try_next().await? {
        hasher.update(&piece);
        size_bytes += piece.len() as u64;
    }
    let digest = hasher.digest();
    Ok(match clip.sealed_sha256 {
        _ if size_bytes < expected => damaged(format!("{size_bytes} of {expected} bytes are there")),
        Some(sealed) if sealed != digest => damaged(format!("the bytes are {digest}, and were {sealed} when sealed")),
        Some(_) => Verdict::Sound { size_bytes },
        None => Verdict::Arriving { size_bytes },
    })
}

fn damaged(what: String) -> Verdict {
    Verdict::Damaged { what }
}

/// Why a clip's bytes could not be read.
#[derive(Debug, thiserror::Error)]
enum CheckError {
    #[error("{}", Problem::from(.0).message)]
    Library(#[from] LibraryError),
    #[error("the bytes cannot be read: {0}")]
    Bytes(#[from] std::io::Error),
}
