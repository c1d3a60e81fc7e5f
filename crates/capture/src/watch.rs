//! Keeps a device going: [`watch`] opens it on a thread that can be abandoned, notices when nothing comes any more, and
//! opens it again.
//!
//! ```text
//!  attempt's thread: Drive::run ── bounded channel ──▶ watching thread: Drive::captured ──▶ out
//!                       ▲  may block for ever                │ 2 s of nothing, an error, or the end
//!                       └──────── stop, interrupt ───────────┘  → Lost, wait a little, again → Back
//! ```

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use vignette_model::Captured;

use crate::Kind;
use crate::source::{Ended, Outlet, Received, Stop};

/// A device that has given something is lost when nothing comes for this long.
const SILENCE: Duration = Duration::from_secs(2);
/// The most of that time that passes in one look. While the program was stopped, or the computer slept, whoever fetches what
/// the device gives was stopped as well, and needs a moment to fetch it.
const LOOK: Duration = Duration::from_millis(250);
/// Opening a device, and waiting for the first it gives, may take longer.
const OPENING: Duration = Duration::from_secs(5);
/// An attempt that was told to end may take this long before the device counts as stuck.
const ENDING: Duration = Duration::from_secs(10);
/// When the source itself is to end, nobody waits longer for the device.
const LEAVING: Duration = Duration::from_millis(400);

/// How one kind of device is driven.
pub(crate) trait Drive: Send + Sync + 'static {
    /// What the driver gives, before it is decoded or converted.
    type Item: Send + 'static;
    /// So many items are kept while nobody takes them; those that come then are left out.
    const ROOM: usize;
    /// Whether the device may be opened again while an earlier attempt is stuck in it.
    const OVERLAPS: bool;
    /// Pauses between attempts double, from the first of these to the second.
    const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));

    /// Opens the device and gives what it captures until `give` says to end, or the device fails: then why, for a person,
    /// as it would follow "because". May block; see [`Giver::on_interrupt`].
    fn run(&self, give: &Giver<Self::Item>) -> Result<(), String>;

    /// Makes what is sent of what the driver gave; `None` if it cannot be used.
    fn captured(&self, item: Self::Item) -> Option<Captured>;
}

type Interrupt = Box<dyn Fn() + Send>;

/// Where [`Drive::run`] puts what it captures.
pub(crate) struct Giver<T> {
    items: Sender<T>,
    stop: Stop,
    interrupt: Arc<Mutex<Option<Interrupt>>>,
}

impl<T> Giver<T> {
    /// Gives an item. An error means that it is time to end.
    pub(crate) fn give(&self, item: T) -> Result<(), Ended> {
        match self.items.try_send(item) {
            Err(TrySendError::Disconnected(_)) => Err(Ended),
            _ if self.stop.asked() => Err(Ended),
            // Nobody takes them: what does not fit is left out.
            Ok(()) | Err(TrySendError::Full(_)) => Ok(()),
        }
    }

    /// The same way in for a driver that calls back on its own thread.
    pub(crate) fn items(&self) -> Sender<T> {
        self.items.clone()
    }

    /// When to end.
    pub(crate) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// From now on, whoever wants the attempt to end calls this, on another thread, to get `run` out of a call that blocks.
    pub(crate) fn on_interrupt(&self, interrupt: impl Fn() + Send + 'static) -> Interrupting<'_> {
        *lock(&self.interrupt) = Some(Box::new(interrupt));
        Interrupting(&self.interrupt)
    }
}

/// While this lives the attempt can be interrupted.
pub(crate) struct Interrupting<'a>(&'a Mutex<Option<Interrupt>>);

impl Drop for Interrupting<'_> {
    fn drop(&mut self) {
        *lock(self.0) = None;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One attempt at a device. Dropping it tells it to end, and waits a little, so that the device is free for whoever wants
/// it next.
struct Attempt<T> {
    items: Receiver<T>,
    result: Receiver<String>,
    ended: Receiver<Infallible>,
    stop: Option<Sender<Infallible>>,
    interrupt: Arc<Mutex<Option<Interrupt>>>,
}

impl<T> Attempt<T> {
    fn start<D: Drive<Item = T>>(kind: Kind, drive: &Arc<D>) -> Result<Self, String>
    where
        T: Send + 'static,
    {
        let (given, items) = bounded(D::ROOM);
        let (stop, asked) = bounded(0);
        let (why, result) = bounded(1);
        let (alive, ended) = bounded::<Infallible>(0);
        let interrupt = Arc::new(Mutex::new(None));
        let giver = Giver { items: given, stop: Stop::new(asked), interrupt: Arc::clone(&interrupt) };
        let drive = Arc::clone(drive);
        let body = move || {
            let _alive = alive;
            // Nobody asks why any more if the source is at its end.
            let _ = why.send(drive.run(&giver).err().unwrap_or_default());
        };
        thread::Builder::new().name(format!("drive {kind}")).spawn(body).map_err(|why| format!("no thread: {why}"))?;
        Ok(Self { items, result, ended, stop: Some(stop), interrupt })
    }

    fn end(&mut self) {
        self.stop = None;
        if let Some(interrupt) = &*lock(&self.interrupt) {
            interrupt();
        }
    }

    /// Tells it to end and waits until the device is free again; an error if the source is to end first.
    fn finish(mut self, stop: &Stop, overlaps: bool) -> Result<(), Ended> {
        self.end();
        loop {
            match stop.receive(&self.ended, ENDING) {
                Received::Got(never) => match never {},
                Received::Gone => return Ok(()),
                Received::Stop => return Err(Ended),
                Received::Nothing if overlaps => return Ok(()),
                // To open it twice would only give the dead one once more.
                Received::Nothing => self.end(),
            }
        }
    }
}

impl<T> Drop for Attempt<T> {
    fn drop(&mut self) {
        // Told more than once: an interrupt between two calls that block has no effect. One that stays stuck is left behind.
        for _ in 0..4 {
            self.end();
            if self.ended.recv_timeout(LEAVING / 4) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        }
    }
}

/// Sends what the device gives until the source is to end. `name` is the device's, for a person.
pub(crate) fn watch<D: Drive>(kind: Kind, name: &str, drive: D, stop: &Stop, outlet: &Outlet) {
    // Whichever way it ends, it was to end.
    let Err(Ended) = keep_going(kind, name, &Arc::new(drive), stop, outlet);
}

fn keep_going<D: Drive>(kind: Kind, name: &str, drive: &Arc<D>, stop: &Stop, outlet: &Outlet) -> Result<Infallible, Ended> {
    let mut lost = false;
    let mut pause = D::PAUSES.0;
    loop {
        let why = match Attempt::start(kind, drive) {
            Err(why) => why,
            Ok(attempt) => {
                let (mut patience, mut looked) = (OPENING, Duration::ZERO);
                let why = loop {
                    match stop.receive(&attempt.items, LOOK) {
                        Received::Got(item) => {
                            (patience, looked) = (SILENCE, Duration::ZERO);
                            let Some(captured) = drive.captured(item) else { continue };
                            if lost {
                                lost = false;
                                tracing::info!(%kind, "A source is back");
                                outlet.back()?;
                            }
                            pause = D::PAUSES.0;
                            outlet.send(captured)?;
                        }
                        Received::Gone => break attempt.result.recv().unwrap_or_else(|_| "its driver failed".to_owned()),
                        Received::Nothing => {
                            looked += LOOK;
                            if looked >= patience {
                                break format!("nothing has come from it for {} seconds", patience.as_secs());
                            }
                        }
                        Received::Stop => return Err(Ended),
                    }
                };
                attempt.finish(stop, D::OVERLAPS)?;
                why
            }
        };
        if !lost {
            lost = true;
            tracing::warn!(%kind, why, "Lost a source");
            outlet.lost(format!(
                "The {kind} \u{201c}{name}\u{201d} gives nothing: {why}. The recording goes on without it, and with it again as soon as it is back."
            ))?;
        }
        if stop.wait(pause) {
            return Err(Ended);
        }
        pause = (pause * 2).min(D::PAUSES.1);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use vignette_model::{Micros, Notice, Samples};

    use super::*;
    use crate::Running;

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

    impl Drive for Scripted {
        type Item = f32;
        const ROOM: usize = 4;
        const OVERLAPS: bool = false;

        fn run(&self, give: &Giver<f32>) -> Result<(), String> {
            let (hang, hung) = bounded::<Infallible>(0);
            let hang = Mutex::new(Some(hang));
            let _interrupting = give.on_interrupt(move || drop(lock(&hang).take()));
            match self.script[self.attempts.fetch_add(1, Ordering::SeqCst) % self.script.len()] {
                Act::Refuse => return Err("it is busy".to_owned()),
                Act::GiveAndFail => {
                    give.give(1.0).unwrap();
                    return Err("it was unplugged".to_owned());
                }
                Act::GiveAndHang => {
                    give.give(1.0).unwrap();
                    let Err(_) = hung.recv();
                }
                Act::Panic => panic!("a driver's bug"),
            }
            Ok(())
        }

        fn captured(&self, item: f32) -> Option<Captured> {
            Some(Captured::Samples(Samples { at: Micros::ZERO, rate_hz: 1, channels: 1.into(), interleaved: vec![item] }))
        }
    }

    fn start(script: &'static [Act]) -> (Running, Receiver<Captured>) {
        let (out, captured) = bounded(100);
        let running = Running::spawn(Kind::Camera, move |stop| {
            let outlet = Outlet::new(out, stop.clone());
            watch(Kind::Camera, "Test", Scripted { attempts: AtomicUsize::new(0), script }, &stop, &outlet);
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
        (0..count).map(|_| word(captured.recv_timeout(Duration::from_secs(20)).expect("more comes"))).collect()
    }

    #[test]
    fn lost_is_said_once_and_back_when_data_comes() {
        let (_running, captured) = start(&[Act::GiveAndFail, Act::Refuse, Act::Refuse, Act::GiveAndFail]);
        let words = words(&captured, 5);
        assert_eq!(words[0], "data");
        assert!(words[1].contains("\u{201c}Test\u{201d} gives nothing: it was unplugged"), "{}", words[1]);
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
        assert!(captured.recv_timeout(Duration::from_millis(400)).is_err(), "it is over, though the device hangs");
    }
}
