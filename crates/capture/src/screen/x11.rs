//! The screen of an X server: pictures only when something changed, with only what changed, and
//! with the pointer drawn in.
//!
//! ```text
//!  XDamage, XFixes, XInput, RandR ──▶ DisplayChanges ──▶ wait for the next slot
//!        (poll on the connection)                        (the limit of pictures)
//!                                                                   │
//!  pictures ◀── fetch (MIT-SHM), pointer drawn ◀── plan ◀── damaged region + pointer
//! ```
//!
//! While nothing changes the thread sleeps in `poll`. While the channel of the receiver is full
//! nothing is fetched, and the server accumulates the damaged region.

mod display;
mod fetcher;
mod memory;
mod pixel_layout;
mod pointer;
mod region;
mod stack;
mod windows;

use std::convert::Infallible;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

use crossbeam_channel::Sender;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use vignette_model::{Backoff, Captured, Frame, Micros, PixelFormat, Rect, Span, TakeClock};
use x11rb::errors::ConnectionError;

use self::display::{Display, DisplayChanges, X11Error};
use self::fetcher::Fetcher;
use self::pointer::Pointer;
use self::region::{Area, plan};
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
    /// A part of the display, in its pixels.
    region: Option<Rect>,
}

impl Recorded {
    /// Its current area.
    fn area(&self, display: &Display) -> Result<Area, X11Error> {
        let of_display = self.display.area(display)?;
        match self.region {
            Some(region) => of_display.part(region).ok_or(X11Error::NoRegion),
            None => Ok(of_display),
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
        let recorded = Recorded { display, region: region(options)? };
        let view =
            View::open(&recorded, options.cursor).map_err(|error| unusable(&name, &error))?;
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

/// The part of a display to record, `None` for all of it; an error if the target is not supported
/// here.
fn region(options: &StartOptions) -> Result<Option<Rect>, CaptureError> {
    let not_supported = |what, help| Err(CaptureError::NotSupported { what, help });
    if options.exclude_own_windows {
        return not_supported(
            "Windows cannot be left out of the picture of an X11 screen",
            "Hide Vignette's window while recording, or record with it.",
        );
    }
    match options.target {
        CaptureTarget::Display => Ok(None),
        CaptureTarget::Region { rect } => Ok(Some(rect)),
        CaptureTarget::Window { .. } => not_supported(
            "A single window of an X11 screen cannot be recorded yet",
            "Record the display, or the region of it where the window is.",
        ),
        CaptureTarget::Portal { .. } => not_supported(
            "In an X11 session the system has no dialog for choosing a screen",
            "Choose the display in Vignette.",
        ),
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

/// An open display and what is known of it.
struct View {
    display: Display,
    area: Area,
    fetcher: Fetcher,
    pointer: Pointer,
    changes: DisplayChanges,
    /// Whether the pointer is drawn.
    cursor: bool,
    /// The next picture must show everything.
    whole: bool,
}

impl View {
    fn open(recorded: &Recorded, cursor: bool) -> Result<Self, X11Error> {
        let mut display = Display::connect()?;
        display.subscribe()?;
        let area = recorded.area(&display)?;
        let fetcher = Fetcher::new(area, &display);
        let changes =
            DisplayChanges { drawn: true, moved: true, reshaped: true, rearranged: false };
        Ok(Self {
            display,
            area,
            fetcher,
            pointer: Pointer::default(),
            changes,
            cursor,
            whole: true,
        })
    }

    /// Applies a new arrangement of monitors.
    fn rearrange(&mut self, recorded: &Recorded) -> Result<(), X11Error> {
        let area = recorded.area(&self.display)?;
        if area != self.area || self.whole {
            self.fetcher.retire(&self.display)?;
            self.fetcher = Fetcher::new(area, &self.display);
            self.area = area;
            self.whole = true;
        }
        Ok(())
    }

    /// The rectangles that differ from what was sent.
    fn changed(&mut self, changes: &DisplayChanges) -> Result<Vec<Rect>, X11Error> {
        if changes.reshaped && self.cursor {
            self.pointer.reshape(self.display.pointer_shape()?);
        }
        if changes.moved && self.cursor {
            self.pointer.move_to(self.display.pointer()?);
        }
        let damage = if changes.drawn { self.display.take_damage()? } else { Vec::new() };
        let dirty = self.pointer.dirty(&self.area);
        if std::mem::take(&mut self.whole) {
            return Ok(vec![self.area.whole()]);
        }
        let drawn = damage.iter().filter_map(|r| {
            self.area.clip(r.x.into(), r.y.into(), r.width.into(), r.height.into())
        });
        Ok(plan(drawn.chain(dirty), &self.area))
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

    /// Retries until the display can be recorded again.
    fn reopen(&self, error: &X11Error) -> Result<View, SourceStopped> {
        let why = format!(
            "{} is not recorded: {error}. Recording goes on as soon as it is there again.",
            self.name
        );
        self.output.lost(why)?;
        let mut failures = 1;
        while !self.stop.wait(REOPEN_BACKOFF.delay(failures)) {
            if let Ok(view) = View::open(&self.recorded, self.cursor) {
                self.output.back()?;
                return Ok(view);
            }
            failures = failures.saturating_add(1);
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
        if std::mem::take(&mut view.changes.rearranged) {
            view.rearrange(&self.recorded)?;
        }
        if self.output.is_full() || !view.fetcher.prepare(&view.display)? {
            return Ok(());
        }
        let mut changes = std::mem::take(&mut view.changes);
        changes.moved |= !view.display.tells_motion;
        let rects = view.changed(&changes)?;
        if rects.is_empty() {
            return Ok(());
        }
        // Time stamps must be strictly rising, however coarse the clock.
        let at = self.clock.now().max(self.last.map_or(Micros::ZERO, |last| last + Span(1)));
        let patches = match view.fetcher.fetch(&view.display, &rects, &view.pointer) {
            Ok(patches) => patches,
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
