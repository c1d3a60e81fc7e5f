//! Bytes to and from init segment, fragments, index, sealed header and playlists; pure
