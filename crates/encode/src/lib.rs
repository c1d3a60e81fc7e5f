//! Frames to fragmented MP4: compose, encode, mux; poster, preview and import.
//!
//! [`Encoder`] takes frames and samples of the sources and returns whole pieces of a stream: one
//! [`EncodedPiece::Init`], then an [`EncodedPiece::Fragment`] about every 1.6 s of take time.
//! [`remux_to_stream`] makes the same pieces of a finished file, and [`sound_of`] decodes the sound
//! of either. Everything here is synchronous, runs on the caller's thread and reads no clock: time
//! comes in with the frames and with [`Encoder::tick`].

mod bubble;
mod canvas;
mod canvas_size;
mod changed_region;
mod compose;
mod convert;
mod drift;
mod encoded_piece;
mod encoder;
mod error;
mod frame_pacer;
mod import;
mod mux;
mod picture;
mod poster;
mod profile;
mod scale;
mod settings;
mod sound;
mod stream;
mod video;

pub use canvas_size::Canvas;
pub use encoded_piece::{EncodedPiece, Totals};
pub use encoder::Encoder;
pub use error::EncodeError;
pub use import::{ImportProgress, Imported, LeftOut, LeftOutKind, remux_to_stream, sound_of};
pub use poster::{Thumbnails, preview};
pub use profile::{Profile, UnknownProfile};
pub use settings::{Bubble, Corner, EncoderSettings, MAX_SOUND_SOURCES, UnknownCorner};
