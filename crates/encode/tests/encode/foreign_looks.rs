//! Other people's files: shapes, turns, fields and colours, as a good player shows them.

use std::path::Path;

use crate::film::{Film, decode};
use crate::foreign::ffmpeg;
use crate::import::{import, is_a_stream, write};

/// The colour in the middle of a picture's part, `x` and `y` in hundredths.
fn colour(film: &Film, width: u32, height: u32, x: u32, y: u32) -> [u8; 3] {
    let pictures = film.pictures(width, height);
    let (_, picture) = &pictures[pictures.len() / 2];
    colour_at(picture, width as usize, (width * x / 100) as usize, (height * y / 100) as usize)
}

fn colour_at(picture: &[u8], width: usize, x: usize, y: usize) -> [u8; 3] {
    let at = (y * width + x) * 3;
    [picture[at], picture[at + 1], picture[at + 2]]
}

fn shown_as(path: &Path, width: u32, height: u32) -> Film {
    let (imported, film) = import(path);
    assert!(!imported.copied);
    is_a_stream(&film);
    assert_eq!(film.show("stream=width,height"), format!("{width},{height}"), "{}", path.display());
    film
}

fn is_near(name: &str, found: [u8; 3], wanted: [u8; 3], most: u8) {
    let away =
        found.iter().zip(wanted).map(|(found, wanted)| found.abs_diff(wanted)).max().unwrap();
    assert!(away <= most, "{name}: {found:?} and not {wanted:?}");
}

#[test]
fn pixels_that_are_not_square_become_so() {
    let folder = tempfile::tempdir().unwrap();
    let television = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=720x576:r=25:d=1",
        "-vf",
        "setsar=64/45",
        "-c:v",
        "mpeg2video",
        "-q:v",
        "4",
    ];
    shown_as(&ffmpeg(&folder, "television.mkv", &television), 1024, 576);
    let square = ffmpeg(
        &folder,
        "square.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=320x180:r=25:d=1",
            "-c:v",
            "libx264",
            "-pix_fmt",
            "yuv420p",
        ],
    );
    let square = square.to_str().unwrap();
    for name in ["container.mp4", "container.mkv"] {
        // 320 × 180 as 4:3: higher pixels.
        shown_as(&ffmpeg(&folder, name, &["-i", square, "-c", "copy", "-aspect", "4:3"]), 320, 240);
    }
}

#[test]
fn a_mirrored_or_turned_picture_stands_as_its_matrix_says() {
    let folder = tempfile::tempdir().unwrap();
    // Red left above, green right above, blue below.
    let scene = "color=blue:s=320x180:r=10:d=2,drawbox=c=red:t=fill:w=160:h=90,drawbox=c=lime:t=fill:x=160:w=160:h=90";
    let path = ffmpeg(
        &folder,
        "flat.mp4",
        &["-f", "lavfi", "-i", scene, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "10"],
    );
    let flat = std::fs::read(&path).unwrap();
    let at = flat.windows(4).position(|name| name == b"tkhd").unwrap() + 44;
    let (red, green, blue) = ([254, 0, 0], [0, 254, 0], [0, 0, 254]);
    // a, b, c, d; left above, right above, left below, right below.
    for (name, axes, size, corners) in [
        ("mirrored", [-1, 0, 0, 1], (320, 180), [green, red, blue, blue]),
        ("upside down", [1, 0, 0, -1], (320, 180), [blue, blue, red, green]),
        ("half round", [-1, 0, 0, -1], (320, 180), [blue, blue, green, red]),
        ("to the right", [0, 1, -1, 0], (180, 320), [blue, red, blue, green]),
        ("to the left", [0, -1, 1, 0], (180, 320), [green, blue, red, blue]),
        ("transposed", [0, 1, 1, 0], (180, 320), [red, blue, green, blue]),
    ] {
        let mut bytes = flat.clone();
        for (place, sign) in [0, 4, 12, 16].into_iter().zip(axes) {
            bytes[at + place..at + place + 4].copy_from_slice(&(sign * 0x1_0000_i32).to_be_bytes());
        }
        let path = folder.path().join("turned.mp4");
        write(&path, &bytes);
        let (width, height) = size;
        let film = shown_as(&path, width, height);
        for ((x, y), wanted) in [(20, 20), (80, 20), (20, 80), (80, 80)].into_iter().zip(corners) {
            is_near(&format!("{name} at {x},{y}"), colour(&film, width, height, x, y), wanted, 40);
        }
    }
}

#[test]
fn fields_become_pictures_without_combs() {
    let folder = tempfile::tempdir().unwrap();
    for (width, height, seconds) in [(640_usize, 360_usize, 3), (1920, 1080, 1)] {
        // A white bar that moves by some pixels a field.
        let scene = format!(
            "color=black:s={width}x{height}:r=50:d={seconds},\
             drawbox=c=white:t=fill:w=40:h=ih:x='mod(300*t,600)',tinterlace=interleave_top,fieldorder=tff"
        );
        let fields =
            ["-pix_fmt", "yuv420p", "-flags", "+ilme+ildct", "-x264-params", "tff=1", "-g", "25"];
        let name = format!("fields-{height}.mp4");
        let path = ffmpeg(
            &folder,
            &name,
            &[&["-f", "lavfi", "-i", &scene, "-c:v", "libx264"], &fields[..]].concat(),
        );
        let film = shown_as(&path, width as u32, height as u32);
        let combs = |picture: &[u8]| {
            let luma = |x: usize, y: usize| i32::from(picture[(y * width + x) * 3 + 1]);
            let is_comb = |x: usize, y: usize| {
                (luma(x, y) - luma(x, y - 1)) * (luma(x, y) - luma(x, y + 1)) > 2500
            };
            (1..height - 1)
                .flat_map(|y| (0..width.min(700)).map(move |x| (x, y)))
                .filter(|&(x, y)| is_comb(x, y))
                .count()
        };
        let pictures = film.pictures(width as u32, height as u32);
        assert!(pictures.len() >= 24 * seconds, "{name}: {} pictures", pictures.len());
        // The first and the last know their neighbours on one side only.
        let worst = pictures[2..pictures.len() - 2]
            .iter()
            .map(|(_, picture)| combs(picture))
            .max()
            .unwrap();
        assert!(worst < 200, "{name}: {worst} pixels stand out from the lines above and below");
    }
}

#[test]
fn white_stays_white_in_high_dynamic_range() {
    let folder = tempfile::tempdir().unwrap();
    // 203 nits in PQ, and 75 % in HLG, in limited range of ten bits.
    for (name, transfer, white) in [("pq.mp4", "smpte2084", 573), ("hlg.mp4", "arib-std-b67", 721)]
    {
        let scene = format!(
            "color=black:s=320x180:r=10:d=1,format=yuv420p10le,geq=lum='if(lt(X,160),{white},64)':cb=512:cr=512"
        );
        let hdr = [
            "-color_primaries",
            "bt2020",
            "-color_trc",
            transfer,
            "-colorspace",
            "bt2020nc",
            "-pix_fmt",
            "yuv420p10le",
        ];
        let path = ffmpeg(
            &folder,
            name,
            &[&["-f", "lavfi", "-i", &scene, "-c:v", "libx264"], &hdr[..]].concat(),
        );
        let film = shown_as(&path, 320, 180);
        let found = colour(&film, 320, 180, 25, 50);
        assert!(found.iter().all(|&part| part >= 235), "{name}: white is {found:?}");
        is_near(name, colour(&film, 320, 180, 75, 50), [0, 0, 0], 4);
    }
}

/// Every colour of a chart becomes what zimg, which FFmpeg need not have, makes of it.
#[test]
fn colours_of_high_dynamic_range_are_those_of_zimg() {
    let folder = tempfile::tempdir().unwrap();
    // 8 × 8 patches of 40 × 40: red and green by column and row, blue by both.
    let part = |of: &str| format!("1023*{of}/7");
    let (red, green, blue) =
        (part("floor(X/40)"), part("floor(Y/40)"), part("mod(floor(X/40)*3+floor(Y/40)*5\\,8)"));
    let chart = format!(
        "color=black:s=320x320:r=10:d=0.5,format=gbrp10le,geq=r={red}:g={green}:b={blue},\
         scale=out_color_matrix=bt2020:out_range=limited,format=yuv444p10le"
    );
    for (name, transfer) in [("pq.mkv", "smpte2084"), ("hlg.mkv", "arib-std-b67")] {
        let tags = [
            "-color_primaries",
            "bt2020",
            "-color_trc",
            transfer,
            "-colorspace",
            "bt2020nc",
            "-color_range",
            "tv",
        ];
        let path = ffmpeg(
            &folder,
            name,
            &[&["-f", "lavfi", "-i", &chart, "-c:v", "ffv1"], &tags[..]].concat(),
        );
        let film = shown_as(&path, 320, 320);
        let zimg = format!(
            "zscale=tin={transfer}:min=bt2020nc:pin=bt2020:rin=limited:t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,\
             tonemap=mobius:param=0.9:peak=4.926:desat=0,zscale=t=bt709:m=gbr:p=bt709:r=full,format=gbrp,format=rgb24"
        );
        let (_, picture) = &film.pictures(320, 320)[1];
        let reference = decode(&path, &["-frames:v", "1", "-vf", &zimg, "-f", "rawvideo"]);
        for (x, y) in (0..8).flat_map(|x| (0..8).map(move |y| (x, y))) {
            let [found, wanted] = [picture, &reference]
                .map(|picture| colour_at(picture, 320, x * 40 + 20, y * 40 + 20));
            is_near(&format!("{name} at {x},{y}"), found, wanted, 10);
        }
    }
}

#[test]
fn colours_are_those_of_the_source() {
    let folder = tempfile::tempdir().unwrap();
    let scene = "color=c=0xC03020:s=320x180:r=10:d=1,format=gbrp";
    let tagged = |matrix: &str, range: &str| {
        format!("{scene},scale=out_color_matrix={matrix}:out_range={range},format=yuv422p")
    };
    let untagged = tagged("smpte170m", "limited");
    let (hd, full, sd) =
        (tagged("bt709", "limited"), tagged("bt709", "full"), tagged("smpte170m", "limited"));
    let as_hd = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"];
    for (name, scene, arguments) in [
        ("rgb.mkv", scene, &["-c:v", "ffv1", "-pix_fmt", "bgr0"][..]),
        ("rgb-h264.mkv", scene, &["-c:v", "libx264rgb", "-qp", "0"]),
        ("hd.mkv", &hd, &[&["-c:v", "libx264", "-qp", "0"], &as_hd[..]].concat()),
        (
            "full.mkv",
            &full,
            &[&["-c:v", "libx264", "-qp", "0", "-color_range", "pc"], &as_hd[..]].concat(),
        ),
        ("sd.mkv", &sd, &["-c:v", "libx264", "-qp", "0", "-colorspace", "smpte170m"]),
        ("untagged.mkv", &untagged, &["-c:v", "ffv1"]),
    ] {
        let film = shown_as(
            &ffmpeg(&folder, name, &[&["-f", "lavfi", "-i", scene], arguments].concat()),
            320,
            180,
        );
        is_near(name, colour(&film, 320, 180, 50, 50), [192, 48, 32], 4);
    }
}
