//! Sweeping: what was left half done is done, what has ended is removed.

use crate::error::LibraryError;
use crate::events::News;
use crate::library::Library;

impl Library {
    /// Marks uploads that have been silent for long as interrupted and seals them as what arrived, takes up what a crash left
    /// half done, removes expired sessions, codes and invitations, and gives the room of what was deleted back to the disk.
    /// Call it every few minutes.
    ///
    /// # Errors
    /// `internal`.
    pub async fn sweep(&self) -> Result<(), LibraryError> {
        let now = self.now();
        let silent_since = now - self.settings().silence;
        for id in self.store().silent_since(silent_since).await? {
            let Some(clip) = self.store().clip(id).await? else { continue };
            if clip.heard_at < silent_since
                && self.store().interrupt(id, clip.heard_at, false).await?
            {
                tracing::info!(clip.id = %id, size_bytes = clip.offset_bytes, "An upload fell silent; what arrived is kept");
                self.announce(News::Clip(id));
            }
        }
        self.store().purge(now).await?;
        self.login_throttle().forget_old(self.clock().monotonic());
        self.resume_pending().await?;
        Ok(self.store().shrink().await?)
    }

    /// Resumes in the background what was left half done: seals what has ended, removes what is not needed. Call it once after
    /// the library was opened for serving; [`Library::sweep`] does it again.
    ///
    /// # Errors
    /// `internal` if the rows cannot be read.
    pub async fn resume_pending(&self) -> Result<(), LibraryError> {
        for id in self.store().unsealed().await? {
            self.seal_in_background(id);
        }
        for id in self.store().pending_deletions().await? {
            let library = self.clone();
            self.spawn_background(async move { library.delete_pending(id).await });
        }
        Ok(())
    }
}
