//! [`plan`]: covers the changed part of an area with few patches.

use vignette_model::Rect;

/// The maximum number of patches; more requests cost more than the pixels between them.
const MOST_PATCHES: usize = 8;
/// Two rectangles are merged if that adds no more pixels than this.
const WASTE_PIXELS: u64 = 4096;

/// The part of an X screen that is recorded, in pixels of the root window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Area {
    /// The part of a rectangle of the root window that lies in this area, with the area's corner as
    /// its origin.
    pub(super) fn clip(&self, x: i32, y: i32, width: u32, height: u32) -> Option<Rect> {
        let span = |start: i32, length: u32, origin: i32, room: u32| {
            let from = (i64::from(start) - i64::from(origin)).clamp(0, i64::from(room));
            let to = (i64::from(start) + i64::from(length) - i64::from(origin))
                .clamp(0, i64::from(room));
            Some((
                u32::try_from(from).ok()?,
                u32::try_from(to - from).ok().filter(|&length| length > 0)?,
            ))
        };
        let (x, width) = span(x, width, self.x, self.width)?;
        let (y, height) = span(y, height, self.y, self.height)?;
        Some(Rect { x, y, width, height })
    }

    /// The area of the root window that this rectangle is; `None` where no X server has pixels.
    pub(super) fn at(rect: Rect) -> Option<Self> {
        let (x, y) = (i32::try_from(rect.x).ok()?, i32::try_from(rect.y).ok()?);
        Some(Self { x, y, width: rect.width, height: rect.height })
    }

    /// The part `rect` of this area, whose corner is its origin, as far as it lies in it.
    pub(super) fn part(&self, rect: Rect) -> Option<Self> {
        let width = rect.width.min(self.width.checked_sub(rect.x)?);
        let height = rect.height.min(self.height.checked_sub(rect.y)?);
        let x = self.x.checked_add_unsigned(rect.x)?;
        let y = self.y.checked_add_unsigned(rect.y)?;
        // A picture has at least two pixels on each side.
        (width >= 2 && height >= 2).then_some(Self { x, y, width, height })
    }

    /// The part of the root window that `rect`, in pixels of this area, is.
    pub(super) fn part_at(&self, rect: Rect) -> Option<Self> {
        let at = Self::at(rect)?;
        Some(Self { x: self.x + at.x, y: self.y + at.y, ..at })
    }

    /// The first column to the right of it.
    pub(super) fn right(&self) -> i32 {
        self.x.saturating_add_unsigned(self.width)
    }

    /// The first row below it.
    pub(super) fn bottom(&self) -> i32 {
        self.y.saturating_add_unsigned(self.height)
    }

    /// The part that it shares with another.
    pub(super) fn overlap(&self, other: &Self) -> Option<Self> {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let (right, bottom) = (self.right().min(other.right()), self.bottom().min(other.bottom()));
        let (width, height) = (u32::try_from(right - x).ok()?, u32::try_from(bottom - y).ok()?);
        (width > 0 && height > 0).then_some(Self { x, y, width, height })
    }

    /// Whether it shares a pixel with another.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.overlap(other).is_some()
    }

    /// The same with so many more pixels on each side.
    pub(super) fn grown(&self, by: u32) -> Self {
        Self {
            x: self.x.saturating_sub_unsigned(by),
            y: self.y.saturating_sub_unsigned(by),
            width: self.width.saturating_add(2 * by),
            height: self.height.saturating_add(2 * by),
        }
    }

    /// Bytes of its pixels, four each.
    pub(super) fn bytes(&self) -> usize {
        self.width as usize * self.height as usize * 4
    }

    /// Left and top edge, width and height, as requests need them.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "X has at most 32767 pixels a side, and areas of requests lie in a drawable"
    )]
    pub(super) fn on_wire(&self) -> (i16, i16, u16, u16) {
        (self.x as i16, self.y as i16, self.width as u16, self.height as u16)
    }

    /// All of it.
    pub(super) fn whole(&self) -> Rect {
        Rect::whole(self.width, self.height)
    }
}

/// `areas` without what lies in `hole`, in parts that share no pixel.
pub(super) fn without(areas: &[Area], hole: &Area) -> Vec<Area> {
    let mut left = Vec::with_capacity(areas.len());
    for area in areas {
        let Some(cut) = area.overlap(hole) else {
            left.push(*area);
            continue;
        };
        let parts = [
            (area.x, area.right(), area.y, cut.y),
            (area.x, area.right(), cut.bottom(), area.bottom()),
            (area.x, cut.x, cut.y, cut.bottom()),
            (cut.right(), area.right(), cut.y, cut.bottom()),
        ];
        for (x, right, y, bottom) in parts {
            if let (Ok(width), Ok(height)) = (u32::try_from(right - x), u32::try_from(bottom - y))
                && width > 0
                && height > 0
            {
                left.push(Area { x, y, width, height });
            }
        }
    }
    left
}

fn pixels(rect: &Rect) -> u64 {
    u64::from(rect.width) * u64::from(rect.height)
}

fn union(a: &Rect, b: &Rect) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    let (right, bottom) =
        ((a.x + a.width).max(b.x + b.width), (a.y + a.height).max(b.y + b.height));
    Rect { x, y, width: right - x, height: bottom - y }
}

/// Few rectangles within `area` that cover all of `dirty`: neighbours are merged, many become one
/// around all, and if that is most of the area the whole area is taken.
pub(super) fn plan(dirty: impl IntoIterator<Item = Rect>, area: &Area) -> Vec<Rect> {
    let mut patches: Vec<Rect> = Vec::new();
    for mut rect in dirty {
        // A merged rectangle may overlap others now.
        while let Some(near) = patches.iter().position(|patch| {
            let joined = pixels(&union(patch, &rect));
            joined <= pixels(patch) + pixels(&rect) + WASTE_PIXELS
        }) {
            rect = union(&patches.swap_remove(near), &rect);
        }
        patches.push(rect);
        if patches.len() > MOST_PATCHES {
            let around = patches.iter().fold(rect, |all, patch| union(&all, patch));
            patches = vec![around];
        }
    }
    let total: u64 = patches.iter().map(pixels).sum();
    if total * 10 > pixels(&area.whole()) * 6 { vec![area.whole()] } else { patches }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area { x: 100, y: 50, width: 1000, height: 800 };

    fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
        Rect { x, y, width, height }
    }

    #[test]
    fn a_region_is_cut_at_the_edge_of_its_display() {
        let display = Area { x: 800, y: 0, width: 400, height: 300 };
        let rect = |x, y, width, height| Rect { x, y, width, height };
        for (region, part) in [
            (rect(10, 20, 100, 50), Some((810, 20, 100, 50))),
            (rect(350, 250, 100, 100), Some((1_150, 250, 50, 50))),
            (rect(0, 0, u32::MAX, u32::MAX), Some((800, 0, 400, 300))),
            (rect(399, 0, 100, 100), None),
            (rect(401, 0, 1, 1), None),
            (rect(u32::MAX, u32::MAX, 1, 1), None),
        ] {
            let area = display.part(region).map(|a| (a.x, a.y, a.width, a.height));
            assert_eq!(area, part, "{region:?}");
        }
    }

    #[test]
    fn clips_to_the_area() {
        assert_eq!(AREA.clip(100, 50, 1000, 800), Some(AREA.whole()));
        assert_eq!(AREA.clip(90, 40, 20, 20), Some(rect(0, 0, 10, 10)));
        assert_eq!(AREA.clip(1090, 840, 20, 20), Some(rect(990, 790, 10, 10)));
        for (x, y) in [(80, 50), (1100, 50), (100, 850), (100, 30), (i32::MIN, 0), (i32::MAX, 0)] {
            assert_eq!(AREA.clip(x, y, 20, 20), None, "{x},{y} lies outside");
        }
    }

    #[test]
    fn what_is_cut_out_is_gone_and_nothing_else() {
        let area = |x, y, width, height| Area { x, y, width, height };
        let inside = |areas: &[Area], x: i32, y: i32| {
            areas.iter().filter(|a| a.overlaps(&area(x, y, 1, 1))).count()
        };
        let all = area(-5, -5, 20, 20);
        for hole in [
            area(0, 0, 5, 5),
            area(-9, -9, 6, 40),
            area(-5, -5, 20, 20),
            area(10, 3, 50, 2),
            area(40, 40, 5, 5),
        ] {
            let left = without(&[all], &hole);
            for (x, y) in (-7..17).flat_map(|x| (-7..17).map(move |y| (x, y))) {
                let kept = inside(&[all], x, y) == 1 && inside(&[hole], x, y) == 0;
                assert_eq!(inside(&left, x, y), usize::from(kept), "{hole:?} at {x}, {y}");
            }
        }
    }

    #[test]
    fn neighbours_are_joined_and_strangers_are_not() {
        let joined = plan([rect(0, 0, 100, 10), rect(0, 10, 100, 10), rect(0, 20, 90, 10)], &AREA);
        assert_eq!(joined, [rect(0, 0, 100, 30)], "bands of one thing are one patch");
        let apart = [rect(0, 0, 50, 50), rect(900, 700, 50, 50)];
        assert_eq!(plan(apart, &AREA), apart, "what lies between two corners is not fetched");
        assert!(plan([], &AREA).is_empty());
    }

    #[test]
    fn many_become_one_and_most_becomes_all() {
        let many = (0..20).map(|n| rect(n % 5 * 100, n / 5 * 80, 8, 8));
        assert!(plan(many, &AREA).len() <= MOST_PATCHES);
        assert_eq!(plan([rect(0, 0, 1000, 500)], &AREA), [AREA.whole()]);
        assert_eq!(plan([rect(0, 0, 1000, 400)], &AREA), [rect(0, 0, 1000, 400)]);
    }

    #[test]
    fn nothing_dirty_is_left_out() {
        let mut random = 7u32;
        let mut next = |below: u32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) % below
        };
        for _ in 0..500 {
            let dirty: Vec<Rect> = (0..next(30))
                .map(|_| rect(next(900), next(700), 1 + next(100), 1 + next(100)))
                .collect();
            let patches = plan(dirty.clone(), &AREA);
            for d in &dirty {
                let inside = |p: &Rect| union(p, d) == *p;
                assert!(patches.iter().any(inside), "{d:?} must lie in one of {patches:?}");
            }
            for p in &patches {
                assert_eq!(
                    AREA.clip(100 + p.x as i32, 50 + p.y as i32, p.width, p.height),
                    Some(*p),
                    "patches stay inside"
                );
            }
        }
    }
}
