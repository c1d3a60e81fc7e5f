//! [`Recorder`]: everything that recording needs, opened once for a program: the spool, its
//! uploader, and the running take.

mod discarding;
mod ending;
mod importing;
mod saving;
mod starting;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use url::Url;
use vignette_capture::CaptureTarget;
use vignette_encode::ImportProgress;
use vignette_model::api::CreatedClip;
use vignette_model::take::TakeView;
use vignette_model::text::{Summary, Title};
use vignette_model::{Clock, Problem, TakeId};
use vignette_spool::Spool;
use vignette_upload::{Credentials, Uploader};

pub use self::importing::ImportedFile;
use crate::RecorderError;
use crate::active_take::ActiveTake;
use crate::inputs::FoundSources;
use crate::plan::Plan;
use crate::recording::Recording;
use crate::rehearsal::Rehearsal;
use crate::sources::Sources;
use crate::takes::{Changes, TakeList};
use crate::transcription::{SpeechSetup, Transcription};

/// What a recorder is opened with.
pub struct Options {
    /// Folder of the spool.
    pub spool: PathBuf,
    /// Address of the library that new takes go to.
    pub library: Url,
    /// Tokens for it and for others that older takes go to.
    pub credentials: Credentials,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
}

/// The recorder of one program. Clones are the same recorder. One take runs at a time.
#[derive(Clone)]
pub struct Recorder {
    inner: Arc<Inner>,
}

/// What a recorder consists of. Each part can be locked by itself; none is held while another is
/// waited for.
struct Inner {
    spool: Spool,
    uploader: Uploader,
    /// Where new takes go.
    library: Mutex<Url>,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    /// Every take, as people see it.
    takes: TakeList,
    /// The one that runs.
    active: Arc<ActiveTake>,
    /// The one that was discarded last, while it can be brought back.
    aside: Mutex<Option<TakeId>>,
    /// Transcripts of takes, while they are recorded and afterwards.
    transcription: Arc<Transcription>,
}

impl Recorder {
    /// Opens the spool, recovers what an earlier program left unfinished, and begins to send
    /// whatever the library does not have yet. Call it within a tokio runtime, which has to outlive
    /// the recorder.
    ///
    /// # Errors
    /// [`RecorderError::Spool`].
    pub fn open(options: Options) -> Result<Self, RecorderError> {
        let spool = Spool::open(&options.spool, options.clock.clone())?;
        let recovered = spool.recover()?;
        if !recovered.is_empty() {
            tracing::info!(takes = recovered.len(), "Recovered takes that were not stopped");
        }
        let uploader =
            Uploader::spawn(spool.clone(), options.credentials.clone(), options.clock.clone());
        let active = Arc::<ActiveTake>::default();
        let transcription =
            Transcription::new(spool.clone(), options.clock.clone(), active.clone());
        let inner = Arc::new(Inner {
            takes: TakeList::new(spool.clone(), uploader.progress()),
            spool,
            uploader,
            library: Mutex::new(options.library),
            clock: options.clock,
            runtime: Handle::current(),
            active,
            aside: Mutex::default(),
            transcription,
        });
        inner.remove_discarded();
        inner.refresh_takes();
        tokio::spawn(keep_takes_fresh(Arc::downgrade(&inner), inner.takes.changes()));
        Ok(Self { inner })
    }

    /// Opens camera, microphone and screen without keeping anything, for the person to see and hear
    /// that they work, and what of the screen a take of `target` would record. Of the rehearsal
    /// `before`, what stays the same stays open.
    ///
    /// # Errors
    /// [`RecorderError::Capture`] of the first device that was named and cannot be opened;
    /// [`RecorderError::NothingToRecord`] if nothing was chosen. Then nothing is open.
    pub async fn rehearse(
        &self,
        sources: Sources,
        target: CaptureTarget,
        before: Option<Rehearsal>,
    ) -> Result<Rehearsal, RecorderError> {
        let inner = self.inner.clone();
        blocking(move || {
            inner.active.wait_for_devices();
            let mut rehearsal = before.unwrap_or_else(|| Rehearsal::new(inner.clock.clone()));
            rehearsal.show(&sources, &target)?;
            Ok(rehearsal)
        })
        .await
    }

    /// Opens the sources and begins the countdown of a take. Its link is asked for at the same
    /// time.
    ///
    /// # Errors
    /// [`RecorderError::AlreadyRecording`]; [`RecorderError::Capture`] of the first source that
    /// must open and does not; [`RecorderError::Spool`] if there is no room.
    pub async fn start(&self, plan: Plan) -> Result<Recording, RecorderError> {
        // Held until the take is active: of two that start at once the second finds the first
        // running.
        let _starting = self.inner.active.starting.lock().await;
        if self.running().is_some() {
            return Err(RecorderError::AlreadyRecording);
        }
        let sources = plan.sources.clone();
        let mut found = blocking(move || Ok(FoundSources::find(&sources)?)).await?;
        let restore_token = found.choose(&plan.target).await?;
        let inner = self.inner.clone();
        let recording = blocking(move || inner.begin(plan, found, restore_token)).await?;
        starting::follow(&self.inner, &recording);
        Ok(recording)
    }

    /// The running take, from the countdown until its last fragment is in the spool.
    #[must_use]
    pub fn running(&self) -> Option<Recording> {
        self.inner.active.recording()
    }

    /// Every take on this computer, newest first, and where its bytes are; every later change is
    /// seen through the receiver.
    #[must_use]
    pub fn takes(&self) -> watch::Receiver<Vec<TakeView>> {
        self.inner.takes.views()
    }

    /// Changes a take's title, summary or whether it is live, before, during or after the
    /// recording. The library is told by itself.
    ///
    /// # Errors
    /// [`RecorderError::Spool`]; then nothing has changed.
    pub fn describe(
        &self,
        take: TakeId,
        title: Option<Title>,
        summary: Option<Summary>,
        live: Option<bool>,
    ) -> Result<(), RecorderError> {
        self.inner.spool.update(take, |take| {
            let details = &mut *take.details;
            details.title = title.unwrap_or_else(|| details.title.clone());
            details.summary = summary.unwrap_or_else(|| details.summary.clone());
            details.live = live.unwrap_or(details.live);
        })?;
        self.inner.uploader.wake();
        Ok(())
    }

    /// Takes in a video file as a finished take, which is sent like any other. The file itself is
    /// only read. Without a title its name is one. `progress` is told how far it has come, many
    /// times a second.
    ///
    /// # Errors
    /// [`RecorderError::Encode`] if it is not a video that can be sent; [`RecorderError::Spool`].
    pub async fn import(
        &self,
        file: &Path,
        title: Title,
        summary: Summary,
        progress: impl FnMut(ImportProgress) + Send + 'static,
    ) -> Result<ImportedFile, RecorderError> {
        let (inner, file) = (self.inner.clone(), file.to_owned());
        let imported = blocking(move || inner.import(&file, title, summary, progress)).await?;
        self.inner.uploader.wake();
        Ok(imported)
    }

    /// Writes a take as one MP4 file, in place of what may lie there.
    ///
    /// # Errors
    /// [`RecorderError::NotSaved`]; then what lay there is unchanged. [`RecorderError::Spool`],
    /// [`RecorderError::NoSuchTake`] if there is nothing of it here.
    pub async fn save(&self, take: TakeId, to: PathBuf) -> Result<(), RecorderError> {
        let inner = self.inner.clone();
        blocking(move || inner.save(take, &to)).await
    }

    /// Removes a take from this computer. A clip in the library stays.
    ///
    /// # Errors
    /// [`RecorderError::Spool`]: there is no such take, or it is being recorded.
    pub fn remove(&self, take: TakeId) -> Result<(), RecorderError> {
        self.inner.spool.remove(take)?;
        Ok(())
    }

    /// The clip that a take becomes, once a library has given it.
    #[must_use]
    pub fn clip(&self, take: TakeId) -> Option<CreatedClip> {
        self.inner.spool.take(take)?.upload.clip
    }

    /// Whether a take's library refuses it, so that it is in vain to wait until it is sent: nobody
    /// is signed in there, it is not allowed, or the clip was deleted.
    #[must_use]
    pub fn is_refused(&self, take: TakeId) -> bool {
        let progress = self.inner.uploader.progress();
        progress.borrow().iter().any(|progress| progress.take == take && progress.refused)
    }

    /// Where a take's bytes lie, for a player on this computer.
    #[must_use]
    pub fn stream_path(&self, take: TakeId) -> PathBuf {
        self.inner.spool.stream_path(take)
    }

    /// Transcribes what is said in every take from now on. Until this is called nothing is
    /// transcribed; call it again when the person has chosen otherwise.
    pub fn use_speech(&self, setup: SpeechSetup) {
        self.inner.transcription.use_setup(setup);
    }

    /// Why the last take got no transcript, or no better insights; none if it did. Changes are seen
    /// through the receiver.
    #[must_use]
    pub fn transcription_problem(&self) -> watch::Receiver<Option<Problem>> {
        self.inner.transcription.problem()
    }

    /// There may be a speech model now.
    pub fn look_for_model(&self) {
        self.inner.transcription.backfill.wake();
    }

    /// Transcribes takes that have no transcript yet: now, and whenever there are such takes, a
    /// model, and no recording.
    pub fn catch_up(&self) {
        self.inner.transcription.catch_up();
    }

    /// Transcribes a finished take now, if it has no transcript yet. Takes about a minute for half
    /// an hour of speech.
    ///
    /// # Errors
    /// [`RecorderError::NoSpeechModel`]; that of the model, the endpoint or the spool.
    pub async fn transcribe(&self, take: TakeId) -> Result<(), RecorderError> {
        self.inner.transcription.transcribe_now(take).await
    }

    /// Whether an endpoint makes insights, so that better ones may follow some time after those of
    /// this computer: [`Self::transcribe`] waits for them.
    #[must_use]
    pub fn has_insights_endpoint(&self) -> bool {
        self.inner.transcription.insights_endpoint().is_some()
    }

    /// A take is not transcribed by itself, now or later. A transcript that there is stays.
    ///
    /// # Errors
    /// [`RecorderError::Spool`]; then nothing has changed.
    pub fn skip_transcript(&self, take: TakeId) -> Result<(), RecorderError> {
        self.inner.spool.update(take, |take| take.transcript.no_transcript = true)?;
        Ok(())
    }

    /// Address of the library that new takes go to.
    #[must_use]
    pub fn library(&self) -> Url {
        lock(&self.inner.library).clone()
    }

    /// Sends new takes to another library from now on.
    pub fn use_library(&self, address: Url) {
        *lock(&self.inner.library) = address;
    }

    /// Follows a library to another address: takes for it, earlier ones too, are sent there from
    /// now on and have their links there. The token for the old address is deleted, since another
    /// program may answer there now. Does nothing if both addresses are the same.
    ///
    /// # Errors
    /// That of the disk; some takes may go there already.
    pub fn library_moved(
        &self,
        from: &Url,
        to: &Url,
        credentials: &Credentials,
    ) -> Result<(), RecorderError> {
        if from == to {
            return Ok(());
        }
        credentials.forget(from)?;
        let mut library = lock(&self.inner.library);
        if *library == *from {
            *library = to.clone();
        }
        drop(library);
        for take in self
            .inner
            .spool
            .takes()
            .into_iter()
            .filter(|take| take.upload.library.as_deref() == Some(from.as_str()))
        {
            self.inner.spool.update(take.id, |take| {
                take.upload.library = Some(to.to_string());
                if let Some(clip) = &mut take.upload.clip {
                    let mut link = to.clone();
                    link.set_path(&format!("/c/{}", clip.key));
                    clip.link = link.into();
                }
            })?;
        }
        self.inner.uploader.wake();
        Ok(())
    }

    /// Tries again at once what waits for its next try: the network is back, or the person says so.
    pub fn wake(&self) {
        self.inner.uploader.wake();
    }
}

impl Inner {
    /// Takes a new snapshot of all takes, and shows it if it differs.
    fn refresh_takes(&self) {
        self.takes.refresh(self.active.view().as_ref());
    }
}

/// Refreshes the list whenever something about a take changed, for as long as the recorder is
/// there.
async fn keep_takes_fresh(inner: Weak<Inner>, mut changes: Changes) {
    loop {
        let changed = tokio::select! {
            more = changes.next() => if more { true } else { return },
            // A timeout, to notice that the recorder itself was dropped.
            () = tokio::time::sleep(Duration::from_secs(1)) => false,
        };
        let Some(inner) = inner.upgrade() else { return };
        if changed {
            inner.refresh_takes();
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RecorderError> + Send + 'static,
) -> Result<T, RecorderError> {
    tokio::task::spawn_blocking(work).await?
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock is used on: what it holds is replaced as a whole, so it is never half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
