//! The screen of an X server: pictures only when something changed, with only what changed, and
//! with the pointer drawn in.
//!
//! ```text
//!  XDamage, XFixes, XInput, RandR ──▶ DisplayChanges ──▶ wait for the next slot
//!        (poll on the connection)                        (the limit of pictures)
//!                                                                   │
//!  pictures ◀── fetch (MIT-SHM), pointer drawn ◀── plan ◀── damaged region + pointer
//!                  ▲
//!                  └── in place of our own windows, what lies behind them (backdrop, XComposite)
//! ```
//!
//! While nothing changes the thread sleeps in `poll`. While the channel of the receiver is full
//! nothing is fetched, and the server accumulates the damaged region.

mod backdrop;
mod background;
mod display;
mod fetcher;
mod memory;
mod pixel_layout;
mod pointer;
mod region;
mod single_window;
mod stack;
mod view;
mod windows;

use std::convert::Infallible;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

use crossbeam_channel::Sender;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use vignette_model::{Backoff, Captured, Frame, Micros, PixelFormat, Rect, Span, TakeClock};
use x11rb::errors::ConnectionError;

use self::display::{Display, X11Error};
use self::region::Area;
use self::view::{Fetched, View};
pub(super) use self::windows::list as list_windows;
use super::fps_limit::FpsLimiter;
use super::wayland;
use crate::source::{CaptureOutput, RunningSource, Source, SourceStopped, StopSignal};
use crate::{CaptureError, CaptureTarget, Device, DeviceSelector, SourceKind, StartOptions};

/// How often the position of the pointer is polled, since a program can move it without an event.
const POINTER_POLL_INTERVAL: Span = Span::from_millis(250);
/// The delays between attempts to open a lost display again.
const REOPEN_BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(5));
/// The id of the whole screen; no monitor has this name.
const WHOLE: &str = "whole-screen";
const HELP: &str =
    "Check that DISPLAY names a running X server that lets you in, or record without the screen.";
const COLOURS_HELP: &str = "Run the X server with a depth of 24 (DefaultDepth in xorg.conf), or \
    record without the screen.";

/// Which display is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
enum DisplayPart {
    Whole,
    Monitor(String),
}

impl DisplayPart {
    /// Its current area.
    fn area(&self, display: &Display) -> Result<Area, X11Error> {
        let Self::Monitor(name) = self else { return display.whole() };
        let mut monitors = display.monitors()?.into_iter();
        let monitor = monitors.find(|monitor| monitor.name == *name).ok_or(X11Error::NoMonitor)?;
        // While monitors are rearranged, one may briefly reach beyond the screen.
        let on = monitor.area;
        let visible = display.whole()?.clip(on.x, on.y, on.width, on.height);
        visible.and_then(Area::at).ok_or(X11Error::NoMonitor)
    }
}

/// What of the X server's screen is recorded.
#[derive(Clone, Debug)]
struct Recorded {
    display: DisplayPart,
    shown: Shown,
    /// Whether our own windows are left out.
    without_own: bool,
}

/// What of the display is recorded.
#[derive(Clone, Debug)]
enum Shown {
    Display,
    /// A part of the display, in its pixels.
    Region(Rect),
    /// One window, wherever it lies.
    Window(u32),
}

impl Recorded {
    /// Its current area on the root window.
    fn area(&self, display: &Display) -> Result<Area, X11Error> {
        let of_display = self.display.area(display)?;
        match self.shown {
            Shown::Region(region) => of_display.part(region).ok_or(X11Error::NoRegion),
            Shown::Display | Shown::Window(_) => Ok(of_display),
        }
    }
}

pub(super) fn list() -> Result<Vec<Device>, CaptureError> {
    let unusable = |error| unusable("X11", &error);
    let display = Display::connect().map_err(unusable)?;
    if display.is_xwayland().map_err(unusable)? {
        return Err(wayland::NOT_YET);
    }
    let whole = display.whole().map_err(unusable)?;
    let monitors = display.monitors().map_err(unusable)?;
    let device = |id: &str, name: String, default, area: Area| Device {
        id: id.to_owned(),
        name,
        default,
        width: Some(area.width),
        height: Some(area.height),
    };
    if monitors.iter().all(|monitor| monitor.area == whole) {
        return Ok(vec![device(WHOLE, "Screen".to_owned(), true, whole)]);
    }
    let mut devices = Vec::new();
    for (index, monitor) in monitors.iter().enumerate() {
        devices.push(device(
            &monitor.name,
            format!("Display {}", monitor.name),
            index == 0,
            monitor.area,
        ));
    }
    devices.push(device(WHOLE, "All displays".to_owned(), false, whole));
    Ok(devices)
}

pub(super) fn open(selector: &DeviceSelector) -> Result<Box<dyn Source>, CaptureError> {
    let devices = list()?;
    let device = selector.find(SourceKind::Screen, &devices)?;
    let display = if device.id == WHOLE {
        DisplayPart::Whole
    } else {
        DisplayPart::Monitor(device.id.clone())
    };
    Ok(Box::new(X11 { display, name: device.name.clone() }))
}

fn unusable(name: &str, error: &X11Error) -> CaptureError {
    let help = match error {
        X11Error::PixelLayout(_) => COLOURS_HELP,
        X11Error::NoRegion => {
            "Choose a region of at least two pixels a side that lies on the display."
        }
        X11Error::NoWindow | X11Error::WindowClosed => {
            "Choose another window: `vignette devices` lists those that can be recorded."
        }
        X11Error::WindowHidden => "Show the window on the screen, and try again.",
        _ => HELP,
    };
    CaptureError::Unusable {
        kind: SourceKind::Screen,
        name: name.to_owned(),
        why: error.to_string(),
        help,
    }
}

/// A screen, or a monitor of it, that was found and is not recorded yet.
struct X11 {
    display: DisplayPart,
    name: String,
}

impl Source for X11 {
    fn describe(&self) -> String {
        self.name.clone()
    }

    fn start(
        self: Box<Self>,
        options: &StartOptions,
        clock: TakeClock,
        out: Sender<Captured>,
    ) -> Result<RunningSource, CaptureError> {
        let no_thread = |why: io::Error| CaptureError::NoThread {
            kind: SourceKind::Screen,
            why: why.to_string(),
        };
        let Self { display, name } = *self;
        let shown = shown(&options.target)?;
        let name = if let Shown::Window(_) = shown { "Window".to_owned() } else { name };
        let recorded = Recorded { display, shown, without_own: options.exclude_own_windows };
        let view = View::open(&recorded, options.cursor, clock.now())
            .map_err(|error| unusable(&name, &error))?;
        let flags = rustix::pipe::PipeFlags::CLOEXEC;
        let (woken, wake) = rustix::pipe::pipe_with(flags).map_err(|why| no_thread(why.into()))?;
        // Closing the pipe wakes the thread.
        let wake = move || drop(wake);
        let (cursor, interval) = (options.cursor, options.frame_interval());
        RunningSource::spawn_waking(SourceKind::Screen, wake, move |stop| {
            let output = CaptureOutput::new(out, stop.clone());
            let thread =
                Thread { recorded, name, cursor, interval, clock, output, stop, woken, last: None };
            thread.run(view);
        })
    }
}

/// What of a display to record; an error if the target is not supported here.
fn shown(target: &CaptureTarget) -> Result<Shown, CaptureError> {
    match target {
        CaptureTarget::Display => Ok(Shown::Display),
        CaptureTarget::Region { rect } => Ok(Shown::Region(*rect)),
        // A number that is none of X's is no window's.
        CaptureTarget::Window { id } => Ok(Shown::Window(u32::try_from(*id).unwrap_or_default())),
        CaptureTarget::Portal { .. } => Err(CaptureError::NotSupported {
            what: "In an X11 session the system has no dialog for choosing a screen",
            help: "Choose the display in Vignette.",
        }),
    }
}

/// Why the recording of a view ended.
enum Over {
    Ended,
    X11Error(X11Error),
}

impl From<SourceStopped> for Over {
    fn from(_: SourceStopped) -> Self {
        Self::Ended
    }
}

impl From<X11Error> for Over {
    fn from(error: X11Error) -> Self {
        Self::X11Error(error)
    }
}

/// The recording thread.
struct Thread {
    recorded: Recorded,
    name: String,
    cursor: bool,
    interval: Span,
    clock: TakeClock,
    output: CaptureOutput,
    stop: StopSignal,
    woken: OwnedFd,
    last: Option<Micros>,
}

impl Thread {
    fn run(mut self, mut view: View) {
        loop {
            let Err(over) = self.record(&mut view);
            let Over::X11Error(error) = over else { return };
            tracing::warn!(%error, "Lost the screen");
            match self.reopen(&error) {
                Ok(again) => view = again,
                Err(SourceStopped) => return,
            }
        }
    }

    /// Retries until the display can be recorded again. A window that was closed does not come back.
    fn reopen(&self, error: &X11Error) -> Result<View, SourceStopped> {
        let why = match error {
            X11Error::WindowClosed => "The window that is recorded was closed. Recording goes on \
                with its last picture."
                .to_owned(),
            X11Error::WindowHidden => {
                "The window that is recorded is minimised. Recording goes on \
                with its last picture until it is shown again."
                    .to_owned()
            }
            error => format!(
                "{} is not recorded: {error}. Recording goes on as soon as it is there again.",
                self.name
            ),
        };
        self.output.lost(why)?;
        let mut failures = 1;
        while !self.stop.wait(REOPEN_BACKOFF.delay(failures)) {
            if let X11Error::WindowClosed = error {
                continue;
            }
            match View::open(&self.recorded, self.cursor, self.clock.now()) {
                Ok(view) => {
                    self.output.back()?;
                    return Ok(view);
                }
                // Looked for again soon: a person waits for it.
                Err(X11Error::WindowHidden) => {}
                Err(_) => failures = failures.saturating_add(1),
            }
        }
        Err(SourceStopped)
    }

    /// Sends pictures of one view until it ends.
    fn record(&mut self, view: &mut View) -> Result<Infallible, Over> {
        let mut limiter = FpsLimiter::new(self.interval);
        let idle = if view.display.tells_motion || !self.cursor {
            POINTER_POLL_INTERVAL
        } else {
            self.interval
        };
        loop {
            if self.stop.asked() {
                return Err(Over::Ended);
            }
            view.changes.add(view.display.changes()?);
            if !view.changes.any() {
                let events = view.display.events();
                view.changes.moved = !self.sleep(&[events], idle)?;
                continue;
            }
            let wait = limiter.wait(self.clock.now());
            if wait > Span::ZERO {
                // Does not watch the connection: events can wait until the next picture is due.
                self.sleep(&[], wait)?;
                continue;
            }
            limiter.taken(self.clock.now());
            self.picture(view)?;
        }
    }

    /// Sends what changed, unless nothing changed or the channel is full.
    fn picture(&mut self, view: &mut View) -> Result<(), Over> {
        view.notice_window();
        if std::mem::take(&mut view.changes.rearranged) {
            view.rearrange(&self.recorded, self.clock.now())?;
        }
        if self.output.is_full() || !view.is_ready(self.clock.now())? {
            return Ok(());
        }
        // Time stamps must be strictly rising, however coarse the clock.
        let at = self.clock.now().max(self.last.map_or(Micros::ZERO, |last| last + Span(1)));
        let patches = match view.fetch(at) {
            Ok(Fetched::Patches(patches)) => patches,
            Ok(Fetched::Nothing) => return Ok(()),
            Err(error) if error.is_out_of_bounds() => {
                view.changes.rearranged = true;
                view.whole = true;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        self.last = Some(at);
        let Area { width, height, .. } = view.area;
        Ok(self.output.send(Captured::Frame(Frame::in_memory(
            at,
            width,
            height,
            PixelFormat::Bgrx,
            patches,
        )))?)
    }

    /// Sleeps for `span`, or until one of `events` is readable (then returns true), or until the
    /// source is stopped.
    fn sleep(&self, events: &[BorrowedFd<'_>], span: Span) -> Result<bool, Over> {
        let span = Duration::from(span);
        let timeout = Timespec::try_from(span).map_err(|_| Over::Ended)?;
        let mut watched = vec![PollFd::new(&self.woken, PollFlags::empty())];
        watched.extend(events.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)));
        match poll(&mut watched, Some(&timeout)) {
            Ok(0) => Ok(false),
            Ok(_) if watched[0].revents().contains(PollFlags::HUP) => Err(Over::Ended),
            // A signal counts as an event: the caller checks again.
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(true),
            Err(why) => Err(X11Error::from(ConnectionError::IoError(why.into())).into()),
        }
    }
}
