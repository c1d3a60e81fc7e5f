//! [`Pointer`]: the position and the image of the pointer, drawn over patches, since X leaves it
//! out of the pixels of the screen.

use vignette_model::Rect;

use super::region::Area;

/// The pointer's picture as XFixes gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CursorPicture {
    pub(super) width: u32,
    pub(super) height: u32,
    /// The pixel that points, from the left and from the top.
    pub(super) hot: (i32, i32),
    /// Rows of ARGB, the colours already multiplied by alpha.
    pub(super) argb: Vec<u32>,
}

/// The pointer now, and as it is in the pictures that were sent.
#[derive(Debug, Default)]
pub(super) struct Pointer {
    shape: CursorPicture,
    at: Option<(i32, i32)>,
    shown: Option<Rect>,
    changed: bool,
}

impl Pointer {
    /// Sets its image.
    pub(super) fn reshape(&mut self, shape: CursorPicture) {
        self.changed |= self.shape != shape;
        self.shape = shape;
    }

    /// Sets the pixel of the root window it points at; `None` if it is on another screen.
    pub(super) fn move_to(&mut self, at: Option<(i32, i32)>) {
        self.changed |= self.at != at;
        self.at = at;
    }

    /// The rectangles to fetch again: where it was, and where it is. Empty if it has not changed.
    pub(super) fn dirty(&mut self, area: &Area) -> impl Iterator<Item = Rect> + use<> {
        let changed = std::mem::take(&mut self.changed);
        let now = self.at.and_then(|(x, y)| {
            area.clip(
                x - self.shape.hot.0,
                y - self.shape.hot.1,
                self.shape.width,
                self.shape.height,
            )
        });
        let was = std::mem::replace(&mut self.shown, now);
        let changed = changed && (was.is_some() || now.is_some());
        [was, now].into_iter().flatten().filter(move |_| changed)
    }

    /// Draws it over the part of `area` that `rect` says, in BGRX rows of `rect.width` pixels.
    pub(super) fn draw(&self, area: &Area, rect: &Rect, bgrx: &mut [u8]) {
        let Some((x, y)) = self.at else { return };
        let (left, top) = (x - self.shape.hot.0 - area.x, y - self.shape.hot.1 - area.y);
        let width = self.shape.width as usize;
        let rows = bgrx.chunks_exact_mut(rect.width as usize * 4);
        for (row, y) in rows.zip(rect.y as i32 - top..) {
            let Some(line) = usize::try_from(y)
                .ok()
                .and_then(|y| self.shape.argb.get(y * width..(y + 1) * width))
            else {
                continue;
            };
            let (pixels, _) = row.as_chunks_mut::<4>();
            let skip = (left - rect.x as i32).max(0) as usize;
            let cut = (rect.x as i32 - left).max(0) as usize;
            for (pixel, &argb) in pixels.iter_mut().skip(skip).zip(line.iter().skip(cut)) {
                *pixel = over(argb, *pixel);
            }
        }
    }
}

/// A premultiplied pixel over an opaque one.
pub(super) fn over(argb: u32, [b, g, r, x]: [u8; 4]) -> [u8; 4] {
    let [blue, green, red, alpha] = argb.to_le_bytes();
    let mix = |above: u8, below: u8| {
        let below = (u32::from(below) * u32::from(255 - alpha) + 127) / 255;
        u8::try_from(u32::from(above) + below).unwrap_or(u8::MAX)
    };
    [mix(blue, b), mix(green, g), mix(red, r), x]
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area { x: 10, y: 0, width: 20, height: 10 };
    const RED: u32 = 0xffff_0000;

    fn pointer(at: (i32, i32)) -> Pointer {
        let mut pointer = Pointer::default();
        pointer.reshape(CursorPicture {
            width: 3,
            height: 2,
            hot: (1, 0),
            argb: vec![RED, 0, RED, 0x8080_0000, RED, RED],
        });
        pointer.move_to(Some(at));
        pointer
    }

    #[test]
    fn drawn_over_any_part_it_is_the_same() {
        for at in [(15, 4), (10, 0), (30, 9), (9, 5), (12, -1), (-500, 3)] {
            let pointer = pointer(at);
            let mut whole = vec![100u8; 20 * 10 * 4];
            pointer.draw(&AREA, &AREA.whole(), &mut whole);
            for (x, y, width, height) in
                [(0, 0, 5, 5), (4, 3, 2, 2), (5, 4, 1, 1), (18, 8, 2, 2), (0, 9, 20, 1)]
            {
                let rect = Rect { x, y, width, height };
                let mut part = vec![100u8; (width * height * 4) as usize];
                pointer.draw(&AREA, &rect, &mut part);
                for (row, line) in part.chunks_exact(width as usize * 4).enumerate() {
                    let start = ((y as usize + row) * 20 + x as usize) * 4;
                    assert_eq!(
                        line,
                        &whole[start..start + line.len()],
                        "pointer at {at:?}, {rect:?}, row {row}"
                    );
                }
            }
        }
    }

    #[test]
    fn pixels_are_mixed_by_their_alpha() {
        assert_eq!(over(RED, [9, 9, 9, 0]), [0, 0, 255, 0]);
        assert_eq!(over(0, [9, 8, 7, 0]), [9, 8, 7, 0], "what is transparent is not there");
        assert_eq!(over(0x8080_0000, [200, 100, 0, 0]), [100, 50, 128, 0]);
    }

    #[test]
    fn moving_dirties_where_it_was_and_where_it_is() {
        let mut pointer = pointer((15, 4));
        assert_eq!(pointer.dirty(&AREA).count(), 1, "it was nowhere before");
        assert_eq!(pointer.dirty(&AREA).count(), 0, "nothing moved");
        pointer.move_to(Some((25, 4)));
        assert_eq!(pointer.dirty(&AREA).map(|r| r.x).collect::<Vec<_>>(), [4, 14]);
        pointer.move_to(None);
        assert_eq!(
            pointer.dirty(&AREA).count(),
            1,
            "on another screen it has to be wiped from this one"
        );
        pointer.move_to(Some((-100, 0)));
        assert_eq!(pointer.dirty(&AREA).count(), 0);
    }
}
