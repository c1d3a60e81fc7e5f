//! [`Sound`]: encodes the sound sources of a take to the sound tracks of its stream.
//!
//! ```text
//! source ─▶ aligned ─┬───────────────────────────▶ AAC, a track of its own     (several sources)
//!                    ├─ sum ─ limit ─ 1024 at a time ─▶ AAC, the first track
//! source ─▶ aligned ─┴───────────────────────────▶ AAC, a track of its own
//!
//! source ─▶ aligned ── 1024 at a time ─▶ AAC, the first track                  (one source)
//! ```
//!
//! Aligned sources count samples of the same rate from the same zero, so the mix is a plain sum.
//! All tracks are encoded in lockstep: a packet is made once every source has its samples.

mod aac;
mod aligned;

use ffmpeg_next::Packet;
use vignette_model::{Micros, Samples, SourceRole};

use self::aac::Aac;
use self::aligned::Aligned;
use crate::mux::SoundTrack;
use crate::stream::PACKET;
use crate::{EncodeError, Profile};

/// Up to this level a sum of samples is unchanged; what is louder is limited smoothly so that it
/// never exceeds full scale.
const LIMIT: f32 = 0.8;
/// The name of the mix of several sources in the file.
const MIX_NAME: &str = "Mix";

/// All sound of a take.
pub(crate) struct Sound {
    /// In the order of the settings.
    sources: Vec<Aligned>,
    /// The first is what players play. With one source it is that source; with several it is the
    /// mix, and each source follows in order.
    tracks: Vec<Track>,
    /// One packet of the mix, per channel, used again and again.
    mix: Vec<Vec<f32>>,
}

struct Track {
    encoder: Aac,
    name: Option<&'static str>,
}

impl Sound {
    /// Opens an encoder for every track; `roles` has one entry for each source.
    pub(crate) fn open(roles: &[SourceRole], profile: Profile) -> Result<Self, EncodeError> {
        let names = match roles {
            [_] => vec![None],
            several => std::iter::once(MIX_NAME)
                .chain(several.iter().map(|role| track_name(*role)))
                .map(Some)
                .collect(),
        };
        let open = |name| Ok(Track { encoder: Aac::open(profile)?, name });
        let tracks: Vec<Track> = names.into_iter().map(open).collect::<Result<_, EncodeError>>()?;
        let channels = usize::from(profile.sound_channels.clamp(1, 2));
        let sources = roles.iter().map(|_| Aligned::new(channels)).collect();
        Ok(Self { sources, tracks, mix: vec![Vec::with_capacity(PACKET); channels] })
    }

    /// Waits for sound as needed for a file, where it is never late but may be stored some seconds
    /// behind its pictures.
    pub(crate) fn wait_for_file(&mut self) {
        self.sources.iter_mut().for_each(Aligned::wait_for_file);
    }

    /// What the muxer needs to know of each track.
    pub(crate) fn tracks(&self) -> Vec<SoundTrack<'_>> {
        let tracks = self.tracks.iter();
        tracks
            .map(|track| SoundTrack { context: track.encoder.context(), name: track.name })
            .collect()
    }

    /// Declares a source lost: what is missing is filled with silence from the next tick on, until
    /// its sound comes again.
    pub(crate) fn is_lost(&mut self, source: usize) {
        if let Some(source) = self.sources.get_mut(source) {
            source.is_lost();
        }
    }

    /// Takes sound of a source; packets that are ready go to `out` with the number of their track.
    pub(crate) fn hear(
        &mut self,
        source: usize,
        samples: &Samples,
        out: impl FnMut(usize, Packet),
    ) -> Result<(), EncodeError> {
        let Some(source) = self.sources.get_mut(source) else { return Ok(()) };
        source.hear(samples)?;
        self.encode(out)
    }

    /// Fills in silence where sound was lost, so that pictures never wait for it.
    pub(crate) fn tick(
        &mut self,
        now: Micros,
        out: impl FnMut(usize, Packet),
    ) -> Result<(), EncodeError> {
        self.sources.iter_mut().for_each(|source| source.tick(now));
        self.encode(out)
    }

    /// Fills up to `end` and gives every packet that is left.
    pub(crate) fn finish(
        &mut self,
        end: Micros,
        mut out: impl FnMut(usize, Packet),
    ) -> Result<(), EncodeError> {
        self.sources.iter_mut().for_each(|source| source.finish(end));
        self.encode(&mut out)?;
        for (number, track) in self.tracks.iter_mut().enumerate() {
            track.encoder.finish(|packet| out(number, packet))?;
        }
        Ok(())
    }

    /// Encodes what every source has.
    fn encode(&mut self, mut out: impl FnMut(usize, Packet)) -> Result<(), EncodeError> {
        let ready = self.sources.iter().map(Aligned::ready).min().unwrap_or(0);
        for packet in 0..ready / PACKET {
            let range = packet * PACKET..(packet + 1) * PACKET;
            if let [only] = self.sources.as_slice() {
                let planes = only.planes(range);
                self.tracks[0].encoder.encode(planes, |packet| out(0, packet))?;
                continue;
            }
            mix(&self.sources, range.clone(), &mut self.mix);
            let planes = self.mix.iter().map(Vec::as_slice);
            self.tracks[0].encoder.encode(planes, |packet| out(0, packet))?;
            let stems = self.tracks.iter_mut().enumerate().skip(1);
            for ((number, track), source) in stems.zip(&self.sources) {
                let planes = source.planes(range.clone());
                track.encoder.encode(planes, |packet| out(number, packet))?;
            }
        }
        for source in &mut self.sources {
            source.drain(ready / PACKET * PACKET);
        }
        Ok(())
    }
}

/// The name of the track of a source in the file.
pub(crate) const fn track_name(role: SourceRole) -> &'static str {
    match role {
        SourceRole::Voice => "Voice",
        SourceRole::Background | SourceRole::Picture | SourceRole::Bubble => "Background",
    }
}

/// Adds up the same samples of all sources.
fn mix(sources: &[Aligned], range: std::ops::Range<usize>, mix: &mut [Vec<f32>]) {
    for plane in mix.iter_mut() {
        plane.clear();
        plane.resize(range.len(), 0.0);
    }
    for source in sources {
        for (sums, plane) in mix.iter_mut().zip(source.planes(range.clone())) {
            sums.iter_mut().zip(plane).for_each(|(sum, sample)| *sum += sample);
        }
    }
    for sum in mix.iter_mut().flatten() {
        *sum = limited(*sum);
    }
}

/// Limits a sample smoothly to full scale.
fn limited(sample: f32) -> f32 {
    let over = sample.abs() - LIMIT;
    if over <= 0.0 {
        return sample;
    }
    let headroom = 1.0 - LIMIT;
    (LIMIT + headroom * (over / headroom).tanh()).copysign(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_loud_sounds_never_exceeds_full_scale() {
        let steps = || (-300_i16..=300).map(|n| f32::from(n) / 100.0);
        assert!(steps().filter(|s| s.abs() <= LIMIT).all(|s| limited(s).to_bits() == s.to_bits()));
        assert!(steps().all(|s| limited(s).abs() <= 1.0));
        assert!(steps().map(limited).is_sorted(), "louder in is never softer out");
    }
}
