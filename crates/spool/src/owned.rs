//! [`Owned`]: a take that this program alone may change, by the lock file in its folder.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use vignette_durable as durable;
use vignette_model::{Clock, TakeId};

use crate::record::{self, Found, Recorded};
use crate::scan::{Ending, Index, Scan, scan};
use crate::{SpoolError, Take};

/// The stream's file in a take's folder.
pub(crate) const STREAM: &str = "stream.mp4";
/// The stream's file in the folder of a film that is being taken in.
pub(crate) const IMPORT_STREAM: &str = "stream.new";
/// The poster's file in a take's folder.
pub(crate) const POSTER: &str = "poster.jpg";
/// The file whose lock says which program a take belongs to.
const LOCK: &str = "lock";

/// A take that this program alone may change.
#[derive(Debug)]
pub(crate) struct Owned {
    pub(crate) id: TakeId,
    pub(crate) folder: PathBuf,
    /// The operating system lets go of it when the program ends, however it ends.
    lock: Mutex<Option<File>>,
    state: Mutex<State>,
}

/// What is known of the take now.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) take: Take,
    /// Where its pieces lie. `None` until it is asked for: the stream of a complete take is read
    /// only then.
    index: Option<Index>,
    /// Whether a writer is at it.
    pub(crate) writing: bool,
}

/// What was found in a take's folder.
pub(crate) struct Loaded {
    pub(crate) state: State,
    /// What its record was.
    pub(crate) record: Found,
}

impl Owned {
    /// Takes hold of a folder, or nothing if another program has it.
    pub(crate) fn lock(folder: &Path) -> io::Result<Option<File>> {
        let file =
            File::options().create(true).truncate(false).write(true).open(folder.join(LOCK))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    pub(crate) fn new(folder: PathBuf, lock: File, state: State) -> Self {
        Self { id: state.take.id, folder, lock: Mutex::new(Some(lock)), state: Mutex::new(state) }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic while it was held cannot have left it half changed: what is durable is assigned
        // last.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a take that is not visible yet, and renames its stream from `file` to the name that
    /// makes it visible.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Take)) -> Result<Take, SpoolError> {
        let mut state = self.state();
        let mut take = state.take.clone();
        change(&mut take);
        record::write(&self.folder, &take)?;
        state.take = take.clone();
        Ok(take)
    }

    /// Changes what is known of a take that nobody sees yet, and gives its stream, which lies in
    /// `file`, the name by which it is seen.
    pub(crate) fn publish(
        &self,
        file: File,
        change: impl FnOnce(&mut Take),
    ) -> Result<Take, SpoolError> {
        let mut state = self.state();
        let mut take = state.take.clone();
        change(&mut take);
        record::write(&self.folder, &take)?;
        durable::persist(file, &self.folder.join(IMPORT_STREAM), &self.stream())
            .map_err(SpoolError::disk("keep", &self.stream()))?;
        state.take = take.clone();
        Ok(take)
    }

    /// Lets other programs have it.
    pub(crate) fn let_go(&self) {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    pub(crate) fn stream(&self) -> PathBuf {
        self.folder.join(STREAM)
    }
}

impl State {
    /// What a folder holds, by its stream first and its record second. `None`: there is no stream
    /// in it.
    pub(crate) fn load(folder: &Path, id: TakeId, clock: &dyn Clock) -> io::Result<Option<Loaded>> {
        let mut file = match File::open(folder.join(STREAM)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let Recorded { mut take, found } = record::read(folder, id, clock)?;
        let stream = &mut take.stream;
        stream.poster = folder.join(POSTER).exists();
        let complete = stream.complete
            && stream.sha256.is_some()
            && stream.size_bytes == file.metadata()?.len();
        let mut state = Self { take, index: None, writing: false };
        if !complete {
            state.go_by(&mut file)?;
        }
        Ok(Some(Loaded { state, record: found }))
    }

    /// A take whose pieces are known.
    pub(crate) fn new(take: Take, index: Index, writing: bool) -> Self {
        Self { take, index: Some(index), writing }
    }

    /// Where its pieces lie. The first time, the stream of a complete take is read for it; if it is
    /// not whole after all, the take is not complete.
    pub(crate) fn index(&mut self, stream: &Path) -> io::Result<&Index> {
        if self.index.is_none() {
            self.go_by(&mut File::open(stream)?)?;
        }
        Ok(self.index.get_or_insert_default())
    }

    /// The stream has these pieces now.
    pub(crate) fn set_index(&mut self, index: Index) {
        self.take.stream.size_bytes = index.size_bytes();
        self.take.stream.duration_us = index.duration;
        self.index = Some(index);
    }

    /// Believes what the stream says, and of the record only what agrees with it.
    fn go_by(&mut self, stream: &mut File) -> io::Result<()> {
        let Scan { index, ending } = scan(stream)?;
        let stream = &mut self.take.stream;
        let whole = ending == Ending::Whole && stream.size_bytes == index.size_bytes();
        if !(stream.complete && stream.sha256.is_some() && whole) {
            stream.complete = false;
            stream.sha256 = None;
            self.take.upload.sealed = false;
        }
        self.set_index(index);
        Ok(())
    }
}
