//! How long appends take while one guest does their worst: a recorder sends a fragment ten times a second for a quiet minute,
//! then for a minute in which a household that has a clip's link does all that it can at once. Prints one JSON object.
//!
//! Everything is counted as whoever does it sees it: times from sending a fragment until it is acknowledged as durable.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use vignette_fmp4::{Cutter, Limits, Piece};
use vignette_tests::ground::{Ground, Member, PATIENCE};
use vignette_tests::process::now;
use vignette_tests::team::NAME;

/// How often a fragment is sent: as often as sixteen recorders do.
const EVERY: Duration = Duration::from_millis(100);
/// How many of each kind of nuisance there are at one time.
const AT_ONCE: usize = 4;
/// The guest's address, which is not the recorder's.
const GUEST: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 1, 1));

fn main() {
    let seconds = std::env::args().nth(1).and_then(|seconds| seconds.parse().ok()).unwrap_or(60);
    let minute = Duration::from_secs(seconds);
    let pieces = pieces();
    // The recorder has a thread of its own, so that what is measured is not how busy the guest's own program is.
    let recorder =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let elsewhere = tokio::runtime::Runtime::new().expect("a runtime");
    let ground = elsewhere.block_on(Ground::open());
    let mut member = Member::of(&ground.team);
    let quiet = recorder.block_on(async {
        drop(record(&mut member, &pieces, Duration::from_secs(2)).await);
        record(&mut member, &pieces, minute).await
    });
    let before_mib = ground.team.memory_kb("VmRSS") / 1024;

    let guest = Guest::of(&ground);
    let nuisance = elsewhere.spawn({
        let guest = guest.clone();
        async move {
            let mut all = JoinSet::new();
            for n in 0..AT_ONCE {
                all.spawn(guest.clone().writes(n));
                all.spawn(guest.clone().sends_large_bodies());
                all.spawn(guest.clone().guesses_passwords());
                all.spawn(guest.clone().opens_streams());
                all.spawn(guest.clone().reads());
            }
            all.join_all().await;
        }
    });
    let attacked = recorder.block_on(record(&mut member, &pieces, minute));
    guest.over.store(true, Ordering::Relaxed);
    elsewhere.block_on(nuisance).expect("the guest stops");
    let answers = guest.answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let memory = json!({
        "before_mib": before_mib,
        "after_mib": ground.team.memory_kb("VmRSS") / 1024,
        "most_mib": ground.team.memory_kb("VmHWM") / 1024,
    });
    println!(
        "{}",
        json!({ "quiet": quiet.told(), "attacked": attacked.told(), "memory": memory, "answers": answers })
    );
}

/// A film in pieces as a recorder sends them: the init segment with the first fragment, then a fragment each, 1.6 s long.
fn pieces() -> Vec<Vec<u8>> {
    let film = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=640x360:r=30:d=96",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
        ])
        .args([
            "-b:v",
            "1500k",
            "-g",
            "48",
            "-sc_threshold",
            "0",
            "-bf",
            "0",
            "-pix_fmt",
            "yuv420p",
        ])
        .args([
            "-movflags",
            "+frag_keyframe+empty_moov+default_base_moof+skip_trailer",
            "-f",
            "mp4",
            "-",
        ])
        .output()
        .expect("ffmpeg runs");
    assert!(film.status.success(), "{}", String::from_utf8_lossy(&film.stderr));
    let cut =
        Cutter::new(Limits::default()).push(&film.stdout).expect("a stream as recorders make them");
    let ends = cut.iter().filter_map(|piece| match piece {
        Piece::Init(_) => None,
        Piece::Fragment(fragment) => {
            Some(usize::try_from(fragment.end_bytes()).expect("a small film"))
        }
    });
    let mut begin = 0;
    ends.map(|end| film.stdout[std::mem::replace(&mut begin, end)..end].to_vec()).collect()
}

/// How appends went.
struct Recorded {
    times_us: Vec<u128>,
    refused: usize,
}

impl Recorded {
    fn told(&self) -> Value {
        let share = |percent: usize| {
            self.times_us.get(self.times_us.len().saturating_sub(1) * percent / 100)
        };
        let most = self.times_us.last();
        json!({ "appends": self.times_us.len(), "refused": self.refused, "p50_us": share(50), "p99_us": share(99), "most_us": most })
    }
}

/// Records clip after clip.
async fn record(member: &mut Member, pieces: &[Vec<u8>], time: Duration) -> Recorded {
    let (mut recorded, end) = (Recorded { times_us: Vec::new(), refused: 0 }, now() + time);
    let mut turn = tokio::time::interval(EVERY);
    turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    'clips: while now() < end {
        let Some(clip) = member.clip().await else {
            recorded.refused += 1;
            continue;
        };
        let mut offset = 0;
        for piece in pieces {
            turn.tick().await;
            if now() >= end {
                break 'clips;
            }
            let began = now();
            if member.append(&clip, offset, piece).await != Some(StatusCode::NO_CONTENT) {
                recorded.refused += 1;
                continue 'clips;
            }
            recorded.times_us.push(began.elapsed().as_micros());
            offset += piece.len();
        }
    }
    recorded.times_us.sort_unstable();
    recorded
}

/// What each kind of request was answered: taken, refused as one too many (`429`), refused otherwise, or not at all.
type Answers = BTreeMap<&'static str, [usize; 4]>;

/// Somebody with a link and bad intentions.
#[derive(Clone)]
struct Guest {
    http: Client,
    url: String,
    key: String,
    over: Arc<AtomicBool>,
    answers: Arc<Mutex<Answers>>,
}

impl Guest {
    fn of(ground: &Ground) -> Self {
        let http = Client::builder()
            .no_proxy()
            .local_address(GUEST)
            .redirect(reqwest::redirect::Policy::none());
        let http = http.timeout(PATIENCE).build().expect("a client");
        Self {
            http,
            url: ground.team.url(),
            key: ground.clip.key.clone(),
            over: Arc::default(),
            answers: Arc::default(),
        }
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn replies(&self) -> String {
        format!("{}/api/v1/c/{}/replies", self.url, self.key)
    }

    /// Sends a request, counts how it was answered, and gives the answer if it was what the guest wants.
    async fn try_to(&self, what: &'static str, request: RequestBuilder) -> Option<Response> {
        let answer = request.send().await.ok();
        let kind = match answer.as_ref().map(Response::status) {
            Some(status) if status.is_success() || status.is_redirection() => 0,
            Some(StatusCode::TOO_MANY_REQUESTS) => 1,
            Some(_) => 2,
            None => 3,
        };
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).entry(what).or_default()
            [kind] += 1;
        answer.filter(|_| kind == 0)
    }

    /// Replies of the longest kinds, each rewritten twice and deleted.
    async fn writes(self, n: usize) {
        let bodies = longest_bodies();
        for (round, body) in bodies.iter().cycle().skip(n).enumerate() {
            if self.is_over() {
                return;
            }
            let new = json!({ "name": format!("Guest {n}"), "body": body, "anchor": { "start_us": round } });
            let Some(posted) =
                self.try_to("replies", self.http.post(self.replies()).json(&new)).await
            else {
                continue;
            };
            let Ok(posted) = posted.json::<Value>().await else { continue };
            let text = |pointer: &str| {
                posted.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            let (reply, secret) =
                (format!("{}/{}", self.replies(), text("/reply/id")), text("/secret"));
            for other in bodies.iter().cycle().skip(n + round + 1).take(2) {
                let change = self
                    .http
                    .patch(&reply)
                    .header("vignette-reply-secret", &secret)
                    .json(&json!({ "body": other }));
                self.try_to("rewrites", change).await;
            }
            // Every other one stays, so that the list grows.
            if round % 2 == 0 {
                self.try_to(
                    "deletes",
                    self.http.delete(&reply).header("vignette-reply-secret", &secret),
                )
                .await;
            }
        }
    }

    /// The most bytes that one body of a guest may have, all of which are read before they are refused.
    async fn sends_large_bodies(self) {
        let escaped = "\\u0061".repeat(10_000);
        let start = format!(
            "{{\"name\":\"Guest\",\"parent\":\"{}\",\"body\":\"{escaped}\"",
            "0".repeat(36)
        );
        let body = format!("{start}{}}}", " ".repeat((128 << 10) - start.len() - 1));
        while !self.is_over() {
            let request = self
                .http
                .post(self.replies())
                .header("content-type", "application/json")
                .body(body.clone());
            self.try_to("largest bodies", request).await;
        }
    }

    /// The owner's password, guessed.
    async fn guesses_passwords(self) {
        while !self.is_over() {
            let form = format!("login={NAME}&password=is+it+this+one");
            let request = self.http.post(format!("{}/sign-in", self.url)).body(form);
            self.try_to(
                "sign-ins",
                request.header("content-type", "application/x-www-form-urlencoded"),
            )
            .await;
        }
    }

    /// Streams of events, held until there are no more to be had, and then opened anew.
    async fn opens_streams(self) {
        let mut held = Vec::new();
        while !self.is_over() {
            let request = self.http.get(format!("{}/api/v1/c/{}/events", self.url, self.key));
            match self.try_to("streams", request).await {
                Some(stream) => held.push(stream),
                None => held.clear(),
            }
        }
    }

    /// The page with the replies, and the list of them.
    async fn reads(self) {
        while !self.is_over() {
            for address in [format!("{}/c/{}", self.url, self.key), self.replies()] {
                if let Some(page) = self.try_to("pages", self.http.get(address)).await {
                    drop(page.bytes().await);
                }
            }
        }
    }
}

/// What takes the longest to lay out: quotes and lists in each other, marks, a table's rows, links and entities.
fn longest_bodies() -> Vec<String> {
    let nested = "> - ".repeat(2_500);
    let indented: String = (0..140).map(|depth| format!("{}- x\n", " ".repeat(depth))).collect();
    let table = format!("{}\n{}\n{}", "|a".repeat(60), "|-".repeat(60), "x\n".repeat(4_800));
    let all = [
        nested,
        indented,
        table,
        "*a* `b` ".repeat(1_200),
        "[a](http://b) ".repeat(700),
        "&amp;<b>".repeat(1_200),
        "**_".repeat(3_300),
    ];
    all.into_iter().map(|body| body.chars().take(10_000).collect()).collect()
}
