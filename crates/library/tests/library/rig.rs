//! A library to be tested: its clock stands still, its process can be ended and begun again, its media can fail.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::sync::watch;
use vignette_fmp4::{Cutter, Fragment, Limits, Piece};
use vignette_library::LibraryError;
use vignette_library::media::{
    ByteStream, Extent, Media, MediaError, MemoryMedia, ObjectName, Slice,
};
use vignette_library::store::LONGEST_DELAY;
use vignette_library::{
    Actor, Append, AppendRefused, Library, LibrarySettings, MediaFile, Newcomer, UploadStatus,
    Visit,
};
use vignette_model::api::{CreatedClip, MemberClip, NewClip};
use vignette_model::text::{Login, PersonName, Title};
use vignette_model::{RecordingId, Secret, Sha256, SimulatedClock, TakeId, UtcMicros};
use vignette_store_sqlite::SqliteStore;

pub(crate) const NOW: UtcMicros = UtcMicros(1_800_000_000_000_000);

/// Streams as ffmpeg writes them.
pub(crate) const STREAMS: [&[u8]; 4] = [
    include_bytes!("../data/recorded.mp4"),
    include_bytes!("../../../fmp4/tests/data/zerolatency.mp4"),
    include_bytes!("../../../fmp4/tests/data/bframes.mp4"),
    include_bytes!("../../../fmp4/tests/data/absolute.mp4"),
];

/// The one that is most like what the recorder sends.
pub(crate) const STREAM: &[u8] = STREAMS[0];

/// Where the pieces of a stream lie, by a cutter of our own.
pub(crate) fn pieces(stream: &[u8]) -> (Vec<Range<usize>>, Vec<Fragment>) {
    let cut = Cutter::new(Limits::DEFAULT).push(stream).unwrap();
    let (mut ranges, mut fragments) = (Vec::new(), Vec::new());
    for piece in cut {
        let end = match piece {
            Piece::Init(init) => init.size_bytes,
            Piece::Fragment(fragment) => {
                fragments.push(fragment);
                fragment.end_bytes()
            }
        };
        ranges.push(
            ranges.last().map_or(0, |last: &Range<usize>| last.end)..usize::try_from(end).unwrap(),
        );
    }
    // What stands behind the last fragment (mfra) comes with it.
    ranges.last_mut().unwrap().end = stream.len();
    (ranges, fragments)
}

/// What media are asked to do that can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Append,
    Seal,
    Remove,
    Delete,
}

/// Whether it fails before anything was done, or after all was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Before,
    After,
}

/// Media in memory that fail when they are told to: what a process finds that died at that moment.
#[derive(Default)]
pub(crate) struct FaultyMedia {
    pub(crate) within: MemoryMedia,
    fault: Mutex<Option<(Step, When)>>,
    spoils: Mutex<Option<&'static str>>,
    bytes_read: AtomicU64,
    /// How many seals were begun, and how many of those, the first ones, are held before anything
    /// is done.
    begun: watch::Sender<usize>,
    held: watch::Sender<usize>,
    /// How many seals go on now, and went on at once at most.
    sealing: AtomicUsize,
    most_sealing: AtomicUsize,
}

impl FaultyMedia {
    /// From now on that step fails at that moment.
    pub(crate) fn fail(&self, fault: Option<(Step, When)>) {
        *self.fault.lock().unwrap() = fault;
    }

    /// From now on one bit of what is read from objects of that kind (`stream`, `recording`) is
    /// wrong.
    pub(crate) fn spoil(&self, kind: Option<&'static str>) {
        *self.spoils.lock().unwrap() = kind;
    }

    /// How many bytes were read so far.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    /// Holds the first `count` seals until it is called with less.
    pub(crate) fn hold_seals(&self, count: usize) {
        self.held.send_replace(count);
    }

    /// Waits until `count` seals were begun.
    pub(crate) async fn seals_begun(&self, count: usize) {
        self.begun.subscribe().wait_for(|begun| *begun >= count).await.unwrap();
    }

    /// How many seals were begun so far, and how many went on at once at most.
    pub(crate) fn seals(&self) -> (usize, usize) {
        (*self.begun.borrow(), self.most_sealing.load(Ordering::Relaxed))
    }

    /// The objects of a recording.
    pub(crate) async fn objects(&self, recording: RecordingId) -> Vec<ObjectName> {
        self.within.objects(recording).await.unwrap()
    }

    fn check(&self, recording: RecordingId, step: Step, when: When) -> Result<(), MediaError> {
        let fails = *self.fault.lock().unwrap() == Some((step, when));
        let source = std::io::Error::other("told to fail");
        if fails {
            Err(MediaError::Io { recording, what: "an object".to_owned(), source })
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl Media for FaultyMedia {
    async fn append(
        &self,
        recording: RecordingId,
        last: Option<&Extent>,
        bytes: Bytes,
        sha256: Sha256,
    ) -> Result<Extent, MediaError> {
        self.check(recording, Step::Append, When::Before)?;
        let extent = self.within.append(recording, last, bytes, sha256).await?;
        self.check(recording, Step::Append, When::After)?;
        Ok(extent)
    }

    async fn discard(&self, recording: RecordingId, extent: &Extent) {
        self.within.discard(recording, extent).await;
    }

    async fn read_slices(
        &self,
        recording: RecordingId,
        slices: Vec<Slice>,
    ) -> Result<ByteStream, MediaError> {
        let size_bytes = slices.iter().map(|slice| slice.range.end - slice.range.start).sum();
        self.bytes_read.fetch_add(size_bytes, Ordering::Relaxed);
        let spoils = *self.spoils.lock().unwrap();
        let spoilt = spoils
            .is_some_and(|kind| slices.iter().any(|slice| slice.object.as_str().starts_with(kind)));
        let pieces = self.within.read_slices(recording, slices).await?;
        if !spoilt {
            return Ok(pieces);
        }
        let mut first = true;
        Ok(Box::pin(pieces.map(move |piece| {
            let mut piece = piece?.to_vec();
            if std::mem::take(&mut first) {
                *piece.last_mut().unwrap() ^= 1;
            }
            Ok(Bytes::from(piece))
        })))
    }

    async fn seal(
        &self,
        recording: RecordingId,
        header: Bytes,
        extents: &[Extent],
    ) -> Result<ObjectName, MediaError> {
        let mut number = 0;
        self.begun.send_modify(|begun| {
            *begun += 1;
            number = *begun;
        });
        let sealing = self.sealing.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_sealing.fetch_max(sealing, Ordering::Relaxed);
        self.held.subscribe().wait_for(|held| number > *held).await.unwrap();
        self.sealing.fetch_sub(1, Ordering::Relaxed);
        self.check(recording, Step::Seal, When::Before)?;
        let object = self.within.seal(recording, header, extents).await?;
        self.check(recording, Step::Seal, When::After)?;
        Ok(object)
    }

    async fn objects(&self, recording: RecordingId) -> Result<Vec<ObjectName>, MediaError> {
        self.within.objects(recording).await
    }

    async fn remove(&self, recording: RecordingId, object: &ObjectName) -> Result<(), MediaError> {
        self.check(recording, Step::Remove, When::Before)?;
        self.within.remove(recording, object).await?;
        self.check(recording, Step::Remove, When::After)
    }

    async fn poster(&self, recording: RecordingId) -> Result<Bytes, MediaError> {
        self.within.poster(recording).await
    }

    async fn put_poster(&self, recording: RecordingId, jpeg: Bytes) -> Result<(), MediaError> {
        self.within.put_poster(recording, jpeg).await
    }

    async fn delete(&self, recording: RecordingId) -> Result<(), MediaError> {
        self.check(recording, Step::Delete, When::Before)?;
        self.within.delete(recording).await?;
        self.check(recording, Step::Delete, When::After)
    }

    async fn ready(&self) -> Result<(), MediaError> {
        self.within.ready().await
    }
}

/// A library and what outlives its process.
pub(crate) struct World {
    pub(crate) clock: Arc<SimulatedClock>,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) media: Arc<FaultyMedia>,
    pub(crate) settings: LibrarySettings,
    pub(crate) library: Library,
    pub(crate) ann: Actor,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut LibrarySettings)) -> Self {
        let mut settings =
            LibrarySettings::new("https://clips.example.org".parse().unwrap(), "Test");
        change(&mut settings);
        let clock = Arc::new(SimulatedClock::at(NOW));
        let store = Arc::new(SqliteStore::in_memory().await.unwrap());
        let media = Arc::new(FaultyMedia::default());
        let library = Library::new(store.clone(), media.clone(), clock.clone(), settings.clone());
        let ann = library.ensure_owner(PersonName::new("Ann").unwrap()).await.unwrap();
        Self { clock, store, media, settings, library, ann }
    }

    /// The process ends, and another begins long enough after it for jobs that failed to be due:
    /// only rows and bytes are left.
    pub(crate) async fn restart(&mut self) {
        self.library.settled().await;
        self.library = Library::new(
            self.store.clone(),
            self.media.clone(),
            self.clock.clone(),
            self.settings.clone(),
        );
        self.clock.advance(LONGEST_DELAY.into());
        self.library.settled().await;
    }

    /// Somebody else with an account.
    pub(crate) async fn bob(&self) -> Actor {
        let invite = self.library.invite(&self.ann).await.unwrap();
        let bob = Newcomer {
            name: PersonName::new("Bob").unwrap(),
            login: Login::new("bob").unwrap(),
            password: "correct horse",
        };
        let joined = self.library.join(&invite, bob, &Visit::default()).await.unwrap();
        Actor::member(joined.person)
    }

    pub(crate) async fn create(&self, live: bool) -> Clip {
        self.create_take(TakeId::new(), live).await
    }

    pub(crate) async fn create_take(&self, take: TakeId, live: bool) -> Clip {
        let title = Title::new("../../etc/passwd").unwrap();
        let new = NewClip { take, title, summary: Default::default(), live, recorded_at_us: NOW };
        let created = self.library.create_clip(&self.ann, new).await.unwrap();
        let secret = Secret::presented(created.upload.strip_prefix("/api/v1/uploads/").unwrap());
        Clip { created, secret }
    }

    /// A clip that has arrived whole and is sealed.
    pub(crate) async fn sealed(&self, stream: &[u8]) -> Clip {
        let clip = self.create(false).await;
        self.send(&clip, 0, stream, true).await.unwrap();
        self.library.settled().await;
        clip
    }

    pub(crate) async fn send(
        &self,
        clip: &Clip,
        offset: usize,
        bytes: &[u8],
        complete: bool,
    ) -> Result<UploadStatus, AppendRefused> {
        self.library.append(&clip.secret, append(offset, bytes, complete)).await
    }

    pub(crate) async fn offset(&self, clip: &Clip) -> u64 {
        self.library.upload_status(&clip.secret).await.unwrap().offset_bytes
    }

    pub(crate) async fn own(&self, clip: &Clip) -> MemberClip {
        self.library.clip(&self.ann, clip.created.id).await.unwrap()
    }

    /// The acknowledged bytes, wherever they lie.
    pub(crate) async fn stream(&self, clip: &Clip) -> Vec<u8> {
        let file = self
            .library
            .media(&self.ann, &clip.created.key, vignette_library::MediaPart::Stream)
            .await
            .unwrap();
        read(&file, 0..file.size_bytes).await.unwrap()
    }
}

/// A clip and the secret of its upload.
#[derive(Clone, Debug)]
pub(crate) struct Clip {
    pub(crate) created: CreatedClip,
    pub(crate) secret: Secret,
}

impl Clip {
    /// Its recording, which has the clip's id.
    pub(crate) fn recording(&self) -> RecordingId {
        RecordingId(self.created.id.0)
    }
}

/// An append with the right digest.
pub(crate) fn append(offset: usize, bytes: &[u8], complete: bool) -> Append {
    let bytes = Bytes::copy_from_slice(bytes);
    let digest = Some(Sha256::of(&bytes));
    Append {
        offset_bytes: offset as u64,
        digest,
        length_bytes: None,
        bytes,
        complete,
        repr_digest: None,
    }
}

pub(crate) async fn read(file: &MediaFile, range: Range<u64>) -> Result<Vec<u8>, LibraryError> {
    let mut pieces = file.read(range).await?;
    let mut whole = Vec::new();
    while let Some(piece) = pieces.next().await {
        whole.extend_from_slice(&piece.unwrap());
    }
    Ok(whole)
}
