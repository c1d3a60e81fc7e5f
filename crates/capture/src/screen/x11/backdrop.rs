//! [`Backdrop`]: what lies behind this program's own windows, so that a picture of the screen shows
//! that in their place.
//!
//! ```text
//!  stack of windows ─▶ holes: what can be seen of our own windows
//!                  └─▶ sheets: the windows that lie in a hole, whose content the server keeps
//!                        │ (XComposite: redirected while they lie there, a pixmap each)
//!  root's background ────┴─▶ insets: holes that are filled, from the lowest window up
//! ```
//!
//! A window that is redirected is asked by the server to draw what was covered. Until it has drawn
//! that, its pixmap holds there what lay above it, which may be ours: such parts are `stale`, and
//! are not shown.
//!
//! Where there is no own window in what is recorded, nothing is redirected and nothing is fetched.

use std::collections::HashMap;

use vignette_model::{Micros, Rect, Span};
use x11rb::connection::Connection as _;
use x11rb::protocol::composite::{ConnectionExt as _, Redirect};
use x11rb::protocol::damage::{ConnectionExt as _, ReportLevel};
use x11rb::protocol::shape::{ConnectionExt as _, SK};
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, Pixmap, Window};

use super::background::Background;
use super::display::{Display, DisplayChanges, X11Error};
use super::pixel_layout::PixelLayout;
use super::region::{Area, without};
use super::stack::{OwnWindows, Stack, TopLevel, still_there};

/// How long pictures wait for programs to draw what was covered.
const DRAW_TIMEOUT: Span = Span::from_millis(250);
/// How long a compositing manager may still show a window that has moved or is gone, since it fades
/// windows out.
const FADE: Span = Span::from_millis(1_000);
/// How far a compositing manager's shadow may reach beyond its window, in pixels.
const SHADOW: u32 = 40;

/// A part of a picture, to be laid over what the screen shows there.
pub(super) struct Inset {
    /// Where, in pixels of the recorded area.
    pub(super) rect: Rect,
    /// Rows of `rect.width` pixels.
    pub(super) bgrx: Vec<u8>,
}

/// A window that lies in a hole.
struct Sheet {
    window: TopLevel,
    /// Its content; none while the server has none.
    pixmap: Option<Pixmap>,
    damage: u32,
    /// The parts of its rectangle that belong to it.
    shape: Vec<Area>,
    /// Parts whose content is not its own yet.
    stale: Vec<Area>,
    layout: PixelLayout,
    /// Whether it was laid out just now.
    fresh: bool,
    /// Whether a compositing manager had the server keep its content before. Since when is not
    /// known, so that it may be stale, and the program need not draw it again.
    kept_before: bool,
}

/// What lies behind our own windows within the recorded area.
pub(super) struct Backdrop {
    own: OwnWindows,
    background: Background,
    /// Whether a compositing manager draws the screen.
    composited: bool,
    holes: Vec<Area>,
    /// Holes that were, and until when they may still be seen.
    fading: Vec<(Area, Micros)>,
    /// From the lowest up.
    sheets: Vec<Sheet>,
    /// Since when a sheet has had stale parts.
    stale_since: Option<Micros>,
    /// Whether something need not be hidden any more that had to be.
    settled: bool,
}

impl Backdrop {
    /// Looks for our own windows from now on. Call [`Self::arrange`] before anything else.
    pub(super) fn open(display: &mut Display) -> Result<Self, X11Error> {
        display.require_composite()?;
        display.subscribe_to_windows()?;
        Ok(Self {
            own: OwnWindows::ask(display)?,
            background: Background::default(),
            composited: false,
            holes: Vec::new(),
            fading: Vec::new(),
            sheets: Vec::new(),
            stale_since: None,
            settled: false,
        })
    }

    /// Looks again at how the windows lie, after these changes. Gives what has to be shown anew, in
    /// pixels of the root window: nothing if what is in the holes is the same as before.
    pub(super) fn arrange(
        &mut self,
        display: &Display,
        area: &Area,
        changes: &DisplayChanges,
        now: Micros,
    ) -> Result<Vec<Area>, X11Error> {
        if changes.reframed {
            self.own = OwnWindows::ask(display)?;
        }
        self.composited = display.is_composited()?;
        let windows = Stack::read(display, &mut self.own)?.windows;
        let shapes = self.shapes(display, area, &windows)?;
        let holes = self.holes_of(area, &windows, &shapes);
        if self.composited && holes != self.holes {
            self.fading.extend(self.holes.iter().map(|hole| (*hole, now + FADE)));
        }
        let old: Vec<Area> = self.hidden().collect();
        let fading = self.fading.iter().map(|(area, _)| area);
        let hidden: Vec<Area> = holes.iter().chain(fading).copied().collect();
        let lying: Vec<TopLevel> = windows
            .into_iter()
            .filter(|window| !window.own && hidden.iter().any(|hole| hole.overlaps(&window.area)))
            .collect();
        let before: Vec<_> = self.sheets.iter().map(|sheet| (sheet.window, &sheet.shape)).collect();
        let same = holes == self.holes
            && before.len() == lying.len()
            && before.iter().zip(&lying).all(|((window, shape), now)| {
                window == now
                    && shapes.get(&now.id).is_some_and(|now| *shape == now)
                    && !changes.mapped.contains(&now.id)
            });
        if same {
            return Ok(Vec::new());
        }
        self.holes = holes;
        let mut anew = old;
        anew.extend(&self.holes);
        self.lay_out(display, &lying, shapes, &changes.mapped, now)?;
        self.background.forget_holes();
        Ok(anew)
    }

    /// The shapes of those windows that may lie in a hole or over one.
    fn shapes(
        &self,
        display: &Display,
        area: &Area,
        windows: &[TopLevel],
    ) -> Result<HashMap<Window, Vec<Area>>, X11Error> {
        let own = windows.iter().filter(|window| window.own && window.area.overlaps(area));
        let own = own.map(|window| self.with_shadow(window));
        let own: Vec<Area> = own.chain(self.hidden()).collect();
        let near =
            |window: &&TopLevel| !window.own && own.iter().any(|own| own.overlaps(&window.area));
        let mut asked = Vec::new();
        for window in windows.iter().filter(near) {
            asked.push((
                window,
                display.connection().shape_get_rectangles(window.id, SK::BOUNDING)?,
            ));
        }
        let mut shapes = HashMap::new();
        for (window, cookie) in asked {
            let rectangles = still_there(cookie.reply())?.map(|shape| shape.rectangles);
            let inside = |r: &x11rb::protocol::xproto::Rectangle| {
                let border = window.border.cast_signed();
                let part = Area {
                    x: window.area.x + border + i32::from(r.x),
                    y: window.area.y + border + i32::from(r.y),
                    width: r.width.into(),
                    height: r.height.into(),
                };
                part.overlap(&window.area)
            };
            let shape = rectangles.map(|all| all.iter().filter_map(inside).collect());
            shapes.insert(window.id, shape.unwrap_or_default());
        }
        Ok(shapes)
    }

    fn with_shadow(&self, window: &TopLevel) -> Area {
        window.area.grown(if self.composited { SHADOW } else { 0 })
    }

    /// What can be seen of our own windows in `area`.
    fn holes_of(
        &self,
        area: &Area,
        windows: &[TopLevel],
        shapes: &HashMap<Window, Vec<Area>>,
    ) -> Vec<Area> {
        let mut holes: Vec<Area> = Vec::new();
        for (at, window) in windows.iter().enumerate().filter(|(_, window)| window.own) {
            let Some(part) = self.with_shadow(window).overlap(area) else { continue };
            let mut seen = vec![part];
            for hole in &holes {
                seen = without(&seen, hole);
            }
            for above in windows[at + 1..].iter().filter(|window| !self.is_translucent(window)) {
                for part in shapes.get(&above.id).into_iter().flatten() {
                    seen = without(&seen, part);
                }
            }
            holes.extend(seen);
        }
        // The screen may show what is stale even after our window is gone.
        for sheet in &self.sheets {
            let is_there = windows.iter().any(|window| window.id == sheet.window.id);
            for stale in sheet.stale.iter().filter(|_| is_there) {
                let mut left: Vec<Area> = stale.overlap(area).into_iter().collect();
                for hole in &holes {
                    left = without(&left, hole);
                }
                holes.extend(left);
            }
        }
        holes
    }

    /// Whether what lies behind a window may be seen through it.
    fn is_translucent(&self, window: &TopLevel) -> bool {
        self.composited && window.depth == 32
    }

    /// Has the server keep the content of the windows that lie in a hole, and of no others. That of
    /// a window that was `mapped` is in another pixmap since.
    fn lay_out(
        &mut self,
        display: &Display,
        lying: &[TopLevel],
        mut shapes: HashMap<Window, Vec<Area>>,
        mapped: &[Window],
        now: Micros,
    ) -> Result<(), X11Error> {
        let mut before: HashMap<Window, Sheet> =
            self.sheets.drain(..).map(|sheet| (sheet.window.id, sheet)).collect();
        for window in lying {
            let shape = shapes.remove(&window.id).unwrap_or_default();
            let sheet = match before.remove(&window.id) {
                Some(sheet) if mapped.contains(&window.id) => {
                    // Kept anew, so that its program draws it after this, whether it has drawn it
                    // since it was shown or not.
                    sheet.give_back(display)?;
                    Sheet::keep(display, *window, shape)?
                }
                Some(mut sheet) => {
                    let (was, is) = (sheet.window.area, window.area);
                    let (x, y) = (is.x - was.x, is.y - was.y);
                    for part in &mut sheet.stale {
                        (part.x, part.y) = (part.x + x, part.y + y);
                    }
                    if (was.width, was.height) != (is.width, is.height) || sheet.pixmap.is_none() {
                        sheet.name(display)?;
                    }
                    Some(Sheet { window: *window, shape, ..sheet })
                }
                None => Sheet::keep(display, *window, shape)?,
            };
            let Some(mut sheet) = sheet else { continue };
            if std::mem::take(&mut sheet.fresh) {
                let covered = self.holes.iter().filter_map(|hole| hole.overlap(&window.area));
                sheet.stale = covered.collect();
            }
            self.sheets.push(sheet);
        }
        for (_, sheet) in before {
            sheet.give_back(display)?;
        }
        let stale = self.sheets.iter().any(|sheet| !sheet.stale.is_empty());
        self.stale_since = if stale { self.stale_since.or(Some(now)) } else { None };
        Ok(())
    }

    /// Whether something need not be hidden any more since the last call, so that
    /// [`Self::arrange`] may give back what it kept.
    pub(super) fn has_settled(&mut self) -> bool {
        std::mem::take(&mut self.settled)
    }

    /// Whether there is nothing of ours to hide.
    pub(super) fn is_idle(&self) -> bool {
        self.holes.is_empty() && self.fading.is_empty()
    }

    /// What of the holes has to be shown anew at `now`, in pixels of the root window: what changed
    /// of the windows that lie there, and what has faded away.
    pub(super) fn changed(
        &mut self,
        display: &Display,
        now: Micros,
    ) -> Result<Vec<Area>, X11Error> {
        let mut anew: Vec<Area> = Vec::new();
        self.fading.retain(|(area, until)| {
            let fades = *until > now;
            if !fades {
                anew.push(*area);
            }
            fades
        });
        self.settled |= !anew.is_empty();
        let faded = anew.clone();
        for sheet in &mut self.sheets {
            let border = sheet.window.border.cast_signed();
            for r in display.take_damage_of(sheet.damage)? {
                let drawn = Area {
                    x: sheet.window.area.x + border + i32::from(r.x),
                    y: sheet.window.area.y + border + i32::from(r.y),
                    width: r.width.into(),
                    height: r.height.into(),
                };
                sheet.stale = without(&sheet.stale, &drawn);
                anew.push(drawn);
            }
        }
        if self.stale_since.is_some_and(|since| now >= since + DRAW_TIMEOUT) {
            for sheet in self.sheets.iter_mut().filter(|sheet| sheet.kept_before) {
                anew.append(&mut sheet.stale);
            }
        }
        if self.stale_since.is_some() && self.sheets.iter().all(|sheet| sheet.stale.is_empty()) {
            self.stale_since = None;
            self.settled = true;
        }
        let holes: Vec<Area> = self.hidden().chain(faded).collect();
        let in_holes =
            |part: &Area| holes.iter().filter_map(|hole| hole.overlap(part)).collect::<Vec<_>>();
        Ok(anew.iter().flat_map(in_holes).collect())
    }

    /// The parts of the root window that are ours, or may still show something of ours.
    fn hidden(&self) -> impl Iterator<Item = Area> {
        self.holes.iter().copied().chain(self.fading.iter().map(|(area, _)| *area))
    }

    /// Those parts of a part of the root window in which the screen shows what is to be shown.
    pub(super) fn outside(&self, part: Area) -> Vec<Area> {
        self.hidden().fold(vec![part], |parts, hole| without(&parts, &hole))
    }

    /// Whether a picture can be made at `now`. False while programs draw what was covered, for a
    /// quarter of a second at most.
    pub(super) fn is_ready(&self, now: Micros) -> bool {
        self.stale_since.is_none_or(|since| now >= since + DRAW_TIMEOUT)
    }

    /// What is to be seen in the holes within these rectangles of the recorded area.
    pub(super) fn insets(
        &mut self,
        display: &Display,
        area: &Area,
        rects: &[Rect],
    ) -> Result<Vec<Inset>, X11Error> {
        let mut insets = Vec::new();
        for rect in rects {
            let Some(part) = area.part_at(*rect) else { continue };
            let mut left = vec![part];
            for hole in self.hidden().collect::<Vec<_>>() {
                for seen in left.iter().filter_map(|part| hole.overlap(part)) {
                    let bgrx = self.paint(display, &seen)?;
                    let rect = area.clip(seen.x, seen.y, seen.width, seen.height);
                    insets.extend(rect.map(|rect| Inset { rect, bgrx }));
                }
                left = without(&left, &hole);
            }
        }
        Ok(insets)
    }

    /// What lies in a part of a hole.
    fn paint(&mut self, display: &Display, part: &Area) -> Result<Vec<u8>, X11Error> {
        let covers = |sheet: &Sheet| {
            !self.is_translucent(&sheet.window)
                && sheet.pixmap.is_some()
                && sheet.stale.iter().all(|stale| !stale.overlaps(part))
                && sheet.shape.iter().any(|shape| shape.overlap(part) == Some(*part))
        };
        let lowest = self.sheets.iter().rposition(covers);
        let mut bgrx = match lowest {
            Some(_) => vec![0; part.bytes()],
            None => self.background.of(display, part)?,
        };
        for sheet in &self.sheets[lowest.unwrap_or(0)..] {
            let Some(pixmap) = sheet.pixmap else { continue };
            let mut seen: Vec<Area> =
                sheet.shape.iter().filter_map(|shape| shape.overlap(part)).collect();
            for stale in &sheet.stale {
                seen = without(&seen, stale);
            }
            for seen in seen {
                let Some(pixels) = fetch(
                    display,
                    pixmap,
                    &sheet.layout,
                    &Area {
                        x: seen.x - sheet.window.area.x,
                        y: seen.y - sheet.window.area.y,
                        ..seen
                    },
                )?
                else {
                    continue;
                };
                lay(&mut bgrx, part, &pixels, &seen, self.is_translucent(&sheet.window));
            }
        }
        Ok(bgrx)
    }

    /// The root window has another background.
    pub(super) fn forget_background(&mut self) -> Vec<Area> {
        self.background = Background::default();
        self.hidden().collect()
    }
}

impl Sheet {
    /// Has the server keep the content of a window from now on; none if that is not possible.
    fn keep(
        display: &Display,
        window: TopLevel,
        shape: Vec<Area>,
    ) -> Result<Option<Self>, X11Error> {
        let connection = display.connection();
        let layout = PixelLayout::of_visual(
            connection.setup(),
            display.screen(),
            window.depth,
            window.visual,
        );
        let Ok(layout) = layout else { return Ok(None) };
        let mut sheet = Self {
            window,
            pixmap: None,
            damage: connection.generate_id()?,
            shape,
            stale: Vec::new(),
            layout,
            fresh: true,
            kept_before: false,
        };
        sheet.name(display)?;
        sheet.kept_before = sheet.pixmap.is_some();
        // Before it is redirected: what it draws then is noticed.
        let watched = connection.damage_create(sheet.damage, window.id, ReportLevel::NON_EMPTY)?;
        let redirected = connection.composite_redirect_window(window.id, Redirect::AUTOMATIC)?;
        connection.shape_select_input(window.id, true)?.ignore_error();
        if still_there(watched.check())?.is_none() || still_there(redirected.check())?.is_none() {
            return Ok(None);
        }
        sheet.name(display)?;
        Ok(Some(sheet))
    }

    /// Gets the pixmap of its content: there is another one after a change of size.
    fn name(&mut self, display: &Display) -> Result<(), X11Error> {
        let connection = display.connection();
        if let Some(before) = self.pixmap.take() {
            connection.free_pixmap(before)?;
        }
        let pixmap = connection.generate_id()?;
        let named = connection.composite_name_window_pixmap(self.window.id, pixmap)?.check();
        self.pixmap = still_there(named)?.map(|()| pixmap);
        Ok(())
    }

    fn give_back(self, display: &Display) -> Result<(), X11Error> {
        let connection = display.connection();
        if let Some(pixmap) = self.pixmap {
            connection.free_pixmap(pixmap)?;
        }
        // The window may be gone, and these with it.
        connection.damage_destroy(self.damage)?.ignore_error();
        connection.shape_select_input(self.window.id, false)?.ignore_error();
        connection.composite_unredirect_window(self.window.id, Redirect::AUTOMATIC)?.ignore_error();
        Ok(())
    }
}

/// Pixels of a pixmap; none if it is gone.
pub(super) fn fetch(
    display: &Display,
    pixmap: Pixmap,
    layout: &PixelLayout,
    part: &Area,
) -> Result<Option<Vec<u8>>, X11Error> {
    let (x, y, width, height) = part.on_wire();
    let image =
        display.connection().get_image(ImageFormat::Z_PIXMAP, pixmap, x, y, width, height, !0);
    let image = still_there(image?.reply())?;
    Ok(image
        .map(|image| layout.converted(image.data, width.into()))
        .filter(|pixels| pixels.len() == part.bytes()))
}

/// Lays `pixels` of the part `seen` over those of the part `all`, in which it lies. Where they are
/// `translucent` their colours are already multiplied by their alpha.
fn lay(bgrx: &mut [u8], all: &Area, pixels: &[u8], seen: &Area, translucent: bool) {
    let (left, top) = ((seen.x - all.x).unsigned_abs(), (seen.y - all.y).unsigned_abs());
    let (row, width) = (all.width as usize * 4, seen.width as usize * 4);
    for (y, from) in pixels.chunks_exact(width).enumerate() {
        let start = (top as usize + y) * row + left as usize * 4;
        let to = &mut bgrx[start..start + width];
        if translucent {
            for (to, from) in to.as_chunks_mut::<4>().0.iter_mut().zip(from.as_chunks::<4>().0) {
                *to = super::pointer::over(u32::from_le_bytes(*from), *to);
            }
        } else {
            to.copy_from_slice(from);
        }
    }
}

impl Inset {
    /// Lays it over `rect`, rows of BGRX in pixels of the same area.
    pub(super) fn draw(&self, rect: &Rect, bgrx: &mut [u8]) {
        let at = |rect: &Rect| Area {
            x: rect.x.cast_signed(),
            y: rect.y.cast_signed(),
            width: rect.width,
            height: rect.height,
        };
        let (all, own) = (at(rect), at(&self.rect));
        let Some(seen) = all.overlap(&own) else { return };
        let (row, width) = (own.width as usize * 4, seen.width as usize * 4);
        let skip = (seen.x - own.x).unsigned_abs() as usize * 4;
        let first = (seen.y - own.y).unsigned_abs() as usize;
        let (left, top) = ((seen.x - all.x).unsigned_abs(), (seen.y - all.y).unsigned_abs());
        for y in 0..seen.height as usize {
            let from = &self.bgrx[(first + y) * row + skip..][..width];
            let start = (top as usize + y) * all.width as usize * 4 + left as usize * 4;
            bgrx[start..start + width].copy_from_slice(from);
        }
    }
}
