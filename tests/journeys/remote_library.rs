//! A team's library on another machine: set up by its link, signed in to with the browser or with a pasted token, recorded into.
//! Nothing of such a take lands in the library of the recorder's own computer, and nothing is open without a token.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use vignette_tests::hostile::HostileLibrary;
use vignette_tests::media::Media;
use vignette_tests::process::{Process, until};
use vignette_tests::program::{Program, RECORD_WITH_CAMERA, binary};
use vignette_tests::team::{NAME, PASSWORD, Team};
use vignette_tests::visitor::Visitor;

const SOON: Duration = Duration::from_secs(30);

/// Records four seconds.
fn record(home: &Path, more: &[&str]) -> Program {
    Program::vignette(home, &[&RECORD_WITH_CAMERA[..], &["--duration", "4s"], more].concat(), &[])
}
#[tokio::test(flavor = "multi_thread")]
async fn a_recorder_signs_in_with_the_browser_and_records() {
    let folder = tempfile::tempdir().expect("a folder");
    let (home, mut team) = (folder.path().join("home"), Team::start(folder.path()).await);
    let opened = sign_in_with_the_browser(&home, &team).await;
    assert!(opened.starts_with(&team.url()), "the browser was opened at the library: {opened}");

    let url = team.url();
    let mut recording = record(&home, &["--library", &url, "--title", "Far away"]);
    let link = text(&recording.wait_for_event("link", SOON)["link"]);
    let (status, said) = recording.finish(SOON);
    assert!(status.success(), "the clip is safe in the team's library: {said:#?}");
    assert!(link.starts_with(&format!("{url}/c/")), "the link leads to the team's library: {link}");
    plays(&link, folder.path()).await;
    assert!(!home.join("library").exists(), "nothing lands in this computer's own library");

    // Signed in is signed in: also without naming the library, and after it was started again.
    team.kill();
    team.serve();
    let (status, said) = Program::vignette(&home, &["takes"], &[]).finish(SOON);
    assert!(status.success() && said.len() == 1, "{said:#?}");
    assert_eq!(text(&said[0]["link"]), link);
    assert!(!home.join("library").exists(), "nor is one made for looking at takes");
    assert!(
        team.say(&["check"]).ends_with("1 clips, 0 damaged"),
        "the team's library has the clip, whole"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_token_is_as_good() {
    let folder = tempfile::tempdir().expect("a folder");
    let (home, team) = (folder.path().join("home"), Team::start(folder.path()).await);
    let url = team.url();
    let wrong = Program::vignette(&home, &["sign-in", &url, "--token", "lib_mistyped"], &[]);
    refused(wrong, "sign_in_needed");
    let (status, said) =
        Program::vignette(&home, &["sign-in", &url, "--token", &team.token], &[]).finish(SOON);
    assert!(status.success(), "{said:#?}");
    assert_eq!(
        (text(&said[0]["event"]), text(&said[0]["name"])),
        ("signed_in".to_owned(), NAME.to_owned())
    );

    let mistyped = record(&home, &["--library", &url, "--token", "lib_mistyped"]);
    refused(mistyped, "sign_in_needed");
    // A wrong token does not take the place of the one that works, and the library signed in to is the one recorded into.
    let mut recording = record(&home, &[]);
    let link = text(&recording.wait_for_event("link", SOON)["link"]);
    let (status, said) = recording.finish(SOON);
    assert!(status.success(), "{said:#?}");
    assert!(link.starts_with(&url), "{link}");
    plays(&link, folder.path()).await;
    assert!(!home.join("library").exists(), "nothing lands in this computer's own library");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_comes_from_a_file_or_standard_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let (home, team) = (folder.path().join("home"), Team::start(folder.path()).await);
    let (url, file) = (team.url(), folder.path().join("token"));
    let path = file.to_str().expect("a plain path");
    let sign_in = |home: &Path, from: &str| {
        Program::vignette(home, &["sign-in", &url, "--token-file", from], &[])
    };
    refused(sign_in(&home, path), "bad_request");
    for (text, code) in
        [("", "bad_request"), ("\n\n", "bad_request"), ("lib_mistyped\n", "sign_in_needed")]
    {
        write(&file, text);
        refused(sign_in(&home, path), code);
    }
    write(&file, &format!("  {}\r\nwhat else stands in it\n", team.token));
    let (status, said) = sign_in(&home, path).finish(SOON);
    assert!(status.success() && said[0]["name"] == NAME, "{said:#?}");

    let other = folder.path().join("other");
    let mut told = sign_in(&other, "-");
    told.process().tell(&team.token);
    let (status, said) = told.finish(SOON);
    assert!(status.success() && said[0]["name"] == NAME, "{said:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_at_a_terminal_decides_about_sending_in_clear() {
    let folder = tempfile::tempdir().expect("a folder");
    let elsewhere = HostileLibrary::start(&[], "").await;
    // This computer under an address that does not say so, as that of another computer.
    let address = elsewhere.url().replace("127.0.0.1", "0.0.0.0");
    for (n, answer, agreed) in
        [(1, "n", false), (2, "", false), (3, "why not", false), (4, "y", true), (5, "Yes", true)]
    {
        let before = elsewhere.asked().len();
        let home = folder.path().join(n.to_string());
        let status = at_a_terminal(&home, &["sign-in", &address, "--token", "lib_mallory"], answer);
        assert_eq!(status.success(), agreed, "answered {answer:?}");
        assert_eq!(
            elsewhere.asked().len() > before,
            agreed,
            "answered {answer:?}: {:?}",
            elsewhere.asked()
        );
    }
    let home = folder.path().join("nobody");
    refused(
        Program::vignette(&home, &["sign-in", &address, "--token", "lib_mallory"], &[]),
        "not_allowed",
    );
}

/// Runs `vignette ARGS` in a terminal of its own, where somebody answers the one question that comes.
fn at_a_terminal(home: &Path, args: &[&str], answer: &str) -> ExitStatus {
    let words: Vec<String> = args.iter().map(|word| format!("'{word}'")).collect();
    let mut script = Command::new("script");
    script.args([
        "--quiet",
        "--return",
        "--command",
        &format!("'{}' {}", binary("vignette").display(), words.join(" ")),
    ]);
    script.arg("/dev/null").env("VIGNETTE_HOME", home).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut terminal = Process::start_told(&mut script);
    terminal.tell(answer);
    terminal.wait(SOON)
}

#[expect(clippy::disallowed_methods, reason = "a file of the rig, gone with it")]
fn write(file: &Path, text: &str) {
    std::fs::write(file, text).expect("the file is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_open_without_a_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let (home, team) = (folder.path().join("home"), Team::start(folder.path()).await);
    let url = team.url();
    refused(record(&home, &["--library", &url]), "sign_in_needed");
    assert!(
        !home.join("spool/takes").exists(),
        "nothing is recorded for a library that will not have it"
    );

    let (status, said) =
        record(&home, &["--library", &url, "--token", &team.token]).finish(Duration::from_secs(60));
    assert!(status.success(), "{said:#?}");
    let link = said
        .iter()
        .find(|said| said["event"] == "link")
        .map(|said| text(&said["link"]))
        .expect("a link");
    let id = team
        .sealed_clip()
        .parent()
        .and_then(Path::file_name)
        .expect("the clip's folder")
        .to_string_lossy()
        .into_owned();
    let new = json!({ "take": "0196c5f0-0000-7000-8000-000000000000", "recorded_at_us": 1 });
    for token in [None, Some("lib_guessed"), Some("")] {
        let ask = |method: Method, path: &str| {
            let request = Client::new().request(method, format!("{url}{path}"));
            if let Some(token) = token { request.bearer_auth(token) } else { request }
        };
        let answers = [
            ("make a clip", ask(Method::POST, "/api/v1/clips").json(&new).send().await),
            ("list clips", ask(Method::GET, "/api/v1/clips").send().await),
            (
                "look at a clip by its id",
                ask(Method::GET, &format!("/api/v1/clips/{id}")).send().await,
            ),
            (
                "change a clip",
                ask(Method::PATCH, &format!("/api/v1/clips/{id}"))
                    .json(&json!({ "title": "x" }))
                    .send()
                    .await,
            ),
            ("delete a clip", ask(Method::DELETE, &format!("/api/v1/clips/{id}")).send().await),
            ("listen to the library", ask(Method::GET, "/api/v1/events").send().await),
        ];
        for (what, answer) in answers {
            assert_eq!(
                code(answer.expect("an answer")).await,
                (401, "sign_in_needed".to_owned()),
                "{what} with {token:?}"
            );
        }
        let upload =
            ask(Method::HEAD, "/api/v1/uploads/up_guessed").send().await.expect("an answer");
        assert_eq!(upload.status(), 404, "an upload's address is a secret");
    }
    plays(&link, folder.path()).await;
}

/// `vignette sign-in`: its browser is a script that leaves the address it is opened with; a visitor goes on from there.
async fn sign_in_with_the_browser(home: &Path, team: &Team) -> String {
    let (bin, asked) = a_browser(home);
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let env = [("PATH", path.as_str()), ("ASKED", asked.to_str().expect("a plain path"))];
    let mut signing_in = Program::vignette(home, &["sign-in", &team.url()], &env);
    let page = text(&signing_in.wait_for_event("sign_in_page", SOON)["page"]);
    let opened = until("the browser", SOON, || {
        std::fs::read_to_string(&asked).ok().filter(|text| text.ends_with('\n'))
    });
    assert_eq!(opened.trim_end(), page, "the page that is named is the one that opens");

    let mut ada = Visitor::default();
    let form = ada.open(&page).await;
    assert!(
        form.html.contains("type=\"password\""),
        "who is not signed in there signs in first: {}",
        form.html
    );
    let question = ada.submit(&form, &[("login", NAME), ("password", PASSWORD)]).await;
    assert!(question.html.contains("Let the app on this computer upload to"), "{}", question.html);
    let back = ada.submit(&question, &[("answer", "allow")]).await;
    assert_eq!(back.url.host_str(), Some("127.0.0.1"), "the code goes to this computer");
    assert!(back.html.contains("You are signed in"), "{}", back.html);

    let (status, said) = signing_in.finish(SOON);
    assert!(status.success(), "{said:#?}");
    let signed_in = said.last().expect("it says so");
    assert_eq!(
        (text(&signed_in["event"]), text(&signed_in["name"])),
        ("signed_in".to_owned(), NAME.to_owned())
    );
    page
}

/// A folder with a browser for programs to open, and the file in which that browser leaves the address.
fn a_browser(home: &Path) -> (PathBuf, PathBuf) {
    let bin = home.join("bin");
    std::fs::create_dir_all(&bin).expect("a folder");
    let browser = bin.join("xdg-open");
    let script = "#!/bin/sh\nprintf '%s\\n' \"$1\" >\"$ASKED\"\n";
    std::io::Write::write_all(
        &mut std::fs::File::create(&browser).expect("a script"),
        script.as_bytes(),
    )
    .expect("written");
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).expect("a program");
    (bin, home.join("asked"))
}

/// A command that the library refuses: exit code 5, and one line that says why.
fn refused(program: Program, code: &str) {
    let (status, said) = program.finish(SOON);
    let exit = if code == "bad_request" { 1 } else { 5 };
    assert_eq!(status.code(), Some(exit), "{said:#?}");
    let problem = &said.last().expect("it says why")["problem"];
    assert_eq!(problem["code"], code, "{problem}");
    assert!(
        problem["help"].as_str().is_some_and(|help| help.len() > 10),
        "and what to do: {problem}"
    );
}

/// Fetches what a link shows, and looks at it with ffprobe and by decoding.
async fn plays(link: &str, folder: &Path) {
    let answer = reqwest::get(format!("{link}/clip.mp4")).await.expect("the library answers");
    assert!(answer.status().is_success(), "{link}: {}", answer.status());
    let file = folder.join("fetched.mp4");
    let bytes = answer.bytes().await.expect("the whole clip");
    std::io::Write::write_all(&mut std::fs::File::create(&file).expect("a file"), &bytes)
        .expect("written");
    let clip = Media::at(&file);
    assert!((clip.seconds() - 4.0).abs() < 0.1, "four seconds play, not {}", clip.seconds());
    let codecs: Vec<_> = clip.streams().iter().map(|stream| text(&stream["codec_name"])).collect();
    assert_eq!(codecs, ["h264", "aac"]);
    assert!(!clip.frame_hashes().is_empty(), "it decodes");
}

/// Status and code of a refusal.
async fn code(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let problem: Value = answer.json().await.expect("a problem");
    (status, text(&problem["code"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("text, not {value}")).to_owned()
}
