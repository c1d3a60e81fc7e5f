//! [`obey`]: what a program that runs `vignette record --control` asks for, a line each on standard
//! input.

use std::io::BufRead as _;

use tokio::sync::mpsc;
use vignette_recorder::{Bubble, Recording};

/// Does what comes on standard input to a recording, until either ends.
pub(crate) async fn obey(recording: Recording) {
    let (ask, mut asked) = mpsc::unbounded_channel();
    // A thread of its own, which is not joined: a blocking read of standard input cannot be
    // cancelled and must not delay the end of the program.
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if ask.send(line).is_err() {
                return;
            }
        }
    });
    while let Some(line) = asked.recv().await {
        match line.trim() {
            "pause" => recording.pause(),
            "resume" => recording.resume(),
            "stop" => recording.stop(),
            "cancel" => recording.cancel(),
            "bubble off" => recording.set_bubble(None),
            line if line.starts_with("bubble ") => match line["bubble ".len()..].parse() {
                Ok(corner) => recording.set_bubble(Some(Bubble::in_corner(corner).into())),
                Err(error) => tracing::warn!(%error, "Passed over a line"),
            },
            // Newer programs may ask what this one does not know.
            _ => tracing::warn!("Passed over a line that asks for nothing known"),
        }
    }
}
