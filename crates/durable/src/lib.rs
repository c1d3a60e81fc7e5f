//! Durable writes: a file is replaced as a whole or not at all, and its new name outlasts a power
//! cut.
//!
//! ```text
//! NAME.new (mode 0600) ─▶ write ─▶ fsync ─▶ rename over NAME ─▶ fsync the folder
//! ```
//!
//! What is made here can be read by its user alone, but for what [`replace_shared`] makes.
//! `clippy.toml` forbids `std::fs::write` and
//! `std::fs::rename` everywhere else.
//!
//! There is one temporary name for each file, so that a crash leaves at most one behind, which the
//! next write removes. Two writers of one file must therefore take turns: a caller holds the lock
//! that belongs to the file.
#![forbid(unsafe_code)]

mod platform;

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Replaces the contents of `path` with `bytes`. After a crash or a power cut the file holds all of
/// them or what it held before.
///
/// # Errors
/// Those of the disk; the file is unchanged then.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, |file| file.write_all(bytes))
}

/// Replaces the contents of `path` with what `write` puts into the new file. The folder must exist;
/// [`create_folder`] makes it.
///
/// # Errors
/// Those of the disk or of `write`; the file is unchanged then, and the temporary one is gone.
pub fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let temporary = temporary(path);
    remove_stale(&temporary)?;
    let mut file = private_file().create_new(true).open(&temporary)?;
    let replaced = write(&mut file).and_then(|()| persist(file, &temporary, path));
    if replaced.is_err() {
        // On a full disk its room is wanted now. If it cannot be removed, the next write does it.
        let _ = fs::remove_file(&temporary);
    }
    replaced
}

/// The same for a file that others may read, as far as they may read what a program makes here: one
/// that is there keeps its permissions. What lies beside it is left alone.
///
/// # Errors
/// As [`replace`].
pub fn replace_shared(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    let temporary = path.with_file_name(name);
    let mut file = File::options().write(true).create_new(true).open(&temporary)?;
    let kept = match fs::metadata(path) {
        Ok(before) => file.set_permissions(before.permissions()),
        Err(_) => Ok(()),
    };
    let replaced =
        kept.and_then(|()| write(&mut file)).and_then(|()| persist(file, &temporary, path));
    if replaced.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    replaced
}

/// Gives a file that was written as `from` its lasting name in the same folder, durably.
///
/// # Errors
/// Those of the disk; what `to` held before is still there then.
#[expect(
    clippy::disallowed_methods,
    reason = "the file before the rename and the folder after it are synced"
)]
pub fn persist(file: File, from: &Path, to: &Path) -> io::Result<()> {
    file.sync_all()?;
    // Windows does not rename a file that is open.
    drop(file);
    fs::rename(from, to)?;
    sync_folder(folder_of(to))
}

/// Makes `folder` and those above it, for this user alone. The names of all of them are durable
/// when this returns.
///
/// # Errors
/// Those of the disk.
pub fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder_of(folder);
    create_folder(above)?;
    match create_new_folder(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made?,
    }
    sync_folder(above)
}

/// Makes `folder`, in one that exists, for this user alone. Its name is durable after
/// [`sync_folder`] of the folder above it.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if it exists; else those of the disk.
pub fn create_new_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    platform::make_private_folder(&mut builder);
    builder.create(folder)
}

/// Makes durable which names a folder has. Without it a new or renamed file may be gone after a
/// power cut.
///
/// # Errors
/// Those of the disk.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    platform::sync_folder(folder)
}

/// Options for a file that is written; one that is new can be read by this user alone.
#[must_use]
pub fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    platform::make_private_file(&mut options);
    options
}

/// The one temporary name of `path`.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".new");
    path.with_file_name(name)
}

/// Removes what a crash left. Writing into it would keep its mode, and whatever else its name
/// refers to.
fn remove_stale(temporary: &Path) -> io::Result<()> {
    match fs::remove_file(temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The folder that a name lies in; a bare name lies in the current one.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn a_write_replaces_the_whole_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("take.json");
        for text in ["a long first text", "short"] {
            write(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(names(dir.path()), ["take.json"], "nothing is left beside it");
    }

    #[test]
    fn a_write_that_fails_changes_nothing_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("take.json");
        write(&path, b"before").unwrap();
        let failed = replace(&path, |file| {
            file.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read(&path).unwrap(), b"before");
        assert_eq!(names(dir.path()), ["take.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_for_others_keeps_its_mode_and_its_neighbours() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let (path, neighbour) = (dir.path().join("talk.mp4"), dir.path().join("talk.mp4.new"));
        fs::File::create(&neighbour).unwrap();
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let usual = fs::metadata(&neighbour).unwrap().permissions().mode() & 0o777;
        replace_shared(&path, |file| file.write_all(b"first")).unwrap();
        assert_eq!(mode(), usual, "that of any new file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        replace_shared(&path, |file| file.write_all(b"second")).unwrap();
        assert_eq!((mode(), fs::read(&path).unwrap()), (0o640, b"second".to_vec()));
        replace_shared(&path, |_| Err(io::ErrorKind::StorageFull.into())).unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        let mut there = names(dir.path());
        there.sort();
        assert_eq!(there, ["talk.mp4", "talk.mp4.new"], "nothing is left or taken away");
    }

    #[test]
    fn what_a_crash_left_half_written_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("take.json");
        File::create(temporary(&path)).unwrap().write_all(b"half of a much longer te").unwrap();
        write(&path, b"whole").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(names(dir.path()), ["take.json"]);
    }

    #[test]
    fn each_file_has_a_temporary_name_of_its_own() {
        assert_eq!(temporary(Path::new("a/words.json")), Path::new("a/words.json.new"));
        assert_ne!(temporary(Path::new("take.json")), temporary(Path::new("take.txt")));
    }

    #[test]
    fn folders_are_made_with_those_above_them() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a/b/c");
        create_folder(&folder).unwrap();
        create_folder(&folder).unwrap();
        assert!(folder.is_dir());
        let exists = create_new_folder(&folder).unwrap_err();
        assert_eq!(exists.kind(), io::ErrorKind::AlreadyExists);
        let path = dir.path().join("a file");
        write(&path, b"").unwrap();
        assert!(create_folder(&path.join("below it")).is_err(), "a file is no folder");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_made_can_be_read_by_its_user_alone() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let mode = |path: &Path| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a/b");
        create_folder(&folder).unwrap();
        assert_eq!((mode(&dir.path().join("a")), mode(&folder)), (0o700, 0o700));

        let path = folder.join("token");
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).unwrap();
        let readable = File::create(temporary(&path)).unwrap();
        readable.set_permissions(fs::Permissions::from_mode(0o666)).unwrap();
        write(&path, b"secret").unwrap();
        assert_eq!(mode(&path), 0o600, "the mode of what a crash left is not taken over");

        let elsewhere = dir.path().join("elsewhere");
        symlink(&elsewhere, temporary(&path)).unwrap();
        write(&path, b"another secret").unwrap();
        assert!(!elsewhere.exists(), "nothing is written where a link points to");
        assert_eq!(fs::read(&path).unwrap(), b"another secret");
    }
}
