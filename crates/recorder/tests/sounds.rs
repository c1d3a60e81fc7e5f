//! A take of two sources of sound: what players play, what is kept of each, and what is
//! transcribed.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "files that a test throws away need not be durable")]

use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use vignette_fmp4::{Cutter, Fragment, Init, Limits, Piece, Sealer, playlist};
use vignette_model::{Micros, SystemClock};
use vignette_recorder::{
    Credentials, DeviceSelector, Options, Outcome, Plan, Recorder, Sources, SyntheticTalker,
    library_url,
};

/// What ffprobe says of each stream of a file: kind, whether players play it, and its name.
fn streams(file: &Path) -> Vec<String> {
    let entries = "stream=codec_type:stream_disposition=default:stream_tags=handler_name";
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-show_entries", entries, "-of", "csv=p=0"]).arg(file);
    let output = command.output().expect("ffprobe runs");
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// The sound of one track, or of the one that ffmpeg plays by itself, decoded.
fn decoded(file: &Path, track: Option<usize>) -> Vec<f32> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-xerror", "-i"]).arg(file).arg("-vn");
    if let Some(track) = track {
        command.args(["-map", &format!("0:a:{track}")]);
    }
    let output = command
        .args(["-ac", "1", "-ar", "48000", "-f", "f32le", "-"])
        .output()
        .expect("ffmpeg runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout.as_chunks().0.iter().map(|sample| f32::from_le_bytes(*sample)).collect()
}

fn power(samples: impl Iterator<Item = f32>) -> f32 {
    samples.map(|sample| sample * sample).sum()
}

/// By how much a sound differs from another, as a part of its power.
fn difference(one: &[f32], other: &[f32]) -> f32 {
    power(one.iter().zip(other).map(|(one, other)| one - other)) / power(one.iter().copied())
}

fn pieces(stream: &[u8]) -> (Init, Vec<Fragment>) {
    let (mut init, mut fragments) = (None, Vec::new());
    for piece in
        Cutter::new(Limits::DEFAULT).push(stream).expect("it is a stream that a library takes")
    {
        match piece {
            Piece::Init(of_stream) => init = Some(of_stream),
            Piece::Fragment(fragment) => fragments.push(fragment),
        }
    }
    (init.expect("it begins with an init segment"), fragments)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sounds_are_one_to_play_and_two_to_keep() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = Credentials::open(&folder.path().join("tokens.json")).unwrap();
    let library = library_url("http://127.0.0.1:9").unwrap();
    let clock = Arc::new(SystemClock::new());
    let options = Options { spool: folder.path().join("spool"), library, credentials, clock };
    let recorder = Recorder::open(options).unwrap();
    let speech = DeviceSelector::Named(SyntheticTalker::SELECTOR.into());
    let sources =
        Sources::new(DeviceSelector::Synthetic, DeviceSelector::Off, DeviceSelector::Synthetic)
            .with_background(speech);
    let plan = Plan {
        sources,
        countdown_s: 0,
        fps_max: 5,
        duration: Some(Duration::from_secs(4)),
        ..Plan::default()
    };
    let recording = recorder.start(plan).await.unwrap();
    let Outcome::Stopped { problem: None, poster: Some(_), .. } = recording.ended().await else {
        panic!("it stops by itself")
    };

    let stream_path = recorder.stream_path(recording.id());
    let stream = std::fs::read(&stream_path).unwrap();
    let (init, fragments) = pieces(&stream);
    let names = ["video,1,VideoHandler", "audio,1,Mix", "audio,0,Voice", "audio,0,Background"];
    assert_eq!(streams(&stream_path), names, "the stream");
    let [mix, voice, background] = [0, 1, 2].map(|track| decoded(&stream_path, Some(track)));
    let lengths = [&mix, &voice, &background].map(Vec::len);
    assert!(
        lengths.iter().all(|length| length.abs_diff(lengths[0]) <= 1_024),
        "one length: {lengths:?}"
    );
    assert!(lengths[0].abs_diff(4 * 48_000) < 9_600, "and that of the take: {lengths:?}");
    let sum: Vec<f32> = voice.iter().zip(&background).map(|(one, other)| one + other).collect();
    assert!(
        difference(&mix, &sum) < 0.05,
        "the first track is both together: {}",
        difference(&mix, &sum)
    );
    assert!(difference(&voice, &background) > 0.5, "each of the others is one of them");

    let media = playlist::media(&init, &fragments, &stream_path.display().to_string(), true);
    let playlist_path = folder.path().join("media.m3u8");
    std::fs::write(&playlist_path, media).unwrap();
    assert!(
        difference(&mix, &decoded(&playlist_path, None)) < 0.001,
        "from the playlist the mix is played"
    );

    let index = |at: u64| usize::try_from(at).unwrap();
    let mut sealer = Sealer::new(&stream[..index(init.size_bytes)], Limits::DEFAULT).unwrap();
    for fragment in &fragments {
        let moof = &stream[index(fragment.moof_offset_bytes)..];
        let moof = &moof[..index(fragment.moof_size_bytes)];
        sealer.add(fragment.moof_offset_bytes, moof).unwrap();
    }
    let mut sealed = sealer.header(stream.len() as u64).unwrap();
    sealed.extend(&stream);
    let sealed_path = folder.path().join("sealed.mp4");
    std::fs::write(&sealed_path, sealed).unwrap();
    assert_eq!(streams(&sealed_path), names, "the sealed file");
    assert!(
        difference(&mix, &decoded(&sealed_path, None)) < 0.001,
        "of the sealed file the mix is played"
    );
    assert!(
        difference(&background, &decoded(&sealed_path, Some(2))) < 0.001,
        "and the others are kept in it"
    );

    let mut heard = Vec::new();
    vignette_encode::sound_of(&stream_path, Micros::ZERO, |samples| {
        heard.extend(samples.interleaved);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(difference(&voice, &heard) < 0.001, "the voice alone is transcribed");
}
