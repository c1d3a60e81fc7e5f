//! tus-js-client against a library that really runs.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use super::clips;
use crate::common::TestServer;

/// tus-js-client as it is published, in every mode.
#[tokio::test]
async fn tus_js_client_passes_in_its_modes() {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui");
    if !ui.join("node_modules/tus-js-client").exists() {
        std::io::Write::write_all(
            &mut std::io::stderr(),
            b"SKIPPED: tus-js-client is not installed: npm --prefix ui ci\n",
        )
        .unwrap();
        return;
    }
    let server = TestServer::start().await;
    let mut node = tokio::process::Command::new("node");
    node.arg(ui.join("tools/tus-client.js")).arg(&server.url).arg(server.token(&server.ann).await);
    node.arg(ui.join("../crates/fmp4/tests/data/zerolatency.mp4"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let done = tokio::time::timeout(Duration::from_secs(100), node.output())
        .await
        .expect("the client ends")
        .unwrap();
    let (said, complained) =
        (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}\n{complained}");
    let modes: Vec<_> = said.lines().collect();
    let expected = [
        "plain",
        "chunks",
        "deferred length",
        "data with creation",
        "chunks, the first with creation",
        "method override",
        "resumed",
        "terminated",
        "draft -03",
        "draft -05",
        "draft -05, data with creation",
        "parallel uploads are refused",
        "another container is refused",
    ];
    assert_eq!(modes, expected);
    let kept = clips(&server).await;
    assert_eq!(
        kept,
        vec![("ready".to_owned(), "talk".to_owned()); 10],
        "each upload that ended is a clip that plays"
    );
}
