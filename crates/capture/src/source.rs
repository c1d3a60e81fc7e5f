//! A [`Source`] gives frames, samples and notices from its own thread until its [`RunningSource`]
//! is dropped.

use std::convert::Infallible;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, select};
use vignette_model::{Captured, Notice, TakeClock};

use crate::{CaptureError, CaptureTarget, Choice, ChooseFuture, SourceKind, StartOptions};

/// How long dropping a [`RunningSource`] waits for its thread; after that the thread is abandoned.
const STOP_TIMEOUT: Duration = Duration::from_millis(500);

/// A device or screen that gives what it captures, once started.
pub trait Source: Send {
    /// Its name, for a person.
    fn describe(&self) -> String;

    /// Lets the person choose what is captured, where the system asks for that at every start (a
    /// portal). It waits as long as the person thinks; dropping it takes the question back. To be
    /// called before [`Self::start`] with a [`CaptureTarget::Portal`]. Where the system does not
    /// ask there is nothing to wait for, and no token.
    ///
    /// # Errors
    /// [`CaptureError`] if nothing was chosen, or the system cannot ask.
    fn choose(&mut self, target: &CaptureTarget) -> ChooseFuture<'_> {
        let _ = target;
        let choice = Choice { name: self.describe(), restore_token: None };
        Box::pin(std::future::ready(Ok(choice)))
    }

    /// Starts it. Everything it sends is stamped by `clock`, in strictly rising times per source.
    /// `out` should be bounded: while it is full a screen leaves pictures out (the next one shows
    /// all that changed), so does a camera, and a microphone keeps some seconds.
    ///
    /// # Errors
    /// [`CaptureError`] if it is known at once that this cannot work, or an option cannot be
    /// honoured. What fails later, or may yet work, is a [`Notice`].
    fn start(
        self: Box<Self>,
        options: &StartOptions,
        clock: TakeClock,
        out: Sender<Captured>,
    ) -> Result<RunningSource, CaptureError>;
}

/// A running source. Dropping it stops the source, within half a second.
#[must_use = "dropping it stops the source"]
pub struct RunningSource {
    // Dropped first: this signals the thread to stop.
    stop: Option<Sender<Infallible>>,
    wake: Option<Box<dyn FnOnce() + Send>>,
    ended: Receiver<Infallible>,
    name: String,
}

impl RunningSource {
    /// Runs `body` on a new thread; it must return soon after its [`StopSignal`] is set.
    pub(crate) fn spawn(
        kind: SourceKind,
        body: impl FnOnce(StopSignal) + Send + 'static,
    ) -> Result<Self, CaptureError> {
        Self::spawn_waking(kind, || (), body)
    }

    /// Also calls `wake` when dropped, for a thread that waits for something other than its
    /// [`StopSignal`].
    pub(crate) fn spawn_waking(
        kind: SourceKind,
        wake: impl FnOnce() + Send + 'static,
        body: impl FnOnce(StopSignal) + Send + 'static,
    ) -> Result<Self, CaptureError> {
        let (stop, asked) = bounded(0);
        let (alive, ended) = bounded(0);
        let name = format!("capture {kind}");
        thread::Builder::new()
            .name(name.clone())
            .spawn(move || {
                let _alive: Sender<Infallible> = alive;
                body(StopSignal(asked));
            })
            .map_err(|why| CaptureError::NoThread { kind, why: why.to_string() })?;
        Ok(Self { stop: Some(stop), wake: Some(Box::new(wake)), ended, name })
    }
}

impl Drop for RunningSource {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(wake) = self.wake.take() {
            wake();
        }
        if self.ended.recv_timeout(STOP_TIMEOUT) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!(thread = self.name, "Left a source that did not stop in time");
        }
    }
}

/// Tells the thread of a source when to end.
#[derive(Clone)]
pub(crate) struct StopSignal(Receiver<Infallible>);

impl StopSignal {
    /// Is set once the sender of `asked` is dropped.
    pub(crate) fn new(asked: Receiver<Infallible>) -> Self {
        Self(asked)
    }

    /// True once the source is to end.
    pub(crate) fn asked(&self) -> bool {
        self.wait(Duration::ZERO)
    }

    /// Waits for `span`, or until the source is to end; returns true then.
    pub(crate) fn wait(&self, span: Duration) -> bool {
        self.0.recv_timeout(span) == Err(RecvTimeoutError::Disconnected)
    }

    /// The next item of `from`, unless the source is to end or `span` elapses first.
    pub(crate) fn receive<T>(&self, from: &Receiver<T>, span: Duration) -> ReceiveOutcome<T> {
        select! {
            recv(from) -> got => got.map_or(ReceiveOutcome::Gone, ReceiveOutcome::Got),
            recv(self.0) -> _ => ReceiveOutcome::Stop,
            default(span) => ReceiveOutcome::Nothing,
        }
    }
}

/// The result of [`StopSignal::receive`].
pub(crate) enum ReceiveOutcome<T> {
    /// An item.
    Got(T),
    /// The timeout elapsed.
    Nothing,
    /// The sender is gone.
    Gone,
    /// The source is to end.
    Stop,
}

/// The output of the thread of a source; sending never keeps the thread from ending.
pub(crate) struct CaptureOutput {
    out: Sender<Captured>,
    stop: StopSignal,
}

/// The source is to end: it was stopped, or the receiver is gone.
#[derive(Debug)]
pub(crate) struct SourceStopped;

impl CaptureOutput {
    /// Sends to `out` until `stop`.
    pub(crate) fn new(out: Sender<Captured>, stop: StopSignal) -> Self {
        Self { out, stop }
    }

    /// Sends, waiting for room.
    pub(crate) fn send(&self, captured: Captured) -> Result<(), SourceStopped> {
        select! {
            send(self.out, captured) -> sent => sent.map_err(|_| SourceStopped),
            recv(self.stop.0) -> _ => Err(SourceStopped),
        }
    }

    /// Sends a notice that the source is lost.
    pub(crate) fn lost(&self, why: impl Into<String>) -> Result<(), SourceStopped> {
        self.send(Captured::Notice(Notice::Lost { why: why.into() }))
    }

    /// Sends a notice that it is back.
    pub(crate) fn back(&self) -> Result<(), SourceStopped> {
        self.send(Captured::Notice(Notice::Back))
    }

    /// Whether the next [`Self::send`] would have to wait.
    pub(crate) fn is_full(&self) -> bool {
        // A channel without a buffer is always full, yet its receiver takes items.
        self.out.capacity() != Some(0) && self.out.is_full()
    }
}
