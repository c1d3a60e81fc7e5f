//! One window of a real X server: its content whatever covers it, and what becomes of it. It belongs
//! to another program, since our own cannot be recorded.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test that is how it fails")]

mod common;

use std::time::Duration;

use common::stranger::{Stranger, within};
use common::xvfb::{Painter, Viewer};
use common::{TIMEOUT, clock, elapsed, notice};
use crossbeam_channel::{Receiver, bounded};
use vignette_capture::{
    CaptureTarget, DeviceSelector, RunningSource, StartOptions, screen, windows,
};
use vignette_model::{Captured, Notice, Problem};

const RED: u32 = 0xff0000;
const GREEN: u32 = 0x00ff00;
const BLUE: u32 = 0x0000ff;

/// The other program, which the tests start.
#[test]
#[ignore = "the other tests run it as another program"]
fn stranger() {
    common::stranger::stranger();
}

fn record(window: u32, cursor: bool) -> (RunningSource, Receiver<Captured>) {
    let (out, captured) = bounded(8);
    let target = CaptureTarget::Window { id: window.into() };
    let options = StartOptions { target, cursor, ..StartOptions::default() };
    let source = screen(&DeviceSelector::Default).unwrap();
    (source.start(&options, clock(), out).unwrap(), captured)
}

/// Takes in frames until `seen` holds.
fn until(
    captured: &Receiver<Captured>,
    viewer: &mut Viewer,
    what: &str,
    seen: impl Fn(&Viewer) -> bool,
) {
    let began = clock();
    while !(viewer.width > 0 && seen(viewer)) {
        assert!(elapsed(&began) < TIMEOUT, "not seen: {what}");
        match captured.recv_timeout(Duration::from_millis(20)) {
            Ok(Captured::Frame(frame)) => viewer.see(&frame),
            Ok(other) => panic!("{what}: {other:?}"),
            Err(_) => {}
        }
    }
}

fn all(viewer: &Viewer, colour: u32) -> bool {
    viewer.pixels.iter().all(|pixel| *pixel == colour)
}

#[test]
fn a_window_is_recorded_covered_or_not_and_wherever_it_goes() {
    if !within("a_window_is_recorded_covered_or_not_and_wherever_it_goes") {
        return;
    }
    let mut other = Stranger::start();
    let sheet = other.window((50, 60), (300, 200), BLUE);
    let _cover = other.window((100, 0), (200, 480), GREEN);
    let (_running, captured) = record(sheet, false);
    let mut viewer = Viewer::default();
    until(&captured, &mut viewer, "its content", |v| all(v, BLUE));
    assert_eq!((viewer.width, viewer.height), (300, 200));

    other.fill(sheet, (100, 50, 50, 50), RED);
    until(&captured, &mut viewer, "what is drawn where it is covered", |v| {
        v.pixels.iter().filter(|pixel| **pixel == RED).count() == 2_500 && v.at(100, 50) == RED
    });
    other.ask(&format!("move {sheet} -40 250"));
    let before = viewer.pixels.clone();
    while let Ok(captured) = captured.recv_timeout(Duration::from_millis(400)) {
        let Captured::Frame(frame) = captured else { panic!("{captured:?}") };
        viewer.see(&frame);
        assert!(viewer.pixels == before, "the content is the same wherever the window lies");
    }
    other.fill(sheet, (0, 0, 10, 10), GREEN);
    until(&captured, &mut viewer, "what is drawn off the screen", |v| v.at(0, 0) == GREEN);

    other.ask(&format!("resize {sheet} 200 260"));
    until(&captured, &mut viewer, "another size", |v| (v.width, v.height) == (200, 260));
    until(&captured, &mut viewer, "drawn anew", |v| {
        v.at(100, 50) == RED && v.at(199, 259) == BLUE && !v.pixels.contains(&0)
    });
}

#[test]
fn a_window_that_is_hidden_or_closed_is_said_and_not_waited_for() {
    if !within("a_window_that_is_hidden_or_closed_is_said_and_not_waited_for") {
        return;
    }
    let mut other = Stranger::start();
    let sheet = other.window((50, 60), (300, 200), BLUE);
    let (running, captured) = record(sheet, true);
    let mut viewer = Viewer::default();
    until(&captured, &mut viewer, "its content", |v| v.at(299, 199) == BLUE);

    other.ask(&format!("hide {sheet}"));
    let Notice::Lost { why } = notice(&captured) else { panic!("it is hidden") };
    assert!(why.contains("minimised"), "{why}");
    other.ask(&format!("show {sheet}"));
    assert_eq!(notice(&captured), Notice::Back, "said once, and that it is back");
    until(&captured, &mut viewer, "all of it again", |v| v.at(299, 199) == BLUE);

    other.ask(&format!("close {sheet}"));
    let Notice::Lost { why } = notice(&captured) else { panic!("it is closed") };
    assert!(why.contains("closed"), "{why}");
    assert!(captured.recv_timeout(Duration::from_millis(1_200)).is_err(), "and nothing more");
    drop(running);
    let gone = StartOptions {
        target: CaptureTarget::Window { id: sheet.into() },
        ..StartOptions::default()
    };
    let source = screen(&DeviceSelector::Default).unwrap();
    let refused = source.start(&gone, clock(), bounded(1).0).map(drop).unwrap_err();
    let problem = Problem::from(refused);
    assert!(problem.message.contains("there is no such window"), "{problem:?}");
    assert!(problem.help.starts_with("Choose another window"), "{problem:?}");
}

#[test]
fn a_window_that_is_shown_anew_is_followed() {
    if !within("a_window_that_is_shown_anew_is_followed") {
        return;
    }
    let mut other = Stranger::start();
    let sheet = other.window((50, 60), (300, 200), BLUE);
    let (_running, captured) = record(sheet, false);
    let mut viewer = Viewer::default();
    until(&captured, &mut viewer, "its content", |v| all(v, BLUE));

    other.ask(&format!("remap {sheet}"));
    other.fill(sheet, (0, 0, 300, 200), GREEN);
    until(&captured, &mut viewer, "what is drawn since", |v| all(v, GREEN));
    let frame = other.ask(&format!("frame {sheet}"));
    other.fill(sheet, (0, 0, 300, 200), RED);
    until(&captured, &mut viewer, "what is drawn within a frame", |v| all(v, RED));
    other.ask(&format!("remap {frame}"));
    other.fill(sheet, (0, 0, 300, 200), BLUE);
    until(&captured, &mut viewer, "after its frame was shown anew", |v| all(v, BLUE));

    other.ask(&format!("hide {frame}"));
    let Notice::Lost { why } = notice(&captured) else { panic!("it is hidden with its frame") };
    assert!(why.contains("minimised"), "{why}");
    other.ask(&format!("show {frame}"));
    assert_eq!(notice(&captured), Notice::Back);
    other.fill(sheet, (0, 0, 300, 200), GREEN);
    until(&captured, &mut viewer, "it is back", |v| all(v, GREEN));
}

#[test]
fn the_pointer_lies_where_it_is_in_the_window() {
    if !within("the_pointer_lies_where_it_is_in_the_window") {
        return;
    }
    let mut other = Stranger::start();
    let ours = Painter::connect();
    ours.dress_pointer(68);
    let sheet = other.window((50, 60), (300, 200), BLUE);
    ours.point(150, 160);
    let (_running, captured) = record(sheet, true);
    let mut viewer = Viewer::default();
    let strange = |v: &Viewer, x: usize, y: usize| {
        let near = |n: &usize| (x..x + 24).contains(&(n % 300)) && (y..y + 24).contains(&(n / 300));
        v.pixels.iter().enumerate().filter(|(n, p)| near(n) && **p != BLUE).count()
    };
    until(&captured, &mut viewer, "at 100, 100 of the window", |v| strange(v, 95, 95) > 30);
    assert_eq!(strange(&viewer, 145, 155), 0, "and not where it is on the screen");
    ours.point(10, 10);
    until(&captured, &mut viewer, "outside", |v| all(v, BLUE));
}

#[test]
fn windows_are_listed_with_title_program_and_picture_and_without_ours() {
    if !within("windows_are_listed_with_title_program_and_picture_and_without_ours") {
        return;
    }
    let mut other = Stranger::start();
    let below = other.window((0, 0), (300, 200), BLUE);
    let above = other.window((100, 100), (200, 150), RED);
    let hidden = other.window((100, 100), (200, 150), RED);
    other.ask(&format!("hide {hidden}"));
    // Our own covers everything.
    let _ours = Painter::connect();
    let listed = windows(true).unwrap();
    let ids: Vec<u64> = listed.iter().map(|window| window.id).collect();
    assert_eq!(
        ids,
        [u64::from(above), u64::from(below)],
        "those that can be recorded, the front first"
    );
    for (window, size, colour) in [(&listed[0], (200, 150), RED), (&listed[1], (300, 200), BLUE)] {
        assert_eq!(
            (window.title.as_str(), window.program.as_str()),
            ("Quarterly figures", "Spreadsheet")
        );
        assert_eq!((window.width, window.height), size);
        let mut viewer = Viewer::default();
        viewer.see(window.picture.as_ref().unwrap());
        assert!(all(&viewer, colour), "its own content, though it is covered");
    }
    assert!(windows(false).unwrap().iter().all(|window| window.picture.is_none()));
}
