//! [`HostileLibrary`]: a library whose answers are written by somebody who wants to get into the window, and which notes
//! what it is asked for.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The id of its one clip.
const CLIP: &str = "0197a000-0000-7000-8000-000000000001";
/// The key of its one clip.
const KEY: &str = "ia3kx7uizcmg2yobjzcjcn2iwu";

/// A site that answers whatever it is asked, for as long as the test runs.
#[derive(Debug)]
pub struct HostileLibrary {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl HostileLibrary {
    /// Starts one. Every piece of HTML is the summary of its clip and a reply to it; `link` is what it calls the clip's link.
    ///
    /// # Panics
    /// If no port is free.
    pub async fn start(pieces: &[String], link: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let site =
            Self { address: listener.local_addr().expect("an address"), asked: Arc::default() };
        let (asked, answers) = (
            site.asked.clone(),
            Arc::new(Answers { pieces: pieces.to_vec(), link: link.to_owned() }),
        );
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, asked.clone(), answers.clone()));
            }
        });
        site
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The paths that it was asked for.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[derive(Debug)]
struct Answers {
    pieces: Vec<String>,
    link: String,
}

impl Answers {
    fn to(&self, method: &str, path: &str) -> Value {
        match (method, path.split('?').next().unwrap_or_default()) {
            (_, "/api/v1/me") => {
                json!({ "person": CLIP, "name": "Mallory", "library": "Hostile", "version": "0.1.0" })
            }
            ("POST", "/api/v1/clips") => {
                json!({ "id": CLIP, "key": KEY, "link": self.link, "upload": "/api/v1/uploads/up_hostile" })
            }
            (_, "/api/v1/clips") => json!({ "clips": [self.clip()], "next": null }),
            (_, path) if path.ends_with("/replies") => {
                let replies: Vec<_> =
                    self.pieces.iter().enumerate().map(|(n, html)| reply(n, html)).collect();
                json!({ "replies": replies, "next": null, "moments": [] })
            }
            (_, path) if path.ends_with("/reactions") => json!({ "reactions": [] }),
            (_, path) if path.ends_with("/transcript") => {
                json!({ "version": 1, "done": true, "cues": [], "chapters": [], "tasks": [] })
            }
            _ => self.clip(),
        }
    }

    fn clip(&self) -> Value {
        json!({
            "id": CLIP, "key": KEY, "link": self.link, "sealed_sha256": null, "title": "Hostile", "summary": "x",
            "summary_html": self.pieces.concat(), "author": "Mallory", "recorded_at_us": 1_780_000_000_000_000_i64,
            "state": "ready", "live": false, "duration_us": 1_000_000, "size_bytes": 1000, "width": 640, "height": 360,
            "poster": null, "hls": null, "mp4": null, "replies": self.pieces.len(), "repliers": [],
        })
    }
}

fn reply(n: usize, html: &str) -> Value {
    json!({
        "id": format!("0197a000-0000-7000-8000-{n:012}"), "parent": null, "name": "Mallory", "member": false, "body": "x",
        "body_html": format!("<p>Reply {n}</p>{html}"), "at_us": null, "created_at_us": 1_780_000_000_000_000_i64,
        "edited_at_us": null, "mine": false,
    })
}

/// Answers one request.
async fn answer(mut stream: TcpStream, asked: Arc<Mutex<Vec<String>>>, answers: Arc<Answers>) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > 16 << 10 || !matches!(stream.read_buf(&mut head).await, Ok(1..)) {
            return;
        }
    }
    let head = String::from_utf8_lossy(&head);
    let mut line = head.split_whitespace();
    let (method, path) =
        (line.next().unwrap_or_default().to_owned(), line.next().unwrap_or_default().to_owned());
    if method != "OPTIONS" {
        asked.lock().unwrap_or_else(PoisonError::into_inner).push(path.clone());
    }
    let any = "access-control-allow-origin: *\r\naccess-control-allow-headers: *, authorization\r\nconnection: close\r\n";
    if path.ends_with("/events") && method == "GET" {
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{any}\r\n: open\n\n");
        drop(stream.write_all(head.as_bytes()).await);
        // Until whoever listens has gone.
        drop(stream.read(&mut [0]).await);
        return;
    }
    let body = answers.to(&method, &path).to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{any}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    drop(stream.write_all(answer.as_bytes()).await);
    drop(stream.shutdown().await);
}
