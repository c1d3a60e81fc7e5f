//! [`Interrupts`]: Ctrl-C as a person means it, the first time and the second.

use tokio::sync::watch;

/// Counts Ctrl-C (and a request to terminate). The first means *stop properly*, the second *do not wait any longer*.
#[derive(Clone)]
pub(crate) struct Interrupts {
    count: watch::Receiver<u8>,
}

impl Interrupts {
    /// Listens from now on; Ctrl-C does not end the process by itself any more.
    pub(crate) fn listen() -> Self {
        let (pressed, count) = watch::channel(0_u8);
        tokio::spawn(async move {
            while one().await {
                pressed.send_modify(|n| *n = n.saturating_add(1));
            }
        });
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

#[cfg(unix)]
async fn one() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return tokio::signal::ctrl_c().await.is_ok() };
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.is_ok(),
        asked = terminate.recv() => asked.is_some(),
    }
}

#[cfg(not(unix))]
async fn one() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
