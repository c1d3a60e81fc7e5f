//! The source files of our crates, without comments and unit tests.

use std::path::{Path, PathBuf};

/// A source file of one of our crates.
pub(crate) struct Source {
    /// The crate, as its folder is called: `library`, `server`, `src-tauri`.
    pub(crate) room: String,
    /// The path within the crate's `src`.
    pub(crate) path: PathBuf,
    /// What stands in it, without lines of comments and without what follows `#[cfg(test)]`.
    pub(crate) code: String,
}

impl Source {
    /// The names of types that others in the crate or outside it may use.
    pub(crate) fn visible_types(&self) -> impl Iterator<Item = &str> {
        self.types().map(|(_, name)| name)
    }

    /// The names of types that are `pub` without a restriction.
    pub(crate) fn public_types(&self) -> impl Iterator<Item = &str> {
        self.types().filter(|(restricted, _)| !restricted).map(|(_, name)| name)
    }

    /// The types that are not private: whether `pub` is restricted, and the name.
    fn types(&self) -> impl Iterator<Item = (bool, &str)> {
        self.code.lines().filter_map(|line| {
            let line = line.trim_start().strip_prefix("pub")?;
            let (restricted, line) = match line.strip_prefix('(') {
                Some(restricted) => (true, restricted.split_once(')')?.1),
                None => (false, line),
            };
            let (kind, rest) = line.trim_start().split_once(' ')?;
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            (["struct", "enum", "trait", "type", "union"].contains(&kind) && end > 0)
                .then_some((restricted, &rest[..end]))
        })
    }
}

/// All source files of our crates but the tests' own.
pub(crate) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let crates = folders(&root.join("crates"));
    let programs = ["server", "cli", "src-tauri"].map(|name| root.join(name));
    let mut found = Vec::new();
    for room in crates.into_iter().chain(programs) {
        let name = room.file_name().expect("a name").to_string_lossy().into_owned();
        read(&room.join("src"), Path::new(""), &name, &mut found);
    }
    assert!(found.len() > 300, "the sources are found: {}", found.len());
    found
}

/// The code that is no library of ours, all together: programs, tests, benchmarks, fuzz targets.
pub(crate) fn other_code() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mut found = Vec::new();
    for room in
        folders(&root.join("crates")).into_iter().chain([root.join("server"), root.join("cli")])
    {
        for folder in ["tests", "benches", "examples"].map(|name| room.join(name)) {
            if folder.is_dir() {
                read(&folder, Path::new(""), "", &mut found);
            }
        }
    }
    for folder in ["src", "journeys", "bench", "fuzz/targets"] {
        read(&root.join("tests").join(folder), Path::new(""), "", &mut found);
    }
    let mut code: String = found.into_iter().map(|source| source.code).collect();
    for program in ["server/src/main.rs", "src-tauri/src/main.rs"] {
        code += &std::fs::read_to_string(root.join(program)).expect("a program");
    }
    code
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

fn read(folder: &Path, within: &Path, room: &str, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"))
    {
        let (path, within) = (entry.path(), within.join(entry.file_name()));
        if path.is_dir() {
            read(&path, &within, room, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            let code = lines.collect::<Vec<_>>().join("\n");
            found.push(Source { room: room.to_owned(), path: within, code });
        }
    }
}
