//! What a crash left is made into takes again. The stream alone decides: it is cut after its last
//! whole piece.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom};

use tracing::{info, warn};
use vignette_durable as durable;
use vignette_model::TakeId;

use crate::owned::Owned;
use crate::scan::{Ending, digest, scan};
use crate::{OrphanClip, Spool, SpoolError, UploadRecord};

/// What became of an unfinished take.
enum Recovered {
    /// It is complete now.
    Complete,
    /// It had nothing to see and is gone.
    Removed,
    /// It has bytes that no player understands; they stay where they are.
    LeftAlone,
}

impl Spool {
    /// Cuts every unfinished take that no running program has after its last whole piece, marks it
    /// complete and interrupted, and gives its id. Takes that never got a fragment are removed, and
    /// the clips that wait for them in a library are [`Spool::orphan_clips`]. Safe to call at any
    /// time.
    ///
    /// # Errors
    /// [`SpoolError::Disk`] if the folder of takes cannot be read. A take that cannot be recovered
    /// is logged and left alone.
    pub fn recover(&self) -> Result<Vec<TakeId>, SpoolError> {
        let mut recovered = Vec::new();
        for id in self.ids()? {
            match self.recover_one(id) {
                Ok(Some(Recovered::Complete)) => recovered.push(id),
                Ok(_) => {}
                Err(error) => {
                    warn!(take.id = %id, %error, "A take could not be recovered and was \
                        left as it is")
                }
            }
        }
        recovered.iter().for_each(|id| self.notify(*id));
        Ok(recovered)
    }

    fn recover_one(&self, id: TakeId) -> Result<Option<Recovered>, SpoolError> {
        // Only looked at, not claimed: a complete take may be another program's to upload.
        if self.take(id).is_some_and(|take| take.stream.complete) {
            return Ok(None);
        }
        match self.owned(id) {
            Ok(owned) if owned.state().writing => Ok(None),
            Ok(owned) => self.recover_take(&owned).map(Some),
            Err(SpoolError::Elsewhere(_)) => Ok(None),
            Err(SpoolError::NotFound(_)) => self.clear_remains(id).map(|()| None),
            Err(error) => Err(error),
        }
    }

    fn recover_take(&self, owned: &Owned) -> Result<Recovered, SpoolError> {
        let (id, path) = (owned.id, owned.stream());
        let mut file = File::options()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(SpoolError::disk("open", &path))?;
        let scan = scan(&mut file).map_err(SpoolError::disk("read", &path))?;
        if !scan.index.has_fragments() {
            if let Ending::Bad(fault) = scan.ending {
                warn!(take.id = %id, %fault, "An unfinished take is no stream; it is \
                    left as it is");
                return Ok(Recovered::LeftAlone);
            }
            drop(file);
            // Noted before the take is gone: a crash between the two must not leave a clip that
            // waits for it for ever.
            let UploadRecord { library, clip, .. } = owned.state().take.upload.clone();
            if let Some((library, clip)) = library.zip(clip) {
                self.add_orphan_clip(&OrphanClip { library, clip: clip.id })?;
            }
            self.remove(id)?;
            return Ok(Recovered::Removed);
        }
        let size_bytes = scan.index.size_bytes();
        if let Ending::Bad(fault) = &scan.ending {
            warn!(take.id = %id, %fault, size_bytes, "A stream ends with bytes that are no piece; \
                they are kept aside");
            keep_rest(owned, &mut file, size_bytes)?;
        }
        let sha256 = cut(&mut file, size_bytes)
            .and_then(|()| digest(&mut file, size_bytes))
            .map_err(SpoolError::disk("cut", &path))?;
        owned.state().set_index(scan.index);
        let take = owned.change(|take| {
            take.stream.complete = true;
            take.stream.interrupted = true;
            take.stream.sha256 = Some(sha256);
        })?;
        info!(take.id = %id, size_bytes, duration_us = take.stream.duration_us.0, "Recovered take");
        Ok(Recovered::Complete)
    }

    /// Removes a folder without a stream: what is left of a take that was being begun, taken in or
    /// removed.
    fn clear_remains(&self, id: TakeId) -> Result<(), SpoolError> {
        let folder = self.folder(id);
        let _gate = self.gate()?;
        if self.stream_path(id).exists() {
            return Ok(()); // somebody was just beginning it
        }
        match Owned::lock(&folder) {
            Ok(Some(lock)) => drop(lock),
            Ok(None) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(SpoolError::disk("lock", &folder)(error)),
        }
        info!(take.id = %id, "Cleared away a take without a stream");
        self.remove_folder(&folder)
    }
}

/// Makes durable that the stream ends here.
fn cut(file: &mut File, size_bytes: u64) -> io::Result<()> {
    file.set_len(size_bytes)?;
    file.sync_all()
}

/// Copies what follows the last whole piece to a file of its own, since it may contain something of
/// use.
fn keep_rest(owned: &Owned, file: &mut File, size_bytes: u64) -> Result<(), SpoolError> {
    let path = owned.folder.join("stream.rest");
    file.seek(SeekFrom::Start(size_bytes))
        .and_then(|_| durable::replace(&path, |rest| io::copy(file, rest).map(drop)))
        .map_err(SpoolError::disk("write", &path))
}
