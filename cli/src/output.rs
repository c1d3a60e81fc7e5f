//! [`Output`]: text for people on standard output, or one JSON object a line for programs.

use std::io::{IsTerminal as _, Write as _};

use serde::Serialize;
use vignette_model::Problem;
use vignette_model::text::is_control;

use crate::exit::{Exit, Failure};

/// Where a command says what it did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Says one thing: `event` as JSON, or `text`. A closed pipe is ignored.
    pub(crate) fn say(self, event: &impl Serialize, text: impl std::fmt::Display) {
        let line = if self.json { json_line(event) } else { printable(&text.to_string()) };
        if !line.is_empty() {
            drop(writeln!(std::io::stdout().lock(), "{line}"));
        }
    }

    /// Says something that is for people alone.
    pub(crate) fn note(self, text: impl std::fmt::Display) {
        if !self.json {
            drop(writeln!(std::io::stderr().lock(), "{}", printable(&text.to_string())));
        }
    }

    /// Says what stands in the way, for people alone.
    pub(crate) fn note_problem(self, problem: &Problem) {
        self.note(sentences(problem));
    }

    /// Says why it did not work and what can be done about it.
    pub(crate) fn fail(self, failure: &Failure) -> Exit {
        let problem = &failure.0;
        if self.json {
            let line = json_line(&serde_json::json!({ "event": "problem", "problem": problem }));
            drop(writeln!(std::io::stdout().lock(), "{line}"));
        } else {
            let text = printable(&format!("vignette: {}\n{}", problem.message, problem.help));
            drop(writeln!(std::io::stderr().lock(), "{text}"));
        }
        failure.exit()
    }
}

/// How something comes along: on a terminal one line that changes in place, elsewhere a line for
/// each thing that is new.
pub(crate) struct ProgressLine {
    output: Output,
    terminal: bool,
    shown: String,
}

impl ProgressLine {
    pub(crate) fn new(output: Output) -> Self {
        Self {
            output,
            terminal: !output.json && std::io::stdout().is_terminal(),
            shown: String::new(),
        }
    }

    /// Whether the line changes in place, so that it may change often.
    pub(crate) const fn changes_in_place(&self) -> bool {
        self.terminal
    }

    /// Shows `text` in place of those before, or says `event` as JSON.
    pub(crate) fn show(&mut self, event: &impl Serialize, text: &str) {
        if self.output.json {
            self.output.say(event, "");
        } else if self.shown != text {
            if self.terminal {
                let mut out = std::io::stdout().lock();
                drop(write!(out, "\r\x1b[K{}", printable(text)).and_then(|()| out.flush()));
            } else {
                self.output.say(event, text);
            }
            text.clone_into(&mut self.shown);
        }
    }

    /// Takes the line away, so that something else can be said; the next one is shown below.
    pub(crate) fn clear(&mut self) {
        if self.terminal && !self.shown.is_empty() {
            drop(write!(std::io::stdout().lock(), "\r\x1b[K"));
            self.shown.clear();
        }
    }

    /// Leaves the line as it is and goes on below.
    pub(crate) fn end(&mut self) {
        if self.terminal && !self.shown.is_empty() {
            drop(writeln!(std::io::stdout().lock()));
            self.shown.clear();
        }
    }
}

/// What happened, and what can be done about it.
pub(crate) fn sentences(problem: &Problem) -> String {
    format!("{} {}", problem.message, problem.help)
}

/// Text for a terminal. Parts of it come from libraries and devices: characters that could move the
/// cursor, change colours or titles, or turn the line round are shown by their numbers.
pub(crate) fn printable(text: &str) -> String {
    escaped(text, |c| c != '\n' && is_control(c), |c| format!("\\u{{{:x}}}", u32::from(c)))
}

/// One object on one line. JSON escapes only part of what a terminal obeys; the rest can only stand
/// within strings, and is escaped here.
fn json_line(event: &impl Serialize) -> String {
    let line = serde_json::to_string(event).unwrap_or_default();
    escaped(&line, is_control, |c| {
        c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    })
}

fn escaped(text: &str, wanted: impl Fn(char) -> bool, escape: impl Fn(char) -> String) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if wanted(c) {
            out.push_str(&escape(c))
        } else {
            out.push(c)
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_printed_moves_the_cursor() {
        let hostile = "a\u{1b}]0;title\u{7}\u{9b}31m\u{202e}b\rc\nd é 🎬";
        assert_eq!(printable(hostile), "a\\u{1b}]0;title\\u{7}\\u{9b}31m\\u{202e}b\\u{d}c\nd é 🎬");
        let line = json_line(&hostile);
        assert!(line.chars().all(|c| !is_control(c)), "{line}");
        assert_eq!(
            serde_json::from_str::<String>(&line).unwrap(),
            hostile,
            "programs read what it was"
        );
    }
}
