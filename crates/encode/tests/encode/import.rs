//! Files from elsewhere: copied where they can be, encoded anew where not, refused where they are
//! no video.

use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use vignette_encode::{EncodeError, EncodedPiece, Imported, remux_to_stream, sound_of};
use vignette_model::{Micros, Problem, Span};

use crate::film::{Film, decode, onsets_us, runs};

/// Makes a file with ffmpeg: a flash and a beep at every second, and whatever `arguments` say.
pub(crate) fn make(
    folder: &TempDir,
    name: &str,
    size: &str,
    seconds: u32,
    arguments: &[&str],
) -> PathBuf {
    let path = folder.path().join(name);
    let video =
        format!("color=gray:s={size}:r=30,drawbox=c=white:t=fill:enable='lt(mod(t,1),0.1)'");
    let sound = "aevalsrc=0.5*sin(6283*t)*lt(mod(t\\,1)\\,0.1):s=48000";
    let mut command = Command::new("ffmpeg");
    command.args([
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        &video,
        "-f",
        "lavfi",
        "-i",
        sound,
        "-t",
        &seconds.to_string(),
    ]);
    let status = command
        .args(arguments)
        .arg(&path)
        .stdin(Stdio::null())
        .status()
        .expect("ffmpeg is installed");
    assert!(status.success(), "ffmpeg makes {name}");
    path
}

pub(crate) fn import(path: &Path) -> (Imported, Film) {
    let mut pieces = Vec::new();
    let imported = remux_to_stream(path, |piece| pieces.push(piece), |_| ())
        .unwrap_or_else(|error| panic!("{} is not taken: {error}", path.display()));
    let film = Film::of(pieces, None);
    assert_eq!(imported.size_bytes, film.bytes().len() as u64);
    (imported, film)
}

/// The rules of every stream.
pub(crate) fn is_a_stream(film: &Film) {
    assert!(matches!(film.pieces[0], EncodedPiece::Init(_)));
    decode(&film.path(), &["-f", "null"]);
    let video = film.packets("v");
    assert!(video.windows(2).all(|pair| pair[0].dts_us < pair[1].dts_us), "times strictly rise");
    let mut position = film.pieces[0].bytes().len() as u64;
    let (mut end, mut ends) = (None, Vec::new());
    for (bytes, start, duration) in film.fragments() {
        let first = video
            .iter()
            .find(|packet| (position..position + bytes.len() as u64).contains(&packet.position))
            .unwrap();
        assert!(first.key, "every fragment begins with a key frame, {first:?} does not");
        assert!((first.pts_us - start.0 as i64).abs() < 1500, "{first:?} begins at {start:?}");
        assert!(end.is_none_or(|end: Micros| end == start), "fragments follow each other");
        end = Some(start + duration);
        position += bytes.len() as u64;
        for run in runs(bytes) {
            let before = ends.iter().position(|(track, _)| *track == run.track);
            if let Some(before) = before {
                assert_eq!(
                    ends.swap_remove(before).1,
                    run.start,
                    "track {} goes on where it ended",
                    run.track
                );
            }
            ends.push((run.track, run.end()));
        }
    }
    assert_eq!(position, film.bytes().len() as u64);
}

/// Flash and beep come together, `shift_us` after where they were.
fn in_sync(name: &str, film: &Film, width: u32, height: u32) {
    let pictures = film.pictures(width, height);
    let bright = |picture: &[u8]| picture[(width * height / 2 * 3) as usize] > 190;
    let flashes: Vec<i64> = pictures
        .windows(2)
        .filter(|w| !bright(&w[0].1) && bright(&w[1].1))
        .map(|w| w[1].0)
        .collect();
    // What ffmpeg decodes begins at the first sample that there is.
    let first = film.packets("a")[0].pts_us;
    let beeps: Vec<i64> = onsets_us(&film.samples()).iter().map(|onset| onset + first).collect();
    assert!(flashes.len() >= 4, "{flashes:?}");
    for flash in flashes {
        let away = beeps.iter().map(|beep| (beep - flash).abs()).min().unwrap_or(i64::MAX);
        assert!(away < 20_000, "{name}: flash at {flash}, beeps at {beeps:?}");
    }
}

#[test]
fn h264_with_aac_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments) in [
        ("plain.mp4", &["-c:v", "libx264", "-bf", "0", "-g", "30", "-c:a", "aac"][..]),
        ("b-frames.mp4", &["-c:v", "libx264", "-g", "60", "-c:a", "aac"]),
        ("b-frames.mkv", &["-c:v", "libx264", "-g", "60", "-c:a", "aac"]),
        ("four.mov", &["-c:v", "libx264", "-g", "115", "-c:a", "aac", "-ar", "44100", "-ac", "2"]),
        (
            "fragmented.mp4",
            &[
                "-c:v",
                "libx264",
                "-bf",
                "0",
                "-g",
                "60",
                "-c:a",
                "aac",
                "-movflags",
                "frag_keyframe+empty_moov",
            ],
        ),
        ("silent.mp4", &["-c:v", "libx264", "-g", "60", "-an"]),
    ] {
        let path =
            make(&folder, name, "320x180", 9, &[&["-pix_fmt", "yuv420p"], arguments].concat());
        let (imported, film) = import(&path);
        assert!(imported.copied, "{name} is copied");
        is_a_stream(&film);
        assert_eq!(film.packets("v").len(), 270, "{name}: every picture");
        assert!(
            imported.duration.abs_diff(Span::from_secs(9)) < Span::from_millis(120),
            "{name}: {:?}",
            imported.duration
        );
        assert!(film.fragments().count() >= 3, "{name}");
        assert!(
            film.fragments().all(|(_, _, duration)| duration <= Span::from_millis(6100)),
            "{name}"
        );
        if name != "silent.mp4" {
            in_sync(name, &film, 320, 180);
        }
        let poster = image::load_from_memory(&imported.poster.expect("there is a poster")).unwrap();
        assert_eq!((poster.width(), poster.height()), (320, 180));
    }
}

#[test]
fn everything_else_is_encoded_anew() {
    let folder = tempfile::tempdir().unwrap();
    for (name, size, arguments) in [
        (
            "vp8.webm",
            "320x180",
            &["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"][..],
        ),
        (
            "mp3.mkv",
            "320x180",
            &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "30", "-c:a", "mp3"],
        ),
        ("odd.mkv", "321x181", &["-c:v", "ffv1", "-c:a", "pcm_s16le"]),
        (
            "ten-bit.mp4",
            "320x180",
            &["-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-g", "30", "-c:a", "aac", "-ac", "6"],
        ),
    ] {
        let path = make(&folder, name, size, 6, arguments);
        let (imported, film) = import(&path);
        assert!(!imported.copied, "{name} is not copied");
        is_a_stream(&film);
        assert!(
            imported.duration.abs_diff(Span::from_secs(6)) < Span::from_millis(60),
            "{name}: {:?}",
            imported.duration
        );
        assert!(film.packets("v").len() >= 178, "{name}: {} pictures", film.packets("v").len());
        in_sync(name, &film, 320, 180);
        assert!(imported.poster.is_some());
    }
}

#[test]
fn a_turned_phone_video_stands_upright() {
    let folder = tempfile::tempdir().unwrap();
    let flat = folder.path().join("flat.mp4");
    let turned = folder.path().join("turned.mp4");
    // Red on top.
    let scene = "color=blue:s=320x180:r=10,drawbox=c=red:t=fill:h=ih/2";
    let run = |arguments: &[&str], to: &Path| {
        let status = Command::new("ffmpeg")
            .args(["-v", "error"])
            .args(arguments)
            .arg(to)
            .stdin(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
    };
    run(
        &[
            "-f", "lavfi", "-i", scene, "-t", "2", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g",
            "10",
        ],
        &flat,
    );
    run(&["-i", flat.to_str().unwrap(), "-c", "copy", "-metadata:s:v", "rotate=90"], &turned);
    let raw = decode(&turned, &["-f", "rawvideo", "-pix_fmt", "rgb24"]);
    let (imported, film) = import(&turned);
    assert!(!imported.copied);
    assert_eq!(film.show("stream=width,height"), "180,320");
    let (_, picture) = &film.pictures(180, 320)[0];
    for (x, y) in [(10, 160), (170, 160), (10, 10), (170, 310)] {
        let at = (y * 180 + x) * 3;
        let away = (0..3).map(|c| picture[at + c].abs_diff(raw[at + c])).max().unwrap();
        assert!(away < 30, "at {x},{y} {:?} and not {:?}", &picture[at..at + 3], &raw[at..at + 3]);
    }
}

fn refused(path: &Path, why: &str) {
    let error =
        remux_to_stream(path, |_| panic!("nothing of it is handed out"), |_| ()).expect_err(why);
    assert!(
        matches!(error, EncodeError::NotAVideo { .. } | EncodeError::File(_)),
        "{why}: {error}"
    );
    let problem = Problem::from(error);
    assert!(!problem.message.is_empty() && problem.help.ends_with('.'), "{problem:?}");
}

pub(crate) fn write(path: &Path, bytes: &[u8]) {
    File::create(path).unwrap().write_all(bytes).unwrap();
}

#[test]
fn what_is_no_video_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    refused(&folder.path().join("missing.mp4"), "a file that is not there");
    refused(folder.path(), "a folder");
    let path = folder.path().join("bad.mp4");
    for (bytes, why) in [
        (&b""[..], "an empty file"),
        (b"hello, this is text, not a video at all", "text"),
        (
            b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n",
            "a playlist that names another file",
        ),
        (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "a list that names another file"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0\0\x08moov", "an MP4 with nothing in it"),
        (b"\xff\xff\xff\xffmoov\xff\xff\xff\xff", "a box of four gigabytes"),
    ] {
        write(&path, bytes);
        refused(&path, why);
    }
    let voice = make(&folder, "voice.m4a", "16x16", 1, &["-vn", "-c:a", "aac"]);
    refused(&voice, "sound without pictures");
    let whole = make(
        &folder,
        "whole.mp4",
        "64x64",
        3,
        &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"],
    );
    let bytes = std::fs::read(&whole).unwrap();
    write(&path, &bytes[..bytes.len() / 2]);
    refused(&path, "a file whose end, with the index, is missing");
}

#[test]
fn what_it_is_instead_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let of = |path: &Path| {
        let error = remux_to_stream(path, |_| panic!("nothing of it is handed out"), |_| ())
            .expect_err("it is no video of ours");
        Problem::from(error).message
    };
    let page = folder.path().join("page.mp4");
    write(&page, b"\n<!DOCTYPE html><html><body>Sign in to download</body></html>");
    assert!(of(&page).contains("it is a web page"), "{}", of(&page));
    let empty = folder.path().join("empty.mp4");
    write(&empty, b"");
    assert_eq!(of(&empty), "The file cannot be taken as a video: it is empty.");
    for (name, arguments, what) in [
        ("moving.gif", &["-an"][..], "it is a GIF"),
        ("moving.png", &["-an", "-f", "apng"], "it is a PNG picture"),
        (
            "camera.avi",
            &["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"],
            "it is an AVI file",
        ),
        (
            "camera.mts",
            &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-f", "mpegts"],
            "it is an MPEG transport stream",
        ),
        (
            "camera.m2ts",
            &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-mpegts_m2ts_mode", "1"],
            "it is an MPEG transport stream",
        ),
        ("tape.dv", &["-target", "pal-dv", "-ac", "2"], "it is a DV file"),
        ("old.wmv", &["-c:v", "wmv2", "-c:a", "wmav2"], "it is a Windows Media file"),
        ("old.flv", &["-c:v", "flv1", "-an"], "it is a Flash video"),
        ("voice.m4a", &["-vn", "-c:a", "aac"], "it is sound without pictures"),
        ("voice.wav", &["-vn"], "it is sound without pictures"),
    ] {
        let told = of(&make(&folder, name, "320x200", 1, arguments));
        assert!(told.contains(what), "{name}: {told}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_does_not_hold_us_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe.mp4");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    refused(&path, "a pipe that nobody writes to");
}

#[test]
fn damaged_files_never_make_us_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    for (name, arguments) in [
        (
            "a.mp4",
            &[
                "-c:v",
                "libx264",
                "-pix_fmt",
                "yuv420p",
                "-g",
                "30",
                "-c:a",
                "aac",
                "-movflags",
                "+faststart",
            ][..],
        ),
        ("b.mkv", &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "30", "-c:a", "aac"]),
        ("c.webm", &["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"]),
    ] {
        let bytes = std::fs::read(make(&folder, name, "64x64", 3, arguments)).unwrap();
        let mut seed = 42_u32;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize % below
        };
        for round in 0..40 {
            let mut damaged = bytes.clone();
            // The head is where the structure is.
            let reach = if round % 2 == 0 { 2000.min(bytes.len()) } else { bytes.len() };
            for _ in 0..1 + random(20) {
                damaged[random(reach)] = random(256) as u8;
            }
            if round % 5 == 0 {
                damaged.truncate(random(bytes.len()));
            }
            write(&path, &damaged);
            // Taken or refused; what was handed out is a stream either way.
            let mut pieces = Vec::new();
            let _ = remux_to_stream(&path, |piece| pieces.push(piece), |_| ());
            if let Some(first) = pieces.first() {
                assert!(matches!(first, EncodedPiece::Init(_)));
            }
        }
    }
}

/// The sound of a file as it is given back.
fn heard(path: &Path, from: Micros) -> Vec<vignette_model::Samples> {
    let mut blocks = Vec::new();
    let until = sound_of(path, from, |samples| {
        blocks.push(samples);
        ControlFlow::Continue(())
    });
    let last = blocks
        .last()
        .map(|last| last.at + Span::from_ticks(last.frames() as u64, last.rate_hz).unwrap());
    assert_eq!(until.expect("the file is read"), last, "it says how far the sound goes");
    blocks
}

/// When each beep begins: samples that are loud after a tenth of a second of quiet.
fn beeps_us(blocks: &[vignette_model::Samples]) -> Vec<u64> {
    let mut beeps: Vec<u64> = Vec::new();
    let mut loud_us = None;
    for block in blocks {
        for (n, frame) in block.interleaved.chunks(usize::from(block.channels.count())).enumerate()
        {
            let at_us = block.at.0 + n as u64 * 1_000_000 / u64::from(block.rate_hz);
            if frame[0].abs() > 0.1 {
                if loud_us.is_none_or(|loud_us| at_us > loud_us + 100_000) {
                    beeps.push(at_us);
                }
                loud_us = Some(at_us);
            }
        }
    }
    beeps
}

#[test]
fn the_sound_of_a_stream_comes_back_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path =
        make(&folder, "talk.webm", "64x64", 6, &["-c:v", "libvpx", "-c:a", "libopus", "-ac", "2"]);
    let (_, film) = import(&path);
    for (name, path) in [("the file", path), ("the stream", film.path())] {
        let beeps = beeps_us(&heard(&path, Micros::ZERO));
        assert_eq!(beeps.len(), 6, "{name}: a beep a second");
        for (second, at_us) in beeps.iter().enumerate() {
            assert!(
                at_us.abs_diff(second as u64 * 1_000_000) < 20_000,
                "{name}: beep {second} is heard at {at_us}"
            );
        }
        let later = heard(&path, Micros::from_millis(2_500));
        assert!(
            later[0].at.abs_diff(Micros::from_millis(2_500)) < Span::from_millis(60),
            "{name}: from {:?}",
            later[0].at
        );
        assert_eq!(beeps_us(&later), beeps[3..], "{name}: what is skipped moves nothing");
    }
    let mut blocks = 0;
    sound_of(&film.path(), Micros::ZERO, |_| {
        blocks += 1;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(blocks, 1, "it ends when it is told to");
    let silent = make(&folder, "silent.mp4", "64x64", 1, &["-an", "-c:v", "libx264"]);
    assert_eq!(
        sound_of(&silent, Micros::ZERO, |_| panic!("there is nothing to hear")).unwrap(),
        None
    );
    assert!(matches!(
        sound_of(folder.path(), Micros::ZERO, |_| ControlFlow::Continue(())),
        Err(EncodeError::NotAVideo { .. })
    ));
}
