//! [`Studio`]: the recorder of one program and everything around it, opened together.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;
use url::Url;
use vignette_model::take::TakeView;
use vignette_model::text::PersonName;
use vignette_model::{Clock, Secret, SystemClock, TakeId};
use vignette_recorder::{
    BubbleView, CaptureTarget, Credentials, Devices, Options, Paths, Plan, Recorder, RecorderError,
    Recording, Rehearsal, RehearsalView, ScreenPicture, Settings, ShortcutAction, Sources,
    TargetKind, WindowView, library_url,
};

use crate::StudioError;
use crate::file_name;
use crate::own_library::OwnLibrary;
use crate::sign_in::{SignIn, keep_unless_refused};
use crate::speech::Speech;

/// The longest countdown.
const MAX_COUNTDOWN_S: u8 = 10;

/// What a studio is opened with.
#[derive(Clone, Debug)]
pub struct StudioOptions {
    /// The folders of this person.
    pub paths: Paths,
    /// Where new takes go.
    pub library: LibraryChoice,
    /// A token for that library that came with the program's start. It is kept unless the library
    /// refuses it.
    pub token: Option<Secret>,
    /// Whether this computer's own library is opened even if new takes go to another, since links
    /// to its clips were given out.
    pub always_open_own: bool,
    /// Whether opening fails, before anything is made on the disk, if nothing opens the library.
    pub needs_token: bool,
}

/// Where new takes go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LibraryChoice {
    /// Where the settings say, else to this computer's own library.
    Settings,
    /// To this computer's own library.
    Own,
    /// To the library at this address.
    At(Url),
}

impl LibraryChoice {
    /// What a person named: `own`, an address, or nothing.
    ///
    /// # Errors
    /// [`StudioError::Address`].
    pub fn named(name: Option<&str>) -> Result<Self, StudioError> {
        Ok(match name {
            None => Self::Settings,
            Some("own") => Self::Own,
            Some(address) => Self::At(library_url(address)?),
        })
    }
}

/// Where new takes go, and what opens it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct LibraryAccess {
    /// Address of the library.
    #[ts(as = "String")]
    pub url: Url,
    /// What opens it; none: nobody has signed in.
    #[ts(as = "Option<String>")]
    pub token: Option<Secret>,
    /// Whether it is this computer's own.
    pub own: bool,
}

/// Everything that a program which records has open.
pub struct Studio {
    /// The folders of this person.
    pub paths: Paths,
    /// The recorder, with the takes of this computer.
    pub recorder: Recorder,
    /// Speech models and endpoints.
    pub speech: Speech,
    credentials: Credentials,
    own: Option<OwnLibrary>,
    rehearsal: Mutex<Option<Rehearsal>>,
    /// The plan of the take that was begun last.
    planned: Mutex<Option<Plan>>,
    /// Held while a rehearsal or a take opens devices: they cannot be opened by both.
    devices: tokio::sync::Mutex<()>,
}

/// What a rehearsal shows.
pub struct RehearsalWatch {
    /// Level and warnings; every change is seen through the receiver.
    pub view: watch::Receiver<RehearsalView>,
    /// The camera's picture as a small JPEG.
    pub preview: watch::Receiver<Option<Bytes>>,
    /// What would be recorded of the screen.
    pub screen: watch::Receiver<Option<ScreenPicture>>,
}

/// Screens, cameras and microphones of this computer, the preferred first.
///
/// # Errors
/// [`StudioError::Devices`].
pub async fn devices() -> Result<Devices, StudioError> {
    let listed = tokio::task::spawn_blocking(vignette_recorder::devices).await;
    listed.map_err(StudioError::Devices)
}

/// Windows of other programs that can be recorded alone, the one in front first; with pictures if
/// asked for.
///
/// # Errors
/// [`StudioError::Devices`]; that this system's windows cannot be recorded.
pub async fn windows(pictures: bool) -> Result<Vec<WindowView>, StudioError> {
    let listed = tokio::task::spawn_blocking(move || vignette_recorder::windows(pictures)).await;
    Ok(listed.map_err(StudioError::Devices)?.map_err(RecorderError::from)?)
}

impl Studio {
    /// Opens the library, the recorder and the speech models. Call it within a tokio runtime, which
    /// has to outlive the studio.
    ///
    /// # Errors
    /// That of the first part that cannot be opened; [`StudioError::UnknownToken`],
    /// [`StudioError::NotSignedIn`] if there has to be a token and there is none.
    pub async fn open(options: StudioOptions) -> Result<Self, StudioError> {
        let StudioOptions { paths, library, token, always_open_own, needs_token } = options;
        let credentials = Credentials::open(&paths.tokens())?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let chosen = match library {
            LibraryChoice::Own => None,
            LibraryChoice::At(url) => Some(url),
            LibraryChoice::Settings => Settings::open(&paths.config)?.library,
        };
        if let (Some(library), Some(token)) = (&chosen, token) {
            keep_unless_refused(&credentials, library, token).await?;
        }
        // Settings that cannot be read are said where they are needed.
        let name = Settings::open(&paths.config).ok().and_then(|settings| settings.name);
        let (own, library) = match chosen {
            Some(library) if always_open_own => {
                (Some(OwnLibrary::open(&paths, &credentials, name, clock.clone()).await?), library)
            }
            Some(library) => (None, library),
            None => {
                let own = OwnLibrary::open(&paths, &credentials, name, clock.clone()).await?;
                let library = own.url();
                (Some(own), library)
            }
        };
        if needs_token && credentials.token(&library).is_none() {
            return Err(StudioError::NotSignedIn { library });
        }
        let spool = paths.spool.clone();
        let recorder =
            Recorder::open(Options { spool, library, credentials: credentials.clone(), clock })?;
        if let Some(own) = &own {
            own.follow(&recorder, &credentials)?;
        }
        let speech = Speech::open(&paths, &recorder)?;
        Ok(Self {
            paths,
            recorder,
            speech,
            credentials,
            own,
            rehearsal: Mutex::default(),
            planned: Mutex::default(),
            devices: tokio::sync::Mutex::default(),
        })
    }

    /// Opens camera, microphone and screen for the person to try, in place of those open before;
    /// what stays the same stays open.
    ///
    /// # Errors
    /// As [`Recorder::rehearse`].
    pub async fn rehearse(
        &self,
        sources: Sources,
        target: CaptureTarget,
    ) -> Result<RehearsalWatch, StudioError> {
        let _devices = self.devices.lock().await;
        let before = self.set_rehearsal(None);
        let rehearsal = self.recorder.rehearse(sources, target, before).await?;
        let (view, preview) = (rehearsal.view(), rehearsal.preview());
        let watch = RehearsalWatch { view, preview, screen: rehearsal.screen() };
        self.set_rehearsal(Some(rehearsal));
        Ok(watch)
    }

    /// Closes camera, microphone and screen again.
    pub fn end_rehearsal(&self) {
        // Devices are closed with the lock given back: that may take a while.
        drop(self.set_rehearsal(None));
    }

    /// Gives the one before.
    fn set_rehearsal(&self, rehearsal: Option<Rehearsal>) -> Option<Rehearsal> {
        let mut held = self.rehearsal.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *held, rehearsal)
    }

    /// Begins a take as [`Studio::start`] does, with the bubble where the person has put it.
    ///
    /// # Errors
    /// As [`Studio::start`].
    pub async fn start_as_chosen(&self, plan: Plan) -> Result<Recording, StudioError> {
        let bubble = self.settings()?.bubble;
        self.start(Plan { bubble, ..plan }).await
    }

    /// Moves or hides the camera's bubble, in the running take at once and in those to come.
    ///
    /// # Errors
    /// As [`Settings::change`]; a running take shows it all the same.
    pub fn set_bubble(&self, bubble: Option<BubbleView>) -> Result<(), StudioError> {
        if let Some(recording) = self.recorder.running() {
            recording.set_bubble(bubble);
        }
        self.change_settings(|settings| settings.bubble = bubble).map(drop)
    }

    /// Begins a take in place of a rehearsal, as [`Recorder::start`] does. Where the system asks
    /// which screen is to be recorded, the choice of last time is repeated, and what repeats this
    /// one is kept with the settings.
    ///
    /// # Errors
    /// As [`Recorder::start`] and [`Settings::open`].
    pub async fn start(&self, mut plan: Plan) -> Result<Recording, StudioError> {
        let _devices = self.devices.lock().await;
        self.end_rehearsal();
        if let CaptureTarget::Portal { restore_token: restore_token @ None } = &mut plan.target {
            *restore_token = self.settings()?.restore_token;
        }
        let recording = self.recorder.start(plan.clone()).await?;
        *self.planned.lock().unwrap_or_else(PoisonError::into_inner) = Some(plan);
        if let Some(token) = recording.restore_token() {
            let kept =
                self.change_settings(|settings| settings.restore_token = Some(token.clone()));
            if let Err(error) = kept {
                // The take runs; all that is lost is that the person is asked again next time.
                tracing::warn!(%error, "A choice of a screen could not be kept");
            }
        }
        Ok(recording)
    }

    /// Throws the running take away, which can be brought back for a moment, and gives the plan to
    /// begin again with, once it has ended. It has the title and the summary that the take had.
    ///
    /// # Errors
    /// [`StudioError::NothingRecording`].
    pub async fn begin_again(&self) -> Result<Plan, StudioError> {
        let take = self.running()?;
        let planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut plan = planned.ok_or(StudioError::NothingRecording)?;
        let takes = self.recorder.takes().borrow().clone();
        if let Some(view) = takes.into_iter().find(|view| view.id == take.id()) {
            (plan.title, plan.summary) = (view.title, view.summary);
        }
        self.recorder.discard(&take);
        take.ended().await;
        Ok(plan)
    }

    /// What is recorded if a person only says that it should begin: what they chose last.
    ///
    /// # Errors
    /// [`StudioError::NoWindowChosen`] if that was one window: which one is not known any more, and
    /// the whole screen may show what was not to be seen. As [`Settings::open`].
    pub fn usual_plan(&self) -> Result<Plan, StudioError> {
        let Settings { sources, countdown_s, target, region, .. } = self.settings()?;
        let usual = Plan::default();
        let countdown_s = countdown_s.unwrap_or(usual.countdown_s);
        let target = match (target, region) {
            (TargetKind::Region, Some(rect)) => CaptureTarget::Region { rect },
            (TargetKind::Portal, _) => CaptureTarget::Portal { restore_token: None },
            (TargetKind::Window, _) => return Err(StudioError::NoWindowChosen),
            _ => CaptureTarget::Display,
        };
        Ok(Plan { sources, countdown_s, target, ..usual })
    }

    /// The newest link of a take that is kept on this computer.
    #[must_use]
    pub fn last_link(&self) -> Option<String> {
        self.recorder.takes().borrow().iter().find_map(|take| take.link.clone())
    }

    /// Chooses the keys that do something in any program; none: no keys do.
    ///
    /// # Errors
    /// As [`Settings::change`].
    pub fn keep_keys(&self, action: ShortcutAction, keys: Option<&str>) -> Result<(), StudioError> {
        let kept = self.change_settings(|settings| {
            if keys == action.usual_keys() {
                settings.shortcuts.remove(&action);
            } else {
                settings.shortcuts.insert(action, keys.unwrap_or_default().to_owned());
            }
        });
        kept.map(drop)
    }

    /// The running take.
    ///
    /// # Errors
    /// [`StudioError::NothingRecording`].
    pub fn running(&self) -> Result<Recording, StudioError> {
        self.recorder.running().ok_or(StudioError::NothingRecording)
    }

    /// Whether a take runs or is on its way to a library right now, so that ending the program
    /// would end that. What only waits for a library to answer does not count.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let takes = self.recorder.takes();
        let sending = |take: &TakeView| take.problem.is_none() && !take.whereabouts.is_safe();
        self.recorder.running().is_some() || takes.borrow().iter().any(sending)
    }

    /// Where new takes go.
    #[must_use]
    pub fn library_url(&self) -> Url {
        self.recorder.library()
    }

    /// Where new takes go, and what opens it.
    #[must_use]
    pub fn library(&self) -> LibraryAccess {
        let url = self.library_url();
        let own = self.own.as_ref().is_some_and(|own| own.url() == url);
        LibraryAccess { token: self.credentials.token(&url), own, url }
    }

    /// Sends new takes to the library that was signed in to from now on, also after the next start.
    ///
    /// # Errors
    /// That of the disk; then new takes go where they went before.
    pub fn use_library(&self, signed_in: SignIn) -> Result<(), StudioError> {
        let SignIn { library, token, .. } = signed_in;
        self.credentials.keep(&library, token)?;
        self.change_settings(|settings| settings.library = Some(library.clone()))?;
        self.recorder.use_library(library);
        Ok(())
    }

    /// Sends new takes to this computer's own library from now on, also after the next start.
    ///
    /// # Errors
    /// That of the disk; then new takes go where they went before.
    pub fn use_own_library(&self) -> Result<(), StudioError> {
        self.change_settings(|settings| settings.library = None)?;
        if let Some(own) = &self.own {
            self.recorder.use_library(own.url());
        }
        Ok(())
    }

    /// Counts the moves of this computer's own library to another address. The recorder follows by
    /// itself; what shows the library asks [`Studio::library`] again.
    #[must_use]
    pub fn own_library_moves(&self) -> Option<watch::Receiver<u64>> {
        self.own.as_ref().map(OwnLibrary::moves)
    }

    /// What the person chose. Other programs may have changed it.
    ///
    /// # Errors
    /// As [`Settings::open`].
    pub fn settings(&self) -> Result<Settings, StudioError> {
        Ok(Settings::open(&self.paths.config)?)
    }

    /// Remembers what is recorded (without a target: as before) and after what countdown, at most
    /// ten seconds.
    ///
    /// # Errors
    /// As [`Settings::change`].
    pub fn keep_choices(
        &self,
        sources: Sources,
        countdown_s: u8,
        target: Option<&CaptureTarget>,
    ) -> Result<(), StudioError> {
        let kept = self.change_settings(|settings| {
            settings.sources = sources;
            target.into_iter().for_each(|target| settings.remember_target(target));
            settings.countdown_s = Some(countdown_s.min(MAX_COUNTDOWN_S));
        });
        kept.map(drop)
    }

    /// Calls this person something else in the library of this computer, from now on and beside
    /// what they have made.
    ///
    /// # Errors
    /// As [`Settings::change`]; [`StudioError::NotRenamed`].
    pub async fn set_name(&self, name: PersonName) -> Result<(), StudioError> {
        self.change_settings(|settings| settings.name = Some(name.clone()))?;
        match &self.own {
            Some(own) => own.rename_owner(&name).await,
            None => Ok(()),
        }
    }

    /// Remembers that the first questions were answered or skipped.
    ///
    /// # Errors
    /// As [`Settings::change`].
    pub fn introduce(&self) -> Result<(), StudioError> {
        self.change_settings(|settings| settings.introduced = true).map(drop)
    }

    /// What a file of this take is called: its title, without what file systems do not take.
    ///
    /// # Errors
    /// [`StudioError::NoSuchTake`].
    pub fn file_name(&self, take: TakeId) -> Result<String, StudioError> {
        let takes = self.recorder.takes();
        let takes = takes.borrow();
        let found = takes.iter().find(|view| view.id == take);
        let (title, _) = found.ok_or(StudioError::NoSuchTake(take))?.title_to_show();
        Ok(format!("{}.mp4", file_name::of(title)))
    }

    /// Changes what the person chose; see [`Settings::change`].
    ///
    /// # Errors
    /// As [`Settings::change`].
    fn change_settings(&self, change: impl FnOnce(&mut Settings)) -> Result<Settings, StudioError> {
        Ok(Settings::change(&self.paths.config, change)?)
    }

    /// Ends this program's part in the computer's own library, and waits for it.
    pub async fn close(self) {
        if let Some(own) = self.own {
            own.shutdown().await;
        }
    }
}
