//! Announcing: the task that reads what has changed and sends it to the listeners, see
//! [`Events`](crate::events::Events).

use tokio::task;
use vignette_model::{RecordingId, paths};

use crate::error::{LibraryError, chain};
use crate::events::{ClipNow, Event, Happened, News};
use crate::library::Library;
use crate::store::Clip;

impl Library {
    /// Has those who listen told of something, without waiting for it.
    pub(crate) fn announce(&self, news: News) {
        if !self.listeners().queue(news) {
            return;
        }
        let library = self.clone();
        self.spawn_background(async move {
            while let Some(news) = library.listeners().next() {
                // On a task of its own, so that a panic ends only this.
                let teller = library.clone();
                let told = task::spawn(async move { teller.tell(news).await }).await;
                let told = told.unwrap_or_else(|source| {
                    Err(LibraryError::Task { doing: "tell of a change", source })
                });
                if let Err(error) = told {
                    tracing::warn!(error = chain(&error), "Could not tell what has changed");
                }
            }
        });
    }

    /// Has those who listen to a recording's clip told that it is another.
    pub(crate) async fn announce_recording(&self, id: RecordingId) -> Result<(), LibraryError> {
        if let Some(clip) = self.store().clip_of(id).await? {
            self.announce(News::Clip(clip.id));
        }
        Ok(())
    }

    /// Reads how it is now, and sends it. What is not there any more is not told of.
    async fn tell(&self, news: News) -> Result<(), LibraryError> {
        let event = match news {
            News::Clip(id) => {
                let Some(clip) = self.store().clip(id).await? else { return Ok(()) };
                self.clip_event(clip).await?
            }
            News::ClipDeleted(id, audience) => Event { audience, what: Happened::ClipDeleted(id) },
            News::Reply(clip, id) => {
                let Some(row) = self.store().reply(clip, id).await? else { return Ok(()) };
                let Some(clip) = self.store().clip(clip).await? else { return Ok(()) };
                Event { audience: clip.audience(), what: Happened::Reply(Box::new(row)) }
            }
            News::ReplyDeleted(clip, id) => {
                let Some(clip) = self.store().clip(clip).await? else { return Ok(()) };
                Event { audience: clip.audience(), what: Happened::ReplyDeleted(id) }
            }
            News::Reaction(clip, id) => {
                let Some(row) = self.store().reaction(clip, id).await? else { return Ok(()) };
                let Some(clip) = self.store().clip(clip).await? else { return Ok(()) };
                Event { audience: clip.audience(), what: Happened::Reaction(Box::new(row)) }
            }
            News::ReactionDeleted(clip, id) => {
                let Some(clip) = self.store().clip(clip).await? else { return Ok(()) };
                Event { audience: clip.audience(), what: Happened::ReactionDeleted(id) }
            }
        };
        self.listeners().send(event);
        Ok(())
    }

    /// A clip as it is now, rendered where it holds nothing up.
    async fn clip_event(&self, clip: Clip) -> Result<Event, LibraryError> {
        let (id, link) = (clip.id, self.settings().address(&paths::page(&clip.key)));
        let audience = clip.audience();
        let rendered = task::spawn_blocking(move || {
            tracing::debug!(clip.id = %id, "Rendering a clip for those who listen");
            Box::new(ClipNow::new(clip, link))
        });
        let rendered = rendered.await;
        let rendered =
            rendered.map_err(|source| LibraryError::Task { doing: "render a clip", source })?;
        Ok(Event { audience, what: Happened::Clip(rendered) })
    }
}
