//! However a stream is sent (in any split, twice, at wrong offsets, with damage on the way, over restarts and failures of the
//! disk) the library has its bytes and the index of its bytes, and the offset never goes back.

use proptest::prelude::*;
use vignette_library::store::{JobRows as _, RecordingRows as _};
use vignette_library::{Append, AppendRefused};
use vignette_model::{ErrorCode, Sha256};

use crate::rig::{STREAMS, Step, When, World, append, pieces};

/// What a sender, a network or a machine may do.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// So many bytes from where the library is.
    Send(usize),
    /// The same, and the answer is lost: sent again.
    SendTwice(usize),
    /// Bytes from somewhere else.
    Astray { offset: usize, size: usize },
    /// Bytes that change on the way.
    Damaged(usize),
    /// The disk fails.
    Fails(usize, bool),
    /// The process ends and begins again.
    Restart,
    /// Time passes until the upload counts as interrupted.
    Silence,
}

fn act() -> impl Strategy<Value = Act> {
    let size = || prop_oneof![1..200_usize, 1..20_000_usize];
    prop_oneof![
        6 => size().prop_map(Act::Send),
        2 => size().prop_map(Act::SendTwice),
        1 => (0..40_000_usize, size()).prop_map(|(offset, size)| Act::Astray { offset, size }),
        1 => size().prop_map(Act::Damaged),
        1 => (size(), any::<bool>()).prop_map(|(size, after)| Act::Fails(size, after)),
        1 => Just(Act::Restart),
        1 => Just(Act::Silence),
    ]
}

fn code(answer: Result<impl Sized, AppendRefused>) -> Option<ErrorCode> {
    answer.err().map(|refused| refused.error.code())
}

async fn play(stream: &[u8], acts: &[Act]) {
    let mut world = World::new().await;
    let clip = world.create(false).await;
    let mut at = 0;
    for &act in acts {
        let part = |size: usize| &stream[at..stream.len().min(at + size)];
        let mut moved = 0;
        match act {
            Act::Send(size) => {
                world.send(&clip, at, part(size), false).await.unwrap();
                moved = part(size).len();
            }
            Act::SendTwice(size) => {
                world.send(&clip, at, part(size), false).await.unwrap();
                moved = part(size).len();
                let again = code(world.send(&clip, at, part(size), false).await);
                assert_eq!(again, (moved > 0).then_some(ErrorCode::OffsetMismatch));
            }
            Act::Astray { offset, .. } if offset == at => {}
            Act::Astray { offset, size } => {
                let from = offset.min(stream.len());
                let bytes = &stream[from..stream.len().min(from + size)];
                assert_eq!(
                    code(world.send(&clip, offset, bytes, false).await),
                    Some(ErrorCode::OffsetMismatch)
                );
            }
            Act::Damaged(size) => {
                let mut bytes = part(size).to_vec();
                if let Some(byte) = bytes.last_mut() {
                    *byte ^= 0x40;
                    let damaged = Append {
                        digest: Some(Sha256::of(part(size))),
                        ..append(at, &bytes, false)
                    };
                    assert_eq!(
                        code(world.library.append(&clip.secret, damaged).await),
                        Some(ErrorCode::DigestMismatch)
                    );
                }
            }
            Act::Fails(size, after) => {
                world
                    .media
                    .fail(Some((Step::Append, if after { When::After } else { When::Before })));
                let bytes = part(size.max(1));
                let failed = code(world.send(&clip, at, bytes, false).await);
                assert_eq!(failed, (!bytes.is_empty()).then_some(ErrorCode::Internal));
                world.media.fail(None);
            }
            Act::Restart => world.restart().await,
            Act::Silence => {
                world.clock.advance((world.settings.silence * 2).into());
                world.library.sweep().await.unwrap();
                world.library.settled().await;
            }
        }
        at += moved;
        assert_eq!(
            world.offset(&clip).await,
            at as u64,
            "after {act:?} the offset is what was acknowledged"
        );
        if at > 0 {
            assert_eq!(
                world.stream(&clip).await,
                &stream[..at],
                "after {act:?} the bytes are those acknowledged"
            );
        }
    }
    let rest = Append { repr_digest: Some(Sha256::of(stream)), ..append(at, &stream[at..], true) };
    world.library.append(&clip.secret, rest).await.unwrap();
    world.library.settled().await;
    assert_eq!(world.stream(&clip).await, stream);
    let (_, fragments) = pieces(stream);
    assert_eq!(
        world.store.fragments(clip.recording()).await.unwrap(),
        fragments,
        "the index is that of the whole stream"
    );
    assert_eq!(world.own(&clip).await.sealed_sha256, Some(Sha256::of(stream)));
    assert_eq!(world.store.jobs().await.unwrap(), []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_bytes_are_the_sender_s(
        stream in 0..STREAMS.len(),
        acts in prop::collection::vec(act(), 1..20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(STREAMS[stream], &acts));
    }
}
