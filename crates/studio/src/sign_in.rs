//! [`SignIn`]: a library that has said whose account a token opens, before anything is kept.

use std::time::Duration;

use url::Url;
use vignette_model::Secret;
use vignette_model::api::Me;
use vignette_recorder::{Client, ClientError, Credentials, Paths, Settings, sign_in};

use crate::{Question, StudioError};

/// How long a library is asked whether it knows a token that came with a command.
const TOKEN_CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// A sign-in that the person has still to agree to: any program on this computer can answer the
/// loopback address of a browser's sign-in, with a code for an account of its own.
pub struct SignIn {
    /// The library.
    pub library: Url,
    /// Whose account the token opens, and what the library is called.
    pub me: Me,
    pub(crate) token: Secret,
    client: Client,
}

impl SignIn {
    /// Signs in with a token that the person has, else with their browser, which takes as long as
    /// they do. `show` gets the page's address.
    ///
    /// # Errors
    /// [`StudioError::UnknownToken`], else as [`sign_in::loopback`] and
    /// [`Client::me`].
    pub async fn begin(
        library: Url,
        token: Option<Secret>,
        show: impl FnOnce(&Url),
    ) -> Result<Self, StudioError> {
        let token = match token {
            Some(token) => token,
            None => sign_in::loopback(&library, show).await?,
        };
        let client = Client::new(&library, Some(token.clone()))?;
        let me = client.me().await.map_err(|error| explained(error, &library))?;
        Ok(Self { library, me, token, client })
    }

    /// What the person has to agree to.
    #[must_use]
    pub fn question(&self) -> Question {
        Question::use_library(&self.library, &self.me)
    }

    /// Goes on if the person agreed; else the token is revoked, if the library can be reached.
    ///
    /// # Errors
    /// What they said instead.
    pub async fn if_agreed<E>(self, answer: Result<(), E>) -> Result<Self, E> {
        if answer.is_err() {
            drop(self.client.sign_out().await);
        }
        answer.map(|()| self)
    }

    /// Sends new takes there from the next start of a program on.
    ///
    /// # Errors
    /// That of the disk.
    pub fn keep(self, paths: &Paths) -> Result<(), StudioError> {
        Credentials::open(&paths.tokens())?.keep(&self.library, self.token)?;
        Settings::change(&paths.config, |settings| settings.library = Some(self.library))?;
        Ok(())
    }
}

/// Opens a web page, such as a clip's, in the person's browser; no other kind of address.
///
/// # Errors
/// [`StudioError::NotAWebPage`].
pub fn open_page(page: &Url) -> Result<(), StudioError> {
    if !matches!(page.scheme(), "http" | "https") {
        return Err(StudioError::NotAWebPage { scheme: page.scheme().to_owned() });
    }
    sign_in::browser(page);
    Ok(())
}

/// Keeps a token that came with a command, once the library has not refused it: a wrong one must
/// not take the place of one that works. A library that cannot be asked is no reason not to record.
pub(crate) async fn keep_unless_refused(
    credentials: &Credentials,
    library: &Url,
    token: Secret,
) -> Result<(), StudioError> {
    let client = Client::new(library, Some(token.clone()))?;
    match tokio::time::timeout(TOKEN_CHECK_TIMEOUT, client.me()).await {
        Ok(Err(error)) if error.is_unknown_token() => Err(explained(error, library)),
        _ => Ok(credentials.keep(library, token)?),
    }
}

/// What a library said to a token, with the library's address.
fn explained(error: ClientError, library: &Url) -> StudioError {
    if error.is_unknown_token() {
        StudioError::UnknownToken { library: library.clone() }
    } else {
        error.into()
    }
}
