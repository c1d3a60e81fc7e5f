//! [`SingleWindow`]: one window whose content is recorded, covered or not.

use x11rb::connection::Connection as _;
use x11rb::protocol::composite::{ConnectionExt as _, Redirect};
use x11rb::protocol::xproto::{ConnectionExt as _, MapState, Pixmap, Window, WindowClass};

use super::display::{Display, X11Error};
use super::fetcher::Fetcher;
use super::pixel_layout::PixelLayout;
use super::region::Area;
use super::stack::{OwnWindows, still_there};

/// A window that the server keeps the content of, for as long as the connection lasts.
pub(super) struct SingleWindow {
    id: Window,
    pixmap: Pixmap,
    layout: PixelLayout,
    /// Without its border.
    width: u32,
    height: u32,
    border: u32,
}

impl SingleWindow {
    /// Has the server keep the content of a window of another program.
    pub(super) fn open(display: &mut Display, id: Window) -> Result<Self, X11Error> {
        display.require_composite()?;
        if OwnWindows::ask(display)?.are_own(display, &[id])? != [false] {
            return Err(X11Error::NoWindow);
        }
        let connection = display.connection();
        let attributes = still_there(connection.get_window_attributes(id)?.reply())?;
        let geometry = still_there(connection.get_geometry(id)?.reply())?;
        let (attributes, geometry) = attributes.zip(geometry).ok_or(X11Error::NoWindow)?;
        if attributes.class != WindowClass::INPUT_OUTPUT {
            return Err(X11Error::NoWindow);
        }
        let setup = connection.setup();
        let layout =
            PixelLayout::of_visual(setup, display.screen(), geometry.depth, attributes.visual)
                .map_err(X11Error::PixelLayout)?;
        display.subscribe_to_window(id)?;
        display.connection().composite_redirect_window(id, Redirect::AUTOMATIC)?.check()?;
        let (pixmap, width, height, border) = (x11rb::NONE, 0, 0, 0);
        let mut window = Self { id, pixmap, layout, width, height, border };
        window.follow(display, true)?;
        Ok(window)
    }

    /// Looks again at the window. If it or a frame around it was shown or put into another window
    /// (`remapped`), its content is in another pixmap since. Gives whether it has another size, or
    /// its content is to be had elsewhere.
    pub(super) fn follow(&mut self, display: &Display, remapped: bool) -> Result<bool, X11Error> {
        let connection = display.connection();
        if remapped {
            display.subscribe_to_frames(self.id)?;
        }
        let attributes = connection.get_window_attributes(self.id)?;
        let geometry = connection.get_geometry(self.id)?;
        let (Some(attributes), Some(geometry)) =
            (still_there(attributes.reply())?, still_there(geometry.reply())?)
        else {
            return Err(X11Error::WindowClosed);
        };
        if attributes.map_state != MapState::VIEWABLE {
            return Err(X11Error::WindowHidden);
        }
        let size = (geometry.width.into(), geometry.height.into(), geometry.border_width.into());
        if !remapped && size == (self.width, self.height, self.border) {
            return Ok(false);
        }
        let pixmap = connection.generate_id()?;
        let named = connection.composite_name_window_pixmap(self.id, pixmap)?.check();
        if still_there(named)?.is_none() {
            return Err(X11Error::WindowHidden);
        }
        // Another size by now: the content is that of the pixmap.
        let Some(kept) = still_there(connection.get_geometry(pixmap)?.reply())? else {
            return Err(X11Error::WindowClosed);
        };
        if self.pixmap != x11rb::NONE {
            connection.free_pixmap(self.pixmap)?;
        }
        self.pixmap = pixmap;
        self.border = geometry.border_width.into();
        (self.width, self.height) = (
            u32::from(kept.width).saturating_sub(2 * self.border),
            u32::from(kept.height).saturating_sub(2 * self.border),
        );
        Ok(true)
    }

    /// All of it, in its own pixels.
    pub(super) fn area(&self) -> Area {
        Area { x: 0, y: 0, width: self.width, height: self.height }
    }

    /// What fetches its content.
    pub(super) fn fetcher(&self, display: &Display) -> Fetcher {
        let border = self.border.cast_signed();
        let area = Area { x: border, y: border, ..self.area() };
        Fetcher::new(self.pixmap, area, self.layout, display)
    }
}
