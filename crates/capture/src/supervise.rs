//! [`supervise`]: opens a device on a thread that can be abandoned, detects when it delivers
//! nothing any more, and opens it again.
//!
//! ```text
//!  attempt's thread: Driver::run ── bounded channel ──▶ watching thread: Driver::captured ──▶ out
//!                       ▲  may block for ever                │ 2 s of nothing, an error, or the end
//!                       └──────── stop, interrupt ───────────┘  → Lost, wait a little, again → Back
//! ```

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use vignette_model::{Backoff, Captured};

use crate::SourceKind;
use crate::source::{CaptureOutput, ReceiveOutcome, SourceStopped, StopSignal};

/// After this long without an item, a device that has delivered some is lost.
const NO_DATA_TIMEOUT: Duration = Duration::from_secs(2);
/// The maximum that one check adds to that time. While the program was stopped, or the computer
/// slept, the thread that reads the device was stopped as well, and needs a moment to catch up.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// The timeout for opening a device and for its first item, which may take longer.
const OPEN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an attempt that was told to end may take before the device counts as stuck.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait for the device when the source itself is to end.
const STOP_TIMEOUT: Duration = Duration::from_millis(400);

/// How one kind of device is driven.
pub(crate) trait Driver: Send + Sync + 'static {
    /// What the driver gives, before it is decoded or converted.
    type Item: Send + 'static;
    /// The capacity of the queue; items that do not fit are dropped.
    const CAPACITY: usize;
    /// Whether the device may be opened again while an earlier attempt is stuck.
    const OVERLAPS: bool;
    /// The delays between attempts that deliver nothing.
    const BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(5));

    /// Opens the device and delivers what it captures until `sink` ends, or returns why the device
    /// failed, worded to follow "because". May block; see [`Sink::on_interrupt`].
    fn run(&self, sink: &Sink<Self::Item>) -> Result<(), String>;

    /// Converts an item; `None` if it cannot be used.
    fn captured(&self, item: Self::Item) -> Option<Captured>;
}

type Interrupt = Box<dyn Fn() + Send>;

/// The output of [`Driver::run`].
pub(crate) struct Sink<T> {
    items: Sender<T>,
    stop: StopSignal,
    interrupt: Arc<Mutex<Option<Interrupt>>>,
}

impl<T> Sink<T> {
    /// Sends an item. An error means that the attempt is to end.
    pub(crate) fn send(&self, item: T) -> Result<(), SourceStopped> {
        match self.items.try_send(item) {
            Err(TrySendError::Disconnected(_)) => Err(SourceStopped),
            _ if self.stop.asked() => Err(SourceStopped),
            // The queue is full: the item is dropped.
            Ok(()) | Err(TrySendError::Full(_)) => Ok(()),
        }
    }

    /// The sender, for a driver that calls back on its own thread.
    pub(crate) fn items(&self) -> Sender<T> {
        self.items.clone()
    }

    /// The signal to end.
    pub(crate) fn stop(&self) -> &StopSignal {
        &self.stop
    }

    /// Registers a function that gets `run` out of a blocking call. It is called on another thread
    /// when the attempt is to end.
    pub(crate) fn on_interrupt(&self, interrupt: impl Fn() + Send + 'static) -> Interrupting<'_> {
        *lock(&self.interrupt) = Some(Box::new(interrupt));
        Interrupting(&self.interrupt)
    }
}

/// The attempt can be interrupted until this is dropped.
pub(crate) struct Interrupting<'a>(&'a Mutex<Option<Interrupt>>);

impl Drop for Interrupting<'_> {
    fn drop(&mut self) {
        *lock(self.0) = None;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One attempt at a device. Dropping it signals it to end and waits briefly, so that the device is
/// free for the next one.
struct Attempt<T> {
    items: Receiver<T>,
    result: Receiver<String>,
    ended: Receiver<Infallible>,
    stop: Option<Sender<Infallible>>,
    interrupt: Arc<Mutex<Option<Interrupt>>>,
}

impl<T> Attempt<T> {
    fn start<D: Driver<Item = T>>(kind: SourceKind, driver: &Arc<D>) -> Result<Self, String>
    where
        T: Send + 'static,
    {
        let (given, items) = bounded(D::CAPACITY);
        let (stop, asked) = bounded(0);
        let (why, result) = bounded(1);
        let (alive, ended) = bounded::<Infallible>(0);
        let interrupt = Arc::new(Mutex::new(None));
        let sink =
            Sink { items: given, stop: StopSignal::new(asked), interrupt: Arc::clone(&interrupt) };
        let driver = Arc::clone(driver);
        let body = move || {
            let _alive = alive;
            // The receiver is gone if the source has ended; the reason is discarded.
            let _ = why.send(driver.run(&sink).err().unwrap_or_default());
        };
        thread::Builder::new()
            .name(format!("driver {kind}"))
            .spawn(body)
            .map_err(|why| format!("no thread: {why}"))?;
        Ok(Self { items, result, ended, stop: Some(stop), interrupt })
    }

    fn end(&mut self) {
        self.stop = None;
        if let Some(interrupt) = &*lock(&self.interrupt) {
            interrupt();
        }
    }

    /// Signals it to end and waits until the device is free; an error if the source is to end
    /// first.
    fn finish(mut self, stop: &StopSignal, overlaps: bool) -> Result<(), SourceStopped> {
        self.end();
        loop {
            match stop.receive(&self.ended, RELEASE_TIMEOUT) {
                ReceiveOutcome::Got(never) => match never {},
                ReceiveOutcome::Gone => return Ok(()),
                ReceiveOutcome::Stop => return Err(SourceStopped),
                ReceiveOutcome::Nothing if overlaps => return Ok(()),
                // Opening it again would return the same stuck device.
                ReceiveOutcome::Nothing => self.end(),
            }
        }
    }
}

impl<T> Drop for Attempt<T> {
    fn drop(&mut self) {
        // Interrupts repeatedly: one between two blocking calls has no effect. An attempt that
        // stays stuck is abandoned.
        for _ in 0..4 {
            self.end();
            if self.ended.recv_timeout(STOP_TIMEOUT / 4) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        }
    }
}

/// Sends what the device delivers until the source is to end. `name` is that of the device, for a
/// person.
pub(crate) fn supervise<D: Driver>(
    kind: SourceKind,
    name: &str,
    driver: D,
    stop: &StopSignal,
    output: &CaptureOutput,
) {
    // All ways out of the loop mean that the source was to end.
    let Err(SourceStopped) = keep_going(kind, name, &Arc::new(driver), stop, output);
}

fn keep_going<D: Driver>(
    kind: SourceKind,
    name: &str,
    driver: &Arc<D>,
    stop: &StopSignal,
    output: &CaptureOutput,
) -> Result<Infallible, SourceStopped> {
    let mut lost = false;
    let mut failures = 0_u32;
    loop {
        let why = match Attempt::start(kind, driver) {
            Err(why) => why,
            Ok(attempt) => {
                let (mut timeout, mut waited) = (OPEN_TIMEOUT, Duration::ZERO);
                let why = loop {
                    match stop.receive(&attempt.items, POLL_INTERVAL) {
                        ReceiveOutcome::Got(item) => {
                            (timeout, waited) = (NO_DATA_TIMEOUT, Duration::ZERO);
                            let Some(captured) = driver.captured(item) else { continue };
                            if lost {
                                lost = false;
                                tracing::info!(%kind, "A source is back");
                                output.back()?;
                            }
                            failures = 0;
                            output.send(captured)?;
                        }
                        ReceiveOutcome::Gone => {
                            break attempt
                                .result
                                .recv()
                                .unwrap_or_else(|_| "its driver failed".to_owned());
                        }
                        ReceiveOutcome::Nothing => {
                            waited += POLL_INTERVAL;
                            if waited >= timeout {
                                break format!(
                                    "nothing has come from it for {} seconds",
                                    timeout.as_secs()
                                );
                            }
                        }
                        ReceiveOutcome::Stop => return Err(SourceStopped),
                    }
                };
                attempt.finish(stop, D::OVERLAPS)?;
                why
            }
        };
        if !lost {
            lost = true;
            tracing::warn!(%kind, why, "Lost a source");
            output.lost(format!(
                "The {kind} \u{201c}{name}\u{201d} gives nothing: {why}. The recording goes on \
                 without it, and with it again as soon as it is back."
            ))?;
        }
        failures = failures.saturating_add(1);
        if stop.wait(D::BACKOFF.delay(failures)) {
            return Err(SourceStopped);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use vignette_model::{Micros, Notice, Samples};

    use super::*;
    use crate::RunningSource;

    /// A device whose attempts do what the script says.
    struct Scripted {
        attempts: AtomicUsize,
        script: &'static [Act],
    }

    enum Act {
        Refuse,
        GiveAndFail,
        GiveAndHang,
        Panic,
    }

    impl Driver for Scripted {
        type Item = f32;
        const CAPACITY: usize = 4;
        const OVERLAPS: bool = false;

        fn run(&self, sink: &Sink<f32>) -> Result<(), String> {
            let (hang, hung) = bounded::<Infallible>(0);
            let hang = Mutex::new(Some(hang));
            let _interrupting = sink.on_interrupt(move || drop(lock(&hang).take()));
            match self.script[self.attempts.fetch_add(1, Ordering::SeqCst) % self.script.len()] {
                Act::Refuse => return Err("it is busy".to_owned()),
                Act::GiveAndFail => {
                    sink.send(1.0).unwrap();
                    return Err("it was unplugged".to_owned());
                }
                Act::GiveAndHang => {
                    sink.send(1.0).unwrap();
                    let Err(_) = hung.recv();
                }
                Act::Panic => panic!("a driver's bug"),
            }
            Ok(())
        }

        fn captured(&self, item: f32) -> Option<Captured> {
            Some(Captured::Samples(Samples {
                at: Micros::ZERO,
                rate_hz: 1,
                channels: 1.into(),
                interleaved: vec![item],
            }))
        }
    }

    fn start(script: &'static [Act]) -> (RunningSource, Receiver<Captured>) {
        let (out, captured) = bounded(100);
        let running = RunningSource::spawn(SourceKind::Camera, move |stop| {
            let output = CaptureOutput::new(out, stop.clone());
            supervise(
                SourceKind::Camera,
                "Test",
                Scripted { attempts: AtomicUsize::new(0), script },
                &stop,
                &output,
            );
        });
        (running.unwrap(), captured)
    }

    fn words(captured: &Receiver<Captured>, count: usize) -> Vec<String> {
        let word = |captured| match captured {
            Captured::Samples(_) => "data".to_owned(),
            Captured::Notice(Notice::Back) => "back".to_owned(),
            Captured::Notice(Notice::Lost { why }) => why,
            Captured::Frame(_) => unreachable!(),
        };
        (0..count)
            .map(|_| word(captured.recv_timeout(Duration::from_secs(20)).expect("more comes")))
            .collect()
    }

    #[test]
    fn lost_is_said_once_and_back_when_data_comes() {
        let (_running, captured) =
            start(&[Act::GiveAndFail, Act::Refuse, Act::Refuse, Act::GiveAndFail]);
        let words = words(&captured, 5);
        assert_eq!(words[0], "data");
        assert!(
            words[1].contains("\u{201c}Test\u{201d} gives nothing: it was unplugged"),
            "{}",
            words[1]
        );
        assert_eq!(words[2..4], ["back", "data"], "attempts that fail in between are not told");
        assert!(words[4].contains("unplugged"));
    }

    #[test]
    fn a_device_that_hangs_or_panics_is_opened_again() {
        let (running, captured) = start(&[Act::GiveAndHang, Act::Panic, Act::GiveAndHang]);
        let words = words(&captured, 4);
        assert!(words[1].contains("nothing has come from it for 2 seconds"), "{}", words[1]);
        assert_eq!(words[2..], ["back", "data"]);
        drop(running);
        assert!(
            captured.recv_timeout(Duration::from_millis(400)).is_err(),
            "it is over, though the device hangs"
        );
    }
}
