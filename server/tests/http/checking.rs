//! Commands beside a library that is being served: they look, and change nothing that lies on disk.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;

use vignette_model::SystemClock;
use vignette_server::Config;
use vignette_server::beside::Beside;
use vignette_server::check::{Verdict, check};

use crate::common::{STREAM, TestServer};

async fn verdicts(server: &TestServer) -> Vec<(String, Verdict)> {
    let config = Config { data: Some(server.data()), ..Config::default() };
    let beside = Beside::open(&config, Arc::new(SystemClock::new())).await.unwrap();
    let owner = beside.owner().await.unwrap().expect("Ann has an account");
    let mut found = Vec::new();
    check(&beside.library, &owner, |finding| found.push((finding.clip.to_string(), finding.verdict))).await.unwrap();
    found
}

#[tokio::test]
async fn one_wrong_bit_is_found() {
    let server = TestServer::start().await;
    let sound = server.sealed_clip().await;
    let arriving = server.clip().await;
    server.append(&arriving, 0, STREAM, false).send().await.unwrap();
    let empty = server.clip().await;
    let size_bytes = STREAM.len() as u64;
    let all = verdicts(&server).await;
    assert_eq!(all.len(), 3);
    for (clip, verdict) in
        [(&sound, Verdict::Sound { size_bytes }), (&arriving, Verdict::Arriving { size_bytes }), (&empty, Verdict::Empty)]
    {
        assert!(all.contains(&(clip.id.clone(), verdict)), "{all:?}");
    }

    let file = server.data().join("media").join(&sound.id).join("clip.mp4");
    let mut file = OpenOptions::new().write(true).open(file).unwrap();
    file.seek(SeekFrom::End(-1)).unwrap();
    file.write_all(&[STREAM[STREAM.len() - 1] ^ 1]).unwrap();
    let all = verdicts(&server).await;
    let (_, verdict) = all.iter().find(|(id, _)| *id == sound.id).unwrap();
    assert!(!verdict.is_sound(), "{verdict:?}");
}
