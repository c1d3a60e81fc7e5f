//! Both media hold against the suite that every media has to pass.

use vignette_library::contract;
use vignette_library::media::{DiskMedia, MemoryMedia};

#[tokio::test]
async fn memory() {
    contract::media(&MemoryMedia::default()).await;
}

#[tokio::test]
async fn disk() {
    let folder = tempfile::tempdir().unwrap();
    contract::media(&DiskMedia::open(&folder.path().join("made/when/needed")).await.unwrap()).await;
}
