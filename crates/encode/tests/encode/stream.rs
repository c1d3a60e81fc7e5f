//! The stream itself: its length, its fragments, its time stamps.

use vignette_encode::{EncodedPiece, Encoder, EncoderSettings};
use vignette_model::{Micros, Rect, SourceRole, Span};

use crate::film::{Film, Run, beeps, boxes, decode, patch, patches, plain, runs, settings};

const MS: fn(u64) -> Micros = Micros::from_millis;
const SPAN: fn(u64) -> Span = Span::from_millis;

/// A screen that changes at uneven times, with sound.
fn lively(seconds: u64) -> Film {
    let settings = EncoderSettings { sound: vec![SourceRole::Voice], ..settings(320, 180) };
    Film::record(settings, Micros(seconds * 1_000_000 + 12_345), |encoder| {
        encoder.screen(&plain(Micros::ZERO, 320, 180, [90, 90, 90])).unwrap();
        for block in 0..seconds * 100 {
            let now = Micros(block * 10_000 + 3_210);
            if block % 7 < 2 {
                let rect = Rect { x: (block % 200) as u32, y: 40, width: 60, height: 60 };
                encoder
                    .screen(&patch(now, (320, 180), rect, [(block % 256) as u8, 200, 30]))
                    .unwrap();
            }
            encoder.sound(0, &beeps(block, 48_000, 1, 1.0)).unwrap();
            encoder.tick(now).unwrap();
        }
    })
}

#[test]
fn a_take_is_as_long_as_it_was_and_its_times_rise() {
    let film = lively(9);
    let totals = film.totals.unwrap();
    assert_eq!(totals.duration, Span(9_012_344), "the end that was given, in ticks of 1/90000 s");
    assert_eq!(totals.size_bytes, film.bytes().len() as u64);
    let video = film.packets("v");
    assert_eq!(video.len() as u64, totals.pictures);
    assert!(video.windows(2).all(|pair| pair[0].pts_us < pair[1].pts_us), "pictures strictly rise");
    assert!(
        video.iter().all(|packet| packet.pts_us == packet.dts_us),
        "no picture is out of order"
    );
    let mut shown = film
        .fragments()
        .flat_map(|(bytes, ..)| runs(bytes))
        .filter(|run| run.track == 1)
        .flat_map(|run| run.durations);
    for pair in video.windows(2) {
        let (gap, shown) =
            (pair[1].pts_us - pair[0].pts_us, i64::from(shown.next().unwrap()) * 100 / 9);
        assert!((gap - shown).abs() <= 22, "a picture lasts until the next: {shown} but {gap}");
    }
    let (last, shown) = (video.last().unwrap(), i64::from(shown.next().unwrap()) * 100 / 9);
    assert!((last.pts_us + shown - 9_012_345).abs() < 50, "the last picture lasts until the end");
    assert_eq!(
        (video[0].pts_us, film.packets("a")[0].pts_us),
        (0, 0),
        "picture and sound begin together"
    );
    let duration: f64 = film.show("format=duration").parse().unwrap();
    assert!((duration - 9.012).abs() < 0.033, "ffprobe says {duration}");
    let sound = film.packets("a");
    assert!(sound.windows(2).all(|pair| pair[0].pts_us < pair[1].pts_us), "sound strictly rises");
}

#[test]
fn every_prefix_of_whole_pieces_plays() {
    let film = lively(9);
    let mut position = film.pieces[0].bytes().len() as u64;
    assert!(matches!(film.pieces[0], EncodedPiece::Init(_)), "the init segment comes first");
    let video = film.packets("v");
    let (mut expected_start, mut ends, mut sound_end) = (Micros::ZERO, vec![0, 0], Micros::ZERO);
    for (number, (bytes, start, duration)) in film.fragments().enumerate() {
        assert_eq!(names(bytes), ["moof", "mdat"], "a fragment is one moof and one mdat");
        assert_eq!(start, expected_start, "a fragment begins where the one before ended");
        expected_start = start + duration;
        let inside = position..position + bytes.len() as u64;
        let first = video
            .iter()
            .find(|packet| inside.contains(&packet.position))
            .expect("a fragment has pictures");
        assert!(first.key, "fragment {number} begins with a key frame");
        assert!((first.pts_us - start.0 as i64).abs() < 20);
        assert_eq!(
            video.iter().filter(|packet| packet.key && inside.contains(&packet.position)).count(),
            1
        );
        let whole = SPAN(1600)..SPAN(1650);
        assert!(
            whole.contains(&duration) || expected_start > Micros::from_secs(9),
            "a fragment is 1.6 seconds: {duration:?}"
        );
        position = inside.end;

        let prefix = film.prefix(number + 2);
        decode(&prefix, &["-f", "null"]);
        let runs = runs(bytes);
        assert_eq!(
            runs.iter().map(|run| run.start).collect::<Vec<_>>(),
            ends,
            "every track goes on where it ended"
        );
        ends = runs.iter().map(Run::end).collect();
        assert_eq!(
            Micros::from_ticks(ends[0], 90_000),
            Some(expected_start),
            "pictures fill the fragment"
        );
        let sound_until = Micros::from_ticks(ends[1], 48_000).unwrap();
        assert!(
            sound_until.abs_diff(expected_start) < SPAN(22),
            "sound covers its pictures: {sound_until:?}"
        );
        sound_end = sound_until;
    }
    assert!(
        sound_end.abs_diff(expected_start) < Span(100),
        "sound ends with the pictures: {sound_end:?}"
    );
    assert_eq!(names(&film.bytes()[..film.pieces[0].bytes().len()]), ["ftyp", "moov"]);
    assert_eq!(position, film.bytes().len() as u64, "nothing but pieces: no mfra");
    assert_eq!(expected_start.since_start(), film.totals.unwrap().duration);
}

#[test]
fn a_fragment_is_handed_out_as_soon_as_it_is_whole() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let settings = EncoderSettings { sound: vec![SourceRole::Voice], ..settings(320, 180) };
    let mut encoder = Encoder::new(settings, move |piece| sender.send(piece).unwrap()).unwrap();
    assert!(
        matches!(receiver.try_recv(), Ok(EncodedPiece::Init(_))),
        "the init segment is there before the first picture"
    );
    let mut handed_out = Vec::new();
    for block in 0..700 {
        let now = MS(block * 10);
        encoder.screen(&plain(now, 320, 180, [(block % 200) as u8; 3])).unwrap();
        // Sound arrives 50 ms after it was captured.
        if let Some(late) = block.checked_sub(6) {
            encoder.sound(0, &beeps(late, 48_000, 1, 1.0)).unwrap();
        }
        encoder.tick(now).unwrap();
        handed_out.extend(receiver.try_iter().map(|_| now));
    }
    let late: Vec<Span> = handed_out
        .iter()
        .enumerate()
        .map(|(n, at)| at.checked_since(MS(1600 * (n as u64 + 1))).expect("not before its end"))
        .collect();
    assert_eq!(late.len(), 4);
    assert!(late.iter().all(|late| *late <= SPAN(150)), "{late:?} after its time was over");
}

#[test]
fn a_still_screen_costs_two_pictures_a_fragment() {
    let film = Film::record(settings(640, 360), Micros::from_secs(10), |encoder| {
        encoder.screen(&plain(Micros::ZERO, 640, 360, [10, 80, 160])).unwrap();
        (0..1000).for_each(|tick| encoder.tick(MS(tick * 10)).unwrap());
    });
    let video = film.packets("v");
    assert_eq!(video.len(), 13, "ten seconds, a picture every 0.8 s");
    assert_eq!(
        video.iter().filter(|packet| packet.key).count(),
        7,
        "every second one begins a fragment"
    );
    assert_eq!(film.show("stream=codec_type"), "video", "without sound there is no sound track");
    assert!((film.totals.unwrap().duration.abs_diff(Span::from_secs(10))) < SPAN(1));
}

#[test]
fn a_picture_bears_the_time_it_was_captured() {
    let stamps = [0, 51_111, 133_334, 977_000, 1_500_500, 3_600_007];
    let film = Film::record(settings(320, 180), Micros::from_secs(4), |encoder| {
        let mut next = stamps.iter().copied().enumerate().peekable();
        for tick in 0..4000 {
            // Frames come 20 ms after they were captured.
            while let Some((number, at)) = next.next_if(|&(_, at)| at + 20_000 <= tick * 1000) {
                encoder.screen(&plain(Micros(at), 320, 180, [number as u8 * 40; 3])).unwrap();
            }
            encoder.tick(MS(tick)).unwrap();
        }
    });
    let pts: Vec<i64> = film.packets("v").iter().map(|packet| packet.pts_us).collect();
    for at in stamps {
        assert!(
            pts.iter().any(|pts| pts.abs_diff(at as i64) <= 12),
            "the change at {at} is among {pts:?}"
        );
    }
}

#[test]
fn a_pause_leaves_no_hole() {
    let settings = EncoderSettings { sound: vec![SourceRole::Voice], ..settings(320, 180) };
    let film = Film::record(settings, Micros::from_secs(6), |encoder| {
        for block in 0..600 {
            let now = MS(block * 10);
            if block == 300 {
                // Paused: what the screen shows meanwhile is stamped with the instant at which time
                // stood still.
                (0..50).for_each(|shade| {
                    encoder.screen(&plain(now, 320, 180, [shade * 5; 3])).unwrap()
                });
            }
            if block % 4 == 0 {
                encoder.screen(&plain(now, 320, 180, [(block % 250) as u8, 90, 90])).unwrap();
            }
            encoder.sound(0, &beeps(block, 48_000, 1, 1.0)).unwrap();
            encoder.tick(now).unwrap();
        }
    });
    let video = film.packets("v");
    assert!(
        video.windows(2).all(|pair| (1..=100_000).contains(&(pair[1].pts_us - pair[0].pts_us))),
        "no jump, no standstill"
    );
    assert!(film.totals.unwrap().duration.abs_diff(Span::from_secs(6)) < SPAN(1));
    assert!(film.samples().len().abs_diff(6 * 48_000) < 1100);
}

#[test]
fn video_hardware_is_tried_and_never_trusted() {
    let settings = EncoderSettings { hardware: true, ..settings(640, 360) };
    let film = Film::record(settings, Micros::from_secs(2), |encoder| {
        encoder.screen(&plain(Micros::ZERO, 640, 360, [200, 40, 40])).unwrap();
        (0..200).for_each(|tick| encoder.tick(MS(tick * 10)).unwrap());
    });
    decode(&film.path(), &["-f", "null"]);
    assert_eq!(
        film.show("stream=codec_name"),
        "h264",
        "with or without hardware there is a picture"
    );
}

#[test]
fn odd_sizes_lose_their_last_row_and_column() {
    for (width, height) in [(321, 181), (1367, 769), (2, 2), (3, 2), (17, 333)] {
        let film = Film::record(settings(width, height), Micros::from_secs(1), |encoder| {
            encoder.screen(&plain(Micros::ZERO, width, height, [200, 40, 40])).unwrap();
            encoder.tick(Micros::ZERO).unwrap();
        });
        assert_eq!(film.show("stream=width,height"), format!("{},{}", width & !1, height & !1));
        let (_, picture) = &film.pictures(width & !1, height & !1)[0];
        assert!(picture[0].abs_diff(200) < 8 && picture[1].abs_diff(40) < 8, "{:?}", &picture[..3]);
    }
}

#[test]
fn a_take_without_any_frame_still_plays() {
    let settings = EncoderSettings { sound: vec![SourceRole::Voice], ..settings(320, 180) };
    let film = Film::record(settings.clone(), MS(3500), |encoder| {
        (0..350).for_each(|tick| encoder.tick(MS(tick * 10)).unwrap())
    });
    decode(&film.path(), &["-f", "null"]);
    assert!(film.totals.unwrap().duration.abs_diff(SPAN(3500)) < SPAN(1));
    let film = Film::record(settings, MS(40), |_| {});
    assert_eq!(
        film.pictures(320, 180).len(),
        1,
        "stopped before the first tick: one black picture"
    );
}

#[test]
fn bad_frames_and_samples_are_refused_and_harm_nothing() {
    let film = Film::record(
        EncoderSettings { sound: vec![SourceRole::Voice], ..settings(320, 180) },
        Micros::from_secs(1),
        |encoder| {
            encoder.screen(&plain(Micros::ZERO, 320, 180, [80, 80, 80])).unwrap();
            let beyond = Rect { x: 300, y: 0, width: 40, height: 10 };
            encoder
                .screen(&patch(Micros::ZERO, (320, 180), beyond, [255; 3]))
                .expect_err("a patch outside of the picture");
            let mut short = plain(Micros::ZERO, 320, 180, [255; 3]);
            patches(&mut short)[0].pixels.truncate(1000);
            encoder.screen(&short).expect_err("fewer bytes than pixels");
            let overflow = Rect { x: u32::MAX, y: 2, width: 2, height: 2 };
            encoder
                .screen(&patch(Micros::ZERO, (320, 180), overflow, [255; 3]))
                .expect_err("numbers that overflow");
            let mut huge = short.clone();
            (huge.width, huge.height) = (u32::MAX, u32::MAX);
            encoder.screen(&huge).expect_err("a picture as large as memory");
            let mut samples = beeps(0, 48_000, 2, 1.0);
            samples.interleaved.pop();
            encoder.sound(0, &samples).expect_err("half a sample");
            samples.channels = 0.into();
            encoder.sound(0, &samples).expect_err("no channels");
            samples.rate_hz = 0;
            encoder.sound(0, &samples).expect_err("no rate");
            encoder.tick(MS(10)).unwrap();
        },
    );
    let (_, picture) = &film.pictures(320, 180)[0];
    assert!(picture.iter().all(|&value| value.abs_diff(80) < 6), "the picture is the one before");
}

/// Names of the boxes of a piece.
fn names(piece: &[u8]) -> Vec<String> {
    boxes(piece).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn pictures_that_nobody_sees_are_counted() {
    for (every_ms, left_out) in [(50, 0..=0), (16, 28..=36)] {
        let film = Film::record(settings(64, 64), Micros::from_secs(1), |encoder| {
            // Before a take begins, and in its pauses, all that is captured has one instant.
            (0..9).for_each(|n| encoder.screen(&plain(Micros::ZERO, 64, 64, [n; 3])).unwrap());
            for now in 0..1000 {
                if now % every_ms == 0 {
                    let grey = u8::try_from(now / 5).unwrap();
                    encoder.screen(&plain(MS(now), 64, 64, [grey; 3])).unwrap();
                }
                encoder.tick(MS(now)).unwrap();
            }
        });
        let totals = film.totals.unwrap();
        assert!(
            left_out.contains(&totals.left_out),
            "one every {every_ms} ms at 30 a second: {totals:?}"
        );
    }
}

#[test]
fn a_time_in_which_nobody_ticked_makes_no_long_fragment() {
    let film = Film::record(
        EncoderSettings { sound: vec![SourceRole::Voice], ..settings(64, 64) },
        MS(40_000),
        |encoder| {
            for at in (0..2_000).chain(32_000..34_000).step_by(40) {
                let colour = if at < 2_000 { [255, 0, 0] } else { [0, 0, 255] };
                encoder.screen(&plain(MS(at), 64, 64, colour)).unwrap();
                encoder.tick(MS(at)).unwrap();
            }
        },
    );
    for (_, start, duration) in film.fragments() {
        assert!(duration <= SPAN(1_700), "the fragment at {start} lasts {duration}");
    }
    let red: Vec<i64> =
        film.pictures(64, 64).iter().filter(|(_, rgb)| rgb[0] > 128).map(|(at, _)| *at).collect();
    let last = red.last().copied().unwrap_or_default();
    assert!(
        (30_000_000..32_000_000).contains(&last),
        "what was shown before is shown until something else was captured: {last}"
    );
}
