//! The library over HTTP: routes, sessions, pages.
#![forbid(unsafe_code)]

pub mod advice;
pub mod allowed;
pub mod app;
pub mod appending;
pub mod asker;
pub mod assets;
pub mod beside;
pub mod body;
pub mod browser;
pub mod check;
pub mod config;
pub mod date;
pub mod descriptors;
pub mod dialect;
pub mod embed;
pub mod folder;
pub mod gate;
pub mod headers;
pub mod host;
pub mod listener;
pub mod opened;
pub mod pages;
pub mod payload;
pub mod peer;
pub mod places;
pub mod range;
pub mod rate;
pub mod refusal;
pub mod routes;
pub mod security;
pub mod setup;
pub mod turns;

pub use config::Config;
pub use opened::{Opened, RunError, run};
