//! What a real model hears of real and made speech, and that it hears nothing where there is none.
#![cfg(target_os = "linux")]

mod real;

use std::sync::mpsc;
use std::time::Duration;

use real::{Sound, english, heard, multilingual, text};
use vignette_model::{Micros, Samples, Span};
use vignette_tests::speech::{BECKETT, SCRIPT, TWO_CITIES, aligned, word_error_rate, words};
use vignette_transcribe::{Transcriber, Transcript};

#[track_caller]
fn assert_heard(truth: &str, heard: &Transcript, most_wrong: f64) {
    let wrong = word_error_rate(truth, &text(&heard.cues));
    eprintln!("{:.1} % of the words are wrong", wrong * 100.0);
    assert!(
        wrong <= most_wrong,
        "{:.1} % of the words are wrong: {}",
        wrong * 100.0,
        text(&heard.cues)
    );
}

#[test]
fn a_recorded_voice_is_written_down() {
    let heard = heard(&english(), Sound::wav("two_cities.wav").blocks(Micros::ZERO));
    assert_heard(TWO_CITIES, &heard, 0.05);
    assert_eq!(heard.language.expect("the model knows one alone").as_str(), "en");
}

#[test]
fn single_words_between_pauses_are_written_down() {
    let heard = heard(&english(), Sound::wav("beckett.wav").blocks(Micros::ZERO));
    assert_heard(BECKETT, &heard, 0.05);
}

/// A sentence of the script, and when it is spoken.
struct Sentence {
    words: Vec<String>,
    start: Micros,
    end: Micros,
}

/// The script, sentence by sentence with silence between.
fn script() -> (Sound, Vec<Sentence>) {
    let mut sound = Sound::silence(22_050, 1.0);
    let mut truth = Vec::new();
    for (line, pause_secs) in SCRIPT.lines().zip([0.35, 0.6, 0.9, 1.5].into_iter().cycle()) {
        let start = Micros::ZERO + sound.length();
        sound.push(&Sound::spoken(line, "en-us").trimmed());
        truth.push(Sentence { words: words(line), start, end: Micros::ZERO + sound.length() });
        sound.push(&Sound::silence(22_050, pause_secs));
    }
    (sound, truth)
}

#[test]
fn a_made_voice_is_written_down_at_the_right_time() {
    let (sound, truth) = script();
    let heard = heard(&english(), sound.blocks(Micros::ZERO));
    assert_heard(SCRIPT, &heard, 0.08);

    // Where each word of the script stands: in which sentence, and whether it begins or ends it.
    let places: Vec<(&Sentence, bool, bool)> = truth
        .iter()
        .flat_map(|sentence| {
            (0..sentence.words.len())
                .map(move |n| (sentence, n == 0, n + 1 == sentence.words.len()))
        })
        .collect();
    let script: Vec<String> = truth.iter().flat_map(|sentence| sentence.words.clone()).collect();
    let said: Vec<Vec<String>> = heard.cues.iter().map(|cue| words(cue.text.as_str())).collect();
    let mut places_heard = aligned(&script, &said.concat()).into_iter();
    let half = Span::from_millis(500);
    let mut right = 0;
    for (cue, said) in heard.cues.iter().zip(&said) {
        let of_cue: Vec<usize> = places_heard.by_ref().take(said.len()).flatten().collect();
        let (Some(&first), Some(&last)) = (of_cue.first(), of_cue.last()) else { continue };
        let ((from, begins, _), (to, _, ends)) = (places[first], places[last]);
        let starts_right = if begins {
            cue.start_us.abs_diff(from.start) <= half
        } else {
            (from.start..from.end).contains(&cue.start_us)
        };
        let ends_right = if ends {
            cue.end_us.abs_diff(to.end) <= half
        } else {
            (to.start..to.end).contains(&cue.end_us)
        };
        right += usize::from(starts_right && ends_right);
        if !(starts_right && ends_right) {
            eprintln!("off: {cue:?} instead of {:?} to {:?}", from.start, to.end);
        }
    }
    eprintln!("{right} of {} cues are at the right time", heard.cues.len());
    assert!(
        right * 10 >= heard.cues.len() * 9,
        "{right} of {} cues are at the right time",
        heard.cues.len()
    );
}

/// Even random numbers from -1 to 1, the same every time.
fn random() -> impl Iterator<Item = f32> {
    let mut state = 0x9e37_79b9_u32;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / (u32::MAX / 2) as f32 - 1.0
    })
}

#[test]
fn nothing_is_heard_where_nobody_speaks() {
    const RATE_HZ: u32 = 48_000;
    const SAMPLES: usize = 30 * RATE_HZ as usize;
    let mut low = 0.0;
    let rumble = random().map(move |white| {
        low = 0.98 * low + 0.02 * white;
        white * 0.02 + low * 1.5
    });
    let mut octaves = [0.0; 3];
    let pink = random().map(move |white| {
        for (octave, (keep, add)) in octaves.iter_mut().zip([
            (0.997_65, 0.099_046),
            (0.963, 0.296_516_4),
            (0.57, 1.052_691_3),
        ]) {
            *octave = keep * *octave + add * white;
        }
        (octaves.iter().sum::<f32>() + white * 0.1848) * 0.05
    });
    let tremolo = (0..48_000_u16).cycle().zip(random()).map(|(n, white)| {
        let turn = f32::from(n % 12_000) / 12_000.0 * std::f32::consts::TAU;
        white * 0.15 * (1.0 + turn.sin())
    });
    let hum = (0..48_000_u16)
        .cycle()
        .map(|n| (f32::from(n) / 48_000.0 * 50.0 * std::f32::consts::TAU).sin() * 0.2);
    let keys = random()
        .enumerate()
        .map(|(n, white)| if n % 14_000 < 900 { white * 0.4 } else { white * 0.002 });
    let sounds: [(&str, Vec<f32>); 7] = [
        ("silence", vec![0.0; SAMPLES]),
        ("white noise", random().map(|white| white * 0.1).take(SAMPLES).collect()),
        ("pink noise", pink.take(SAMPLES).collect()),
        ("rumble", rumble.take(SAMPLES).collect()),
        ("noise that swells", tremolo.take(SAMPLES).collect()),
        ("hum", hum.take(SAMPLES).collect()),
        ("keys", keys.take(SAMPLES).collect()),
    ];
    for (name, samples) in sounds {
        let heard = heard(&english(), Sound { rate_hz: RATE_HZ, samples }.blocks(Micros::ZERO));
        assert_eq!(heard.cues, [], "invented on {name}");
        assert!(
            heard.until.abs_diff(Micros::from_secs(30)) < Span::from_millis(50),
            "{name} is heard to its end"
        );
    }
}

#[test]
fn any_rate_channels_and_blocks_give_the_same_words() {
    let usual = Sound::wav("two_cities.wav");
    let expected = text(&heard(&english(), usual.blocks(Micros::ZERO)).cues);
    // 44.1 kHz, between samples; the voice is on the left, softer on the right.
    let count = usual.samples.len() * 441 / 480 - 1;
    let stereo: Vec<f32> = (0..count)
        .flat_map(|n| {
            let (at, between) = (n * 480 / 441, (n * 480 % 441) as f32 / 441.0);
            let sample = usual.samples[at] * (1.0 - between) + usual.samples[at + 1] * between;
            [sample, sample * 0.4]
        })
        .collect();
    let mut frames = 0;
    let mut blocks = Vec::new();
    for size in [1, 333, 4096, 17, 441, 12_345].into_iter().cycle() {
        let Some(rest) = stereo.get(frames * 2..).filter(|rest| !rest.is_empty()) else { break };
        let interleaved = rest[..rest.len().min(size * 2)].to_vec();
        let at = Micros::from_ticks(frames as u64, 44_100).expect("a rate");
        frames += interleaved.len() / 2;
        blocks.push(Samples { at, rate_hz: 44_100, channels: 2.into(), interleaved });
    }
    let heard = heard(&english(), blocks);
    assert_heard(TWO_CITIES, &heard, 0.05);
    assert_heard(&expected, &heard, 0.02);
}

#[test]
fn a_pause_in_the_middle_of_a_sentence_loses_no_word() {
    const SENTENCE: &str = "Then you press the green button in the corner of the window and wait \
        until the message appears.";
    let first = Sound::spoken("Then you press the green button in the corner", "en-us").trimmed();
    let second =
        Sound::spoken("of the window and wait until the message appears.", "en-us").trimmed();
    // What the recorder leaves of a pause: nothing, or the silence before and after it.
    for pause_secs in [0.0, 0.15, 0.7, 2.0] {
        let pause = Sound::silence(22_050, pause_secs);
        let mut sound = Sound::silence(22_050, 0.5);
        sound.push(&first);
        sound.push(&pause);
        let resumed = Micros::ZERO + sound.length();
        sound.push(&second);
        sound.push(&Sound::silence(22_050, 0.5));
        let heard = heard(&english(), sound.blocks(Micros::ZERO));
        eprintln!("pause of {pause_secs} s: {:?}", heard.cues);
        assert_heard(SENTENCE, &heard, 0.12);
        if pause_secs > 1.0 {
            let after = heard
                .cues
                .iter()
                .find(|cue| cue.text.as_str().contains("window"))
                .expect("it is said");
            assert!(
                after.start_us.abs_diff(resumed) < Span::from_millis(500),
                "{after:?} instead of {resumed:?}"
            );
        }
    }
}

#[test]
fn what_was_not_recorded_leaves_the_rest_at_its_time() {
    let sound = Sound::wav("two_cities.wav");
    let whole = heard(&english(), sound.blocks(Micros::ZERO));
    let (lost, back) = (Micros::from_millis(17_300), Micros::from_secs(29));
    let before = sound.part(Micros::ZERO, lost);
    let after = sound.part(back, Micros::ZERO + sound.length());
    let heard = heard(&english(), before.blocks(Micros::ZERO).chain(after.blocks(back)));
    assert!(
        heard
            .cues
            .iter()
            .all(|cue| cue.end_us <= lost || cue.start_us + Span::from_millis(400) >= back),
        "{:?}",
        heard.cues
    );
    for cue in heard.cues.iter().filter(|cue| cue.start_us >= back) {
        let near = |other: &&vignette_model::transcript::Cue| {
            other.start_us.abs_diff(cue.start_us) < Span::from_millis(500)
        };
        assert!(
            whole.cues.iter().any(|other| near(&other)),
            "{cue:?} is not where it was before: {:?}",
            whole.cues
        );
    }
    assert!(
        text(&heard.cues).contains("comparison only"),
        "the end is heard: {}",
        text(&heard.cues)
    );
}

#[test]
fn each_snapshot_holds_all_that_was_heard_until_then() {
    let (tell, told) = mpsc::channel();
    let mut listener =
        Transcriber::start(english(), move |heard| tell.send(heard).expect("somebody waits"));
    for block in Sound::wav("two_cities.wav").blocks(Micros::ZERO) {
        listener.push(&block);
    }
    let end = listener.finish();
    let snapshots: Vec<Transcript> = told.iter().collect();
    assert!(snapshots.len() >= 2, "44 s are more than one utterance");
    for pair in snapshots.windows(2) {
        assert!(pair[0].until < pair[1].until, "it gets on");
        assert_eq!(pair[1].cues[..pair[0].cues.len()], pair[0].cues, "what was told stays");
        assert!(!pair[0].done);
    }
    assert_eq!(snapshots.last().expect("there are some").cues, end.cues);
    assert!(end.done);
}

#[test]
fn a_listener_that_is_dropped_stops() {
    let (tell, told) = mpsc::channel();
    let mut listener =
        Transcriber::start(english(), move |_| tell.send(()).expect("somebody waits"));
    for block in Sound::wav("two_cities.wav").blocks(Micros::ZERO) {
        listener.push(&block);
    }
    drop(listener);
    let ended = loop {
        match told.recv_timeout(Duration::from_secs(60)) {
            Ok(()) => {}
            Err(ended) => break ended,
        }
    };
    assert_eq!(ended, mpsc::RecvTimeoutError::Disconnected, "its thread ends");
}

#[test]
fn a_listener_without_sound_has_heard_nothing() {
    let heard = Transcriber::start(english(), |_| {}).finish();
    assert!(heard.done && heard.cues.is_empty() && heard.until == Micros::ZERO, "{heard:?}");
}

#[test]
fn a_computer_that_is_too_slow_gives_up_and_says_so() {
    let sound = Sound::wav("two_cities.wav");
    let mut listener = Transcriber::start(english(), |_| {});
    let mut at = Micros::ZERO;
    for _ in 0..16 {
        for block in sound.blocks(at) {
            listener.push(&block);
        }
        at += sound.length();
    }
    assert!(listener.gave_up(), "12 minutes came in a second");
    assert!(!listener.finish().done, "and were not heard");
}

#[test]
fn more_than_one_language_is_known() {
    let speech = multilingual();
    assert_eq!(speech.language(), None);
    let german = "Guten Morgen zusammen. Heute zeige ich euch die neue Suche in unserem Programm. \
        Oben rechts steht jetzt ein \
        Feld, in das man den Namen eines Kunden schreibt. Danach erscheinen alle Rechnungen des \
        letzten Jahres.";
    let spanish = "Buenos días a todos. Hoy quiero mostrar el nuevo buscador de nuestro programa. \
        Arriba a la derecha hay un \
        campo para escribir el nombre de un cliente. Después aparecen todas las facturas del \
        año pasado.";
    // The voices are a robot's, the model is small: it makes mistakes, and yet knows what is
    // spoken.
    for (voice, language, truth, most_wrong) in
        [("de", "de", german, 0.3), ("es", "es", spanish, 0.3), ("en-us", "en", SCRIPT, 0.1)]
    {
        let mut sound = Sound::silence(22_050, 0.5);
        sound.push(&Sound::spoken(truth, voice));
        let heard = heard(&speech, sound.blocks(Micros::ZERO));
        eprintln!("{}", text(&heard.cues));
        assert_heard(truth, &heard, most_wrong);
        assert_eq!(heard.language.as_ref().map(|language| language.as_str()), Some(language));
    }
}
