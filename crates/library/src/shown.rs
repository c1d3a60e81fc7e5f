//! Rows as a viewer sees them: views of clips and replies, without what is kept from that viewer.

use vignette_model::api::{ClipView, MemberClip, Reaction, Reply};
use vignette_model::text::{Summary, Title};
use vignette_model::transcript::Origin;
use vignette_model::{Span, paths};

use crate::actor::Actor;
use crate::markdown;
use crate::rules::{Action, Resource, may, reacted, to_read, wrote};
use crate::store::{Clip, ReactionRow, ReplyRow};

/// From this length on a clip is played as HLS even if it is sealed: the index of a long MP4 is large.
const PREFERS_HLS_FROM: Span = Span::from_secs(600);

/// A clip for `actor`, who may see it.
pub(crate) fn clip(actor: &Actor, clip: &Clip) -> ClipView {
    let may = |action| may(actor, action, Resource::Clip(clip)).is_ok();
    let open = may(Action::Play);
    let readable = |by: &Option<Origin>| may(to_read(by.as_ref()));
    let (title, summary) = (readable(&clip.title_by), readable(&clip.summary_by));
    let transcript = clip.transcript.filter(|_| open);
    let head = clip.recording.head;
    ClipView {
        title: if title { clip.title.clone() } else { Title::default() },
        summary_html: if summary {
            markdown::summary_html(clip.summary.as_str())
        } else {
            String::new()
        },
        summary: if summary { clip.summary.clone() } else { Summary::default() },
        author: clip.author_name.clone(),
        author_login: author_login(actor, clip),
        recorded_at_us: clip.recorded_at,
        state: clip.state(),
        live: clip.live,
        guests: clip.guests,
        duration_us: clip.recording.duration,
        size_bytes: clip.recording.offset_bytes,
        width: head.map_or(0, |head| head.width),
        height: head.map_or(0, |head| head.height),
        poster: (open && clip.poster).then(|| paths::poster(&clip.key)),
        hls: (open && clip.recording.plays()).then(|| paths::hls(&clip.key)),
        mp4: (open && clip.recording.seal.sealed().is_some()).then(|| paths::mp4(&clip.key)),
        prefers_hls: clip.recording.duration >= PREFERS_HLS_FROM,
        replies: clip.replies,
        title_by: clip.title_by.clone().filter(|_| title),
        summary_by: clip.summary_by.clone().filter(|_| summary),
        transcript: transcript.map(|transcript| transcript.mark),
        captions: transcript
            .filter(|transcript| transcript.cues)
            .map(|_| paths::captions(&clip.key)),
        chapters: transcript
            .filter(|transcript| transcript.chapters)
            .map(|_| paths::chapters(&clip.key)),
    }
}

/// A clip for `actor`, who has an account, with `link` as its whole link.
pub(crate) fn member_clip(actor: &Actor, row: &Clip, link: String) -> MemberClip {
    MemberClip {
        id: row.id,
        key: row.key.clone(),
        link,
        sealed_sha256: row.recording.seal.sealed().map(|sealed| sealed.sha256),
        mine: is_author(actor, row),
        take: is_author(actor, row).then_some(row.take),
        repliers: row.repliers.clone(),
        progress: None,
        view: clip(actor, row),
    }
}

/// Whether the clip is theirs to change.
pub(crate) fn is_author(actor: &Actor, row: &Clip) -> bool {
    may(actor, Action::Change, Resource::Clip(row)).is_ok()
}

/// The login that tells the author of a clip from others of their name, for those with an account.
pub(crate) fn author_login(actor: &Actor, row: &Clip) -> Option<String> {
    row.author_login.as_ref().filter(|_| actor.person().is_some()).map(ToString::to_string)
}

/// A reply for `actor`, who may see its clip.
pub(crate) fn reply(actor: &Actor, row: ReplyRow) -> Reply {
    Reply {
        mine: wrote(actor, &row),
        id: row.id,
        parent: row.parent,
        name: row.name,
        member: row.person.is_some(),
        login: row.login.filter(|_| actor.person().is_some()).map(|login| login.to_string()),
        body_html: row.html,
        body: row.body,
        anchor: row.anchor,
        created_at_us: row.created_at,
        edited_at_us: row.edited_at,
    }
}

/// A reaction for `actor`, who may see its clip.
pub(crate) fn reaction(actor: &Actor, row: ReactionRow) -> Reaction {
    let mine = reacted(actor, &row);
    Reaction { id: row.id, kind: row.kind, at_us: row.at, name: row.name, mine }
}
