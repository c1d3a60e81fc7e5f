//! The screen of an X server: only when something changed, only what changed, with the pointer drawn in.
//!
//! ```text
//!  XDamage, XFixes, XInput, RandR ──▶ Changes ──▶ wait for the next slot ──▶ damaged region ──▶ plan ──▶ fetch (MIT-SHM)
//!        (poll on the connection)               (at most 30 a second)      + pointer                   + pointer drawn
//! ```
//!
//! While nothing happens the thread sleeps in `poll`. When nobody takes the pictures nothing is fetched, and the server
//! goes on gathering what changed.

mod colours;
mod display;
mod fetcher;
mod memory;
mod pointer;
mod region;

use std::convert::Infallible;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

use crossbeam_channel::Sender;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use vignette_model::{Backoff, Captured, Frame, Micros, PixelFormat, Rect, TakeClock};
use x11rb::errors::ConnectionError;

use self::display::{Changes, Display, X11Error};
use self::fetcher::Fetcher;
use self::pointer::Pointer;
use self::region::{Area, plan};
use super::fps_limit::FpsLimiter;
use super::wayland;
use crate::source::{CaptureOutput, RunningSource, Source, SourceStopped, StopSignal};
use crate::{CaptureError, Device, DeviceSelector, SourceKind};

/// 30 pictures a second at most.
const FRAME_INTERVAL: Micros = Micros(33_333);
/// The pointer is looked for this often although nothing says that it moved: programs can put it elsewhere in silence.
const POINTER_POLL_INTERVAL: Micros = Micros::from_millis(250);
/// The pauses before a display that was lost is opened again.
const REOPEN_BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(5));
/// The id of the whole screen; no monitor is called so.
const WHOLE: &str = "whole-screen";
const HELP: &str = "Check that DISPLAY names a running X server that lets you in, or record without the screen.";
const COLOURS_HELP: &str = "Run the X server with a depth of 24 (DefaultDepth in xorg.conf), or record without the screen.";

/// What of the screen is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
enum DisplayPart {
    Whole,
    Monitor(String),
}

impl DisplayPart {
    /// Where it lies at the moment.
    fn area(&self, display: &Display) -> Result<Area, X11Error> {
        match self {
            Self::Whole => display.whole(),
            Self::Monitor(name) => {
                let monitor = display.monitors()?.into_iter().find(|monitor| monitor.name == *name).ok_or(X11Error::NoMonitor)?;
                // While monitors are being rearranged one may for a moment reach over the screen's edge.
                let (screen, on) = (display.whole()?, monitor.area);
                let visible = screen.clip(on.x, on.y, on.width, on.height).ok_or(X11Error::NoMonitor)?;
                let corner = (i32::try_from(visible.x), i32::try_from(visible.y));
                let (Ok(x), Ok(y)) = corner else { return Err(X11Error::NoMonitor) };
                Ok(Area { x, y, width: visible.width, height: visible.height })
            }
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
        devices.push(device(&monitor.name, format!("Display {}", monitor.name), index == 0, monitor.area));
    }
    devices.push(device(WHOLE, "All displays".to_owned(), false, whole));
    Ok(devices)
}

pub(super) fn open(selector: &DeviceSelector) -> Result<Box<dyn Source>, CaptureError> {
    let devices = list()?;
    let device = selector.find(SourceKind::Screen, &devices)?;
    let part = if device.id == WHOLE { DisplayPart::Whole } else { DisplayPart::Monitor(device.id.clone()) };
    Ok(Box::new(X11 { part, name: device.name.clone() }))
}

fn unusable(name: &str, error: &X11Error) -> CaptureError {
    let help = if matches!(error, X11Error::Colours(_)) { COLOURS_HELP } else { HELP };
    CaptureError::Unusable { kind: SourceKind::Screen, name: name.to_owned(), why: error.to_string(), help }
}

/// A screen, or one monitor of it, that has been found and is not recorded yet.
struct X11 {
    part: DisplayPart,
    name: String,
}

impl Source for X11 {
    fn describe(&self) -> String {
        self.name.clone()
    }

    fn start(self: Box<Self>, clock: TakeClock, out: Sender<Captured>) -> Result<RunningSource, CaptureError> {
        let no_thread = |why: io::Error| CaptureError::NoThread { kind: SourceKind::Screen, why: why.to_string() };
        let (woken, wake) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(|why| no_thread(why.into()))?;
        let view = View::open(&self).map_err(|error| unusable(&self.name, &error))?;
        // The thread sees the end of the pipe.
        let wake = move || drop(wake);
        RunningSource::spawn_waking(SourceKind::Screen, wake, move |stop| {
            let thread = Thread { source: *self, clock, output: CaptureOutput::new(out, stop.clone()), stop, woken, last: None };
            thread.run(view);
        })
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
    changes: Changes,
    /// The next picture must show everything.
    whole: bool,
}

impl View {
    fn open(source: &X11) -> Result<Self, X11Error> {
        let mut display = Display::connect()?;
        display.subscribe()?;
        let area = source.part.area(&display)?;
        let fetcher = Fetcher::new(area, &display);
        let changes = Changes { drawn: true, moved: true, reshaped: true, rearranged: false };
        Ok(Self { display, area, fetcher, pointer: Pointer::default(), changes, whole: true })
    }

    /// Takes note of a different arrangement of monitors.
    fn rearrange(&mut self, part: &DisplayPart) -> Result<(), X11Error> {
        let area = part.area(&self.display)?;
        if area != self.area || self.whole {
            self.fetcher.retire(&self.display)?;
            self.fetcher = Fetcher::new(area, &self.display);
            self.area = area;
            self.whole = true;
        }
        Ok(())
    }

    /// The rectangles that look different from what was sent.
    fn changed(&mut self, changes: &Changes) -> Result<Vec<Rect>, X11Error> {
        if changes.reshaped {
            self.pointer.reshape(self.display.pointer_shape()?);
        }
        if changes.moved {
            self.pointer.move_to(self.display.pointer()?);
        }
        let damage = if changes.drawn { self.display.take_damage()? } else { Vec::new() };
        let dirty = self.pointer.dirty(&self.area);
        if std::mem::take(&mut self.whole) {
            return Ok(vec![self.area.whole()]);
        }
        let drawn = damage.iter().filter_map(|r| self.area.clip(r.x.into(), r.y.into(), r.width.into(), r.height.into()));
        Ok(plan(drawn.chain(dirty), &self.area))
    }
}

/// The recording thread.
struct Thread {
    source: X11,
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

    /// Tries until the display can be recorded again.
    fn reopen(&self, error: &X11Error) -> Result<View, SourceStopped> {
        let why = format!("{} is not recorded: {error}. Recording goes on as soon as it is there again.", self.source.name);
        self.output.lost(why)?;
        let mut failures = 1;
        while !self.stop.wait(REOPEN_BACKOFF.delay(failures)) {
            if let Ok(view) = View::open(&self.source) {
                self.output.back()?;
                return Ok(view);
            }
            failures = failures.saturating_add(1);
        }
        Err(SourceStopped)
    }

    /// Sends pictures of one view until it is over.
    fn record(&mut self, view: &mut View) -> Result<Infallible, Over> {
        let mut limiter = FpsLimiter::new(FRAME_INTERVAL);
        let idle = if view.display.tells_motion { POINTER_POLL_INTERVAL } else { FRAME_INTERVAL };
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
            if wait > Micros::ZERO {
                // What happens meanwhile can wait as long: the connection is left alone.
                self.sleep(&[], wait)?;
                continue;
            }
            limiter.taken(self.clock.now());
            self.picture(view)?;
        }
    }

    /// Sends what changed, if anything did and somebody takes it.
    fn picture(&mut self, view: &mut View) -> Result<(), Over> {
        if std::mem::take(&mut view.changes.rearranged) {
            view.rearrange(&self.source.part)?;
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
        // Two pictures never bear the same time, however coarse the clock.
        let at = self.clock.now().max(self.last.map_or(Micros::ZERO, |last| last + Micros(1)));
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
        Ok(self.output.send(Captured::Frame(Frame { at, width, height, format: PixelFormat::Bgrx, patches }))?)
    }

    /// Sleeps for `span`, or until one of `events` has something to read: true then; or until the source is to end.
    fn sleep(&self, events: &[BorrowedFd<'_>], span: Micros) -> Result<bool, Over> {
        let span = Duration::from(span);
        let timeout = Timespec::try_from(span).map_err(|_| Over::Ended)?;
        let mut watched = vec![PollFd::new(&self.woken, PollFlags::empty())];
        watched.extend(events.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)));
        match poll(&mut watched, Some(&timeout)) {
            Ok(0) => Ok(false),
            Ok(_) if watched[0].revents().contains(PollFlags::HUP) => Err(Over::Ended),
            // A signal is as good as an event: whoever sleeps looks again.
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(true),
            Err(why) => Err(X11Error::from(ConnectionError::IoError(why.into())).into()),
        }
    }
}
