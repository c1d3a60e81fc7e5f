//! A film that is taken in: a take that is nothing until all of it is there.

use crate::owned::IMPORT_STREAM;
use crate::writer::{PendingImport, TakeWriter};
use crate::{Spool, SpoolError, Take, UploadRecord};

impl Spool {
    /// Begins to take in a film. Until [`TakeWriter::finish`] it goes to no library and no other
    /// program sees it; if the writer is dropped or the program dies, nothing of it is left, for
    /// the film itself is still there. An append is refused where it would leave too little room to
    /// record.
    ///
    /// # Errors
    /// As [`Spool::begin`].
    pub fn begin_import(&self, take: Take) -> Result<TakeWriter, SpoolError> {
        let upload = UploadRecord { library: None, ..take.upload.clone() };
        let pending = PendingImport { library: take.upload.library.clone() };
        self.begin_in(IMPORT_STREAM, Take { upload, ..take }, Some(pending))
    }
}
