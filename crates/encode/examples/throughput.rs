//! How much processor time encoding costs: `throughput [typing|motion|camera|all] [seconds]`.
//!
//! Feeds a 1920×1080 screen faster than real time and prints processor seconds a recorded minute.
//! The same with FFmpeg's own program: see the command it prints.

#![expect(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    reason = "a measurement for people and for the bench"
)]

use std::error::Error;
use std::fs;

use bytes::Bytes;
use vignette_encode::{Canvas, EncodedPiece, Encoder, EncoderSettings};
use vignette_model::{Frame, Micros, Patch, PixelFormat, Rect, Samples, SourceRole};

const WIDTH: u32 = 1920;
const HEIGHT: u32 = 1080;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let scene = arguments.next().unwrap_or_else(|| "all".to_owned());
    let seconds: u64 = arguments.next().map_or(Ok(20), |text| text.parse())?;
    for name in ["typing", "motion", "camera"] {
        if scene == name || scene == "all" {
            measure(name, seconds)?;
        }
    }
    println!(
        "compare: ffmpeg -f lavfi -i testsrc2=s=1920x1080:r=30,format=bgr0 -f lavfi -i \
         sine=r=48000 -t {seconds} \
         -c:v libx264 -preset veryfast -tune zerolatency -crf 23 -threads 2 -g 60 -maxrate 8M \
         -bufsize 48M -pix_fmt yuv420p -c:a aac -ac 1 -b:a 96k -f mp4 /dev/null"
    );
    Ok(())
}

fn measure(scene: &str, seconds: u64) -> Result<(), Box<dyn Error>> {
    let pictures = Pictures::new();
    let settings = EncoderSettings::for_take(
        Canvas { width: WIDTH, height: HEIGHT },
        30,
        true,
        &[SourceRole::Voice],
    );
    let mut size_bytes = 0;
    let (sender, receiver) = std::sync::mpsc::channel();
    let mut encoder = Encoder::new(settings, move |piece: EncodedPiece| {
        let _ = sender.send(piece.bytes().len());
    })?;
    let (began, memory_began) = (processor_seconds()?, resident_kb()?);
    let mut memory_most = memory_began;
    for block in 0..seconds * 100 {
        let now = Micros::from_millis(block * 10);
        encoder.sound(0, &tone(now))?;
        if block % 10 == 0 || (block * 3) % 10 < 3 {
            let number = block * 3 / 10;
            match scene {
                "typing" if block % 10 == 0 => {
                    encoder.screen(&pictures.key_stroke(now, block / 10))?
                }
                "motion" => encoder.screen(&pictures.whole(now, number))?,
                "camera" => {
                    if block == 0 {
                        encoder.screen(&pictures.whole(now, 0))?;
                    }
                    encoder.camera(&pictures.camera(now, number))?;
                }
                _ => {}
            }
        }
        encoder.tick(now)?;
        size_bytes += receiver.try_iter().sum::<usize>();
        memory_most = memory_most.max(resident_kb()?);
    }
    let totals = encoder.finish(Micros::from_secs(seconds))?;
    size_bytes += receiver.try_iter().sum::<usize>();
    let spent = processor_seconds()? - began;
    println!(
        "{scene}: {:.2} CPU s per minute ({:.2} ms a picture, {} pictures), {:.0} kbit/s, memory \
         {} MB (began at {} MB)",
        spent * 60.0 / seconds as f64,
        spent * 1000.0 / totals.pictures as f64,
        totals.pictures,
        size_bytes as f64 * 8.0 / 1000.0 / seconds as f64,
        memory_most / 1024,
        memory_began / 1024,
    );
    Ok(())
}

/// A page of something like text, and pictures of it.
struct Pictures {
    /// Twice as high as the screen, so that it can be scrolled.
    page: Bytes,
    camera: Vec<Bytes>,
}

impl Pictures {
    fn new() -> Self {
        let mut seed = 1_u32;
        let mut random = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed >> 16
        };
        let mut page = vec![250_u8; (WIDTH * HEIGHT * 2 * 4) as usize];
        for line in 0..HEIGHT * 2 / 20 {
            for letter in 0..WIDTH / 10 {
                let shape = random();
                if shape % 6 == 0 {
                    continue;
                }
                for dot in 0..15 {
                    if (shape >> dot) & 1 == 1 {
                        let (x, y) = (letter * 10 + dot % 3 * 3, line * 20 + dot / 3 * 3);
                        for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                            let at = (((y + dy) * WIDTH + x + dx) * 4) as usize;
                            page[at..at + 3].copy_from_slice(&[30, (shape >> 8 & 63) as u8, 40]);
                        }
                    }
                }
            }
        }
        let camera = (0..8)
            .map(|_| {
                (0..640 * 480 * 2)
                    .map(|at| {
                        if at % 2 == 0 {
                            (100 + at / 1280 % 100 + random() % 12) as u8
                        } else {
                            128
                        }
                    })
                    .collect()
            })
            .collect();
        Self { page: page.into(), camera }
    }

    fn whole(&self, at: Micros, number: u64) -> Frame {
        let from = (number * 7 % u64::from(HEIGHT)) as usize * WIDTH as usize * 4;
        let pixels = self.page.slice(from..from + (WIDTH * HEIGHT * 4) as usize);
        frame(
            at,
            Patch { rect: Rect::whole(WIDTH, HEIGHT), stride_bytes: WIDTH as usize * 4, pixels },
        )
    }

    fn key_stroke(&self, at: Micros, number: u64) -> Frame {
        if number == 0 {
            return self.whole(at, 0);
        }
        let letter = (number % 150) as u32;
        let rect = Rect {
            x: 100 + letter * 10,
            y: 300 + (number / 150 % 20) as u32 * 20,
            width: 12,
            height: 20,
        };
        let pixels = self.page.slice(number as usize * 400..);
        frame(at, Patch { rect, stride_bytes: WIDTH as usize * 4, pixels })
    }

    fn camera(&self, at: Micros, number: u64) -> Frame {
        let pixels = self.camera[(number % 8) as usize].clone();
        let patch = Patch { rect: Rect::whole(640, 480), stride_bytes: 1280, pixels };
        Frame::in_memory(at, 640, 480, PixelFormat::Yuyv, vec![patch])
    }
}

fn frame(at: Micros, patch: Patch) -> Frame {
    Frame::in_memory(at, WIDTH, HEIGHT, PixelFormat::Bgrx, vec![patch])
}

fn tone(at: Micros) -> Samples {
    let first = at.to_ticks(48_000);
    let interleaved = (first..first + 480).map(|n| (n as f32 * 0.06).sin() * 0.3).collect();
    Samples { at, rate_hz: 48_000, channels: 1.into(), interleaved }
}

/// User and system time of this process, from Linux's `/proc` (fields 14 and 15 of `stat`, in
/// hundredths).
fn processor_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks =
        |at: usize| fields.get(at).and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
    Ok(f64::from(ticks(11) + ticks(12)) / 100.0)
}

/// Memory in use, from Linux's `/proc`.
fn resident_kb() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    Ok(line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or_default())
}
