//! [`Question`]: what a person is asked before something is done that cannot be taken back. A
//! program asks in its own way, and hands in the answer.

use url::Url;
use vignette_model::api::Me;
use vignette_model::text::one_line;
use vignette_recorder::is_readable_on_the_way;

/// Characters of a name that a question has room for.
const NAME_CHARS: usize = 80;

/// What a person agrees to or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The question in a few words.
    pub title: &'static str,
    /// What there is to know, in sentences.
    pub text: String,
    /// What the button says that agrees.
    pub yes: &'static str,
}

impl Question {
    /// Whether to sign in to a library though others on the network can read along; none if they
    /// cannot.
    #[must_use]
    pub fn plain_http(library: &Url) -> Option<Self> {
        is_readable_on_the_way(library).then(|| Self {
            title: "Sign in without encryption?",
            text: format!(
                "The connection to {library} is not encrypted. Others on the network can read your \
                 password and your recordings, and change them.\n\nAsk whoever runs the library \
                 for an address that begins with https."
            ),
            yes: "Sign in anyway",
        })
    }

    /// Whether new takes go to a library from now on, by this account.
    #[must_use]
    pub fn use_library(library: &Url, me: &Me) -> Self {
        let text = format!(
            "You are signed in to “{}” as {}.\n\nNew recordings go to {library}",
            one_line(&me.library, NAME_CHARS),
            one_line(&me.name, NAME_CHARS)
        );
        Self { title: "Use this library?", text, yes: "Use it" }
    }

    /// Whether `what` is sent to an endpoint that somebody runs.
    pub(crate) fn send_speech(endpoint: &Url, what: &str) -> Self {
        let text = format!(
            "{what} of every clip will be sent to {endpoint}\n\n\
             Whoever runs it can read and keep it."
        );
        Self { title: "Send what you say to a service?", text, yes: "Send it there" }
    }
}
