//! [`OrphanCleanup`]: deletes the clips that cancelled and discarded takes left in libraries, and tries
//! again until that is done.

use std::collections::HashSet;

use tokio::task::JoinSet;
use tracing::{info, warn};
use vignette_model::ClipId;
use vignette_spool::{OrphanClip, Spool};

use crate::error::UploadError;
use crate::policy::Failure;
use crate::{Credentials, library_url};

/// Deletions that are under way. The spool remembers what is to be deleted; each call of
/// [`OrphanCleanup::start`] tries again.
#[derive(Debug, Default)]
pub(super) struct OrphanCleanup {
    under_way: JoinSet<ClipId>,
    clips: HashSet<ClipId>,
}

impl OrphanCleanup {
    /// Starts to delete each orphan of the spool that is not being deleted already.
    pub(super) fn start(&mut self, spool: &Spool, credentials: &Credentials) {
        for orphan in spool.orphan_clips() {
            if self.clips.insert(orphan.clip) {
                let (spool, credentials) = (spool.clone(), credentials.clone());
                self.under_way.spawn(async move {
                    delete_orphan(&orphan, &spool, &credentials).await;
                    orphan.clip
                });
            }
        }
    }

    /// Waits until one deletion has come to its end; for ever if none is under way.
    pub(super) async fn join_next(&mut self) {
        match self.under_way.join_next().await {
            Some(Ok(clip)) => drop(self.clips.remove(&clip)),
            Some(Err(error)) => {
                warn!(%error, "A clip was not deleted; it is tried again");
                self.clips.clear();
            }
            None => std::future::pending().await,
        }
    }

    /// Aborts what is under way; the next start of the program goes on.
    pub(super) async fn shutdown(&mut self) {
        self.under_way.shutdown().await;
    }
}

async fn delete_orphan(orphan: &OrphanClip, spool: &Spool, credentials: &Credentials) {
    let OrphanClip { clip, library } = orphan;
    match delete(*clip, library, credentials).await {
        Ok(()) => info!(clip.id = %clip, "Deleted the clip of a cancelled take"),
        Err(error) if matches!(error.failure(), Failure::NotFound | Failure::Rejected) => {
            info!(clip.id = %clip, "The clip of a cancelled take is not there to be deleted");
        }
        // The next start tries again.
        Err(_) => return,
    }
    if let Err(error) = spool.remove_orphan_clip(*clip) {
        warn!(clip.id = %clip, %error, "The note of a deleted clip could not be removed");
    }
}

async fn delete(clip: ClipId, library: &str, credentials: &Credentials) -> Result<(), UploadError> {
    let library = library_url(library)?;
    Ok(credentials.client(&library)?.delete_clip(clip).await?)
}
