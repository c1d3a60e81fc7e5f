//! What every [`Store`](crate::store::Store) and every [`Media`](crate::media::Media) has to do, as suites to be called from the
//! tests of whoever implements one. Each panics with the sentence that does not hold.
#![expect(clippy::unwrap_used, reason = "a suite is a test")]

mod media;
mod people;
mod search;
mod store;
mod transcript;

pub use media::media;
pub use store::store;
