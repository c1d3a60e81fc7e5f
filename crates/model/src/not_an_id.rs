//! [`NotAnId`]: why text could not be read as an id, a key, a secret or a digest.

use thiserror::Error;

/// Text that is not the id, key or secret it should be.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("this is not a valid {0}")]
pub struct NotAnId(pub &'static str);
