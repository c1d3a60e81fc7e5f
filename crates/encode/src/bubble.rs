//! [`Drawn`]: the camera as a round picture with a border, ready to be laid over the screen.

#![expect(
    clippy::cast_possible_truncation,
    reason = "shares of pixels are bounded to 0..=255 before they become bytes"
)]

use ffmpeg_next::frame;
use vignette_model::Rect;

use crate::picture::Picture;
use crate::scale::Scaler;
use crate::settings::Bubble;
use crate::{Canvas, EncodeError};

/// A light grey border: Y, U, V.
const BORDER: [u8; 3] = [225, 128, 128];

/// A bubble of one size at one place, with the newest picture of the camera in it.
pub(crate) struct Drawn {
    bubble: Bubble,
    /// Where it lies on the canvas: a square with even sides at an even place.
    pub(crate) place: Rect,
    /// The camera within the border, mirrored if need be.
    inside: Picture,
    /// How much of the bubble covers each pixel of Y, and of U and V: 0 outside, 255 inside.
    cover: [Vec<u8>; 2],
    /// How much of that coverage is border.
    border: [Vec<u8>; 2],
    /// From the middle square of the camera's picture, whose size is kept beside it.
    scaler: Option<(Canvas, Scaler)>,
}

impl Drawn {
    pub(crate) fn new(bubble: Bubble, canvas: Canvas) -> Self {
        let place = place(&bubble, canvas);
        let side = place.width;
        let border_width = (side as f32 / 60.0).max(1.5);
        let cover = disc(side, side as f32 / 2.0);
        let inner = disc(side, side as f32 / 2.0 - border_width);
        let border = inner.map(|plane| plane.into_iter().map(|inside| 255 - inside).collect());
        let size = Canvas { width: side, height: side };
        Self { bubble, place, inside: Picture::black(size), cover, border, scaler: None }
    }

    /// Moves it, or makes another one if the size differs. What it shows stays until the camera's
    /// next picture is put in if only its place differs.
    pub(crate) fn changed(self, bubble: Bubble, canvas: Canvas) -> Self {
        let place = place(&bubble, canvas);
        if place.width == self.place.width {
            Self { bubble, place, ..self }
        } else {
            Self::new(bubble, canvas)
        }
    }

    /// Updates it with a new picture of the camera: its middle square.
    pub(crate) fn show(&mut self, camera: &Picture) -> Result<(), EncodeError> {
        let side = camera.size.width.min(camera.size.height);
        let scaler = match &mut self.scaler {
            Some((size, scaler)) if *size == camera.size => scaler,
            other => {
                let square = Canvas { width: side, height: side };
                &mut other.insert((camera.size, Scaler::new(square, self.inside.size)?)).1
            }
        };
        let (x, y) =
            (((camera.size.width - side) / 2) & !1, ((camera.size.height - side) / 2) & !1);
        let scaled = scaler.scale(camera, x, y)?;
        self.inside.copy_from(Rect::whole(self.place.width, self.place.height), scaled, 0, 0);
        for (plane, pixels) in self.inside.planes.iter_mut().enumerate() {
            let border = &self.border[plane.min(1)];
            let side = (self.place.width >> plane.min(1)) as usize;
            for (row, border) in pixels.chunks_exact_mut(side).zip(border.chunks_exact(side)) {
                if self.bubble.mirrored {
                    row.reverse();
                }
                for (pixel, border) in row.iter_mut().zip(border) {
                    *pixel = mix(*pixel, BORDER[plane], *border);
                }
            }
        }
        Ok(())
    }

    /// Blends the bubble over `frame`, which contains the clean screen.
    pub(crate) fn draw(&self, frame: &mut frame::Video) {
        for plane in 0..3 {
            let shift = plane.min(1);
            let (x, y, side) = (
                (self.place.x >> shift) as usize,
                (self.place.y >> shift) as usize,
                (self.place.width >> shift) as usize,
            );
            let stride = frame.stride(plane);
            let to = frame.data_mut(plane);
            let rows = self.inside.planes[plane]
                .chunks_exact(side)
                .zip(self.cover[shift].chunks_exact(side));
            for (row, (inside, cover)) in rows.enumerate() {
                let to = &mut to[(y + row) * stride + x..][..side];
                for ((to, inside), cover) in to.iter_mut().zip(inside).zip(cover) {
                    *to = mix(*to, *inside, *cover);
                }
            }
        }
    }
}

/// The square that a bubble lies in: even, and within the canvas with a margin. A place that is no
/// number counts as the middle.
fn place(bubble: &Bubble, canvas: Canvas) -> Rect {
    let shorter = canvas.width.min(canvas.height);
    let share = if bubble.size.is_finite() { bubble.size.clamp(0.05, 0.8) } else { 0.22 };
    let side = ((shorter as f32 * share).round() as u32).next_multiple_of(2).clamp(2, shorter & !1);
    let margin = (shorter / 40) & !1;
    let start = |centre: f32, length: u32| {
        let centre = if centre.is_finite() { centre.clamp(0.0, 1.0) } else { 0.5 };
        let room = length - side;
        let start = (centre * length as f32).round() as i64 - i64::from(side / 2);
        let margin = margin.min(room / 2);
        (start.clamp(margin.into(), (room - margin).into()) as u32) & !1
    };
    Rect {
        x: start(bubble.x, canvas.width),
        y: start(bubble.y, canvas.height),
        width: side,
        height: side,
    }
}

/// `part` of 255 `new`, the rest `old`.
#[inline(always)]
fn mix(old: u8, new: u8, part: u8) -> u8 {
    let sum = u16::from(old) * (255 - u16::from(part)) + u16::from(new) * u16::from(part) + 127;
    // An exact division by 255 without a division, for every possible sum.
    ((sum + 1 + (sum >> 8)) >> 8) as u8
}

/// How much of each pixel of a square lies within a circle in its middle: for Y, and for U and V.
fn disc(side: u32, radius: f32) -> [Vec<u8>; 2] {
    let middle = side as f32 / 2.0;
    let cover = |x: u32, y: u32| {
        let (dx, dy) = (x as f32 + 0.5 - middle, y as f32 + 0.5 - middle);
        ((radius - dx.hypot(dy) + 0.5).clamp(0.0, 1.0) * 255.0).round() as u8
    };
    let luma = (0..side).flat_map(|y| (0..side).map(move |x| cover(x, y))).collect();
    let four = |x: u32, y: u32| {
        [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)].map(|(x, y)| u16::from(cover(x, y)))
    };
    let chroma = (0..side / 2)
        .flat_map(|y| {
            (0..side / 2).map(move |x| (four(x * 2, y * 2).iter().sum::<u16>() / 4) as u8)
        })
        .collect();
    [luma, chroma]
}
