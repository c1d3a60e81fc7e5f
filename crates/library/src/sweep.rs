//! Sweeping: uploads that fell silent are interrupted, what has ended is removed.

use crate::error::LibraryError;
use crate::library::Library;

impl Library {
    /// Marks uploads that have been silent for long as interrupted, to be sealed as what arrived,
    /// removes expired sessions, codes and invitations, and gives the room of what was deleted back
    /// to the disk. Call it every few minutes.
    ///
    /// # Errors
    /// `internal`.
    pub async fn sweep(&self) -> Result<(), LibraryError> {
        let now = self.now();
        let silent_since = now - self.settings().silence;
        for id in self.store().silent_since(silent_since).await? {
            let Some(recording) = self.store().recording(id).await? else { continue };
            if recording.heard_at < silent_since
                && self.store().interrupt(id, recording.heard_at, false, now).await?
            {
                tracing::info!(recording.id = %id, size_bytes = recording.offset_bytes, "An upload fell silent; what arrived is kept");
                self.job_enqueued().notify_one();
                self.announce_recording(id).await?;
            }
        }
        self.store().purge(now).await?;
        self.login_throttle().forget_old(self.clock().monotonic());
        Ok(self.store().shrink().await?)
    }
}
