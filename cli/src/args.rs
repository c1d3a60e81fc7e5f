//! The arguments of the command line: declarations alone. How they are read stands in [`reading`].

mod reading;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Parser, Subcommand};
use url::Url;
use vignette_model::text::{Summary, Title};
use vignette_model::{Rect, TakeId};
use vignette_recorder::{DeviceSelector, Profile};

pub(crate) use self::reading::SEEN_BY_ALL;
use self::reading::{duration, summary, title};

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

const EXIT_CODES: &str = "Exit codes:
  0  done; for record and upload: the clip is safe in the library
  1  something else went wrong; the message says what
  2  the command line was not understood
  3  a screen, camera or microphone could not be used
  4  recorded and kept on this computer, but not (all) in the library yet: it is sent at the next start
  5  the library refused; sign in again or ask its owner
  6  the app does not run
  130  cancelled before anything was kept";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List screens, windows, cameras and microphones.
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
    /// Start a recording in the app, which is opened if it does not run.
    Start,
    /// Pause the app's recording.
    Pause,
    /// Go on with the app's recording.
    Resume,
    /// Stop the app's recording; its link is copied and printed.
    Stop,
    /// Stop the app's recording if there is one, start one otherwise: for a key of your own.
    Toggle,
    /// Discard the app's recording.
    Discard,
    /// Show the whole way once, with synthetic sources and this computer's own library.
    Demo(DemoArgs),
}

#[derive(Debug, Default, ClapArgs)]
pub(crate) struct LibraryArgs {
    /// Address of the library, such as `https://clips.example.org`; default: the one signed in to,
    /// else this computer's own.
    #[arg(long, value_name = "URL")]
    pub(crate) library: Option<String>,
    #[command(flatten)]
    pub(crate) token: TokenArgs,
}

/// An access token made on a library's page “Account”.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct TokenArgs {
    /// Token for the library. Every user of this computer can see it in the list of processes: use
    /// --token-file or VIGNETTE_TOKEN where others have accounts.
    #[arg(long, value_name = "TOKEN", conflicts_with = "token_file")]
    token: Option<String>,
    /// File with the token for the library; - is standard input.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
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
    /// Record one window, by its number or part of its title or program from `vignette devices`.
    #[arg(long, value_name = "NAME-OR-NUMBER", conflicts_with = "region")]
    pub(crate) window: Option<String>,
    /// Record a part of the screen: its size and where it begins, such as 1280x720+100+50.
    #[arg(long, value_name = "WxH+X+Y")]
    pub(crate) region: Option<Rect>,
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
    /// How large the picture is at most: native, 1080p, 720p; or stereo: native with sound in
    /// stereo.
    #[arg(long, default_value = "native")]
    pub(crate) profile: Profile,
    /// Let those with the link watch while it is being recorded.
    #[arg(long)]
    pub(crate) live: bool,
    /// Write down nothing of what is said.
    #[arg(long)]
    pub(crate) no_transcript: bool,
    /// Do what comes on standard input, a line each: pause, resume, stop, cancel, bubble CORNER
    /// (top-left, top-right, bottom-left, bottom-right), bubble off.
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
    /// Sign in though others on the network can read the password and the recordings (http to
    /// another computer).
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
