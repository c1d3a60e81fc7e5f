//! [`Limits`]: how much of a stream is believed before it is refused.

use crate::Fault;

/// The most that a stream from outside may ask for. Nothing is allocated or looped over before it
/// has been held against these.
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
    /// The most samples that all tracks of one stream may have together: a sealed file's tables
    /// have 8 to 24 bytes for each.
    pub samples: u32,
    /// The most tracks.
    pub tracks: usize,
}

impl Limits {
    /// What a library takes: 64 GiB, fragments of at most 128 MiB and 64 Ki samples, 24 hours of
    /// 1-second fragments, and 4 Mi samples: 10 hours of 60 pictures and 47 sound frames a second
    /// are 3.9 million.
    pub const DEFAULT: Self = Self {
        stream_bytes: 64 << 30,
        header_box_bytes: 4 << 20,
        fragment_bytes: 128 << 20,
        fragment_samples: 1 << 16,
        fragments: 24 * 60 * 60,
        samples: 4 << 20,
        tracks: 8,
    };

    /// Refuses a stream that has come to so many samples.
    pub(crate) fn check_samples(&self, so_far: u64) -> Result<(), Fault> {
        let most = u64::from(self.samples);
        if so_far > most {
            return Err(Fault::TooMuch {
                what: "the number of samples in the stream",
                value: so_far,
                most,
            });
        }
        Ok(())
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
