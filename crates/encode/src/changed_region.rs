//! [`ChangedRegion`]: the parts of a picture that changed since the last call.

use vignette_model::Rect;

/// The maximum number of parts; more are replaced by their bounding box.
const MAX_PARTS: usize = 32;

/// Parts of a picture that changed. May overlap.
#[derive(Default)]
pub(crate) struct ChangedRegion {
    parts: Vec<Rect>,
}

impl ChangedRegion {
    pub(crate) fn add(&mut self, part: Rect) {
        if part.width == 0
            || part.height == 0
            || self.parts.iter().any(|old| union(*old, part) == *old)
        {
            return;
        }
        if self.parts.len() == MAX_PARTS {
            let all = self.parts.drain(..).reduce(union);
            self.parts.extend(all.map(|all| union(all, part)));
        } else {
            self.parts.push(part);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    pub(crate) fn parts(&self) -> &[Rect] {
        &self.parts
    }

    pub(crate) fn clear(&mut self) {
        self.parts.clear();
    }
}

/// The smallest rectangle that holds both.
fn union(a: Rect, b: Rect) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    let (right, bottom) =
        ((a.x + a.width).max(b.x + b.width), (a.y + a.height).max(b.y + b.height));
    Rect { x, y, width: right - x, height: bottom - y }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_changed_is_ever_forgotten() {
        let mut damage = ChangedRegion::default();
        let all: Vec<_> = (0..100)
            .map(|n| Rect { x: n * 37 % 500, y: n * 91 % 300, width: 2 + n % 9, height: 3 })
            .collect();
        for part in &all {
            damage.add(*part);
            assert!(damage.parts().len() <= MAX_PARTS);
        }
        for part in all {
            assert!(
                damage.parts().iter().any(|kept| union(*kept, part) == *kept),
                "{part:?} is covered"
            );
        }
        damage.clear();
        assert!(damage.is_empty());
    }
}
