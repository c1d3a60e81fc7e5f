//! Reading the arguments: what clap does not do by itself.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use clap::error::ErrorKind;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use vignette_model::text::{Summary, Title};
use vignette_model::{ErrorCode, Problem, Secret};

use super::{Args, LibraryArgs, TokenArgs, Verbosity};
use crate::exit::{Exit, Failure};
use crate::output::Output;

/// Said when a token stands on the command line.
pub(crate) const SEEN_BY_ALL: &str = "Everybody with an account on this computer can read the \
                                      token of this command: use --token-file or VIGNETTE_TOKEN.";

/// More than any token has.
const MAX_TOKEN_BYTES: u64 = 4096;

impl LibraryArgs {
    /// This computer's own library.
    pub(crate) fn own() -> Self {
        Self { library: Some("own".into()), ..Self::default() }
    }
}

impl TokenArgs {
    /// The token of the command line, else of the file, else of the environment.
    pub(crate) fn read(&self) -> Result<Option<Secret>, Failure> {
        let text = match (&self.token, &self.token_file) {
            (Some(token), _) => Some(token.clone()),
            (None, Some(file)) => Some(first_line(file).map_err(|error| {
                Problem::new(
                    ErrorCode::BadRequest,
                    format!("The token in {} cannot be read: {error}", file.display()),
                )
                .with_help("Put the token alone into the file, on one line.")
            })?),
            (None, None) => std::env::var("VIGNETTE_TOKEN").ok(),
        };
        Ok(text
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .map(|text| Secret::presented(&text)))
    }

    /// Whether the token stands where everybody on this computer can read it.
    pub(crate) fn is_seen_by_all(&self) -> bool {
        self.token.is_some()
    }
}

fn first_line(file: &Path) -> std::io::Result<String> {
    let from: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file)?)
    };
    let mut line = String::new();
    BufReader::new(from.take(MAX_TOKEN_BYTES)).read_line(&mut line)?;
    if line.trim().is_empty() { Err(std::io::ErrorKind::UnexpectedEof.into()) } else { Ok(line) }
}

impl Args {
    /// The command line of this process. What was not understood, and help that was asked for, is
    /// said here; then all that is left to do is to end.
    pub(crate) fn parse() -> Result<Self, ExitCode> {
        match Self::try_parse() {
            Ok(mut args) => {
                args.verbose = Verbosity(args.verbose_count);
                Ok(args)
            }
            Err(error) if error.use_stderr() && std::env::args_os().any(|arg| arg == "--json") => {
                Output::new(true).fail(&not_understood(&error));
                Err(Exit::NotUnderstood.into())
            }
            Err(error) => error.exit(),
        }
    }
}

/// What clap found wrong, without its tips and without how it is to be used.
fn not_understood(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let what = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
    let message = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "no command was given".to_owned(),
        _ => what.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    let help = "Run `vignette --help`, or `vignette help` and the name of a command.";
    Failure(Problem::new(ErrorCode::BadRequest, message).with_help(help))
}

impl From<Verbosity> for EnvFilter {
    fn from(verbosity: Verbosity) -> Self {
        let level = [LevelFilter::WARN, LevelFilter::INFO, LevelFilter::DEBUG];
        // The library `pulseaudio` logs an error whenever a microphone is closed.
        Self::new(format!("{},pulseaudio=off", level[usize::from(verbosity.0).min(2)]))
    }
}

pub(super) fn title(text: &str) -> Result<Title, String> {
    Title::new(text).map_err(|e| e.to_string())
}

pub(super) fn summary(text: &str) -> Result<Summary, String> {
    Summary::new(text).map_err(|e| e.to_string())
}

/// `10s`, `2m`, `1m30s`, `500ms`; at most a day.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let wrong = || format!("“{text}” is not a duration such as 10s, 2m or 1m30s");
    let span = text.parse::<jiff::SignedDuration>().map_err(|_| wrong())?;
    let span = Duration::try_from(span).map_err(|_| wrong())?;
    if span.is_zero() || span > DAY { Err(wrong()) } else { Ok(span) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, millis) in [
            ("10s", 10_000),
            ("1m30s", 90_000),
            ("1m 30s", 90_000),
            ("500ms", 500),
            ("2h", 7_200_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "10", "s", "-1s", "0s", "25h", "99999999999999999999s", "1d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_was_not_understood_is_one_sentence() {
        for (line, message) in [
            (
                &["vignette", "record", "--colour", "red"][..],
                "unexpected argument '--colour' found",
            ),
            (&["vignette"], "no command was given"),
            (&["vignette", "upload"], "the following required arguments were not provided: <FILE>"),
            (
                &["vignette", "record", "--fps", "0"],
                "invalid value '0' for '--fps <FPS>': 0 is not in 1..=60",
            ),
        ] {
            let error = Args::try_parse_from(line).expect_err("it is wrong");
            assert_eq!(not_understood(&error).0.message, message);
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory as _;
        Args::command().debug_assert();
    }
}
