//! Other people's files: sound that was cut off inside a packet is in no byte of the stream.
//!
//! What is to be heard is a tone of 1 kHz; what was cut off is one of 5 kHz.

use tempfile::TempDir;
use vignette_model::Span;

use crate::film::{Film, boxes, runs};
use crate::foreign::ffmpeg;
use crate::import::{import, is_a_stream, write};

/// Samples of a packet of AAC, and those that one block reaches into.
const PACKET: u64 = 1024;

/// Eight seconds, of which `secret` (a condition on `t`) is the other tone, as the bytes of an MP4
/// with a second between key frames.
fn film(folder: &TempDir, secret: &str, codecs: &[&str]) -> Vec<u8> {
    let sound = format!("aevalsrc='0.4*sin(2*PI*t*if({secret},5000,1000))':s=48000");
    let inputs =
        ["-f", "lavfi", "-i", "testsrc2=s=160x90:r=30", "-f", "lavfi", "-i", &sound, "-t", "8"];
    std::fs::read(ffmpeg(folder, "made.mp4", &[&inputs[..], &["-g", "30", "-y"], codecs].concat()))
        .unwrap()
}

const COPIED: &[&str] =
    &["-c:v", "libx264", "-bf", "0", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "256k"];
const ANEW: &[&str] = &["-c:v", "mpeg4", "-c:a", "aac", "-b:a", "256k"];

fn named(name: &str, content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], name.as_bytes(), content].concat()
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// The file with other edit lists: from when to when it is shown, in milliseconds. Its `moov` lies
/// at the end.
fn edited(file: &[u8], edits: &[(u32, u32)]) -> Vec<u8> {
    let shown: u32 = edits.iter().map(|(from, to)| to - from).sum();
    let entries = |old: &[u8], ticks_per_second: u32| {
        let begins = number(old, 12);
        let mut list = [&[0; 4][..], &(edits.len() as u32).to_be_bytes()].concat();
        for (from, to) in edits {
            let media_time =
                begins + (u64::from(*from) * u64::from(ticks_per_second) / 1000) as u32;
            list.extend(
                [(to - from).to_be_bytes(), media_time.to_be_bytes(), 0x1_0000_u32.to_be_bytes()]
                    .concat(),
            );
        }
        list
    };
    let inside = |content: &[u8], wanted: &str| {
        boxes(content).into_iter().find(|(name, _)| name == wanted).unwrap().1.to_vec()
    };
    let track = |content: &[u8]| -> Vec<u8> {
        let ticks_per_second = number(&inside(&inside(content, "mdia"), "mdhd"), 12);
        let each = boxes(content).into_iter().map(|(name, content)| match name.as_str() {
            "edts" => {
                named("edts", &named("elst", &entries(&inside(content, "elst"), ticks_per_second)))
            }
            "tkhd" => {
                named("tkhd", &[&content[..20], &shown.to_be_bytes(), &content[24..]].concat())
            }
            name => named(name, content),
        });
        each.collect::<Vec<_>>().concat()
    };
    let movie = |content: &[u8]| {
        let each = boxes(content).into_iter().map(|(name, content)| match name.as_str() {
            "trak" => named("trak", &track(content)),
            name => named(name, content),
        });
        each.collect::<Vec<_>>().concat()
    };
    let each = boxes(file).into_iter().map(|(name, content)| match name.as_str() {
        "moov" => named("moov", &movie(content)),
        name => named(name, content),
    });
    each.collect::<Vec<_>>().concat()
}

/// The most of a tone of `hz` in any 10 ms, as its amplitude.
fn most_of(hz: f32, samples: &[f32]) -> f32 {
    let amplitude = |window: &[f32]| {
        let turn = std::f32::consts::TAU * hz / 48_000.0;
        let (sin, cos) = window.iter().enumerate().fold((0.0, 0.0), |(sin, cos), (n, sample)| {
            let (s, c) = (turn * n as f32).sin_cos();
            (sin + sample * s, cos + sample * c)
        });
        f32::hypot(sin, cos) * 2.0 / window.len() as f32
    };
    samples.windows(480).step_by(120).map(amplitude).fold(0.0, f32::max)
}

fn nothing_of_it_is_heard(name: &str, film: &Film) {
    let samples = film.samples();
    assert!(most_of(1000.0, &samples) > 0.35, "{name}: what was left is heard");
    let found = most_of(5000.0, &samples);
    assert!(found < 0.04, "{name}: what was cut off is heard with {found}");
}

#[test]
fn sound_after_a_cut_inside_a_packet_is_not_in_the_stream() {
    let folder = tempfile::tempdir().unwrap();
    for (name, codecs, copied) in [("copied.mp4", COPIED, true), ("anew.mp4", ANEW, false)] {
        for end_ms in [4000, 4005, 4010, 4015, 4019] {
            let name = format!("{name} until {end_ms}");
            let path = folder.path().join("cut.mp4");
            let secret = format!("gte(t,{})", f64::from(end_ms) / 1000.0);
            write(&path, &edited(&self::film(&folder, &secret, codecs), &[(0, end_ms)]));
            let (imported, film) = import(&path);
            assert_eq!(imported.copied, copied, "{name}");
            is_a_stream(&film);
            assert!(
                imported.duration.abs_diff(Span::from_millis(end_ms.into()))
                    < Span::from_millis(35),
                "{name}"
            );
            nothing_of_it_is_heard(&name, &film);
            // Nor does a packet hold it back for the block that would follow.
            let sound = runs(film.fragments().last().unwrap().0)
                .into_iter()
                .find(|run| run.track == 2)
                .unwrap();
            if copied {
                let begins = sound.end() - u64::from(*sound.durations.last().unwrap());
                assert!(
                    begins + 2 * PACKET <= u64::from(end_ms) * 48,
                    "{name}: the last packet begins at {begins}"
                );
                assert!(
                    begins + 3 * PACKET + 48 > u64::from(end_ms) * 48,
                    "{name}: no more than that is left out"
                );
            } else {
                assert!(
                    film.samples().len() as u64 >= u64::from(end_ms) * 48,
                    "{name}: all of what is left is heard"
                );
            }
        }
    }
}

#[test]
fn sound_before_a_cut_inside_a_packet_is_not_in_the_stream() {
    let folder = tempfile::tempdir().unwrap();
    for (name, codecs, copied) in [("copied.mp4", COPIED, true), ("anew.mp4", ANEW, false)] {
        // Key frames lie on the seconds, packets of sound mostly do not.
        for begin_ms in [2000, 3000, 5000] {
            let name = format!("{name} from {begin_ms}");
            let path = folder.path().join("cut.mp4");
            let secret = format!("lt(t,{})", f64::from(begin_ms) / 1000.0);
            write(&path, &edited(&self::film(&folder, &secret, codecs), &[(begin_ms, 8000)]));
            let (imported, film) = import(&path);
            assert_eq!(imported.copied, copied, "{name}");
            is_a_stream(&film);
            let whole = Span::from_millis((8000 - begin_ms).into());
            assert!(
                imported.duration.abs_diff(whole) < Span::from_millis(35),
                "{name}: {:?}",
                imported.duration
            );
            nothing_of_it_is_heard(&name, &film);
        }
    }
}

#[test]
fn sound_cut_out_of_the_middle_is_not_in_the_stream() {
    let folder = tempfile::tempdir().unwrap();
    for (name, codecs) in [("h264.mp4", COPIED), ("mpeg4.mp4", ANEW)] {
        for (from_ms, to_ms) in [(3005, 5000), (3010, 5007), (3019, 4013)] {
            let name = format!("{name} without {from_ms} to {to_ms}");
            let path = folder.path().join("cut.mp4");
            let secret = format!(
                "gte(t,{})*lt(t,{})",
                f64::from(from_ms) / 1000.0,
                f64::from(to_ms) / 1000.0
            );
            write(
                &path,
                &edited(&self::film(&folder, &secret, codecs), &[(0, from_ms), (to_ms, 8000)]),
            );
            let (imported, film) = import(&path);
            assert!(!imported.copied, "{name}");
            is_a_stream(&film);
            let whole = Span::from_millis((8000 - (to_ms - from_ms)).into());
            assert!(
                imported.duration.abs_diff(whole) < Span::from_millis(50),
                "{name}: {:?}",
                imported.duration
            );
            nothing_of_it_is_heard(&name, &film);
        }
    }
}

/// What nobody cut off loses nothing, though its last packet may be shorter than others.
#[test]
fn the_end_of_whole_sound_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let whole = film(&folder, "0", COPIED);
    let plain = folder.path().join("first.mp4");
    write(&plain, &whole);
    for (name, flags) in [
        ("whole.mp4", "+faststart"),
        ("fragments.mp4", "frag_keyframe+empty_moov"),
        ("fragments-later.mp4", "frag_keyframe"),
        ("whole.mov", "+faststart"),
        ("whole.mkv", ""),
    ] {
        let flags: &[&str] = if flags.is_empty() { &[] } else { &["-movflags", flags] };
        let path = ffmpeg(
            &folder,
            name,
            &[&["-i", plain.to_str().unwrap(), "-c", "copy"], flags].concat(),
        );
        let (imported, film) = import(&path);
        assert!(imported.copied, "{name}");
        assert!(
            film.samples().len() >= 8 * 48_000 - 64,
            "{name}: {} samples",
            film.samples().len()
        );
    }
}
