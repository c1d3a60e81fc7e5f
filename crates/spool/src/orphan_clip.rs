//! [`OrphanClip`]: an empty clip that a take of which nothing was kept left in a library. It is
//! remembered until it is deleted there.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tracing::warn;
use vignette_durable as durable;
use vignette_model::ClipId;

use crate::{Spool, SpoolError};

/// One of ours is never near this size.
const MAX_BYTES: u64 = 1 << 14;

/// A clip that is to be deleted, since nothing was kept of its take: it was cancelled, or its
/// program died too soon.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrphanClip {
    /// Address of the library that has it.
    pub library: String,
    /// Which clip.
    pub clip: ClipId,
}

impl Spool {
    /// Remembers that a clip is to be deleted. A file each, so that programs do not get in each
    /// other's way.
    ///
    /// # Errors
    /// [`SpoolError::Disk`].
    pub fn add_orphan_clip(&self, orphan: &OrphanClip) -> Result<(), SpoolError> {
        let folder = self.orphans_folder();
        match durable::create_new_folder(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(SpoolError::disk("make", &folder)(error));
            }
            _ => {}
        }
        let path = self.orphan_path(orphan.clip);
        let json = serde_json::to_vec(orphan).map_err(io::Error::from);
        json.and_then(|json| durable::write(&path, &json)).map_err(SpoolError::disk("write", &path))
    }

    /// Every clip that is to be deleted.
    #[must_use]
    pub fn orphan_clips(&self) -> Vec<OrphanClip> {
        let Ok(entries) = fs::read_dir(self.orphans_folder()) else { return Vec::new() };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        paths
            .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
            .filter_map(read)
            .collect()
    }

    /// Forgets a clip: it is deleted, or will never be.
    ///
    /// # Errors
    /// [`SpoolError::Disk`].
    pub fn remove_orphan_clip(&self, clip: ClipId) -> Result<(), SpoolError> {
        let path = self.orphan_path(clip);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(SpoolError::disk("remove", &path)(error))
            }
            _ => Ok(()),
        }
    }

    fn orphan_path(&self, clip: ClipId) -> PathBuf {
        self.orphans_folder().join(format!("{clip}.json"))
    }
}

fn read(path: PathBuf) -> Option<OrphanClip> {
    let mut json = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut json));
    let read = read.and_then(|_| serde_json::from_slice(&json).map_err(io::Error::from));
    read.inspect_err(|error| warn!(%error, "The note of a clip to be deleted cannot be read")).ok()
}
