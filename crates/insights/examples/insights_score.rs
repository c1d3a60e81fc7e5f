//! Prints how near the extractive insights come to the references of the corpus, the tuned set next
//! to the held-out one.
//!
//! `cargo run -p vignette-insights --example insights_score` prints the table of all of it; with
//! the name of a transcript of the tuned set, what was made of that one.
#![expect(clippy::print_stdout, reason = "it prints a table")]
#![expect(clippy::unwrap_used, reason = "a corpus that cannot be read is to be mended")]

#[path = "../tests/insights/corpus.rs"]
mod corpus;
#[path = "../tests/insights/score.rs"]
mod score;

use score::Score;
use vignette_insights::extractive;

fn main() {
    match std::env::args().nth(1) {
        Some(name) => show(&name),
        None => table(),
    }
}

fn table() {
    println!(
        "| set | transcripts | title F1 | untitled | summary F1 | tasks P / R | owner | due | \
         chapters P / R |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for part in ["tuned", "held_out"] {
        let mut sum = Score::default();
        for transcript in corpus::read(part) {
            sum += Score::of(
                &extractive(&transcript.cues, transcript.duration, Some(&transcript.language)),
                &transcript,
            );
        }
        println!(
            "| {part} | {} | {:.2} | {} | {:.2} | {:.2} / {:.2} | {} of {} | {} of {} | {:.2} \
             / {:.2} |",
            sum.transcripts,
            sum.title(),
            sum.untitled,
            sum.summary(),
            sum.tasks.precision(),
            sum.tasks.recall(),
            sum.owners,
            sum.tasks.right,
            sum.dues,
            sum.tasks.right,
            sum.chapters.precision(),
            sum.chapters.recall(),
        );
    }
}

fn show(name: &str) {
    for transcript in
        corpus::read("tuned").iter().filter(|transcript| name == "all" || transcript.name == name)
    {
        let insights =
            extractive(&transcript.cues, transcript.duration, Some(&transcript.language));
        let score = Score::of(&insights, transcript);
        println!("# {} ({})\n{}\n", insights.title, transcript.name, insights.summary);
        for chapter in &insights.chapters {
            println!("{} {}", chapter.start_us, chapter.title);
        }
        for task in &insights.tasks {
            let said =
                |label: &Option<_>| label.as_ref().map_or("-".to_owned(), ToString::to_string);
            println!("{} [{}, {}] {}", task.at_us, said(&task.owner), said(&task.due), task.text);
        }
        println!("{score:?}\n");
    }
}
