//! Models from a host on this computer that behaves as hosts do.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use vignette_model::{ErrorCode, Problem, Sha256};

use super::*;

/// What a host does with the requests that come, one after another; the last is for all that
/// follow.
#[derive(Clone, Copy, Debug)]
enum Host {
    /// Sends what is asked for.
    Sends,
    /// Breaks off after so many bytes.
    Breaks(usize),
    /// Sends everything whatever part is asked for.
    IgnoresRange,
    /// Sends other bytes than it should.
    SendsOthers,
    /// Sends more than it should, without saying how much.
    SendsMore,
    /// Has no such file.
    HasNone,
    /// Sends so much, and then nothing more.
    Stalls(usize),
}

/// Requests that came, head by head.
type Asked = Arc<Mutex<Vec<String>>>;

const LENGTH: usize = 300_000;

fn model_bytes() -> Vec<u8> {
    (0_u32..).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[1]).take(LENGTH).collect()
}

fn table() -> &'static [KnownModel] {
    let sha256 = Sha256::of(&model_bytes()).to_string().leak();
    let model = KnownModel {
        name: "tiny",
        size_bytes: LENGTH as u64,
        sha256,
        source: "somebody/tiny/resolve/0/tiny.gguf",
        ..TABLE[0].clone()
    };
    vec![model].leak()
}

struct Place {
    models: Models,
    folder: tempfile::TempDir,
    progress: watch::Sender<DownloadProgress>,
    cancel: CancellationToken,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let models = Models {
            folder: folder.path().join("models"),
            table: table(),
            free_bytes: |_| Ok(1 << 40),
        };
        Self {
            models,
            folder,
            progress: watch::Sender::default(),
            cancel: CancellationToken::new(),
        }
    }

    async fn get(&self, mirror: &Url) -> Result<PathBuf, TranscribeError> {
        self.models.get("tiny", Some(mirror), &self.progress, &self.cancel).await
    }

    fn here(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder.path().join("models")).unwrap();
        let mut names: Vec<_> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

async fn host(behaviour: &'static [Host]) -> (Url, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/mirror", listener.local_addr().unwrap())).unwrap();
    let asked = Asked::default();
    let heads = asked.clone();
    tokio::spawn(async move {
        for n in 0.. {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(connection.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            heads.lock().unwrap().push(head.clone());
            let host = behaviour[n.min(behaviour.len() - 1)];
            // The other side may go away first.
            tokio::spawn(async move { answer(&mut connection, &head, host).await.ok() });
        }
    });
    (url, asked)
}

async fn answer(connection: &mut tokio::net::TcpStream, head: &str, host: Host) -> io::Result<()> {
    let mut bytes = model_bytes();
    let from = head.lines().find_map(|line| {
        line.strip_prefix("range: bytes=")?.strip_suffix('-')?.parse::<usize>().ok()
    });
    let from = from.filter(|_| !matches!(host, Host::IgnoresRange));
    let to = match host {
        Host::Breaks(bytes) | Host::Stalls(bytes) => (from.unwrap_or(0) + bytes).min(LENGTH),
        _ => LENGTH,
    };
    match host {
        Host::SendsOthers => bytes[LENGTH - 1] ^= 1,
        Host::SendsMore => bytes.extend_from_slice(&[0; 5000]),
        _ => {}
    }
    let (status, range) = match from {
        _ if matches!(host, Host::HasNone) => ("404 Not Found", String::new()),
        None => ("200 OK", String::new()),
        Some(from) => (
            "206 Partial Content",
            format!("content-range: bytes {from}-{}/{LENGTH}\r\n", LENGTH - 1),
        ),
    };
    let from = from.unwrap_or(0);
    let length = match host {
        Host::SendsMore => String::new(),
        _ => format!("content-length: {}\r\n", LENGTH - from),
    };
    let head =
        format!("HTTP/1.1 {status}\r\netag: \"one\"\r\nconnection: close\r\n{range}{length}\r\n");
    connection.write_all(head.as_bytes()).await?;
    connection
        .write_all(
            &bytes[from..to.max(if matches!(host, Host::SendsMore) { bytes.len() } else { to })],
        )
        .await?;
    if matches!(host, Host::Stalls(_)) {
        std::future::pending::<()>().await;
    }
    connection.shutdown().await
}

fn asked_for(asked: &Asked, header: &str) -> Vec<Option<String>> {
    let header = format!("{header}: ");
    let find =
        |head: &String| head.lines().find_map(|line| line.strip_prefix(&header)).map(str::to_owned);
    asked.lock().unwrap().iter().map(find).collect()
}

#[tokio::test]
async fn a_model_comes_is_checked_and_is_in_use() {
    let (place, (mirror, asked)) = (Place::new(), host(&[Host::Sends]).await);
    assert_eq!(place.models.in_use(), None, "without a model everything else goes on");
    let path = place.get(&mirror).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), model_bytes());
    assert_eq!(place.models.in_use(), Some(path));
    assert_eq!(place.here(), ["in-use.json", "tiny.gguf"]);
    let ready = DownloadProgress {
        stage: Stage::Ready,
        here_bytes: LENGTH as u64,
        size_bytes: LENGTH as u64,
    };
    assert_eq!(*place.progress.borrow(), ready);
    assert!(
        asked.lock().unwrap()[0].starts_with("GET /mirror/somebody/tiny/resolve/0/tiny.gguf "),
        "below the mirror"
    );
    place.get(&mirror).await.unwrap();
    assert_eq!(asked.lock().unwrap().len(), 1, "what is here is not fetched again");
    let listed = &place.models.list()[0];
    assert!(listed.ready && listed.in_use && listed.here_bytes == LENGTH as u64);
}

#[tokio::test]
async fn a_download_that_breaks_off_goes_on_from_there() {
    let (place, (mirror, asked)) =
        (Place::new(), host(&[Host::Breaks(100_000), Host::Breaks(150_000), Host::Sends]).await);
    let path = place.get(&mirror).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), model_bytes());
    assert_eq!(
        asked_for(&asked, "range"),
        [None, Some("bytes=100000-".to_owned()), Some("bytes=250000-".to_owned())]
    );
    assert_eq!(
        asked_for(&asked, "if-range")[1..],
        [Some("\"one\"".to_owned()), Some("\"one\"".to_owned())]
    );
}

#[tokio::test]
async fn the_next_try_goes_on_from_what_is_here() {
    let place = Place::new();
    let (mirror, _) = host(&[Host::Breaks(100_000), Host::Breaks(0)]).await;
    let problem = Problem::from(place.get(&mirror).await.unwrap_err());
    assert_eq!(problem.code, ErrorCode::Unreachable, "nothing more came");
    assert_eq!(place.models.list()[0].here_bytes, 100_000, "what has arrived is kept");
    let (mirror, asked) = host(&[Host::Sends]).await;
    assert_eq!(std::fs::read(place.get(&mirror).await.unwrap()).unwrap(), model_bytes());
    assert_eq!(asked_for(&asked, "range"), [Some("bytes=100000-".to_owned())]);
}

#[tokio::test]
async fn a_host_that_sends_everything_again_is_heard_from_the_beginning() {
    let (place, (mirror, _)) =
        (Place::new(), host(&[Host::Breaks(100_000), Host::IgnoresRange]).await);
    assert_eq!(std::fs::read(place.get(&mirror).await.unwrap()).unwrap(), model_bytes());
}

#[tokio::test]
async fn other_bytes_are_thrown_away() {
    for behaviour in [&[Host::SendsOthers] as &[Host], &[Host::SendsMore]] {
        let (place, (mirror, _)) = (Place::new(), host(behaviour).await);
        let problem = Problem::from(place.get(&mirror).await.unwrap_err());
        assert_eq!(problem.code, ErrorCode::DigestMismatch, "{behaviour:?}");
        assert_eq!(place.here(), [""; 0], "{behaviour:?}: nothing is left of it");
        assert_eq!(place.models.in_use(), None);
    }
}

#[tokio::test]
async fn a_host_that_has_it_not_is_named() {
    let (place, (mirror, _)) = (Place::new(), host(&[Host::HasNone]).await);
    let problem = Problem::from(place.get(&mirror).await.unwrap_err());
    assert_eq!(problem.message, "127.0.0.1 answered 404 instead of sending tiny.");
}

#[tokio::test]
async fn nobody_there_is_said() {
    let place = Place::new();
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mirror = Url::parse(&format!("http://{nobody}")).unwrap();
    assert_eq!(Problem::from(place.get(&mirror).await.unwrap_err()).code, ErrorCode::Unreachable);
}

#[tokio::test]
async fn it_stops_when_it_is_told_to_and_keeps_what_is_here() {
    let (place, (mirror, _)) = (Place::new(), host(&[Host::Stalls(50_000)]).await);
    let mut progress = place.progress.subscribe();
    let stop = async {
        progress.wait_for(|progress| progress.here_bytes == 50_000).await.unwrap();
        let busy = place.get(&mirror).await.unwrap_err();
        assert!(
            matches!(busy, TranscribeError::Busy(_)),
            "two at a time would spoil each other: {busy}"
        );
        place.cancel.cancel();
    };
    let (stopped, ()) = tokio::join!(place.get(&mirror), stop);
    assert!(matches!(stopped, Err(TranscribeError::Cancelled(_))), "{stopped:?}");
    assert_eq!(place.models.list()[0].here_bytes, 50_000);
}

#[tokio::test]
async fn without_room_nothing_is_asked_for() {
    let (mut place, (mirror, asked)) = (Place::new(), host(&[Host::Sends]).await);
    place.models.free_bytes = |_| Ok(50_000_000);
    let problem = Problem::from(place.get(&mirror).await.unwrap_err());
    assert_eq!(problem.code, ErrorCode::NoSpace);
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_disk_that_fills_up_meanwhile_is_said_and_keeps_what_is_here() {
    let (mut place, (mirror, _)) = (Place::new(), host(&[Host::Sends]).await);
    let disk = place.folder.path().join("small disk");
    std::fs::create_dir(&disk).unwrap();
    let Some(_disk) = SmallDisk::mount(&disk) else {
        eprintln!("passed over: only root may mount a small disk");
        return;
    };
    place.models.folder = disk;
    let problem = Problem::from(place.get(&mirror).await.unwrap_err());
    assert_eq!(problem.code, ErrorCode::NoSpace, "{problem:?}");
    assert!((1..LENGTH as u64).contains(&place.models.list()[0].here_bytes));
}

/// A disk of 128 kB.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: &Path) -> Option<Self> {
        let mount = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=128k", "tmpfs"])
            .arg(folder)
            .status();
        mount.is_ok_and(|status| status.success()).then(|| Self(folder.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        std::process::Command::new("umount").arg("-l").arg(&self.0).status().unwrap();
    }
}

#[tokio::test]
async fn models_are_chosen_and_removed() {
    let (place, (mirror, _)) = (Place::new(), host(&[Host::Sends]).await);
    assert!(matches!(place.models.choose("tiny"), Err(TranscribeError::NotHere(_))));
    assert!(matches!(
        place.models.choose("../../etc/passwd"),
        Err(TranscribeError::UnknownModel(_))
    ));
    place.get(&mirror).await.unwrap();
    place.models.choose("tiny").unwrap();
    place.models.remove("tiny").unwrap();
    assert_eq!(place.models.in_use(), None);
    assert_eq!(place.here(), ["in-use.json"]);
    place.models.remove("tiny").unwrap();
}

#[test]
fn what_is_no_model_is_not_used() {
    let place = Place::new();
    let file = place.folder.path().join("notes.gguf");
    assert!(
        matches!(place.models.use_file(&file), Err(TranscribeError::Disk { .. })),
        "there is none"
    );
    vignette_durable::write(&file, b"just some notes").unwrap();
    let problem = Problem::from(place.models.use_file(&file).unwrap_err());
    assert_eq!(problem.code, ErrorCode::BadRequest);
    assert!(problem.message.contains("notes.gguf"), "{}", problem.message);
    assert_eq!(place.models.in_use(), None);
}
