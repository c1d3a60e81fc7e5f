//! A library that really runs: on a port of its own, in a folder of its own, with two members and a client.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vignette_library::{Actor, Library, Newcomer, Standing, Visit};
use vignette_model::text::{Login, PersonName};
use vignette_model::{Clock, Micros, Secret, Sha256, Span, SystemClock, TakeId, UtcMicros};
use vignette_server::folder::Folder;
use vignette_server::{Config, LibraryInstance};

/// What a recorder makes: an init segment and two fragments, 4 s.
pub(crate) const STREAM: &[u8] = include_bytes!("../../../crates/fmp4/tests/data/zerolatency.mp4");

/// The password of every member.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A library that really runs. It ends when it is dropped.
pub(crate) struct TestServer {
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    /// A browser without a past: no cookies, follows no redirect.
    pub(crate) http: Client,
    /// The library behind it.
    pub(crate) library: Library,
    /// The first member, who records.
    pub(crate) ann: Actor,
    /// Another member.
    pub(crate) bob: Actor,
    /// Its clock.
    pub(crate) clock: Arc<Ahead>,
    address: SocketAddr,
    end: CancellationToken,
    serving: Option<JoinHandle<()>>,
    folder: TempDir,
}

/// The machine's clock, as far ahead as a test has moved it.
#[derive(Default)]
pub(crate) struct Ahead {
    clock: SystemClock,
    by_us: AtomicU64,
}

impl Ahead {
    pub(crate) fn advance(&self, by: Span) {
        self.by_us.fetch_add(by.0, Ordering::Relaxed);
    }

    fn by(&self) -> Span {
        Span(self.by_us.load(Ordering::Relaxed))
    }
}

impl Clock for Ahead {
    fn monotonic(&self) -> Micros {
        self.clock.monotonic() + self.by()
    }

    fn utc(&self) -> UtcMicros {
        self.clock.utc() + Duration::from(self.by())
    }
}

/// A clip that was made for a test.
#[derive(Clone)]
pub(crate) struct TestClip {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) upload: String,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config {
            tries_per_minute: 10_000,
            requests_per_second: 10_000,
            name: Some("Test library".to_owned()),
            ..Config::default()
        };
        change(&mut config);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let data = Folder::lock(&folder.path().join("data")).expect("a data folder");
        let clock = Arc::new(Ahead::default());
        let opened =
            LibraryInstance::open(config, data, address, clock.clone()).await.expect("a library");
        let library = opened.library.clone();
        let (ann, bob) = members(&library).await;
        let end = CancellationToken::new();
        let serving = Some(tokio::spawn(opened.serve(listener, end.clone())));
        let http = browser(None);
        Self {
            url: format!("http://{address}"),
            http,
            library,
            ann,
            bob,
            clock,
            address,
            end,
            serving,
            folder,
        }
    }

    /// Ends it as SIGTERM does, and waits until it has ended.
    pub(crate) async fn stop(mut self) {
        self.end.cancel();
        if let Some(serving) = self.serving.take() {
            tokio::time::timeout(Duration::from_secs(15), serving)
                .await
                .expect("it ends in time")
                .expect("without a panic");
        }
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.http.request(method, format!("{}{path}", self.url))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request("GET", path)
    }

    /// A new token of a member.
    pub(crate) async fn token(&self, member: &Actor) -> String {
        self.library.issue_token(member, "test").await.expect("a token").expose().to_owned()
    }

    /// A clip of Ann's that waits for its bytes.
    pub(crate) async fn clip(&self) -> TestClip {
        self.clip_like(json!({})).await
    }

    pub(crate) async fn clip_like(&self, more: Value) -> TestClip {
        let mut new = json!({ "take": TakeId::new(), "title": "How the export works", "recorded_at_us": 1_794_042_303_000_000_i64 });
        for (key, value) in more.as_object().expect("an object") {
            new[key] = value.clone();
        }
        let asked = self
            .request("POST", "/api/v1/clips")
            .bearer_auth(self.token(&self.ann).await)
            .json(&new);
        let created = json_of(asked.send().await.expect("an answer"), StatusCode::CREATED).await;
        let text = |key: &str| created[key].as_str().expect(key).to_owned();
        TestClip { id: text("id"), key: text("key"), upload: text("upload") }
    }

    /// A clip of Ann's that is sealed.
    pub(crate) async fn sealed_clip(&self) -> TestClip {
        self.sealed_clip_like(json!({})).await
    }

    pub(crate) async fn sealed_clip_like(&self, more: Value) -> TestClip {
        let clip = self.clip_like(more).await;
        let answer = self.append(&clip, 0, STREAM, true).send().await.expect("an answer");
        assert_eq!(
            answer.status(),
            StatusCode::NO_CONTENT,
            "{}",
            answer.text().await.unwrap_or_default()
        );
        self.library.settled().await;
        clip
    }

    /// An append with all its headers.
    pub(crate) fn append(
        &self,
        clip: &TestClip,
        offset: usize,
        bytes: &'static [u8],
        complete: bool,
    ) -> RequestBuilder {
        let request = self
            .request("PATCH", &clip.upload)
            .header("content-type", "application/partial-upload")
            .header("upload-offset", offset)
            .header("upload-complete", if complete { "?1" } else { "?0" })
            .header("content-digest", Sha256::of(bytes).to_header())
            .body(Bytes::from_static(bytes));
        if complete {
            request.header("repr-digest", Sha256::of(STREAM).to_header())
        } else {
            request
        }
    }

    /// Sends bytes as they are and gives the connection, for requests that no client would make.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        stream.write_all(bytes).await.expect("bytes go out");
        stream
    }

    /// A connection on which an append has begun: the library waits for its body.
    pub(crate) async fn begun_append(
        &self,
        clip: &TestClip,
        offset: u64,
        length: u64,
    ) -> TcpStream {
        let head = self
            .append_head(clip, offset, length)
            .replace("\r\n\r\n", "\r\nexpect: 100-continue\r\n\r\n");
        let mut stream = self.raw(head.as_bytes()).await;
        let go_on = raw_head(&mut stream).await;
        assert!(go_on.starts_with("HTTP/1.1 100"), "{go_on}");
        stream
    }

    /// The request line and headers of an append, as they go over the wire.
    pub(crate) fn append_head(&self, clip: &TestClip, offset: u64, length: u64) -> String {
        format!(
            "PATCH {} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/partial-upload\r\nupload-offset: {offset}\r\n\
             upload-complete: ?0\r\ncontent-length: {length}\r\n\r\n",
            clip.upload
        )
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

async fn members(library: &Library) -> (Actor, Actor) {
    let newcomer = |name| Newcomer {
        name: PersonName::new(name).expect("a name"),
        login: Login::new(name).expect("a login"),
        password: PASSWORD,
    };
    let setup = library.setup_secret().await.expect("rows").expect("nobody has an account yet");
    library.join(&setup, newcomer("Ann"), &Visit::default()).await.expect("the first account");
    // As whoever holds the library's folder, who may do as they like in a member's name.
    let ann = library.host().await.expect("rows").expect("an owner");
    let invite: Secret = library.invite(&ann).await.expect("an invitation");
    let bob =
        library.join(&invite, newcomer("Bob"), &Visit::default()).await.expect("another account");
    (ann, Actor::member(bob.person).with_standing(Standing::Host))
}

/// A browser, with the cookies it was given before.
pub(crate) fn browser(cookies: Option<Arc<reqwest::cookie::Jar>>) -> Client {
    let client = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(20));
    let client = match cookies {
        Some(jar) => client.cookie_provider(jar),
        None => client,
    };
    client.build().expect("a client")
}

/// The answer's JSON, once it has the status it should have.
pub(crate) async fn json_of(answer: Response, status: StatusCode) -> Value {
    let (got, text) = (answer.status(), answer.text().await.expect("a body"));
    assert_eq!(got, status, "{text}");
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"))
}

/// Checks that an answer is a problem of this status and code, and gives its message.
pub(crate) async fn problem(answer: Response, status: u16, code: &str) -> String {
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem = json_of(answer, StatusCode::from_u16(status).expect("a status")).await;
    assert_eq!(problem["code"], code, "{problem}");
    assert!(
        problem["help"].as_str().is_some_and(|help| help.len() > 5),
        "a problem says what to do: {problem}"
    );
    problem["message"].as_str().expect("a message").to_owned()
}

/// Everything up to the end of the answer's headers.
pub(crate) async fn raw_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let read = async {
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("the answer's headers come whole"));
        }
    };
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("an answer in time");
    String::from_utf8(head).expect("headers are text")
}
