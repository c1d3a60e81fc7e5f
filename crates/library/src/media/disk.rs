//! [`DiskMedia`]: media in one folder.
//!
//! ```text
//! <recording id>/stream.mp4       the stream while it arrives: appends lie one behind the other
//! <recording id>/stream-<id>.mp4  its continuation, where bytes lie behind the last extent that counts
//! <recording id>/clip.mp4         header and stream in one, once sealed (else clip-<id>.mp4)
//! <recording id>/poster.jpg       the picture of what the recording is the stream of
//! ```
//! A file is continued only by the process that began it, under a lock, from its end on; bytes
//! before the end never change. After a restart, after an append that no row tells of, and when
//! several processes append to one recording, the next append begins a new file.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::mpsc;
use tokio::task;
use uuid::Uuid;
use vignette_durable as durable;
use vignette_model::{RecordingId, Sha256};

use super::{ByteStream, Extent, Media, MediaError, ObjectName, READ_BYTES, Slice, refuses_writes};

/// The file of a stream, and of a sealed recording, if it is the first one.
const STREAM: &str = "stream.mp4";
const SEALED: &str = "clip.mp4";
const POSTER: &str = "poster.jpg";

/// Media in one folder, a folder in it for each recording. Paths are made of ids and names of our
/// own, never of anything a person wrote.
#[derive(Clone, Debug)]
pub struct DiskMedia {
    folder: PathBuf,
    /// The file of each recording's stream that this process began last.
    growing: Arc<Mutex<HashMap<RecordingId, Growing>>>,
}

/// The name of a file that this process began, under a lock that is held while it grows.
type Growing = Arc<Mutex<Option<String>>>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
            Ok(Self { folder, growing: Arc::default() })
        })
        .await
    }

    fn folder_of(&self, recording: RecordingId) -> PathBuf {
        self.folder.join(recording.to_string())
    }

    fn growing(&self, recording: RecordingId) -> Growing {
        lock(&self.growing).entry(recording).or_default().clone()
    }
}

/// Runs what waits for the disk on a thread where waiting holds up no request.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// Whether the folder can be written. Each call uses a file of its own: a command beside the server asks at the same time.
fn probe(folder: &Path) -> io::Result<()> {
    static ASKED: AtomicU64 = AtomicU64::new(0);
    let path = folder.join(format!(
        "probe-{}-{}",
        std::process::id(),
        ASKED.fetch_add(1, Ordering::Relaxed)
    ));
    durable::write(&path, b"can be written\n")?;
    fs::remove_file(path)
}

/// What the system said of a write.
fn write_error(recording: RecordingId, what: &str, error: io::Error) -> MediaError {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            MediaError::CannotWrite { recording, what: what.to_owned(), source: error }
        }
        _ => MediaError::io(recording, what, error),
    }
}

/// The name of a file that is there for the first time.
fn new_name(kind: &str, ending: &str) -> String {
    format!("{kind}-{}.{ending}", Uuid::now_v7().simple())
}

/// Appends behind the last extent; gives the name of the file and where in it the bytes begin.
fn append(
    folder: &Path,
    growing: &mut Option<String>,
    last: Option<(String, u64)>,
    bytes: &[u8],
) -> io::Result<(String, u64)> {
    durable::create_folder(folder)?;
    if let Some((name, end_bytes)) = last.filter(|(name, _)| Some(name) == growing.as_ref())
        && grow(&folder.join(&name), end_bytes, bytes)?
    {
        return Ok((name, end_bytes));
    }
    let begun = match begin(folder, STREAM.to_owned(), bytes) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            begin(folder, new_name("stream", "mp4"), bytes)
        }
        other => other,
    };
    let name = begun?;
    *growing = Some(name.clone());
    Ok((name, 0))
}

/// Appends to a file that ends at `end_bytes`; `false`, and nothing changed, if it does not: an append that no row tells of lies
/// behind.
fn grow(path: &Path, end_bytes: u64, bytes: &[u8]) -> io::Result<bool> {
    let mut file = durable::private_file().open(path)?;
    if file.metadata()?.len() != end_bytes {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(end_bytes))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_data());
    if written.is_err() {
        // On a full disk the room of a part is wanted.
        let _ = file.set_len(end_bytes);
    }
    written.map(|()| true)
}

/// Puts bytes into a file that was not there before, whose name is durable then.
fn begin(folder: &Path, name: String, bytes: &[u8]) -> io::Result<String> {
    let path = folder.join(&name);
    let mut file = durable::private_file().create_new(true).open(&path)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.sync_data())
        .and_then(|()| durable::sync_folder(folder));
    if let Err(error) = written {
        let _ = fs::remove_file(path);
        return Err(error);
    }
    Ok(name)
}

/// Takes an append back, if it is still the end of its file.
fn discard(path: &Path, begin_bytes: u64, end_bytes: u64) -> io::Result<()> {
    let file = durable::private_file().open(path)?;
    if file.metadata()?.len() != end_bytes {
        return Ok(());
    }
    if begin_bytes == 0 { fs::remove_file(path) } else { file.set_len(begin_bytes) }
}

/// Writes header and extents into a new file; gives its name, which is durable then.
fn seal(folder: &Path, header: &[u8], extents: &[Extent]) -> io::Result<String> {
    let unfinished = folder.join(new_name("clip", "part"));
    let mut file = durable::private_file().create_new(true).open(&unfinished)?;
    let named = copy(folder, &mut file, header, extents)
        .and_then(|()| name_sealed(folder, file, &unfinished));
    if named.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    named
}

/// Gives a sealed file its name, durably.
fn name_sealed(folder: &Path, file: File, unfinished: &Path) -> io::Result<String> {
    file.sync_all()?;
    // Unlike a rename, a link never takes the place of a file that is there and may be read.
    if fs::hard_link(unfinished, folder.join(SEALED)).is_ok() {
        fs::remove_file(unfinished)?;
        durable::sync_folder(folder)?;
        return Ok(SEALED.to_owned());
    }
    let name = new_name("clip", "mp4");
    durable::persist(file, unfinished, &folder.join(&name))?;
    Ok(name)
}

fn copy(folder: &Path, file: &mut File, header: &[u8], extents: &[Extent]) -> io::Result<()> {
    file.write_all(header)?;
    let range = 0..extents.last().map_or(0, Extent::end_bytes);
    let slices = super::slices(extents, range).ok_or(io::ErrorKind::UnexpectedEof)?;
    for slice in slices {
        let from = open(folder, &slice)?;
        let size_bytes = slice.range.end - slice.range.start;
        if io::copy(&mut from.take(size_bytes), file)? != size_bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

/// A file at the beginning of a slice.
fn open(folder: &Path, slice: &Slice) -> io::Result<File> {
    let mut file = File::open(folder.join(slice.object.as_str()))?;
    file.seek(SeekFrom::Start(slice.range.start))?;
    Ok(file)
}

/// The next piece of `left` bytes, and the file to go on with.
fn next_piece(mut file: File, left_bytes: u64) -> io::Result<(File, Bytes)> {
    let size = usize::try_from(left_bytes).unwrap_or(usize::MAX).min(READ_BYTES);
    let mut piece = vec![0; size];
    file.read_exact(&mut piece)?;
    Ok((file, piece.into()))
}

/// Sends the bytes of files, each as far as it is asked for, until all are sent or nobody receives them.
async fn send(files: Vec<(File, u64)>, pieces: mpsc::Sender<io::Result<Bytes>>) {
    for (mut file, mut left_bytes) in files {
        while left_bytes > 0 {
            match blocking(move || next_piece(file, left_bytes)).await {
                Ok((again, piece)) => {
                    file = again;
                    left_bytes -= piece.len() as u64;
                    if pieces.send(Ok(piece)).await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    let _ = pieces.send(Err(error)).await;
                    return;
                }
            }
        }
    }
}

/// The files of a recording's folder that are objects.
fn objects(folder: &Path) -> io::Result<Vec<ObjectName>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let object = name
            .to_str()
            .filter(|name| ["stream", "clip"].iter().any(|kind| name.starts_with(kind)));
        found.extend(object.and_then(|name| name.parse::<ObjectName>().ok()));
    }
    found.sort();
    Ok(found)
}

#[async_trait]
impl Media for DiskMedia {
    async fn append(
        &self,
        recording: RecordingId,
        last: Option<&Extent>,
        bytes: Bytes,
        sha256: Sha256,
    ) -> Result<Extent, MediaError> {
        let (offset_bytes, size_bytes) = (last.map_or(0, Extent::end_bytes), bytes.len() as u64);
        let last = last.map(|last| (last.object.to_string(), last.end_position_bytes()));
        let (folder, growing) = (self.folder_of(recording), self.growing(recording));
        let done = blocking(move || {
            let (name, position_bytes) = append(&folder, &mut lock(&growing), last, &bytes)?;
            let object = name.parse().map_err(io::Error::other)?;
            Ok(Extent { object, position_bytes, offset_bytes, size_bytes, sha256 })
        });
        done.await.map_err(|error| write_error(recording, "the stream", error))
    }

    async fn discard(&self, recording: RecordingId, extent: &Extent) {
        let (folder, growing, extent) =
            (self.folder_of(recording), self.growing(recording), extent.clone());
        let done = blocking(move || {
            let growing = lock(&growing);
            if growing.as_deref() != Some(extent.object.as_str()) {
                return Ok(());
            }
            let path = folder.join(extent.object.as_str());
            discard(&path, extent.position_bytes, extent.end_position_bytes())
        });
        if let Err(error) = done.await {
            tracing::debug!(recording.id = %recording, %error, "Bytes that do not count stay until the recording is sealed");
        }
    }

    async fn read_slices(
        &self,
        recording: RecordingId,
        slices: Vec<Slice>,
    ) -> Result<ByteStream, MediaError> {
        let folder = self.folder_of(recording);
        let what = slices.first().map_or_else(String::new, |slice| slice.object.to_string());
        let opened = blocking(move || {
            let files = slices
                .iter()
                .map(|slice| Ok((open(&folder, slice)?, slice.range.end - slice.range.start)));
            files.collect::<io::Result<Vec<_>>>()
        });
        let files = opened.await.map_err(|error| MediaError::io(recording, &what, error))?;
        // One piece in the channel and one in hand: the disk is one step ahead of the viewer, and no further.
        let (pieces, received) = mpsc::channel(1);
        task::spawn(send(files, pieces));
        Ok(Box::pin(stream::unfold(received, async |mut received| {
            Some((received.recv().await?, received))
        })))
    }

    async fn seal(
        &self,
        recording: RecordingId,
        header: Bytes,
        extents: &[Extent],
    ) -> Result<ObjectName, MediaError> {
        let (folder, extents) = (self.folder_of(recording), extents.to_vec());
        let sealed =
            blocking(move || seal(&folder, &header, &extents)?.parse().map_err(io::Error::other));
        sealed.await.map_err(|error| write_error(recording, "the sealed clip", error))
    }

    async fn objects(&self, recording: RecordingId) -> Result<Vec<ObjectName>, MediaError> {
        let folder = self.folder_of(recording);
        blocking(move || objects(&folder))
            .await
            .map_err(|error| MediaError::io(recording, "the folder", error))
    }

    async fn remove(&self, recording: RecordingId, object: &ObjectName) -> Result<(), MediaError> {
        let path = self.folder_of(recording).join(object.as_str());
        // A new append of this process would otherwise go on with it.
        lock(&self.growing).remove(&recording);
        let removed = blocking(move || fs::remove_file(path)).await;
        gone(removed).map_err(|error| write_error(recording, object.as_str(), error))
    }

    async fn poster(&self, recording: RecordingId) -> Result<Bytes, MediaError> {
        let path = self.folder_of(recording).join(POSTER);
        let read = blocking(move || fs::read(path).map(Bytes::from)).await;
        read.map_err(|error| MediaError::io(recording, POSTER, error))
    }

    async fn put_poster(&self, recording: RecordingId, jpeg: Bytes) -> Result<(), MediaError> {
        let folder = self.folder_of(recording);
        let done = blocking(move || {
            // A poster may come before the first bytes of the stream.
            durable::create_folder(&folder)?;
            durable::write(&folder.join(POSTER), &jpeg)
        });
        done.await.map_err(|error| write_error(recording, POSTER, error))
    }

    async fn delete(&self, recording: RecordingId) -> Result<(), MediaError> {
        let folder = self.folder_of(recording);
        lock(&self.growing).remove(&recording);
        let done = gone(blocking(move || fs::remove_dir_all(folder)).await);
        done.map_err(|error| write_error(recording, "the folder", error))
    }

    async fn ready(&self) -> Result<(), MediaError> {
        let folder = self.folder.clone();
        let nobody = RecordingId(Uuid::nil());
        blocking(move || probe(&folder))
            .await
            .map_err(|error| write_error(nobody, "the folder", error))
    }
}

/// A file that is not there counts as removed.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
