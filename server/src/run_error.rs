//! A [`RunError`]: why a library does not start.

use std::path::PathBuf;

use vignette_library::LibraryError;
use vignette_library::store::{StoreError, StoreErrorKind};
use vignette_model::Problem;

use crate::config::ConfigError;
use crate::folder::FolderError;

/// Why a library does not start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The rows in it.
    #[error("the library's rows could not be opened: {}", .0.source)]
    Rows(#[from] StoreError),
    /// The disk under it.
    #[error("the rows in {folder} could not be opened: {}", disk(.source))]
    Disk {
        /// The data folder.
        folder: PathBuf,
        /// What the disk refused.
        source: StoreError,
    },
    /// The media in it.
    #[error("the library's media in {path} could not be opened")]
    Media {
        /// Their folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What is in them.
    #[error("the library could not be opened: {}", Problem::from(.0).message)]
    Library(#[from] LibraryError),
    /// What is in them, with the folder's name for the operator.
    #[error("the library in {} could not be opened: {}", folder.display(), Problem::from(source).message)]
    In {
        /// The data folder.
        folder: PathBuf,
        /// Why.
        source: LibraryError,
    },
    /// The address.
    #[error("the library's address could not be used")]
    Listen(#[source] std::io::Error),
}

impl RunError {
    /// Whether the disk refuses writes; what is on it can still be read then.
    #[must_use]
    pub fn is_disk(&self) -> bool {
        match self {
            Self::Folder(error) => error.is_disk(),
            Self::Library(error) | Self::In { source: error, .. } => error.is_disk(),
            Self::Rows(error) => error.kind.is_disk(),
            Self::Disk { .. } => true,
            Self::Config(_) | Self::Media { .. } | Self::Listen(_) => false,
        }
    }
}

/// What is wrong with the disk.
fn disk(error: &StoreError) -> String {
    match error.kind {
        StoreErrorKind::NoSpace => "there is no space left on its disk".to_owned(),
        _ => format!("the disk cannot be written ({})", error.source),
    }
}
