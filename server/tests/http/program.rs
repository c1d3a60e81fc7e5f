//! The program itself, from its first start to its end.

use std::process::Stdio;
use std::time::Duration;

use reqwest::StatusCode;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::common::{PASSWORD, browser, json_of, problem};

pub(crate) fn program(data: &std::path::Path, words: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_vignette-library"));
    program
        .args(["--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"])
        .args(words)
        .kill_on_drop(true);
    program
}

pub(crate) async fn said(data: &std::path::Path, words: &[&str]) -> (bool, String) {
    let done = tokio::time::timeout(Duration::from_secs(30), program(data, words).output())
        .await
        .expect("a command ends")
        .unwrap();
    (done.status.success(), String::from_utf8(done.stdout).unwrap().trim().to_owned())
}

pub(crate) async fn served(data: &std::path::Path) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child =
        program(data, &["serve"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

pub(crate) async fn line(lines: &mut Lines<BufReader<ChildStdout>>) -> String {
    let line = tokio::time::timeout(Duration::from_secs(30), lines.next_line())
        .await
        .expect("it says something");
    line.unwrap().expect("it goes on talking")
}

pub(crate) async fn end(mut child: Child) {
    let id = child.id().unwrap().to_string();
    Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
    let status = tokio::time::timeout(Duration::from_secs(15), child.wait())
        .await
        .expect("SIGTERM ends it")
        .unwrap();
    assert!(status.success(), "it ends cleanly: {status}");
}

#[tokio::test]
async fn from_the_first_start_to_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("library");
    let (child, mut lines) = served(&data).await;
    let first = line(&mut lines).await;
    let url = first
        .strip_prefix("Vignette is at ")
        .unwrap_or_else(|| panic!("{first}"))
        .trim_end_matches('/')
        .to_owned();
    assert!(line(&mut lines).await.contains("Nobody has an account yet"));
    let link = line(&mut lines).await;
    let secret = link.split_once("/setup?secret=").unwrap_or_else(|| panic!("{link}")).1.to_owned();

    assert_eq!(
        said(&data, &["setup-link"]).await,
        (true, link.clone()),
        "a command gives the link of the served library"
    );

    let http = browser(None);
    let set_up = |name: &'static str| {
        http.post(format!("{url}/setup"))
            .form(&[("secret", secret.as_str()), ("name", name), ("password", PASSWORD)])
            .send()
    };
    assert_eq!(http.get(&link).send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(set_up("Ann").await.unwrap().status(), StatusCode::SEE_OTHER);
    problem(set_up("Eve").await.unwrap(), 404, "not_found").await;
    problem(http.get(&link).send().await.unwrap(), 404, "not_found").await;

    let (made, token) = said(&data, &["token", "create", "Laptop"]).await;
    assert!(made && token.starts_with("lib_"), "a running library gives tokens: {token}");
    let me = http.get(format!("{url}/api/v1/me")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(json_of(me, StatusCode::OK).await["name"], "Ann");
    let (_, list) = said(&data, &["token", "list"]).await;
    let id = list.split('\t').next().unwrap().to_owned();
    assert!(said(&data, &["token", "revoke", &id]).await.0);
    problem(
        http.get(format!("{url}/api/v1/me")).bearer_auth(&token).send().await.unwrap(),
        401,
        "sign_in_needed",
    )
    .await;

    assert!(!said(&data, &["setup-link"]).await.0, "there is one first account");
    assert!(said(&data, &["invite"]).await.1.contains("/setup?secret="));
    assert!(!said(&data, &["sweep"]).await.0, "a library that is served sweeps by itself");
    assert!(!said(&data, &["serve"]).await.0, "one folder is served once");
    assert_eq!(said(&data, &["check"]).await, (true, "0 clips, 0 damaged".to_owned()));
    end(child).await;
    assert!(said(&data, &["sweep"]).await.0);

    let (child, mut lines) = served(&data).await;
    assert!(line(&mut lines).await.starts_with("Vignette is at "));
    end(child).await;
    assert_eq!(lines.next_line().await.unwrap(), None, "nobody is asked to set it up again");
}

#[tokio::test]
async fn people_are_looked_after_beside_a_running_library() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("library");
    let (child, mut lines) = served(&data).await;
    let first = line(&mut lines).await;
    let url = first.strip_prefix("Vignette is at ").unwrap().trim_end_matches('/').to_owned();
    line(&mut lines).await;
    let link = line(&mut lines).await;
    let http = browser(None);
    let join = async |link: &str, name: &str| {
        let form = [("secret", secret_of(link)), ("name", name), ("password", PASSWORD)];
        let joined = http.post(format!("{url}/setup")).form(&form).send().await.unwrap();
        assert_eq!(joined.status(), StatusCode::SEE_OTHER);
        joined.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
    };
    let ann = join(&link, "Ann").await;
    assert!(
        said(&data, &["person", "invite"]).await.1.starts_with(&url),
        "the link is one of the library that is served"
    );
    let open = said(&data, &["person", "invitations"]).await.1;
    let columns: Vec<_> = open.split('\t').collect();
    assert!(
        columns.len() == 4 && columns[1] == "ann" && columns[2] < columns[3],
        "number, from whom, when, until when: {open}"
    );
    assert!(said(&data, &["person", "revoke-invitation", columns[0]]).await.0);
    assert!(
        !said(&data, &["person", "revoke-invitation", columns[0]]).await.0,
        "it is not there any more"
    );
    assert_eq!(said(&data, &["person", "invitations"]).await.1, "");
    let bob = join(&said(&data, &["person", "invite"]).await.1, "Bob Ray").await;
    let home =
        async |cookie: &str| http.get(&url).header("cookie", cookie).send().await.unwrap().status();
    let listed = async || said(&data, &["person", "list"]).await.1;
    let list = listed().await;
    assert!(list.starts_with("ann\tAnn\tadmin\topen\t1 sessions\t0 tokens\t2"), "{list}");
    assert!(
        said(&data, &["person", "sessions", "bob ray"]).await.1.starts_with("session\tA browser\t")
    );

    // Whoever listens is told at once, though it is another process that suspends them.
    let events =
        http.get(format!("{url}/api/v1/events")).header("cookie", &bob).send().await.unwrap();
    assert!(said(&data, &["person", "suspend", "Bob Ray"]).await.0);
    let told = async { events.bytes().await.map(drop) };
    tokio::time::timeout(Duration::from_secs(15), told)
        .await
        .expect("an open stream ends")
        .unwrap();
    assert_eq!((home(&ann).await, home(&bob).await), (StatusCode::OK, StatusCode::SEE_OTHER));
    assert!(listed().await.contains("Bob Ray\tmember\tsuspended\t0 sessions"));
    assert!(!said(&data, &["person", "suspend", "Ann"]).await.0, "the last administrator stays");
    assert!(!said(&data, &["person", "suspend", "Nobody"]).await.0);
    let row = list.lines().find(|row| row.starts_with("bob ray\tBob Ray\t")).unwrap();
    let id = row.rsplit('\t').next().unwrap();
    assert!(said(&data, &["person", "resume", id]).await.0, "by the id that the list ends with");

    let reset = said(&data, &["person", "reset-password", "Bob Ray"]).await.1;
    let secret =
        reset.split_once("/reset?secret=").unwrap_or_else(|| panic!("{reset}")).1.to_owned();
    let form = [("secret", secret.as_str()), ("password", "another password")];
    let chosen = http.post(format!("{url}/reset")).form(&form).send().await.unwrap();
    let bob =
        chosen.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(home(&bob).await, StatusCode::OK);
    assert!(said(&data, &["person", "end-sessions", "Bob Ray"]).await.0);
    assert_eq!(home(&bob).await, StatusCode::SEE_OTHER);
    assert!(!said(&data, &["person", "role", "Bob Ray", "king"]).await.0);
    assert!(said(&data, &["person", "role", "Bob Ray", "admin"]).await.0);
    assert!(said(&data, &["person", "remove", "Ann"]).await.0, "there is another now");
    assert_eq!(home(&ann).await, StatusCode::SEE_OTHER);
    let list = listed().await;
    assert!(
        list.contains("-\tAnn (left)\tmember\tleft") && list.contains("Bob Ray\tadmin\topen"),
        "{list}"
    );
    end(child).await;
}

pub(crate) fn secret_of(link: &str) -> &str {
    link.split_once("/setup?secret=").unwrap_or_else(|| panic!("{link}")).1
}

#[tokio::test]
async fn a_new_folder_may_be_opened_by_many_at_the_same_instant() {
    for round in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("library");
        let (child, mut lines) = served(&data).await;
        let (one, two, token) = tokio::join!(
            said(&data, &["setup-link"]),
            said(&data, &["setup-link"]),
            said(&data, &["token", "list"])
        );
        let url = line(&mut lines).await;
        let url = url
            .strip_prefix("Vignette is at ")
            .unwrap_or_else(|| panic!("{url}"))
            .trim_end_matches('/')
            .to_owned();
        line(&mut lines).await;
        let printed = line(&mut lines).await;
        let secret = secret_of(&printed);
        for (ok, link) in [&one, &two] {
            assert!(ok, "round {round}: a command beside the first start fails");
            assert_eq!(secret_of(link), secret, "round {round}: nobody's link ends another's");
        }
        assert!(!token.0, "nobody has an account yet");
        let page = browser(None).get(format!("{url}/setup?secret={secret}")).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK, "round {round}: the link opens the door");
        drop(child);
    }
}

#[tokio::test]
async fn the_set_up_link_outlives_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("library");
    let (ok, link) = said(&data, &["setup-link"]).await;
    assert!(ok, "it can be had before the first start");
    let (child, mut lines) = served(&data).await;
    let url = line(&mut lines).await;
    let url = url.strip_prefix("Vignette is at ").unwrap().trim_end_matches('/');
    line(&mut lines).await;
    assert_eq!(
        secret_of(&line(&mut lines).await),
        secret_of(&link),
        "a link that was passed on stays good"
    );
    let form = [("secret", secret_of(&link)), ("name", "Ann"), ("password", PASSWORD)];
    let made = browser(None).post(format!("{url}/setup")).form(&form).send().await.unwrap();
    assert_eq!(made.status(), StatusCode::SEE_OTHER);
    assert!(!said(&data, &["setup-link"]).await.0, "it is used once");
    assert!(!data.join("setup").exists(), "and not kept any longer");
    end(child).await;
}

#[tokio::test]
async fn looking_at_a_library_that_is_not_there_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("elsewhere");
    for command in [&["person", "list"][..], &["token", "list"], &["check"]] {
        let done = program(&data, command).output().await.unwrap();
        let why = String::from_utf8(done.stderr).unwrap();
        assert!(
            !done.status.success() && why.contains("--data") && why.contains("elsewhere"),
            "{command:?}: {why}"
        );
        assert!(!data.exists(), "{command:?} makes nothing");
    }
}

#[tokio::test]
async fn its_settings_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let (ok, sample) = said(folder.path(), &["config"]).await;
    assert!(ok && sample.contains("listen = \"127.0.0.1:8455\""));
    let file = folder.path().join("library.toml");
    std::io::Write::write_all(
        &mut std::fs::File::create(&file).unwrap(),
        b"lisen = \"127.0.0.1:1\"\n",
    )
    .unwrap();
    let mut wrong = program(folder.path(), &["--config", file.to_str().unwrap(), "check"]);
    let done = wrong.output().await.unwrap();
    assert!(!done.status.success());
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(said.contains("lisen"), "the unknown key is named: {said}");
}
