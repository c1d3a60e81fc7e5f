//! A library that the version before made opens with everything in it, and goes on.
#![expect(clippy::unwrap_used, reason = "what is not as it should be fails the test")]

use std::path::Path;
use std::sync::Arc;

use futures_util::StreamExt as _;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use vignette_library::Viewer;
use vignette_library::media::{DiskMedia, MemoryMedia, ObjectName};
use vignette_library::store::{
    Appended, ClipRows as _, Job, JobRows as _, PeopleRows as _, RecordingRow, RecordingRows as _,
    ReplyRows as _, SealState, Sealed, StreamHead, UploadPhase, UploadRow,
};
use vignette_library::{
    Append, Library, LibraryError, LibrarySettings, MediaPart, Newcomer, Visit,
};
use vignette_model::text::{Login, PersonName};
use vignette_model::{
    Anchor, ClipId, ClipKey, Micros, PersonId, RecordingId, ReplyId, Secret, Sha256, Span,
    SystemClock, TakeId, UtcMicros,
};
use vignette_store_sqlite::SqliteStore;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// What a recorder makes: an init segment and two fragments.
const STREAM: &[u8] = include_bytes!("../../fmp4/tests/data/zerolatency.mp4");

/// Size of ftyp and moov.
fn init_bytes() -> usize {
    let size = |at: usize| u32::from_be_bytes(STREAM[at..at + 4].try_into().unwrap()) as usize;
    size(0) + size(size(0))
}

/// Rows as the migrations up to `version` made them, with some of each kind.
async fn database_of(version: i64, file: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let before =
        MIGRATIONS.iter().filter(|migration| migration.version <= version).cloned().collect();
    Migrator { migrations: before, ..Migrator::DEFAULT }.run(&pool).await.unwrap();
    pool
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_of_one_file_become_extents() {
    let folder = tempfile::tempdir().unwrap();
    let (rows, media) = (folder.path().join("library.sqlite"), folder.path().join("media"));
    let (arriving, sealed, deleted) = (ClipId::new(), ClipId::new(), ClipId::new());
    let (secret, at) = (Secret::random("up"), init_bytes());
    {
        let pool = database_of(8, &rows).await;
        let person = vignette_model::PersonId::new().to_string();
        sqlx::query("INSERT INTO people (id, name, name_key, created_at_us, role) VALUES (?, 'Ann', 'ann', 0, 'admin')")
            .bind(&person)
            .execute(&pool)
            .await
            .unwrap();
        let clip = "INSERT INTO clips (id, key, author, take, title, summary, live, recorded_at_us, created_at_us, upload_hash,
                heard_at_us, offset_bytes, head_bytes, width, height)
            VALUES (?, ?, ?, ?, 'Old', '', 1, 0, 0, ?, 9223372036854775807, ?, ?, 2, 2)";
        let extent = "INSERT INTO extents (clip, offset_bytes, size_bytes, sha256, appended_at_us) VALUES (?, ?, ?, ?, 0)";
        for (id, upload, size) in
            [(arriving, Some(secret.hash().0.to_vec()), at), (sealed, None, STREAM.len())]
        {
            let take = vignette_model::TakeId::new().to_string();
            let (id, key) = (id.to_string(), ClipKey::random());
            sqlx::query(clip)
                .bind(&id)
                .bind(key.as_str())
                .bind(&person)
                .bind(take)
                .bind(upload)
                .bind(size as i64)
                .bind(at as i64)
                .execute(&pool)
                .await
                .unwrap();
            for (from, to) in [(0, at), (at, size)].into_iter().filter(|(from, to)| from < to) {
                let sha256 = Sha256::of(&STREAM[from..to]).0.to_vec();
                let row = sqlx::query(extent)
                    .bind(&id)
                    .bind(from as i64)
                    .bind((to - from) as i64)
                    .bind(sha256);
                row.execute(&pool).await.unwrap();
            }
        }
        let seal = "UPDATE clips SET complete_sha256 = ?1, sealed_sha256 = ?1, header_bytes = 6, header_sha256 = ?2, stopped = 1,
            duration_us = 1 WHERE id = ?3";
        let (whole, header) = (Sha256::of(STREAM).0.to_vec(), Sha256::of(b"header").0.to_vec());
        sqlx::query(seal)
            .bind(whole)
            .bind(header)
            .bind(sealed.to_string())
            .execute(&pool)
            .await
            .unwrap();
        let left = sqlx::query("INSERT INTO leftovers VALUES (?1, 'stream'), (?2, 'all')");
        left.bind(sealed.to_string()).bind(deleted.to_string()).execute(&pool).await.unwrap();
        pool.close().await;
    }
    let file = |clip: ClipId, name: &str, bytes: &[u8]| {
        let folder = media.join(clip.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        std::io::Write::write_all(&mut std::fs::File::create(folder.join(name)).unwrap(), bytes)
            .unwrap();
    };
    // Behind what counts lie bytes of an append whose row was never written.
    file(arriving, "stream.mp4", &[&STREAM[..at], b"never acknowledged"].concat());
    file(sealed, "clip.mp4", &[b"header", STREAM].concat());
    file(sealed, "stream.mp4", STREAM);
    file(deleted, "stream.mp4", STREAM);

    let store = Arc::new(SqliteStore::open(&rows).await.unwrap());
    let disk = Arc::new(DiskMedia::open(&media).await.unwrap());
    let settings = LibrarySettings::new("http://127.0.0.1/".parse().unwrap(), "Test");
    let library = Library::new(store.clone(), disk, Arc::new(SystemClock::new()), settings);
    let owner = library.host().await.unwrap().unwrap();
    for id in [arriving, sealed] {
        let verified = library.verify_clip(&owner, id).await.unwrap();
        assert!(verified.damage.is_empty(), "{verified:?}");
    }
    library.settled().await;
    let names = |clip: ClipId| {
        let entries = std::fs::read_dir(media.join(clip.to_string())).into_iter().flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names(sealed), ["clip.mp4"], "what was left over then is removed now");
    assert!(names(deleted).is_empty());

    let bytes = bytes::Bytes::from_static(&STREAM[at..]);
    let whole = Some(Sha256::of(STREAM));
    let rest = Append {
        offset_bytes: at as u64,
        bytes,
        digest: None,
        length_bytes: None,
        complete: true,
        repr_digest: whole,
    };
    assert!(
        library.append(&secret, rest).await.unwrap().complete,
        "an upload goes on where it was"
    );
    library.settled().await;
    assert_eq!(names(arriving), ["clip.mp4"]);
    for id in [arriving, sealed] {
        let verified = library.verify_clip(&owner, id).await.unwrap();
        assert!(verified.sealed && verified.damage.is_empty(), "{verified:?}");
        let key = store.clip(id).await.unwrap().unwrap().key;
        let stream = library.media(&owner, &key, MediaPart::Stream).await.unwrap();
        let read: Vec<_> = stream
            .read(0..stream.size_bytes)
            .await
            .unwrap()
            .map(|piece| piece.unwrap())
            .collect()
            .await;
        assert_eq!(read.concat(), STREAM);
        let clip: ObjectName = "clip.mp4".parse().unwrap();
        assert!(
            store
                .extents(RecordingId(id.0), 0..1)
                .await
                .unwrap()
                .iter()
                .all(|extent| extent.object == clip)
        );
    }
}

/// A password as a library of today keeps it.
async fn password_hash(password: &str) -> String {
    let store = Arc::new(SqliteStore::in_memory().await.unwrap());
    let settings = LibrarySettings::new("http://127.0.0.1/".parse().unwrap(), "Test");
    let media = Arc::new(MemoryMedia::default());
    let library = Library::new(store.clone(), media, Arc::new(SystemClock::new()), settings);
    let setup = library.setup_secret().await.unwrap().unwrap();
    let (name, login) = (PersonName::new("Ann").unwrap(), Login::new("ann").unwrap());
    let ann = library.join(&setup, Newcomer { name, login, password }, &Visit::default()).await;
    store.person(ann.unwrap().person.id).await.unwrap().unwrap().password.unwrap()
}

#[tokio::test]
async fn people_sign_in_by_what_they_typed_before() {
    const PASSWORD: &str = "correct horse";
    let folder = tempfile::tempdir().unwrap();
    let rows = folder.path().join("library.sqlite");
    let password = password_hash(PASSWORD).await;
    let people = [
        ("Ann Lee", "ann lee", "open"),
        ("Straße", "strasse", "open"),
        ("´", "", "open"),
        ("Zoe (left)", "left 01a21cb2-0000-7000-8000-000000000004", "left"),
    ];
    let ids: Vec<_> =
        (1..=people.len()).map(|n| format!("01a21cb2-0000-7000-8000-00000000000{n}")).collect();
    {
        let pool = database_of(13, &rows).await;
        for (id, (name, key, state)) in ids.iter().zip(people) {
            let role = if name == "Ann Lee" { "admin" } else { "member" };
            let person = "INSERT INTO people
                (id, name, name_key, password, created_at_us, role, state)
                VALUES (?, ?, ?, ?, 0, ?, ?)";
            let person = sqlx::query(person).bind(id).bind(name).bind(key);
            let password = (state == "open").then_some(&password);
            person.bind(password).bind(role).bind(state).execute(&pool).await.unwrap();
        }
        let look = sqlx::query("INSERT INTO name_looks (look, person) VALUES ('ann lee', ?)");
        look.bind(&ids[0]).execute(&pool).await.unwrap();
        pool.close().await;
    }
    let store = Arc::new(SqliteStore::open(&rows).await.unwrap());
    let settings = LibrarySettings::new("http://127.0.0.1/".parse().unwrap(), "Test");
    let media = Arc::new(MemoryMedia::default());
    let library = Library::new(store.clone(), media, Arc::new(SystemClock::new()), settings);
    for (typed, id) in [("Ann Lee", 0), (" ANN  lee", 0), ("STRASSE", 1), ("Straße", 1), ("´", 2)]
    {
        let signed_in = library.sign_in(typed, PASSWORD, &Visit::default()).await.unwrap();
        assert_eq!(signed_in.person.id.to_string(), ids[id], "{typed}");
    }
    let host = library.host().await.unwrap().unwrap();
    let logins: Vec<_> = library.members(&host).await.unwrap();
    let logins: Vec<_> = logins.iter().map(|row| row.login.as_ref().map(Login::as_str)).collect();
    assert_eq!(logins, [Some("ann lee"), Some("strasse"), Some(""), None]);
    for typed in
        ["left 01a21cb2-0000-7000-8000-000000000004", "LEFT 01a21cb2-0000-7000-8000-000000000004"]
    {
        let gone = library.sign_in(typed, PASSWORD, &Visit::default()).await;
        assert!(matches!(gone, Err(LibraryError::WrongLogin)), "who left signs in by nothing");
    }

    let invite = library.invite(&host).await.unwrap();
    let newcomer = |login| Newcomer {
        name: PersonName::new("Ann Lee").unwrap(),
        login: Login::new(login).unwrap(),
        password: PASSWORD,
    };
    let alike = library.join(&invite, newcomer("\u{430}nn lee"), &Visit::default()).await;
    assert!(matches!(alike, Err(LibraryError::LoginTaken)), "logins of before are looked at");
    let second = library.join(&invite, newcomer("ann 2"), &Visit::default()).await.unwrap();
    assert_eq!(second.person.name.as_str(), "Ann Lee");
    let name = PersonName::new("\u{410}nn Lee").unwrap();
    assert!(store.is_like_a_name(&name).await.unwrap(), "so are names");
}

#[tokio::test]
async fn moments_of_replies_become_anchors() {
    let folder = tempfile::tempdir().unwrap();
    let rows = folder.path().join("library.sqlite");
    let (person, clip) = (PersonId::new(), ClipId::new());
    let (pinned, free) = (ReplyId::new(), ReplyId::new());
    {
        let pool = database_of(12, &rows).await;
        let people = "INSERT INTO people (id, name, name_key, created_at_us, role)
            VALUES (?, 'Ann', 'ann', 0, 'admin')";
        sqlx::query(people).bind(person.to_string()).execute(&pool).await.unwrap();
        let clips =
            "INSERT INTO clips (id, key, author, take, title, summary, live, recorded_at_us,
                created_at_us, heard_at_us)
            VALUES (?, ?, ?, ?, 'Old', '', 1, 0, 0, 0)";
        sqlx::query(clips)
            .bind(clip.to_string())
            .bind(ClipKey::random().as_str())
            .bind(person.to_string())
            .bind(TakeId::new().to_string())
            .execute(&pool)
            .await
            .unwrap();
        let replies =
            "INSERT INTO replies (id, clip, name, body, html, place, at_us, created_at_us)
            VALUES (?, ?, 'Gus', 'Old', '<p>Old</p>', ?, ?, 0)";
        for (id, place, at) in [(pinned, "1", Some(5_i64)), (free, "2", None)] {
            sqlx::query(replies)
                .bind(id.to_string())
                .bind(clip.to_string())
                .bind(place)
                .bind(at)
                .execute(&pool)
                .await
                .unwrap();
        }
        pool.close().await;
    }
    let store = SqliteStore::open(&rows).await.unwrap();
    let viewer = Viewer { person: Some(person), link: None };
    let found = store.replies(&viewer, clip, None, 9).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|row| (row.id, row.anchor)).collect();
    assert_eq!(found, [(pinned, Some(Anchor::moment(Micros(5)))), (free, None)]);
    let moments = store.reply_moments(&viewer, clip).await.unwrap();
    assert_eq!(moments, [(pinned, Micros(5))]);
}

#[tokio::test]
async fn what_was_left_to_be_done_becomes_jobs() {
    let folder = tempfile::tempdir().unwrap();
    let rows = folder.path().join("library.sqlite");
    let [whole, silent, arriving, empty, sealed, damaged, deleted] =
        std::array::from_fn(|_| ClipId::new());
    {
        let pool = database_of(13, &rows).await;
        let person = PersonId::new().to_string();
        let people = "INSERT INTO people (id, name, name_key, created_at_us, role)
            VALUES (?, 'Ann', 'ann', 0, 'admin')";
        sqlx::query(people).bind(&person).execute(&pool).await.unwrap();
        for (id, set) in [
            (whole, "complete_sha256 = x'00', duration_us = 5"),
            (silent, "interrupted = 1, duration_us = 5"),
            (arriving, "stopped = 1, duration_us = 5"),
            (empty, "interrupted = 1"),
            (
                sealed,
                "complete_sha256 = x'00', duration_us = 5, sealed_sha256 = x'00', header_bytes = 1, header_sha256 = x'00',
                 sealed_object = 'clip.mp4'",
            ),
            (damaged, "complete_sha256 = x'00', duration_us = 5, damaged = 1"),
        ] {
            let clip = format!(
                "INSERT INTO clips (id, key, author, take, title, summary, live, recorded_at_us, created_at_us, heard_at_us)
                 VALUES ('{id}', '{id}', '{person}', '{id}', '', '', 0, 0, 0, 7);
                 UPDATE clips SET {set} WHERE id = '{id}'"
            );
            sqlx::raw_sql(sqlx::AssertSqlSafe(clip)).execute(&pool).await.unwrap();
        }
        for id in [sealed, deleted] {
            let pending = sqlx::query("INSERT INTO pending_deletions VALUES (?)");
            pending.bind(id.to_string()).execute(&pool).await.unwrap();
        }
        pool.close().await;
    }
    let store = SqliteStore::open(&rows).await.unwrap();
    let jobs: Vec<_> = store.jobs().await.unwrap().into_iter().map(|row| row.job).collect();
    let expected = [
        Job::Seal { recording: RecordingId(whole.0) },
        Job::Seal { recording: RecordingId(silent.0) },
        Job::Clean { recording: RecordingId(sealed.0) },
        Job::Clean { recording: RecordingId(deleted.0) },
    ];
    assert_eq!(jobs, expected);
}

/// What each state of a clip's columns becomes, and what else of it is kept.
#[tokio::test]
async fn streams_of_clips_become_recordings() {
    let folder = tempfile::tempdir().unwrap();
    let rows = folder.path().join("library.sqlite");
    let (person, sha256, header) = (PersonId::new(), Sha256::of(b"stream"), Sha256::of(b"header"));
    let hex = |digest: Sha256| format!("x'{digest}'");
    let complete = format!("complete_sha256 = {}", hex(sha256));
    let file = format!(
        "sealed_object = 'clip.mp4', header_bytes = 7, header_sha256 = {}, sealed_sha256 = {}",
        hex(header),
        hex(sha256)
    );
    let sealed = SealState::Sealed(Sealed {
        object: "clip.mp4".parse().unwrap(),
        header_bytes: 7,
        header_sha256: header,
        sha256,
    });
    let whole = UploadPhase::Complete { sha256 };
    // What the columns of before say, what they are now, and what an append makes of it.
    let (recording, arriving) = (UploadPhase::Recording, UploadPhase::Arriving);
    let states = [
        ("live = 1".to_owned(), recording, SealState::Unsealed, Some(recording)),
        ("stopped = 1".to_owned(), arriving, SealState::Unsealed, Some(arriving)),
        (
            "interrupted = 1".to_owned(),
            UploadPhase::Interrupted,
            SealState::Unsealed,
            Some(recording),
        ),
        (
            format!("interrupted = 1, stopped = 1, {file}"),
            UploadPhase::Interrupted,
            sealed.clone(),
            Some(arriving),
        ),
        (format!("{complete}, stopped = 1"), whole, SealState::Unsealed, None),
        (format!("{complete}, {file}"), whole, sealed.clone(), None),
        (format!("{complete}, stopped = 1, damaged = 1"), whole, SealState::Damaged, None),
        // Sealed once the disk gave back the right bytes again.
        (format!("{complete}, damaged = 1, {file}"), whole, sealed, None),
    ];
    let mut clips = Vec::new();
    {
        let pool = database_of(15, &rows).await;
        let people = format!(
            "INSERT INTO people (id, name, login, created_at_us, role) VALUES ('{person}', 'Ann', 'ann', 0, 'admin')"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(people)).execute(&pool).await.unwrap();
        for (set, ..) in &states {
            let (id, key, secret, take) =
                (ClipId::new(), ClipKey::random(), Secret::random("up"), TakeId::new());
            let (reply, upload) = (ReplyId::new(), hex(secret.hash()));
            let statements = format!(
                "INSERT INTO clips (id, key, author, take, title, summary, live, recorded_at_us, created_at_us, upload_hash,
                     heard_at_us, offset_bytes, length_bytes, head_bytes, width, height, duration_us, title_person, guests,
                     by_upload, poster, upload_metadata, stream_state)
                 VALUES ('{id}', '{key}', '{person}', '{take}', 'Old', 'Sum', 0, 3, 4, {upload}, 7, 10, 20, 4, 640, 480, 5, 1, 0,
                     1, 1, 'name b2xk', x'0102');
                 UPDATE clips SET {set} WHERE id = '{id}';
                 INSERT INTO extents VALUES ('{id}', 0, 10, 'stream.mp4', 0, {}, 7);
                 INSERT INTO fragments VALUES ('{id}', 4, 6, 4, 2, 0, 5);
                 INSERT INTO transcripts (clip, version, done, transcribed_by, chapters_person, tasks_person, revision)
                     VALUES ('{id}', 1, 1, 'tiny', 0, 0, 1);
                 INSERT INTO replies (id, clip, name, body, html, place, created_at_us)
                     VALUES ('{reply}', '{id}', 'Gus', 'Old', '<p>Old</p>', '1', 0);",
                hex(sha256)
            );
            sqlx::raw_sql(sqlx::AssertSqlSafe(statements)).execute(&pool).await.unwrap();
            clips.push((id, key, secret, take, reply));
        }
        pool.close().await;
    }
    let store = SqliteStore::open(&rows).await.unwrap();
    let viewer = Viewer { person: Some(person), link: None };
    for ((id, key, secret, take, reply), (set, phase, seal, resumed)) in clips.iter().zip(states) {
        let clip = store.clip(*id).await.unwrap().unwrap();
        let row = RecordingRow {
            id: RecordingId(id.0),
            phase,
            heard_at: UtcMicros(7),
            offset_bytes: 10,
            length_bytes: Some(20),
            head: Some(StreamHead { size_bytes: 4, width: 640, height: 480 }),
            duration: Span(5),
            seal: seal.clone(),
        };
        assert_eq!(clip.recording, row, "{set}");
        assert_eq!(store.recording(row.id).await.unwrap(), Some(row.clone()), "{set}");
        assert_eq!((&clip.key, clip.author, clip.take), (key, person, *take));
        assert_eq!((clip.title.as_str(), clip.summary.as_str()), ("Old", "Sum"));
        assert_eq!(
            (clip.live, clip.guests, clip.by_upload, clip.poster),
            (set == "live = 1", false, true, true)
        );
        assert_eq!((clip.replies, clip.recorded_at), (1, UtcMicros(3)));
        assert!(clip.title_by.is_some() && clip.summary_by.is_none() && clip.transcript.is_some());
        let replies = store.replies(&viewer, *id, None, 9).await.unwrap();
        assert_eq!(replies.iter().map(|row| row.id).collect::<Vec<_>>(), [*reply], "{set}");
        let metadata = store.upload_metadata(row.id).await.unwrap();
        assert_eq!(metadata.as_deref(), Some("name b2xk"));
        assert_eq!(store.fragments(row.id).await.unwrap().len(), 1);
        let extents = store.extents(row.id, 0..10).await.unwrap();
        assert_eq!(extents.len(), 1);
        let upload = store.upload(secret.hash()).await.unwrap();
        let expected = UploadRow {
            clip: *id,
            recording: row.id,
            author: person,
            phase,
            heard_at: row.heard_at,
            offset_bytes: 10,
            length_bytes: Some(20),
            by_upload: true,
            plays: true,
            seal,
            last: extents.last().cloned(),
            stream_state: Some(vec![1, 2]),
            cleanings: 0,
        };
        assert_eq!(upload, Some(expected), "{set}: its upload goes on");
        let appended = Appended {
            recording: row.id,
            from_bytes: 10,
            cleanings: 0,
            extent: None,
            length_bytes: None,
            at: UtcMicros(8),
            head: None,
            fragments: &[],
            stream_state: None,
            complete: None,
        };
        assert_eq!(store.append(&appended).await.unwrap(), resumed.is_some(), "{set}");
        let now = store.recording(row.id).await.unwrap().unwrap().phase;
        assert_eq!(now, resumed.unwrap_or(phase), "{set}: an append leads back to what it was");
        assert!(store.delete_clip(*id, UtcMicros(9)).await.unwrap());
        assert_eq!(store.recording(row.id).await.unwrap(), None, "it goes with its clip");
        assert_eq!(store.extents(row.id, 0..10).await.unwrap(), []);
    }
}
