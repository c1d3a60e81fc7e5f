#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use vignette_model::ErrorCode;

use super::*;

fn paths(folder: &Path) -> Paths {
    let at = |name: &str| folder.join(name);
    Paths {
        spool: at("spool"),
        library: at("library"),
        models: at("models"),
        config: at("config"),
        runtime: at("runtime"),
    }
}

async fn answered(paths: &Paths, command: RemoteCommand) -> Result<RemoteStatus, StudioError> {
    loop {
        match ask_app(paths, command).await {
            Err(StudioError::AppNotRunning) => tokio::time::sleep(Duration::from_millis(10)).await,
            answer => return answer,
        }
    }
}

#[tokio::test]
async fn a_program_is_answered_and_told_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(folder.path());
    let nobody = ask_app(&paths, RemoteCommand::Stop).await;
    assert!(matches!(nobody, Err(StudioError::AppNotRunning)), "{nobody:?}");
    let status = RemoteStatus {
        state: RemoteState::Recording,
        duration_us: Span::from_secs(3),
        link: Some("https://clips.example.org/c/1".into()),
    };
    let app = {
        let (paths, status) = (paths.clone(), status.clone());
        tokio::spawn(async move {
            let answer = move |command| {
                let status = status.clone();
                async move {
                    match command {
                        RemoteCommand::Start => Ok(status),
                        _ => Err(Problem::new(ErrorCode::Conflict, "Nothing is being recorded")),
                    }
                }
            };
            serve_remote(&paths, answer).await
        })
    };
    assert_eq!(answered(&paths, RemoteCommand::Start).await.unwrap(), status);
    let refused = ask_app(&paths, RemoteCommand::Pause).await.unwrap_err();
    assert_eq!(Problem::from(refused).code, ErrorCode::Conflict);
    let mode =
        std::fs::metadata(paths.runtime.join("control.socket")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else may connect");
    let second = serve_remote(&paths, |_| async { unreachable!("nobody asks it") }).await;
    assert_eq!(second.unwrap_err().kind(), io::ErrorKind::AddrInUse, "one app answers");
    app.abort();
    let _ = app.await;
    let gone = ask_app(&paths, RemoteCommand::Start).await;
    assert!(matches!(gone, Err(StudioError::AppNotRunning)), "{gone:?}");
    let next = tokio::spawn({
        let paths = paths.clone();
        async move { serve_remote(&paths, |_| async { Ok(RemoteStatus::of(None, None)) }).await }
    });
    let status = answered(&paths, RemoteCommand::Toggle).await.unwrap();
    assert_eq!(status.state, RemoteState::Idle, "a socket that was left over is no obstacle");
    next.abort();
}

#[tokio::test]
async fn what_is_no_request_ends_the_connection() {
    let (mut program, app) = tokio::io::duplex(1 << 16);
    let app = tokio::spawn(converse(app, |_| async { unreachable!("it was asked nothing") }));
    program.write_all(b"{\"do\":\"erase\"}\n").await.unwrap();
    assert!(app.await.unwrap().is_err());
    let (mut program, app) = tokio::io::duplex(1 << 16);
    let app = tokio::spawn(converse(app, |_| async { unreachable!("it was asked nothing") }));
    program.write_all(&vec![b' '; 20 << 10]).await.unwrap();
    assert!(app.await.unwrap().is_err(), "a line has an end");
}
