//! What SQLite says when something did not work, as the store's error.

use vignette_library::store::{StoreError, StoreErrorKind};

/// Primary result codes (sqlite.org/rescode.html); an extended code has them in its low byte.
const READONLY: u32 = 8;
const CANTOPEN: u32 = 14;
const FULL: u32 = 13;
/// Extended codes of writes that the system refused: a disk that was taken over read-only after an error, a quota.
const IOERR_WRITE: u32 = 10 | (3 << 8);
const IOERR_FSYNC: u32 = 10 | (4 << 8);
const IOERR_TRUNCATE: u32 = 10 | (6 << 8);
/// The memory shared by the connections (`-shm`) could not be given its room.
const IOERR_SHMSIZE: u32 = 10 | (19 << 8);

/// What SQLite said, as the store's error.
pub(crate) fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| StoreError { doing, kind: kind(&error), source: error.into() }
}

fn kind(error: &sqlx::Error) -> StoreErrorKind {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    let Some(code) = code.and_then(|code| code.parse::<u32>().ok()) else {
        return StoreErrorKind::Other;
    };
    match (code & 0xff, code) {
        (FULL, _) | (_, IOERR_SHMSIZE) => StoreErrorKind::NoSpace,
        (READONLY | CANTOPEN, _) | (_, IOERR_WRITE | IOERR_FSYNC | IOERR_TRUNCATE) => {
            StoreErrorKind::CannotWrite
        }
        _ => StoreErrorKind::Other,
    }
}
