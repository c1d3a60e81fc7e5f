//! A conductor with synthetic sources.

use std::time::Duration;

use crossbeam_channel::{Select, bounded, unbounded};
use vignette_capture::DeviceSelector;
use vignette_model::{Clock as _, ErrorCode, SimulatedClock, SystemClock, TakeId, UtcMicros};

use super::*;
use crate::inputs::FoundSources;
use crate::sources::Sources;
use crate::transcript_progress::TranscriptProgress;

/// A conductor of a synthetic screen, whose pieces go to `pieces`, and who is to stop by itself
/// after `duration`; and what it is told by.
fn conductor(pieces: Sender<EncodedPiece>, duration: Duration) -> (Conductor, Sender<TakeCommand>) {
    let sources = Sources::new(DeviceSelector::Synthetic, DeviceSelector::Off, DeviceSelector::Off);
    conductor_of(sources, TakeClock::begin(Arc::new(SystemClock::new())), pieces, duration)
}

fn conductor_of(
    sources: Sources,
    clock: TakeClock,
    pieces: Sender<EncodedPiece>,
    duration: Duration,
) -> (Conductor, Sender<TakeCommand>) {
    let plan =
        Plan { sources, countdown_s: 0, fps_max: 10, duration: Some(duration), ..Plan::default() };
    let view = RecordingView {
        take: TakeId::new(),
        phase: Phase::Countdown,
        countdown_s: 0,
        duration_us: Span::ZERO,
        link: None,
        level_dbfs: None,
        warnings: Vec::new(),
        transcript: TranscriptProgress::Off,
    };
    let (say, commands) = unbounded();
    say.send(TakeCommand::Linked(None)).unwrap();
    let inputs =
        FoundSources::find(&plan.sources).unwrap().start(&plan.start_options(), &clock).unwrap();
    let (view, preview) = (Arc::new(watch::Sender::new(view)), Preview::new());
    (Conductor { inputs, clock, plan, commands, pieces, view, preview, live: None }, say)
}

#[test]
fn a_take_that_nobody_keeps_ends_with_a_problem() {
    let (pieces, gone) = bounded(1);
    drop(gone);
    let (conductor, _say) = conductor(pieces, Duration::from_secs(20));
    let (outcome, _) = conductor.run();
    let (Outcome::Failed(problem) | Outcome::Stopped { problem: Some(problem), .. }) = outcome
    else {
        panic!("it must not go on into nothing: {outcome:?}")
    };
    assert_eq!(problem.code, ErrorCode::Internal, "{problem}");
}

#[test]
fn the_stream_ends_before_the_sources_are_closed() {
    let (pieces, kept) = unbounded();
    let (conductor, _say) = conductor(pieces, Duration::from_millis(500));
    let (outcome, inputs) = conductor.run();
    assert!(matches!(outcome, Outcome::Stopped { problem: None, .. }), "{outcome:?}");
    assert!(
        inputs.of_kind(SourceKind::Screen).is_some(),
        "a device that lets go slowly holds up nobody"
    );
    assert!(
        kept.iter().count() >= 2,
        "the keeper has an init segment and a fragment, and knows that nothing follows"
    );
}

/// The program is stopped while a picture is encoded, and the next one, captured afterwards, is
/// there before the conductor has looked at the clock again.
#[test]
fn a_stop_during_the_encoding_of_a_picture_is_left_out_too() {
    let clock = Arc::new(SimulatedClock::at(UtcMicros(0)));
    let sources = Sources::new(DeviceSelector::Synthetic, DeviceSelector::Off, DeviceSelector::Off);
    // Without room for a piece, the conductor stands within the encoder until the piece is taken.
    let (pieces, kept) = bounded(0);
    let (conductor, _say) =
        conductor_of(sources, TakeClock::begin(clock.clone()), pieces, Duration::from_secs(5));
    let view = conductor.view.clone();
    let screen = conductor.inputs.of_kind(SourceKind::Screen).unwrap().captured.clone();
    let (ended, end) = bounded(1);
    let take = std::thread::spawn(move || ended.send(conductor.run().0).unwrap());
    let mut stopped = false;
    let outcome = loop {
        let mut something = Select::new();
        let (piece, over) = (something.recv(&kept), something.recv(&end));
        match something.ready_timeout(Duration::from_millis(4)) {
            Ok(ready) if ready == over => break end.recv().unwrap(),
            Ok(ready) if ready == piece => {
                if !stopped && view.borrow().duration_us >= Span::from_secs(2) {
                    stopped = true;
                    let waiting = screen.len();
                    clock.advance(Span::from_secs(30));
                    while screen.len() <= waiting {
                        std::thread::yield_now();
                    }
                }
                drop(kept.recv());
            }
            _ => {
                let behind = clock.monotonic().0 - view.borrow().duration_us.0;
                if behind < 3_000_000 + if stopped { 30_000_000 } else { 0 } {
                    clock.advance(Span::from_millis(20));
                }
            }
        }
    };
    take.join().unwrap();
    let Outcome::Stopped { duration, paused, problem: None, .. } = outcome else {
        panic!("{outcome:?}")
    };
    let [(_, span)] = paused.as_slice() else { panic!("one stop in {duration:?}: {paused:?}") };
    assert_eq!(duration, Span::from_secs(5), "five seconds were kept: {paused:?}");
    assert!(*span >= Span::from_secs(29), "{span:?} were left out");
}

#[test]
fn a_time_in_which_nothing_ran_is_left_out_of_the_take() {
    let clock = Arc::new(SimulatedClock::at(UtcMicros(0)));
    let sources = Sources::new(
        DeviceSelector::Synthetic,
        DeviceSelector::Synthetic,
        DeviceSelector::Synthetic,
    );
    let (pieces, kept) = unbounded();
    let (conductor, _say) =
        conductor_of(sources, TakeClock::begin(clock.clone()), pieces, Duration::from_secs(5));
    let view = conductor.view.clone();
    let (ended, end) = bounded(1);
    let take = std::thread::spawn(move || ended.send(conductor.run().0).unwrap());
    // Time goes on no faster than the take follows, until it has ended.
    let mut stopped = false;
    let outcome = loop {
        if let Ok(outcome) = end.recv_timeout(Duration::from_millis(4)) {
            break outcome;
        }
        let (now, told) = (clock.monotonic(), view.borrow().duration_us);
        let behind = now.0 - told.0 - if stopped { 30_000_000 } else { 0 };
        if told >= Span::from_secs(2) && !stopped {
            stopped = true;
            clock.advance(Span::from_secs(30));
        } else if behind < 3_000_000 {
            clock.advance(Span::from_millis(20));
        }
    };
    take.join().unwrap();
    let Outcome::Stopped { duration, paused, problem: None, .. } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(duration, Span::from_secs(5), "five seconds were kept");
    let [(at, span)] = paused.as_slice() else { panic!("one stop: {paused:?}") };
    assert!((Micros::from_millis(1_500)..Micros::from_millis(3_500)).contains(at), "{at:?}");
    assert!((Span::from_secs(29)..=Span::from_secs(31)).contains(span), "{span:?}");
    for piece in kept.try_iter() {
        if let EncodedPiece::Fragment { start, duration, .. } = piece {
            assert!(duration <= Span::from_secs(2), "the fragment at {start} lasts {duration}");
        }
    }
}
