//! Takes on this computer's disk until a library has them, and what is left of them after a crash.
//!
//! ```text
//! begin ─▶ TakeWriter: append (whole piece, fdatasync) … ─▶ finish ─▶ complete
//! complete ─▶ read, piece by piece ─▶ remove
//!              └─ crash ─▶ recover: cut after the last whole piece ────┘
//! ```
//!
//! Invariants: a piece that was appended survives `kill -9` and a power cut; only the stream itself
//! says what it holds, and no journal can disagree with it (a record is believed once it is that of
//! a complete take of exactly this size); one program at a time changes a take.
#![forbid(unsafe_code)]

mod begin;
mod error;
mod free_space;
mod import;
mod orphan_clip;
mod owned;
mod record;
mod recover;
mod scan;
mod spool;
mod take;
mod transcript;
mod transcript_file;
mod writer;

pub use error::SpoolError;
pub use free_space::{Disk, FULL_BYTES, FreeSpace, SimulatedDisk};
pub use orphan_clip::OrphanClip;
pub use spool::Spool;
pub use take::{
    StreamRecord, SyncedMetadata, Take, TakeDetails, TakeEdit, TranscriptPlan, TranscriptRecord,
    TranscriptionAttempts, UploadRecord,
};
pub use writer::TakeWriter;
