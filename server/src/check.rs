//! Checks the whole library: whether the bytes that the rows describe are there and unchanged.

use vignette_library::store::ClipFilter;
use vignette_library::{Actor, Damage, Library, LibraryError, Verified};
use vignette_model::ClipId;

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
    /// Sealed, and each of its extents has the digest it was acknowledged with.
    Sound {
        /// Size of its stream.
        size_bytes: u64,
    },
    /// Not sealed yet; all extents are there and are what was acknowledged.
    Arriving {
        /// How many.
        size_bytes: u64,
    },
    /// Nothing has arrived yet.
    Empty,
    /// Something is wrong with it.
    Damaged {
        /// What: offset, size and object of each extent that is not what it was.
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
pub async fn check(
    library: &Library,
    owner: &Actor,
    mut found: impl FnMut(Finding),
) -> Result<(), LibraryError> {
    let mut after = None;
    loop {
        let page =
            library.clips(owner, ClipFilter::default(), after.as_deref(), CLIPS_A_PAGE).await?;
        for clip in page.clips {
            let verdict = match verify(library, owner, clip.id).await {
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

async fn verify(library: &Library, owner: &Actor, id: ClipId) -> Result<Verdict, LibraryError> {
    let Verified { size_bytes, sealed, damage } = library.verify_clip(owner, id).await?;
    Ok(match (damage.is_empty(), sealed) {
        (false, _) => Verdict::Damaged {
            what: damage.iter().map(Damage::to_string).collect::<Vec<_>>().join("; "),
        },
        (true, true) => Verdict::Sound { size_bytes },
        (true, false) if size_bytes == 0 => Verdict::Empty,
        (true, false) => Verdict::Arriving { size_bytes },
    })
}
