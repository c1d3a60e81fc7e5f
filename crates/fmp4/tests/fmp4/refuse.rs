//! What is refused, where, and why.

use vignette_fmp4::{Cutter, Fault, FormatError, Init, Limits, Piece, Sealer, TrackKind};
use vignette_model::{ErrorCode, Problem};

use crate::streams::{ABSOLUTE, BFRAMES, ZEROLATENCY, after_init, find, part, pieces, shifted};

fn refusal(stream: &[u8]) -> FormatError {
    refusal_within(stream, Limits::DEFAULT)
}

fn refusal_within(stream: &[u8], limits: Limits) -> FormatError {
    Cutter::new(limits).push(stream).expect_err("the stream must be refused")
}

/// A moof of 76 bytes whose trun has no fields per sample and claims `count` of them, of one byte
/// each.
fn small_moof(count: u32) -> Vec<u8> {
    moof_of(count, 1, 0)
}

/// The same with samples of `size_bytes`, from `decode_time` on.
fn moof_of(count: u32, size_bytes: u32, decode_time: u64) -> Vec<u8> {
    let mut moof = b"\0\0\0\x50moof\0\0\0\x48traf\0\0\0\x14tfhd\0\x02\0\x10\0\0\0\x01".to_vec();
    moof.extend(size_bytes.to_be_bytes());
    moof.extend(b"\0\0\0\x14tfdt\x01\0\0\0");
    moof.extend(decode_time.to_be_bytes());
    moof.extend(b"\0\0\0\x14trun\0\0\0\x01");
    moof.extend(count.to_be_bytes());
    moof.extend(84_u32.to_be_bytes());
    let size = u32::try_from(moof.len()).unwrap();
    moof[..4].copy_from_slice(&size.to_be_bytes());
    moof[8..12].copy_from_slice(&(size - 8).to_be_bytes());
    moof
}

#[test]
fn four_billion_samples_in_76_bytes() {
    let (init, _) = pieces(ZEROLATENCY);
    let moof = small_moof(u32::MAX);
    assert_eq!(moof.len(), 76);
    let mut cutter = after_init(ZEROLATENCY, Limits::DEFAULT);
    let error = cutter.push(&moof).expect_err("nothing may be counted that is not there");
    let most = u64::from(Limits::DEFAULT.fragment_samples);
    assert_eq!(
        error.fault,
        Fault::TooMuch {
            what: "the number of samples in a fragment",
            value: u64::from(u32::MAX),
            most
        }
    );
    assert_eq!(cutter.push(b"anything"), Err(error), "a refused stream stays refused");
    assert_eq!(cutter.whole_bytes(), init.size_bytes, "what was whole before stays whole");

    let mut cutter = after_init(ZEROLATENCY, Limits::DEFAULT);
    cutter.push(&small_moof(7)).expect("few samples without fields of their own are fine");
}

#[test]
fn many_truns_share_one_limit() {
    let mut moof = small_moof(40_000);
    moof.extend(b"\0\0\0\x10trun\0\0\0\0\0\0\x9c\x40");
    let size = u32::try_from(moof.len()).unwrap();
    moof[..4].copy_from_slice(&size.to_be_bytes());
    moof[8..12].copy_from_slice(&(size - 8).to_be_bytes());
    let error = after_init(ZEROLATENCY, Limits::DEFAULT).push(&moof).unwrap_err();
    assert!(matches!(error.fault, Fault::TooMuch { value: 40_000, .. }), "{error}");
}

#[test]
fn samples_are_paid_for_in_bytes() {
    let refusal = |bytes: &[u8]| {
        after_init(ZEROLATENCY, Limits::DEFAULT).push(bytes).map(drop).map_err(|e| e.fault)
    };
    let nothing = Fault::Bad { what: "the size of a sample", value: 0 };
    assert_eq!(refusal(&moof_of(7, 0, 0)), Err(nothing), "samples of nothing would cost nothing");

    let mdat =
        |size: u32| [&(8 + size).to_be_bytes()[..], b"mdat", &vec![0; size as usize]].concat();
    assert_eq!(refusal(&[small_moof(7), mdat(7)].concat()), Ok(()), "a byte for each is enough");
    assert_eq!(refusal(&[small_moof(7), mdat(6)].concat()), Err(Fault::OutsideMdat { track: 1 }));

    // A second trun that begins where the first did.
    let mut moof = small_moof(7);
    moof.extend(b"\0\0\0\x14trun\0\0\0\x01\0\0\0\x07\0\0\0\x68");
    let size = u32::try_from(moof.len()).unwrap();
    moof[..4].copy_from_slice(&size.to_be_bytes());
    moof[8..12].copy_from_slice(&(size - 8).to_be_bytes());
    let first = moof.windows(4).position(|name| name == b"trun").unwrap() + 12;
    moof[first..][..4].copy_from_slice(&(size + 8).to_be_bytes());
    assert_eq!(size + 8, 0x68, "both begin with the mdat's first byte");
    let shared = Fault::TooMuch { what: "the size of a fragment's samples", value: 14, most: 7 };
    assert_eq!(
        refusal(&[moof, mdat(7)].concat()),
        Err(shared),
        "the same bytes do not count twice"
    );
}

#[test]
fn the_samples_of_a_stream_are_counted() {
    let (init, _) = pieces(ZEROLATENCY);
    let head = part(ZEROLATENCY, 0, init.size_bytes);
    let limits = Limits { samples: 20, ..Limits::DEFAULT };
    let mut cutter = after_init(ZEROLATENCY, limits);
    let mut sealer = Sealer::new(head, limits).unwrap();
    let mut offset = init.size_bytes;
    for (count, fits) in [(8, true), (12, true), (1, false)] {
        let moof = moof_of(count, 1, 1024 * offset);
        let mdat = [&(8 + count).to_be_bytes()[..], b"mdat", &vec![0; count as usize]].concat();
        let cut = cutter.push(&[&moof[..], &mdat].concat()).map(drop);
        let sealed = sealer.add(offset, &moof);
        let most = FormatError {
            offset_bytes: offset,
            fault: Fault::TooMuch {
                what: "the number of samples in the stream",
                value: 21,
                most: 20,
            },
        };
        let expected = if fits { Ok(()) } else { Err(most) };
        assert_eq!((cut, sealed), (expected.clone(), expected), "after {count} more");
        offset += (moof.len() + mdat.len()) as u64;
    }
}

#[test]
fn a_box_larger_than_the_limits_is_refused_by_its_header() {
    let (init, fragments) = pieces(ZEROLATENCY);
    let head = part(ZEROLATENCY, 0, init.size_bytes);
    for (name, size) in [(b"moof", 5_u32 << 20), (b"free", 1 << 30), (b"sidx", u32::MAX)] {
        let mut stream = head.to_vec();
        stream.extend(size.to_be_bytes());
        stream.extend(name);
        let error = refusal(&stream);
        assert!(matches!(error.fault, Fault::TooMuch { .. }), "{error}");
        assert_eq!(error.offset_bytes, init.size_bytes, "the offset of the box is told");
    }
    let tight = Limits { fragment_bytes: fragments[0].size_bytes - 1, ..Limits::DEFAULT };
    assert!(matches!(
        refusal_within(ZEROLATENCY, tight).fault,
        Fault::TooMuch { what: "the size of a fragment", .. }
    ));
    let tight = Limits { stream_bytes: fragments[1].end_bytes() - 1, ..Limits::DEFAULT };
    assert!(matches!(
        refusal_within(ZEROLATENCY, tight).fault,
        Fault::TooMuch { what: "the size of the stream", .. }
    ));
    let tight = Limits { fragments: 1, ..Limits::DEFAULT };
    assert!(matches!(
        refusal_within(ZEROLATENCY, tight).fault,
        Fault::TooMuch { what: "the number of fragments", .. }
    ));
    let tight = Limits { tracks: 1, ..Limits::DEFAULT };
    assert!(matches!(
        refusal_within(BFRAMES, tight).fault,
        Fault::TooMuch { what: "the number of tracks", .. }
    ));
    let exact = Limits {
        fragment_bytes: fragments[0].size_bytes.max(fragments[1].size_bytes),
        fragments: 2,
        ..Limits::DEFAULT
    };
    Cutter::new(exact).push(ZEROLATENCY).expect("limits are the most that is taken");
}

#[test]
fn boxes_stand_in_their_order() {
    let (init, fragments) = pieces(ZEROLATENCY);
    let (head, first) = (
        part(ZEROLATENCY, 0, init.size_bytes),
        part(ZEROLATENCY, fragments[0].offset_bytes, fragments[0].size_bytes),
    );
    let (moof, mdat) = first.split_at(usize::try_from(fragments[0].moof_size_bytes).unwrap());
    for (stream, expected) in [
        (first.to_vec(), "ftyp"),
        ([head, mdat].concat(), "moof"),
        ([head, head].concat(), "moof"),
        ([head, moof, moof].concat(), "mdat"),
        ([head, moof, b"\0\0\0\x08free"].concat(), "mdat"),
        ([head, b"\0\0\0\x08mfra"].concat(), "moof"),
        ([head, first, b"\0\0\0\x08skip"].concat(), "moof"),
        (b"<html><body>502 Bad Gateway".to_vec(), "ftyp"),
    ] {
        let error = refusal(&stream);
        let fits = match &error.fault {
            Fault::Unexpected { expected: found, .. } => *found == expected,
            Fault::TooMuch { .. } => stream.starts_with(b"<"),
            _ => false,
        };
        assert!(fits, "expected {expected}: {error}");
    }
}

#[test]
fn boxes_before_a_moof_belong_to_its_fragment() {
    let (init, fragments) = pieces(ZEROLATENCY);
    let head = part(ZEROLATENCY, 0, init.size_bytes);
    let first = part(ZEROLATENCY, fragments[0].offset_bytes, fragments[0].size_bytes);
    let stream = [head, b"\0\0\0\x0cstyp\0\0\0\0\0\0\0\x08free", first].concat();
    let found = Cutter::new(Limits::DEFAULT).push(&stream).unwrap();
    let Piece::Fragment(fragment) = &found[1] else { panic!("{found:?}") };
    assert_eq!(
        (fragment.offset_bytes, fragment.moof_offset_bytes),
        (init.size_bytes, init.size_bytes + 20)
    );
    assert_eq!(fragment.end_bytes(), stream.len() as u64);
}

#[test]
fn a_fragment_starts_with_a_key_frame() {
    let mut stream = ZEROLATENCY.to_vec();
    let trun = find(&stream, b"trun", 0);
    assert_eq!(stream[trun + 7] & 4, 4, "the stream says first_sample_flags");
    stream[trun + 16..][..4].copy_from_slice(&0x0101_0000_u32.to_be_bytes());
    let error = refusal(&stream);
    assert_eq!(error.fault, Fault::NoKeyFrame);
    assert_eq!(error.offset_bytes, pieces(ZEROLATENCY).1[0].moof_offset_bytes);
}

#[test]
fn times_go_on() {
    let (_, fragments) = pieces(ZEROLATENCY);
    // 30720 ticks a fragment, 1024 a sample: the last sample of the first begins at 29696.
    let error = refusal(&shifted(ZEROLATENCY, 1, |_| -1025));
    assert_eq!(error.fault, Fault::TimeGoesBack { track: 1, found: 29_695, last: 29_696 });
    assert_eq!(error.offset_bytes, fragments[1].moof_offset_bytes);
    Cutter::new(Limits::DEFAULT)
        .push(&shifted(ZEROLATENCY, 1, |_| -1024))
        .expect("a last sample may turn out shorter than it claimed");
    Cutter::new(Limits::DEFAULT)
        .push(&shifted(ZEROLATENCY, 1, |_| 1_000_000))
        .expect("a gap is no fault");
    let sound_back = shifted(BFRAMES, 2, |track| if track == 2 { -2000 } else { 0 });
    assert!(
        matches!(refusal(&sound_back).fault, Fault::TimeGoesBack { track: 2, .. }),
        "sound has to go on too"
    );
}

#[test]
fn samples_lie_in_their_mdat() {
    for (stream, field) in [(ZEROLATENCY, 12), (ABSOLUTE, 12)] {
        for offset in [0_i32, 40, i32::MIN, i32::MAX] {
            let mut stream = stream.to_vec();
            let trun = find(&stream, b"trun", 0);
            stream[trun + field..][..4].copy_from_slice(&offset.to_be_bytes());
            let error = refusal(&stream);
            assert!(
                matches!(
                    error.fault,
                    Fault::OutsideMdat { track: 1 }
                        | Fault::Overflow { .. }
                        | Fault::TooMuch { .. }
                ),
                "{offset}: {error}"
            );
        }
    }
}

#[test]
fn only_what_browsers_play() {
    let changed = |from: &[u8], to: &[u8]| {
        let mut stream = BFRAMES.to_vec();
        let at = find(&stream, from, 0);
        stream[at..][..to.len()].copy_from_slice(to);
        refusal(&stream).fault
    };
    assert_eq!(
        changed(b"avc1\0\0\0\0\0\0\0\x01", b"hev1"),
        Fault::Unsupported { what: "codec", name: "hev1".into() }
    );
    assert_eq!(
        changed(b"mp4a\0\0\0\0\0\0\0\x01", b"enca"),
        Fault::Unsupported { what: "codec", name: "enca".into() }
    );
    assert_eq!(
        changed(b"vide", b"text"),
        Fault::Unsupported { what: "track kind", name: "text".into() }
    );
    assert_eq!(changed(b"avcC", b"free"), Fault::Missing { missing: "avcC", inside: "avc1" });
    assert_eq!(changed(b"trex", b"free"), Fault::Missing { missing: "trex", inside: "mvex" });
    assert_eq!(changed(b"mvex", b"free"), Fault::Missing { missing: "mvex", inside: "moov" });
    assert_eq!(
        changed(b"url \0\0\0\x01", b"url \0\0\0\0"),
        Fault::Bad { what: "the flags of a data reference", value: 0 },
        "a stream may not make anybody open another file"
    );
}

#[test]
fn an_init_segment_is_read_alone_and_whole() {
    let (init, _) = pieces(BFRAMES);
    let head = part(BFRAMES, 0, init.size_bytes);
    assert_eq!(Init::read(head, &Limits::DEFAULT), Ok(init.clone()));
    assert!(Init::read(&head[..head.len() - 1], &Limits::DEFAULT).is_err());
    assert!(Init::read(&BFRAMES[..head.len() + 1], &Limits::DEFAULT).is_err());
    assert_eq!(init.codecs(), "avc1.64000b,mp4a.40.2");
    assert_eq!(init.picture(), (160, 120));
    assert_eq!(
        init.tracks[1].kind,
        TrackKind::Audio { channels: 1, rate_hz: 48_000 },
        "as ffmpeg -ac 1 made it"
    );
}

#[test]
fn headers_are_whole_before_anything_is_sealed() {
    // Version 1 has longer times, so the boxes are too small for their fields then. (Found by
    // fuzzing.)
    for name in [b"mvhd", b"tkhd", b"mdhd"] {
        let mut stream = ZEROLATENCY.to_vec();
        let version = find(&stream, name, 0) + 4;
        stream[version] = 1;
        let fault = refusal(&stream).fault;
        let name = String::from_utf8_lossy(name).into_owned();
        assert!(matches!(&fault, Fault::Short { .. } | Fault::Bad { .. }), "{name}: {fault}");
    }
}

#[test]
fn a_person_is_told_what_to_do() {
    let problem = Problem::from(refusal(b"\0\0\0\x10RIFF\0\0\0\0\0\0\0\0"));
    assert_eq!(problem.code, ErrorCode::NotAStream);
    assert_eq!(
        problem.message,
        "This is not a stream that can be played: at byte 0: a RIFF box where ftyp should be."
    );
}
