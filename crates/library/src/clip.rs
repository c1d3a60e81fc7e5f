//! Clips as their author sees them: made, listed, changed, deleted.

use bytes::Bytes;
use vignette_model::api::{ClipChange, ClipPage, CreatedClip, NewClip, OwnClip};
use vignette_model::{ClipId, Problem};

use crate::library::Library;
use crate::rules::Actor;

impl Library {
    /// Makes a clip that waits for its bytes. The same take of the same person gives the same clip; each time the upload
    /// secret is new and the one before opens nothing any more.
    ///
    /// # Errors
    /// `sign_in_needed`.
    pub async fn create_clip(&self, _actor: &Actor, _new: NewClip) -> Result<CreatedClip, Problem> {
        unimplemented!()
    }

    /// The library's clips, newest first: at most `limit` (1 to 100) after the one that a page before ended with.
    ///
    /// # Errors
    /// `sign_in_needed`; `bad_request` if `after` is no [`ClipPage::next`].
    pub async fn clips(&self, _actor: &Actor, _after: Option<&str>, _limit: u32) -> Result<ClipPage, Problem> {
        unimplemented!()
    }

    /// One clip.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_found`.
    pub async fn clip(&self, _actor: &Actor, _id: ClipId) -> Result<OwnClip, Problem> {
        unimplemented!()
    }

    /// Changes what is given, leaves the rest.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`.
    pub async fn change_clip(&self, _actor: &Actor, _id: ClipId, _change: ClipChange) -> Result<OwnClip, Problem> {
        unimplemented!()
    }

    /// Deletes a clip with its replies and its bytes.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`.
    pub async fn delete_clip(&self, _actor: &Actor, _id: ClipId) -> Result<(), Problem> {
        unimplemented!()
    }

    /// Gives the clip a new link; the one before shows nothing any more.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`.
    pub async fn rotate_key(&self, _actor: &Actor, _id: ClipId) -> Result<OwnClip, Problem> {
        unimplemented!()
    }

    /// Sets the poster, a JPEG.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`, `too_large`; `bad_request` if it is no JPEG.
    pub async fn put_poster(&self, _actor: &Actor, _id: ClipId, _jpeg: Bytes) -> Result<OwnClip, Problem> {
        unimplemented!()
    }
}
