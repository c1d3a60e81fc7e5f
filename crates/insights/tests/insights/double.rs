//! A [`Double`] of an endpoint: a real HTTP server on this computer that says what a test tells it
//! to, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use vignette_insights::Endpoint;
use vignette_model::Secret;
use vignette_model::text::Label;

/// A question that came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Where to.
    pub(crate) path: String,
    /// The headers, in small letters, a line each.
    pub(crate) headers: String,
    /// What was sent.
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// What was sent, as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The text of a message of a chat: 0 are the rules, 1 is the data.
    pub(crate) fn message(&self, at: usize) -> String {
        self.json()["messages"][at]["content"].as_str().unwrap().to_owned()
    }
}

/// What to answer: a status and a body, or nothing at all.
pub(crate) enum Answer {
    Say(u16, String),
    Nothing,
}

impl Answer {
    /// What a chat endpoint says if its model writes `text`.
    pub(crate) fn written(text: &str) -> Self {
        let message = json!({ "role": "assistant", "content": text });
        Self::Say(200, json!({ "id": "1", "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] }).to_string())
    }
}

/// A server that answers until it is dropped.
pub(crate) struct Double {
    address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    served: tokio::task::JoinHandle<()>,
}

impl Double {
    /// Answers each question with what `say` makes of it.
    pub(crate) async fn new(say: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let say = Arc::new(say);
        let remembered = asked.clone();
        let served = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, say.clone(), remembered.clone()));
            }
        });
        Self { address, asked, served }
    }

    /// The endpoint that a person would set up for it.
    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint {
            base_url: Endpoint::url(&self.address).unwrap(),
            model: Label::new("double-1b").unwrap(),
            api_key: Some(Secret::presented("sk-test")),
            timeout: Duration::from_secs(30),
        }
    }

    /// All that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.served.abort();
    }
}

async fn serve(
    stream: TcpStream,
    say: Arc<impl Fn(&Asked) -> Answer>,
    remembered: Arc<Mutex<Vec<Asked>>>,
) {
    let mut stream = BufReader::new(stream);
    let mut path = String::new();
    stream.read_line(&mut path).await.unwrap();
    let mut headers = String::new();
    while !headers.ends_with("\r\n\r\n") && stream.read_line(&mut headers).await.unwrap() > 2 {}
    let headers = headers.to_lowercase();
    let length = headers
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    let asked =
        Asked { path: path.split(' ').nth(1).unwrap_or_default().to_owned(), headers, body };
    let answer = say(&asked);
    remembered.lock().unwrap().push(asked);
    match answer {
        Answer::Say(status, body) => {
            let head = format!(
                "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
                body.len()
            );
            // Whoever asked may be gone.
            let _ = stream
                .write_all(
                    format!("{head}location: /elsewhere\r\nconnection: close\r\n\r\n{body}")
                        .as_bytes(),
                )
                .await;
        }
        // Waits until whoever asked hangs up.
        Answer::Nothing => drop(stream.read(&mut [0]).await),
    }
}
