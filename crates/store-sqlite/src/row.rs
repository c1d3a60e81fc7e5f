//! Columns become the library's types, and back. A column that cannot be read is an error, never a guess.

use std::str::FromStr;

use vignette_library::store::{StoreError, StoreErrorKind};
use vignette_library::{Person, Role, Viewer};
use vignette_model::Sha256;
use vignette_model::text::PersonName;

/// A column that does not hold what the schema says.
#[derive(Debug, thiserror::Error)]
#[error("column {column} cannot be read: {why}")]
struct Unreadable {
    column: &'static str,
    why: String,
}

/// Reads the columns of rows.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    /// What is being done, for the error.
    pub(crate) doing: &'static str,
}

impl Reader {
    /// What is said of a column that does not hold what the schema says.
    pub(crate) fn unreadable(self, column: &'static str, why: impl ToString) -> StoreError {
        StoreError {
            doing: self.doing,
            kind: StoreErrorKind::Other,
            source: Unreadable { column, why: why.to_string() }.into(),
        }
    }

    /// An id or key.
    pub(crate) fn parse<T: FromStr<Err: ToString>>(
        self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StoreError> {
        text.parse().map_err(|error: T::Err| self.unreadable(column, error))
    }

    /// An id that may be absent.
    pub(crate) fn maybe<T: FromStr<Err: ToString>>(
        self,
        column: &'static str,
        text: Option<&str>,
    ) -> Result<Option<T>, StoreError> {
        text.map(|text| self.parse(column, text)).transpose()
    }

    /// Text of bounded length.
    pub(crate) fn text<T, E: ToString>(
        self,
        column: &'static str,
        new: impl FnOnce(&str) -> Result<T, E>,
        text: &str,
    ) -> Result<T, StoreError> {
        new(text).map_err(|error| self.unreadable(column, error))
    }

    /// A count, size, offset or span.
    pub(crate) fn count<T: TryFrom<i64, Error: ToString>>(
        self,
        column: &'static str,
        value: i64,
    ) -> Result<T, StoreError> {
        T::try_from(value).map_err(|error| self.unreadable(column, error))
    }

    /// A digest.
    pub(crate) fn digest(self, column: &'static str, bytes: &[u8]) -> Result<Sha256, StoreError> {
        bytes.try_into().map(Sha256).map_err(|error| self.unreadable(column, error))
    }

    /// A digest that may be absent.
    pub(crate) fn maybe_digest(
        self,
        column: &'static str,
        bytes: Option<&[u8]>,
    ) -> Result<Option<Sha256>, StoreError> {
        bytes.map(|bytes| self.digest(column, bytes)).transpose()
    }
}

/// A size, offset or span as SQLite keeps it. Nothing the library takes comes near the largest.
pub(crate) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A digest as SQLite keeps it.
pub(crate) fn blob(digest: Sha256) -> Vec<u8> {
    digest.0.to_vec()
}

/// A viewer as queries take one: the id of their account and the key of their link.
pub(crate) fn columns(viewer: &Viewer) -> (Option<String>, Option<String>) {
    let person = viewer.person.map(|person| person.to_string());
    (person, viewer.link.as_ref().map(ToString::to_string))
}

/// A person as SQLite gives them.
pub(crate) fn person(doing: &'static str, id: &str, name: &str) -> Result<Person, StoreError> {
    Ok(Person { id: Reader { doing }.parse("id", id)?, name: PersonName::stored(name) })
}

/// A role as it stands in a column.
pub(crate) fn role(doing: &'static str, text: &str) -> Result<Role, StoreError> {
    Reader { doing }.parse("role", text)
}
