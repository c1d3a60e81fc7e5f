//! `POST /api/v1/uploads`: an upload of another client than our recorder, in tus 1.0 or a draft of resumable uploads, becomes a clip
//! of whoever's token it brings.
//!
//! ```text
//! who? ─▶ headers ─▶ too large? ─▶ first bytes ─▶ a stream? ─▶ clip ─▶ the rest ─▶ 201 with Location
//! ```
//! What is uploaded is a stream as the library takes it: fragmented MP4 (H.264, AAC). Anything else is refused by its first bytes,
//! before a clip is made of it. Whatever goes wrong later leaves no clip either, since a refusal does not say where to go on.

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use tokio_util::sync::CancellationToken;
use vignette_library::{NewUpload, UploadStatus, length_mismatch};
use vignette_model::api::header;
use vignette_model::text::Title;
use vignette_model::{ErrorCode, Problem, Secret};

use super::uploads::where_it_stands;
use crate::allowed::{Allowed, Create, Door as _, InLibrary, Upload};
use crate::app::{App, Shared};
use crate::appending::{Held, Taking, append_body, check_sha1, cut_short, limits, refusal};
use crate::asker::Asker;
use crate::body::Ended;
use crate::dialect::{ACCEPT_PATCH, Dialect, TUS_RESUMABLE, TUS_VERSION, UPLOAD_INCOMPLETE};
use crate::headers::{AppendHead, BadHead, METADATA, bad, name, one};
use crate::refusal::Refusal;

/// Bytes of `Upload-Metadata` that are kept.
const MAX_METADATA_BYTES: usize = 8_192;

/// Where uploads begin.
const UPLOADS: &str = "/api/v1/uploads";
/// What of tus's extensions is offered. Not: concatenation (a stream arrives in order, so that it can be watched while it arrives)
/// and expiration (nothing that arrived is deleted for its age).
const TUS_EXTENSIONS: &str = "creation,creation-with-upload,creation-defer-length,termination,checksum";

/// Begins an upload in tus 1.0 or a draft of resumable uploads. `Location` is the address to go on at; it is a secret.
#[utoipa::path(post, path = "/api/v1/uploads", tag = "uploads", operation_id = "create_upload", security(("token" = [])), params(
    ("Tus-Resumable" = Option<String>, Header, description = "`1.0.0` in tus"),
    ("Upload-Length" = Option<u64>, Header, description = "Bytes of the whole stream, if known"),
    ("Upload-Defer-Length" = Option<String>, Header, description = "`1` in tus where the length is not known yet"),
    ("Upload-Metadata" = Option<String>, Header, description = "`title` or `filename`, in base64"),
    ("Upload-Complete" = Option<String>, Header, description = "In the drafts: `?1` if the content is all there is, else `?0`"),
), request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"), responses(
    (status = 201, description = "The upload has begun", headers(
        ("Location" = String, description = "Where it goes on"),
        ("Upload-Offset" = u64, description = "Bytes of the content that are durable"),
    )),
    (status = "4XX", description = "Refused, and nothing is left of it", body = Problem, content_type = "application/problem+json"),
))]
pub async fn create(
    Allowed { asker, .. }: Allowed<InLibrary<Create>>,
    State(app): State<Shared>,
    asked: HeaderMap,
    mut body: Body,
) -> Result<Response, Refusal> {
    let dialect = Dialect::of(&asked)?;
    let head = beginning(dialect, &asked)?;
    // A request that brings nothing of the stream need not say what it would be.
    let brings = !body.is_end_stream();
    if brings && dialect == Dialect::Tus {
        dialect.check_content_type(&asked)?;
    }
    let new = NewUpload { title: title(&asked), length_bytes: head.whole, metadata: metadata(dialect, &asked)? };
    app.library.check_new_upload(&new)?;
    let first = if brings { Some(first_bytes(&app, &asker, dialect, &head, &mut body).await?) } else { None };
    // In a task of its own: whoever hangs up leaves a whole clip or none.
    let begun = tokio::spawn({
        let app = app.clone();
        async move { begin(&app, &asker, dialect, head, new, first, body).await }
    });
    let begun = begun.await.map_err(|_| Refusal::new(ErrorCode::Internal, "The upload could not be begun."))?;
    let (upload, status) = begun?;
    let mut headers = where_it_stands(&app, dialect, &status);
    let location = HeaderValue::from_str(&format!("{UPLOADS}/{}", upload.expose()));
    headers.insert(LOCATION, location.map_err(|_| Refusal::new(ErrorCode::Internal, "The upload has no address."))?);
    Ok((StatusCode::CREATED, headers).into_response())
}

/// What the headers say, checked for what the dialect asks of a beginning.
fn beginning(dialect: Dialect, asked: &HeaderMap) -> Result<AppendHead, BadHead> {
    let named = [header::UPLOAD_COMPLETE, UPLOAD_INCOMPLETE].iter().any(|header| asked.contains_key(*header));
    if dialect == Dialect::Plain && !named {
        let problem = bad("An upload begins with Tus-Resumable: 1.0.0 (tus) or Upload-Complete (resumable uploads).".to_owned());
        return Err(problem.into());
    }
    if asked.contains_key("upload-concat") {
        let problem = bad("Uploads in parts that are put together later are not taken.".to_owned());
        return Err(problem.with_help("Upload the stream as one, without parallel uploads.").into());
    }
    let head = AppendHead::begin(asked, dialect)?;
    let deferred = one(asked, "upload-defer-length")?;
    if dialect == Dialect::Tus && !matches!((head.whole, deferred), (Some(_), None) | (None, Some("1"))) {
        return Err(bad("An upload says either Upload-Length, or Upload-Defer-Length: 1.".to_owned()).into());
    }
    Ok(head)
}

/// The first bytes of the content, if a stream may begin with them: all, or as many as are held at once.
async fn first_bytes(app: &Shared, asker: &Asker, dialect: Dialect, head: &AppendHead, body: &mut Body) -> Result<Held, Refusal> {
    if head.end().zip(head.whole).is_some_and(|(end, whole)| end > whole) {
        return Err(length_mismatch().into());
    }
    let taking = Taking::of(app, dialect, head)?;
    let sender =
        asker.actor.person().map_or_else(|| InLibrary::<Create>::sender(asker, &()), |person| Upload::sender_of(person.id));
    let held = taking.next(app, body, app.bodies.share(sender), &CancellationToken::new()).await?;
    let (bytes, ended) = (held.received.bytes.clone(), held.received.ended);
    if !matches!(ended, Ended::Whole | Ended::Enough) {
        return Err(cut_short(ended).with_help("Begin the upload again."));
    }
    let mut checked = check_sha1(head.sha1, bytes.clone()).await;
    if checked.is_ok() {
        checked = app.library.check_beginning(bytes, head.digest).await;
    }
    checked.map_err(|problem| refusal(dialect, problem.into()))?;
    Ok(held)
}

/// Makes the clip and appends what the request brings.
async fn begin(
    app: &Shared,
    asker: &Asker,
    dialect: Dialect,
    head: AppendHead,
    new: NewUpload,
    first: Option<Held>,
    mut body: Body,
) -> Result<(Secret, UploadStatus), Refusal> {
    let (secret, author) = app.library.create_upload(&asker.actor, new).await?;
    let upload = Upload { secret, author };
    // Content that is empty still ends an upload that says so.
    let appended = if first.is_some() || head.complete == Some(true) {
        append_body(app, &upload, dialect, head, &mut body, first).await
    } else {
        app.library.upload_status(&upload.secret).await.map_err(Refusal::from)
    };
    match appended {
        Ok(status) => Ok((upload.secret, status)),
        Err(refusal) => {
            if let Err(problem) = app.library.end_upload(&upload.secret).await
                && problem.code != ErrorCode::NotFound
            {
                tracing::warn!(code = %problem.code, "An upload that was refused leaves a clip");
            }
            Err(refusal)
        }
    }
}

/// The title in the metadata of tus, or the file's name. What is no metadata, or no title, gives none.
fn title(asked: &HeaderMap) -> Title {
    let text = one(asked, METADATA).ok().flatten().unwrap_or_default();
    let value = |wanted: &str| {
        let mut pairs = text.split(',').filter_map(|pair| pair.trim().split_once(' '));
        let (_, value) = pairs.find(|(key, _)| *key == wanted)?;
        String::from_utf8(BASE64.decode(value.trim().as_bytes()).ok()?).ok()
    };
    let stem = |name: String| name.rsplit_once('.').map_or(name.clone(), |(stem, _)| stem.to_owned());
    value("title").or_else(|| value("filename").map(stem)).and_then(|title| Title::new(&title).ok()).unwrap_or_default()
}

/// tus's metadata, which a client may ask for again.
fn metadata(dialect: Dialect, asked: &HeaderMap) -> Result<Option<String>, Refusal> {
    let text = if dialect == Dialect::Tus { one(asked, METADATA)? } else { None };
    match text {
        Some(text) if text.len() > MAX_METADATA_BYTES => {
            Err(bad(format!("Upload-Metadata may have {MAX_METADATA_BYTES} bytes at most.")).into())
        }
        text => Ok(text.map(str::to_owned)),
    }
}

/// Middleware of the upload addresses: marks answers with the protocol that is spoken, and says in those to `OPTIONS` what may be.
pub async fn mark(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let within = request.uri().path().strip_prefix(UPLOADS);
    if !within.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return next.run(request).await;
    }
    let options = request.method() == Method::OPTIONS;
    // An answer to another version of tus is one of tus too.
    let tus = request.headers().contains_key(TUS_RESUMABLE).then_some(Dialect::Tus);
    let dialect = tus.or_else(|| Dialect::of(request.headers()).ok());
    let mut answer = next.run(request).await;
    if let Some(dialect) = dialect {
        dialect.mark(answer.headers_mut());
    }
    if options {
        *answer.status_mut() = StatusCode::NO_CONTENT;
        tell_options(&app, answer.headers_mut());
    }
    answer
}

/// What is spoken here, for clients that ask before they begin.
fn tell_options(app: &App, headers: &mut HeaderMap) {
    headers.insert(name(TUS_RESUMABLE), TUS_VERSION);
    headers.insert(name("tus-version"), TUS_VERSION);
    headers.insert(name("tus-extension"), HeaderValue::from_static(TUS_EXTENSIONS));
    headers.insert(name("tus-checksum-algorithm"), HeaderValue::from_static("sha1,sha256"));
    headers.insert(name("tus-max-size"), app.library.settings().max_clip_bytes.into());
    headers.insert(name("accept-patch"), ACCEPT_PATCH);
    headers.insert(name(header::UPLOAD_LIMIT), limits(app));
}
