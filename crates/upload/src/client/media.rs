//! Calls for a clip's media, as a player makes them.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::RANGE;
use vignette_model::ClipKey;

use super::{Client, REQUEST_TIMEOUT, response};
use crate::error::ClientError;

/// More than the playlist of a day.
const MAX_PLAYLIST_BYTES: usize = 8 << 20;
/// More than a fragment has.
const MAX_FRAGMENT_BYTES: usize = 256 << 20;

impl Client {
    /// The last fragment of a clip, if the playlist says that it is the last: then all of the clip
    /// can be played.
    ///
    /// # Errors
    /// `not_found`, `conflict` while nothing may be played, `unreachable`.
    pub async fn last_fragment(&self, key: &ClipKey) -> Result<Option<Bytes>, ClientError> {
        let playlist = self
            .send(
                self.request(Method::GET, &format!("/c/{key}/media.m3u8")).timeout(REQUEST_TIMEOUT),
            )
            .await?;
        let playlist = response::body(playlist, MAX_PLAYLIST_BYTES, self.library()).await?;
        let playlist = String::from_utf8_lossy(&playlist);
        let Some(range) =
            last_range(&playlist).filter(|_| playlist.lines().any(|line| line == "#EXT-X-ENDLIST"))
        else {
            return Ok(None);
        };
        let request = self
            .request(Method::GET, &format!("/c/{key}/stream.mp4"))
            .header(RANGE, range)
            .timeout(REQUEST_TIMEOUT);
        response::body(self.send(request).await?, MAX_FRAGMENT_BYTES, self.library())
            .await
            .map(|bytes| Some(bytes.into()))
    }
}

/// The `Range` of the last `EXT-X-BYTERANGE:length@offset` (RFC 8216 §4.3.2.2) of a playlist.
fn last_range(playlist: &str) -> Option<String> {
    let (length, offset) = playlist
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("#EXT-X-BYTERANGE:"))?
        .split_once('@')?;
    let (length, offset) = (length.parse::<u64>().ok()?, offset.parse::<u64>().ok()?);
    Some(format!("bytes={offset}-{}", offset.checked_add(length)?.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_range_is_read_and_checked() {
        let playlist =
            "#EXTM3U\n#EXT-X-BYTERANGE:10@100\nstream.mp4\n#EXT-X-BYTERANGE:5@110\nstream.mp4\n";
        assert_eq!(last_range(playlist).as_deref(), Some("bytes=110-114"));
        for wrong in [
            "",
            "#EXT-X-BYTERANGE:5",
            "#EXT-X-BYTERANGE:a@b",
            "#EXT-X-BYTERANGE:18446744073709551615@1",
            "#EXT-X-BYTERANGE:0@0",
        ] {
            assert_eq!(last_range(wrong), None, "{wrong}");
        }
    }
}
