//! [`Session`]: the studio of one command, opened and closed with it.

use url::Url;
use vignette_model::TakeId;
use vignette_model::take::TakeView;
use vignette_recorder::{Paths, Recorder, is_readable_on_the_way, library_url};
use vignette_studio::{LibraryChoice, SendOutcome, Studio, StudioOptions};

use crate::args::{LibraryArgs, SEEN_BY_ALL};
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;

/// Recorder and library of one command.
pub(crate) struct Session {
    pub(crate) studio: Studio,
}

impl Session {
    /// Opens the library that `args` names, else the one signed in to, else this computer's own, and
    /// the recorder.
    pub(crate) async fn open(args: LibraryArgs) -> Result<Self, Failure> {
        let library = match args.library.as_deref() {
            Some("own") => LibraryChoice::Own,
            Some(address) => LibraryChoice::At(library_url(address)?),
            None => LibraryChoice::Settings,
        };
        if args.token.is_seen_by_all() {
            tracing::warn!("{SEEN_BY_ALL}");
        }
        let paths = Paths::of_this_person()?;
        let options = StudioOptions {
            paths,
            library,
            token: args.token.read()?,
            always_open_own: false,
            needs_token: true,
        };
        let studio = Studio::open(options).await?;
        let library = studio.library();
        if is_readable_on_the_way(&library.url) {
            tracing::warn!(library = %library.url, "The connection is not encrypted: others on the network can read what is recorded");
        }
        Ok(Self { studio })
    }

    pub(crate) fn recorder(&self) -> &Recorder {
        &self.studio.recorder
    }

    /// Address of the library.
    pub(crate) fn library(&self) -> Url {
        self.studio.library_url()
    }

    /// Waits until the library has sealed `take`, telling `seen` of every step on the way. Ends early
    /// when the person presses Ctrl-C for the `enough`th time or nothing has moved for a while; the
    /// rest is sent at the next start.
    pub(crate) async fn until_safe(
        &self,
        take: TakeId,
        interrupts: &Interrupts,
        enough: u8,
        seen: impl FnMut(&TakeView),
    ) -> Exit {
        match self.studio.until_safe(take, interrupts.pressed(enough), seen).await {
            SendOutcome::Safe => Exit::Done,
            SendOutcome::KeptHere => Exit::KeptHere,
            SendOutcome::Refused => Exit::Refused,
            SendOutcome::Gone => Exit::Failed,
        }
    }

    /// Ends the library if it is this process's.
    pub(crate) async fn close(self) {
        self.studio.close().await;
    }
}
