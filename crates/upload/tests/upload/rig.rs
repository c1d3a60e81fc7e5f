//! A recorder's computer: a spool in a folder of its own, credentials, an uploader, and streams to
//! record.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use vignette_fmp4::{Cutter, Limits, Piece};
use vignette_model::text::Title;
use vignette_model::{Clock as _, Secret, SystemClock, TakeId, UtcMicros};
use vignette_spool::{Spool, Take, TakeWriter};
use vignette_upload::{Credentials, UploadProgress, Uploader, library_url};

const TINY: &[u8] = include_bytes!("../data/tiny.mp4");
/// Longer than anything here takes, even on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// A recorder's computer, with one program that runs on it.
pub(crate) struct Computer {
    folder: TempDir,
    pub(crate) spool: Spool,
    pub(crate) credentials: Credentials,
    pub(crate) uploader: Uploader,
}

impl Computer {
    /// A computer that is signed in to a library.
    pub(crate) fn signed_in(library: &str, token: &Secret) -> Self {
        let computer = Self::signed_out();
        computer.sign_in(library, token);
        computer
    }

    pub(crate) fn signed_out() -> Self {
        Self::on(tempfile::tempdir().unwrap())
    }

    fn on(folder: TempDir) -> Self {
        let (spool, credentials) = program(folder.path());
        let uploader =
            Uploader::spawn(spool.clone(), credentials.clone(), Arc::new(SystemClock::new()));
        Self { folder, spool, credentials, uploader }
    }

    pub(crate) fn sign_in(&self, library: &str, token: &Secret) {
        self.credentials.keep(&library_url(library).unwrap(), token.clone()).unwrap();
    }

    /// Where everything lies.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program ends and is started again; what it had open is let go.
    pub(crate) async fn restart(self) -> Self {
        let Self { folder, spool, credentials, uploader } = self;
        uploader.shutdown().await;
        drop((uploader, spool, credentials));
        Self::on(folder)
    }

    /// Begins a take that goes to a library.
    pub(crate) fn begin(&self, library: &str, title: &str) -> TakeWriter {
        self.spool.begin(take(library, title)).unwrap()
    }

    /// A take that was recorded before, of so many fragments of so many bytes.
    pub(crate) fn record(
        &self,
        library: &str,
        title: &str,
        fragments: usize,
        size_bytes: usize,
    ) -> Take {
        let mut writer = self.begin(library, title);
        for piece in endless(size_bytes).take(1 + fragments) {
            writer.append(&piece).unwrap();
        }
        writer.finish().unwrap()
    }

    pub(crate) fn take(&self, id: TakeId) -> Take {
        self.spool.take(id).unwrap()
    }

    /// Waits until a take's progress is as it should be.
    pub(crate) async fn until(
        &self,
        id: TakeId,
        what: &str,
        is: impl Fn(&UploadProgress) -> bool,
    ) -> UploadProgress {
        let mut progress = self.uploader.progress();
        let coming = progress.wait_for(|all| all.iter().any(|p| p.take == id && is(p)));
        match tokio::time::timeout(SOON, coming).await {
            Ok(all) => all.unwrap().iter().find(|p| p.take == id).unwrap().clone(),
            Err(_) => panic!(
                "the take did not come to be {what}: {:?}",
                self.uploader.progress().borrow()
            ),
        }
    }

    pub(crate) async fn until_safe(&self, id: TakeId) {
        self.until(id, "safe", |progress| progress.sealed).await;
        assert!(self.take(id).upload.sealed, "what is said to be safe is kept so");
    }
}

/// What another program sees of a folder.
pub(crate) fn program(folder: &Path) -> (Spool, Credentials) {
    let spool = Spool::open(&folder.join("spool"), Arc::new(SystemClock::new())).unwrap();
    (spool, Credentials::open(&folder.join("credentials.json")).unwrap())
}

/// A new take that goes to a library.
pub(crate) fn take(library: &str, title: &str) -> Take {
    let at: UtcMicros = SystemClock::new().utc();
    let mut take = Take::new(TakeId::new(), at);
    take.upload.library = Some(library.to_owned());
    take.details.title = Title::new(title).unwrap();
    take
}

/// An init segment, then fragments without end, each later than the one before and at least so
/// large.
pub(crate) fn endless(size_bytes: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut at = 0;
    let end = |piece: Piece| match piece {
        Piece::Init(init) => init.size_bytes,
        Piece::Fragment(fragment) => fragment.end_bytes(),
    };
    let pieces = Cutter::new(Limits::DEFAULT).push(TINY).unwrap().into_iter().map(|piece| {
        let end = usize::try_from(end(piece)).unwrap();
        &TINY[std::mem::replace(&mut at, end)..end]
    });
    let pieces: Vec<&[u8]> = pieces.collect();
    let (init, fragments) = (pieces[0].to_vec(), pieces[1..].to_vec());
    let fragment = move |index: usize| {
        let mut bytes = fragments[index % fragments.len()].to_vec();
        let tfdt = bytes.windows(4).position(|name| name == b"tfdt").unwrap() + 8;
        let fragment_ticks = 2 * 16_384_u64; // 8 pictures at 4 a second
        bytes[tfdt..tfdt + 8].copy_from_slice(&(index as u64 * fragment_ticks).to_be_bytes());
        let mut piece = padding(size_bytes.saturating_sub(bytes.len()), index);
        piece.extend(bytes);
        piece
    };
    std::iter::once(init).chain((0..).map(fragment))
}

/// A `free` box, which may stand in front of a fragment; empty where there is no room for one.
fn padding(size_bytes: usize, seed: usize) -> Vec<u8> {
    let Ok(size) = u32::try_from(size_bytes) else { return Vec::new() };
    if size < 8 {
        return Vec::new();
    }
    let filling =
        (0..size_bytes - 8).map(|n| u8::try_from((n.wrapping_mul(31) ^ seed) % 251).unwrap());
    size.to_be_bytes().into_iter().chain(*b"free").chain(filling).collect()
}

/// Asks again and again; for what tells nobody when it happens.
pub(crate) async fn wait(is: impl Fn() -> bool) {
    let waiting = async {
        while !is() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SOON, waiting).await.expect("it happens");
}
