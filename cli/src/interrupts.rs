//! [`Interrupts`]: Ctrl-C as a person means it, the first time and the second.

use tokio::sync::watch;
use vignette_studio::EndSignals;

/// Counts Ctrl-C (and a request to terminate, and the end of the terminal). The first means *stop
/// properly*, the second *do not wait any longer*.
#[derive(Clone)]
pub(crate) struct Interrupts {
    count: watch::Receiver<u8>,
}

impl Interrupts {
    /// Listens from now on; Ctrl-C does not end the process by itself any more. Where the system
    /// does not allow that, it does, and the next start recovers the take.
    pub(crate) fn listen() -> Self {
        let (pressed, count) = watch::channel(0_u8);
        // Opened once, and before the task is spawned: a signal that comes between two listeners,
        // or before the task first runs, would be lost.
        if let Ok(mut signals) = EndSignals::open() {
            tokio::spawn(async move {
                while signals.next().await.is_some() {
                    pressed.send_modify(|n| *n = n.saturating_add(1));
                }
            });
        }
        Self { count }
    }

    /// Waits until it was pressed `times` in all.
    pub(crate) async fn pressed(&self, times: u8) {
        let mut count = self.count.clone();
        if count.wait_for(|n| *n >= times).await.is_err() {
            // Nobody can press any more.
            std::future::pending::<()>().await;
        }
    }
}
