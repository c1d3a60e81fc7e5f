//! [`Fetcher`]: fetches pixels from the X server, through shared memory without a copy, or else
//! through the connection.

use bytes::Bytes;
use vignette_model::{Patch, Rect};
use x11rb::connection::Connection;
use x11rb::protocol::shm::ConnectionExt as _;
use x11rb::protocol::xproto::{ConnectionExt as _, Drawable, ImageFormat};

use super::display::{Display, X11Error};
use super::memory::{Offer, Pool, Slot};
use super::pixel_layout::PixelLayout;
use super::region::Area;

/// The alignment of patches in a slot.
const ALIGNMENT: usize = 64;
const ALL_PLANES: u32 = !0;

/// Fetches patches of one area of a drawable.
pub(super) struct Fetcher {
    /// A window or a pixmap.
    drawable: Drawable,
    /// The area in the drawable's pixels.
    area: Area,
    layout: PixelLayout,
    shared: Option<Pool>,
    segments: Vec<u32>,
    ready: Option<Slot>,
}

impl Fetcher {
    pub(super) fn new(
        drawable: Drawable,
        area: Area,
        layout: PixelLayout,
        display: &Display,
    ) -> Self {
        Self {
            drawable,
            area,
            layout,
            shared: (display.shares_memory && layout.are_wide()).then(Pool::default),
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

    /// The current pixels of these rectangles, of which each is given to `finish` before it is
    /// sent.
    pub(super) fn fetch(
        &mut self,
        display: &Display,
        rects: &[Rect],
        finish: impl FnMut(&Rect, &mut [u8]),
    ) -> Result<Vec<Patch>, X11Error> {
        match (self.shared.clone(), self.ready.take()) {
            (Some(pool), Some(slot)) => self.shared(display, &pool, slot, rects, finish),
            _ => self.plain(display, rects, finish),
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

    /// A rectangle of the area in pixels of the drawable, as requests need it.
    fn on_wire(&self, rect: &Rect) -> (i16, i16, u16, u16) {
        let part = self.area.part_at(*rect).unwrap_or(self.area);
        part.on_wire()
    }

    fn shared(
        &self,
        display: &Display,
        pool: &Pool,
        mut slot: Slot,
        rects: &[Rect],
        mut finish: impl FnMut(&Rect, &mut [u8]),
    ) -> Result<Vec<Patch>, X11Error> {
        let mut size = 0usize;
        let mut cookies = Vec::with_capacity(rects.len());
        let mut ranges = Vec::with_capacity(rects.len());
        for rect in rects {
            let offset = size.next_multiple_of(ALIGNMENT);
            size = offset + row_bytes(rect) * rect.height as usize;
            let (x, y, width, height) = self.on_wire(rect);
            let format = ImageFormat::Z_PIXMAP.into();
            let segment = slot.segment;
            #[expect(clippy::cast_possible_truncation, reason = "32767 × 32767 pixels fit")]
            let offset_wire = offset as u32;
            let connection = display.connection();
            cookies.push(connection.shm_get_image(
                self.drawable,
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
            if !self.layout.are_bgrx() {
                self.layout.convert_wide(pixels);
            }
            finish(rect, pixels);
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
        &self,
        display: &Display,
        rects: &[Rect],
        mut finish: impl FnMut(&Rect, &mut [u8]),
    ) -> Result<Vec<Patch>, X11Error> {
        let mut cookies = Vec::with_capacity(rects.len());
        for rect in rects {
            let (x, y, width, height) = self.on_wire(rect);
            let connection = display.connection();
            cookies.push(connection.get_image(
                ImageFormat::Z_PIXMAP,
                self.drawable,
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
            if pixels.len() != self.layout.row_bytes(width) * rect.height as usize {
                return Err(X11Error::PixelLayout(
                    "it sends more or fewer pixels than were asked for".to_owned(),
                ));
            }
            let mut pixels = self.layout.converted(pixels, width);
            finish(rect, &mut pixels);
            patches.push(Patch {
                rect: *rect,
                stride_bytes: row_bytes(rect),
                pixels: Bytes::from(pixels),
            });
        }
        Ok(patches)
    }
}

fn row_bytes(rect: &Rect) -> usize {
    rect.width as usize * 4
}
