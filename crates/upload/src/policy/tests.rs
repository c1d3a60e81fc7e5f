//! Each situation and its step.

use proptest::prelude::*;

use super::*;

const FAILURES: [Failure; 13] = [
    Failure::Unanswered,
    Failure::OffsetMismatch,
    Failure::Conflict,
    Failure::UploadAddressLost,
    Failure::DigestMismatch,
    Failure::NotFound,
    Failure::NotAStream,
    Failure::Damaged,
    Failure::TooLarge,
    Failure::SignInNeeded,
    Failure::Rejected,
    Failure::Refused,
    Failure::Local,
];

fn pieces(sizes: &[u64]) -> Vec<Range<u64>> {
    let mut end = 0;
    let piece = |size: &u64| {
        let start = end;
        end += size;
        start..end
    };
    sizes.iter().map(piece).collect()
}

fn whole() -> Option<Sha256> {
    Some(Sha256::of(b"the stream"))
}

fn open(offset_bytes: u64) -> Acked {
    Acked::Open { offset_bytes }
}

fn failed(last: Failure, in_a_row: u32) -> Failures {
    Failures { in_a_row, last: Some(last), pause: Duration::ZERO }
}

#[test]
fn each_situation_has_its_step() {
    let all = pieces(&[10, 20, 30, 40]);
    let recording = Spooled { pieces: &all, whole: None, join_bytes: 60, too_large_bytes: None };
    let stopped = Spooled { whole: whole(), ..recording };
    let empty = Spooled { pieces: &[], whole: whole(), join_bytes: 60, too_large_bytes: None };
    let fine = Failures::default();
    let send = |range, completes| Step::Send { range, completes };
    let other = Sha256::of(b"another stream");
    let complete = |asked, millis| Acked::Complete {
        offset_bytes: 100,
        asked,
        since: Duration::from_millis(millis),
    };
    let late =
        Failures { in_a_row: 2, last: Some(Failure::Unanswered), pause: Duration::from_secs(1) };
    for (why, spooled, acked, failures, step) in [
        ("no clip yet", recording, Acked::Nowhere, fine, Step::Create),
        ("an offset is never guessed", recording, Acked::Unknown, fine, Step::Ask),
        ("pieces are joined up to the limit", recording, open(0), fine, send(0..60, false)),
        ("the rest of a piece goes with the next", recording, open(15), fine, send(15..60, false)),
        (
            "a large piece goes alone",
            Spooled { join_bytes: 5, ..recording },
            open(60),
            fine,
            send(60..100, false),
        ),
        (
            "the end is not sent as the end while recording",
            recording,
            open(60),
            fine,
            send(60..100, false),
        ),
        ("the end completes", stopped, open(60), fine, send(60..100, true)),
        ("nothing to send while recording", recording, open(100), fine, Step::Wait(IDLE_INTERVAL)),
        ("the take ended after its last piece was sent", stopped, open(100), fine, Step::Complete),
        (
            "a take without bytes is no stream",
            empty,
            open(0),
            fine,
            Step::GiveUp(GiveUp::NotAStream),
        ),
        ("it is asked at once", stopped, complete(0, 50), fine, Step::Ask),
        ("then less often", stopped, complete(2, 50), fine, Step::Wait(Duration::from_millis(150))),
        (
            "but every other second at least",
            stopped,
            complete(40, 1999),
            fine,
            Step::Wait(Duration::from_millis(1)),
        ),
        (
            "and hardly at all if it never is",
            stopped,
            complete(60, 2000),
            fine,
            Step::Wait(Duration::from_secs(58)),
        ),
        (
            "sealed as it is here",
            stopped,
            Acked::Sealed { sha256: Sha256::of(b"the stream") },
            fine,
            Step::Done,
        ),
        (
            "sealed as something else",
            stopped,
            Acked::Sealed { sha256: other },
            fine,
            Step::GiveUp(GiveUp::DigestMismatch),
        ),
        ("lost over there", stopped, Acked::Damaged, fine, Step::GiveUp(GiveUp::Damaged)),
        (
            "ended by somebody else",
            recording,
            complete(0, 0),
            fine,
            Step::GiveUp(GiveUp::EndedEarly),
        ),
        (
            "sealed by somebody else",
            recording,
            Acked::Sealed { sha256: other },
            fine,
            Step::GiveUp(GiveUp::EndedEarly),
        ),
        ("more there than here", recording, open(101), fine, Step::GiveUp(GiveUp::EndedEarly)),
        ("a pause after a failure", recording, open(0), late, Step::Wait(Duration::from_secs(1))),
        ("then one piece", recording, open(0), failed(Failure::Unanswered, 1), send(0..10, false)),
        (
            "a true offset needs no pause",
            recording,
            open(30),
            failed(Failure::OffsetMismatch, 1),
            send(30..60, false),
        ),
        (
            "the clip was deleted",
            recording,
            open(0),
            failed(Failure::NotFound, 1),
            Step::GiveUp(GiveUp::NotFound),
        ),
        (
            "not taken here",
            recording,
            open(0),
            failed(Failure::NotAStream, 9),
            Step::GiveUp(GiveUp::NotAStream),
        ),
        (
            "no token",
            recording,
            Acked::Nowhere,
            failed(Failure::SignInNeeded, 1),
            Step::Wait(IDLE_INTERVAL),
        ),
        (
            "one piece may pass",
            recording,
            open(0),
            failed(Failure::TooLarge, 1),
            send(0..10, false),
        ),
        (
            "not apart at first",
            stopped,
            open(60),
            failed(Failure::Unanswered, 1),
            send(60..100, true),
        ),
        (
            "apart when damaged",
            stopped,
            open(60),
            failed(Failure::DigestMismatch, 1),
            send(60..100, false),
        ),
        (
            "others were sealed",
            stopped,
            open(100),
            failed(Failure::DigestMismatch, 1),
            Step::GiveUp(GiveUp::DigestMismatch),
        ),
    ] {
        assert_eq!(next(&spooled, &acked, &failures), step, "{why}");
    }
    let refused = failed(Failure::TooLarge, 1);
    let many = Spooled { too_large_bytes: Some(60), ..recording };
    assert_eq!(
        next(&many, &open(0), &refused),
        send(0..10, false),
        "fewer pieces at once may pass"
    );
    assert_eq!(
        next(&many, &open(10), &fine),
        send(10..60, false),
        "and fewer are sent from then on"
    );
    let one = Spooled { too_large_bytes: Some(10), ..recording };
    assert_eq!(
        next(&one, &open(0), &refused),
        Step::GiveUp(GiveUp::TooLarge),
        "one piece cannot be made smaller"
    );
}

proptest! {
    #[test]
    fn any_situation_has_a_step(
        sizes in prop::collection::vec(1_u64..1 << 40, 0..10),
        offset_bytes: u64, join_bytes: u64, asked: u32, in_a_row: u32, stopped: bool, kind in 0..4,
        last in prop::sample::select(&FAILURES[..]), millis in 0_u64..100_000, pause_ms in 0_u64..=60_000,
    ) {
        let pieces = pieces(&sizes);
        let since = Duration::from_millis(millis);
        let acked = match kind {
            0 => Acked::Nowhere,
            1 => Acked::Unknown,
            2 => Acked::Open { offset_bytes },
            _ => Acked::Complete { offset_bytes, asked, since },
        };
        let spooled = Spooled { pieces: &pieces, whole: stopped.then(|| Sha256::of(b"")), join_bytes, too_large_bytes: None };
        let failures = Failures { in_a_row, last: Some(last), pause: Duration::from_millis(pause_ms) };
        match next(&spooled, &acked, &failures) {
            Step::Wait(rest) => prop_assert!(!rest.is_zero() && rest <= IDLE_INTERVAL),
            Step::Send { range, .. } => prop_assert!(range.start == offset_bytes && range.start < range.end),
            _ => {}
        }
    }
}
