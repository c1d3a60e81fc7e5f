//! How loud sound is: [`level`] and [`peak`], in decibels below full scale.

use vignette_model::Samples;

/// The lowest level that is shown; digital silence has a level of minus infinity.
const METER_FLOOR_DBFS: f32 = -100.0;

/// The root mean square of a block in dBFS, where a full-scale square wave is 0 and silence is
/// -100. All channels count equally.
#[must_use]
pub fn level(samples: &Samples) -> f32 {
    let n = samples.interleaved.len().max(1);
    let sum: f64 = samples.interleaved.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    #[expect(clippy::cast_possible_truncation, reason = "a meter needs no more than f32")]
    let rms = (sum / n as f64).sqrt() as f32;
    dbfs(rms)
}

/// The largest sample of a block in dBFS: 0 is full scale, silence is -100.
#[must_use]
pub fn peak(samples: &Samples) -> f32 {
    dbfs(samples.interleaved.iter().fold(0.0, |most: f32, s| most.max(s.abs())))
}

fn dbfs(amplitude: f32) -> f32 {
    // A level that is not finite counts as full scale, so that the meter always shows a number.
    if amplitude.is_finite() { (20.0 * amplitude.log10()).max(METER_FLOOR_DBFS) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use vignette_model::Micros;

    use super::*;

    fn block(interleaved: Vec<f32>) -> Samples {
        Samples { at: Micros::ZERO, rate_hz: 48_000, channels: 1.into(), interleaved }
    }

    #[test]
    fn levels_are_decibels() {
        let sine: Vec<f32> = (0..48_000u16)
            .map(|n| 0.5 * (f32::from(n) * std::f32::consts::TAU / 48.0).sin())
            .collect();
        assert!(
            (level(&block(sine.clone())) + 9.03).abs() < 0.01,
            "a sine at half scale is 6 dB + 3 dB below full scale"
        );
        assert!((peak(&block(sine)) + 6.02).abs() < 0.01);
        for nothing in [vec![], vec![0.0; 100]] {
            assert!(
                (level(&block(nothing.clone())) - METER_FLOOR_DBFS).abs() < f32::EPSILON,
                "silence has a level"
            );
            assert!((peak(&block(nothing)) - METER_FLOOR_DBFS).abs() < f32::EPSILON);
        }
        assert!(level(&block(vec![f32::NAN])).is_finite());
    }
}
