//! [`Session`]: the recorder of this process and the library it sends to, opened together and closed together.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use url::Url;
use vignette_model::take::{TakeView, Whereabouts};
use vignette_model::{ErrorCode, Problem, Secret, SystemClock, TakeId};
use vignette_recorder::{Client, Credentials, Options, Paths, Recorder, Settings, is_readable_on_the_way, library_url};
use vignette_server::embed::{self, EmbedOptions, EmbeddedLibrary, EmbeddedLocation};

use crate::args::LibraryArgs;
use crate::commands::sign_in::{SEEN_BY_ALL, explained};
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;

/// How long a command waits without any byte arriving before it leaves the rest to the next start.
const STILL: Duration = Duration::from_secs(20);
/// How long it waits for a library that has every byte and says that it is still at work on them: so long, and a second
/// for so many bytes.
const SEALING: Duration = Duration::from_secs(60);
const SEALED_BYTES_A_SECOND: u64 = 1 << 20;
/// How long a library is asked whether it knows a token.
const ASK: Duration = Duration::from_secs(2);

/// Recorder and library of one command.
pub(crate) struct Session {
    pub(crate) recorder: Recorder,
    /// Address of the library.
    pub(crate) library: Url,
    /// This computer's own library, if that is the one.
    embedded: Option<EmbeddedLibrary>,
}

impl Session {
    /// Opens the library that `args` names, else the one signed in to, else this computer's own, and the recorder.
    pub(crate) async fn open(args: LibraryArgs) -> Result<Self, Failure> {
        let paths = Paths::of_this_person()?;
        let credentials = Credentials::open(&paths.tokens())?;
        let clock = Arc::new(SystemClock::new());
        let chosen = match args.library.as_deref() {
            Some("own") => None,
            Some(address) => Some(library_url(address)?),
            None => Settings::open(&paths.config)?.library,
        };
        let (library, embedded) = match chosen {
            Some(library) => {
                if let Some(token) = args.token.read()? {
                    keep(&credentials, &library, token).await?;
                }
                if args.token.is_seen_by_all() {
                    tracing::warn!("{SEEN_BY_ALL}");
                }
                if is_readable_on_the_way(&library) {
                    tracing::warn!(%library, "The connection is not encrypted: others on the network can read what is recorded");
                }
                (library, None)
            }
            None => {
                let embedded =
                    embed::start(EmbedOptions { data_dir: paths.library, owner_name: owner_name(), clock: clock.clone() }).await;
                let embedded = embedded.map_err(|error| Failure::other(error.to_string()))?;
                let place = embedded.location.borrow().clone();
                credentials.keep_own(&place.url, place.token, place.socket)?;
                (place.url, Some(embedded))
            }
        };
        if credentials.token(&library).is_none() {
            let missing = Problem::new(ErrorCode::SignInNeeded, format!("Not signed in to {library}"));
            return Err(missing.with_help(format!("Run `vignette sign-in {library}`, or give a token with --token.")).into());
        }
        let options = Options { spool: paths.spool, library: library.clone(), credentials: credentials.clone(), clock };
        let recorder = Recorder::open(options)?;
        if let Some(embedded) = &embedded {
            if let Some(before) = &embedded.previous_url {
                recorder.library_moved(before, &library, &credentials)?;
            }
            tokio::spawn(follow(embedded.location.clone(), recorder.clone(), credentials));
        }
        Ok(Self { recorder, library, embedded })
    }

    /// Waits until the library has sealed `take`, telling `seen` of every step on the way. Ends early when the person
    /// presses Ctrl-C for the `enough`th time or nothing has moved for a while; the rest is sent at the next start.
    pub(crate) async fn until_safe(
        &self,
        take: TakeId,
        interrupts: &Interrupts,
        enough: u8,
        mut seen: impl FnMut(&TakeView),
    ) -> Exit {
        let mut takes = self.recorder.takes();
        let mut shown = None;
        loop {
            let now = takes.borrow_and_update().iter().find(|t| t.id == take).cloned();
            match now {
                Some(view) if Some(&view) != shown.as_ref() => {
                    seen(&view);
                    match (&view.whereabouts, &view.problem) {
                        (Whereabouts::Safe { .. }, _) => return Exit::Done,
                        (_, Some(p))
                            if matches!(p.code, ErrorCode::SignInNeeded | ErrorCode::NotAllowed | ErrorCode::NotFound) =>
                        {
                            return Exit::Refused;
                        }
                        _ => shown = Some(view),
                    }
                }
                Some(_) => {}
                None => return Exit::Failed,
            }
            tokio::select! {
                changed = tokio::time::timeout(patience(shown.as_ref()), takes.changed()) => if !matches!(changed, Ok(Ok(()))) { return Exit::KeptHere },
                () = interrupts.pressed(enough) => return Exit::KeptHere,
            }
        }
    }

    /// Ends the library if it is this process's.
    pub(crate) async fn close(self) {
        if let Some(embedded) = self.embedded {
            embedded.shutdown().await;
        }
    }
}

/// How long to wait for the next change. Of a take whose every byte has been taken none comes until it is sealed, and that
/// takes longer the larger it is; that the library answers meanwhile is seen by there being no problem.
fn patience(view: Option<&TakeView>) -> Duration {
    match view {
        Some(TakeView { whereabouts: Whereabouts::Sending { sent_bytes, size_bytes }, problem: None, .. })
            if sent_bytes == size_bytes =>
        {
            SEALING + Duration::from_secs(size_bytes / SEALED_BYTES_A_SECOND)
        }
        _ => STILL,
    }
}

/// Lets the recorder follow this computer's own library when that moves.
async fn follow(mut place: watch::Receiver<EmbeddedLocation>, recorder: Recorder, credentials: Credentials) {
    loop {
        let before = place.borrow_and_update().url.clone();
        if place.changed().await.is_err() {
            return;
        }
        let now = place.borrow_and_update().clone();
        let kept = credentials.keep_own(&now.url, now.token, now.socket);
        let followed = kept.map_err(Problem::from).and_then(|()| recorder.library_moved(&before, &now.url, &credentials));
        if let Err(problem) = followed {
            tracing::warn!(%problem, "The library on this computer could not be followed");
        }
    }
}

/// Keeps a token that came with a command, once the library has not refused it: a wrong one must not take the place of one
/// that works. A library that cannot be asked is no reason not to record.
async fn keep(credentials: &Credentials, library: &Url, token: Secret) -> Result<(), Failure> {
    let client = Client::new(library, Some(token.clone()))?;
    match tokio::time::timeout(ASK, client.me()).await {
        Ok(Err(error)) if error.code() == ErrorCode::SignInNeeded => Err(explained(error.into(), library).into()),
        _ => Ok(credentials.keep(library, token)?),
    }
}

/// What the owner of this computer's own library is called.
fn owner_name() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    user.filter(|name| !name.is_empty()).unwrap_or_else(|| "Me".into())
}

#[cfg(test)]
mod tests {
    use vignette_model::take::Phase;
    use vignette_model::text::{Summary, Title};
    use vignette_model::{Micros, UtcMicros};

    use super::*;

    fn sent(sent_bytes: u64, size_bytes: u64, problem: Option<Problem>) -> TakeView {
        let whereabouts = Whereabouts::Sending { sent_bytes, size_bytes };
        TakeView {
            id: TakeId::new(),
            title: Title::default(),
            summary: Summary::default(),
            link: None,
            recorded_at_us: UtcMicros(0),
            duration_us: Micros::ZERO,
            phase: Phase::Stopped,
            whereabouts_text: whereabouts.to_string(),
            whereabouts,
            problem,
            words: None,
        }
    }

    #[test]
    fn a_library_at_work_is_waited_for_as_long_as_its_work_may_take() {
        const GIB: u64 = 1 << 30;
        let minutes = |view| patience(Some(&view)).as_secs() / 60;
        assert_eq!(minutes(sent(GIB, GIB, None)), 18, "a large clip is sealed for long");
        assert_eq!(minutes(sent(1_000, 1_000, None)), 1);
        let away = Problem::new(ErrorCode::Unreachable, "The library cannot be reached.");
        for view in [None, Some(sent(GIB, GIB, Some(away))), Some(sent(GIB / 2, GIB, None))] {
            assert_eq!(patience(view.as_ref()), STILL, "no byte arrives, and nobody says that it is at work");
        }
    }
}
