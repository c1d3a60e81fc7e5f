//! Those who want to be a nuisance: the real library, with `ulimit -n 1024`, while somebody holds its connections, does not read
//! what it sends, sends what it does not want, or writes what takes long. Meanwhile a member records and somebody watches.
//!
//! Each test prints its figures (`./dev test edge` shows them). What is asserted are counts, bytes and answers; times are printed,
//! since other work may run beside.
#![cfg(target_os = "linux")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use vignette_tests::ground::{Ground, Member, PATIENCE};
use vignette_tests::household::{Household, ended, status};
use vignette_tests::team::credentials;

/// So many connections from so many households, on each of which `bytes` were sent; those that came about.
async fn crowd(to: SocketAddr, households: u8, each: usize, bytes: &[u8]) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for _ in 0..each {
        for n in 1..=households {
            held.extend(Household::number(n).send(to, bytes).await);
        }
    }
    held
}

/// Somebody who listens to a clip from before the attack until after it.
async fn listener(ground: &Ground) -> TcpStream {
    let ask =
        format!("GET /api/v1/c/{}/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", ground.clip.key);
    let mut stream =
        Household::number(200).send(ground.to, ask.as_bytes()).await.expect("a connection");
    assert_eq!(status(&mut stream).await, Some(200));
    stream
}

/// Whether the listener is told of what happens now.
async fn hears(ground: &Ground, mut listener: TcpStream) -> bool {
    let member = Member::of(&ground.team);
    let change = member
        .http
        .patch(format!("{}/api/v1/clips/{}", member.url, ground.clip.id))
        .bearer_auth(&member.token);
    let changed =
        change.json(&json!({ "title": "Heard to the end" })).send().await.expect("an answer");
    assert_eq!(changed.status(), StatusCode::OK);
    let heard = async {
        let (mut all, mut piece) = (Vec::new(), [0; 4096]);
        while !String::from_utf8_lossy(&all).contains("Heard to the end") {
            match listener.read(&mut piece).await {
                Ok(0) | Err(_) => return false,
                Ok(read) => all.extend_from_slice(&piece[..read]),
            }
        }
        true
    };
    tokio::time::timeout(PATIENCE, heard).await.unwrap_or(false)
}

/// H2 in three kinds: 1,100 connections from eleven households, and as many from one.
async fn held_connections(attack: &str, bytes: &[u8]) {
    let ground = Ground::open().await;
    let listener = listener(&ground).await;
    let mut held = crowd(ground.to, 11, 100, bytes).await;
    let among = ground.work(5).await;
    held.extend(crowd(ground.to, 1, 300, bytes).await);
    let mut worked = ground.work(5).await;
    worked.refused += among.refused;
    worked.pages += among.pages;
    worked.appends_ms.extend(among.appends_ms);
    worked.appends_ms.sort_unstable();
    let more = format!("{} connections made, {} of them ended by now", held.len(), ended(&held));
    assert!(hears(&ground, listener).await, "whoever listens is not cut off for {attack}");
    ground.told(attack, &worked, &more);
    assert_eq!(
        (worked.refused, worked.appends_ms.len(), worked.pages),
        (0, 10, 20),
        "uploads and pages go on"
    );
    let all = held.len();
    let gone = async {
        while ended(&held) < all {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone)
        .await
        .expect("none of them is held for ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn edge_silent_connections() {
    held_connections("silent connections", b"").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edge_half_a_preface() {
    held_connections("half a preface of HTTP/2", b"PRI * HTTP/2.0\r\n").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edge_slow_readers() {
    let ground = Ground::open().await;
    let listener = listener(&ground).await;
    let noise = noise();
    let mut member = Member::of(&ground.team);
    let large = member.clip().await.expect("a clip");
    let request = member
        .http
        .patch(format!("{}{}", member.url, large.upload))
        .header("upload-complete", "?1");
    let request = request
        .header("content-type", "application/partial-upload")
        .header("upload-offset", 0)
        .body(noise);
    assert_eq!(
        request.send().await.expect("an answer").status(),
        StatusCode::NO_CONTENT,
        "a large clip is taken"
    );
    let watched = format!("GET /c/{}/stream.mp4 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", large.key);
    let held = crowd(ground.to, 10, 100, watched.as_bytes()).await;
    let worked = ground.work(10).await;
    let more = format!("{} connections made, {} of them ended by now", held.len(), ended(&held));
    assert!(
        hears(&ground, listener).await,
        "whoever listens is not cut off for those who do not read"
    );
    ground.told("slow readers", &worked, &more);
    assert_eq!(
        (worked.refused, worked.appends_ms.len(), worked.pages),
        (0, 10, 20),
        "uploads and pages go on"
    );
}

/// A stream that no codec makes small: 15 MB in a few seconds.
fn noise() -> Vec<u8> {
    let ffmpeg = std::process::Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "gray",
            "-s",
            "320x240",
            "-r",
            "30",
            "-i",
            "/dev/urandom",
        ])
        .args([
            "-t",
            "5",
            "-vf",
            "format=yuv420p",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-qp",
            "4",
            "-g",
            "30",
        ])
        .args([
            "-sc_threshold",
            "0",
            "-bf",
            "0",
            "-movflags",
            "+frag_keyframe+empty_moov+default_base_moof+skip_trailer",
        ])
        .args(["-f", "mp4", "-"])
        .output()
        .expect("ffmpeg runs");
    assert!(ffmpeg.status.success(), "{}", String::from_utf8_lossy(&ffmpeg.stderr));
    ffmpeg.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn edge_bodies_of_nobody() {
    let ground = Ground::open().await;
    let before = ground.team.memory_kb("VmRSS") / 1024;
    let filler: Arc<[u8]> = vec![b' '; 1 << 20].into();
    let (words, form) = (
        "PUT /api/v1/clips/0196c5f0-0000-7000-8000-000000000000/transcript HTTP/1.1\r\nhost: 127.0.0.1\r\n\
         content-type: application/json\r\ncontent-length: 16777216\r\n\r\n{",
        "POST /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: 1000000\r\n\r\nname=",
    );
    let mut senders = tokio::task::JoinSet::new();
    for n in 0..120_u8 {
        let (filler, to, head) = (filler.clone(), ground.to, if n % 2 == 0 { words } else { form });
        senders.spawn(async move {
            let mut stream = Household::number(n % 4 + 1).send(to, head.as_bytes()).await.ok()?;
            for _ in 0..15 {
                if tokio::io::AsyncWriteExt::write_all(&mut stream, &filler).await.is_err() {
                    break;
                }
            }
            // Held open with a byte to come, as long as the library lets them.
            tokio::time::timeout(Duration::from_secs(10), status(&mut stream)).await.ok().flatten()
        });
    }
    let worked = ground.work(10).await;
    let answers = senders.join_all().await;
    let refused = |code| answers.iter().filter(|answer| **answer == Some(code)).count();
    let (no, large, often) = (refused(401), refused(413), refused(429));
    let more = format!(
        "{before} MiB before; of 120 bodies {no} are told 401, {large} are told 413, {often} are told 429"
    );
    ground.told("bodies of nobody", &worked, &more);
    assert_eq!(
        (worked.refused, worked.appends_ms.len(), worked.pages),
        (0, 10, 20),
        "uploads and pages go on"
    );
    assert!(no >= 55 && large + often >= 55, "whoever may not is told so at once: {answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn edge_one_guest_writes_what_takes_long() {
    let ground = Ground::open().await;
    let listener = listener(&ground).await;
    let (url, key) = (ground.team.url(), ground.clip.key.clone());
    let guest =
        Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().expect("a client");
    let posted = guest
        .post(format!("{url}/api/v1/c/{key}/replies"))
        .json(&json!({ "name": "Guest", "body": "x" }))
        .send()
        .await;
    let posted: Value = posted.expect("an answer").json().await.expect("a reply");
    let (reply, secret) = (
        posted["reply"]["id"].as_str().expect("an id"),
        posted["secret"].as_str().expect("a secret"),
    );
    let change = format!("{url}/api/v1/c/{key}/replies/{reply}");
    // Sixty columns, and rows of one cell that a table would fill up to sixty; and as many marks as a reply has room for.
    let table = format!("{}\n{}\n{}", "|a".repeat(60), "|-".repeat(60), "x\n".repeat(4_800));
    let bodies = [table, "*a* `b` ".repeat(1_200)];
    let (over, changes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let nuisance = tokio::spawn({
        let (over, changes, secret) = (over.clone(), changes.clone(), secret.to_owned());
        async move {
            for body in bodies.iter().cycle() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let request = guest
                    .patch(&change)
                    .header("vignette-reply-secret", &secret)
                    .json(&json!({ "body": body }));
                if request.send().await.is_ok_and(|answer| answer.status().is_success()) {
                    changes.fetch_add(1, Ordering::Relaxed);
                }
                tokio::task::yield_now().await;
            }
        }
    });
    let worked = ground.work(20).await;
    assert!(hears(&ground, listener).await, "whoever listens hears on, whatever a guest writes");
    over.store(true, Ordering::Relaxed);
    nuisance.await.expect("the guest stops");
    let changes = changes.load(Ordering::Relaxed);
    ground.told("one guest's longest replies", &worked, &format!("{changes} changes taken"));
    assert!(changes > 0, "the guest writes");
    assert_eq!(
        (worked.refused, worked.appends_ms.len(), worked.pages),
        (0, 20, 40),
        "uploads and pages go on"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn edge_one_address_is_not_everybody() {
    let ground = Ground::open().await;
    let one = Household::number(1);
    let look = b"GET /setup?secret=a HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
    let mut looked = Vec::new();
    for _ in 0..60 {
        looked.push(one.ask(ground.to, look, PATIENCE).await);
    }
    let form = credentials();
    let sign_in = format!(
        "POST /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{form}",
        form.len()
    );
    assert_eq!(
        one.ask(ground.to, sign_in.as_bytes(), PATIENCE).await,
        Some(303),
        "who looked at a page may sign in"
    );
    let mut member = Member::of(&ground.team);
    let other = member.clip().await.expect("a clip");
    let listen =
        |key: &str| format!("GET /api/v1/c/{key}/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
    let mut held = Vec::new();
    for _ in 0..150 {
        let mut stream =
            one.send(ground.to, listen(&ground.clip.key).as_bytes()).await.expect("a connection");
        let heard = status(&mut stream).await;
        held.push((stream, heard));
    }
    let refused = held.iter().filter(|(_, heard)| *heard == Some(429)).count();
    let mut elsewhere =
        one.send(ground.to, listen(&other.key).as_bytes()).await.expect("a connection");
    assert_eq!(
        status(&mut elsewhere).await,
        Some(200),
        "who listens to one clip takes no place of another's listeners"
    );
    assert!(refused > 0, "and one link has so many and no more");
    let worked = ground.work(3).await;
    ground.told("one address", &worked, &format!("{refused} of 150 listeners of one link refused"));
    assert_eq!(worked.refused, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn edge_a_storm_of_sign_ins() {
    let ground = Ground::open().await;
    let over = Arc::new(AtomicBool::new(false));
    let mut storm = tokio::task::JoinSet::new();
    for n in 0..60_u8 {
        let (over, to) = (over.clone(), ground.to);
        storm.spawn(async move {
            let mut counts = [0_usize; 2];
            for round in 0.. {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let form = format!("login=somebody{n}x{round}&password=whatever+it+is");
                let ask = format!(
                    "POST /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                     connection: close\r\ncontent-length: {}\r\n\r\n{form}",
                    form.len()
                );
                let answer = Household::number(n + 1).ask(to, ask.as_bytes(), PATIENCE).await;
                counts[usize::from(answer == Some(429))] += 1;
            }
            counts
        });
    }
    let worked = ground.work(5).await;
    let mut owner = [0; 2];
    for _ in 0..5 {
        let http = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build();
        let asked = http.expect("a client").post(format!("{}/sign-in", ground.team.url()));
        let asked = asked
            .header("content-type", "application/x-www-form-urlencoded")
            .body(credentials())
            .send()
            .await;
        owner[usize::from(!asked.is_ok_and(|answer| answer.status() == StatusCode::SEE_OTHER))] +=
            1;
    }
    over.store(true, Ordering::Relaxed);
    let tried = storm
        .join_all()
        .await
        .into_iter()
        .fold([0, 0], |sum, one| [sum[0] + one[0], sum[1] + one[1]]);
    let more = format!(
        "{} tries, {} of them refused; the owner's right password let in {} of 5 times",
        tried[0] + tried[1],
        tried[1],
        owner[0]
    );
    ground.told("a storm of sign-ins", &worked, &more);
    assert_eq!((worked.refused, worked.appends_ms.len()), (0, 5), "uploads and pages go on");
    assert_eq!(owner, [5, 0], "the right password is never refused for wrong ones from elsewhere");
}
