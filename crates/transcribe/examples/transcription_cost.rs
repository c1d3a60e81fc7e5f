//! What writing down speech costs on this computer: `transcription_cost MODEL FILE.wav`, or one of
//! `tests/rig/speech-model` without.
//!
//! Hears a file of whole-number samples on one thread as fast as it can, and prints a line of JSON.

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;

use vignette_model::{Clock as _, Micros, Samples, SystemClock};
use vignette_transcribe::{SpeechModel, Transcriber};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let wav = arguments.pop().ok_or("usage: transcription_cost [MODEL] FILE.wav")?;
    let model = arguments.pop().unwrap_or_else(|| "target/speech/whisper-tiny.en.bin".into());
    let clock = SystemClock::new();
    let mut wav = hound::WavReader::open(wav)?;
    let (rate_hz, channels) = (wav.spec().sample_rate, wav.spec().channels);
    let full = 2_f32.powi(i32::from(wav.spec().bits_per_sample) - 1);
    #[expect(
        clippy::cast_precision_loss,
        reason = "samples of files that can be played have 24 bits at most"
    )]
    let mut samples = wav.samples::<i32>().map_while(|sample| Some(sample.ok()? as f32 / full));

    let (began, used) = (clock.monotonic(), cpu_seconds());
    let speech = SpeechModel::open(&model)?;
    let loaded = clock.monotonic().saturating_since(began);
    let mut listener = Transcriber::start(speech, |_| {});
    let block = usize::from(channels) * (rate_hz / 50) as usize;
    let mut frames = 0_u64;
    loop {
        let interleaved: Vec<f32> = samples.by_ref().take(block).collect();
        if interleaved.is_empty() {
            break;
        }
        let at = Micros::from_ticks(frames, rate_hz).ok_or("a file without a rate")?;
        frames += (interleaved.len() / usize::from(channels)) as u64;
        listener.push_blocking(&Samples { at, rate_hz, channels: channels.into(), interleaved });
    }
    let heard = listener.finish();
    let took = clock.monotonic().saturating_since(began);
    let minutes = heard.until.0 as f64 / 60e6;
    writeln!(
        std::io::stdout(),
        "{{\"minutes\": {minutes:.2}, \"cpu_s_per_minute\": {:.2}, \"times_real_time\": \
         {:.1}, \"load_ms\": {}, \
         \"peak_rss_mb\": {:.0}, \"cues\": {}, \"done\": {}}}",
        (cpu_seconds() - used) / minutes,
        heard.until.0 as f64 / took.0 as f64,
        loaded.0 / 1000,
        peak_rss_mb(),
        heard.cues.len(),
        heard.done,
    )?;
    Ok(())
}

/// Processor time of this process, where the system tells it as Linux does (proc(5)); else not a
/// number.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The program's name, in parentheses, may hold anything. Behind it, the 12th and 13th numbers
    // are hundredths of seconds.
    let numbers = stat
        .rsplit_once(')')
        .map_or("", |(_, numbers)| numbers)
        .split_whitespace()
        .skip(11)
        .take(2);
    let ticks: Vec<f64> = numbers.filter_map(|number| number.parse().ok()).collect();
    if ticks.is_empty() { f64::NAN } else { ticks.iter().sum::<f64>() / 100.0 }
}

/// The most memory this process ever had; else not a number.
fn peak_rss_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.map_or(f64::NAN, |kilobytes| kilobytes / 1000.0)
}
