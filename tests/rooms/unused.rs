//! What a room makes public is used outside it; the compiler finds what nobody uses of the rest.

use std::collections::BTreeSet;

use crate::sources::{Source, other_code, sources};

/// Public functions and constants that no code outside their room names, and why they are public.
const KEPT: &[(&str, &str)] = &[
    ("permission", "what a program asks before a take, on systems that give permissions"),
    ("read_frame_number", "reads back what the synthetic screen draws, as `read_flash` does"),
    ("SILENCE_THRESHOLD_DBFS", "stands in the window's types, which a test writes"),
    ("in_gpu", "a synthetic screen as screens are that lend pictures of a graphics processor"),
];

/// The names of functions and constants that are `pub` without a restriction.
fn public_names(source: &Source) -> impl Iterator<Item = &str> {
    source.code.lines().filter_map(|line| {
        let mut words = line.trim_start().strip_prefix("pub ")?.split([' ', '(', '<', ':']);
        let mut kind = words.next()?;
        let mut name = words.next()?;
        while ["const", "async", "unsafe"].contains(&kind) && ["async", "fn"].contains(&name) {
            (kind, name) = (name, words.next()?);
        }
        // A name of a macro's is none yet.
        (["fn", "const"].contains(&kind) && !name.starts_with('$')).then_some(name)
    })
}

#[test]
fn what_is_public_is_used_outside() {
    let (sources, others) = (sources(), other_code());
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let words = |code: &str| -> BTreeSet<String> {
        code.split(|c| !is_word(c)).map(str::to_owned).collect()
    };
    let used: Vec<_> =
        sources.iter().map(|source| (source.room.as_str(), words(&source.code))).collect();
    let used_by_others = words(&others);

    let mut unused = BTreeSet::new();
    let mut count = 0;
    for source in &sources {
        // The contract suites are called by a macro of their own.
        if source.path.starts_with("contract") || source.path.ends_with("main.rs") {
            continue;
        }
        for name in public_names(source) {
            count += 1;
            let elsewhere =
                used.iter().any(|(room, words)| *room != source.room && words.contains(name));
            if !elsewhere && !used_by_others.contains(name) {
                unused.insert(name);
            }
        }
    }
    assert!(count > 200, "public functions are found: {count}");
    let kept: BTreeSet<&str> = KEPT.iter().map(|(name, _)| *name).collect();
    let wrong: Vec<_> = unused.difference(&kept).collect();
    assert!(wrong.is_empty(), "make these pub(crate), or remove them: {wrong:?}");
    let stale: Vec<_> = kept.difference(&unused).collect();
    assert!(stale.is_empty(), "these need no place in the list: {stale:?}");
}
