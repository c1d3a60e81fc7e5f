//! Rights of what lies in a data folder: its user's alone, also where a package or an administrator made the folder.

use std::path::Path;

use super::FolderError;

/// Closes the data folder `path` to others, with the files in it and the media below `media`. A folder that is closed already
/// is looked at and nothing more, so that this costs a large library nothing.
#[cfg(unix)]
pub(super) fn close(path: &Path, media: &Path) -> Result<(), FolderError> {
    let was_open = take_rights(path)?;
    if was_open {
        tracing::warn!(folder = %path.display(), "Others could look into the data folder; it is closed to them now");
    }
    // The files too: whoever has one open, or a link to it, does not come by the folder.
    for entry in entries(path)? {
        if entry.is_file() {
            take_rights(&entry)?;
        }
    }
    if media.is_dir() && (take_rights(media)? || was_open) {
        for clip in entries(media)? {
            take_rights(&clip)?;
            for file in if clip.is_dir() { entries(&clip)? } else { Vec::new() } {
                take_rights(&file)?;
            }
        }
    }
    Ok(())
}

/// What lies in a folder, without what a link there leads to.
#[cfg(unix)]
fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, FolderError> {
    let entries = std::fs::read_dir(folder).map_err(super::at(folder))?.filter_map(Result::ok);
    let own = entries.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_symlink()));
    Ok(own.map(|entry| entry.path()).collect())
}

/// Takes from group and others what rights they have, and says whether they had any. What is not there any more has none.
#[cfg(unix)]
fn take_rights(path: &Path) -> Result<bool, FolderError> {
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
        // Nothing more can be given away on a disk that takes no writes, and it is to be served all the same.
        Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem => {
            tracing::warn!(path = %path.display(), "Others can read this, and the disk is read-only");
            Ok(true)
        }
        Err(source) => Err(FolderError::Public { path: path.to_owned(), source }),
        Ok(()) => Ok(true),
    }
}

/// A user's data folder is private on Windows by where it lies.
#[cfg(not(unix))]
pub(super) fn close(_path: &Path, _media: &Path) -> Result<(), FolderError> {
    Ok(())
}
