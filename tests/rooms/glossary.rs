//! The nouns of the rooms that everything else speaks of stand in the glossary.

use std::collections::BTreeSet;

use crate::sources::sources;

const ROOMS: &[&str] = &["model", "library", "recorder"];

/// What may stand before a noun: the same thing at another moment, or one kind of it.
const BEFORE: &str = "\
    new created posted fresh found shown imported locked damaged member take clip library reply reaction \
    search source transcript system simulated local disk memory not no a an";

/// What may stand after a noun: a part of it, or a form in which it is handed over.
const AFTER: &str = "\
    id row rows view page change state status phase kind error settings choice code data file \
    form headers name place piece request answer version writer slot head list";

/// Types that are no nouns of Vignette, and what they are.
const PLAIN: &[(&str, &str)] = &[
    ("AccessRows", "the part of a store that keeps sessions, tokens and codes"),
    ("AppendRefused", "the outcome of an append that changed nothing"),
    ("Appended", "what one transaction is told of an append"),
    ("ByteStream", "bytes in flight, as `futures` streams them"),
    ("Captured", "what a channel from a source carries: frame, samples, notice"),
    ("ClipFilter", "which clips to list: a selection, or the clip of a take"),
    ("CodeRow", "a code of an authorization"),
    ("GpuPicture", "a picture that lies in the memory of a graphics processor"),
    ("Hasher", "SHA-256 in steps"),
    ("ImportedFile", "the outcome of an import"),
    ("Invite", "what a store keeps of an invitation or a set-up secret"),
    ("Joined", "the outcome of using an invitation"),
    ("Kept", "the outcome of keeping a reply"),
    ("LocalLocks", "upload locks within one process"),
    ("Locks", "where upload locks come from"),
    ("MachineTexts", "title and summary by a machine"),
    ("Me", "the answer of `/api/v1/me`: a person and a library"),
    ("Micros", "a unit"),
    ("Missing", "names what an error did not find"),
    ("NewPassword", "what a new password ends beside itself"),
    ("NotARect", "text that is no rectangle"),
    ("NotAState", "text that is no state of an account"),
    ("NotAnId", "text that is no id, key or secret"),
    ("Options", "what a recorder is opened with"),
    ("PeopleRows", "the part of a store that keeps people"),
    ("PixelFormat", "how bytes make pixels"),
    ("Pixels", "what changed in a picture, in the computer's memory"),
    ("Place", "where in a room a channel belongs"),
    ("Point", "a point of a shape"),
    ("Reacted", "the outcome of a reaction"),
    ("Rect", "a rectangle in pixels"),
    ("Rendered", "Markdown as HTML and as plain text"),
    ("RowChange", "what a person changes in the row of a clip"),
    ("Sealed", "a sealed file and its header"),
    ("Sha256", "a digest"),
    ("SignedIn", "the outcome of signing in: a person and a session"),
    ("SizeLimit", "names which limit an error exceeds"),
    ("Slice", "a part of an object"),
    ("TooMuch", "Markdown that becomes too much HTML"),
    ("UtcMicros", "a unit"),
    ("Verified", "the outcome of checking a clip's bytes"),
    ("WatchRows", "the part of a store that keeps what members have watched"),
    ("WatchedTo", "what a member's page tells of watching"),
];

fn words(type_name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for c in type_name.chars() {
        match words.last_mut() {
            Some(word) if !c.is_uppercase() => word.push(c),
            _ => words.push(c.to_lowercase().to_string()),
        }
    }
    words
}

/// Whether a noun of the glossary is what the type's name says, once the words around it are taken away.
fn has_noun(type_name: &str, nouns: &BTreeSet<&str>) -> bool {
    let words = words(type_name);
    let is_noun = |words: &[String]| {
        let noun = words.join(" ");
        let singular = noun.strip_suffix('s').unwrap_or(&noun);
        nouns.contains(noun.as_str()) || nouns.contains(singular)
    };
    let is_one_of = |list: &str, word: &str| list.split(' ').any(|listed| listed == word);
    let before = words.iter().take_while(|word| is_one_of(BEFORE, word)).count();
    let after = words.iter().rev().take_while(|word| is_one_of(AFTER, word)).count();
    (0..=before).any(|first| {
        (0..=after).any(|left_out| words.get(first..words.len() - left_out).is_some_and(&is_noun))
    })
}

#[test]
fn public_types_have_their_noun_in_the_glossary() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/glossary.md");
    let glossary = std::fs::read_to_string(path).expect("the glossary");
    let first_cell = |line: &'_ str| Some(line.strip_prefix("| ")?.split_once(" |")?.0.to_owned());
    let cells: Vec<String> = glossary.lines().filter_map(first_cell).collect();
    let nouns: BTreeSet<&str> =
        cells.iter().map(String::as_str).filter(|word| *word != "word").collect();
    assert!(nouns.len() > 100, "the words are found: {}", nouns.len());

    let sources = sources();
    let in_rooms = sources.iter().filter(|source| ROOMS.contains(&source.room.as_str()));
    let types: BTreeSet<&str> = in_rooms.flat_map(|source| source.public_types()).collect();
    assert!(types.len() > 150, "the types are found: {}", types.len());

    let is_plain = |name: &str| PLAIN.iter().any(|(plain, _)| *plain == name);
    let missing: Vec<_> =
        types.iter().filter(|name| !has_noun(name, &nouns) && !is_plain(name)).collect();
    assert!(missing.is_empty(), "docs/glossary.md has no word for {missing:?}");
    let stale: Vec<_> = PLAIN
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !types.contains(name) || has_noun(name, &nouns))
        .collect();
    assert!(stale.is_empty(), "these need no place in the list: {stale:?}");
}

#[test]
fn a_noun_is_found_among_the_words_around_it() {
    let nouns = BTreeSet::from(["clip", "upload lock"]);
    for name in ["Clip", "ClipView", "NewClip", "MemberClip", "ClipRows", "UploadLock"] {
        assert!(has_noun(name, &nouns), "{name}");
    }
    for name in ["View", "UploadRow", "ClipEvents", "Locks"] {
        assert!(!has_noun(name, &nouns), "{name}");
    }
}
