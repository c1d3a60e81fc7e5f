//! `vignette sign-in URL`: uses a library on another machine from now on.

use serde_json::json;
use url::Url;
use vignette_model::{ErrorCode, Problem};
use vignette_recorder::{Paths, is_readable_on_the_way, library_url, sign_in};
use vignette_studio::SignIn;

use crate::args::{SEEN_BY_ALL, SignInArgs};
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::prompt;

/// Signs in with the browser (or keeps the given token) once the library has said whose token it is.
pub(crate) async fn run(args: SignInArgs, output: &Output) -> Result<Exit, Failure> {
    let library = library_url(&args.library)?;
    let paths = Paths::of_this_person()?;
    if is_readable_on_the_way(&library) && !args.allow_http {
        ask_about_plain_http(&library)?;
    }
    if args.token.is_seen_by_all() {
        output.note(SEEN_BY_ALL);
    }
    let show = |page: &Url| {
        output.say(
            &json!({ "event": "sign_in_page", "page": page }),
            format!("Sign in with the browser: {page}"),
        );
        sign_in::browser(page);
    };
    let given = args.token.read()?;
    let by_browser = given.is_none();
    let signed_in = match given {
        Some(token) => SignIn::with_token(library.clone(), token).await?,
        None => SignIn::with_browser(library.clone(), show).await?,
    };
    let me = signed_in.me.clone();
    let question =
        format!("Signed in to {} at {library} as {}. Send new takes there?", me.library, me.name);
    if by_browser && prompt::confirm(&question) == Some(false) {
        signed_in.decline().await;
        return Err(Problem::new(ErrorCode::NotAllowed, "Nothing was changed")
            .with_help("Sign in again when you are ready.")
            .into());
    }
    signed_in.keep(&paths)?;
    output.say(
        &json!({ "event": "signed_in", "library": library, "person": me.person, "name": me.name }),
        format!("Signed in to {} at {library} as {}. New takes go there.", me.library, me.name),
    );
    Ok(Exit::Done)
}

/// Lets a person decide whether a password and recordings may be read by others; where nobody can be asked they may not.
fn ask_about_plain_http(library: &Url) -> Result<(), Problem> {
    let why = format!(
        "The connection to {library} is not encrypted: others on the network can read your password and your recordings"
    );
    match prompt::confirm(&format!("{why}. Sign in anyway?")) {
        Some(true) => Ok(()),
        _ => Err(Problem::new(ErrorCode::NotAllowed, why)
            .with_help("Use an address that begins with https, or add --allow-http if the network is yours alone.")),
    }
}
