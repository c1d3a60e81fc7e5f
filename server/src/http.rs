//! HTTP itself: connections, headers, bodies, ranges and limits. Nothing here knows the library's
//! routes or its state.

pub(crate) mod api_error;
pub(crate) mod body;
pub(crate) mod body_budget;
pub(crate) mod byte_range;
pub(crate) mod compression;
pub(crate) mod date;
pub(crate) mod descriptors;
pub(crate) mod headers;
pub(crate) mod host;
pub(crate) mod keyed_limit;
pub(crate) mod listener;
pub(crate) mod peer;
pub(crate) mod ranges;
pub(crate) mod rate_limit;
pub(crate) mod security;
