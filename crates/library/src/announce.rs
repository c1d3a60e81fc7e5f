//! Announcing: the task that reads what has changed and sends it to the listeners, see [`Events`](crate::events::Events).

use tokio::task;
use vignette_model::ClipId;
use vignette_model::api::{ClipEvent, LibraryEvent};

use crate::actor::Actor;
use crate::error::LibraryError;
use crate::events::News;
use crate::library::Library;

impl Library {
    /// Has those who listen told of something, without waiting for it.
    pub(crate) fn announce(&self, news: News) {
        if self.listeners().queue(news) {
            let library = self.clone();
            self.spawn_background(async move {
                while let Some(news) = library.listeners().next() {
                    // On a task of its own, so that a panic ends only this.
                    let teller = library.clone();
                    let told = task::spawn(async move { teller.tell(&news).await }).await;
                    if let Err(why) =
                        told.map_err(|error| error.to_string()).and_then(|told| told.map_err(|error| error.to_string()))
                    {
                        tracing::warn!(why, "Could not tell what has changed");
                    }
                }
            });
        }
    }

    /// Looks up how it is now, and tells it.
    async fn tell(&self, news: &News) -> Result<(), LibraryError> {
        match news {
            News::Clip(id) => self.tell_clip(*id).await?,
            News::ClipDeleted(id) => self.listeners().tell_library(LibraryEvent::ClipDeleted { id: *id }),
            News::Reply(key, clip, id) => {
                if let Some(row) = self.store().reply(*clip, *id).await? {
                    let reply = crate::reply::shown(&Actor::anonymous(), row);
                    self.listeners().tell_clip(key, ClipEvent::Reply { reply });
                }
            }
            News::ReplyDeleted(key, id) => self.listeners().tell_clip(key, ClipEvent::ReplyDeleted { id: *id }),
        }
        Ok(())
    }

    async fn tell_clip(&self, id: ClipId) -> Result<(), LibraryError> {
        let Some(clip) = self.store().clip(id).await? else { return Ok(()) };
        let library = self.clone();
        let rendered = task::spawn_blocking(move || {
            tracing::debug!(clip.id = %id, "Rendering a clip for those who listen");
            // Everybody gets the same, so it is what a viewer sees.
            library.member_view(&Actor::anonymous().with_link(clip.key.clone()), &clip)
        });
        let own = rendered.await.map_err(|source| LibraryError::Task { doing: "render a clip", source })?;
        self.listeners().tell_clip(&own.key, ClipEvent::Clip { clip: own.view.clone() });
        self.listeners().tell_library(LibraryEvent::Clip { clip: Box::new(own) });
        Ok(())
    }
}
