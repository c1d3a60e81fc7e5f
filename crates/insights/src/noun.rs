//! A [`NounGroup`]: words that name a thing, `the retry queue pull request`.

use super::phrases::Phrases;
use super::sentence::Word;

/// No title is made of more words than this.
const MAX_WORDS: usize = 9;
/// No thing is named by more words than this before `of` or `for`.
const MAX_CORE: usize = 5;

/// Where in a sentence a thing is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NounGroup {
    /// How many words lead to the name: `the`.
    pub(super) led_by: usize,
    /// Where its head, the last word before `of`, ends.
    pub(super) head_end: usize,
    /// Where the whole group ends.
    pub(super) end: usize,
}

impl NounGroup {
    /// The group that `words` begin with.
    pub(super) fn at(words: &[Word], phrases: &Phrases) -> Option<Self> {
        let led_by = words
            .iter()
            .take(2)
            .take_while(|word| phrases.determiners.has(&word.plain) && !word.ends_clause())
            .count();
        let head_end = led_by + core(&words[led_by..], phrases)?;
        let mut end = head_end;
        while let Some(linked) = linked(words, end, phrases) {
            end = linked;
        }
        Some(Self { led_by, head_end, end })
    }

    /// Whether it names nothing in particular: `the interesting part`.
    pub(super) fn is_vague(&self, words: &[Word], phrases: &Phrases) -> bool {
        let alone = self.head_end == self.led_by + 1;
        words.get(self.head_end - 1).is_none_or(|head| {
            let head = head.plain.as_str();
            phrases.vague.has(head) || phrases.days.has(head) || (alone && phrases.weak.has(head))
        })
    }
}

/// How many words name a thing.
fn core(words: &[Word], phrases: &Phrases) -> Option<usize> {
    let mut length = 0;
    for word in words.iter().take(MAX_CORE) {
        let numbered = length > 0
            && (phrases.numbers.has(&word.plain)
                || word.plain.starts_with(|c: char| c.is_ascii_digit()));
        let counts = length == 0
            && phrases.ordinals.has(&word.plain)
            && words.get(1).is_some_and(|next| phrases.is_content(next));
        if !numbered && !counts && !phrases.is_content(word) {
            break;
        }
        length += 1;
        if word.ends_clause() {
            return Some(length);
        }
    }
    // `the page loads the bundle`: what stands between a thing and the next one is a verb.
    let acts = |word: &Word| {
        word.plain.ends_with("ed") || (word.plain.ends_with('s') && !word.plain.ends_with("ss"))
    };
    let thing_follows = words.get(length).is_some_and(|next| {
        phrases.determiners.has(&next.plain) || phrases.subjects.has(&next.plain)
    });
    if length > 1 && thing_follows && acts(&words[length - 1]) {
        length -= 1;
    }
    (length > 0).then_some(length)
}

/// Where a group that is linked to one which ends at `end` ends itself.
fn linked(words: &[Word], end: usize, phrases: &Phrases) -> Option<usize> {
    let link = words.get(end)?;
    let open = words.get(end.checked_sub(1)?).is_some_and(|last| !last.ends_clause());
    if !open || !phrases.links.has(&link.plain) || link.ends_clause() {
        return None;
    }
    let rest = &words[end + 1..];
    let led_by = rest
        .iter()
        .take(2)
        .take_while(|word| phrases.determiners.has(&word.plain) && !word.ends_clause())
        .count();
    let length = core(&rest[led_by..], phrases)?;
    let dated = rest[led_by..led_by + length]
        .iter()
        .any(|word| phrases.days.has(&word.plain) || phrases.vague.has(&word.plain));
    let whole = end + 1 + led_by + length;
    (whole <= MAX_WORDS && !dated).then_some(whole)
}
