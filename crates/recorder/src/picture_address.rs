//! [`picture_address`]: a JPEG as a page shows it.

use data_encoding::BASE64;

/// A JPEG as an address for an `<img>`.
#[must_use]
pub fn picture_address(jpeg: &[u8]) -> String {
    format!("data:image/jpeg;base64,{}", BASE64.encode(jpeg))
}
