//! `take.json`: what the stream of a take does not say. If it is lost or damaged, a plain one is made again: the stream is
//! the take.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use tracing::warn;
use vignette_model::{Clock, TakeId, UtcMicros};

use crate::{SpoolError, Take, durable};

/// A record is never near this size; what is larger is damaged.
const MAX_BYTES: u64 = 1 << 20;

fn path(folder: &Path) -> PathBuf {
    folder.join("take.json")
}

/// Makes a take's record durable.
pub(crate) fn write(folder: &Path, take: &Take) -> Result<(), SpoolError> {
    let path = path(folder);
    let json = serde_json::to_vec_pretty(take).map_err(io::Error::from);
    json.and_then(|json| durable::write(&path, &json)).map_err(|source| SpoolError::Disk { action: "write", path, source })
}

/// Reads the record of the take `id`, or makes a plain one if there is none that can be read.
pub(crate) fn read(folder: &Path, id: TakeId, clock: &dyn Clock) -> Take {
    let path = path(folder);
    let mut json = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut json));
    match read.and_then(|_| serde_json::from_slice::<Take>(&json).map_err(io::Error::from)) {
        Ok(take) if take.id == id => take,
        Ok(_) => {
            warn!(take.id = %id, "A take's record belongs to another take; going by the stream alone");
            Take::new(id, began(id, clock))
        }
        Err(error) => {
            warn!(take.id = %id, %error, "A take's record cannot be read; going by the stream alone");
            Take::new(id, began(id, clock))
        }
    }
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
