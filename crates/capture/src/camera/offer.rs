//! What a camera offers, and which [`Offer`] is chosen.

use std::cmp::Reverse;

use nokhwa::utils::{CameraFormat, FrameFormat, Resolution};

/// The maximum size that is asked for: a camera is shown in a corner, or at this size.
const MAX_SIZE: (u32, u32) = (1280, 720);
/// The minimum rate that is asked for, even if fewer pictures are recorded: each is then newer when
/// it is taken.
const USUAL_FPS: u32 = 30;
/// Below this rate, movement is not smooth.
const SMOOTH_FPS: u32 = 24;

/// One format of one size at one rate, as the driver lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) fps: u32,
    pub(super) format: FrameFormat,
}

impl From<Offer> for CameraFormat {
    fn from(offer: Offer) -> Self {
        Self::new(Resolution::new(offer.width, offer.height), offer.format, offer.fps)
    }
}

/// Chooses the largest format of at most 1280 × 720 and `fps` frames a second (but not below 30)
/// that is smooth, uncompressed if that costs nothing. If all are larger or faster, the smallest of
/// them.
pub(super) fn choose(offers: impl IntoIterator<Item = Offer>, fps: u32) -> Option<Offer> {
    let max_fps = fps.max(USUAL_FPS);
    offers
        .into_iter()
        .filter(|offer| offer.width > 0 && offer.height > 0 && offer.fps > 0)
        .max_by_key(|offer| {
            let pixels = u64::from(offer.width) * u64::from(offer.height);
            let fits = offer.width <= MAX_SIZE.0 && offer.height <= MAX_SIZE.1;
            // Beyond the maximum, a larger size ranks lower; likewise a higher rate.
            let size = if fits { (true, pixels, Reverse(0)) } else { (false, 0, Reverse(pixels)) };
            let quick = offer.fps > max_fps;
            let rate =
                if quick { (false, 0, Reverse(offer.fps)) } else { (true, offer.fps, Reverse(0)) };
            (offer.fps >= SMOOTH_FPS, size, rate, ease(offer.format))
        })
}

/// The rank of a pixel format: higher if it needs less conversion.
fn ease(format: FrameFormat) -> u8 {
    match format {
        FrameFormat::YUYV => 5,
        FrameFormat::NV12 => 4,
        FrameFormat::RAWRGB => 3,
        FrameFormat::RAWBGR => 2,
        FrameFormat::MJPEG => 1,
        FrameFormat::GRAY => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(width: u32, height: u32, fps: u32, format: FrameFormat) -> Offer {
        Offer { width, height, fps, format }
    }

    #[test]
    fn the_best_that_is_smooth_and_not_too_large() {
        use FrameFormat::{GRAY, MJPEG, NV12, YUYV};
        let cases: [(&str, &[Offer], Offer); 6] = [
            (
                "a USB 2 webcam compresses at 720p",
                &[
                    offer(640, 480, 30, YUYV),
                    offer(1280, 720, 10, YUYV),
                    offer(1280, 720, 30, MJPEG),
                    offer(1920, 1080, 30, MJPEG),
                    offer(1280, 720, 60, MJPEG),
                ],
                offer(1280, 720, 30, MJPEG),
            ),
            (
                "raw where it costs nothing",
                &[offer(640, 480, 30, MJPEG), offer(640, 480, 30, YUYV)],
                offer(640, 480, 30, YUYV),
            ),
            (
                "smooth goes before large",
                &[offer(1280, 720, 12, NV12), offer(640, 480, 25, NV12), offer(640, 360, 30, NV12)],
                offer(640, 480, 25, NV12),
            ),
            (
                "nothing is smooth",
                &[offer(1280, 720, 5, YUYV), offer(320, 180, 15, YUYV)],
                offer(1280, 720, 5, YUYV),
            ),
            (
                "all are too large",
                &[offer(3840, 2160, 30, MJPEG), offer(1920, 1080, 30, MJPEG)],
                offer(1920, 1080, 30, MJPEG),
            ),
            (
                "all are too quick",
                &[offer(640, 480, 120, GRAY), offer(640, 480, 60, GRAY)],
                offer(640, 480, 60, GRAY),
            ),
        ];
        for (why, offers, best) in cases {
            assert_eq!(choose(offers.iter().copied(), 30), Some(best), "{why}");
            assert_eq!(choose(offers.iter().rev().copied(), 30), Some(best), "{why}, in any order");
        }
        let quick = [offer(1280, 720, 60, MJPEG), offer(1280, 720, 30, MJPEG)];
        for (fps, best) in [(60, quick[0]), (30, quick[1]), (5, quick[1])] {
            assert_eq!(choose(quick, fps), Some(best), "a take of {fps} pictures a second");
        }
        assert_eq!(
            choose([offer(640, 480, 0, YUYV)], 30),
            None,
            "a camera that never gives a frame offers nothing"
        );
    }
}
