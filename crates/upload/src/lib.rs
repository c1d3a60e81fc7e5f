//! Spool to library, for ever; signing in; the client of the API.
#![forbid(unsafe_code)]

mod address;
mod client;
mod credentials;
mod error;
mod policy;
mod retry;
pub mod sign_in;
mod upload_state;
mod uploader;

pub use address::{is_readable_on_the_way, library_url};
pub use client::{Client, EventStream};
pub use credentials::{Credentials, CredentialsError};
pub use error::{ClientError, NoLink, NotALibraryAddress, SignInError};
pub use uploader::{LINK_BUDGET, UploadProgress, Uploader};
