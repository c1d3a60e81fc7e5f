//! [`TakeCommand`]: what the conductor of a running take is told by other threads.

use vignette_encode::Bubble;
use vignette_model::Micros;

use crate::RecorderError;
use crate::warning::Warning;

/// A message to the conductor of a running take. Instants are by the take's clock, when it was
/// sent.
#[derive(Debug)]
pub(crate) enum TakeCommand {
    Pause(Micros),
    Resume(Micros),
    Stop(Micros),
    Cancel,
    /// Lay the camera there from now on, or hide it.
    SetBubble(Option<Bubble>),
    /// The link is there, or will not be for now.
    Linked(Option<String>),
    /// The stream cannot be kept any more: stop, with this reason.
    Failed(RecorderError),
    /// Something a person should know while it goes on.
    Warn(Warning),
}
