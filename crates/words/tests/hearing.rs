//! What real models hear of real and made speech.

mod real;

use real::{Sound, english, heard, text, word_error_rate};
use vignette_model::Micros;

/// What is read aloud in `two_cities.wav`.
const TWO_CITIES: &str = "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of \
    foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of \
    Darkness, it was the spring of hope, it was the winter of despair, we had everything before us, we had nothing before us, we \
    were all going direct to Heaven, we were all going direct the other way – in short, the period was so far like the present \
    period, that some of its noisiest authorities insisted on its being received, for good or for evil, in the superlative degree \
    of comparison only.";

const SCRIPT: &str = include_str!("script.txt");

#[test]
fn a_recorded_voice_is_written_down() {
    let heard = heard(&english(), Sound::wav("two_cities.wav").blocks(Micros::ZERO));
    let wrong = word_error_rate(TWO_CITIES, &text(&heard.cues));
    println!("two_cities: {:.1} % of the words are wrong", wrong * 100.0);
    for c in &heard.cues {
        println!("{} {} {}", c.start_us.0 / 1000, c.end_us.0 / 1000, c.text);
    }
    assert!(wrong <= 0.05, "{:.1} % of the words are wrong: {}", wrong * 100.0, text(&heard.cues));
    assert_eq!(heard.language.unwrap().as_str(), "en");
}

/// The script, sentence by sentence with silence between, and when each is spoken.
fn script() -> (Sound, Vec<(&'static str, Micros, Micros)>) {
    let mut sound = Sound::silence(22_050, 1.0);
    let mut truth = Vec::new();
    for (n, sentence) in SCRIPT.lines().enumerate() {
        let mut spoken = Sound::spoken(sentence, "en-us");
        // espeak-ng puts silence around what it says.
        let loud = |sample: &f32| sample.abs() > 0.01;
        let from = spoken.samples.iter().position(loud).unwrap();
        let to = spoken.samples.iter().rposition(loud).unwrap();
        spoken.samples = spoken.samples[from..=to].to_vec();
        let start = sound.length();
        sound.push(&spoken);
        truth.push((sentence, start, sound.length()));
        sound.push(&Sound::silence(22_050, [0.35, 0.6, 0.9, 1.5][n % 4]));
    }
    (sound, truth)
}

#[test]
fn a_made_voice_is_written_down_at_the_right_time() {
    let (sound, truth) = script();
    let heard = heard(&english(), sound.blocks(Micros::ZERO));
    let wrong = word_error_rate(SCRIPT, &text(&heard.cues));
    println!("script: {:.1} % of the words are wrong", wrong * 100.0);
    for c in &heard.cues {
        println!("{} {} {}", c.start_us.0 / 1000, c.end_us.0 / 1000, c.text);
    }
    for t in &truth {
        println!("T {} {} {}", t.1.0 / 1000, t.2.0 / 1000, t.0);
    }
    assert!(wrong <= 0.08, "{:.1} % of the words are wrong: {}", wrong * 100.0, text(&heard.cues));
}
