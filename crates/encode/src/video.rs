//! [`Video`]: encodes pictures to H.264, with libx264 or, if asked for, the video hardware of the
//! computer.
//!
//! Without delay: no B-frames, no look-ahead, no frame threads, so that a picture becomes a packet
//! at once, even at one picture a second. Key frames are made only where they are asked for.

use ff::codec::{self, threading};
use ff::{Dictionary, Packet, Rational, color, encoder, format, frame, picture};
use ffmpeg_next as ff;
use tracing::{debug, info};
use vignette_model::Micros;

use crate::picture::black_frame;
use crate::{Canvas, EncodeError, EncoderSettings, Profile};

/// Ticks a second of video times: what MP4 players expect, fine enough for capture times.
pub(crate) const VIDEO_HZ: u32 = 90_000;

/// A hardware encoder that accepts pictures from memory, with the options for no delay and for our
/// key frames. VA-API and QSV are not here: they accept pictures only from their own memory.
struct Hardware {
    name: &'static str,
    options: &'static [(&'static str, &'static str)],
}

#[cfg(target_os = "macos")]
const HARDWARE: &[Hardware] =
    &[Hardware { name: "h264_videotoolbox", options: &[("realtime", "1"), ("prio_speed", "1")] }];
#[cfg(windows)]
const HARDWARE: &[Hardware] = &[
    Hardware { name: "h264_nvenc", options: NVENC },
    Hardware { name: "h264_amf", options: &[("usage", "ultralowlatency"), ("forced_idr", "1")] },
    Hardware { name: "h264_mf", options: &[("scenario", "live_streaming")] },
];
#[cfg(not(any(target_os = "macos", windows)))]
const HARDWARE: &[Hardware] = &[Hardware { name: "h264_nvenc", options: NVENC }];

#[cfg(not(target_os = "macos"))]
const NVENC: &[(&str, &str)] = &[
    ("zerolatency", "1"),
    ("delay", "0"),
    ("forced-idr", "1"),
    ("no-scenecut", "1"),
    ("rc", "vbr"),
];

/// The window of the bit rate limit, in seconds.
const LIMIT_SECONDS: u64 = 6;

/// Encodes pictures to H.264.
pub(crate) struct Video {
    encoder: encoder::video::Encoder,
    packet: Packet,
    /// Hardware may read a picture after it was sent, so it gets copies.
    keeps_pictures: bool,
}

impl Video {
    /// Opens libx264, or hardware that has just encoded a test picture if the settings ask for it.
    pub(crate) fn open(settings: &EncoderSettings, size: Canvas) -> Result<Self, EncodeError> {
        if settings.hardware {
            for hardware in HARDWARE {
                match Self::open_hardware(hardware, settings, size) {
                    Ok(video) => {
                        info!(encoder = hardware.name, "Encoding by video hardware");
                        return Ok(video);
                    }
                    Err(error) => {
                        debug!(encoder = hardware.name, %error, "This video hardware is not \
                            to be used")
                    }
                }
            }
        }
        Self::open_x264(settings, size)
    }

    fn open_x264(settings: &EncoderSettings, size: Canvas) -> Result<Self, EncodeError> {
        let Profile { crf, preset, .. } = settings.profile;
        let mut options = Dictionary::new();
        options.set("preset", preset);
        // No look-ahead, no B-frames, slices instead of frame threads.
        options.set("tune", "zerolatency");
        options.set("profile", "high");
        options.set("crf", &crf.to_string());
        options.set("forced-idr", "1");
        options.set("x264-params", "scenecut=0:keyint=infinite:open-gop=0");
        Self::open_as("libx264", settings, size, options, false)
    }

    fn open_hardware(
        hardware: &Hardware,
        settings: &EncoderSettings,
        size: Canvas,
    ) -> Result<Self, EncodeError> {
        let open = || {
            let options = hardware.options.iter().copied().collect();
            Self::open_as(hardware.name, settings, size, options, true)
        };
        // Some encoders open but then fail, or return nothing.
        let mut trial = open()?;
        let mut packets = 0;
        trial.encode(&mut black_frame(size), Micros::ZERO, true, |packet| {
            packets += usize::from(packet.is_key())
        })?;
        trial.flush(|packet| packets += usize::from(packet.is_key()))?;
        if packets == 0 {
            return Err(EncodeError::EncoderMute { name: hardware.name });
        }
        open()
    }

    fn open_as(
        name: &'static str,
        settings: &EncoderSettings,
        size: Canvas,
        mut options: Dictionary<'_>,
        keeps_pictures: bool,
    ) -> Result<Self, EncodeError> {
        let codec = encoder::find_by_name(name).ok_or(EncodeError::NoEncoder { name })?;
        let mut video = codec::Context::new_with_codec(codec)
            .encoder()
            .video()
            .map_err(EncodeError::at("preparing the video encoder"))?;
        let fps = settings.fps_max.clamp(1, 120);
        video.set_width(size.width);
        video.set_height(size.height);
        video.set_format(format::Pixel::YUV420P);
        video.set_time_base(Rational(1, VIDEO_HZ as i32));
        video.set_frame_rate(Some(Rational(fps as i32, 1)));
        video.set_gop(1000);
        video.set_max_b_frames(0);
        video.set_colorspace(color::Space::BT709);
        video.set_color_primaries(color::Primaries::BT709);
        video.set_color_transfer_characteristic(color::TransferCharacteristic::BT709);
        video.set_color_range(color::Range::MPEG);
        // The muxer needs SPS and PPS apart from the stream.
        video.set_flags(codec::Flags::GLOBAL_HEADER);
        let mut threads = threading::Config::kind(threading::Type::Slice);
        threads.count = threads_for(size);
        video.set_threading(threads);
        let most = most_bits_per_second(settings.profile, size);
        if keeps_pictures {
            video.set_bit_rate(usize::try_from(most / 2).unwrap_or(usize::MAX));
        }
        // The limit applies to several seconds. With a tight one, libx264 encodes key frames of
        // text twice to make them fit: a third more work, and pulsating letters.
        options.set("maxrate", &most.to_string());
        options.set("bufsize", &(most * LIMIT_SECONDS).to_string());
        let encoder =
            video.open_with(options).map_err(EncodeError::at("opening the video encoder"))?;
        Ok(Self { encoder, packet: Packet::empty(), keeps_pictures })
    }

    /// What the muxer needs to know.
    pub(crate) fn context(&self) -> &codec::Context {
        &self.encoder
    }

    /// Encodes a picture; packets that are ready go to `out`.
    pub(crate) fn encode(
        &mut self,
        picture: &mut frame::Video,
        at: Micros,
        key: bool,
        out: impl FnMut(Packet),
    ) -> Result<(), EncodeError> {
        picture.set_pts(Some(i64::try_from(at.to_ticks(VIDEO_HZ)).unwrap_or(i64::MAX)));
        picture.set_kind(if key { picture::Type::I } else { picture::Type::None });
        let sent = if self.keeps_pictures {
            let mut copy = picture.clone();
            copy.set_pts(picture.pts());
            copy.set_kind(picture.kind());
            self.encoder.send_frame(&copy)
        } else {
            self.encoder.send_frame(picture)
        };
        sent.map_err(EncodeError::at("encoding a picture"))?;
        self.receive(out)
    }

    /// Gives the packets that the encoder held back, if any. Nothing may be encoded afterwards.
    pub(crate) fn flush(&mut self, out: impl FnMut(Packet)) -> Result<(), EncodeError> {
        self.encoder.send_eof().map_err(EncodeError::at("ending the video"))?;
        self.receive(out)
    }

    fn receive(&mut self, mut out: impl FnMut(Packet)) -> Result<(), EncodeError> {
        loop {
            match self.encoder.receive_packet(&mut self.packet) {
                Ok(()) => out(std::mem::replace(&mut self.packet, Packet::empty())),
                Err(ff::Error::Eof | ff::Error::Other { errno: ff::error::EAGAIN }) => {
                    return Ok(());
                }
                Err(error) => return Err(EncodeError::at("encoding a picture")(error)),
            }
        }
    }
}

/// Slices are encoded in parallel, but more of them cost quality. Two suffice for 1080p.
fn threads_for(size: Canvas) -> usize {
    let wanted = if size.width * size.height > 1920 * 1200 { 4 } else { 2 };
    std::thread::available_parallelism().map_or(1, usize::from).min(wanted)
}

/// The bit rate limit of the profile in proportion to the picture, with a minimum for text on small
/// screens.
fn most_bits_per_second(profile: Profile, size: Canvas) -> u64 {
    let pixels = u64::from(size.width) * u64::from(size.height);
    (u64::from(profile.video_bits_per_second) * pixels / (1920 * 1080)).max(1_000_000)
}
