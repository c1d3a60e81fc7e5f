//! [`Download`]: downloads a model. A partial file is kept when the connection breaks, and the next
//! try resumes it.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::header::{CONTENT_RANGE, ETAG, IF_RANGE, RANGE};
use reqwest::{Response, StatusCode};
use serde::Serialize;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::watch;
use url::Url;
use vignette_http::{cause, client_builder};
use vignette_model::digest::Hasher;

use super::{HOST, KnownModel};
use crate::TranscribeError;

/// Free space that is left on the disk.
const RESERVED_BYTES: u64 = 50_000_000;
/// Without a byte for so long the connection counts as broken.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// Pause before a broken download is resumed.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// Progress of a download.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct DownloadProgress {
    /// What the download is doing.
    pub stage: Stage,
    /// Bytes that have arrived.
    pub here_bytes: u64,
    /// Size of the model.
    pub size_bytes: u64,
}

/// What a download is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Sends the request, or reads the partial file.
    #[default]
    Asking,
    /// Bytes arrive.
    Coming,
    /// The model was checked and can be used.
    Ready,
}

/// Path of the partial file of the model at `path`.
pub(super) fn part(path: &Path) -> PathBuf {
    path.with_added_extension("part")
}

/// Path of the entity tag of the partial file, so that bytes of another version are not appended to
/// it.
pub(super) fn tag(path: &Path) -> PathBuf {
    path.with_added_extension("etag")
}

/// A download of one model.
pub(super) struct Download<'a> {
    model: &'static KnownModel,
    path: PathBuf,
    free_bytes: fn(&Path) -> io::Result<u64>,
    progress: &'a watch::Sender<DownloadProgress>,
    /// The partial file, locked against other downloads of any program.
    part: File,
}

/// What has arrived.
struct Arrived {
    file: tokio::fs::File,
    digest: Hasher,
    bytes: u64,
}

impl<'a> Download<'a> {
    /// # Errors
    /// [`TranscribeError::Busy`], or [`TranscribeError::Disk`].
    pub(super) fn new(
        model: &'static KnownModel,
        path: PathBuf,
        free_bytes: fn(&Path) -> io::Result<u64>,
        progress: &'a watch::Sender<DownloadProgress>,
    ) -> Result<Self, TranscribeError> {
        let name = part(&path);
        let options =
            File::options().read(true).write(true).create(true).truncate(false).open(&name);
        let part = options.map_err(TranscribeError::disk(&name))?;
        match part.try_lock() {
            Ok(()) => Ok(Self { model, path, free_bytes, progress, part }),
            Err(std::fs::TryLockError::WouldBlock) => {
                Err(TranscribeError::Busy(model.name.to_owned()))
            }
            Err(std::fs::TryLockError::Error(error)) => Err(TranscribeError::disk(name)(error)),
        }
    }

    /// Fetches what is missing, checks the digest and renames the file.
    pub(super) async fn run(self, mirror: Option<&Url>) -> Result<(), TranscribeError> {
        let disk = || TranscribeError::disk(part(&self.path));
        let url = address(self.model, mirror)?;
        self.report(Stage::Asking, 0);
        let mut arrived = self.arrived().await?;
        self.check_free_space(arrived.bytes)?;
        while arrived.bytes < self.model.size_bytes {
            let before = arrived.bytes;
            match self.fetch(&url, &mut arrived).await {
                Ok(()) => {}
                // Resumed as long as each try brings bytes.
                Err(TranscribeError::Unreachable { .. }) if arrived.bytes > before => {
                    tracing::info!(
                        here_bytes = arrived.bytes,
                        "Download of a model broke off, goes on"
                    );
                    tokio::time::sleep(RETRY_DELAY).await;
                }
                Err(error) => return Err(error),
            }
        }
        arrived.file.sync_all().await.map_err(disk())?;
        let found = arrived.digest.digest();
        drop(arrived);
        if found.to_string() != self.model.sha256
            || self.part.metadata().map_err(disk())?.len() != self.model.size_bytes
        {
            self.remove_parts()?;
            return Err(TranscribeError::WrongBytes { name: self.model.name.to_owned(), found });
        }
        let file = self.part.try_clone().map_err(disk())?;
        vignette_durable::persist(file, &part(&self.path), &self.path).map_err(disk())?;
        if let Err(error) = std::fs::remove_file(tag(&self.path)) {
            tracing::debug!(%error, "No tag beside the model");
        }
        self.report(Stage::Ready, self.model.size_bytes);
        tracing::info!(model = self.model.name, "Model is here");
        Ok(())
    }

    fn report(&self, stage: Stage, here_bytes: u64) {
        self.progress.send_replace(DownloadProgress {
            stage,
            here_bytes,
            size_bytes: self.model.size_bytes,
        });
    }

    /// The partial file, and the digest of what is in it.
    async fn arrived(&self) -> Result<Arrived, TranscribeError> {
        let disk = || TranscribeError::disk(part(&self.path));
        let mut file = self.part.try_clone().map_err(disk())?;
        let most = self.model.size_bytes;
        let read = move || -> io::Result<_> {
            if file.metadata()?.len() > most {
                file.set_len(0)?;
            }
            let mut digest = Hasher::default();
            let mut block = vec![0; 1 << 20];
            let mut bytes = 0;
            file.seek(SeekFrom::Start(0))?;
            loop {
                match file.read(&mut block) {
                    Ok(0) => {
                        return Ok(Arrived {
                            file: tokio::fs::File::from_std(file),
                            digest,
                            bytes,
                        });
                    }
                    Ok(read) => {
                        digest.update(&block[..read]);
                        bytes += read as u64;
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        };
        let read = tokio::task::spawn_blocking(read).await;
        read.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(disk())
    }

    fn check_free_space(&self, here_bytes: u64) -> Result<(), TranscribeError> {
        let needed_bytes = self.model.size_bytes - here_bytes;
        // A system that does not report is one to try on.
        let free_bytes = self
            .path
            .parent()
            .and_then(|folder| (self.free_bytes)(folder).ok())
            .unwrap_or(u64::MAX);
        if needed_bytes > 0 && free_bytes.saturating_sub(RESERVED_BYTES) < needed_bytes {
            return Err(TranscribeError::NoRoom {
                name: self.model.name.to_owned(),
                needed_bytes,
                free_bytes,
            });
        }
        Ok(())
    }

    /// Sends one request and appends its body.
    async fn fetch(&self, url: &Url, arrived: &mut Arrived) -> Result<(), TranscribeError> {
        let host = url.host_str().unwrap_or_default();
        let unreachable = |error: &reqwest::Error| TranscribeError::Unreachable {
            host: host.to_owned(),
            why: cause(error),
        };
        let response = self.ask(url, arrived.bytes).await.map_err(|error| unreachable(&error))?;
        match response.status() {
            StatusCode::PARTIAL_CONTENT if range_start(&response) == Some(arrived.bytes) => {}
            StatusCode::OK => self.restart(arrived).await?,
            // The host has no such range, or another one: the partial file is useless.
            StatusCode::RANGE_NOT_SATISFIABLE | StatusCode::PARTIAL_CONTENT
                if arrived.bytes > 0 =>
            {
                return self.restart(arrived).await;
            }
            status => {
                let name = self.model.name.to_owned();
                return Err(TranscribeError::Refused {
                    host: host.to_owned(),
                    name,
                    status: status.as_u16(),
                });
            }
        }
        self.keep_tag(&response);
        let mut body = response.bytes_stream();
        while let Some(block) = body.next().await {
            let block = block.map_err(|error| unreachable(&error))?;
            let room = usize::try_from(self.model.size_bytes - arrived.bytes).unwrap_or(usize::MAX);
            // One byte too many is enough to see that the file is wrong.
            let block = &block[..block.len().min(room.saturating_add(1))];
            arrived.digest.update(block);
            let write =
                async { arrived.file.write_all(block).await.and(arrived.file.flush().await) };
            write.await.map_err(|error| self.disk_error(error, arrived.bytes))?;
            arrived.bytes += block.len() as u64;
            self.report(Stage::Coming, arrived.bytes.min(self.model.size_bytes));
            if arrived.bytes > self.model.size_bytes {
                break;
            }
        }
        if arrived.bytes < self.model.size_bytes {
            return Err(TranscribeError::Unreachable {
                host: host.to_owned(),
                why: "it ended too early".to_owned(),
            });
        }
        Ok(())
    }

    async fn ask(&self, url: &Url, from_bytes: u64) -> reqwest::Result<Response> {
        let client = client_builder(url).read_timeout(READ_TIMEOUT).build()?;
        let mut request = client.get(url.clone());
        if from_bytes > 0 {
            request = request.header(RANGE, format!("bytes={from_bytes}-"));
            if let Ok(tag) = std::fs::read_to_string(tag(&self.path)) {
                request = request.header(IF_RANGE, tag);
            }
        }
        request.send().await
    }

    /// Keeps the strong entity tag (RFC 9110 §8.8.3) of the bytes that arrive.
    fn keep_tag(&self, response: &Response) {
        let called = response
            .headers()
            .get(ETAG)
            .and_then(|tag| tag.to_str().ok())
            .filter(|tag| tag.starts_with('"'));
        if let Some(called) = called
            && let Err(error) = vignette_durable::write(&tag(&self.path), called.as_bytes())
        {
            tracing::debug!(%error, "Cannot keep the tag of a model");
        }
    }

    async fn restart(&self, arrived: &mut Arrived) -> Result<(), TranscribeError> {
        let disk = || TranscribeError::disk(part(&self.path));
        arrived.file.set_len(0).await.map_err(disk())?;
        tokio::io::AsyncSeekExt::rewind(&mut arrived.file).await.map_err(disk())?;
        arrived.digest = Hasher::default();
        arrived.bytes = 0;
        Ok(())
    }

    fn remove_parts(&self) -> Result<(), TranscribeError> {
        for path in [part(&self.path), tag(&self.path)] {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(TranscribeError::disk(path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn disk_error(&self, error: io::Error, here_bytes: u64) -> TranscribeError {
        if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
            let free_bytes =
                self.path.parent().and_then(|folder| (self.free_bytes)(folder).ok()).unwrap_or(0);
            let needed_bytes = self.model.size_bytes.saturating_sub(here_bytes);
            return TranscribeError::NoRoom {
                name: self.model.name.to_owned(),
                needed_bytes,
                free_bytes,
            };
        }
        TranscribeError::disk(part(&self.path))(error)
    }
}

fn address(model: &KnownModel, mirror: Option<&Url>) -> Result<Url, TranscribeError> {
    let mut base = mirror.map_or(HOST, Url::as_str).to_owned();
    if !base.ends_with('/') {
        base.push('/');
    }
    let joined = Url::parse(&base).and_then(|base| base.join(model.source));
    joined.map_err(|error| TranscribeError::Unreachable { host: base, why: error.to_string() })
}

/// First byte of a partial response.
fn range_start(response: &Response) -> Option<u64> {
    let range = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok()
}
