//! The state of an upload against a simulated library that loses requests and answers, crashes, and
//! lies about its offset.

use proptest::prelude::*;

use super::*;
use crate::policy::IDLE_INTERVAL;

fn pieces(sizes: &[u64]) -> Vec<Range<u64>> {
    let mut end = 0;
    let piece = |size: &u64| {
        let start = end;
        end += size;
        start..end
    };
    sizes.iter().map(piece).collect()
}

/// What happens to one request.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Fine,
    RequestLost,
    AnswerLost,
    /// The library dies before it commits and is started again.
    Crash,
    /// The question is answered with an offset from earlier, as from a lagging replica.
    Stale,
    Refused(Failure),
    /// The bytes are damaged on the way.
    Damaged,
    /// The request arrives twice.
    Twice,
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![
        3 => Just(Fate::Fine),
        1 => Just(Fate::RequestLost),
        1 => Just(Fate::AnswerLost),
        1 => Just(Fate::Crash),
        1 => Just(Fate::Stale),
        1 => Just(Fate::Damaged),
        1 => Just(Fate::Twice),
        1 => prop::sample::select(vec![
            Failure::Unanswered, Failure::Refused, Failure::Rejected, Failure::Conflict, Failure::Local,
        ]).prop_map(Fate::Refused),
    ];
    prop::collection::vec(fate, 0..60)
}

/// A library that keeps bytes with the protocol's rules.
struct Library {
    stream: Vec<u8>,
    complete: bool,
    stale: u64,
    most_append_bytes: u64,
}

/// What the recorder is answered.
enum Answer {
    Nothing,
    Refused(Failure),
    OffsetMismatch(RemoteUpload),
    Status(RemoteUpload),
}

impl Library {
    fn status(&self) -> RemoteUpload {
        let offset_bytes = self.stream.len() as u64;
        RemoteUpload {
            offset_bytes,
            complete: self.complete,
            sealed: self.complete.then(|| Sha256::of(&self.stream)),
            damaged: false,
            most_append_bytes: None,
        }
    }

    fn append(&mut self, offset: u64, bytes: &[u8], completes: bool) -> Answer {
        let stands = self.stream.len() as u64;
        if bytes.len() as u64 > self.most_append_bytes {
            return Answer::Refused(Failure::TooLarge);
        }
        if self.complete || offset != stands {
            return Answer::OffsetMismatch(self.status());
        }
        self.stale = stands;
        self.stream.extend_from_slice(bytes);
        self.complete = completes;
        // Sealing takes a while: only the next question tells.
        Answer::Status(RemoteUpload { sealed: None, ..self.status() })
    }
}

/// Sends all of `pieces` over a way that breaks whatever is larger than `breaks_above` bytes, and
/// gives each append that was tried: its size, and whether it passed.
fn over_a_way_that_breaks(breaks_above: u64, pieces: &[Range<u64>]) -> Vec<(u64, bool)> {
    let size = pieces.last().unwrap().end;
    let whole = Some(Sha256::of(b"the stream"));
    let (mut state, mut has, mut now, mut tried) =
        (UploadState::new(true, 0), 0, Micros::ZERO, Vec::new());
    let open = |offset_bytes| RemoteUpload {
        offset_bytes,
        complete: offset_bytes == size,
        sealed: None,
        damaged: false,
        most_append_bytes: None,
    };
    while has < size && tried.len() < 1000 {
        match state.step(pieces, whole, u64::MAX, now) {
            Step::Ask => state.status_received(&open(has), now),
            Step::Wait(rest) => now += rest.into(),
            Step::Send { range, .. } => {
                let sent_bytes = range.end - range.start;
                let passes = sent_bytes <= breaks_above;
                tried.push((sent_bytes, passes));
                if passes {
                    has = range.end;
                    state.appended(&range, &open(has), now, 0);
                } else {
                    state.failed(Failure::Unanswered, sent_bytes, now, 0);
                }
            }
            other => panic!("nothing else is due: {other:?}"),
        }
    }
    tried
}

#[test]
fn a_way_that_breaks_every_large_append_lets_small_ones_pass() {
    let pieces = pieces(&[300_000; 100]);
    let tried = over_a_way_that_breaks(1_000_000, &pieces);
    let (passed, broken): (Vec<_>, Vec<_>) = tried.iter().partition(|(_, passed)| *passed);
    assert_eq!(
        passed.iter().map(|(sent, _)| sent).sum::<u64>(),
        30_000_000,
        "all of it arrives: {tried:?}"
    );
    let lost: u64 = broken.iter().map(|(sent, _)| sent).sum();
    assert!(lost < 2 * 30_000_000, "not much more is lost than passes: {lost} bytes");
}

#[test]
fn a_way_that_breaks_everything_is_tried_less_and_less_often() {
    let (mut state, mut now) = (UploadState::new(true, 0), Micros::ZERO);
    let open = RemoteUpload {
        offset_bytes: 0,
        complete: false,
        sealed: None,
        damaged: false,
        most_append_bytes: None,
    };
    let pieces = pieces(&[10, 10, 10]);
    let mut tried = Vec::new();
    while tried.len() < 10 {
        match state.step(&pieces, None, u64::MAX, now) {
            Step::Ask => state.status_received(&open, now),
            Step::Wait(rest) => now += rest.into(),
            Step::Send { range, .. } => {
                tried.push((now, range.end));
                state.failed(Failure::Unanswered, range.end, now, u16::MAX);
            }
            other => panic!("nothing else is due: {other:?}"),
        }
    }
    assert_eq!(tried[0].1, 30, "at first what waits is joined");
    assert!(tried[1..].iter().all(|(_, end)| *end == 10), "then one piece at a time: {tried:?}");
    let pause = |(from, to): (Micros, Micros)| to.checked_since(from).unwrap().0 / 1000;
    let pauses: Vec<u64> = tried.windows(2).map(|pair| pause((pair[0].0, pair[1].0))).collect();
    assert_eq!(
        pauses,
        [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000],
        "in milliseconds; an answer ends no pause"
    );
}

#[test]
fn an_offset_that_is_refused_again_and_again_is_worth_a_pause() {
    let (mut state, mut now, mut asked) = (UploadState::new(true, 0), Micros::ZERO, 0);
    let open = RemoteUpload {
        offset_bytes: 0,
        complete: false,
        sealed: None,
        damaged: false,
        most_append_bytes: None,
    };
    while now < Micros::from_secs(10) && asked < 100 {
        match state.step(&pieces(&[10]), None, u64::MAX, now) {
            Step::Ask => {
                state.status_received(&open, now);
                asked += 1;
            }
            Step::Wait(rest) => now += rest.into(),
            Step::Send { range, .. } => state.offset_mismatch(&range, &open, now, 0),
            other => panic!("nothing else is due: {other:?}"),
        }
    }
    assert!(
        asked < 10,
        "a library that refuses what it asks for is left in peace, not asked {asked} times"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_happens_the_library_has_the_stream_in_the_end(
        sizes in prop::collection::vec(1_u64..200, 1..30),
        fates in fates(),
        join_bytes in 1_u64..1000,
        most_append_bytes in 200_u64..1000,
        grows in prop::collection::vec(any::<bool>(), 0..60),
    ) {
        let pieces = pieces(&sizes);
        let size = pieces.last().unwrap().end;
        let stream: Vec<u8> = (0..size).map(|n| (n * 31 % 251) as u8).collect();
        let mut library = Library { stream: vec![], complete: false, stale: 0, most_append_bytes };
        let mut state = UploadState::new(false, 0);
        let mut spooled = 1;
        let mut now = Micros::ZERO;
        let (mut fates, mut grows) = (fates.into_iter(), grows.into_iter());
        let mut acknowledged = 0;
        for _ in 0..2000 {
            if spooled < pieces.len() && grows.next().unwrap_or(true) {
                spooled += 1;
            }
            let whole = (spooled == pieces.len()).then(|| Sha256::of(&stream));
            let step = state.step(&pieces[..spooled], whole, join_bytes, now);
            let fate = match step {
                Step::Wait(_) | Step::Done | Step::GiveUp(_) => Fate::Fine,
                _ => fates.next().unwrap_or(Fate::Fine),
            };
            let asked = step == Step::Ask;
            let mut sent = size..size;
            let answer = match (step, fate) {
                (Step::Done, _) => break,
                (Step::GiveUp(reason), _) => return Err(TestCaseError::fail(format!("gave up: {reason}"))),
                (Step::Wait(rest), _) => {
                    prop_assert!(!rest.is_zero() && rest <= IDLE_INTERVAL, "a pause is never empty \
                        and never for good");
                    now += rest.into();
                    continue;
                }
                (_, Fate::RequestLost | Fate::Crash) => Answer::Nothing,
                (_, Fate::Refused(failure)) => Answer::Refused(failure),
                (Step::Create, _) => {
                    state.created();
                    continue;
                }
                (Step::Ask, Fate::Stale) if !library.complete => {
                    Answer::Status(RemoteUpload { offset_bytes: library.stale, ..library.status() })
                }
                (Step::Ask, Fate::AnswerLost) => Answer::Nothing,
                (Step::Ask, _) => Answer::Status(library.status()),
                (Step::Send { .. }, Fate::Damaged) => Answer::Refused(Failure::DigestMismatch),
                (Step::Send { range, completes }, fate) => {
                    let last = &pieces[spooled - 1];
                    prop_assert!(range.start < range.end && range.end <= last.end, "only what is spooled is sent");
                    prop_assert!(pieces.iter().any(|p| p.end == range.end), "what is sent ends with a piece");
                    sent = range.clone();
                    let bytes = &stream[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
                    let answer = library.append(range.start, bytes, completes);
                    match fate {
                        Fate::AnswerLost => Answer::Nothing,
                        Fate::Twice => library.append(range.start, bytes, completes),
                        _ => answer,
                    }
                }
                (Step::Complete, Fate::AnswerLost) => {
                    library.append(size, &[], true);
                    Answer::Nothing
                }
                (Step::Complete, _) => library.append(size, &[], true),
            };
            prop_assert!(library.stream.len() as u64 >= acknowledged, "what was acknowledged stays");
            prop_assert!(stream.starts_with(&library.stream), "the library has a beginning of \
                the stream");
            acknowledged = library.stream.len() as u64;
            match answer {
                Answer::Nothing => state.failed(Failure::Unanswered, sent.end - sent.start, now, 9),
                Answer::Refused(failure) => state.failed(failure, sent.end - sent.start, now, 9),
                Answer::OffsetMismatch(status) => state.offset_mismatch(&sent, &status, now, 9),
                Answer::Status(status) if asked => state.status_received(&status, now),
                Answer::Status(status) => state.appended(&sent, &status, now, 9),
            }
        }
        let end = state.step(&pieces, Some(Sha256::of(&stream)), join_bytes, now);
        prop_assert_eq!(end, Step::Done, "it comes to an end: {:?}", state);
        prop_assert!(library.stream == stream, "sealed is what was spooled");
    }
}
