//! The modules of the server use each other in one direction, as `lib.rs` draws them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Uses = BTreeMap<String, BTreeSet<String>>;

/// Which folder or file of `src` each uses, by its `crate::` paths outside comments and tests.
fn uses() -> Uses {
    let mut uses = Uses::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), None, &mut uses);
    uses
}

fn collect(folder: &Path, module: Option<&str>, uses: &mut Uses) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_stem().unwrap().to_str().unwrap();
        let module = module.unwrap_or(name);
        if entry.is_dir() {
            collect(&entry, Some(module), uses);
            continue;
        }
        let text = std::fs::read_to_string(&entry).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        let paths = lines.flat_map(|line| line.split("crate::").skip(1));
        let used = paths
            .map(|path| path.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap());
        let of_module = uses.entry(module.to_owned()).or_default();
        of_module
            .extend(used.filter(|used| *used != module && !used.is_empty()).map(str::to_owned));
    }
}

#[test]
fn no_module_uses_one_that_uses_it() {
    let mut left = uses();
    // Names at the root that are no modules: macros and re-exports.
    let modules: BTreeSet<_> = left.keys().cloned().collect();
    left.values_mut().for_each(|used| used.retain(|name| modules.contains(name)));
    left.retain(|module, _| module != "lib" && module != "main");
    assert!(left.len() > 10 && left["routes"].contains("http"), "the paths are found: {left:?}");
    while let Some(free) =
        left.iter().find(|(_, used)| used.is_empty()).map(|(module, _)| module.clone())
    {
        left.remove(&free);
        for used in left.values_mut() {
            used.remove(&free);
        }
    }
    assert!(left.is_empty(), "these use each other in a circle, or what is in one: {left:?}");
}
