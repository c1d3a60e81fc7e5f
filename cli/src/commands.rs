//! One command a file.

pub(crate) mod app;
pub(crate) mod demo;
pub(crate) mod devices;
pub(crate) mod library;
pub(crate) mod models;
pub(crate) mod record;
pub(crate) mod sign_in;
pub(crate) mod takes;
pub(crate) mod transcribe;
pub(crate) mod upload;
