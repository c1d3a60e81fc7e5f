//! Divides what was said into [`Cue`]s that can be read meanwhile: a sentence or less, one or two
//! lines, a few seconds.

use std::ops::Range;

use vignette_model::text::CueText;
use vignette_model::transcript::Cue;
use vignette_model::{Micros, Span};

use crate::speech_model::Segment;
use crate::utterance::Utterance;

/// The maximum number of characters of a cue: two lines.
const MAX_CHARS: usize = 84;
/// The maximum length of a cue.
const MAX_LENGTH: Span = Span::from_secs(7);
/// A pause of this length ends a cue.
const CUE_PAUSE: Span = Span::from_millis(800);
/// Short sentences are joined over a shorter pause than this.
const JOINING_PAUSE: Span = Span::from_millis(400);
/// Cost of a break within a clause, in characters of difference in size.
const CLAUSE_COST: usize = 24;
/// A pause from this length on is audible.
const AUDIBLE_PAUSE: Span = Span::from_millis(150);
/// A sentence is a cue of its own if it is this long, or has this many letters; shorter ones are
/// joined.
const MIN_LENGTH: Span = Span::from_millis(1500);
const MIN_CHARS: usize = 30;
/// How far the estimated end of a sentence is moved to a pause.
const MAX_SENTENCE_SHIFT: Span = Span::from_millis(700);
/// How far the border of a segment is moved to a pause.
const MAX_SHIFT: Span = Span::from_millis(350);

/// A word, or a character of a language that knows no spaces, and when it is said.
#[derive(Clone, Debug)]
struct Word {
    text: String,
    /// Whether a space stands before it.
    apart: bool,
    span: Range<Micros>,
    /// Whether the time is the model's; else it is estimated.
    exact: bool,
}

/// The cues of an utterance, in order and without overlap.
pub(crate) fn cues(parts: &[Segment], utterance: &Utterance) -> Vec<Cue> {
    let words = words(parts, utterance);
    let mut cues: Vec<Cue> =
        lines(&words).into_iter().filter_map(|line| cue(&words[line])).collect();
    for n in 1..cues.len() {
        let next = cues[n].start_us;
        cues[n - 1].end_us = cues[n - 1].end_us.min(next);
    }
    cues.retain(|cue| cue.start_us < cue.end_us);
    cues
}

/// The words by the time of the clip.
fn words(parts: &[Segment], utterance: &Utterance) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for part in parts {
        let from = words.last().map_or(Micros::ZERO, |word| word.span.end);
        if part.words.is_empty() {
            words.extend(estimated(part, utterance, from));
        } else {
            words.extend(part.words.iter().map(|(text, span)| Word {
                text: text.clone(),
                apart: true,
                span: utterance.start + span.start..utterance.start + span.end.max(span.start),
                exact: true,
            }));
        }
    }
    let mut now = Micros::ZERO;
    for word in &mut words {
        now = now.max(word.span.start);
        word.span = now..word.span.end.max(now);
    }
    words
}

/// The words of a part of which only beginning and end are known: each takes its share, by its
/// letters, of the time in which somebody speaks.
fn estimated(part: &Segment, utterance: &Utterance, from: Micros) -> Vec<Word> {
    let start = to_pause(utterance.start + part.span.start, utterance).max(from);
    let end = to_pause(utterance.start + part.span.end, utterance).max(start);
    let mut voiced = within(utterance, start..end);
    if voiced.is_empty() {
        // The times of the model are off by a little: the nearest speech is meant.
        voiced = within(utterance, start.saturating_sub(MAX_SHIFT).max(from)..end + MAX_SHIFT);
    }
    let mut words = units(&part.text);
    let anchors = anchors(&words, &voiced);
    let mut letters = 0;
    for word in &mut words {
        let start = spoken_before(letters, &anchors);
        letters += weight(word);
        let end = spoken_before(letters, &anchors);
        word.span = clip_time(&voiced, start, false).unwrap_or(from)
            ..clip_time(&voiced, end, true).unwrap_or(from);
    }
    words
}

fn weight(word: &Word) -> u64 {
    word.text.chars().count() as u64 + u64::from(word.apart)
}

/// After how many letters how much has been spoken: at the beginning, at the end, and behind each
/// sentence and clause that a pause is near to.
fn anchors(words: &[Word], voiced: &[Range<Micros>]) -> Vec<(u64, Span)> {
    let mut spoken = Span::ZERO;
    let pauses: Vec<Span> = voiced
        .iter()
        .map(|span| {
            spoken += length_of(span);
            spoken
        })
        .collect();
    let all = (words.iter().map(weight).sum::<u64>().max(1), spoken);
    let mut anchors = vec![(0, Span::ZERO)];
    let mut letters = 0;
    for word in words {
        letters += weight(word);
        let near = match word {
            word if ends_sentence(word) => MAX_SENTENCE_SHIFT,
            word if ends_clause(word) => MAX_SHIFT,
            _ => continue,
        };
        let guess = spoken_before(letters, &[(0, Span::ZERO), all]);
        let pause = pauses.iter().copied().min_by_key(|pause| pause.abs_diff(guess));
        if let Some(pause) = pause.filter(|pause| {
            pause.abs_diff(guess) <= near && anchors.last().is_some_and(|last| last.1 < *pause)
        }) {
            anchors.push((letters, pause));
        }
    }
    if anchors.last().is_some_and(|last| last.0 < all.0) {
        anchors.push(all);
    }
    anchors
}

/// How long a range is: no time at all if words or voices in it overlap.
fn length_of(range: &Range<Micros>) -> Span {
    range.end.saturating_since(range.start)
}

/// How much has been spoken before so many letters.
fn spoken_before(letters: u64, anchors: &[(u64, Span)]) -> Span {
    let after =
        anchors.iter().position(|knot| knot.0 >= letters).unwrap_or(anchors.len() - 1).max(1);
    let ((from, since), (to, until)) = (anchors[after - 1], anchors[after]);
    // Anchors rise, in letters and in time.
    let share = u128::from(until.saturating_sub(since).0) * u128::from(letters.min(to) - from)
        / u128::from((to - from).max(1));
    since + Span(u64::try_from(share).unwrap_or(0))
}

/// The middle of the pause that `at` is in or near to; else `at`.
fn to_pause(at: Micros, utterance: &Utterance) -> Micros {
    let pauses = utterance.voiced.windows(2).map(|pair| pair[0].end..pair[1].start);
    let distance = |pause: &Range<Micros>| {
        if pause.contains(&at) {
            Span::ZERO
        } else {
            at.abs_diff(pause.start).min(at.abs_diff(pause.end))
        }
    };
    let nearest = pauses.min_by_key(distance).filter(|pause| distance(pause) <= MAX_SHIFT);
    nearest.map_or(at, |pause| pause.start + Span(length_of(&pause).0 / 2))
}

/// The speech within a span of the clip.
fn within(utterance: &Utterance, span: Range<Micros>) -> Vec<Range<Micros>> {
    let cut = utterance
        .voiced
        .iter()
        .map(|voiced| voiced.start.max(span.start)..voiced.end.min(span.end));
    cut.filter(|span| span.start < span.end).collect()
}

/// When in the clip so much has been spoken. Where that falls on a pause: before it if something
/// `ends` there, else after it.
fn clip_time(voiced: &[Range<Micros>], mut spoken: Span, ends: bool) -> Option<Micros> {
    for span in voiced {
        let length = length_of(span);
        if spoken < length || (ends && spoken == length) {
            return Some(span.start + spoken);
        }
        spoken = spoken.saturating_sub(length);
    }
    voiced.last().map(|span| span.end)
}

/// The words of a text; where a language knows no spaces, its characters.
fn units(text: &str) -> Vec<Word> {
    let word =
        |text: String, apart| Word { text, apart, span: Micros::ZERO..Micros::ZERO, exact: false };
    let mut units: Vec<Word> = Vec::new();
    for token in text.split_whitespace() {
        let mut apart = true;
        for c in token.chars() {
            match units.last_mut() {
                Some(unit)
                    if !(apart || stands_alone(c) || unit.text.chars().all(stands_alone)) =>
                {
                    unit.text.push(c)
                }
                // Punctuation stays with what it follows.
                Some(unit) if !apart && !c.is_alphanumeric() => unit.text.push(c),
                _ => units.push(word(c.to_string(), apart)),
            }
            apart = false;
        }
    }
    units
}

/// Whether a character is of a script that is written without spaces: Chinese, Japanese, Thai, Lao,
/// Khmer, Burmese.
const fn stands_alone(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn ends_sentence(word: &Word) -> bool {
    let last = word.text.trim_end_matches(['"', '\'', '”', '’', '»', ')', '」']).chars().last();
    matches!(last, Some('.' | '?' | '!' | '…' | '。' | '？' | '！' | '।' | '؟'))
}

fn ends_clause(word: &Word) -> bool {
    matches!(word.text.chars().last(), Some(',' | ';' | ':' | '–' | '—' | '、' | '，' | '；'))
}

fn chars(words: &[Word]) -> usize {
    words.iter().map(|word| word.text.chars().count() + usize::from(word.apart)).sum()
}

fn length(words: &[Word]) -> Span {
    words.last().map_or(Span::ZERO, |last| length_of(&(words[0].span.start..last.span.end)))
}

/// Divides words into lines: behind sentences and at pauses, long sentences into parts, and short
/// ones joined again.
fn lines(words: &[Word]) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for next in 1..=words.len() {
        if words.get(next).is_none_or(|following| {
            ends_sentence(&words[next - 1]) || pause(&words[next - 1], following) >= CUE_PAUSE
        }) {
            for part in parts(words, start..next) {
                match lines.last_mut() {
                    Some(last) if belongs(words, last, &part) => last.end = part.end,
                    _ => lines.push(part),
                }
            }
            start = next;
        }
    }
    lines
}

fn pause(before: &Word, after: &Word) -> Span {
    length_of(&(before.span.end..after.span.start))
}

fn fits(words: &[Word]) -> bool {
    chars(words) <= MAX_CHARS && length(words) <= MAX_LENGTH
}

/// Whether two lines are better one: both together are short enough, one alone is very short, and
/// no pause is between.
fn belongs(words: &[Word], a: &Range<usize>, b: &Range<usize>) -> bool {
    let short = |line: &Range<usize>| {
        length(&words[line.clone()]) < MIN_LENGTH && chars(&words[line.clone()]) < MIN_CHARS
    };
    let together =
        pause(&words[a.end - 1], &words[b.start]) < JOINING_PAUSE && fits(&words[a.start..b.end]);
    together && (short(a) || short(b))
}

/// A sentence in parts that fit, of about the same size, rather behind a clause or at a pause than
/// elsewhere.
fn parts(words: &[Word], mut sentence: Range<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    while !fits(&words[sentence.clone()]) {
        let all = chars(&words[sentence.clone()]);
        let by_time =
            usize::try_from(length(&words[sentence.clone()]).0.div_ceil(MAX_LENGTH.0)).unwrap_or(1);
        let share = all / all.div_ceil(MAX_CHARS).max(by_time).max(2);
        let cost = |&end: &usize| {
            let off = chars(&words[sentence.start..end]).abs_diff(share);
            let (last, next) = (&words[end - 1], &words[end]);
            off + if ends_clause(last) { 0 } else { CLAUSE_COST }
                + if pause(last, next) > AUDIBLE_PAUSE { 0 } else { CLAUSE_COST / 2 }
        };
        let ends =
            (sentence.start + 1..sentence.end).take_while(|&end| fits(&words[sentence.start..end]));
        let Some(end) = ends.min_by_key(cost) else { break };
        parts.push(sentence.start..end);
        sentence.start = end;
    }
    parts.push(sentence);
    parts
}

fn cue(line: &[Word]) -> Option<Cue> {
    let (first, last) = (line.first()?, line.last()?);
    let mut text = String::new();
    for word in line {
        if word.apart {
            text.push(' ');
        }
        text.push_str(&word.text);
    }
    let exact = line.iter().all(|word| word.exact && !word.text.contains(char::is_whitespace));
    Some(Cue {
        start_us: first.span.start,
        end_us: last.span.end,
        text: CueText::cut(&text).ok()?,
        word_starts_us: if exact {
            line.iter().map(|word| word.span.start).collect()
        } else {
            Vec::new()
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(n: u64) -> Micros {
        Micros::from_secs(n)
    }

    fn utterance(voiced: &[(u64, u64)]) -> Utterance {
        let voiced = voiced
            .iter()
            .map(|&(start, end)| Micros::from_millis(start)..Micros::from_millis(end))
            .collect();
        Utterance { start: secs(10), sound: Vec::new(), voiced }
    }

    fn part(start: u64, end: u64, text: &str) -> Segment {
        Segment {
            span: Span::from_millis(start)..Span::from_millis(end),
            text: text.to_owned(),
            words: Vec::new(),
        }
    }

    fn shown(cues: &[Cue]) -> Vec<(u64, u64, &str)> {
        cues.iter()
            .map(|cue| (cue.start_us.0 / 1000, cue.end_us.0 / 1000, cue.text.as_str()))
            .collect()
    }

    #[test]
    fn a_part_is_as_long_as_it_is_spoken() {
        let utterance = utterance(&[(10_300, 12_000), (13_000, 15_000)]);
        let parts =
            [part(0, 2200, "One thing is this."), part(2200, 6000, "The other thing is that.")];
        assert_eq!(
            shown(&cues(&parts, &utterance)),
            [(10_300, 12_000, "One thing is this."), (13_000, 15_000, "The other thing is that.")]
        );
    }

    #[test]
    fn sentences_within_a_part_are_divided_where_the_pause_is() {
        let utterance = utterance(&[(10_000, 14_000), (15_000, 19_000)]);
        let parts = [part(
            0,
            9000,
            "These are four seconds of speech. And there are four seconds as well.",
        )];
        let cues = cues(&parts, &utterance);
        assert_eq!(cues.len(), 2, "{cues:?}");
        assert!(cues[1].start_us.abs_diff(secs(15)) < Span::from_millis(500), "{cues:?}");
    }

    #[test]
    fn long_sentences_are_broken_behind_a_clause() {
        let utterance = utterance(&[(10_000, 20_000)]);
        let text = "When you press the button in the corner of the window, the recording begins at \
            once and the link is \
                    copied, so you can paste it.";
        let cues = cues(&[part(0, 10_000, text)], &utterance);
        let texts: Vec<_> = cues.iter().map(|cue| cue.text.as_str()).collect();
        assert_eq!(texts[0], "When you press the button in the corner of the window,");
        assert!(texts.iter().all(|text| text.chars().count() <= MAX_CHARS), "{texts:?}");
        assert!(cues.windows(2).all(|pair| pair[0].end_us <= pair[1].start_us), "{cues:?}");
    }

    #[test]
    fn short_sentences_are_joined() {
        let cues =
            cues(&[part(0, 3000, "Yes. No. Well, perhaps so.")], &utterance(&[(10_000, 13_000)]));
        assert_eq!(shown(&cues), [(10_000, 13_000, "Yes. No. Well, perhaps so.")]);
    }

    #[test]
    fn words_whose_time_is_known_keep_it() {
        let words = ["Hello", "there.", "Next", "words."];
        let at = [500, 900, 4000, 4500];
        let words = words.iter().zip(at).map(|(word, at)| {
            ((*word).to_owned(), Span::from_millis(at)..Span::from_millis(at + 300))
        });
        let part = Segment { words: words.collect(), ..part(0, 5000, "Hello there. Next words.") };
        let cues = cues(&[part], &utterance(&[(10_500, 15_000)]));
        assert_eq!(
            shown(&cues),
            [(10_500, 11_200, "Hello there."), (14_000, 14_800, "Next words.")]
        );
        assert_eq!(
            cues[0].word_starts_us,
            [Micros::from_millis(10_500), Micros::from_millis(10_900)]
        );
    }

    #[test]
    fn a_language_without_spaces_is_divided_too() {
        let text = "これは長い文です。".repeat(14);
        let cues = cues(&[part(0, 20_000, &text)], &utterance(&[(10_000, 30_000)]));
        assert!(cues.len() >= 3, "{cues:?}");
        assert!(cues.iter().all(|cue| cue.text.as_str().ends_with('。')), "{cues:?}");
        let all: String = cues.iter().map(|cue| cue.text.as_str()).collect();
        assert_eq!(all, text, "nothing is lost and no space is added");
    }

    #[test]
    fn every_cue_lasts_and_none_overlap_whatever_the_model_says() {
        let parts = [
            part(5000, 1000, "Backwards in time."),
            part(0, 0, "No time at all."),
            part(900_000, 900_001, "Far beyond."),
        ];
        let cues = cues(&parts, &utterance(&[(10_000, 16_000)]));
        assert!(cues.iter().all(|cue| cue.start_us < cue.end_us), "{cues:?}");
        assert!(cues.windows(2).all(|pair| pair[0].end_us <= pair[1].start_us), "{cues:?}");
    }
}
