//! [`Silence`]: packets of AAC that are silent, put where the sound of a copied file has none.
//!
//! A player that is fed with fragments stalls where one of its tracks is missing. Slides with a voice, and
//! recordings whose microphone was unplugged, are such files; encoding their pictures anew would take time,
//! quality and, as their pictures hardly change, a multiple of their size.

use ff::codec;
use ff::{Packet, Rational, Rescale, Rounding};
use ffmpeg_next as ff;

use super::input_file::micros;

/// A silent `raw_data_block` of AAC-LC (ISO/IEC 14496-3 §4.4.2.1) with one channel: an ICS without bands.
const MONO: &[u8] = &[0x00, 0xc8, 0x00, 0x80, 0x23, 0x80];
/// The same with a pair of channels.
const STEREO: &[u8] = &[0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80];
/// AAC-LC among the audio object types (ISO/IEC 14496-3 §1.5.1).
const LOW_COMPLEXITY: u8 = 2;
/// Sampling rates by their index (ISO/IEC 14496-3 §1.6.3.4).
const RATES_HZ: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
];
/// Samples of a block at that rate.
const BLOCK: i64 = 1024;

/// Silence in the form of one track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    block: &'static [u8],
    rate_hz: u32,
}

impl Silence {
    /// The silence of a track, if it is AAC-LC in mono or stereo: read from its AudioSpecificConfig (ISO/IEC
    /// 14496-3 §1.6.2.1).
    pub(super) fn of(sound: &codec::Context) -> Option<Self> {
        // SAFETY: a context always has its struct; `extradata` is null or has `extradata_size` bytes, which
        // nothing changes while the context is borrowed.
        let config = unsafe {
            let context = &*sound.as_ptr();
            let size = usize::try_from(context.extradata_size).unwrap_or_default();
            if context.extradata.is_null() {
                return None;
            }
            std::slice::from_raw_parts(context.extradata, size)
        };
        Self::in_config(config)
    }

    fn in_config(config: &[u8]) -> Option<Self> {
        let [first, second, ..] = *config else { return None };
        // Five bits say which kind of object, four which rate, four which channels, one whether blocks have
        // 960 samples.
        let (kind, rate, channels, short) =
            (first >> 3, (first & 7) << 1 | second >> 7, (second >> 3) & 15, second & 4 != 0);
        let block = match channels {
            1 => MONO,
            2 => STEREO,
            _ => return None,
        };
        // A rate that is written out has an index beyond the table.
        let rate_hz = *RATES_HZ.get(usize::from(rate))?;
        (kind == LOW_COMPLEXITY && !short).then_some(Self { block, rate_hz })
    }
}

/// Fills a track up: silent packets one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filling {
    silence: Silence,
    base: Rational,
    /// Where the sound of the file ends that has come, in ticks, and how many blocks of silence follow it.
    heard_until: i64,
    blocks: i64,
}

impl Filling {
    /// For a track that begins at `start_us` and of whose packets none has come.
    pub(super) fn new(silence: Silence, base: Rational, start_us: i64) -> Self {
        let heard_until = start_us.rescale_with(Rational(1, 1_000_000), base, Rounding::Up);
        Self { silence, base, heard_until, blocks: 0 }
    }

    /// Up to where there is sound or silence, in microseconds of the file's time.
    pub(super) fn until_us(&self) -> i64 {
        micros(self.after(self.blocks), self.base)
    }

    /// Takes note of a packet of the file.
    pub(super) fn heard(&mut self, packet: &Packet) {
        let end = packet.pts().unwrap_or(i64::MIN).saturating_add(packet.duration().max(0));
        (self.heard_until, self.blocks) = (end.max(self.heard_until), 0);
    }

    /// The next silent packet, as long as a whole one ends by `until_us`.
    pub(super) fn next(&mut self, until_us: i64) -> Option<Packet> {
        let (at, end) = (self.after(self.blocks), self.after(self.blocks + 1));
        if micros(end, self.base) > until_us {
            return None;
        }
        self.blocks += 1;
        let mut packet = Packet::copy(self.silence.block);
        packet.set_pts(Some(at));
        packet.set_dts(Some(at));
        packet.set_duration(end - at);
        Some(packet)
    }

    /// Where so many blocks of silence end. Counted in samples, so that nothing adds up where ticks are long.
    fn after(&self, blocks: i64) -> i64 {
        let samples = blocks.saturating_mul(BLOCK);
        let rate = Rational(1, self.silence.rate_hz.cast_signed());
        self.heard_until.saturating_add(samples.rescale(rate, self.base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_track_that_can_be_silent_is_filled() {
        for (config, silence) in [
            // AAC-LC, 48 kHz: mono, stereo, 5.1.
            (&[0x11, 0x88][..], Some((MONO, 48_000))),
            (&[0x11, 0x90], Some((STEREO, 48_000))),
            (&[0x11, 0xb0], None),
            // 22.05 kHz in mono, as ffmpeg writes it with its extension.
            (&[0x13, 0x88, 0x56, 0xe5, 0x00], Some((MONO, 22_050))),
            // HE-AAC, blocks of 960 samples, a rate that is written out.
            (&[0x2b, 0x09, 0x88], None),
            (&[0x11, 0x8c], None),
            (&[0x17, 0x88, 0x00], None),
            (&[0x11], None),
            (&[], None),
        ] {
            let found = Silence::in_config(config).map(|silence| (silence.block, silence.rate_hz));
            assert_eq!(found, silence, "{config:x?}");
        }
    }

    #[test]
    fn whole_packets_follow_what_is_heard() {
        let silence = Silence { block: MONO, rate_hz: 48_000 };
        // Milliseconds, as in Matroska: a block has 21 and a third.
        let mut filling = Filling::new(silence, Rational(1, 1000), 0);
        let mut heard = Packet::copy(MONO);
        heard.set_pts(Some(0));
        heard.set_duration(21);
        filling.heard(&heard);
        let mut at = Vec::new();
        while let Some(packet) = filling.next(100_000) {
            at.push(packet.pts().unwrap());
        }
        assert_eq!(at, [21, 42, 64], "no part of a packet at the end");
        heard.set_pts(Some(2000));
        filling.heard(&heard);
        assert_eq!(filling.until_us(), 2_021_000);
        let last = std::iter::from_fn(|| filling.next(66_021_000)).last().unwrap();
        assert_eq!(last.pts(), Some(2021 + 64_000 - 21), "3000 blocks are 64 s");
    }
}
