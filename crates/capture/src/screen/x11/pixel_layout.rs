//! [`PixelLayout`]: where the colours lie in the pixels of an X screen, and their conversion to 8
//! bits of blue, green and red.

use x11rb::protocol::xproto::{ImageOrder, Screen, Setup, VisualClass, Visualid};

/// The layout of the pixels of a screen. Pictures are always sent as BGRX, four bytes a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PixelLayout {
    red: Bits,
    green: Bits,
    blue: Bits,
    /// 2 or 4.
    bytes_per_pixel: usize,
}

/// Where one colour lies in a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bits {
    shift: u32,
    /// The largest value, when shifted down.
    most: u32,
}

impl Bits {
    /// Reads a mask of at least two contiguous bits.
    fn of(mask: u32) -> Option<Self> {
        let shift = mask.checked_shr(mask.trailing_zeros())?;
        let whole = shift >= 3 && (shift & shift.wrapping_add(1)) == 0;
        whole.then_some(Self { shift: mask.trailing_zeros(), most: shift })
    }

    /// Its value from 0 to 255.
    fn in_eight(self, pixel: u32) -> u8 {
        let (value, most) = (u64::from((pixel >> self.shift) & self.most), u64::from(self.most));
        u8::try_from((value * 255 + most / 2) / most).unwrap_or(u8::MAX)
    }
}

impl PixelLayout {
    /// The layout of `screen`, or why it is not supported.
    pub(super) fn of(setup: &Setup, screen: &Screen) -> Result<Self, String> {
        Self::of_visual(setup, screen, screen.root_depth, screen.root_visual)
    }

    /// The layout of a window of this depth and visual, or why it is not supported.
    pub(super) fn of_visual(
        setup: &Setup,
        screen: &Screen,
        depth: u8,
        visual: Visualid,
    ) -> Result<Self, String> {
        let format = setup.pixmap_formats.iter().find(|format| format.depth == depth);
        let bits = format.map_or(0, |format| format.bits_per_pixel);
        let visuals = screen.allowed_depths.iter().flat_map(|depth| &depth.visuals);
        let visual = visuals.clone().find(|known| known.visual_id == visual);
        let Some(visual) = visual
            .filter(|v| matches!(v.class, VisualClass::TRUE_COLOR | VisualClass::DIRECT_COLOR))
        else {
            return Err(format!(
                "its colours come from a palette (depth {depth}), which cannot be recorded"
            ));
        };
        if setup.image_byte_order != ImageOrder::LSB_FIRST {
            return Err("it has its pixels in another order of bytes than this computer, which \
                cannot be recorded"
                .to_owned());
        }
        let masks = [visual.red_mask, visual.green_mask, visual.blue_mask].map(Bits::of);
        let padded = format.is_some_and(|format| format.scanline_pad == 32);
        match (masks, bits) {
            ([Some(red), Some(green), Some(blue)], 16 | 32) if padded => {
                Ok(Self { red, green, blue, bytes_per_pixel: usize::from(bits / 8) })
            }
            _ => Err(format!(
                "its pixels (depth {depth}, {bits} bits each) are of a kind that cannot be recorded"
            )),
        }
    }

    /// Whether the pixels are BGRX already.
    pub(super) fn are_bgrx(&self) -> bool {
        let eight = |shift| Bits { shift, most: 0xff };
        *self == Self { red: eight(16), green: eight(8), blue: eight(0), bytes_per_pixel: 4 }
    }

    /// Whether a pixel takes as many bytes as BGRX.
    pub(super) fn are_wide(&self) -> bool {
        self.bytes_per_pixel == 4
    }

    /// Bytes of a row of so many pixels, which ends at a multiple of four.
    pub(super) fn row_bytes(&self, width: usize) -> usize {
        (width * self.bytes_per_pixel).next_multiple_of(4)
    }

    /// Makes BGRX of wide pixels where they lie.
    pub(super) fn convert_wide(&self, pixels: &mut [u8]) {
        for pixel in pixels.as_chunks_mut().0 {
            *pixel = self.bgrx(u32::from_le_bytes(*pixel));
        }
    }

    /// Makes BGRX of rows of so many pixels.
    pub(super) fn converted(&self, mut pixels: Vec<u8>, width: usize) -> Vec<u8> {
        if self.are_bgrx() {
            return pixels;
        }
        if self.are_wide() {
            self.convert_wide(&mut pixels);
            return pixels;
        }
        let rows = pixels.chunks_exact(self.row_bytes(width));
        let narrow = rows.flat_map(|row| row[..width * 2].as_chunks().0);
        narrow.flat_map(|pixel| self.bgrx(u16::from_le_bytes(*pixel).into())).collect()
    }

    fn bgrx(&self, pixel: u32) -> [u8; 4] {
        [self.blue.in_eight(pixel), self.green.in_eight(pixel), self.red.in_eight(pixel), 0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colours(masks: [u32; 3], bytes_per_pixel: usize) -> PixelLayout {
        let [red, green, blue] = masks.map(|mask| Bits::of(mask).unwrap());
        PixelLayout { red, green, blue, bytes_per_pixel }
    }

    #[test]
    fn every_depth_becomes_eight_bits() {
        let deep = colours([0x3ff0_0000, 0xf_fc00, 0x3ff], 4);
        let thousands = colours([0xf800, 0x7e0, 0x1f], 2);
        let usual = colours([0xff_0000, 0xff00, 0xff], 4);
        assert!(usual.are_bgrx() && !deep.are_bgrx() && deep.are_wide() && !thousands.are_wide());
        assert_eq!(usual.converted(vec![1, 2, 3, 4], 1), [1, 2, 3, 4], "nothing is touched");
        let pixel = (1023 << 20 | 512 << 10 | 3_u32).to_le_bytes();
        assert_eq!(deep.converted(pixel.to_vec(), 1), [1, 128, 255, 0]);
        let row = [31 << 11_u16, 32 << 5, 31].map(u16::to_le_bytes).concat();
        let padded = [&row[..], &[9, 9]].concat();
        assert_eq!(thousands.row_bytes(3), 8);
        assert_eq!(
            thousands.converted(padded, 3),
            [0, 0, 255, 0, 0, 130, 0, 0, 255, 0, 0, 0],
            "rows end at multiples of four"
        );
    }

    #[test]
    fn masks_with_holes_are_none() {
        for mask in [0, 1, 0b1011, 0x5500] {
            assert_eq!(Bits::of(mask), None, "{mask:#b}");
        }
        assert_eq!(Bits::of(u32::MAX), Some(Bits { shift: 0, most: u32::MAX }));
    }
}
