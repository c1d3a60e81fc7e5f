//! Boxes as bytes: each writes its body and then its size.

pub(crate) fn put_u16(out: &mut Vec<u8>, value: u16) {
    out.extend(value.to_be_bytes());
}

pub(crate) fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend(value.to_be_bytes());
}

pub(crate) fn put_u64(out: &mut Vec<u8>, value: u64) {
    out.extend(value.to_be_bytes());
}

/// Writes a box with the content that `body` writes. A box of 4 GiB or more gets a wrong size, so
/// the caller that writes the outermost box checks it.
pub(crate) fn boxed(out: &mut Vec<u8>, name: &[u8; 4], body: impl FnOnce(&mut Vec<u8>)) {
    let begin = out.len();
    put_u32(out, 0);
    out.extend(name);
    body(out);
    let size = u32::try_from(out.len() - begin).unwrap_or(0);
    out[begin..begin + 4].copy_from_slice(&size.to_be_bytes());
}

/// A box that begins with a version and flags.
pub(crate) fn full_box(
    out: &mut Vec<u8>,
    name: &[u8; 4],
    version: u8,
    flags: u32,
    body: impl FnOnce(&mut Vec<u8>),
) {
    boxed(out, name, |out| {
        put_u32(out, u32::from(version) << 24 | flags & 0x00ff_ffff);
        body(out);
    });
}
