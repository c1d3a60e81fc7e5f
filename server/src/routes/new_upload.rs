//! `POST /api/v1/uploads`: an upload of another client than our recorder, in tus 1.0 or a draft of
//! resumable uploads, becomes a clip of the member whose token it carries.
//!
//! ```text
//! access ─▶ headers ─▶ size ─▶ first bytes ─▶ valid stream ─▶ clip ─▶ the rest ─▶ 201 with Location
//! ```
//! Only a stream is accepted: fragmented MP4 (H.264, AAC). Anything else is refused by its first bytes,
//! before a clip is made. A failure after that removes the clip again, since the error response does
//! not tell where to continue.

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use tokio_util::sync::CancellationToken;
use vignette_library::error::{LibraryError, Missing, chain};
use vignette_library::{NewUpload, UploadStatus};
use vignette_model::api::header;
use vignette_model::text::Title;
use vignette_model::{ErrorCode, Problem, Secret, paths};

use super::uploads::status_headers;
use crate::access::allowed::{Allowed, Create, Guard as _, InLibrary, UploadAccess};
use crate::access::requester::Requester;
use crate::app::{App, SharedApp};
use crate::http::api_error::ApiError;
use crate::http::body::BodyEnd;
use crate::http::headers::{
    InvalidHeader, TUS_RESUMABLE, UPLOAD_INCOMPLETE, UPLOAD_METADATA, bad, name, one,
};
use crate::uploads::append::{
    BodyReader, ReceivedPart, append_body, append_error, check_sha1, incomplete_body, upload_limit,
};
use crate::uploads::dialect::{ACCEPT_PATCH, Dialect, TUS_VERSION};
use crate::uploads::headers::AppendHead;

/// Bytes of `Upload-Metadata` that are kept.
const MAX_METADATA_BYTES: usize = 8_192;

/// The supported extensions of tus. Not concatenation, since a stream arrives in order so that it can
/// be watched meanwhile, and not expiration, since nothing that arrived is deleted for its age.
const TUS_EXTENSIONS: &str =
    "creation,creation-with-upload,creation-defer-length,termination,checksum";

/// Starts an upload in tus 1.0 or a draft of resumable uploads. `Location` is the address to go on at; it is a secret.
#[utoipa::path(post, path = paths::UPLOADS, tag = "uploads", operation_id = "create_upload", security(("token" = [])), params(
    ("Tus-Resumable" = Option<String>, Header, description = "`1.0.0` in tus"),
    ("Upload-Length" = Option<u64>, Header, description = "Bytes of the whole stream, if known"),
    ("Upload-Defer-Length" = Option<String>, Header, description = "`1` in tus where the length is not known yet"),
    ("Upload-Metadata" = Option<String>, Header, description = "`title` or `filename`, in base64"),
    ("Upload-Complete" = Option<String>, Header, description = "In the drafts: `?1` if the content is all there is, else `?0`"),
), request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"), responses(
    (status = 201, description = "The upload has started", headers(
        ("Location" = String, description = "Where it goes on"),
        ("Upload-Offset" = u64, description = "Bytes of the content that are durable"),
    )),
    (status = "4XX", description = "Refused, and nothing is left of it", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create_upload(
    Allowed { requester, .. }: Allowed<InLibrary<Create>>,
    State(app): State<SharedApp>,
    headers: HeaderMap,
    mut body: Body,
) -> Result<Response, ApiError> {
    let dialect = Dialect::of(&headers)?;
    let head = read_head(dialect, &headers)?;
    // A request without content needs no content type.
    let has_content = !body.is_end_stream();
    if has_content && dialect == Dialect::Tus {
        dialect.check_content_type(&headers)?;
    }
    let new = NewUpload {
        title: title(&headers),
        length_bytes: head.whole,
        metadata: metadata(dialect, &headers)?,
    };
    app.library.check_new_upload(&new)?;
    let first = if has_content {
        Some(read_first_part(&app, &requester, dialect, &head, &mut body).await?)
    } else {
        None
    };
    // In a task of its own: a client that hangs up leaves a whole clip or none.
    let started = tokio::spawn({
        let app = app.clone();
        async move { start_upload(&app, &requester, dialect, head, new, first, body).await }
    });
    let started = started
        .await
        .map_err(|_| ApiError::new(ErrorCode::Internal, "The upload could not be started."))?;
    let (upload, status) = started?;
    let mut response_headers = status_headers(&app, dialect, &status);
    let location = HeaderValue::from_str(&paths::upload(upload.expose()));
    response_headers.insert(
        LOCATION,
        location.map_err(|_| ApiError::new(ErrorCode::Internal, "The upload has no address."))?,
    );
    Ok((StatusCode::CREATED, response_headers).into_response())
}

/// Reads the headers and checks them by the rules of the dialect for a new upload.
fn read_head(dialect: Dialect, headers: &HeaderMap) -> Result<AppendHead, InvalidHeader> {
    let has_completeness = [header::UPLOAD_COMPLETE, UPLOAD_INCOMPLETE]
        .iter()
        .any(|header| headers.contains_key(*header));
    if dialect == Dialect::Plain && !has_completeness {
        let problem = bad("An upload begins with Tus-Resumable: 1.0.0 (tus) or Upload-Complete (resumable uploads).".to_owned());
        return Err(problem.into());
    }
    if headers.contains_key("upload-concat") {
        let problem = bad("Uploads in parts that are put together later are not taken.".to_owned());
        return Err(problem
            .with_help("Upload the stream as one, without parallel uploads.")
            .into());
    }
    let head = AppendHead::begin(headers, dialect)?;
    let deferred = one(headers, "upload-defer-length")?;
    if dialect == Dialect::Tus
        && !matches!((head.whole, deferred), (Some(_), None) | (None, Some("1")))
    {
        return Err(bad(
            "An upload says either Upload-Length, or Upload-Defer-Length: 1.".to_owned()
        )
        .into());
    }
    Ok(head)
}

/// Reads the first part of the content and checks that a stream may begin with it.
async fn read_first_part(
    app: &SharedApp,
    requester: &Requester,
    dialect: Dialect,
    head: &AppendHead,
    body: &mut Body,
) -> Result<ReceivedPart, ApiError> {
    if head.end().zip(head.whole).is_some_and(|(end, whole)| end > whole) {
        return Err(LibraryError::AnotherLength.into());
    }
    let reader = BodyReader::new(app, dialect, head)?;
    let sender = requester.actor.person().map_or_else(
        || InLibrary::<Create>::body_sender(requester, &()),
        |person| UploadAccess::body_sender_of(person.id),
    );
    let permit = app.body_budget.empty_permit(sender);
    let part = reader.next_part(app, body, permit, &CancellationToken::new()).await?;
    let (bytes, end) = (part.received.bytes.clone(), part.received.end);
    if !matches!(end, BodyEnd::Complete | BodyEnd::Enough) {
        return Err(incomplete_body(end).with_help("Start the upload again."));
    }
    check_sha1(dialect, head.sha1, bytes.clone()).await?;
    let checked = app.library.check_beginning(bytes, head.digest).await;
    checked.map_err(|error| append_error(dialect, error))?;
    Ok(part)
}

/// Makes the clip and appends the content of the request.
async fn start_upload(
    app: &SharedApp,
    requester: &Requester,
    dialect: Dialect,
    head: AppendHead,
    new: NewUpload,
    first: Option<ReceivedPart>,
    mut body: Body,
) -> Result<(Secret, UploadStatus), ApiError> {
    let (secret, author) = app.library.create_upload(&requester.actor, new).await?;
    let upload = UploadAccess { secret, author };
    // Empty content still completes an upload if the headers say so.
    let appended = if first.is_some() || head.complete == Some(true) {
        append_body(app, &upload, dialect, head, &mut body, first).await
    } else {
        app.library.upload_status(&upload.secret).await.map_err(ApiError::from)
    };
    match appended {
        Ok(status) => Ok((upload.secret, status)),
        Err(error) => {
            if let Err(failed) = app.library.end_upload(&upload.secret).await
                && !matches!(failed, LibraryError::NotFound(Missing::Upload))
            {
                tracing::warn!(
                    error = chain(&failed),
                    "The clip of a refused upload could not be removed"
                );
            }
            Err(error)
        }
    }
}

/// The title in the metadata of tus, or the name of the file. Empty if there is neither.
fn title(headers: &HeaderMap) -> Title {
    let text = one(headers, UPLOAD_METADATA).ok().flatten().unwrap_or_default();
    let value = |wanted: &str| {
        let mut pairs = text.split(',').filter_map(|pair| pair.trim().split_once(' '));
        let (_, value) = pairs.find(|(key, _)| *key == wanted)?;
        String::from_utf8(BASE64.decode(value.trim().as_bytes()).ok()?).ok()
    };
    let stem =
        |name: String| name.rsplit_once('.').map_or(name.clone(), |(stem, _)| stem.to_owned());
    value("title")
        .or_else(|| value("filename").map(stem))
        .and_then(|title| Title::new(&title).ok())
        .unwrap_or_default()
}

/// The metadata of tus, which is returned to clients as it is.
fn metadata(dialect: Dialect, headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let text = if dialect == Dialect::Tus { one(headers, UPLOAD_METADATA)? } else { None };
    match text {
        Some(text) if text.len() > MAX_METADATA_BYTES => {
            Err(bad(format!("Upload-Metadata may have at most {MAX_METADATA_BYTES} bytes.")).into())
        }
        text => Ok(text.map(str::to_owned)),
    }
}

/// Middleware of the upload paths: sets the version of the dialect, and in responses to `OPTIONS` what
/// is supported.
pub(crate) async fn mark_dialect(
    State(app): State<SharedApp>,
    request: Request,
    next: Next,
) -> Response {
    let within = request.uri().path().strip_prefix(paths::UPLOADS);
    if !within.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return next.run(request).await;
    }
    let options = request.method() == Method::OPTIONS;
    // An unsupported version of tus gets an error in tus too.
    let tus = request.headers().contains_key(TUS_RESUMABLE).then_some(Dialect::Tus);
    let dialect = tus.or_else(|| Dialect::of(request.headers()).ok());
    let mut response = next.run(request).await;
    if let Some(dialect) = dialect {
        dialect.set_version(response.headers_mut());
    }
    if options {
        *response.status_mut() = StatusCode::NO_CONTENT;
        set_options(&app, response.headers_mut());
    }
    response
}

/// The supported protocols, extensions and limits.
fn set_options(app: &App, headers: &mut HeaderMap) {
    headers.insert(name(TUS_RESUMABLE), TUS_VERSION);
    headers.insert(name("tus-version"), TUS_VERSION);
    headers.insert(name("tus-extension"), HeaderValue::from_static(TUS_EXTENSIONS));
    headers.insert(name("tus-checksum-algorithm"), HeaderValue::from_static("sha1,sha256"));
    headers.insert(name("tus-max-size"), app.library.settings().max_clip_bytes.into());
    headers.insert(name("accept-patch"), ACCEPT_PATCH);
    headers.insert(name(header::UPLOAD_LIMIT), upload_limit(app));
}
