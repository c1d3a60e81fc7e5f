//! [`Heartbeat`]: notices when the whole program was stopped for a while, or the computer slept.
//!
//! A thread of its own reads the clock five times a second. A gap of seconds between two readings
//! means that the whole program did not run; that time is cut out of the take like a pause. A busy
//! conductor makes no gap, since it does not keep that thread from running.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use vignette_model::{Micros, Span, TakeClock};

/// Time between two looks.
const BEAT: Duration = Duration::from_millis(200);
/// The gap between two readings from which on the program counts as stopped. A shorter gap is
/// filled: with the picture before, and with silence.
const STOPPED: Span = Span::from_secs(5);

/// Looks at the clock until it is dropped.
pub(crate) struct Heartbeat {
    clock: TakeClock,
    looks: Arc<Mutex<Looks>>,
    _stop: Sender<()>,
}

#[derive(Debug, Default)]
struct Looks {
    last: Micros,
    stops: Vec<Range<Micros>>,
}

impl Looks {
    fn look(&mut self, now: Micros) {
        // Two threads look: the one that read the clock first may come second.
        if now.saturating_since(self.last) >= STOPPED {
            self.stops.push(self.last..now);
        }
        self.last = self.last.max(now);
    }
}

impl Heartbeat {
    /// Starts the thread. If there is none, the clock is only read by [`Self::now`], and a busy
    /// conductor may be taken for a stop.
    pub(crate) fn start(clock: TakeClock) -> Self {
        let looks = Arc::new(Mutex::new(Looks { last: clock.now(), stops: Vec::new() }));
        let (stop, stopped) = bounded::<()>(0);
        let (its_clock, its_looks) = (clock.clone(), looks.clone());
        let beat = move || {
            while stopped.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                lock(&its_looks).look(its_clock.now());
            }
        };
        let begun = thread::Builder::new().name("heartbeat".into()).spawn(beat);
        if let Err(error) = begun {
            tracing::warn!(%error, "No thread that notices stops");
        }
        Self { clock, looks, _stop: stop }
    }

    /// The time now, and every stop that has not been told yet, by the take's clock.
    pub(crate) fn now(&self) -> (Micros, Vec<Range<Micros>>) {
        let mut looks = lock(&self.looks);
        let now = self.clock.now();
        looks.look(now);
        (now, std::mem::take(&mut looks.stops))
    }
}

fn lock(looks: &Mutex<Looks>) -> std::sync::MutexGuard<'_, Looks> {
    looks.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use vignette_model::{SimulatedClock, UtcMicros};

    use super::*;

    #[test]
    fn a_stop_is_told_once_and_a_busy_while_is_none() {
        let clock = Arc::new(SimulatedClock::at(UtcMicros(0)));
        let heartbeat = Heartbeat::start(TakeClock::begin(clock.clone()));
        for _ in 0..100 {
            clock.advance(Span::from_millis(4_900));
            assert_eq!(heartbeat.now().1, [], "long, but somebody looked");
        }
        let (before, _) = heartbeat.now();
        clock.advance(Span::from_secs(30));
        let after = before + Span::from_secs(30);
        assert_eq!(heartbeat.now(), (after, vec![before..after]));
        assert_eq!(heartbeat.now(), (after, vec![]));
    }
}
