//! Asking a language model that the person named for better insights than the rules of this
//! computer make.

use std::sync::Arc;

use tracing::{info, warn};
use vignette_insights::{self as insights, Endpoint};
use vignette_model::text::Label;
use vignette_model::transcript::{Insights, TranscriptSnapshot};
use vignette_model::{Problem, Span, TakeId};
use vignette_spool::Spool;

use super::Transcription;

/// Puts the insights of an endpoint in place of those that rules made, once the whole take is
/// transcribed. What is there stays if the endpoint fails.
pub(super) async fn refine_with_llm(inner: &Arc<Transcription>, take: TakeId) {
    let Some(endpoint) = inner.insights_endpoint() else { return };
    let _refining = inner.backfill.refining.lock().await;
    let spool = inner.spool.clone();
    let Ok(Some((transcript, duration))) =
        tokio::task::spawn_blocking(move || worth_asking(&spool, take)).await
    else {
        return;
    };
    let language = transcript.language.as_ref().map(Label::as_str);
    let answered = insights::refine_with_llm(
        &transcript.insights,
        &endpoint,
        &transcript.cues,
        duration,
        language,
    )
    .await;
    let (insights, insights_by) = match answered {
        Ok(answer) => answer,
        Err(error) => {
            let problem = Problem::from(error);
            let code = problem.code;
            warn!(take.id = %take, %code, "No better insights of a take; those of the rules stay");
            return inner.set_problem(Some(problem));
        }
    };
    inner.set_problem(None);
    let (spool, revision) = (inner.spool.clone(), transcript.revision);
    let chapters = if transcript.chapters_by.is_some() {
        transcript.insights.chapters.clone()
    } else {
        insights.chapters.clone()
    };
    let transcript = TranscriptSnapshot {
        insights: Insights { chapters, ..insights },
        insights_by,
        ..transcript
    };
    let put =
        tokio::task::spawn_blocking(move || put(&spool, take, revision, transcript, &endpoint));
    drop(put.await);
}

/// The transcript if an endpoint should be asked about it, and how long the take is. Nothing of a
/// discarded take goes anywhere.
fn worth_asking(spool: &Spool, take: TakeId) -> Option<(TranscriptSnapshot, Span)> {
    let transcript = spool
        .transcript(take)
        .filter(|transcript| transcript.done && !transcript.cues.is_empty())?;
    let take = spool.take(take).filter(|take| !take.details.discarded)?;
    (transcript.insights_by.as_str() == insights::EXTRACTIVE)
        .then_some((transcript, take.stream.duration_us))
}

fn put(
    spool: &Spool,
    take: TakeId,
    revision: u64,
    transcript: TranscriptSnapshot,
    endpoint: &Endpoint,
) {
    // Compares revisions: the take may have been transcribed anew meanwhile.
    if spool
        .take(take)
        .and_then(|take| take.transcript.version)
        .is_none_or(|mark| mark.version != revision)
    {
        return;
    }
    match spool.put_transcript(take, transcript) {
        Ok(_) => info!(take.id = %take, model = %endpoint.model, "A take has better insights"),
        Err(error) => warn!(take.id = %take, %error, "Better insights could not be kept"),
    }
}
