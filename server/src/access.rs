//! Access: who sent a request, what they may do, and how much of their body is read.

pub mod allowed;
pub mod credentials;
pub mod handlers;
pub mod payload;
pub mod requester;
pub mod user_agent;
