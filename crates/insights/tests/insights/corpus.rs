//! The corpus: transcripts with what a good title, summary, chapters and tasks of each would be.
//! See `tests/corpus/README.md`.

use std::fs;
use std::path::{Path, PathBuf};

use vignette_model::text::CueText;
use vignette_model::transcript::Cue;
use vignette_model::{Micros, Span};

/// A transcript and its references.
pub(crate) struct Transcript {
    /// The name of its file.
    pub(crate) name: String,
    /// BCP 47 tag.
    pub(crate) language: String,
    /// How long the clip is.
    pub(crate) duration: Span,
    /// What was said.
    pub(crate) cues: Vec<Cue>,
    /// Good titles, any of them.
    pub(crate) titles: Vec<String>,
    /// What the summary should say.
    pub(crate) points: Vec<String>,
    /// Where each chapter begins.
    pub(crate) chapters: Vec<Micros>,
    /// What is to be done.
    pub(crate) tasks: Vec<Task>,
}

/// A task as it should be found.
pub(crate) struct Task {
    /// Where it is said.
    pub(crate) at: Micros,
    /// Who is to do it.
    pub(crate) owner: Option<String>,
    /// By when.
    pub(crate) due: Option<String>,
    /// What is to be done.
    pub(crate) text: String,
}

/// The transcripts of a part of the corpus, in order of their names: `tuned` or `held_out`.
pub(crate) fn read(part: &str) -> Vec<Transcript> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(part);
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| parse(file)).collect()
}

fn parse(file: &Path) -> Transcript {
    let text = fs::read_to_string(file).unwrap();
    let (head, body) =
        text.split_once("\n---\n").unwrap_or_else(|| panic!("{} has no cues", file.display()));
    let mut transcript = Transcript {
        name: file.file_stem().unwrap().to_string_lossy().into_owned(),
        language: String::new(),
        duration: Span::ZERO,
        cues: body.lines().map(cue).collect(),
        titles: Vec::new(),
        points: Vec::new(),
        chapters: Vec::new(),
        tasks: Vec::new(),
    };
    for line in head.lines() {
        let (key, value) = line.split_once(": ").unwrap();
        match key {
            "what" => {}
            "language" => transcript.language = value.to_owned(),
            "duration" => transcript.duration = time(value).since_start(),
            "title" => transcript.titles.push(value.to_owned()),
            "point" => transcript.points.push(value.to_owned()),
            "chapter" => transcript.chapters.push(time(value.split_once(" | ").unwrap().0)),
            "task" => transcript.tasks.push(task(value)),
            other => panic!("{}: what is `{other}`?", file.display()),
        }
    }
    transcript
}

fn task(value: &str) -> Task {
    let [at, owner, due, text] = value.splitn(4, " | ").collect::<Vec<_>>().try_into().unwrap();
    let said = |text: &str| (text != "-").then(|| text.to_owned());
    Task { at: time(at), owner: said(owner), due: said(due), text: text.to_owned() }
}

fn cue(line: &str) -> Cue {
    let [start, end, text] = line.splitn(3, ' ').collect::<Vec<_>>().try_into().unwrap();
    Cue {
        start_us: time(start),
        end_us: time(end),
        text: CueText::new(text).unwrap(),
        word_starts_us: Vec::new(),
    }
}

/// `1:02.6`: minutes, seconds, tenths.
fn time(text: &str) -> Micros {
    let (minutes, seconds) = text.split_once(':').unwrap();
    let (seconds, tenths) = seconds.split_once('.').unwrap();
    let millis = |text: &str, each: u64| text.parse::<u64>().unwrap() * each;
    Micros::from_millis(millis(minutes, 60_000) + millis(seconds, 1_000) + millis(tenths, 100))
}
