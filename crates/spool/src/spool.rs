//! [`Spool`]: the takes on this computer.
//!
//! ```text
//! <folder>/gate                     held for an instant while takes are begun and removed
//! <folder>/unwanted/<clip>.json     an empty clip in a library, until it is deleted there
//! <folder>/takes/<id>/stream.mp4    the stream: whole pieces, each durable before the next
//!                     stream.new    the same of an import; no take until it has the name above
//!                     take.json     what the stream does not say; made again if it is lost
//!                     poster.jpg    its picture, perhaps
//!                     transcript.json  what a machine has made of its sound, perhaps
//!                     lock          locked by the program that writes or uploads the take
//!                     stream.rest   bytes that recovery could not read and did not want to lose
//!                     take.rest     the same of a record
//! ```

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::info;
use vignette_durable as durable;
use vignette_model::{Clock, TakeId};

use crate::free_space::{FULL_BYTES, MachineDisk};
use crate::owned::{Loaded, Owned, POSTER, STREAM, State};
use crate::record::Found;
use crate::scan::Index;
use crate::{Disk, FreeSpace, SpoolError, Take, TakeEdit, record, transcript_file};

/// Posters larger than this are not ours.
const MAX_POSTER_BYTES: u64 = 4 << 20;

/// The takes in one folder. Clones are the same spool.
#[derive(Clone)]
pub struct Spool {
    shared: Arc<Shared>,
}

struct Shared {
    root: PathBuf,
    takes: PathBuf,
    clock: Arc<dyn Clock>,
    disk: Box<dyn Disk>,
    owned: Mutex<HashMap<TakeId, Arc<Owned>>>,
    listeners: Mutex<Vec<Listener>>,
}

type Listener = Arc<dyn Fn(TakeId) + Send + Sync>;

impl Spool {
    /// Opens the spool in `dir`, which is made if it is not there. Nothing is recovered yet: see
    /// [`Spool::recover`].
    ///
    /// # Errors
    /// [`SpoolError::Disk`] if the folder cannot be made or read.
    pub fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, SpoolError> {
        Self::open_on(dir, clock, Box::new(MachineDisk))
    }

    /// As [`Spool::open`], on a disk that tells its room itself.
    ///
    /// # Errors
    /// As [`Spool::open`].
    pub fn open_on(
        dir: &Path,
        clock: Arc<dyn Clock>,
        disk: Box<dyn Disk>,
    ) -> Result<Self, SpoolError> {
        let takes = dir.join("takes");
        fs::create_dir_all(dir).map_err(SpoolError::disk("make", dir))?;
        match durable::create_new_folder(&takes) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(SpoolError::disk("make", &takes)(error));
            }
            _ => durable::sync_folder(dir).map_err(SpoolError::disk("keep", dir))?,
        }
        if let Some(parent) = dir.parent().filter(|parent| parent.is_dir()) {
            // The folder may be new as well. Where others' folders cannot be flushed, theirs were
            // there before.
            let _ = durable::sync_folder(parent);
        }
        let (owned, listeners) = (Mutex::default(), Mutex::default());
        Ok(Self {
            shared: Arc::new(Shared { root: dir.to_owned(), takes, clock, disk, owned, listeners }),
        })
    }

    /// Every take, newest first, those of other running programs too.
    #[must_use]
    pub fn takes(&self) -> Vec<Take> {
        let mut takes: Vec<Take> =
            self.ids().unwrap_or_default().into_iter().filter_map(|id| self.take(id)).collect();
        takes.sort_by_key(|take| {
            (std::cmp::Reverse(take.details.recorded_at_us), std::cmp::Reverse(take.id))
        });
        takes
    }

    /// One take.
    #[must_use]
    pub fn take(&self, id: TakeId) -> Option<Take> {
        self.look(id, |state| state.take.clone()).ok()
    }

    /// Tries to make a take this program's own, and says whether it is. It stays so until the
    /// program ends. Only a take of one's own may be changed, uploaded or removed; try again now
    /// and then, for the other program may end.
    #[must_use]
    pub fn claim(&self, id: TakeId) -> bool {
        self.owned(id).is_ok()
    }

    /// Changes what is known of a take and makes it durable. What the spool computes is not part of
    /// a [`TakeEdit`]. Gives the take as it is then.
    ///
    /// # Errors
    /// [`SpoolError::NotFound`], [`SpoolError::Elsewhere`], [`SpoolError::Disk`]; then nothing has
    /// changed.
    pub fn update(
        &self,
        id: TakeId,
        change: impl FnOnce(&mut TakeEdit<'_>),
    ) -> Result<Take, SpoolError> {
        let take = self.owned(id)?.change(|take| change(&mut take.edit()))?;
        self.notify(id);
        Ok(take)
    }

    /// Where the whole pieces of a take lie in its stream: the init segment, then each fragment,
    /// without gaps.
    ///
    /// # Errors
    /// [`SpoolError::NotFound`], [`SpoolError::Disk`].
    pub fn pieces(&self, id: TakeId) -> Result<Vec<Range<u64>>, SpoolError> {
        self.look_into(id, |index| index.pieces.clone())
    }

    /// Reads at most `max_bytes` of the stream from `offset_bytes` on. It ends where a piece ends
    /// if one does within that many bytes; it is empty at the end of the last whole piece.
    ///
    /// # Errors
    /// [`SpoolError::NotFound`], [`SpoolError::Disk`].
    pub fn read(
        &self,
        id: TakeId,
        offset_bytes: u64,
        max_bytes: usize,
    ) -> Result<Vec<u8>, SpoolError> {
        let most = offset_bytes.saturating_add(max_bytes as u64);
        let end = self.look_into(id, |index| {
            let pieces = &index.pieces;
            let within = pieces[..pieces.partition_point(|piece| piece.end <= most)]
                .last()
                .map_or(0, |piece| piece.end);
            if within > offset_bytes { within } else { most.min(index.size_bytes()) }
        })?;
        let size = end.saturating_sub(offset_bytes);
        let path = self.stream_path(id);
        let mut bytes =
            Vec::with_capacity(usize::try_from(size).unwrap_or(max_bytes).min(max_bytes));
        File::open(&path)
            .and_then(|mut file| {
                file.seek(SeekFrom::Start(offset_bytes))?;
                file.take(size).read_to_end(&mut bytes)
            })
            .map_err(SpoolError::disk("read", &path))?;
        Ok(bytes)
    }

    /// Removes a take for ever.
    ///
    /// # Errors
    /// [`SpoolError::NotFound`], [`SpoolError::Elsewhere`], [`SpoolError::Recording`],
    /// [`SpoolError::Disk`].
    pub fn remove(&self, id: TakeId) -> Result<(), SpoolError> {
        let owned = self.owned(id)?;
        if owned.state().writing {
            return Err(SpoolError::Recording(id));
        }
        let _gate = self.gate()?;
        // The stream is removed first: if the record went first, a crash in between would bring the
        // removed take back, since a stream alone is a take.
        let stream = owned.stream();
        match fs::remove_file(&stream) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(SpoolError::disk("remove", &stream)(error));
            }
            _ => {}
        }
        durable::sync_folder(&owned.folder).map_err(SpoolError::disk("keep", &owned.folder))?;
        self.shared.owned().remove(&id);
        owned.let_go();
        self.remove_folder(&owned.folder)?;
        info!(take.id = %id, "Removed take");
        self.notify(id);
        Ok(())
    }

    /// Calls `listener` after every append, change, finish and removal of a take by this spool,
    /// from the thread that made it. It must not block; it may call the spool.
    pub fn subscribe(&self, listener: impl Fn(TakeId) + Send + Sync + 'static) {
        self.shared
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::new(listener));
    }

    /// Keeps a take's poster (JPEG) beside it.
    ///
    /// # Errors
    /// As [`Spool::update`].
    pub fn put_poster(&self, id: TakeId, jpeg: &[u8]) -> Result<(), SpoolError> {
        let owned = self.owned(id)?;
        let path = owned.folder.join(POSTER);
        durable::write(&path, jpeg).map_err(SpoolError::disk("write", &path))?;
        owned.change(|take| take.stream.poster = true)?;
        self.notify(id);
        Ok(())
    }

    /// A take's poster (JPEG), if it has one.
    #[must_use]
    pub fn poster(&self, id: TakeId) -> Option<Vec<u8>> {
        let mut jpeg = Vec::new();
        File::open(self.folder(id).join(POSTER))
            .and_then(|file| file.take(MAX_POSTER_BYTES).read_to_end(&mut jpeg))
            .ok()?;
        Some(jpeg)
    }

    /// Where a take's stream lies, for a player on this computer.
    #[must_use]
    pub fn stream_path(&self, id: TakeId) -> PathBuf {
        self.folder(id).join(STREAM)
    }

    /// Where takes lie.
    #[must_use]
    pub fn folder_of_takes(&self) -> &Path {
        &self.shared.takes
    }

    /// What is free on the disk that takes lie on.
    ///
    /// # Errors
    /// [`SpoolError::Disk`] if the disk does not say.
    pub(crate) fn free_bytes(&self) -> Result<u64, SpoolError> {
        self.shared
            .disk
            .free_bytes(&self.shared.takes)
            .map_err(SpoolError::disk("ask for the free space of", &self.shared.takes))
    }

    /// Whether there is room to record. A disk that does not say counts as plenty.
    #[must_use]
    pub fn free_space(&self) -> FreeSpace {
        self.free_bytes().map_or(FreeSpace::Plenty, FreeSpace::of)
    }

    /// Refuses to begin something of `size_bytes` that would leave too little room.
    pub(crate) fn check_free_space(&self, size_bytes: u64) -> Result<(), SpoolError> {
        match self.free_bytes() {
            Ok(free_bytes) if free_bytes < size_bytes.saturating_add(FULL_BYTES) => {
                Err(SpoolError::Full { folder: self.shared.takes.clone(), free_bytes })
            }
            _ => Ok(()),
        }
    }

    /// Makes and locks the folder of a new take.
    pub(crate) fn make_folder(&self, id: TakeId) -> Result<(PathBuf, File), SpoolError> {
        let _gate = self.gate()?;
        let path = self.folder(id);
        durable::create_new_folder(&path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => SpoolError::AlreadyThere(id),
            _ => SpoolError::disk("make", &path)(error),
        })?;
        let lock = Owned::lock(&path)
            .map_err(SpoolError::disk("lock", &path))?
            .ok_or(SpoolError::Elsewhere(id))?;
        Ok((path, lock))
    }

    /// Makes durable which takes there are.
    pub(crate) fn sync_takes(&self) -> Result<(), SpoolError> {
        durable::sync_folder(&self.shared.takes)
            .map_err(SpoolError::disk("keep", &self.shared.takes))
    }

    pub(crate) fn remove_folder(&self, folder: &Path) -> Result<(), SpoolError> {
        fs::remove_dir_all(folder).map_err(SpoolError::disk("remove", folder))?;
        self.sync_takes()
    }

    /// Remembers a take that is locked.
    pub(crate) fn own(&self, folder: PathBuf, lock: File, state: State) -> Arc<Owned> {
        let owned = Arc::new(Owned::new(folder, lock, state));
        self.shared.owned().insert(owned.id, owned.clone());
        owned
    }

    /// The take, if it is this program's own or can be made so.
    pub(crate) fn owned(&self, id: TakeId) -> Result<Arc<Owned>, SpoolError> {
        let mut all = self.shared.owned();
        if let Some(owned) = all.get(&id) {
            return Ok(owned.clone());
        }
        let folder = self.folder(id);
        if !folder.join(STREAM).exists() {
            return Err(SpoolError::NotFound(id));
        }
        let lock = Owned::lock(&folder)
            .map_err(SpoolError::disk("lock", &folder))?
            .ok_or(SpoolError::Elsewhere(id))?;
        let loaded = State::load(&folder, id, &*self.shared.clock)
            .map_err(SpoolError::disk("read", &folder))?;
        let Loaded { state, record } = loaded.ok_or(SpoolError::NotFound(id))?;
        match record {
            // A record of now, or none.
            Found::Current => {}
            Found::Old => {
                transcript_file::upgrade(&folder, id)?;
                record::write(&folder, &state.take)?;
            }
            // From now on it may be overwritten.
            Found::Damaged => {
                record::keep_aside(&folder)
                    .map_err(SpoolError::disk("keep what is left of", &folder))?;
            }
        }
        let owned = Arc::new(Owned::new(folder, lock, state));
        all.insert(id, owned.clone());
        Ok(owned)
    }

    /// Reads where the pieces of a take lie, whichever program has it.
    fn look_into<T>(&self, id: TakeId, look: impl FnOnce(&Index) -> T) -> Result<T, SpoolError> {
        let path = self.stream_path(id);
        self.look(id, |state| state.index(&path).map(look))?
            .map_err(SpoolError::disk("read", &path))
    }

    /// Reads a take, whichever program has it.
    fn look<T>(&self, id: TakeId, look: impl FnOnce(&mut State) -> T) -> Result<T, SpoolError> {
        let owned = self.shared.owned().get(&id).cloned();
        if let Some(owned) = owned {
            return Ok(look(&mut owned.state()));
        }
        let folder = self.folder(id);
        let loaded = State::load(&folder, id, &*self.shared.clock)
            .map_err(SpoolError::disk("read", &folder))?;
        loaded.map(|mut loaded| look(&mut loaded.state)).ok_or(SpoolError::NotFound(id))
    }

    /// Everything that looks like a take.
    pub(crate) fn ids(&self) -> Result<Vec<TakeId>, SpoolError> {
        let entries = fs::read_dir(&self.shared.takes)
            .map_err(SpoolError::disk("read", &self.shared.takes))?;
        let name = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
        Ok(entries.filter_map(name).collect())
    }

    pub(crate) fn orphans_folder(&self) -> PathBuf {
        self.shared.root.join("unwanted")
    }

    pub(crate) fn folder(&self, id: TakeId) -> PathBuf {
        self.shared.takes.join(id.to_string())
    }

    /// A lock across programs for beginning and removing takes, so that the beginning of one is not
    /// taken for the remains of another.
    pub(crate) fn gate(&self) -> Result<File, SpoolError> {
        let path = self.shared.root.join("gate");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        file.and_then(|file| file.lock().map(|()| file)).map_err(SpoolError::disk("lock", &path))
    }

    /// Tells everybody who listens that something about a take is new.
    pub(crate) fn notify(&self, id: TakeId) {
        let listeners =
            self.shared.listeners.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for listener in listeners {
            listener(id);
        }
    }
}

impl Shared {
    fn owned(&self) -> MutexGuard<'_, HashMap<TakeId, Arc<Owned>>> {
        self.owned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spool").field("root", &self.shared.root).finish_non_exhaustive()
    }
}
