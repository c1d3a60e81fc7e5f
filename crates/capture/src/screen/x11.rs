//! The screen of an X server: only when something changed, only what changed, with the pointer drawn in.
//!
//! ```text
//!  XDamage, XFixes, XInput, RandR ──▶ News ──▶ wait for the next slot ──▶ damaged region ──▶ plan ──▶ fetch (MIT-SHM)
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
use vignette_model::{Captured, Frame, Micros, PixelFormat, Rect, TakeClock};
use x11rb::errors::ConnectionError;

use self::display::{Display, News, Trouble};
use self::fetcher::Fetcher;
use self::pointer::Pointer;
use self::region::{Area, plan};
use super::pace::Pace;
use super::wayland;
use crate::source::{Ended, Outlet, Running, Source, Stop};
use crate::{CaptureError, Device, Kind, Pick};

/// 30 pictures a second at most.
const INTERVAL: Micros = Micros(33_333);
/// The pointer is looked for this often although nothing says that it moved: programs can put it elsewhere in silence.
const GLANCE: Micros = Micros::from_millis(250);
/// The id of the whole screen; no monitor is called so.
const WHOLE: &str = "whole-screen";
const HELP: &str = "Check that DISPLAY names a running X server that lets you in, or record without the screen.";
const COLOURS_HELP: &str = "Run the X server with a depth of 24 (DefaultDepth in xorg.conf), or record without the screen.";

/// What of the screen is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Extent {
    Whole,
    Monitor(String),
}

impl Extent {
    /// Where it lies at the moment.
    fn area(&self, display: &Display) -> Result<Area, Trouble> {
        match self {
            Self::Whole => display.whole(),
            Self::Monitor(name) => {
                let monitor = display.monitors()?.into_iter().find(|monitor| monitor.name == *name).ok_or(Trouble::NoMonitor)?;
                // While monitors are being rearranged one may for a moment reach over the screen's edge.
                let (screen, on) = (display.whole()?, monitor.area);
                let visible = screen.clip(on.x, on.y, on.width, on.height).ok_or(Trouble::NoMonitor)?;
                let corner = (i32::try_from(visible.x), i32::try_from(visible.y));
                let (Ok(x), Ok(y)) = corner else { return Err(Trouble::NoMonitor) };
                Ok(Area { x, y, width: visible.width, height: visible.height })
            }
        }
    }
}

pub(super) fn list() -> Result<Vec<Device>, CaptureError> {
    let unusable = |trouble| unusable("X11", &trouble);
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

pub(super) fn open(pick: &Pick) -> Result<Box<dyn Source>, CaptureError> {
    let devices = list()?;
    let device = pick.find(Kind::Screen, &devices)?;
    let extent = if device.id == WHOLE { Extent::Whole } else { Extent::Monitor(device.id.clone()) };
    Ok(Box::new(X11 { extent, name: device.name.clone() }))
}

fn unusable(name: &str, trouble: &Trouble) -> CaptureError {
    let help = if matches!(trouble, Trouble::Colours(_)) { COLOURS_HELP } else { HELP };
    CaptureError::Unusable { kind: Kind::Screen, name: name.to_owned(), why: trouble.to_string(), help }
}

/// A screen, or one monitor of it, that has been found and is not recorded yet.
struct X11 {
    extent: Extent,
    name: String,
}

impl Source for X11 {
    fn describe(&self) -> String {
        self.name.clone()
    }

    fn start(self: Box<Self>, clock: TakeClock, out: Sender<Captured>) -> Result<Running, CaptureError> {
        let no_thread = |why: io::Error| CaptureError::NoThread { kind: Kind::Screen, why: why.to_string() };
        let (woken, wake) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(|why| no_thread(why.into()))?;
        let view = View::open(&self).map_err(|trouble| unusable(&self.name, &trouble))?;
        // The thread sees the end of the pipe.
        let wake = move || drop(wake);
        Running::spawn_waking(Kind::Screen, wake, move |stop| {
            let thread = Thread { source: *self, clock, outlet: Outlet::new(out, stop.clone()), stop, woken, last: None };
            thread.run(view);
        })
    }
}

/// Why the recording of a view ended.
enum Over {
    Ended,
    Trouble(Trouble),
}

impl From<Ended> for Over {
    fn from(_: Ended) -> Self {
        Self::Ended
    }
}

impl From<Trouble> for Over {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// An open display and what is known of it.
struct View {
    display: Display,
    area: Area,
    fetcher: Fetcher,
    pointer: Pointer,
    news: News,
    /// The next picture must show everything.
    whole: bool,
}

impl View {
    fn open(source: &X11) -> Result<Self, Trouble> {
        let mut display = Display::connect()?;
        display.subscribe()?;
        let area = source.extent.area(&display)?;
        let fetcher = Fetcher::new(area, &display);
        let news = News { drawn: true, moved: true, reshaped: true, rearranged: false };
        Ok(Self { display, area, fetcher, pointer: Pointer::default(), news, whole: true })
    }

    /// Takes note of a different arrangement of monitors.
    fn rearrange(&mut self, extent: &Extent) -> Result<(), Trouble> {
        let area = extent.area(&self.display)?;
        if area != self.area || self.whole {
            self.fetcher.retire(&self.display)?;
            self.fetcher = Fetcher::new(area, &self.display);
            self.area = area;
            self.whole = true;
        }
        Ok(())
    }

    /// The rectangles that look different from what was sent.
    fn changed(&mut self, news: &News) -> Result<Vec<Rect>, Trouble> {
        if news.reshaped {
            self.pointer.reshape(self.display.pointer_shape()?);
        }
        if news.moved {
            self.pointer.move_to(self.display.pointer()?);
        }
        let damage = if news.drawn { self.display.take_damage()? } else { Vec::new() };
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
    outlet: Outlet,
    stop: Stop,
    woken: OwnedFd,
    last: Option<Micros>,
}

impl Thread {
    fn run(mut self, mut view: View) {
        loop {
            let Err(over) = self.record(&mut view);
            let Over::Trouble(trouble) = over else { return };
            tracing::warn!(%trouble, "Lost the screen");
            match self.reopen(&trouble) {
                Ok(again) => view = again,
                Err(Ended) => return,
            }
        }
    }

    /// Tries until the display can be recorded again.
    fn reopen(&self, trouble: &Trouble) -> Result<View, Ended> {
        let why = format!("{} is not recorded: {trouble}. Recording goes on as soon as it is there again.", self.source.name);
        self.outlet.lost(why)?;
        let mut pause = Duration::from_millis(500);
        loop {
            if self.stop.wait(pause) {
                return Err(Ended);
            }
            if let Ok(view) = View::open(&self.source) {
                self.outlet.back()?;
                return Ok(view);
            }
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    /// Sends pictures of one view until it is over.
    fn record(&mut self, view: &mut View) -> Result<Infallible, Over> {
        let mut pace = Pace::new(INTERVAL);
        let idle = if view.display.tells_motion { GLANCE } else { INTERVAL };
        loop {
            if self.stop.asked() {
                return Err(Over::Ended);
            }
            view.news.add(view.display.news()?);
            if !view.news.any() {
                let events = view.display.events();
                view.news.moved = !self.sleep(&[events], idle)?;
                continue;
            }
            let wait = pace.wait(self.clock.now());
            if wait > Micros::ZERO {
                // What happens meanwhile can wait as long: the connection is left alone.
                self.sleep(&[], wait)?;
                continue;
            }
            pace.taken(self.clock.now());
            self.picture(view)?;
        }
    }

    /// Sends what changed, if anything did and somebody takes it.
    fn picture(&mut self, view: &mut View) -> Result<(), Over> {
        if std::mem::take(&mut view.news.rearranged) {
            view.rearrange(&self.source.extent)?;
        }
        if self.outlet.is_full() || !view.fetcher.prepare(&view.display)? {
            return Ok(());
        }
        let mut news = std::mem::take(&mut view.news);
        news.moved |= !view.display.tells_motion;
        let rects = view.changed(&news)?;
        if rects.is_empty() {
            return Ok(());
        }
        // Two pictures never bear the same time, however coarse the clock.
        let at = self.clock.now().max(self.last.map_or(Micros::ZERO, |last| last + Micros(1)));
        let patches = match view.fetcher.fetch(&view.display, &rects, &view.pointer) {
            Ok(patches) => patches,
            Err(trouble) if trouble.is_out_of_bounds() => {
                view.news.rearranged = true;
                view.whole = true;
                return Ok(());
            }
            Err(trouble) => return Err(trouble.into()),
        };
        self.last = Some(at);
        let Area { width, height, .. } = view.area;
        Ok(self.outlet.send(Captured::Frame(Frame { at, width, height, format: PixelFormat::Bgrx, patches }))?)
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
            Err(why) => Err(Trouble::from(ConnectionError::IoError(why.into())).into()),
        }
    }
}
