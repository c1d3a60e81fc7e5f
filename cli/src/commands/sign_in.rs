//! `vignette sign-in URL`: uses a library on another machine from now on.

use serde_json::json;
use url::Url;
use vignette_model::{ErrorCode, Problem};
use vignette_recorder::{Paths, library_url, sign_in};
use vignette_studio::{Question, SignIn};

use crate::args::{SEEN_BY_ALL, SignInArgs};
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::prompt;

/// Signs in with the browser (or keeps the given token) once the library has said whose token it
/// is.
pub(crate) async fn run(args: SignInArgs, output: &Output) -> Result<Exit, Failure> {
    let library = library_url(&args.library)?;
    let paths = Paths::of_this_person()?;
    if let Some(question) = Question::plain_http(&library).filter(|_| !args.allow_http) {
        ask_about_plain_http(&library, &question)?;
    }
    if args.token.is_seen_by_all() {
        output.note(SEEN_BY_ALL);
    }
    let show = |page: &Url| {
        let event = json!({ "event": "sign_in_page", "page": page });
        output.say(&event, format!("Sign in with the browser: {page}"));
        sign_in::browser(page);
    };
    let token = args.token.read()?;
    let by_browser = token.is_none();
    let sign_in = SignIn::begin(library.clone(), token, show).await?;
    let me = sign_in.me.clone();
    let declines = by_browser && prompt::confirm(&sign_in.question()) == Some(false);
    let answer = if declines { Err(declined()) } else { Ok(()) };
    let signed_in = sign_in.if_agreed(answer).await?;
    signed_in.keep(&paths)?;
    output.say(
        &json!({ "event": "signed_in", "library": library, "person": me.person, "name": me.name }),
        format!("Signed in to {} at {library} as {}. New takes go there.", me.library, me.name),
    );
    Ok(Exit::Done)
}

fn declined() -> Problem {
    Problem::new(ErrorCode::NotAllowed, "Nothing was changed")
        .with_help("Sign in again when you are ready.")
}

/// Lets a person decide whether a password and recordings may be read by others; where nobody can
/// be asked they may not.
fn ask_about_plain_http(library: &Url, question: &Question) -> Result<(), Problem> {
    if prompt::confirm(question) == Some(true) {
        return Ok(());
    }
    let why = format!(
        "The connection to {library} is not encrypted: others on the network can read your \
         password and your recordings"
    );
    Err(Problem::new(ErrorCode::NotAllowed, why).with_help(
        "Use an address that begins with https, or add --allow-http if the network is yours alone.",
    ))
}
