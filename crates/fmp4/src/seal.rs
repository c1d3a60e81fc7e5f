//! [`sealed_header`]: the bytes that, put before a complete stream, make it one plain MP4.

use crate::FormatError;

/// Part of every ETag of a sealed file: it changes when the same stream would be given another header.
pub const FORMAT_VERSION: u32 = 1;

/// Collects the sample tables of a stream, one moof after another.
#[derive(Clone, Debug)]
pub struct Sealer {}

impl Sealer {
    /// Begins with the whole init segment of the stream.
    ///
    /// # Errors
    /// [`FormatError`] if the bytes are not one.
    pub fn new(init: &[u8]) -> Result<Self, FormatError> {
        let _ = init;
        unimplemented!()
    }

    /// Adds the samples of the moof box that lies at `offset_bytes` of the stream. Moofs come in the order of the stream.
    ///
    /// # Errors
    /// [`FormatError`] if it is not a moof that follows those before.
    pub fn add(&mut self, offset_bytes: u64, moof: &[u8]) -> Result<(), FormatError> {
        let _ = (offset_bytes, moof);
        unimplemented!()
    }

    /// `ftyp`, `moov` with full sample tables, and a 64-bit `mdat` header for a stream of `stream_size_bytes`. The sealed file
    /// is this header followed by the whole untouched stream, init segment included: its boxes lie inside the mdat.
    ///
    /// # Errors
    /// [`FormatError`] if samples lie outside the stream.
    pub fn header(&self, stream_size_bytes: u64) -> Result<Vec<u8>, FormatError> {
        let _ = stream_size_bytes;
        unimplemented!()
    }
}

/// The header that makes a complete stream one plain MP4: see [`Sealer::header`]. `moofs` are the moof boxes and their
/// offsets in the stream, in order.
///
/// # Errors
/// [`FormatError`] if the init segment or a moof is not what it should be; never for a stream that the cutter took.
pub fn sealed_header<M: AsRef<[u8]>>(
    init: &[u8],
    moofs: impl IntoIterator<Item = (u64, M)>,
    stream_size_bytes: u64,
) -> Result<Vec<u8>, FormatError> {
    let mut sealer = Sealer::new(init)?;
    for (offset_bytes, moof) in moofs {
        sealer.add(offset_bytes, moof.as_ref())?;
    }
    sealer.header(stream_size_bytes)
}
