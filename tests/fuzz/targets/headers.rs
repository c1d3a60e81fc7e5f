//! Any request head: lines of `name: value`, as an upload, a player and a recorder send them.
#![no_main]

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;

// The files themselves, at their paths in the server, since they use nothing else of it.
#[path = "../../../server/src/http"]
#[expect(dead_code, reason = "the server uses all of it")]
mod http {
    pub mod byte_range;
    pub mod headers;
}
#[path = "../../../server/src/access"]
mod access {
    pub mod credentials;
}
#[path = "../../../server/src/uploads"]
#[expect(dead_code, reason = "the server uses all of it")]
mod uploads {
    pub mod dialect;
    pub mod headers;
}

use access::credentials;
use http::byte_range::ByteRange;
use uploads::dialect::{Dialect, interop_version};
use uploads::headers::AppendHead;

fuzz_target!(|bytes: &[u8]| {
    let mut head = HeaderMap::new();
    for line in bytes.split(|b| *b == b'\n').take(64) {
        let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
        let (name, value) = (HeaderName::from_bytes(&line[..colon]), HeaderValue::from_bytes(line[colon + 1..].trim_ascii()));
        if let (Ok(name), Ok(value)) = (name, value) {
            head.append(name, value);
        }
    }
    for dialect in [Dialect::Tus, Dialect::Plain].into_iter().chain((3..=9).map(Dialect::Draft)) {
        for append in [AppendHead::read(&head, dialect), AppendHead::begin(&head, dialect)].into_iter().flatten() {
            assert!(append.offset < 1 << 53, "an offset is a number that JSON and structured fields can carry");
        }
        let _ = (dialect.check_head(&head), dialect.check_delete(&head));
    }
    let _ = Dialect::of(&head);
    let _ = (interop_version(&head), credentials::bearer(&head), credentials::reply_secret(&head));
    let _ = credentials::cookies(&head, "s").count();
    for range in head.get_all("range").iter().filter_map(|value| ByteRange::parse(value.to_str().ok()?)) {
        for size in [0, 1, 1000, u64::MAX] {
            if let Some(part) = range.within(size) {
                assert!(part.start < part.end && part.end <= size, "{part:?} lies within {size}");
            }
        }
    }
});
