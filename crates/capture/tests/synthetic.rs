//! The synthetic sources as a recorder sees them: on time, in step with each other, and bearable
//! for a slow taker.
#![expect(clippy::unwrap_used, reason = "in a test that is how it fails")]

use std::future::Future as _;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use vignette_capture::{
    CaptureError, CaptureTarget, DeviceSelector, RestoreToken, RunningSource, Source, StartOptions,
    camera, level, microphone, screen, synthetic,
};
use vignette_model::{
    Captured, Frame, Micros, Samples, SimulatedClock, Span, SystemClock, TakeClock, UtcMicros,
};

const TIMEOUT: Duration = Duration::from_secs(30);

fn run(
    source: Box<dyn Source>,
    clock: &TakeClock,
    room: usize,
) -> (RunningSource, Receiver<Captured>) {
    run_with(source, &StartOptions::default(), clock, room)
}

fn run_with(
    source: Box<dyn Source>,
    options: &StartOptions,
    clock: &TakeClock,
    room: usize,
) -> (RunningSource, Receiver<Captured>) {
    let (out, captured) = bounded(room);
    (source.start(options, clock.clone(), out).unwrap(), captured)
}

fn frame(captured: &Receiver<Captured>) -> Frame {
    match captured.recv_timeout(TIMEOUT) {
        Ok(Captured::Frame(frame)) => frame,
        other => panic!("{other:?}"),
    }
}

fn samples(captured: &Receiver<Captured>) -> Samples {
    match captured.recv_timeout(TIMEOUT) {
        Ok(Captured::Samples(samples)) => samples,
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_three_follow_the_takes_clock() {
    let clock = Arc::new(SimulatedClock::at(UtcMicros(0)));
    let take = TakeClock::begin(clock.clone());
    let (_screen, screen) = run(screen(&DeviceSelector::Synthetic).unwrap(), &take, 100);
    let (_camera, camera) = run(camera(&DeviceSelector::Synthetic).unwrap(), &take, 100);
    let (_microphone, microphone) =
        run(microphone(&DeviceSelector::Synthetic).unwrap(), &take, 100);
    assert_eq!(frame(&screen).at, Micros::ZERO, "the first picture is there at once");
    assert_eq!(frame(&camera).at, Micros::ZERO);
    assert!(
        microphone.recv_timeout(Duration::from_millis(200)).is_err(),
        "a block that has not passed is not there"
    );

    clock.advance(Span::from_millis(1_000));
    let (at, beep) = loop {
        let block = samples(&microphone);
        if block.at >= Micros::from_millis(980) {
            break (block.at, level(&block));
        }
    };
    assert_eq!(at, Micros::from_millis(980), "the block that ends now is the last");
    assert!(beep < -20.0, "it is voice, and the beep comes next: {beep}");
    clock.advance(Span::from_millis(20));
    assert!(level(&samples(&microphone)) > -10.0, "the beep begins on the second");

    let flash = frame(&screen);
    assert!(
        (970_000..=1_020_000).contains(&flash.at.0),
        "pictures whose time has passed are left out: {:?}",
        flash.at
    );
    assert_eq!((flash.width, flash.height), (1280, 720));
}

#[test]
fn as_many_pictures_come_as_were_asked_for() {
    for fps in [60, 30, 7, 1] {
        let clock = Arc::new(SimulatedClock::at(UtcMicros(0)));
        let take = TakeClock::begin(clock.clone());
        let options = StartOptions { fps, ..StartOptions::default() };
        let (_running, captured) =
            run_with(screen(&DeviceSelector::Synthetic).unwrap(), &options, &take, 4);
        let due = |number: u32| Micros(u64::from(number) * 1_000_000 / u64::from(fps));
        for number in 0..2 * fps {
            assert_eq!(frame(&captured).at, due(number), "frame {number} at {fps} a second");
            clock.advance(due(number + 1).checked_since(due(number)).unwrap());
        }
        assert_eq!(frame(&captured).at, Micros::from_secs(2), "{fps} a second");
    }
}

#[test]
fn what_cannot_be_captured_is_refused_with_help() {
    let rect = vignette_model::Rect::whole(640, 360);
    for target in [CaptureTarget::Window { id: 7 }, CaptureTarget::Region { rect }] {
        let options = StartOptions { target, ..StartOptions::default() };
        let take = TakeClock::begin(Arc::new(SystemClock::new()));
        let started =
            screen(&DeviceSelector::Synthetic).unwrap().start(&options, take, bounded(1).0);
        let Err(error @ CaptureError::NotSupported { .. }) = started.map(drop) else {
            panic!("{options:?}")
        };
        let problem = vignette_model::Problem::from(error);
        assert!(problem.help.starts_with("Record the whole display"), "{problem:?}");
    }
}

#[test]
fn each_choice_gives_a_new_token_for_the_next() {
    let mut screen = screen(&DeviceSelector::Synthetic).unwrap();
    let mut choose = |token: Option<&str>| {
        let restore_token = token.map(|token| RestoreToken(token.to_owned()));
        let mut choosing = std::pin::pin!(screen.choose(&CaptureTarget::Portal { restore_token }));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match choosing.as_mut().poll(&mut context) {
            std::task::Poll::Ready(choice) => choice.unwrap().restore_token.unwrap(),
            std::task::Poll::Pending => panic!("nobody has to answer for it"),
        }
    };
    let first = choose(None);
    assert_ne!(choose(Some(&first.0)), first, "a token is good for one start");
    assert_eq!(
        choose(Some("another program's")),
        first,
        "with an unknown token it is asked as if for the first time"
    );
    assert_eq!(format!("{first:?}"), "RestoreToken(…)", "it is kept out of logs");
}

#[test]
fn pictures_come_thirty_times_a_second() {
    let take = TakeClock::begin(Arc::new(SystemClock::new()));
    let (running, captured) = run(Box::new(synthetic::Screen::new(640, 360)), &take, 4);
    let frames: Vec<Frame> = (0..31).map(|_| frame(&captured)).collect();
    drop(running);
    for pair in frames.windows(2) {
        let number = |frame: &Frame| (frame.at.0 * 30).div_ceil(1_000_000);
        assert!(number(&pair[1]) > number(&pair[0]), "{:?} after {:?}", pair[1].at, pair[0].at);
    }
    // A busy computer leaves some out; none comes before its time.
    assert!(frames[30].at >= Micros::from_secs(1) && frames[30].at <= take.now());
}

#[test]
fn a_slow_taker_gets_fewer_pictures_and_a_stop_does_not_wait_for_him() {
    let clock = Arc::new(SimulatedClock::at(UtcMicros(0)));
    let take = TakeClock::begin(clock.clone());
    let due = |number: u64| Micros(number * 1_000_000 / 30);
    let advance_to = |number| clock.advance(due(number).checked_since(take.now()).unwrap());
    let (running, captured) = run(screen(&DeviceSelector::Synthetic).unwrap(), &take, 1);
    assert_eq!(frame(&captured).at, due(0));
    advance_to(1);
    while captured.is_empty() {
        std::thread::sleep(Duration::from_millis(1));
    }
    // Whether the source has looked at the clock by now or not: numbers 2 to 10 found no room.
    advance_to(11);
    assert_eq!(frame(&captured).at, due(1));
    advance_to(12);
    let next = frame(&captured).at;
    assert!(next >= due(11), "what did not fit was left out: {next:?}");

    let (microphone, unheard) = run(microphone(&DeviceSelector::Synthetic).unwrap(), &take, 0);
    advance_to(30);
    drop((running, microphone));
    assert!(captured.try_iter().count() <= 1);
    for ended in [captured, unheard] {
        let after = ended.recv_timeout(TIMEOUT);
        assert_eq!(after.err(), Some(RecvTimeoutError::Disconnected), "its thread has ended");
    }
}

#[test]
fn a_still_page_gives_few_pictures() {
    let clock = Arc::new(SimulatedClock::at(UtcMicros(0)));
    let take = TakeClock::begin(clock.clone());
    let (_running, captured) = run(Box::new(synthetic::Screen::new(1920, 1080).still()), &take, 16);
    frame(&captured);
    for quarter in 1..=4 {
        clock.advance(Span::from_millis(250));
        let frame = frame(&captured);
        assert_eq!(frame.at, Micros::from_millis(250 * quarter), "four a second");
        let patches = &frame.pixels().unwrap().patches;
        let bytes = patches.iter().map(|patch| patch.pixels.len()).sum::<usize>();
        assert!(bytes < 10_000, "{bytes} bytes");
    }
}
