//! fmp4 on real streams: see `../data/README.md` for where they come from.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what is not as it should be fails the test"
)]

mod cut;
mod golden;
mod peer;
mod refuse;
mod seal;
mod streams;
