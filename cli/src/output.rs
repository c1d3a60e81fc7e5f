//! [`Output`]: words for people on standard output, or one JSON object a line for programs.

use std::io::Write as _;

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
