//! [`Background`]: what the root window shows where no window lies.

use x11rb::connection::Connection as _;
use x11rb::protocol::composite::{ConnectionExt as _, Redirect};
use x11rb::protocol::xproto::{
    AtomEnum, BackPixmap, ConfigureWindowAux, ConnectionExt as _, CreateWindowAux, Pixmap,
    StackMode, WindowClass,
};

use super::backdrop::fetch;
use super::display::{Display, X11Error};
use super::region::Area;
use super::stack::still_there;

/// The root window's background, fetched when it is needed.
#[derive(Default)]
pub(super) struct Background {
    /// The picture that the desktop names, which is repeated over the root window.
    picture: Option<Option<Picture>>,
    /// What the server paints, for holes that were asked for.
    painted: Vec<(Area, Vec<u8>)>,
}

struct Picture {
    area: Area,
    bgrx: Vec<u8>,
}

impl Background {
    /// Holes have changed: what was fetched for them is not needed any more.
    pub(super) fn forget_holes(&mut self) {
        self.painted.clear();
    }

    /// The pixels of a part of the root window.
    pub(super) fn of(&mut self, display: &Display, part: &Area) -> Result<Vec<u8>, X11Error> {
        let picture = match &mut self.picture {
            Some(picture) => picture,
            unknown => unknown.insert(picture(display)?),
        };
        if let Some(picture) = picture {
            return Ok(picture.repeated(part));
        }
        if let Some((_, bgrx)) = self.painted.iter().find(|(known, _)| known == part) {
            return Ok(bgrx.clone());
        }
        let bgrx = painted(display, part)?.unwrap_or_else(|| vec![0; part.bytes()]);
        self.painted.push((*part, bgrx.clone()));
        Ok(bgrx)
    }
}

impl Picture {
    fn repeated(&self, part: &Area) -> Vec<u8> {
        let (width, height) = (self.area.width.cast_signed(), self.area.height.cast_signed());
        let mut bgrx = Vec::with_capacity(part.bytes());
        for y in part.y..part.bottom() {
            let row = y.rem_euclid(height).unsigned_abs() as usize * self.area.width as usize;
            for x in part.x..part.right() {
                let at = (row + x.rem_euclid(width).unsigned_abs() as usize) * 4;
                bgrx.extend_from_slice(&self.bgrx[at..at + 4]);
            }
        }
        bgrx
    }
}

/// The picture that programs which set a background leave in a property of the root window.
fn picture(display: &Display) -> Result<Option<Picture>, X11Error> {
    let connection = display.connection();
    let (property, kind) = (display.atom("_XROOTPMAP_ID")?, AtomEnum::PIXMAP);
    let named = connection.get_property(false, display.root(), property, kind, 0, 1)?.reply()?;
    let Some(pixmap) = named.value32().and_then(|mut ids| ids.next()).filter(|id| *id != 0) else {
        return Ok(None);
    };
    let Some(geometry) = still_there(connection.get_geometry(pixmap)?.reply())? else {
        return Ok(None);
    };
    if geometry.depth != display.screen().root_depth {
        return Ok(None);
    }
    let area = Area { x: 0, y: 0, width: geometry.width.into(), height: geometry.height.into() };
    let bgrx = fetch(display, pixmap, &display.layout, &area)?;
    Ok(bgrx.map(|bgrx| Picture { area, bgrx }))
}

/// What the server paints as the root window's background, which cannot be asked for: a window whose
/// background is its parent's is put below all others for a moment. It is redirected, so that it is
/// never seen.
fn painted(display: &Display, part: &Area) -> Result<Option<Vec<u8>>, X11Error> {
    let connection = display.connection();
    let window = connection.generate_id()?;
    let (x, y, width, height) = part.on_wire();
    let aux = CreateWindowAux::new()
        .override_redirect(1)
        .background_pixmap(Pixmap::from(u8::from(BackPixmap::PARENT_RELATIVE)));
    let class = WindowClass::INPUT_OUTPUT;
    connection.create_window(0, window, display.root(), x, y, width, height, 0, class, 0, &aux)?;
    let lowest = ConfigureWindowAux::new().stack_mode(StackMode::BELOW);
    connection.configure_window(window, &lowest)?;
    connection.composite_redirect_window(window, Redirect::MANUAL)?.ignore_error();
    connection.map_window(window)?;
    let pixmap = connection.generate_id()?;
    let named = connection.composite_name_window_pixmap(window, pixmap)?.check();
    let bgrx = match still_there(named)? {
        Some(()) => {
            let all = Area { x: 0, y: 0, ..*part };
            let bgrx = fetch(display, pixmap, &display.layout, &all)?;
            connection.free_pixmap(pixmap)?;
            bgrx
        }
        None => None,
    };
    connection.destroy_window(window)?;
    Ok(bgrx)
}
