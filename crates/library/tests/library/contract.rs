//! Both media keep what every media has to promise.

use tempfile::TempDir;
use vignette_library::media::{DiskMedia, MemoryMedia};

/// Media in a folder that is there only once it is needed.
async fn disk() -> (DiskMedia, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let media = DiskMedia::open(&folder.path().join("made/when/needed")).await.unwrap();
    (media, folder)
}

vignette_library::media_contract!(in_memory, (MemoryMedia::default(), ()));
vignette_library::media_contract!(on_disk, disk().await);
