//! The library over HTTP: routes, sessions, pages.
//!
//! ```text
//! http ─▶ config, folder ─▶ app ─▶ access ─▶ uploads, pages ─▶ routes ─▶ router ─▶ instance ─▶ admin, embed
//! ```
//! Each module uses those to its left alone.
#![forbid(unsafe_code)]

mod access;
pub mod admin;
mod app;
pub mod check;
pub mod config;
pub mod embed;
pub mod folder;
mod http;
mod instance;
pub mod links;
mod pages;
mod router;
mod routes;
mod run_error;
mod setup;
mod uploads;
mod warnings;

pub use config::Config;
pub use http::date::Date;
pub use instance::{LibraryInstance, run};
pub use routes::openapi;
pub use run_error::RunError;
