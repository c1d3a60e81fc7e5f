//! [`Resampler`]: one channel of sound of any rate to 16 kHz, each sample at exactly its instant.
//!
//! Windowed sinc with one filter for each place an output sample can have between two input samples; those are whole
//! numbers, so nothing drifts however long it runs.

#![expect(clippy::cast_possible_truncation, reason = "filter sizes are small, and samples are 32-bit anyway")]

use crate::speech::SPEECH_HZ;

/// Zero crossings of the sinc on either side.
const CROSSINGS: usize = 12;
/// Shape of the Kaiser window: about 70 dB.
const BETA: f64 = 7.0;

/// One channel of one rate to 16 kHz.
pub(crate) struct Resampler {
    rate_hz: u32,
    /// From one output sample to the next, in `phases`ths of an input sample.
    step: usize,
    /// How many places an output sample can have between two input samples.
    phases: usize,
    /// Taps on either side of a position.
    half: usize,
    /// `phases` filters of `2 * half` taps.
    filters: Vec<f32>,
    /// Input that is still needed. Begins with `half` samples of silence.
    input: Vec<f32>,
    /// Where the next output sample lies in `input`, in `phases`ths.
    position: usize,
}

impl Resampler {
    pub(crate) fn new(rate_hz: u32) -> Self {
        let rate_hz = rate_hz.max(1);
        let common = common_divisor(rate_hz, SPEECH_HZ);
        let (step, phases) = ((rate_hz / common) as usize, (SPEECH_HZ / common) as usize);
        let wider = f64::from(rate_hz.max(SPEECH_HZ)) / f64::from(SPEECH_HZ);
        let half = (CROSSINGS as f64 * wider).ceil() as usize;
        let filters = (0..phases).flat_map(|phase| filter(half, wider, phase as f64 / phases as f64)).collect();
        Self { rate_hz, step, phases, half, filters, input: vec![0.0; half], position: half * phases }
    }

    pub(crate) const fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Takes the next samples and adds what is ready to `out`.
    pub(crate) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.input.extend_from_slice(samples);
        self.run(self.input.len().saturating_sub(self.half), out);
    }

    /// Adds what is left to `out`, as if silence followed.
    pub(crate) fn flush(mut self, out: &mut Vec<f32>) {
        let end = self.input.len();
        self.input.resize(end + self.half, 0.0);
        self.run(end, out);
    }

    /// Makes the output samples that lie before input sample `end`.
    fn run(&mut self, end: usize, out: &mut Vec<f32>) {
        let taps = 2 * self.half;
        while self.position < end * self.phases {
            let (whole, phase) = (self.position / self.phases, self.position % self.phases);
            let input = &self.input[whole + 1 - self.half..][..taps];
            out.push(dot(input, &self.filters[phase * taps..][..taps]));
            self.position += self.step;
        }
        let done = (self.position / self.phases + 1 - self.half).min(end);
        self.input.drain(..done);
        self.position -= done * self.phases;
    }
}

/// The sum of the products: eight side by side, or the compiler has to keep the order of the additions.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut lanes = [0.0_f32; 8];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

const fn common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The low-pass filter for a position `fraction` behind a sample; its sum is 1.
fn filter(half: usize, wider: f64, fraction: f64) -> Vec<f32> {
    let taps: Vec<f64> = (0..2 * half)
        .map(|tap| {
            let x = tap as f64 - (half as f64 - 1.0) - fraction;
            sinc(x / wider) * kaiser(x / half as f64)
        })
        .collect();
    let sum: f64 = taps.iter().sum();
    taps.iter().map(|tap| (tap / sum) as f32).collect()
}

fn sinc(x: f64) -> f64 {
    let x = x * std::f64::consts::PI;
    if x.abs() < 1e-9 { 1.0 } else { x.sin() / x }
}

/// The Kaiser window over -1 to 1.
fn kaiser(x: f64) -> f64 {
    if x.abs() >= 1.0 { 0.0 } else { bessel(BETA * (1.0 - x * x).sqrt()) / bessel(BETA) }
}

/// The modified Bessel function of the first kind of order zero, by its series.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 1..40 {
        term *= (x / 2.0 / f64::from(n)).powi(2);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate_hz: u32, hz: f64, samples: usize) -> Vec<f32> {
        (0..samples).map(|n| (n as f64 / f64::from(rate_hz) * hz * std::f64::consts::TAU).sin() as f32).collect()
    }

    #[test]
    fn a_tone_of_any_rate_stays_that_tone_at_the_same_instant() {
        for rate_hz in [8_000, 16_000, 22_050, 44_056, 44_100, 48_000, 96_000, 192_000] {
            let mut resampler = Resampler::new(rate_hz);
            let mut out = Vec::new();
            for block in tone(rate_hz, 1000.0, 3 * rate_hz as usize).chunks(441) {
                resampler.push(block, &mut out);
            }
            resampler.flush(&mut out);
            assert!(out.len().abs_diff(48_000) <= 1, "{rate_hz} Hz: three seconds stay three seconds");
            let expected = tone(SPEECH_HZ, 1000.0, 48_000);
            let worst = (500..47_500).map(|n| (out[n] - expected[n]).abs()).fold(0.0, f32::max);
            assert!(worst < 0.003, "{rate_hz} Hz: off by {worst}");
        }
    }

    #[test]
    fn what_lies_above_the_new_range_is_left_out_instead_of_folded_back() {
        let mut out = Vec::new();
        Resampler::new(48_000).push(&tone(48_000, 11_000.0, 48_000), &mut out);
        let worst = out[500..].iter().fold(0.0_f32, |worst, s| worst.max(s.abs()));
        assert!(worst < 0.002, "11 kHz came through at {worst}");
    }
}
