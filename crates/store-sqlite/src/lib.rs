//! The library's rows in SQLite.
#![forbid(unsafe_code)]

use std::path::Path;

use vignette_library::store::Store;
use vignette_model::Problem;

/// A library's rows in one SQLite file.
pub struct SqliteStore {}

impl SqliteStore {
    /// Opens the file, makes it if there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// `internal` if the file cannot be opened or is of a newer version.
    pub async fn open(_file: &Path) -> Result<Self, Problem> {
        unimplemented!()
    }
}

impl Store for SqliteStore {}
