//! The paths of a library's API and pages, each declared once: as the pattern that the server routes
//! and, where it has parameters, as a function that fills them in.

use crate::{ClipId, ClipKey, ReactionId, ReplyId};

/// What the path of every API route begins with.
pub const API_PREFIX: &str = "/api/";
/// What the path of every page and file behind a link begins with.
pub const LINK_PREFIX: &str = "/c/";

macro_rules! paths {
    ($(
        $(#[doc = $doc:literal])*
        $pattern:ident $(, $fill:ident($($name:ident: $kind:ty),*))? = $path:literal;
    )*) => {
        $(
            $(#[doc = $doc])*
            pub const $pattern: &str = $path;

            $(
                #[doc = concat!("[`", stringify!($pattern), "`] with its parameters.")]
                #[must_use]
                pub fn $fill($($name: $kind),*) -> String {
                    format!($path)
                }
            )?
        )*

        /// Every pattern.
        pub const ALL: &[&str] = &[$($pattern),*];
    };
}

paths! {
    /// The requester and the library.
    ME = "/api/v1/me";
    /// Tokens: exchanged for a code, and ended.
    TOKEN = "/api/v1/token";
    /// The clips of the library.
    CLIPS = "/api/v1/clips";
    /// A clip, for members.
    CLIP, clip(id: ClipId) = "/api/v1/clips/{id}";
    /// The poster of a clip.
    CLIP_POSTER, clip_poster(id: ClipId) = "/api/v1/clips/{id}/poster";
    /// The key of a clip, to be rotated.
    CLIP_KEY, clip_key(id: ClipId) = "/api/v1/clips/{id}/key";
    /// The transcript of a clip, to be written.
    CLIP_TRANSCRIPT, clip_transcript(id: ClipId) = "/api/v1/clips/{id}/transcript";
    /// Events of the library.
    EVENTS = "/api/v1/events";
    /// Full-text search.
    SEARCH = "/api/v1/search";
    /// Uploads of other clients than the recorder.
    UPLOADS = "/api/v1/uploads";
    /// An upload.
    UPLOAD, upload(upload: &str) = "/api/v1/uploads/{upload}";
    /// What a link shows of its clip.
    LINK, link(key: &ClipKey) = "/api/v1/c/{key}";
    /// The transcript behind a link.
    LINK_TRANSCRIPT, link_transcript(key: &ClipKey) = "/api/v1/c/{key}/transcript";
    /// The replies behind a link.
    LINK_REPLIES, link_replies(key: &ClipKey) = "/api/v1/c/{key}/replies";
    /// A reply behind a link.
    LINK_REPLY, link_reply(key: &ClipKey, reply: ReplyId) = "/api/v1/c/{key}/replies/{reply}";
    /// How far a member has watched the clip behind a link.
    LINK_PROGRESS, link_progress(key: &ClipKey) = "/api/v1/c/{key}/progress";
    /// The reactions behind a link.
    LINK_REACTIONS, link_reactions(key: &ClipKey) = "/api/v1/c/{key}/reactions";
    /// A reaction behind a link.
    LINK_REACTION, link_reaction(key: &ClipKey, reaction: ReactionId) = "/api/v1/c/{key}/reactions/{reaction}";
    /// Events of the clip behind a link.
    LINK_EVENTS, link_events(key: &ClipKey) = "/api/v1/c/{key}/events";
    /// The OpenAPI document.
    OPENAPI = "/api/v1/openapi.json";

    /// The page of a link.
    PAGE, page(key: &ClipKey) = "/c/{key}";
    /// The form for replies on the page.
    PAGE_REPLIES, page_replies(key: &ClipKey) = "/c/{key}/replies";
    /// The poster.
    POSTER, poster(key: &ClipKey) = "/c/{key}/poster.jpg";
    /// The multivariant playlist.
    HLS, hls(key: &ClipKey) = "/c/{key}/stream.m3u8";
    /// The media playlist.
    MEDIA_PLAYLIST, media_playlist(key: &ClipKey) = "/c/{key}/media.m3u8";
    /// The stream, by byte ranges.
    STREAM, stream(key: &ClipKey) = "/c/{key}/stream.mp4";
    /// A readable dump of the stream's boxes.
    STREAM_DUMP, stream_dump(key: &ClipKey) = "/c/{key}/stream.mp4.txt";
    /// The sealed clip.
    MP4, mp4(key: &ClipKey) = "/c/{key}/clip.mp4";
    /// Captions, as WebVTT.
    CAPTIONS, captions(key: &ClipKey) = "/c/{key}/captions.vtt";
    /// Chapters, as WebVTT.
    CHAPTERS, chapters(key: &ClipKey) = "/c/{key}/chapters.vtt";
    /// The transcript as a text file.
    TRANSCRIPT_TEXT, transcript_text(key: &ClipKey) = "/c/{key}/transcript.txt";

    /// The library's clips, as a page.
    HOME = "/";
    /// The sign-in.
    SIGN_IN = "/sign-in";
    /// Ends a session.
    SIGN_OUT = "/sign-out";
    /// Connects a recorder.
    AUTHORIZE = "/authorize";
    /// A member's own account.
    ACCOUNT = "/account";
    /// Makes and revokes tokens.
    TOKENS = "/tokens";
    /// Confirms the password.
    CONFIRM = "/confirm";
    /// Everybody's accounts.
    PEOPLE = "/people";
    /// Makes an account, by a secret in the query.
    SETUP = "/setup";
    /// Sets a new password, by a secret in the query.
    RESET = "/reset";
    /// What other programs show of a link.
    OEMBED = "/oembed";
    /// A built script or style sheet.
    ASSET = "/assets/{*path}";
    /// The icon.
    ICON = "/icon.svg";
    /// Whether the process responds.
    HEALTH = "/healthz";
    /// Whether rows and bytes can be written.
    READINESS = "/readyz";
}

/// The key in the path of a link's page.
#[must_use]
pub fn key_of_page(path: &str) -> Option<ClipKey> {
    path.strip_prefix(LINK_PREFIX)?.parse().ok()
}

/// The secret in the path of an upload, if its characters are those of one.
#[must_use]
pub fn secret_of_upload(path: &str) -> Option<&str> {
    let secret = path.strip_prefix(UPLOADS)?.strip_prefix('/')?;
    let plain =
        !secret.is_empty() && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    plain.then_some(secret)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn patterns_are_filled_in() {
        let key: ClipKey = "ia3kx7uizcmg2yobjzcjcn2iwu".parse().unwrap();
        let (id, reply) = (ClipId::new(), ReplyId::new());
        for (pattern, filled, expected) in [
            (CLIP, clip(id), format!("/api/v1/clips/{id}")),
            (CLIP_POSTER, clip_poster(id), format!("/api/v1/clips/{id}/poster")),
            (UPLOAD, upload("up_a"), "/api/v1/uploads/up_a".to_owned()),
            (LINK, link(&key), "/api/v1/c/ia3kx7uizcmg2yobjzcjcn2iwu".to_owned()),
            (
                LINK_REPLY,
                link_reply(&key, reply),
                format!("/api/v1/c/ia3kx7uizcmg2yobjzcjcn2iwu/replies/{reply}"),
            ),
            (PAGE, page(&key), "/c/ia3kx7uizcmg2yobjzcjcn2iwu".to_owned()),
            (
                STREAM_DUMP,
                stream_dump(&key),
                "/c/ia3kx7uizcmg2yobjzcjcn2iwu/stream.mp4.txt".to_owned(),
            ),
        ] {
            assert_eq!(filled, expected);
            assert_eq!(
                pattern.matches('/').count(),
                filled.matches('/').count(),
                "{pattern}: {filled}"
            );
        }
        assert_eq!(key_of_page(&page(&key)), Some(key));
        assert_eq!(key_of_page("/c/x/poster.jpg"), None);
        assert_eq!(secret_of_upload(&upload("up_abc234")), Some("up_abc234"));
        for wrong in [
            "/api/v1/uploads",
            "/api/v1/uploads/",
            "/api/v1/uploads/../token",
            "/api/v1/uploads/up_a?b=c",
        ] {
            assert_eq!(secret_of_upload(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn no_path_is_declared_twice() {
        let distinct: BTreeSet<_> = ALL.iter().collect();
        assert_eq!(distinct.len(), ALL.len());
        for path in ALL {
            assert!(path.starts_with('/') && !path.contains("//"), "{path}");
        }
    }
}
