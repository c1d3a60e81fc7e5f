//! The uploader, the client and signing in, against a double of a library that keeps bytes by the
//! protocol's rules and fails on demand, and against the library itself.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what is not as it should be fails the test"
)]

mod client;
mod double;
mod metadata;
mod rig;
mod sending;
mod sign_in;
mod whole;
