//! The spool on a real disk.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what is not as it should be fails the test"
)]

mod crash;
mod import;
mod recover;
mod streams;
mod takes;
mod transcript;
mod version_before;
