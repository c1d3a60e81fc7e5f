//! `vignette-library`: a library as a program of its own.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;
use vignette_library::{Actor, InvitationId, JobId, Role, TokenId};
use vignette_model::text::Login;
use vignette_model::{Clock, SystemClock};
use vignette_server::admin::Admin;
use vignette_server::check::{Verdict, check};
use vignette_server::config::{ConfigOverrides, SAMPLE};
use vignette_server::folder::Folder;
use vignette_server::links::{invitation_link, reset_link};
use vignette_server::{Config, Date, LibraryInstance, run};

const EXIT_CODES: &str = "Exit codes:
  0  done; for check: nothing is damaged
  1  something went wrong, or check found damage; the message says what
  2  the command line was not understood";

/// A library for a team's clips: one program, one folder.
#[derive(Parser)]
#[command(name = "vignette-library", version, after_help = EXIT_CODES)]
struct Line {
    /// File with settings; `vignette-library config` prints one.
    #[arg(long, global = true, env = "VIGNETTE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: ConfigOverrides,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the library until it is told to end (SIGTERM or Ctrl-C).
    Serve,
    /// Print the link with which the first person makes their account.
    SetupLink,
    /// Print a link with which one more person can make an account, once.
    Invite,
    /// Tokens of the library's owner, to be pasted into recorders.
    #[command(subcommand)]
    Token(TokenCommand),
    /// The library's people: who has an account, and what opens it.
    #[command(subcommand)]
    Person(PersonCommand),
    /// Read every byte of every clip and compare it with what is known of it. Fails if anything is damaged.
    Check,
    /// List what the library has still to do: number, kind, recording, when it is due (UTC) or that
    /// it runs, attempts, last error.
    Jobs {
        #[command(subcommand)]
        command: Option<JobsCommand>,
    },
    /// Do now what a served library does every few minutes: seal what fell silent, remove what has ended.
    Sweep,
    /// Print a file with every setting, explained.
    Config,
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Make a token; it is printed this once.
    Create {
        /// What it is for.
        #[arg(default_value = "Command line")]
        label: String,
    },
    /// List them.
    List,
    /// Revoke one.
    Revoke {
        /// Its number in the list.
        id: i64,
    },
}

#[derive(Subcommand)]
enum JobsCommand {
    /// Have a job that failed tried again at once, or all of them.
    Retry {
        /// Its number in the list.
        id: Option<i64>,
    },
}

/// People are named by what they type to sign in, or by the id that `list` shows: two may be called the same.
#[derive(Subcommand)]
enum PersonCommand {
    /// List all who have an account, or had one: sign-in name, name, role, state, sessions, tokens, last seen (UTC), id.
    List,
    /// Print a link with which one more person can make an account, once.
    Invite,
    /// List the invitations that are open: number, who gave it (sign-in name), when, until when (UTC).
    Invitations,
    /// End an invitation: its link opens nothing any more.
    RevokeInvitation {
        /// Its number in the list.
        id: i64,
    },
    /// Shut an account: nothing of theirs opens anything from the next request on. Their recorders wait.
    Suspend {
        /// Who: a sign-in name or an id.
        person: String,
    },
    /// Open an account again.
    Resume {
        /// Who: a sign-in name or an id.
        person: String,
    },
    /// End an account for good. Clips and replies stay, under the name and marked as left.
    Remove {
        /// Who: a sign-in name or an id.
        person: String,
    },
    /// Print a link with which somebody chooses a new password, once, within a day.
    ResetPassword {
        /// Who: a sign-in name or an id.
        person: String,
    },
    /// List what opens the library for somebody: sessions of browsers, tokens of recorders.
    Sessions {
        /// Who: a sign-in name or an id.
        person: String,
    },
    /// End all of that.
    EndSessions {
        /// Who: a sign-in name or an id.
        person: String,
    },
    /// Make somebody an administrator (`admin`), who looks after people, or a `member`.
    Role {
        /// Who: a sign-in name or an id.
        person: String,
        /// `admin` or `member`.
        role: Role,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    restrict_new_files();
    let line = Line::parse();
    match execute(line).await {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(line: Line) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout();
    if matches!(line.command, Command::Config) {
        write!(out, "{SAMPLE}")?;
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::load(line.config.as_deref(), line.settings)?;
    init_log(&config, matches!(line.command, Command::Serve))?;
    match line.command {
        Command::Config => {}
        Command::Serve => {
            let listener = TcpListener::bind(config.listen).await;
            let listener =
                listener.with_context(|| format!("{} cannot be listened on", config.listen))?;
            run(config, listener, shutdown_signal()?).await?;
        }
        Command::SetupLink => {
            match Admin::open_or_make(&config, clock()).await?.setup_link().await? {
                Some(link) => writeln!(out, "{link}")?,
                None => bail!("there is an account already: use `vignette-library invite`"),
            }
        }
        Command::Invite => person(&config, PersonCommand::Invite, &mut out).await?,
        Command::Person(command) => person(&config, command, &mut out).await?,
        Command::Token(command) => token(&config, command, &mut out).await?,
        Command::Jobs { command } => jobs(&config, command, &mut out).await?,
        Command::Check => return check_library(&config, &mut out).await,
        Command::Sweep => {
            let folder = Folder::lock(&config.data_folder()?)
                .context("a library that is served sweeps by itself")?;
            let listening = config.listen;
            let instance = LibraryInstance::open(config, folder, listening, clock()).await?;
            instance.library.sweep().await?;
            instance.library.settled().await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn token(config: &Config, command: TokenCommand, out: &mut impl Write) -> anyhow::Result<()> {
    let (admin, owner) = open_admin(config).await?;
    match command {
        TokenCommand::Create { label } => {
            let token = admin.library.issue_token(&owner, &label).await?;
            writeln!(out, "{}", token.expose())?;
        }
        TokenCommand::List => {
            for token in admin.library.tokens(&owner).await? {
                writeln!(out, "{}\t{}", token.id.0, token.label)?;
            }
        }
        TokenCommand::Revoke { id } => admin.library.revoke_token(&owner, TokenId(id)).await?,
    }
    Ok(())
}

async fn person(
    config: &Config,
    command: PersonCommand,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let (admin, owner) = open_admin(config).await?;
    let library = &admin.library;
    let find = async |person: &str| library.find_member(&owner, person).await;
    match command {
        PersonCommand::List => {
            for row in library.members(&owner).await? {
                let (person, role, state) = (row.person, row.role.as_str(), row.state.as_str());
                let login = row.login.as_ref().map_or("-", Login::as_str);
                let seen =
                    row.used_at.map_or_else(|| "never".to_owned(), |at| Date::from(at).rfc3339);
                writeln!(
                    out,
                    "{login}\t{}\t{role}\t{state}\t{} sessions\t{} tokens\t{seen}\t{}",
                    person.name, row.sessions, row.tokens, person.id
                )?;
            }
        }
        PersonCommand::Invite => {
            writeln!(out, "{}", invitation_link(library, &library.invite(&owner).await?))?
        }
        PersonCommand::Invitations => {
            for row in library.invitations(&owner).await? {
                let by = row.made_by.as_ref().map_or("unknown", |by| by.login.as_str());
                let given = row
                    .created_at
                    .map_or_else(|| "unknown".to_owned(), |at| Date::from(at).rfc3339);
                writeln!(
                    out,
                    "{}\t{by}\t{given}\t{}",
                    row.id.0,
                    Date::from(row.expires_at).rfc3339
                )?;
            }
        }
        PersonCommand::RevokeInvitation { id } => {
            library.revoke_invitation(&owner, InvitationId(id)).await?
        }
        PersonCommand::Suspend { person } => {
            library.suspend_person(&owner, find(&person).await?).await?
        }
        PersonCommand::Resume { person } => {
            library.resume_person(&owner, find(&person).await?).await?
        }
        PersonCommand::Remove { person } => {
            library.remove_person(&owner, find(&person).await?).await?
        }
        PersonCommand::ResetPassword { person } => {
            let secret = library.reset_link(&owner, find(&person).await?).await?;
            writeln!(out, "{}", reset_link(library, &secret))?;
        }
        PersonCommand::Sessions { person } => {
            let (sessions, tokens) = library.access_of(&owner, find(&person).await?).await?;
            for session in sessions {
                let (began, used) = (
                    Date::from(session.created_at_us).rfc3339,
                    Date::from(session.used_at_us).rfc3339,
                );
                writeln!(out, "session\t{}\t{began}\t{used}", session.device)?;
            }
            for token in tokens {
                let used = token
                    .used_at_us
                    .map_or_else(|| "never".to_owned(), |at| Date::from(at).rfc3339);
                writeln!(
                    out,
                    "token\t{}\t{}\t{used}",
                    token.label,
                    Date::from(token.created_at_us).rfc3339
                )?;
            }
        }
        PersonCommand::EndSessions { person } => {
            library.end_access(&owner, find(&person).await?).await?
        }
        PersonCommand::Role { person, role } => {
            library.set_role(&owner, find(&person).await?, role).await?
        }
    }
    Ok(())
}

async fn jobs(
    config: &Config,
    command: Option<JobsCommand>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let (admin, owner) = open_admin(config).await?;
    if let Some(JobsCommand::Retry { id }) = command {
        let retried = admin.library.retry_jobs(&owner, id.map(JobId)).await?;
        writeln!(out, "{retried} jobs are due")?;
        return Ok(());
    }
    let now = clock().utc();
    for row in admin.library.jobs(&owner).await? {
        let running = row.lease_until.is_some_and(|until| until > now);
        let due = if running { "running".to_owned() } else { Date::from(row.run_after).rfc3339 };
        writeln!(
            out,
            "{}\t{}\t{}\t{due}\t{} attempts\t{}",
            row.id.0,
            row.job.kind(),
            row.job.recording(),
            row.attempts,
            row.last_error.as_deref().unwrap_or("none")
        )?;
    }
    Ok(())
}

async fn check_library(config: &Config, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let (admin, owner) = open_admin(config).await?;
    let (mut clips, mut damaged) = (0_u64, 0_u64);
    check(&admin.library, &owner, |finding| {
        clips += 1;
        damaged += u64::from(!finding.verdict.is_sound());
        let _ = match finding.verdict {
            Verdict::Sound { size_bytes } => {
                writeln!(out, "{}\tsound\t{size_bytes} bytes", finding.clip)
            }
            Verdict::Arriving { size_bytes } => {
                writeln!(out, "{}\tarriving\t{size_bytes} bytes", finding.clip)
            }
            Verdict::Empty => writeln!(out, "{}\tempty", finding.clip),
            Verdict::Damaged { what } => writeln!(out, "{}\tDAMAGED\t{what}", finding.clip),
        };
    })
    .await?;
    writeln!(out, "{clips} clips, {damaged} damaged")?;
    Ok(if damaged == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::new())
}

async fn open_admin(config: &Config) -> anyhow::Result<(Admin, Actor)> {
    let admin = Admin::open(config, clock()).await?;
    let owner = admin
        .owner()
        .await?
        .context("nobody has an account yet: use the link that `setup-link` prints")?;
    Ok((admin, owner))
}

/// The log goes to standard error. Commands print what they do, so they log errors alone.
fn init_log(config: &Config, serving: bool) -> anyhow::Result<()> {
    let filter = if serving { config.log.as_str() } else { "error" };
    // sqlx warns for each request that waits for a connection; the setting can override this.
    let filter = EnvFilter::try_new(format!("sqlx::pool=error,{filter}"));
    let filter = filter.with_context(|| format!("log = {:?} is no filter", config.log))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    if config.log_json {
        log.json().init()
    } else {
        log.init()
    }
    Ok(())
}

/// New files of this process are readable by its user alone.
#[cfg(unix)]
fn restrict_new_files() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// On Windows a user's data folder is private by its location.
#[cfg(not(unix))]
fn restrict_new_files() {}

/// Completes on SIGTERM or Ctrl-C.
fn shutdown_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let terminated = terminated()?;
    Ok(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminated => {}
        }
    })
}

#[cfg(unix)]
fn terminated() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    Ok(async move {
        signal.recv().await;
    })
}

#[cfg(not(unix))]
fn terminated() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(std::future::pending())
}
