//! Conducts a take from countdown to safe in the library
