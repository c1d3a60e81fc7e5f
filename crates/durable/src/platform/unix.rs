//! Files and folders on Linux and macOS.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

pub(crate) fn make_private_file(options: &mut OpenOptions) {
    options.mode(0o600);
}

pub(crate) fn make_private_folder(builder: &mut DirBuilder) {
    builder.mode(0o700);
}

pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
