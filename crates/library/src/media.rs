//! [`Media`]: where a library keeps its bytes.

use std::path::Path;

use vignette_model::Problem;

/// Bytes of clips, made durable before anybody is told of them. One contract suite runs on every implementation.
pub trait Media: Send + Sync + 'static {}

/// Media in one folder: `<clip id>/stream.mp4` while it arrives, `<clip id>/clip.mp4` once sealed, `<clip id>/poster.jpg`.
pub struct DiskMedia {}

impl DiskMedia {
    /// Opens the folder, and makes it if there is none.
    ///
    /// # Errors
    /// `internal` if it cannot be made or written.
    pub async fn open(_folder: &Path) -> Result<Self, Problem> {
        unimplemented!()
    }
}

impl Media for DiskMedia {}

/// Media in memory, for tests and for trying things out: gone when dropped.
#[derive(Default)]
pub struct MemoryMedia {}

impl Media for MemoryMedia {}
