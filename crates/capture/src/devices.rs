//! Asks the system which screens, cameras and microphones there are ([`devices`]) and whether they
//! may be used ([`permission`]).

use std::thread;
use std::time::Duration;

use crossbeam_channel::bounded;
use serde::{Deserialize, Serialize};
use vignette_model::Problem;

use crate::device::Device;
use crate::permission::Permission;
use crate::{CaptureError, SourceKind, camera, microphone, screen};

/// How long to wait for a driver. One that takes longer has its kind of device left out of the
/// answer.
const LIST_TIMEOUT: Duration = Duration::from_secs(2);

/// All devices that can be selected at the moment, the preferred one first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Devices {
    /// Displays; empty on systems where recording them is not supported yet.
    pub screens: Vec<Device>,
    /// Webcams.
    pub cameras: Vec<Device>,
    /// Microphones, and the sound server's default if that is something else.
    pub microphones: Vec<Device>,
    /// The error if microphones cannot be listed, which is different from an empty list.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[ts(type = "Problem", optional)]
    pub microphone_problem: Option<Problem>,
}

/// Lists all kinds of device in parallel, for two seconds at most. A kind that cannot be listed is
/// empty.
#[must_use]
pub fn devices() -> Devices {
    let screens = ask("screens", || Ok(screen::list().unwrap_or_default()));
    let cameras = ask("cameras", || Ok(camera::list()));
    let microphones = ask("microphones", microphone::list);
    let (screens, cameras) = (screens().unwrap_or_default(), cameras().unwrap_or_default());
    match microphones() {
        Ok(microphones) => Devices { screens, cameras, microphones, microphone_problem: None },
        Err(why) => Devices {
            screens,
            cameras,
            microphones: Vec::new(),
            microphone_problem: Some(why.into()),
        },
    }
}

/// Returns the current permission without asking the person.
#[must_use]
pub fn permission(kind: SourceKind) -> Permission {
    match kind {
        SourceKind::Camera => camera::permission(),
        SourceKind::Screen | SourceKind::Microphone => Permission::Granted,
    }
}

type Listed = Result<Vec<Device>, CaptureError>;

/// Runs `list` on a thread of its own; the returned function waits for its result. The thread is
/// abandoned if it takes too long.
fn ask(
    what: &'static str,
    list: impl FnOnce() -> Listed + Send + 'static,
) -> impl FnOnce() -> Listed {
    let (answer, answered) = bounded(1);
    let spawned = thread::Builder::new().name(format!("list {what}")).spawn(move || {
        // The receiver may be gone after the timeout; then the result is discarded.
        let _ = answer.send(list());
    });
    move || {
        if let Err(why) = spawned {
            tracing::warn!(what, %why, "Cannot list devices");
        }
        // A panic of the driver closes the channel and counts as no answer.
        let mut found = answered.recv_timeout(LIST_TIMEOUT).unwrap_or_else(|_| {
            tracing::warn!(what, "Listing devices took too long or failed");
            Ok(Vec::new())
        })?;
        found.sort_by_key(|device| !device.default);
        Ok(found)
    }
}
