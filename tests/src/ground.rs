//! [`Ground`]: a library under attack, with a member who records and a clip that somebody watches meanwhile.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use vignette_model::{Sha256, TakeId};

use crate::process::now;
use crate::team::Team;

/// What a recorder sends: an init segment and two fragments.
pub const STREAM: &[u8] = include_bytes!("../../crates/fmp4/tests/data/zerolatency.mp4");
/// The descriptors of a process where nobody has raised the limit.
const DESCRIPTORS: u32 = 1024;
/// How much memory the library may need in an attack.
const MOST_MIB: u64 = 300;
/// So long anything of a member may take on a busy machine before it counts as refused.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A library, a member of it, and a clip of hers.
#[derive(Debug)]
pub struct Ground {
    _folder: tempfile::TempDir,
    /// The library, with few descriptors.
    pub team: Team,
    /// Where it listens.
    pub to: SocketAddr,
    /// The clip that is watched and replied to.
    pub clip: Clip,
}

/// A clip as its author knows it.
#[derive(Clone, Debug)]
pub struct Clip {
    /// For the API.
    pub id: String,
    /// In its link.
    pub key: String,
    /// Path to send bytes to.
    pub upload: String,
}

impl Ground {
    /// Opens one.
    ///
    /// # Panics
    /// If the library does not come up, or takes no clip.
    pub async fn open() -> Self {
        let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum;
        let all = rustix::process::Rlimit { current: most, maximum: most };
        rustix::process::setrlimit(rustix::process::Resource::Nofile, all)
            .expect("this test has more connections than most");
        let folder = tempfile::tempdir().expect("a folder");
        let team = Team::start_bounded(folder.path(), Some(DESCRIPTORS)).await;
        let to = team.address();
        let mut member = Member::of(&team);
        let clip = member.clip().await.expect("a clip");
        assert_eq!(member.append(&clip, 0, STREAM).await, Some(StatusCode::NO_CONTENT));
        Self { _folder: folder, team, to, clip }
    }

    /// How often a member and a viewer get what they ask for, one after the other, each on a connection of its own, until
    /// `rounds` are over.
    pub async fn work(&self, rounds: usize) -> Worked {
        let mut worked = Worked::default();
        for _ in 0..rounds {
            let mut member = Member::of(&self.team);
            let Some(clip) = member.clip().await else {
                worked.refused += 1;
                continue;
            };
            let began = now();
            match member.append(&clip, 0, STREAM).await {
                Some(StatusCode::NO_CONTENT) => worked.appends_ms.push(began.elapsed().as_millis()),
                other => {
                    println!("edge: an append was answered {other:?} after {:?}", began.elapsed());
                    worked.refused += 1;
                }
            }
            for path in [format!("/c/{}", self.clip.key), "/readyz".to_owned()] {
                let began = now();
                match member.get(&path).await {
                    Ok(StatusCode::OK) => worked.pages += 1,
                    other => {
                        println!("edge: {path} was answered {other:?} after {:?}", began.elapsed());
                        worked.refused += 1;
                    }
                }
            }
        }
        worked.appends_ms.sort_unstable();
        worked
    }

    /// Prints the figures of an attack, and checks those that always hold.
    ///
    /// # Panics
    /// If the log was flooded, or memory was.
    pub fn told(&self, attack: &str, worked: &Worked, more: &str) {
        let (now_mib, peak_mib) =
            (self.team.memory_kb("VmRSS") / 1024, self.team.memory_kb("VmHWM") / 1024);
        let share = |percent: usize| {
            worked.appends_ms.get(worked.appends_ms.len().saturating_sub(1) * percent / 100)
        };
        let [p50, p99] = [50, 99]
            .map(|percent| share(percent).map_or("none".to_owned(), |ms| format!("{ms} ms")));
        let (appends, pages, refused) = (worked.appends_ms.len(), worked.pages, worked.refused);
        println!(
            "edge: {attack}: {appends} appends p50 {p50}, p99 {p99}; {pages} pages; {refused} refused; \
             memory {now_mib} MiB, at most {peak_mib} MiB; {more}"
        );
        let bad = |line: &&str| {
            (line.contains(" WARN ") || line.contains(" ERROR ")) && line.contains("vignette_")
        };
        let log = self.team.log();
        let warnings = log.lines().filter(bad).count();
        assert!(
            warnings <= 10,
            "a flood is told of once a minute, not in {warnings} lines: {}",
            tail(&self.team.log())
        );
        assert!(peak_mib <= MOST_MIB, "{attack} takes {peak_mib} MiB");
    }
}

fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().filter(|line| !line.contains("INFO")).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

/// What worked while somebody was a nuisance.
#[derive(Debug, Default)]
pub struct Worked {
    /// How long each append took, sorted.
    pub appends_ms: Vec<u128>,
    /// Pages that came.
    pub pages: usize,
    /// What was refused, or took longer than [`PATIENCE`].
    pub refused: usize,
}

/// A member with a recorder.
#[derive(Debug)]
pub struct Member {
    /// Their connections.
    pub http: Client,
    /// The library.
    pub url: String,
    /// Their token.
    pub token: String,
}

impl Member {
    /// One with connections of their own.
    ///
    /// # Panics
    /// If there can be no client.
    #[must_use]
    pub fn of(team: &Team) -> Self {
        let http = Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        Self { http, url: team.url(), token: team.token.clone() }
    }

    /// A new clip, or none if that was refused.
    pub async fn clip(&mut self) -> Option<Clip> {
        let new = json!({ "take": TakeId::new(), "title": "A clip", "recorded_at_us": 1 });
        let asked = self
            .http
            .post(format!("{}/api/v1/clips", self.url))
            .bearer_auth(&self.token)
            .json(&new);
        let made: Value = asked.send().await.ok()?.json().await.ok()?;
        let text = |key: &str| made[key].as_str().map(str::to_owned);
        Some(Clip { id: text("id")?, key: text("key")?, upload: text("upload")? })
    }

    /// Sends bytes of its stream; the answer, if there was one.
    pub async fn append(&mut self, clip: &Clip, offset: usize, bytes: &[u8]) -> Option<StatusCode> {
        let request = self.http.patch(format!("{}{}", self.url, clip.upload));
        let request = request
            .header("content-type", "application/partial-upload")
            .header("upload-offset", offset);
        let request = request
            .header("upload-complete", "?0")
            .header("content-digest", Sha256::of(bytes).to_header());
        request.body(bytes.to_vec()).send().await.ok().map(|answer| answer.status())
    }

    /// Asks for a page and reads it.
    ///
    /// # Errors
    /// If there is no answer, or it does not come whole.
    pub async fn get(&mut self, path: &str) -> reqwest::Result<StatusCode> {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await?;
        let status = answer.status();
        answer.bytes().await.map(|_| status)
    }
}
