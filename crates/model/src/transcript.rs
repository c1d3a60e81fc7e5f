//! The transcript of a clip: what was said as [`Cue`]s, and what was made of it: title, summary, [`Chapter`]s and [`Task`]s.
//!
//! A machine makes them on the recorder's computer and sends whole snapshots ([`TranscriptSnapshot`]). What a person wrote stays:
//! each part carries its [`Origin`], and a snapshot replaces only what a machine made before.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Micros;
use crate::text::{ChapterTitle, CueText, Label, Summary, TaskText, Title};

/// The most cues of a clip: ten hours of one every two seconds.
pub const MAX_CUES: usize = 18_000;
/// The most chapters, and the most tasks, of a clip.
pub const MAX_CHAPTERS: usize = 200;

/// Stands in place of a model's name where a transcript is that of a video file that was taken in: its subtitles, its chapters.
pub const FROM_FILE: &str = "file";

/// Who made a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Origin {
    /// A program; it is marked as such until a person edits it.
    Machine {
        /// The model or the rules that made it, in the words of the recorder: `whisper-tiny.en`, `extractive`.
        model: Label,
    },
    /// A person: no machine changes it any more.
    Person,
}

/// A stretch of speech, a sentence or less.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cue {
    /// Where it begins in the clip.
    pub start_us: Micros,
    /// Where it ends; after `start_us`.
    pub end_us: Micros,
    /// What was said.
    pub text: CueText,
    /// Where each word of `text` (split at white space) begins, where the model says so; else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub word_starts_us: Vec<Micros>,
}

/// A part of a clip about one thing. It ends where the next begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// Where it begins in the clip.
    pub start_us: Micros,
    /// What it is about.
    pub title: ChapterTitle,
}

/// Something that somebody is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Where in the clip it is said.
    pub at_us: Micros,
    /// What is to be done.
    pub text: TaskText,
    /// Who is to do it, if it was said: a name, `me`, `team`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Label>,
    /// By when, if it was said, in the speaker's words: `Friday`, `tomorrow`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Label>,
}

/// What can be made of a transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Insights {
    /// May be empty.
    #[serde(default)]
    pub title: Title,
    /// Markdown; may be empty.
    #[serde(default)]
    pub summary: Summary,
    /// In order; none if the clip has no clear parts.
    #[serde(default)]
    pub chapters: Vec<Chapter>,
    /// In the order in which they are said.
    #[serde(default)]
    pub tasks: Vec<Task>,
}

/// All that a machine has made of a clip so far: `PUT /api/v1/clips/{id}/transcript`. The next one replaces it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TranscriptSnapshot {
    /// Rises with every snapshot of a take; the library passes over one that is not higher than what it has.
    pub revision: u64,
    /// Whether the whole clip was heard.
    pub done: bool,
    /// BCP 47 tag of the language that was heard, if known: `en`.
    #[serde(default)]
    pub language: Option<Label>,
    /// The speech model that made the cues; `file` for the subtitles of a video file.
    pub transcribed_by: Label,
    /// What was said, in order of `start_us`.
    pub cues: Vec<Cue>,
    /// What made the rest: `extractive`, or the name of a language model.
    pub insights_by: Label,
    /// What made the chapters, if something else did; `file` for those of a video file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chapters_by: Option<Label>,
    /// What was made of it.
    #[serde(default)]
    pub insights: Insights,
}

/// A cue as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShownCue {
    /// The cue.
    #[serde(flatten)]
    pub cue: Cue,
    /// Whether a person wrote it anew.
    pub edited: bool,
}

/// The transcript of a clip as a reader sees it: `GET /api/v1/c/{key}/transcript`. Title and summary stand in the clip.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TranscriptView {
    /// Whether the whole clip was heard; `false` while more is to come.
    pub done: bool,
    /// BCP 47 tag of the language, if known.
    pub language: Option<Label>,
    /// The speech model that made the cues.
    pub transcribed_by: Option<Label>,
    /// What was said, in order.
    pub cues: Vec<ShownCue>,
    /// In order.
    pub chapters: Vec<Chapter>,
    /// Who made the chapters; none if there are none.
    pub chapters_by: Option<Origin>,
    /// In order.
    pub tasks: Vec<Task>,
    /// Who made the tasks; none if there are none.
    pub tasks_by: Option<Origin>,
}

/// What a person edits in the transcript of their clip: `PATCH /api/v1/clips/{id}/transcript`. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TranscriptChange {
    /// Cues written anew, each in place of the one that begins at the same instant; an empty text takes it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cues: Vec<CueChange>,
    /// All chapters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chapters: Option<Vec<Chapter>>,
    /// All tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Vec<Task>>,
}

/// New text for a cue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CueChange {
    /// Which: where it begins.
    pub start_us: Micros,
    /// What was really said; none: nothing, the cue goes.
    #[serde(default)]
    pub text: Option<CueText>,
}

/// Which version of a clip's transcript there is; another one means that it is worth asking for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TranscriptVersion {
    /// Rises with every change, by machine or person.
    pub version: u64,
    /// Whether the whole clip was heard.
    pub done: bool,
}

/// What a search found, best first: `GET /api/v1/search?q=`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchPage {
    /// The hits.
    pub hits: Vec<SearchHit>,
}

/// One place where the words of a search stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchHit {
    /// The clip.
    pub clip: crate::ClipId,
    /// The unguessable part of its link.
    pub key: crate::ClipKey,
    /// Its title; may be empty.
    pub title: Title,
    /// Who recorded it.
    pub author: String,
    /// When it was begun.
    pub recorded_at_us: crate::UtcMicros,
    /// Path of its poster, once there is one.
    pub poster: Option<String>,
    /// In what it was found.
    pub place: SearchPlace,
    /// Who wrote it, if it is a reply.
    #[serde(default)]
    pub by: Option<ReplyWriter>,
    /// The second it leads to, for cues and pinned replies.
    pub at_us: Option<Micros>,
    /// The text around it, in pieces.
    pub snippet: Vec<SnippetPiece>,
}

/// Who wrote a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReplyWriter {
    /// What they are called.
    pub name: String,
    /// Whether they have an account here; others are guests.
    pub member: bool,
}

/// Where words were found.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SearchPlace {
    /// The title.
    Title,
    /// The summary.
    Summary,
    /// Something that was said.
    Cue,
    /// A reply.
    Reply,
}

/// A piece of text that matched, or that stands between two that did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SnippetPiece {
    /// The text.
    pub text: String,
    /// Whether it is what was searched for.
    pub hit: bool,
}
