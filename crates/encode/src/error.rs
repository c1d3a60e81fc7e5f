//! [`EncodeError`]: why frames or a file could not become a stream.

use thiserror::Error;
use vignette_model::{ErrorCode, Micros, Problem};

/// Why frames or a file could not become a stream.
#[derive(Debug, Error)]
pub enum EncodeError {
    /// FFmpeg refused; `step` says what it was asked to do.
    #[error("{step}: {source}")]
    Codec {
        /// What was being done.
        step: &'static str,
        /// What FFmpeg says.
        source: ffmpeg_next::Error,
    },
    /// The FFmpeg that we are linked with lacks an encoder that we need.
    #[error("this FFmpeg has no {name} encoder")]
    NoEncoder {
        /// FFmpeg's name of it.
        name: &'static str,
    },
    /// An encoder opened but returned nothing for a test picture.
    #[error("the {name} encoder gives no pictures")]
    EncoderMute {
        /// FFmpeg's name of it.
        name: &'static str,
    },
    /// A frame whose data does not match its description. The picture is unchanged; the take may go
    /// on.
    #[error("a frame at {at} is not what it says: {what}")]
    BadFrame {
        /// When it was captured.
        at: Micros,
        /// What does not fit.
        what: &'static str,
    },
    /// Sound whose data does not match its description. The take may go on.
    #[error("sound at {at} is not what it says: {what}")]
    BadSound {
        /// When it was captured.
        at: Micros,
        /// What does not fit.
        what: &'static str,
    },
    /// A JPEG could not be made.
    #[error("no JPEG of a picture: {0}")]
    Jpeg(#[from] image::ImageError),
    /// A file could not be read.
    #[error("the file cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// A file that is not a video we take.
    #[error("the file is not a video that can be taken: {what}")]
    NotAVideo {
        /// What is wrong with it.
        what: &'static str,
    },
}

impl EncodeError {
    /// For `map_err`: FFmpeg's error, with what it was asked to do.
    pub(crate) fn at(step: &'static str) -> impl FnOnce(ffmpeg_next::Error) -> Self {
        move |source| Self::Codec { step, source }
    }
}

impl From<EncodeError> for Problem {
    fn from(error: EncodeError) -> Self {
        if let EncodeError::NotAVideo { what } = error {
            let message = format!("The file cannot be taken as a video: {what}.");
            return Self::new(ErrorCode::NotAStream, message).with_help(
                "Take an MP4, MOV, MKV or WebM file that plays elsewhere, or convert it to MP4 \
                 first, as HandBrake does.",
            );
        }
        let message = format!("The video could not be made: {error}.");
        match error {
            EncodeError::NoEncoder { .. } | EncodeError::EncoderMute { .. } => {
                Self::new(ErrorCode::NotOnThisSystem, message)
                    .with_help("Install an FFmpeg that has libx264 and AAC; the README says how.")
            }
            EncodeError::BadFrame { .. } | EncodeError::BadSound { .. } => {
                Self::new(ErrorCode::SourceUnavailable, message)
            }
            EncodeError::File(_) => Self::new(ErrorCode::BadRequest, message)
                .with_help("Check the path and that you may read the file."),
            EncodeError::Codec { .. } | EncodeError::Jpeg(_) | EncodeError::NotAVideo { .. } => {
                Self::new(ErrorCode::Internal, message)
            }
        }
    }
}
