//! [`Sha256`]: what proves that bytes arrived as they left.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest as _;
use sha2::digest::common::hazmat::{SerializableState as _, SerializedState};

use crate::not_an_id::NotAnId;

/// A SHA-256 digest. In JSON and in print: 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, utoipa::ToSchema)]
#[schema(value_type = String, example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// The value of a `Content-Digest` or `Repr-Digest` header: `sha-256=:…:` (RFC 9530). [`crate::fields::sha256`] reads it.
    #[must_use]
    pub fn to_header(self) -> String {
        format!("sha-256=:{}:", BASE64.encode(&self.0))
    }
}

/// A digest that is fed piece by piece.
#[derive(Clone, Default)]
pub struct Hasher(sha2::Sha256);

impl Hasher {
    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The state after everything so far, from which [`Hasher::from_state`] goes on: some 105 bytes, readable by the same major
    /// version of the algorithm's implementation.
    #[must_use]
    pub fn state(&self) -> Vec<u8> {
        self.0.serialize().to_vec()
    }

    /// A hasher in the state that [`Hasher::state`] gave; `None` if these bytes are none.
    #[must_use]
    pub fn from_state(state: &[u8]) -> Option<Self> {
        let state = SerializedState::<sha2::Sha256>::try_from(state).ok()?;
        sha2::Sha256::deserialize(&state).ok().map(Self)
    }

    /// The digest of everything so far; more may follow.
    #[must_use]
    pub fn digest(&self) -> Sha256 {
        Sha256(self.0.clone().finalize().into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

impl FromStr for Sha256 {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| NotAnId("SHA-256"))?;
        bytes.try_into().map(Self).map_err(|_| NotAnId("SHA-256"))
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hasher_goes_on_from_its_state() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1_000).collect();
        for at in [0, 1, 55, 64, 65, 999, 1_000] {
            let mut before = Hasher::default();
            before.update(&bytes[..at]);
            let mut after = Hasher::from_state(&before.state()).expect("a state");
            after.update(&bytes[at..]);
            assert_eq!(after.digest(), Sha256::of(&bytes), "split at {at}");
        }
        assert!(Hasher::from_state(b"").is_none() && Hasher::from_state(&[255; 105]).is_none());
    }
}
