//! Takes on this computer's disk until a library has them, and what is left of them after a crash.
//!
//! ```text
//! begin ─▶ TakeWriter: append (whole piece, fdatasync) … ─▶ finish ─▶ complete ─▶ read, piece by piece ─▶ remove
//!              └─ crash ─▶ recover: cut after the last whole piece ────┘
//! ```
//!
//! Invariants: a piece that was appended survives `kill -9` and a power cut; only the stream itself says what it holds, and
//! no journal can disagree with it (a record is believed once it is that of a complete take of exactly this size); one
//! program at a time changes a take.
#![forbid(unsafe_code)]

mod error;
mod import;
mod owned;
mod record;
mod recover;
mod room;
mod scan;
mod spool;
mod take;
mod transcript;
mod unwanted;
mod writer;

pub use error::SpoolError;
pub use room::{Disk, FULL_BYTES, LOW_BYTES, MachineDisk, Room, SimulatedDisk};
pub use spool::Spool;
pub use take::{Hearings, Take, Told};
pub use unwanted::Unwanted;
pub use writer::TakeWriter;
