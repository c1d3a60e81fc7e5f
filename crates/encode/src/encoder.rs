//! [`Encoder`]: conducts frames and samples into pieces of a stream.

use vignette_model::{Frame, Micros, Samples};

use crate::{Bubble, EncodeError, Output, Settings, Totals};

/// Makes a stream of what the sources give. Called from one thread; may be moved to another.
///
/// All times are take times with pauses already taken out. Hand over whatever frames and samples are at hand before each
/// [`Encoder::tick`].
pub struct Encoder {}

impl Encoder {
    /// Opens the encoders and hands the init segment to `sink` at once.
    ///
    /// # Errors
    /// [`EncodeError`] if no encoder can be opened.
    pub fn new(settings: Settings, sink: impl FnMut(Output) + Send + 'static) -> Result<Self, EncodeError> {
        let _ = (settings, sink);
        unimplemented!()
    }

    /// Takes in what changed on the screen. Cheap: only the patches are converted, nothing is encoded.
    ///
    /// # Errors
    /// [`EncodeError::BadFrame`]; the picture stays as it was and the take may go on.
    pub fn screen(&mut self, frame: &Frame) -> Result<(), EncodeError> {
        let _ = frame;
        unimplemented!()
    }

    /// Takes in a picture of the camera.
    ///
    /// # Errors
    /// [`EncodeError::BadFrame`]; the picture stays as it was and the take may go on.
    pub fn camera(&mut self, frame: &Frame) -> Result<(), EncodeError> {
        let _ = frame;
        unimplemented!()
    }

    /// Takes in sound.
    ///
    /// # Errors
    /// [`EncodeError::BadSound`], after which the take may go on; [`EncodeError::Codec`] if the encoder fails.
    pub fn sound(&mut self, samples: &Samples) -> Result<(), EncodeError> {
        let _ = samples;
        unimplemented!()
    }

    /// Moves the bubble, or hides it. Seen from the next picture on.
    pub fn set_bubble(&mut self, bubble: Option<Bubble>) {
        let _ = bubble;
        unimplemented!()
    }

    /// Says what time it is: encodes a picture if one is due, and hands a fragment to the sink if one is whole.
    ///
    /// # Errors
    /// [`EncodeError::Codec`] if the encoder or the muxer fails.
    pub fn tick(&mut self, now: Micros) -> Result<(), EncodeError> {
        let _ = now;
        unimplemented!()
    }

    /// A JPEG of about the first second, at most 1280 wide and 300 kB; none before the first picture.
    #[must_use]
    pub fn poster(&mut self) -> Option<Vec<u8>> {
        unimplemented!()
    }

    /// Ends the stream at `end`: the last picture and the sound last until then. The last fragment goes to the sink.
    ///
    /// # Errors
    /// [`EncodeError::Codec`] if the encoder or the muxer fails; every fragment handed out before stays good.
    pub fn finish(self, end: Micros) -> Result<Totals, EncodeError> {
        let _ = end;
        unimplemented!()
    }
}
