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
mod failure;
mod jobs;
mod looks;
mod people;
mod reactions;
mod recordings;
mod replies;
mod row;
mod search;
mod transcript;
mod upkeep;
mod watching;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, Sqlite, Transaction};
use vignette_library::store::{Store, StoreError, StoreErrorKind};
use vignette_model::text::LibraryName;

pub(crate) use failure::failed;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// How many read at once.
const READERS: u32 = 4;

/// How long to wait for another process (a backup) to let go of the file.
const BUSY: Duration = Duration::from_secs(5);

/// Pages given back to the disk by one statement, during which nobody else writes, and by one call of [`Store::shrink`].
const PAGES_AT_ONCE: u32 = 2_000;
const STATEMENTS_AT_ONCE: u32 = 20;

/// A library's rows in one SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    /// The file's connections while it can only be read; `None` if it was opened for writing.
    read_only: Option<Arc<ReadOnly>>,
}

/// A file that was opened for reading alone, since its disk takes no writes.
#[derive(Debug)]
struct ReadOnly {
    /// Whether that is still so.
    only: AtomicBool,
    file: PathBuf,
}

impl SqliteStore {
    /// Opens the file, makes it if there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError`] if the file cannot be opened, or was written by a newer version. If its kind
    /// [is the disk](StoreErrorKind::is_disk), [`SqliteStore::open_read_only`] may still open it.
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|error: io::Error| {
                failed("make the folder of the database")(error.into())
            })?;
        }
        let (writer, readers) = connect_both(file).await?;
        Ok(Self { writer, readers, read_only: None })
    }

    /// Whether a file that is there was written by an earlier version of the program: opening it
    /// brings it up to date. What is wrong with a file is left to opening it.
    pub async fn is_behind(file: &Path) -> bool {
        let version = async {
            let mut rows = options().filename(file).read_only(true).connect().await?;
            let newest = "SELECT max(version) FROM _sqlx_migrations WHERE success";
            sqlx::query_scalar::<_, Option<i64>>(newest).fetch_one(&mut rows).await
        };
        let newest = MIGRATIONS.iter().map(|migration| migration.version).max();
        version.await.is_ok_and(|version| version.is_some() && version < newest)
    }

    /// Opens a file that is there for reading alone: its disk is full or takes no writes. [`Store::recover`] tries to write again.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read, or was written by another version of the program.
    pub async fn open_read_only(file: &Path) -> Result<Self, StoreError> {
        const DOING: &str = "open the database for reading";
        // Without a log beside it, everything is in the file, and SQLite need not make the files of a log to read it. With one,
        // the files it needs are there, left by the process that could not put the log into the file.
        let alone = wal(file).metadata().map_or(true, |log| log.len() == 0);
        let reading =
            options().filename(file).read_only(true).immutable(alone).pragma("query_only", "1");
        let read_only = Arc::new(ReadOnly { only: AtomicBool::new(true), file: file.to_owned() });
        let readers = connect_read_only(READERS, reading.clone(), read_only.clone()).await?;
        let version = "SELECT max(version) FROM _sqlx_migrations WHERE success";
        let version: Option<i64> =
            sqlx::query_scalar(version).fetch_one(&readers).await.map_err(failed(DOING))?;
        if version != MIGRATIONS.iter().map(|migration| migration.version).max() {
            let source = "they are of another version of the program, and the disk takes no writes to bring them up to date";
            return Err(StoreError {
                doing: DOING,
                kind: StoreErrorKind::CannotWrite,
                source: source.into(),
            });
        }
        let writer = connect_read_only(1, reading, read_only.clone()).await?;
        Ok(Self { writer, readers, read_only: Some(read_only) })
    }

    /// Rows in memory, for tests and for trying things out: gone when dropped.
    ///
    /// # Errors
    /// [`StoreError`] if SQLite cannot do even that.
    pub async fn in_memory() -> Result<Self, StoreError> {
        let only = connect(1, options().in_memory(true)).await?;
        migrate(&only).await?;
        Ok(Self { writer: only.clone(), readers: only, read_only: None })
    }

    /// Writes what is in the log into the file and lets go of it. Without it nothing is lost; the file is only not alone.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Whether the file gives the room of deleted rows back. One that an earlier version made does so after
    /// [`SqliteStore::rewrite`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn shrinks(&self) -> Result<bool, StoreError> {
        let mode: i64 = sqlx::query_scalar("SELECT auto_vacuum FROM pragma_auto_vacuum")
            .fetch_one(&self.readers)
            .await
            .map_err(failed("see whether the database shrinks"))?;
        Ok(mode != 0)
    }

    /// Writes the file anew, without what is left of deleted rows and so that it shrinks from now on. Nobody else may write
    /// meanwhile; the disk needs room for the file twice more. If it is cut off, the file is as it was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rewrite(&self) -> Result<(), StoreError> {
        const DOING: &str = "write the database anew";
        let statements = [
            "INSERT INTO search (search) VALUES ('optimize')",
            "PRAGMA auto_vacuum = INCREMENTAL",
            "VACUUM",
        ];
        for statement in statements {
            sqlx::query(statement).execute(&self.writer).await.map_err(failed(DOING))?;
        }
        self.truncate_log().await
    }

    /// Puts the whole log into the file and cuts it off: it still has what deleted rows said. Another process that reads may
    /// keep a part of it until the next time.
    async fn truncate_log(&self) -> Result<(), StoreError> {
        let emptied = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.writer).await;
        emptied.map(drop).map_err(failed("empty the database's log"))
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
    pub(crate) async fn begin(
        &self,
        doing: &'static str,
    ) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(failed(doing))
    }
}

/// `library.sqlite-wal`: the log beside the file.
fn wal(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn options() -> SqliteConnectOptions {
    // On macOS `fsync` leaves the bytes in the drive's own memory; elsewhere these two change nothing.
    let flushed =
        SqliteConnectOptions::new().pragma("fullfsync", "1").pragma("checkpoint_fullfsync", "1");
    // What was deleted is overwritten with zeros.
    flushed.pragma("secure_delete", "1").foreign_keys(true).busy_timeout(BUSY)
}

/// Options of a file whose commits survive a power cut.
fn durable(file: &Path) -> SqliteConnectOptions {
    options()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
}

/// The writer, which makes the file and brings it up to date, and the readers.
async fn connect_both(file: &Path) -> Result<(SqlitePool, SqlitePool), StoreError> {
    let options = durable(file);
    // That the room of deleted rows can be given back is settled before the first table, or by `rewrite`. Said again it would be a
    // write each time the file is opened.
    let new = file.metadata().map_or(true, |file| file.len() == 0);
    let first = options.clone().create_if_missing(true);
    let first = if new { first.auto_vacuum(SqliteAutoVacuum::Incremental) } else { first };
    let writer = connect(1, first).await?;
    migrate(&writer).await?;
    let readers = connect(READERS, options.read_only(true)).await?;
    Ok((writer, readers))
}

fn pool(most: u32) -> SqlitePoolOptions {
    // Connections are never closed for being idle: a database in memory lives as long as its one connection.
    SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(most)
        .idle_timeout(None)
        .max_lifetime(None)
}

async fn connect(most: u32, options: SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    // SQLite rolls a transaction back by itself when the disk is full. sqlx counts it as open for ever then, and would begin no
    // other one on this connection.
    let pool = pool(most).before_acquire(|connection, _| {
        let usable = !connection.is_in_transaction();
        Box::pin(async move { Ok(usable) })
    });
    pool.connect_with(options).await.map_err(failed("open the database"))
}

/// A pool whose connections look only, and are replaced as soon as the file can be written again. Until then none is kept open:
/// SQLite gives all connections of a process the memory that the first one found beside the file, and if that was read-only
/// no other one can write.
async fn connect_read_only(
    most: u32,
    options: SqliteConnectOptions,
    read_only: Arc<ReadOnly>,
) -> Result<SqlitePool, StoreError> {
    let released = read_only.clone();
    let pool = pool(most).min_connections(0).after_release(move |_, _| {
        let keep = !released.only.load(Ordering::SeqCst);
        Box::pin(async move { Ok(keep) })
    });
    let pool = pool.before_acquire(move |connection, _| {
        let (only, usable) =
            (read_only.only.load(Ordering::SeqCst), !connection.is_in_transaction());
        Box::pin(async move {
            let looks: i64 = sqlx::query_scalar("SELECT query_only FROM pragma_query_only")
                .fetch_one(connection)
                .await?;
            Ok(usable && (looks != 0) == only)
        })
    });
    pool.connect_with(options).await.map_err(failed("open the database for reading"))
}

async fn migrate(writer: &SqlitePool) -> Result<(), StoreError> {
    const DOING: &str = "bring the schema up to date";
    // A table that others point to is written anew by dropping it, which would take their rows
    // along. The pragma does nothing within a transaction, and each migration is one
    // (sqlite.org/lang_altertable.html#otheralter).
    let mut connection = writer.acquire().await.map_err(failed(DOING))?;
    let off = sqlx::raw_sql("PRAGMA foreign_keys = OFF").execute(&mut *connection);
    off.await.map_err(failed(DOING))?;
    let migrated = MIGRATIONS.run_direct(None, &mut *connection, false).await;
    let on = sqlx::raw_sql("PRAGMA foreign_keys = ON").execute(&mut *connection);
    on.await.map_err(failed(DOING))?;
    drop(connection);
    migrated.map_err(|error| match error {
        sqlx::migrate::MigrateError::Execute(error)
        | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => failed(DOING)(error),
        other => StoreError { doing: DOING, kind: StoreErrorKind::Other, source: other.into() },
    })?;
    // FTS5 otherwise keeps the words of deleted passages until it merges its segments. The setting stays in the file; it is not
    // a migration, since it needs SQLite 3.42 and the schema does not (sqlite.org/fts5.html#the_secure_delete_configuration_option).
    sqlx::query(
        "INSERT INTO search (search, rank) SELECT 'secure-delete', 1
         WHERE NOT EXISTS (SELECT 1 FROM search_config WHERE k = 'secure-delete' AND v = 1)",
    )
    .execute(writer)
    .await
    .map_err(failed(DOING))?;
    upkeep::refold_logins(writer).await?;
    looks::rebuild_looks(writer).await?;
    upkeep::render_replies(writer).await
}

#[async_trait]
impl Store for SqliteStore {
    async fn library_name(&self) -> Result<Option<LibraryName>, StoreError> {
        let name = sqlx::query_scalar!("SELECT name FROM library");
        let name = name.fetch_optional(self.readers()).await;
        let name = name.map_err(failed("read the library's name"))?;
        Ok(name.map(|name| LibraryName::stored(&name)))
    }

    async fn name_library(&self, name: &LibraryName) -> Result<(), StoreError> {
        const DOING: &str = "name the library";
        let name = name.as_str();
        let mut transaction = self.begin(DOING).await?;
        sqlx::query!(
            "INSERT INTO library (one, name) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET name = excluded.name",
            name
        )
        .execute(&mut *transaction)
        .await
        .map_err(failed(DOING))?;
        transaction.commit().await.map_err(failed(DOING))
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let doing = "see whether rows can be written";
        self.begin(doing).await?.rollback().await.map_err(failed(doing))
    }

    async fn recover(&self) -> Result<bool, StoreError> {
        let Some(read_only) =
            self.read_only.as_ref().filter(|read_only| read_only.only.load(Ordering::SeqCst))
        else {
            return Ok(false);
        };
        // Opened on the side first: until that works, read_only goes on as it was.
        let (writer, readers) = connect_both(&read_only.file).await?;
        self.writer.set_connect_options(durable(&read_only.file));
        self.readers.set_connect_options(durable(&read_only.file).read_only(true));
        read_only.only.store(false, Ordering::SeqCst);
        // The first connections of its own keep the log's files there while these two go.
        self.ready().await?;
        readers.close().await;
        writer.close().await;
        Ok(true)
    }

    async fn shrink(&self) -> Result<(), StoreError> {
        const DOING: &str = "give room back to the disk";
        for _ in 0..STATEMENTS_AT_ONCE {
            let free: i64 = sqlx::query_scalar("SELECT freelist_count FROM pragma_freelist_count")
                .fetch_one(&self.writer)
                .await
                .map_err(failed(DOING))?;
            if free == 0 || !self.shrinks().await? {
                break;
            }
            let statement =
                sqlx::AssertSqlSafe(format!("PRAGMA incremental_vacuum({PAGES_AT_ONCE})"));
            sqlx::raw_sql(statement).execute(&self.writer).await.map_err(failed(DOING))?;
        }
        self.truncate_log().await
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
        assert_eq!(
            pragma(&store.writer, "SELECT journal_mode FROM pragma_journal_mode").await,
            "wal"
        );
        let synchronous =
            pragma(&store.writer, "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous").await;
        assert_eq!(synchronous, "2", "the log is synced with every commit (FULL)");
        for pool in [&store.writer, &store.readers] {
            let keys =
                pragma(pool, "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys").await;
            assert_eq!(keys, "1", "rows do not point to nothing");
        }
        let written = sqlx::query("DELETE FROM people").execute(&store.readers).await;
        assert!(written.is_err(), "readers cannot write");
    }

    #[tokio::test]
    async fn the_index_is_that_of_the_passages() {
        let store = SqliteStore::in_memory().await.unwrap();
        let change = vignette_library::contract::promises::search::what_is_found_is_what_a_look_at_all_rows_finds;
        change(&store).await;
        let counted = "SELECT (SELECT count(*) FROM passages) || ' of ' || (
            (SELECT count(*) FROM clips WHERE title <> '') + (SELECT count(*) FROM clips WHERE summary <> '')
            + (SELECT count(*) FROM cues WHERE hidden = 0) + (SELECT count(*) FROM replies))";
        let counted = pragma(&store.readers, counted).await;
        let (passages, texts) = counted.split_once(" of ").unwrap();
        assert_eq!(passages, texts, "each text is a passage");
        assert_ne!(texts, "0", "the promise leaves something behind");
        // FTS5 reads the index and the passages and compares them (sqlite.org/fts5.html#the_integrity_check_command).
        sqlx::query("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
            .execute(&store.writer)
            .await
            .unwrap();
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
        assert_eq!(
            pragma(&store.writer, roles).await,
            "Ann admin, Bob member",
            "who came first looks after the others"
        );
        let session = "SELECT id || ' ' || person || ' ' || confirmed_at_us || ' ' || expires_at_us FROM sessions";
        assert_eq!(pragma(&store.writer, session).await, "1 q 5 9", "nobody is signed out by it");
        sqlx::raw_sql(
            "INSERT INTO replies VALUES ('a', 'c', 'r', NULL, NULL, 'Gus', '[a]: b', NULL, 1, NULL),
                 ('q', 'c', NULL, NULL, NULL, 'Gus', 'Earlier', 4, 2, NULL), ('z', 'c', NULL, NULL, NULL, 'Gus', 'Last', NULL, 0, NULL)",
        )
        .execute(&store.writer)
        .await
        .unwrap();
        sqlx::raw_sql(include_str!("../migrations/0004_replies.sql"))
            .execute(&store.writer)
            .await
            .unwrap();
        upkeep::render_replies(&store.writer).await.unwrap();
        let order =
            "SELECT group_concat(id || html || size_bytes, ' ' ORDER BY place) FROM replies";
        let order = pragma(&store.writer, order).await;
        assert_eq!(
            order, "q<p>Earlier</p>24 r<p>An old reply</p>34 a<p>[a]: b</p>22 z<p>Last</p>18",
            "rendered, and by thread"
        );
        let transcript = "INSERT INTO words VALUES ('c', 1, 1, 1, NULL, 'tiny', NULL, 0, NULL, 0);
            INSERT INTO cues VALUES ('c', 0, 5, 'Said', '[]', 0, 0)";
        sqlx::raw_sql(transcript).execute(&store.writer).await.unwrap();
        sqlx::raw_sql(include_str!("../migrations/0008_transcripts.sql"))
            .execute(&store.writer)
            .await
            .unwrap();
        let said = "SELECT transcribed_by || ' ' || text FROM transcripts t JOIN cues c ON c.clip = t.clip";
        assert_eq!(pragma(&store.writer, said).await, "tiny Said");
        sqlx::raw_sql("DELETE FROM transcripts").execute(&store.writer).await.unwrap();
        assert_eq!(
            pragma(&store.writer, "SELECT count(*) || '' FROM cues").await,
            "0",
            "cues still go with it"
        );
    }

    #[tokio::test]
    async fn a_change_whose_job_cannot_be_stored_does_not_happen() {
        use vignette_library::store::{Appended, ClipRows as _, JobRows as _, RecordingRows as _};
        let store = SqliteStore::in_memory().await.unwrap();
        let clip = vignette_model::ClipId::new();
        let row = format!(
            "INSERT INTO people (id, name, login, created_at_us) VALUES ('p', 'Ann', 'ann', 0);
             INSERT INTO recordings (id, upload_phase, heard_at_us) VALUES ('{clip}', 'recording', 0);
             INSERT INTO clips (id, key, author, take, recording, title, summary, live, recorded_at_us, created_at_us)
                 VALUES ('{clip}', 'k', 'p', 't', '{clip}', '', '', 0, 0, 0);
             CREATE TRIGGER refuse BEFORE INSERT ON jobs BEGIN SELECT raise(ABORT, 'no room for jobs'); END"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(row)).execute(&store.writer).await.unwrap();
        let sha256 = vignette_model::Sha256::of(b"bytes");
        let recording = vignette_model::RecordingId(clip.0);
        let whole = Appended {
            recording,
            from_bytes: 0,
            cleanings: 0,
            extent: None,
            length_bytes: None,
            at: vignette_model::UtcMicros(9),
            head: None,
            fragments: &[],
            stream_state: None,
            complete: Some(sha256),
        };
        let at = vignette_model::UtcMicros(9);
        let heard_at = vignette_model::UtcMicros(0);
        store.append(&whole).await.unwrap_err();
        store.interrupt(recording, heard_at, true, at).await.unwrap_err();
        store.delete_clip(clip, at).await.unwrap_err();
        let state = "SELECT upload_phase || ' ' || heard_at_us FROM recordings JOIN clips";
        assert_eq!(pragma(&store.readers, state).await, "recording 0", "all of it or nothing");
        sqlx::raw_sql("DROP TRIGGER refuse").execute(&store.writer).await.unwrap();
        assert!(store.append(&whole).await.unwrap());
        assert_eq!(store.jobs().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn logins_of_before_are_compared_as_those_of_today() {
        let store = SqliteStore::in_memory().await.unwrap();
        let before =
            "INSERT INTO people (id, name, login, created_at_us) VALUES ('1', 'Ａnn', 'ａnn', 0),
            ('2', 'Ann', 'ann', 1), ('3', 'Bob\u{200b} Ray', 'bob\u{200b} ray', 2)";
        sqlx::raw_sql(before).execute(&store.writer).await.unwrap();
        upkeep::refold_logins(&store.writer).await.unwrap();
        let logins =
            pragma(&store.writer, "SELECT group_concat(login, ', ' ORDER BY id) FROM people").await;
        assert_eq!(
            logins, "ａnn, ann, bob ray",
            "of two that have come to be one login, each keeps the form it had"
        );
        for _ in 0..2 {
            looks::rebuild_looks(&store.writer).await.unwrap();
            let looks = pragma(
                &store.writer,
                "SELECT group_concat(kind || ' ' || look, ', ' ORDER BY kind, look, person) FROM looks",
            )
            .await;
            assert_eq!(
                looks, "login ann, login ann, login bob ray, name ann, name ann, name bob ray",
                "what they look like is known from then on"
            );
        }
    }
}
