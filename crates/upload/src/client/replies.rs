//! Calls by link: a clip as its viewers see it, and what they say to it.

use reqwest::{Method, RequestBuilder};
use url::form_urlencoded;
use vignette_model::api::{ClipEvent, ClipView, NewReply, PostedReply, ReplyPage, header};
use vignette_model::{ClipKey, ReplyId, Secret};

use super::{Client, EventStream};
use crate::error::ClientError;

impl Client {
    /// The clip that a link shows.
    ///
    /// # Errors
    /// `not_found`, `unreachable`.
    pub async fn view(&self, key: &ClipKey) -> Result<ClipView, ClientError> {
        self.request_json(self.request(Method::GET, &format!("/api/v1/c/{key}"))).await
    }

    /// Replies to a clip: one page, after the one that a page before ended with.
    ///
    /// # Errors
    /// `not_found`, `unreachable`.
    pub async fn replies(
        &self,
        key: &ClipKey,
        after: Option<&str>,
    ) -> Result<ReplyPage, ClientError> {
        let query = after.map(|after| {
            form_urlencoded::Serializer::new(String::new()).append_pair("after", after).finish()
        });
        self.request_json(self.request_with(
            Method::GET,
            &format!("/api/v1/c/{key}/replies"),
            query.as_deref(),
        ))
        .await
    }

    /// Adds a reply: as a member with a token, else as the guest whose name it carries.
    ///
    /// # Errors
    /// `not_found`, `bad_request`, `too_many_requests`, `unreachable`.
    pub async fn post_reply(
        &self,
        key: &ClipKey,
        new: &NewReply,
    ) -> Result<PostedReply, ClientError> {
        self.request_json(self.request(Method::POST, &format!("/api/v1/c/{key}/replies")).json(new))
            .await
    }

    /// Deletes a reply and the answers to it: its writer, or the clip's author.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`, `unreachable`.
    pub async fn delete_reply(
        &self,
        key: &ClipKey,
        reply: ReplyId,
        secret: Option<&Secret>,
    ) -> Result<(), ClientError> {
        let request = self.request(Method::DELETE, &format!("/api/v1/c/{key}/replies/{reply}"));
        self.request_ok(with_secret(request, secret)).await
    }

    /// What happens to a clip from now on. Ask for the whole with [`Client::view`] and
    /// [`Client::replies`] after this has answered, so that nothing falls in between.
    ///
    /// # Errors
    /// `not_found`, `unreachable`.
    pub async fn clip_events(&self, key: &ClipKey) -> Result<EventStream<ClipEvent>, ClientError> {
        self.events_at(&format!("/api/v1/c/{key}/events")).await
    }
}

fn with_secret(request: RequestBuilder, secret: Option<&Secret>) -> RequestBuilder {
    match secret {
        Some(secret) => request.header(header::REPLY_SECRET, secret.expose()),
        None => request,
    }
}
