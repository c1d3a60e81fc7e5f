//! The words of Vignette as types: ids, time, frames, takes, API requests and answers, error codes.
//!
//! Every other room speaks these words and none of them is defined twice. Nothing here does input or output, and nothing
//! here knows a runtime, a database, a web framework or a window.

mod anchor;
pub mod api;
mod backoff;
mod channels;
mod clock;
pub mod digest;
pub mod fields;
mod frame;
mod id;
mod not_an_id;
pub mod paths;
mod problem;
mod reaction;
pub mod source;
pub mod take;
pub mod text;
mod time;
pub mod transcript;
mod upload_headers;

pub use anchor::{Anchor, Point, Shape, ShapeError};
pub use backoff::Backoff;
pub use channels::{Channels, Place};
pub use clock::{Clock, SimulatedClock, SystemClock, TakeClock};
pub use digest::Sha256;
pub use frame::{
    Captured, Frame, FrameData, GpuPicture, NotARect, Notice, Patch, PixelFormat, Pixels, Rect,
    Samples,
};
pub use id::{ClipId, ClipKey, PersonId, ReactionId, RecordingId, ReplyId, Secret, TakeId};
pub use not_an_id::NotAnId;
pub use problem::{ErrorCode, Problem};
pub use reaction::ReactionKind;
pub use source::{SourceKind, SourceRole, SourceSlot};
pub use time::{Micros, Span, UtcMicros};
pub use upload_headers::UploadHeaders;
