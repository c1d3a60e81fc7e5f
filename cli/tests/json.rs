//! What every command prints with `--json`, and the number it ends with, as one table that is kept:
//! programs rely on both.
#![expect(clippy::expect_used, reason = "what is not as it should be fails the test")]
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use vignette_golden::assert_golden;

/// Fields whose values are part of the interface, and not only their types.
const KEPT_VALUES: [&str; 3] = ["event", "place", "code"];

fn vignette(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vignette"));
    command.arg("--json").args(args).env("VIGNETTE_HOME", home).stdin(Stdio::null());
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "VIGNETTE_TOKEN", "VIGNETTE_LOG"] {
        command.env_remove(name);
    }
    command
}

/// What a command said, each line an object, and its exit code.
fn said(home: &Path, args: &[&str]) -> (Vec<Value>, i32) {
    let done = vignette(home, args).output().expect("it runs");
    let out = String::from_utf8(done.stdout).expect("text");
    let lines = out.lines().map(|line| object(args, line)).collect();
    (lines, done.status.code().expect("it ends by itself"))
}

fn object(args: &[&str], line: &str) -> Value {
    let value: Value = serde_json::from_str(line)
        .unwrap_or_else(|_| panic!("{args:?} says a line that is not JSON: {line}"));
    assert!(value.is_object(), "{args:?} says one object a line: {line}");
    value
}

/// The command that serves until it is told to end.
fn serves(home: &Path) -> (Vec<Value>, i32) {
    let mut child = vignette(home, &["library"]).stdout(Stdio::piped()).spawn().expect("it runs");
    let mut line = String::new();
    let out = child.stdout.take().expect("a pipe");
    BufReader::new(out).read_line(&mut line).expect("it says where it serves");
    let asked =
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(asked.success(), "Ctrl-C reaches it");
    (vec![object(&["library"], &line)], child.wait().expect("it ends").code().expect("by itself"))
}

/// Names and types, without what differs from run to run.
fn shape(name: &str, value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> = fields.iter().collect();
            let fields =
                fields.iter().map(|(name, value)| format!("{name}: {}", shape(name, value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.first().map(|item| shape("", item)).unwrap_or_default())
        }
        Value::String(text) if KEPT_VALUES.contains(&name) => format!("{text:?}"),
        Value::String(_) => "text".into(),
        Value::Number(number) if number.is_f64() => "fraction".into(),
        Value::Number(_) => "integer".into(),
        Value::Bool(_) => "boolean".into(),
        Value::Null => "null".into(),
    }
}

/// One paragraph of the table: the last line of each event, since how often one comes differs from
/// run to run.
fn paragraph(table: &mut String, line: &str, (lines, code): (Vec<Value>, i32)) {
    let mut events = BTreeMap::new();
    for said in &lines {
        events.insert(said["event"].as_str().unwrap_or_default().to_owned(), shape("", said));
    }
    events.remove("warning");
    let _ = writeln!(table, "vignette --json {line}\n  ends with {code}");
    for shape in events.values() {
        let _ = writeln!(table, "  {shape}");
    }
}

#[test]
fn what_programs_read_is_golden() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("home");
    let synthetic = [
        "record",
        "--screen",
        "synthetic",
        "--camera",
        "synthetic",
        "--microphone",
        "synthetic",
        "--duration",
        "1s",
    ];
    let recorded = said(&home, &synthetic);
    let clip = std::fs::read_dir(home.join("library/media")).expect("media").filter_map(Result::ok);
    let clip = clip
        .map(|clip| clip.path().join("clip.mp4"))
        .find(|path| path.exists())
        .expect("a sealed clip");
    let file = folder.path().join("talk.mp4");
    std::fs::copy(clip, &file).expect("a file to upload");
    let file = file.to_str().expect("a plain path");
    // Nobody listens on a port that was bound and let go of a moment ago.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port");
    let nobody = format!("http://{nobody}/");

    let mut table = String::new();
    let mut keep = |line: &str, said| paragraph(&mut table, line, said);
    keep("record", recorded);
    keep("takes", said(&home, &["takes"]));
    keep("takes --send", said(&home, &["takes", "--send"]));
    keep("upload talk.mp4", said(&home, &["upload", file]));
    keep("demo --once", said(&home, &["demo", "--once", "--duration", "4s"]));
    keep("transcribe", said(&home, &["transcribe"]));
    keep("models list", said(&home, &["models", "list"]));
    keep("models get 'no such model'", said(&home, &["models", "get", "no such model"]));
    keep(
        "models use whisper-tiny.en-Q8_0",
        said(&home, &["models", "use", "whisper-tiny.en-Q8_0"]),
    );
    keep(
        "models remove whisper-tiny.en-Q8_0",
        said(&home, &["models", "remove", "whisper-tiny.en-Q8_0"]),
    );
    keep("library", serves(&home));
    keep("upload missing.mp4", said(&home, &["upload", "missing.mp4"]));
    keep(
        "record --screen 'no such screen'",
        said(&home, &["record", "--screen", "no such screen"]),
    );
    keep("record --library NOT-SIGNED-IN", said(&home, &["record", "--library", &nobody]));
    keep("record --library 'no address'", said(&home, &["record", "--library", "no address"]));
    keep("sign-in NOBODY-THERE --token …", said(&home, &["sign-in", &nobody, "--token", "lib_x"]));
    keep("record --colour red", said(&home, &["record", "--colour", "red"]));
    keep("pause", said(&home, &["pause"]));
    keep("", said(&home, &[]));
    assert_golden(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/json.txt"), &table);
}

#[test]
fn devices_are_one_object() {
    let home = tempfile::tempdir().expect("a home");
    let (lines, code) = said(home.path(), &["devices"]);
    let [devices] = lines.as_slice() else { panic!("one line: {lines:#?}") };
    assert_eq!(code, 0);
    let kinds: Vec<_> = devices.as_object().expect("an object").keys().collect();
    assert_eq!(kinds, ["cameras", "microphones", "screens", "windows"]);
    for device in devices
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(_, found)| found.as_array().into_iter().flatten())
    {
        let size = |name: &&String| matches!(name.as_str(), "width" | "height");
        let (sizes, fields): (Vec<_>, Vec<_>) =
            device.as_object().expect("an object").keys().partition(size);
        assert_eq!(fields, ["default", "id", "name"], "{device}");
        assert!(sizes.is_empty() || sizes == ["height", "width"], "{device}");
    }
}
