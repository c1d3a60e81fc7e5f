//! [`Pool`]: [`Slot`]s of memory that the X server writes pictures into and that are sent on
//! without a copy.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use memmap2::MmapMut;
use rustix::fs::{MemfdFlags, ftruncate, memfd_create};

/// The maximum number of pictures in use. A receiver that keeps more of them gets fewer pictures,
/// each with all changes.
const MOST_SLOTS: usize = 4;

/// The memory of one picture, mapped here and attached to the X server under `segment`.
pub(super) struct Slot {
    pub(super) segment: u32,
    mapping: MmapMut,
}

impl Slot {
    /// Zeroed memory of `size` bytes, and the file that the server maps as well. Pages are
    /// allocated when they are first written.
    pub(super) fn new(segment: u32, size: u64) -> io::Result<(Self, OwnedFd)> {
        let fd = memfd_create("vignette screen", MemfdFlags::CLOEXEC)?;
        ftruncate(&fd, size)?;
        let file = File::from(fd);
        // SAFETY: the file has no name and is given to the X server alone, so nobody can shorten it
        // under the mapping. The server writes to it only while it answers a ShmGetImage, which is
        // asked for through `&mut Slot` alone and waited for before that borrow ends; `&[u8]` of it
        // exist only while it is lent.
        let mapping = unsafe { MmapMut::map_mut(&file)? };
        Ok((Self { segment, mapping }, file.into()))
    }

    /// Its bytes.
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.mapping
    }
}

/// Slots of one size that are reused after the receivers of a picture drop it.
#[derive(Clone, Default)]
pub(super) struct Pool(Arc<Mutex<Slots>>);

#[derive(Default)]
struct Slots {
    free: Vec<Slot>,
    made: usize,
}

/// What a [`Pool`] can lend.
pub(super) enum Offer {
    /// A slot that was used before.
    Free(Slot),
    /// Another slot may be made and lent.
    Make,
    /// All slots are in use.
    Exhausted,
}

impl Pool {
    fn slots(&self) -> std::sync::MutexGuard<'_, Slots> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A slot for the next picture.
    pub(super) fn take(&self) -> Offer {
        let mut slots = self.slots();
        match slots.free.pop() {
            Some(slot) => Offer::Free(slot),
            None if slots.made < MOST_SLOTS => {
                slots.made += 1;
                Offer::Make
            }
            None => Offer::Exhausted,
        }
    }

    /// Puts a slot back unused.
    pub(super) fn put_back(&self, slot: Slot) {
        self.slots().free.push(slot);
    }

    /// Lends the first `size` bytes of a slot to the holders of the result and of its clones and
    /// slices; the slot returns when the last is dropped.
    pub(super) fn lend(&self, slot: Slot, size: usize) -> Bytes {
        Bytes::from_owner(Lent { slot: Some(slot), size, pool: self.clone() })
    }
}

/// A lent slot; dropping it returns the slot to its pool.
struct Lent {
    slot: Option<Slot>,
    size: usize,
    pool: Pool,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.slot.as_ref().map_or(&[], |slot| &slot.mapping[..self.size])
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            self.pool.put_back(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_come_back_when_nobody_reads_them() {
        let pool = Pool::default();
        let lent: Vec<Bytes> = (0..MOST_SLOTS)
            .map(|n| {
                assert!(matches!(pool.take(), Offer::Make));
                let (mut slot, _) = Slot::new(0, 4096).unwrap();
                slot.bytes_mut()[..2].fill(u8::try_from(n).unwrap());
                pool.lend(slot, 2)
            })
            .collect();
        assert!(matches!(pool.take(), Offer::Exhausted), "a slow reader does not make memory grow");
        assert_eq!(lent[1], [1, 1][..]);
        let slice = lent[2].slice(1..);
        drop(lent);
        assert_eq!(slice, [2][..], "a slice keeps its slot");
        for _ in 0..MOST_SLOTS - 1 {
            assert!(matches!(pool.take(), Offer::Free(_)));
        }
        assert!(matches!(pool.take(), Offer::Exhausted));
        drop(slice);
        assert!(matches!(pool.take(), Offer::Free(_)));
    }
}
