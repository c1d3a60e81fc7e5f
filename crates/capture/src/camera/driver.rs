//! One opened camera, driven by nokhwa.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::bounded;
use nokhwa::{Buffer, NokhwaError};
use vignette_model::{Captured, Micros, Span, TakeClock};

use super::picture::picture;
use super::{identify, system};
use crate::Permission;
use crate::source::{ReceiveOutcome, StopSignal};
use crate::supervise::{self, Sink};

/// The maximum age of a picture when it arrives. If the driver reports a higher one, its time stamp
/// is wrong and is ignored.
const MAX_AGE: Span = Span::from_secs(1);
/// How long to wait for the person to allow the use of the camera.
const PERMISSION_TIMEOUT: Duration = Duration::from_secs(120);

const REFUSED: &str = "this system does not let Vignette use it";

/// Drives the camera with this id.
pub(super) struct CameraDriver {
    id: String,
    /// Frames a second at most.
    fps: u32,
    clock: TakeClock,
    last: AtomicU64,
}

/// A buffer of the driver, not decoded yet, with the time of its capture.
pub(super) struct Shot {
    buffer: Buffer,
    at: Micros,
}

impl CameraDriver {
    pub(super) fn new(id: String, fps: u32, clock: TakeClock) -> Self {
        Self { id, fps, clock, last: AtomicU64::new(0) }
    }

    /// When a picture that has just arrived was captured: by the time stamp of the driver if that
    /// is plausible, otherwise now.
    fn captured_at(&self, stamp: Option<Duration>) -> Micros {
        let arrived = self.clock.now();
        let wall = u64::try_from(self.clock.clock().utc().0).unwrap_or_default();
        let age = stamp.and_then(|since_1970| Span(wall).checked_sub(Span::from(since_1970)));
        // Saturates: a picture that was captured before the take began is stamped with its
        // beginning.
        arrived.saturating_sub(age.filter(|age| *age <= MAX_AGE).unwrap_or_default())
    }
}

impl supervise::Driver for CameraDriver {
    type Item = Shot;
    // A small capacity, since older pictures are of no use. The driver has buffers of its own.
    const CAPACITY: usize = 2;
    // nokhwa shares an open camera within a process, so another attempt would get the one that is
    // stuck.
    const OVERLAPS: bool = false;

    fn run(&self, sink: &Sink<Shot>) -> Result<(), String> {
        system::quieten_signals();
        permitted(sink.stop())?;
        let present = identify(system::present()).into_iter().find(|present| present.id == self.id);
        let present = present.ok_or("it is not connected")?;
        let mut camera = system::open(&present.index, self.fps)?;
        camera.open_stream().map_err(|why| plain(&why))?;
        tracing::info!(format = %camera.camera_format(), "Opened the camera");
        // Declared after the camera, so that it is dropped before it.
        let _interrupting = sink.on_interrupt(system::interrupter(&present.index));
        while !sink.stop().asked() {
            let buffer = camera.frame().map_err(|why| plain(&why))?;
            let at = self.captured_at(buffer.capture_timestamp());
            if sink.send(Shot { buffer, at }).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn captured(&self, shot: Shot) -> Option<Captured> {
        let mut frame = picture(&shot.buffer, shot.at)?;
        // Time stamps must rise, although the wall clock behind them may be set back.
        frame.at = frame.at.max(Micros(self.last.load(Ordering::Relaxed)));
        self.last.store(frame.at.0.saturating_add(1), Ordering::Relaxed);
        Some(Captured::Frame(frame))
    }
}

/// Whether the camera may be opened. Asks the person first where the system requires that.
fn permitted(stop: &StopSignal) -> Result<(), String> {
    match system::permission() {
        Permission::Granted => Ok(()),
        Permission::Denied { help } => Err(format!("{REFUSED} ({help})")),
        Permission::Ask if ask(stop) => Ok(()),
        Permission::Ask => Err(REFUSED.to_owned()),
    }
}

/// Lets the system ask the person, and waits for the answer.
fn ask(stop: &StopSignal) -> bool {
    let (answer, answered) = bounded(1);
    nokhwa::nokhwa_initialize(move |allowed| {
        // Only the first answer counts.
        let _ = answer.try_send(allowed);
    });
    matches!(stop.receive(&answered, PERMISSION_TIMEOUT), ReceiveOutcome::Got(true))
}

/// An error of nokhwa in plain words.
pub(super) fn plain(error: &NokhwaError) -> String {
    said(&error.to_string())
}

/// The message of a driver in plain words.
pub(super) fn said(error: &str) -> String {
    const SAYINGS: [(&[&str], &str); 3] = [
        (&["os error 16", "busy", "in use"], "another program uses it"),
        (&["os error 19", "os error 2)", "os error 6)", "No such device"], "it was unplugged"),
        (&["os error 13", "os error 1)", "ermission"], REFUSED),
    ];
    let means =
        SAYINGS.iter().find(|(sayings, _)| sayings.iter().any(|saying| error.contains(saying)));
    means.map_or_else(|| error.to_owned(), |(_, meaning)| (*meaning).to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vignette_model::{Clock, SimulatedClock, UtcMicros};

    use super::*;

    #[test]
    fn a_driver_is_believed_within_reason() {
        let clock = Arc::new(SimulatedClock::at(UtcMicros(1_700_000_000_000_000)));
        let driver = CameraDriver::new(String::new(), 30, TakeClock::begin(clock.clone()));
        clock.advance(Span::from_secs(10));
        let wall = Duration::from_micros(clock.utc().0.cast_unsigned());
        let ms = Duration::from_millis;
        for (stamp, at_ms, why) in [
            (Some(wall - ms(40)), 9_960, "the driver knows best"),
            (None, 10_000, "no stamp: when it came"),
            (Some(wall + ms(5)), 10_000, "a picture of the future"),
            (Some(wall - ms(1_500)), 10_000, "a picture of long ago"),
            (Some(Duration::ZERO), 10_000, "a clock that was never set"),
        ] {
            assert_eq!(driver.captured_at(stamp), Micros::from_millis(at_ms), "{why}");
        }
    }

    #[test]
    fn drivers_are_translated() {
        assert_eq!(
            said("V4L2 Error: Device or resource busy (os error 16)"),
            "another program uses it"
        );
        assert_eq!(said("No such device (os error 19)"), "it was unplugged");
        assert_eq!(
            said("Permission denied (os error 13)"),
            "this system does not let Vignette use it"
        );
        assert_eq!(said("Input/output error (os error 5)"), "Input/output error (os error 5)");
    }
}
