//! [`unlike_a_video`]: what a file is that is named like a video but is not, or is a video of an
//! unsupported kind.

use std::io::{self, Read, Seek, SeekFrom};

/// How many bytes of a file are read.
const LOOKED_AT: u64 = 512;
/// Signatures at an offset, with the message for a file that has them.
const KINDS: &[(usize, &[u8], &str)] = &[
    (0, b"GIF8", "it is a GIF"),
    (0, b"\x89PNG", "it is a PNG picture"),
    (0, b"\xff\xd8\xff", "it is a JPEG picture"),
    (0, b"%PDF", "it is a PDF document"),
    (0, b"PK\x03\x04", "it is a ZIP archive or an office document"),
    (8, b"AVI ", "it is an AVI file"),
    (8, b"WAVE", "it is sound without pictures"),
    (0, b"ID3", "it is sound without pictures"),
    (0, b"fLaC", "it is sound without pictures"),
    (0, b"OggS", "it is an Ogg file"),
    (0, b"FLV", "it is a Flash video"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "it is a Windows Media file"),
    (0, b"\0\0\x01\xba", "it is an MPEG program stream"),
    (0, b"\x1f\x07\0", "it is a DV file"),
];
/// The beginnings of web pages.
const PAGES: &[&[u8]] = &[b"<!doctype html", b"<html", b"<head"];

/// What a file is by its first bytes, if it is a common kind that is not supported.
pub(super) fn unlike_a_video(file: &mut (impl Read + Seek)) -> io::Result<Option<&'static str>> {
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    file.by_ref().take(LOOKED_AT).read_to_end(&mut head)?;
    let text = head.trim_ascii_start();
    let is_page = PAGES
        .iter()
        .any(|begin| text.get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin)));
    // ISO/IEC 13818-1: packets of 188 bytes; cameras write a time of four bytes before each.
    let is_transport = [(0, 188), (4, 196)]
        .iter()
        .any(|&(one, two)| head.get(one) == Some(&0x47) && head.get(two) == Some(&0x47));
    Ok(match () {
        () if head.is_empty() => Some("it is empty"),
        () if is_page => {
            Some("it is a web page, as comes in place of a download that needs a sign-in")
        }
        () if is_transport => Some("it is an MPEG transport stream, as cameras write"),
        () => KINDS
            .iter()
            .find(|(at, begin, _)| head.get(*at..).is_some_and(|head| head.starts_with(begin)))
            .map(|(.., what)| *what),
    })
}
