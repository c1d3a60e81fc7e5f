//! [`Cuts`]: which pictures of a file are copied, and where the copy is cut into fragments.
//!
//! A fragment begins with a key frame, so its minimum length is the distance of two key frames. A
//! playlist declares with its first fragment that none is longer than [`TARGET_US`] or that first
//! one, and it grows while the copy is sent. So if key frames are further apart, the first fragment
//! is made as long as the longest.

use std::collections::BTreeSet;

use ffmpeg_next::Packet;

use crate::frame_pacer::FRAGMENT;

/// The maximum distance of key frames that is copied, and how far apart they may be however many pictures
/// lie between them. Seeking waits until those are decoded: of slides, one or five a second, they are few.
const LONGEST_GROUP_US: i64 = 300_000_000;
const SHORT_GROUP_US: i64 = 20_000_000;
const GROUP_PICTURES: u64 = 600;
/// The target duration that a playlist declares for every stream.
const TARGET_US: i64 = 4_000_000;
/// The maximum size and number of packets of a fragment: half of the limit of a library, since the
/// sound may lie elsewhere in the file.
const FRAGMENT_BYTES: u64 = 64 << 20;
const FRAGMENT_PACKETS: u64 = 1 << 15;
/// The maximum number of key frames: 24 hours at two a second, or a quarter of an hour of key
/// frames only.
const MOST_KEYS: usize = 200_000;

/// How a file is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cuts {
    /// Decode times of the first and the last picture, in the stream's ticks. Those before and
    /// after are not shown.
    pub(super) first_dts: i64,
    pub(super) last_dts: i64,
    /// When the first picture is decoded, in microseconds of the file's time.
    pub(super) decodes_from_us: i64,
    /// Where the sound was cut off, in microseconds of the file's time, if the file contains more
    /// of it.
    pub(super) sound_cut_us: Option<i64>,
    /// Decode times of the key frames that begin a fragment.
    pub(super) at: BTreeSet<i64>,
}

/// The key frames of a file, collected packet by packet in the order of decoding.
#[derive(Default)]
pub(super) struct Keys {
    keys: Vec<Key>,
    /// The sums over all packets so far.
    bytes: u64,
    packets: u64,
    pictures: u64,
    last_shown: Option<Shown>,
    /// Whether hidden pictures followed the first key frame.
    hidden_since: bool,
    /// The smallest and the largest of the key frames' offsets.
    offsets_us: Option<(i64, i64)>,
}

struct Key {
    dts: i64,
    dts_us: i64,
    at_us: i64,
    bytes: u64,
    packets: u64,
    pictures: u64,
}

/// The last picture in the order of decoding that is shown.
struct Shown {
    dts: i64,
    offset_us: i64,
}

impl Keys {
    /// Takes a picture's packet.
    ///
    /// # Errors
    /// Why the file cannot be copied.
    pub(super) fn picture(
        &mut self,
        packet: &Packet,
        hidden: bool,
        dts: i64,
        at_us: i64,
        dts_us: i64,
    ) -> Result<(), &'static str> {
        if hidden {
            self.hidden_since = !self.keys.is_empty();
            return Ok(());
        }
        if self.hidden_since {
            return Err("pictures in its middle are not shown");
        }
        let offset_us = at_us.saturating_sub(dts_us);
        if packet.is_key() {
            if self.keys.len() == MOST_KEYS {
                return Err("it has too many key frames");
            }
            let Self { bytes, packets, pictures, .. } = *self;
            self.keys.push(Key { dts, dts_us, at_us, bytes, packets, pictures });
            let (least, most) = self.offsets_us.unwrap_or((offset_us, offset_us));
            self.offsets_us = Some((least.min(offset_us), most.max(offset_us)));
        } else if self.keys.is_empty() {
            return Err("the first picture that is shown is no key frame");
        }
        self.bytes += packet.size() as u64;
        self.packets += 1;
        self.pictures += 1;
        self.last_shown = Some(Shown { dts, offset_us });
        Ok(())
    }

    /// Counts a packet of sound.
    pub(super) fn sound(&mut self, size_bytes: usize) {
        self.bytes += size_bytes as u64;
        self.packets += 1;
    }

    /// How long after it is decoded the first key frame is shown.
    pub(super) fn offset_us(&self) -> i64 {
        self.keys.first().map_or(0, |key| key.at_us.saturating_sub(key.dts_us))
    }

    /// The offsets of those that differ most from it, and of the last picture.
    pub(super) fn offsets_us(&self) -> [i64; 3] {
        let (least, most) = self.offsets_us.unwrap_or_default();
        // The last picture may be shown before its turn by no more than the usual reordering, and
        // not much after it.
        let last = self.last_shown.as_ref().map_or(0, |last| last.offset_us.max(self.offset_us()));
        [least, most, last]
    }

    /// Where to cut a file that is shown from `start_us` to `end_us`.
    ///
    /// # Errors
    /// Why the file cannot be copied.
    pub(super) fn cuts(&self, start_us: i64, end_us: i64) -> Result<Cuts, &'static str> {
        let (Some(first), Some(last)) = (self.keys.first(), &self.last_shown) else {
            return Err("it has no key frames");
        };
        // The first picture is shown from the beginning, and the last one until the end.
        let mut points: Vec<Point> = self
            .keys
            .iter()
            .map(|key| Point { us: key.at_us, bytes: key.bytes, packets: key.packets })
            .collect();
        points[0].us = start_us;
        points.push(Point { us: end_us, bytes: self.bytes, packets: self.packets });
        let pictures = self.keys.iter().map(|key| key.pictures).chain([self.pictures]);
        let pictures: Vec<u64> = pictures.collect();
        if points.windows(2).zip(pictures.windows(2)).any(|(points, pictures)| {
            let length_us = points[1].us.saturating_sub(points[0].us);
            length_us > LONGEST_GROUP_US
                || length_us > SHORT_GROUP_US && pictures[1] - pictures[0] > GROUP_PICTURES
        }) {
            return Err("its key frames are too far apart");
        }
        let at = partition(&points).ok_or("it has too many bytes between two key frames")?;
        let at = at.into_iter().map(|n| self.keys[n].dts).collect();
        Ok(Cuts {
            first_dts: first.dts,
            last_dts: last.dts,
            decodes_from_us: first.dts_us,
            sound_cut_us: None,
            at,
        })
    }
}

/// A possible border of a fragment: when it is, and the sums before it.
#[derive(Clone, Copy)]
struct Point {
    us: i64,
    bytes: u64,
    packets: u64,
}

/// The points at which to cut, without the first and the last; `None` if a fragment would exceed
/// the limit of a library.
fn partition(points: &[Point]) -> Option<Vec<usize>> {
    let longest_group_us = points.windows(2).map(|pair| pair[1].us - pair[0].us).max()?;
    let most_us = longest_group_us.max(TARGET_US);
    let fragment_us = i64::try_from(FRAGMENT.0).unwrap_or(i64::MAX);
    let mut first_us = if longest_group_us > TARGET_US { longest_group_us } else { fragment_us };
    let (mut cuts, mut began) = (Vec::new(), points[0]);
    for (n, pair) in points.windows(2).enumerate().skip(1) {
        let (here, next) = (pair[0], pair[1]);
        let enough = here.us - began.us >= if cuts.is_empty() { first_us } else { fragment_us };
        // A fragment that takes one more group must not become longer than the first.
        if enough || (!cuts.is_empty() && next.us - began.us > most_us) {
            cuts.push(n);
            began = here;
            first_us = fragment_us;
        }
    }
    let ends = cuts.iter().map(|&n| points[n]).chain(points.last().copied());
    let mut before = points[0];
    for end in ends {
        if end.bytes - before.bytes > FRAGMENT_BYTES
            || end.packets - before.packets > FRAGMENT_PACKETS
        {
            return None;
        }
        before = end;
    }
    Some(cuts)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long the fragments are whose groups are so long, in milliseconds.
    fn fragments(groups_ms: &[i64]) -> Vec<i64> {
        let point = |ms: i64| Point { us: ms * 1000, bytes: 0, packets: 0 };
        let ends = groups_ms.iter().scan(0, |at, length| {
            *at += length;
            Some(*at)
        });
        let points: Vec<Point> = std::iter::once(0).chain(ends).map(point).collect();
        let cuts = partition(&points).unwrap();
        let ends: Vec<i64> =
            cuts.iter().map(|&n| points[n].us / 1000).chain([groups_ms.iter().sum()]).collect();
        ends.iter().scan(0, |before, end| Some(end - std::mem::replace(before, *end))).collect()
    }

    #[test]
    fn no_fragment_is_longer_than_the_first_or_than_promised() {
        assert_eq!(fragments(&[1000; 6]), [2000, 2000, 2000]);
        assert_eq!(
            fragments(&[2000, 2000, 1500, 3900, 500]),
            [2000, 2000, 1500, 3900, 500],
            "short ones stay short"
        );
        assert_eq!(fragments(&[8333, 8333, 8333, 5000]), [8333, 8333, 8333, 5000]);
        assert_eq!(
            fragments(&[1000, 2000, 10_000, 1000, 1000, 1000]),
            [13_000, 2000, 1000],
            "the longest is known from the first on"
        );
        assert_eq!(fragments(&[100; 100]).iter().sum::<i64>(), 10_000);
        assert_eq!(fragments(&[30_000]), [30_000], "one group is one fragment");
        for groups in [
            &[500, 19_000, 1500, 18_000, 700][..],
            &[4100, 100, 4000, 4099],
            &[1599, 3999, 1, 1, 3998],
        ] {
            let lengths = fragments(groups);
            assert!(
                lengths.iter().all(|&length| length <= lengths[0].max(4000)),
                "{groups:?} became {lengths:?}"
            );
            assert_eq!(lengths.iter().sum::<i64>(), groups.iter().sum::<i64>());
        }
    }

    #[test]
    fn a_fragment_larger_than_a_library_takes_is_none() {
        let points = [0, 1].map(|n| Point {
            us: n * 10_000_000,
            bytes: (n as u64) * (FRAGMENT_BYTES + 1),
            packets: 0,
        });
        assert_eq!(partition(&points), None);
    }
}
