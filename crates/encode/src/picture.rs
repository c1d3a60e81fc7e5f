//! [`Picture`]: a whole picture in memory as H.264 wants it, 8-bit 4:2:0, BT.709, limited range.

use ffmpeg_next::frame;
use vignette_model::Rect;

use crate::Canvas;

/// Black in limited range.
const BLACK: [u8; 3] = [16, 128, 128];

/// A picture in three planes without padding: Y at full size, U and V at half. Both sides are even.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) size: Canvas,
    /// Y, U, V.
    pub(crate) planes: [Vec<u8>; 3],
}

/// Full size for Y, half for U and V, as shifts.
const SHIFT: [u32; 3] = [0, 1, 1];

impl Picture {
    /// A black picture; odd sides are cut to even ones.
    pub(crate) fn black(size: Canvas) -> Self {
        let size = Canvas { width: size.width & !1, height: size.height & !1 };
        let pixels = size.width as usize * size.height as usize;
        Self {
            size,
            planes: [
                vec![BLACK[0]; pixels],
                vec![BLACK[1]; pixels / 4],
                vec![BLACK[2]; pixels / 4],
            ],
        }
    }

    pub(crate) const fn stride(&self, plane: usize) -> usize {
        (self.size.width >> SHIFT[plane]) as usize
    }

    /// One row of a part of a plane. `area` is in pixels of the picture.
    fn row(&self, plane: usize, area: Rect, row: usize) -> &[u8] {
        let (x, y, width, _) = halved(area, SHIFT[plane]);
        let start = (y + row) * self.stride(plane) + x;
        &self.planes[plane][start..start + width]
    }

    fn row_mut(&mut self, plane: usize, area: Rect, row: usize) -> &mut [u8] {
        let (x, y, width, _) = halved(area, SHIFT[plane]);
        let start = (y + row) * self.stride(plane) + x;
        &mut self.planes[plane][start..start + width]
    }

    /// Copies the part `area` to `(x, y)` of `frame`. All even, all within.
    pub(crate) fn copy_to(&self, area: Rect, frame: &mut frame::Video, x: u32, y: u32) {
        for (plane, shift) in SHIFT.into_iter().enumerate() {
            let stride = frame.stride(plane);
            let (x, y, width, height) = halved(Rect { x, y, ..area }, shift);
            let to = frame.data_mut(plane);
            for row in 0..height {
                let start = (y + row) * stride + x;
                to[start..start + width].copy_from_slice(self.row(plane, area, row));
            }
        }
    }

    /// Fills the part `area` of this picture from `(x, y)` of `frame`. All even, all within.
    pub(crate) fn copy_from(&mut self, area: Rect, frame: &frame::Video, x: u32, y: u32) {
        for (plane, shift) in SHIFT.into_iter().enumerate() {
            let stride = frame.stride(plane);
            let (x, y, width, height) = halved(Rect { x, y, ..area }, shift);
            let from = frame.data(plane);
            for row in 0..height {
                let start = (y + row) * stride + x;
                self.row_mut(plane, area, row).copy_from_slice(&from[start..start + width]);
            }
        }
    }
}

/// `(x, y, width, height)` of an area in a plane that is smaller by `shift`.
const fn halved(area: Rect, shift: u32) -> (usize, usize, usize, usize) {
    (
        (area.x >> shift) as usize,
        (area.y >> shift) as usize,
        (area.width >> shift) as usize,
        (area.height >> shift) as usize,
    )
}

/// Makes a part of a frame black. All even, all within.
pub(crate) fn blacken(frame: &mut frame::Video, area: Rect) {
    for (plane, shift) in SHIFT.into_iter().enumerate() {
        let stride = frame.stride(plane);
        let (x, y, width, height) = halved(area, shift);
        let to = frame.data_mut(plane);
        for row in 0..height {
            let start = (y + row) * stride + x;
            to[start..start + width].fill(BLACK[plane]);
        }
    }
}

/// A black frame for FFmpeg.
pub(crate) fn black_frame(size: Canvas) -> frame::Video {
    let mut frame = frame::Video::new(ffmpeg_next::format::Pixel::YUV420P, size.width, size.height);
    for (plane, value) in BLACK.into_iter().enumerate() {
        frame.data_mut(plane).fill(value);
    }
    frame
}
