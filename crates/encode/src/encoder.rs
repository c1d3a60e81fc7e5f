//! [`Encoder`]: encodes frames and samples to the pieces of a stream.
//!
//! ```text
//! screen ─ patches ─▶ layer ─┐                       pacer: is a picture due?
//!                            ├─ compose ─▶ one picture ─▶ H.264 ─┐
//! camera ─ picture ─▶ bubble ┘      └─▶ poster                   ├─ stream: in order, cut ─▶ mux ─▶ EncodedPiece
//! sound ── samples ─▶ resample, fill, mix ─▶ AAC ────────────────┘
//! ```
//!
//! Frames and samples are stored as they arrive; pictures are encoded and fragments sent to the
//! sink only in [`Encoder::tick`] and [`Encoder::finish`].

use ff::frame;
use ffmpeg_next as ff;
use tracing::warn;
use vignette_model::{Frame, Micros, Samples};

use crate::compose::Composer;
use crate::frame_pacer::{DuePicture, FramePacer};
use crate::mux::Mux;
use crate::poster::PosterPicker;
use crate::sound::Sound;
use crate::stream::Stream;
use crate::video::Video;
use crate::{Bubble, EncodeError, EncodedPiece, EncoderSettings, MAX_SOUND_SOURCES, Totals};

/// Encodes what the sources deliver as a stream. Called from one thread; may be moved to another.
///
/// All times are clip times: pauses are already taken out. Pass all available frames and samples
/// before each [`Encoder::tick`].
pub struct Encoder {
    composer: Composer,
    pacer: FramePacer,
    video: Video,
    sound: Option<Sound>,
    stream: Stream,
    poster: PosterPicker,
    unseen: [Unseen; 2],
    left_out: u64,
    /// The time of the last tick.
    now: Micros,
}

impl Encoder {
    /// Opens the encoders and hands the init segment to `sink` at once.
    ///
    /// # Errors
    /// [`EncodeError`] if no encoder can be opened.
    pub fn new(
        settings: EncoderSettings,
        sink: impl FnMut(EncodedPiece) + Send + 'static,
    ) -> Result<Self, EncodeError> {
        begin_ffmpeg()?;
        let size = settings.canvas.fitted(settings.profile.most);
        let video = Video::open(&settings, size)?;
        let sound = match settings.sound.as_slice() {
            [] => None,
            roles => {
                Some(Sound::open(&roles[..roles.len().min(MAX_SOUND_SOURCES)], settings.profile)?)
            }
        };
        let tracks = sound.as_ref().map(Sound::tracks).unwrap_or_default();
        let sound_tracks = tracks.len();
        let (mux, init) = Mux::new(video.context(), &tracks, "")?;
        drop(tracks);
        Ok(Self {
            composer: Composer::new(size, settings.bubble),
            pacer: FramePacer::new(settings.fps_max),
            video,
            stream: Stream::new(mux, init, sound_tracks, Box::new(sink)),
            sound,
            poster: PosterPicker::default(),
            unseen: Default::default(),
            left_out: 0,
            now: Micros::ZERO,
        })
    }

    /// Like [`Encoder::new`], for a file, whose sound is never late but may be stored far from its
    /// pictures.
    pub(crate) fn for_file(
        settings: EncoderSettings,
        sink: impl FnMut(EncodedPiece) + Send + 'static,
    ) -> Result<Self, EncodeError> {
        let mut encoder = Self::new(settings, sink)?;
        if let Some(sound) = &mut encoder.sound {
            sound.wait_for_file();
        }
        Ok(encoder)
    }

    /// Takes a decoded picture as the screen: 8-bit 4:2:0, BT.709, even sides.
    pub(crate) fn picture_of_file(&mut self, picture: &frame::Video, at: Micros) {
        self.composer.decoded(picture, at);
    }

    /// Takes the changes of the screen. Cheap: only the patches are converted, nothing is encoded.
    ///
    /// A screen whose size changes during the take is fitted into the picture, never enlarged.
    ///
    /// # Errors
    /// [`EncodeError::BadFrame`]; the picture stays as it was and the take may go on.
    pub fn screen(&mut self, frame: &Frame) -> Result<(), EncodeError> {
        self.composer.screen(frame)?;
        self.unseen[0].add(frame.at);
        Ok(())
    }

    /// Takes a picture of the camera. It is shown in the bubble once there is a screen; until then
    /// it is the whole picture, not mirrored, so that text held up to the camera is legible.
    ///
    /// # Errors
    /// [`EncodeError::BadFrame`]; the picture stays as it was and the take may go on.
    pub fn camera(&mut self, frame: &Frame) -> Result<(), EncodeError> {
        self.composer.camera(frame)?;
        self.unseen[1].add(frame.at);
        Ok(())
    }

    /// Takes sound of a source, by its index in [`EncoderSettings::sound`].
    ///
    /// # Errors
    /// [`EncodeError::BadSound`], after which the take may go on; [`EncodeError::Codec`] if the
    /// encoder fails.
    pub fn sound(&mut self, source: usize, samples: &Samples) -> Result<(), EncodeError> {
        match &mut self.sound {
            Some(sound) => {
                sound.hear(source, samples, |track, packet| self.stream.sound(track, packet))
            }
            None => Ok(()),
        }
    }

    /// Moves or hides the bubble, from the next picture on.
    pub fn set_bubble(&mut self, bubble: Option<Bubble>) {
        self.composer.set_bubble(bubble, self.now);
    }

    /// Declares the sound of a source lost: until some arrives again, missing sound is replaced by
    /// silence at once, so that pictures do not wait for it. Sound that is late for another reason
    /// is waited for.
    pub fn sound_is_lost(&mut self, source: usize) {
        if let Some(sound) = &mut self.sound {
            sound.is_lost(source);
        }
    }

    /// Declares that every picture captured before `now` was passed: encodes one if it is due, and
    /// sends completed fragments to the sink.
    ///
    /// # Errors
    /// [`EncodeError::Codec`] if the encoder or the muxer fails.
    pub fn tick(&mut self, now: Micros) -> Result<(), EncodeError> {
        self.now = now;
        while let Some(due) = self.pacer.next(self.composer.newest(), now) {
            self.picture(due)?;
            if !due.again {
                break;
            }
        }
        if let Some(sound) = &mut self.sound {
            sound.tick(now, |track, packet| self.stream.sound(track, packet))?;
        }
        self.stream.advance()
    }

    /// How many pictures were encoded so far.
    #[must_use]
    pub const fn pictures(&self) -> u64 {
        self.stream.pictures()
    }

    /// A JPEG of about the first second, at most 1280 wide and 300 kB; none before the first
    /// picture.
    #[must_use]
    pub fn poster(&mut self) -> Option<Vec<u8>> {
        let jpeg = self.poster.jpeg()?;
        jpeg.inspect_err(|error| warn!(%error, "No poster of this take")).ok()
    }

    /// Ends the stream at `end`, or with the last picture if that was captured later: picture and
    /// sound last until then. The last fragment is sent to the sink.
    ///
    /// # Errors
    /// [`EncodeError::Codec`] if the encoder or the muxer fails; every fragment handed out before
    /// stays good.
    pub fn finish(mut self, end: Micros) -> Result<Totals, EncodeError> {
        while let Some(due) = self.pacer.last(self.composer.newest(), end) {
            self.picture(due)?;
        }
        self.video.flush(|packet| self.stream.picture(packet))?;
        // Sound must last as long as the last picture: some players wait for it forever.
        let end = self.stream.end(end);
        if let Some(sound) = &mut self.sound {
            sound.finish(end, |track, packet| self.stream.sound(track, packet))?;
        }
        let totals = self.stream.finish(end)?;
        Ok(Totals { left_out: self.left_out, ..totals })
    }

    fn picture(&mut self, due: DuePicture) -> Result<(), EncodeError> {
        if due.again {
            return self.video.encode(self.composer.composed(), due.at, due.key, |packet| {
                self.stream.picture(packet)
            });
        }
        let picture = self.composer.compose()?;
        self.poster.look(picture, due.at);
        for unseen in &mut self.unseen {
            self.left_out += unseen.show();
        }
        self.video.encode(picture, due.at, due.key, |packet| self.stream.picture(packet))
    }
}

/// The pictures of a source that no picture of the stream has shown yet.
#[derive(Debug, Default)]
struct Unseen {
    count: u64,
    newest: Micros,
}

impl Unseen {
    /// Pictures with the same time were captured during a pause: only the last of them counts.
    fn add(&mut self, at: Micros) {
        self.count += u64::from(self.count == 0 || at > self.newest);
        self.newest = at;
    }

    /// Marks the newest as shown; returns how many before it never were.
    fn show(&mut self) -> u64 {
        std::mem::take(&mut self.count).saturating_sub(1)
    }
}

/// Initialises FFmpeg and silences its log: errors are returned instead.
pub(crate) fn begin_ffmpeg() -> Result<(), EncodeError> {
    ff::init().map_err(EncodeError::at("starting FFmpeg"))?;
    ff::log::set_level(ff::log::Level::Fatal);
    Ok(())
}
