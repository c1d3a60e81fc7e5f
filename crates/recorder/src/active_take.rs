//! [`ActiveTake`]: the take that runs, and the devices that it may still hold when it has ended.
//! One take runs at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::recording::{Recording, RecordingView};

/// The take that runs, if one does.
#[derive(Default)]
pub(crate) struct ActiveTake {
    /// Held while a take is started, so that of two that start at once the second finds the first.
    pub(crate) starting: tokio::sync::Mutex<()>,
    recording: Mutex<Option<Recording>>,
    /// Held while the devices of a take that has ended are closed.
    devices: Mutex<()>,
}

impl ActiveTake {
    /// The running take, from the countdown until its last fragment is in the spool.
    pub(crate) fn recording(&self) -> Option<Recording> {
        self.slot().clone()
    }

    /// What is to be seen of it.
    pub(crate) fn view(&self) -> Option<RecordingView> {
        self.slot().as_ref().map(|recording| recording.view.borrow().clone())
    }

    /// Whether a take runs.
    pub(crate) fn is_recording(&self) -> bool {
        self.slot().is_some()
    }

    pub(crate) fn set(&self, recording: Option<Recording>) {
        *self.slot() = recording;
    }

    /// Waits until the devices of a take that has ended are closed, so that they can be opened
    /// again.
    pub(crate) fn wait_for_devices(&self) {
        drop(self.hold_devices());
    }

    /// Lets those wait that want to open devices.
    pub(crate) fn hold_devices(&self) -> MutexGuard<'_, ()> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self) -> MutexGuard<'_, Option<Recording>> {
        self.recording.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
