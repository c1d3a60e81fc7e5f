//! Transcripts: what a machine may fill, what a person keeps, who reads them when, and who finds them.

mod property;

use std::collections::BTreeSet;

use futures_util::FutureExt as _;
use vignette_library::LibraryError;
use vignette_library::store::{ClipFilter, TranscriptRows as _};
use vignette_library::{Actor, Library};
use vignette_model::api::{ClipChange, ClipEvent, ClipView, NewReply};
use vignette_model::text::{ChapterTitle, CueText, Label, ReplyBody, Summary, TaskText, Title};
use vignette_model::transcript::{
    Chapter, Cue, CueChange, Insights, Origin, SearchPlace, Task, TranscriptChange,
    TranscriptSnapshot, TranscriptVersion, TranscriptView,
};
use vignette_model::{ClipId, ErrorCode, Micros};

use crate::rig::{STREAM, World, pieces};

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

fn cue(start_ms: u64, end_ms: u64, text: &str) -> Cue {
    let (start_us, end_us) = (Micros::from_millis(start_ms), Micros::from_millis(end_ms));
    Cue { start_us, end_us, text: CueText::new(text).unwrap(), word_starts_us: Vec::new() }
}

fn chapter(start_ms: u64, title: &str) -> Chapter {
    Chapter { start_us: Micros::from_millis(start_ms), title: ChapterTitle::new(title).unwrap() }
}

fn task(at_ms: u64, text: &str) -> Task {
    Task {
        at_us: Micros::from_millis(at_ms),
        text: TaskText::new(text).unwrap(),
        owner: None,
        due: None,
    }
}

fn snapshot(revision: u64, cues: Vec<Cue>) -> TranscriptSnapshot {
    let insights = Insights {
        title: Title::new(&format!("Machine title {revision}")).unwrap(),
        summary: Summary::new(&format!("Machine summary {revision}")).unwrap(),
        chapters: vec![chapter(0, &format!("Machine chapter {revision}"))],
        tasks: vec![task(500, &format!("Machine task {revision}"))],
    };
    let (transcribed_by, insights_by) = (label("tiny"), label("rules"));
    TranscriptSnapshot {
        revision,
        done: revision > 5,
        language: Some(label("en")),
        transcribed_by,
        cues,
        insights_by,
        chapters_by: None,
        insights,
    }
}

fn machine() -> Option<Origin> {
    Some(Origin::Machine { model: label("rules") })
}

fn code<T>(answer: Result<T, LibraryError>) -> Option<ErrorCode> {
    answer.err().map(|error| error.code())
}

fn texts(transcript: &TranscriptView) -> Vec<&str> {
    transcript.cues.iter().map(|shown| shown.cue.text.as_str()).collect()
}

fn edit(start_ms: u64, text: Option<&str>) -> TranscriptChange {
    let text = text.map(|text| CueText::new(text).unwrap());
    TranscriptChange {
        cues: vec![CueChange { start_us: Micros::from_millis(start_ms), text }],
        ..TranscriptChange::default()
    }
}

#[tokio::test]
async fn what_a_machine_heard_is_shown_until_a_person_knows_better() {
    let world = World::new().await;
    let (clip, library, ann) = (world.sealed(STREAM).await, &world.library, &world.ann);
    let (id, key, nobody) = (clip.created.id, &clip.created.key, Actor::anonymous());
    assert_eq!(
        library.transcript(&nobody, key).await.unwrap(),
        TranscriptView::default(),
        "nothing is known at first"
    );
    assert_eq!(code(library.captions(&nobody, key).await), Some(ErrorCode::NotFound));
    assert_eq!(code(library.chapters(&nobody, key).await), Some(ErrorCode::NotFound));
    assert_eq!(code(library.transcript_text(&nobody, key).await), Some(ErrorCode::NotFound));
    let mut events = library.events(&nobody, key).await.unwrap();

    library
        .put_transcript(
            ann,
            id,
            snapshot(1, vec![cue(0, 1_000, "Hello word"), cue(1_000, 2_000, "hm")]),
        )
        .await
        .unwrap();
    let ClipEvent::Clip { clip: view } = events.recv().await.unwrap() else {
        panic!("words are heard of")
    };
    assert_eq!(view.transcript, Some(TranscriptVersion { version: 1, done: false }));
    assert_eq!(
        (view.summary.as_str(), &view.summary_by),
        ("Machine summary 1", &machine()),
        "a machine fills what is empty"
    );
    assert_eq!(view.title_by, Some(Origin::Person), "the title was there before");
    assert_eq!(view.captions, Some(format!("/c/{key}/captions.vtt")));
    assert_eq!(view.chapters, Some(format!("/c/{key}/chapters.vtt")));
    let captions = library.captions(&nobody, key).await.unwrap();
    assert!(
        captions.text.contains("00:00:00.000 --> 00:00:01.000\nHello word\n"),
        "{}",
        captions.text
    );
    assert!(library.chapters(&nobody, key).await.unwrap().text.contains("Machine chapter 1"));

    let transcript = library.edit_transcript(ann, id, edit(0, Some("Hello world"))).await.unwrap();
    assert!(transcript.cues[0].edited && !transcript.cues[1].edited);
    let transcript = library.edit_transcript(ann, id, edit(1_000, None)).await.unwrap();
    assert_eq!(texts(&transcript), ["Hello world"]);
    let ClipEvent::Clip { clip: view } = events.recv().await.unwrap() else {
        panic!("changes are heard of")
    };
    assert_eq!(view.transcript, Some(TranscriptVersion { version: 2, done: false }));

    let cut_anew = vec![
        cue(0, 700, "Yellow"),
        cue(700, 1_100, "word hm"),
        cue(1_500, 1_600, "hm"),
        cue(2_000, 3_000, "So."),
    ];
    library.put_transcript(ann, id, snapshot(2, cut_anew)).await.unwrap();
    let transcript = library.transcript(&nobody, key).await.unwrap();
    assert_eq!(
        texts(&transcript),
        ["Hello world", "So."],
        "where a person wrote no machine does, however it cuts"
    );
    assert_eq!(
        code(library.edit_transcript(ann, id, edit(700, Some("x"))).await),
        Some(ErrorCode::Conflict)
    );
    assert_ne!(
        library.captions(&nobody, key).await.unwrap().etag,
        captions.etag,
        "another transcript has another tag"
    );
    let transcript =
        library.edit_transcript(ann, id, edit(1_000, Some("hm indeed"))).await.unwrap();
    assert_eq!(
        texts(&transcript),
        ["Hello world", "hm indeed", "So."],
        "what was taken out can be brought back"
    );

    for (late, cues) in [(1, vec![cue(0, 9_000, "late")]), (2, vec![cue(0, 9_000, "again")])] {
        library.put_transcript(ann, id, snapshot(late, cues)).await.unwrap();
        assert_eq!(
            library.transcript(&nobody, key).await.unwrap(),
            transcript,
            "a late or repeated snapshot is passed over"
        );
    }
}

#[tokio::test]
async fn a_person_s_title_summary_chapters_and_tasks_stay() {
    let world = World::new().await;
    let (clip, library, ann) = (world.sealed(STREAM).await, &world.library, &world.ann);
    let (id, key) = (clip.created.id, &clip.created.key);
    library.put_transcript(ann, id, snapshot(1, Vec::new())).await.unwrap();
    let empty = ClipChange { summary: Some(Summary::default()), ..ClipChange::default() };
    let own = library.change_clip(ann, id, empty).await.unwrap();
    assert_eq!(own.view.summary_by, Some(Origin::Person), "to empty it is to write it");
    let change = TranscriptChange {
        chapters: Some(vec![chapter(9_000, "Second"), chapter(0, "First")]),
        tasks: Some(vec![]),
        ..TranscriptChange::default()
    };
    let transcript = library.edit_transcript(ann, id, change).await.unwrap();
    assert_eq!(transcript.chapters, [chapter(0, "First"), chapter(9_000, "Second")]);
    assert_eq!(
        (transcript.chapters_by, transcript.tasks_by),
        (Some(Origin::Person), None),
        "nobody made what is not there"
    );
    library.put_transcript(ann, id, snapshot(2, Vec::new())).await.unwrap();
    let (view, transcript) =
        (library.watch(ann, key).await.unwrap(), library.transcript(ann, key).await.unwrap());
    assert_eq!((view.summary.as_str(), view.title.as_str()), ("", "../../etc/passwd"));
    assert_eq!(
        (transcript.chapters.len(), transcript.tasks.len()),
        (2, 0),
        "not even tasks that a person did away with come back"
    );

    let twice = TranscriptChange {
        chapters: Some(vec![chapter(0, "One"), chapter(0, "Two")]),
        ..edit(0, None)
    };
    assert_eq!(
        code(library.edit_transcript(ann, id, twice).await),
        Some(ErrorCode::Conflict),
        "there is no such cue"
    );
    assert_eq!(
        library.transcript(ann, key).await.unwrap(),
        transcript,
        "a refused change changes nothing"
    );
    assert_eq!(
        library.edit_transcript(ann, id, TranscriptChange::default()).await.unwrap(),
        transcript
    );
    assert_eq!(
        library.watch(ann, key).await.unwrap().transcript,
        view.transcript,
        "and neither does an empty one"
    );
}

#[tokio::test]
async fn only_the_author_writes_words() {
    let world = World::new().await;
    let (clip, library, bob) = (world.sealed(STREAM).await, &world.library, world.bob().await);
    let id = clip.created.id;
    let viewer = Actor::anonymous().with_link(clip.created.key.clone());
    for (actor, expected) in [(&viewer, ErrorCode::SignInNeeded), (&bob, ErrorCode::NotAllowed)] {
        assert_eq!(
            code(library.put_transcript(actor, id, snapshot(1, Vec::new())).await),
            Some(expected)
        );
        assert_eq!(
            code(library.edit_transcript(actor, id, TranscriptChange::default()).await),
            Some(expected)
        );
    }
    let gone = ClipId::new();
    assert_eq!(
        code(library.put_transcript(&world.ann, gone, snapshot(1, Vec::new())).await),
        Some(ErrorCode::NotFound)
    );
    let bad = snapshot(1, vec![cue(1_000, 1_000, "nothing")]);
    assert_eq!(
        code(library.put_transcript(&world.ann, id, bad).await),
        Some(ErrorCode::BadRequest)
    );
    assert_eq!(world.own(&clip).await.view.transcript, None, "a refused transcript leaves nothing");
}

/// Everything a reader may ask for of the words of a clip.
async fn reads(
    library: &Library,
    actor: &Actor,
    clip: &crate::rig::Clip,
) -> (ClipView, Vec<Option<ErrorCode>>) {
    let key = &clip.created.key;
    let answers = vec![
        code(library.transcript(actor, key).await),
        code(library.captions(actor, key).await),
        code(library.chapters(actor, key).await),
        code(library.transcript_text(actor, key).await),
    ];
    (library.watch(actor, key).await.unwrap(), answers)
}

#[tokio::test]
async fn what_is_said_is_kept_back_as_long_as_the_clip_is() {
    let world = World::new().await;
    let (library, ann, bob) = (&world.library, &world.ann, world.bob().await);
    let clip = world.create(false).await;
    let (id, key) = (clip.created.id, &clip.created.key);
    let (ranges, _) = pieces(STREAM);
    world.send(&clip, 0, &STREAM[..ranges[1].end], false).await.unwrap();
    let mut events = library.events(&Actor::anonymous(), key).await.unwrap();
    library
        .put_transcript(ann, id, snapshot(1, vec![cue(0, 1_000, "Machine secret")]))
        .await
        .unwrap();
    let new = NewReply {
        body: ReplyBody::new("machine reply").unwrap(),
        name: None,
        anchor: None,
        parent: None,
    };
    library.post_reply(&bob, key, new).await.unwrap();

    let viewer = Actor::anonymous();
    for actor in [&viewer, &bob] {
        let (view, answers) = reads(library, actor, &clip).await;
        assert_eq!(answers, [Some(ErrorCode::Conflict); 4], "words are played, not seen");
        assert_eq!(
            (view.summary.as_str(), view.summary_html.as_str(), view.summary_by),
            ("", "", None)
        );
        assert_eq!((view.transcript, view.captions, view.chapters), (None, None, None));
        assert_eq!(view.title.as_str(), "../../etc/passwd", "what a person wrote is no secret");
    }
    while let Some(Ok(event)) = events.recv().now_or_never() {
        let heard = format!("{event:?}");
        assert!(!heard.contains("Machine"), "nor is it told to those who listen: {heard}");
    }
    let listed = library.clips(&bob, ClipFilter::default(), None, 10).await.unwrap().clips;
    assert_eq!(listed[0].view.summary.as_str(), "");
    let found = async |actor: &Actor| {
        let hits = library.search(actor, "machine", 50).await.unwrap().hits;
        hits.iter().map(|hit| hit.place).collect::<BTreeSet<_>>()
    };
    assert_eq!(
        found(&bob).await,
        BTreeSet::from([SearchPlace::Reply]),
        "what one may not read one does not find"
    );
    let all = BTreeSet::from([SearchPlace::Summary, SearchPlace::Cue, SearchPlace::Reply]);
    assert_eq!(found(ann).await, all, "authors find their own");
    assert_eq!(code(library.search(&viewer, "machine", 50).await), Some(ErrorCode::SignInNeeded));
    let with_link = Actor::anonymous().with_link(key.clone());
    assert_eq!(
        code(library.search(&with_link, "machine", 50).await),
        Some(ErrorCode::SignInNeeded),
        "a link shows one clip"
    );
    let (view, answers) = reads(library, ann, &clip).await;
    assert_eq!(
        (view.summary.as_str(), answers),
        ("Machine summary 1", vec![None; 4]),
        "its author may look"
    );

    let stop = ClipChange { stopped: Some(true), ..ClipChange::default() };
    library.change_clip(ann, id, stop).await.unwrap();
    for actor in [&viewer, &bob] {
        let (view, answers) = reads(library, actor, &clip).await;
        assert_eq!(
            (view.summary.as_str(), answers),
            ("Machine summary 1", vec![None; 4]),
            "what may be watched may be read"
        );
    }
    assert_eq!(found(&bob).await, all);
    library.delete_clip(ann, id).await.unwrap();
    assert_eq!(found(ann).await, BTreeSet::new());

    let live = world.create(true).await;
    library
        .put_transcript(ann, live.created.id, snapshot(1, vec![cue(0, 1_000, "Machine secret")]))
        .await
        .unwrap();
    assert_eq!(
        reads(library, &viewer, &live).await.1,
        [None; 4],
        "who may watch live may read along"
    );
}

#[tokio::test]
async fn a_search_shows_the_best_few_of_each_clip() {
    let world = World::new().await;
    let (library, ann) = (&world.library, &world.ann);
    let (one, two) = (world.sealed(STREAM).await, world.sealed(STREAM).await);
    let said = |texts: &[&str]| {
        texts
            .iter()
            .zip(0..)
            .map(|(text, n)| cue(n * 1_000, n * 1_000 + 900, text))
            .collect::<Vec<_>>()
    };
    let many = said(&[
        "the export is slow",
        "the export",
        "an export of many things",
        "export",
        "one export more",
    ]);
    library.put_transcript(ann, one.created.id, snapshot(1, many)).await.unwrap();
    let few = said(&["the invoices are late", "because of an export", "which we knew"]);
    library.put_transcript(ann, two.created.id, snapshot(1, few)).await.unwrap();

    let hits = library.search(ann, "export", 50).await.unwrap().hits;
    let clips: Vec<ClipId> = hits.iter().map(|hit| hit.clip).collect();
    let (a, b) = (one.created.id, two.created.id);
    assert_eq!(clips, [a, a, a, b], "at most three of a clip, together");
    assert_eq!((hits[0].snippet[0].text.as_str(), hits[0].snippet[0].hit), ("export", true));
    assert_eq!(
        (hits[0].at_us, hits[0].key.clone()),
        (Some(Micros::from_secs(3)), one.created.key.clone())
    );
    assert_eq!((hits[0].author.as_str(), hits[0].title.as_str()), ("Ann", "../../etc/passwd"));
    assert_eq!(library.search(ann, "export", 2).await.unwrap().hits.len(), 2);
    assert_eq!(
        library.search(ann, "export", 0).await.unwrap().hits.len(),
        1,
        "an answer has room for at least one"
    );

    let apart = library.search(ann, "invoices knew", 50).await.unwrap().hits;
    let apart: Vec<_> = apart.iter().map(|hit| (hit.clip, hit.at_us)).collect();
    assert_eq!(
        apart,
        [(b, Some(Micros::ZERO)), (b, Some(Micros::from_secs(2)))],
        "words need not be said in one breath"
    );
    assert_eq!(
        library.search(ann, "invoices slow", 50).await.unwrap().hits,
        [],
        "but all of them in one clip"
    );
    assert_eq!(library.search(ann, "\"invoices knew\"", 50).await.unwrap().hits, []);
    assert_eq!(library.search(ann, "?!", 50).await.unwrap().hits, []);
    assert_eq!(code(library.search(ann, &"x".repeat(201), 50).await), Some(ErrorCode::BadRequest));
}

#[tokio::test]
async fn writers_at_once_lose_nothing() {
    let world = World::new().await;
    let (clip, library, ann) = (world.sealed(STREAM).await, &world.library, &world.ann);
    let id = clip.created.id;
    let cues: Vec<Cue> = (0..8).map(|n| cue(n * 1_000, n * 1_000 + 900, "said")).collect();
    library.put_transcript(ann, id, snapshot(1, cues.clone())).await.unwrap();
    let machine = (2..6).map(|revision| {
        let transcript = snapshot(revision, cues.clone());
        async move { library.put_transcript(ann, id, transcript).await.unwrap() }
    });
    let person = (0..8).map(|n| {
        let change = edit(n * 1_000, Some(&format!("meant {n}")));
        async move { drop(library.edit_transcript(ann, id, change).await.unwrap()) }
    });
    let all = machine
        .map(futures_util::FutureExt::boxed)
        .chain(person.map(futures_util::FutureExt::boxed));
    futures_util::future::join_all(all).await;
    let transcript = library.transcript(ann, &clip.created.key).await.unwrap();
    assert_eq!(texts(&transcript), (0..8).map(|n| format!("meant {n}")).collect::<Vec<_>>());
    assert_eq!(world.store.transcript(id).await.unwrap().unwrap().revision, 5);
}
