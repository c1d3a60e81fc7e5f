//! Other people's H.264 with AAC: every coded picture and block of sound comes through as it is, also where
//! the sound is missing for a time or key frames are far apart.

use std::path::Path;

use vignette_encode::Imported;

use crate::film::{Film, probe};
use crate::foreign::{ffmpeg, lasts};
use crate::import::{import, is_a_stream};

/// A fingerprint of each coded picture or block of sound, in their order.
fn coded(path: &Path, stream: &str) -> Vec<String> {
    let shown = ["-select_streams", stream, "-show_entries", "packet=data_hash"];
    let hashes = probe(path, &[&["-show_data_hash", "MD5"], &shown[..]].concat());
    hashes.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Imports a file of which nothing may be encoded anew.
fn copied(name: &str, path: &Path) -> (Imported, Film) {
    let (imported, film) = import(path);
    assert!(imported.copied, "{name} is copied");
    is_a_stream(&film);
    assert_eq!(coded(&film.path(), "v"), coded(path, "v"), "{name}: every picture as it was");
    (imported, film)
}

const H264: [&str; 6] = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
const TONE: &str = "sine=f=440:r=44100:d=9";

#[test]
fn sound_that_is_missing_for_a_time_is_filled_and_nothing_encoded_anew() {
    let folder = tempfile::tempdir().unwrap();
    let moving = ["-f", "lavfi", "-i", "testsrc2=s=160x90:r=30:d=16"];
    let tone = ["-f", "lavfi", "-i", TONE];
    let late = ["-itsoffset", "4"];
    let gap = ["-af", "aselect='not(between(t,3,6))'"];
    for (name, inputs, more, heard) in [
        ("ends-early.mp4", [&moving[..], &tone].concat(), &["-ac", "2"][..], 0.0..9.0),
        ("ends-early.mkv", [&moving[..], &tone].concat(), &["-ac", "1"], 0.0..9.0),
        ("b-frames.mov", [&moving[..], &tone].concat(), &["-bf", "2", "-g", "45"], 0.0..9.0),
        ("begins-late.mp4", [&moving[..], &late, &tone].concat(), &[], 4.0..13.0),
        ("gap.mkv", [&moving[..], &tone].concat(), &gap, 0.0..9.0),
        (
            "fragments.mp4",
            [&moving[..], &tone].concat(),
            &["-g", "60", "-movflags", "frag_keyframe+empty_moov"],
            0.0..9.0,
        ),
    ] {
        let path = ffmpeg(&folder, name, &[&inputs[..], &H264, &["-c:a", "aac"], more].concat());
        let (imported, film) = copied(name, &path);
        lasts(name, imported.duration, &film, 16_000);
        let (ours, theirs) = (coded(&film.path(), "a"), coded(&path, "a"));
        let own = ours.iter().filter(|hash| theirs.contains(*hash)).count();
        // All but what primes the decoder, and what reaches beyond the end that the file names.
        let all = theirs.len();
        assert!((all - 3..=all).contains(&own), "{name}: {own} of {all} blocks");
        let samples = film.samples();
        assert!(samples.len() > 15 * 48_000, "{name}: sound until the end, {}", samples.len());
        let loud = |from: f64, to: f64| {
            let part = &samples[(from * 48e3) as usize..(to * 48e3) as usize];
            part.iter().fold(0_f32, |most, sample| most.max(sample.abs()))
        };
        assert!(loud(heard.start + 0.5, heard.end - 0.5) > 0.05, "{name}: the tone is heard");
        assert!(loud(heard.end + 0.2, 15.0) < 0.001, "{name}: silence after it");
        if heard.start > 0.0 {
            assert!(loud(0.0, heard.start - 0.2) < 0.001, "{name}: silence before it");
        }
        if name == "gap.mkv" {
            assert!(loud(3.2, 5.8) < 0.001, "{name}: silence in between");
            assert!(loud(6.2, 8.5) > 0.05, "{name}: the tone goes on");
        }
    }
}

/// What a voice over slides is: few pictures a second, one key frame in 250 of them, and sound that
/// `-shortest` ends before the pictures. Encoded anew it became twice as large.
#[test]
fn a_voice_over_slides_keeps_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let slides = ["-f", "lavfi", "-i", "testsrc=s=640x360:r=5:d=70", "-f", "lavfi", "-i"];
    let voice = "sine=f=300:r=48000:d=66";
    for name in ["slides.mp4", "slides.mkv"] {
        let path = ffmpeg(
            &folder,
            name,
            &[&slides[..], &[voice], &H264, &["-c:a", "aac", "-sc_threshold", "0"]].concat(),
        );
        let (imported, film) = copied(name, &path);
        lasts(name, imported.duration, &film, 70_000);
        let size_bytes = std::fs::metadata(&path).unwrap().len();
        assert!(
            imported.size_bytes < size_bytes * 11 / 10,
            "{name}: {size_bytes} became {}",
            imported.size_bytes
        );
    }
}

#[test]
fn what_no_player_could_seek_in_is_encoded_anew() {
    let folder = tempfile::tempdir().unwrap();
    let moving = ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=30:d=24", "-g", "900"];
    let one_key = [&moving[..], &H264, &["-x264-params", "scenecut=0", "-an"]].concat();
    let (imported, _) = import(&ffmpeg(&folder, "one-key.mp4", &one_key));
    assert!(!imported.copied, "720 pictures after one key frame");
}
