//! [`Recorder`]: everything that recording needs, opened once for a program: the spool, its uploader, and the running take.

mod ending;
mod importing;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Sender, bounded, unbounded};
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use url::Url;
use vignette_encode::ImportProgress;
use vignette_insights::Endpoint;
use vignette_model::api::CreatedClip;
use vignette_model::take::{Phase, TakeView};
use vignette_model::text::{Summary, Title};
use vignette_model::{Clock, ErrorCode, Micros, Problem, TakeClock, TakeId};
use vignette_spool::{Spool, Take};
use vignette_upload::{Credentials, LINK_BUDGET, Uploader};

pub use self::importing::ImportedFile;
use crate::command::TakeCommand;
use crate::conductor::Conductor;
use crate::inputs::Inputs;
use crate::plan::{Plan, Sources};
use crate::preview::Preview;
use crate::recording::{Recording, RecordingView, Warning};
use crate::rehearsal::Rehearsal;
use crate::spool_writer::{WAITING_PIECES, write_to_spool};
use crate::takes::{self, ShownWords};
use crate::transcription::{
    self, Backfill, LiveOptions, LiveTranscription, SpeechEngine, WordsSetup, WordsState, refine_with_llm, run_backfill,
    transcribe_take,
};

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

pub(crate) struct Inner {
    pub(crate) spool: Spool,
    uploader: Uploader,
    library: Mutex<Url>,
    pub(crate) clock: Arc<dyn Clock>,
    runtime: Handle,
    starting: tokio::sync::Mutex<()>,
    active: Mutex<Option<Recording>>,
    /// Held while the devices of a take that has ended are let go of: whoever opens some next waits for that.
    devices: Mutex<()>,
    takes: watch::Sender<Vec<TakeView>>,
    changed: Notify,
    pub(crate) words: Arc<Backfill>,
    /// How words are made; none: they are not.
    words_setup: Mutex<Option<WordsSetup>>,
    /// Why words could not be made last time, if so.
    words_problem: watch::Sender<Option<Problem>>,
    catching_up: AtomicBool,
    shown_words: ShownWords,
}

impl Recorder {
    /// Opens the spool, recovers what an earlier program left unfinished, and begins to send whatever the library does not
    /// have yet. Call it within a tokio runtime, which has to outlive the recorder.
    ///
    /// # Errors
    /// A [`Problem`] if the spool cannot be opened.
    pub fn open(options: Options) -> Result<Self, Problem> {
        let spool = Spool::open(&options.spool, options.clock.clone())?;
        let recovered = spool.recover()?;
        if !recovered.is_empty() {
            tracing::info!(takes = recovered.len(), "Recovered takes that were not stopped");
        }
        let uploader = Uploader::spawn(spool.clone(), options.credentials.clone(), options.clock.clone());
        let inner = Arc::new(Inner {
            spool,
            uploader,
            library: Mutex::new(options.library),
            clock: options.clock,
            runtime: Handle::current(),
            starting: tokio::sync::Mutex::default(),
            active: Mutex::new(None),
            devices: Mutex::default(),
            takes: watch::Sender::new(Vec::new()),
            changed: Notify::new(),
            words: Arc::default(),
            words_setup: Mutex::default(),
            words_problem: watch::Sender::new(None),
            catching_up: AtomicBool::new(false),
            shown_words: ShownWords::default(),
        });
        let waked = Arc::downgrade(&inner);
        inner.spool.subscribe(move |_| {
            if let Some(inner) = waked.upgrade() {
                inner.changed.notify_one();
            }
        });
        inner.look();
        tokio::spawn(keep_looking(Arc::downgrade(&inner), inner.uploader.progress()));
        Ok(Self { inner })
    }

    /// Opens camera and microphone without keeping anything, for the person to see and hear that they work.
    ///
    /// # Errors
    /// The [`Problem`] of the first device that was named and cannot be opened, or that neither was chosen.
    pub async fn rehearse(&self, sources: Sources) -> Result<Rehearsal, Problem> {
        let inner = self.inner.clone();
        blocking(move || {
            drop(lock(&inner.devices));
            Rehearsal::start(&sources, inner.clock.clone())
        })
        .await
    }

    /// Opens the sources and begins the countdown of a take. Its link is asked for at the same time.
    ///
    /// # Errors
    /// [`ErrorCode::Conflict`] while another take runs; the [`Problem`] of the first source that must open and does not;
    /// [`ErrorCode::NoSpace`].
    pub async fn start(&self, plan: Plan) -> Result<Recording, Problem> {
        // One at a time: of two that start at once the second finds the first running.
        let _starting = self.inner.starting.lock().await;
        if self.running().is_some() {
            return Err(Problem::new(ErrorCode::Conflict, "A recording is running already").with_help("Stop it first."));
        }
        let inner = self.inner.clone();
        let recording = blocking(move || inner.begin(plan)).await?;
        self.inner.runtime.spawn(ask_for_link(self.inner.clone(), recording.id, recording.commands.clone()));
        self.inner.runtime.spawn(follow(self.inner.clone(), recording.clone()));
        Ok(recording)
    }

    /// The running take, from the countdown until its last fragment is in the spool.
    #[must_use]
    pub fn running(&self) -> Option<Recording> {
        lock(&self.inner.active).clone()
    }

    /// Every take on this computer, newest first, and where its bytes are; every later change is seen through the receiver.
    #[must_use]
    pub fn takes(&self) -> watch::Receiver<Vec<TakeView>> {
        self.inner.takes.subscribe()
    }

    /// Changes a take's words, before, during or after the recording. They follow to the library by themselves.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`]; a [`Problem`] of the disk, then nothing has changed.
    pub fn describe(
        &self,
        take: TakeId,
        title: Option<Title>,
        summary: Option<Summary>,
        live: Option<bool>,
    ) -> Result<(), Problem> {
        self.inner.spool.update(take, |t| {
            t.title = title.unwrap_or_else(|| t.title.clone());
            t.summary = summary.unwrap_or_else(|| t.summary.clone());
            t.live = live.unwrap_or(t.live);
        })?;
        self.inner.uploader.wake();
        Ok(())
    }

    /// Takes in a video file as a finished take, which is sent like any other. The file itself is only read. Without a
    /// title its name is one. `progress` is told how far it has come, many times a second.
    ///
    /// # Errors
    /// A [`Problem`] if it is not a video that can be sent, or the disk is full.
    pub async fn import(
        &self,
        file: &Path,
        title: Title,
        summary: Summary,
        progress: impl FnMut(ImportProgress) + Send + 'static,
    ) -> Result<ImportedFile, Problem> {
        let (inner, file) = (self.inner.clone(), file.to_owned());
        let imported = blocking(move || inner.import(&file, title, summary, progress)).await?;
        self.inner.uploader.wake();
        Ok(imported)
    }

    /// Removes a take from this computer. A clip in the library stays.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`], [`ErrorCode::Conflict`] while it is being recorded.
    pub fn remove(&self, take: TakeId) -> Result<(), Problem> {
        self.inner.spool.remove(take)?;
        Ok(())
    }

    /// The clip that a take becomes, once a library has given it.
    #[must_use]
    pub fn clip(&self, take: TakeId) -> Option<CreatedClip> {
        self.inner.spool.take(take)?.clip
    }

    /// Where a take's bytes lie, for a player on this computer.
    #[must_use]
    pub fn stream_path(&self, take: TakeId) -> PathBuf {
        self.inner.spool.stream_path(take)
    }

    /// Makes words of what is said in every take from now on. Until this is called, none are made; call it again when the
    /// person has chosen otherwise.
    pub fn use_words(&self, setup: WordsSetup) {
        *lock(&self.inner.words_setup) = Some(setup);
        self.inner.set_words_problem(None);
        self.inner.words.look();
    }

    /// Why a take got no words last time, or no better ones; none if it did. Changes are seen through the receiver.
    #[must_use]
    pub fn words_problem(&self) -> watch::Receiver<Option<Problem>> {
        self.inner.words_problem.subscribe()
    }

    /// There may be a speech model now.
    pub fn look_for_words(&self) {
        self.inner.words.look();
    }

    /// Gives words to takes that have none yet: now, and whenever there are such takes, a model, and no recording.
    pub fn catch_up(&self) {
        if !self.inner.catching_up.swap(true, Ordering::SeqCst) {
            self.inner.runtime.spawn(run_backfill(Arc::downgrade(&self.inner)));
        }
    }

    /// Gives a finished take its words now, if it has none yet. Takes about a minute for half an hour of speech.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] without a speech model or such a take; a [`Problem`] of the model or the disk.
    pub async fn write_down(&self, take: TakeId) -> Result<(), Problem> {
        let engine = self.inner.speech_engines().into_iter().next().ok_or_else(transcription::no_model)?;
        self.inner.spool.update(take, |take| take.wordless = false)?;
        transcribe_take(&self.inner, take, engine, false).await
    }

    /// Whether a service makes insights, so that better ones may follow some time after those of this computer:
    /// [`Self::write_down`] waits for them.
    #[must_use]
    pub fn asks_a_service(&self) -> bool {
        self.inner.insights_service().is_some()
    }

    /// No words are made of a take by themselves, now or later. Those that there are stay.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`]; a [`Problem`] of the disk, then nothing has changed.
    pub fn leave_wordless(&self, take: TakeId) -> Result<(), Problem> {
        self.inner.spool.update(take, |take| take.wordless = true)?;
        Ok(())
    }

    /// Sends new takes to another library from now on.
    pub fn use_library(&self, address: Url) {
        *lock(&self.inner.library) = address;
    }

    /// A library has moved to another address: takes for it, those before too, go there from now on and have their links there.
    /// What opened it at the old one is forgotten, since anybody may be there now. Nothing happens if it has not moved.
    ///
    /// # Errors
    /// A [`Problem`] of the disk; some takes may go there already.
    pub fn library_moved(&self, from: &Url, to: &Url, credentials: &Credentials) -> Result<(), Problem> {
        if from == to {
            return Ok(());
        }
        credentials.forget(from)?;
        let mut library = lock(&self.inner.library);
        if *library == *from {
            *library = to.clone();
        }
        drop(library);
        for take in self.inner.spool.takes().into_iter().filter(|take| take.library.as_deref() == Some(from.as_str())) {
            self.inner.spool.update(take.id, |take| {
                take.library = Some(to.to_string());
                if let Some(clip) = &mut take.clip {
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
    fn begin(self: &Arc<Self>, plan: Plan) -> Result<Recording, Problem> {
        drop(lock(&self.devices));
        let clock = TakeClock::begin(self.clock.clone());
        let inputs = Inputs::open(&plan.sources, &clock)?;
        let mut take = Take::new(TakeId::new(), self.clock.utc());
        take.wordless = !plan.words || inputs.microphone.is_none();
        (take.title, take.summary, take.live) = (plan.title.clone(), plan.summary.clone(), plan.live);
        take.library = Some(lock(&self.library).to_string());
        let id = take.id;
        let writer = self.spool.begin(take)?;

        let missing =
            inputs.missing.iter().map(|p| Warning::Missing { text: format!("{}. Recording goes on without it", p.message) });
        let view = Arc::new(watch::Sender::new(RecordingView {
            take: id,
            phase: Phase::Countdown,
            countdown_s: plan.countdown_s.into(),
            duration_us: Micros::ZERO,
            link: None,
            level_dbfs: None,
            warnings: missing.collect(),
            words: WordsState::Off,
        }));
        let (commands, asked) = unbounded();
        let (pieces, kept) = bounded(WAITING_PIECES);
        let (ended, end) = watch::channel(None);
        let preview = Preview::new();
        let recording = Recording {
            id,
            clock: clock.clone(),
            commands: commands.clone(),
            view: view.clone(),
            preview: preview.screen(),
            ended: end,
        };
        let live = if plan.words && inputs.microphone.is_some() { self.start_live_transcription(id, &view) } else { None };
        let conductor = Conductor { inputs, clock, plan, commands: asked, pieces, view: view.clone(), preview, live };

        let keeper_spool = self.spool.clone();
        let keeper =
            thread::Builder::new().name("keeper".into()).spawn(move || write_to_spool(&keeper_spool, writer, &kept, &commands));
        let keeper = keeper.map_err(no_thread)?;
        let inner = self.clone();
        let body = move || {
            let (outcome, inputs) = inner.conduct(conductor, keeper);
            let letting_go = lock(&inner.devices);
            *lock(&inner.active) = None;
            inner.look();
            inner.words.look();
            ended.send_replace(Some(outcome));
            // Last, since it is what wakes those who then look at how it ended.
            view.send_modify(|view| view.phase = Phase::Stopped);
            drop(inputs);
            drop(letting_go);
        };
        *lock(&self.active) = Some(recording.clone());
        if let Err(error) = thread::Builder::new().name("conductor".into()).spawn(body) {
            *lock(&self.active) = None;
            return Err(no_thread(error));
        }
        Ok(recording)
    }

    /// Starts the transcription of a take while it is recorded.
    fn start_live_transcription(
        self: &Arc<Self>,
        take: TakeId,
        view: &Arc<watch::Sender<RecordingView>>,
    ) -> Option<LiveTranscription> {
        let setup = lock(&self.words_setup).clone().filter(|setup| !setup.settings.off)?;
        let show = |words| view.send_modify(|view| view.words = words);
        let Some(model) = setup.model() else {
            let later = setup.settings.speech.is_some();
            show(if later { WordsState::Later } else { WordsState::NoModel { problem: transcription::no_model() } });
            return None;
        };
        show(WordsState::Listening { cues: 0 });
        self.words.set_in_progress(take, true);
        let inner = Arc::downgrade(self);
        let options = LiveOptions { spool: self.spool.clone(), clock: self.clock.clone(), take, model, view: view.clone() };
        LiveTranscription::start(options, move || {
            if let Some(inner) = inner.upgrade() {
                inner.words.set_in_progress(take, false);
                inner.runtime.clone().spawn(async move { refine_with_llm(&inner, take).await });
            }
        })
    }

    /// Who may hear a take after it was recorded, the first choice first.
    pub(crate) fn speech_engines(&self) -> Vec<SpeechEngine> {
        lock(&self.words_setup).as_ref().map_or_else(Vec::new, WordsSetup::speech_engines)
    }

    /// The service that makes insights, if the person named one.
    pub(crate) fn insights_service(&self) -> Option<Endpoint> {
        lock(&self.words_setup).as_ref().and_then(WordsSetup::insights)
    }

    pub(crate) fn set_words_problem(&self, problem: Option<Problem>) {
        self.words_problem.send_if_modified(|before| {
            let differs = *before != problem;
            *before = problem;
            differs
        });
    }

    /// Whether a take runs.
    pub(crate) fn is_recording(&self) -> bool {
        lock(&self.active).is_some()
    }

    /// Takes a new snapshot of all takes, and shows it if it differs.
    fn look(&self) {
        let running = lock(&self.active).as_ref().map(|r| r.view.borrow().clone());
        let words = |take: &Take| self.shown_words.of(take, &self.spool);
        let now = takes::views(self.spool.takes(), &self.uploader.progress().borrow(), running.as_ref(), words);
        self.takes.send_if_modified(|before| {
            let differs = *before != now;
            *before = now;
            differs
        });
    }
}

/// Looks at all takes whenever something about one of them changed.
async fn keep_looking(inner: std::sync::Weak<Inner>, mut progress: watch::Receiver<Vec<vignette_upload::UploadProgress>>) {
    loop {
        {
            let Some(inner) = inner.upgrade() else { return };
            tokio::select! {
                () = inner.changed.notified() => {}
                changed = progress.changed() => if changed.is_err() { return },
                // Only to notice that the recorder itself is gone.
                () = tokio::time::sleep(Duration::from_secs(1)) => continue,
            }
            inner.look();
        }
    }
}

/// Asks the library for the clip, so that the link is there before the first picture. If that takes too long the take
/// begins without it, and the uploader goes on asking.
async fn ask_for_link(inner: Arc<Inner>, take: TakeId, conductor: Sender<TakeCommand>) {
    let link = match inner.uploader.ensure_clip(take, LINK_BUDGET).await {
        Ok(clip) => Some(clip.link),
        Err(problem) => {
            tracing::info!(take.id = %take, %problem, "Recording begins before there is a link");
            None
        }
    };
    drop(conductor.send(TakeCommand::Linked(link)));
}

/// Keeps the list of takes true while one runs. A meter that moves is no reason to look
/// at all takes.
async fn follow(inner: Arc<Inner>, recording: Recording) {
    let mut view = recording.view();
    let mut takes = inner.takes.subscribe();
    let mut looked = None;
    loop {
        let now = {
            let view = view.borrow_and_update();
            (view.phase, view.duration_us.0 / 1_000_000, view.link.is_some())
        };
        if looked.replace(now) != Some(now) {
            inner.look();
        }
        // A link that came late is shown as soon as the spool has it.
        let link = takes.borrow_and_update().iter().find(|t| t.id == recording.id).and_then(|t| t.link.clone());
        recording.view.send_if_modified(|view| {
            let new = view.link.is_none() && link.is_some();
            if new {
                view.link = link;
            }
            new
        });
        if recording.ended.borrow().is_some() {
            inner.look();
            inner.uploader.wake();
            return;
        }
        tokio::select! {
            _ = view.changed() => {}
            _ = takes.changed() => {}
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Problem::new(ErrorCode::Internal, format!("A thread of the recorder broke off: {error}"))))
}

fn no_thread(error: std::io::Error) -> Problem {
    Problem::new(ErrorCode::Internal, format!("The recording could not be started: {error}"))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // What these hold is replaced whole, so a thread that died while holding one left nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
