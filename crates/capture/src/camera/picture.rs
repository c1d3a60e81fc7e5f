//! Converts a buffer of the driver to a [`Frame`] of one patch.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use nokhwa::Buffer;
use nokhwa::pixel_format::RgbFormat;
use nokhwa::utils::FrameFormat;
use vignette_model::{Frame, Micros, Patch, PixelFormat, Rect};

/// The picture in a buffer; `None` if it is incomplete. YUYV and NV12 are kept, everything else
/// becomes RGB.
pub(super) fn picture(buffer: &Buffer, at: Micros) -> Option<Frame> {
    let (width, height) = (buffer.resolution().width(), buffer.resolution().height());
    let pixels = usize::try_from(u64::from(width) * u64::from(height)).ok()?;
    // A buffer may be longer than its contents.
    let cut = |bytes: usize| {
        (buffer.buffer().len() >= bytes).then(|| buffer.buffer_bytes().slice(..bytes))
    };
    let (format, stride_pixels, bytes) = match buffer.source_frame_format() {
        FrameFormat::YUYV if width % 2 == 0 => (PixelFormat::Yuyv, 2, cut(pixels * 2)?),
        FrameFormat::NV12 if width % 2 == 0 && height % 2 == 0 => {
            (PixelFormat::Nv12, 1, cut(pixels * 3 / 2)?)
        }
        FrameFormat::YUYV | FrameFormat::NV12 => return None,
        FrameFormat::RAWRGB => (PixelFormat::Rgb, 3, cut(pixels * 3)?),
        FrameFormat::RAWBGR => (PixelFormat::Rgb, 3, turned(&cut(pixels * 3)?)),
        FrameFormat::GRAY => {
            (PixelFormat::Rgb, 3, cut(pixels)?.iter().flat_map(|&grey| [grey; 3]).collect())
        }
        FrameFormat::MJPEG => (PixelFormat::Rgb, 3, decoded(buffer, pixels * 3)?),
    };
    let patch = Patch {
        rect: Rect::whole(width, height),
        stride_bytes: width as usize * stride_pixels,
        pixels: bytes,
    };
    Some(Frame::in_memory(at, width, height, format, vec![patch]))
}

fn turned(bgr: &[u8]) -> Bytes {
    bgr.as_chunks().0.iter().flat_map(|&[blue, green, red]| [red, green, blue]).collect()
}

/// Catches panics: cameras occasionally send half a picture, and the decoder panics on it.
fn decoded(buffer: &Buffer, size: usize) -> Option<Bytes> {
    let image = catch_unwind(AssertUnwindSafe(|| buffer.decode_image::<RgbFormat>())).ok()?.ok()?;
    let pixels = image.into_raw();
    (pixels.len() == size).then(|| Bytes::from(pixels))
}

#[cfg(test)]
mod tests {
    use nokhwa::utils::Resolution;

    use vignette_model::Pixels;

    use super::*;

    fn frame(format: FrameFormat, bytes: &[u8]) -> Option<Frame> {
        picture(&Buffer::new(Resolution::new(2, 2), bytes, format), Micros(7))
    }

    #[test]
    fn every_format_of_a_driver_becomes_one_of_ours() {
        let bytes: Vec<u8> = (0..20).collect();
        for (format, becomes, stride, pixels) in [
            (FrameFormat::YUYV, PixelFormat::Yuyv, 4, &bytes[..8]),
            (FrameFormat::NV12, PixelFormat::Nv12, 2, &bytes[..6]),
            (FrameFormat::RAWRGB, PixelFormat::Rgb, 6, &bytes[..12]),
            (FrameFormat::RAWBGR, PixelFormat::Rgb, 6, &[2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9]),
            (FrameFormat::GRAY, PixelFormat::Rgb, 6, &[0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]),
        ] {
            let frame = frame(format, &bytes).unwrap();
            assert_eq!(frame.at, Micros(7));
            let Pixels { format: is, patches } = frame.pixels().unwrap().into_owned();
            assert_eq!(
                (is, patches[0].stride_bytes, &patches[0].pixels[..]),
                (becomes, stride, pixels),
                "{format}"
            );
        }
    }

    #[test]
    fn what_is_not_a_whole_picture_is_none() {
        use FrameFormat::{GRAY, MJPEG, NV12, RAWBGR, RAWRGB, YUYV};
        for format in [YUYV, NV12, RAWRGB, RAWBGR, GRAY, MJPEG] {
            for bytes in [&[][..], &[0xff, 0xd8, 0xff]] {
                assert!(frame(format, bytes).is_none(), "{format} of {} bytes", bytes.len());
            }
        }
        assert!(frame(MJPEG, &[0xff; 5000]).is_none(), "noise is no picture");
    }
}
