//! Uploads: their protocols, and appending what clients send.

pub mod append;
pub mod dialect;
pub mod headers;
