//! The microphone of a real sound server, spoken into with known tones.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "in a test that is how it fails"
)]

mod common;

use std::time::Duration;

use common::pulse::{Pulse, SourceKind, within, within_a};
use common::{again, clock, inside, notice, samples};
use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use vignette_capture::{
    CaptureError, DeviceSelector, RunningSource, StartOptions, devices, level, microphone, peak,
};
use vignette_model::{
    Captured, Channels, ErrorCode, Micros, Notice, Place, Problem, Samples, Span, TakeClock,
};

fn record(selector: &str, take: &TakeClock) -> (RunningSource, Receiver<Captured>) {
    let (out, captured) = bounded(64);
    let running = microphone(&selector.parse().unwrap())
        .unwrap()
        .start(&StartOptions::default(), take.clone(), out)
        .unwrap();
    (running, captured)
}

/// So much sound, once it is louder than a whisper.
fn listen(captured: &Receiver<Captured>, for_: Span) -> Vec<Samples> {
    let mut heard: Vec<Samples> = Vec::new();
    loop {
        let block = samples(captured);
        if !heard.is_empty() || level(&block) > -30.0 {
            if heard.first().is_some_and(|first| block.at.checked_since(first.at).unwrap() >= for_)
            {
                return heard;
            }
            heard.push(block);
        }
    }
}

/// How much of a sound is this frequency: the amplitude of that sine in it (Goertzel).
fn amplitude(sound: &[f32], rate_hz: u32, hertz: f64) -> f64 {
    let step = std::f64::consts::TAU * hertz / f64::from(rate_hz);
    let (re, im) = sound.iter().enumerate().fold((0.0, 0.0), |(re, im), (n, &s)| {
        let (sin, cos) = (step * n as f64).sin_cos();
        (re + f64::from(s) * cos, im + f64::from(s) * sin)
    });
    2.0 * (re * re + im * im).sqrt() / sound.len() as f64
}

#[test]
fn a_tone_is_heard_as_it_is_played() {
    let Some(pulse) = within("a_tone_is_heard_as_it_is_played") else { return };
    let found = devices().microphones;
    assert_eq!(found.len(), 1, "the speaker's monitor is not offered: {found:?}");
    assert_eq!(
        (found[0].id.as_str(), found[0].default),
        ("pulseaudio:fake_mic_feed.monitor", true)
    );
    assert!(found[0].name.contains("FakeMicrophone"), "{found:?}");

    let _tone = pulse.speak(1000);
    let take = clock();
    let (running, captured) = record("default", &take);
    let blocks = listen(&captured, Span::from_secs(2));
    let latency = take.now().checked_since(blocks.last().unwrap().at).unwrap();
    drop(running);
    let first = &blocks[1];
    assert_eq!(
        (first.rate_hz, &first.channels),
        (48_000, &Channels::MONO),
        "the device's own format"
    );
    let sound: Vec<f32> =
        blocks[1..].iter().flat_map(|block| block.interleaved.iter().copied()).collect();
    let whole = Samples { interleaved: sound.clone(), ..first.clone() };
    assert!((level(&whole) + 9.03).abs() < 0.3, "half scale is -9 dB rms, not {}", level(&whole));
    assert!((peak(&whole) + 6.02).abs() < 0.3);
    let loudest = (100..4000)
        .step_by(50)
        .max_by_key(|&hz| (1e6 * amplitude(&sound, 48_000, f64::from(hz))) as u64)
        .unwrap();
    assert_eq!(loudest, 1000, "dominant frequency");

    let end = blocks.last().unwrap();
    let stamped = end.at.checked_since(first.at).unwrap();
    let counted = Span::from_ticks((sound.len() - end.frames()) as u64, 48_000).unwrap();
    // A loaded machine may give no punctual block in the first second.
    assert!(
        stamped.abs_diff(counted) < Span::from_millis(40),
        "{stamped:?} by stamps, {counted:?} by samples"
    );
    assert!(blocks.is_sorted_by(|a, b| a.at < b.at), "times strictly rise");
    // A server that is not asked for small blocks collects two seconds.
    assert!(latency < Span::from_secs(1), "the last block was stamped {} ms ago", latency.0 / 1000);
}

#[test]
fn what_is_played_can_be_recorded_by_id() {
    let Some(pulse) = within("what_is_played_can_be_recorded_by_id") else { return };
    let before = clock();
    let (running, captured) = record("pulseaudio:fake_speaker.monitor", &before);
    let block = samples(&captured);
    assert_eq!(block.channels, Channels::STEREO, "the speaker has two");
    drop(running);
    // A thread that is stuck would be left behind after a while, with its end of the channel.
    captured.try_iter().for_each(drop);
    let after = captured.recv_timeout(Duration::from_secs(30));
    assert_eq!(after.err(), Some(RecvTimeoutError::Disconnected), "its thread has ended");
    drop(pulse);
}

#[test]
fn a_sound_server_that_goes_away_and_comes_back() {
    let Some(mut pulse) = within("a_sound_server_that_goes_away_and_comes_back") else { return };
    let take = clock();
    let (_running, captured) = record("default", &take);
    let before = samples(&captured);
    pulse.unplug();
    let Notice::Lost { why } = notice(&captured) else { panic!("the loss is said") };
    assert!(why.contains("microphone") && why.contains("FakeMicrophone"), "{why}");
    pulse.plug_in();
    assert_eq!(notice(&captured), Notice::Back);
    assert!(samples(&captured).at > before.at, "times go on");
}

#[test]
fn a_microphone_that_falls_silent_is_noticed() {
    let Some(pulse) = within("a_microphone_that_falls_silent_is_noticed") else { return };
    let take = clock();
    let (_running, captured) = record("default", &take);
    samples(&captured);
    assert!(pulse.pactl(&["suspend-sink", "fake_mic_feed", "1"]));
    let Notice::Lost { why } = notice(&captured) else { panic!("the loss is said") };
    assert!(why.contains("2 seconds"), "{why}");
    assert!(pulse.pactl(&["suspend-sink", "fake_mic_feed", "0"]));
    assert_eq!(notice(&captured), Notice::Back);
}

#[test]
fn a_computer_without_sound_has_no_microphone() {
    let Some(mut pulse) = within("a_computer_without_sound_has_no_microphone") else { return };
    pulse.unplug();
    if std::path::Path::new("/proc/asound/card0").exists() {
        return; // This computer has one after all.
    }
    assert!(devices().microphones.is_empty());
    let error = microphone(&DeviceSelector::Default).err().expect("there is none");
    assert!(matches!(error, CaptureError::None(_)), "{error:?}");
    assert_eq!(Problem::from(error).code, ErrorCode::SourceUnavailable);
    assert!(matches!(microphone(&"FakeMic".parse().unwrap()), Err(CaptureError::Unknown { .. })));
}

/// When the first sample of a tone came, by the times of its blocks.
fn onset(blocks: &[Samples]) -> Option<Micros> {
    blocks.iter().find_map(|block| {
        let channels = usize::from(block.channels.count());
        let first = block.interleaved.iter().position(|sample| sample.abs() > 0.05)? / channels;
        Some(block.at + Span::from_ticks(first as u64, block.rate_hz).unwrap())
    })
}

#[test]
fn what_comes_in_large_blocks_is_heard_whole() {
    let Some(pulse) = within("what_comes_in_large_blocks_is_heard_whole") else { return };
    assert!(
        pulse.pactl(&["load-module", "module-null-sink", "sink_name=usual"]),
        "a sink as it is by default"
    );
    for sink in ["fake_speaker", "fake_mic_feed", "usual"] {
        let take = clock();
        // What is played before it is recorded was not asked to come in small blocks.
        let _tone = pulse.play(1000, sink);
        let (_running, captured) = record(&format!("pulseaudio:{sink}.monitor"), &take);
        let blocks = listen(&captured, Span::from_secs(5));
        heard_whole(sink, &blocks[1..]);
    }
}

#[track_caller]
fn heard_whole(what: &str, blocks: &[Samples]) {
    let channels = usize::from(blocks[0].channels.count());
    let left: Vec<f32> = blocks
        .iter()
        .flat_map(|block| block.interleaved.iter().step_by(channels).copied())
        .collect();
    let (first, last) = (&blocks[0], &blocks[blocks.len() - 1]);
    let rate_hz = first.rate_hz;
    let end = last.at + Span::from_ticks(last.frames() as u64, rate_hz).unwrap();
    let lasts = end.checked_since(first.at).unwrap();
    let counted = Span::from_ticks(left.len() as u64, rate_hz).unwrap();
    assert!(
        lasts.abs_diff(counted) < Span::from_millis(20),
        "{what}: {counted:?} of sound in {lasts:?}"
    );
    // Each period of the tone is as loud as it was played, and no two samples are further apart
    // than in a sine.
    let peaks = left
        .chunks_exact(48)
        .map(|period| period.iter().fold(0.0_f32, |most, s| most.max(s.abs())));
    let (quiet, loud) =
        peaks.fold((f32::MAX, 0.0_f32), |(quiet, loud), peak| (quiet.min(peak), loud.max(peak)));
    assert!(quiet > 0.48 && loud < 0.52, "{what}: periods have peaks from {quiet} to {loud}");
    let steepest = left.windows(2).map(|two| (two[1] - two[0]).abs()).fold(0.0, f32::max);
    assert!(steepest < 0.075, "{what}: a jump of {steepest} where something is missing");
}

#[test]
fn what_is_played_lies_where_it_is_heard() {
    let Some(pulse) = within("what_is_played_lies_where_it_is_heard") else { return };
    monitors_are_in_sync(&pulse);
}

#[test]
fn pipewire_is_heard_whole() {
    let Some(pulse) = within_a(SourceKind::PipeWire, "pipewire_is_heard_whole") else { return };
    let found = devices().microphones;
    assert_eq!(found.len(), 1, "the speaker's monitor is not offered: {found:?}");
    assert_eq!(
        (found[0].id.as_str(), found[0].default),
        ("pulseaudio:fake_mic_feed.monitor", true)
    );
    for sink in ["fake_speaker", "fake_mic_feed"] {
        let take = clock();
        let _tone = pulse.play(1000, sink);
        let (_running, captured) = record(&format!("pulseaudio:{sink}.monitor"), &take);
        let blocks = listen(&captured, Span::from_secs(5));
        heard_whole(sink, &blocks[1..]);
    }
}

#[test]
fn what_pipewire_plays_lies_where_it_is_heard() {
    let Some(pulse) = within_a(SourceKind::PipeWire, "what_pipewire_plays_lies_where_it_is_heard")
    else {
        return;
    };
    monitors_are_in_sync(&pulse);
}

#[test]
fn a_microphone_of_pipewire_that_was_gone_is_heard_at_once() {
    let Some(pulse) =
        within_a(SourceKind::PipeWire, "a_microphone_of_pipewire_that_was_gone_is_heard_at_once")
    else {
        return;
    };
    heard_at_once(pulse);
}

#[test]
fn a_program_that_was_stopped_keeps_its_microphone() {
    let Some(pulse) = within("a_program_that_was_stopped_keeps_its_microphone") else { return };
    let take = clock();
    let _tone = pulse.speak(1000);
    let (_running, captured) = record("default", &take);
    listen(&captured, Span::from_secs(1));
    let mut blocks = vec![samples(&captured)];
    for after_ms in [500, 500, 2_000] {
        let us = std::process::id();
        let stop = format!("kill -STOP {us}; sleep 3; kill -CONT {us}");
        assert!(std::process::Command::new("sh").args(["-c", &stop]).status().unwrap().success());
        let until = take.now() + Span::from_millis(after_ms);
        while blocks.last().is_some_and(|last| last.at < until) {
            // A notice that it is lost is a failure.
            blocks.push(samples(&captured));
        }
    }
    heard_whole("stopped three times", &blocks);
}

#[track_caller]
fn monitors_are_in_sync(pulse: &Pulse) {
    for sink in ["fake_speaker", "fake_mic_feed"] {
        let take = clock();
        let (_running, captured) = record(&format!("pulseaudio:{sink}.monitor"), &take);
        samples(&captured);
        let (heard, playing) = pulse.beep(sink, &take);
        let mut blocks = Vec::new();
        while onset(&blocks).is_none() {
            blocks.push(samples(&captured));
        }
        let found = onset(&blocks).unwrap();
        eprintln!("{sink}: heard at {heard:?}, recorded at {found:?}");
        assert!(
            found.abs_diff(heard) <= Span::from_millis(20),
            "{sink}: heard at {heard:?}, recorded at {found:?}"
        );
        drop(playing);
    }
}

#[test]
fn what_is_spoken_lies_where_it_is_spoken() {
    let Some(pulse) = within("what_is_spoken_lies_where_it_is_spoken") else { return };
    let pipe = pulse.folder.join("pipe");
    let module = [
        "load-module",
        "module-pipe-source",
        "source_name=pipe_mic",
        "format=s16le",
        "rate=48000",
        "channels=1",
    ];
    assert!(pulse.pactl(&[&module[..], &[&format!("file={}", pipe.display())]].concat()));
    let take = clock();
    let (_running, captured) = record("pulseaudio:pipe_mic", &take);
    // A microphone whose card hands over 5 ms as soon as they are captured, and hears a tone after
    // a second.
    const BLOCKS: (u32, u32) = (200, 240);
    let (at, spoken) = std::sync::mpsc::channel();
    let speaker = {
        let take = take.clone();
        std::thread::spawn(move || {
            let mut card = std::fs::File::options().write(true).open(pipe).unwrap();
            let began = take.now();
            for block in 0..BLOCKS.1 {
                let due = began + Span::from_millis(5 * u64::from(block + 1));
                std::thread::sleep(Duration::from(due.saturating_since(take.now())));
                let loud = if block < BLOCKS.0 { 0.0 } else { 16_384.0 };
                let sample = |n: u32| ((f64::from(n) * 0.13).cos() * loud) as i16;
                let bytes: Vec<u8> = (0..240).flat_map(|n| sample(n).to_le_bytes()).collect();
                if block == BLOCKS.0 {
                    at.send(take.now().checked_sub(Span::from_millis(5)).unwrap()).unwrap();
                }
                std::io::Write::write_all(&mut card, &bytes).unwrap();
            }
        })
    };
    let mut blocks = Vec::new();
    while onset(&blocks).is_none() {
        blocks.push(samples(&captured));
    }
    let (found, spoken) = (onset(&blocks).unwrap(), spoken.recv().unwrap());
    speaker.join().unwrap();
    eprintln!("spoken at {spoken:?}, recorded at {found:?}");
    assert!(
        found.abs_diff(spoken) <= Span::from_millis(20),
        "spoken at {spoken:?}, recorded at {found:?}"
    );
}

#[test]
fn channels_are_those_of_the_server() {
    use Place::{Center, Left, Low, Right, SurroundLeft, SurroundRight};
    let Some(pulse) = within("channels_are_those_of_the_server") else { return };
    let aux: Vec<String> = (0..16).map(|n| format!("aux{n}")).collect();
    let surround = "front-left,front-right,rear-left,rear-right,front-center,lfe";
    for (name, map, expected) in [
        ("interface", aux.join(","), Channels::discrete(16)),
        (
            "cinema",
            surround.to_owned(),
            Channels::placed(&[Left, Right, SurroundLeft, SurroundRight, Center, Low]),
        ),
    ] {
        let count = format!("channels={}", expected.count());
        let map = format!("channel_map={map}");
        assert!(pulse.pactl(&[
            "load-module",
            "module-null-sink",
            &format!("sink_name={name}"),
            &count,
            &map
        ]));
        let take = clock();
        let (_running, captured) = record(&format!("pulseaudio:{name}.monitor"), &take);
        assert_eq!(samples(&captured).channels, expected);
    }
}

#[test]
fn a_microphone_that_was_gone_for_long_is_heard_at_once() {
    let Some(pulse) = within("a_microphone_that_was_gone_for_long_is_heard_at_once") else {
        return;
    };
    heard_at_once(pulse);
}

#[track_caller]
fn heard_at_once(mut pulse: Pulse) {
    let take = clock();
    let (_running, captured) = record("default", &take);
    samples(&captured);
    pulse.unplug();
    notice(&captured);
    // Long enough for pauses that double to have become long.
    assert!(captured.recv_timeout(Duration::from_secs(8)).is_err(), "nothing is said twice");
    pulse.plug_in();
    let there = take.now();
    assert_eq!(notice(&captured), Notice::Back);
    let waited = take.now().checked_since(there).unwrap();
    eprintln!("back after {waited:?}");
    // A pause that doubles, as that of other devices does, would be 2.5 s at least.
    assert!(waited <= Span::from_secs(2), "heard {waited:?} after the server answered");
}

/// A way to a sound server: what it is, the variables that say so, and `microphone` or a part of
/// the message.
type Way<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

#[test]
fn every_way_in_that_pactl_takes() {
    const NAME: &str = "every_way_in_that_pactl_takes";
    if let Some(expected) = inside() {
        let found = devices();
        if expected == "microphone" {
            assert_eq!(found.microphone_problem, None);
            assert_eq!(found.microphones.len(), 1, "{found:?}");
            microphone(&DeviceSelector::Default).expect("it can be recorded");
            return;
        }
        let problem = found.microphone_problem.expect("there is no microphone, and it is said why");
        assert!(problem.message.contains(&expected), "{problem:?}");
        assert_eq!(microphone(&DeviceSelector::Default).err().map(Problem::from), Some(problem));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let pulse = Pulse::start(SourceKind::PulseAudio, folder.path().into());
    let at = |name: &str| folder.path().join(name).display().to_string();
    let text = |path: String, bytes: &[u8]| {
        std::fs::create_dir_all(std::path::Path::new(&path).parent().unwrap()).unwrap();
        std::io::Write::write_all(&mut std::fs::File::create(path).unwrap(), bytes).unwrap();
    };
    let socket = pulse.socket().display().to_string();
    let anonymous = at("anonymous");
    let module = [
        "load-module",
        "module-native-protocol-unix",
        "auth-anonymous=1",
        &format!("socket={anonymous}"),
    ];
    assert!(pulse.pactl(&module), "a second socket");
    let port = pulse.listen();
    let cookie = std::fs::read(pulse.cookie()).unwrap();
    text(at("elsewhere/pulse/cookie"), &cookie);
    text(at("other-cookie"), &[7; 256]);
    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let (tcp, cookie) = (format!("tcp:127.0.0.1:{port}"), pulse.cookie().display().to_string());
    text(
        at("named.conf"),
        format!("autospawn = no\ndefault-server = {tcp}\ncookie-file = {cookie}\n").as_bytes(),
    );
    let (unix, ours) = (format!("unix:{socket}"), format!("{{{}}}unix:{socket}", machine.trim()));
    let several = format!("unix:/nowhere  {{other}}unix:/dev/null tcp:127.0.0.1:1 {unix}");
    let [elsewhere, named, other, anonymous] =
        [at("elsewhere"), at("named.conf"), at("other-cookie"), anonymous];
    let [socket, tcp, cookie, unix, ours, several] =
        [&socket, &tcp, &cookie, &unix, &ours, &several].map(String::as_str);
    let [elsewhere, named, other, anonymous] =
        [&elsewhere, &named, &other, &anonymous].map(String::as_str);
    let ways: [Way<'_>; 12] = [
        ("the usual socket, no cookie", &[], "microphone"),
        ("a path", &[("PULSE_SERVER", socket)], "microphone"),
        ("a socket", &[("PULSE_SERVER", unix)], "microphone"),
        ("an anonymous socket, no cookie", &[("PULSE_SERVER", anonymous)], "microphone"),
        ("a socket of this machine", &[("PULSE_SERVER", ours)], "microphone"),
        ("the last of several", &[("PULSE_SERVER", several)], "microphone"),
        ("TCP with PULSE_COOKIE", &[("PULSE_SERVER", tcp), ("PULSE_COOKIE", cookie)], "microphone"),
        (
            "TCP, cookie below XDG_CONFIG_HOME",
            &[("PULSE_SERVER", tcp), ("XDG_CONFIG_HOME", elsewhere)],
            "microphone",
        ),
        ("client.conf", &[("PULSE_CLIENTCONFIG", named)], "microphone"),
        ("TCP without a cookie", &[("PULSE_SERVER", tcp)], "The sound server refused Vignette"),
        (
            "TCP with another cookie",
            &[("PULSE_SERVER", tcp), ("PULSE_COOKIE", other)],
            "The sound server refused Vignette",
        ),
        ("nobody there", &[("PULSE_SERVER", "unix:/nowhere")], "The sound server does not answer"),
    ];
    for (what, variables, expected) in ways {
        if machine.trim().is_empty() && what == "a socket of this machine" {
            continue;
        }
        eprintln!("{what}");
        let home = common::pulse::home(folder.path());
        let mut environment: Vec<_> =
            home.iter().map(|(name, value)| (*name, value.as_os_str())).collect();
        environment
            .extend(variables.iter().map(|(name, value)| (*name, std::ffi::OsStr::new(*value))));
        again(NAME, expected, &environment);
        // It makes a cookie where there is none, so it comes second.
        let pactl =
            std::process::Command::new("pactl").arg("info").envs(environment).output().unwrap();
        assert_eq!(
            pactl.status.success(),
            expected == "microphone",
            "{what}: {}",
            String::from_utf8_lossy(&pactl.stderr)
        );
        let _ = std::fs::remove_file(folder.path().join("config/pulse/cookie"));
    }
}
