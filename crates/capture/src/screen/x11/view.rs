//! [`View`]: what is recorded of a display, and what of it changed since the last picture.

use std::sync::Once;

use vignette_model::{Micros, Patch, Rect, Span};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, Window};

use super::backdrop::Backdrop;
use super::display::{Display, DisplayChanges, X11Error};
use super::fetcher::Fetcher;
use super::pointer::Pointer;
use super::region::{Area, plan};
use super::single_window::SingleWindow;
use super::{Recorded, Shown};

/// How often a picture is fetched again because windows moved meanwhile, before the server is held
/// for it.
const ATTEMPTS: usize = 3;
/// How long the first picture of a window waits for its program to draw what was covered.
const DRAW_TIMEOUT: Span = Span::from_millis(150);

/// An open display and what is known of it.
pub(super) struct View {
    pub(super) display: Display,
    /// What is recorded, in pixels of `ground`.
    pub(super) area: Area,
    /// The root window, or the window that is recorded.
    ground: Window,
    fetcher: Fetcher,
    pointer: Pointer,
    pub(super) changes: DisplayChanges,
    /// Whether the pointer is drawn.
    cursor: bool,
    /// The next picture must show everything.
    pub(super) whole: bool,
    /// Parts that have to be shown anew whatever is drawn.
    anew: Vec<Rect>,
    subject: Subject,
}

/// What kind of thing is recorded.
enum Subject {
    /// The screen or a part of it, without our own windows if there is a backdrop.
    Screen(Option<Box<Backdrop>>),
    /// One window, and from when on its content is its own.
    Window(SingleWindow, Micros),
}

/// A view whose server serves no other client until this is dropped. While it is held, wait for
/// nothing but the server's answers.
struct Held<'a>(&'a mut View);

impl<'a> Held<'a> {
    fn grab(view: &'a mut View) -> Result<Self, X11Error> {
        view.display.connection().grab_server()?;
        let held = Self(view);
        // Its answer comes after every event from before it was held.
        held.0.display.connection().get_input_focus()?.reply()?;
        Ok(held)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let connection = self.0.display.connection();
        // A request stays in the connection's buffer until it is flushed. If the connection is
        // gone, the server has let go by itself.
        let _ = connection.ungrab_server();
        let _ = connection.flush();
    }
}

/// What a picture is made of.
pub(super) enum Fetched {
    /// These patches.
    Patches(Vec<Patch>),
    /// Nothing changed, or it is too early.
    Nothing,
}

impl View {
    pub(super) fn open(recorded: &Recorded, cursor: bool, now: Micros) -> Result<Self, X11Error> {
        let mut display = Display::connect()?;
        display.subscribe()?;
        let mut changes = DisplayChanges {
            drawn: true,
            moved: true,
            reshaped: true,
            ..DisplayChanges::default()
        };
        let (ground, area, fetcher, subject) = match &recorded.shown {
            Shown::Window(id) => {
                let window = SingleWindow::open(&mut display, *id)?;
                let (area, fetcher) = (window.area(), window.fetcher(&display));
                (*id, area, fetcher, Subject::Window(window, now + DRAW_TIMEOUT))
            }
            Shown::Display | Shown::Region(_) => {
                let backdrop = if recorded.without_own { backdrop(&mut display)? } else { None };
                changes.restacked = backdrop.is_some();
                let area = recorded.area(&display)?;
                let root = display.root();
                let fetcher = Fetcher::new(root, area, display.layout, &display);
                (root, area, fetcher, Subject::Screen(backdrop))
            }
        };
        Ok(Self {
            display,
            area,
            ground,
            fetcher,
            pointer: Pointer::default(),
            changes,
            cursor,
            whole: true,
            anew: Vec::new(),
            subject,
        })
    }

    /// Applies a new arrangement of monitors, or another size of the window.
    pub(super) fn rearrange(&mut self, recorded: &Recorded, now: Micros) -> Result<(), X11Error> {
        let (area, fetcher) = match &mut self.subject {
            Subject::Window(window, from) => {
                let remapped = std::mem::take(&mut self.changes.reframed);
                if !window.follow(&self.display, remapped)? && !self.whole {
                    return Ok(());
                }
                if remapped {
                    // Until its program has drawn it, it shows what lay there before.
                    *from = now + DRAW_TIMEOUT;
                    self.changes.drawn = true;
                }
                (window.area(), window.fetcher(&self.display))
            }
            Subject::Screen(_) => {
                let area = recorded.area(&self.display)?;
                if area == self.area && !self.whole {
                    return Ok(());
                }
                let root = self.display.root();
                (area, Fetcher::new(root, area, self.display.layout, &self.display))
            }
        };
        self.fetcher.retire(&self.display)?;
        (self.fetcher, self.area) = (fetcher, area);
        self.whole = true;
        self.changes.restacked |= matches!(self.subject, Subject::Screen(Some(_)));
        Ok(())
    }

    /// Whether there is memory for a picture, and it is not too early for one.
    pub(super) fn is_ready(&mut self, now: Micros) -> Result<bool, X11Error> {
        let drawn = match &mut self.subject {
            Subject::Window(_, from) => now >= *from,
            Subject::Screen(None) => true,
            Subject::Screen(Some(backdrop)) => {
                let changes = std::mem::take(&mut self.changes);
                let Self { display, area, .. } = self;
                let mut anew = Vec::new();
                if changes.restacked || backdrop.has_settled() {
                    anew = backdrop.arrange(display, area, &changes, now)?;
                }
                if changes.redecorated {
                    anew.extend(backdrop.forget_background());
                }
                if !backdrop.is_idle() {
                    anew.extend(backdrop.changed(display, now)?);
                }
                self.changes.add(DisplayChanges { redecorated: false, ..changes.without_stack() });
                let ready = backdrop.is_ready(now);
                self.show_anew(&anew);
                ready
            }
        };
        Ok(drawn && self.fetcher.prepare(&self.display)?)
    }

    fn show_anew(&mut self, parts: &[Area]) {
        let area = self.area;
        let clip = |part: &Area| area.clip(part.x, part.y, part.width, part.height);
        self.anew.extend(parts.iter().filter_map(clip));
        self.changes.drawn |= !self.anew.is_empty();
    }

    /// What differs from what was sent.
    pub(super) fn fetch(&mut self, now: Micros) -> Result<Fetched, X11Error> {
        let mut changes = std::mem::take(&mut self.changes);
        changes.moved |= !self.display.tells_motion;
        let rects = self.changed(&changes)?;
        if rects.is_empty() {
            return Ok(Fetched::Nothing);
        }
        let Subject::Screen(Some(_)) = &self.subject else {
            return Ok(Fetched::Patches(self.patches(&rects)?));
        };
        let fetched = self.without_own(rects, now);
        if fetched.is_err() {
            self.whole = true;
        }
        fetched
    }

    /// Fetches until no window has moved meanwhile; at last, with the server held.
    fn without_own(&mut self, mut rects: Vec<Rect>, now: Micros) -> Result<Fetched, X11Error> {
        for attempt in 0..=ATTEMPTS {
            if attempt > 0 && !self.fetcher.prepare(&self.display)? {
                self.anew.extend(rects);
                self.changes.drawn = true;
                return Ok(Fetched::Nothing);
            }
            if attempt == ATTEMPTS {
                let held = Held::grab(self)?;
                // What was missed until it was held is found now.
                let moved = held.0.moved(now)?.unwrap_or_default();
                let rects = plan(rects.into_iter().chain(moved), &held.0.area);
                return Ok(Fetched::Patches(held.0.patches(&rects)?));
            }
            let patches = self.patches(&rects)?;
            let Some(moved) = self.moved(now)? else { return Ok(Fetched::Patches(patches)) };
            rects = plan(rects.into_iter().chain(moved), &self.area);
            if let Subject::Screen(Some(backdrop)) = &self.subject
                && !backdrop.is_ready(now)
            {
                self.anew.extend(rects);
                self.changes.drawn = true;
                return Ok(Fetched::Nothing);
            }
        }
        Ok(Fetched::Nothing)
    }

    /// Where windows lie differently since the last look, in pixels of the area; none if no window
    /// has moved. One that moved and came back meanwhile may be in the picture elsewhere, though
    /// all lie as before. Every event from before the last answer of the server is known by now.
    fn moved(&mut self, now: Micros) -> Result<Option<Vec<Rect>>, X11Error> {
        self.changes.add(self.display.changes()?);
        let Subject::Screen(Some(backdrop)) = &mut self.subject else { return Ok(None) };
        if !self.changes.restacked {
            return Ok(None);
        }
        let changes = std::mem::take(&mut self.changes);
        let parts = backdrop.arrange(&self.display, &self.area, &changes, now)?;
        self.changes = changes.without_stack();
        let clip = |part: &Area| self.area.clip(part.x, part.y, part.width, part.height);
        Ok(Some(parts.iter().filter_map(clip).collect()))
    }

    fn patches(&mut self, rects: &[Rect]) -> Result<Vec<Patch>, X11Error> {
        let insets = match &mut self.subject {
            Subject::Screen(Some(backdrop)) if !backdrop.is_idle() => {
                backdrop.insets(&self.display, &self.area, rects)?
            }
            _ => Vec::new(),
        };
        let (area, pointer) = (&self.area, &self.pointer);
        self.fetcher.fetch(&self.display, rects, |rect, bgrx| {
            insets.iter().for_each(|inset| inset.draw(rect, bgrx));
            pointer.draw(area, rect, bgrx);
        })
    }

    /// The rectangles that differ from what was sent.
    fn changed(&mut self, changes: &DisplayChanges) -> Result<Vec<Rect>, X11Error> {
        if changes.reshaped && self.cursor {
            self.pointer.reshape(self.display.pointer_shape()?);
        }
        if changes.moved && self.cursor {
            self.pointer.move_to(self.display.pointer(self.ground)?);
        }
        let damage = if changes.drawn { self.display.take_damage()? } else { Vec::new() };
        let dirty = self.pointer.dirty(&self.area);
        let anew = std::mem::take(&mut self.anew);
        if std::mem::take(&mut self.whole) {
            return Ok(vec![self.area.whole()]);
        }
        let drawn = damage.iter().map(|r| Area {
            x: r.x.into(),
            y: r.y.into(),
            width: r.width.into(),
            height: r.height.into(),
        });
        let drawn: Vec<Area> = match &self.subject {
            // What is drawn in our own windows does not matter.
            Subject::Screen(Some(backdrop)) if !backdrop.is_idle() => {
                drawn.flat_map(|part| backdrop.outside(part)).collect()
            }
            _ => drawn.collect(),
        };
        let drawn = drawn.iter().filter_map(|r| self.area.clip(r.x, r.y, r.width, r.height));
        Ok(plan(drawn.chain(dirty).chain(anew), &self.area))
    }

    /// Whether events about windows mean that the window that is recorded has changed.
    pub(super) fn notice_window(&mut self) {
        if let Subject::Window(..) = self.subject
            && std::mem::take(&mut self.changes.restacked)
        {
            self.changes.rearranged = true;
        }
    }
}

/// The means to leave out our own windows; none on a server that cannot keep the content of others.
fn backdrop(display: &mut Display) -> Result<Option<Box<Backdrop>>, X11Error> {
    static SAID: Once = Once::new();
    match Backdrop::open(display) {
        Ok(backdrop) => Ok(Some(Box::new(backdrop))),
        Err(error @ X11Error::Lacks(_)) => {
            SAID.call_once(|| {
                tracing::warn!(%error, "Vignette's own windows are recorded with the screen");
            });
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
