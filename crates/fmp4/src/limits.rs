//! [`Limits`]: how much of a stream is believed before it is refused.

/// The most that a stream from outside may ask for. Nothing is allocated or looped over before it has been held against these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest whole stream, in bytes.
    pub stream_bytes: u64,
    /// The largest moov or moof, in bytes. Only these are ever held in memory.
    pub header_box_bytes: u64,
    /// The largest fragment (moof, mdat and what comes before them), in bytes.
    pub fragment_bytes: u64,
    /// The most samples that all tracks of one fragment may have together.
    pub fragment_samples: u32,
    /// The most fragments of one stream.
    pub fragments: u32,
    /// The most tracks.
    pub tracks: usize,
}

impl Limits {
    /// What a library takes: 64 GiB, fragments of at most 128 MiB and 64 Ki samples, 24 hours of 1-second fragments.
    pub const DEFAULT: Self = Self {
        stream_bytes: 64 << 30,
        header_box_bytes: 4 << 20,
        fragment_bytes: 128 << 20,
        fragment_samples: 1 << 16,
        fragments: 24 * 60 * 60,
        tracks: 8,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
