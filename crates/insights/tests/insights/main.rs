//! Insights: what the rules make of the corpus, of anything at all, and what comes of an endpoint.
#![expect(clippy::unwrap_used, reason = "in a test that is how it fails")]

mod corpus;
mod double;
mod endpoint;
mod extractive;
mod score;
