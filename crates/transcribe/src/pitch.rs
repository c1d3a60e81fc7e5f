//! Pitch detection by autocorrelation: a voice has a pitch about half of its time, noise of any
//! colour has none.

use crate::speech_model::SAMPLE_RATE_HZ;

/// Samples of a window: more than two periods of the lowest voice.
const WINDOW: usize = 640;
/// Samples from one window to the next.
const STEP: usize = 320;
/// Periods of the vocal cords in samples: 400 Hz to 70 Hz.
const PERIODS: std::ops::RangeInclusive<usize> =
    (SAMPLE_RATE_HZ as usize / 400)..=(SAMPLE_RATE_HZ as usize / 70);
/// A window has a pitch if its correlation with itself a period later is above this; 1 is
/// identical. Noise reaches half of it.
const MIN_CORRELATION: f32 = 0.3;
/// Sound has a pitch if one window of so many has one. Speech reaches this in loud noise too, noise
/// alone never.
const WINDOWS_PER_PITCHED: usize = 50;

/// Whether this 16 kHz sound has a pitch. Sound that is too short to tell counts as having one.
pub(crate) fn has_pitch(sound: &[f32]) -> bool {
    // Pre-emphasis: rumble correlates with itself too, so low frequencies are attenuated.
    let differences: Vec<f32> = sound.windows(2).map(|pair| pair[1] - 0.97 * pair[0]).collect();
    let windows = differences.windows(WINDOW + PERIODS.end()).step_by(STEP);
    let enough = windows.len().div_ceil(WINDOWS_PER_PITCHED);
    windows
        .filter(|window| {
            PERIODS.clone().any(|period| correlation(window, period) > MIN_CORRELATION)
        })
        .take(enough)
        .count()
        == enough
}

/// Normalised cross-correlation of the beginning of a window with what comes a period later.
fn correlation(window: &[f32], period: usize) -> f32 {
    let (mut both, mut power, mut power_later) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (now, later) in window[..WINDOW].iter().zip(&window[period..]) {
        both += now * later;
        power += now * now;
        power_later += later * later;
    }
    let power = (power * power_later).sqrt();
    if power > f32::MIN_POSITIVE { both / power } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLES: usize = 6 * SAMPLE_RATE_HZ as usize;

    fn white() -> impl Iterator<Item = f32> {
        let mut state = 1_u32;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from((state >> 16) as u16) / 32_768.0 - 1.0
        })
    }

    #[test]
    fn noise_of_any_colour_has_none() {
        for keeps in [0.0, 0.5, 0.9, 0.98] {
            let mut low = 0.0;
            let noise: Vec<f32> = white()
                .map(|white| {
                    low = keeps * low + (1.0 - keeps) * white;
                    low + white * 0.01
                })
                .take(SAMPLES)
                .collect();
            assert!(!has_pitch(&noise), "noise that keeps {keeps}");
        }
        assert!(!has_pitch(&[0.0; SAMPLES]), "silence");
    }

    #[test]
    fn what_beats_has_one_even_in_noise() {
        for hz in [80, 120, 220, 350] {
            let beats = (0..SAMPLES)
                .map(|n| if n % (SAMPLE_RATE_HZ as usize / hz) < 3 { 0.5 } else { 0.0 });
            let sound: Vec<f32> =
                beats.zip(white()).map(|(beat, white)| beat + white * 0.05).collect();
            assert!(has_pitch(&sound), "{hz} Hz");
        }
    }

    #[test]
    fn of_what_is_too_short_it_is_assumed() {
        assert!(has_pitch(&[]) && has_pitch(&[0.1; WINDOW]));
    }
}
