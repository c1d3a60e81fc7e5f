//! Spool to library, for ever; signing in; the client of the API.
#![forbid(unsafe_code)]

mod course;
pub mod policy;

pub use course::{Course, UploadStatus};
