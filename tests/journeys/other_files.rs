//! Other people's files by the real program into a real library: how loud each channel of surround sound is in what is heard.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use vignette_tests::media::amplitude_at;
use vignette_tests::program::Program;
use vignette_tests::team::Team;

const PATIENCE: Duration = Duration::from_secs(60);
const AMPLITUDE: f64 = 0.2;
const HALF_POWER: f64 = std::f64::consts::FRAC_1_SQRT_2;
/// A channel's tone in hertz, and what of it goes to the left and to the right.
type Channel = (f64, [f64; 2]);
/// The channels of 7.1 in FFmpeg's order (ITU-R BS.775: centre and surrounds at -3 dB, no low frequencies). 5.1 has the first
/// six of them.
const CHANNELS: [Channel; 8] = [
    (500.0, [1.0, 0.0]),
    (900.0, [0.0, 1.0]),
    (1400.0, [HALF_POWER; 2]),
    (60.0, [0.0; 2]),
    (2300.0, [HALF_POWER, 0.0]),
    (3100.0, [0.0, HALF_POWER]),
    (3900.0, [HALF_POWER, 0.0]),
    (4700.0, [0.0, HALF_POWER]),
];

#[tokio::test(flavor = "multi_thread")]
async fn surround_sound_is_heard_by_the_rule() {
    for (codec, layout) in [("aac", "5.1"), ("ac3", "5.1(side)"), ("aac", "quad"), ("flac", "7.1")]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let team = Team::start(folder.path()).await;
        let film = surround(folder.path(), codec, layout);
        let upload = [
            "upload",
            film.to_str().expect("a plain path"),
            "--no-transcript",
            "--library",
            &team.url(),
        ];
        let (status, said) = Program::vignette(
            &folder.path().join("home"),
            &upload,
            &[("VIGNETTE_TOKEN", &team.token)],
        )
        .finish(PATIENCE);
        assert!(status.success(), "{codec} {layout}: {said:#?}");
        let heard = [0, 1].map(|side| channel(&team.sealed_clip(), side));
        // All are as loud as each other, and together no louder than one of them may be.
        let all: f64 = channels_of(layout).iter().map(|(_, [left, _])| left).sum();
        for (hz, parts) in channels_of(layout) {
            for (side, (samples, part)) in heard.iter().zip(parts).enumerate() {
                let wanted = AMPLITUDE * part / all;
                let found = amplitude_at(samples, hz);
                let told = format!(
                    "{codec} {layout}: the tone of {hz} Hz in side {side}: {found:.4}, not {wanted:.4}"
                );
                if wanted == 0.0 {
                    assert!(found < AMPLITUDE / 50.0, "{told}");
                } else {
                    assert!((20.0 * (found / wanted).log10()).abs() < 0.5, "{told}");
                }
            }
        }
    }
}

fn channels_of(layout: &str) -> Vec<Channel> {
    match layout {
        "quad" => [0, 1, 4, 5].map(|number| CHANNELS[number]).to_vec(),
        "7.1" => CHANNELS.to_vec(),
        _ => CHANNELS[..6].to_vec(),
    }
}

/// Four seconds of film with a tone of its own on each channel.
fn surround(folder: &Path, codec: &str, layout: &str) -> PathBuf {
    let film = folder.join("surround.mkv");
    let tones: Vec<_> =
        channels_of(layout).iter().map(|(hz, _)| format!("{AMPLITUDE}*sin(2*PI*{hz}*t)")).collect();
    let sound = format!("aevalsrc={}:c={layout}:s=48000:d=4", tones.join("|"));
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args([
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=320x180:r=10:d=4",
        "-f",
        "lavfi",
        "-i",
        &sound,
    ]);
    ffmpeg
        .args(["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", codec, "-b:a", "448k"])
        .arg(&film);
    assert!(
        ffmpeg.stdin(Stdio::null()).status().expect("ffmpeg runs").success(),
        "the film is made"
    );
    film
}

/// One channel of a file's sound at 48 kHz, without the first second, in which levels are still found out.
fn channel(file: &Path, side: usize) -> Vec<f32> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg
        .args(["-v", "error", "-ss", "1", "-i"])
        .arg(file)
        .args(["-af", &format!("pan=mono|c0=c{side}")]);
    let out = ffmpeg.args(["-ar", "48000", "-f", "f32le", "-"]).output().expect("ffmpeg runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let samples: Vec<f32> =
        out.stdout.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    assert!(samples.len() > 96_000, "two seconds at least");
    samples[..96_000].to_vec()
}
