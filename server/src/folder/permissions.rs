//! Permissions of a data folder and what is in it: its user's alone, also if a package or an
//! administrator made the folder.

use std::path::Path;

use super::FolderError;

/// Takes the permissions of group and others from the data folder `path`, the files in it, and the
/// media below `media`. The media of a folder that was already private is not listed, since that takes
/// long for a large library.
#[cfg(unix)]
pub(super) fn restrict(path: &Path, media: &Path) -> Result<(), FolderError> {
    let was_open = restrict_one(path)?;
    if was_open {
        tracing::warn!(folder = %path.display(), "Others could read the data folder; its permissions are restricted now");
    }
    // The files too: a hard link to one does not lead through the folder.
    for entry in entries(path)? {
        if entry.is_file() {
            restrict_one(&entry)?;
        }
    }
    if media.is_dir() && (restrict_one(media)? || was_open) {
        for clip in entries(media)? {
            restrict_one(&clip)?;
            for file in if clip.is_dir() { entries(&clip)? } else { Vec::new() } {
                restrict_one(&file)?;
            }
        }
    }
    Ok(())
}

/// The entries of a folder, without symbolic links.
#[cfg(unix)]
fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, FolderError> {
    let entries = std::fs::read_dir(folder).map_err(super::at(folder))?.filter_map(Result::ok);
    let own = entries.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_symlink()));
    Ok(own.map(|entry| entry.path()).collect())
}

/// Takes the permissions of group and others from one path, and returns whether they had any. A path
/// that is gone has none.
#[cfg(unix)]
fn restrict_one(path: &Path) -> Result<bool, FolderError> {
    use std::fs::Permissions;
    use std::io::ErrorKind;
    use std::os::unix::fs::PermissionsExt as _;
    let mode = match std::fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(super::at(path)(error)),
    };
    if mode & 0o077 == 0 {
        return Ok(false);
    }
    match std::fs::set_permissions(path, Permissions::from_mode(mode & 0o700)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        // On a read-only disk nothing can be changed, and the library is served all the same.
        Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem => {
            tracing::warn!(path = %path.display(), "Others can read this, and the disk is read-only");
            Ok(true)
        }
        Err(source) => Err(FolderError::ReadableByOthers { path: path.to_owned(), source }),
        Ok(()) => Ok(true),
    }
}

/// On Windows a user's data folder is private by its location.
#[cfg(not(unix))]
pub(super) fn restrict(_path: &Path, _media: &Path) -> Result<(), FolderError> {
    Ok(())
}
