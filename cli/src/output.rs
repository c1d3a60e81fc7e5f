//! [`Output`]: words for people on standard output, or one JSON object a line for programs.

use std::io::{IsTerminal as _, Write as _};

use serde::Serialize;

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

    /// Says one thing: `event` as JSON, or `words`. A reader that has gone away is no reason to stop.
    pub(crate) fn say(self, event: &impl Serialize, words: impl std::fmt::Display) {
        let line = if self.json { serde_json::to_string(event).unwrap_or_default() } else { words.to_string() };
        if !line.is_empty() {
            drop(writeln!(std::io::stdout().lock(), "{line}"));
        }
    }

    /// Says something that is for people alone.
    pub(crate) fn note(self, words: impl std::fmt::Display) {
        if !self.json {
            drop(writeln!(std::io::stderr().lock(), "{words}"));
        }
    }

    /// Says why it did not work and what can be done about it.
    pub(crate) fn fail(self, failure: &Failure) -> Exit {
        let problem = &failure.0;
        if self.json {
            drop(writeln!(std::io::stdout().lock(), "{}", serde_json::json!({ "event": "problem", "problem": problem })));
        } else {
            drop(writeln!(std::io::stderr().lock(), "vignette: {}\n{}", problem.message, problem.help));
        }
        failure.exit()
    }
}

/// How something comes along: on a terminal one line that changes in place, elsewhere a line for each thing that is new.
pub(crate) struct ProgressLine {
    output: Output,
    terminal: bool,
    shown: String,
}

impl ProgressLine {
    pub(crate) fn new(output: Output) -> Self {
        Self { output, terminal: !output.json && std::io::stdout().is_terminal(), shown: String::new() }
    }

    /// Whether the line changes in place, so that it may change often.
    pub(crate) const fn changes_in_place(&self) -> bool {
        self.terminal
    }

    /// Shows `words` in place of those before, or says `event` as JSON.
    pub(crate) fn show(&mut self, event: &impl Serialize, words: &str) {
        if self.output.json {
            self.output.say(event, "");
        } else if self.shown != words {
            if self.terminal {
                let mut out = std::io::stdout().lock();
                drop(write!(out, "\r\x1b[K{words}").and_then(|()| out.flush()));
            } else {
                self.output.say(event, words);
            }
            words.clone_into(&mut self.shown);
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
