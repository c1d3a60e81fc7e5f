//! The [`tasks`]: what somebody asks for or promises, without the narration of a demo.

use vignette_model::Micros;
use vignette_model::text::{Label, TaskText};
use vignette_model::transcript::{MAX_CHAPTERS, Task};

use super::phrases::{Call, Phrases};
use super::sentence::{Sentence, Word};
use super::written;

/// What the speaker calls themself, as an owner.
const ME: &str = "me";
/// What everybody together is called, as an owner.
const TEAM: &str = "team";
/// A task says what is to be done in at least so many words.
const LEAST_WORDS: usize = 2;

/// A task and the sentence it was found in.
pub(super) struct FoundTask {
    pub(super) sentence: usize,
    pub(super) task: Task,
}

/// The tasks of a message, in the order in which they are said.
pub(super) fn tasks(sentences: &[Sentence], phrases: &Phrases) -> Vec<FoundTask> {
    let audience = sentences.iter().take(3).find_map(|sentence| audience(&sentence.words, phrases));
    let mut found = Vec::new();
    for (index, sentence) in sentences.iter().enumerate() {
        for mut asked in asked_in(&sentence.words, audience.as_deref(), phrases) {
            if asked.due.is_none() {
                asked.due =
                    sentences.get(index + 1).and_then(|next| due_of_last(&next.words, phrases));
            }
            // Who says a thing twice means it once.
            if let Some(task) = asked.into_task()
                && !found.iter().any(|found: &FoundTask| found.task.text == task.text)
            {
                found.push(FoundTask { sentence: index, task });
            }
            if found.len() == MAX_CHAPTERS {
                return found;
            }
        }
    }
    found
}

/// What is asked for or promised in a sentence.
struct Asked {
    at: Micros,
    text: String,
    owner: Option<String>,
    due: Option<String>,
}

impl Asked {
    fn into_task(self) -> Option<Task> {
        let label = |text: Option<String>| text.and_then(|text| Label::cut(&text).ok());
        Some(Task {
            at_us: self.at,
            text: TaskText::cut(&self.text).ok()?,
            owner: label(self.owner),
            due: label(self.due),
        })
    }
}

/// Who a message is for, if its greeting says so.
fn audience(words: &[Word], phrases: &Phrases) -> Option<String> {
    let (at, length, ()) = phrases.greetings.find(words).filter(|(at, ..)| *at < 3)?;
    let named = words.get(at + length)?;
    if words[at + length - 1].ends_clause() {
        None
    } else if phrases.audiences.has(&named.plain) {
        Some(TEAM.to_owned())
    } else {
        is_name(named, phrases).then(|| named.bare().to_owned())
    }
}

fn is_name(word: &Word, phrases: &Phrases) -> bool {
    word.is_capitalised() && !phrases.stop_words.has(&word.plain) && !phrases.days.has(&word.plain)
}

/// What a sentence asks for or promises; more than one thing if it calls more than once.
fn asked_in(words: &[Word], audience: Option<&str>, phrases: &Phrases) -> Vec<Asked> {
    let start = written::content_start(words, phrases);
    let closing = phrases.closings.at(&words[start..]).is_some();
    let mut found: Vec<Asked> = Vec::new();
    if closing {
        return found;
    }
    let mut at = 0;
    while at < words.len() {
        match phrases.calls.at(&words[at..]) {
            Some((length, call)) => match asked(words, at, length, call, audience, phrases) {
                Some((asked, end)) => {
                    found.push(asked);
                    at = end;
                }
                None => at += 1,
            },
            None => at += 1,
        }
    }
    found
}

/// What is called for at `at`, and where in the sentence that ends.
fn asked(
    words: &[Word],
    at: usize,
    length: usize,
    call: Call,
    audience: Option<&str>,
    phrases: &Phrases,
) -> Option<(Asked, usize)> {
    let verb_at = (at + length..words.len()).find(|at| !phrases.between.has(&words[*at].plain))?;
    let verb = &words[verb_at];
    let watches =
        phrases.watching.has(&verb.plain) && phrases.looking_after.at(&words[verb_at..]).is_none();
    if watches || phrases.closings.at(&words[verb_at..]).is_some() {
        return None;
    }
    let start = written::content_start(words, phrases);
    let is_condition = at > start
        && words[start..at].iter().any(|word| phrases.conditions.has(&word.plain))
        && !words[at - 1].ends_clause();
    let is_work = phrases.work.has(&verb.plain);
    let end = end_of(words, verb_at, phrases);
    let body = &words[verb_at..end];
    let due = due(body, phrases).or_else(|| due(&words[start..at], phrases));
    let (owner, holds) = match call {
        Call::Request => (
            owner_of_request(words, at, audience, phrases),
            phrases.is_askable(&verb.plain) || due.is_some(),
        ),
        Call::Promise => (Some(ME.to_owned()), is_promised(body, due.is_some(), phrases)),
        Call::Offer => (Some(ME.to_owned()), is_work && due.is_some()),
        Call::Duty => (None, is_work && !verb.ends_clause()),
        Call::Plan => (None, is_work && due.is_some()),
        Call::Named => {
            let name = name_before(words, at, is_work && due.is_some(), phrases)?;
            (Some(name), is_work)
        }
    };
    if !holds || is_condition || verb_at + LEAST_WORDS > end {
        return None;
    }
    let said = written::said(body, phrases);
    let mut text = written::text(&said);
    text.truncate(
        text.trim_end_matches(|c: char| c.is_ascii_punctuation() && !matches!(c, ')' | '"' | '%'))
            .len(),
    );
    Some((Asked { at: words[at].start, text, owner, due }, end))
}

/// Whether a promise is for after the recording: work that is not about what is on the screen
/// (`I'll change this one`), or something that is due.
fn is_promised(body: &[Word], is_due: bool, phrases: &Phrases) -> bool {
    let Some(verb) = body.first() else { return false };
    if is_due {
        return !phrases.telling.has(&verb.plain) && !phrases.stop_words.has(&verb.plain);
    }
    let object = body.iter().skip(1).take(3).take_while(|word| !phrases.links.has(&word.plain));
    let points = object.clone().any(|word| phrases.here.has(&word.plain));
    phrases.work.has(&verb.plain) && !points && phrases.narration.find(body).is_none()
}

/// Where what is asked for ends: before the next call in the sentence, else with it.
fn end_of(words: &[Word], from: usize, phrases: &Phrases) -> usize {
    let next_call = (from + 1..words.len()).find(|at| {
        let linked = words[at - 1].ends_clause() || phrases.openers.has(&words[at - 1].plain);
        linked && phrases.calls.at(&words[*at..]).is_some_and(|(_, call)| call != Call::Named)
    });
    match next_call {
        Some(at) if phrases.openers.has(&words[at - 1].plain) => at - 1,
        Some(at) => at,
        None => words.len(),
    }
}

/// Who is asked: the name before or after the request, else whoever the message is for.
fn owner_of_request(
    words: &[Word],
    at: usize,
    audience: Option<&str>,
    phrases: &Phrases,
) -> Option<String> {
    let before = at.checked_sub(1).map(|before| &words[before]);
    if let Some(before) = before {
        let called = before.said.ends_with(',')
            || at == 1
            || is_first_name_after_openers(words, at, phrases);
        if phrases.audiences.has(&before.plain) || before.plain == "us" {
            return Some(TEAM.to_owned());
        }
        if called
            && phrases.is_content(before)
            && !phrases.vague.has(&before.plain)
            && alone(words, at - 1, phrases)
        {
            return Some(owner_name(before));
        }
    }
    let last = words.last().filter(|last| is_name(last, phrases));
    let set_off = words.len().checked_sub(2).is_some_and(|at| words[at].said.ends_with(','));
    if let Some(last) = last.filter(|_| set_off) {
        return Some(owner_name(last));
    }
    audience.map(str::to_owned)
}

/// Whether only openers stand before the word before `at`.
fn is_first_name_after_openers(words: &[Word], at: usize, phrases: &Phrases) -> bool {
    at >= 1 && words[..at - 1].iter().all(|word| phrases.openers.has(&word.plain))
}

/// Whether the word at `at` is set off from what stands before it.
fn alone(words: &[Word], at: usize, phrases: &Phrases) -> bool {
    at == 0
        || words[at - 1].ends_clause()
        || words[..at].iter().all(|word| phrases.openers.has(&word.plain))
}

fn owner_name(word: &Word) -> String {
    word.bare().to_owned()
}

/// The name of whoever `will` do something: the word before, or two that `and` links.
fn name_before(
    words: &[Word],
    at: usize,
    small_letters: bool,
    phrases: &Phrases,
) -> Option<String> {
    let name = &words[at.checked_sub(1)?];
    if !phrases.is_content(name) || name.ends_clause() || phrases.vague.has(&name.plain) {
        return None;
    }
    let first = written::content_start(words, phrases) + 1 >= at
        || words[..at - 1].last().is_some_and(Word::ends_clause);
    let led = at.checked_sub(2).is_some_and(|before| {
        let before = &words[before];
        phrases.determiners.has(&before.plain)
            || phrases.is_content(before) && !before.ends_clause() && !first
    });
    let capital = is_name(name, phrases);
    ((capital || small_letters) && first && !led).then(|| owner_name(name))
}

/// By when something is due: what follows `by` or `until` first, else a day that is named. What
/// follows a reason is not read.
fn due(words: &[Word], phrases: &Phrases) -> Option<String> {
    let end = words.iter().position(|word| phrases.reasons.has(&word.plain)).unwrap_or(words.len());
    let words = &words[..end];
    let after_deadline = (0..words.len())
        .filter(|at| phrases.deadlines.has(&words[*at].plain))
        .find_map(|at| date(&words[at + 1..], true, phrases));
    after_deadline.or_else(|| {
        (0..words.len())
            .find_map(|at| date(&words[at..], false, phrases).filter(|_| not_named(words, at)))
    })
}

/// Whether a day stands for itself and not in a name: `Black Friday`.
fn not_named(words: &[Word], at: usize) -> bool {
    at == 0
        || !(words[at - 1].is_capitalised() && words[at].is_capitalised())
        || at == 1
        || words[at - 1].ends_clause()
}

/// A date in the next sentence about the same thing: `that one should be done by Friday`.
fn due_of_last(words: &[Word], phrases: &Phrases) -> Option<String> {
    let points_back = words.first().is_some_and(|word| phrases.pointers.has(&word.plain));
    let deadline = words.iter().position(|word| phrases.deadlines.has(&word.plain))?;
    (points_back && phrases.calls.find(words).is_none_or(|(.., call)| call == Call::Named))
        .then(|| date(&words[deadline + 1..], true, phrases))
        .flatten()
}

/// The date that `words` begin with, in the speaker's words: `next week`, `the end of March`. After
/// `by` a day of the month will do.
fn date(words: &[Word], after_deadline: bool, phrases: &Phrases) -> Option<String> {
    let plain = |at: usize| words.get(at).map_or("", |word| word.plain.as_str());
    let mut at = 0;
    if phrases.determiners.has(plain(at)) && !phrases.which.has(plain(at)) {
        at += 1;
    }
    let led = at > 0;
    let length = if phrases.edges.has(plain(at)) && phrases.links.has(plain(at + 1)) {
        let of = at + 2 + usize::from(phrases.determiners.has(plain(at + 2)));
        (phrases.spans.has(plain(of)) || phrases.days.has(plain(of))).then_some(of + 1)
    } else if phrases.which.has(plain(at))
        && (phrases.spans.has(plain(at + 1)) || phrases.days.has(plain(at + 1)))
    {
        Some(at + 2)
    } else if phrases.days.has(plain(at)) && !led {
        Some(at + 1)
    } else if phrases.ordinals.has(plain(at))
        && led
        && (after_deadline || phrases.spans.has(plain(at + 1)))
    {
        Some(at + 1 + usize::from(phrases.spans.has(plain(at + 1))))
    } else if phrases.spans.has(plain(at)) && after_deadline && !led {
        Some(at + 1 + usize::from(phrases.ordinals.has(plain(at + 1))))
    } else {
        None
    }?;
    let ended = words.get(length - 1).is_some_and(Word::ends_clause);
    let length = length + usize::from(!ended && phrases.day_parts.has(plain(length)));
    let text = words[..length].iter().map(|word| word.said).collect::<Vec<_>>().join(" ");
    Some(text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned())
}
