//! What comes out of the encoder, judged by FFmpeg's own programs: `ffprobe` for times, `ffmpeg` for pixels and samples.

mod film;
mod picture;
mod sound;
mod stream;
