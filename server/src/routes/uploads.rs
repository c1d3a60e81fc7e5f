//! `/api/v1/uploads/{upload}`: bytes of a stream, in the shape of draft-ietf-httpbis-resumable-upload or of tus 1.0.
//!
//! ```text
//! PATCH ─▶ known upload ─▶ headers ─▶ size ─▶ upload lock ─▶ offset ─▶ body ─▶ durable ─▶ 204
//! ```
//! Everything that can be refused is refused before the body is read. The address is a secret, and
//! gives the right to append.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tracing::info;
use vignette_library::UploadStatus;
use vignette_model::api::header;
use vignette_model::{Problem, Secret, UploadHeaders, paths};

use crate::access::allowed::{Allowed, ByUpload, UploadAccess};
use crate::app::{App, SharedApp};
use crate::http::api_error::{ApiError, ApiErrors};
use crate::http::headers::{UPLOAD_LENGTH, UPLOAD_METADATA, bad, name, one};
use crate::uploads::append::append_body;
use crate::uploads::dialect::Dialect;
use crate::uploads::headers::AppendHead;

/// Names the method of a `POST` for clients that cannot send it.
const METHOD_OVERRIDE: &str = "x-http-method-override";

/// How far the upload has come. A request for the same upload that still waits for bytes is ended first.
#[utoipa::path(head, path = paths::UPLOAD, tag = "uploads", operation_id = "upload_status", params(("upload" = String, Path)), responses(
    (status = 204, description = "Where it stands; `200` in tus", headers(
        ("Upload-Offset" = u64, description = "Bytes that are durable: where to go on"),
        ("Upload-Complete" = String, description = "`?1` once nothing follows; not in tus"),
        ("Upload-Length" = u64, description = "Bytes of the whole stream, if its sender has said so, or it is complete"),
        ("Upload-Limit" = String, description = "`max-size=…, max-append-size=…`"),
        ("Repr-Digest" = String, description = "SHA-256 of the stream, once it is sealed"),
        ("Vignette-Upload-Problem" = String, description = "`damaged` if what is here is not what was sent: keep the recording"),
    )),
    ApiErrors,
))]
pub(crate) async fn get_upload_status(
    Allowed { target: upload, .. }: Allowed<ByUpload>,
    State(app): State<SharedApp>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    upload_status_response(&app, &upload.secret, &headers).await
}

/// Adds bytes at an offset and acknowledges them once they are durable: all of them, or none if a digest is sent. Without
/// a digest, what arrived of a broken body is kept.
#[utoipa::path(patch, path = paths::UPLOAD, tag = "uploads", operation_id = "append_upload", params(
    ("upload" = String, Path),
    ("Upload-Offset" = u64, Header, description = "Offset of the first byte"),
    ("Upload-Complete" = Option<String>, Header, description = "`?1` if nothing follows, else `?0`; not in tus"),
    ("Upload-Length" = Option<u64>, Header, description = "Bytes of the whole stream, if that was not said before"),
    ("Content-Digest" = Option<String>, Header, description = "`sha-256=:…:` of this content"),
    ("Repr-Digest" = Option<String>, Header, description = "`sha-256=:…:` of the whole stream, with `Upload-Complete: ?1`"),
    ("Upload-Checksum" = Option<String>, Header, description = "In tus: `sha1 …` or `sha256 …` of this content, in base64"),
), request_body(content = Vec<u8>, content_type = "application/partial-upload"), responses(
    (status = 204, description = "The bytes are durable; `201` in the drafts before -06", headers(
        ("Upload-Offset" = u64, description = "Where to go on"),
        ("Upload-Complete" = String, description = "`?1` once nothing follows; not in tus"),
    )),
    (status = 409, description = "Another offset is the right one: it is in `Upload-Offset`", body = Problem,
        content_type = "application/problem+json"),
    ApiErrors,
))]
pub(crate) async fn append_upload(
    Allowed { target: upload, .. }: Allowed<ByUpload>,
    State(app): State<SharedApp>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    append_response(&app, &upload, &headers, body).await
}

/// Gives up, and the address ends. A clip that the upload alone made is deleted if it is not complete; of any other clip, what has
/// arrived is sealed.
#[utoipa::path(delete, path = paths::UPLOAD, tag = "uploads", operation_id = "end_upload", params(("upload" = String, Path)), responses(
    (status = 204, description = "The address opens nothing any more"),
    ApiErrors,
))]
pub(crate) async fn end_upload(
    Allowed { target: upload, .. }: Allowed<ByUpload>,
    State(app): State<SharedApp>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    end_response(&app, &upload.secret, &headers).await
}

/// `HEAD`, `PATCH` or `DELETE` of clients that can send none of them.
#[utoipa::path(post, path = paths::UPLOAD, tag = "uploads", operation_id = "override_upload", params(
    ("upload" = String, Path),
    ("X-HTTP-Method-Override" = String, Header, description = "`HEAD`, `PATCH` or `DELETE`"),
), request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"), responses(
    (status = 204, description = "As by that method"),
    ApiErrors,
))]
pub(crate) async fn override_method(
    Allowed { target: upload, .. }: Allowed<ByUpload>,
    State(app): State<SharedApp>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    match one(&headers, METHOD_OVERRIDE)?.map(str::as_bytes).map(Method::from_bytes) {
        Some(Ok(Method::HEAD)) => upload_status_response(&app, &upload.secret, &headers).await,
        Some(Ok(Method::PATCH)) => append_response(&app, &upload, &headers, body).await,
        Some(Ok(Method::DELETE)) => end_response(&app, &upload.secret, &headers).await,
        _ => {
            Err(bad("A POST to an upload names HEAD, PATCH or DELETE in X-HTTP-Method-Override."
                .to_owned())
            .into())
        }
    }
}

async fn upload_status_response(
    app: &SharedApp,
    upload: &Secret,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let dialect = Dialect::of(headers)?;
    dialect.check_head(headers)?;
    let status = app.library.lock_upload(upload).await?.status();
    let mut response_headers = status_headers(app, dialect, &status);
    match status.length_bytes {
        Some(length) => drop(response_headers.insert(name(UPLOAD_LENGTH), length.into())),
        None if dialect == Dialect::Tus => {
            drop(response_headers.insert(name("upload-defer-length"), 1.into()))
        }
        None => {}
    }
    if dialect == Dialect::Tus
        && let Some(metadata) = app.library.upload_metadata(upload).await?
        && let Ok(metadata) = HeaderValue::from_str(&metadata)
    {
        response_headers.insert(name(UPLOAD_METADATA), metadata);
    }
    Ok((dialect.head_status(), response_headers).into_response())
}

async fn append_response(
    app: &SharedApp,
    upload: &UploadAccess,
    headers: &HeaderMap,
    mut body: Body,
) -> Result<Response, ApiError> {
    let dialect = Dialect::of(headers)?;
    let appended = match AppendHead::read(headers, dialect) {
        Ok(head) => append_body(app, upload, dialect, head, &mut body, None).await,
        Err(bad) => Err(bad.into()),
    };
    match appended {
        Ok(status) => {
            Ok((dialect.append_status(), status_headers(app, dialect, &status)).into_response())
        }
        Err(error) => Err(with_offset(app, &upload.secret, dialect, error).await),
    }
}

async fn end_response(
    app: &SharedApp,
    upload: &Secret,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    Dialect::of(headers)?.check_delete(headers)?;
    app.library.lock_upload(upload).await?.end().await?;
    info!("An upload was ended by its sender");
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The headers of every response about an upload.
pub(super) fn status_headers(app: &App, dialect: Dialect, status: &UploadStatus) -> HeaderMap {
    let settings = app.library.settings();
    let lines = UploadHeaders {
        offset_bytes: status.offset_bytes,
        // Its name and meaning depend on the dialect.
        complete: None,
        max_clip_bytes: Some(settings.max_clip_bytes),
        max_append_bytes: Some(settings.max_append_bytes),
        sealed_sha256: status.sealed_sha256,
        damaged: status.damaged,
    }
    .to_lines();
    let value = |(header, text): (&'static str, String)| {
        Some((name(header), HeaderValue::try_from(text).ok()?))
    };
    let mut headers: HeaderMap = lines.into_iter().filter_map(value).collect();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some((header, value)) = dialect.completeness(status.complete) {
        headers.insert(name(header), value);
    }
    headers
}

/// Adds the offset to a refused append: the drafts demand it in failures too.
async fn with_offset(app: &App, upload: &Secret, dialect: Dialect, error: ApiError) -> ApiError {
    let error = match app.library.upload_status(upload).await {
        Ok(status) => error.with_header(name(header::UPLOAD_OFFSET), status.offset_bytes.into()),
        Err(_) => error,
    };
    if dialect.refusals_say_incomplete() {
        return error.with_header(name(header::UPLOAD_COMPLETE), HeaderValue::from_static("?0"));
    }
    error
}
