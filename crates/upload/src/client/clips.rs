//! Calls about clips, by their author.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use url::form_urlencoded;
use vignette_model::api::{ClipChange, ClipPage, CreatedClip, MemberClip, NewClip};
use vignette_model::transcript::TranscriptSnapshot;
use vignette_model::{ClipId, ClipKey};

use super::Client;
use crate::error::ClientError;

impl Client {
    /// Asks for a clip. Asking again with the same take gives the same clip; the upload address is
    /// new then and the one before opens nothing any more.
    ///
    /// # Errors
    /// `sign_in_needed`, `unreachable`.
    pub(crate) async fn create_clip(&self, new: &NewClip) -> Result<CreatedClip, ClientError> {
        let clip: CreatedClip =
            self.request_json(self.request(Method::POST, "/api/v1/clips").json(new)).await?;
        Ok(CreatedClip { link: self.link(&clip.key), ..clip })
    }

    /// The link of a clip, made of the library's address and the clip's key: a link that came from
    /// a library could name any site, or do something to the terminal that it is shown in.
    fn link(&self, key: &ClipKey) -> String {
        self.url(&format!("/c/{key}"), None).into()
    }

    /// A clip with that link.
    fn linked(&self, clip: MemberClip) -> MemberClip {
        MemberClip { link: self.link(&clip.key), ..clip }
    }

    /// The library's clips, newest first: at most `limit` after the page that gave `after`.
    ///
    /// # Errors
    /// `sign_in_needed`, `bad_request`, `unreachable`.
    pub async fn clips(&self, after: Option<&str>, limit: u32) -> Result<ClipPage, ClientError> {
        let mut query = form_urlencoded::Serializer::new(format!("limit={limit}"));
        if let Some(after) = after {
            query.append_pair("after", after);
        }
        let page: ClipPage = self
            .request_json(self.request_with(Method::GET, "/api/v1/clips", Some(&query.finish())))
            .await?;
        Ok(ClipPage {
            clips: page.clips.into_iter().map(|clip| self.linked(clip)).collect(),
            ..page
        })
    }

    /// One clip.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_found`, `unreachable`.
    pub async fn clip(&self, id: ClipId) -> Result<MemberClip, ClientError> {
        self.request_json(self.request(Method::GET, &format!("/api/v1/clips/{id}")))
            .await
            .map(|clip| self.linked(clip))
    }

    /// Changes what is given, leaves the rest.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`, `unreachable`.
    pub(crate) async fn change_clip(
        &self,
        id: ClipId,
        change: &ClipChange,
    ) -> Result<MemberClip, ClientError> {
        self.request_json(self.request(Method::PATCH, &format!("/api/v1/clips/{id}")).json(change))
            .await
            .map(|clip| self.linked(clip))
    }

    /// Deletes a clip with its replies and its bytes.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`, `unreachable`.
    pub async fn delete_clip(&self, id: ClipId) -> Result<(), ClientError> {
        self.request_ok(self.request(Method::DELETE, &format!("/api/v1/clips/{id}"))).await
    }

    /// Sets the poster, a JPEG.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found`, `too_large`, `bad_request`, `unreachable`.
    pub(crate) async fn put_poster(
        &self,
        id: ClipId,
        jpeg: impl Into<Bytes>,
    ) -> Result<(), ClientError> {
        let request = self.request(Method::PUT, &format!("/api/v1/clips/{id}/poster"));
        self.request_ok(request.header(CONTENT_TYPE, "image/jpeg").body(jpeg.into())).await
    }

    /// Tells what a machine has made of a clip so far. A snapshot that is not newer than what the
    /// library has changes nothing there.
    ///
    /// # Errors
    /// `sign_in_needed`, `not_allowed`, `not_found` (an older library too), `too_large`,
    /// `bad_request`, `unreachable`.
    pub(crate) async fn put_transcript(
        &self,
        id: ClipId,
        transcript: &TranscriptSnapshot,
    ) -> Result<(), ClientError> {
        self.request_ok(
            self.request(Method::PUT, &format!("/api/v1/clips/{id}/transcript")).json(transcript),
        )
        .await
    }
}
