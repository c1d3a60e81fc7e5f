//! Access: who sent a request, what they may do, and how much of their body is read.

pub(crate) mod allowed;
pub(crate) mod credentials;
pub(crate) mod handlers;
pub(crate) mod payload;
pub(crate) mod requester;
pub(crate) mod user_agent;
