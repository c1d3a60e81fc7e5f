//! The suite of stores: what is found is what is there.

use std::collections::BTreeSet;

use vignette_model::text::{CueText, ReplyBody, Summary, Title};
use vignette_model::transcript::{SearchPlace, SnippetPiece};
use vignette_model::{ClipId, Micros, ReplyId, TakeId, UtcMicros};

use super::store::{ROOM, create, later, reply};
use super::transcript::{cue, label};
use crate::markdown::{reply as rendered, summary_text};
use crate::people::Person;
use crate::store::{CueRow, Found, Kept, MachineTexts, ReplyRow, RowChange, Store, Term, TranscriptRow};

fn word(text: &str) -> Term {
    Term { text: text.to_owned(), begun: false }
}

fn begun(text: &str) -> Term {
    Term { text: text.to_owned(), begun: true }
}

type Place = (ClipId, SearchPlace, Option<Micros>);

fn places(found: &[Found]) -> Vec<Place> {
    found.iter().map(|found| (found.clip, found.place, found.at)).collect()
}

async fn add(store: &dyn Store, row: &ReplyRow) -> bool {
    let text = rendered(row.body.as_str()).unwrap().text;
    store.add_reply(row, &text, &ROOM).await.unwrap() == Kept::Yes
}

async fn rewrite(store: &dyn Store, id: ReplyId, words: &str, at: UtcMicros) {
    let rendered = rendered(words).unwrap();
    store.change_reply(id, &ReplyBody::new(words).unwrap(), &rendered, at, &ROOM).await.unwrap();
}

pub(super) async fn search(store: &dyn Store, ann: &Person) {
    everywhere(store, ann).await;
    in_order(store, ann).await;
    harmless(store, ann).await;
    for seed in 1..=4 {
        equal_to_the_rows(store, ann, seed).await;
    }
}

async fn find(store: &dyn Store, terms: &[Term]) -> Vec<Place> {
    places(&store.search(terms, 100, 0, 1_000).await.unwrap())
}

/// Title, summary, cues and replies; case, accents, beginnings and phrases.
async fn everywhere(store: &dyn Store, ann: &Person) {
    let id = create(store, ann, TakeId::new(), "everywhere").await.id;
    let change = RowChange {
        title: Some(Title::new("Zebra Crossing").unwrap()),
        summary: Some(Summary::new("Why the **zebra** [crosses](https://hidden.example)").unwrap()),
        ..RowChange::default()
    };
    store.change_clip(id, &change).await.unwrap();
    let cues = vec![cue(3, "A ZEBRA is no horse"), CueRow { edited: true, hidden: true, ..cue(5, "zebra zebra") }];
    let transcript = TranscriptRow { version: 1, cues, ..TranscriptRow::default() };
    assert!(store.put_transcript(id, &transcript, None).await.unwrap());
    let mut answer = reply(id, None, Some(ann), 1);
    (answer.body, answer.at) = (ReplyBody::new("Żébra, `indeed`").unwrap(), Some(Micros::from_secs(9)));
    assert!(add(store, &answer).await);

    let title = (id, SearchPlace::Title, None);
    let summary = (id, SearchPlace::Summary, None);
    let said = (id, SearchPlace::Cue, Some(Micros::from_secs(3)));
    let replied = (id, SearchPlace::Reply, Some(Micros::from_secs(9)));
    let all = find(store, &[word("zebra")]).await;
    assert_eq!(all.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from([title, summary, said, replied]));
    assert_eq!(all.len(), 4, "each once, and what a person took out is not found");
    assert_eq!(all[0], title, "a title says more than a sentence of many");
    assert_eq!(find(store, &[begun("zeb")]).await.len(), 4);
    assert_eq!(find(store, &[word("zeb")]).await, [], "a word is a whole word");
    assert_eq!(find(store, &[word("is no")]).await, [said]);
    assert_eq!(find(store, &[word("no is")]).await, [], "words in quotes stand in this order");
    assert_eq!(find(store, &[word("horse"), begun("zebra")]).await, [said], "all words stand there");
    assert_eq!(find(store, &[word("horse"), word("crossing")]).await, []);
    assert_eq!(find(store, &[begun("is no ho")]).await, [said], "the last word of a phrase may be only begun");
    assert_eq!(find(store, &[word("INDEED")]).await, [replied]);
    assert_eq!(find(store, &[word("hidden")]).await, [], "what Markdown hides is not found");
    assert_eq!(find(store, &[]).await, []);
    let found = store.search(&[word("horse")], 1, 0, 1).await.unwrap();
    let piece = |text: &str, hit| SnippetPiece { text: text.to_owned(), hit };
    assert_eq!(found[0].snippet, [piece("A ZEBRA is no ", false), piece("horse", true)], "a match is set apart");

    rewrite(store, answer.id, "A horse", later(2)).await;
    assert_eq!(find(store, &[word("indeed")]).await, [], "what was changed is found no more");
    assert_eq!(find(store, &[word("horse")]).await.len(), 2);
    store.delete_reply(answer.id).await.unwrap();
    assert_eq!(find(store, &[word("horse")]).await, [said]);
    store.delete_clip(id).await.unwrap();
    assert_eq!(find(store, &[word("zebra")]).await, [], "what was deleted is found no more");
}

/// The best first, few of a kind, in pages.
async fn in_order(store: &dyn Store, ann: &Person) {
    let mut clips = Vec::new();
    for _ in 0..3 {
        let id = create(store, ann, TakeId::new(), &ClipId::new().to_string()).await.id;
        let others = |n: u8| "and others ".repeat(n.into());
        let cues = (0..9).map(|n| cue(u64::from(n) * 2, &format!("walrus {}", others(n)))).collect();
        assert!(store.put_transcript(id, &TranscriptRow { version: 1, cues, ..TranscriptRow::default() }, None).await.unwrap());
        clips.push(id);
    }
    let terms = [word("walrus")];
    let all = store.search(&terms, 4, 0, 100).await.unwrap();
    assert_eq!(all.len(), 12, "at most four of a kind of each clip");
    assert_eq!(all[0].at, Some(Micros::ZERO), "where it is all that is said comes first");
    let mut paged = Vec::new();
    while let page = store.search(&terms, 4, u32::try_from(paged.len()).unwrap(), 5).await.unwrap()
        && !page.is_empty()
    {
        assert!(page.len() <= 5);
        paged.extend(page);
    }
    assert_eq!(paged, all, "pages neither overlap nor leave out");
    for id in clips {
        store.delete_clip(id).await.unwrap();
    }
}

/// Nothing that somebody types is an error, or anything but text.
async fn harmless(store: &dyn Store, ann: &Person) {
    let id = create(store, ann, TakeId::new(), "harmless").await.id;
    let cues = vec![cue(0, "NEAR and far, say \"hello\" OR not")];
    assert!(store.put_transcript(id, &TranscriptRow { version: 1, cues, ..TranscriptRow::default() }, None).await.unwrap());
    let said = [(id, SearchPlace::Cue, Some(Micros::ZERO))];
    for text in ["NEAR", "near and", "say \"hello\"", "hello\" or", "OR", "far,", "(far)", "far*", "^far", "-far", "NEAR(far"] {
        let expected = if text == "NEAR(far" { &[][..] } else { &said };
        assert_eq!(find(store, &[word(text)]).await, expected, "{text}");
    }
    for text in [
        "\"",
        "\"\"\"x",
        "text:far",
        "{text} : far",
        "far AND",
        "x NOT",
        "'; DROP TABLE clips; --",
        "%",
        "\\x",
        "a\u{301}",
        "字",
        "𝒳",
    ] {
        store.search(&[word(text), begun(text)], 3, 0, 10).await.unwrap();
    }
    store.delete_clip(id).await.unwrap();
}

/// Whatever is done to rows, what is found is what a look at all of them finds.
async fn equal_to_the_rows(store: &dyn Store, ann: &Person, seed: u64) {
    const WORDS: [&str; 6] = ["quokka", "numbat", "bilby", "quoll", "potoroo", "**wombat**"];
    let mut state = seed;
    let mut pick = |most: usize| {
        // splitmix64: the same sequence on every computer.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % most as u64).unwrap()
    };
    let mut clips = Vec::new();
    let mut replies: Vec<(ClipId, ReplyId)> = Vec::new();
    for step in 0..60 {
        let text = (0..pick(4)).map(|_| WORDS[pick(WORDS.len())]).collect::<Vec<_>>().join(" ");
        let some_text = format!("{text} words");
        if clips.is_empty() || pick(8) == 0 {
            clips.push(create(store, ann, TakeId::new(), &format!("{seed} {step}")).await.id);
        }
        let id = clips[pick(clips.len())];
        let any_reply = (!replies.is_empty()).then(|| replies[pick(replies.len().max(1))].1);
        match pick(9) {
            0 => drop(
                store
                    .change_clip(id, &RowChange { title: Some(Title::new(&text).unwrap()), ..RowChange::default() })
                    .await
                    .unwrap(),
            ),
            1 => drop(
                store
                    .change_clip(id, &RowChange { summary: Some(Summary::new(&text).unwrap()), ..RowChange::default() })
                    .await
                    .unwrap(),
            ),
            2 | 3 => {
                let before = store.transcript(id).await.unwrap().unwrap_or_default();
                let cues = (0..pick(6) as u64).map(|n| {
                    let hidden = pick(4) == 0;
                    let said = format!("{} {}", WORDS[pick(WORDS.len())].trim_matches('*'), pick(3));
                    let mut row = cue(n * 2, &said);
                    row.cue.text = CueText::new(&said).unwrap();
                    CueRow { edited: hidden, hidden, ..row }
                });
                let transcript = TranscriptRow { version: before.version + 1, cues: cues.collect(), ..before };
                let (title, summary) = (Title::new(&text).unwrap(), Summary::new(&text).unwrap());
                let texts = MachineTexts { title: &title, summary: &summary, insights_by: &label("rules") };
                assert!(store.put_transcript(id, &transcript, Some(texts)).await.unwrap());
            }
            4 | 5 => {
                let mut row = reply(id, None, None, 1);
                row.body = ReplyBody::new(&some_text).unwrap();
                assert!(add(store, &row).await);
                replies.push((id, row.id));
            }
            6 => {
                if let Some(reply) = any_reply {
                    rewrite(store, reply, &some_text, later(3)).await;
                }
            }
            7 => {
                if let Some(reply) = any_reply {
                    store.delete_reply(reply).await.unwrap();
                    replies.retain(|(_, known)| *known != reply);
                }
            }
            _ => {
                if pick(3) == 0 {
                    store.delete_clip(id).await.unwrap();
                    clips.retain(|known| *known != id);
                    replies.retain(|(clip, _)| *clip != id);
                }
            }
        }
        if step % 6 == 5 {
            for word in WORDS.map(|word| word.trim_matches('*')) {
                let mut found = find(store, &[self::word(word)]).await;
                found.sort_unstable();
                assert_eq!(found, looked_for(store, &clips, word).await, "{word} after {step} steps of seed {seed}");
            }
        }
    }
    for id in clips {
        store.delete_clip(id).await.unwrap();
    }
}

/// Where a word stands, by looking at every row.
async fn looked_for(store: &dyn Store, clips: &[ClipId], word: &str) -> Vec<Place> {
    let has = |text: &str| text.split_whitespace().any(|one| one.trim_matches('*') == word);
    let mut places = Vec::new();
    for &id in clips {
        let clip = store.clip(id).await.unwrap().unwrap();
        let title = has(clip.title.as_str()).then_some((id, SearchPlace::Title, None));
        let summary = has(&summary_text(clip.summary.as_str())).then_some((id, SearchPlace::Summary, None));
        let transcript = store.transcript(id).await.unwrap().unwrap_or_default();
        let cues = transcript.cues.iter().filter(|row| !row.hidden && has(row.cue.text.as_str()));
        let replies = store.replies(id, None, 1_000).await.unwrap();
        let replies = replies.iter().filter(|row| has(&rendered(row.body.as_str()).unwrap().text));
        places.extend(title.into_iter().chain(summary));
        places.extend(cues.map(|row| (id, SearchPlace::Cue, Some(row.cue.start_us))));
        places.extend(replies.map(|row| (id, SearchPlace::Reply, row.at)));
    }
    places.sort_unstable();
    places
}
