//! The library over HTTP, as clients and browsers meet it.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what is not as it should be fails the test"
)]

#[path = "../common/mod.rs"]
mod common;

mod asked_first;
mod bad_input;
mod checking;
mod compression;
#[cfg(target_os = "linux")]
mod disk;
mod embedded;
mod events;
mod hosts;
#[cfg(unix)]
mod jobs;
mod naming;
mod openapi;
mod other_clients;
mod outside;
mod pages;
mod people;
#[cfg(unix)]
mod program;
mod ranges;
mod reactions;
mod replies;
mod rights;
mod sign_in;
mod transcript;
mod uploads;
#[cfg(unix)]
mod version_before;
mod watching;
