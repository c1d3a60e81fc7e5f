//! Sound and its place beside the pictures.

use std::ops::ControlFlow;

use vignette_encode::{EncoderSettings, MAX_SOUND_SOURCES, Profile, sound_of};
use vignette_model::{Micros, Samples, SourceRole, Span};

use crate::film::{Film, beeps, onsets_us, plain, runs, settings};

const MS: fn(u64) -> Micros = Micros::from_millis;
const SPAN: fn(u64) -> Span = Span::from_millis;

fn with_sound() -> EncoderSettings {
    EncoderSettings { sound: vec![SourceRole::Voice], ..settings(64, 64) }
}

/// Flashes white for a tenth of every second while a microphone of that rate, channels and speed
/// hears beeps at the same instants. What is heard arrives `late_ms` later.
fn flash_and_beep(seconds: u64, rate_hz: u32, channels: u16, speed: f64, late_ms: u64) -> Film {
    Film::record(with_sound(), Micros::from_secs(seconds), |encoder| {
        let mut heard = 0;
        for block in 0..seconds * 100 {
            let now = MS(block * 10);
            if block % 100 == 0 {
                encoder.screen(&plain(now, 64, 64, [255; 3])).unwrap();
            } else if block % 100 == 10 {
                encoder.screen(&plain(now, 64, 64, [0; 3])).unwrap();
            }
            loop {
                let samples = beeps(heard, rate_hz, channels, speed);
                if samples.at + SPAN(10 + late_ms) > now {
                    break;
                }
                encoder.sound(0, &samples).unwrap();
                heard += 1;
            }
            encoder.tick(now).unwrap();
        }
    })
}

/// When the pictures turn white.
fn flashes_us(film: &Film) -> Vec<i64> {
    let pictures = film.pictures(64, 64);
    let bright = |picture: &[u8]| picture[64 * 32 * 3] > 128;
    let mut flashes: Vec<i64> = Vec::new();
    let mut before = false;
    for (pts_us, picture) in &pictures {
        if bright(picture) && !before {
            flashes.push(*pts_us);
        }
        before = bright(picture);
    }
    flashes
}

#[track_caller]
fn in_sync(film: &Film, seconds: u64, within_us: i64) {
    let (flashes, beeps) = (flashes_us(film), onsets_us(&film.samples()));
    assert_eq!(flashes.len() as u64, seconds, "a flash every second");
    // The very first beep falls into the encoder's run-in and may fade in.
    for flash in &flashes[1..] {
        let away = beeps.iter().map(|beep| beep - flash).min_by_key(|away| away.abs()).unwrap();
        assert!(away.abs() <= within_us, "the beep for the flash at {flash} µs is {away} µs away");
    }
    assert!(
        beeps.len().abs_diff(flashes.len()) <= 1,
        "{} beeps for {} flashes",
        beeps.len(),
        flashes.len()
    );
}

#[test]
fn flash_and_beep_stay_together_for_a_minute() {
    in_sync(&flash_and_beep(60, 48_000, 1, 1.0, 30), 60, 3_000);
}

#[test]
fn any_rate_and_number_of_channels_is_in_sync() {
    for (rate_hz, channels) in [(44_100, 2), (16_000, 1), (96_000, 2), (8_000, 1), (48_000, 6)] {
        in_sync(&flash_and_beep(6, rate_hz, channels, 1.0, 60), 6, 3_000);
    }
}

#[test]
fn a_clock_half_a_percent_fast_or_slow_stays_in_sync_for_minutes() {
    for speed in [1.005, 0.995] {
        in_sync(&flash_and_beep(240, 48_000, 1, speed, 30), 240, 20_000);
    }
}

#[test]
fn stereo_stays_stereo_if_the_profile_says_so() {
    let settings = EncoderSettings { profile: Profile::STEREO, ..with_sound() };
    let film = Film::record(settings, Micros::from_secs(2), |encoder| {
        for block in 0..200 {
            encoder.sound(0, &beeps(block, 48_000, 2, 1.0)).unwrap();
            encoder.tick(MS(block * 10)).unwrap();
        }
    });
    assert_eq!(
        film.show("stream=codec_name,profile,sample_rate,channels").lines().last(),
        Some("aac,LC,48000,2")
    );
}

/// A steady tone from `from` on, stamped by the device.
fn tone(from: Micros, length_ms: u64) -> Samples {
    let first = from.to_ticks(48_000);
    let interleaved =
        (first..first + length_ms * 48).map(|n| (n as f32 * 0.1).sin() * 0.5).collect();
    Samples { at: from, rate_hz: 48_000, channels: 1.into(), interleaved }
}

/// Loudness from one instant to another.
fn loudness(samples: &[f32], from_ms: usize, to_ms: usize) -> f32 {
    let part = &samples[from_ms * 48..to_ms * 48];
    (part.iter().map(|sample| sample * sample).sum::<f32>() / part.len() as f32).sqrt()
}

#[test]
fn holes_are_filled_with_silence_and_nothing_moves() {
    let film = Film::record(with_sound(), Micros::from_secs(4), |encoder| {
        for block in 0..400 {
            let now = MS(block * 10);
            // Begins late, has a hole of 300 ms, and one of 1.2 s: long enough to be given up
            // meanwhile.
            if (25..100).contains(&block) || (130..200).contains(&block) || block >= 320 {
                encoder.sound(0, &tone(now, 10)).unwrap();
            }
            encoder.tick(now + SPAN(10)).unwrap();
        }
    });
    let samples = film.samples();
    assert!(samples.len().abs_diff(4 * 48_000) < 1100, "four seconds of sound: {}", samples.len());
    for (from, to, loud) in [
        (0, 240, false),
        (260, 990, true),
        (1010, 1290, false),
        (1310, 1990, true),
        (2030, 3190, false),
        (3230, 3950, true),
    ] {
        let loudness = loudness(&samples, from, to);
        assert!(
            if loud { (0.3..0.4).contains(&loudness) } else { loudness < 0.02 },
            "{from} to {to} ms: {loudness}"
        );
    }
}

#[test]
fn what_was_already_heard_is_left_out() {
    let film = Film::record(with_sound(), Micros::from_secs(3), |encoder| {
        for block in 0..300 {
            let now = MS(block * 10);
            encoder.sound(0, &tone(now, 10)).unwrap();
            if block == 150 {
                // A driver that hands out the last 200 ms again.
                encoder.sound(0, &tone(now.saturating_sub(SPAN(200)), 200)).unwrap();
            }
            encoder.tick(now + SPAN(10)).unwrap();
        }
    });
    let samples = film.samples();
    assert!(samples.len().abs_diff(3 * 48_000) < 1100, "three seconds of sound: {}", samples.len());
    assert!((0.3..0.4).contains(&loudness(&samples, 100, 2900)));
}

/// Ten seconds of pictures beside a microphone that gives nothing from 3 to 4 s and from 8 s on;
/// `told` as soon as it does not. At no time would a kill lose more than `at_risk`.
fn with_a_lost_microphone(told: bool, at_risk: Span) -> Vec<f32> {
    let (sender, receiver) = std::sync::mpsc::channel();
    let mut encoder =
        vignette_encode::Encoder::new(with_sound(), move |piece| sender.send(piece).unwrap())
            .unwrap();
    let (mut pieces, mut safe) = (Vec::new(), Micros::ZERO);
    for tick in 0..1000 {
        let now = MS(tick * 10);
        encoder.screen(&plain(now, 64, 64, [(tick % 250) as u8; 3])).unwrap();
        if (300..400).contains(&tick) || tick >= 800 {
            encoder.sound(0, &tone(now.saturating_sub(SPAN(40)), 10)).unwrap();
        } else if told && (tick == 0 || tick == 400) {
            encoder.sound_is_lost(0);
        }
        encoder.tick(now).unwrap();
        for piece in receiver.try_iter() {
            if let vignette_encode::EncodedPiece::Fragment { start, duration, .. } = &piece {
                safe = *start + *duration;
            }
            pieces.push(piece);
        }
        assert!(
            now.saturating_since(safe) <= at_risk,
            "at {now:?} there are fragments until {safe:?}, told: {told}"
        );
    }
    let totals = encoder.finish(Micros::from_secs(10)).unwrap();
    pieces.extend(receiver.try_iter());
    Film::of(pieces, Some(totals)).samples()
}

#[test]
fn a_lost_microphone_never_holds_up_pictures() {
    for (told, at_risk_ms) in [(true, 2_000), (false, 2_500)] {
        let samples = with_a_lost_microphone(told, SPAN(at_risk_ms));
        assert!(samples.len().abs_diff(480_000) < 1100, "sound is as long as the take");
        for (from, to, loud) in
            [(100, 2900, false), (3050, 3900, true), (4100, 7800, false), (8050, 9900, true)]
        {
            let loudness = loudness(&samples, from, to);
            assert!(
                if loud { loudness > 0.3 } else { loudness < 0.02 },
                "{from} to {to} ms: {loudness}"
            );
        }
    }
}

/// When each track ends, in microseconds.
fn ends(film: &Film) -> [u64; 2] {
    [(1, 90_000), (2, 48_000)].map(|(track, hz)| {
        let runs =
            film.fragments().flat_map(|(bytes, ..)| runs(bytes)).filter(|run| run.track == track);
        runs.map(|run| run.end()).max().unwrap() * 1_000_000 / hz
    })
}

#[test]
fn picture_and_sound_end_together() {
    // Whoever stops a take may have encoded a picture that was captured after the instant of
    // stopping.
    for beyond_ms in [0, 4, 36, 300] {
        let end = MS(3_000);
        let film = Film::record(with_sound(), end, |encoder| {
            for block in 0..300 {
                encoder.sound(0, &tone(MS(block * 10), 10)).unwrap();
            }
            for picture in 0..90 {
                encoder.screen(&plain(MS(picture * 33), 64, 64, [picture as u8; 3])).unwrap();
                encoder.tick(MS(picture * 33)).unwrap();
            }
            encoder.screen(&plain(end + SPAN(beyond_ms), 64, 64, [200; 3])).unwrap();
            encoder.tick(end + SPAN(beyond_ms)).unwrap();
        });
        let [pictures, sound] = ends(&film);
        assert!(pictures >= (end + SPAN(beyond_ms)).0, "the last picture is shown: {pictures}");
        assert!(
            pictures.abs_diff(sound) < 1_000,
            "{beyond_ms} ms: pictures end at {pictures} µs, sound at {sound} µs"
        );
    }
}

#[test]
fn sound_that_comes_late_and_in_lumps_is_all_kept() {
    // Whoever ticks gets a turn only now and then, and what was captured is 0.6 s to 1.8 s on its
    // way.
    let film = Film::record(with_sound(), Micros::from_secs(12), |encoder| {
        let (mut now, mut heard) = (Micros::ZERO, Micros::ZERO);
        for turn in 0_u64.. {
            if heard >= Micros::from_secs(12) {
                break;
            }
            now += SPAN([10, 10, 400, 10, 700][turn as usize % 5]);
            encoder.screen(&plain(now, 64, 64, [(turn % 250) as u8; 3])).unwrap();
            if turn % 7 == 6 {
                while heard + SPAN(600) < now {
                    encoder.sound(0, &tone(heard, 10)).unwrap();
                    heard += SPAN(10);
                }
            }
            encoder.tick(now).unwrap();
        }
    });
    let samples = film.samples();
    let off: Vec<_> = (100..11_900)
        .step_by(20)
        .map(|from| (from, loudness(&samples, from, from + 20)))
        .filter(|(_, loudness)| !(0.33..0.38).contains(loudness))
        .collect();
    assert!(off.is_empty(), "milliseconds and loudness: {off:?}");
}

#[test]
fn jitter_of_time_stamps_is_not_heard() {
    let film = Film::record(with_sound(), Micros::from_secs(20), |encoder| {
        for block in 0..2000_u64 {
            let now = MS(block * 10);
            let mut samples = tone(now, 10);
            samples.at = now + Span(block * 7919 % 20_000);
            encoder.sound(0, &samples).unwrap();
            encoder.tick(now + SPAN(30)).unwrap();
        }
    });
    let samples = film.samples();
    // A tone whose speed wavers by less than half a percent is as loud everywhere: no holes, no
    // jumps.
    for from in (100..19_800).step_by(20) {
        assert!(
            (0.33..0.38).contains(&loudness(&samples, from, from + 20)),
            "at {from} ms: {}",
            loudness(&samples, from, from + 20)
        );
    }
}

#[test]
fn bad_numbers_from_a_driver_do_not_spread() {
    let film = Film::record(with_sound(), Micros::from_secs(1), |encoder| {
        for block in 0..100 {
            let mut samples = tone(MS(block * 10), 10);
            if block == 20 {
                samples.interleaved[7] = f32::NAN;
                samples.interleaved[8] = f32::INFINITY;
                samples.interleaved[9] = 1e30;
            }
            encoder.sound(0, &samples).unwrap();
            encoder.tick(MS(block * 10)).unwrap();
        }
    });
    assert!((0.3..0.4).contains(&loudness(&film.samples(), 300, 900)), "what follows is as it was");
}

/// The loudness of a recording into which sixteen inputs were heard, with a tone on those that are
/// `live`.
fn loudness_of_inputs(live: std::ops::Range<usize>) -> f32 {
    let film = Film::record(with_sound(), Micros::from_secs(2), |encoder| {
        for block in 0..200 {
            let mono = tone(MS(block * 10), 10);
            let inputs = |sample: &f32| {
                (0..16)
                    .map(|input| if live.contains(&input) { *sample } else { 0.0 })
                    .collect::<Vec<_>>()
            };
            let interleaved = mono.interleaved.iter().flat_map(inputs).collect();
            encoder.sound(0, &Samples { channels: 16.into(), interleaved, ..mono }).unwrap();
            encoder.tick(MS(block * 10)).unwrap();
        }
    });
    20.0 * loudness(&film.samples(), 200, 1900).log10()
}

#[test]
fn a_voice_on_one_of_sixteen_inputs_is_as_loud_as_alone() {
    let alone = 20.0 * (0.5 * std::f32::consts::FRAC_1_SQRT_2).log10();
    for live in [0..1, 15..16, 3..5] {
        let found = loudness_of_inputs(live.clone());
        assert!((found - alone).abs() < 0.5, "inputs {live:?}: {found} dBFS instead of {alone}");
    }
}

/// How much of one frequency there is from one instant to another: the amplitude of that tone.
fn amount(samples: &[f32], hz: f32, from_ms: usize, to_ms: usize) -> f32 {
    let part = &samples[from_ms * 48..to_ms * 48];
    let turn = std::f32::consts::TAU * hz / 48_000.0;
    let sum = |wave: fn(f32) -> f32| {
        part.iter().enumerate().map(|(n, s)| s * wave(turn * n as f32)).sum::<f32>()
    };
    2.0 * sum(f32::sin).hypot(sum(f32::cos)) / part.len() as f32
}

/// A tone of 100 whole milliseconds' waves.
fn hum(at: Micros, hz: f32, volume: f32) -> Samples {
    let wave = |n: u16| volume * (std::f32::consts::TAU * hz * f32::from(n) / 16_000.0).sin();
    Samples { at, rate_hz: 16_000, channels: 1.into(), interleaved: (0..1_600).map(wave).collect() }
}

/// Four seconds of a voice of 1 kHz, and beside it for the middle two seconds a background of 440
/// Hz.
fn two_sounds() -> Film {
    let sound = vec![SourceRole::Voice, SourceRole::Background];
    let settings = EncoderSettings { sound, ..settings(64, 64) };
    Film::record(settings, Micros::from_secs(4), |encoder| {
        encoder.screen(&plain(MS(0), 64, 64, [90; 3])).unwrap();
        encoder.sound_is_lost(1);
        for block in 0..40 {
            let at = MS(block * 100);
            encoder.sound(0, &hum(at, 1_000.0, 0.5)).unwrap();
            if (10..30).contains(&block) {
                encoder.sound(1, &hum(at, 440.0, 0.25)).unwrap();
            } else {
                encoder.sound_is_lost(1);
            }
            encoder.tick(at + SPAN(100)).unwrap();
        }
    })
}

#[test]
fn several_sounds_are_mixed_into_the_first_track_and_each_has_its_own() {
    let film = two_sounds();
    let entries =
        film.show("stream=codec_type:stream_disposition=default:stream_tags=handler_name");
    let tracks: Vec<&str> = entries.lines().collect();
    assert_eq!(
        tracks[1..],
        ["audio,1,Mix", "audio,0,Voice", "audio,0,Background"],
        "a player plays the mix"
    );
    for (track, voice, background) in [(0, 0.5, 0.25), (1, 0.5, 0.0), (2, 0.0, 0.25)] {
        let samples = film.samples_of(track);
        assert!(
            samples.len().abs_diff(4 * 48_000) < 1_100,
            "four seconds of track {track}: {}",
            samples.len()
        );
        for (from, to, background) in
            [(200, 900, 0.0), (1_200, 2_800, background), (3_300, 3_900, 0.0)]
        {
            let heard = (amount(&samples, 1_000.0, from, to), amount(&samples, 440.0, from, to));
            let near = |heard: f32, expected: f32| (heard - expected).abs() < 0.03;
            assert!(
                near(heard.0, voice) && near(heard.1, background),
                "track {track}, {from} to {to} ms: {heard:?}"
            );
        }
    }
}

#[test]
fn a_fragments_sound_covers_its_pictures_in_every_track() {
    let film = two_sounds();
    assert!(film.fragments().count() >= 2);
    for (bytes, start, duration) in film.fragments() {
        let runs = runs(bytes);
        assert_eq!(runs.len(), 4, "pictures, mix and two sources");
        for run in runs.iter().filter(|run| run.track > 1) {
            let until = (start + duration).to_ticks(48_000);
            assert!(
                run.end() >= until.min(4 * 48_000),
                "track {} of the fragment at {start}: {} of {until}",
                run.track,
                run.end()
            );
        }
    }
}

#[test]
fn of_several_sounds_the_voice_is_what_is_transcribed() {
    let mut heard = Vec::new();
    let keep = |samples: Samples| {
        heard.extend(samples.interleaved);
        ControlFlow::Continue(())
    };
    sound_of(&two_sounds().path(), Micros::ZERO, keep).unwrap().unwrap();
    assert!((amount(&heard, 1_000.0, 1_200, 2_800) - 0.5).abs() < 0.03);
    assert!(amount(&heard, 440.0, 1_200, 2_800) < 0.03, "nothing of the background");
}

#[test]
fn a_source_that_says_nothing_holds_the_others_back_no_longer_than_a_fragment() {
    let sound = vec![SourceRole::Voice; MAX_SOUND_SOURCES];
    let film = Film::record(
        EncoderSettings { sound, ..settings(64, 64) },
        Micros::from_secs(6),
        |encoder| {
            encoder.screen(&plain(MS(0), 64, 64, [90; 3])).unwrap();
            for block in 0..600 {
                encoder.sound(0, &tone(MS(block * 10), 10)).unwrap();
                encoder.tick(MS(block * 10 + 10)).unwrap();
            }
        },
    );
    assert_eq!(film.show("stream=codec_type").lines().count(), 2 + MAX_SOUND_SOURCES);
    assert!(
        (0.3..0.4).contains(&loudness(&film.samples(), 100, 5_900)),
        "the mix has what was heard"
    );
}
