//! Who is who: ids that never leave the API, keys that stand in links, secrets that are only ever stored hashed.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::digest::Sha256;
use crate::not_an_id::NotAnId;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $noun:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, format = "uuid")]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new one, sortable by the time it was made.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "each call gives another value")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Uuid::try_parse(text).map(Self).map_err(|_| NotAnId($noun))
            }
        }
    };
}

uuid_id!(/// A take in the spool of one computer.
    TakeId, "take id");
uuid_id!(/// A clip in a library. Never part of a link: links carry the [`ClipKey`].
    ClipId, "clip id");
uuid_id!(/// A stream in a library, with its upload and its seal.
    RecordingId, "recording id");
uuid_id!(/// A reply to a clip.
    ReplyId, "reply id");
uuid_id!(/// A reaction to a clip.
    ReactionId, "reaction id");
uuid_id!(/// Somebody with an account in a library.
    PersonId, "person id");

/// `N` random bytes as text.
fn random_base32<const N: usize>() -> String {
    let mut bytes = [0; N];
    // Only fails where the operating system has no randomness at all; a guessable key would be worse than no key.
    #[expect(clippy::expect_used, reason = "without randomness nothing may be issued")]
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
}

fn is_base32(text: &str, bytes: usize) -> bool {
    let alphabet = |b: &u8| b.is_ascii_lowercase() || (b'2'..=b'7').contains(b);
    text.len() == (bytes * 8).div_ceil(5) && text.as_bytes().iter().all(alphabet)
}

/// The unguessable part of a clip's link, `/c/<key>`: 128 random bits as 26 lower-case base32 characters. Rotating it
/// ends every link given out before.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, example = "ia3kx7uizcmg2yobjzcjcn2iwu")]
pub struct ClipKey(String);

impl ClipKey {
    const BYTES: usize = 16;

    /// A new key from the operating system's randomness.
    #[must_use]
    pub fn random() -> Self {
        Self(random_base32::<{ Self::BYTES }>())
    }

    /// The key as it stands in a link.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClipKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ClipKey {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        if is_base32(text, Self::BYTES) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnId("clip key"))
        }
    }
}

impl<'de> Deserialize<'de> for ClipKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Something that opens a door for whoever holds it: a token, a session, an upload address. 192 random bits behind a
/// prefix that says what it is (`lib_…`, `up_…`). Libraries store its [`Secret::hash`] only; `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct Secret(String);

impl Secret {
    /// A new secret that begins with `prefix` and an underscore.
    #[must_use]
    pub fn random(prefix: &str) -> Self {
        Self(format!("{prefix}_{}", random_base32::<24>()))
    }

    /// A secret somebody presented; whether it opens anything is for its hash to say.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// What is stored in place of the secret. The secret is long and random, so a plain hash cannot be turned back.
    #[must_use]
    pub fn hash(&self) -> Sha256 {
        Sha256::of(self.0.as_bytes())
    }

    /// The secret itself, for the one place that has to send it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_long_and_differ() {
        let (one, two) = (ClipKey::random(), ClipKey::random());
        assert_eq!(one.as_str().len(), 26);
        assert_ne!(one, two);
        assert_eq!(one.as_str().parse(), Ok(one.clone()));
    }

    #[test]
    fn what_is_not_a_key_is_refused() {
        for text in [
            "",
            "../../etc/passwd",
            "IA3KX7UIZCMG2YOBJZCJCN2IWU",
            "ia3kx7uizcmg2yobjzcjcn2iw",
            "ia3kx7uizcmg2yobjzcjcn2iw%",
        ] {
            assert_eq!(text.parse::<ClipKey>(), Err(NotAnId("clip key")), "{text}");
        }
    }

    #[test]
    fn secrets_do_not_show_in_logs() {
        let secret = Secret::random("lib");
        assert!(secret.expose().starts_with("lib_"));
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
