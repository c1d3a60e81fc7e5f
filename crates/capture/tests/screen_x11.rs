//! The screen of a real X server, drawn upon by a real client: pixels, damage, pointer, pace, loss.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "in a test that is how it fails"
)]

mod common;

use std::time::Duration;

use common::xvfb::{Painter, Viewer, within};
use common::{clock, frame, notice};
use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use vignette_capture::{
    CaptureError, CaptureTarget, DeviceSelector, RunningSource, SourceKind, StartOptions, devices,
    screen,
};
use vignette_model::{Captured, ErrorCode, Frame, Notice, Problem, Rect};
use x11rb::protocol::randr::{ConnectionExt as _, ModeInfo, MonitorInfo};
use x11rb::protocol::xproto::ConnectionExt as _;

const RED: u32 = 0xff0000;
const GREEN: u32 = 0x00ff00;
const BLUE: u32 = 0x0000ff;
/// Longer than the recorder's slot of 33 ms and its glance at the pointer of 250 ms.
const QUIET: Duration = Duration::from_millis(600);

fn record(selector: &str, room: usize) -> (RunningSource, Receiver<Captured>) {
    record_with(selector, &StartOptions::default(), room)
}

fn record_with(
    selector: &str,
    options: &StartOptions,
    room: usize,
) -> (RunningSource, Receiver<Captured>) {
    let (out, captured) = bounded(room);
    let running = screen(&selector.parse().unwrap()).unwrap().start(options, clock(), out).unwrap();
    (running, captured)
}

/// Everything that comes until nothing has come for a while.
fn drain(captured: &Receiver<Captured>, viewer: &mut Viewer) -> Vec<Frame> {
    let mut frames = Vec::new();
    while let Ok(captured) = captured.recv_timeout(QUIET) {
        let Captured::Frame(frame) = captured else { panic!("{captured:?}") };
        viewer.see(&frame);
        frames.push(frame);
    }
    frames
}

/// What of the picture changed.
fn changed_rects(frame: &Frame) -> Vec<Rect> {
    frame.pixels().unwrap().patches.iter().map(|patch| patch.rect).collect()
}

/// Out of the way: in a corner where nothing is drawn.
fn hide_pointer(painter: &Painter) {
    painter.point(painter.width as i16 - 1, painter.height as i16 - 1);
}

#[test]
fn sends_only_what_was_drawn_and_only_then() {
    let Some(painter) = within("sends_only_what_was_drawn_and_only_then", "800x600", &[]) else {
        return;
    };
    sends_what_was_drawn(&painter);
}

#[test]
fn needs_no_shared_memory() {
    let Some(painter) = within("needs_no_shared_memory", "800x600", &["-extension", "MIT-SHM"])
    else {
        return;
    };
    sends_what_was_drawn(&painter);
}

fn sends_what_was_drawn(painter: &Painter) {
    hide_pointer(painter);
    painter.fill(100, 100, 200, 150, RED);
    let (_running, captured) = record("default", 8);
    let mut viewer = Viewer::default();
    drain(&captured, &mut viewer);
    assert_eq!((viewer.width, viewer.height), (800, 600));
    assert_eq!(
        (viewer.at(150, 150), viewer.at(50, 50)),
        (RED, 0),
        "the first picture shows what was there before"
    );

    painter.fill(120, 130, 10, 20, GREEN);
    let frames = drain(&captured, &mut viewer);
    let rects: Vec<_> = frames.iter().flat_map(changed_rects).collect();
    assert_eq!(
        rects,
        [vignette_model::Rect { x: 120, y: 130, width: 10, height: 20 }],
        "one patch of what was drawn"
    );
    assert_eq!(
        (viewer.at(120, 130), viewer.at(129, 149), viewer.at(130, 149)),
        (GREEN, GREEN, RED)
    );

    painter.fill(0, 0, 8, 8, BLUE);
    painter.fill(700, 500, 8, 8, BLUE);
    let frames = drain(&captured, &mut viewer);
    let area: u32 =
        frames.iter().flat_map(changed_rects).map(|rect| rect.width * rect.height).sum();
    assert_eq!(
        area, 128,
        "two small things far apart are two small patches, and a screen at rest gives nothing"
    );
}

#[test]
fn all_patches_together_are_the_screen() {
    let Some(painter) = within("all_patches_together_are_the_screen", "640x480", &[]) else {
        return;
    };
    hide_pointer(&painter);
    let (_running, captured) = record("screen", 2);
    let mut viewer = Viewer::default();
    let mut random = 99u32;
    let mut next = |below: u32| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) % below
    };
    for round in 0..300 {
        let (x, y) = (next(600) as i16, next(440) as i16);
        painter.fill(x, y, 1 + next(200) as u16, 1 + next(60) as u16, next(0xff_ffff));
        // Now and then the viewer is slow, and the channel of two fills up.
        if round % 40 == 0 {
            std::thread::sleep(Duration::from_millis(150));
        }
        for captured in captured.try_iter() {
            let Captured::Frame(frame) = captured else { panic!("{captured:?}") };
            viewer.see(&frame);
        }
    }
    drain(&captured, &mut viewer);
    let (truth, hidden) = (painter.truth(), 20 * 640);
    assert_eq!(
        viewer.pixels[..viewer.pixels.len() - hidden],
        truth[..truth.len() - hidden],
        "nothing drawn may be missed"
    );
}

#[test]
fn the_pointer_is_in_the_picture_and_leaves_nothing_behind() {
    let Some(painter) =
        within("the_pointer_is_in_the_picture_and_leaves_nothing_behind", "640x480", &[])
    else {
        return;
    };
    painter.dress_pointer(68);
    painter.point(100, 100);
    let (_running, captured) = record("default", 8);
    let mut viewer = Viewer::default();
    drain(&captured, &mut viewer);
    let coloured = |viewer: &Viewer, x: usize, y: usize| {
        let inside =
            |n: &usize| (x..x + 20).contains(&(n % 640)) && (y..y + 20).contains(&(n / 640));
        viewer.pixels.iter().enumerate().filter(|(n, p)| inside(n) && **p != 0).count()
    };
    assert!(
        coloured(&viewer, 95, 95) > 30,
        "an arrow of red and yellow lies at the pointer's place"
    );
    assert_eq!(
        painter.truth().iter().filter(|p| **p != 0).count(),
        0,
        "the server itself leaves the pointer out"
    );

    painter.point(300, 200);
    let frames = drain(&captured, &mut viewer);
    assert!(coloured(&viewer, 295, 195) > 30, "it moved");
    assert_eq!(coloured(&viewer, 95, 95), 0, "and is gone from where it was");
    let pixels: u32 =
        frames.iter().flat_map(changed_rects).map(|rect| rect.width * rect.height).sum();
    assert!(pixels < 5000, "moving it costs small patches, not {pixels} pixels");

    painter.fill(290, 190, 40, 40, BLUE);
    drain(&captured, &mut viewer);
    assert!(viewer.pixels.contains(&RED), "what is drawn beneath does not wipe it out");

    painter.connection.warp_pointer(x11rb::NONE, painter.root, 0, 0, 0, 0, 500, 400).unwrap();
    painter.settle();
    drain(&captured, &mut viewer);
    assert!(
        coloured(&viewer, 495, 395) > 30,
        "a program that moves it in silence is noticed as well"
    );

    let arrow = viewer.pixels.clone();
    painter.dress_pointer(30);
    drain(&captured, &mut viewer);
    assert_ne!(arrow, viewer.pixels, "a different shape is shown");
}

#[test]
fn thirty_pictures_a_second_and_rising_times() {
    let Some(painter) = within("thirty_pictures_a_second_and_rising_times", "1920x1080", &[])
    else {
        return;
    };
    hide_pointer(&painter);
    let (running, captured) = record("default", 8);
    let take = clock();
    let mut frames = Vec::new();
    for round in 0.. {
        // Twice as often as is recorded.
        painter.fill((round * 8 % 1800) as i16, 0, 100, 900, 0x010203 * round);
        std::thread::sleep(Duration::from_millis(15));
        frames.extend(captured.try_iter().map(|captured| match captured {
            Captured::Frame(frame) => frame.at,
            other => panic!("{other:?}"),
        }));
        if take.now() >= vignette_model::Micros::from_secs(2) {
            break;
        }
    }
    drop(running);
    assert!(frames.is_sorted_by(|a, b| a < b), "times strictly rise");
    assert!(
        (40..=63).contains(&frames.len()),
        "at most 30 a second, and not many fewer: {}",
        frames.len()
    );
}

#[test]
fn a_change_of_size_shows_everything_again() {
    let Some(painter) = within("a_change_of_size_shows_everything_again", "800x600", &[]) else {
        return;
    };
    hide_pointer(&painter);
    let (_running, captured) = record("default", 8);
    let mut viewer = Viewer::default();
    drain(&captured, &mut viewer);
    let randr = &painter.connection;
    let resources = randr.randr_get_screen_resources(painter.root).unwrap().reply().unwrap();
    let (crtc, output) = (resources.crtcs[0], resources.outputs[0]);
    let mode = ModeInfo { width: 640, height: 480, name_len: 5, ..resources.modes[0] };
    let mode = randr.randr_create_mode(painter.root, mode, b"small").unwrap().reply().unwrap().mode;
    randr.randr_add_output_mode(output, mode).unwrap().check().unwrap();
    let rotation = x11rb::protocol::randr::Rotation::ROTATE0;
    randr
        .randr_set_crtc_config(crtc, 0, resources.config_timestamp, 0, 0, mode, rotation, &[output])
        .unwrap()
        .reply()
        .unwrap();
    randr.randr_set_screen_size(painter.root, 640, 480, 170, 130).unwrap().check().unwrap();
    painter.fill(10, 10, 20, 20, GREEN);
    drain(&captured, &mut viewer);
    assert_eq!((viewer.width, viewer.height), (640, 480));
    assert_eq!(viewer.at(15, 15), GREEN);
}

#[test]
fn one_monitor_of_two() {
    let Some(painter) = within("one_monitor_of_two", "800x600", &[]) else { return };
    hide_pointer(&painter);
    for (name, x) in [("LEFT", 0), ("RIGHT", 400)] {
        let atom =
            painter.connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
        let outputs = Vec::new();
        let size = (100, 150);
        let monitor = MonitorInfo {
            name: atom,
            primary: name == "RIGHT",
            automatic: false,
            x,
            y: 0,
            width: 400,
            height: 600,
            width_in_millimeters: size.0,
            height_in_millimeters: size.1,
            outputs,
        };
        painter.connection.randr_set_monitor(painter.root, monitor).unwrap().check().unwrap();
    }
    let screens = devices().screens;
    let find = |id: &str| {
        screens
            .iter()
            .find(|screen| screen.id == id)
            .unwrap_or_else(|| panic!("{id} in {screens:?}"))
    };
    assert!(find("RIGHT").default, "the primary monitor is the default");
    assert_eq!((find("LEFT").width, find("whole-screen").width), (Some(400), Some(800)));
    assert_eq!(find("whole-screen").name, "All displays");

    let (_running, captured) = record("right", 8);
    let mut viewer = Viewer::default();
    drain(&captured, &mut viewer);
    assert_eq!((viewer.width, viewer.height), (400, 600));
    painter.fill(10, 10, 20, 20, RED);
    assert!(
        drain(&captured, &mut viewer).is_empty(),
        "what happens on the other monitor is not recorded"
    );
    painter.fill(390, 50, 20, 20, GREEN);
    let frames = drain(&captured, &mut viewer);
    let rect = changed_rects(&frames[0])[0];
    assert_eq!(
        (rect.x, rect.y, rect.width, rect.height),
        (0, 50, 10, 20),
        "cut at the monitor's edge"
    );
}

#[test]
fn a_region_of_the_display_without_the_pointer() {
    let Some(painter) = within("a_region_of_the_display_without_the_pointer", "640x480", &[])
    else {
        return;
    };
    painter.dress_pointer(68);
    painter.point(150, 150);
    let rect = Rect { x: 100, y: 100, width: 200, height: 100 };
    let target = CaptureTarget::Region { rect };
    let with_pointer = StartOptions { target, ..StartOptions::default() };
    let without = StartOptions { cursor: false, ..with_pointer.clone() };
    for (options, pointer) in [(with_pointer, true), (without, false)] {
        let (_running, captured) = record_with("default", &options, 8);
        let mut viewer = Viewer::default();
        painter.fill(0, 0, 640, 480, 0);
        drain(&captured, &mut viewer);
        assert_eq!((viewer.width, viewer.height), (200, 100), "only the region is captured");
        assert_eq!(
            viewer.pixels.iter().any(|pixel| *pixel != 0),
            pointer,
            "the pointer is in the picture if it is to be"
        );
        painter.fill(90, 90, 20, 20, GREEN);
        drain(&captured, &mut viewer);
        let green = viewer.pixels.iter().filter(|pixel| **pixel == GREEN).count();
        assert_eq!(green, 100, "a square that lies a quarter in the region");
        painter.point(151, 151);
        assert_eq!(
            !drain(&captured, &mut viewer).is_empty(),
            pointer,
            "a hidden pointer moves unseen"
        );
        painter.point(150, 150);
    }
}

#[test]
fn what_an_x_server_cannot_do_is_refused_with_help() {
    let test = "what_an_x_server_cannot_do_is_refused_with_help";
    let Some(_painter) = within(test, "640x480", &[]) else { return };
    let outside = Rect { x: 700, y: 0, width: 10, height: 10 };
    let plain = StartOptions::default;
    for (options, help) in [
        (
            StartOptions { target: CaptureTarget::Window { id: 7 }, ..plain() },
            "Choose another window",
        ),
        (
            StartOptions { target: CaptureTarget::Portal { restore_token: None }, ..plain() },
            "Choose the display",
        ),
        (
            StartOptions { target: CaptureTarget::Region { rect: outside }, ..plain() },
            "Choose a region",
        ),
    ] {
        let started =
            screen(&DeviceSelector::Default).unwrap().start(&options, clock(), bounded(1).0);
        let problem = Problem::from(started.map(drop).unwrap_err());
        assert!(problem.help.starts_with(help), "{options:?}: {problem:?}");
    }
}

#[test]
fn stops_at_once_and_even_when_nobody_listens() {
    let Some(painter) = within("stops_at_once_and_even_when_nobody_listens", "640x480", &[]) else {
        return;
    };
    let (idle, captured) = record("default", 8);
    drain(&captured, &mut Viewer::default());
    let (full, unread) = record("default", 0);
    painter.fill(0, 0, 100, 100, RED);
    drop((idle, full));
    // A thread that is stuck would be left behind after a while, with its end of the channel.
    captured.try_iter().for_each(drop);
    for ended in [captured, unread] {
        let after = ended.recv_timeout(Duration::from_secs(30));
        assert_eq!(after.err(), Some(RecvTimeoutError::Disconnected), "its thread has ended");
    }
}

#[test]
fn a_server_that_goes_away_and_comes_back() {
    let Some(number) = common::inside() else {
        // It starts and kills the server itself, under a number that servers of other tests do not
        // come to.
        let number = (10_000 + std::process::id() % 40_000).to_string();
        common::again(
            "a_server_that_goes_away_and_comes_back",
            &number,
            &[("DISPLAY", format!(":{number}").as_ref())],
        );
        return;
    };
    let serve = || {
        let mut command = std::process::Command::new("Xvfb");
        command.args([
            &format!(":{number}"),
            "-displayfd",
            "1",
            "-screen",
            "0",
            "640x480x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ]);
        let (server, mut out) = common::start(&mut command);
        assert_eq!(common::line(&mut out), number);
        server
    };
    let server = serve();
    let (_running, captured) = record("default", 8);
    assert_eq!(frame(&captured).width, 640);
    drop(server);
    let Notice::Lost { why } = notice(&captured) else { panic!("the loss is said") };
    assert!(why.contains("Screen"), "{why}");
    let _server = serve();
    assert_eq!(notice(&captured), Notice::Back);
    let whole = frame(&captured);
    assert_eq!(
        changed_rects(&whole)[0],
        vignette_model::Rect::whole(640, 480),
        "after a loss everything is shown"
    );
}

#[test]
fn what_cannot_be_recorded_is_said_with_help() {
    let Some(_) =
        within("what_cannot_be_recorded_is_said_with_help", "640x480", &["-extension", "DAMAGE"])
    else {
        return;
    };
    let error = screen(&DeviceSelector::Default)
        .and_then(|source| source.start(&StartOptions::default(), clock(), bounded(1).0))
        .err();
    let Some(CaptureError::Unusable { kind: SourceKind::Screen, why, .. }) = &error else {
        panic!("{error:?}")
    };
    assert!(why.contains("DAMAGE"), "{why}");
    let problem = Problem::from(error.unwrap());
    assert_eq!(problem.code, ErrorCode::SourceUnavailable);
    assert!(devices().screens.is_empty(), "what cannot be used is not offered");
    assert!(matches!(screen(&DeviceSelector::Off), Err(CaptureError::Off(SourceKind::Screen))));
}

/// What is seen of two rectangles that were filled with these pixels.
fn seen(test: &str, screen: &str, options: &[&str], pixels: [u32; 2], expected: [u32; 2]) {
    let Some(painter) = within(test, screen, options) else { return };
    hide_pointer(&painter);
    // Odd widths, so that rows are padded.
    painter.fill(0, 0, 33, 20, pixels[0]);
    let (_running, captured) = record("default", 8);
    let mut viewer = Viewer::default();
    drain(&captured, &mut viewer);
    painter.fill(101, 50, 35, 20, pixels[1]);
    drain(&captured, &mut viewer);
    for (x, y, colour) in [
        (0, 0, expected[0]),
        (32, 19, expected[0]),
        (33, 0, 0),
        (101, 50, expected[1]),
        (135, 69, expected[1]),
    ] {
        assert_eq!(
            viewer.at(x, y),
            colour,
            "at {x}, {y}: {:06x} instead of {colour:06x}",
            viewer.at(x, y)
        );
    }
}

#[test]
fn a_screen_of_ten_bits_a_colour_is_recorded() {
    let pixels = [1023 << 20 | 512 << 10 | 3, 1 << 20 | 1023];
    seen(
        "a_screen_of_ten_bits_a_colour_is_recorded",
        "640x480x30",
        &[],
        pixels,
        [0xff8001, 0x0000ff],
    );
}

#[test]
fn a_screen_of_ten_bits_a_colour_is_recorded_without_shared_memory() {
    let test = "a_screen_of_ten_bits_a_colour_is_recorded_without_shared_memory";
    seen(test, "640x480x30", &["-extension", "MIT-SHM"], [512 << 20, 512], [0x800000, 0x000080]);
}

#[test]
fn screens_of_thousands_of_colours_are_recorded() {
    let pixels = [31 << 11 | 32 << 5 | 1, 31];
    seen(
        "screens_of_thousands_of_colours_are_recorded",
        "641x480x16",
        &[],
        pixels,
        [0xff8208, 0x0000ff],
    );
}

#[test]
fn a_screen_of_fifteen_bits_is_recorded() {
    seen(
        "a_screen_of_fifteen_bits_is_recorded",
        "641x480x15",
        &[],
        [31 << 10 | 16 << 5, 1],
        [0xff8400, 0x000008],
    );
}

#[test]
fn a_palette_is_refused_with_the_true_reason() {
    let Some(_painter) = within("a_palette_is_refused_with_the_true_reason", "640x480x8", &[])
    else {
        return;
    };
    let problem =
        Problem::from(screen(&DeviceSelector::Default).err().expect("it cannot be recorded"));
    assert!(problem.message.contains("palette (depth 8)"), "{problem:?}");
    assert!(problem.help.contains("depth of 24"), "{problem:?}");
}
