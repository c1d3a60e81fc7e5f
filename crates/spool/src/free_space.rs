//! [`FreeSpace`]: whether the disk has room for recordings, as a [`Disk`] tells it.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Below this many free bytes the person should be told.
pub(crate) const LOW_BYTES: u64 = 2_000_000_000;
/// Below this many free bytes recording stops, so that what is recorded can still be ended well.
pub const FULL_BYTES: u64 = 500_000_000;

/// How much room there is for recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreeSpace {
    /// Enough.
    Plenty,
    /// Less than 2 GB: the person should be told.
    Low {
        /// What is left.
        free_bytes: u64,
    },
    /// Less than 500 MB: stop recording; everything recorded is kept.
    Full {
        /// What is left.
        free_bytes: u64,
    },
}

impl FreeSpace {
    /// The room that so many free bytes are.
    #[must_use]
    pub(crate) const fn of(free_bytes: u64) -> Self {
        if free_bytes < FULL_BYTES {
            Self::Full { free_bytes }
        } else if free_bytes < LOW_BYTES {
            Self::Low { free_bytes }
        } else {
            Self::Plenty
        }
    }
}

/// Says how much is free where takes are kept.
pub trait Disk: Send + Sync + 'static {
    /// Bytes that this person can still write to the disk that has `folder`.
    ///
    /// # Errors
    /// What the operating system says if it cannot tell.
    fn free_bytes(&self, folder: &Path) -> io::Result<u64>;
}

/// The machine's disk.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MachineDisk;

impl Disk for MachineDisk {
    fn free_bytes(&self, folder: &Path) -> io::Result<u64> {
        fs4::available_space(folder)
    }
}

impl<D: Disk> Disk for Arc<D> {
    fn free_bytes(&self, folder: &Path) -> io::Result<u64> {
        (**self).free_bytes(folder)
    }
}

/// A disk that has as much room as it is told.
#[derive(Debug, Default)]
pub struct SimulatedDisk(AtomicU64);

impl SimulatedDisk {
    /// A disk with that much room.
    #[must_use]
    pub fn with_free_bytes(free_bytes: u64) -> Self {
        Self(AtomicU64::new(free_bytes))
    }

    /// Changes how much room it has.
    pub fn set_free_bytes(&self, free_bytes: u64) {
        self.0.store(free_bytes, Ordering::SeqCst);
    }
}

impl Disk for SimulatedDisk {
    fn free_bytes(&self, _folder: &Path) -> io::Result<u64> {
        Ok(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marks_belong_to_the_better_side() {
        assert_eq!(FreeSpace::of(LOW_BYTES), FreeSpace::Plenty);
        assert_eq!(FreeSpace::of(LOW_BYTES - 1), FreeSpace::Low { free_bytes: LOW_BYTES - 1 });
        assert_eq!(FreeSpace::of(FULL_BYTES - 1), FreeSpace::Full { free_bytes: FULL_BYTES - 1 });
    }

    #[test]
    fn this_machine_tells() {
        assert!(MachineDisk.free_bytes(&std::env::temp_dir()).unwrap() > 0);
    }
}
