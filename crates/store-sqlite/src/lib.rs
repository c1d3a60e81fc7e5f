//! The library's rows in SQLite.
//!
//! One connection writes, `BEGIN IMMEDIATE` and `synchronous=FULL`, so that what was acknowledged survives a power cut; a few
//! others read beside it (WAL). The schema is a book to be read: `migrations/0001_the_library.sql`
//! and what follows it.
//!
//! Every query is checked against the schema when it is compiled. The build needs no database for that: what the checks need
//! stands in `.sqlx`. After a change of a query or of the schema, write it anew with
//!
//! ```text
//! crates/store-sqlite/prepare
//! ```
#![forbid(unsafe_code)]

mod access;
mod clips;
mod people;
mod replies;
mod row;
mod search;
mod upkeep;
mod words;

use std::io;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, Transaction};
use vignette_library::store::{Store, StoreError};

/// How many read at once.
const READERS: u32 = 4;

/// How long to wait for another process (a backup) to let go of the file.
const BUSY: Duration = Duration::from_secs(5);

/// A library's rows in one SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens the file, makes it if there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError`] if the file cannot be opened, or was written by a newer version.
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|error: io::Error| failed("make the folder of the database")(error.into()))?;
        }
        let options = options().filename(file).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let writer = connect(1, options.clone().create_if_missing(true)).await?;
        migrate(&writer).await?;
        let readers = connect(READERS, options.read_only(true)).await?;
        Ok(Self { writer, readers })
    }

    /// Rows in memory, for tests and for trying things out: gone when dropped.
    ///
    /// # Errors
    /// [`StoreError`] if SQLite cannot do even that.
    pub async fn in_memory() -> Result<Self, StoreError> {
        let only = connect(1, options().in_memory(true)).await?;
        migrate(&only).await?;
        Ok(Self { writer: only.clone(), readers: only })
    }

    /// Writes what is in the log into the file and lets go of it. Without it nothing is lost; the file is only not alone.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// For one statement that reads.
    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// For one statement that writes.
    pub(crate) fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// For several statements that hold together. Dropped without `commit`, none of them happened.
    pub(crate) async fn begin(&self, doing: &'static str) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(failed(doing))
    }
}

fn options() -> SqliteConnectOptions {
    // On macOS `fsync` leaves the bytes in the drive's own memory; elsewhere these two change nothing.
    let flushed = SqliteConnectOptions::new().pragma("fullfsync", "1").pragma("checkpoint_fullfsync", "1");
    flushed.foreign_keys(true).busy_timeout(BUSY)
}

async fn connect(most: u32, options: SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    // Connections are never closed for being idle: a database in memory lives as long as its one connection.
    let pool = SqlitePoolOptions::new().min_connections(1).max_connections(most).idle_timeout(None).max_lifetime(None);
    pool.connect_with(options).await.map_err(failed("open the database"))
}

async fn migrate(writer: &SqlitePool) -> Result<(), StoreError> {
    let source = |error: sqlx::migrate::MigrateError| StoreError { doing: "bring the schema up to date", source: error.into() };
    sqlx::migrate!("./migrations").run(writer).await.map_err(source)?;
    upkeep::rekey_names(writer).await
}

/// What SQLite said, as the store's error.
pub(crate) fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| StoreError { doing, source: error.into() }
}

#[async_trait]
impl Store for SqliteStore {
    async fn ready(&self) -> Result<(), StoreError> {
        let doing = "see whether rows can be written";
        self.begin(doing).await?.rollback().await.map_err(failed(doing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pragma(pool: &SqlitePool, statement: &'static str) -> String {
        let value: String = sqlx::query_scalar(statement).fetch_one(pool).await.unwrap();
        value
    }

    #[tokio::test]
    async fn what_was_committed_survives_a_power_cut() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("library.db")).await.unwrap();
        assert_eq!(pragma(&store.writer, "SELECT journal_mode FROM pragma_journal_mode").await, "wal");
        let synchronous = pragma(&store.writer, "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous").await;
        assert_eq!(synchronous, "2", "the log is synced with every commit (FULL)");
        for pool in [&store.writer, &store.readers] {
            let keys = pragma(pool, "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys").await;
            assert_eq!(keys, "1", "rows do not point to nothing");
        }
        let written = sqlx::query("DELETE FROM people").execute(&store.readers).await;
        assert!(written.is_err(), "readers cannot write");
    }

    #[tokio::test]
    async fn the_index_is_that_of_the_passages() {
        let store = SqliteStore::in_memory().await.unwrap();
        vignette_library::contract::store(&store).await;
        let counted = "SELECT (SELECT count(*) FROM passages) || ' of ' || (
            (SELECT count(*) FROM clips WHERE title <> '') + (SELECT count(*) FROM clips WHERE summary <> '')
            + (SELECT count(*) FROM cues WHERE hidden = 0) + (SELECT count(*) FROM replies))";
        let counted = pragma(&store.readers, counted).await;
        let (passages, texts) = counted.split_once(" of ").unwrap();
        assert_eq!(passages, texts, "each text is a passage");
        assert_ne!(texts, "0", "the suite leaves something behind");
        // FTS5 reads the index and the passages and compares them (sqlite.org/fts5.html#the_integrity_check_command).
        sqlx::query("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)").execute(&store.writer).await.unwrap();
    }

    #[tokio::test]
    async fn a_library_of_before_is_brought_up_to_date() {
        let store = SqliteStore {
            writer: connect(1, options().in_memory(true)).await.unwrap(),
            ..SqliteStore::in_memory().await.unwrap()
        };
        for statement in [
            include_str!("../migrations/0001_the_library.sql"),
            "INSERT INTO people VALUES ('p', 'Ann', 'ann', NULL, 0);
             INSERT INTO clips (id, key, author, take, title, summary, live, recorded_at_us, created_at_us, heard_at_us)
                 VALUES ('c', 'k', 'p', 't', 'Old title', '', 0, 0, 0, 0);
             INSERT INTO replies VALUES ('r', 'c', NULL, NULL, NULL, 'Gus', 'An old reply', 5, 0, NULL);",
            include_str!("../migrations/0002_words.sql"),
            "INSERT INTO people VALUES ('q', 'Bob', 'bob', NULL, 1);
             INSERT INTO sessions VALUES (x'01', 'q', 5, 9);",
            include_str!("../migrations/0003_people.sql"),
        ] {
            sqlx::raw_sql(statement).execute(&store.writer).await.unwrap();
        }
        let by = "SELECT title_person || ' ' || summary_person FROM clips";
        assert_eq!(pragma(&store.writer, by).await, "1 0", "what is there was written by a person");
        let found = "SELECT group_concat(p.place, ' ' ORDER BY p.place) FROM search JOIN passages p ON p.id = search.rowid
            WHERE search MATCH '\"old\"'";
        assert_eq!(pragma(&store.writer, found).await, "reply title", "and is found");
        let roles = "SELECT group_concat(name || ' ' || role, ', ' ORDER BY name) FROM people";
        assert_eq!(pragma(&store.writer, roles).await, "Ann admin, Bob member", "who came first looks after the others");
        let session = "SELECT id || ' ' || person || ' ' || confirmed_at_us || ' ' || expires_at_us FROM sessions";
        assert_eq!(pragma(&store.writer, session).await, "1 q 5 9", "nobody is signed out by it");
    }

    #[tokio::test]
    async fn names_of_before_are_compared_as_those_of_today() {
        let store = SqliteStore::in_memory().await.unwrap();
        let before = "INSERT INTO people (id, name, name_key, created_at_us) VALUES ('1', 'Ａnn', 'ａnn', 0),
            ('2', 'Ann', 'ann', 1), ('3', 'Bob\u{200b} Ray', 'bob\u{200b} ray', 2)";
        sqlx::raw_sql(before).execute(&store.writer).await.unwrap();
        upkeep::rekey_names(&store.writer).await.unwrap();
        let keys = pragma(&store.writer, "SELECT group_concat(name_key, ', ' ORDER BY id) FROM people").await;
        assert_eq!(keys, "ａnn, ann, bob ray", "of two that have come to be one name, each keeps the key it had");
    }
}
