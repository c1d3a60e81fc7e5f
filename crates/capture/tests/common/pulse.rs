//! A sound server.
