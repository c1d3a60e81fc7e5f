//! The extractive insights: good enough on the corpus, and never wrong in form whatever was said.

use std::sync::Arc;

use proptest::prelude::*;
use vignette_insights::extractive;
use vignette_model::text::CueText;
use vignette_model::transcript::{Cue, Insights, MAX_CUES};
use vignette_model::{Micros, Span, SystemClock, TakeClock};

use crate::corpus::{self, Transcript};
use crate::score::Score;

fn made_of(transcript: &Transcript) -> Insights {
    extractive(&transcript.cues, transcript.duration, Some(&transcript.language))
}

fn transcript(name: &str) -> Transcript {
    corpus::read("tuned").into_iter().find(|transcript| transcript.name == name).unwrap()
}

#[test]
fn the_score_of_the_tuned_set_does_not_fall() {
    let mut sum = Score::default();
    for transcript in corpus::read("tuned") {
        sum += Score::of(&made_of(&transcript), &transcript);
    }
    let scores = [
        ("titles", sum.title(), 0.58),
        ("summaries", sum.summary(), 0.44),
        ("tasks", sum.tasks.f1(), 0.86),
        ("chapters", sum.chapters.f1(), 0.76),
    ];
    for (what, score, floor) in scores {
        assert!(
            score >= floor,
            "{what} score {score:.2}, below {floor}: a change of the rules made them worse"
        );
    }
    assert!(
        sum.owners * 10 >= sum.tasks.right * 9,
        "nine of ten tasks have the right owner: {} of {}",
        sum.owners,
        sum.tasks.right
    );
    assert!(
        sum.dues * 10 >= sum.tasks.right * 9,
        "nine of ten tasks have the right date: {} of {}",
        sum.dues,
        sum.tasks.right
    );
}

#[test]
fn a_bug_report_is_told_in_the_words_of_its_speaker() {
    let insights = made_of(&transcript("bug-report"));
    assert_eq!(insights.title.as_str(), "Problem with the invoice export");
    assert!(
        insights.summary.as_str().contains("\n- If I take the filter away, the export is fine."),
        "{}",
        insights.summary
    );
    let tasks: Vec<_> = insights
        .tasks
        .iter()
        .map(|task| (task.owner.as_ref().map(|owner| owner.as_str()), task.text.as_str()))
        .collect();
    assert_eq!(tasks[0], (Some("me"), "Write a failing test for it today"));
    assert_eq!(
        tasks[1],
        (Some("Priya"), "Take a look at the pager change, since you wrote that part")
    );
    assert_eq!(insights.tasks[0].due.as_ref().map(|due| due.as_str()), Some("today"));
    assert!(insights.chapters.is_empty(), "a clip of a minute has no chapters");
}

/// Sentences that follow each other without a pause to speak of, as most people talk.
fn said(sentences: &[&str]) -> (Vec<Cue>, Span) {
    let mut at_us = 500_000;
    let cues: Vec<Cue> = sentences
        .iter()
        .map(|text| {
            let start_us = Micros(at_us);
            at_us += 120_000 * text.len() as u64;
            let end_us = Micros(at_us);
            at_us += 250_000;
            let text = CueText::new(text).unwrap();
            Cue { start_us, end_us, text, word_starts_us: Vec::new() }
        })
        .collect();
    (cues, Span(at_us + 500_000))
}

const COUNTED_TALK: &[&str] = &[
    "Hi everyone, this is a quick update on the release of the import.",
    "There are four things that I want to go through with you today.",
    "First, the upload of large files.",
    "We had many reports that files above two gigabytes stopped in the middle and never came back.",
    "The cause was a timeout in the proxy, which we raised on Monday.",
    "Since then nobody has reported it again, and the graphs look calm.",
    "Second, the new importer for spreadsheets.",
    "It reads the columns by their names now, so the order does not matter any more.",
    "Let me show you what happens when a column is missing.",
    "You get a list of the rows that could not be read, and the rest is imported.",
    "One customer still sees an error with dates from before 1970.",
    "Tom, can you please look into that before Thursday?",
    "Third, the numbers of the last quarter.",
    "We imported about nine million rows, which is twice as many as in spring.",
    "Support had half as many tickets, and most of them were about passwords.",
    "The cost of the servers stayed the same, because we moved the jobs to the night.",
    "Finally, what comes next.",
    "We will work on the export in October, and on a preview of the mapping after that.",
    "If you have wishes for either of them, write them into the planning document.",
    "Thank you for listening, and see you next week.",
];

#[test]
fn parts_that_the_speaker_counts_are_chapters() {
    let (cues, duration) = said(COUNTED_TALK);
    let insights = extractive(&cues, duration, Some("en"));
    let starts: Vec<Micros> = insights.chapters.iter().map(|chapter| chapter.start_us).collect();
    let wanted = ["First", "Second", "Third", "Finally"]
        .map(|word| cues.iter().find(|cue| cue.text.as_str().starts_with(word)).unwrap().start_us);
    // What stands before the first belongs to it, if it is short.
    assert_eq!(starts.len(), 1 + wanted.iter().filter(|at| at.0 >= 15_000_000).count());
    for at in wanted.iter().filter(|at| at.0 >= 15_000_000) {
        assert!(starts.contains(at), "{at}: {:?}", insights.chapters);
    }
}

#[test]
fn steps_that_are_counted_quickly_are_no_chapters() {
    let steps = ["First, open it.", "Second, choose a file.", "Third, press the button."];
    let mut talk = COUNTED_TALK.to_vec();
    talk.splice(2..3, steps);
    talk.retain(|text| {
        !["Second, the", "Third, the", "Finally,"].iter().any(|s| text.starts_with(s))
    });
    let (cues, duration) = said(&talk);
    let chapters = extractive(&cues, duration, Some("en")).chapters;
    let step_at = |n: usize| cues[2 + n].start_us;
    assert!((0..3).all(|n| chapters.iter().all(|it| it.start_us != step_at(n))), "{chapters:?}");
}

#[test]
fn somebody_who_is_spoken_to_and_asked_has_a_task() {
    let (cues, duration) = said(COUNTED_TALK);
    let tasks = extractive(&cues, duration, Some("en")).tasks;
    let of_tom = tasks.iter().find(|task| task.text.as_str().contains("ook into that"));
    let of_tom = of_tom.unwrap_or_else(|| panic!("{tasks:?}"));
    let label = |label: &Option<_>| label.as_ref().map(ToString::to_string);
    assert_eq!(label(&of_tom.owner).as_deref(), Some("Tom"));
    assert_eq!(label(&of_tom.due).as_deref(), Some("Thursday"));
    let (cues, duration) = said(&["Please look at the left side of the screen.", "That is all."]);
    assert!(extractive(&cues, duration, Some("en")).tasks.is_empty(), "watching is no task");
}

#[test]
fn the_narration_of_a_demo_is_no_task() {
    let tasks = made_of(&transcript("feature-demo")).tasks;
    for narrated in ["show you shared views", "click on filter", "copy the link", "lock this one"] {
        assert!(
            tasks.iter().all(|task| !task.text.as_str().to_lowercase().contains(narrated)),
            "{narrated}: {tasks:?}"
        );
    }
}

#[test]
fn what_is_asked_twice_is_one_task() {
    let once = transcript("bug-report");
    let mut twice = transcript("bug-report");
    for cue in &once.cues {
        let (start_us, end_us) = (cue.start_us + once.duration, cue.end_us + once.duration);
        twice.cues.push(Cue { start_us, end_us, word_starts_us: Vec::new(), ..cue.clone() });
    }
    twice.duration += once.duration;
    assert_eq!(made_of(&twice).tasks, made_of(&once).tasks, "the first time counts");
}

#[test]
fn summaries_are_as_long_as_their_clip_deserves() {
    for transcript in corpus::read("tuned").into_iter().chain(corpus::read("held_out")) {
        let most = match transcript.duration.0 / 1_000_000 {
            0..60 => 35,
            60..180 => 90,
            180..600 => 150,
            600..1_800 => 250,
            _ => 400,
        };
        let summary = made_of(&transcript).summary;
        let words = summary.as_str().split_whitespace().filter(|word| *word != "-").count();
        assert!(
            (5..=most).contains(&words),
            "{}: {words} words in a summary of at most {most}",
            transcript.name
        );
    }
}

#[test]
fn another_language_gets_lead_sentences_and_no_guesses() {
    let german = transcript("german");
    let insights = made_of(&german);
    assert!(
        insights.summary.as_str().starts_with("Hallo zusammen, es geht um einen Fehler"),
        "{}",
        insights.summary
    );
    assert_eq!(
        (insights.title.as_str(), insights.tasks.len(), insights.chapters.len()),
        ("", 0, 0)
    );
    assert_eq!(
        extractive(&german.cues, german.duration, None),
        insights,
        "without a tag it is not taken for English"
    );
    let english = transcript("bug-report");
    assert_eq!(
        extractive(&english.cues, english.duration, None),
        made_of(&english),
        "English is known without a tag"
    );
}

#[test]
fn nothing_said_is_nothing_made() {
    assert_eq!(extractive(&[], Span::from_secs(600), Some("en")), Insights::default());
    assert_eq!(extractive(&[], Span::ZERO, None), Insights::default());
}

#[test]
fn ten_hours_of_speech_take_a_moment() {
    let tuned = corpus::read("tuned");
    let english = tuned
        .iter()
        .filter(|transcript| transcript.language == "en")
        .flat_map(|transcript| &transcript.cues);
    let cues: Vec<Cue> = english
        .cycle()
        .zip(0..MAX_CUES as u64)
        .map(|(cue, at)| Cue {
            start_us: Micros::from_secs(2 * at),
            end_us: Micros::from_secs(2 * at + 2),
            ..cue.clone()
        })
        .collect();
    let clock = TakeClock::begin(Arc::new(SystemClock::new()));
    let insights = extractive(&cues, Span::from_secs(36_000), Some("en"));
    let took = clock.now();
    assert!(!insights.summary.as_str().is_empty(), "a long clip has a summary too");
    // Half a second without optimisation; comparing each sentence with each would take minutes.
    assert!(took < Micros::from_secs(20), "{} ms for ten hours of speech", took.0 / 1_000);
}

prop_compose! {
    fn any_cue()(
        start in prop_oneof![0..600_000_000_u64, any::<u64>()],
        length in 0..20_000_000_u64,
        text in prop_oneof![
            "\\PC{1,200}",
            "((please|I'll|we should|next|now|the|a|by Friday|Priya,|um,|i|show you|how \
             to|export|page|of|and|\\.|\\?) ?){1,30}",
        ],
        starts in prop::collection::vec(any::<u64>(), 0..4),
    ) -> Option<Cue> {
        let text = CueText::cut(&text).ok()?;
        let word_starts_us = starts.into_iter().map(Micros).collect();
        Some(Cue { start_us: Micros(start), end_us: Micros(start.wrapping_add(length)), text, word_starts_us })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn whatever_was_said_the_insights_are_well_formed(
        cues in prop::collection::vec(any_cue(), 0..40),
        duration in prop_oneof![0..1_200_000_000_u64, any::<u64>()].prop_map(Span),
        language in prop::sample::select(vec![None, Some("en"), Some("EN-gb"), Some("de"), Some("")]),
    ) {
        let cues: Vec<Cue> = cues.into_iter().flatten().collect();
        let insights = extractive(&cues, duration, language);
        prop_assert!(insights.chapters.is_sorted_by_key(|chapter| chapter.start_us), "chapters are in order");
        prop_assert!(insights.chapters.iter().all(|chapter| chapter.start_us.since_start() <= duration), "chapters lie within the clip");
        prop_assert!(insights.tasks.iter().all(|task| task.at_us.since_start() <= duration), "tasks lie within the clip");
        prop_assert!(insights.tasks.is_sorted_by_key(|task| task.at_us), "tasks are in order");
        prop_assert_eq!(insights, extractive(&cues, duration, language), "the same cues make the \
            same insights");
    }
}
