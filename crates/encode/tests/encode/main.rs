//! What comes out of the encoder, judged by FFmpeg's own programs: `ffprobe` for times, `ffmpeg`
//! for pixels and samples.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_possible_truncation,
    reason = "a test may fail loudly"
)]

mod film;
mod foreign;
mod foreign_copies;
mod foreign_cuts;
mod foreign_looks;
mod import;
mod picture;
mod sound;
mod stream;
