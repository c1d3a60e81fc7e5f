//! Dumps any bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vignette_fmp4::dump;

fuzz_target!(|bytes: &[u8]| {
    let text = dump(bytes);
    assert!(text.len() <= 200 * (bytes.len() + 1), "a few bytes do not become a flood of text");
});
