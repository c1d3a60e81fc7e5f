//! Asks the system which screens, cameras and microphones there are ([`devices`]) and whether they may be used
//! ([`permission`]).

use std::thread;
use std::time::Duration;

use crossbeam_channel::bounded;
use serde::{Deserialize, Serialize};
use vignette_model::Problem;

use crate::device::Device;
use crate::permission::Permission;
use crate::{CaptureError, SourceKind, camera, microphone, screen};

/// A driver that takes longer to answer has its kind left out, rather than that nobody gets an answer.
const LIST_TIMEOUT: Duration = Duration::from_secs(2);

/// Everything that can be picked at the moment, the preferred first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Devices {
    /// Displays; empty where this system's cannot be recorded yet.
    pub screens: Vec<Device>,
    /// Webcams.
    pub cameras: Vec<Device>,
    /// Microphones, and the sound server's default if that is something else.
    pub microphones: Vec<Device>,
    /// Why microphones cannot be listed, if they cannot: that is not the same as that there are none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[ts(type = "Problem", optional)]
    pub microphone_problem: Option<Problem>,
}

/// Asks the system, all kinds at once, for two seconds at most. A kind that cannot be listed is empty.
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

/// Asks the system; the person is not asked.
#[must_use]
pub fn permission(kind: SourceKind) -> Permission {
    match kind {
        SourceKind::Camera => camera::permission(),
        SourceKind::Screen | SourceKind::Microphone => Permission::Granted,
    }
}

type Listed = Result<Vec<Device>, CaptureError>;

/// Runs `list` on a thread that is left behind if it takes too long; the answer is had by calling what this returns.
fn ask(
    what: &'static str,
    list: impl FnOnce() -> Listed + Send + 'static,
) -> impl FnOnce() -> Listed {
    let (answer, answered) = bounded(1);
    let spawned = thread::Builder::new().name(format!("list {what}")).spawn(move || {
        // Nobody may wait any more: then the answer is for nobody.
        let _ = answer.send(list());
    });
    move || {
        if let Err(why) = spawned {
            tracing::warn!(what, %why, "Cannot list devices");
        }
        // A driver's panic closes the channel and is the same as silence.
        let mut found = answered.recv_timeout(LIST_TIMEOUT).unwrap_or_else(|_| {
            tracing::warn!(what, "Listing devices took too long or failed");
            Ok(Vec::new())
        })?;
        found.sort_by_key(|device| !device.default);
        Ok(found)
    }
}
