//! [`Inputs`]: the open sources of a take, each with the channel it sends through.

use crossbeam_channel::{Receiver, bounded, never};
use vignette_capture::{self as capture, CaptureError, DeviceSelector, RunningSource, Source};
use vignette_model::{Captured, Problem, TakeClock};

use crate::plan::Sources;

/// Screen and camera frames that may wait for the encoder. A source that finds its channel full gathers what changes
/// and sends it later, so little waits and nothing is lost.
const WAITING_FRAMES: usize = 4;
/// Blocks of sound that may wait, since sound cannot be asked for again: more than five minutes in the sound server's blocks
/// of 83 ms (130 MB in stereo), 80 seconds in blocks of 20 ms (31 MB). They are taken before each picture, so that many only
/// ever wait while the disk takes nothing.
const WAITING_BLOCKS: usize = 4_096;

/// One open source.
pub(crate) struct Input {
    /// What it sends.
    pub(crate) captured: Receiver<Captured>,
    /// Its name, for a person.
    pub(crate) name: String,
    _running: RunningSource,
}

impl Input {
    fn start(source: Box<dyn Source>, clock: &TakeClock, waiting: usize) -> Result<Self, CaptureError> {
        let (out, captured) = bounded(waiting);
        Ok(Self { name: source.describe(), _running: source.start(clock.clone(), out)?, captured })
    }
}

/// Up to three open sources.
pub(crate) struct Inputs {
    pub(crate) screen: Option<Input>,
    pub(crate) camera: Option<Input>,
    pub(crate) microphone: Option<Input>,
    /// What was wanted and could not be opened, though the rest could.
    pub(crate) missing: Vec<Problem>,
    nothing: Receiver<Captured>,
}

impl Inputs {
    /// Opens what `sources` names. A screen or a device that was named must open; a default camera or microphone that is
    /// not there is only missing.
    ///
    /// # Errors
    /// The [`Problem`] of the first source that must open and does not, or that nothing was chosen.
    pub(crate) fn open(sources: &Sources, clock: &TakeClock) -> Result<Self, Problem> {
        let mut missing = Vec::new();
        let screen = open_one(&sources.screen, capture::screen, clock, WAITING_FRAMES)?;
        let camera = optional(open_one(&sources.camera, capture::camera, clock, WAITING_FRAMES), &sources.camera, &mut missing)?;
        let microphone = optional(
            open_one(&sources.microphone, capture::microphone, clock, WAITING_BLOCKS),
            &sources.microphone,
            &mut missing,
        )?;
        if screen.is_none() && camera.is_none() && microphone.is_none() {
            let nothing = Problem::new(vignette_model::ErrorCode::BadRequest, "There is nothing to record");
            return Err(missing.into_iter().next().unwrap_or(nothing.with_help("Choose a screen, a camera or a microphone.")));
        }
        Ok(Self { screen, camera, microphone, missing, nothing: never() })
    }

    /// The three channels; one that is closed or was never opened never gives anything.
    pub(crate) fn channels(&self) -> [&Receiver<Captured>; 3] {
        [&self.screen, &self.camera, &self.microphone].map(|input| input.as_ref().map_or(&self.nothing, |i| &i.captured))
    }
}

type Open = fn(&DeviceSelector) -> Result<Box<dyn Source>, CaptureError>;

fn open_one(pick: &DeviceSelector, open: Open, clock: &TakeClock, waiting: usize) -> Result<Option<Input>, Problem> {
    match open(pick).and_then(|source| Input::start(source, clock, waiting)) {
        Ok(input) => Ok(Some(input)),
        Err(CaptureError::Off(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn optional(
    opened: Result<Option<Input>, Problem>,
    pick: &DeviceSelector,
    missing: &mut Vec<Problem>,
) -> Result<Option<Input>, Problem> {
    match opened {
        Err(problem) if *pick == DeviceSelector::Default => {
            missing.push(problem);
            Ok(None)
        }
        other => other,
    }
}
