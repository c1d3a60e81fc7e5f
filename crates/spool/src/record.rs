//! `take.json`: what the stream of a take does not say. If there is none, or what is there is no
//! record, a plain one is made again: the stream is the take. A disk that does not give it now may
//! give it later, so then there is no take for now.

mod flat;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use tracing::warn;
use vignette_durable as durable;
use vignette_model::{Clock, TakeId, UtcMicros};

use self::flat::FlatTake;
use crate::{SpoolError, Take};

/// A record is never near this size; what is larger is damaged.
const MAX_BYTES: u64 = 1 << 20;

fn path(folder: &Path) -> PathBuf {
    folder.join("take.json")
}

/// Makes a take's record durable.
pub(crate) fn write(folder: &Path, take: &Take) -> Result<(), SpoolError> {
    let path = path(folder);
    let json = serde_json::to_vec_pretty(take).map_err(io::Error::from);
    json.and_then(|json| durable::write(&path, &json)).map_err(|source| SpoolError::Disk {
        action: "write",
        path,
        source,
    })
}

/// A take by its record.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) take: Take,
    pub(crate) found: Found,
}

/// What lies where a record should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A record as it is written now, or no file.
    Current,
    /// The record of a version before, to be written anew.
    Old,
    /// A file that is no record of this take.
    Damaged,
}

/// Reads the record of the take `id`, or makes a plain one if there is none.
///
/// # Errors
/// Those of the disk, but for a file that is not there.
pub(crate) fn read(folder: &Path, id: TakeId, clock: &dyn Clock) -> io::Result<Recorded> {
    let plain = |found| Recorded { take: Take::new(id, began(id, clock)), found };
    let mut json = Vec::new();
    match File::open(path(folder)).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut json)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            warn!(take.id = %id, "A take has no record; going by the stream alone");
            return Ok(plain(Found::Current));
        }
        read => read?,
    };
    match parse(&json) {
        Ok(recorded) if recorded.take.id == id => Ok(recorded),
        Ok(_) => {
            warn!(take.id = %id, "A take's record belongs to another take; going by the \
                stream alone");
            Ok(plain(Found::Damaged))
        }
        Err(error) => {
            // The text of a JSON error may repeat what was read; its place does not.
            let (line, column) = (error.line(), error.column());
            warn!(take.id = %id, line, column, "A take's record is damaged; going by the \
                stream alone");
            Ok(plain(Found::Damaged))
        }
    }
}

/// Reads a record, or one of the version before. Each has a field that the other has not and that
/// must be there.
fn parse(json: &[u8]) -> serde_json::Result<Recorded> {
    let current = match serde_json::from_slice::<Take>(json) {
        Ok(take) => return Ok(Recorded { take, found: Found::Current }),
        Err(error) => error,
    };
    let flat = serde_json::from_slice::<FlatTake>(json).map_err(|_| current)?;
    Ok(Recorded { take: flat.into(), found: Found::Old })
}

/// Copies a file that is not a valid record aside before it is overwritten, since it may contain
/// something of use.
pub(crate) fn keep_aside(folder: &Path) -> io::Result<()> {
    let aside = folder.join("take.rest");
    let mut record = File::open(path(folder))?;
    durable::replace(&aside, |rest| io::copy(&mut record, rest).map(drop))
}

/// When a take was begun: its id was made then.
fn began(id: TakeId, clock: &dyn Clock) -> UtcMicros {
    let since_1970 = id.0.get_timestamp().map(|stamp| {
        let (seconds, nanos) = stamp.to_unix();
        u128::from(seconds) * 1_000_000 + u128::from(nanos / 1_000)
    });
    since_1970.and_then(|micros| i64::try_from(micros).ok()).map_or_else(|| clock.utc(), UtcMicros)
}

#[cfg(test)]
mod tests {
    use vignette_model::{SimulatedClock, SystemClock};

    use super::*;

    #[test]
    fn a_take_id_knows_when_it_was_made() {
        let now = SystemClock::new().utc();
        let made = began(TakeId::new(), &SimulatedClock::default());
        assert!(now.0.abs_diff(made.0) < 1_000_000, "{now:?} is about {made:?}");
    }
}
