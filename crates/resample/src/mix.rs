//! [`Mixer`]: mixes any number of channels to one or two.
//!
//! Each channel is added with the coefficient of its place (ITU-R BS.775: surrounds, and the center
//! in stereo, at -3 dB; low frequency effects are left out). The sum is normalised by the
//! coefficients of the audible channels, so that it does not clip and a silent channel does not
//! attenuate the others. Channels without places all count as centers; those that are much softer
//! than the loudest are left out, or the noise of sixteen inputs would be added to one voice.
//!
//! The loudness of a channel is held and decays over minutes, so that pauses in speech do not
//! change the gains.

use vignette_model::{Channels, Place, Samples};

/// The gain of -3 dB.
const HALF_POWER: f32 = std::f32::consts::FRAC_1_SQRT_2;
/// Loudness is measured, and gains are changed, over this part of a second.
const STEPS_A_SECOND: u32 = 100;
/// Loudness is averaged over about this time, in seconds, so that a click is not loud.
const AVERAGING_S: f32 = 0.3;
/// What a held loudness loses, in decibels a second.
const FORGETTING_DB: f32 = 0.1;
/// Of channels without places, those are left out that are so much softer than the loudest: all
/// below the first, none above the second. As amplitudes: -40 and -30 dB.
const SOFTEST: (f32, f32) = (0.01, 0.0316);

/// Mixes one device's sound to one or two channels.
#[derive(Clone, Debug)]
pub struct Mixer {
    outputs: usize,
    input: Option<Input>,
}

#[derive(Clone, Debug)]
struct Input {
    channels: Channels,
    parts: Vec<Part>,
    /// Whether no gain has been chosen yet, so that there is none to come from.
    fresh: bool,
}

/// What one channel gives to the mix.
#[derive(Clone, Debug)]
struct Part {
    /// By its place, for each output.
    coefficients: [f32; 2],
    /// Whether it may be left out.
    optional: bool,
    /// Mean square of late.
    power: f32,
    /// The largest `power`, slowly forgotten.
    held: f32,
    /// Where the gain stands.
    gain: f32,
}

impl Mixer {
    /// Mixes to mono if `outputs` is 1, else to stereo.
    #[must_use]
    pub const fn new(outputs: usize) -> Self {
        Self { outputs: if outputs == 1 { 1 } else { 2 }, input: None }
    }

    /// Adds what `samples` are mixed to, interleaved, to `out`. What is no number, or out of range,
    /// is kept from it.
    pub fn mix(&mut self, samples: &Samples, out: &mut Vec<f32>) {
        let count = usize::from(samples.channels.count());
        if count == 0 {
            return;
        }
        let as_it_is = count == 1
            || samples.channels == Channels::STEREO
            || samples.channels == Channels::discrete(2);
        if count == self.outputs && as_it_is {
            out.extend(samples.interleaved.iter().map(sane));
            return;
        }
        if self.input.as_ref().is_none_or(|input| input.channels != samples.channels) {
            self.input = Some(Input::new(samples.channels.clone(), self.outputs));
        }
        let Some(input) = &mut self.input else { return };
        let step = (samples.rate_hz / STEPS_A_SECOND).max(1) as usize;
        for block in samples.interleaved.chunks(step * count) {
            input.mix(block, samples.rate_hz, self.outputs, out);
        }
    }
}

impl Input {
    fn new(channels: Channels, outputs: usize) -> Self {
        let part = |coefficients, optional| Part {
            coefficients,
            optional,
            power: 0.0,
            held: 0.0,
            gain: 0.0,
        };
        let parts = match channels.places() {
            Some([_]) => vec![part([1.0; 2], false)],
            Some(places) => {
                places.iter().map(|place| part(coefficients(*place, outputs), false)).collect()
            }
            None => vec![part([1.0; 2], true); usize::from(channels.count())],
        };
        Self { channels, parts, fresh: true }
    }

    #[expect(clippy::cast_precision_loss, reason = "some hundred samples")]
    fn mix(&mut self, block: &[f32], rate_hz: u32, outputs: usize, out: &mut Vec<f32>) {
        let (count, frames) = (self.parts.len(), block.len() / self.parts.len());
        if frames == 0 {
            return;
        }
        self.measure(block, frames as f32 / rate_hz.max(1) as f32);
        let targets = self.gains(outputs);
        if std::mem::take(&mut self.fresh) {
            self.parts.iter_mut().zip(&targets).for_each(|(part, target)| part.gain = *target);
        }
        for (n, frame) in block.chunks_exact(count).enumerate() {
            let done = (n + 1) as f32 / frames as f32;
            let mut mixed = [0.0; 2];
            for ((sample, part), target) in frame.iter().zip(&self.parts).zip(&targets) {
                let sample = sane(sample) * (part.gain + (target - part.gain) * done);
                mixed
                    .iter_mut()
                    .zip(part.coefficients)
                    .for_each(|(sum, coefficient)| *sum += sample * coefficient);
            }
            out.extend(mixed[..outputs].iter().map(sane));
        }
        self.parts.iter_mut().zip(targets).for_each(|(part, target)| part.gain = target);
    }

    /// Takes note of how loud each channel is, over `seconds`.
    #[expect(clippy::cast_precision_loss, reason = "some hundred samples")]
    fn measure(&mut self, block: &[f32], seconds: f32) {
        let count = self.parts.len();
        let forgetting = 10_f32.powf(-FORGETTING_DB / 10.0 * seconds);
        for (channel, part) in self.parts.iter_mut().enumerate() {
            let samples = block.iter().skip(channel).step_by(count).map(sane);
            let square =
                samples.map(|sample| sample * sample).sum::<f32>() / (block.len() / count) as f32;
            part.power += (square - part.power) * (seconds / AVERAGING_S).min(1.0);
            part.held = part.power.max(part.held * forgetting);
        }
    }

    /// The gain of each channel by how loud they are.
    fn gains(&self, outputs: usize) -> Vec<f32> {
        let loudest = self.parts.iter().map(|part| part.held).fold(0.0, f32::max);
        let share = |part: &Part| if loudest > 0.0 { (part.held / loudest).sqrt() } else { 1.0 };
        let kept = |part: &Part| {
            let within = (share(part) - SOFTEST.0) / (SOFTEST.1 - SOFTEST.0);
            if part.optional { within.clamp(0.0, 1.0) } else { 1.0 }
        };
        let sum = |output: usize| {
            self.parts.iter().map(|part| kept(part) * share(part) * part.coefficients[output]).sum()
        };
        let most = (0..outputs).map(sum).fold(1.0, f32::max);
        self.parts.iter().map(|part| kept(part) / most).collect()
    }
}

/// How much of a channel at that place goes to the left and to the right, or to the only output.
const fn coefficients(place: Place, outputs: usize) -> [f32; 2] {
    if outputs == 1 {
        let coefficient = match place {
            Place::Left | Place::Right | Place::Center => 1.0,
            Place::SurroundLeft | Place::SurroundRight | Place::SurroundCenter => HALF_POWER,
            Place::Low => 0.0,
        };
        return [coefficient; 2];
    }
    match place {
        Place::Left => [1.0, 0.0],
        Place::Right => [0.0, 1.0],
        Place::Center => [HALF_POWER; 2],
        Place::SurroundLeft => [HALF_POWER, 0.0],
        Place::SurroundRight => [0.0, HALF_POWER],
        Place::SurroundCenter => [0.5; 2],
        Place::Low => [0.0; 2],
    }
}

/// A driver's bad number must not stay in a filter's history.
fn sane(sample: &f32) -> f32 {
    if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use Place::{Center, Left, Low, Right, SurroundLeft, SurroundRight};
    use vignette_model::Micros;

    use super::*;

    const RATE_HZ: u32 = 48_000;
    const QUAD: [Place; 4] = [Left, Right, SurroundLeft, SurroundRight];
    const SURROUND_5_1: [Place; 6] = [Left, Right, Center, Low, SurroundLeft, SurroundRight];
    const SURROUND_7_1: [Place; 8] =
        [Left, Right, Center, Low, SurroundLeft, SurroundRight, SurroundLeft, SurroundRight];

    /// Sound in which each channel is a 1 kHz sine of that amplitude.
    fn sines(channels: &Channels, amplitudes: &[f32], from: usize, frames: usize) -> Samples {
        let sine = |n: usize| (n as f32 * std::f32::consts::TAU / 48.0).sin();
        let interleaved = (from..from + frames)
            .flat_map(|n| amplitudes.iter().map(move |a| a * sine(n)))
            .collect();
        Samples { at: Micros::ZERO, rate_hz: RATE_HZ, channels: channels.clone(), interleaved }
    }

    /// The level of one output in dB below a sine of full scale.
    fn level_db(mixed: &[f32], outputs: usize, output: usize) -> f32 {
        let one: Vec<f32> = mixed.iter().skip(output).step_by(outputs).copied().collect();
        10.0 * (2.0 * one.iter().map(|s| s * s).sum::<f32>() / one.len() as f32).log10()
    }

    /// What each output's level becomes when those channels are 6 dB below full scale and the
    /// others silent.
    fn levels(channels: &Channels, live: &[usize], outputs: usize) -> Vec<f32> {
        let mut amplitudes = vec![0.0; channels.count().into()];
        live.iter().for_each(|&channel| amplitudes[channel] = 0.5);
        let mut mixed = Vec::new();
        Mixer::new(outputs).mix(&sines(channels, &amplitudes, 0, 48_000), &mut mixed);
        (0..outputs).map(|output| level_db(&mixed, outputs, output)).collect()
    }

    #[track_caller]
    fn becomes(channels: &Channels, live: &[usize], expected: &[f32]) {
        let found = levels(channels, live, expected.len());
        let fits = |(found, expected): (&f32, &f32)| {
            if *expected < -90.0 { *found < -60.0 } else { (found - expected).abs() < 0.5 }
        };
        assert!(
            found.iter().zip(expected).all(fits),
            "{channels:?} with {live:?}: {found:?} dB instead of {expected:?}"
        );
    }

    const ALONE: f32 = -6.0;
    const SOFTER: f32 = -9.0;
    const NONE: f32 = f32::NEG_INFINITY;

    #[test]
    fn one_and_two_channels_keep_their_level() {
        becomes(&Channels::MONO, &[0], &[ALONE]);
        becomes(&Channels::MONO, &[0], &[ALONE, ALONE]);
        for stereo in [Channels::STEREO, Channels::discrete(2)] {
            for live in [&[0][..], &[1], &[0, 1]] {
                becomes(&stereo, live, &[ALONE]);
            }
            becomes(&stereo, &[0], &[ALONE, NONE]);
            becomes(&stereo, &[0, 1], &[ALONE, ALONE]);
        }
    }

    #[test]
    fn a_voice_on_one_of_sixteen_inputs_keeps_its_level() {
        for input in [0, 7, 15] {
            becomes(&Channels::discrete(16), &[input], &[ALONE]);
            becomes(&Channels::discrete(16), &[input], &[ALONE, ALONE]);
        }
        becomes(&Channels::discrete(16), &[0, 1], &[ALONE]);
    }

    #[test]
    fn surrounds_and_backs_are_heard() {
        for (layout, surrounds) in [(&QUAD[..], 2..4), (&SURROUND_5_1, 4..6), (&SURROUND_7_1, 4..8)]
        {
            let channels = Channels::placed(layout);
            let all: Vec<usize> = (0..layout.len()).collect();
            becomes(&channels, &all, &[ALONE]);
            becomes(&channels, &all, &[ALONE, ALONE]);
            becomes(&channels, &[0], &[ALONE]);
            becomes(&channels, &[0], &[ALONE, NONE]);
            becomes(&channels, &[1], &[NONE, ALONE]);
            becomes(&channels, &[0, 1], &[ALONE, ALONE]);
            for surround in surrounds {
                becomes(&channels, &[surround], &[SOFTER]);
                let sides = if surround % 2 == 0 { [SOFTER, NONE] } else { [NONE, SOFTER] };
                becomes(&channels, &[surround], &sides);
            }
            if layout.len() > 4 {
                becomes(&channels, &[2], &[ALONE]);
                becomes(&channels, &[2], &[SOFTER, SOFTER]);
                becomes(&channels, &[3], &[NONE]);
            }
        }
    }

    #[test]
    fn the_order_of_places_does_not_matter() {
        becomes(&Channels::placed(&[Right, Left]), &[0], &[NONE, ALONE]);
        becomes(&Channels::placed(&[Low, Center, Left]), &[2], &[ALONE, NONE]);
    }

    /// Noise of that amplitude, the same each time.
    fn noise(seed: &mut u32, amplitude: f32) -> f32 {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((*seed >> 8) as f32 / 8_388_608.0 - 1.0) * amplitude
    }

    #[test]
    fn the_noise_of_other_inputs_neither_softens_a_voice_nor_lies_under_it() {
        let channels = Channels::discrete(16);
        let (mut mixer, mut seed, mut mixed) = (Mixer::new(1), 7, Vec::new());
        for second in 0..4 {
            // The voice begins after a second of noise at -60 dB.
            let mut samples =
                sines(&channels, &[if second > 0 { 0.5 } else { 0.0 }; 1].repeat(16), 0, 48_000);
            for (n, sample) in samples.interleaved.iter_mut().enumerate() {
                *sample = if n % 16 == 0 { *sample } else { 0.0 } + noise(&mut seed, 0.001);
            }
            mixer.mix(&samples, &mut mixed);
        }
        let onset = level_db(&mixed[48_480..49_440], 1, 0);
        assert!(
            (onset - ALONE).abs() < 0.5,
            "10 ms after its first sample the voice is at {onset} dB"
        );
        let tail = &mixed[96_000..];
        let rest: Vec<f32> = tail.iter().zip(&tail[24..]).map(|(a, b)| a + b).collect();
        assert!(
            level_db(&rest, 1, 0) < -56.0,
            "what is not the tone is the noise of one input, not of sixteen"
        );
    }

    #[test]
    fn a_second_voice_comes_and_goes_without_clicks_or_pumping() {
        let channels = Channels::discrete(2);
        let (mut mixer, mut mixed) = (Mixer::new(1), Vec::new());
        let mut levels = Vec::new();
        for second in 0..30 {
            let talks = matches!(second, 3..5 | 12..14 | 21..23);
            let before = mixed.len();
            // The second is an octave higher, so that the first can be told from it: two periods
            // apart it cancels out.
            let mut samples = sines(&channels, &[0.25, 0.0], 0, 48_000);
            for n in 0..48_000 {
                samples.interleaved[2 * n + 1] = if talks {
                    0.25 * (n as f32 * std::f32::consts::TAU / 24.0).sin()
                } else {
                    0.0
                };
            }
            mixer.mix(&samples, &mut mixed);
            let first: Vec<f32> =
                mixed[before..].windows(25).map(|w| (w[0] - w[24]) / 2.0).collect();
            levels.push(level_db(&first, 1, 0));
        }
        let settled = &levels[5..];
        let (least, most) =
            settled.iter().fold((f32::MAX, f32::MIN), |(a, b), l| (a.min(*l), b.max(*l)));
        assert!(most - least < 1.0, "the first voice wanders between {least} and {most} dB");
        let steepest = mixed.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        assert!(steepest < 0.1, "a jump of {steepest} between two samples");
    }

    #[test]
    fn a_bang_on_a_dead_input_leaves_the_voice_where_it_is() {
        let channels = Channels::discrete(8);
        let (mut mixer, mut mixed) = (Mixer::new(1), Vec::new());
        let mut bang = sines(&channels, &[0.0; 8], 0, 48_000);
        (0..240).for_each(|n| bang.interleaved[8 * n + 5] = 1.0);
        mixer.mix(&bang, &mut mixed);
        mixer.mix(
            &sines(&channels, &[0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], 0, 96_000),
            &mut mixed,
        );
        let level = level_db(&mixed[96_000..], 1, 0);
        assert!((-27.0..-19.5).contains(&level), "-20 dB became {level}");
    }

    #[test]
    fn bad_numbers_and_ragged_blocks_do_no_harm() {
        let mut mixed = Vec::new();
        let mut samples = sines(&Channels::discrete(3), &[0.5; 3], 0, 100);
        samples.interleaved[4] = f32::NAN;
        samples.interleaved[5] = f32::INFINITY;
        samples.interleaved.pop();
        Mixer::new(1).mix(&samples, &mut mixed);
        assert!(mixed.iter().all(|s| s.is_finite() && s.abs() <= 1.0));
        Mixer::new(1).mix(&sines(&Channels::discrete(0), &[], 0, 0), &mut mixed);
    }
}
