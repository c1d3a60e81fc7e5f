//! The synthetic camera: a disc that goes round and flashes on the second.

use bytes::Bytes;
use crossbeam_channel::Sender;
use vignette_model::{Captured, Frame, Patch, PixelFormat, Rect, TakeClock};

use super::{latest, lit, time_of, wait_until};
use crate::source::{CaptureOutput, RunningSource, Source};
use crate::{CaptureError, SourceKind, StartOptions};

const SIZE: Rect = Rect::whole(640, 360);
const WIDTH: usize = SIZE.width as usize;
const HEIGHT: usize = SIZE.height as usize;
const FPS: u32 = 30;
/// The disc is back where it was after this many frames.
const ROUND: u64 = 90;

/// A camera of 640 × 360 in RGB at 30 frames a second: from teal at the left to plum at the right,
/// before it an amber disc that goes round once in three seconds and is white while the screen's
/// square is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Camera;

impl Source for Camera {
    fn describe(&self) -> String {
        "Synthetic camera".to_owned()
    }

    fn start(
        self: Box<Self>,
        _options: &StartOptions,
        clock: TakeClock,
        out: Sender<Captured>,
    ) -> Result<RunningSource, CaptureError> {
        RunningSource::spawn(SourceKind::Camera, move |stop| {
            let output = CaptureOutput::new(out, stop.clone());
            let background = background();
            let mut number = latest(clock.now(), FPS);
            while !wait_until(time_of(number, FPS), &clock, &stop) {
                number = number.max(latest(clock.now(), FPS));
                let patch = Patch {
                    rect: SIZE,
                    stride_bytes: WIDTH * 3,
                    pixels: Bytes::from(picture(&background, number)),
                };
                let (width, height, at) = (SIZE.width, SIZE.height, time_of(number, FPS));
                let frame = Frame::in_memory(at, width, height, PixelFormat::Rgb, vec![patch]);
                if output.send(Captured::Frame(frame)).is_err() {
                    return;
                }
                number += 1;
            }
        })
    }
}

fn background() -> Vec<u8> {
    let row: Vec<u8> = (0..WIDTH)
        .flat_map(|x| {
            let mix = |from: usize, to: usize| {
                u8::try_from((from * (WIDTH - x) + to * x) / WIDTH).unwrap_or(u8::MAX)
            };
            [mix(20, 110), mix(120, 40), mix(120, 100)]
        })
        .collect();
    row.repeat(HEIGHT)
}

fn picture(background: &[u8], number: u64) -> Vec<u8> {
    let mut pixels = background.to_vec();
    let colour: [u8; 3] = if lit(time_of(number, FPS)) { [255; 3] } else { [255, 176, 32] };
    let turn = std::f64::consts::TAU * (number % ROUND) as f64 / ROUND as f64;
    let (middle_x, middle_y) =
        (WIDTH as f64 / 2.0 + 70.0 * turn.cos(), HEIGHT as f64 / 2.0 + 70.0 * turn.sin());
    let radius = HEIGHT as f64 / 6.0;
    for (y, row) in pixels.chunks_exact_mut(WIDTH * 3).enumerate() {
        let up = (y as f64 - middle_y).abs();
        if up < radius {
            let half = (radius * radius - up * up).sqrt();
            #[expect(clippy::cast_possible_truncation, reason = "well inside the picture")]
            let (from, to) = ((middle_x - half) as usize * 3, (middle_x + half) as usize * 3);
            row[from..to].as_chunks_mut().0.fill(colour);
        }
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disc_flashes_on_the_second_and_moves() {
        let background = background();
        let has =
            |number, colour: [u8; 3]| picture(&background, number).as_chunks().0.contains(&colour);
        for (number, white) in
            [(0, true), (2, true), (3, false), (29, false), (30, true), (30 * 3600, true)]
        {
            assert_eq!(has(number, [255; 3]), white, "frame {number}");
        }
        assert_ne!(picture(&background, 5), picture(&background, 6));
        assert_eq!(picture(&background, 5), picture(&background, 5 + ROUND));
    }
}
