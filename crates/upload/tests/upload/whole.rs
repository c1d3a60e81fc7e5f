//! The uploader against the library itself, and against a bad network in between.

use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use vignette_model::api::{ClipState, NewReply};
use vignette_model::text::ReplyBody;
use vignette_model::{Anchor, ErrorCode, Micros, Secret, SystemClock, TakeId};
use vignette_server::embed::{EmbedOptions, EmbeddedLibrary, start};
use vignette_tests::chance::Chance;
use vignette_tests::fault_proxy::{FaultProxy, Faults, Weather};
use vignette_upload::{Client, LINK_BUDGET, library_url};

use crate::rig::{Computer, SOON, endless};

/// A library on a port of its own. The usual one is kept out of the way: another test could take it
/// over in a restart.
async fn library(folder: &Path) -> EmbeddedLibrary {
    static USUAL_PORT: OnceLock<Option<TcpListener>> = OnceLock::new();
    USUAL_PORT.get_or_init(|| TcpListener::bind("127.0.0.1:8455").ok());
    let embed = EmbedOptions {
        data_dir: folder.to_owned(),
        owner_name: "Ada".to_owned(),
        chosen_name: None,
        clock: Arc::new(SystemClock::new()),
    };
    start(embed).await.unwrap()
}

/// The clip of a take as the library has it.
async fn assert_sealed(computer: &Computer, take: TakeId, library: &EmbeddedLibrary) {
    let take = computer.take(take);
    let client = Client::new(&library.url, Some(library.token.clone())).unwrap();
    let clip = client.clip(take.upload.clip.unwrap().id).await.unwrap();
    assert_eq!(clip.sealed_sha256, take.stream.sha256, "the library sealed what was recorded");
    assert!(take.stream.sha256.is_some());
    assert_eq!((clip.view.state, clip.view.size_bytes), (ClipState::Ready, take.stream.size_bytes));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_is_recorded_sealed_and_answered() {
    let folder = tempfile::tempdir().unwrap();
    let library = library(folder.path()).await;
    let computer = Computer::signed_in(library.url.as_str(), &library.token);
    let mut writer = computer.begin(library.url.as_str(), "a take");
    let id = writer.id();
    let clip = computer.uploader.ensure_clip(id, LINK_BUDGET).await.unwrap();
    let viewer = Client::new(&library.url, None).unwrap();
    let mut events = viewer.clip_events(&clip.key).await.unwrap();
    for piece in endless(5_000).take(8) {
        writer.append(&piece).unwrap();
    }
    assert_eq!(viewer.view(&clip.key).await.unwrap().state, ClipState::Recording);
    writer.finish().unwrap();
    computer.until_safe(id).await;
    assert_sealed(&computer, id, &library).await;

    let body = ReplyBody::new("Here?").unwrap();
    let anchor = Some(Anchor::moment(Micros::from_secs(3)));
    let new = NewReply { body, name: None, anchor, parent: None };
    let author = viewer.with_token(Some(library.token.clone()));
    let posted = author.post_reply(&clip.key, &new).await.unwrap();
    let heard = async {
        while let Some(event) = events.next().await.unwrap() {
            if let vignette_model::api::ClipEvent::Reply { reply } = event {
                return Some(reply.id);
            }
        }
        None
    };
    assert_eq!(
        tokio::time::timeout(Duration::from_secs(10), heard).await.unwrap(),
        Some(posted.reply.id)
    );
    assert_eq!(viewer.replies(&clip.key, None).await.unwrap().replies.len(), 1);
    assert_eq!(author.me().await.unwrap().name, "Ada");
    assert_eq!(author.clips(None, 10).await.unwrap().clips.len(), 1);
    author.delete_reply(&clip.key, posted.reply.id, None).await.unwrap();
    author.delete_clip(clip.id).await.unwrap();
    assert_eq!(viewer.view(&clip.key).await.unwrap_err().code(), ErrorCode::NotFound);
    let shut_out = viewer.with_token(Some(Secret::random("lib")));
    assert_eq!(shut_out.me().await.unwrap_err().code(), ErrorCode::SignInNeeded);
    library.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_library_may_be_restarted_at_any_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut library = library(folder.path()).await;
    let url = library.url.clone();
    let computer = Computer::signed_in(url.as_str(), &library.token);
    let mut writer = computer.begin(url.as_str(), "a take");
    let id = writer.id();
    let mut pieces = endless(20_000);
    for _ in 0..3 {
        for piece in pieces.by_ref().take(5) {
            writer.append(&piece).unwrap();
        }
        let size = computer.take(id).stream.size_bytes;
        library.shutdown().await;
        for piece in pieces.by_ref().take(5) {
            writer.append(&piece).unwrap();
        }
        library = self::library(folder.path()).await;
        assert_eq!(library.url, url, "links stay good");
        computer.uploader.wake();
        computer.until(id, "on its way", |p| p.acked_bytes > size).await;
    }
    writer.finish().unwrap();
    computer.until_safe(id).await;
    assert_sealed(&computer, id, &library).await;
    library.shutdown().await;
}

/// Another user's program takes the port in the moment between two processes that serve the
/// library.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_on_the_librarys_port_is_sent_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let first = library(folder.path()).await;
    let second = library(folder.path()).await;
    let before = second.location.borrow().clone();
    let computer = Computer::signed_out();
    computer
        .credentials
        .keep_own(&before.url, before.token.clone(), before.socket.clone())
        .unwrap();
    let mut writer = computer.begin(before.url.as_str(), "a take");
    let id = writer.id();
    let mut pieces = endless(2_000);
    pieces.by_ref().take(3).for_each(|piece| writer.append(&piece).unwrap());
    computer.until(id, "on its way", |p| p.acked_bytes > 0).await;

    let address = *before.url.socket_addrs(|| None).unwrap().first().unwrap();
    first.shutdown().await;
    let stranger = TcpListener::bind(address).expect("the port is free for a moment");
    stranger.set_nonblocking(true).unwrap();
    pieces.by_ref().take(3).for_each(|piece| writer.append(&piece).unwrap());
    computer.uploader.wake();

    let mut place = second.location.clone();
    let now = tokio::time::timeout(SOON, place.wait_for(|place| place.url != before.url))
        .await
        .unwrap()
        .unwrap()
        .clone();
    assert_ne!(now.token, before.token, "what the stranger may have been sent opens nothing");
    let old = Client::new(&now.url, Some(before.token)).unwrap();
    assert_eq!(old.me().await.unwrap_err().code(), ErrorCode::SignInNeeded);
    computer.credentials.keep_own(&before.url, now.token.clone(), now.socket).unwrap();
    writer.finish().unwrap();
    computer.until_safe(id).await;
    assert_eq!(
        Client::new(&now.url, Some(now.token)).unwrap().clips(None, 10).await.unwrap().clips.len(),
        1
    );
    let asked = stranger.accept().map(drop).map_err(|error| error.kind());
    assert_eq!(asked, Err(std::io::ErrorKind::WouldBlock), "nobody came to the stranger");
    second.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_deleted_on_the_page_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let library = library(folder.path()).await;
    let computer = Computer::signed_in(library.url.as_str(), &library.token);
    let mut writer = computer.begin(library.url.as_str(), "a take");
    let id = writer.id();
    let clip = computer.uploader.ensure_clip(id, LINK_BUDGET).await.unwrap();
    let mut pieces = endless(2_000);
    writer.append(&pieces.next().unwrap()).unwrap();
    computer.until(id, "on its way", |p| p.acked_bytes > 0).await;
    Client::new(&library.url, Some(library.token.clone()))
        .unwrap()
        .delete_clip(clip.id)
        .await
        .unwrap();
    writer.append(&pieces.next().unwrap()).unwrap();
    let problem = computer.until(id, "given up", |p| p.problem.is_some()).await.problem.unwrap();
    assert_eq!(problem.code, ErrorCode::NotFound);
    library.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_network_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let library = library(folder.path()).await;
    let target = *library.url.socket_addrs(|| None).unwrap().first().unwrap();
    let faults = Faults {
        up_bytes: 60_000,
        down_bytes: 1_500,
        stall: Duration::from_millis(50),
        one_in_twice: 4,
    };
    let proxy = FaultProxy::start(target, faults, Chance::seeded(20_261_121)).await;
    let computer = Computer::signed_in(&proxy.url(), &library.token);
    let mut writer = computer.begin(&proxy.url(), "in a train");
    let id = writer.id();
    for piece in endless(30_000).take(80) {
        writer.append(&piece).unwrap();
        computer.uploader.wake(); // pauses of a minute are the policy's, not this test's
        tokio::time::sleep(Duration::from_millis(10)).await; // as a recording goes on
    }
    writer.finish().unwrap();
    let before = computer.record(&proxy.url(), "another", 40, 30_000).id;
    let waking = async {
        while !(computer.take(id).upload.sealed && computer.take(before).upload.sealed) {
            computer.uploader.wake();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    if tokio::time::timeout(Duration::from_secs(90), waking).await.is_err() {
        panic!(
            "the takes did not arrive: {:?} {:?}",
            computer.uploader.progress().borrow(),
            proxy.tally()
        );
    }
    let tally = proxy.tally();
    assert!(
        tally.cuts() > 0 && tally.resets() > 0 && tally.stalls() > 0 && tally.twice() > 0,
        "the network was bad: {tally:?}"
    );
    proxy.set(Weather::Calm);
    for take in [id, before] {
        assert_sealed(&computer, take, &library).await;
    }
    let client =
        Client::new(&library_url(&proxy.url()).unwrap(), Some(library.token.clone())).unwrap();
    assert_eq!(client.clips(None, 10).await.unwrap().clips.len(), 2, "no clip was made twice");
    library.shutdown().await;
}
