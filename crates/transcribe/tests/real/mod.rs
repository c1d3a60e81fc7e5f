//! Real sound for real models, and what is heard of it.

#![expect(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    reason = "a test's sound is short, and a rig that does not come up is a failed test"
)]

use std::process::{Command, Stdio};
use std::sync::LazyLock;

use vignette_model::transcript::Cue;
use vignette_model::{Micros, Samples, Span};
use vignette_tests::speech::file;
use vignette_transcribe::{SpeechModel, Transcriber, Transcript};

/// The small English model.
pub(crate) fn english() -> SpeechModel {
    static MODEL: LazyLock<SpeechModel> =
        LazyLock::new(|| SpeechModel::open(&file("whisper-tiny.en.bin")).expect("it is a model"));
    MODEL.clone()
}

/// The model of many languages.
pub(crate) fn multilingual() -> SpeechModel {
    SpeechModel::open(&file("whisper-base.bin")).expect("it is a model")
}

/// One channel of sound.
#[derive(Clone)]
pub(crate) struct Sound {
    pub(crate) rate_hz: u32,
    pub(crate) samples: Vec<f32>,
}

impl Sound {
    pub(crate) fn wav(name: &str) -> Self {
        Self::read(hound::WavReader::open(file(name)).expect("a WAV file"))
    }

    /// What espeak-ng makes of a text.
    pub(crate) fn spoken(text: &str, voice: &str) -> Self {
        let espeak = Command::new("espeak-ng")
            .args(["-v", voice, "-s", "150", "--stdout", "--", text])
            .stderr(Stdio::null())
            .output()
            .expect("espeak-ng is there: ./dev setup installs it");
        assert!(espeak.status.success(), "espeak-ng speaks {voice}");
        // It does not know the length when it writes the header.
        let data =
            espeak.stdout.windows(4).position(|four| four == b"data").expect("a WAV file") + 8;
        let rate_hz = u32::from_le_bytes(espeak.stdout[24..28].try_into().expect("four bytes"));
        let samples = espeak.stdout[data..].as_chunks::<2>().0;
        Self {
            rate_hz,
            samples: samples
                .iter()
                .map(|two| f32::from(i16::from_le_bytes(*two)) / 32_768.0)
                .collect(),
        }
    }

    pub(crate) fn silence(rate_hz: u32, secs: f64) -> Self {
        Self { rate_hz, samples: vec![0.0; (f64::from(rate_hz) * secs) as usize] }
    }

    /// Without the silence before and after.
    #[must_use]
    pub(crate) fn trimmed(mut self) -> Self {
        let loud = |sample: &f32| sample.abs() > 0.01;
        let to = self.samples.iter().rposition(loud).expect("somebody speaks");
        let from = self.samples.iter().position(loud).expect("somebody speaks");
        self.samples = self.samples[from..=to].to_vec();
        self
    }

    /// The part between two instants.
    #[must_use]
    pub(crate) fn part(&self, from: Micros, to: Micros) -> Self {
        let at = |at: Micros| (at.to_ticks(self.rate_hz) as usize).min(self.samples.len());
        Self { rate_hz: self.rate_hz, samples: self.samples[at(from)..at(to)].to_vec() }
    }

    fn read(mut wav: hound::WavReader<impl std::io::Read>) -> Self {
        assert_eq!(wav.spec().channels, 1, "one channel");
        let samples = wav
            .samples::<i16>()
            .map(|sample| f32::from(sample.expect("a sample")) / 32_768.0)
            .collect();
        Self { rate_hz: wav.spec().sample_rate, samples }
    }

    pub(crate) fn push(&mut self, other: &Self) {
        assert_eq!(self.rate_hz, other.rate_hz);
        self.samples.extend_from_slice(&other.samples);
    }

    pub(crate) fn length(&self) -> Span {
        Span::from_ticks(self.samples.len() as u64, self.rate_hz).expect("a rate")
    }

    /// Blocks of 20 ms from `at` on.
    pub(crate) fn blocks(&self, at: Micros) -> impl Iterator<Item = Samples> {
        let rate_hz = self.rate_hz;
        let size = (rate_hz / 50) as usize;
        self.samples.chunks(size).enumerate().map(move |(n, block)| Samples {
            at: at + Span::from_ticks((n * size) as u64, rate_hz).expect("a rate"),
            rate_hz,
            channels: 1.into(),
            interleaved: block.to_vec(),
        })
    }
}

/// What is heard of blocks that come as fast as they can be heard.
pub(crate) fn heard(speech: &SpeechModel, blocks: impl IntoIterator<Item = Samples>) -> Transcript {
    let mut listener = Transcriber::start(speech.clone(), |_| {});
    for block in blocks {
        assert!(listener.push_blocking(&block), "the listener goes on");
    }
    let heard = listener.finish();
    assert!(heard.done, "everything is heard");
    check(&heard);
    heard
}

/// What holds for all words.
fn check(heard: &Transcript) {
    let cues = &heard.cues;
    assert!(cues.iter().all(|cue| cue.start_us < cue.end_us), "every cue lasts: {cues:?}");
    assert!(
        cues.windows(2).all(|pair| pair[0].end_us <= pair[1].start_us),
        "one after another: {cues:?}"
    );
    assert!(
        cues.iter().all(|cue| cue.end_us <= heard.until),
        "within the clip of {:?}: {cues:?}",
        heard.until
    );
    assert!(
        cues.iter().all(|cue| cue.text.as_str().chars().count() <= 84),
        "two lines at most: {cues:?}"
    );
    assert!(
        cues.iter().all(|cue| cue.end_us.abs_diff(cue.start_us) <= Span::from_secs(8)),
        "not too long: {cues:?}"
    );
}

/// The text of cues.
pub(crate) fn text(cues: &[Cue]) -> String {
    cues.iter().map(|cue| cue.text.as_str()).collect::<Vec<_>>().join(" ")
}
