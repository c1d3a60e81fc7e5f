//! HTTP itself: connections, headers, bodies, ranges and limits. Nothing here knows the library's
//! routes or its state.

pub mod api_error;
pub mod body;
pub mod body_budget;
pub mod byte_range;
pub mod date;
pub mod descriptors;
pub mod headers;
pub mod host;
pub mod keyed_limit;
pub mod listener;
pub mod peer;
pub mod ranges;
pub mod rate_limit;
pub mod security;
