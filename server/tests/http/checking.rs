//! Commands beside a library that is being served: they look, and change nothing that lies on disk.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use vignette_model::SystemClock;
use vignette_server::Config;
use vignette_server::admin::Admin;
use vignette_server::check::{Verdict, check};

use crate::common::{STREAM, TestServer};
use crate::program::program;

async fn verdicts(server: &TestServer) -> Vec<(String, Verdict)> {
    let config = Config { data: Some(server.data()), ..Config::default() };
    let beside = Admin::open(&config, Arc::new(SystemClock::new())).await.unwrap();
    let owner = beside.owner().await.unwrap().expect("Ann has an account");
    let mut found = Vec::new();
    check(&beside.library, &owner, |finding| {
        found.push((finding.clip.to_string(), finding.verdict))
    })
    .await
    .unwrap();
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
    for (clip, verdict) in [
        (&sound, Verdict::Sound { size_bytes }),
        (&arriving, Verdict::Arriving { size_bytes }),
        (&empty, Verdict::Empty),
    ] {
        assert!(all.contains(&(clip.id.clone(), verdict)), "{all:?}");
    }

    let found = async |id: &str| match verdicts(&server)
        .await
        .into_iter()
        .find(|(clip, _)| clip == id)
        .unwrap()
        .1
    {
        Verdict::Damaged { what } => what,
        sound => panic!("{sound:?}"),
    };
    let media = server.data().join("media");
    let file = media.join(&sound.id).join("clip.mp4");
    let header_bytes = file.metadata().unwrap().len() - size_bytes;
    flip_last_byte(&file);
    let expected = format!(
        "{size_bytes} bytes at offset 0 of the stream are changed (clip.mp4, byte {header_bytes})"
    );
    assert_eq!(found(&sound.id).await, expected);

    // Two appends, of which the second is damaged: it is named by where it lies.
    let two = server.clip().await;
    server.append(&two, 0, &STREAM[..STREAM.len() - 9], false).send().await.unwrap();
    server.append(&two, STREAM.len() - 9, &STREAM[STREAM.len() - 9..], false).send().await.unwrap();
    flip_last_byte(&media.join(&two.id).join("stream.mp4"));
    let at = size_bytes - 9;
    assert_eq!(
        found(&two.id).await,
        format!("9 bytes at offset {at} of the stream are changed (stream.mp4, byte {at})")
    );
    std::fs::remove_file(media.join(&arriving.id).join("stream.mp4")).unwrap();
    let missing =
        format!("{size_bytes} bytes at offset 0 of the stream are missing (stream.mp4, byte 0)");
    assert_eq!(found(&arriving.id).await, missing);
}

fn flip_last_byte(file: &Path) {
    let last = *std::fs::read(file).unwrap().last().unwrap();
    let mut file = OpenOptions::new().write(true).open(file).unwrap();
    file.seek(SeekFrom::End(-1)).unwrap();
    file.write_all(&[last ^ 1]).unwrap();
}

#[tokio::test]
async fn a_command_seals_nothing_and_logs_no_failure() {
    let server = TestServer::start().await;
    let clip = server.clip().await;
    server.append(&clip, 0, STREAM, false).send().await.unwrap();
    // A folder in the place of the sealed file: sealing fails, and stays to be done.
    let in_the_way = server.data().join("media").join(&clip.id).join("clip.mp4").join("folder");
    std::fs::create_dir_all(&in_the_way).unwrap();
    server.append(&clip, STREAM.len(), b"", true).send().await.unwrap();
    server.library.settled().await;
    for command in [&["check"][..], &["token", "list"], &["person", "list"]] {
        let done = program(&server.data(), command).output().await.unwrap();
        assert!(done.status.success(), "{command:?}");
        assert_eq!(
            String::from_utf8_lossy(&done.stderr),
            "",
            "{command:?} fails at nothing, since it changes nothing"
        );
    }
}
