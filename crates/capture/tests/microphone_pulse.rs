//! The microphone of a real sound server, spoken into with known tones.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "in a test that is how it fails")]

mod common;

use std::time::Duration;

use common::pulse::within;
use common::{clock, notice, samples};
use crossbeam_channel::{Receiver, bounded};
use vignette_capture::{CaptureError, Pick, Running, devices, level, microphone, peak};
use vignette_model::{Captured, Channels, ErrorCode, Micros, Notice, Problem, Samples, TakeClock};

fn record(pick: &str, take: &TakeClock) -> (Running, Receiver<Captured>) {
    let (out, captured) = bounded(64);
    let running = microphone(&pick.parse().unwrap()).unwrap().start(take.clone(), out).unwrap();
    (running, captured)
}

/// So much sound, once it is louder than a whisper.
fn listen(captured: &Receiver<Captured>, for_: Micros) -> Vec<Samples> {
    let mut heard: Vec<Samples> = Vec::new();
    loop {
        let block = samples(captured);
        if !heard.is_empty() || level(&block) > -30.0 {
            if heard.first().is_some_and(|first| block.at - first.at >= for_) {
                return heard;
            }
            heard.push(block);
        }
    }
}

/// How much of a sound is this frequency: the amplitude of that sine in it (Goertzel).
fn amplitude(sound: &[f32], rate_hz: u32, hertz: f64) -> f64 {
    let step = std::f64::consts::TAU * hertz / f64::from(rate_hz);
    let (re, im) = sound.iter().enumerate().fold((0.0, 0.0), |(re, im), (n, &s)| {
        let (sin, cos) = (step * n as f64).sin_cos();
        (re + f64::from(s) * cos, im + f64::from(s) * sin)
    });
    2.0 * (re * re + im * im).sqrt() / sound.len() as f64
}

#[test]
fn a_tone_is_heard_as_it_is_played() {
    let Some(pulse) = within("a_tone_is_heard_as_it_is_played") else { return };
    let found = devices().microphones;
    assert_eq!(found.len(), 1, "the speaker's monitor is not offered: {found:?}");
    assert_eq!((found[0].id.as_str(), found[0].default), ("pulseaudio:fake_mic_feed.monitor", true));
    assert!(found[0].name.contains("FakeMicrophone"), "{found:?}");

    let _tone = pulse.speak(1000);
    let take = clock();
    let (running, captured) = record("default", &take);
    let blocks = listen(&captured, Micros::from_secs(2));
    let latency = take.now() - blocks.last().unwrap().at;
    drop(running);
    let first = &blocks[1];
    assert_eq!((first.rate_hz, &first.channels), (48_000, &Channels::MONO), "the device's own format");
    let sound: Vec<f32> = blocks[1..].iter().flat_map(|block| block.interleaved.iter().copied()).collect();
    let whole = Samples { interleaved: sound.clone(), ..first.clone() };
    assert!((level(&whole) + 9.03).abs() < 0.3, "half scale is -9 dB rms, not {}", level(&whole));
    assert!((peak(&whole) + 6.02).abs() < 0.3);
    let loudest = (100..4000).step_by(50).max_by_key(|&hz| (1e6 * amplitude(&sound, 48_000, f64::from(hz))) as u64).unwrap();
    assert_eq!(loudest, 1000, "dominant frequency");

    let end = blocks.last().unwrap();
    let stamped = end.at - first.at;
    let counted = Micros::from_ticks((sound.len() - end.frames()) as u64, 48_000).unwrap();
    // A loaded machine may give no punctual block in the first second.
    assert!(stamped.abs_diff(counted) < Micros::from_millis(40), "{stamped:?} by stamps, {counted:?} by samples");
    assert!(blocks.is_sorted_by(|a, b| a.at < b.at), "times strictly rise");
    assert!(latency < Micros::from_millis(500), "the last block was stamped {} ms ago", latency.0 / 1000);
}

#[test]
fn what_is_played_can_be_recorded_by_id() {
    let Some(pulse) = within("what_is_played_can_be_recorded_by_id") else { return };
    let before = clock();
    let (running, captured) = record("pulseaudio:fake_speaker.monitor", &before);
    let block = samples(&captured);
    assert_eq!(block.channels, Channels::STEREO, "the speaker has two");
    let take = clock();
    drop(running);
    assert!(take.now() < Micros::from_millis(500), "stopping took {} ms", take.now().0 / 1000);
    drop(pulse);
}

#[test]
fn a_sound_server_that_goes_away_and_comes_back() {
    let Some(mut pulse) = within("a_sound_server_that_goes_away_and_comes_back") else { return };
    let take = clock();
    let (_running, captured) = record("default", &take);
    let before = samples(&captured);
    pulse.unplug();
    let Notice::Lost { why } = notice(&captured) else { panic!("the loss is said") };
    assert!(why.contains("microphone") && why.contains("FakeMicrophone"), "{why}");
    pulse.plug_in();
    assert_eq!(notice(&captured), Notice::Back);
    assert!(samples(&captured).at > before.at, "times go on");
}

#[test]
fn a_microphone_that_falls_silent_is_noticed() {
    let Some(pulse) = within("a_microphone_that_falls_silent_is_noticed") else { return };
    let take = clock();
    let (_running, captured) = record("default", &take);
    samples(&captured);
    assert!(pulse.pactl(&["suspend-sink", "fake_mic_feed", "1"]));
    let Notice::Lost { why } = notice(&captured) else { panic!("the loss is said") };
    assert!(why.contains("2 seconds"), "{why}");
    assert!(pulse.pactl(&["suspend-sink", "fake_mic_feed", "0"]));
    assert_eq!(notice(&captured), Notice::Back);
}

#[test]
fn a_computer_without_sound_has_no_microphone() {
    let Some(mut pulse) = within("a_computer_without_sound_has_no_microphone") else { return };
    pulse.unplug();
    if std::path::Path::new("/proc/asound/card0").exists() {
        return; // This computer has one after all.
    }
    let take = clock();
    assert!(devices().microphones.is_empty());
    assert!(Duration::from(take.now()) < Duration::from_millis(2500), "listing is bounded");
    let error = microphone(&Pick::Default).err().expect("there is none");
    assert!(matches!(error, CaptureError::None(_)), "{error:?}");
    assert_eq!(Problem::from(error).code, ErrorCode::SourceUnavailable);
    assert!(matches!(microphone(&"FakeMic".parse().unwrap()), Err(CaptureError::Unknown { .. })));
}
