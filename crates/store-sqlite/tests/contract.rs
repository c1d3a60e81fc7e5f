//! SQLite keeps every promise of a store, in memory and in a file, and what it said it has.
#![expect(clippy::unwrap_used, reason = "what is not as it should be fails the test")]

use std::path::Path;

use tempfile::TempDir;
use vignette_library::store::{Invite, PeopleRows as _};
use vignette_model::{Sha256, UtcMicros};
use vignette_store_sqlite::SqliteStore;

/// A store in a new folder, and the folder.
async fn file() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made/when/needed/library.db");
    (SqliteStore::open(&file).await.unwrap(), folder)
}

vignette_library::store_contract!(in_memory, (SqliteStore::in_memory().await.unwrap(), ()));
vignette_library::store_contract!(in_a_file, file().await);

#[tokio::test]
async fn a_file_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("library.db");
    let invite = Invite {
        hash: Sha256::of(b"setup"),
        setup: true,
        made_by: None,
        created_at: UtcMicros(0),
        expires_at: UtcMicros(10),
    };
    let store = SqliteStore::open(&file).await.unwrap();
    assert!(store.add_invite(&invite).await.unwrap());
    drop(store);
    let again = SqliteStore::open(&file).await.unwrap();
    assert!(
        again.invited(invite.hash, UtcMicros(9)).await.unwrap(),
        "rows survive without a proper close"
    );
    again.close().await;
    assert!(!folder.path().join("library.db-wal").exists(), "a proper close leaves one file");
}

#[tokio::test]
async fn what_is_not_a_database_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("library.db");
    let letter = "Dear library, this is a letter and not a database. ".repeat(40);
    std::io::Write::write_all(&mut std::fs::File::create(&file).unwrap(), letter.as_bytes())
        .unwrap();
    let error = SqliteStore::open(&file).await.unwrap_err();
    assert_eq!(error.doing, "open the database", "{error:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), letter, "somebody's file is not touched");
    assert!(SqliteStore::open(Path::new("/dev/null/library.db")).await.is_err());
}
