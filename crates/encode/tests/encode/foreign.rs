//! Other people's files: what was cut off stays cut, the tracks that a player would play, long
//! stillness, cut-off files.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use vignette_encode::LeftOutKind;
use vignette_model::{Span, UtcMicros};

use crate::film::{Film, onsets_us, probe, runs};
use crate::import::{import, is_a_stream, make, write};

/// Runs ffmpeg to make the file `name` in the folder.
pub(crate) fn ffmpeg(folder: &TempDir, name: &str, arguments: &[&str]) -> PathBuf {
    let path = folder.path().join(name);
    let status = Command::new("ffmpeg")
        .args(["-v", "error"])
        .args(arguments)
        .arg(&path)
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "ffmpeg makes {name}");
    path
}

/// Red and loud for 2.4 s, then blue and silent, with a key frame every 3 s: 10 s in all.
fn secret_then_plain(folder: &TempDir) -> PathBuf {
    let video = "color=c=blue:s=160x90:r=30,drawbox=c=red:t=fill:enable='lt(t,2.4)'";
    let sound = "aevalsrc=0.5*sin(2765*t)*lt(t\\,2.4):s=48000";
    let inputs = ["-f", "lavfi", "-i", video, "-f", "lavfi", "-i", sound, "-t", "10"];
    let codecs = [
        "-c:v",
        "libx264",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "90",
        "-keyint_min",
        "90",
        "-sc_threshold",
        "0",
        "-c:a",
        "aac",
    ];
    ffmpeg(folder, "whole.mp4", &[&inputs[..], &codecs].concat())
}

fn is_red(picture: &[u8]) -> bool {
    picture[0] > 120 && picture[2] < 100
}

/// How long the playlist says that a stream is: the sum of its pictures' durations.
fn hls_us(film: &Film) -> i64 {
    let base = film.show("stream=codec_type,time_base");
    let base =
        base.lines().find_map(|line| line.strip_prefix("video,1/")).expect("there are pictures");
    let hz: u64 = base.parse().unwrap();
    let ticks: u64 = film
        .fragments()
        .flat_map(|(bytes, ..)| runs(bytes))
        .filter(|run| run.track == 1)
        .flat_map(|run| run.durations)
        .map(u64::from)
        .sum();
    (ticks * 1_000_000 / hz) as i64
}

/// Playlist, file and what is told of it are all so long, in milliseconds.
pub(crate) fn lasts(name: &str, imported_us: Span, film: &Film, ms: i64) {
    let told = film.fragments().map(|(.., duration)| duration.0 as i64).sum::<i64>();
    let file = (probe(&film.path(), &["-show_entries", "format=duration"]).parse::<f64>().unwrap()
        * 1e6) as i64;
    for (what, us) in [
        ("import", imported_us.0 as i64),
        ("playlist", hls_us(film)),
        ("fragments", told),
        ("file", file),
    ] {
        assert!((us / 1000 - ms).abs() <= 150, "{name}: {what} says {us} µs and not {ms} ms");
    }
}

#[test]
fn what_a_lossless_trim_cut_off_stays_cut() {
    let folder = tempfile::tempdir().unwrap();
    let whole = secret_then_plain(&folder);
    let whole = whole.to_str().unwrap();
    for (name, from, ms, copied) in [
        ("between.mp4", "2.5", 7500, false),
        ("between.mov", "2.5", 7500, false),
        ("at-key.mp4", "3", 7000, true),
    ] {
        let cut = ffmpeg(&folder, name, &["-ss", from, "-i", whole, "-c", "copy"]);
        let (imported, film) = import(&cut);
        is_a_stream(&film);
        assert_eq!(imported.copied, copied, "{name}");
        lasts(name, imported.duration, &film, ms);
        assert!(
            film.pictures(160, 90).iter().all(|(_, picture)| !is_red(picture)),
            "{name}: what was cut off is seen"
        );
        let loudest = film.samples().iter().fold(0_f32, |most, sample| most.max(sample.abs()));
        assert!(loudest < 0.02, "{name}: what was cut off is heard: {loudest}");
        assert!(!imported.short, "{name} is whole");
    }
}

#[test]
fn what_was_cut_off_at_the_end_stays_cut() {
    let folder = tempfile::tempdir().unwrap();
    // Plain for 4 s, then red and loud.
    let video = "color=c=blue:s=160x90:r=30,drawbox=c=red:t=fill:enable='gt(t,4.2)'";
    let sound = "aevalsrc=0.5*sin(2765*t)*gt(t\\,4.2):s=48000";
    let inputs = ["-f", "lavfi", "-i", video, "-f", "lavfi", "-i", sound, "-t", "8"];
    let path = ffmpeg(
        &folder,
        "whole.mp4",
        &[&inputs[..], &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "60", "-c:a", "aac"]]
            .concat(),
    );
    let mut bytes = std::fs::read(&path).unwrap();
    let places: Vec<usize> = bytes
        .windows(4)
        .enumerate()
        .filter(|(_, name)| name == b"elst")
        .map(|(at, _)| at)
        .collect();
    assert_eq!(places.len(), 2, "each track has an edit list");
    for at in places {
        // ISO/IEC 14496-12 §8.6.6, version 0: how many, then duration in the movie's ticks, which
        // are milliseconds here.
        bytes[at + 12..at + 16].copy_from_slice(&4000_u32.to_be_bytes());
    }
    let path = folder.path().join("cut.mp4");
    write(&path, &bytes);
    let (imported, film) = import(&path);
    is_a_stream(&film);
    lasts("cut.mp4", imported.duration, &film, 4000);
    assert!(
        film.pictures(160, 90).iter().all(|(_, picture)| !is_red(picture)),
        "what was cut off is seen"
    );
    assert!(film.samples().iter().all(|sample| sample.abs() < 0.02), "what was cut off is heard");
}

#[test]
fn the_tracks_that_a_player_would_play_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let h264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "30"];
    let twice = [
        "-map", "0:v", "-map", "1:a", "-map", "1:a", "-c:a", "aac", "-b:a:0", "64k", "-b:a:1",
        "256k", "-ac:a:1", "2",
    ];
    let path = make(&folder, "two.mp4", "160x90", 8, &[&twice[..], &h264].concat());
    let mut bytes = std::fs::read(&path).unwrap();
    let second = bytes.windows(4).rposition(|name| name == b"mp4a").unwrap();
    bytes[second..second + 4].copy_from_slice(b"zzzz");
    let second = bytes.windows(4).rposition(|name| name == b"esds").unwrap();
    bytes[second..second + 4].copy_from_slice(b"free");
    let path = folder.path().join("unknown.mp4");
    write(&path, &bytes);
    let (imported, film) = import(&path);
    assert!(imported.copied);
    assert_eq!(onsets_us(&film.samples()).len(), 8, "the first track is heard");
    assert_eq!(imported.left_out.len(), 1);
    assert_eq!(
        (imported.left_out[0].what, imported.left_out[0].unknown),
        (LeftOutKind::Sound, true)
    );
    assert!(
        imported.left_out[0].to_string().starts_with("a sound track in a format not known here")
    );

    let silent_first = [
        "-f", "lavfi", "-i", "anullsrc", "-map", "0:v", "-map", "2:a", "-map", "1:a", "-c:a",
        "aac", "-t", "4",
    ];
    let marked =
        ["-metadata:s:a:0", "language=deu", "-disposition:a:0", "0", "-disposition:a:1", "default"];
    for name in ["default.mkv", "enabled.mp4"] {
        let path = make(&folder, name, "160x90", 4, &[&silent_first[..], &h264, &marked].concat());
        let (imported, film) = import(&path);
        assert_eq!(onsets_us(&film.samples()).len(), 4, "{name}: the default track is heard");
        assert_eq!(imported.left_out[0].to_string(), "another sound track (aac, deu)", "{name}");
    }
}

#[test]
fn chapters_and_subtitles_come_with_the_film() {
    let folder = tempfile::tempdir().unwrap();
    let srt = folder.path().join("words.srt");
    write(
        &srt,
        b"1\n00:00:01,000 --> 00:00:02,500\n<i>Hello</i>\nthere\n\n2\n00:00:04,000 --> \
        00:00:05,000\nBye\n",
    );
    let meta = folder.path().join("meta.txt");
    let chapter = |start: u32, end: u32, title: &str| {
        format!("[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n")
    };
    write(
        &meta,
        format!(";FFMETADATA1\n{}{}", chapter(0, 3000, "One"), chapter(3000, 6000, "Two"))
            .as_bytes(),
    );
    let (srt, meta) = (srt.to_str().unwrap(), meta.to_str().unwrap());
    for (name, texts) in [
        ("film.mkv", "srt"),
        ("film.mkv", "ass"),
        ("film.mp4", "mov_text"),
        ("film.webm", "webvtt"),
    ] {
        let codecs: &[&str] = if texts == "webvtt" {
            &["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"]
        } else {
            &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "30", "-c:a", "aac"]
        };
        let texts = [
            "-i",
            srt,
            "-i",
            meta,
            "-map",
            "0:v",
            "-map",
            "1:a",
            "-map",
            "2:s",
            "-map",
            "2:s",
            "-map_metadata",
            "3",
            "-map_chapters",
            "3",
            "-c:s",
            texts,
            "-metadata:s:s:0",
            "language=eng",
            "-t",
            "6",
        ];
        let (name, path) = (
            format!("{} {name}", texts[17]),
            make(
                &folder,
                &format!("{}-{name}", texts[17]),
                "160x90",
                6,
                &[&texts[..], codecs].concat(),
            ),
        );
        let (imported, _) = import(&path);
        let cues: Vec<_> = imported
            .captions
            .iter()
            .map(|cue| (cue.start_us.0 / 100_000, cue.end_us.0 / 100_000, cue.text.as_str()))
            .collect();
        assert_eq!(cues, [(10, 25, "Hello there"), (40, 50, "Bye")], "{name}");
        assert_eq!(imported.language.as_deref(), Some("eng"), "{name}");
        let chapters: Vec<_> = imported
            .chapters
            .iter()
            .map(|chapter| (chapter.start_us.0 / 100_000, chapter.title.as_str()))
            .collect();
        assert_eq!(chapters, [(0, "One"), (30, "Two")], "{name}");
        assert_eq!(
            imported.left_out.iter().map(|out| out.what).collect::<Vec<_>>(),
            [LeftOutKind::Subtitles],
            "{name}"
        );
        assert!(!imported.short, "{name}");
    }
}

#[test]
fn long_stillness_is_a_video() {
    let folder = tempfile::tempdir().unwrap();
    let still = |rate: u32, from: u32, to: u32| {
        format!("testsrc2=s=160x90:r={rate}:d={},select='lt(t,{from})+gte(t,{to})'", to + 3)
    };
    let h264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "3", "-fps_mode", "vfr", "-an"];
    for (name, rate, from, to, codec) in [
        (
            "long.webm",
            2,
            3,
            723,
            &["-c:v", "libvpx", "-deadline", "realtime", "-fps_mode", "vfr"][..],
        ),
        ("b-frames-30.mp4", 10, 3, 33, &h264),
        ("b-frames-720.mp4", 2, 3, 723, &h264),
        ("b-frames-30.mkv", 10, 3, 33, &h264),
    ] {
        let path = ffmpeg(
            &folder,
            name,
            &[&["-f", "lavfi", "-i", &still(rate, from, to)], codec].concat(),
        );
        let (imported, film) = import(&path);
        is_a_stream(&film);
        lasts(name, imported.duration, &film, i64::from(to + 3) * 1000);
        assert!(!imported.short, "{name} is whole");
    }
    let slides = [
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=160x90:r=1/5:d=20",
        "-c:v",
        "libx265",
        "-x265-params",
        "log-level=none",
    ];
    let (imported, film) = import(&ffmpeg(&folder, "slides.mp4", &slides));
    lasts("slides.mp4", imported.duration, &film, 20_000);
}

#[test]
fn sound_may_begin_before_pictures_and_outlast_them() {
    let folder = tempfile::tempdir().unwrap();
    let video = ["-f", "lavfi", "-i", "testsrc2=s=160x90:r=30:d=12"];
    let sound = ["-f", "lavfi", "-i", "sine=d=36:r=48000"];
    let codecs = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "60", "-c:a", "aac"];
    let longer = ffmpeg(&folder, "longer.mp4", &[&video[..], &sound, &codecs].concat());
    let late = ffmpeg(
        &folder,
        "late.mp4",
        &[&["-itsoffset", "24"], &video[..], &sound, &["-fps_mode", "vfr"], &codecs].concat(),
    );
    let a_little_late = ffmpeg(
        &folder,
        "little.mp4",
        &[&["-itsoffset", "0.2"], &video[..], &sound, &["-t", "12", "-fps_mode", "vfr"], &codecs]
            .concat(),
    );
    let shorter = ffmpeg(
        &folder,
        "shorter.mp4",
        &[&video[..], &["-f", "lavfi", "-i", "sine=d=4:r=48000"], &codecs].concat(),
    );
    for (name, path, ms, copied) in [
        ("longer", longer, 36_000, true),
        ("late", late, 36_000, false),
        ("a little late", a_little_late, 12_000, true),
        ("shorter", shorter, 12_000, true),
    ] {
        let (imported, film) = import(&path);
        is_a_stream(&film);
        assert_eq!(imported.copied, copied, "{name}");
        lasts(name, imported.duration, &film, ms);
    }
}

#[test]
fn a_file_that_was_cut_off_plays_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let plain = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "15", "-c:a", "aac", "-movflags"];
    for (name, flags) in
        [("fragments.mp4", "frag_keyframe+empty_moov"), ("index.mp4", "+faststart")]
    {
        let whole = make(&folder, name, "320x180", 10, &[&plain[..], &[flags]].concat());
        assert!(!import(&whole).0.short, "{name} is whole");
        let bytes = std::fs::read(&whole).unwrap();
        let path = folder.path().join(format!("cut-{name}"));
        write(&path, &bytes[..bytes.len() * 7 / 10]);
        let (imported, film) = import(&path);
        is_a_stream(&film);
        assert!(imported.short, "{name} says that it is short");
        let ms = imported.duration.0 / 1000;
        assert!((4500..8500).contains(&ms), "{name} plays for {ms} ms");
        lasts(name, imported.duration, &film, ms as i64);
    }
}

/// What most encoders make: a key frame every 250 pictures.
#[test]
fn a_file_with_few_key_frames_is_copied_at_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "-c:v",
        "libx264",
        "-pix_fmt",
        "yuv420p",
        "-sc_threshold",
        "0",
        "-c:a",
        "aac",
        "-metadata",
        "creation_time=2019-05-04T10:20:30Z",
    ];
    for name in ["film.mp4", "film.mkv", "film.mov"] {
        let path = make(&folder, name, "320x180", 40, &arguments);
        let (imported, film) = import(&path);
        assert!(imported.copied, "{name} is copied");
        is_a_stream(&film);
        lasts(name, imported.duration, &film, 40_000);
        let size_bytes = std::fs::metadata(&path).unwrap().len();
        assert!(
            imported.size_bytes < size_bytes * 5 / 4,
            "{name}: {size_bytes} became {}",
            imported.size_bytes
        );
        assert_eq!(imported.recorded_at, Some(UtcMicros(1_556_965_230_000_000)), "{name}");
        let lengths: Vec<u64> = film.fragments().map(|(.., duration)| duration.0).collect();
        assert!(
            lengths.iter().all(|&length| length <= lengths[0]),
            "{name}: no fragment is longer than the first: {lengths:?}"
        );
    }
}

/// One bit of the first picture's time makes it the last one, three hours later.
#[test]
fn one_damaged_time_makes_no_film_of_hours() {
    let folder = tempfile::tempdir().unwrap();
    let whole = make(
        &folder,
        "whole.mp4",
        "64x64",
        3,
        &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "30", "-c:a", "aac"],
    );
    let mut bytes = std::fs::read(&whole).unwrap();
    // ISO/IEC 14496-12 §8.6.1.3, ctts: flags, how many entries; of each how many pictures, and by
    // how many ticks they wait.
    let at = bytes.windows(4).position(|name| name == b"ctts").unwrap();
    bytes[at + 16] = 0x0a;
    let path = folder.path().join("damaged.mp4");
    write(&path, &bytes);
    let (imported, film) = import(&path);
    is_a_stream(&film);
    lasts("damaged.mp4", imported.duration, &film, 3000);
    assert!(imported.short, "that it is damaged is said");
}
