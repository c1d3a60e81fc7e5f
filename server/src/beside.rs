//! Looking at a library [`Beside`] the process that may be serving it: rows may be changed, which the database orders;
//! bytes are read and never written, since two processes that seal one clip would tread on each other.

use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use vignette_library::media::{ByteStream, DiskMedia, Media, MediaError, MediaName};
use vignette_library::{Actor, Library, Settings};
use vignette_model::{ClipId, Clock, Problem};

use crate::config::Config;
use crate::folder::{Folder, FolderError, ROWS};
use crate::opened::{RunError, open_media, open_rows};
use crate::setup;

/// A library as the commands see it.
pub struct Beside {
    /// The library, without the right to write bytes.
    pub library: Library,
    folder: Folder,
}

impl Beside {
    /// Opens the library of `config`; links begin with its address, or with the one it would listen on. Makes none: whoever names
    /// the wrong folder is told so.
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

    /// The same, before the library was served for the first time too: it is made then.
    ///
    /// # Errors
    /// [`RunError`].
    pub async fn open_or_make(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, RunError> {
        let folder = Folder::open(&config.data_folder()?)?;
        let listening: SocketAddr = config.listen;
        let settings = Settings::new(config.public_url(listening)?, config.name.clone());
        let store = Arc::new(open_rows(&folder).await?);
        let media = Arc::new(LookOnly(open_media(&folder).await?));
        let library = Library::new(store, media, clock, settings);
        Ok(Self { library, folder })
    }

    /// The link with which the first person makes their account, while nobody has one.
    ///
    /// # Errors
    /// [`RunError`].
    pub async fn setup_link(&self) -> Result<Option<String>, RunError> {
        setup::link(&self.folder, &self.library).await
    }

    /// The owner, in whose name the commands act. Whoever can read the folder could do as they like.
    ///
    /// # Errors
    /// `internal`.
    pub async fn owner(&self) -> Result<Option<Actor>, Problem> {
        self.library.host().await
    }
}

/// Media that can be read and nothing else.
struct LookOnly(DiskMedia);

fn refused(clip: ClipId, name: MediaName) -> MediaError {
    MediaError::Io { clip, name, source: io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "only looking") }
}

#[async_trait]
impl Media for LookOnly {
    async fn append(&self, clip: ClipId, _offset_bytes: u64, _bytes: Bytes) -> Result<(), MediaError> {
        Err(refused(clip, MediaName::Stream))
    }

    async fn read(&self, clip: ClipId, name: MediaName, range: Range<u64>) -> Result<ByteStream, MediaError> {
        self.0.read(clip, name, range).await
    }

    async fn seal(&self, clip: ClipId, _header: Bytes, _stream_bytes: u64) -> Result<(), MediaError> {
        Err(refused(clip, MediaName::Sealed))
    }

    async fn unseal(&self, clip: ClipId, _header_bytes: u64) -> Result<(), MediaError> {
        Err(refused(clip, MediaName::Stream))
    }

    async fn poster(&self, clip: ClipId) -> Result<Bytes, MediaError> {
        self.0.poster(clip).await
    }

    async fn put_poster(&self, clip: ClipId, _jpeg: Bytes) -> Result<(), MediaError> {
        Err(refused(clip, MediaName::Poster))
    }

    async fn remove(&self, clip: ClipId, name: MediaName) -> Result<(), MediaError> {
        Err(refused(clip, name))
    }

    async fn delete(&self, clip: ClipId) -> Result<(), MediaError> {
        Err(refused(clip, MediaName::Stream))
    }

    async fn ready(&self) -> Result<(), MediaError> {
        self.0.ready().await
    }
}
