//! [`Orientation`]: how the pictures of a file are to be shown: rotated, mirrored, with pixels that
//! are not square.

use ff::codec::packet::side_data::Type as SideData;
use ffmpeg_next as ff;

use super::input_file::InputFile;
use crate::{Canvas, Profile};

/// A larger aspect ratio of pixels is an error of the file.
const MOST_OBLONG: i64 = 8;

/// How the pictures of a file are to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orientation {
    /// Where the axes of the stored picture point when it is shown: the signs of a, b, c and d of
    /// the display matrix.
    axes: [i32; 4],
    /// Width and height of a pixel.
    pixel: (i64, i64),
}

impl Orientation {
    const UPRIGHT: [i32; 4] = [1, 0, 0, 1];

    /// Whether the stored pictures can be shown as they are.
    pub(super) fn is_plain(self) -> bool {
        self.axes == Self::UPRIGHT && self.pixel.0 == self.pixel.1
    }

    /// The size to which stored pictures of `size` are scaled before they are rotated. Pixels
    /// become square by enlarging, so that nothing is lost, within the maximum size of a stream.
    pub(super) fn laid_down(self, size: Canvas) -> Canvas {
        let (wide, high) = self.pixel;
        let scaled = |side: u32, by: i64, of: i64| {
            u32::try_from((i64::from(side) * by + of / 2) / of.max(1)).unwrap_or(u32::MAX)
        };
        let square = if wide > high {
            Canvas { width: scaled(size.width, wide, high), ..size }
        } else {
            Canvas { height: scaled(size.height, high, wide), ..size }
        };
        self.rotated(self.rotated(square).fitted(Profile::NATIVE.most))
    }

    /// Swaps the sides if the rotation does; its own inverse.
    pub(super) fn rotated(self, size: Canvas) -> Canvas {
        if self.axes[0] == 0 { Canvas { width: size.height, height: size.width } } else { size }
    }

    /// FFmpeg's filters for the matrix.
    pub(super) fn filters(self) -> &'static str {
        match self.axes {
            [-1, 0, 0, 1] => ",hflip",
            [1, 0, 0, -1] => ",vflip",
            [-1, 0, 0, -1] => ",hflip,vflip",
            [0, 1, -1, 0] => ",transpose=clock",
            [0, -1, 1, 0] => ",transpose=cclock",
            [0, 1, 1, 0] => ",transpose=cclock_flip",
            [0, -1, -1, 0] => ",transpose=clock_flip",
            _ => "",
        }
    }
}

impl InputFile {
    /// How the pictures are to be shown.
    pub(super) fn orientation(&self) -> Orientation {
        Orientation { axes: self.axes().unwrap_or(Orientation::UPRIGHT), pixel: self.pixel() }
    }

    /// The signs of the display matrix; `None` for other angles, which no player shows.
    fn axes(&self) -> Option<[i32; 4]> {
        let stream = self.input.stream(self.video.index)?;
        let matrix = stream.side_data().find(|data| data.kind() == SideData::DisplayMatrix)?;
        // ISO/IEC 14496-12 §8.3.2, tkhd: a 3×3 matrix in 16.16, by rows.
        let (numbers, _) = matrix.data().as_chunks::<4>();
        let sign = |at: usize| numbers.get(at).map(|bytes| i32::from_ne_bytes(*bytes).signum());
        let axes = [sign(0)?, sign(1)?, sign(3)?, sign(4)?];
        let [a, b, c, d] = axes.map(|sign| sign != 0);
        ((a && d && !b && !c) || (b && c && !a && !d)).then_some(axes)
    }

    /// Width and height of a pixel: the container takes precedence over the codec.
    fn pixel(&self) -> (i64, i64) {
        let Some(stream) = self.input.stream(self.video.index) else { return (1, 1) };
        // SAFETY: context and stream live as long as `self`, and the frame may be null.
        let ratio = unsafe {
            ff::ffi::av_guess_sample_aspect_ratio(
                self.input.as_ptr().cast_mut(),
                stream.as_ptr().cast_mut(),
                std::ptr::null_mut(),
            )
        };
        let (wide, high) = (i64::from(ratio.num), i64::from(ratio.den));
        let sane = wide > 0
            && high > 0
            && wide <= high.saturating_mul(MOST_OBLONG)
            && high <= wide.saturating_mul(MOST_OBLONG);
        if sane { (wide, high) } else { (1, 1) }
    }

    /// Whether the file declares its pictures as interlaced.
    pub(super) fn is_interlaced(&self) -> bool {
        let Some(stream) = self.input.stream(self.video.index) else { return false };
        // SAFETY: the parameters live as long as the stream, and a plain number is read.
        let order = unsafe { (*stream.parameters().as_ptr()).field_order };
        use ff::ffi::AVFieldOrder::{AV_FIELD_BB, AV_FIELD_BT, AV_FIELD_TB, AV_FIELD_TT};
        [AV_FIELD_TT, AV_FIELD_BB, AV_FIELD_TB, AV_FIELD_BT].contains(&order)
    }

    /// The declared end of the file in microseconds of its own time, if it is declared for these
    /// streams.
    pub(super) fn promised_us(&self) -> Option<i64> {
        // SAFETY: the context lives as long as `self`; plain fields are read.
        let method = unsafe { (*self.input.as_ptr()).duration_estimation_method };
        if method == ff::ffi::AVDurationEstimationMethod::AVFMT_DURATION_FROM_BITRATE {
            return None;
        }
        // Only MP4 declares it per stream; otherwise it may be that of another stream.
        let of_each = self.input.format().name().contains("mp4");
        if !of_each && !self.tracks.left_out.is_empty() {
            return None;
        }
        let end_us = |part: super::input_file::FileTrack| {
            let stream = self.input.stream(part.index)?;
            let (start, length) = (stream.start_time(), stream.duration());
            let known = start != ff::ffi::AV_NOPTS_VALUE && length > 0;
            known.then(|| super::input_file::micros(start.saturating_add(length), part.base))
        };
        [Some(self.video), self.sound].into_iter().flatten().filter_map(end_us).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_become_square_within_what_a_stream_may_be() {
        let orientation = |axes, pixel| Orientation { axes, pixel };
        let size = |width, height| Canvas { width, height };
        for (axes, pixel, from, to) in [
            (Orientation::UPRIGHT, (1, 1), (1920, 1080), (1920, 1080)),
            (Orientation::UPRIGHT, (64, 45), (720, 576), (1024, 576)),
            (Orientation::UPRIGHT, (8, 9), (720, 480), (720, 540)),
            ([0, 1, -1, 0], (1, 1), (3840, 2160), (3840, 2160)),
            ([0, 1, -1, 0], (1, 1), (4096, 2160), (4096, 2160)),
            (Orientation::UPRIGHT, (8, 1), (1920, 1080), (4096, 288)),
        ] {
            let laid = orientation(axes, pixel).laid_down(size(from.0, from.1));
            let shown = orientation(axes, pixel).rotated(laid);
            assert!(shown.width <= 4096 && shown.height <= 2304, "{from:?} is shown as {shown:?}");
            if axes == Orientation::UPRIGHT {
                assert_eq!((laid.width, laid.height), to, "{from:?}");
            }
        }
    }
}
