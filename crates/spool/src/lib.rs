//! Takes on this computer's disk until a library has them, and what is left of them after a crash.
#![forbid(unsafe_code)]

mod error;
mod spool;
mod take;
mod writer;

pub use error::SpoolError;
pub use spool::{Room, Spool};
pub use take::{Take, Told};
pub use writer::TakeWriter;
