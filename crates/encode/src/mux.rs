//! [`Mux`]: muxes packets to fragmented MP4, one whole piece at a time.
//!
//! FFmpeg's mp4 muxer writes to a buffer here and starts a new fragment only on request
//! (`frag_custom`), so that the buffer contains exactly one moof and one mdat after a cut.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use ff::format::context::{Output, StreamIo};
use ff::{Dictionary, Packet, Rational, codec, format};
use ffmpeg_next as ff;

use crate::EncodeError;

/// The size of the muxer's writes; a fragment takes a few.
const BUFFER_BYTES: usize = 1 << 20;

/// Which track of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MuxTrack {
    Video,
    /// Sound tracks are counted from zero; that is the one that players play.
    Sound(usize),
}

impl MuxTrack {
    const fn index(self) -> usize {
        match self {
            Self::Video => 0,
            Self::Sound(number) => 1 + number,
        }
    }
}

/// What the muxer needs to know of a sound track.
pub(crate) struct SoundTrack<'a> {
    pub(crate) context: &'a codec::Context,
    /// Its name in the file (hdlr); the default of the muxer if it is `None`.
    pub(crate) name: Option<&'static str>,
}

/// Muxes packets to fragmented MP4.
pub(crate) struct Mux {
    output: Output,
    written: Written,
    /// The time base of each track.
    bases: Vec<Rational>,
}

/// The output of the muxer that was not taken yet.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Bytes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Mux {
    /// Begins a stream with these tracks and returns its init segment. `movflags` are added to the
    /// standard ones.
    pub(crate) fn new(
        video: &codec::Context,
        sound: &[SoundTrack<'_>],
        movflags: &str,
    ) -> Result<(Self, Bytes), EncodeError> {
        let failed = |source| EncodeError::at("preparing the stream")(source);
        let written = Written::default();
        let io =
            StreamIo::from_write_with_capacity(written.clone(), BUFFER_BYTES).map_err(failed)?;
        let mut output = format::output_to_stream(io, None, Some("mp4")).map_err(failed)?;
        output.add_stream_with(video).map_err(failed)?.set_time_base(video.time_base());
        for SoundTrack { context, name } in sound {
            let mut stream = output.add_stream_with(context).map_err(failed)?;
            stream.set_time_base(context.time_base());
            if let Some(name) = name {
                stream.set_metadata(Dictionary::from_iter([("handler_name", *name)]));
            }
        }
        let mut options = Dictionary::new();
        options.set(
            "movflags",
            &format!("frag_custom+empty_moov+default_base_moof+skip_trailer{movflags}"),
        );
        // Times are never negative here, so the muxer must not shift a track that begins late, as
        // it does by default.
        options.set("avoid_negative_ts", "disabled");
        options.set("use_editlist", "0");
        output.write_header_with(options).map_err(failed)?;
        let bases = output.streams().map(|stream| stream.time_base()).collect();
        let mut mux = Self { output, written, bases };
        let init = mux.flush()?;
        Ok((mux, init))
    }

    /// The time base of a track.
    pub(crate) fn base(&self, track: MuxTrack) -> Rational {
        self.bases[track.index()]
    }

    /// Adds a packet to the current fragment. Its times are in `base`; its duration must be
    /// correct.
    pub(crate) fn write(
        &mut self,
        mut packet: Packet,
        track: MuxTrack,
        base: Rational,
    ) -> Result<(), EncodeError> {
        let index = track.index();
        packet.set_stream(index);
        packet.rescale_ts(base, self.bases[index]);
        packet.set_position(-1);
        packet.write(&mut self.output).map(drop).map_err(EncodeError::at("writing a packet"))
    }

    /// Ends the fragment and returns it; empty if there were no packets.
    pub(crate) fn cut(&mut self) -> Result<Bytes, EncodeError> {
        self.flush()
    }

    fn flush(&mut self) -> Result<Bytes, EncodeError> {
        // SAFETY: `output` owns a context whose header was written, and a null packet is
        // av_write_frame's documented way to flush the muxer; nothing is kept of the pointers.
        let status =
            unsafe { ff::ffi::av_write_frame(self.output.as_mut_ptr(), std::ptr::null_mut()) };
        if status < 0 {
            return Err(EncodeError::at("ending a fragment")(status.into()));
        }
        Ok(self.written.take())
    }
}
