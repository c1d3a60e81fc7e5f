//! Uploads: how clients speak of them, and appending what they send.

pub mod append;
pub mod dialect;
pub mod headers;
