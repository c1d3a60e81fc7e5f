//! Synthetic sources for demos, tests and screenshots: a [`Screen`], a [`Camera`] and a
//! [`Microphone`] whose pictures and sound contain the time of their capture.
//!
//! All three depend on the take's clock alone, so that they agree: on every full second of the take
//! the square of the screen and the disc of the camera flash white for 100 ms while the microphone
//! beeps at 1 kHz for 100 ms. Frame `n` of a screen or camera with `f` frames a second is stamped
//! `n / f` seconds; late frames are skipped, and the numbers of the others stay. A fourth,
//! [`Talker`], is a microphone that plays spoken sentences.
//!
//! # The screen's layout
//!
//! In units of `u = width / 80`, whatever the picture is scaled to:
//!
//! | what | left | top | width | height |
//! |---|---|---|---|---|
//! | frame number: 36 cells of 2u × 2u | 4u | 2u | 72u | 2u |
//! | square that flashes | 4u | 6u | 8u | 8u |
//! | time of the take, `m:ss` | 16u | 6u | – | 8u |
//! | colour bars, moving 0.25u a frame to the left | 0 | 16u | 80u | the rest |
//!
//! Cells, from the left: white, black, 32 bits of the number (white is one, the most significant
//! first), their parity (white if an odd number of bits is one), white. [`read_frame_number`] and
//! [`read_flash`] read them back from the luma of a decoded picture.

mod camera;
mod microphone;
mod screen;
mod talker;

pub use camera::Camera;
pub use microphone::Microphone;
pub use screen::Screen;
pub use talker::Talker;

use vignette_model::{Micros, Span, TakeClock};

use crate::source::StopSignal;

/// How long flash and beep last.
const FLASH: Span = Span::from_millis(100);

/// Width of the picture in the units of the layout.
const UNITS: usize = 80;
/// Cells of the frame number.
const CELLS: usize = 36;
/// Left edge of the frame number and of the square, in units.
const LEFT: usize = 4;
/// Top edge of the frame number, in units.
const NUMBER_TOP: usize = 2;
/// Side of a cell, in units.
const CELL: usize = 2;
/// Top edge of the square that flashes, in units.
const FLASH_TOP: usize = 6;
/// Its side, in units.
const FLASH_SIDE: usize = 8;
/// The luma from which on the square counts as lit; dark it is below 60, white above 220, in full
/// and in studio range.
const LIT: u32 = 140;

/// Reads the frame number of the screen from the luma plane of a picture of `width` × `height`,
/// whose rows start `stride_bytes` apart. `None` if there is none, or it cannot be read reliably.
#[must_use]
pub fn read_frame_number(
    luma: &[u8],
    width: usize,
    height: usize,
    stride_bytes: usize,
) -> Option<u32> {
    let picture = Luma { luma, width, height, stride_bytes };
    let cell = |index: usize| picture.mean(LEFT + CELL * index, NUMBER_TOP, CELL);
    let (white, black) = (cell(0)?, cell(1)?);
    if white < black + 64 {
        return None;
    }
    let is_white = |index| cell(index).map(|mean| mean > (white + black) / 2);
    let mut number = 0u32;
    for bit in 0..32 {
        number = number << 1 | u32::from(is_white(2 + bit)?);
    }
    let odd = number.count_ones() % 2 == 1;
    (is_white(CELLS - 2)? == odd && is_white(CELLS - 1)?).then_some(number)
}

/// Whether the screen's square is lit in the luma plane of a picture; see [`read_frame_number`].
/// `None` if the picture is too small to tell.
#[must_use]
pub fn read_flash(luma: &[u8], width: usize, height: usize, stride_bytes: usize) -> Option<bool> {
    Luma { luma, width, height, stride_bytes }
        .mean(LEFT, FLASH_TOP, FLASH_SIDE)
        .map(|mean| mean > LIT)
}

/// A plane of brightness.
struct Luma<'a> {
    luma: &'a [u8],
    width: usize,
    height: usize,
    stride_bytes: usize,
}

impl Luma<'_> {
    /// The mean of the inner half of a square whose place and side are given in units.
    fn mean(&self, left: usize, top: usize, side: usize) -> Option<u32> {
        let at = |quarter_units: usize| quarter_units * self.width / (4 * UNITS);
        let (x0, x1) = (at(4 * left + side), at(4 * left + 3 * side));
        let (y0, y1) = (at(4 * top + side), at(4 * top + 3 * side));
        if x1 <= x0 || y1 <= y0 || x1 > self.width || y1 > self.height {
            return None;
        }
        let mut sum = 0u64;
        for y in y0..y1 {
            let row = self.luma.get(y * self.stride_bytes + x0..y * self.stride_bytes + x1)?;
            sum += row.iter().map(|&value| u64::from(value)).sum::<u64>();
        }
        u32::try_from(sum / ((x1 - x0) * (y1 - y0)) as u64).ok()
    }
}

/// The cells of a frame number, white is true.
fn cells(number: u32) -> [bool; CELLS] {
    std::array::from_fn(|index| match index {
        1 => false,
        2..34 => number >> (33 - index) & 1 == 1,
        34 => number.count_ones() % 2 == 1,
        _ => true,
    })
}

/// Whether flash and beep are on at this time.
fn lit(at: Micros) -> bool {
    at.0 % 1_000_000 < FLASH.0
}

/// Frames or blocks that come `per_second`: the time of the `number`th.
fn time_of(number: u64, per_second: u32) -> Micros {
    Micros(number.saturating_mul(1_000_000) / u64::from(per_second.max(1)))
}

/// The number of the last one that is due at `now`.
fn latest(now: Micros, per_second: u32) -> u64 {
    now.to_ticks(per_second)
}

/// Waits until the take's clock reaches `at`; true if the source is to end first.
fn wait_until(at: Micros, clock: &TakeClock, stop: &StopSignal) -> bool {
    /// A simulated clock may be moved at any time, so it is checked regularly.
    const POLL_INTERVAL: Span = Span::from_millis(50);
    loop {
        let left = at.checked_since(clock.now()).filter(|left| *left > Span::ZERO);
        let Some(left) = left else { return stop.asked() };
        if stop.wait(left.min(POLL_INTERVAL).into()) {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_without_a_number_has_none() {
        for (value, width, height) in
            [(0u8, 1280, 720), (255, 1280, 720), (128, 64, 64), (200, 0, 0), (9, 10, 1)]
        {
            let luma = vec![value; width * height];
            assert_eq!(read_frame_number(&luma, width, height, width), None);
        }
        assert_eq!(
            read_frame_number(&[0; 100], 1280, 720, 1280),
            None,
            "a plane that is too short is no picture"
        );
        assert_eq!(read_flash(&[], 1280, 720, 1280), None);
    }

    #[test]
    fn parity_finds_a_flipped_bit() {
        let (width, height) = (320, 40);
        let paint = |cells: [bool; CELLS]| {
            let mut luma = vec![30u8; width * height];
            for (index, _) in cells.iter().enumerate().filter(|(_, white)| **white) {
                for y in 8..16 {
                    luma[y * width + 16 + 8 * index..][..8].fill(235);
                }
            }
            luma
        };
        for number in [0, 1, 0x8000_0000, 0xdead_beef, u32::MAX] {
            let mut cells = cells(number);
            assert_eq!(read_frame_number(&paint(cells), width, height, width), Some(number));
            cells[17] = !cells[17];
            assert_eq!(
                read_frame_number(&paint(cells), width, height, width),
                None,
                "a misread bit must not pass as a number"
            );
        }
    }
}
