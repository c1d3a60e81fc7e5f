//! Inside a room the modules use each other in one direction.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::sources::{Source, sources};

/// Module → the modules of the same crate that it uses. A module is a file or folder of `src`.
type Uses = BTreeMap<String, BTreeSet<String>>;

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The first names of a path, or of each path in a group: `crate::a::b` → a, `crate::{a::b, c}` → a, c.
fn first_names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![path.chars().take_while(|c| is_name(*c)).collect()];
    };
    let (mut names, mut name, mut depth, mut ended) = (Vec::new(), String::new(), 0, false);
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(std::mem::take(&mut name));
                ended = false;
            }
            _ if depth == 0 && is_name(c) && !ended => name.push(c),
            _ if depth == 0 && !name.is_empty() => ended = true,
            _ => {}
        }
    }
    names.push(name);
    names
}

fn module(path: &Path) -> String {
    let first = path.iter().next().expect("a path").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// What the root gives out again: name → the module that it comes from.
fn reexports(root: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (at, _) in root.match_indices("use ") {
        let statement = &root[at + 4..];
        let statement = &statement[..statement.find(';').unwrap_or(0)];
        let Some((module, names)) = statement.split_once("::") else { continue };
        for name in first_names(names) {
            found.insert(name, module.to_owned());
        }
    }
    found
}

fn uses(files: &[&Source]) -> Uses {
    let is_root =
        |source: &Source| ["lib.rs", "main.rs"].iter().any(|root| source.path == Path::new(root));
    let roots = files.iter().filter(|source| is_root(source)).map(|source| source.code.as_str());
    let reexports: BTreeMap<_, _> = roots.flat_map(reexports).collect();
    let mut uses = Uses::new();
    for source in files.iter().filter(|source| !is_root(source)) {
        let module = module(&source.path);
        let mut paths: Vec<&str> = source.code.split("crate::").skip(1).collect();
        if source.path.iter().count() == 1 {
            paths.extend(source.code.split("super::").skip(1));
        }
        let of_module = uses.entry(module.clone()).or_default();
        for name in paths.into_iter().flat_map(first_names) {
            let used = reexports.get(&name).cloned().unwrap_or(name);
            if used != module {
                of_module.insert(used);
            }
        }
    }
    let modules: BTreeSet<_> = uses.keys().cloned().collect();
    uses.values_mut().for_each(|used| used.retain(|name| modules.contains(name)));
    uses
}

/// What is left when modules that use nothing, or that nothing uses, are taken away again and again.
fn circle(mut left: Uses) -> Uses {
    loop {
        let used: BTreeSet<_> = left.values().flatten().cloned().collect();
        let free = left.iter().find(|(name, uses)| uses.is_empty() || !used.contains(*name));
        let Some(free) = free.map(|(name, _)| name.clone()) else { return left };
        left.remove(&free);
        left.values_mut().for_each(|uses| {
            uses.remove(&free);
        });
    }
}

#[test]
fn no_module_uses_one_that_uses_it() {
    let sources = sources();
    let rooms: BTreeSet<_> = sources.iter().map(|source| source.room.as_str()).collect();
    let mut wrong = Vec::new();
    for room in rooms {
        let files: Vec<_> = sources.iter().filter(|source| source.room == room).collect();
        let circle = circle(uses(&files));
        if !circle.is_empty() {
            wrong.push(format!("{room}: {circle:?}"));
        }
    }
    assert!(wrong.is_empty(), "circles:\n{}", wrong.join("\n"));
}

#[test]
fn circles_are_found() {
    let uses = |edges: &[(&str, &str)]| {
        let mut uses = Uses::new();
        for (from, to) in edges {
            uses.entry((*from).to_owned()).or_default().insert((*to).to_owned());
            uses.entry((*to).to_owned()).or_default();
        }
        uses
    };
    assert!(circle(uses(&[("a", "b"), ("b", "c"), ("a", "c")])).is_empty());
    assert_eq!(circle(uses(&[("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")])).len(), 2);
    assert_eq!(first_names("{a::b, c::{d, e}, f}"), ["a", "c", "f"]);
    assert_eq!(first_names("a::b"), ["a"]);
}
