//! The arguments of the command line.

use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args as ClapArgs, Parser, Subcommand};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use url::Url;
use vignette_model::TakeId;
use vignette_model::text::{Summary, Title};
use vignette_model::{ErrorCode, Problem, Secret};
use vignette_recorder::{DeviceSelector, Profile};

use crate::exit::{Exit, Failure};
use crate::output::Output;

/// Said when a token stands on the command line.
pub(crate) const SEEN_BY_ALL: &str = "Everybody with an account on this computer can read the token of this command: use --token-file or VIGNETTE_TOKEN.";

/// Records short video messages and sends them to a library while they are being recorded.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print one JSON object a line instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say on standard error what happens inside; twice for more.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    verbose_count: u8,
    #[arg(skip)]
    pub(crate) verbose: Verbosity,
}

/// More than any token has.
const MAX_TOKEN_BYTES: u64 = 4096;

const EXIT_CODES: &str = "Exit codes:
  0  done; for record and upload: the clip is safe in the library
  1  something else went wrong; the message says what
  2  the command line was not understood
  3  a screen, camera or microphone could not be used
  4  recorded and kept on this computer, but not (all) in the library yet: it is sent at the next start
  5  the library refused; sign in again or ask its owner
  130  cancelled before anything was kept";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List screens, cameras and microphones.
    Devices,
    /// Record until Ctrl-C (or for --duration), and send it meanwhile.
    Record(RecordArgs),
    /// Send a video file as a clip.
    Upload(UploadArgs),
    /// List the takes on this computer and where their bytes are.
    Takes(TakesArgs),
    /// Write down what is said in takes that have no transcript yet.
    Transcribe(TranscribeArgs),
    /// The speech models of this computer, which write down what is said.
    Models(ModelsArgs),
    /// Use a library on another machine from now on.
    SignIn(SignInArgs),
    /// Keep this computer's own library open until Ctrl-C, so that its links work.
    Library,
    /// Show the whole way once, with synthetic sources and this computer's own library.
    Demo(DemoArgs),
}

#[derive(Debug, Default, ClapArgs)]
pub(crate) struct LibraryArgs {
    /// Address of the library, such as `https://clips.example.org`; default: the one signed in to, else this computer's own.
    #[arg(long, value_name = "URL")]
    pub(crate) library: Option<String>,
    #[command(flatten)]
    pub(crate) token: TokenArgs,
}

impl LibraryArgs {
    /// This computer's own library.
    pub(crate) fn own() -> Self {
        Self { library: Some("own".into()), ..Self::default() }
    }
}

/// A token made on a library's page “Tokens”.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct TokenArgs {
    /// Token for the library. Every user of this computer can see it in the list of processes: use --token-file or
    /// VIGNETTE_TOKEN where others have accounts.
    #[arg(long, value_name = "TOKEN", conflicts_with = "token_file")]
    token: Option<String>,
    /// File with the token for the library; - is standard input.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
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

#[derive(Debug, ClapArgs)]
pub(crate) struct DetailsArgs {
    /// Title of the clip.
    #[arg(long, default_value = "", value_parser = title)]
    pub(crate) title: Title,
    /// Summary of the clip, in Markdown.
    #[arg(long, default_value = "", value_parser = summary)]
    pub(crate) summary: Summary,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RecordArgs {
    /// default, off, synthetic, or an id or part of a name from `vignette devices`.
    #[arg(long, default_value = "default")]
    pub(crate) screen: DeviceSelector,
    /// Likewise; a bubble over the screen, or the whole picture with --screen off.
    #[arg(long, default_value = "default")]
    pub(crate) camera: DeviceSelector,
    /// Likewise.
    #[arg(long, default_value = "default")]
    pub(crate) microphone: DeviceSelector,
    /// Stop by itself after this long, e.g. 10s, 2m, 1m30s.
    #[arg(long, value_parser = duration)]
    pub(crate) duration: Option<Duration>,
    /// Seconds of countdown, 0 to 10.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=10))]
    pub(crate) countdown: u8,
    /// Pictures a second at most.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub(crate) fps: u32,
    /// How large the picture is at most: native, 1080p, 720p; or stereo: native with sound in stereo.
    #[arg(long, default_value = "native")]
    pub(crate) profile: Profile,
    /// Let those with the link watch while it is being recorded.
    #[arg(long)]
    pub(crate) live: bool,
    /// Write down nothing of what is said.
    #[arg(long)]
    pub(crate) no_transcript: bool,
    /// Do what comes on standard input, a line each: pause, resume, stop, cancel, bubble CORNER (top-left, top-right,
    /// bottom-left, bottom-right), bubble off.
    #[arg(long)]
    pub(crate) control: bool,
    #[command(flatten)]
    pub(crate) details: DetailsArgs,
    #[command(flatten)]
    pub(crate) library: LibraryArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct UploadArgs {
    /// An MP4, MOV, MKV or WebM file.
    pub(crate) file: PathBuf,
    /// Write down nothing of what is said.
    #[arg(long)]
    pub(crate) no_transcript: bool,
    #[command(flatten)]
    pub(crate) details: DetailsArgs,
    #[command(flatten)]
    pub(crate) library: LibraryArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TakesArgs {
    /// Send what is not in the library yet, and wait until all of it is safe.
    #[arg(long)]
    pub(crate) send: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TranscribeArgs {
    /// One take, by its id; default: all that have no transcript yet.
    pub(crate) take: Option<TakeId>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ModelsArgs {
    #[command(subcommand)]
    pub(crate) command: ModelsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// List the models there are, and which is in use.
    List,
    /// Download a model; the first one is used from then on.
    Get(GetModelArgs),
    /// Use another model.
    Use {
        /// A model that is here, by its name, or a model file that you have, by its path.
        model: String,
    },
    /// Delete a model from this computer.
    Remove {
        /// Its name.
        model: String,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct GetModelArgs {
    /// Its name from `vignette models list`; default: the usual one for English.
    pub(crate) model: Option<String>,
    /// Address to download it from instead of its usual place.
    #[arg(long, value_name = "URL")]
    pub(crate) mirror: Option<Url>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SignInArgs {
    /// Address of the library, such as `https://clips.example.org`.
    pub(crate) library: String,
    /// Instead of signing in with the browser.
    #[command(flatten)]
    pub(crate) token: TokenArgs,
    /// Sign in though others on the network can read the password and the recordings (http to another computer).
    #[arg(long)]
    pub(crate) allow_http: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DemoArgs {
    /// End after the reply instead of serving the page until Ctrl-C.
    #[arg(long)]
    pub(crate) once: bool,
    /// How much to record.
    #[arg(long, default_value = "10s", value_parser = duration)]
    pub(crate) duration: Duration,
    /// The screen to record: `default` is the display of this session.
    #[arg(long, default_value = "synthetic")]
    pub(crate) screen: DeviceSelector,
}

/// What goes to the log when `VIGNETTE_LOG` does not say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Verbosity(u8);

impl Args {
    /// The command line of this process. What was not understood, and help that was asked for, is said here; then all that is
    /// left to do is to end.
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
        // A library calls it an error that a microphone was closed.
        Self::new(format!("{},pulseaudio=off", level[usize::from(verbosity.0).min(2)]))
    }
}

fn title(text: &str) -> Result<Title, String> {
    Title::new(text).map_err(|e| e.to_string())
}

fn summary(text: &str) -> Result<Summary, String> {
    Summary::new(text).map_err(|e| e.to_string())
}

/// `10s`, `2m`, `1m30s`, `500ms`; at most a day.
fn duration(text: &str) -> Result<Duration, String> {
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
