//! A double of a library: it really keeps bytes, by the protocol's rules, and fails on demand.

use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{patch, post, put};
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use vignette_model::api::{
    ClipChange, ClipState, ClipView, CreatedClip, MemberClip, NewClip, header,
};
use vignette_model::transcript::TranscriptSnapshot;
use vignette_model::{ClipId, ClipKey, ErrorCode, Problem, Secret, Sha256, Span, TakeId, fields};

/// What happens to a request.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It is refused before anything is done.
    Refused(ErrorCode),
    /// It is done and nobody hears of it: a proxy in between says that it heard nothing.
    Unheard,
    /// It never arrives: a proxy says so.
    Lost,
    /// Too much at once: come again in so many seconds.
    Busy(u64),
    /// A hotel's log-in page answers.
    Hotel,
    /// Its answer says that the library has fewer bytes than it has.
    Stale,
    /// The library waits before it answers.
    Slow(Duration),
}

/// A clip of the double.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) id: ClipId,
    pub(crate) key: ClipKey,
    pub(crate) upload: Secret,
    pub(crate) take: TakeId,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) stopped: bool,
    pub(crate) poster: Option<Vec<u8>>,
    pub(crate) transcript: Option<TranscriptSnapshot>,
    pub(crate) stream: Vec<u8>,
    pub(crate) complete: bool,
    /// Its disk gave back other bytes than it was given, so it will never be sealed.
    pub(crate) damaged: bool,
    /// Questions that are answered before it is sealed.
    pub(crate) questions_until_sealed: u32,
    stale: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Keeping {
    pub(crate) clips: Vec<Kept>,
    /// What happens to the next requests of a method.
    faults: HashMap<Method, VecDeque<Fault>>,
    /// Requests as they came: method, path without secrets, bytes of content.
    pub(crate) log: Vec<(Method, String, usize)>,
    /// Appends by take, from where to where.
    pub(crate) appends: Vec<(TakeId, std::ops::Range<u64>)>,
    pub(crate) most_append_bytes: Option<usize>,
    /// What is larger never arrives: the way breaks it.
    pub(crate) breaks_above_bytes: Option<usize>,
    token: Option<Secret>,
}

/// A double of a library. It ends when it is dropped.
pub(crate) struct Double {
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
    pub(crate) token: Secret,
    keeping: Arc<Mutex<Keeping>>,
    task: JoinHandle<()>,
}

type Shared = State<Arc<Mutex<Keeping>>>;

impl Double {
    pub(crate) async fn start() -> Self {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into()).await
    }

    pub(crate) async fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let token = Secret::random("lib");
        let keeping =
            Arc::new(Mutex::new(Keeping { token: Some(token.clone()), ..Keeping::default() }));
        let routes = Router::new()
            .route("/api/v1/clips", post(create))
            .route("/api/v1/clips/{id}", patch(change).get(one).delete(remove))
            .route("/api/v1/clips/{id}/transcript", put(transcript))
            .route("/api/v1/clips/{id}/poster", put(poster))
            .route("/api/v1/uploads/{upload}", patch(append).head(status))
            .layer(middleware::from_fn_with_state(keeping.clone(), misbehave))
            .layer(DefaultBodyLimit::disable())
            .with_state(keeping.clone());
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url: format!("http://{address}"), address, token, keeping, task }
    }

    pub(crate) fn keeping(&self) -> MutexGuard<'_, Keeping> {
        self.keeping.lock().unwrap()
    }

    /// The clip of a take.
    pub(crate) fn clip(&self, take: TakeId) -> Kept {
        self.keeping()
            .clips
            .iter()
            .find(|clip| clip.take == take)
            .expect("the take has a clip")
            .clone()
    }

    pub(crate) fn faults(&self, method: Method, faults: impl IntoIterator<Item = Fault>) {
        self.keeping().faults.entry(method).or_default().extend(faults);
    }

    /// Faults that have not happened yet.
    pub(crate) fn faults_left(&self) -> usize {
        self.keeping().faults.values().map(VecDeque::len).sum()
    }

    /// How many requests of a method came.
    pub(crate) fn count(&self, method: &Method, path: &str) -> usize {
        self.keeping().log.iter().filter(|(m, p, _)| m == method && p.starts_with(path)).count()
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn misbehave(State(keeping): Shared, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().split("/up_").next().unwrap_or_default().to_owned();
    let length = request
        .headers()
        .get("content-length")
        .and_then(|l| l.to_str().ok()?.parse().ok())
        .unwrap_or(0);
    let bearer =
        request.headers().get("authorization").and_then(|t| t.to_str().ok()).map(str::to_owned);
    let (fault, open, broken) = {
        let mut keeping = keeping.lock().unwrap();
        keeping.log.push((method.clone(), path.clone(), length));
        let open = keeping
            .token
            .as_ref()
            .is_some_and(|token| bearer == Some(format!("Bearer {}", token.expose())));
        (
            keeping.faults.get_mut(&method).and_then(VecDeque::pop_front),
            open,
            keeping.breaks_above_bytes.is_some_and(|most| length > most),
        )
    };
    if path.starts_with("/api/v1/uploads") {
        assert_eq!(bearer, None, "an upload address is enough; the token stays at home");
    } else if !open {
        return refuse(ErrorCode::SignInNeeded);
    }
    let silent = || {
        (StatusCode::BAD_GATEWAY, [("content-type", "text/html")], "<h1>502</h1>").into_response()
    };
    match fault {
        None if broken => silent(),
        None => next.run(request).await,
        Some(Fault::Refused(code)) => refuse(code),
        Some(Fault::Lost) => silent(),
        Some(Fault::Busy(seconds)) => {
            let mut busy = refuse(ErrorCode::TooManyRequests);
            busy.headers_mut().insert("retry-after", seconds.into());
            busy
        }
        Some(Fault::Unheard) => {
            next.run(request).await;
            silent()
        }
        Some(Fault::Hotel) => {
            (StatusCode::NOT_FOUND, [("content-type", "text/html")], "<h1>Welcome, dear guest</h1>")
                .into_response()
        }
        Some(Fault::Slow(pause)) => {
            tokio::time::sleep(pause).await;
            next.run(request).await
        }
        Some(Fault::Stale) => {
            let stale = keeping.lock().unwrap().clips.last().map_or(0, |clip| clip.stale);
            let mut response = next.run(request).await;
            if response
                .headers()
                .get(header::UPLOAD_COMPLETE)
                .is_some_and(|complete| complete == "?0")
            {
                response.headers_mut().insert(header::UPLOAD_OFFSET, (stale as u64).into());
            }
            response
        }
    }
}

fn refuse(code: ErrorCode) -> Response {
    let status = StatusCode::from_u16(code.status()).unwrap();
    let problem = Json(Problem::new(code, "The double refuses."));
    (status, [("content-type", "application/problem+json")], problem.into_response().into_body())
        .into_response()
}

async fn create(State(keeping): Shared, Json(new): Json<NewClip>) -> Response {
    let mut keeping = keeping.lock().unwrap();
    let upload = Secret::random("up");
    let clip = match keeping.clips.iter_mut().position(|clip| clip.take == new.take) {
        Some(at) => {
            keeping.clips[at].upload = upload;
            keeping.clips[at].clone()
        }
        None => {
            let clip = Kept {
                id: ClipId::new(),
                key: ClipKey::random(),
                upload,
                take: new.take,
                title: new.title.to_string(),
                summary: new.summary.to_string(),
                stopped: false,
                poster: None,
                transcript: None,
                stream: Vec::new(),
                complete: false,
                damaged: false,
                questions_until_sealed: 2,
                stale: 0,
            };
            keeping.clips.push(clip.clone());
            clip
        }
    };
    let created = CreatedClip {
        id: clip.id,
        link: format!("http://double/c/{}", clip.key),
        key: clip.key,
        upload: format!("/api/v1/uploads/{}", clip.upload.expose()),
    };
    (StatusCode::CREATED, Json(created)).into_response()
}

fn own(clip: &Kept) -> Response {
    let view = ClipView {
        title: Default::default(),
        summary: Default::default(),
        summary_html: String::new(),
        author: "The double".to_owned(),
        author_login: None,
        recorded_at_us: Default::default(),
        state: ClipState::Arriving,
        live: false,
        duration_us: Span::ZERO,
        size_bytes: clip.stream.len() as u64,
        width: 0,
        height: 0,
        poster: None,
        hls: None,
        mp4: None,
        prefers_hls: false,
        replies: 0,
        guests: true,
        title_by: None,
        summary_by: None,
        transcript: None,
        captions: None,
        chapters: None,
    };
    Json(MemberClip {
        take: None,
        repliers: Vec::new(),
        progress: None,
        id: clip.id,
        key: clip.key.clone(),
        link: String::new(),
        sealed_sha256: None,
        mine: true,
        view,
    })
    .into_response()
}

async fn transcript(
    State(keeping): Shared,
    Path(id): Path<ClipId>,
    Json(transcript): Json<TranscriptSnapshot>,
) -> Response {
    let mut keeping = keeping.lock().unwrap();
    let Some(clip) = keeping.clips.iter_mut().find(|clip| clip.id == id) else {
        return refuse(ErrorCode::NotFound);
    };
    if clip.transcript.as_ref().is_none_or(|before| before.revision < transcript.revision) {
        clip.transcript = Some(transcript);
    }
    StatusCode::NO_CONTENT.into_response()
}

async fn remove(State(keeping): Shared, Path(id): Path<ClipId>) -> Response {
    let mut keeping = keeping.lock().unwrap();
    let before = keeping.clips.len();
    keeping.clips.retain(|clip| clip.id != id);
    if keeping.clips.len() < before {
        StatusCode::NO_CONTENT.into_response()
    } else {
        refuse(ErrorCode::NotFound)
    }
}

async fn one(State(keeping): Shared, Path(id): Path<ClipId>) -> Response {
    let keeping = keeping.lock().unwrap();
    keeping.clips.iter().find(|clip| clip.id == id).map_or_else(|| refuse(ErrorCode::NotFound), own)
}

async fn change(
    State(keeping): Shared,
    Path(id): Path<ClipId>,
    Json(change): Json<ClipChange>,
) -> Response {
    let mut keeping = keeping.lock().unwrap();
    let Some(clip) = keeping.clips.iter_mut().find(|clip| clip.id == id) else {
        return refuse(ErrorCode::NotFound);
    };
    if let Some(title) = change.title {
        clip.title = title.to_string();
    }
    if let Some(summary) = change.summary {
        clip.summary = summary.to_string();
    }
    clip.stopped |= change.stopped == Some(true);
    own(clip)
}

async fn poster(State(keeping): Shared, Path(id): Path<ClipId>, jpeg: Bytes) -> Response {
    let mut keeping = keeping.lock().unwrap();
    let Some(clip) = keeping.clips.iter_mut().find(|clip| clip.id == id) else {
        return refuse(ErrorCode::NotFound);
    };
    clip.poster = Some(jpeg.to_vec());
    own(clip)
}

async fn status(State(keeping): Shared, Path(upload): Path<Secret>) -> Response {
    let mut keeping = keeping.lock().unwrap();
    let most = keeping.most_append_bytes;
    match keeping.clips.iter_mut().find(|clip| clip.upload == upload) {
        Some(clip) => {
            if clip.complete {
                clip.questions_until_sealed = clip.questions_until_sealed.saturating_sub(1);
            }
            (StatusCode::NO_CONTENT, stands(clip, most)).into_response()
        }
        None => refuse(ErrorCode::NotFound),
    }
}

async fn append(
    State(keeping): Shared,
    Path(upload): Path<Secret>,
    asked: HeaderMap,
    bytes: Bytes,
) -> Response {
    let mut keeping = keeping.lock().unwrap();
    let text = |name: &str| asked.get(name).map(|value| value.to_str().unwrap().to_owned());
    let most = keeping.most_append_bytes;
    let Some(at) = keeping.clips.iter().position(|clip| clip.upload == upload) else {
        return refuse(ErrorCode::NotFound);
    };
    assert_eq!(text("content-type").as_deref(), Some("application/partial-upload"));
    let offset: u64 = text(header::UPLOAD_OFFSET).unwrap().parse().unwrap();
    let completes = text(header::UPLOAD_COMPLETE).unwrap() == "?1";
    let digest = fields::sha256([text(header::CONTENT_DIGEST).unwrap().as_bytes()]).unwrap();
    if most.is_some_and(|most| bytes.len() > most) {
        return refuse(ErrorCode::TooLarge);
    }
    if digest != Sha256::of(&bytes) {
        return refuse(ErrorCode::DigestMismatch);
    }
    let clip = &mut keeping.clips[at];
    if clip.complete || offset != clip.stream.len() as u64 {
        let mut refused = refuse(ErrorCode::OffsetMismatch);
        refused.headers_mut().insert(header::UPLOAD_OFFSET, (clip.stream.len() as u64).into());
        return refused;
    }
    let mut stream = clip.stream.clone();
    stream.extend_from_slice(&bytes);
    if completes {
        let whole = fields::sha256([text(header::REPR_DIGEST).unwrap().as_bytes()]).unwrap();
        if whole != Sha256::of(&stream) {
            return refuse(ErrorCode::DigestMismatch);
        }
    }
    clip.stale = clip.stream.len();
    (clip.stream, clip.complete) = (stream, completes);
    let (take, stands) = (clip.take, stands(clip, most));
    keeping.appends.push((take, offset..offset + bytes.len() as u64));
    (StatusCode::NO_CONTENT, stands).into_response()
}

fn stands(clip: &Kept, most_append_bytes: Option<usize>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name: &'static str, value: String| {
        headers.insert(HeaderName::from_static(name), value.parse().unwrap())
    };
    set(header::UPLOAD_OFFSET, clip.stream.len().to_string());
    set(header::UPLOAD_COMPLETE, if clip.complete { "?1" } else { "?0" }.to_owned());
    if let Some(most) = most_append_bytes {
        set(header::UPLOAD_LIMIT, format!("max-append-size={most}"));
    }
    if clip.damaged {
        set(header::UPLOAD_PROBLEM, ErrorCode::Damaged.to_string());
    } else if clip.complete && clip.questions_until_sealed == 0 {
        set(header::REPR_DIGEST, Sha256::of(&clip.stream).to_header());
    }
    headers
}
