//! A finished file becomes a take.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use tracing::info;
use vignette_fmp4::{Fault, FormatError};

use crate::owned::{STREAM, State};
use crate::scan::{Ending, Scan, digest, scan};
use crate::{Spool, SpoolError, Take, durable, record};

impl Spool {
    /// Takes in a finished fragmented MP4 as a complete take. The file itself is only read; an mfra at its end is left out.
    ///
    /// # Errors
    /// [`SpoolError::NotAPiece`] if it is not a whole stream, else as [`Spool::begin`].
    pub fn import(&self, file: &Path, take: Take) -> Result<Take, SpoolError> {
        let mut source = File::open(file).map_err(SpoolError::disk("open", file))?;
        let size_bytes = whole(&take, scan(&mut source).map_err(SpoolError::disk("read", file))?)?.index.size_bytes();
        self.check_room(size_bytes)?;
        let (folder, lock) = self.make_folder(take.id)?;
        // Until the stream has its name, there is no take: a crash leaves remains, which recovery clears away.
        let state = match copy(&folder, &mut source, size_bytes, take) {
            Ok(state) => state,
            Err(error) => {
                drop(lock);
                self.remove_folder(&folder)?;
                return Err(error);
            }
        };
        self.sync_takes()?;
        let take = state.take.clone();
        self.own(folder, lock, state);
        info!(take.id = %take.id, size_bytes, "Took in a file");
        self.tell(take.id);
        Ok(take)
    }
}

/// Copies a stream into the folder of its take. What counts is the copy: the file may change meanwhile.
fn copy(folder: &Path, source: &mut File, size_bytes: u64, take: Take) -> Result<State, SpoolError> {
    let path = folder.join(STREAM);
    let new = path.with_extension("new");
    let disk = || SpoolError::disk("write", &path);
    let mut file = File::options().create(true).truncate(true).read(true).write(true).open(&new).map_err(disk())?;
    source.seek(SeekFrom::Start(0)).and_then(|_| io::copy(&mut source.take(size_bytes), &mut file)).map_err(disk())?;
    let Scan { index, .. } = whole(&take, scan(&mut file).map_err(disk())?)?;
    let sha256 = digest(&mut file, index.size_bytes()).map_err(disk())?;
    let take = Take {
        duration_us: index.duration,
        complete: true,
        size_bytes: index.size_bytes(),
        sha256: Some(sha256),
        acked_bytes: 0,
        sealed: false,
        poster: false,
        words: None,
        interrupted: false,
        ..take
    };
    record::write(folder, &take)?;
    durable::place(file, &new, &path).map_err(disk())?;
    Ok(State::new(take, index, false))
}

/// Refuses what is not a whole stream with something to see.
fn whole(take: &Take, scan: Scan) -> Result<Scan, SpoolError> {
    let offset_bytes = scan.index.size_bytes();
    let fault = |fault| SpoolError::NotAPiece { id: take.id, source: FormatError { offset_bytes, fault } };
    match scan.ending {
        Ending::Bad(source) => Err(SpoolError::NotAPiece { id: take.id, source }),
        Ending::Short => Err(fault(Fault::NotWhole)),
        Ending::Whole if !scan.index.has_fragments() => Err(fault(Fault::Missing { missing: "moof", inside: "the stream" })),
        Ending::Whole => Ok(scan),
    }
}
