//! The page behind a link: the clip, its transcript and its replies.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use url::Url;
use vignette_library::captions::{Paragraph, paragraphs};
use vignette_model::api::{
    ClipState, ClipView, Reaction, ReactionList, Reply, ReplyMoment, ReplyPage,
};
use vignette_model::text::Label;
use vignette_model::transcript::{FROM_FILE, Origin, TranscriptView};
use vignette_model::{Anchor, ClipId, ClipKey, ErrorCode, ReactionKind, ReplyId, UtcMicros, paths};

use super::assets::{self, Links};
use super::{ON_ITS_WAY, STYLE, description, heading, render, state_text};
use crate::http::api_error::ApiError;
use crate::http::date::Date;

/// What plays streams: the script loads it when it needs it, or the page before that.
const HLS: &str = "hls.js/dist/hls.light.mjs";

/// The page behind a link.
#[derive(Template)]
#[template(path = "watch.html")]
struct Watch<'a> {
    links: Links,
    /// Path of this page.
    page: String,
    /// The whole link.
    url: String,
    oembed: String,
    library: &'a str,
    heading: &'a str,
    clip: &'a ClipView,
    recorded: Date,
    threads: Vec<Thread<'a>>,
    /// Each kind that there is, and how often.
    reactions: Vec<ReactionCount>,
    /// Where the next page of replies begins.
    next: Option<&'a str>,
    /// Whether these are not the first.
    later: bool,
    transcript: &'a TranscriptView,
    paragraphs: Vec<Paragraph>,
    /// Language of what was said, as an attribute may have it.
    language: Option<&'a str>,
    /// What made the parts that a machine made.
    made: Made<'a>,
    card: Card<'a>,
    source: Option<Source<'a>>,
    /// Whether the script plays HLS: the element then preloads nothing.
    streams: bool,
    /// `#t=3` where the clip should start.
    start: String,
    /// A sentence about what is still missing.
    state: &'static str,
    growing: bool,
    member: Option<&'a str>,
    /// What the page script begins with, as JSON that cannot end its element.
    data: String,
}

/// A reply and its follow-ups.
struct Thread<'a> {
    /// None if the page begins within a thread.
    reply: Option<&'a Reply>,
    follow_ups: Vec<&'a Reply>,
}

impl<'a> Thread<'a> {
    /// Replies as they stand on a page: each before its follow-ups.
    fn of(replies: &'a [Reply]) -> Vec<Self> {
        let mut threads: Vec<Self> = Vec::new();
        for reply in replies {
            match threads.last_mut() {
                Some(thread) if reply.parent.is_some() => thread.follow_ups.push(reply),
                None if reply.parent.is_some() => {
                    threads.push(Self { reply: None, follow_ups: vec![reply] })
                }
                _ => threads.push(Self { reply: Some(reply), follow_ups: Vec::new() }),
            }
        }
        threads
    }
}

/// How often somebody reacted in one way.
struct ReactionCount {
    sign: &'static str,
    /// What the sign says, for those who do not see it.
    label: &'static str,
    count: usize,
}

impl ReactionCount {
    /// Of each kind that there is.
    fn all(reactions: &[Reaction]) -> Vec<Self> {
        let count = |kind: ReactionKind| {
            let (sign, label) = match kind {
                ReactionKind::ThumbsUp => ("👍", "Thumbs up"),
                ReactionKind::Heart => ("❤️", "Heart"),
                ReactionKind::Clap => ("👏", "Applause"),
                ReactionKind::Laugh => ("😂", "Laughing"),
                ReactionKind::Thinking => ("🤔", "Thinking"),
                ReactionKind::Celebrate => ("🎉", "Celebration"),
            };
            let count = reactions.iter().filter(|reaction| reaction.kind == kind).count();
            Self { sign, label, count }
        };
        ReactionKind::ALL.map(count).into_iter().filter(|shown| shown.count > 0).collect()
    }
}

/// The machines that made the parts of a page that no person has written or edited yet.
struct Made<'a> {
    title: Option<&'a str>,
    summary: Option<&'a str>,
    tasks: Option<&'a str>,
    /// Who made the chapters and the cues, in words; they may also have come with a video file.
    chapters: Option<String>,
    transcript: Option<String>,
}

/// The source of the player without JavaScript.
struct Source<'a> {
    path: &'a str,
    kind: &'static str,
}

/// What other programs show of the link. Without details until there is something to play.
struct Card<'a> {
    title: &'a str,
    description: String,
    poster: Option<String>,
    mp4: Option<String>,
    secure: bool,
}

/// The JSON that the page script begins with.
#[derive(Serialize)]
struct Island<'a> {
    key: &'a ClipKey,
    library: &'a str,
    member: Option<&'a str>,
    own: Option<ClipId>,
    clip: &'a ClipView,
    replies: IslandReplies<'a>,
    reactions: &'a [Reaction],
}

/// The first page of replies. Texts that stand in the page itself are not in it again: the script takes them from there.
#[derive(Serialize)]
struct IslandReplies<'a> {
    replies: Vec<IslandReply<'a>>,
    next: Option<&'a str>,
    moments: Option<&'a [ReplyMoment]>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum IslandReply<'a> {
    Whole(&'a Reply),
    WithoutText {
        id: ReplyId,
        parent: Option<ReplyId>,
        name: &'a str,
        member: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        login: Option<&'a str>,
        anchor: Option<&'a Anchor>,
        created_at_us: UtcMicros,
        edited_at_us: Option<UtcMicros>,
        mine: bool,
    },
}

impl<'a> IslandReplies<'a> {
    fn new(page: &'a ReplyPage, texts_are_shown: bool) -> Self {
        let reply = |reply: &'a Reply| {
            if !texts_are_shown {
                return IslandReply::Whole(reply);
            }
            IslandReply::WithoutText {
                id: reply.id,
                parent: reply.parent,
                name: &reply.name,
                member: reply.member,
                login: reply.login.as_deref(),
                anchor: reply.anchor.as_ref(),
                created_at_us: reply.created_at_us,
                edited_at_us: reply.edited_at_us,
                mine: reply.mine,
            }
        };
        Self {
            replies: page.replies.iter().map(reply).collect(),
            next: page.next.as_deref(),
            moments: page.moments.as_deref(),
        }
    }
}

/// What the watch page is made of.
pub(crate) struct Watched<'a> {
    /// Where the library is.
    pub base: &'a Url,
    /// What it is called.
    pub library: &'a str,
    /// The link's key.
    pub key: &'a ClipKey,
    /// The clip.
    pub clip: &'a ClipView,
    /// The first page of its replies.
    pub replies: &'a ReplyPage,
    /// The page of them that is shown without JavaScript, if it is a later one.
    pub later: Option<&'a ReplyPage>,
    /// All reactions to it.
    pub reactions: &'a ReactionList,
    /// Its transcript; empty while there is none, or it may not be read yet.
    pub transcript: &'a TranscriptView,
    /// The member who looks at it, if it is one.
    pub member: Option<&'a str>,
    /// The clip's id, if they are its author.
    pub own: Option<ClipId>,
    /// Seconds to begin at.
    pub start_secs: Option<u64>,
}

/// The page behind a link.
///
/// # Errors
/// [`ErrorCode::Internal`] if it cannot be written.
pub(crate) fn watch(watched: &Watched<'_>) -> Result<Response, ApiError> {
    let Watched { base, library, key, clip, replies, later, transcript, member, own, .. } =
        *watched;
    let reactions = watched.reactions.reactions.as_slice();
    let absolute = |path: &str| base.join(path).map(String::from).unwrap_or_default();
    let page = paths::page(key);
    let url = absolute(&page);
    let oembed = base.join(paths::OEMBED).map(|mut o| {
        String::from({
            o.query_pairs_mut().append_pair("url", &url);
            o
        })
    });
    let streams = clip.mp4.is_none() || clip.prefers_hls;
    let heading = heading(clip);
    let source = source(clip);
    let card = match source {
        Some(_) => Card {
            title: heading,
            description: description(clip),
            poster: clip.poster.as_deref().map(absolute),
            mp4: clip.mp4.as_deref().map(absolute),
            secure: base.scheme() == "https",
        },
        None => Card {
            title: ON_ITS_WAY,
            description: String::new(),
            poster: None,
            mp4: None,
            secure: false,
        },
    };
    let first = IslandReplies::new(replies, later.is_none());
    let island = serde_json::to_string(&Island {
        key,
        library,
        member,
        own,
        clip,
        replies: first,
        reactions,
    });
    let data = in_script(
        &island
            .map_err(|_| ApiError::new(ErrorCode::Internal, "The page could not be written."))?,
    );
    render(&Watch {
        links: assets::links(&[STYLE, "watch.html"], streams.then_some(HLS)),
        page,
        oembed: oembed.unwrap_or_default(),
        library,
        heading,
        recorded: clip.recorded_at_us.into(),
        reactions: ReactionCount::all(reactions),
        threads: Thread::of(&later.unwrap_or(replies).replies),
        next: later.unwrap_or(replies).next.as_deref(),
        later: later.is_some(),
        transcript,
        paragraphs: paragraphs(&transcript.cues, &transcript.chapters),
        language: transcript.language.as_ref().and_then(language_tag),
        made: Made {
            title: machine(clip.title_by.as_ref()),
            summary: machine(clip.summary_by.as_ref()),
            chapters: machine(transcript.chapters_by.as_ref()).map(|model| {
                by(model, "Chapters by a machine", "These chapters came with the video file")
            }),
            tasks: machine(transcript.tasks_by.as_ref()),
            transcript: transcript
                .transcribed_by
                .as_ref()
                .filter(|_| transcript.cues.iter().any(|shown| !shown.edited))
                .map(|model| {
                    by(model.as_str(), "Heard by a machine", "Subtitles of the video file")
                }),
        },
        card,
        source,
        streams,
        start: watched.start_secs.map(|secs| format!("#t={secs}")).unwrap_or_default(),
        state: state_text(clip),
        growing: matches!(clip.state, ClipState::Recording | ClipState::Arriving),
        member,
        data,
        url,
        clip,
    })
}

/// The machine that made something, if it was one.
fn machine(by: Option<&Origin>) -> Option<&str> {
    match by {
        Some(Origin::Machine { model }) => Some(model.as_str()),
        Some(Origin::Person) | None => None,
    }
}

/// What made something, by name, unless it came with a video file.
fn by(model: &str, machine: &str, file: &str) -> String {
    if model == FROM_FILE { file.to_owned() } else { format!("{machine} ({model})") }
}

/// A language tag, if it looks like one (RFC 5646 §2.1).
fn language_tag(label: &Label) -> Option<&str> {
    let subtag =
        |tag: &str| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric());
    Some(label.as_str()).filter(|text| text.split('-').all(subtag))
}

/// The sealed MP4 where there is one: it plays in every browser.
fn source(clip: &ClipView) -> Option<Source<'_>> {
    let mp4 = clip.mp4.as_deref().map(|path| Source { path, kind: "video/mp4" });
    mp4.or_else(|| {
        clip.hls.as_deref().map(|path| Source { path, kind: "application/vnd.apple.mpegurl" })
    })
}

/// JSON that no content can turn into the end of its element, nor into script.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_data_element() {
        let json = in_script(r#"{"title":"</script><!--<script>&\u2028"}"#);
        assert!(!json.contains(['<', '>', '&']), "{json}");
        let back: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(back["title"], "</script><!--<script>&\u{2028}", "it is the same JSON");
    }
}
