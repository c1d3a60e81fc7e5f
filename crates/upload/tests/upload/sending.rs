//! The uploader against a double that fails on demand.

use std::ops::Range;
use std::time::Duration;

use axum::http::Method;
use vignette_model::text::{Summary, Title};
use vignette_model::{ErrorCode, Problem, TakeId};
use vignette_spool::{Take, TakeWriter};
use vignette_tests::chance::Chance;
use vignette_upload::{LINK_BUDGET, NoLink, Uploader};

use crate::double::{Double, Fault};
use crate::rig::{Computer, endless, program, wait};

fn appends(double: &Double, take: TakeId) -> Vec<Range<u64>> {
    let keeping = double.keeping();
    keeping.appends.iter().filter(|(id, _)| *id == take).map(|(_, range)| range.clone()).collect()
}

fn append_all(writer: &mut TakeWriter, pieces: impl IntoIterator<Item = Vec<u8>>) {
    pieces.into_iter().for_each(|piece| writer.append(&piece).unwrap());
}

/// What the library has is what was recorded.
fn assert_same(double: &Double, computer: &Computer, take: TakeId) {
    let stream = std::fs::read(computer.spool.stream_path(take)).unwrap();
    assert!(double.clip(take).stream == stream, "the library's bytes are the spool's bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_is_sent_while_it_is_recorded() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    let mut writer = computer.begin(&double.url, "a take");
    let id = writer.id();
    let clip = computer.uploader.ensure_clip(id, LINK_BUDGET).await.unwrap();
    assert_eq!(clip.key, double.clip(id).key, "the link is there before anything is recorded");

    for (count, piece) in endless(2_000).take(6).enumerate() {
        writer.append(&piece).unwrap();
        let size = computer.take(id).stream.size_bytes;
        computer.until(id, "sent so far", |p| p.acked_bytes == size).await;
        assert_eq!(
            appends(&double, id).len(),
            count + 1,
            "each piece is sent by itself, as soon as it is there"
        );
    }
    assert_eq!(
        double.count(&Method::HEAD, "/api/v1/uploads"),
        0,
        "nothing has to be asked while nothing fails"
    );
    assert!(!double.clip(id).stopped);

    computer.spool.put_poster(id, b"\xff\xd8 a poster").unwrap();
    writer.update(|take| take.details.summary = Summary::new("words").unwrap()).unwrap();
    writer.finish().unwrap();
    computer.until_safe(id).await;
    assert_same(&double, &computer, id);
    computer.uploader.shutdown().await;
    let kept = double.clip(id);
    assert!(kept.stopped, "viewers are told that it has stopped");
    assert_eq!((kept.title.as_str(), kept.summary.as_str()), ("a take", "words"));
    assert_eq!(kept.poster.as_deref(), Some(&b"\xff\xd8 a poster"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_that_the_library_lost_is_kept_and_says_why() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    let mut writer = computer.begin(&double.url, "a take");
    let id = writer.id();
    computer.uploader.ensure_clip(id, LINK_BUDGET).await.unwrap();
    double.keeping().clips[0].damaged = true;
    append_all(&mut writer, endless(2_000).take(3));
    writer.finish().unwrap();
    let progress = computer.until(id, "given up", |p| p.problem.is_some()).await;
    let problem = progress.problem.unwrap();
    assert_eq!(problem.code, ErrorCode::Damaged);
    assert!(problem.help.contains("still on this computer"), "{}", problem.help);
    assert!(
        !progress.sealed && computer.spool.stream_path(id).exists(),
        "the only good copy stays"
    );
    assert!(double.count(&Method::HEAD, "/api/v1/uploads") <= 2, "and nobody goes on asking");
}

#[tokio::test(flavor = "multi_thread")]
async fn recording_begins_without_a_library() {
    let double = Double::start().await;
    let (url, token, address) = (double.url.clone(), double.token.clone(), double.address);
    drop(double);
    let computer = Computer::signed_in(&url, &token);
    let mut writer = computer.begin(&url, "in a train");
    let id = writer.id();
    let problem = Problem::from(computer.uploader.ensure_clip(id, LINK_BUDGET).await.unwrap_err());
    assert_eq!(problem.code, ErrorCode::Unreachable);
    append_all(&mut writer, endless(2_000).take(4));
    let progress = computer.until(id, "in difficulties", |p| p.problem.is_some()).await;
    assert_eq!(progress.acked_bytes, 0);

    let double = Double::start_at(address).await;
    computer.sign_in(&url, &double.token);
    computer.uploader.wake();
    append_all(&mut writer, endless(2_000).skip(4).take(2));
    writer.finish().unwrap();
    computer.until_safe(id).await;
    assert_same(&double, &computer, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_the_whole_take_arrives() {
    let mut chance = Chance::seeded(20_261_123);
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    let fault = |chance: &mut Chance| match chance.between(0, 8) {
        0 => Fault::Lost,
        1 | 2 => Fault::Unheard,
        3 => Fault::Hotel,
        4 => Fault::Stale,
        5 => Fault::Refused(ErrorCode::Internal),
        6 => Fault::Refused(ErrorCode::NoSpace),
        _ => Fault::Refused(ErrorCode::DigestMismatch),
    };
    double.faults(Method::POST, [Fault::Hotel, Fault::Unheard]);
    double.faults(Method::PATCH, (0..15).map(|_| fault(&mut chance)));
    double.faults(Method::HEAD, (0..5).map(|_| fault(&mut chance)));
    let mut writer = computer.begin(&double.url, "hard times");
    let id = writer.id();
    for piece in endless(3_000).take(40) {
        writer.append(&piece).unwrap();
        computer.uploader.wake(); // or it would take a minute
        tokio::task::yield_now().await;
    }
    writer.finish().unwrap();
    while !computer.take(id).upload.sealed {
        computer.uploader.wake();
        tokio::time::sleep(Duration::from_millis(20)).await; // waking is what is repeated here
    }
    assert_same(&double, &computer, id);
    assert_eq!(double.keeping().clips.len(), 1, "asking again for a clip gives the same clip");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_heals_by_itself() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    double.faults(Method::POST, [Fault::Hotel]);
    double.faults(Method::PATCH, [Fault::Unheard, Fault::Lost]);
    let take = computer.record(&double.url, "a take", 5, 1_000);
    computer.until_safe(take.id).await;
    assert_same(&double, &computer, take.id);
    let ranges = appends(&double, take.id);
    assert!(
        ranges.iter().all(|range| range.start < range.end),
        "no bytes are sent for nothing: {ranges:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_breaks_every_large_append_lets_the_take_pass() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    double.keeping().breaks_above_bytes = Some(1_000_000);
    let take = computer.record(&double.url, "by a train's network", 12, 300_000);
    computer.until_safe(take.id).await;
    assert_same(&double, &computer, take.id);
    let sizes = |log: &[(Method, String, usize)]| {
        log.iter().filter(|(method, ..)| *method == Method::PATCH).map(|(.., size)| *size).sum()
    };
    let sent_bytes: usize = sizes(&double.keeping().log);
    assert!(
        sent_bytes < 8 * 3_600_000,
        "what is lost is not lost again and again: {sent_bytes} bytes were sent"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_library_has_is_not_sent_again() {
    let double = Double::start().await;
    let mut computer = Computer::signed_in(&double.url, &double.token);
    double.keeping().most_append_bytes = Some(5_000);
    double.faults(Method::PATCH, std::iter::repeat_n(Fault::Slow(Duration::from_millis(30)), 10));
    let take = computer.record(&double.url, "a long one", 40, 2_000);
    for at_least in [10_000, 30_000, 50_000] {
        computer.until(take.id, "on its way", |p| p.acked_bytes >= at_least).await;
        computer = computer.restart().await;
        assert!(
            computer.take(take.id).upload.acked_bytes >= at_least,
            "what has been sent is shown at once after a start"
        );
    }
    computer.until_safe(take.id).await;
    assert_same(&double, &computer, take.id);
    let ranges = appends(&double, take.id);
    assert!(
        ranges.windows(2).all(|pair| pair[0].end == pair[1].start),
        "each byte was taken once: {ranges:?}"
    );
    // What is too large is refused before it is sent; a start costs what was under way when the
    // program ended.
    let sizes = double
        .keeping()
        .log
        .iter()
        .filter(|(m, ..)| *m == Method::PATCH)
        .map(|(.., size)| *size)
        .collect::<Vec<_>>();
    let sent: usize = sizes.into_iter().filter(|size| *size <= 5_000).sum();
    let most = usize::try_from(take.stream.size_bytes).unwrap() + 4 * 5_000;
    assert!(sent < most, "and hardly any was sent twice: {sent} of {}", take.stream.size_bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_waiting_pieces_go_together() {
    let double = Double::start().await;
    let computer = Computer::signed_out();
    let take = computer.record(&double.url, "a long one", 25, 1 << 20);
    computer.sign_in(&double.url, &double.token);
    computer.until_safe(take.id).await;
    let ranges = appends(&double, take.id);
    assert!(ranges.len() <= 6, "25 MB in pieces of 1 MB go by up to 8 MiB: {ranges:?}");
    assert!(ranges.iter().all(|range| range.end - range.start <= 8 << 20), "{ranges:?}");
    let ends: Vec<u64> =
        computer.spool.pieces(take.id).unwrap().iter().map(|piece| piece.end).collect();
    assert!(ranges.iter().all(|range| ends.contains(&range.end)), "but always as whole pieces");
}

#[tokio::test(flavor = "multi_thread")]
async fn less_is_sent_at_once_where_less_is_taken() {
    let double = Double::start().await;
    double.keeping().most_append_bytes = Some(25_000);
    let computer = Computer::signed_out();
    let small = computer.record(&double.url, "small pieces", 20, 10_000);
    computer.sign_in(&double.url, &double.token);
    computer.until_safe(small.id).await;
    assert!(
        appends(&double, small.id).iter().any(|range| range.end - range.start > 10_000),
        "two pieces fit"
    );

    let large = computer.record(&double.url, "large pieces", 2, 30_000);
    let progress = computer.until(large.id, "refused", |p| p.problem.is_some()).await;
    assert_eq!(progress.problem.unwrap().code, ErrorCode::TooLarge);
    let after = computer.record(&double.url, "after it", 2, 1_000);
    computer.until_safe(after.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_clip_is_not_made_again() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    let mut writer = computer.begin(&double.url, "thrown away");
    let id = writer.id();
    append_all(&mut writer, endless(1_000).take(3));
    computer.until(id, "on its way", |p| p.acked_bytes > 2_000).await;
    double.keeping().clips.clear();
    append_all(&mut writer, endless(1_000).skip(3).take(1));
    writer.finish().unwrap();
    let problem = computer.until(id, "given up", |p| p.problem.is_some()).await.problem.unwrap();
    assert_eq!(problem.code, ErrorCode::NotFound);
    assert!(problem.help.contains("still on this computer"));
    assert!(!computer.take(id).upload.sealed);

    let other = computer.record(&double.url, "another", 2, 1_000);
    computer.until_safe(other.id).await;
    assert_eq!(double.keeping().clips.len(), 1, "deleted stays deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_address_that_was_replaced_is_asked_for_again() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    let mut writer = computer.begin(&double.url, "a take");
    let id = writer.id();
    append_all(&mut writer, endless(1_000).take(2));
    computer.until(id, "on its way", |p| p.acked_bytes > 1_000).await;
    let key = double.clip(id).key;
    // As when a question for the clip was answered so late that another was asked meanwhile.
    double.keeping().clips[0].upload = vignette_model::Secret::random("up");
    append_all(&mut writer, endless(1_000).skip(2).take(2));
    writer.finish().unwrap();
    computer.until_safe(id).await;
    assert_same(&double, &computer, id);
    assert_eq!(double.clip(id).key, key, "the link is the same");
    assert_eq!(computer.take(id).upload.clip.unwrap().key, key);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_signed_in_records_all_the_same() {
    let double = Double::start().await;
    let computer = Computer::signed_out();
    let take = computer.record(&double.url, "a take", 3, 1_000);
    let problem =
        computer.until(take.id, "shut out", |p| p.problem.is_some()).await.problem.unwrap();
    assert_eq!(problem.code, ErrorCode::SignInNeeded);
    assert_eq!(double.keeping().log.len(), 0, "without a token nobody knocks");

    let wrong = vignette_model::Secret::random("lib");
    computer.sign_in(&double.url, &wrong);
    while double.count(&Method::POST, "/api/v1/clips") == 0 {
        tokio::task::yield_now().await;
    }
    computer.until(take.id, "shut out again", |p| p.problem.is_some()).await;
    // Another program signs in.
    let (_, credentials) = program(computer.folder());
    credentials
        .keep(&vignette_upload::library_url(&double.url).unwrap(), double.token.clone())
        .unwrap();
    computer.until_safe(take.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_told_once_and_overwrite_nothing() {
    let double = Double::start().await;
    let mut computer = Computer::signed_in(&double.url, &double.token);
    let take = computer.record(&double.url, "first", 2, 1_000);
    computer.until_safe(take.id).await;
    double.keeping().clips[0].summary = "written on the page".to_owned();
    computer = computer.restart().await;
    computer
        .spool
        .update(take.id, |take| take.details.title = Title::new("second").unwrap())
        .unwrap();
    wait(|| {
        computer.take(take.id).upload.synced.is_some_and(|told| told.title.as_str() == "second")
    })
    .await;
    assert_eq!(double.clip(take.id).title, "second");
    assert_eq!(
        double.clip(take.id).summary,
        "written on the page",
        "only what changed here is told"
    );

    let before = double.keeping().log.len();
    computer = computer.restart().await;
    let other = computer.record(&double.url, "other", 1, 1_000);
    computer.until_safe(other.id).await;
    computer.uploader.shutdown().await;
    let keeping = double.keeping();
    let of_take = format!("/api/v1/clips/{}", keeping.clips[0].id);
    assert!(
        keeping.log[before..].iter().all(|(_, path, _)| *path != of_take),
        "nothing is told twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poster_that_is_refused_holds_up_nothing() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    double.faults(Method::PUT, [Fault::Refused(ErrorCode::BadRequest)]);
    let mut writer = computer.begin(&double.url, "a take");
    let id = writer.id();
    computer.spool.put_poster(id, b"no JPEG").unwrap();
    append_all(&mut writer, endless(1_000).take(3));
    wait(|| double.faults_left() == 0).await;
    writer.update(|take| take.details.title = Title::new("a title").unwrap()).unwrap();
    writer.finish().unwrap();
    computer.until_safe(id).await;
    wait(|| double.clip(id).title == "a title").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_goes_before_the_newest_and_that_before_the_others() {
    let double = Double::start().await;
    let computer = Computer::signed_out();
    let record = |title: &str| computer.record(&double.url, title, 6, 1_000).id;
    let (oldest, middle, newest) = (record("oldest"), record("middle"), record("newest"));
    let mut writer = computer.begin(&double.url, "recording");
    append_all(&mut writer, endless(1_000).take(2));
    double.faults(Method::PATCH, std::iter::repeat_n(Fault::Slow(Duration::from_millis(10)), 100));
    double.faults(Method::POST, std::iter::repeat_n(Fault::Slow(Duration::from_millis(10)), 100));
    computer.sign_in(&double.url, &double.token);
    for take in [oldest, middle, newest] {
        computer.until_safe(take).await;
    }
    let keeping = double.keeping();
    let first = |take: TakeId| keeping.appends.iter().position(|(id, _)| *id == take).unwrap();
    let last = |take: TakeId| keeping.appends.iter().rposition(|(id, _)| *id == take).unwrap();
    assert!(first(writer.id()) < first(middle), "what is being recorded waits for nobody");
    assert!(last(newest) < first(middle), "then comes the newest link: {:?}", keeping.appends);
    assert!(last(middle) < first(oldest), "then the others, one after the other");
    let joined =
        keeping.appends.iter().any(|(id, range)| *id == oldest && range.end - range.start > 1_100);
    assert!(!joined, "and they leave room for the recording");
    drop(keeping);
    drop(writer);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_that_stands_still_holds_up_no_other() {
    let (slow, double) = (Double::start().await, Double::start().await);
    let computer = Computer::signed_in(&slow.url, &slow.token);
    computer.sign_in(&double.url, &double.token);
    slow.faults(Method::POST, [Fault::Slow(Duration::from_secs(20))]);
    let stuck = computer.record(&slow.url, "stuck", 2, 1_000);
    wait(|| slow.count(&Method::POST, "/api/v1/clips") == 1).await;
    let take = computer.record(&double.url, "free", 2, 1_000);
    computer.until_safe(take.id).await;
    assert!(!computer.take(stuck.id).upload.sealed);
    let late = computer.begin(&slow.url, "later");
    let budget = Duration::from_millis(1_500);
    computer
        .uploader
        .ensure_clip(late.id(), budget)
        .await
        .expect("a new recording does not wait for an old one");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_program_sends_a_take() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    let mut writer = computer.begin(&double.url, "mine");
    let id = writer.id();
    append_all(&mut writer, endless(1_000).take(3));
    let (spool, credentials) = program(computer.folder());
    let other = Uploader::spawn(
        spool,
        credentials,
        std::sync::Arc::new(vignette_model::SystemClock::new()),
    );
    let mut seen = other.progress();
    seen.wait_for(|all| all.iter().any(|p| p.take == id)).await.unwrap();
    append_all(&mut writer, endless(1_000).skip(3).take(3));
    writer.finish().unwrap();
    computer.until_safe(id).await;
    other.shutdown().await;
    assert_eq!(double.count(&Method::POST, "/api/v1/clips"), 1, "the other program only looks on");
    assert_eq!(
        double.count(&Method::HEAD, "/api/v1/uploads"),
        2,
        "no more than it takes to be sealed"
    );
    assert_same(&double, &computer, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_whose_program_died_is_sent_by_the_next() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    let mut writer = computer.begin(&double.url, "cut short");
    let id = writer.id();
    append_all(&mut writer, endless(1_000).take(4));
    computer.until(id, "on its way", |p| p.acked_bytes > 3_000).await;
    drop(writer);
    let computer = computer.restart().await;
    computer.until_safe(id).await;
    assert!(computer.take(id).stream.interrupted);
    assert_same(&double, &computer, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_with_other_bytes_is_never_called_safe() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    let mut writer = computer.begin(&double.url, "a take");
    let id = writer.id();
    append_all(&mut writer, endless(1_000).take(3));
    computer.until(id, "on its way", |p| p.acked_bytes > 2_000).await;
    // The library's disk lost a bit.
    double.keeping().clips[0].stream[900] ^= 1;
    writer.finish().unwrap();
    let problem = computer.until(id, "refused", |p| p.problem.is_some()).await.problem.unwrap();
    assert_eq!(problem.code, ErrorCode::DigestMismatch);
    assert!(!computer.take(id).upload.sealed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_without_a_library_stays() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    let mut take: Take = crate::rig::take(&double.url, "private");
    take.upload.library = None;
    let mut writer = computer.spool.begin(take).unwrap();
    let id = writer.id();
    assert_eq!(
        computer.uploader.ensure_clip(id, LINK_BUDGET).await.unwrap_err(),
        NoLink::NoLibrary
    );
    append_all(&mut writer, endless(1_000).take(3));
    writer.finish().unwrap();
    let other = computer.record(&double.url, "other", 1, 1_000);
    computer.until_safe(other.id).await;
    assert_eq!(double.keeping().clips.len(), 1);
    computer.spool.update(id, |take| take.upload.library = Some(double.url.clone())).unwrap();
    computer.until_safe(id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_that_is_removed_is_forgotten() {
    let double = Double::start().await;
    let computer = Computer::signed_out();
    let take = computer.record(&double.url, "a take", 3, 1_000);
    computer.until(take.id, "shut out", |p| p.problem.is_some()).await;
    computer.spool.remove(take.id).unwrap();
    let mut progress = computer.uploader.progress();
    progress.wait_for(Vec::is_empty).await.unwrap();
    computer.sign_in(&double.url, &double.token);
    let other = computer.record(&double.url, "other", 1, 1_000);
    computer.until_safe(other.id).await;
    assert_eq!(double.keeping().clips.len(), 1, "what was thrown away is not sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uploader_ends_with_its_last_handle() {
    let double = Double::start().await;
    let Computer { uploader, .. } = Computer::signed_in(&double.url, &double.token);
    let mut progress = uploader.progress();
    let other = uploader.clone();
    drop(uploader);
    other.wake();
    drop(other);
    let ended = async { while progress.changed().await.is_ok() {} };
    tokio::time::timeout(crate::rig::SOON, ended).await.expect("the task ends");
}
