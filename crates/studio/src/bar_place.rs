//! [`BarPlace`]: one of nine places of a screen at which the floating bar rests.

use serde::{Deserialize, Serialize};

/// Free pixels between the bar and the edge of the screen, at a scale of 1.
pub const BAR_MARGIN: f64 = 24.0;

/// A rectangle of a desktop, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DesktopRect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// Left, middle or right; top, middle or bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Along {
    /// Left, or top.
    Start,
    /// The middle.
    Middle,
    /// Right, or bottom.
    End,
}

/// Where the bar rests. The usual place is the middle of the lower edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarPlace {
    /// From left to right.
    pub across: Along,
    /// From top to bottom.
    pub down: Along,
}

impl Default for BarPlace {
    fn default() -> Self {
        Self { across: Along::Middle, down: Along::End }
    }
}

impl Along {
    /// Where something of `size` begins within `from..from + room`, `margin` from its ends.
    fn begin(self, from: f64, room: f64, size: f64, margin: f64) -> f64 {
        match self {
            Self::Start => from + margin,
            Self::Middle => from + (room - size) / 2.0,
            Self::End => from + room - size - margin,
        }
    }

    /// The third in which `centre` lies.
    fn nearest(centre: f64, from: f64, room: f64) -> Self {
        match (centre - from) / room.max(1.0) {
            share if share < 1.0 / 3.0 => Self::Start,
            share if share > 2.0 / 3.0 => Self::End,
            _ => Self::Middle,
        }
    }
}

impl BarPlace {
    /// The place that is nearest to where the bar was left.
    #[must_use]
    pub fn nearest(bar: DesktopRect, screen: DesktopRect) -> Self {
        Self {
            across: Along::nearest(bar.x + bar.width / 2.0, screen.x, screen.width),
            down: Along::nearest(bar.y + bar.height / 2.0, screen.y, screen.height),
        }
    }

    /// The corner at which a bar of this size begins, as x and y. `margin` is in pixels, too.
    #[must_use]
    pub fn corner(
        self,
        (width, height): (f64, f64),
        screen: DesktopRect,
        margin: f64,
    ) -> (f64, f64) {
        let x = self.across.begin(screen.x, screen.width, width, margin);
        (x, self.down.begin(screen.y, screen.height, height, margin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: DesktopRect = DesktopRect { x: 1920.0, y: 0.0, width: 1200.0, height: 900.0 };
    const BAR: (f64, f64) = (360.0, 52.0);

    #[test]
    fn each_of_the_nine_places_is_its_own_nearest() {
        let all = [Along::Start, Along::Middle, Along::End];
        for place in all.into_iter().flat_map(|across| all.map(|down| BarPlace { across, down })) {
            let (x, y) = place.corner(BAR, SCREEN, BAR_MARGIN);
            let bar = DesktopRect { x, y, width: BAR.0, height: BAR.1 };
            assert_eq!(BarPlace::nearest(bar, SCREEN), place);
            assert!(
                x >= SCREEN.x + BAR_MARGIN && x + BAR.0 <= SCREEN.x + SCREEN.width - BAR_MARGIN
            );
            assert!(y >= BAR_MARGIN && y + BAR.1 <= SCREEN.height - BAR_MARGIN);
        }
    }

    #[test]
    fn a_bar_that_was_left_outside_the_screen_comes_back() {
        let outside = DesktopRect { x: -900.0, y: 5_000.0, width: 360.0, height: 52.0 };
        let place = BarPlace::nearest(outside, SCREEN);
        assert_eq!(place, BarPlace { across: Along::Start, down: Along::End });
        assert_eq!(BarPlace::default().corner(BAR, SCREEN, BAR_MARGIN), (2340.0, 824.0));
    }
}
