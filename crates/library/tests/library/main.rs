//! The library as a whole, over SQLite in memory and media in memory or on disk.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod acknowledge;
mod append;
mod contract;
mod crash;
mod jobs;
mod people;
mod processes;
mod property;
mod reply;
mod rig;
mod seal;
mod transcript;
mod watch;
