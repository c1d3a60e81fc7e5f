//! [`Fetcher`]: fetches pixels from the X server, through shared memory without a copy, or else
//! through the connection.

use bytes::Bytes;
use vignette_model::{Patch, Rect};
use x11rb::connection::Connection;
use x11rb::protocol::shm::ConnectionExt as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat};

use super::display::{Display, X11Error};
use super::memory::{Offer, Pool, Slot};
use super::pointer::Pointer;
use super::region::Area;

/// The alignment of patches in a slot.
const ALIGNMENT: usize = 64;
const ALL_PLANES: u32 = !0;

/// Fetches patches of one area.
pub(super) struct Fetcher {
    area: Area,
    shared: Option<Pool>,
    segments: Vec<u32>,
    ready: Option<Slot>,
}

impl Fetcher {
    pub(super) fn new(area: Area, display: &Display) -> Self {
        Self {
            area,
            shared: display.shares_memory.then(Pool::default),
            segments: Vec::new(),
            ready: None,
        }
    }

    /// Reserves memory for the next [`Self::fetch`]; false if all of it is still used by receivers.
    pub(super) fn prepare(&mut self, display: &Display) -> Result<bool, X11Error> {
        let Some(pool) = &self.shared else { return Ok(true) };
        if self.ready.is_some() {
            return Ok(true);
        }
        match pool.take() {
            Offer::Free(slot) => self.ready = Some(slot),
            Offer::Exhausted => return Ok(false),
            Offer::Make => match self.attach(display) {
                Ok(slot) => self.ready = Some(slot),
                // A server on another computer refuses shared memory, and so may one with little
                // memory: falls back to the connection.
                Err(error) if error.is_refusal() || matches!(error, X11Error::NoMemory(_)) => {
                    tracing::info!(%error, "Pictures come through the connection instead of \
                        shared memory");
                    self.shared = None;
                }
                Err(error) => return Err(error),
            },
        }
        Ok(true)
    }

    fn attach(&mut self, display: &Display) -> Result<Slot, X11Error> {
        let connection = display.connection();
        let segment = connection.generate_id()?;
        let size = row_bytes(&self.area.whole()) * self.area.height as usize + 16 * ALIGNMENT;
        let (slot, file) = Slot::new(segment, size as u64).map_err(X11Error::NoMemory)?;
        connection.shm_attach_fd(segment, file, false)?.check()?;
        self.segments.push(segment);
        Ok(slot)
    }

    /// The current pixels of these rectangles, with the pointer drawn over them.
    pub(super) fn fetch(
        &mut self,
        display: &Display,
        rects: &[Rect],
        pointer: &Pointer,
    ) -> Result<Vec<Patch>, X11Error> {
        match (&self.shared, self.ready.take()) {
            (Some(pool), Some(slot)) => shared(display, &self.area, pool, slot, rects, pointer),
            _ => plain(display, &self.area, rects, pointer),
        }
    }

    /// Detaches the memory from the server. Pictures that were sent stay valid.
    pub(super) fn retire(&mut self, display: &Display) -> Result<(), X11Error> {
        for segment in self.segments.drain(..) {
            display.connection().shm_detach(segment)?;
        }
        self.shared = None;
        Ok(())
    }
}

fn row_bytes(rect: &Rect) -> usize {
    rect.width as usize * 4
}

/// A rectangle of `area` in pixels of the root window, as requests need it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "an X screen has at most 32767 pixels a side, and the area lies on it"
)]
fn on_root(area: &Area, rect: &Rect) -> (i16, i16, u16, u16) {
    (
        (area.x + rect.x as i32) as i16,
        (area.y + rect.y as i32) as i16,
        rect.width as u16,
        rect.height as u16,
    )
}

fn shared(
    display: &Display,
    area: &Area,
    pool: &Pool,
    mut slot: Slot,
    rects: &[Rect],
    pointer: &Pointer,
) -> Result<Vec<Patch>, X11Error> {
    let mut size = 0usize;
    let mut cookies = Vec::with_capacity(rects.len());
    let mut ranges = Vec::with_capacity(rects.len());
    for rect in rects {
        let offset = size.next_multiple_of(ALIGNMENT);
        size = offset + row_bytes(rect) * rect.height as usize;
        let (x, y, width, height) = on_root(area, rect);
        let format = ImageFormat::Z_PIXMAP.into();
        let (root, segment) = (display.root(), slot.segment);
        #[expect(clippy::cast_possible_truncation, reason = "32767 × 32767 pixels fit")]
        let offset_wire = offset as u32;
        let connection = display.connection();
        cookies.push(connection.shm_get_image(
            root,
            x,
            y,
            width,
            height,
            ALL_PLANES,
            format,
            segment,
            offset_wire,
        )?);
        ranges.push(offset..size);
    }
    // All requests are sent before the first answer is awaited, and all are answered before the
    // memory is read.
    let answers: Vec<_> = cookies.into_iter().map(|cookie| cookie.reply()).collect();
    if let Some(failed) = answers.into_iter().find_map(Result::err) {
        pool.put_back(slot);
        return Err(failed.into());
    }
    for (rect, range) in rects.iter().zip(&ranges) {
        let pixels = &mut slot.bytes_mut()[range.clone()];
        if !display.layout.are_bgrx() {
            display.layout.convert_wide(pixels);
        }
        pointer.draw(area, rect, pixels);
    }
    let pixels = pool.lend(slot, size);
    let patch = |(rect, range): (&Rect, _)| Patch {
        rect: *rect,
        stride_bytes: row_bytes(rect),
        pixels: pixels.slice(range),
    };
    Ok(rects.iter().zip(ranges).map(patch).collect())
}

fn plain(
    display: &Display,
    area: &Area,
    rects: &[Rect],
    pointer: &Pointer,
) -> Result<Vec<Patch>, X11Error> {
    let mut cookies = Vec::with_capacity(rects.len());
    for rect in rects {
        let (x, y, width, height) = on_root(area, rect);
        let connection = display.connection();
        cookies.push(connection.get_image(
            ImageFormat::Z_PIXMAP,
            display.root(),
            x,
            y,
            width,
            height,
            ALL_PLANES,
        )?);
    }
    let mut patches = Vec::with_capacity(rects.len());
    for (rect, cookie) in rects.iter().zip(cookies) {
        let pixels = cookie.reply()?.data;
        let width = rect.width as usize;
        if pixels.len() != display.layout.row_bytes(width) * rect.height as usize {
            return Err(X11Error::PixelLayout(
                "it sends more or fewer pixels than were asked for".to_owned(),
            ));
        }
        let mut pixels = display.layout.converted(pixels, width);
        pointer.draw(area, rect, &mut pixels);
        patches.push(Patch {
            rect: *rect,
            stride_bytes: row_bytes(rect),
            pixels: Bytes::from(pixels),
        });
    }
    Ok(patches)
}
