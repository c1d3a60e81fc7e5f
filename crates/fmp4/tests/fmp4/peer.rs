//! The same streams read by another implementation, `mp4-atom`: every sample of the sealed file is
//! the sample of the stream.

use mp4_atom::{Any, DecodeMaybe as _, Moof, Moov, Stbl};
use vignette_model::Micros;

use crate::streams::{ABSOLUTE, ALL, BFRAMES, ZEROLATENCY, pieces, sealed, shifted};

/// A sample as both files should describe it; its bytes stand for where it lies.
#[derive(Debug, PartialEq)]
struct Sample<'a> {
    decode_time: u64,
    composition_offset: i64,
    key: bool,
    bytes: &'a [u8],
}

/// The boxes of a file by the other implementation, each with its offset.
fn boxes(file: &[u8]) -> Vec<(usize, Any)> {
    let mut rest = file;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let at = file.len() - rest.len();
        found.push((
            at,
            Any::decode_maybe(&mut rest).expect("mp4-atom reads it").expect("the box is whole"),
        ));
    }
    found
}

fn stream_samples<'a>(
    stream: &'a [u8],
    track: u32,
    moov: &Moov,
    moofs: &[(usize, Moof)],
) -> Vec<Sample<'a>> {
    let trex = moov.mvex.as_ref().unwrap().trex.iter().find(|trex| trex.track_id == track).unwrap();
    let mut samples = Vec::new();
    for (offset, moof) in moofs {
        for traf in moof.traf.iter().filter(|traf| traf.tfhd.track_id == track) {
            let tfhd = &traf.tfhd;
            let base = tfhd.base_data_offset.map_or(*offset, |base| usize::try_from(base).unwrap());
            let mut decode_time = traf.tfdt.as_ref().unwrap().base_media_decode_time;
            for trun in &traf.trun {
                let mut at = base
                    .checked_add_signed(isize::try_from(trun.data_offset.unwrap()).unwrap())
                    .unwrap();
                for entry in trun.samples.iter() {
                    let size =
                        entry.size.or(tfhd.default_sample_size).unwrap_or(trex.default_sample_size)
                            as usize;
                    let flags = entry
                        .flags
                        .or(tfhd.default_sample_flags)
                        .unwrap_or(trex.default_sample_flags);
                    let duration = entry
                        .duration
                        .or(tfhd.default_sample_duration)
                        .unwrap_or(trex.default_sample_duration);
                    let composition_offset = entry.cts.unwrap_or(0);
                    samples.push(Sample {
                        decode_time,
                        composition_offset,
                        key: flags & 0x1_0000 == 0,
                        bytes: &stream[at..][..size],
                    });
                    at += size;
                    decode_time += u64::from(duration);
                }
            }
        }
    }
    samples
}

fn sealed_samples<'a>(file: &'a [u8], stbl: &Stbl) -> Vec<Sample<'a>> {
    let durations: Vec<u32> = stbl
        .stts
        .entries
        .iter()
        .flat_map(|e| vec![e.sample_delta; e.sample_count as usize])
        .collect();
    let offsets: Vec<i64> = match &stbl.ctts {
        Some(ctts) => ctts
            .entries
            .iter()
            .flat_map(|e| vec![e.sample_offset; e.sample_count as usize])
            .collect(),
        None => vec![0; durations.len()],
    };
    let sizes = match &stbl.stsz.samples {
        mp4_atom::StszSamples::Different { sizes } => sizes.clone(),
        mp4_atom::StszSamples::Identical { count, size } => vec![*size; *count as usize],
    };
    assert_eq!(
        (durations.len(), offsets.len()),
        (sizes.len(), sizes.len()),
        "all tables have the same samples"
    );
    let mut places = Vec::new();
    for (index, offset) in
        stbl.co64.as_ref().expect("offsets have 64 bits").entries.iter().enumerate()
    {
        let run = stbl
            .stsc
            .entries
            .iter()
            .rfind(|entry| entry.first_chunk as usize <= index + 1)
            .unwrap();
        let mut at = usize::try_from(*offset).unwrap();
        for _ in 0..run.samples_per_chunk {
            places.push(at);
            at += sizes[places.len() - 1] as usize;
        }
    }
    assert_eq!(places.len(), sizes.len(), "the chunks have all samples");
    let mut decode_time = 0;
    (0..sizes.len())
        .map(|index| {
            let number = u32::try_from(index + 1).unwrap();
            let sample = Sample {
                decode_time,
                composition_offset: offsets[index],
                key: stbl.stss.as_ref().is_none_or(|stss| stss.entries.contains(&number)),
                bytes: &file[places[index]..][..sizes[index] as usize],
            };
            decode_time += u64::from(durations[index]);
            sample
        })
        .collect()
}

fn moov_and_moofs(file: &[u8]) -> (Moov, Vec<(usize, Moof)>) {
    let (mut moov, mut moofs) = (None, Vec::new());
    for (offset, any) in boxes(file) {
        match any {
            Any::Moov(found) => moov = Some(found),
            Any::Moof(found) => moofs.push((offset, found)),
            _ => {}
        }
    }
    (moov.expect("the file has a moov"), moofs)
}

#[test]
fn the_index_is_the_same() {
    for (name, stream) in ALL {
        let (moov, moofs) = moov_and_moofs(stream);
        let (init, fragments) = pieces(stream);
        assert_eq!(fragments.len(), moofs.len(), "{name}");
        assert_eq!(init.tracks.len(), moov.trak.len(), "{name}");
        let video = init.video();
        for (fragment, moof) in fragments.iter().zip(&moofs) {
            assert_eq!(fragment.moof_offset_bytes, moof.0 as u64, "{name}");
            let samples = stream_samples(stream, video.id, &moov, std::slice::from_ref(moof));
            let shown = samples[0].decode_time.saturating_add_signed(samples[0].composition_offset);
            let trimmed = if name == "bframes" { 2048 } else { 0 };
            assert_eq!(
                Some(fragment.start),
                Micros::from_ticks(shown - trimmed, video.timescale),
                "{name}"
            );
        }
    }
}

#[test]
fn every_sample_of_the_sealed_file_is_the_stream_s() {
    let delayed = shifted(BFRAMES, 0, |_| 48_000);
    let all = ALL.into_iter().chain([("delayed", &delayed[..])]);
    for (name, stream) in all {
        let (moov, moofs) = moov_and_moofs(stream);
        let file = sealed(stream);
        let (sealed_moov, none) = moov_and_moofs(&file);
        assert!(none.is_empty(), "{name}: the fragments lie inside the mdat");
        assert_eq!(sealed_moov.trak.len(), moov.trak.len(), "{name}");
        for (trak, sealed_trak) in moov.trak.iter().zip(&sealed_moov.trak) {
            let mut expected = stream_samples(stream, trak.tkhd.track_id, &moov, &moofs);
            let first = expected[0].decode_time;
            expected.iter_mut().for_each(|sample| sample.decode_time -= first);
            let stbl = &sealed_trak.mdia.minf.stbl;
            assert_eq!(
                stbl.stsd, trak.mdia.minf.stbl.stsd,
                "{name}: the sample description is copied"
            );
            assert_eq!(sealed_trak.mdia.hdlr, trak.mdia.hdlr, "{name}");
            assert!(
                sealed_samples(&file, stbl) == expected,
                "{name}: track {}",
                trak.tkhd.track_id
            );
        }
    }
}

#[test]
fn a_gap_makes_the_last_sample_longer() {
    for gap in [1_i32, 5_000, 1_000_000, -1, -1024] {
        let stream = shifted(ZEROLATENCY, 1, |_| gap);
        let (moov, moofs) = moov_and_moofs(&stream);
        let file = sealed(&stream);
        let (sealed_moov, _) = moov_and_moofs(&file);
        let expected = stream_samples(&stream, 1, &moov, &moofs);
        assert!(
            sealed_samples(&file, &sealed_moov.trak[0].mdia.minf.stbl) == expected,
            "a gap of {gap} ticks keeps every sample's time"
        );
    }
}

#[test]
fn tracks_that_begin_apart_stay_apart() {
    // Sound begins 0.25 s after the pictures.
    let late = shifted(ABSOLUTE, 0, |track| if track == 2 { 12_000 } else { 0 });
    let (moov, _) = moov_and_moofs(&sealed(&late));
    let edits = |index: usize| {
        let elst = moov.trak[index].edts.as_ref().and_then(|edts| edts.elst.as_ref());
        elst.map(|elst| {
            elst.entries
                .iter()
                .map(|entry| (entry.segment_duration, entry.media_time))
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(moov.mvhd.timescale, 1_000_000);
    // Reordered pictures are shown 2048 of 15360 ticks after they are decoded, which is where the
    // clip begins now.
    assert_eq!(edits(0), Some(vec![(4_000_000, Some(2048))]));
    let sound_us = moov.trak[1].mdia.mdhd.duration * 1_000_000 / 48_000;
    assert_eq!(edits(1), Some(vec![(250_000 - 133_333, None), (sound_us, Some(0))]));
}
