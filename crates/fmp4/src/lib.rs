//! Bytes to and from init segment, fragments, index, sealed header and playlists. Pure: no input,
//! no output, no waiting.
//!
//! ```text
//!              ┌ Init      ┐
//! bytes ─▶ Cutter          ├─▶ index ─▶ playlist::media      (plays while it grows)
//!              └ Fragment… ┘   moofs ─▶ Sealer               (header + the untouched stream = one plain MP4)
//! ```
//!
//! Whatever comes from outside is bounded by [`Limits`] before anything is allocated or counted,
//! and all arithmetic on it is checked. What the [`Cutter`] accepts can be sealed. Boxes are those
//! of ISO/IEC 14496-12 (ISO base media file format).
#![forbid(unsafe_code)]

mod boxes;
mod codec;
mod cut;
mod dump;
mod error;
mod fragment;
mod init;
mod limits;
mod moof;
mod moov;
pub mod playlist;
mod seal;
mod tables;
mod times;
mod track;
mod write;

pub use cut::{Cutter, Piece};
pub use dump::dump;
pub use error::{Fault, FormatError};
pub use fragment::Fragment;
pub use init::Init;
pub use limits::Limits;
pub use seal::Sealer;
pub use track::{Track, TrackKind};
