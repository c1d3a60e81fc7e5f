//! The library over HTTP: routes, sessions, pages.
//!
//! ```text
//! http ─▶ config, folder ─▶ app ─▶ access ─▶ uploads, pages ─▶ routes ─▶ router ─▶ instance ─▶ admin, embed
//! ```
//! Each module uses those to its left alone.
#![forbid(unsafe_code)]

pub mod access;
pub mod admin;
pub mod app;
pub mod check;
pub mod config;
pub mod embed;
pub mod folder;
pub mod http;
pub mod instance;
pub mod links;
pub mod pages;
pub mod router;
pub mod routes;
pub mod run_error;
pub mod setup;
pub mod uploads;
pub mod warnings;

pub use config::Config;
pub use instance::{LibraryInstance, run};
pub use run_error::RunError;
