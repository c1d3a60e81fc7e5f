//! [`LibrarySettings`]: what a library is called, where it is reached, and how much it takes.

use std::time::Duration;

use url::Url;

/// What the one who runs a library decides. Sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibrarySettings {
    /// Where people reach it: links begin with it.
    pub public_url: Url,
    /// What it is called, unless its people have named it.
    pub name: String,
    /// Whether its host has named it, so that its people cannot.
    pub is_named: bool,
    /// The largest stream of one clip.
    pub max_clip_bytes: u64,
    /// The most that one append may bring.
    pub max_append_bytes: u64,
    /// The largest poster.
    pub max_poster_bytes: u64,
    /// The most replies to one clip. Guests fill at most half of them.
    pub max_replies: u32,
    /// The most bytes (name, Markdown and HTML) of all replies to one clip. Guests fill at most half of them.
    pub max_replies_bytes: u64,
    /// The most reactions to one clip. Guests make at most half of them, and one person or guest a tenth.
    pub max_reactions: u32,
    /// How long an upload may be silent before the clip is called interrupted and sealed as what arrived.
    pub silence: Duration,
    /// How long a browser stays signed in after its last visit.
    pub session_life: Duration,
    /// How long at most, however often they visit.
    pub session_most: Duration,
    /// How long a reset link changes a password.
    pub reset_life: Duration,
    /// How long an invitation or the set-up link opens the door.
    pub invite_life: Duration,
}

impl LibrarySettings {
    /// The usual settings of a library that is reached at `public_url`.
    #[must_use]
    pub fn new(public_url: Url, name: impl Into<String>) -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self {
            public_url,
            name: name.into(),
            is_named: true,
            max_clip_bytes: 64 << 30,
            max_append_bytes: 64 << 20,
            max_poster_bytes: 1 << 20,
            max_replies: 1_000,
            max_replies_bytes: 8 << 20,
            max_reactions: 600,
            silence: DAY,
            session_life: 30 * DAY,
            session_most: 90 * DAY,
            reset_life: DAY,
            invite_life: 7 * DAY,
        }
    }

    /// A path of the library as a whole address.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}
