//! Promises of stores: what is found is what is there.

use std::collections::BTreeSet;

use vignette_model::text::{CueText, ReplyBody, Summary, Title};
use vignette_model::transcript::{SearchPlace, SnippetPiece};
use vignette_model::{Anchor, ClipId, Micros, ReplyId, TakeId};

use super::fixture::{NOW, UNLIMITED, a_clip, a_member, create, cue, label, later, olga, reply};
use crate::actor::{Person, Viewer};
use crate::markdown::{reply as rendered, summary_text};
use crate::store::{
    CueRow, FoundPassage, Kept, MachineTexts, ReplyRow, RowChange, Store, Term, TranscriptRow,
};

pub(super) fn word(text: &str) -> Term {
    Term { text: text.to_owned(), begun: false }
}

fn begun(text: &str) -> Term {
    Term { text: text.to_owned(), begun: true }
}

/// Where something is found.
type Place = (ClipId, SearchPlace, Option<Micros>);

fn places(found: &[FoundPassage]) -> Vec<Place> {
    found.iter().map(|found| (found.clip, found.place, found.at)).collect()
}

/// The author of the clips that these promises make, who may read all of them.
async fn author(store: &dyn Store) -> Viewer {
    Viewer { person: store.owner().await.unwrap().map(|person| person.id), link: None }
}

/// All places, in the store's order.
async fn find(store: &dyn Store, terms: &[Term]) -> Vec<Place> {
    places(&store.search(&author(store).await, terms, 100, 0, 1_000).await.unwrap())
}

async fn say(store: &dyn Store, id: ClipId, cues: Vec<CueRow>) {
    let before = store.transcript(id).await.unwrap().unwrap_or_default();
    let words = TranscriptRow { version: before.version + 1, cues, ..before };
    assert!(store.put_transcript(id, &words, None).await.unwrap());
}

async fn entitle(store: &dyn Store, id: ClipId, title: &str) {
    let change = RowChange { title: Some(Title::new(title).unwrap()), ..RowChange::default() };
    store.change_clip(id, &change).await.unwrap().unwrap();
}

async fn summarise(store: &dyn Store, id: ClipId, summary: &str) {
    let summary = Some(Summary::new(summary).unwrap());
    let change = RowChange { summary, ..RowChange::default() };
    store.change_clip(id, &change).await.unwrap().unwrap();
}

async fn add(store: &dyn Store, clip: ClipId, body: &str, at: Option<Micros>) -> ReplyId {
    let body = ReplyBody::new(body).unwrap();
    let text = rendered(body.as_str()).unwrap().text;
    let row = ReplyRow { body, anchor: at.map(Anchor::moment), ..reply(clip, None, None, 1) };
    assert_eq!(store.add_reply(&row, &text, &UNLIMITED).await.unwrap(), Kept::Yes);
    row.id
}

async fn rewrite(store: &dyn Store, id: ReplyId, text: &str) {
    let (body, rendered) = (ReplyBody::new(text).unwrap(), rendered(text).unwrap());
    let kept = store.change_reply(id, &body, &rendered, later(2), &UNLIMITED).await.unwrap();
    assert_eq!(kept, Kept::Yes);
}

/// A clip in which "zebra" stands everywhere, and these places.
async fn zebras(store: &dyn Store) -> (ClipId, [Place; 4]) {
    let id = a_clip(store).await;
    entitle(store, id, "Zebra Crossing").await;
    summarise(store, id, "Why the **zebra** [crosses](https://hidden.example)").await;
    let hidden = CueRow { edited: true, hidden: true, ..cue(5, "zebra unseen") };
    say(store, id, vec![cue(3, "A ZEBRA is no horse"), hidden]).await;
    add(store, id, "Żébra, `indeed`", Some(Micros::from_secs(9))).await;
    let places = [
        (id, SearchPlace::Title, None),
        (id, SearchPlace::Summary, None),
        (id, SearchPlace::Cue, Some(Micros::from_secs(3))),
        (id, SearchPlace::Reply, Some(Micros::from_secs(9))),
    ];
    (id, places)
}

pub async fn titles_summaries_cues_and_replies_are_found(store: &dyn Store) {
    let (_, places) = zebras(store).await;
    let found = find(store, &[word("zebra")]).await;
    assert_eq!(found.len(), 4, "each once");
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from(places));
    assert_eq!(find(store, &[]).await, [], "no term means nothing");
}

pub async fn what_a_person_took_out_is_not_found(store: &dyn Store) {
    zebras(store).await;
    assert_eq!(find(store, &[word("unseen")]).await, []);
}

pub async fn what_markdown_hides_is_not_found(store: &dyn Store) {
    let (_, [_, summary, ..]) = zebras(store).await;
    assert_eq!(find(store, &[word("hidden")]).await, []);
    assert_eq!(find(store, &[word("crosses")]).await, [summary]);
}

pub async fn case_and_accents_do_not_matter(store: &dyn Store) {
    let (_, places) = zebras(store).await;
    for text in ["zebra", "ZEBRA", "Zébra"] {
        assert_eq!(find(store, &[word(text)]).await.len(), places.len(), "{text}");
    }
}

pub async fn a_word_is_a_whole_word_unless_it_is_only_begun(store: &dyn Store) {
    let (_, places) = zebras(store).await;
    assert_eq!(find(store, &[word("zeb")]).await, []);
    assert_eq!(find(store, &[begun("zeb")]).await.len(), places.len());
}

pub async fn a_phrase_is_its_words_in_this_order(store: &dyn Store) {
    let (_, [_, _, said, _]) = zebras(store).await;
    assert_eq!(find(store, &[word("is no")]).await, [said]);
    assert_eq!(find(store, &[word("no is")]).await, []);
    assert_eq!(find(store, &[begun("is no ho")]).await, [said], "its last word may be begun");
}

pub async fn all_terms_stand_in_one_passage(store: &dyn Store) {
    let (_, [_, _, said, _]) = zebras(store).await;
    assert_eq!(find(store, &[word("horse"), begun("zebra")]).await, [said]);
    assert_eq!(find(store, &[word("horse"), word("crossing")]).await, []);
}

pub async fn what_is_neither_letter_nor_digit_separates_words(store: &dyn Store) {
    let id = a_clip(store).await;
    say(store, id, vec![cue(0, "NEAR and far, say \"hello\" OR not")]).await;
    let said = [(id, SearchPlace::Cue, Some(Micros::ZERO))];
    let found = ["near and", "say \"hello\"", "hello\" or", "OR", "far,", "(far)", "far*", "-far"];
    for text in found {
        assert_eq!(find(store, &[word(text)]).await, said, "{text}");
    }
    assert_eq!(find(store, &[word("NEAR(far")]).await, [], "two words that do not follow");
}

pub async fn nothing_that_somebody_types_is_an_error(store: &dyn Store) {
    let id = a_clip(store).await;
    say(store, id, vec![cue(0, "far")]).await;
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
        "^far",
        "a\u{301}",
        "字",
        "𝒳",
    ] {
        store.search(&author(store).await, &[word(text), begun(text)], 3, 0, 10).await.unwrap();
    }
    assert_eq!(find(store, &[word("far")]).await.len(), 1, "nor anything but text");
}

pub async fn a_snippet_sets_apart_what_matches(store: &dyn Store) {
    zebras(store).await;
    let found = store.search(&author(store).await, &[word("horse")], 1, 0, 1).await.unwrap();
    let piece = |text: &str, hit| SnippetPiece { text: text.to_owned(), hit };
    assert_eq!(found[0].snippet, [piece("A ZEBRA is no ", false), piece("horse", true)]);
}

pub async fn a_title_comes_before_a_sentence_of_many(store: &dyn Store) {
    let (_, [title, ..]) = zebras(store).await;
    assert_eq!(find(store, &[word("zebra")]).await[0], title);
}

/// Three clips with nine cues each in which "walrus" stands.
async fn walruses(store: &dyn Store) {
    for _ in 0..3 {
        let id = a_clip(store).await;
        let said =
            |n: u8| cue(u64::from(n) * 2, &format!("walrus {}", "and others ".repeat(n.into())));
        say(store, id, (0..9).map(said).collect()).await;
    }
}

pub async fn few_of_a_kind_are_found_in_each_clip(store: &dyn Store) {
    walruses(store).await;
    let found = store.search(&author(store).await, &[word("walrus")], 4, 0, 100).await.unwrap();
    assert_eq!(found.len(), 12);
    assert_eq!(found[0].at, Some(Micros::ZERO), "where it is all that is said comes first");
}

pub async fn pages_neither_overlap_nor_leave_out(store: &dyn Store) {
    walruses(store).await;
    let terms = [word("walrus")];
    let all = store.search(&author(store).await, &terms, 4, 0, 100).await.unwrap();
    let mut paged = Vec::new();
    while let skip = u32::try_from(paged.len()).unwrap()
        && let page = store.search(&author(store).await, &terms, 4, skip, 5).await.unwrap()
        && !page.is_empty()
    {
        assert!(page.len() <= 5);
        paged.extend(page);
    }
    assert_eq!(paged, all);
}

pub async fn what_was_changed_or_deleted_is_found_no_more(store: &dyn Store) {
    let id = a_clip(store).await;
    let written = add(store, id, "indeed", None).await;
    rewrite(store, written, "A horse").await;
    assert_eq!(find(store, &[word("indeed")]).await, []);
    assert_eq!(find(store, &[word("horse")]).await.len(), 1);
    store.delete_reply(written).await.unwrap();
    assert_eq!(find(store, &[word("horse")]).await, []);
    say(store, id, vec![cue(0, "A horse")]).await;
    say(store, id, vec![cue(0, "A donkey")]).await;
    assert_eq!(find(store, &[word("horse")]).await, []);
    store.delete_clip(id, NOW).await.unwrap();
    assert_eq!(find(store, &[word("donkey")]).await, []);
}

/// What stands in the random libraries: a word with marks is Markdown.
const TERMS: [&str; 6] = ["quokka", "numbat", "bilby", "quoll", "potoroo", "**wombat**"];

/// splitmix64: the same sequence on every computer.
struct Random(u64);

impl Random {
    fn pick(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % most as u64).unwrap()
    }

    fn word(&mut self) -> &'static str {
        TERMS[self.pick(TERMS.len())]
    }

    fn text(&mut self) -> String {
        let count = self.pick(4);
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

/// Clips and replies that are there.
#[derive(Default)]
struct Known {
    clips: Vec<ClipId>,
    replies: Vec<(ClipId, ReplyId)>,
}

pub async fn what_is_found_is_what_a_look_at_all_rows_finds(store: &dyn Store) {
    let author = olga(store).await;
    let (mut random, mut known) = (Random(1), Known::default());
    for step in 0..120 {
        change_something(store, &author, &mut random, &mut known).await;
        if step % 8 != 7 {
            continue;
        }
        for word in TERMS.map(|word| word.trim_matches('*')) {
            let mut found = find(store, &[self::word(word)]).await;
            found.sort_unstable();
            let there = looked_for(store, &known.clips, word).await;
            assert_eq!(found, there, "{word} after {step} steps");
        }
    }
}

async fn change_something(
    store: &dyn Store,
    author: &Person,
    random: &mut Random,
    known: &mut Known,
) {
    if known.clips.is_empty() || random.pick(8) == 0 {
        let upload = ClipId::new().to_string();
        known.clips.push(create(store, author, TakeId::new(), &upload).await.id);
    }
    let (text, id) = (random.text(), known.clips[random.pick(known.clips.len())]);
    let some_text = format!("{text} text");
    let reply = known.replies.get(random.pick(known.replies.len().max(1))).map(|(_, id)| *id);
    match (random.pick(9), reply) {
        (0, _) => entitle(store, id, &text).await,
        (1, _) => summarise(store, id, &text).await,
        (2 | 3, _) => hear(store, id, &text, random).await,
        (4 | 5, _) => known.replies.push((id, add(store, id, &some_text, None).await)),
        (6, Some(reply)) => rewrite(store, reply, &some_text).await,
        (7, Some(reply)) => {
            store.delete_reply(reply).await.unwrap();
            known.replies.retain(|(_, other)| *other != reply);
        }
        (8, _) if random.pick(3) == 0 => {
            store.delete_clip(id, NOW).await.unwrap();
            known.clips.retain(|other| *other != id);
            known.replies.retain(|(clip, _)| *clip != id);
        }
        _ => {}
    }
}

/// A machine hears random cues, some of which a person takes out, and writes title and summary.
async fn hear(store: &dyn Store, id: ClipId, text: &str, random: &mut Random) {
    let before = store.transcript(id).await.unwrap().unwrap_or_default();
    let mut cues = Vec::new();
    for n in 0..random.pick(6) as u64 {
        let hidden = random.pick(4) == 0;
        let said = format!("{} {}", random.word().trim_matches('*'), random.pick(3));
        let mut row = cue(n * 2, "cue");
        row.cue.text = CueText::new(&said).unwrap();
        cues.push(CueRow { edited: hidden, hidden, ..row });
    }
    let words = TranscriptRow { version: before.version + 1, cues, ..before };
    let (title, summary) = (Title::new(text).unwrap(), Summary::new(text).unwrap());
    let texts = MachineTexts { title: &title, summary: &summary, insights_by: &label("rules") };
    assert!(store.put_transcript(id, &words, Some(texts)).await.unwrap());
}

/// Where a word stands, by looking at every row.
async fn looked_for(store: &dyn Store, clips: &[ClipId], word: &str) -> Vec<Place> {
    let has = |text: &str| text.split_whitespace().any(|one| one.trim_matches('*') == word);
    let mut places = Vec::new();
    for &id in clips {
        let clip = store.clip(id).await.unwrap().unwrap();
        let title = has(clip.title.as_str()).then_some((id, SearchPlace::Title, None));
        let summary = has(&summary_text(clip.summary.as_str()));
        let summary = summary.then_some((id, SearchPlace::Summary, None));
        let words = store.transcript(id).await.unwrap().unwrap_or_default();
        let cues = words.cues.iter().filter(|row| !row.hidden && has(row.cue.text.as_str()));
        let replies = store.replies(&a_member(), id, None, 1_000).await.unwrap();
        let replies =
            replies.into_iter().filter(|row| has(&rendered(row.body.as_str()).unwrap().text));
        places.extend(title.into_iter().chain(summary));
        places.extend(cues.map(|row| (id, SearchPlace::Cue, Some(row.cue.start_us))));
        places.extend(
            replies.map(|row| (id, SearchPlace::Reply, row.anchor.map(|anchor| anchor.start_us))),
        );
    }
    places.sort_unstable();
    places
}
