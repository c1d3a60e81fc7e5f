//! The windows of other programs: their titles, sizes and pictures.

use std::time::Duration;

use bytes::Bytes;
use vignette_model::{Frame, Micros, Patch, PixelFormat, Rect};
use x11rb::connection::Connection as _;
use x11rb::protocol::composite::{ConnectionExt as _, Redirect};
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConnectionExt as _, ImageFormat, MapState, Window, WindowClass,
};

use super::display::{Display, X11Error};
use super::pixel_layout::PixelLayout;
use super::stack::{OwnWindows, Stack, still_there};
use super::{unusable, wayland};
use crate::{CaptureError, ShownWindow};

/// A smaller window is no document that a person would want to show.
const LEAST_SIDE: u32 = 16;
/// The longest title, in words of four bytes.
const MOST_TITLE: u32 = 256;
/// How long programs may take to draw what was covered, once the server keeps it.
const DRAW_TIMEOUT: Duration = Duration::from_millis(120);

pub(in super::super) fn list(pictures: bool) -> Result<Vec<ShownWindow>, CaptureError> {
    let failed = |error| unusable("X11", &error);
    let display = Display::connect().map_err(failed)?;
    if display.is_xwayland().map_err(failed)? {
        return Err(wayland::NOT_YET);
    }
    display.require_composite().map_err(failed)?;
    windows(&display, pictures).map_err(failed)
}

fn windows(display: &Display, pictures: bool) -> Result<Vec<ShownWindow>, X11Error> {
    let mut shown = Vec::new();
    for window in candidates(display)?.into_iter().rev() {
        shown.extend(describe(display, window)?);
    }
    if pictures {
        add_pictures(display, &mut shown)?;
    }
    Ok(shown)
}

/// Windows that a program shows as its own, from the lowest up: as the window manager lists them, or
/// else all that lie on the root window.
fn candidates(display: &Display) -> Result<Vec<Window>, X11Error> {
    let mut own = OwnWindows::ask(display)?;
    let (list, kind) = (display.atom("_NET_CLIENT_LIST_STACKING")?, AtomEnum::WINDOW);
    let listed = display
        .connection()
        .get_property(false, display.root(), list, kind, 0, 4096)?
        .reply()?
        .value32()
        .map(Iterator::collect::<Vec<Window>>)
        .unwrap_or_default();
    if listed.is_empty() {
        let stack = Stack::read(display, &mut own)?.windows.into_iter();
        return Ok(stack.filter(|window| !window.own).map(|window| window.id).collect());
    }
    let ours = own.are_own(display, &listed)?;
    Ok(listed.into_iter().zip(ours).filter(|(_, own)| !own).map(|(window, _)| window).collect())
}

/// A window as a person knows it; none if it is none that one would record.
fn describe(display: &Display, window: Window) -> Result<Option<ShownWindow>, X11Error> {
    let connection = display.connection();
    let attributes = connection.get_window_attributes(window)?;
    let geometry = connection.get_geometry(window)?;
    let (Some(attributes), Some(geometry)) =
        (still_there(attributes.reply())?, still_there(geometry.reply())?)
    else {
        return Ok(None);
    };
    let (width, height) = (u32::from(geometry.width), u32::from(geometry.height));
    if attributes.map_state != MapState::VIEWABLE
        || attributes.class != WindowClass::INPUT_OUTPUT
        || width.min(height) < LEAST_SIDE
        || is_furniture(display, window)?
    {
        return Ok(None);
    }
    let title = text(display, window, display.atom("_NET_WM_NAME")?)?;
    let title = match title {
        Some(title) => title,
        None => text(display, window, AtomEnum::WM_NAME.into())?.unwrap_or_default(),
    };
    // Two texts: the name of this window, and that of the program.
    let class = text(display, window, AtomEnum::WM_CLASS.into())?.unwrap_or_default();
    let program = class.split('\0').nth(1).unwrap_or_default().to_owned();
    let title = title.trim_end_matches('\0').to_owned();
    Ok(Some(ShownWindow { id: window.into(), title, program, width, height, picture: None }))
}

/// Whether it is a panel, or the desktop itself.
fn is_furniture(display: &Display, window: Window) -> Result<bool, X11Error> {
    let property = display.atom("_NET_WM_WINDOW_TYPE")?;
    let kinds =
        display.connection().get_property(false, window, property, AtomEnum::ATOM, 0, 16)?;
    let kinds = still_there(kinds.reply())?;
    let furniture =
        [display.atom("_NET_WM_WINDOW_TYPE_DESKTOP")?, display.atom("_NET_WM_WINDOW_TYPE_DOCK")?];
    let mut kinds = kinds.as_ref().and_then(|kinds| kinds.value32()).into_iter().flatten();
    Ok(kinds.any(|kind| furniture.contains(&kind)))
}

fn text(display: &Display, window: Window, property: Atom) -> Result<Option<String>, X11Error> {
    let asked =
        display.connection().get_property(false, window, property, AtomEnum::ANY, 0, MOST_TITLE)?;
    let text = still_there(asked.reply())?.filter(|text| text.format == 8);
    Ok(text.map(|text| String::from_utf8_lossy(&text.value).into_owned()))
}

/// Adds the content of each window, covered or not. The server keeps the content of windows while it
/// is told to; programs draw what was covered before that.
fn add_pictures(display: &Display, windows: &mut [ShownWindow]) -> Result<(), X11Error> {
    let connection = display.connection();
    let ids = windows.iter().map(|window| u32::try_from(window.id).unwrap_or_default());
    let ids: Vec<Window> = ids.collect();
    for id in &ids {
        // A window that is gone has no picture.
        connection.composite_redirect_window(*id, Redirect::AUTOMATIC)?.ignore_error();
    }
    connection.flush()?;
    std::thread::sleep(DRAW_TIMEOUT);
    for (window, id) in windows.iter_mut().zip(&ids) {
        window.picture = picture(display, *id)?;
    }
    for id in ids {
        connection.composite_unredirect_window(id, Redirect::AUTOMATIC)?.ignore_error();
    }
    Ok(())
}

fn picture(display: &Display, window: Window) -> Result<Option<Frame>, X11Error> {
    let connection = display.connection();
    let pixmap = connection.generate_id()?;
    let attributes = connection.get_window_attributes(window)?;
    let named = connection.composite_name_window_pixmap(window, pixmap)?;
    let geometry = connection.get_geometry(pixmap)?;
    let (attributes, named, geometry) =
        (still_there(attributes.reply())?, named.check(), still_there(geometry.reply())?);
    let (Some(attributes), Ok(()), Some(geometry)) = (attributes, named, geometry) else {
        return Ok(None);
    };
    let (width, height) = (geometry.width, geometry.height);
    let layout = PixelLayout::of_visual(
        connection.setup(),
        display.screen(),
        geometry.depth,
        attributes.visual,
    );
    let image =
        connection.get_image(ImageFormat::Z_PIXMAP, pixmap, 0, 0, width, height, !0)?.reply();
    connection.free_pixmap(pixmap)?;
    let (Ok(layout), Some(image)) = (layout, still_there(image)?) else { return Ok(None) };
    let rect = Rect::whole(width.into(), height.into());
    let pixels = Bytes::from(layout.converted(image.data, width.into()));
    let patch = Patch { rect, stride_bytes: usize::from(width) * 4, pixels };
    let (width, height) = (rect.width, rect.height);
    let frame = Frame::in_memory(Micros::ZERO, width, height, PixelFormat::Bgrx, vec![patch]);
    Ok(Some(frame))
}
