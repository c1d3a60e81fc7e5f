//! Uploads: their protocols, and appending what clients send.

pub(crate) mod append;
pub(crate) mod dialect;
pub(crate) mod headers;
