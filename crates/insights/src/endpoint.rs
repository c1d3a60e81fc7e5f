//! An [`Endpoint`]: a language or speech model that answers in the way of OpenAI's API, and that a
//! person chose: Ollama, LM Studio or llama-server on their own computer, or a service elsewhere.
//!
//! Without one nothing leaves the computer. What is sent is the transcript or the sound of one
//! clip, nothing else; what comes back is bounded, checked against what was said ([`check`]) and
//! thrown away as a whole if it does not hold.

mod chat;
mod check;
mod error;
mod form;
mod prompt;
mod repair;
mod transcription;

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, StatusCode};
use url::Url;
use vignette_http::{BodyError, cause, client_builder, parse_address, read_body};
use vignette_model::text::Label;
use vignette_model::transcript::{Cue, Insights};
use vignette_model::{Micros, Secret, Span};

pub use check::RejectedAnswer;
pub use error::{EndpointError, EndpointName, UnusableAnswer};

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
    /// Reads an address as a person writes it. Without a scheme it is `https`, or `http` on this
    /// computer; without a path it is `/v1`.
    ///
    /// # Errors
    /// [`EndpointError::Address`] if it is none, or carries a user or a query.
    pub fn url(text: &str) -> Result<Url, EndpointError> {
        let mut url = parse_address(text)?;
        if url.path() == "/" {
            url.set_path("/v1");
        }
        Ok(url)
    }

    /// Asks for insights of what was said, and says which model made them. Long transcripts are
    /// asked about in parts.
    ///
    /// # Errors
    /// [`EndpointError`]; the extractive insights stay then.
    pub async fn insights(
        &self,
        cues: &[Cue],
        duration: Span,
        language: Option<&str>,
    ) -> Result<(Insights, Label), EndpointError> {
        let asked = chat::insights(self, cues, duration, language);
        let insights =
            tokio::time::timeout(self.timeout, asked).await.map_err(|_| self.too_slow())??;
        Ok((insights, self.model.clone()))
    }

    /// Asks what is said in `mono`, sound with `rate_hz` samples a second, and in which language.
    /// Sound of more than ten minutes is sent in parts.
    ///
    /// # Errors
    /// As for [`Self::insights`].
    pub async fn transcribe(
        &self,
        mono: &[f32],
        rate_hz: u32,
        language: Option<&str>,
    ) -> Result<(Vec<Cue>, Option<Label>), EndpointError> {
        let asked = transcription::transcribe(self, mono, rate_hz, language);
        tokio::time::timeout(self.timeout, asked).await.map_err(|_| self.too_slow())?
    }

    /// A connection of its own: clips are rare, and an endpoint may have been restarted since the
    /// last one.
    ///
    /// No redirect is followed: the key and what was said would go along, perhaps in clear, perhaps
    /// to somebody else.
    fn http(&self) -> Result<reqwest::Client, EndpointError> {
        let client = client_builder(&self.base_url).redirect(Policy::none()).build();
        client.map_err(|error| EndpointError::SetUp { reason: cause(&error) })
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
    async fn send(&self, request: RequestBuilder) -> Result<Response, EndpointError> {
        request.send().await.map_err(|error| self.unreachable(&error))
    }

    /// The body of an answer, up to `max_bytes`.
    async fn body(&self, response: Response, max_bytes: usize) -> Result<Vec<u8>, EndpointError> {
        read_body(response, max_bytes).await.map_err(|error| match error {
            BodyError::Broken(error) => self.unreachable(&error),
            BodyError::TooLarge { .. } => self.unusable(UnusableAnswer::TooLong),
        })
    }

    /// Which endpoint it is, for people.
    fn name(&self) -> EndpointName {
        let host = self.base_url.host_str().unwrap_or_default().to_owned();
        EndpointName { model: self.model.clone(), host }
    }

    fn unreachable(&self, error: &reqwest::Error) -> EndpointError {
        EndpointError::Unreachable { name: self.name(), reason: cause(error) }
    }

    fn too_slow(&self) -> EndpointError {
        EndpointError::TooSlow { name: self.name(), timeout: self.timeout }
    }

    fn unusable(&self, reason: UnusableAnswer) -> EndpointError {
        EndpointError::Unusable { name: self.name(), reason }
    }

    fn refused(&self, status: StatusCode) -> EndpointError {
        EndpointError::Refused { name: self.name(), status: status.as_u16() }
    }
}

/// For seconds that came as a number with a point; none if it is no time.
fn micros(secs: f64) -> Option<Micros> {
    let since_start = Duration::try_from_secs_f64(secs).ok()?;
    Some(Micros::ZERO + since_start.into())
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
        for text in [
            "",
            "ftp://example.org",
            "https://me:key@example.org/v1",
            "https://example.org/v1?key=1",
            "file:///etc",
        ] {
            assert!(matches!(Endpoint::url(text), Err(EndpointError::Address(_))), "{text}");
        }
    }

    #[test]
    fn the_key_is_never_shown() {
        let api_key = Some(Secret::presented("sk-very-secret"));
        let base_url = Endpoint::url("localhost:1").unwrap();
        let endpoint = Endpoint {
            base_url,
            model: Label::new("m").unwrap(),
            api_key,
            timeout: Duration::from_secs(1),
        };
        assert!(!format!("{endpoint:?}").contains("very-secret"));
        assert!(
            !format!("{:?} {}", endpoint.too_slow(), endpoint.too_slow()).contains("very-secret")
        );
    }
}
