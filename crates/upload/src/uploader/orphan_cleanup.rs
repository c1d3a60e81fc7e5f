//! [`OrphanCleanup`]: deletes the empty clips that cancelled takes left in libraries, however long that takes.

use std::collections::HashSet;

use tokio::task::JoinSet;
use tracing::{info, warn};
use vignette_model::{ClipId, ErrorCode, Problem};
use vignette_spool::{Spool, Unwanted};

use crate::{Credentials, library_url};

/// Deletions that are under way. The notes in the spool are the truth; whoever looks again tries again.
#[derive(Debug, Default)]
pub(super) struct OrphanCleanup {
    under_way: JoinSet<ClipId>,
    clips: HashSet<ClipId>,
}

impl OrphanCleanup {
    /// Tries to delete whatever is noted and not being deleted already.
    pub(super) fn start(&mut self, spool: &Spool, credentials: &Credentials) {
        for unwanted in spool.unwanted() {
            if self.clips.insert(unwanted.clip) {
                let (spool, credentials) = (spool.clone(), credentials.clone());
                self.under_way.spawn(async move {
                    delete_orphan(&unwanted, &spool, &credentials).await;
                    unwanted.clip
                });
            }
        }
    }

    /// Waits for the next one to come to its end; for ever if there is none.
    pub(super) async fn join_next(&mut self) {
        match self.under_way.join_next().await {
            Some(Ok(clip)) => drop(self.clips.remove(&clip)),
            Some(Err(error)) => {
                warn!(%error, "A clip was not deleted; it is tried again");
                self.clips.delete_orphan();
            }
            None => std::future::pending().await,
        }
    }

    /// Leaves the rest to the next start.
    pub(super) async fn shutdown(&mut self) {
        self.under_way.shutdown().await;
    }
}

async fn delete_orphan(unwanted: &Unwanted, spool: &Spool, credentials: &Credentials) {
    let Unwanted { clip, library } = unwanted;
    match delete(*clip, library, credentials).await {
        Ok(()) => info!(clip.id = %clip, "Deleted the clip of a cancelled take"),
        Err(problem) if matches!(problem.code, ErrorCode::NotFound | ErrorCode::NotAllowed | ErrorCode::BadRequest) => {
            info!(clip.id = %clip, code = %problem.code, "The clip of a cancelled take is not there to be deleted");
        }
        // Another look tries again.
        Err(_) => return,
    }
    if let Err(error) = spool.remove_unwanted(*clip) {
        warn!(clip.id = %clip, %error, "The note of a deleted clip could not be removed");
    }
}

async fn delete(clip: ClipId, library: &str, credentials: &Credentials) -> Result<(), Problem> {
    let library = library_url(library)?;
    credentials.client(&library)?.delete_clip(clip).await
}
