//! [`Aac`]: encodes the samples of one track to AAC at 48 kHz.

use ff::format::sample::Type;
use ff::format::{self};
use ff::{ChannelLayout, Dictionary, Packet, Rational, codec, encoder, frame};
use ffmpeg_next as ff;

use crate::stream::{PACKET, PACKET_SAMPLES, SOUND_HZ};
use crate::{EncodeError, Profile};

/// One track's encoder.
pub(crate) struct Aac {
    encoder: encoder::audio::Encoder,
    /// One packet's worth, used again and again.
    block: frame::Audio,
    packet: Packet,
    /// Samples that were given to the encoder, ever.
    encoded: u64,
}

impl Aac {
    pub(crate) fn open(profile: Profile) -> Result<Self, EncodeError> {
        let codec = encoder::find(codec::Id::AAC).ok_or(EncodeError::NoEncoder { name: "aac" })?;
        let channels = usize::from(profile.sound_channels.clamp(1, 2));
        let layout = if channels == 1 { ChannelLayout::MONO } else { ChannelLayout::STEREO };
        let mut audio = codec::Context::new_with_codec(codec)
            .encoder()
            .audio()
            .map_err(EncodeError::at("preparing the sound encoder"))?;
        let planes = format::Sample::F32(Type::Planar);
        audio.set_rate(SOUND_HZ as i32);
        audio.set_channel_layout(layout);
        audio.set_format(planes);
        audio.set_bit_rate(profile.sound_bits_per_second as usize);
        audio.set_time_base(Rational(1, SOUND_HZ as i32));
        audio.set_flags(codec::Flags::GLOBAL_HEADER);
        let encoder = audio
            .open_with(Dictionary::new())
            .map_err(EncodeError::at("opening the sound encoder"))?;
        let mut block = frame::Audio::new(planes, PACKET, layout);
        block.set_rate(SOUND_HZ);
        Ok(Self { encoder, block, packet: Packet::empty(), encoded: 0 })
    }

    /// What the muxer needs to know.
    pub(crate) fn context(&self) -> &codec::Context {
        &self.encoder
    }

    /// Encodes the samples of one packet, a plane for each channel; packets that are ready go to
    /// `out`.
    pub(crate) fn encode<'a>(
        &mut self,
        planes: impl Iterator<Item = &'a [f32]>,
        mut out: impl FnMut(Packet),
    ) -> Result<(), EncodeError> {
        for (channel, plane) in planes.enumerate() {
            self.block.plane_mut::<f32>(channel).copy_from_slice(plane);
        }
        self.block.set_pts(Some(i64::try_from(self.encoded).unwrap_or(i64::MAX)));
        self.encoded += PACKET_SAMPLES;
        self.encoder.send_frame(&self.block).map_err(EncodeError::at("encoding sound"))?;
        self.receive(&mut out)
    }

    /// Gives every packet that is left.
    pub(crate) fn finish(&mut self, mut out: impl FnMut(Packet)) -> Result<(), EncodeError> {
        self.encoder.send_eof().map_err(EncodeError::at("ending the sound"))?;
        self.receive(&mut out)
    }

    fn receive(&mut self, out: &mut impl FnMut(Packet)) -> Result<(), EncodeError> {
        loop {
            match self.encoder.receive_packet(&mut self.packet) {
                Ok(()) => {
                    let mut packet = std::mem::replace(&mut self.packet, Packet::empty());
                    packet.set_duration(PACKET_SAMPLES as i64);
                    // Drops the priming of the encoder, which lies before zero. Then no player
                    // needs an edit list for sync; only the fade-in of the first 21 ms is lost.
                    if packet.pts().is_some_and(|pts| pts >= 0) {
                        out(packet);
                    }
                }
                Err(ff::Error::Eof | ff::Error::Other { errno: ff::error::EAGAIN }) => {
                    return Ok(());
                }
                Err(error) => return Err(EncodeError::at("encoding sound")(error)),
            }
        }
    }
}
