//! The camera on a kernel that has some: run by `tests/rig/camera-tests`, in a virtual machine with
//! the kernel's own test webcam (`vivid`) and one made of software on a virtual USB port
//! (`usbcam.py`). One after the other, in one process.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test that is how it fails")]

mod common;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use common::{Daemon, TIMEOUT, clock, line, notice, start};
use crossbeam_channel::{Receiver, bounded};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use v4l::buffer::Type;
use v4l::control::{Control, Value};
use v4l::io::mmap::Stream;
use v4l::io::traits::CaptureStream;
use v4l::video::Capture;
use v4l::video::capture::Parameters;
use v4l::{Device, Format, FourCC};
use vignette_capture::{RunningSource, StartOptions, camera, devices};
use vignette_model::{Captured, Frame, Micros, Notice, PixelFormat, Span};

const VIVID: &str = "vivid";

fn record(selector: &str) -> (RunningSource, Receiver<Captured>) {
    let (out, captured) = bounded(8);
    let running = camera(&selector.parse().unwrap())
        .unwrap()
        .start(&StartOptions::default(), clock(), out)
        .unwrap();
    (running, captured)
}

/// The next frame, whatever is said before it.
fn frame(captured: &Receiver<Captured>) -> Frame {
    loop {
        match captured.recv_timeout(TIMEOUT).expect("the camera gives frames") {
            Captured::Frame(frame) => return frame,
            other => eprintln!("{other:?}"),
        }
    }
}

/// Waits for a loss and gives the reason.
fn lost(captured: &Receiver<Captured>) -> String {
    match notice(captured) {
        Notice::Lost { why } => why,
        Notice::Back => panic!("a loss was expected"),
    }
}

/// Turns one of vivid's knobs, by name.
fn turn(name: &str, value: i64) {
    let device = Device::new(0).expect("vivid is there");
    let knobs = device.query_controls().unwrap();
    let knob = knobs
        .iter()
        .find(|knob| knob.name == name)
        .unwrap_or_else(|| panic!("{name} in {knobs:?}"));
    device.set_control(Control { id: knob.id, value: Value::Integer(value) }).unwrap();
}

/// Plugs the whole of vivid in or out.
fn plug(action: &str) {
    use std::io::Write as _;
    let path = format!("/sys/bus/platform/drivers/vivid/{action}");
    std::fs::File::options().write(true).open(path).unwrap().write_all(b"vivid.0").unwrap();
}

/// Mean brightness of a patch of 8 × 8 pixels of a YUYV picture.
fn luma(frame: &Frame, x: usize, y: usize) -> u32 {
    let pixels = frame.pixels().unwrap();
    let patch = &pixels.patches[0];
    let sum = (y..y + 8).flat_map(|y| (x..x + 8).map(move |x| y * patch.stride_bytes + 2 * x));
    sum.map(|at| u32::from(patch.pixels[at])).sum::<u32>() / 64
}

#[test]
#[ignore = "needs the camera VM"]
fn camera_gives_bars_in_its_best_format() {
    // As webcams do: with the time at which the exposure began.
    turn("Timestamp Source", 1);
    let found = devices().cameras;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].default && found[0].name.contains(VIVID), "{found:?}");
    let (running, captured) = record(VIVID);
    frame(&captured);
    let frames: Vec<Frame> = (0..40).map(|_| frame(&captured)).collect();
    drop(running);
    let first = &frames[0];
    let format = first.pixels().unwrap().format;
    assert_eq!(
        (first.width, first.height, format),
        (640, 480, PixelFormat::Yuyv),
        "the largest that is smooth"
    );
    // White, yellow, cyan, green, magenta, red, blue, black: each darker than the one before.
    let bars: Vec<u32> = (0..8).map(|bar| luma(first, bar * 80 + 36, 300)).collect();
    assert!(bars.is_sorted_by(|a, b| a > b), "colour bars: {bars:?}");
    assert!(frames.is_sorted_by(|a, b| a.at < b.at), "times strictly rise");
    let mean = frames[39].at.checked_since(frames[0].at).unwrap().0 / 39;
    assert!((36_000..60_000).contains(&mean), "25 frames a second are 40 ms each, not {mean} µs");
}

#[test]
#[ignore = "needs the camera VM"]
fn camera_that_is_unplugged_comes_back() {
    let (_running, captured) = record(VIVID);
    let before = frame(&captured);
    turn("Disconnect", 1);
    let why = lost(&captured);
    assert!(why.contains(VIVID) && why.contains("unplugged"), "{why}");
    assert_eq!(notice(&captured), Notice::Back);
    assert!(frame(&captured).at > before.at, "times go on");

    plug("unbind");
    lost(&captured);
    assert!(devices().cameras.is_empty());
    plug("bind");
    assert_eq!(notice(&captured), Notice::Back);
    frame(&captured);
}

#[test]
#[ignore = "needs the camera VM"]
fn camera_that_stalls_is_noticed_opened_again_and_can_be_stopped() {
    let (running, captured) = record(VIVID);
    frame(&captured);
    turn("Percentage of Dropped Buffers", 100);
    let why = lost(&captured);
    assert!(why.contains("2 seconds"), "{why}");
    turn("Percentage of Dropped Buffers", 0);
    assert_eq!(notice(&captured), Notice::Back);
    frame(&captured);

    turn("Percentage of Dropped Buffers", 100);
    while captured.recv_timeout(Duration::from_millis(500)).is_ok() {}
    let take = clock();
    drop(running);
    assert!(take.now() < Micros::from_millis(450), "stopping took {} ms", take.now().0 / 1000);
    turn("Percentage of Dropped Buffers", 0);
    let (_running, captured) = record(VIVID);
    frame(&captured);
}

#[test]
#[ignore = "needs the camera VM"]
fn camera_left_in_a_strange_state_is_opened() {
    for (fourcc, width, height, fps) in
        [(b"YUYV", 1280, 720, 25), (b"UYVY", 640, 480, 10), (b"NV16", 320, 180, 1)]
    {
        {
            let device = Device::new(0).unwrap();
            device.set_format(&Format::new(width, height, FourCC::new(fourcc))).unwrap();
            device.set_params(&Parameters::with_fps(fps)).unwrap();
        }
        let (_running, captured) = record("default");
        assert_eq!(
            frame(&captured).width,
            640,
            "after {fps} frames a second at {width} × {height}"
        );
    }
}

#[test]
#[ignore = "needs the camera VM"]
fn camera_that_another_program_uses_is_taken_when_free() {
    let device = Device::new(0).unwrap();
    let mut other = Stream::new(&device, Type::VideoCapture).unwrap();
    other.next().unwrap();
    let (_running, captured) = record(VIVID);
    let why = lost(&captured);
    assert!(why.contains("another program uses it"), "{why}");
    drop((other, device));
    assert_eq!(notice(&captured), Notice::Back);
    frame(&captured);
}

/// Three pictures of one colour each, red, green, blue, as a webcam compresses them.
fn clip() -> PathBuf {
    let path = std::env::temp_dir().join("three-colours.mjpg");
    let mut file = std::fs::File::create(&path).unwrap();
    for colour in [[220, 30, 30], [30, 200, 30], [30, 30, 220]] {
        let image = RgbImage::from_pixel(640, 480, Rgb(colour));
        JpegEncoder::new_with_quality(&mut file, 90).encode_image(&image).unwrap();
    }
    path
}

fn usb_webcam(options: &[&str]) -> Daemon {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/rig/usbcam.py");
    let mut command = Command::new("/usr/bin/python3");
    command.arg(script).arg("--mjpeg").arg(clip()).args(options);
    let (webcam, mut out) = start(&mut command);
    assert!(line(&mut out).contains("plugged in"));
    webcam
}

#[test]
#[ignore = "needs the camera VM"]
fn camera_on_usb_is_decoded_unplugged_and_found_again_by_name() {
    const NAME: &str = "USB webcam";
    let take = clock();
    let webcam = usb_webcam(&[]);
    while !devices().cameras.iter().any(|camera| camera.name.contains(NAME)) {
        assert!(
            take.now().since_start() < TIMEOUT.into(),
            "the webcam must turn up: {:?}",
            devices()
        );
    }
    let found = devices().cameras;
    assert_eq!(found.len(), 2, "its second node, for data, is no camera: {found:?}");
    let (_running, captured) = record(NAME);
    let mut seen = [false; 3];
    while seen != [true; 3] {
        let frame = frame(&captured);
        let pixels = frame.pixels().unwrap();
        assert_eq!((frame.width, frame.height, pixels.format), (640, 480, PixelFormat::Rgb));
        let pixel = &pixels.patches[0].pixels[3 * (240 * 640 + 320)..][..3];
        let brightest = (0..3).max_by_key(|&channel| pixel[channel]).unwrap();
        assert!(
            pixel[brightest] > 180 && pixel.iter().filter(|&&value| value < 60).count() == 2,
            "{pixel:?}"
        );
        seen[brightest] = true;
    }
    drop(webcam);
    let why = lost(&captured);
    assert!(why.contains(NAME), "{why}");
    let _webcam = usb_webcam(&["--stall-after", "1"]);
    assert_eq!(notice(&captured), Notice::Back);
    let why = lost(&captured);
    assert!(why.contains("2 seconds"), "a webcam that stalls is noticed: {why}");
}

#[test]
#[ignore = "needs the camera VM"]
fn camera_machine_has_a_microphone_without_a_sound_server() {
    let found = devices().microphones;
    assert!(
        found.iter().any(|m| m.default) && found.iter().any(|m| m.name.contains("Loopback")),
        "{found:?}"
    );
    assert!(found.len() <= 4, "few, not every plugin of ALSA: {found:?}");
    let (out, captured) = bounded(64);
    let source = vignette_capture::microphone(&"default".parse().unwrap()).unwrap();
    let running = source.start(&StartOptions::default(), clock(), out).unwrap();
    let first = common::samples(&captured);
    assert!(first.rate_hz >= 8000 && first.channels.count() >= 1);
    let mut last = first.clone();
    for _ in 0..10 {
        last = common::samples(&captured);
    }
    let counted = Span::from_ticks(10 * first.frames() as u64, first.rate_hz).unwrap();
    assert!(
        last.at.checked_since(first.at).unwrap().abs_diff(counted) < Span::from_millis(150),
        "stamps follow the samples"
    );
    drop(running);
}
