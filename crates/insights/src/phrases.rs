//! [`Phrases`]: what a language says when somebody greets, names a topic, asks for something or
//! promises it.
//!
//! Each language is a table of its own that declares word groups; all rules read them from here and
//! know no language themselves. A language without a table gets lead sentences only.

mod english;

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::LazyLock;

use super::sentence::Word;

/// Words of a language, in small letters.
pub(super) struct Words(HashSet<&'static str>);

impl Words {
    fn new(lists: &[&'static str]) -> Self {
        Self(lists.iter().flat_map(|list| list.split_whitespace()).collect())
    }

    pub(super) fn has(&self, plain: &str) -> bool {
        self.0.contains(plain)
    }
}

/// Word groups of a language, each with what it stands for.
pub(super) struct Groups<T = ()> {
    by_first: HashMap<&'static str, Vec<(Vec<&'static str>, T)>>,
}

impl<T: Copy> Groups<T> {
    fn new(groups: &[(&'static str, T)]) -> Self {
        let mut by_first: HashMap<_, Vec<_>> = HashMap::new();
        for (group, meaning) in groups {
            let words: Vec<&str> = group.split_whitespace().collect();
            if let Some(first) = words.first() {
                by_first.entry(*first).or_default().push((words, *meaning));
            }
        }
        for groups in by_first.values_mut() {
            groups.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        Self { by_first }
    }

    /// The longest group that `words` begin with: how many words it has, and what it stands for.
    pub(super) fn at(&self, words: &[Word]) -> Option<(usize, T)> {
        let groups = self.by_first.get(words.first()?.plain.as_str())?;
        let fits = |group: &[&str]| {
            group.len() <= words.len()
                && group.iter().zip(words).all(|(own, word)| *own == word.plain)
        };
        groups.iter().find(|(group, _)| fits(group)).map(|(group, meaning)| (group.len(), *meaning))
    }

    /// The first group anywhere in `words`: where it begins, how many words it has, and what it
    /// stands for.
    pub(super) fn find(&self, words: &[Word]) -> Option<(usize, usize, T)> {
        (0..words.len())
            .find_map(|at| self.at(&words[at..]).map(|(length, meaning)| (at, length, meaning)))
    }
}

impl Groups {
    fn of(list: &[&'static str]) -> Self {
        Self::new(&list.iter().map(|group| (*group, ())).collect::<Vec<_>>())
    }
}

/// What is made of the words after a group that names the topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    /// The thing itself: `talk about the login page` → `Login page`.
    Thing,
    /// Words before the thing: `feedback on the login page` → `Feedback on the login page`.
    Led(&'static str),
    /// What somebody does: `show you how to log in` → `How to log in`.
    Clause(&'static str),
}

/// Who is to do what somebody asks for or promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// `please`: whoever is spoken to, whatever it is.
    Request,
    /// `I will`: the speaker, if it is work and no narration.
    Promise,
    /// `I can`: the speaker, if it is work and it is said by when.
    Offer,
    /// `we have to`: nobody in particular, if it is work.
    Duty,
    /// `we will`: nobody in particular, if it is work and it is said by when.
    Plan,
    /// `will`, after a name: whoever is named, if it is work.
    Named,
}

/// Where a part stands among those that the speaker counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    /// `first` is 1.
    Nth(u8),
    /// `finally`.
    Last,
}

/// All tables of a language.
pub(super) struct Phrases {
    /// Words that say nothing about the topic.
    pub(super) stop_words: Words,
    /// `the`, `our`: what a noun group begins with.
    pub(super) determiners: Words,
    /// `I`, `they`: who does something.
    pub(super) subjects: Words,
    /// `two`, `third`: what may follow a name, `release two`.
    pub(super) numbers: Words,
    /// `what`, `how`: what a clause may begin with that names a topic.
    pub(super) question_words: Words,
    /// What points to something on the screen.
    pub(super) here: Words,
    /// What links two noun groups: `for`, `of`.
    pub(super) links: Words,
    /// Words that are verbs nearly always: a noun group ends before them.
    pub(super) verbs: Words,
    /// Adverbs and the like that may stand between a call and its verb.
    pub(super) between: Words,
    /// Nouns that name nothing in particular: `thing`, `part`.
    pub(super) vague: Words,
    /// Nouns that name nothing alone: `page`, `problem`.
    pub(super) weak: Words,
    /// `is`, `will`, `can`.
    pub(super) auxiliaries: Words,
    /// `so`, `but`: with a subject after it, a clause begins.
    pub(super) joints: Words,
    /// `that`, `because`: a subject after it begins no sentence of its own.
    pub(super) binders: Words,
    /// What a message begins with: `good morning`.
    pub(super) greetings: Groups,
    /// Who a greeting is for, if it is for many: `everyone`.
    pub(super) audiences: Words,
    /// Thanks and goodbyes.
    pub(super) closings: Groups,
    /// What is said while thinking: left out wherever it stands.
    pub(super) fillers: Groups,
    /// Fillers only where commas stand around them, or at the beginning: `like`.
    pub(super) set_off_fillers: Groups,
    /// Words at the beginning of a sentence that link it to the one before: left out.
    pub(super) openers: Words,
    /// Words that point to a sentence before: one that begins with it says little alone.
    pub(super) pointers: Words,
    /// What names the topic.
    pub(super) topics: Groups<Topic>,
    /// What marks a sentence that a summary should have.
    pub(super) weighty: Groups,
    /// What marks the narration of a demo.
    pub(super) narration: Groups,
    /// What begins a new part.
    pub(super) markers: Groups,
    /// What counts parts: `first`, `secondly`, `finally`.
    pub(super) counters: Groups<Count>,
    /// The title of what comes before the first part.
    pub(super) introduction: &'static str,
    /// What asks for something or promises it.
    pub(super) calls: Groups<Call>,
    /// What people do for others: `send`, `fix`.
    pub(super) work: Words,
    /// `don't`: what turns a request into its opposite.
    pub(super) negations: Words,
    /// What somebody does in the recording itself: `show`, `explain`.
    pub(super) telling: Words,
    /// What is asked of a watcher and no task: `imagine`.
    pub(super) watching: Words,
    /// What begins with such a word and is work all the same: `look into`.
    pub(super) looking_after: Groups,
    /// After this a reason or a condition follows, no task and no date.
    pub(super) reasons: Words,
    /// After these words at the beginning a sentence is a condition.
    pub(super) conditions: Words,
    /// `by`, `until`: what leads to a date by which something is due.
    pub(super) deadlines: Words,
    /// `next`, `this`: what makes a date of a span.
    pub(super) which: Words,
    /// `week`, `month`: a span of time.
    pub(super) spans: Words,
    /// `Monday`, `tomorrow`: a day in a word.
    pub(super) days: Words,
    /// `twentieth`: a day of the month.
    pub(super) ordinals: Words,
    /// `morning`: a part of a day.
    pub(super) day_parts: Words,
    /// `end`, `beginning`: an edge of a span.
    pub(super) edges: Words,
}

static ENGLISH: LazyLock<Phrases> = LazyLock::new(english::phrases);

/// From this share of stop words on, a text in no known language is English.
const ENGLISH_SHARE: f32 = 0.3;

impl Phrases {
    /// The tables for a BCP 47 tag. Without a tag the words themselves say whether it is English.
    pub(super) fn of<'a>(
        language: Option<&str>,
        words: impl Iterator<Item = &'a str>,
    ) -> Option<&'static Self> {
        match language {
            Some(tag) => {
                let primary = tag.split(['-', '_']).next().unwrap_or_default();
                primary.eq_ignore_ascii_case("en").then(|| &*ENGLISH)
            }
            None => {
                let (mut all, mut known) = (0_f32, 0_f32);
                for word in words.take(2_000) {
                    all += 1.0;
                    known += f32::from(u8::from(ENGLISH.stop_words.has(word)));
                }
                (known >= all * ENGLISH_SHARE && all > 0.0).then(|| &*ENGLISH)
            }
        }
    }

    /// Whether a clause that can stand alone begins with `one`, between the words before and after
    /// it.
    pub(super) fn opens_clause(&self, before: &str, one: &str, two: &str) -> bool {
        let bound = self.binders.has(before) || self.joints.has(before) || self.links.has(before);
        let joined =
            self.joints.has(one) && (self.subjects.has(two) || self.question_words.has(two));
        joined || (!bound && self.subjects.has(one) && self.auxiliaries.has(two))
    }

    /// Whether a word can be what somebody is asked to do.
    pub(super) fn is_askable(&self, verb: &str) -> bool {
        self.work.has(verb) || self.negations.has(verb) || !self.stop_words.has(verb)
    }

    /// Whether a word can name a thing: no function word, no verb, no number.
    pub(super) fn is_content(&self, word: &Word) -> bool {
        let plain = word.plain.as_str();
        plain.chars().count() > 1
            && plain.chars().any(char::is_alphabetic)
            && !plain.contains('\'')
            && !self.stop_words.has(plain)
            && !self.verbs.has(plain)
    }
}
