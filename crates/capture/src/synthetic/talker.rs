//! The synthetic speaker: a few sentences, said again and again, for demos that are to have words.

use crossbeam_channel::Sender;
use vignette_model::{Captured, TakeClock};

use super::microphone::give;
use crate::source::{RunningSource, Source};
use crate::{CaptureError, StartOptions};

const RATE_HZ: u32 = 16_000;
/// A WAV file: 16 kHz, mono, 16 bit, made by a speech synthesiser of a text of ours.
const FILE: &[u8] = include_bytes!("../../../../assets/sounds/speech.wav");
/// Where its samples begin: RIFF, `fmt ` and `data` headers in their shortest form.
const HEADER_BYTES: usize = 44;

/// A microphone of 16 kHz mono in blocks of 20 ms that says the same three sentences every eleven
/// seconds: “Hello. This message was made with Vignette, and nobody had to speak. While I talk, the
/// clip is already on its way to the library. Please reply at the moment you mean.”
#[derive(Clone, Copy, Debug, Default)]
pub struct Talker;

impl Talker {
    /// The word that picks it.
    pub const SELECTOR: &str = "synthetic-speech";
}

impl Source for Talker {
    fn describe(&self) -> String {
        "Synthetic speech".to_owned()
    }

    fn start(
        self: Box<Self>,
        _options: &StartOptions,
        clock: TakeClock,
        out: Sender<Captured>,
    ) -> Result<RunningSource, CaptureError> {
        give(RATE_HZ, sample, clock, out)
    }
}

/// The `index`th sample of the take.
fn sample(index: u64) -> f32 {
    let (samples, _) = FILE[HEADER_BYTES..].as_chunks::<2>();
    let at = usize::try_from(index % samples.len() as u64).unwrap_or_default();
    f32::from(i16::from_le_bytes(samples[at])) / 32_768.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_what_it_is_read_as() {
        let field = |from: usize| u32::from_le_bytes(FILE[from..from + 4].try_into().unwrap());
        assert_eq!(
            (&FILE[..4], &FILE[8..16], &FILE[36..40]),
            (&b"RIFF"[..], &b"WAVEfmt "[..], &b"data"[..])
        );
        assert_eq!(field(20), 1 | 1 << 16, "PCM of one channel");
        assert_eq!((field(24), field(32)), (RATE_HZ, 2 | 16 << 16), "16 kHz, 16 bit");
        assert_eq!(field(40) as usize, FILE.len() - HEADER_BYTES, "nothing but samples follows");
    }

    #[test]
    fn it_is_loud_enough_and_begins_again() {
        let length = ((FILE.len() - HEADER_BYTES) / 2) as u64;
        let loudest = (0..length).map(|n| sample(n).abs()).fold(0.0, f32::max);
        assert!(
            (0.3..0.9).contains(&loudest),
            "as loud as somebody near a microphone, not {loudest}"
        );
        assert!(
            (5_000..5_100).all(|n| sample(n).to_bits() == sample(n + length).to_bits()),
            "it says the same again"
        );
    }
}
