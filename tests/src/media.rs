//! [`Media`]: what a file holds, read by ffprobe and by decoding with FFmpeg's own command line, never by our code.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A media file.
#[derive(Clone, Debug)]
pub struct Media(pub PathBuf);

/// A decoded picture, three bytes a pixel.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    rgb: Vec<u8>,
}

impl Picture {
    /// The mean colour of the square of `2 * radius + 1` pixels around a point.
    #[must_use]
    pub fn colour(&self, x: usize, y: usize, radius: usize) -> [u8; 3] {
        let mut sums = [0_usize; 3];
        let mut count = 0;
        for row in y.saturating_sub(radius)..=(y + radius).min(self.height - 1) {
            for column in x.saturating_sub(radius)..=(x + radius).min(self.width - 1) {
                let at = (row * self.width + column) * 3;
                for (sum, value) in sums.iter_mut().zip(&self.rgb[at..at + 3]) {
                    *sum += usize::from(*value);
                }
                count += 1;
            }
        }
        sums.map(|sum| u8::try_from(sum / count).unwrap_or(u8::MAX))
    }

    /// Whether a colour is there, give or take what encoding does to it.
    #[must_use]
    pub fn is_near(&self, x: usize, y: usize, colour: [u8; 3]) -> bool {
        self.colour(x, y, 2).iter().zip(colour).all(|(&is, should)| is.abs_diff(should) <= 24)
    }
}

impl Media {
    /// The file at `path`.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    fn probe(&self, args: &[&str]) -> Value {
        let mut command = Command::new("ffprobe");
        command.args(["-v", "error", "-of", "json"]).args(args).arg(&self.0);
        let out = command.output().expect("ffprobe runs");
        assert!(
            out.status.success(),
            "ffprobe reads {}: {}",
            self.0.display(),
            String::from_utf8_lossy(&out.stderr)
        );
        serde_json::from_slice(&out.stdout).expect("ffprobe says JSON")
    }

    /// Length in seconds of the container.
    ///
    /// # Panics
    /// If ffprobe finds none.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        let said = self.probe(&["-show_entries", "format=duration"]);
        said["format"]["duration"].as_str().and_then(|d| d.parse().ok()).expect("a duration")
    }

    /// What ffprobe says of each stream.
    #[must_use]
    pub fn streams(&self) -> Vec<Value> {
        self.probe(&["-show_streams"])["streams"].as_array().cloned().unwrap_or_default()
    }

    /// Each video packet's time in seconds, and whether it is a key frame.
    #[must_use]
    pub fn video_packets(&self) -> Vec<(f64, bool)> {
        let said =
            self.probe(&["-select_streams", "v:0", "-show_entries", "packet=pts_time,flags"]);
        let packet = |p: &Value| {
            let time = p["pts_time"].as_str().and_then(|t| t.parse().ok())?;
            Some((time, p["flags"].as_str().unwrap_or_default().starts_with('K')))
        };
        said["packets"].as_array().into_iter().flatten().filter_map(packet).collect()
    }

    /// The picture shown at `seconds`.
    ///
    /// # Panics
    /// If it cannot be decoded.
    #[must_use]
    pub fn picture(&self, seconds: f64) -> Picture {
        let video = self
            .streams()
            .into_iter()
            .find(|s| s["codec_type"] == "video")
            .expect("a video stream");
        let side = |name: &str| usize::try_from(video[name].as_u64().unwrap_or(0)).unwrap_or(0);
        let (width, height) = (side("width"), side("height"));
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-ss", &seconds.to_string(), "-i"]).arg(&self.0);
        command.args(["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]);
        let out = command.output().expect("ffmpeg runs");
        assert_eq!(
            out.stdout.len(),
            width * height * 3,
            "a picture at {seconds} s: {}",
            String::from_utf8_lossy(&out.stderr)
        );
        Picture { width, height, rgb: out.stdout }
    }

    /// Width, height, and the brightness of every picture, one after the other.
    ///
    /// # Panics
    /// If it cannot be decoded.
    #[must_use]
    pub fn luma(&self) -> (usize, usize, Vec<u8>) {
        let video = self
            .streams()
            .into_iter()
            .find(|s| s["codec_type"] == "video")
            .expect("a video stream");
        let side = |name: &str| usize::try_from(video[name].as_u64().unwrap_or(0)).unwrap_or(0);
        (side("width"), side("height"), self.luma_through("null"))
    }

    /// The brightness of every picture at a point, over the square of eight pixels whose top left corner it is.
    ///
    /// # Panics
    /// If it cannot be decoded.
    #[must_use]
    pub fn luma_at(&self, x: usize, y: usize) -> Vec<u8> {
        self.luma_through(&format!("crop=8:8:{x}:{y},scale=1:1:flags=area"))
    }

    /// The brightness of every pixel of every picture, after this filter.
    fn luma_through(&self, filter: &str) -> Vec<u8> {
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-i"]).arg(&self.0).args([
            "-an",
            "-fps_mode",
            "passthrough",
            "-vf",
            filter,
        ]);
        let out = command
            .args(["-f", "rawvideo", "-pix_fmt", "gray", "-"])
            .output()
            .expect("ffmpeg runs");
        assert!(out.status.success(), "pictures decode: {}", String::from_utf8_lossy(&out.stderr));
        out.stdout
    }

    /// All sound as one channel at 48 kHz.
    ///
    /// # Panics
    /// If it cannot be decoded.
    #[must_use]
    pub fn sound(&self) -> Vec<f32> {
        let mut command = Command::new("ffmpeg");
        command
            .args(["-v", "error", "-i"])
            .arg(&self.0)
            .args(["-vn", "-ac", "1", "-ar", "48000", "-f", "f32le", "-"]);
        let out = command.output().expect("ffmpeg runs");
        assert!(out.status.success(), "sound decodes: {}", String::from_utf8_lossy(&out.stderr));
        out.stdout.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
    }

    /// Decodes everything and gives the stream and the hash of every frame of sound and picture, in order of each stream.
    ///
    /// # Panics
    /// If anything in it does not decode.
    #[must_use]
    pub fn frame_hashes(&self) -> Vec<(String, String)> {
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-xerror", "-i"]).arg(&self.0);
        let out = command
            .args(["-fps_mode", "passthrough", "-f", "framemd5", "-"])
            .output()
            .expect("ffmpeg runs");
        assert!(
            out.status.success() && out.stderr.is_empty(),
            "it decodes: {}",
            String::from_utf8_lossy(&out.stderr)
        );
        let text = String::from_utf8_lossy(&out.stdout);
        let frame = |line: &str| {
            Some((line.split_once(',')?.0.to_owned(), line.rsplit_once(", ")?.1.to_owned()))
        };
        let mut frames: Vec<_> =
            text.lines().filter(|l| !l.starts_with('#')).filter_map(frame).collect();
        frames.sort_by(|a, b| a.0.cmp(&b.0));
        frames
    }
}

/// How much of a frequency is in samples at 48 kHz: the mean amplitude of that sine over tenths of a second, so that a clock
/// that is a little off does not matter.
#[must_use]
pub fn amplitude_at(samples: &[f32], hz: f64) -> f64 {
    let tenths: Vec<f64> = samples.chunks_exact(4_800).map(|tenth| goertzel(tenth, hz)).collect();
    #[expect(clippy::cast_precision_loss, reason = "a number of tenths of a second")]
    let count = tenths.len().max(1) as f64;
    tenths.iter().sum::<f64>() / count
}

/// The amplitude of one sine in samples at 48 kHz (Goertzel's algorithm).
fn goertzel(samples: &[f32], hz: f64) -> f64 {
    let turn = std::f64::consts::TAU * hz / 48_000.0;
    let (mut one, mut two) = (0.0_f64, 0.0_f64);
    for &sample in samples {
        let next = f64::from(sample) + 2.0 * turn.cos() * one - two;
        (two, one) = (one, next);
    }
    let power = one * one + two * two - 2.0 * turn.cos() * one * two;
    #[expect(clippy::cast_precision_loss, reason = "a number of samples")]
    let length = samples.len().max(1) as f64;
    2.0 * power.max(0.0).sqrt() / length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_found_at_its_frequency_alone() {
        #[expect(clippy::cast_possible_truncation, reason = "a test tone")]
        let tone: Vec<f32> = (0..48_000)
            .map(|n| {
                (0.5 * (std::f64::consts::TAU * 1000.0 * f64::from(n) / 48_000.0).sin()) as f32
            })
            .collect();
        assert!((amplitude_at(&tone, 1000.0) - 0.5).abs() < 1e-3);
        assert!(amplitude_at(&tone, 1300.0) < 1e-3);
    }
}
