//! The source files of our crates, without comments and unit tests.

use std::path::{Path, PathBuf};

/// A source file of one of our crates.
pub(crate) struct Source {
    /// The crate, as its folder is called: `library`, `server`, `src-tauri`.
    pub(crate) room: String,
    /// The path within the crate's `src`.
    pub(crate) path: PathBuf,
    /// What stands in it, without lines of comments and without what `#[cfg(test)]` stands before.
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

/// Reads a folder, without the files that are tests only.
fn read(folder: &Path, within: &Path, room: &str, found: &mut Vec<Source>) {
    let mut tests = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"))
    {
        let (path, within) = (entry.path(), within.join(entry.file_name()));
        if path.is_dir() {
            read(&path, &within, room, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            tests.extend(
                test_modules(&within, &text).into_iter().map(|path| (room.to_owned(), path)),
            );
            let code = without_tests(&text);
            found.push(Source { room: room.to_owned(), path: within, code });
        }
    }
    found.retain(|source| !tests.contains(&(source.room.clone(), source.path.clone())));
}

/// Leaves out comments and each item that stands after `#[cfg(test)]`: up to the line that ends it
/// where as many braces are closed as were opened.
fn without_tests(text: &str) -> String {
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut code = Vec::new();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            code.push(line);
            continue;
        }
        let mut depth = 0;
        for line in lines.by_ref() {
            depth += line.matches(['{', '(']).count();
            depth -= line.matches(['}', ')']).count().min(depth);
            let attribute = line.trim_start().starts_with('#');
            if depth == 0 && !attribute && line.trim_end().ends_with([';', '}', ',']) {
                break;
            }
        }
    }
    code.join("\n")
}

/// The files that are modules of tests only: `mod name;` after `#[cfg(test)]`.
fn test_modules(path: &Path, text: &str) -> Vec<PathBuf> {
    let stem = path.file_stem().expect("a name").to_string_lossy();
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder = match stem.as_ref() {
        "lib" | "main" | "mod" => folder.to_owned(),
        stem => folder.join(stem),
    };
    let mut lines = text.lines();
    let mut found = Vec::new();
    while lines.any(|line| line.trim() == "#[cfg(test)]") {
        let module = lines.clone().next().map(str::trim).and_then(|line| line.strip_prefix("mod "));
        let module = module.and_then(|module| module.strip_suffix(';'));
        found.extend(module.map(|module| folder.join(format!("{module}.rs"))));
    }
    found
}

#[test]
fn tests_are_left_out() {
    let text = "use a;\n#[cfg(test)]\nmod tests;\n// why\nfn f() {\n    g();\n}\n\
                #[cfg(test)]\nmod more {\n    fn h() {}\n}\nfn last() {}\n";
    assert_eq!(without_tests(text), "use a;\nfn f() {\n    g();\n}\nfn last() {}");
    assert_eq!(test_modules(Path::new("a/b.rs"), text), [Path::new("a/b/tests.rs")]);
    assert_eq!(test_modules(Path::new("lib.rs"), text), [Path::new("tests.rs")]);
}
