//! `vignette`: record, send and look after takes from a command line.
//!
//! Every command prints for people, or with `--json` one JSON object a line with stable fields.
//! Exit codes: see [`exit`].
#![forbid(unsafe_code)]

mod args;
mod commands;
mod control;
mod exit;
mod interrupts;
mod output;
mod prompt;
mod session;
mod transcript;

use exit::Exit;
use vignette_studio::RemoteCommand;

use crate::args::{Args, Command};
use crate::output::Output;

fn main() -> std::process::ExitCode {
    let args = match Args::parse() {
        Ok(args) => args,
        Err(code) => return code,
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("VIGNETTE_LOG")
        .unwrap_or_else(|_| args.verbose.into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let output = Output::new(args.json);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            return output
                .fail(&exit::Failure::other(format!("This program cannot start: {error}")))
                .into();
        }
    };
    let done = runtime.block_on(run(args.command, &output));
    // Whatever is still being sent goes on from the spool at the next start.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    done.unwrap_or_else(|failure| output.fail(&failure)).into()
}

async fn run(command: Command, output: &Output) -> Result<Exit, exit::Failure> {
    match command {
        Command::Devices => commands::devices::run(output).await,
        Command::Record(args) => commands::record::run(args, output).await,
        Command::Upload(args) => commands::upload::run(args, output).await,
        Command::Takes(args) => commands::takes::run(args, output).await,
        Command::Transcribe(args) => commands::transcribe::run(args, output).await,
        Command::Models(args) => commands::models::run(args.command, output).await,
        Command::SignIn(args) => commands::sign_in::run(args, output).await,
        Command::Library => commands::library::run(output).await,
        Command::Start => commands::app::run(RemoteCommand::Start, output).await,
        Command::Pause => commands::app::run(RemoteCommand::Pause, output).await,
        Command::Resume => commands::app::run(RemoteCommand::Resume, output).await,
        Command::Stop => commands::app::run(RemoteCommand::Stop, output).await,
        Command::Toggle => commands::app::run(RemoteCommand::Toggle, output).await,
        Command::Discard => commands::app::run(RemoteCommand::Discard, output).await,
        Command::Demo(args) => commands::demo::run(args, output).await,
    }
}
