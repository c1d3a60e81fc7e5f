//! What a demonstration shows: the whole way of a clip once, without a display, a camera or a
//! microphone. A program records [`demo_plan`], then watches the clip and replies to it as somebody
//! who has only the link.

use std::time::Duration;

use vignette_model::api::{CreatedClip, NewReply, Reply};
use vignette_model::text::{PersonName, ReplyBody, Summary, Title};
use vignette_model::{Anchor, Clock as _, Micros, Span, SystemClock};
use vignette_recorder::{Client, DeviceSelector, Plan, Sources, SyntheticTalker};

use crate::{Studio, StudioError};

/// How long a viewer asks for the end of the clip before the demonstration has failed.
const PLAYABLE_TIMEOUT: Span = Span::from_secs(30);
/// How long between two such questions; short, since how soon the clip is playable is measured.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// A take of `screen`, a voice and a camera that are synthetic.
///
/// # Errors
/// None but ours: the texts have to fit.
pub fn demo_plan(screen: DeviceSelector, duration: Duration) -> Result<Plan, StudioError> {
    let microphone = DeviceSelector::Named(SyntheticTalker::SELECTOR.into());
    let summary = "A clip that a computer made by itself.\n\n- a screen on which something moves\n\
                   - a camera that is drawn\n- a voice that is synthesised";
    Ok(Plan {
        sources: Sources::new(screen, DeviceSelector::Synthetic, microphone),
        countdown_s: 0,
        duration: Some(duration),
        title: Title::new("The way of a clip")?,
        summary: Summary::new(summary)?,
        ..Plan::default()
    })
}

impl Studio {
    /// Asks as a player does, without an account, until the playlist is at its end and the last
    /// fragment can be had.
    ///
    /// # Errors
    /// The library's last refusal, or that the clip did not come, if that takes longer than half a
    /// minute.
    pub async fn until_playable(&self, clip: &CreatedClip) -> Result<(), StudioError> {
        let viewer = Client::new(&self.library_url(), None)?;
        let clock = SystemClock::new();
        let end = clock.monotonic() + PLAYABLE_TIMEOUT;
        loop {
            let refused = match viewer.last_fragment(&clip.key).await {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => StudioError::NotPlayable,
                Err(error) => error.into(),
            };
            if clock.monotonic() > end {
                return Err(refused);
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Replies to a clip as somebody without an account.
    ///
    /// # Errors
    /// As [`Client::post_reply`].
    pub async fn reply_as_viewer(&self, clip: &CreatedClip) -> Result<Reply, StudioError> {
        let viewer = Client::new(&self.library_url(), None)?;
        let reply = NewReply {
            body: ReplyBody::new("This moment is worth a reply.")?,
            name: Some(PersonName::new("A viewer")?),
            anchor: Some(Anchor::moment(Micros::from_secs(3))),
            parent: None,
        };
        Ok(viewer.post_reply(&clip.key, &reply).await?.reply)
    }
}
