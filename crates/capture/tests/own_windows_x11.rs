//! Our own windows on a real X server: no pixel of them is in any picture, and what lies behind them
//! is. This process is the one that is left out; what is recorded belongs to another.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test that is how it fails")]

mod common;

use std::process::Command;
use std::time::Duration;

use common::stranger::{HEIGHT, Stranger, WIDTH, within};
use common::xvfb::Viewer;
use common::{Daemon, TIMEOUT, clock, elapsed};
use crossbeam_channel::{Receiver, bounded};
use vignette_capture::{CaptureTarget, DeviceSelector, RunningSource, StartOptions, screen};
use vignette_model::{Captured, Rect};
use x11rb::connection::Connection;
use x11rb::protocol::composite::ConnectionExt as _;
use x11rb::protocol::xproto::{
    ChangeGCAux, ConfigureWindowAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, Rectangle,
    StackMode, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

/// The colour of our own windows, which nothing else has.
const OURS: u32 = 0xff00ff;
const RED: u32 = 0xff0000;
const GREEN: u32 = 0x00ff00;
const BLUE: u32 = 0x0000ff;
const GREY: u32 = 0x808080;

/// The other program, which the tests start.
#[test]
#[ignore = "the other tests run it as another program"]
fn stranger() {
    common::stranger::stranger();
}

/// Our own windows.
struct Ours {
    connection: RustConnection,
    root: Window,
    gc: u32,
}

impl Ours {
    fn connect() -> Self {
        let (connection, number) = x11rb::connect(None).unwrap();
        let root = connection.setup().roots[number].root;
        let gc = connection.generate_id().unwrap();
        connection.create_gc(gc, root, &CreateGCAux::new().foreground(OURS)).unwrap();
        Self { connection, root, gc }
    }

    fn settle(&self) {
        self.connection.get_input_focus().unwrap().reply().unwrap();
    }

    fn window(&self, (x, y): (i16, i16), (w, h): (u16, u16), managed: bool) -> Window {
        let id = self.connection.generate_id().unwrap();
        let aux = CreateWindowAux::new()
            .override_redirect(u32::from(!managed))
            .background_pixel(OURS)
            .border_pixel(OURS);
        let class = WindowClass::INPUT_OUTPUT;
        let border = 3;
        self.connection
            .create_window(0, id, self.root, x, y, w, h, border, class, 0, &aux)
            .unwrap();
        self.connection.map_window(id).unwrap();
        self.settle();
        id
    }

    fn configure(&self, window: Window, aux: &ConfigureWindowAux) {
        self.connection.configure_window(window, aux).unwrap();
        self.settle();
    }

    fn place(&self, window: Window, x: i32, y: i32) {
        self.configure(window, &ConfigureWindowAux::new().x(x).y(y));
    }

    fn draw(&self, window: Window) {
        let all = Rectangle { x: 0, y: 0, width: WIDTH, height: HEIGHT };
        self.connection.change_gc(self.gc, &ChangeGCAux::new().foreground(OURS)).unwrap();
        self.connection.poly_fill_rectangle(window, self.gc, &[all]).unwrap();
        self.settle();
    }

    /// Whether the server keeps the content of a window, which costs something.
    fn is_kept(&self, window: Window) -> bool {
        let pixmap = self.connection.generate_id().unwrap();
        let named = self.connection.composite_name_window_pixmap(window, pixmap).unwrap();
        let kept = named.check().is_ok();
        if kept {
            self.connection.free_pixmap(pixmap).unwrap();
        }
        kept
    }
}

/// A recording without our own windows, and what was seen of it.
struct Record {
    captured: Receiver<Captured>,
    viewer: Viewer,
    _running: RunningSource,
}

impl Record {
    fn start(target: CaptureTarget) -> Self {
        Self::start_at(StartOptions::default().fps, target)
    }

    fn start_at(fps: u32, target: CaptureTarget) -> Self {
        let options = StartOptions { exclude_own_windows: true, cursor: false, fps, target };
        let (out, captured) = bounded(8);
        let source = screen(&DeviceSelector::Default).unwrap();
        let running = source.start(&options, clock(), out).unwrap();
        Self { captured, viewer: Viewer::default(), _running: running }
    }

    /// Takes in what has come; nothing of it is ours. Gives how many pictures that were.
    fn look(&mut self) -> usize {
        let mut pictures = 0;
        for captured in self.captured.try_iter().collect::<Vec<_>>() {
            let Captured::Frame(frame) = captured else { panic!("{captured:?}") };
            pictures += 1;
            self.viewer.see(&frame);
            let ours = self.viewer.pixels.iter().position(|pixel| *pixel == OURS);
            let width = self.viewer.width;
            assert_eq!(
                ours.map(|at| (at % width, at / width)),
                None,
                "a pixel of ours at {} in a picture",
                frame.at
            );
        }
        pictures
    }

    /// Looks until `seen` holds of the picture.
    fn until(&mut self, what: &str, seen: impl Fn(&Viewer) -> bool) {
        let began = clock();
        loop {
            self.look();
            if self.viewer.width > 0 && seen(&self.viewer) {
                return;
            }
            if elapsed(&began) > TIMEOUT {
                panic!("not seen: {what}; {}", summary(&self.viewer));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Looks for a while at a screen on which nothing is to change.
    fn quiet(&mut self) -> usize {
        let began = clock();
        let mut pictures = 0;
        while elapsed(&began) < Duration::from_millis(600) {
            pictures += self.look();
            std::thread::sleep(Duration::from_millis(5));
        }
        pictures
    }
}

/// Colours by how many pixels have them.
fn summary(viewer: &Viewer) -> String {
    let mut counts = std::collections::BTreeMap::<u32, usize>::new();
    viewer.pixels.iter().for_each(|pixel| *counts.entry(*pixel).or_default() += 1);
    counts.iter().map(|(colour, count)| format!("{colour:06x}: {count} ")).collect()
}

/// Whether a rectangle of the picture is of one colour.
fn is(viewer: &Viewer, (x, y, w, h): (usize, usize, usize, usize), colour: u32) -> bool {
    (y..y + h).all(|y| (x..x + w).all(|x| viewer.at(x, y) == colour))
}

const ALL: (usize, usize, usize, usize) = (0, 0, WIDTH as usize, HEIGHT as usize);

/// The whole story of a window of ours over another program's. A compositing manager may draw again
/// what is the same.
fn story(managed: bool, composited: bool) {
    let mut other = Stranger::start();
    let sheet = other.window((0, 0), (WIDTH, HEIGHT), BLUE);
    other.fill(sheet, (150, 150, 100, 60), RED);
    let ours = Ours::connect();
    let bar = ours.window((120, 120), (200, 150), managed);
    ours.configure(bar, &ConfigureWindowAux::new().stack_mode(StackMode::ABOVE));

    let mut record = Record::start(CaptureTarget::Display);
    let red = (150, 150, 100, 60);
    record.until("what was covered before", |v| is(v, red, RED) && is(v, (0, 0, 640, 120), BLUE));
    let blue = |v: &Viewer| v.pixels.iter().filter(|pixel| **pixel == BLUE).count();
    assert_eq!(blue(&record.viewer), 640 * 480 - 100 * 60, "{}", summary(&record.viewer));

    other.fill(sheet, (200, 180, 300, 10), GREEN);
    record.until("what is drawn behind it", |v| is(v, (200, 180, 300, 10), GREEN));
    ours.draw(bar);
    let pictures = record.quiet();
    assert!(pictures == 0 || composited, "what is drawn in our own window makes no picture");

    for step in 0..120 {
        ours.place(bar, 20 + step * 3, 300 - step * 2);
        record.look();
        std::thread::sleep(Duration::from_millis(4));
    }
    other.fill(sheet, (0, 0, WIDTH, HEIGHT), GREY);
    record.until("all of it anew", |v| is(v, ALL, GREY));

    // Another window comes between, moves and goes.
    let note = other.window((350, 50), (200, 150), GREEN);
    ours.configure(bar, &ConfigureWindowAux::new().stack_mode(StackMode::ABOVE));
    record.until("a window between", |v| is(v, (350, 50, 200, 150), GREEN));
    for step in 0..40 {
        other.ask(&format!("move {note} {} {}", 350 + step, 50 + step * 2));
        record.look();
    }
    record.until("it moved", |v| is(v, (389, 128, 200, 150), GREEN) && v.at(380, 100) == GREY);
    other.ask(&format!("close {note}"));
    record.until("it is gone", |v| is(v, ALL, GREY));

    // Ours goes and comes.
    for _ in 0..10 {
        ours.connection.unmap_window(bar).unwrap();
        ours.settle();
        record.look();
        ours.connection.map_window(bar).unwrap();
        ours.configure(bar, &ConfigureWindowAux::new().stack_mode(StackMode::ABOVE));
        for _ in 0..10 {
            record.look();
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    other.fill(sheet, (10, 10, 20, 20), RED);
    record.until("the end", |v| is(v, (10, 10, 20, 20), RED));
    assert!(is(&record.viewer, (40, 0, 600, 480), GREY), "{}", summary(&record.viewer));
}

#[test]
fn without_a_window_manager() {
    if within("without_a_window_manager") {
        story(false, false);
    }
}

/// A program that is there for all of a test.
fn beside(program: &str, args: &[&str]) -> Daemon {
    let child = Command::new(program).args(args).spawn();
    Daemon(child.unwrap_or_else(|error| panic!("{program}: {error}; `./dev setup` installs it")))
}

/// Waits until somebody owns a selection or has put a property on the root window.
fn wait_for(name: &str, selection: bool) {
    let ours = Ours::connect();
    let began = clock();
    let atom = ours.connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
    loop {
        let there = if selection {
            ours.connection.get_selection_owner(atom).unwrap().reply().unwrap().owner != 0
        } else {
            let any = x11rb::protocol::xproto::AtomEnum::ANY;
            let property = ours.connection.get_property(false, ours.root, atom, any, 0, 1).unwrap();
            property.reply().unwrap().type_ != 0
        };
        if there {
            return;
        }
        assert!(elapsed(&began) < TIMEOUT, "{name} is not there");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn within_the_frame_of_a_window_manager() {
    if !within("within_the_frame_of_a_window_manager") {
        return;
    }
    let _manager = beside("openbox", &["--sm-disable"]);
    wait_for("_NET_SUPPORTING_WM_CHECK", false);
    story(true, false);
}

#[test]
fn beside_a_compositing_manager() {
    if !within("beside_a_compositing_manager") {
        return;
    }
    let _manager = beside("xcompmgr", &["-c"]);
    wait_for("_NET_WM_CM_S0", true);
    story(false, true);
}

#[test]
fn beside_a_compositing_manager_that_draws_over_all() {
    if !within("beside_a_compositing_manager_that_draws_over_all") {
        return;
    }
    let args = ["--backend", "xrender", "--config", "/dev/null", "--fading"];
    let _manager = beside("picom", &args);
    wait_for("_NET_WM_CM_S0", true);
    story(false, true);
}

#[test]
fn a_window_behind_ours_that_is_shown_anew_is_followed() {
    if !within("a_window_behind_ours_that_is_shown_anew_is_followed") {
        return;
    }
    let mut other = Stranger::start();
    let sheet = other.window((0, 0), (WIDTH, HEIGHT), BLUE);
    let ours = Ours::connect();
    ours.window((100, 100), (200, 50), false);
    let mut record = Record::start(CaptureTarget::Display);
    record.until("what is behind ours", |v| is(v, ALL, BLUE));
    for colour in [GREEN, RED, GREY] {
        other.ask(&format!("remap {sheet}"));
        other.fill(sheet, (0, 0, WIDTH, HEIGHT), colour);
        record.until("what is drawn since", |v| is(v, ALL, colour));
    }
    other.ask(&format!("remap {sheet}"));
    record.until("what its program draws again", |v| is(v, ALL, GREY));
}

/// Moves a window of ours faster than pictures can be fetched, so that the server is held for them.
/// Gives how long each move took.
fn dash(fps: u32) -> Vec<Duration> {
    let mut other = Stranger::start();
    other.window((0, 0), (WIDTH, HEIGHT), BLUE);
    let ours = Ours::connect();
    let bar = ours.window((120, 120), (200, 150), false);
    let mut record = Record::start_at(fps, CaptureTarget::Display);
    record.until("what is behind ours", |v| is(v, ALL, BLUE));
    let began = clock();
    let mut took = Vec::new();
    for step in 0.. {
        let asked = clock();
        if elapsed(&began) > Duration::from_secs(4) {
            break;
        }
        ours.place(bar, 120 + step % 50, 120);
        took.push(elapsed(&asked));
        record.look();
    }
    took
}

#[test]
fn ours_is_in_no_picture_however_fast_it_moves() {
    if within("ours_is_in_no_picture_however_fast_it_moves") {
        dash(30);
    }
}

#[test]
fn the_server_is_let_go_right_after_the_picture() {
    if !within("the_server_is_let_go_right_after_the_picture") {
        return;
    }
    let took = dash(2);
    let hung: Vec<_> = took.iter().filter(|took| **took > Duration::from_millis(350)).collect();
    assert!(hung.len() < 2, "it was held until the next picture: {hung:?} of {}", took.len());
}

#[test]
fn without_composite_they_are_recorded_like_all_others() {
    let test = "without_composite_they_are_recorded_like_all_others";
    let Some(painter) = common::xvfb::within(test, "640x480", &["-extension", "Composite"]) else {
        return;
    };
    painter.fill(100, 100, 200, 50, OURS);
    let (out, captured) = bounded(8);
    let source = screen(&DeviceSelector::Default).unwrap();
    let options = StartOptions { exclude_own_windows: true, ..StartOptions::default() };
    let _running = source.start(&options, clock(), out).unwrap();
    let mut viewer = Viewer::default();
    viewer.see(&common::frame(&captured));
    assert!(is(&viewer, (100, 100, 200, 50), OURS), "{}", summary(&viewer));
    painter.fill(0, 0, 640, 480, GREEN);
    let began = clock();
    while !is(&viewer, (0, 0, 90, 90), GREEN) {
        assert!(elapsed(&began) < TIMEOUT, "what changes is recorded");
        viewer.see(&common::frame(&captured));
    }
}

#[test]
fn who_does_not_ask_sees_them() {
    if !within("who_does_not_ask_sees_them") {
        return;
    }
    let ours = Ours::connect();
    ours.window((100, 100), (200, 50), false);
    let (out, captured) = bounded(8);
    let source = screen(&DeviceSelector::Default).unwrap();
    let _running = source.start(&StartOptions::default(), clock(), out).unwrap();
    let mut viewer = Viewer::default();
    viewer.see(&common::frame(&captured));
    assert!(is(&viewer, (100, 100, 200, 50), OURS), "{}", summary(&viewer));
}

#[test]
fn the_background_is_shown_where_no_window_lies() {
    if !within("the_background_is_shown_where_no_window_lies") {
        return;
    }
    let mut other = Stranger::start();
    other.ask(&format!("root {GREEN}"));
    let ours = Ours::connect();
    let bar = ours.window((100, 100), (200, 50), false);
    let mut record = Record::start(CaptureTarget::Display);
    record.until("the background", |v| is(v, ALL, GREEN));
    ours.place(bar, 300, 200);
    record.quiet();
    assert!(is(&record.viewer, ALL, GREEN), "{}", summary(&record.viewer));
    other.ask(&format!("wallpaper 64 32 {RED} {BLUE}"));
    record.until("a picture that is repeated", |v| {
        (0..640).all(|x| {
            let colour = if x % 64 < 32 { RED } else { BLUE };
            is(v, (x, 0, 1, 480), colour)
        })
    });
}

#[test]
fn it_costs_nothing_while_none_of_ours_is_there() {
    if !within("it_costs_nothing_while_none_of_ours_is_there") {
        return;
    }
    let mut other = Stranger::start();
    let sheet = other.window((0, 0), (300, 200), BLUE);
    let aside = other.window((400, 300), (100, 100), GREEN);
    let rect = Rect { x: 0, y: 0, width: 320, height: 240 };
    let mut record = Record::start(CaptureTarget::Region { rect });
    record.until("the region", |v| is(v, (0, 0, 300, 200), BLUE));
    let ours = Ours::connect();
    assert!(!ours.is_kept(sheet), "no window is kept by the server");
    let bar = ours.window((380, 280), (100, 50), false);
    record.quiet();
    assert!(!ours.is_kept(aside), "nor one behind ours that is not recorded");
    ours.place(bar, 50, 50);
    let began = clock();
    while !ours.is_kept(sheet) {
        record.look();
        assert!(elapsed(&began) < TIMEOUT, "the one behind ours is kept");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!ours.is_kept(aside), "and no other");
    ours.place(bar, 380, 280);
    let began = clock();
    while ours.is_kept(sheet) {
        record.look();
        assert!(elapsed(&began) < TIMEOUT, "it is given back");
        std::thread::sleep(Duration::from_millis(5));
    }
    record.quiet();
    assert!(is(&record.viewer, (0, 0, 300, 200), BLUE), "{}", summary(&record.viewer));
}
