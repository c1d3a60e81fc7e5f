//! Audio processing shared by encoder and transcription: [`Mixer`] mixes many channels to one or
//! two; [`Resampler`] converts the sample rate, a little faster or slower to compensate for the
//! drift of a device's clock.
//!
//! The resampler is a windowed sinc with exact fixed-point positions. The safe API lacks
//! swresample's drift compensation, and neither swresample nor rubato reports to which input
//! instant an output sample belongs; here that is one subtraction. The figures are in
//! `docs/benchmarks.md`.

#![expect(
    clippy::cast_possible_truncation,
    reason = "positions and filter sizes are far below 2^32, samples are 32-bit anyway"
)]

mod mix;

pub use mix::Mixer;

/// Zero crossings of the sinc on either side.
const CROSSINGS: usize = 16;
/// Filters between two input samples; between two filters it is interpolated.
const PHASES: usize = 256;
/// Shape of the Kaiser window: about 80 dB.
const BETA: f64 = 8.0;
/// Parallel sums, which the compiler can vectorise; for a single one it has to keep the order of
/// the additions.
const LANES: usize = 8;
/// Positions are in input samples, with 32 bits behind the point.
const ONE: u64 = 1 << 32;

/// Sound of one rate to another. Channels are planes.
#[derive(Clone, Debug)]
pub struct Resampler {
    from_hz: u32,
    to_hz: u32,
    /// Taps on either side of a position; twice as many are whole [`LANES`].
    half: usize,
    /// `PHASES + 1` filters of `2 * half` taps.
    filters: Vec<f32>,
    /// Input that is still needed, per channel. Begins with `half` samples of silence.
    input: Vec<Vec<f32>>,
    /// Where the next output sample lies in `input`.
    position: u64,
    /// From one output sample to the next.
    step: u64,
}

impl Resampler {
    /// For sound of `from_hz` samples a second; what comes out has `to_hz`. A rate of zero counts
    /// as one.
    #[must_use]
    pub fn new(from_hz: u32, to_hz: u32, channels: usize) -> Self {
        let (from_hz, to_hz) = (from_hz.max(1), to_hz.max(1));
        let wider = f64::from(from_hz.max(to_hz)) / f64::from(to_hz);
        let half = ((CROSSINGS as f64 * wider).ceil() as usize).next_multiple_of(LANES / 2);
        let input = vec![vec![0.0; half]; channels];
        let position = half as u64 * ONE;
        Self {
            from_hz,
            to_hz,
            half,
            filters: filters(half, wider),
            input,
            position,
            step: step(from_hz, to_hz, 0.0),
        }
    }

    /// Samples a second of what goes in.
    #[must_use]
    pub const fn from_hz(&self) -> u32 {
        self.from_hz
    }

    /// Plays faster by this part, so that fewer samples come out; negative is slower.
    pub fn hurry(&mut self, part: f64) {
        self.step = step(self.from_hz, self.to_hz, part);
    }

    /// How many output samples the input that was pushed will still give.
    #[must_use]
    pub fn pending(&self) -> u64 {
        let end = self.input.first().map_or(0, Vec::len) as u64 * ONE;
        end.saturating_sub(self.position) / self.step
    }

    /// Takes interleaved samples of as many channels as it has, and adds what is ready to `out`.
    /// Gives how much that was.
    pub fn push(&mut self, interleaved: &[f32], out: &mut [Vec<f32>]) -> u64 {
        let channels = self.input.len();
        for (channel, input) in self.input.iter_mut().enumerate() {
            input.extend(interleaved.iter().skip(channel).step_by(channels));
        }
        let end = self.input.first().map_or(0, Vec::len).saturating_sub(self.half);
        self.run(end, out)
    }

    /// Adds what is left to `out`, as if silence followed.
    pub fn flush(mut self, out: &mut [Vec<f32>]) -> u64 {
        let end = self.input.first().map_or(0, Vec::len);
        for input in &mut self.input {
            input.resize(end + self.half, 0.0);
        }
        self.run(end, out)
    }

    /// Makes the output samples that lie before input sample `end`.
    fn run(&mut self, end: usize, out: &mut [Vec<f32>]) -> u64 {
        let taps = 2 * self.half;
        let mut count = 0;
        while (self.position >> 32) < end as u64 {
            let whole = (self.position >> 32) as usize;
            let fraction = self.position & (ONE - 1);
            let phase = (fraction >> 24) as usize;
            let between = (fraction & 0xff_ffff) as f32 / 16_777_216.0;
            let (this, next) = self.filters[phase * taps..(phase + 2) * taps].split_at(taps);
            let first = whole + 1 - self.half;
            for (input, out) in self.input.iter().zip(out.iter_mut()) {
                let input = &input[first..first + taps];
                let (mut at_this, mut at_next) = ([0.0_f32; LANES], [0.0_f32; LANES]);
                for ((input, this), next) in input
                    .as_chunks::<LANES>()
                    .0
                    .iter()
                    .zip(this.as_chunks::<LANES>().0)
                    .zip(next.as_chunks::<LANES>().0)
                {
                    for lane in 0..LANES {
                        at_this[lane] += input[lane] * this[lane];
                        at_next[lane] += input[lane] * next[lane];
                    }
                }
                let (at_this, at_next) = (at_this.iter().sum::<f32>(), at_next.iter().sum::<f32>());
                out.push(at_this + (at_next - at_this) * between);
            }
            self.position += self.step;
            count += 1;
        }
        let done = ((self.position >> 32) as usize + 1 - self.half).min(end);
        for input in &mut self.input {
            input.drain(..done);
        }
        self.position -= done as u64 * ONE;
        count
    }
}

fn step(from_hz: u32, to_hz: u32, faster: f64) -> u64 {
    (f64::from(from_hz) / f64::from(to_hz) * (1.0 + faster) * ONE as f64).round() as u64
}

/// Low-pass filters for positions from 0 to 1 between two samples, each of sum 1.
fn filters(half: usize, wider: f64) -> Vec<f32> {
    let taps = 2 * half;
    let mut filters = Vec::with_capacity((PHASES + 1) * taps);
    for phase in 0..=PHASES {
        let fraction = phase as f64 / PHASES as f64;
        let filter: Vec<f64> = (0..taps)
            .map(|tap| {
                let x = tap as f64 - (half as f64 - 1.0) - fraction;
                sinc(x / wider) * kaiser(x / half as f64)
            })
            .collect();
        let sum: f64 = filter.iter().sum();
        filters.extend(filter.iter().map(|tap| (tap / sum) as f32));
    }
    filters
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
        (0..samples)
            .map(|n| (n as f64 / f64::from(rate_hz) * hz * std::f64::consts::TAU).sin() as f32)
            .collect()
    }

    #[test]
    fn a_tone_of_any_rate_stays_that_tone_at_the_same_instant() {
        for (to_hz, from_hz) in [16_000, 48_000].into_iter().flat_map(|to| {
            [8_000, 16_000, 22_050, 44_056, 44_100, 48_000, 88_200, 96_000, 192_000]
                .map(|from| (to, from))
        }) {
            let mut resampler = Resampler::new(from_hz, to_hz, 1);
            let mut out = vec![Vec::new()];
            for block in tone(from_hz, 1000.0, 3 * from_hz as usize).chunks(441) {
                resampler.push(block, &mut out);
            }
            resampler.flush(&mut out);
            let length = 3 * to_hz as usize;
            assert!(
                out[0].len().abs_diff(length) <= 1,
                "{from_hz} to {to_hz} Hz: three seconds stay three seconds"
            );
            let expected = tone(to_hz, 1000.0, length);
            let worst =
                (1000..length - 1000).map(|n| (out[0][n] - expected[n]).abs()).fold(0.0, f32::max);
            assert!(worst < 0.003, "{from_hz} to {to_hz} Hz: off by {worst}");
        }
    }

    #[test]
    fn what_lies_above_the_new_range_is_left_out_instead_of_folded_back() {
        for (from_hz, to_hz, hz) in [(96_000, 48_000, 31_000.0), (48_000, 16_000, 11_000.0)] {
            let mut resampler = Resampler::new(from_hz, to_hz, 1);
            let mut out = vec![Vec::new()];
            resampler.push(&tone(from_hz, hz, from_hz as usize), &mut out);
            let worst = out[0][1000..].iter().fold(0.0_f32, |worst, s| worst.max(s.abs()));
            assert!(worst < 0.001, "{hz} Hz came through at {worst}");
        }
    }

    #[test]
    fn pending_counts_what_flush_gives() {
        for (rate_hz, hurry) in [(48_000, 0.0), (44_100, 0.004), (16_000, -0.005)] {
            let mut resampler = Resampler::new(rate_hz, 48_000, 2);
            resampler.hurry(hurry);
            let mut out = vec![Vec::new(), Vec::new()];
            for blocks in 1..50 {
                resampler.push(&vec![0.5; blocks * 14], &mut out);
            }
            let pending = resampler.pending();
            assert!(pending.abs_diff(resampler.flush(&mut out)) <= 1);
            assert_eq!(out[0].len(), out[1].len());
        }
    }
}
