//! HLS playlists (RFC 8216): a stream as byte ranges of one URL, playable while it grows.

use crate::{Fragment, Init};

/// The media playlist of a stream. It only ever grows: as long as fragments are added and `ended` comes last, each playlist
/// begins with the one before. `url` is where the stream's bytes are, without line breaks.
#[must_use]
pub fn media(init: &Init, fragments: &[Fragment], url: &str, ended: bool) -> String {
    let _ = (init, fragments, url, ended);
    unimplemented!()
}

/// The multivariant playlist: one variant, with the codecs, size and bit rate a player wants to know before it begins.
/// `media_url` is where the media playlist is, without line breaks.
#[must_use]
pub fn multivariant(init: &Init, fragments: &[Fragment], media_url: &str) -> String {
    let _ = (init, fragments, media_url);
    unimplemented!()
}
