//! `vignette sign-in URL`: uses a library on another machine from now on.

use serde_json::json;
use url::Url;
use vignette_model::{ErrorCode, Problem, Secret};
use vignette_recorder::{Client, Credentials, Paths, Settings, library_url, sign_in};

use crate::args::SignInArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;

/// Signs in with the browser (or keeps the given token) once the library has said whose token it is.
pub(crate) async fn run(args: SignInArgs, output: &Output) -> Result<Exit, Failure> {
    let library = library_url(&args.library)?;
    let paths = Paths::of_this_person()?;
    let token = match args.token {
        Some(token) => Secret::presented(&token),
        None => {
            let show = |page: &Url| {
                output.say(&json!({ "event": "sign_in_page", "page": page }), format!("Sign in with the browser: {page}"));
                sign_in::browser(page);
            };
            sign_in::loopback(&library, show).await?
        }
    };
    let me = Client::new(&library, Some(token.clone()))?.me().await.map_err(|problem| explained(problem, &library))?;
    Credentials::open(&paths.tokens())?.keep(&library, token)?;
    Settings { library: Some(library.clone()), ..Settings::open(&paths.config)? }.keep(&paths.config)?;
    output.say(
        &json!({ "event": "signed_in", "library": library, "person": me.person, "name": me.name }),
        format!("Signed in to {} at {library} as {}. New takes go there.", me.library, me.name),
    );
    Ok(Exit::Done)
}

/// What a library said to a token, in words that name the library and the way out.
pub(crate) fn explained(problem: Problem, library: &Url) -> Problem {
    match problem.code {
        ErrorCode::SignInNeeded => Problem::new(ErrorCode::SignInNeeded, format!("{library} does not know this token"))
            .with_help("Make a new token on the library's page “Tokens”, or leave --token out to sign in with the browser."),
        _ => problem,
    }
}
