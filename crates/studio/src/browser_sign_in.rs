//! [`BrowserSignIn`]: a sign-in while the person is in their browser, so that they can come back to
//! its page, or give it up.

use std::future::pending;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use url::Url;
use vignette_model::Secret;

use crate::{SignIn, StudioError};

/// The sign-in that is waited for, of which there is one at a time.
#[derive(Debug, Default)]
pub struct BrowserSignIn(Mutex<Option<Waiting>>);

#[derive(Debug)]
struct Waiting {
    page: Url,
    cancel: oneshot::Sender<()>,
}

impl BrowserSignIn {
    /// As [`SignIn::begin`]; one that was waited for before is given up.
    ///
    /// # Errors
    /// Those; [`StudioError::SignInCancelled`].
    pub async fn begin(
        &self,
        library: Url,
        token: Option<Secret>,
        show: impl FnOnce(&Url),
    ) -> Result<SignIn, StudioError> {
        let (cancel, cancelled) = oneshot::channel();
        let begun = SignIn::begin(library, token, |page| {
            let waiting = Waiting { page: page.clone(), cancel };
            give_up(self.waiting().replace(waiting));
            show(page);
        });
        let cancelled = async {
            // Without a browser nothing can be cancelled, and the sender is dropped.
            if cancelled.await.is_err() {
                pending::<()>().await;
            }
        };
        tokio::select! {
            done = begun => {
                self.waiting().take();
                done
            }
            () = cancelled => Err(StudioError::SignInCancelled),
        }
    }

    /// The page that the person is at, to be shown again.
    #[must_use]
    pub fn page(&self) -> Option<Url> {
        self.waiting().as_ref().map(|waiting| waiting.page.clone())
    }

    /// Gives up the sign-in that is waited for.
    pub fn cancel(&self) {
        give_up(self.waiting().take());
    }

    fn waiting(&self) -> MutexGuard<'_, Option<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn give_up(waiting: Option<Waiting>) {
    if let Some(Waiting { cancel, .. }) = waiting {
        // It may have come to its end by itself.
        let _ = cancel.send(());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Begins a sign-in on a task of its own, and waits until its page is shown.
    async fn begun(
        sign_in: &Arc<BrowserSignIn>,
    ) -> (Url, tokio::task::JoinHandle<Result<(), StudioError>>) {
        let (shown, page) = oneshot::channel();
        let sign_in = sign_in.clone();
        let task = tokio::spawn(async move {
            let library = Url::parse("http://127.0.0.1:9/").unwrap();
            let show = |page: &Url| drop(shown.send(page.clone()));
            sign_in.begin(library, None, show).await.map(drop)
        });
        (page.await.unwrap(), task)
    }

    #[tokio::test]
    async fn a_page_that_was_closed_is_shown_again_until_it_is_given_up() {
        let sign_in = Arc::new(BrowserSignIn::default());
        assert_eq!(sign_in.page(), None);
        let (page, task) = begun(&sign_in).await;
        assert_eq!(sign_in.page(), Some(page));
        sign_in.cancel();
        assert!(matches!(task.await.unwrap(), Err(StudioError::SignInCancelled)));
        assert_eq!(sign_in.page(), None);
    }

    #[tokio::test]
    async fn a_second_one_takes_the_place_of_the_first() {
        let sign_in = Arc::new(BrowserSignIn::default());
        let (_, first) = begun(&sign_in).await;
        let (page, second) = begun(&sign_in).await;
        assert!(matches!(first.await.unwrap(), Err(StudioError::SignInCancelled)));
        assert_eq!(sign_in.page(), Some(page));
        sign_in.cancel();
        assert!(matches!(second.await.unwrap(), Err(StudioError::SignInCancelled)));
    }
}
