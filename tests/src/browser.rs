//! [`Browser`]: headless Chromium through its driver, watched for console errors and for requests to other hosts.

use std::process::{Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::process::{Process, free_port, until};

/// What Chromium must do to be quiet and alone.
const ARGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    "--window-size=1280,900",
];

/// A browser window of this test alone.
#[derive(Debug)]
pub struct Browser {
    /// The WebDriver session.
    pub client: Client,
    driver: String,
    _driver_process: Process,
    _profile: tempfile::TempDir,
}

/// A driver program on a free port, and its address.
fn driver(program: &str, args: &[&str], env: &[(&str, &str)]) -> (Process, String) {
    let port = free_port();
    let mut command = Command::new(program);
    command.arg(format!("--port={port}")).args(args).envs(env.iter().copied());
    let process = Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
    let address = format!("127.0.0.1:{port}");
    until("the browser driver", Duration::from_secs(20), || {
        std::net::TcpStream::connect(&address).ok()
    });
    (process, format!("http://{address}"))
}

async fn connect(driver: &str, capabilities: Value) -> Client {
    let Value::Object(capabilities) = capabilities else { panic!("capabilities are an object") };
    let mut builder = ClientBuilder::new(HttpConnector::new());
    let session = builder.capabilities(capabilities);
    let connected = tokio::time::timeout(Duration::from_secs(60), session.connect(driver)).await;
    connected.expect("the driver answers within a minute").expect("a browser session")
}

impl Browser {
    /// Opens a window.
    ///
    /// # Panics
    /// If Chromium or its driver is missing or does not come up.
    pub async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// Opens a window in which scripts do not run.
    ///
    /// # Panics
    /// As [`Self::open`].
    pub async fn open_without_javascript() -> Self {
        Self::open_with(&["--blink-settings=scriptEnabled=false"]).await
    }

    async fn open_with(more: &[&str]) -> Self {
        let profile = tempfile::tempdir().expect("a folder for the browser");
        let (process, driver) = driver("chromedriver", &[], &[]);
        let data = format!("--user-data-dir={}", profile.path().display());
        let args: Vec<&str> = ARGS.iter().chain(more).copied().chain([data.as_str()]).collect();
        let client = connect(
            &driver,
            json!({
                "browserName": "chrome",
                "goog:chromeOptions": { "args": args, "binary": "/usr/bin/chromium" },
                "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            }),
        )
        .await;
        Self { client, driver, _driver_process: process, _profile: profile }
    }

    /// Runs a script in the page and gives what it returns.
    ///
    /// # Panics
    /// If the script throws.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|e| panic!("{script}: {e}"))
    }

    /// Asks the page again and again until `script` returns something true, and gives it.
    ///
    /// # Panics
    /// If it has not within `patience`.
    pub async fn until(&self, what: &str, patience: Duration, script: &str) -> Value {
        wait(&self.client, what, patience, script).await
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let session = self.client.session_id().await.ok().flatten().expect("a session");
        let url = format!("{}/session/{session}/se/log", self.driver);
        let asked = reqwest::Client::new().post(url).json(&json!({ "type": kind })).send().await;
        let answer: Value =
            asked.expect("the driver answers").json().await.expect("the driver says JSON");
        answer["value"].as_array().cloned().unwrap_or_default()
    }

    /// Errors on the console since this was last asked.
    pub async fn console_errors(&self) -> Vec<String> {
        let severe =
            self.log("browser").await.into_iter().filter(|entry| entry["level"] == "SEVERE");
        severe.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Addresses outside `host` that the page asked for since this was last asked.
    pub async fn requests_elsewhere(&self, host: &str) -> Vec<String> {
        let requested = |entry: Value| {
            let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let url = message["message"]["params"]["request"]["url"].as_str()?.to_owned();
            (message["message"]["method"] == "Network.requestWillBeSent").then_some(url)
        };
        let urls = self.log("performance").await.into_iter().filter_map(requested);
        urls.filter(|url| url.starts_with("http") && !url.starts_with(host)).collect()
    }

    /// What axe finds wrong with the page, as one line each.
    ///
    /// # Panics
    /// If axe cannot be run in the page.
    pub async fn axe(&self) -> Vec<String> {
        let axe = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/node_modules/axe-core/axe.min.js");
        let source = std::fs::read_to_string(axe).expect("axe-core is installed: run ./dev test");
        let script = format!(
            "{source}; const done = arguments[arguments.length - 1];
             axe.run().then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', '))))
                      .catch(e => done(['axe failed: ' + e]));"
        );
        let found = self.client.execute_async(&script, Vec::new()).await.expect("axe runs");
        found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect()
    }

    /// Closes the window.
    pub async fn close(self) {
        drop(self.client.close().await);
    }
}

/// The desktop app's window through WebKitGTK's driver.
#[derive(Debug)]
pub struct DesktopWindow {
    /// The WebDriver session.
    pub client: Client,
    _driver_process: Process,
}

impl DesktopWindow {
    /// Starts the app at `binary` with `env` and takes hold of its window.
    ///
    /// # Panics
    /// If the driver is missing or the window does not come up.
    pub async fn open(binary: &std::path::Path, env: &[(&str, &str)]) -> Self {
        let mut env = env.to_vec();
        env.extend([("TAURI_WEBVIEW_AUTOMATION", "true"), ("WEBKIT_DISABLE_DMABUF_RENDERER", "1")]);
        let (process, driver) = driver("WebKitWebDriver", &[], &env);
        let client = connect(
            &driver,
            json!({ "webkitgtk:browserOptions": { "binary": binary, "args": [] } }),
        )
        .await;
        Self { client, _driver_process: process }
    }

    /// Runs a script in the window and gives what it returns.
    ///
    /// # Panics
    /// If the script throws.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|e| panic!("{script}: {e}"))
    }

    /// Asks the window again and again until `script` returns something true, and gives it.
    ///
    /// # Panics
    /// If it has not within `patience`.
    pub async fn until(&self, what: &str, patience: Duration, script: &str) -> Value {
        wait(&self.client, what, patience, script).await
    }
}

async fn wait(client: &Client, what: &str, patience: Duration, script: &str) -> Value {
    let end = crate::process::now() + patience;
    loop {
        let value = client.execute(script, Vec::new()).await.unwrap_or(Value::Null);
        if !matches!(value, Value::Null | Value::Bool(false)) {
            return value;
        }
        assert!(crate::process::now() < end, "waited {patience:?} for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
