//! [`Session`]: the studio of one command, opened and closed with it.

use vignette_model::TakeId;
use vignette_model::take::TakeView;
use vignette_recorder::{Paths, is_readable_on_the_way};
use vignette_studio::{LibraryChoice, SendOutcome, Studio, StudioOptions};

use crate::args::{LibraryArgs, SEEN_BY_ALL};
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;

/// Recorder and library of one command.
pub(crate) struct Session {
    pub(crate) studio: Studio,
}

impl Session {
    /// Opens the library that `args` names, else the one signed in to, else this computer's own,
    /// and the recorder.
    pub(crate) async fn open(args: LibraryArgs) -> Result<Self, Failure> {
        let library = LibraryChoice::named(args.library.as_deref())?;
        if args.token.is_seen_by_all() {
            tracing::warn!("{SEEN_BY_ALL}");
        }
        let options = StudioOptions {
            paths: Paths::of_this_person()?,
            library,
            token: args.token.read()?,
            always_open_own: false,
            needs_token: true,
        };
        let studio = Studio::open(options).await?;
        let library = studio.library_url();
        if is_readable_on_the_way(&library) {
            tracing::warn!(
                %library,
                "The connection is not encrypted: others on the network can read what is recorded"
            );
        }
        Ok(Self { studio })
    }

    /// Waits until the library has sealed `take`, telling `seen` of every step on the way. Ends
    /// early when the person presses Ctrl-C for the `enough`th time or nothing has moved for a
    /// while; the rest is sent at the next start.
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
