//! Questions on the terminal.

use std::io::{IsTerminal as _, Write as _};

use vignette_studio::Question;

use crate::output::printable;

/// What the person answers; none if nobody sits at a terminal. Only a line that begins with `y`
/// agrees.
pub(crate) fn confirm(question: &Question) -> Option<bool> {
    let (stdin, mut stderr) = (std::io::stdin(), std::io::stderr());
    if !stdin.is_terminal() || !stderr.is_terminal() {
        return None;
    }
    let Question { title, text, .. } = question;
    drop(write!(stderr, "{}\n\n{title} [y/N] ", printable(text)));
    drop(stderr.flush());
    let mut answer = String::new();
    Some(
        stdin.read_line(&mut answer).is_ok() && answer.trim_start().to_lowercase().starts_with('y'),
    )
}
