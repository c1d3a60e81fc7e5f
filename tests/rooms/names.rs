//! A type's name means one thing in the whole workspace.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::sources;

/// Names that types of several crates share, and why that misleads nobody.
const SHARED: &[(&str, &str)] = &[
    ("App", "the state of one program; no crate sees two programs"),
    ("Event", "what the window is told, and what a library queues; neither leaves its crate"),
    (
        "Failure",
        "why a request failed in the uploader, why a command failed; neither leaves its crate",
    ),
];

#[test]
fn a_type_name_means_one_thing() {
    let mut rooms = BTreeMap::<String, BTreeSet<String>>::new();
    for source in sources() {
        for name in source.visible_types() {
            rooms.entry(name.to_owned()).or_default().insert(source.room.clone());
        }
    }
    assert!(rooms.len() > 400, "the types are found: {}", rooms.len());
    let listed = |name: &str| SHARED.iter().any(|(shared, _)| *shared == name);
    let shared: Vec<_> = rooms
        .iter()
        .filter(|(name, rooms)| rooms.len() > 1 && !listed(name))
        .map(|(name, rooms)| {
            format!("{name}: {}", rooms.iter().cloned().collect::<Vec<_>>().join(", "))
        })
        .collect();
    assert!(shared.is_empty(), "one name for different types:\n{}", shared.join("\n"));
    let stale =
        SHARED.iter().filter(|(name, _)| rooms.get(*name).is_none_or(|rooms| rooms.len() < 2));
    let stale: Vec<_> = stale.map(|(name, _)| *name).collect();
    assert!(stale.is_empty(), "these are shared no more: {stale:?}");
}
