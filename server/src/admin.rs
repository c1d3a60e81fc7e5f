//! [`Admin`]: a library as the commands open it, while another process may be serving it. Rows may be
//! changed, since the database serializes that; media is read-only, since two processes must not seal
//! the same clip.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use url::Url;
use vignette_library::media::{
    ByteStream, DiskMedia, Extent, Media, MediaError, ObjectName, Slice,
};
use vignette_library::{Actor, Library, LibraryError};
use vignette_model::{Clock, RecordingId, Sha256};

use crate::config::Config;
use crate::folder::{Folder, FolderError, ROWS};
use crate::instance::{open_media, open_rows};
use crate::run_error::RunError;
use crate::setup;

/// A library as the commands open it.
pub struct Admin {
    /// The library; its media is read-only.
    pub library: Library,
    folder: Folder,
}

impl Admin {
    /// Opens the library of `config`. Links start with its address, else with that where it was last served.
    /// A missing library is an error, so that a wrong folder is noticed.
    ///
    /// # Errors
    /// [`RunError`]; [`FolderError::Missing`] if there is none.
    pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, RunError> {
        let path = config.data_folder()?;
        if !path.join(ROWS).exists() {
            return Err(FolderError::Missing { path }.into());
        }
        Self::open_or_make(config, clock).await
    }

    /// Opens the library of `config`, and makes it if it was never served.
    ///
    /// # Errors
    /// [`RunError`].
    pub async fn open_or_make(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, RunError> {
        let folder = Folder::open(&config.data_folder()?)?;
        let url = match served_at(&folder).filter(|_| config.url.is_none()) {
            Some(url) => url,
            None => config.public_url(config.listen)?,
        };
        let settings = config.library_settings(url);
        let store = Arc::new(open_rows(&folder).await?);
        let media = Arc::new(ReadOnlyMedia(open_media(&folder).await?));
        let library = Library::new(store, media, clock, settings);
        Ok(Self { library, folder })
    }

    /// The link to make the first account, until there is one.
    ///
    /// # Errors
    /// [`RunError`].
    pub async fn setup_link(&self) -> Result<Option<String>, RunError> {
        setup::link(&self.folder, &self.library).await
    }

    /// The owner, for whom the commands act: who can read the folder may do everything anyway.
    ///
    /// # Errors
    /// `internal`.
    pub async fn owner(&self) -> Result<Option<Actor>, LibraryError> {
        self.library.host().await
    }
}

/// The address where the library was last served.
fn served_at(folder: &Folder) -> Option<Url> {
    std::fs::read_to_string(folder.address_file()).ok()?.trim().parse().ok()
}

/// Media that refuses every write.
struct ReadOnlyMedia(DiskMedia);

fn read_only(recording: RecordingId) -> MediaError {
    let source = io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "opened read-only");
    MediaError::CannotWrite { recording, what: "the clip".to_owned(), source }
}

#[async_trait]
impl Media for ReadOnlyMedia {
    async fn append(
        &self,
        recording: RecordingId,
        _: Option<&Extent>,
        _: Bytes,
        _: Sha256,
    ) -> Result<Extent, MediaError> {
        Err(read_only(recording))
    }

    async fn discard(&self, _: RecordingId, _: &Extent) {}

    async fn read_slices(
        &self,
        recording: RecordingId,
        slices: Vec<Slice>,
    ) -> Result<ByteStream, MediaError> {
        self.0.read_slices(recording, slices).await
    }

    async fn seal(
        &self,
        recording: RecordingId,
        _: Bytes,
        _: &[Extent],
    ) -> Result<ObjectName, MediaError> {
        Err(read_only(recording))
    }

    async fn objects(&self, recording: RecordingId) -> Result<Vec<ObjectName>, MediaError> {
        self.0.objects(recording).await
    }

    async fn remove(&self, recording: RecordingId, _: &ObjectName) -> Result<(), MediaError> {
        Err(read_only(recording))
    }

    async fn poster(&self, recording: RecordingId) -> Result<Bytes, MediaError> {
        self.0.poster(recording).await
    }

    async fn put_poster(&self, recording: RecordingId, _: Bytes) -> Result<(), MediaError> {
        Err(read_only(recording))
    }

    async fn delete(&self, recording: RecordingId) -> Result<(), MediaError> {
        Err(read_only(recording))
    }

    async fn ready(&self) -> Result<(), MediaError> {
        self.0.ready().await
    }
}
