//! The red button: record a real display and a real microphone from the command line, stop, fetch by the link, and look at
//! what came out.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use vignette_fmp4::{Cutter, Limits, Piece};
use vignette_tests::display::Display;
use vignette_tests::media::{Media, amplitude_at};
use vignette_tests::program::Program;
use vignette_tests::sound::Sound;

const BACKGROUND: [u8; 3] = [0x20, 0x40, 0x60];
const LEFT_HALF: [u8; 3] = [0xC0, 0x20, 0x20];
/// The window: its left half stays red, its right half turns white and black every half second.
const WINDOW: &str = "color=c=0xC02020:s=640x360:r=30,drawbox=x=320:w=320:h=360:c=white:t=fill:enable='lt(mod(t,1),0.5)',\
                      drawbox=x=320:w=320:h=360:c=black:t=fill:enable='gte(mod(t,1),0.5)'";

/// Fetches what a link shows.
async fn fetch(url: &str) -> Vec<u8> {
    let answer = reqwest::get(url).await.expect("the library answers");
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
    answer.bytes().await.expect("the whole answer").to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn display_and_microphone_arrive_as_they_were() {
    let (display, sound) = (Display::start(1280, 720), Sound::start());
    display.paint("#204060");
    let _window = display.window(WINDOW, 320, 180);
    display.wait_for_window(640, 360);
    let _tone = sound.play_tone(1000);

    let home = tempfile::tempdir().expect("a home");
    let mut recording = Program::vignette(
        home.path(),
        &["record", "--camera", "off", "--title", "Red button", "--summary", "A *test*."],
        &[("DISPLAY", &display.name), ("PULSE_SERVER", &sound.address)],
    );
    let link = recording.wait_for_event("link", Duration::from_secs(30))["link"]
        .as_str()
        .expect("a link")
        .to_owned();
    recording.wait_for_recording();
    tokio::time::sleep(Duration::from_secs(6)).await; // A take of six seconds takes six seconds.
    recording.process().signal("INT");
    let stopped = recording.wait_for_event("stopped", Duration::from_secs(10));
    let (status, said) = recording.finish(Duration::from_secs(30));
    assert!(status.success(), "the clip is safe in the library: {said:#?}");
    let seconds = stopped["duration_us"].as_f64().expect("a duration") / 1e6;
    let words: BTreeSet<_> =
        said.iter().filter_map(|v| v["take"]["whereabouts_text"].as_str()).collect();
    assert!(words.contains("in the library"), "the whereabouts are said: {words:?}");

    let mut library = Program::vignette(home.path(), &["library"], &[]);
    library.wait_for_event("serving", Duration::from_secs(30));
    let page = String::from_utf8(fetch(&link).await).expect("the page is text");
    assert!(
        page.contains("Red button") && page.contains("<em>test</em>"),
        "title and summary are on the page"
    );
    let file = home.path().join("clip.mp4");
    std::io::Write::write_all(
        &mut std::fs::File::create(&file).expect("a file"),
        &fetch(&format!("{link}/clip.mp4")).await,
    )
    .expect("written");

    let clip = Media::at(&file);
    assert!(
        (clip.seconds() - seconds).abs() <= 1.0 / 30.0,
        "{} s in the file, {seconds} s by the recorder",
        clip.seconds()
    );
    assert!((5.8..7.5).contains(&seconds), "six seconds and a little were recorded, not {seconds}");
    let codecs: Vec<_> = clip.streams().iter().map(|s| s["codec_name"].clone()).collect();
    assert_eq!(codecs, [Value::from("h264"), Value::from("aac")]);
    for at in [1.0, 3.3, 5.0] {
        let picture = clip.picture(at);
        assert!(
            picture.is_near(100, 100, BACKGROUND),
            "the background at {at} s is {:?}",
            picture.colour(100, 100, 2)
        );
        assert!(
            picture.is_near(480, 360, LEFT_HALF),
            "the window at {at} s is {:?}",
            picture.colour(480, 360, 2)
        );
    }
    let flips = flips(&clip, seconds);
    assert!(
        (9..=13).contains(&flips),
        "the window flips twice a second: {flips} flips in {seconds} s"
    );

    let heard = clip.sound();
    let middle = &heard[48_000..48_000 * 5];
    assert!(
        amplitude_at(middle, 1000.0) > 0.3,
        "the tone is heard: {}",
        amplitude_at(middle, 1000.0)
    );
    assert!(amplitude_at(middle, 1500.0) < 0.02, "and nothing else is");
    let heard_seconds = f64::from(u32::try_from(heard.len()).expect("short")) / 48_000.0;
    assert!(
        (heard_seconds - seconds).abs() < 0.1,
        "{heard_seconds} s of sound for {seconds} s of picture"
    );
    stream_is_sound(&home.path().join("spool"), &clip);
    library.process().signal("INT");
    library.finish(Duration::from_secs(15));
}

/// How often the right half of the window changes between black and white.
fn flips(clip: &Media, seconds: f64) -> usize {
    let mut bright = None;
    let mut flips = 0;
    let mut at = 0.1;
    while at < seconds - 0.1 {
        let now = clip.picture(at).colour(800, 360, 4)[0] > 128;
        flips += usize::from(bright.is_some_and(|before| before != now));
        bright = Some(now);
        at += 0.1;
    }
    flips
}

/// The spool's stream: whole fragments that each start with a key frame, times that strictly rise, and the same frames as
/// the library's plain MP4.
fn stream_is_sound(spool: &std::path::Path, clip: &Media) {
    let take = std::fs::read_dir(spool.join("takes"))
        .expect("takes")
        .next()
        .expect("one take")
        .expect("readable")
        .path();
    let bytes = std::fs::read(take.join("stream.mp4")).expect("the stream");
    let pieces = Cutter::new(Limits::default()).push(&bytes).expect("the stream is whole pieces");
    let fragments: Vec<_> = pieces
        .iter()
        .filter_map(|p| if let Piece::Fragment(f) = p { Some(*f) } else { None })
        .collect();
    assert!(fragments.len() >= 3, "six seconds are at least three fragments");
    let stream = Media::at(&take.join("stream.mp4"));
    let packets = stream.video_packets();
    assert!(packets.windows(2).all(|w| w[0].0 < w[1].0), "video times strictly rise");
    for fragment in &fragments {
        #[expect(clippy::cast_precision_loss, reason = "seconds for ffprobe")]
        let start = fragment.start.0 as f64 / 1e6;
        let first = packets
            .iter()
            .min_by(|a, b| (a.0 - start).abs().total_cmp(&(b.0 - start).abs()))
            .expect("packets");
        assert!(
            first.1 && (first.0 - start).abs() < 0.002,
            "the fragment at {start} s starts with a key frame"
        );
    }
    assert!(
        stream.frame_hashes() == clip.frame_hashes(),
        "the sealed clip decodes to the same frames as the stream"
    );
}
