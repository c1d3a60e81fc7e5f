//! [`Film`]: a stream that was recorded in a test, and what `ffprobe` and `ffmpeg` say of it.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tempfile::TempDir;
use vignette_encode::{Canvas, EncodedPiece, Encoder, EncoderSettings, Totals};
use vignette_model::{Frame, FrameData, Micros, Patch, PixelFormat, Rect, Samples, Span};

/// A stream and its pieces.
pub(crate) struct Film {
    pub(crate) pieces: Vec<EncodedPiece>,
    pub(crate) totals: Option<Totals>,
    folder: TempDir,
}

/// A packet as `ffprobe` sees it; times in microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Probed {
    pub(crate) pts_us: i64,
    pub(crate) dts_us: i64,
    pub(crate) key: bool,
    pub(crate) position: u64,
}

pub(crate) fn settings(width: u32, height: u32) -> EncoderSettings {
    EncoderSettings {
        bubble: None,
        ..EncoderSettings::for_take(Canvas { width, height }, 30, true, &[])
    }
}

impl Film {
    /// Records whatever `play` does.
    pub(crate) fn record(
        settings: EncoderSettings,
        end: Micros,
        play: impl FnOnce(&mut Encoder),
    ) -> Self {
        let pieces = Arc::new(Mutex::new(Vec::new()));
        let kept = pieces.clone();
        let mut encoder = Encoder::new(settings, move |piece| kept.lock().unwrap().push(piece))
            .expect("the encoder opens");
        play(&mut encoder);
        let totals = encoder.finish(end).expect("the take ends");
        let pieces = std::mem::take(&mut *pieces.lock().unwrap());
        Self::of(pieces, Some(totals))
    }

    pub(crate) fn of(pieces: Vec<EncodedPiece>, totals: Option<Totals>) -> Self {
        Self { pieces, totals, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.pieces.iter().flat_map(|piece| piece.bytes().to_vec()).collect()
    }

    /// The first `count` pieces as a file.
    pub(crate) fn prefix(&self, count: usize) -> PathBuf {
        let path = self.folder.path().join(format!("{count}.mp4"));
        let bytes: Vec<u8> =
            self.pieces[..count].iter().flat_map(|piece| piece.bytes().to_vec()).collect();
        File::create(&path).unwrap().write_all(&bytes).unwrap();
        path
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.prefix(self.pieces.len())
    }

    pub(crate) fn fragments(&self) -> impl Iterator<Item = (&Bytes, Micros, Span)> {
        self.pieces.iter().filter_map(|piece| match piece {
            EncodedPiece::Fragment { bytes, start, duration } => Some((bytes, *start, *duration)),
            EncodedPiece::Init(_) => None,
        })
    }

    pub(crate) fn packets(&self, stream: &str) -> Vec<Probed> {
        packets(&self.path(), stream)
    }

    /// Every picture, decoded to RGB, with its time stamp.
    pub(crate) fn pictures(&self, width: u32, height: u32) -> Vec<(i64, Vec<u8>)> {
        let path = self.path();
        let raw = decode(&path, &["-map", "0:v", "-f", "rawvideo", "-pix_fmt", "rgb24"]);
        let size = (width * height * 3) as usize;
        let mut packets = packets(&path, "v");
        assert_eq!(
            raw.len(),
            packets.len() * size,
            "every packet is a picture of {width}×{height}"
        );
        // Packets come in the order of decoding, pictures in the order of showing.
        packets.sort_by_key(|packet| packet.pts_us);
        packets
            .iter()
            .zip(raw.chunks_exact(size))
            .map(|(packet, picture)| (packet.pts_us, picture.to_vec()))
            .collect()
    }

    /// What players play, decoded to one channel at 48 kHz.
    pub(crate) fn samples(&self) -> Vec<f32> {
        self.samples_of(0)
    }

    /// The same of any sound track.
    pub(crate) fn samples_of(&self, track: usize) -> Vec<f32> {
        let map = format!("0:a:{track}");
        let raw = decode(&self.path(), &["-map", &map, "-ac", "1", "-ar", "48000", "-f", "f32le"]);
        raw.chunks_exact(4).map(|sample| f32::from_le_bytes(sample.try_into().unwrap())).collect()
    }

    pub(crate) fn show(&self, entries: &str) -> String {
        probe(&self.path(), &["-show_entries", entries])
    }
}

/// Decodes with every error fatal.
pub(crate) fn decode(path: &Path, to: &[&str]) -> Vec<u8> {
    let mut command = Command::new("ffmpeg");
    // Every picture once, at its own time: pictures come at no fixed rate.
    let as_they_are = ["-fps_mode", "passthrough", "-enc_time_base", "-1"];
    command
        .args(["-v", "error", "-xerror", "-i"])
        .arg(path)
        .args(as_they_are)
        .args(to)
        .arg("-")
        .stdin(Stdio::null());
    let output = command.output().expect("ffmpeg is installed");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && complaints.is_empty(),
        "ffmpeg on {}: {complaints}",
        path.display()
    );
    output.stdout
}

pub(crate) fn probe(path: &Path, arguments: &[&str]) -> String {
    let output = Command::new("ffprobe")
        .args(["-v", "error"])
        .args(arguments)
        .args(["-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && complaints.is_empty(),
        "ffprobe on {}: {complaints}",
        path.display()
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub(crate) fn packets(path: &Path, stream: &str) -> Vec<Probed> {
    let arguments =
        ["-select_streams", stream, "-show_entries", "packet=pts_time,dts_time,pos,flags"];
    let us = |text: &str| (text.parse::<f64>().expect("a time") * 1e6).round() as i64;
    let text = probe(path, &arguments);
    let packet = |line: &str| {
        let field: Vec<&str> = line.split(',').collect();
        let [pts_us, dts_us] = [us(field[0]), us(field[1])];
        Probed {
            pts_us,
            dts_us,
            position: field[2].parse().unwrap(),
            key: field[3].starts_with('K'),
        }
    };
    text.lines().filter(|line| !line.is_empty()).map(packet).collect()
}

/// What one fragment says of one track, in the track's ticks.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) track: u32,
    pub(crate) start: u64,
    pub(crate) durations: Vec<u32>,
}

impl Run {
    pub(crate) fn end(&self) -> u64 {
        self.start + self.durations.iter().copied().map(u64::from).sum::<u64>()
    }
}

/// The runs of a fragment (ISO/IEC 14496-12: traf, tfhd, tfdt, trun). ffprobe guesses durations by
/// the frame rate, so they are read here.
pub(crate) fn runs(fragment: &[u8]) -> Vec<Run> {
    let (_, moof) = boxes(fragment).remove(0);
    let trafs = boxes(moof).into_iter().filter(|(name, _)| name == "traf");
    trafs
        .map(|(_, traf)| {
            let number =
                |bytes: &[u8], at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
            let named = |wanted: &str| {
                boxes(traf)
                    .into_iter()
                    .find(|(name, _)| name == wanted)
                    .expect("the box is there")
                    .1
            };
            let (tfhd, tfdt, trun) = (named("tfhd"), named("tfdt"), named("trun"));
            assert_eq!(
                number(tfhd, 0),
                0x02_0038,
                "default-base-is-moof with default duration, size and flags"
            );
            assert_eq!(tfdt[0], 1, "times have 64 bits");
            let start = u64::from_be_bytes(tfdt[4..12].try_into().unwrap());
            let (flags, count) = (number(trun, 0) & 0xff_ffff, number(trun, 4) as usize);
            let fields = |of: u32| (flags & of).count_ones() as usize;
            let (first, each) = (8 + 4 * fields(0x5), 4 * fields(0xf00));
            let duration = |sample: usize| {
                if flags & 0x100 == 0 {
                    number(tfhd, 8)
                } else {
                    number(trun, first + sample * each)
                }
            };
            Run { track: number(tfhd, 4), start, durations: (0..count).map(duration).collect() }
        })
        .collect()
}

/// The boxes of some bytes: names and contents.
pub(crate) fn boxes(mut bytes: &[u8]) -> Vec<(String, &[u8])> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let size = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
        found.push((String::from_utf8_lossy(&bytes[4..8]).into_owned(), &bytes[8..size]));
        bytes = &bytes[size..];
    }
    found
}

/// What changed in a frame whose pixels are in the computer's memory.
pub(crate) fn patches(frame: &mut Frame) -> &mut Vec<Patch> {
    let FrameData::Cpu(pixels) = &mut frame.data else { panic!("it is in memory") };
    &mut pixels.patches
}

/// A frame of one patch in one colour (red, green, blue).
pub(crate) fn patch(at: Micros, size: (u32, u32), rect: Rect, rgb: [u8; 3]) -> Frame {
    let pixel = [rgb[2], rgb[1], rgb[0], 0];
    let pixels: Vec<u8> =
        pixel.iter().copied().cycle().take((rect.width * rect.height * 4) as usize).collect();
    let patch = Patch { rect, stride_bytes: rect.width as usize * 4, pixels: pixels.into() };
    Frame::in_memory(at, size.0, size.1, PixelFormat::Bgrx, vec![patch])
}

/// A whole picture in one colour.
pub(crate) fn plain(at: Micros, width: u32, height: u32, rgb: [u8; 3]) -> Frame {
    patch(at, (width, height), Rect::whole(width, height), rgb)
}

/// A whole picture of an RGB camera.
pub(crate) fn camera(
    at: Micros,
    width: u32,
    height: u32,
    colour: impl Fn(u32, u32) -> [u8; 3],
) -> Frame {
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| colour(x, y))
        .collect();
    let patch = Patch {
        rect: Rect::whole(width, height),
        stride_bytes: width as usize * 3,
        pixels: pixels.into(),
    };
    Frame::in_memory(at, width, height, PixelFormat::Rgb, vec![patch])
}

/// Ten milliseconds at a time of what a microphone hears whose clock ticks `rate_hz * speed` times
/// a second. Beeps of 1 kHz for a tenth of a second, every second. Gives the block that is whole at
/// `number`, stamped with its true capture time.
pub(crate) fn beeps(number: u64, rate_hz: u32, channels: u16, speed: f64) -> Samples {
    let per_block = u64::from(rate_hz / 100);
    let time_s = |sample: u64| sample as f64 / (f64::from(rate_hz) * speed);
    let first = number * per_block;
    let sound = |sample: u64| {
        let time_s = time_s(sample);
        let loud = if time_s.fract() < 0.1 { 0.5 } else { 0.0 };
        (loud * (time_s * 1000.0 * std::f64::consts::TAU).sin()) as f32
    };
    let interleaved = (first..first + per_block)
        .flat_map(|n| std::iter::repeat_n(sound(n), usize::from(channels)))
        .collect();
    Samples {
        at: Micros((time_s(first) * 1e6).round() as u64),
        rate_hz,
        channels: channels.into(),
        interleaved,
    }
}

/// When each beep begins, in microseconds.
pub(crate) fn onsets_us(samples: &[f32]) -> Vec<i64> {
    let mut onsets = Vec::new();
    let mut quiet = 24_000;
    for (n, sample) in samples.iter().enumerate() {
        if sample.abs() > 0.1 {
            if quiet >= 12_000 {
                onsets.push(n as i64 * 1_000_000 / 48_000);
            }
            quiet = 0;
        } else {
            quiet += 1;
        }
    }
    onsets
}
