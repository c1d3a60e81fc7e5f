//! Metadata: transcripts as they grow, orphan clips, and pauses that a library asks for.

use std::time::{Duration, Instant};

use axum::http::Method;
use vignette_model::text::{CueText, Label, Title};
use vignette_model::transcript::{Cue, Insights, TranscriptSnapshot};
use vignette_model::{ErrorCode, Micros};
use vignette_spool::OrphanClip;
use vignette_upload::{Client, LINK_BUDGET, library_url};

use crate::double::{Double, Fault};
use crate::rig::{Computer, endless, wait};

fn transcript(text: &str, done: bool) -> TranscriptSnapshot {
    let cue = Cue {
        start_us: Micros::ZERO,
        end_us: Micros::from_secs(1),
        text: CueText::new(text).unwrap(),
        word_starts_us: Vec::new(),
    };
    let insights = Insights { title: Title::new(text).unwrap(), ..Insights::default() };
    let (transcribed_by, insights_by) =
        (Label::new("a model").unwrap(), Label::new("extractive").unwrap());
    TranscriptSnapshot {
        revision: 0,
        done,
        language: None,
        transcribed_by,
        cues: vec![cue],
        insights_by,
        chapters_by: None,
        insights,
    }
}

fn said(double: &Double, take: vignette_model::TakeId) -> Option<(u64, String)> {
    double
        .clip(take)
        .transcript
        .map(|transcript| (transcript.revision, transcript.cues[0].text.to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_newest_words_are_told_and_told_again_until_they_arrive() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    let mut writer = computer.begin(&double.url, "");
    let id = writer.id();
    computer.uploader.ensure_clip(id, LINK_BUDGET).await.unwrap();
    endless(1_000).take(3).for_each(|piece| writer.append(&piece).unwrap());
    double.faults(
        Method::PUT,
        [Fault::Slow(Duration::from_millis(300)), Fault::Lost, Fault::Unheard],
    );
    for text in ["one", "two", "three"] {
        computer.spool.put_transcript(id, transcript(text, false)).unwrap();
    }
    writer.finish().unwrap();
    computer.until_safe(id).await;
    wait(|| said(&double, id) == Some((3, "three".to_owned()))).await;
    assert_eq!(double.clip(id).title, "", "a machine's title is no person's");
    wait(|| computer.take(id).upload.synced.unwrap().transcript == 3).await;
    assert!(
        double.count(&Method::PUT, "/api/v1/clips") <= 5,
        "snapshots in between are passed over"
    );

    // Words that are made long after go the same way.
    computer.spool.put_transcript(id, transcript("four", true)).unwrap();
    wait(|| said(&double, id) == Some((4, "four".to_owned()))).await;
    wait(|| computer.take(id).upload.synced.unwrap().transcript == 4).await;
    let computer = computer.restart().await;
    let before = double.count(&Method::PUT, "/api/v1/clips");
    let other = computer.record(&double.url, "other", 1, 1_000);
    computer.until_safe(other.id).await;
    assert_eq!(double.count(&Method::PUT, "/api/v1/clips"), before, "nothing is told twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_that_knows_no_words_is_not_pestered() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    let mut writer = computer.begin(&double.url, "a take");
    let id = writer.id();
    computer.uploader.ensure_clip(id, LINK_BUDGET).await.unwrap();
    double.faults(Method::PUT, std::iter::repeat_n(Fault::Refused(ErrorCode::NotFound), 50));
    for piece in endless(1_000).take(10) {
        writer.append(&piece).unwrap();
        computer.spool.put_transcript(id, transcript("said", false)).unwrap();
    }
    writer.update(|take| take.details.title = Title::new("a title").unwrap()).unwrap();
    writer.finish().unwrap();
    computer.until_safe(id).await;
    wait(|| double.clip(id).title == "a title").await;
    assert_eq!(double.count(&Method::PUT, "/api/v1/clips"), 1, "one refusal is enough");
    let progress = computer.until(id, "safe", |progress| progress.sealed).await;
    assert_eq!(progress.problem, None, "and nobody is bothered with it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_that_asks_for_time_gets_it() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    double.faults(Method::PATCH, [Fault::Busy(2)]);
    let id = computer.record(&double.url, "a take", 3, 1_000).id;
    wait(|| double.faults_left() == 0).await;
    #[expect(clippy::disallowed_methods, reason = "the time that passes is what is measured")]
    let refused = Instant::now();
    let (before, pause) = (double.keeping().log.len(), Duration::from_millis(1_900));
    computer.until_safe(id).await;
    assert!(
        refused.elapsed() >= pause,
        "it was left alone for two seconds, not {:?}",
        refused.elapsed()
    );
    assert!(double.keeping().log.len() > before, "then it went on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_that_nobody_wants_is_deleted_once_the_library_is_there() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    let writer = computer.begin(&double.url, "cancelled");
    let clip = computer.uploader.ensure_clip(writer.id(), LINK_BUDGET).await.unwrap();
    let computer = {
        computer.uploader.shutdown().await;
        computer
            .spool
            .add_orphan_clip(&OrphanClip { library: double.url.clone(), clip: clip.id })
            .unwrap();
        writer.discard().unwrap();
        double.faults(Method::DELETE, [Fault::Lost]);
        computer.restart().await
    };
    wait(|| double.faults_left() == 0).await;
    assert_eq!(
        computer.spool.orphan_clips().len(),
        1,
        "it is remembered while the library is away"
    );
    computer
        .spool
        .add_orphan_clip(&OrphanClip {
            library: double.url.clone(),
            clip: vignette_model::ClipId::new(),
        })
        .unwrap();
    // Any word of a take that is gone makes the uploader look.
    computer.begin(&double.url, "another").discard().unwrap();
    wait(|| computer.spool.orphan_clips().is_empty()).await;
    assert!(double.keeping().clips.is_empty(), "no empty clip is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_whose_take_was_cancelled_meanwhile_is_deleted() {
    let double = Double::start().await;
    let computer = Computer::signed_in(&double.url, &double.token);
    double.faults(Method::POST, [Fault::Slow(Duration::from_millis(300))]);
    let writer = computer.begin(&double.url, "cancelled at once");
    wait(|| double.count(&Method::POST, "/api/v1/clips") == 1).await;
    writer.discard().unwrap();
    wait(|| double.count(&Method::DELETE, "/api/v1/clips") == 1).await;
    wait(|| double.keeping().clips.is_empty()).await;
    let client =
        Client::new(&library_url(&double.url).unwrap(), Some(double.token.clone())).unwrap();
    let gone = client.delete_clip(vignette_model::ClipId::new()).await.unwrap_err();
    assert_eq!(gone.code(), ErrorCode::NotFound);
}
