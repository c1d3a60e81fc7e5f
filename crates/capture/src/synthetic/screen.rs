//! The synthetic screen: moving bars with a frame number, or a still page that somebody types on.

use std::sync::Arc;

use bytes::Bytes;
use crossbeam_channel::Sender;
use vignette_model::{
    Captured, Frame, FrameData, GpuPicture, Micros, Patch, PixelFormat, Pixels, Rect, TakeClock,
};

use super::{
    CELL, FLASH_SIDE, FLASH_TOP, LEFT, NUMBER_TOP, UNITS, cells, latest, lit, time_of, wait_until,
};
use crate::source::{CaptureOutput, RunningSource, Source};
use crate::{
    CaptureError, CaptureTarget, Choice, ChooseFuture, RestoreToken, SourceKind, StartOptions,
};

type Bgrx = [u8; 4];

const WHITE: Bgrx = [255, 255, 255, 0];
const BLACK: Bgrx = [0, 0, 0, 0];
const GROUND: Bgrx = [48, 36, 32, 0];
const PAPER: Bgrx = [245, 248, 250, 0];
const INK: Bgrx = [60, 50, 45, 0];
const BARS: [Bgrx; 8] = [
    [235, 235, 235, 0],
    [16, 210, 220, 0],
    [210, 200, 30, 0],
    [40, 190, 60, 0],
    [200, 60, 190, 0],
    [40, 50, 210, 0],
    [200, 70, 40, 0],
    [90, 80, 70, 0],
];
/// Top edge of the bars, in units.
const BARS_TOP: usize = 16;
/// Left edge of the time of the take, in units.
const TIME_LEFT: usize = 16;

/// What its restore tokens begin with; a number follows.
const TOKEN: &str = "synthetic-";

/// Digits 0 to 9 as five rows of three pixels each, the top row in the highest bits.
const DIGITS: [u16; 10] =
    [0o75557, 0o26227, 0o71747, 0o71717, 0o55711, 0o74717, 0o74757, 0o71111, 0o75757, 0o75717];

/// A made-up display in BGRX; see [the layout](super). Frames hold what changed and nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    width: usize,
    height: usize,
    still: bool,
    in_gpu: bool,
}

impl Default for Screen {
    /// 1280 × 720.
    fn default() -> Self {
        Self::new(1280, 720)
    }
}

impl Screen {
    /// Moving bars with a frame number, `width` × `height` pixels, each 160 to 8192; as many frames
    /// a second as it is started with.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let side = |pixels: u32| pixels.clamp(160, 8192) as usize;
        Self { width: side(width), height: side(height), still: false, in_gpu: false }
    }

    /// Instead of bars a page of text that stands still, but for a caret that blinks twice a second
    /// and writes four letters a second: what a recorder sees most of the time. It has neither
    /// number nor flash.
    #[must_use]
    pub fn still(mut self) -> Self {
        self.still = true;
        self
    }

    /// Gives whole pictures that have to be read back, as those are that a graphics processor
    /// holds.
    #[must_use]
    pub fn in_gpu(mut self) -> Self {
        self.in_gpu = true;
        self
    }

    /// The pictures, one after the other. Those of the bars come `fps` times a second; the page
    /// changes four times a second at most.
    fn painter(self, fps: u32) -> Painter {
        let per_second = if self.still { fps.min(4) } else { fps };
        Painter { screen: self, per_second: per_second.clamp(1, 120), number: None }
    }
}

impl Source for Screen {
    fn describe(&self) -> String {
        format!("Synthetic screen, {} × {}", self.width, self.height)
    }

    /// Stands in for a system that asks at each start, and answers for the person: this screen. A
    /// token of its own says how often it was chosen before.
    fn choose(&mut self, target: &CaptureTarget) -> ChooseFuture<'_> {
        let restore_token = match target {
            CaptureTarget::Portal { restore_token } => {
                let before = restore_token
                    .as_ref()
                    .and_then(|token| token.0.strip_prefix(TOKEN)?.parse::<u32>().ok());
                Some(RestoreToken(format!("{TOKEN}{}", before.unwrap_or(0).saturating_add(1))))
            }
            _ => None,
        };
        let choice = Choice { name: self.describe(), restore_token };
        Box::pin(std::future::ready(Ok(choice)))
    }

    /// It has neither pointer nor windows, so there is nothing to leave out.
    fn start(
        self: Box<Self>,
        options: &StartOptions,
        clock: TakeClock,
        out: Sender<Captured>,
    ) -> Result<RunningSource, CaptureError> {
        match options.target {
            CaptureTarget::Display | CaptureTarget::Portal { .. } => {}
            CaptureTarget::Window { .. } | CaptureTarget::Region { .. } => {
                return Err(CaptureError::NotSupported {
                    what: "Of the synthetic screen only the whole can be recorded",
                    help: "Record the whole display, or choose another screen.",
                });
            }
        }
        let mut painter = self.painter(options.fps);
        RunningSource::spawn(SourceKind::Screen, move |stop| {
            let output = CaptureOutput::new(out, stop.clone());
            let per_second = painter.per_second;
            let mut number = latest(clock.now(), per_second);
            while !wait_until(time_of(number, per_second), &clock, &stop) {
                number = number.max(latest(clock.now(), per_second));
                // Like a real screen: who cannot take pictures gets fewer, and every one shows all
                // that changed.
                if !output.is_full() && output.send(Captured::Frame(painter.frame(number))).is_err()
                {
                    return;
                }
                number += 1;
            }
        })
    }
}

/// A picture that is read back, as if from a graphics processor.
#[derive(Debug)]
struct Lent(Pixels);

impl GpuPicture for Lent {
    fn read_back(&self) -> Result<Pixels, String> {
        Ok(self.0.clone())
    }
}

/// Paints frames, and remembers which was the last one.
struct Painter {
    screen: Screen,
    /// Frames a second.
    per_second: u32,
    number: Option<u64>,
}

impl Painter {
    /// What is different in the `number`th frame from the one painted before.
    fn frame(&mut self, number: u64) -> Frame {
        let at = time_of(number, self.per_second);
        // What lies in a graphics processor is always the whole picture.
        let before = self.number.replace(number).filter(|_| !self.screen.in_gpu);
        let patches = match (self.screen.still, before) {
            (false, None) => vec![self.screen.whole(number, at)],
            (false, Some(before)) => {
                self.screen.changed(time_of(before, self.per_second), number, at)
            }
            (true, None) => vec![self.screen.page()],
            (true, Some(before)) => self.screen.typed(before, number),
        };
        let Rect { width, height, .. } = rect(0, 0, self.screen.width, self.screen.height);
        let pixels = Pixels { format: PixelFormat::Bgrx, patches };
        let data = if self.screen.in_gpu {
            FrameData::Gpu(Arc::new(Lent(pixels)))
        } else {
            FrameData::Cpu(pixels)
        };
        Frame { at, width, height, data }
    }
}

impl Screen {
    /// Units to pixels.
    fn px(&self, units: usize) -> usize {
        units * self.width / UNITS
    }

    /// Everything.
    fn whole(&self, number: u64, at: Micros) -> Patch {
        let mut canvas = Canvas::new(self.width, self.height, GROUND);
        for patch in [self.number(number), self.flash(at), self.time(at)]
            .into_iter()
            .chain(self.bars(number))
        {
            canvas.paste(&patch);
        }
        canvas.patch(0, 0)
    }

    /// What differs between the frame painted for the instant `was` and this one.
    fn changed(&self, was: Micros, number: u64, at: Micros) -> Vec<Patch> {
        let mut patches = vec![self.number(number)];
        if lit(was) != lit(at) {
            patches.push(self.flash(at));
        }
        if was.0 / 1_000_000 != at.0 / 1_000_000 {
            patches.push(self.time(at));
        }
        patches.extend(self.bars(number));
        patches
    }

    fn number(&self, number: u64) -> Patch {
        let (left, top) = (self.px(LEFT), self.px(NUMBER_TOP));
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the number starts again after 2^32 frames"
        )]
        let cells = cells(number as u32);
        let edge = |index: usize| self.px(LEFT + CELL * index) - left;
        let mut canvas = Canvas::new(edge(cells.len()), self.px(NUMBER_TOP + CELL) - top, BLACK);
        for (index, _) in cells.iter().enumerate().filter(|(_, white)| **white) {
            canvas.fill(edge(index), 0, edge(index + 1) - edge(index), canvas.height, WHITE);
        }
        canvas.patch(left, top)
    }

    fn flash(&self, at: Micros) -> Patch {
        let (left, top) = (self.px(LEFT), self.px(FLASH_TOP));
        let (width, height) =
            (self.px(LEFT + FLASH_SIDE) - left, self.px(FLASH_TOP + FLASH_SIDE) - top);
        Canvas::new(width, height, if lit(at) { WHITE } else { BLACK }).patch(left, top)
    }

    /// The time as `m:ss`, in digits whose pixels are squares of a fifth of the height.
    fn time(&self, at: Micros) -> Patch {
        let (left, top) = (self.px(TIME_LEFT), self.px(FLASH_TOP));
        let dot = (self.px(FLASH_TOP + FLASH_SIDE) - top) / 5;
        // Always as wide as 99:59, so that a shorter time would wipe out a longer one.
        let text = format!("{:>5}", Micros(at.0 % 6_000_000_000).to_string());
        let mut canvas = Canvas::new(18 * dot, 5 * dot, GROUND);
        let mut x = 0;
        for letter in text.chars() {
            match letter.to_digit(10) {
                Some(digit) => {
                    for bit in (0..15).filter(|bit| DIGITS[digit as usize] >> (14 - bit) & 1 == 1) {
                        canvas.fill(x + bit % 3 * dot, bit / 3 * dot, dot, dot, WHITE);
                    }
                    x += 4 * dot;
                }
                None if letter == ':' => {
                    canvas.fill(x, dot, dot, dot, WHITE);
                    canvas.fill(x, 3 * dot, dot, dot, WHITE);
                    x += 2 * dot;
                }
                None => x += 4 * dot,
            }
        }
        canvas.patch(left, top)
    }

    /// `None` if the picture is too flat for bars.
    fn bars(&self, number: u64) -> Option<Patch> {
        let top = self.px(BARS_TOP);
        let height = self.height.checked_sub(top).filter(|&height| height > 0)?;
        let bar = (self.width / BARS.len()).max(1);
        #[expect(clippy::cast_possible_truncation, reason = "less than the width")]
        let moved = (number.saturating_mul((self.px(1) / 4).max(1) as u64)
            % (bar * BARS.len()) as u64) as usize;
        let row: Vec<Bgrx> =
            (0..self.width).map(|x| BARS[(x + moved) / bar % BARS.len()]).collect();
        Some(Canvas { width: self.width, height, pixels: row.repeat(height) }.patch(0, top))
    }

    /// Height of a line of the page, and width of a letter.
    fn letter(&self) -> (usize, usize) {
        (self.px(2).max(8), (self.px(1) / 2).max(3))
    }

    /// The page before anything was typed: lines of words on the upper half.
    fn page(&self) -> Patch {
        let mut canvas = Canvas::new(self.width, self.height, PAPER);
        let (line, letter) = self.letter();
        let mut random = 0x2545_f491u32;
        for y in (self.px(4)..self.height / 2).step_by(line) {
            let mut x = self.px(6);
            while x < self.px(70) {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let word = 2 + (random >> 28) as usize;
                for _ in 0..word {
                    canvas.fill(x, y + line / 4, letter - 1, line / 2, INK);
                    x += letter;
                }
                x += letter;
            }
        }
        canvas.patch(0, 0)
    }

    /// Letters typed since, and the caret behind them.
    fn typed(&self, before: u64, number: u64) -> Vec<Patch> {
        let (line, letter) = self.letter();
        let columns = (self.px(64) / letter).max(1) as u64;
        let place = |index: u64| {
            let lines = ((self.height / 2 - line) / line).max(1) as u64;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "less than the columns and lines of a screen"
            )]
            let (column, row) = ((index % columns) as usize, (index / columns % lines) as usize);
            (self.px(6) + column * letter, self.height / 2 + (row + 1) * line)
        };
        let mut patches = Vec::new();
        for index in before.max(number.saturating_sub(columns))..number {
            let (x, y) = place(index);
            let mut canvas = Canvas::new(letter, line, PAPER);
            if index % 6 != 5 {
                canvas.fill(0, line / 4, letter - 1, line / 2, INK);
            }
            patches.extend(canvas.clipped(x, y, self.height));
        }
        let (x, y) = place(number);
        let caret = if number.is_multiple_of(2) { INK } else { PAPER };
        let mut canvas = Canvas::new(letter, line, PAPER);
        canvas.fill(0, 0, (letter / 4).max(1), line, caret);
        patches.extend(canvas.clipped(x, y, self.height));
        patches
    }
}

#[expect(clippy::cast_possible_truncation, reason = "screens have at most 8192 pixels a side")]
fn rect(x: usize, y: usize, width: usize, height: usize) -> Rect {
    Rect { x: x as u32, y: y as u32, width: width as u32, height: height as u32 }
}

/// A small picture to paint on.
struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Bgrx>,
}

impl Canvas {
    fn new(width: usize, height: usize, colour: Bgrx) -> Self {
        Self { width, height, pixels: vec![colour; width * height] }
    }

    fn fill(&mut self, x: usize, y: usize, width: usize, height: usize, colour: Bgrx) {
        let x = x.min(self.width);
        let width = width.min(self.width - x);
        for row in self.pixels.chunks_exact_mut(self.width.max(1)).skip(y).take(height) {
            row[x..x + width].fill(colour);
        }
    }

    fn paste(&mut self, patch: &Patch) {
        let Rect { x, y, width, .. } = patch.rect;
        let (x, width) =
            (x as usize, (width as usize).min(self.width - (x as usize).min(self.width)));
        let rows = patch.pixels.chunks(patch.stride_bytes.max(1));
        for (row, from) in
            self.pixels.chunks_exact_mut(self.width.max(1)).skip(y as usize).zip(rows)
        {
            row[x..x + width].copy_from_slice(&from.as_chunks().0[..width]);
        }
    }

    fn patch(self, x: usize, y: usize) -> Patch {
        Patch {
            rect: rect(x, y, self.width, self.height),
            stride_bytes: self.width * 4,
            pixels: Bytes::from(self.pixels.into_flattened()),
        }
    }

    /// The patch, if it lies wholly on a picture of this height.
    fn clipped(self, x: usize, y: usize, height: usize) -> Option<Patch> {
        (y + self.height <= height).then(|| self.patch(x, y))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read_flash, read_frame_number};
    use super::*;

    /// Lays frames on each other as an encoder does, and keeps what a decoder would give:
    /// brightness.
    struct Viewer {
        canvas: Canvas,
    }

    impl Viewer {
        fn new(screen: Screen) -> Self {
            Self { canvas: Canvas::new(screen.width, screen.height, BLACK) }
        }

        fn see(&mut self, frame: &Frame) -> Vec<u8> {
            for patch in &frame.pixels().unwrap().patches {
                self.canvas.paste(patch);
            }
            let grey = |p: &Bgrx| {
                (u32::from(p[0]) * 29 + u32::from(p[1]) * 150 + u32::from(p[2]) * 77) / 256
            };
            self.canvas.pixels.iter().map(|p| u8::try_from(grey(p)).unwrap()).collect()
        }
    }

    #[test]
    fn number_and_flash_are_read_back_from_every_frame() {
        for (width, height) in [(1280, 720), (1920, 1080), (640, 360), (322, 190)] {
            let screen = Screen::new(width, height);
            let (mut painter, mut viewer) = (screen.painter(30), Viewer::new(screen));
            for number in (0..65).chain([100_000_000]) {
                let luma = viewer.see(&painter.frame(number));
                let (width, height) = (width as usize, height as usize);
                assert_eq!(
                    read_frame_number(&luma, width, height, width).map(u64::from),
                    Some(number),
                    "{width} wide"
                );
                let flash = read_flash(&luma, width, height, width);
                assert_eq!(flash, Some(number % 30 < 3), "the square is lit for 3 frames of 30");
            }
        }
    }

    #[test]
    fn patches_lead_to_the_same_picture_as_painting_it_whole() {
        let screen = Screen::new(640, 360);
        let (mut painter, mut viewer) = (screen.painter(30), Viewer::new(screen));
        for number in [0, 1, 2, 3, 4, 29, 30, 31, 1799, 1800] {
            let patched = viewer.see(&painter.frame(number));
            let whole = Viewer::new(screen).see(&screen.painter(30).frame(number));
            assert_eq!(patched, whole, "what changed and what did not make frame {number}");
        }
    }

    #[test]
    fn pictures_that_are_read_back_are_the_same() {
        let screen = Screen::new(640, 360);
        let (mut painter, mut lent) = (screen.painter(30), screen.in_gpu().painter(30));
        let mut viewer = Viewer::new(screen);
        for number in [0, 1, 30] {
            let frame = lent.frame(number);
            assert!(matches!(frame.data, FrameData::Gpu(_)));
            assert_eq!(
                Viewer::new(screen).see(&frame),
                viewer.see(&painter.frame(number)),
                "frame {number}"
            );
        }
    }

    #[test]
    fn a_still_page_changes_a_few_pixels() {
        let screen = Screen::new(1280, 720).still();
        let mut painter = screen.painter(30);
        painter.frame(0);
        for number in 1..2000 {
            let frame = painter.frame(number);
            let patches = frame.pixels().unwrap().into_owned().patches;
            let pixels: u32 = patches.iter().map(|p| p.rect.width * p.rect.height).sum();
            assert!((1..2000).contains(&pixels), "a letter and a caret, not {pixels} pixels");
            for Patch { rect, .. } in patches {
                assert!(
                    rect.x + rect.width <= 1280 && rect.y + rect.height <= 720,
                    "{rect:?} lies on the screen"
                );
            }
        }
    }
}
