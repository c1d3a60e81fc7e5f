//! Structured fields (RFC 9651): header values as the drafts of resumable uploads and the digests of RFC 9530 write them. Every
//! reader here takes any bytes and never panics.

use std::convert::Infallible;

use sfv::visitor::{
    DictionaryVisitor, EntryVisitor, Ignored, InnerListVisitor, ItemVisitor, ParameterVisitor,
};
use sfv::{BareItem, BareItemFromInput, Dictionary, Item, KeyRef, ListEntry, Parser, key_ref};

use crate::digest::Sha256;

const SHA_256: &KeyRef = key_ref("sha-256");

/// An Item that is a Boolean. Parameters are passed over.
#[must_use]
pub fn boolean(text: &[u8]) -> Option<bool> {
    Parser::new(text).parse::<Item>().ok()?.bare_item.as_boolean()
}

/// A Boolean as an Item.
#[must_use]
pub const fn boolean_text(value: bool) -> &'static str {
    if value { "?1" } else { "?0" }
}

/// An Item that is an Integer and not negative. Parameters are passed over.
#[must_use]
pub fn integer(text: &[u8]) -> Option<u64> {
    not_negative(&Parser::new(text).parse::<Item>().ok()?.bare_item)
}

/// The member `key` of a Dictionary, if it is an Integer and not negative. Parameters are passed over.
#[must_use]
pub(crate) fn integer_member(text: &[u8], key: &str) -> Option<u64> {
    match Parser::new(text).parse::<Dictionary>().ok()?.get(KeyRef::from_str(key).ok()?)? {
        ListEntry::Item(item) => not_negative(&item.bare_item),
        ListEntry::InnerList(_) => None,
    }
}

fn not_negative(item: &BareItem) -> Option<u64> {
    u64::try_from(i64::from(item.as_integer()?)).ok()
}

/// Why a field of digests could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDigest {
    /// It is no Dictionary, or has no SHA-256 of 32 bytes.
    #[error("is no Dictionary with a sha-256")]
    Malformed,
    /// It has several. A Dictionary's last member wins, but sender and proxies may have meant another one.
    #[error("has more than one sha-256")]
    Several,
}

/// The `sha-256` of `Content-Digest` or `Repr-Digest`, a Dictionary (RFC 9530 §2, §3). All field lines of that name are one list
/// (RFC 9651 §4.2). Digests of other algorithms are passed over.
///
/// # Errors
/// [`NoDigest`].
pub fn sha256<'l>(lines: impl IntoIterator<Item = &'l [u8]>) -> Result<Sha256, NoDigest> {
    let list = lines.into_iter().collect::<Vec<_>>().join(&b", "[..]);
    let found = Parser::new(&list)
        .parse_dictionary_with_visitor(Found::default())
        .map_err(|_| NoDigest::Malformed)?;
    match found {
        Found { times: 2.., .. } => Err(NoDigest::Several),
        Found { digest, .. } => digest.ok_or(NoDigest::Malformed),
    }
}

/// Every `sha-256` of a Dictionary: `sfv::Dictionary` would keep only the last.
#[derive(Default)]
struct Found {
    times: usize,
    digest: Option<Sha256>,
}

impl<'de> DictionaryVisitor<'de> for Found {
    type Out = Self;
    type Error = Infallible;

    fn entry(&mut self, key: &'de KeyRef) -> Result<impl EntryVisitor<'de>, Infallible> {
        let ours = key == SHA_256;
        self.times += usize::from(ours);
        Ok(ours.then_some(self))
    }

    fn finish(self) -> Result<Self, Infallible> {
        Ok(self)
    }
}

impl<'de> EntryVisitor<'de> for &mut Found {
    type Error = Infallible;

    fn item(self) -> Result<impl ItemVisitor<'de>, Infallible> {
        Ok(self)
    }

    fn inner_list(self) -> Result<impl InnerListVisitor<'de>, Infallible> {
        Ok(Ignored)
    }
}

impl<'de> ItemVisitor<'de> for &mut Found {
    type Out = ();
    type Error = Infallible;

    fn bare_item(
        self,
        value: BareItemFromInput<'de>,
    ) -> Result<impl ParameterVisitor<'de, Out = ()>, Infallible> {
        if let BareItemFromInput::ByteSequence(bytes) = value {
            self.digest = bytes.try_into().ok().map(Sha256);
        }
        Ok(Ignored)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn of_two_digests_neither_is_meant() {
        let (one, other) = (Sha256::of(b"one").to_header(), Sha256::of(b"other").to_header());
        for (lines, read) in [
            (vec![one.clone()], Ok(Sha256::of(b"one"))),
            (vec![format!("sha-512=:AAAA:, {one};strong")], Ok(Sha256::of(b"one"))),
            (vec!["sha-512=:AAAA:".to_owned(), one.clone()], Ok(Sha256::of(b"one"))),
            (vec![format!("{other}, {one}")], Err(NoDigest::Several)),
            (vec![other, one.clone()], Err(NoDigest::Several)),
            (vec![one.clone(), one.clone()], Err(NoDigest::Several)),
            (vec![one.clone(), "sha-256".to_owned()], Err(NoDigest::Several)),
            (vec!["sha-256=:AAAA:".to_owned()], Err(NoDigest::Malformed)),
            (vec!["sha-256=(:AAAA:)".to_owned()], Err(NoDigest::Malformed)),
            (vec!["sha-256=:!!:".to_owned()], Err(NoDigest::Malformed)),
            (vec![format!("{one} x")], Err(NoDigest::Malformed)),
            (vec![one.to_uppercase()], Err(NoDigest::Malformed)),
            (vec!["sha-512=:AAAA:".to_owned()], Err(NoDigest::Malformed)),
            (vec![String::new()], Err(NoDigest::Malformed)),
            (vec![], Err(NoDigest::Malformed)),
        ] {
            assert_eq!(sha256(lines.iter().map(String::as_bytes)), read, "{lines:?}");
        }
    }

    #[test]
    fn members_are_found_by_their_key() {
        for (text, read) in [
            ("max-size=5, max-append-size=7;a", Some(7)),
            ("max-append-size=7,max-append-size=8", Some(8)),
            ("max-append-size=-7", None),
            ("max-append-size", None),
            ("max-append-size=(7)", None),
            ("max-append-size=7 8", None),
            ("", None),
        ] {
            assert_eq!(integer_member(text.as_bytes(), "max-append-size"), read, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = (boolean(&bytes), integer(&bytes), integer_member(&bytes, "max-size"), sha256([&bytes[..]]));
        }

        #[test]
        fn written_numbers_are_read(n in 0..=999_999_999_999_999_u64) {
            prop_assert_eq!(integer(format!(" {n};a=1").as_bytes()), Some(n));
        }
    }
}
