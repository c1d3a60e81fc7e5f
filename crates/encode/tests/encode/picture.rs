//! What is to be seen: patches, bubble, camera alone, scaling, poster.

use std::sync::Arc;

use vignette_encode::{
    Bubble, Canvas, Corner, Encoder, EncoderSettings, Profile, Thumbnails, preview,
};
use vignette_model::{
    Frame, FrameData, GpuPicture, Micros, Patch, PixelFormat, Pixels, Rect, Span,
};

use crate::film::{Film, camera, patch, patches, plain, settings};

const GREY: [u8; 3] = [120, 120, 120];
const RED: [u8; 3] = [210, 30, 30];
const GREEN: [u8; 3] = [30, 190, 30];
const BLUE: [u8; 3] = [30, 30, 200];

/// A decoded picture.
struct Seen(Vec<u8>, u32);

impl Seen {
    fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let at = ((y * self.1 + x) * 3) as usize;
        self.0[at..at + 3].try_into().unwrap()
    }

    #[track_caller]
    fn is(&self, x: u32, y: u32, rgb: [u8; 3], why: &str) {
        let seen = self.at(x, y);
        assert!(close(seen, rgb, 24), "{why}: at {x},{y} there is {seen:?} and not {rgb:?}");
    }
}

fn close(a: [u8; 3], b: [u8; 3], by: u8) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= by)
}

/// What happens at the beginning of a second.
type Step<'a> = &'a dyn Fn(&mut Encoder, Micros);

/// Records one second per step; gives the last picture of each.
fn steps(settings: EncoderSettings, size: (u32, u32), steps: &[Step<'_>]) -> Vec<Seen> {
    let film = Film::record(settings, Micros::from_secs(steps.len() as u64), |encoder| {
        for (number, step) in steps.iter().enumerate() {
            let now = Micros::from_secs(number as u64);
            encoder.tick(now).unwrap();
            step(encoder, now);
            for tick in 0..100 {
                encoder.tick(now + Span::from_millis(tick * 10)).unwrap();
            }
        }
    });
    let pictures = film.pictures(size.0, size.1);
    let last = |second: usize| {
        pictures
            .iter()
            .rev()
            .find(|(pts, _)| *pts < (second as i64 + 1) * 1_000_000)
            .unwrap()
            .1
            .clone()
    };
    (0..steps.len()).map(|second| Seen(last(second), size.0)).collect()
}

#[test]
fn patches_land_on_their_pixels() {
    let rects = [
        (0, 0, 40, 30),
        (101, 51, 33, 27),
        (250, 140, 70, 40),
        (200, 20, 1, 100),
        (60, 100, 100, 1),
        (5, 177, 3, 3),
    ];
    for (x, y, width, height) in rects {
        let rect = Rect { x, y, width, height };
        let seen = steps(
            settings(320, 180),
            (320, 180),
            &[
                &|encoder, now| encoder.screen(&plain(now, 320, 180, GREY)).unwrap(),
                &|encoder, now| {
                    encoder.screen(&patch(now, (320, 180), rect, [240, 240, 240])).unwrap()
                },
            ],
        );
        for (px, py) in (0..180).flat_map(|y| (0..320).map(move |x| (x, y))) {
            let inside = (x..x + width).contains(&px) && (y..y + height).contains(&py);
            let near = px + 2 >= x && px < x + width + 2 && py + 2 >= y && py < y + height + 2;
            if inside {
                assert!(
                    seen[1].at(px, py)[1] > 170,
                    "{rect:?} is white at {px},{py}: {:?}",
                    seen[1].at(px, py)
                );
            } else if !near {
                seen[1].is(px, py, GREY, "outside of the patch nothing changed");
            }
        }
    }
}

#[test]
fn colours_are_those_of_the_screen_and_of_every_camera_format() {
    let colours = [RED, GREEN, BLUE, [250, 250, 250], [5, 5, 5], [250, 200, 20], [90, 20, 140]];
    for rgb in colours {
        let [r, g, b] = rgb.map(f32::from);
        // BT.601, as cameras send it.
        let y = 16.0 + 0.2568 * r + 0.5041 * g + 0.0979 * b;
        let (u, v) = (
            128.0 - 0.1482 * r - 0.2910 * g + 0.4392 * b,
            128.0 + 0.4392 * r - 0.3678 * g - 0.0714 * b,
        );
        let [y, u, v] = [y, u, v].map(|value| value.round() as u8);
        let yuyv: Vec<u8> = [y, u, y, v].iter().copied().cycle().take(64 * 64 * 2).collect();
        let nv12: Vec<u8> = std::iter::repeat_n(y, 64 * 64)
            .chain([u, v].iter().copied().cycle().take(64 * 32))
            .collect();
        let frame = |format, stride_bytes, pixels: Vec<u8>| {
            let patch = Patch { rect: Rect::whole(64, 64), stride_bytes, pixels: pixels.into() };
            Frame::in_memory(Micros::ZERO, 64, 64, format, vec![patch])
        };
        let frames = [
            plain(Micros::ZERO, 64, 64, rgb),
            camera(Micros::ZERO, 64, 64, |_, _| rgb),
            frame(PixelFormat::Yuyv, 128, yuyv),
            frame(PixelFormat::Nv12, 64, nv12),
        ];
        for frame in frames {
            let seen =
                steps(settings(64, 64), (64, 64), &[&|encoder, _| encoder.camera(&frame).unwrap()]);
            assert!(
                close(seen[0].at(32, 32), rgb, 8),
                "{:?}: {rgb:?} became {:?}",
                frame.pixels().unwrap().format,
                seen[0].at(32, 32)
            );
        }
    }
}

#[test]
fn the_bubble_is_round_mirrored_and_leaves_no_trace() {
    let bubble = Bubble { size: 0.5, ..Bubble::in_corner(Corner::BottomRight) };
    let settings = EncoderSettings { bubble: Some(bubble), ..settings(640, 360) };
    // Left half of the camera red, right half green.
    let show = |encoder: &mut Encoder, now| {
        encoder.camera(&camera(now, 320, 240, |x, _| if x < 160 { RED } else { GREEN })).unwrap();
    };
    // 180 wide, 8 from the edges.
    let (left, top, side) = (640 - 8 - 180, 360 - 8 - 180, 180);
    let seen = steps(
        settings,
        (640, 360),
        &[
            &|encoder, now| encoder.screen(&plain(now, 640, 360, BLUE)).unwrap(),
            &show,
            &|encoder, now| {
                encoder
                    .screen(&patch(
                        now,
                        (640, 360),
                        Rect { x: left, y: top, width: 90, height: 90 },
                        GREY,
                    ))
                    .unwrap()
            },
            &|encoder, now| {
                encoder
                    .screen(&patch(
                        now,
                        (640, 360),
                        Rect { x: 10, y: 10, width: 9, height: 9 },
                        RED,
                    ))
                    .unwrap()
            },
            &|encoder, _| encoder.set_bubble(None),
            &|encoder, _| encoder.set_bubble(Some(Bubble { x: 0.0, y: 0.0, ..bubble })),
        ],
    );
    let (middle_x, middle_y) = (left + side / 2, top + side / 2);
    seen[0].is(middle_x, middle_y, BLUE, "no bubble before the camera's first picture");

    let with = &seen[1];
    with.is(middle_x - 45, middle_y, GREEN, "mirrored: what is right of the camera lies left");
    with.is(middle_x + 45, middle_y, RED, "mirrored: what is left of the camera lies right");
    for (x, y) in [
        (left, top),
        (left + side - 1, top),
        (left, top + side - 1),
        (left + side - 1, top + side - 1),
    ] {
        with.is(x, y, BLUE, "the corners of a circle's square are outside of it");
    }
    with.is(middle_x, top + 1, [240, 240, 240], "there is a border");
    for degrees in (0..360).step_by(5) {
        let (sin, cos) = f64::from(degrees).to_radians().sin_cos();
        let at = |radius: f64| {
            (
                (f64::from(middle_x) + radius * cos) as u32,
                (f64::from(middle_y) + radius * sin) as u32,
            )
        };
        let (x, y) = at(95.0);
        with.is(x, y, BLUE, "just outside of the circle there is the screen");
        let (x, y) = at(80.0);
        assert!(!close(with.at(x, y), BLUE, 60), "just inside there is the camera");
    }

    seen[2].is(left + 2, top + 2, GREY, "the screen changes beneath the bubble");
    seen[2].is(middle_x - 45, middle_y - 30, GREEN, "and the bubble stays above");
    seen[3].is(middle_x - 45, middle_y, GREEN, "a change elsewhere leaves the bubble alone");
    let gone = &seen[4];
    gone.is(
        middle_x - 45,
        middle_y - 30,
        GREY,
        "without the bubble there is the clean screen, new part",
    );
    gone.is(
        middle_x + 45,
        middle_y,
        BLUE,
        "without the bubble there is the clean screen, old part",
    );
    gone.is(middle_x, top + side - 2, BLUE, "no trace of the border");
    let moved = &seen[5];
    moved.is(8 + 90 - 45, 8 + 90, GREEN, "the bubble moves");
    moved.is(middle_x + 45, middle_y, BLUE, "and leaves no trace");
}

#[test]
fn a_camera_alone_fills_the_picture_and_can_be_read() {
    let settings = EncoderSettings { bubble: Some(Bubble::default()), ..settings(640, 360) };
    let film = Film::record(settings, Micros::from_secs(2), |encoder| {
        for tick in 0..60 {
            let now = Micros(tick * 33_333);
            // 4:3 into 16:9: 480 wide, black on both sides.
            encoder
                .camera(&camera(now, 160, 120, |x, _| if x < 80 { RED } else { GREEN }))
                .unwrap();
            encoder.tick(now).unwrap();
        }
    });
    let seen = Seen(film.pictures(640, 360).pop().unwrap().1, 640);
    seen.is(40, 180, [0, 0, 0], "black where the camera does not reach");
    seen.is(600, 180, [0, 0, 0], "black where the camera does not reach");
    seen.is(90, 10, RED, "not mirrored: left is left");
    seen.is(550, 350, GREEN, "not mirrored: right is right");
}

#[test]
fn a_screen_takes_the_place_of_the_camera_when_it_comes() {
    let settings = EncoderSettings { bubble: Some(Bubble::default()), ..settings(640, 360) };
    let seen = steps(
        settings,
        (640, 360),
        &[
            &|encoder, now| encoder.camera(&camera(now, 640, 360, |_, _| RED)).unwrap(),
            &|encoder, now| encoder.screen(&plain(now, 640, 360, BLUE)).unwrap(),
        ],
    );
    seen[0].is(320, 20, RED, "the camera alone");
    seen[1].is(320, 20, BLUE, "the screen");
    seen[1].is(9 + 40, 360 - 9 - 40, RED, "with the camera in its corner");
}

#[test]
fn a_large_screen_is_scaled_down_and_patches_still_land() {
    let profile = Profile { most: Canvas { width: 640, height: 360 }, ..Profile::NATIVE };
    for (width, height, by) in
        [(1280, 720, 2.0), (960, 540, 1.5), (1366, 768, 768.0 / 360.0), (1601, 901, 2.5)]
    {
        let settings = EncoderSettings { profile, ..settings(width, height) };
        let size = settings.canvas.fitted(profile.most);
        let seen = steps(
            settings,
            (size.width, size.height),
            &[
                &|encoder, now| encoder.screen(&plain(now, width, height, BLUE)).unwrap(),
                &|encoder, now| {
                    let rect = Rect { x: 400, y: 201, width: 120, height: 80 };
                    encoder.screen(&patch(now, (width, height), rect, RED)).unwrap();
                },
            ],
        );
        let at = |x: f64, y: f64| ((x / by) as u32, (y / by) as u32);
        for (x, y, rgb) in [
            (460.0, 241.0, RED),
            (410.0, 211.0, RED),
            (510.0, 271.0, RED),
            (390.0, 241.0, BLUE),
            (460.0, 190.0, BLUE),
            (460.0, 292.0, BLUE),
        ] {
            let (x, y) = at(x, y);
            seen[1].is(x, y, rgb, &format!("{width}×{height} as {size:?}"));
        }
    }
}

#[test]
fn a_screen_that_changes_its_size_goes_on_in_the_same_picture() {
    let seen = steps(
        settings(640, 360),
        (640, 360),
        &[
            &|encoder, now| encoder.screen(&plain(now, 640, 360, BLUE)).unwrap(),
            &|encoder, now| encoder.screen(&plain(now, 320, 180, RED)).unwrap(),
            &|encoder, now| encoder.screen(&plain(now, 1280, 1024, GREEN)).unwrap(),
        ],
    );
    seen[1].is(320, 180, RED, "a smaller screen lies in the middle");
    seen[1].is(100, 180, [0, 0, 0], "with black around it");
    seen[2].is(320, 5, GREEN, "a larger one is scaled to fit");
    seen[2].is(20, 180, [0, 0, 0], "with black beside it");
}

#[test]
fn the_poster_is_a_small_jpeg_of_about_the_first_second() {
    let (sender, _receiver) = std::sync::mpsc::channel();
    let mut encoder =
        Encoder::new(settings(1920, 1080), move |piece| drop(sender.send(piece))).unwrap();
    assert!(encoder.poster().is_none(), "no poster before the first picture");
    // Black for 1.5 s, then noise that no JPEG makes small, then white.
    encoder.screen(&plain(Micros::ZERO, 1920, 1080, [0, 0, 0])).unwrap();
    let mut seed = 7_u32;
    let noise: Vec<u8> = (0..1920 * 1080 * 4)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        })
        .collect();
    for tick in 0..30 {
        let now = Micros::from_millis(tick * 100);
        if tick == 15 {
            let mut frame = plain(now, 1920, 1080, GREY);
            patches(&mut frame)[0].pixels = noise.clone().into();
            encoder.screen(&frame).unwrap();
        }
        if tick == 20 {
            encoder.screen(&plain(now, 1920, 1080, [255; 3])).unwrap();
        }
        encoder.tick(now).unwrap();
    }
    let jpeg = encoder.poster().expect("there is a poster");
    assert!(jpeg.len() <= 300_000, "{} bytes", jpeg.len());
    let image = image::load_from_memory_with_format(&jpeg, image::ImageFormat::Jpeg)
        .expect("it is a JPEG")
        .to_rgb8();
    assert!(
        image.width() <= 1280 && image.width() * 9 == image.height() * 16,
        "{:?}",
        image.dimensions()
    );
    let mean = image.pixels().map(|pixel| u64::from(pixel.0[1])).sum::<u64>()
        / u64::from(image.width() * image.height());
    assert!((80..180).contains(&mean), "neither the black before nor the white after: {mean}");
}

#[test]
fn a_poster_is_no_blank_picture_if_there_is_another() {
    let striped =
        |now, colour| camera(now, 320, 180, move |x, _| if x < 160 { GREY } else { colour });
    let white = |now| plain(now, 320, 180, [250; 3]);
    let seconds = |s: u64| Micros::from_millis(s * 100);
    for (frames, expected, what) in [
        (
            vec![striped(seconds(0), RED), white(seconds(12)), striped(seconds(30), BLUE)],
            BLUE,
            "the first after a second on which something is to be seen",
        ),
        (
            vec![striped(seconds(0), RED), white(seconds(5)), white(seconds(12))],
            RED,
            "what was there before, if nothing came after",
        ),
        (
            vec![plain(seconds(0), 320, 180, [0; 3]), white(seconds(20))],
            [250; 3],
            "white, not black",
        ),
    ] {
        let mut encoder = Encoder::new(settings(320, 180), drop).unwrap();
        for frame in &frames {
            encoder.screen(frame).unwrap();
            encoder.tick(frame.at).unwrap();
        }
        encoder.tick(Micros::from_secs(4)).unwrap();
        let poster = image::load_from_memory(&encoder.poster().unwrap()).unwrap().to_rgb8();
        let pixel = poster.get_pixel(240, 90).0;
        assert!(close(pixel, expected, 14), "{what}: {pixel:?}");
    }
}

#[test]
fn a_short_take_has_a_poster_too() {
    let mut encoder = Encoder::new(settings(320, 180), drop).unwrap();
    encoder.screen(&plain(Micros::ZERO, 320, 180, RED)).unwrap();
    encoder.tick(Micros::ZERO).unwrap();
    let image =
        image::load_from_memory(&encoder.poster().expect("there is a poster")).unwrap().to_rgb8();
    assert_eq!(image.dimensions(), (320, 180), "never enlarged");
    assert!(close(image.get_pixel(160, 90).0, RED, 12), "{:?}", image.get_pixel(160, 90));
}

#[test]
fn the_preview_is_small_and_mirrored() {
    let frame = camera(Micros::ZERO, 641, 481, |x, _| if x < 320 { RED } else { GREEN });
    let image = image::load_from_memory(&preview(&frame, 320).unwrap()).unwrap().to_rgb8();
    assert_eq!(image.dimensions(), (320, 240));
    assert!(
        close(image.get_pixel(40, 100).0, GREEN, 12) && close(image.get_pixel(280, 100).0, RED, 12)
    );
    let part = patch(Micros::ZERO, (640, 480), Rect { x: 0, y: 0, width: 10, height: 10 }, RED);
    preview(&part, 320).expect_err("a part of a picture is no preview");
}

/// A picture that is in a graphics processor, or was when its frame was made.
#[derive(Debug)]
struct InGpu(Result<Pixels, String>);

impl GpuPicture for InGpu {
    fn read_back(&self) -> Result<Pixels, String> {
        self.0.clone()
    }
}

#[test]
fn a_picture_in_a_graphics_processor_is_read_back() {
    let red = plain(Micros::ZERO, 64, 64, [255, 0, 0]);
    let data = |read_back| FrameData::Gpu(Arc::new(InGpu(read_back)));
    let there = Frame { data: data(Ok(red.pixels().unwrap().into_owned())), ..red.clone() };
    let gone = Frame { data: data(Err("the device was reset".into())), ..red };
    let seen = steps(
        settings(64, 64),
        (64, 64),
        &[&|encoder, _| {
            encoder.screen(&there).unwrap();
            encoder.screen(&gone).expect_err("it cannot be read back");
        }],
    );
    assert!(
        close(seen[0].at(32, 32), [255, 0, 0], 8),
        "the picture before stays: {:?}",
        seen[0].at(32, 32)
    );
}

#[test]
fn a_bubble_lies_where_it_is_put_and_never_outside() {
    let settings = EncoderSettings { bubble: Some(Bubble::default()), ..settings(640, 360) };
    let put = |x, y, size| {
        move |encoder: &mut Encoder, now| {
            encoder.set_bubble(Some(Bubble { x, y, size, mirrored: true }));
            encoder.camera(&camera(now, 64, 64, |_, _| RED)).unwrap();
        }
    };
    let seen = steps(
        settings,
        (640, 360),
        &[
            &|encoder, now| encoder.screen(&plain(now, 640, 360, BLUE)).unwrap(),
            &put(0.5, 0.5, 0.2),
            &put(0.25, 0.75, 0.2),
            &put(-3.0, 9.0, 0.2),
            &put(f32::NAN, 0.5, f32::INFINITY),
            &put(0.5, 0.5, 7.0),
        ],
    );
    for (at, (x, y), side, what) in [
        (1, (320, 180), 72, "in the middle"),
        (2, (160, 270), 72, "a quarter from the left, a quarter from the bottom"),
        (3, (8 + 36, 360 - 8 - 36), 72, "as far to the corner as it goes"),
        (4, (320, 180), 80, "what is no number is the usual"),
        (5, (320, 180), 288, "no larger than four fifths"),
    ] {
        seen[at].is(x, y, RED, what);
        seen[at].is(x - side / 2 + 10, y, RED, what);
        seen[at].is(x + side / 2 - 10, y, RED, what);
        seen[at].is(x, y - side / 2 + 10, RED, what);
        for (x, y) in [(x - side / 2 - 4, y), (x + side / 2 + 4, y), (x, y + side / 2 + 4)] {
            seen[at].is(x, y, BLUE, &format!("{what}: not beyond its edge"));
        }
    }
}

#[test]
fn thumbnails_are_small_and_follow_what_changes() {
    let mut thumbnails = Thumbnails::new(160);
    let picture = |jpeg: &[u8]| image::load_from_memory(jpeg).unwrap().to_rgb8();
    let whole = picture(&thumbnails.show(&plain(Micros::ZERO, 640, 400, BLUE)).unwrap());
    assert_eq!(whole.dimensions(), (160, 100));
    let rect = Rect { x: 320, y: 0, width: 320, height: 400 };
    let half = patch(Micros(1), (640, 400), rect, RED);
    let half = picture(&thumbnails.show(&half).unwrap());
    assert!(close(half.get_pixel(40, 50).0, BLUE, 12), "{:?}", half.get_pixel(40, 50));
    assert!(close(half.get_pixel(120, 50).0, RED, 12), "{:?}", half.get_pixel(120, 50));
    let tall = picture(&thumbnails.show(&plain(Micros(2), 300, 900, RED)).unwrap());
    assert_eq!(tall.dimensions(), (54, 160), "a window that is tall and another size");
}
