//! [`insights`] from a language model: one question for a transcript of usual length; for a longer
//! one a question for each part, and one more that sums the parts up (map and reduce).

use serde::Deserialize;
use serde_json::{Map, Value, json};
use vignette_model::Span;
use vignette_model::text::Summary;
use vignette_model::transcript::{Cue, Insights, MAX_CHAPTERS as MAX_TASKS};

use super::check::SpokenText;
use super::prompt::{self, Prompt};
use super::{Endpoint, EndpointError, UnusableAnswer, repair};

/// The most characters of a question; small models take little more.
const MAX_CHARS: usize = 24_000;
/// The most parts of a transcript: ten hours of speech.
const MAX_PARTS: usize = 24;
/// More than any model answers.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Asks `endpoint` for insights.
pub(super) async fn insights(
    endpoint: &Endpoint,
    cues: &[Cue],
    duration: Span,
    language: Option<&str>,
) -> Result<Insights, EndpointError> {
    let parts = parts(cues);
    if parts.len() > MAX_PARTS {
        return Err(EndpointError::TooLong { max_parts: MAX_PARTS });
    }
    let chat = ChatClient { endpoint, http: endpoint.http()? };
    let said = SpokenText::new(cues, duration);
    let mut insights = match parts.as_slice() {
        [] => return Err(EndpointError::NothingSaid),
        [whole] => {
            chat.ask(&Prompt::of_lines(&text(whole), duration, language, None), &said).await?
        }
        parts => {
            let mut all = Insights::default();
            let mut summaries = String::new();
            for (index, part) in parts.iter().enumerate() {
                let prompt = Prompt::of_lines(
                    &text(part),
                    duration,
                    language,
                    Some((index + 1, parts.len())),
                );
                // A part may point to its own time only.
                let insights = chat.ask(&prompt, &SpokenText::new(part, duration)).await?;
                summaries.push_str(&format!("Part {}: {}\n", index + 1, insights.summary));
                all.chapters.extend(insights.chapters);
                all.tasks.extend(insights.tasks);
            }
            all.tasks.truncate(MAX_TASKS);
            let whole =
                chat.ask(&Prompt::of_summaries(&summaries, duration, language), &said).await?;
            Insights { title: whole.title, summary: shown(whole.summary, &summaries), ..all }
        }
    };
    insights.chapters = said.arranged(insights.chapters);
    Ok(insights)
}

/// The summary of the whole, or those of its parts if a model gave none.
fn shown(whole: Summary, parts: &str) -> Summary {
    if whole.as_str().is_empty() { Summary::cut(parts).unwrap_or_default() } else { whole }
}

/// Divides cues into parts of at most [`MAX_CHARS`].
fn parts(cues: &[Cue]) -> Vec<&[Cue]> {
    let mut parts = Vec::new();
    let (mut begun, mut chars) = (0, 0);
    for (at, line) in prompt::lines(cues).enumerate() {
        let length = line.chars().count();
        if chars + length > MAX_CHARS && at > begun {
            parts.push(&cues[begun..at]);
            (begun, chars) = (at, 0);
        }
        chars += length;
    }
    if begun < cues.len() {
        parts.push(&cues[begun..]);
    }
    parts
}

fn text(cues: &[Cue]) -> String {
    prompt::lines(cues).collect()
}

/// A connection to a model.
struct ChatClient<'a> {
    endpoint: &'a Endpoint,
    http: reqwest::Client,
}

impl ChatClient<'_> {
    /// Asks once, and once more in plainer words if the endpoint does not know how to hold its
    /// model to a shape.
    async fn ask(&self, prompt: &Prompt, said: &SpokenText<'_>) -> Result<Insights, EndpointError> {
        let plain = json!({
            "model": self.endpoint.model.as_str(),
            "stream": false,
            "messages": [{ "role": "system", "content": prompt.system }, { "role": "user", "content": prompt.user }],
        });
        let mut shaped = plain.clone();
        shaped["temperature"] = json!(0.2);
        shaped["response_format"] = prompt::response_format();

        let mut response = self
            .endpoint
            .send(self.endpoint.post(&self.http, "chat/completions").json(&shaped))
            .await?;
        if matches!(response.status().as_u16(), 400 | 422) {
            tracing::debug!(
                status = response.status().as_u16(),
                "The endpoint refused a response format; asking without"
            );
            response = self
                .endpoint
                .send(self.endpoint.post(&self.http, "chat/completions").json(&plain))
                .await?;
        }
        if !response.status().is_success() {
            return Err(self.endpoint.refused(response.status()));
        }
        let body = self.endpoint.body(response, MAX_ANSWER_BYTES).await?;
        let answer =
            answer(&body).ok_or_else(|| self.endpoint.unusable(UnusableAnswer::OtherShape))?;
        said.check(&answer).map_err(|rejected| self.endpoint.unusable(rejected.into()))
    }
}

/// The answer as it comes; only what is needed.
#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Content,
}

/// Most endpoints answer with a text, some with pieces of one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Pieces(Vec<Piece>),
}

#[derive(Deserialize)]
struct Piece {
    #[serde(default)]
    text: String,
}

/// The object that a model answered.
fn answer(body: &[u8]) -> Option<Map<String, Value>> {
    let completion: Completion = serde_json::from_slice(body).ok()?;
    match completion.choices.into_iter().next()?.message.content {
        Content::Text(text) => repair::object(&text),
        Content::Pieces(pieces) => {
            repair::object(&pieces.into_iter().map(|piece| piece.text).collect::<String>())
        }
    }
}

#[cfg(test)]
mod tests {
    use vignette_model::text::CueText;

    use vignette_model::Micros;

    use super::*;

    #[test]
    fn long_transcripts_are_cut_between_cues() {
        let text = CueText::new(&"word ".repeat(200)).unwrap();
        let cue = |at| Cue {
            start_us: Micros::from_secs(at),
            end_us: Micros::from_secs(at + 1),
            text: text.clone(),
            word_starts_us: Vec::new(),
        };
        let cues: Vec<Cue> = (0..100).map(cue).collect();
        let parts = parts(&cues);
        assert_eq!(parts.concat(), cues, "every cue is in one part");
        assert!(
            parts.iter().all(|part| super::text(part).chars().count() <= MAX_CHARS),
            "no part is too long"
        );
        assert_eq!(parts.len(), 5);
    }
}
