//! Takes begin: a take is there once its folder, its record and its empty stream are durable, in
//! this order.

use std::fs::File;

use tracing::info;
use vignette_durable as durable;

use crate::owned::{STREAM, State};
use crate::writer::{PendingImport, TakeWriter};
use crate::{Spool, SpoolError, Take, record};

impl Spool {
    /// Begins a take: its folder, its lock and its empty stream are durable when this returns.
    ///
    /// # Errors
    /// [`SpoolError::Full`] below 500 MB of free space, [`SpoolError::AlreadyThere`],
    /// [`SpoolError::Disk`].
    pub fn begin(&self, take: Take) -> Result<TakeWriter, SpoolError> {
        self.begin_in(STREAM, take, None)
    }

    /// Begins a take whose stream has this name for now.
    pub(crate) fn begin_in(
        &self,
        name: &str,
        take: Take,
        pending: Option<PendingImport>,
    ) -> Result<TakeWriter, SpoolError> {
        self.check_free_space(0)?;
        let id = take.id;
        let (folder, lock) = self.make_folder(id)?;
        let take = take.at_its_beginning();
        record::write(&folder, &take)?;
        // The stream is created last: a folder with a stream counts as a take, and its record must
        // be there by then.
        let stream = folder.join(name);
        let file = File::create_new(&stream).map_err(SpoolError::disk("make", &stream))?;
        file.sync_all().map_err(SpoolError::disk("keep", &stream))?;
        durable::sync_folder(&folder).map_err(SpoolError::disk("keep", &folder))?;
        self.sync_takes()?;
        let owned = self.own(folder, lock, State::new(take, Default::default(), true));
        info!(take.id = %id, "Began take");
        self.notify(id);
        Ok(TakeWriter::new(self.clone(), owned, file, pending))
    }
}
