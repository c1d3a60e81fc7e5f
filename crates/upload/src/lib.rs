//! Spool to library, for ever; signing in; the client of the API.
#![forbid(unsafe_code)]

mod address;
mod client;
mod course;
mod credentials;
pub mod policy;
pub mod sign_in;
mod uploader;

pub use address::{is_readable_on_the_way, library_url};
pub use client::{Append, AppendRefused, Client, Events};
pub use course::{Course, UploadStatus};
pub use credentials::{Credentials, CredentialsError};
pub use uploader::{LINK_BUDGET, Progress, Uploader};
