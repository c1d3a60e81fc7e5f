//! Conducts a take from countdown to "safe in the library".
pub mod timeline;
