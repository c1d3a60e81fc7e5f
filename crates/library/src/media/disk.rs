//! [`DiskMedia`]: media in one folder.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::mpsc;
use tokio::task;
use vignette_durable as durable;
use vignette_model::ClipId;

use super::{ByteStream, Media, MediaError, MediaName, READ_BYTES, refuses_writes};

/// Media in one folder: `<clip id>/stream.mp4` while it arrives, `<clip id>/clip.mp4` once sealed, `<clip id>/poster.jpg`. Paths
/// are made of ids only, never of anything a person wrote. One process at a time writes into a folder: whoever opens it has
/// seen to that.
#[derive(Clone, Debug)]
pub struct DiskMedia {
    folder: PathBuf,
}

impl DiskMedia {
    /// Opens the folder, and makes it if there is none. One on a disk that takes no writes now is opened all the same, for
    /// what is there can be read: [`Media::ready`] tells.
    ///
    /// # Errors
    /// What the system says if it cannot be made, or is no folder that can be used.
    pub async fn open(folder: &Path) -> io::Result<Self> {
        let folder = folder.to_owned();
        blocking(move || {
            durable::create_folder(&folder)?;
            match probe(&folder) {
                Err(error) if !refuses_writes(&error) => return Err(error),
                Err(error) => tracing::warn!(folder = %folder.display(), %error, "Media can be read and not written"),
                Ok(()) => {}
            }
            Ok(Self { folder })
        })
        .await
    }

    fn path(&self, clip: ClipId, name: MediaName) -> PathBuf {
        self.folder.join(clip.to_string()).join(name.file_name())
    }
}

/// Runs what waits for the disk where it holds nobody up.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// Whether the folder can be written. Each asks with a file of its own: a command beside the server asks at the same time.
fn probe(folder: &Path) -> io::Result<()> {
    static ASKED: AtomicU64 = AtomicU64::new(0);
    let path = folder.join(format!("probe-{}-{}", std::process::id(), ASKED.fetch_add(1, Ordering::Relaxed)));
    durable::write(&path, b"can be written\n")?;
    fs::remove_file(path)
}

/// A file that ends before bytes that were acknowledged; carried through `io::Error` to where the clip is known.
#[derive(Debug, thiserror::Error)]
#[error("{size_bytes} bytes instead of {needed_bytes}")]
struct TooShort {
    size_bytes: u64,
    needed_bytes: u64,
}

/// What the system said of a write.
fn write_error(clip: ClipId, name: MediaName, error: io::Error) -> MediaError {
    match error.kind() {
        io::ErrorKind::PermissionDenied => MediaError::CannotWrite { clip, name, source: error },
        _ => media_error(clip, name, error),
    }
}

fn media_error(clip: ClipId, name: MediaName, error: io::Error) -> MediaError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<TooShort>()) {
        Some(&TooShort { size_bytes, needed_bytes }) => MediaError::Short { clip, name, size_bytes, needed_bytes },
        None => MediaError::io(clip, name, error),
    }
}

fn at_least(file: &File, needed_bytes: u64) -> io::Result<u64> {
    let size_bytes = file.metadata()?.len();
    if size_bytes < needed_bytes { Err(io::Error::other(TooShort { size_bytes, needed_bytes })) } else { Ok(size_bytes) }
}

fn append(path: &Path, offset_bytes: u64, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    durable::create_folder(folder)?;
    let mut file = durable::private_file().create(true).truncate(false).open(path)?;
    if at_least(&file, offset_bytes)? > offset_bytes {
        // A crash came between bytes and row, or the row was refused: nobody was told of these.
        file.set_len(offset_bytes)?;
    }
    file.seek(SeekFrom::Start(offset_bytes))?;
    file.write_all(bytes)?;
    file.sync_data()?;
    if offset_bytes == 0 { durable::sync_folder(folder) } else { Ok(()) }
}

/// The next piece of `left` bytes, and the file to go on with.
fn next_piece(mut file: File, left_bytes: u64) -> io::Result<(File, Bytes)> {
    let size = usize::try_from(left_bytes).unwrap_or(usize::MAX).min(READ_BYTES);
    let mut piece = vec![0; size];
    file.read_exact(&mut piece)?;
    Ok((file, piece.into()))
}

#[async_trait]
impl Media for DiskMedia {
    async fn append(&self, clip: ClipId, offset_bytes: u64, bytes: Bytes) -> Result<(), MediaError> {
        let path = self.path(clip, MediaName::Stream);
        let done = blocking(move || append(&path, offset_bytes, &bytes)).await;
        done.map_err(|error| write_error(clip, MediaName::Stream, error))
    }

    async fn read(&self, clip: ClipId, name: MediaName, range: Range<u64>) -> Result<ByteStream, MediaError> {
        let path = self.path(clip, name);
        let mut left_bytes = range.end.saturating_sub(range.start);
        let opened = blocking(move || {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(range.start))?;
            Ok(file)
        });
        let mut file = opened.await.map_err(|error| media_error(clip, name, error))?;
        // One piece in the channel and one in hand: the disk is one step ahead of the viewer, and no further.
        let (pieces, received) = mpsc::channel(1);
        task::spawn(async move {
            while left_bytes > 0 {
                let piece = match blocking(move || next_piece(file, left_bytes)).await {
                    Ok((again, piece)) => {
                        file = again;
                        piece
                    }
                    Err(error) => {
                        let _ = pieces.send(Err(error)).await;
                        return;
                    }
                };
                left_bytes -= piece.len() as u64;
                if pieces.send(Ok(piece)).await.is_err() {
                    return; // The viewer has gone.
                }
            }
        });
        Ok(Box::pin(stream::unfold(received, async |mut received| Some((received.recv().await?, received)))))
    }

    async fn seal(&self, clip: ClipId, header: Bytes, stream_bytes: u64) -> Result<(), MediaError> {
        let (stream, sealed) = (self.path(clip, MediaName::Stream), self.path(clip, MediaName::Sealed));
        let done = blocking(move || {
            let stream = File::open(stream)?;
            at_least(&stream, stream_bytes)?;
            durable::replace(&sealed, |file| {
                file.write_all(&header)?;
                io::copy(&mut stream.take(stream_bytes), file).map(drop)
            })
        });
        done.await.map_err(|error| write_error(clip, MediaName::Stream, error))
    }

    async fn unseal(&self, clip: ClipId, header_bytes: u64) -> Result<(), MediaError> {
        let (stream, sealed) = (self.path(clip, MediaName::Stream), self.path(clip, MediaName::Sealed));
        let done = blocking(move || {
            let mut sealed = File::open(sealed)?;
            sealed.seek(SeekFrom::Start(header_bytes))?;
            durable::replace(&stream, |file| io::copy(&mut sealed, file).map(drop))
        });
        done.await.map_err(|error| write_error(clip, MediaName::Sealed, error))
    }

    async fn poster(&self, clip: ClipId) -> Result<Bytes, MediaError> {
        let path = self.path(clip, MediaName::Poster);
        let read = blocking(move || fs::read(path).map(Bytes::from)).await;
        read.map_err(|error| media_error(clip, MediaName::Poster, error))
    }

    async fn put_poster(&self, clip: ClipId, jpeg: Bytes) -> Result<(), MediaError> {
        let path = self.path(clip, MediaName::Poster);
        let done = blocking(move || {
            // A poster may come before the first bytes of the stream.
            path.parent().map_or(Ok(()), durable::create_folder)?;
            durable::write(&path, &jpeg)
        });
        done.await.map_err(|error| write_error(clip, MediaName::Poster, error))
    }

    async fn remove(&self, clip: ClipId, name: MediaName) -> Result<(), MediaError> {
        let path = self.path(clip, name);
        gone(blocking(move || fs::remove_file(path)).await).map_err(|error| write_error(clip, name, error))
    }

    async fn delete(&self, clip: ClipId) -> Result<(), MediaError> {
        let folder = self.folder.join(clip.to_string());
        let done = gone(blocking(move || fs::remove_dir_all(folder)).await);
        done.map_err(|error| write_error(clip, MediaName::Stream, error))
    }

    async fn ready(&self) -> Result<(), MediaError> {
        let folder = self.folder.clone();
        let nobody = ClipId(Default::default());
        blocking(move || probe(&folder)).await.map_err(|error| write_error(nobody, MediaName::Stream, error))
    }
}

/// What is not there is gone.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
