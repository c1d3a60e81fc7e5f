//! Sealed files and streams decoded by the ffmpeg command line, where the machine has it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempPath;
use vignette_fmp4::{Fault, Limits, Sealer};

use crate::streams::{ALL, BFRAMES, ZEROLATENCY, part, pieces, sealed, sealed_header, shifted};

fn file(bytes: &[u8]) -> TempPath {
    let mut file = tempfile::Builder::new().suffix(".mp4").tempfile().expect("a temporary file");
    file.write_all(bytes).expect("bytes are written");
    file.into_temp_path()
}

/// What a command prints, or nothing if the machine does not have it.
fn run(program: &str, args: &[&str], path: &Path) -> Option<String> {
    let mut command = Command::new(program);
    for arg in args {
        if *arg == "FILE" {
            command.arg(path)
        } else {
            command.arg(arg)
        };
    }
    let output = match command.stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(error) => {
            eprintln!("{program} is not on this machine ({error}): this comparison is left out");
            return None;
        }
    };
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && errors.is_empty(),
        "{program} is content with {}: {errors}",
        path.display()
    );
    Some(String::from_utf8(output.stdout).expect("it prints text"))
}

/// Digest of every decoded picture.
fn pictures(path: &Path) -> Option<Vec<String>> {
    let text = run(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-xerror",
            "-i",
            "FILE",
            "-map",
            "0:v",
            "-fps_mode",
            "passthrough",
            "-f",
            "framemd5",
            "-",
        ],
        path,
    )?;
    Some(
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.rsplit(',').next())
            .map(|md5| md5.trim().to_owned())
            .collect(),
    )
}

/// Every packet as `track, key or not, digest`, in the order of its track.
fn packets(path: &Path) -> Option<BTreeMap<String, Vec<String>>> {
    let entries = "packet=stream_index,flags,data_hash";
    let args = [
        "-v",
        "error",
        "-ignore_editlist",
        "1",
        "-show_data_hash",
        "sha256",
        "-show_entries",
        entries,
        "-of",
        "csv=p=0",
        "FILE",
    ];
    let mut tracks = BTreeMap::<String, Vec<String>>::new();
    for line in run("ffprobe", &args, path)?.lines() {
        let (track, packet) = line.split_once(',').expect("a packet has a track");
        tracks.entry(track.to_owned()).or_default().push(packet.to_owned());
    }
    Some(tracks)
}

/// Seconds that a container says it lasts.
fn duration(path: &Path) -> Option<f64> {
    let text = run(
        "ffprobe",
        &["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", "FILE"],
        path,
    )?;
    Some(text.trim().parse().expect("a duration"))
}

#[test]
fn a_sealed_file_decodes_to_the_same_pictures() {
    for (name, stream) in ALL {
        let (plain, growing) = (file(&sealed(stream)), file(stream));
        let (Some(plain_pictures), Some(growing_pictures)) = (pictures(&plain), pictures(&growing))
        else {
            return;
        };
        assert!(plain_pictures.len() >= 60, "{name}: {} pictures", plain_pictures.len());
        assert_eq!(
            plain_pictures, growing_pictures,
            "{name}: the same pictures in the same order, none cut off at an edge"
        );
        assert_eq!(packets(&plain), packets(&growing), "{name}: the same packets in every track");
    }
}

#[test]
fn a_sealed_file_says_how_long_it_is() {
    for (name, stream, seconds) in [("bframes", BFRAMES, 6.0), ("zerolatency", ZEROLATENCY, 4.0)] {
        let Some(found) = duration(&file(&sealed(stream))) else { return };
        assert!((found - seconds).abs() < 0.000_01, "{name}: {found} s");
    }
}

#[test]
fn a_gap_between_fragments_keeps_later_pictures_in_their_place() {
    let stream = shifted(ZEROLATENCY, 1, |_| 15_360);
    let plain = file(&sealed(&stream));
    let Some(found) = duration(&plain) else { return };
    assert!((found - 5.0).abs() < 0.000_01, "one second of 15360 ticks was left out: {found} s");
    assert_eq!(pictures(&plain), pictures(&file(&stream)));
}

#[test]
fn every_beginning_of_a_stream_can_be_sealed() {
    let (init, fragments) = pieces(BFRAMES);
    let mut sealer = Sealer::new(part(BFRAMES, 0, init.size_bytes), Limits::DEFAULT).unwrap();
    assert!(sealer.header(init.size_bytes).is_err(), "without a fragment there is nothing to seal");
    for (count, fragment) in fragments.iter().enumerate() {
        sealer
            .add(
                fragment.moof_offset_bytes,
                part(BFRAMES, fragment.moof_offset_bytes, fragment.moof_size_bytes),
            )
            .unwrap();
        let end = fragment.end_bytes();
        let mut bytes = sealer.header(end).unwrap();
        assert!(
            sealer.header(end - 1).is_err(),
            "samples beyond the end of the stream are refused"
        );
        bytes.extend(part(BFRAMES, 0, end));
        if let Some(found) = pictures(&file(&bytes)) {
            assert_eq!(found.len(), (count + 1) * 30, "all pictures of {} fragments", count + 1);
        }
    }
}

#[test]
fn a_stream_is_sealed_within_the_limits_it_was_taken_in_with() {
    let (init, fragments) = pieces(ZEROLATENCY);
    let last = fragments.last().unwrap();
    let moof = part(ZEROLATENCY, last.moof_offset_bytes, last.moof_size_bytes);
    let far = Limits::DEFAULT.stream_bytes + 1;
    let sealer = |limits| Sealer::new(part(ZEROLATENCY, 0, init.size_bytes), limits).unwrap();
    let error = sealer(Limits::DEFAULT).add(far, moof).unwrap_err();
    assert!(
        matches!(error.fault, Fault::TooMuch { what: "the size of the stream", .. }),
        "{error}"
    );
    let wide = Limits { stream_bytes: 2 * far, ..Limits::DEFAULT };
    sealer(wide).add(far, moof).expect("a library that takes larger streams seals them too");
}

#[test]
fn a_header_is_made_from_this_stream_alone() {
    let (init, fragments) = pieces(ZEROLATENCY);
    let head = part(ZEROLATENCY, 0, init.size_bytes);
    let moof = |index: usize| {
        let fragment = fragments[index];
        (
            fragment.moof_offset_bytes,
            part(ZEROLATENCY, fragment.moof_offset_bytes, fragment.moof_size_bytes),
        )
    };
    let size = ZEROLATENCY.len() as u64;
    assert!(sealed_header(head, [moof(0), moof(1)], size).is_ok());
    assert!(sealed_header(head, [moof(1), moof(0)], size).is_err(), "moofs come in order");
    assert!(sealed_header(&head[1..], [moof(0)], size).is_err());
    assert!(sealed_header(head, [(0, head)], size).is_err(), "an init segment is not a moof");
}
