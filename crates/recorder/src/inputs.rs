//! [`Inputs`]: the open sources of a take, each with the channel it sends through.

use crossbeam_channel::{Receiver, TryRecvError, bounded, never};
use vignette_capture::{
    self as capture, CaptureError, CaptureTarget, DeviceSelector, RestoreToken, RunningSource,
    Source, StartOptions,
};
use vignette_encode::MAX_SOUND_SOURCES;
use vignette_model::source::sound_tracks;
use vignette_model::{Captured, SourceKind, SourceRole, SourceSlot, TakeClock};

use crate::RecorderError;
use crate::sources::{SourceChoice, Sources};

/// The capacity of a channel of pictures. A source whose channel is full merges what changes
/// meanwhile and sends it later, so few have to wait and nothing is lost.
const WAITING_FRAMES: usize = 4;
/// The capacity of a channel of sound, which cannot be captured again: more than five minutes in
/// the sound server's blocks of 83 ms (130 MB in stereo), 80 seconds in blocks of 20 ms (31 MB).
/// The queues are drained before each picture, so they only fill up while the disk takes nothing.
const WAITING_BLOCKS: usize = 4_096;

/// One source of a take.
pub(crate) struct Input {
    /// What it is, and where it goes in the stream.
    pub(crate) slot: SourceSlot,
    /// Its name, for a person.
    pub(crate) name: String,
    /// What it sends; nothing ever again once it has ended.
    pub(crate) captured: Receiver<Captured>,
    /// The source, until it has ended.
    running: Option<RunningSource>,
}

impl Input {
    fn start(
        source: Box<dyn Source>,
        choice: &SourceChoice,
        options: &StartOptions,
        clock: &TakeClock,
    ) -> Result<Self, CaptureError> {
        let waiting = if choice.kind.is_picture() { WAITING_FRAMES } else { WAITING_BLOCKS };
        let (out, captured) = bounded(waiting);
        let name = source.describe();
        let running = Some(source.start(options, clock.clone(), out)?);
        // The track of sound is known once all sources are open.
        let slot = SourceSlot { kind: choice.kind, role: choice.role, track: 0 };
        Ok(Self { slot, name, captured, running })
    }

    /// Whether it may still send something.
    pub(crate) const fn is_open(&self) -> bool {
        self.running.is_some()
    }

    /// Lets go of a source that has ended.
    pub(crate) fn close(&mut self) {
        self.running = None;
        self.captured = never();
    }

    /// What has come, if anything has; `Some(None)` if nothing ever will.
    pub(crate) fn try_receive(&self) -> Option<Option<Captured>> {
        match self.captured.try_recv() {
            Ok(captured) => Some(Some(captured)),
            Err(TryRecvError::Disconnected) => Some(None),
            Err(TryRecvError::Empty) => None,
        }
    }
}

/// Sources that were found and are not open yet.
pub(crate) struct FoundSources {
    found: Vec<(SourceChoice, Box<dyn Source>)>,
    /// What was wanted and is not there, though the rest is.
    missing: Vec<CaptureError>,
}

impl FoundSources {
    /// Finds what `sources` names. A screen or a device that was named must be there; a default
    /// camera or microphone that is not there is only missing.
    ///
    /// # Errors
    /// That of the first source that must be there and is not.
    pub(crate) fn find(sources: &Sources) -> Result<Self, CaptureError> {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for choice in sources.iter().filter(|choice| choice.selector != DeviceSelector::Off) {
            match find(choice) {
                Ok(source) => found.push((choice.clone(), source)),
                Err(error) if is_optional(choice) => missing.push(error),
                Err(error) => return Err(error),
            }
        }
        Ok(Self { found, missing })
    }

    /// Lets the person choose what of the screen is recorded, if `target` says so. Gives what
    /// repeats the choice.
    ///
    /// # Errors
    /// That nothing was chosen.
    pub(crate) async fn choose(
        &mut self,
        target: &CaptureTarget,
    ) -> Result<Option<RestoreToken>, CaptureError> {
        let CaptureTarget::Portal { .. } = target else { return Ok(None) };
        let screen = self.found.iter_mut().find(|(choice, _)| choice.kind == SourceKind::Screen);
        let Some((_, screen)) = screen else { return Ok(None) };
        let choice = screen.choose(target).await?;
        tracing::info!(again = choice.restore_token.is_some(), "A screen was chosen");
        Ok(choice.restore_token)
    }

    /// Opens them. One that is optional and does not open is only missing.
    ///
    /// # Errors
    /// That of the first source that must open and does not; that nothing was chosen.
    pub(crate) fn start(
        self,
        options: &StartOptions,
        clock: &TakeClock,
    ) -> Result<Inputs, RecorderError> {
        let Self { found, mut missing } = self;
        let mut all = Vec::new();
        for (choice, source) in found {
            match Input::start(source, &choice, options, clock) {
                Ok(input) => all.push(input),
                Err(error) if is_optional(&choice) => missing.push(error),
                Err(error) => return Err(error.into()),
            }
        }
        if all.is_empty() {
            let first = missing.into_iter().next();
            return Err(first.map_or(RecorderError::NothingToRecord, RecorderError::from));
        }
        let mut inputs = Inputs { all, missing };
        inputs.number_tracks()?;
        Ok(inputs)
    }
}

/// The sources of a take that could be opened, in the order in which they were chosen.
pub(crate) struct Inputs {
    pub(crate) all: Vec<Input>,
    /// What was wanted and could not be opened, though the rest could.
    pub(crate) missing: Vec<CaptureError>,
}

impl Inputs {
    /// Gives each source of sound its track.
    fn number_tracks(&mut self) -> Result<(), RecorderError> {
        let count = self.sounds().count();
        if count > MAX_SOUND_SOURCES {
            return Err(RecorderError::TooManySounds { count });
        }
        let tracks = sound_tracks(u8::try_from(count).unwrap_or(u8::MAX));
        let sounds = self.all.iter_mut().filter(|input| !input.slot.kind.is_picture());
        sounds.zip(tracks).for_each(|(input, track)| input.slot.track = track);
        Ok(())
    }

    /// The first source of a kind, if it is open.
    pub(crate) fn of_kind(&self, kind: SourceKind) -> Option<&Input> {
        self.all.iter().find(|input| input.slot.kind == kind && input.is_open())
    }

    /// The sources of pictures that were opened, with their place among all.
    pub(crate) fn pictures(&self) -> impl Iterator<Item = (usize, &Input)> {
        self.all.iter().enumerate().filter(|(_, input)| input.slot.kind.is_picture())
    }

    /// The sources of sound that were opened, with their place among all.
    pub(crate) fn sounds(&self) -> impl Iterator<Item = (usize, &Input)> {
        self.all.iter().enumerate().filter(|(_, input)| !input.slot.kind.is_picture())
    }

    /// The place among all of the sound that is metered and transcribed: the first voice, or else
    /// the first sound.
    pub(crate) fn voice(&self) -> Option<usize> {
        let voice = self.sounds().find(|(_, input)| input.slot.role == SourceRole::Voice);
        voice.or_else(|| self.sounds().next()).map(|(index, _)| index)
    }
}

/// The device that was chosen.
fn find(choice: &SourceChoice) -> Result<Box<dyn Source>, CaptureError> {
    match choice.kind {
        SourceKind::Screen => capture::screen(&choice.selector),
        SourceKind::Camera => capture::camera(&choice.selector),
        SourceKind::Microphone => capture::microphone(&choice.selector),
    }
}

/// Whether a take begins without it: a camera or microphone that nobody chose by name.
fn is_optional(choice: &SourceChoice) -> bool {
    choice.kind != SourceKind::Screen && choice.selector == DeviceSelector::Default
}
