//! An [`Endpoint`]: a language or speech model that answers in the way of OpenAI's API, and that a person chose: Ollama, LM
//! Studio or llama-server on their own computer, or a service elsewhere.
//!
//! Without one nothing leaves the computer. What is sent is the transcript or the sound of one clip, nothing else; what comes
//! back is bounded, checked against what was said ([`check`]) and thrown away as a whole if it does not hold.

mod chat;
mod check;
mod form;
mod prompt;
mod repair;
mod transcription;

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, StatusCode};
use url::Url;
use vignette_http::{BodyError, cause, client_builder, read_body};
use vignette_model::text::Label;
use vignette_model::transcript::{Cue, Insights};
use vignette_model::{ErrorCode, Micros, Problem, Secret};

/// What stays whatever an endpoint does.
const KEPT: &str = "Until then the summary that was made on this computer stays.";

/// A model behind an OpenAI-compatible address.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Up to and with the version: `http://localhost:11434/v1`. See [`Endpoint::url`].
    pub base_url: Url,
    /// The name of the model, as the endpoint calls it.
    pub model: Label,
    /// What opens it, if it asks for a key.
    pub api_key: Option<Secret>,
    /// How long all questions about one clip may take together.
    pub timeout: Duration,
}

impl Endpoint {
    /// Reads an address as a person writes it. Without a scheme it is `https`, or `http` on this computer; without a path it is
    /// `/v1`.
    ///
    /// # Errors
    /// `bad_request` if it is no such address, or carries a user or a question.
    pub fn url(text: &str) -> Result<Url, Problem> {
        let mut url = vignette_http::parse_address(text).map_err(|_| {
            Problem::new(ErrorCode::BadRequest, "This is not the address of a model.").with_help(
                "Write it like http://localhost:11434/v1 or https://api.example.org/v1; the key has a field of its own.",
            )
        })?;
        if url.path() == "/" {
            url.set_path("/v1");
        }
        Ok(url)
    }

    /// Asks for insights of what was said, and says which model made them. Long transcripts are asked about in parts.
    ///
    /// # Errors
    /// A [`Problem`] for the person who set the endpoint up: it could not be reached in time, refused, or answered something
    /// that does not hold. The extractive insights stay then.
    pub async fn insights(&self, cues: &[Cue], duration: Micros, language: Option<&str>) -> Result<(Insights, Label), Problem> {
        let asked = chat::insights(self, cues, duration, language);
        let insights = tokio::time::timeout(self.timeout, asked).await.map_err(|_| self.too_slow())??;
        Ok((insights, self.model.clone()))
    }

    /// Asks what is said in `mono`, sound with `rate_hz` samples a second, and in which language. Sound of more than ten minutes
    /// is sent in parts.
    ///
    /// # Errors
    /// As for [`Self::insights`].
    pub async fn transcribe(
        &self,
        mono: &[f32],
        rate_hz: u32,
        language: Option<&str>,
    ) -> Result<(Vec<Cue>, Option<Label>), Problem> {
        let asked = transcription::transcribe(self, mono, rate_hz, language);
        tokio::time::timeout(self.timeout, asked).await.map_err(|_| self.too_slow())?
    }

    /// A connection of its own: clips are rare, and an endpoint may have been restarted since the last one.
    ///
    /// No redirect is followed: the key and what was said would go along, perhaps in clear, perhaps to somebody else.
    fn http(&self) -> Result<reqwest::Client, Problem> {
        client_builder(&self.base_url).redirect(Policy::none()).build().map_err(|error| {
            Problem::new(ErrorCode::Internal, format!("The connection could not be prepared: {}.", cause(&error)))
        })
    }

    /// A question to one of the endpoint's paths.
    fn post(&self, http: &reqwest::Client, path: &str) -> RequestBuilder {
        let mut url = self.base_url.clone();
        url.set_path(&format!("{}/{path}", self.base_url.path().trim_end_matches('/')));
        let request = http.post(url);
        match &self.api_key {
            Some(key) => request.bearer_auth(key.expose()),
            None => request,
        }
    }

    /// Sends a question; the answer may be a refusal.
    async fn send(&self, request: RequestBuilder) -> Result<Response, Problem> {
        request.send().await.map_err(|error| self.unreachable(&error))
    }

    /// The body of an answer, up to `max_bytes`.
    async fn body(&self, response: Response, max_bytes: usize) -> Result<Vec<u8>, Problem> {
        read_body(response, max_bytes).await.map_err(|error| match error {
            BodyError::Broken(error) => self.unreachable(&error),
            BodyError::TooLarge { .. } => self.unusable("it is far too long"),
        })
    }

    /// Who it is, for people: never a path or a key.
    fn name(&self) -> String {
        format!("The model {} at {}", self.model, self.base_url.host_str().unwrap_or_default())
    }

    fn unreachable(&self, error: &reqwest::Error) -> Problem {
        Problem::new(ErrorCode::Unreachable, format!("{} could not be reached: {}.", self.name(), cause(error)))
            .with_help(format!("Start it, or correct its address in the settings. {KEPT}"))
    }

    fn too_slow(&self) -> Problem {
        let message = format!("{} did not answer within {} seconds.", self.name(), self.timeout.as_secs_f32());
        Problem::new(ErrorCode::Unreachable, message)
            .with_help(format!("Choose a smaller model or give it more time in the settings. {KEPT}"))
    }

    fn unusable(&self, why: &str) -> Problem {
        Problem::new(ErrorCode::Unreachable, format!("The answer of {} cannot be used: {why}.", lower(&self.name())))
            .with_help(format!("Try again or choose another model. {KEPT}"))
    }

    /// What a refusal means. What it says is not repeated: it may quote what was sent.
    fn refused(&self, status: StatusCode) -> Problem {
        let name = self.name();
        let (code, message, help) = match status.as_u16() {
            401 | 403 => {
                (ErrorCode::NotAllowed, format!("{name} does not accept the key."), "Enter its API key again in the settings.")
            }
            404 | 405 => (
                ErrorCode::NotFound,
                format!("{name} is not there."),
                "Check the model's name, and that the address ends as its maker says, mostly in /v1.",
            ),
            413 => (ErrorCode::TooLarge, format!("{name} does not take as much at once."), "Choose a model that takes more."),
            429 => (
                ErrorCode::TooManyRequests,
                format!("{name} was asked too often."),
                "Wait, or look at the limits of the account.",
            ),
            300..=399 => (
                ErrorCode::Unreachable,
                format!("{name} sends on to another address."),
                "If you trust that address, enter it in the settings.",
            ),
            500..=599 => {
                (ErrorCode::Unreachable, format!("{name} failed (status {}).", status.as_u16()), "Look at its own messages.")
            }
            other => (
                ErrorCode::BadRequest,
                format!("{name} did not take the question (status {other})."),
                "Check that the model is made for this, and that the clip is not too long for it.",
            ),
        };
        Problem::new(code, message).with_help(format!("{help} {KEPT}"))
    }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// For seconds that came as a number with a point; none if it is no time.
fn micros(secs: f64) -> Option<Micros> {
    Duration::try_from_secs_f64(secs).ok().map(Micros::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (text, url) in [
            ("localhost:11434", "http://localhost:11434/v1"),
            (" http://localhost:1234/v1 ", "http://localhost:1234/v1"),
            ("https://api.example.org/openai/v1", "https://api.example.org/openai/v1"),
            ("api.example.org", "https://api.example.org/v1"),
            ("127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1/"),
        ] {
            assert_eq!(Endpoint::url(text).unwrap().as_str(), url, "{text}");
        }
        for text in ["", "ftp://example.org", "https://me:key@example.org/v1", "https://example.org/v1?key=1", "file:///etc"] {
            assert_eq!(Endpoint::url(text).map_err(|problem| problem.code), Err(ErrorCode::BadRequest), "{text}");
        }
    }

    #[test]
    fn the_key_is_never_shown() {
        let api_key = Some(Secret::presented("sk-very-secret"));
        let base_url = Endpoint::url("localhost:1").unwrap();
        let endpoint = Endpoint { base_url, model: Label::new("m").unwrap(), api_key, timeout: Duration::from_secs(1) };
        assert!(!format!("{endpoint:?}").contains("very-secret"));
        for status in [400, 401, 404, 413, 429, 302, 500] {
            let problem = endpoint.refused(StatusCode::from_u16(status).unwrap());
            assert!(!problem.to_string().contains("very-secret") && problem.help.ends_with(KEPT), "{status}: {problem:?}");
        }
    }
}
