//! [`Canvas`]: the size of a picture, and how a larger one is scaled down to fit.

/// A size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Canvas {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Canvas {
    /// The size of the encoded picture for a source of this size: never larger than `most`, same
    /// shape, both sides even (as H.264 4:2:0 requires). An odd last column or row is cropped; a
    /// source that is too large is scaled down.
    #[must_use]
    pub fn fitted(self, most: Self) -> Self {
        let (width, height) = (even(self.width), even(self.height));
        let (most_width, most_height) = (even(most.width), even(most.height));
        if width <= most_width && height <= most_height {
            return Self { width, height };
        }
        let scaled = |side: u32, by: u32, of: u32| {
            let exact = u64::from(side) * u64::from(by) + u64::from(of);
            // To the nearest even number.
            even(u32::try_from(exact / u64::from(of)).unwrap_or(u32::MAX))
        };
        if u64::from(width) * u64::from(most_height) >= u64::from(height) * u64::from(most_width) {
            Self { width: most_width, height: scaled(height, most_width, width).min(most_height) }
        } else {
            Self { width: scaled(width, most_height, height).min(most_width), height: most_height }
        }
    }
}

/// The largest even number that is not larger, but at least 2.
const fn even(side: u32) -> u32 {
    if side < 2 { 2 } else { side & !1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_fit_and_are_even() {
        let uhd = Canvas { width: 4096, height: 2304 };
        let hd = Canvas { width: 1920, height: 1080 };
        for (from, most, to) in [
            ((1920, 1080), uhd, (1920, 1080)),
            ((1367, 769), uhd, (1366, 768)),
            ((1, 1), uhd, (2, 2)),
            ((0, 0), uhd, (2, 2)),
            ((3840, 2160), hd, (1920, 1080)),
            ((2560, 1600), hd, (1728, 1080)),
            ((3440, 1440), hd, (1920, 804)),
            ((1080, 1920), hd, (608, 1080)),
            ((8192, 2), uhd, (4096, 2)),
            ((u32::MAX, u32::MAX), uhd, (2304, 2304)),
        ] {
            let fitted = Canvas { width: from.0, height: from.1 }.fitted(most);
            assert_eq!((fitted.width, fitted.height), to, "{from:?} within {most:?}");
        }
    }
}
