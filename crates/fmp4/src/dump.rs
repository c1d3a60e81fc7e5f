//! A stream's boxes in words, one a line, for people.

/// The boxes of a stream or a sealed file, one a line: offset, size, name and the fields that matter.
#[must_use]
pub fn dump(bytes: &[u8]) -> String {
    dump_at(0, bytes)
}

/// The boxes that begin at `offset_bytes` of a file, when only a part of it is at hand. The last box may reach beyond
/// `bytes`: an mdat needs only its header.
#[must_use]
pub fn dump_at(offset_bytes: u64, bytes: &[u8]) -> String {
    let _ = (offset_bytes, bytes);
    unimplemented!()
}
