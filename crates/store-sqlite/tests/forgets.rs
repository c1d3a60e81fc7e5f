//! What was deleted is gone from the disk: no word of it is in the files, and they shrink.
#![expect(clippy::unwrap_used, reason = "what is not as it should be fails the test")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use vignette_library::media::MemoryMedia;
use vignette_library::{Actor, Library, LibrarySettings};
use vignette_model::text::PersonName;
use vignette_model::{ClipId, SystemClock, TakeId};
use vignette_store_sqlite::SqliteStore;

/// A word that stands nowhere else.
const SAID: &str = "zyzzogeton";
const CUES: u64 = 2_000;

async fn library(store: SqliteStore) -> (Library, Actor) {
    let settings = LibrarySettings::new("http://127.0.0.1/".parse().unwrap(), "Test");
    let library = Library::new(
        Arc::new(store),
        Arc::new(MemoryMedia::default()),
        Arc::new(SystemClock::new()),
        settings,
    );
    let owner = library.ensure_owner(PersonName::new("Ann").unwrap()).await.unwrap();
    (library, owner)
}

/// A clip in which a good deal is said.
async fn clip_with_words(library: &Library, owner: &Actor) -> ClipId {
    let new =
        json!({ "take": TakeId::new(), "title": format!("About the {SAID}"), "recorded_at_us": 0 });
    let id = library.create_clip(owner, serde_json::from_value(new).unwrap()).await.unwrap().id;
    let cue = |n: u64| json!({ "start_us": n * 1_000_000, "end_us": n * 1_000_000 + 900_000, "text": format!("word{n} {SAID}{n}") });
    let cues: Vec<_> = (0..CUES).map(cue).collect();
    let transcript = json!({ "revision": 1, "done": true, "transcribed_by": "test", "insights_by": "extractive", "cues": cues });
    library.put_transcript(owner, id, serde_json::from_value(transcript).unwrap()).await.unwrap();
    id
}

/// The database and what lies beside it.
fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn is_in_the_files(folder: &Path) -> bool {
    let has = |path: PathBuf| {
        std::fs::read(path)
            .unwrap()
            .windows(SAID.len())
            .any(|at| at.eq_ignore_ascii_case(SAID.as_bytes()))
    };
    files(folder).into_iter().any(has)
}

fn size_bytes(folder: &Path) -> u64 {
    files(folder).iter().map(|path| path.metadata().unwrap().len()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_clip_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("library.sqlite")).await.unwrap();
    assert!(store.shrinks().await.unwrap(), "a new file shrinks from the beginning");
    let (library, owner) = library(store).await;
    library.sweep().await.unwrap();
    let empty = size_bytes(folder.path());
    let kept = clip_with_words(&library, &owner).await;
    library.delete_clip(&owner, kept).await.unwrap();
    let id = clip_with_words(&library, &owner).await;
    assert!(is_in_the_files(folder.path()), "what is said is in the database");
    library.delete_clip(&owner, id).await.unwrap();
    library.settled().await;
    library.sweep().await.unwrap();
    assert!(!is_in_the_files(folder.path()), "neither rows, nor index, nor log keep a word of it");
    let after = size_bytes(folder.path());
    assert!(
        after < empty + 200_000,
        "the room is the disk's again: {empty} bytes before, {after} after"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_before_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("library.sqlite");
    {
        let before =
            sqlx::sqlite::SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let before = sqlx::SqlitePool::connect_with(before).await.unwrap();
        let (leave, take) = ("CREATE TABLE x (t TEXT)", "DROP TABLE x");
        let fill = format!("INSERT INTO x VALUES ('{SAID}'), (printf('%.*c', 3000000, 'y'))");
        for statement in [leave.to_owned(), fill, take.to_owned()] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&before).await.unwrap();
        }
        before.close().await;
    }
    assert!(is_in_the_files(folder.path()), "what was deleted is still in a file of before");
    let store = SqliteStore::open(&file).await.unwrap();
    assert!(!store.shrinks().await.unwrap(), "it cannot shrink by itself");
    store.rewrite().await.unwrap();
    assert!(store.shrinks().await.unwrap());
    assert!(
        !is_in_the_files(folder.path()) && size_bytes(folder.path()) < 1_000_000,
        "it is without what was deleted"
    );
    let (library, owner) = library(store).await;
    let id = clip_with_words(&library, &owner).await;
    library.delete_clip(&owner, id).await.unwrap();
    library.settled().await;
    library.sweep().await.unwrap();
    assert!(!is_in_the_files(folder.path()), "and forgets from then on");
}
