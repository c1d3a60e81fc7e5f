//! `kill -9` of a program that writes a take: every append that returned is there afterwards.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use vignette_model::text::Title;
use vignette_model::{Sha256, TakeId};

use crate::streams::{endless, open, take};

/// Tells the child where to write.
const FOLDER: &str = "VIGNETTE_SPOOL_CRASH_FOLDER";

/// The child: appends for ever and says so after each append.
#[test]
#[ignore = "it is started, and killed, by the test below"]
fn writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let spool = open(Path::new(&folder));
    let mut writer = spool.begin(take()).unwrap();
    println!("begun {}", writer.id());
    let mut size = 0;
    for (index, piece) in endless().enumerate() {
        writer.append(&piece).unwrap();
        size += piece.len();
        println!("acknowledged {size}");
        // The record is rewritten now and then, so that the kill hits that as well.
        if index % 3 == 0 {
            writer
                .update(|take| take.details.title = Title::new(&format!("Title {index}")).unwrap())
                .unwrap();
        }
    }
}

/// The numbers after `word` in what the child printed. libtest may have begun the line.
fn said<'t>(line: &'t str, word: &str) -> Option<&'t str> {
    line.split_once(word).map(|(_, rest)| rest.trim())
}

fn start(folder: &Path) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crash::writes_until_it_is_killed",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FOLDER, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    (child, lines)
}

/// Random enough to hit another instant each time (xorshift).
fn next(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

#[test]
fn kill_9_at_twenty_random_instants() {
    let mut seed = u64::from(std::process::id()) | 1 << 40;
    println!("seed {seed}");
    let mut sizes = Vec::new();
    for _ in 0..20 {
        let dir = tempfile::tempdir().unwrap();
        let (mut child, mut lines) = start(dir.path());
        let wait_for = next(&mut seed) % 25;
        let (mut id, mut acknowledged, mut count) = (None::<TakeId>, 0_usize, 0);
        let mut line = String::new();
        while count < wait_for || id.is_none() {
            line.clear();
            assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the child must not end by itself");
            id = id.or_else(|| said(&line, "begun ").map(|text| text.parse().unwrap()));
            if let Some(size) = said(&line, "acknowledged ") {
                acknowledged = size.parse().unwrap();
                count += 1;
            }
        }
        // The instant itself: anywhere within the next few appends.
        std::thread::sleep(Duration::from_micros(next(&mut seed) % 4_000));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.lines() {
            if let Some(size) = said(&line.unwrap(), "acknowledged ") {
                acknowledged = size.parse().unwrap_or(acknowledged);
            }
        }

        let id = id.unwrap();
        let spool = open(dir.path());
        let recovered = spool.recover().unwrap();
        let pieces: Vec<Vec<u8>> = endless().take(1000).collect();
        if recovered.is_empty() {
            assert!(
                acknowledged <= pieces[0].len(),
                "a take with {acknowledged} acknowledged bytes is gone"
            );
            continue;
        }
        assert_eq!(recovered, [id]);
        let take = spool.take(id).unwrap();
        let stream = std::fs::read(spool.stream_path(id)).unwrap();
        assert!(
            stream.len() >= acknowledged,
            "{acknowledged} bytes were acknowledged, {} are there",
            stream.len()
        );
        let mut rest = &stream[..];
        for piece in &pieces {
            if rest.is_empty() {
                break;
            }
            rest = rest
                .strip_prefix(&piece[..])
                .expect("the stream is whole pieces, in order, unchanged");
        }
        assert!(rest.is_empty(), "the stream ends with a whole piece");
        assert_eq!(
            (take.stream.complete, take.stream.interrupted, take.stream.sha256),
            (true, true, Some(Sha256::of(&stream)))
        );
        sizes.push(stream.len());
    }
    println!("sizes {sizes:?}");
    assert!(sizes.len() >= 10, "most kills must come after a fragment was there: {sizes:?}");
}
