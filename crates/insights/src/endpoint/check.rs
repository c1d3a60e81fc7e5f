//! The check of what a language model wrote: it has to hold against what was said, or it is not
//! shown.
//!
//! A transcript may hold sentences that are meant for the model, and a model may obey them or make
//! things up. So links that nobody said and a title or summary in words that nobody used make the
//! whole answer void; chapters and tasks have to point into the clip, and tasks to where they are
//! said. Whatever is left is bounded by the types it is turned into.

use std::collections::HashSet;

use serde_json::{Map, Value};
use vignette_model::text::{ChapterTitle, Label, Summary, TaskText, Title};
use vignette_model::transcript::{Chapter, Cue, Insights, MAX_CHAPTERS, Task};
use vignette_model::{Micros, Span};

use super::micros;
use crate::chapters::SHORTEST;
use crate::summary::Length;

/// A task is said within so much time of where the model says it is.
const MAX_TASK_OFFSET: Span = Span::from_secs(30);
/// This share of the words of a title or summary must have been said, in some form.
const MIN_SPOKEN_PERCENT: usize = 45;
/// This share of the words of a task must have been said where it is.
const MIN_TASK_SPOKEN_PERCENT: usize = 34;
/// Two words with as many first letters in common are forms of one.
const STEM_CHARS: usize = 4;
/// The first characters of a JSON text that are looked at; more than any answer that is any good.
const MAX_TEXT_CHARS: usize = 20_000;

/// Why an answer is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejectedAnswer {
    /// No title and no summary.
    #[error("it says nothing")]
    Empty,
    /// It points to somewhere that nobody spoke of.
    #[error("it has a link that nobody said")]
    Link,
    /// It is not about this clip.
    #[error("it speaks of things that nobody said")]
    Unsaid,
}

/// What was said, to hold an answer against.
pub(super) struct SpokenText<'a> {
    cues: &'a [Cue],
    /// The same, in small letters.
    text: String,
    stems: HashSet<String>,
    duration: Span,
}

impl<'a> SpokenText<'a> {
    pub(super) fn new(cues: &'a [Cue], duration: Span) -> Self {
        let text =
            cues.iter().map(|cue| cue.text.as_str().to_lowercase()).collect::<Vec<_>>().join(" ");
        Self { cues, stems: stems(&text).into_iter().collect(), text, duration }
    }

    /// The insights in an answer. Its chapters are still to be [`Self::arranged`].
    ///
    /// # Errors
    /// [`RejectedAnswer`] if they do not hold.
    pub(super) fn check(&self, answer: &Map<String, Value>) -> Result<Insights, RejectedAnswer> {
        let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap_or_default();
        let title = one_line(text("title"));
        let summary = self.in_length(&plain_markdown(text("summary")));
        if title.is_empty() && summary.is_empty() {
            return Err(RejectedAnswer::Empty);
        }
        let chapters = self.chapters(answer.get("chapters"));
        let tasks = self.tasks(answer.get("tasks"));
        let mut shown = vec![text("title"), text("summary")];
        shown.extend(chapters.iter().map(|chapter| chapter.title.as_str()));
        shown.extend(tasks.iter().map(|task| task.text.as_str()));
        if shown.iter().any(|text| self.has_unsaid_link(text)) {
            return Err(RejectedAnswer::Link);
        }
        if !self.holds(&title, MIN_SPOKEN_PERCENT) || !self.holds(&summary, MIN_SPOKEN_PERCENT) {
            return Err(RejectedAnswer::Unsaid);
        }
        Ok(Insights {
            title: Title::cut(&title).unwrap_or_default(),
            summary: Summary::cut(&summary).unwrap_or_default(),
            chapters,
            tasks,
        })
    }

    /// Chapters that begin with a cue of the clip.
    fn chapters(&self, listed: Option<&Value>) -> Vec<Chapter> {
        let chapter = |chapter: &Map<String, Value>| {
            let start_us = self.cue_near(time(chapter.get("start")?)?)?.start_us;
            let title = one_line(chapter.get("title")?.as_str()?);
            Some(Chapter { start_us, title: ChapterTitle::cut(&title).ok()? })
        };
        objects(listed).filter_map(chapter).collect()
    }

    /// The chapters of a whole clip: in order, apart, the first from its beginning; none if there
    /// are not at least two.
    pub(super) fn arranged(&self, mut chapters: Vec<Chapter>) -> Vec<Chapter> {
        if self.duration < SHORTEST {
            return Vec::new();
        }
        let gap = Span((self.duration.0 / 40).max(5_000_000));
        chapters.sort_by_key(|chapter| chapter.start_us);
        if let Some(first) = chapters.first_mut() {
            first.start_us = Micros::ZERO;
        }
        let mut apart: Vec<Chapter> = Vec::new();
        for chapter in chapters {
            let follows = apart.last().is_none_or(|last| chapter.start_us >= last.start_us + gap);
            if follows && (apart.is_empty() || chapter.start_us + gap <= self.end()) {
                apart.push(chapter);
            }
        }
        apart.truncate(MAX_CHAPTERS);
        if apart.len() < 2 { Vec::new() } else { apart }
    }

    /// Tasks that are said where they are said to be.
    fn tasks(&self, listed: Option<&Value>) -> Vec<Task> {
        let mut tasks: Vec<Task> = objects(listed)
            .filter_map(|task| {
                let at = time(task.get("at")?)?;
                let text = one_line(task.get("text")?.as_str()?);
                let at_us = self.cue_near(at)?.start_us;
                let nearby: HashSet<String> =
                    self.around(at_us).flat_map(|cue| stems(cue.text.as_str())).collect();
                let said = |key: &str| task.get(key).and_then(Value::as_str).map(one_line);
                let owner = said("owner").and_then(|owner| self.owner(&owner));
                let due = said("due").filter(|due| self.text.contains(&due.to_lowercase()));
                holds(&text, MIN_TASK_SPOKEN_PERCENT, &nearby).then_some(())?;
                let label = |text: Option<String>| text.and_then(|text| Label::cut(&text).ok());
                Some(Task {
                    at_us,
                    text: TaskText::cut(&text).ok()?,
                    owner: label(owner),
                    due: label(due),
                })
            })
            .collect();
        tasks.sort_by_key(|task| task.at_us);
        tasks.truncate(MAX_CHAPTERS);
        tasks
    }

    /// Who is to do something: a name that was said, the speaker, or everybody.
    fn owner(&self, owner: &str) -> Option<String> {
        match owner.to_lowercase().as_str() {
            "" => None,
            "me" | "i" | "speaker" | "the speaker" | "myself" => Some("me".to_owned()),
            "team" | "we" | "everyone" | "everybody" | "all" => Some("team".to_owned()),
            name => self.text.contains(name).then(|| owner.to_owned()),
        }
    }

    fn end(&self) -> Micros {
        Micros::ZERO + self.duration
    }

    /// The cue that is spoken at a time, or the nearest to it; none outside of the clip.
    fn cue_near(&self, at: Micros) -> Option<&Cue> {
        let within = self.cues.iter().filter(|cue| cue.start_us <= self.end());
        // Times come as whole seconds, so a cue may begin a moment after its own time.
        let soon = at + Span::from_secs(1);
        (at <= self.end())
            .then(|| within.min_by_key(|cue| (cue.start_us >= soon, cue.start_us.abs_diff(at))))?
    }

    fn around(&self, at: Micros) -> impl Iterator<Item = &Cue> {
        self.cues.iter().filter(move |cue| {
            cue.start_us <= at + MAX_TASK_OFFSET && cue.end_us + MAX_TASK_OFFSET >= at
        })
    }

    fn holds(&self, text: &str, percent: usize) -> bool {
        holds(text, percent, &self.stems)
    }

    /// Whether something looks like a link or an address that was not said.
    fn has_unsaid_link(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let marked = ["](", "]:", "<a ", "<img", "javascript:", "data:text"]
            .iter()
            .any(|mark| text.contains(mark));
        let words = text.split(|c: char| {
            c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '[' | ']' | '"' | '*' | ',')
        });
        let unsaid = |word: &str| {
            let word = word.trim_end_matches(['.', '!', '?', ';', ':']);
            looks_like_address(word) && !self.text.contains(word)
        };
        marked || words.into_iter().any(unsaid)
    }

    /// A summary that is not much longer than it should be: what is too much is left out at a line
    /// or a full stop.
    fn in_length(&self, summary: &str) -> String {
        let most = Length::of(self.duration).most * 3 / 2;
        let Some((cut, _)) = words(summary).nth(most) else { return summary.to_owned() };
        let kept = &summary[..cut];
        let end = kept
            .rfind(['\n', '.', '!', '?', '。'])
            .map_or(kept, |end| kept[..=end].trim_end_matches(['\n', ' ', '-', '*']));
        end.trim().to_owned()
    }
}

/// Whether enough of the words of `text` are among `said`.
fn holds(text: &str, percent: usize, said: &HashSet<String>) -> bool {
    let stems = stems(text);
    let found = stems.iter().filter(|stem| said.contains(*stem)).count();
    found * 100 >= stems.len() * percent
}

/// The beginnings of all words that are long enough to tell something; of scripts without spaces,
/// all pairs of letters.
fn stems(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let mut stems = Vec::new();
    for run in text.split(|c: char| !c.is_alphanumeric()) {
        let letters: Vec<char> = run.chars().collect();
        if letters.iter().any(|c| matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')) {
            stems.extend(letters.windows(2).map(|pair| pair.iter().collect::<String>()));
        } else if letters.len() >= STEM_CHARS {
            stems.push(letters[..STEM_CHARS].iter().collect());
        }
    }
    stems
}

/// The words of a text and where each begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace()
        .map(|word| (word.as_ptr().addr() - text.as_ptr().addr(), word))
        .filter(|(_, word)| *word != "-")
}

fn looks_like_address(word: &str) -> bool {
    let dotted =
        || word.split('/').next().is_some_and(|host| host.contains('.') && !host.starts_with('.'));
    word.contains("://")
        || word.starts_with("www.")
        || word.starts_with("mailto:")
        || word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
        || (word.contains('/') && dotted())
}

/// The objects in a list; whatever else stands in it is passed over.
fn objects(listed: Option<&Value>) -> impl Iterator<Item = &Map<String, Value>> {
    listed.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// A time as models write it: seconds, `1:23`, `[01:02:03]`, `83.5s`.
fn time(value: &Value) -> Option<Micros> {
    if let Some(secs) = value.as_f64() {
        return micros(secs);
    }
    let text = value.as_str()?.trim_matches(|c: char| !c.is_ascii_digit());
    let mut secs = 0.0;
    for part in text.split(':') {
        secs = secs * 60.0 + part.trim().parse::<f64>().ok()?;
    }
    micros(secs)
}

/// A title or task on one line, without the marks that models like to put around it.
fn one_line(text: &str) -> String {
    let line: String = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(MAX_TEXT_CHARS)
        .collect();
    let marks = |c: char| matches!(c, '*' | '_' | '`' | '"' | '“' | '”' | '#') || c.is_whitespace();
    line.trim_matches(marks).trim_start_matches("- ").trim_end_matches('.').to_owned()
}

/// A summary without HTML and headings.
fn plain_markdown(text: &str) -> String {
    let line = |line: &str| {
        let bare = line.trim_end().trim_start_matches('#');
        if bare.len() == line.trim_end().len() {
            bare.to_owned()
        } else {
            format!("**{}**", bare.trim().trim_matches('*'))
        }
    };
    let text: String = text.chars().take(MAX_TEXT_CHARS).collect();
    text.replace('<', "\\<").lines().map(line).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vignette_model::text::CueText;

    use super::*;

    fn cues() -> Vec<Cue> {
        let lines = [
            (0, "Hi, the login page is slow since Monday."),
            (70, "It loads the analytics bundle before the form."),
            (150, "Priya, please measure the bundle by Friday."),
            (200, "The notes are at wiki.example.org/login."),
        ];
        let cue = |(start, text): (u64, &str)| Cue {
            start_us: Micros::from_millis(start * 1_000 + 400),
            end_us: Micros::from_secs(start + 5),
            text: CueText::new(text).unwrap(),
            word_starts_us: Vec::new(),
        };
        lines.map(cue).to_vec()
    }

    fn checked(answer: Value) -> Result<Insights, RejectedAnswer> {
        let cues = cues();
        let said = SpokenText::new(&cues, Span::from_secs(210));
        let insights = said.check(answer.as_object().unwrap())?;
        Ok(Insights { chapters: said.arranged(insights.chapters), ..insights })
    }

    #[test]
    fn a_good_answer_holds() {
        let insights = checked(json!({
            "title": "**Slow login page.**",
            "summary": "## In short\nThe login page is slow because it loads the analytics \
             bundle first.",
            "mood": "annoyed",
            "chapters": [{ "start": "1:10", "title": "The bundle" }, { "start": 0, "title": "Slow login" }, { "start": "9:00", "title": "Later" }, "no"],
            "tasks": [{ "at": "[2:30]", "text": "Measure the bundle", "owner": "Priya", "due": "by Friday", "x": 1 }],
        }))
        .unwrap();
        assert_eq!(insights.title.as_str(), "Slow login page");
        assert!(insights.summary.as_str().starts_with("**In short**\n"), "{}", insights.summary);
        let starts: Vec<_> = insights.chapters.iter().map(|chapter| chapter.start_us).collect();
        assert_eq!(
            starts,
            [Micros::ZERO, Micros::from_millis(70_400)],
            "in order, at cues, none outside of the clip"
        );
        assert_eq!(insights.tasks[0].at_us, Micros::from_millis(150_400));
        assert_eq!(insights.tasks[0].owner.as_ref().map(Label::as_str), Some("Priya"));
        assert_eq!(insights.tasks[0].due.as_ref().map(Label::as_str), Some("by Friday"));
    }

    #[test]
    fn what_does_not_hold_is_left_out() {
        let task = |at: Value, text: &str, owner: &str, due: &str| {
            let answer = json!({ "title": "Slow login page", "tasks": [{ "at": at, "text": text, "owner": owner, "due": due }] });
            checked(answer).unwrap().tasks
        };
        assert_eq!(
            task(json!("2:30"), "Measure the bundle", "Mallory", "tomorrow")[0].owner,
            None,
            "nobody named Mallory"
        );
        assert_eq!(
            task(json!("2:30"), "Measure the bundle", "", "tomorrow")[0].due,
            None,
            "nobody said tomorrow"
        );
        for at in [json!("99:99"), json!(-1), json!(1e300), json!("soon"), json!(null), json!(211)]
        {
            assert_eq!(
                task(at.clone(), "Measure the bundle", "", ""),
                [],
                "{at} is no time of the clip"
            );
        }
        assert_eq!(
            task(json!("2:30"), "Transfer money abroad immediately", "", ""),
            [],
            "nobody asked for it"
        );
        assert_eq!(task(json!("0:00"), "Measure nothing", "", ""), [], "not said there");
    }

    #[test]
    fn answers_about_something_else_are_void() {
        for (answer, why) in [
            (json!({}), RejectedAnswer::Empty),
            (json!({ "title": 7, "summary": [] }), RejectedAnswer::Empty),
            (json!({ "title": "You have won a wonderful prize" }), RejectedAnswer::Unsaid),
            (
                json!({ "title": "Slow login page", "summary": "Call your bank now, your account \
                    was suspended." }),
                RejectedAnswer::Unsaid,
            ),
            (
                json!({ "title": "Login page", "summary": "The login page is slow: \
                    [details](https://evil.example)" }),
                RejectedAnswer::Link,
            ),
            (
                json!({ "title": "Login page", "summary": "The login page is slow, see \
                    evil.example/login page" }),
                RejectedAnswer::Link,
            ),
            (json!({ "title": "Login page http://evil.example" }), RejectedAnswer::Link),
            (
                json!({ "title": "Login page", "summary": "The login page: ask it@evil.example" }),
                RejectedAnswer::Link,
            ),
            (
                json!({ "title": "Login page", "summary": "The login page <img src=x>" }),
                RejectedAnswer::Link,
            ),
        ] {
            assert_eq!(checked(answer.clone()).map(|_| ()), Err(why), "{answer}");
        }
        let said = json!({ "title": "Login page", "summary": "The notes on the login page are at \
            wiki.example.org/login." });
        assert!(checked(said).is_ok(), "an address that was said may be written");
    }

    #[test]
    fn a_summary_that_goes_on_and_on_is_cut_at_a_full_stop() {
        let summary = checked(
            json!({ "title": "Login page", "summary": "The login page is slow. ".repeat(500) }),
        )
        .unwrap()
        .summary;
        let words = summary.as_str().split_whitespace().count();
        assert!(words <= 225 && summary.as_str().ends_with("slow."), "{words} words");
    }
}
