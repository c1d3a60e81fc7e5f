//! A [`Source`] gives frames, samples and notices from its own thread until its [`RunningSource`] is dropped.

use std::convert::Infallible;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, select};
use vignette_model::{Captured, Notice, TakeClock};

use crate::{CaptureError, CaptureTarget, Choice, ChooseFuture, SourceKind, StartOptions};

/// How long dropping a [`RunningSource`] waits for its thread; after that the thread is left to end by itself.
const STOP_TIMEOUT: Duration = Duration::from_millis(500);

/// A device or screen that gives what it captures, once started.
pub trait Source: Send {
    /// Its name, for a person.
    fn describe(&self) -> String;

    /// Lets the person choose what is captured, where the system asks for that at every start (a portal). It waits as
    /// long as the person thinks; dropping it takes the question back. To be called before [`Self::start`] with a
    /// [`CaptureTarget::Portal`]. Where the system does not ask there is nothing to wait for, and no token.
    ///
    /// # Errors
    /// [`CaptureError`] if nothing was chosen, or the system cannot ask.
    fn choose(&mut self, target: &CaptureTarget) -> ChooseFuture<'_> {
        let _ = target;
        let choice = Choice { name: self.describe(), restore_token: None };
        Box::pin(std::future::ready(Ok(choice)))
    }

    /// Starts it. Everything it sends is stamped by `clock`, in strictly rising times per source. `out` should be
    /// bounded: while it is full a screen leaves pictures out (the next one shows all that changed), so does a camera,
    /// and a microphone keeps some seconds.
    ///
    /// # Errors
    /// [`CaptureError`] if it is known at once that this cannot work, or an option cannot be honoured. What fails
    /// later, or may yet work, is a [`Notice`].
    fn start(
        self: Box<Self>,
        options: &StartOptions,
        clock: TakeClock,
        out: Sender<Captured>,
    ) -> Result<RunningSource, CaptureError>;
}

/// A source at work. Dropping it stops the source, in half a second at most.
#[must_use = "dropping it stops the source"]
pub struct RunningSource {
    // Dropped first: this is what tells the thread to stop.
    stop: Option<Sender<Infallible>>,
    wake: Option<Box<dyn FnOnce() + Send>>,
    ended: Receiver<Infallible>,
    name: String,
}

impl RunningSource {
    /// Runs `body` on a new thread until it returns; it must do so soon after its [`StopSignal`] says so.
    pub(crate) fn spawn(
        kind: SourceKind,
        body: impl FnOnce(StopSignal) + Send + 'static,
    ) -> Result<Self, CaptureError> {
        Self::spawn_waking(kind, || (), body)
    }

    /// Also calls `wake` when it is dropped, for a thread that waits for something else than its [`StopSignal`].
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

/// What a source's thread looks at to know when to end.
#[derive(Clone)]
pub(crate) struct StopSignal(Receiver<Infallible>);

impl StopSignal {
    /// Says so once the sender of `asked` is gone.
    pub(crate) fn new(asked: Receiver<Infallible>) -> Self {
        Self(asked)
    }

    /// True once the source is to end.
    pub(crate) fn asked(&self) -> bool {
        self.wait(Duration::ZERO)
    }

    /// Waits for `span`, or less if the source is to end: true then.
    pub(crate) fn wait(&self, span: Duration) -> bool {
        self.0.recv_timeout(span) == Err(RecvTimeoutError::Disconnected)
    }

    /// The next thing from `from`, unless the source is to end or `span` is over first.
    pub(crate) fn receive<T>(&self, from: &Receiver<T>, span: Duration) -> ReceiveOutcome<T> {
        select! {
            recv(from) -> got => got.map_or(ReceiveOutcome::Gone, ReceiveOutcome::Got),
            recv(self.0) -> _ => ReceiveOutcome::Stop,
            default(span) => ReceiveOutcome::Nothing,
        }
    }
}

/// What [`StopSignal::receive`] came back with.
pub(crate) enum ReceiveOutcome<T> {
    /// This.
    Got(T),
    /// Nothing in all this time.
    Nothing,
    /// Nothing ever again: the sender is gone.
    Gone,
    /// The source is to end.
    Stop,
}

/// The way out of a source's thread, which never holds the thread back from ending.
pub(crate) struct CaptureOutput {
    out: Sender<Captured>,
    stop: StopSignal,
}

/// The source is to end: it was told so, or nobody listens any more.
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

    /// Says that the source gives nothing at the moment.
    pub(crate) fn lost(&self, why: impl Into<String>) -> Result<(), SourceStopped> {
        self.send(Captured::Notice(Notice::Lost { why: why.into() }))
    }

    /// Says that it gives again.
    pub(crate) fn back(&self) -> Result<(), SourceStopped> {
        self.send(Captured::Notice(Notice::Back))
    }

    /// Whether the next [`Self::send`] would have to wait.
    pub(crate) fn is_full(&self) -> bool {
        // A channel without a buffer is always full, and taken from all the same.
        self.out.capacity() != Some(0) && self.out.is_full()
    }
}
