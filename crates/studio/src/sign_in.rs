//! [`SignIn`]: a library that has said whose account a token opens, before anything is kept.

use std::time::Duration;

use url::Url;
use vignette_model::api::Me;
use vignette_model::{ErrorCode, Problem, Secret};
use vignette_recorder::{Client, Credentials, Paths, Settings, sign_in};

/// How long a library is asked whether it knows a token that came with a command.
const TOKEN_CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// A sign-in that the person has still to agree to: any program on this computer can answer the
/// loopback address of a browser's sign-in, with a code for an account of its own.
pub struct SignIn {
    /// The library.
    pub library: Url,
    /// Whose account the token opens, and what the library is called.
    pub me: Me,
    token: Secret,
    client: Client,
}

impl SignIn {
    /// Signs in with the person's browser; takes as long as they do. `show` gets the page's address.
    ///
    /// # Errors
    /// As [`sign_in::loopback`] and [`SignIn::with_token`].
    pub async fn with_browser(library: Url, show: impl FnOnce(&Url)) -> Result<Self, Problem> {
        let token = sign_in::loopback(&library, show).await?;
        Self::with_token(library, token).await
    }

    /// Signs in with a token that the person has.
    ///
    /// # Errors
    /// `sign_in_needed` if the library does not know it, else as [`Client::me`].
    pub async fn with_token(library: Url, token: Secret) -> Result<Self, Problem> {
        let client = Client::new(&library, Some(token.clone()))?;
        let me = client.me().await.map_err(|error| explained(error.into(), &library))?;
        Ok(Self { library, me, token, client })
    }

    /// The person does not agree: the token is revoked, if the library can be reached.
    pub async fn decline(self) {
        drop(self.client.sign_out().await);
    }

    /// The token, for [`crate::Studio::use_library`].
    #[must_use]
    pub fn token(&self) -> Secret {
        self.token.clone()
    }

    /// Sends new takes there from the next start of a program on.
    ///
    /// # Errors
    /// A [`Problem`] of the disk.
    pub fn keep(self, paths: &Paths) -> Result<(), Problem> {
        Credentials::open(&paths.tokens())?.keep(&self.library, self.token)?;
        Settings::change(&paths.config, |settings| settings.library = Some(self.library)).map(drop)
    }
}

/// Keeps a token that came with a command, once the library has not refused it: a wrong one must
/// not take the place of one that works. A library that cannot be asked is no reason not to record.
pub(crate) async fn keep_unless_refused(
    credentials: &Credentials,
    library: &Url,
    token: Secret,
) -> Result<(), Problem> {
    let client = Client::new(library, Some(token.clone()))?;
    match tokio::time::timeout(TOKEN_CHECK_TIMEOUT, client.me()).await {
        Ok(Err(error)) if error.code() == ErrorCode::SignInNeeded => {
            Err(explained(error.into(), library))
        }
        _ => Ok(credentials.keep(library, token)?),
    }
}

/// What a library said to a token, with the library's address and what to do.
fn explained(problem: Problem, library: &Url) -> Problem {
    match problem.code {
        ErrorCode::SignInNeeded => {
            Problem::new(ErrorCode::SignInNeeded, format!("{library} does not know this token"))
                .with_help(
                    "Make a new token on the library's page “Tokens”, or sign in with the browser.",
                )
        }
        _ => problem,
    }
}
