//! What the HTTP clients share, over `reqwest`: addresses as people write them, the set-up of a
//! client, bodies of bounded size, and the cause of an error without its address. Used by the
//! client of the library's API, by endpoints for insights, and by downloads of speech models.
#![forbid(unsafe_code)]

mod address;
mod body;
mod client;

pub use address::{AddressError, is_this_computer, parse_address};
pub use body::{BodyError, read_body};
pub use client::{cause, client_builder};
