//! The shell around a recording: the bar that floats, keys that work in any program, other programs that ask the app, the
//! tray, and where windows are.

use std::time::Duration;

use serde_json::{Value, json};
use vignette_tests::desk::Desk;
use vignette_tests::media::Media;
use vignette_tests::process::{Process, until};
use vignette_tests::program::Program;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, GrabMode, ModMask};

const PATIENCE: Duration = Duration::from_secs(30);
/// The names of the windows.
const APP: &str = "Vignette";
const BAR: &str = "Vignette is recording";
const COUNTDOWN: &str = "Recording is about to begin";

/// A window manager, without which nothing is active.
fn window_manager(desk: &Desk) -> Process {
    let mut command = std::process::Command::new("openbox");
    command.env("DISPLAY", &desk.display.name).env("HOME", desk.home.path());
    Process::start(command.stderr(std::process::Stdio::null()))
}

/// Another program, which has the keyboard from now on.
fn other_program(desk: &Desk) -> (Process, String) {
    let mut command = std::process::Command::new("xterm");
    command.args(["-T", "Other program", "-geometry", "40x10+600+300", "-e", "sleep", "600"]);
    let program = Process::start(command.env("DISPLAY", &desk.display.name));
    let (window, _) = desk.until_shown("Other program");
    until("the other program has the keyboard", PATIENCE, || {
        drop(desk.xdotool(&["windowactivate", &window]));
        (focused(desk)? == window).then_some(())
    });
    (program, window)
}

fn focused(desk: &Desk) -> Option<String> {
    desk.xdotool(&["getwindowfocus", "-f"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shortcut_records_and_nothing_takes_the_keyboard() {
    let desk = Desk::open().await;
    let _manager = window_manager(&desk);
    desk.until_shown(APP);
    desk.choose("countdown-select", "3 seconds").await;
    let (_program, program) = other_program(&desk);

    desk.xdotool(&["key", "ctrl+shift+r"]).expect("keys are pressed");
    let (_, countdown) = desk.until_shown(COUNTDOWN);
    assert_eq!((countdown[0] + countdown[2] / 2) / 10, 640 / 10, "it is in the middle");
    desk.until_gone(APP);
    desk.xdotool(&["key", "Escape"]).expect("keys are pressed");
    desk.until_gone(BAR);
    desk.until_shown(APP);
    assert_eq!(desk.takes(), Vec::<Value>::new(), "nothing is kept of a countdown");

    desk.xdotool(&["windowactivate", "--sync", &program]).expect("it is active again");
    desk.xdotool(&["key", "ctrl+shift+r"]).expect("keys are pressed");
    desk.until_second(1).await;
    desk.until_gone(COUNTDOWN);
    desk.until_gone(APP);
    assert_eq!(focused(&desk), Some(program.clone()), "the bar did not take the keyboard");
    let (_, place) = desk.until_shown(BAR);
    // Below the bar may stand what a busy computer says of the sound.
    assert!(place[2] == 360 && [52, 108].contains(&place[3]), "{place:?}");
    desk.click_at(place, 170, 26);
    desk.until_take("a pause by the bar", |says| says.starts_with("Paused")).await;
    assert_eq!(focused(&desk), Some(program.clone()), "nor by being clicked");
    desk.xdotool(&["key", "ctrl+shift+p"]).expect("keys are pressed");
    desk.until_take("the end of the pause", |says| says.starts_with("Recording")).await;

    // Nobody is near: only ring and time are left.
    desk.xdotool(&["mousemove", "20", "20"]).expect("the pointer moves");
    until("a small bar", PATIENCE, || (desk.until_shown(BAR).1[2] == 112).then_some(()));
    let (_, [left, top, width, height]) = desk.until_shown(BAR);
    // It is dragged to the upper left corner, and rests there.
    let (x, y) = ((left + width / 2).to_string(), (top + height / 2).to_string());
    desk.xdotool(&["mousemove", "--sync", &x, &y]).expect("the pointer moves");
    until("a large bar", PATIENCE, || (desk.until_shown(BAR).1[2] == 360).then_some(()));
    let (_, [left, top, ..]) = desk.until_shown(BAR);
    let (x, y) = ((left + 70).to_string(), (top + 26).to_string());
    desk.xdotool(&["mousemove", "--sync", &x, &y, "mousedown", "1"]).expect("it is held");
    desk.xdotool(&["mousemove", "--sync", "300", "200", "mousemove", "--sync", "200", "90"])
        .expect("it is moved");
    until("it follows", PATIENCE, || (desk.until_shown(BAR).1[0] < 200).then_some(()));
    desk.xdotool(&["mouseup", "1"]).expect("it is let go");
    until("the corner", PATIENCE, || (desk.until_shown(BAR).1[..2] == [24, 24]).then_some(()));
    assert_eq!(focused(&desk), Some(program), "nor by being dragged");

    desk.xdotool(&["key", "ctrl+shift+r"]).expect("keys are pressed");
    until("the link on the clipboard", PATIENCE, || {
        desk.display.clipboard().filter(|text| text.contains("/c/"))
    });
    desk.until_shown(APP);
    desk.until_gone(BAR);
    assert_eq!(desk.takes().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_somebody_else_has_are_said() {
    let grabbed = std::sync::Mutex::new(None);
    let desk = Desk::open_on(|display| {
        let (connection, screen) = x11rb::connect(Some(&display.name)).expect("the display");
        let root = connection.setup().roots[screen].root;
        let first = connection.setup().min_keycode;
        let count = connection.setup().max_keycode - first + 1;
        let keys = connection.get_keyboard_mapping(first, count).expect("asked");
        let keys = keys.reply().expect("a keyboard");
        let per_code = usize::from(keys.keysyms_per_keycode);
        let r = keys.keysyms.chunks(per_code).position(|syms| syms[0] == u32::from(b'r'));
        let r = first + u8::try_from(r.expect("a keyboard has an R")).expect("a code");
        let held = connection.grab_key(
            false,
            root,
            ModMask::CONTROL | ModMask::SHIFT,
            r,
            GrabMode::ASYNC,
            GrabMode::ASYNC,
        );
        held.expect("asked").check().expect("nobody has it yet");
        *grabbed.lock().expect("it is ours") = Some(connection);
    })
    .await;
    let shortcuts = async || desk.invoke("shortcuts", json!({}), || ()).await[1].clone();
    let said = shortcuts().await;
    assert_eq!(
        (&said[0]["action"], &said[0]["keys"], &said[0]["problem"]),
        (
            &"record".into(),
            &"Ctrl+Shift+R".into(),
            &"Ctrl+Shift+R is used by another program.".into()
        ),
    );
    assert_eq!(said[1]["problem"], Value::Null, "the others work: {said}");
    let set = async |action: &str, keys: Value| {
        desk.invoke("set_shortcut", json!({ "action": action, "keys": keys }), || ()).await
    };
    assert_eq!(set("record", json!("Ctrl+Shift+P")).await, json!(["refused", "conflict"]));
    assert_eq!(set("record", json!("R")).await, json!(["refused", "bad_request"]));
    assert_eq!(set("record", json!("nonsense+")).await, json!(["refused", "bad_request"]));
    assert_eq!(set("record", json!("Ctrl+Alt+K")).await, json!(["done", null]));
    let said = shortcuts().await;
    assert_eq!(
        (&said[0]["keys"], &said[0]["problem"]),
        (&"Ctrl+Alt+K".into(), &Value::Null),
        "{said}"
    );
    desk.xdotool(&["key", "ctrl+alt+k"]).expect("keys are pressed");
    desk.until_second(1).await;
    // A discarded take can be brought back by the bar.
    assert_eq!(set("discard", json!("Ctrl+Alt+J")).await, json!(["done", null]));
    desk.xdotool(&["key", "ctrl+alt+j"]).expect("keys are pressed");
    desk.until_take("the end", |says| says == "Not recording").await;
    assert_eq!(desk.takes(), Vec::<Value>::new(), "it is not listed");
    let (_, bar) = desk.until_shown(BAR);
    desk.click_at(bar, 320, 26);
    until("the take is back", PATIENCE, || (desk.takes().len() == 1).then_some(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_programs_ask_the_running_app() {
    let nobody = tempfile::tempdir().expect("a home");
    let (status, said) = Program::vignette(nobody.path(), &["stop"], &[]).finish(PATIENCE);
    assert_eq!(status.code(), Some(6), "{said:?}");
    assert_eq!(said[0]["problem"]["message"], "Vignette is not running.");

    let desk = Desk::open().await;
    let ask = |command: &str| {
        let (status, said) = desk.vignette(&[command]);
        (status.code(), said.into_iter().next().unwrap_or_default())
    };
    let (code, said) = ask("pause");
    assert_eq!((code, &said["problem"]["code"]), (Some(1), &"conflict".into()), "{said}");
    let (code, said) = ask("start");
    assert_eq!((code, &said["event"]), (Some(0), &"app".into()), "{said}");
    desk.until_second(1).await;
    assert_eq!(ask("start").1["problem"]["code"], "conflict", "one recording at a time");
    assert_eq!(ask("pause").1["state"], "paused");
    assert_eq!(ask("resume").1["state"], "recording");
    let (code, said) = ask("toggle");
    assert_eq!((code, &said["state"]), (Some(0), &"idle".into()), "{said}");
    assert!(said["link"].as_str().is_some_and(|link| link.contains("/c/")), "{said}");
    desk.until_take("the end", |says| says == "Not recording").await;
    assert_eq!(desk.takes().len(), 1);
    assert_eq!(ask("toggle").0, Some(0));
    desk.until_second(1).await;
    assert_eq!(ask("discard").1["state"], "idle");
    desk.until_take("the end", |says| says == "Not recording").await;
    assert_eq!(desk.takes().len(), 1, "what was discarded is not listed");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_ours_is_in_the_picture() {
    let desk = Desk::open().await;
    desk.choose("countdown-select", "3 seconds").await;
    // The pointer is recorded; in this corner little is to be seen of it.
    desk.xdotool(&["mousemove", "1279", "899"]).expect("the pointer moves");
    desk.click("record").await;
    desk.until_shown(COUNTDOWN);
    desk.until_second(2).await;
    desk.until_shown(BAR);
    desk.press_in_tray("Open Vignette");
    desk.until_shown(APP);
    desk.until_second(4).await;
    desk.xdotool(&["key", "ctrl+shift+r"]).expect("keys are pressed");
    desk.until_take("the end", |says| says == "Not recording").await;
    let takes = std::fs::read_dir(desk.home.path().join("spool/takes")).expect("takes");
    let take = takes.map(|take| take.expect("a take").path()).next().expect("one take");
    for file in ["stream.mp4", "poster.jpg"] {
        let (width, height, luma) = Media::at(&take.join(file)).luma();
        let frames = luma.chunks_exact(width * height);
        assert!(frames.len() > 0, "{file} has pictures");
        for (number, frame) in frames.enumerate() {
            let ground = i16::from(frame[0]);
            let other = |(_, pixel): &(usize, &u8)| (i16::from(**pixel) - ground).abs() > 8;
            // But for the corner in which the pointer begins.
            let seen = frame.iter().enumerate().filter(other);
            let seen = seen.filter(|(at, _)| at / width < height - 32 || at % width < width - 32);
            let seen: Vec<_> = seen.map(|(at, _)| (at % width, at / width)).take(5).collect();
            assert!(seen.is_empty(), "{file}: picture {number} shows something at {seen:?}");
        }
    }
}

/// What a desktop's panel is to programs that have tray icons.
struct Panel;

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Panel {
    fn register_status_notifier_item(&self, _service: &str) {}

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        Vec::new()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_leaves_the_app_in_the_tray_and_windows_open_where_they_were() {
    let desk = Desk::open().await;
    let panel = zbus::connection::Builder::address(desk.bus()).expect("an address");
    let panel = panel.name("org.kde.StatusNotifierWatcher").expect("a name");
    let panel = panel.serve_at("/StatusNotifierWatcher", Panel).expect("a panel");
    let panel = panel.build().await.expect("the panel is there");

    let (window, _) = desk.until_shown(APP);
    desk.xdotool(&["windowmove", "--sync", &window, "90", "70"]).expect("it is moved");
    desk.xdotool(&["windowsize", "--sync", &window, "900", "640"]).expect("it is sized");
    let zoomed = desk.invoke("zoom", json!({ "change": "in" }), || ()).await;
    assert_eq!(zoomed, json!(["done", null]));
    desk.press_close();
    desk.answer("Vignette is still running", &[vignette_tests::desk::Key::Named("Return")]);
    desk.until_gone(APP);
    let (status, _) = desk.vignette(&["pause"]);
    assert_eq!(status.code(), Some(1), "the app runs: it answers that there is nothing to pause");
    desk.press_in_tray("Open Vignette");
    let (_, place) = desk.until_shown(APP);
    assert_eq!(place, [90, 70, 900, 640], "it comes back where it was");
    desk.press_close();
    desk.until_gone(APP);
    desk.until_gone("Vignette is still running");
    desk.press_in_tray("Quit");
    desk.until_ended();

    let mut again = desk.run_app(&[]);
    let (_, place) = desk.until_shown(APP);
    assert_eq!(place, [90, 70, 900, 640], "it opens where it was");
    let memory = std::fs::read(desk.home.path().join("windows.json")).expect("it is kept");
    let memory: Value = serde_json::from_slice(&memory).expect("JSON");
    assert_eq!(memory["zoom"], 1.1);
    drop(panel);
    desk.press_close();
    assert_eq!(again.wait(PATIENCE).code(), Some(0), "without a panel it quits");

    let mut hidden = desk.run_app(&["--background"]);
    until("the app answers", PATIENCE, || {
        (desk.vignette(&["pause"]).0.code() == Some(1)).then_some(())
    });
    desk.until_gone(APP);
    assert_eq!(desk.start_again(), Some(0));
    desk.until_shown(APP);
    hidden.signal("TERM");
    hidden.wait(PATIENCE);
}
