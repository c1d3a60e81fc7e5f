//! Clips as those with an account see them: made, listed, changed, deleted.

use bytes::Bytes;
use vignette_model::api::{ClipChange, ClipPage, CreatedClip, MemberClip, NewClip};
use vignette_model::{ClipId, ClipKey, RecordingId, Secret, paths};

use crate::actor::Actor;
use crate::error::{LibraryError, Missing, SizeLimit};
use crate::events::News;
use crate::library::{Library, member};
use crate::rules::{Action, Resource, may};
use crate::store::{Clip, ClipFilter, FreshClip, FreshUpload, Job, RowChange};

/// The most clips of one page.
const PAGE: u32 = 100;

impl Library {
    /// Makes a clip that waits for its bytes. The same take of the same person gives the same clip; each time the upload
    /// secret is new and the one before opens nothing any more.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub async fn create_clip(
        &self,
        actor: &Actor,
        new: NewClip,
    ) -> Result<CreatedClip, LibraryError> {
        let (clip, upload) = self.make_clip(actor, &new, None).await?;
        Ok(CreatedClip {
            id: clip.id,
            link: self.settings().address(&paths::page(&clip.key)),
            key: clip.key,
            upload: paths::upload(upload.expose()),
        })
    }

    /// A clip and its upload secret; made by an upload of its own, or by a recorder.
    pub(crate) async fn make_clip(
        &self,
        actor: &Actor,
        new: &NewClip,
        by_upload: Option<FreshUpload>,
    ) -> Result<(Clip, Secret), LibraryError> {
        may(actor, Action::Create, Resource::Library)?;
        let (author, secret) = (member(actor)?.id, Secret::random("up"));
        let (id, key, upload, at) = (ClipId::new(), ClipKey::random(), secret.hash(), self.now());
        // The folder of its media has the clip's id.
        let recording = RecordingId(id.0);
        let of_its_own = by_upload.is_some();
        let clip = self
            .store()
            .create_clip(&FreshClip { id, recording, key, author, new, upload, by_upload, at })
            .await?;
        tracing::info!(clip.id = %clip.id, again = clip.id != id, by_upload = of_its_own, "A clip waits for its bytes");
        self.announce(News::Clip(clip.id));
        Ok((clip, secret))
    }

    /// The library's clips that the filter lets through, newest first: at most `limit` (1 to 100) after the one that a page before
    /// ended with.
    ///
    /// # Errors
    /// `sign_in_needed`; `bad_request` if `after` is no [`ClipPage::next`].
    pub async fn clips(
        &self,
        actor: &Actor,
        filter: ClipFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ClipPage, LibraryError> {
        may(actor, Action::List, Resource::Library)?;
        let after = after.map(str::parse).transpose();
        let after = after.map_err(|_| LibraryError::NoSuchPage)?;
        let limit = limit.clamp(1, PAGE);
        let mut clips = self.store().clips(&actor.viewer(), filter, after, limit + 1).await?;
        let more = clips.len() > limit as usize;
        clips.truncate(limit as usize);
        let next = clips.last().filter(|_| more).map(|clip| clip.id.to_string());
        Ok(ClipPage { clips: self.with_progress(actor, &clips).await?, next })
    }

    /// One clip.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_found`.
    pub async fn clip(&self, actor: &Actor, id: ClipId) -> Result<MemberClip, LibraryError> {
        let clip = self.by_id(actor, id, Action::See).await?;
        let shown = self.with_progress(actor, std::slice::from_ref(&clip)).await?;
        shown.into_iter().next().ok_or(LibraryError::NotFound(Missing::Clip))
    }

    /// Clips as a member sees them, with how far that member has watched each.
    async fn with_progress(
        &self,
        actor: &Actor,
        clips: &[Clip],
    ) -> Result<Vec<MemberClip>, LibraryError> {
        let ids: Vec<ClipId> = clips.iter().map(|clip| clip.id).collect();
        let progress = self.store().progress(member(actor)?.id, &ids).await?;
        let shown = clips.iter().zip(progress).map(|(clip, progress)| MemberClip {
            progress: Some(progress),
            ..self.member_view(actor, clip)
        });
        Ok(shown.collect())
    }

    /// Changes what is given, leaves the rest.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`.
    pub async fn change_clip(
        &self,
        actor: &Actor,
        id: ClipId,
        change: ClipChange,
    ) -> Result<MemberClip, LibraryError> {
        self.by_id(actor, id, Action::Change).await?;
        let ClipChange { title, summary, live, stopped, guests } = change;
        self.change_row(
            actor,
            id,
            &RowChange { title, summary, live, stopped, guests, ..RowChange::default() },
        )
        .await
    }

    /// Deletes a clip with its replies and its bytes.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`.
    pub async fn delete_clip(&self, actor: &Actor, id: ClipId) -> Result<(), LibraryError> {
        let clip = self.by_id(actor, id, Action::Delete).await?;
        let library = self.clone();
        self.run_detached(async move { library.delete_rows(&clip).await }).await
    }

    /// Deletes a clip for everybody. Its bytes are removed by a job.
    pub(crate) async fn delete_rows(&self, clip: &Clip) -> Result<(), LibraryError> {
        if !self.store().delete_clip(clip.id, self.now()).await? {
            return Err(LibraryError::NotFound(Missing::Clip));
        }
        tracing::info!(clip.id = %clip.id, "Deleted a clip");
        self.job_enqueued().notify_one();
        self.listeners().close(&clip.key);
        self.announce(News::ClipDeleted(clip.id, clip.audience()));
        Ok(())
    }

    /// Gives the clip a new link; the one before shows nothing any more.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`.
    pub async fn rotate_key(&self, actor: &Actor, id: ClipId) -> Result<MemberClip, LibraryError> {
        let before = self.by_id(actor, id, Action::Change).await?;
        let changed = RowChange { key: Some(ClipKey::random()), ..RowChange::default() };
        let clip = self.change_row(actor, id, &changed).await?;
        self.listeners().close(&before.key);
        Ok(clip)
    }

    /// Sets the poster, a JPEG.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`, `too_large`; `bad_request` if it is no JPEG.
    pub async fn put_poster(
        &self,
        actor: &Actor,
        id: ClipId,
        jpeg: Bytes,
    ) -> Result<MemberClip, LibraryError> {
        let recording = self.by_id(actor, id, Action::Change).await?.recording.id;
        let most = self.settings().max_poster_bytes;
        if jpeg.len() as u64 > most {
            return Err(LibraryError::TooLarge { limit: SizeLimit::Poster, most_bytes: most });
        }
        // Start of image, and the first byte of the marker that follows (ITU-T T.81, B.1.1.3).
        if !jpeg.starts_with(&[0xff, 0xd8, 0xff]) {
            return Err(LibraryError::NotAJpeg);
        }
        let (library, actor) = (self.clone(), actor.clone());
        self.run_detached(async move {
            library.media_store().put_poster(recording, jpeg).await?;
            let change = RowChange { poster: Some(true), ..RowChange::default() };
            let changed = library.change_row(&actor, id, &change).await;
            if library.store().clip(id).await?.is_none() {
                // Deleted meanwhile, perhaps before the poster came: nothing of it may stay.
                library.store().enqueue(Job::Clean { recording }, library.now()).await?;
                library.job_enqueued().notify_one();
            }
            changed
        })
        .await
    }

    async fn change_row(
        &self,
        actor: &Actor,
        id: ClipId,
        change: &RowChange,
    ) -> Result<MemberClip, LibraryError> {
        let clip = self
            .store()
            .change_clip(id, change)
            .await?
            .ok_or(LibraryError::NotFound(Missing::Clip))?;
        self.announce(News::Clip(id));
        Ok(self.member_view(actor, &clip))
    }
}
