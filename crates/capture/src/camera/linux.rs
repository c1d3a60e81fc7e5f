//! Cameras on Linux: what nokhwa does not do itself on Video4Linux, done by asking the driver
//! directly.
//!
//! nokhwa cannot open a camera whose current state it does not know (an interval that is not 1/n s,
//! an unknown format), lists 2/25 s as 25 frames a second, and waits without a timeout for a camera
//! that has stalled.

use std::fs;
use std::io;
use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::ptr;

use nokhwa::Camera;
use nokhwa::utils::{CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType};
use v4l::capability::Flags;
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::video::Capture;
use v4l::video::capture::Parameters;
use v4l::{Device, Format, FourCC};

use super::driver::{plain, said};
use super::offer::{Offer, choose};
use crate::Permission;

/// The formats that nokhwa knows, by their V4L2 names.
const FORMATS: [(&[u8; 4], FrameFormat); 6] = [
    (b"YUYV", FrameFormat::YUYV),
    (b"NV12", FrameFormat::NV12),
    (b"RGB3", FrameFormat::RAWRGB),
    (b"BGR3", FrameFormat::RAWBGR),
    (b"MJPG", FrameFormat::MJPEG),
    (b"GRAY", FrameFormat::GRAY),
];
/// Sizes and rates to ask for where the driver accepts any.
const SIZES: [(u32, u32); 4] = [(1280, 720), (640, 480), (640, 360), (320, 240)];
const RATES: [u32; 5] = [60, 30, 25, 24, 15];
const REFUSED_HELP: &str =
    "ask for membership in the group \u{201c}video\u{201d}, then sign out and in again";

/// The connected cameras by the number of their device node, in that order.
pub(super) fn present() -> Vec<(CameraIndex, String)> {
    let Ok(nodes) = fs::read_dir("/sys/class/video4linux") else { return Vec::new() };
    let mut cameras: Vec<(u32, String)> = nodes
        .filter_map(|node| {
            let node = node.ok()?;
            let index = node.file_name().to_str()?.strip_prefix("video")?.parse().ok()?;
            let name = fs::read_to_string(node.path().join("name")).ok()?;
            captures(index).then(|| (index, name.trim().to_owned()))
        })
        .collect();
    cameras.sort_unstable_by_key(|(index, _)| *index);
    cameras.into_iter().map(|(index, name)| (CameraIndex::Index(index), name)).collect()
}

/// Whether a node delivers pictures. A webcam has a second node of the same name for metadata.
fn captures(index: u32) -> bool {
    match Device::new(index as usize) {
        Ok(device) => {
            device.query_caps().is_ok_and(|caps| caps.capabilities.contains(Flags::VIDEO_CAPTURE))
        }
        // A node without permission is listed, so that the error can say why it does not work.
        Err(why) => {
            matches!(why.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ResourceBusy)
        }
    }
}

/// Cameras are device files, so their file permissions decide.
pub(super) fn permission() -> Permission {
    let opened = present().into_iter().filter_map(|(index, _)| {
        let number = index.as_index().ok()?;
        Some(Device::new(number as usize).map(drop).map_err(|why| why.kind()))
    });
    judged(opened)
}

/// Granted if any camera can be opened, or fails for another reason than permission: which one is
/// meant is not known here.
fn judged(opened: impl Iterator<Item = Result<(), io::ErrorKind>>) -> Permission {
    let mut refused = false;
    for camera in opened {
        if camera != Err(io::ErrorKind::PermissionDenied) {
            return Permission::Granted;
        }
        refused = true;
    }
    if refused { Permission::Denied { help: REFUSED_HELP } } else { Permission::Granted }
}

/// Opens a camera in the format that suits best, with at most so many frames a second.
pub(super) fn open(index: &CameraIndex, fps: u32) -> Result<Camera, String> {
    let number = index.as_index().map_err(|why| plain(&why))?;
    let offer = prepare(number, fps)
        .map_err(|why| said(&why.to_string()))?
        .ok_or("it has no format that Vignette knows")?;
    let formats = [offer.format];
    let exactly = RequestedFormat::with_formats(RequestedFormatType::Exact(offer.into()), &formats);
    Camera::new(index.clone(), exactly).map_err(|why| plain(&why))
}

/// Sets the best format that the driver offers, so that nokhwa finds it in that state.
fn prepare(index: u32, fps: u32) -> io::Result<Option<Offer>> {
    let device = Device::new(index as usize)?;
    let Some(offer) = choose(offers(&device)?, fps) else { return Ok(None) };
    let name = FORMATS
        .iter()
        .find(|(_, format)| *format == offer.format)
        .map_or(b"YUYV", |(name, _)| name);
    device.set_format(&Format::new(offer.width, offer.height, FourCC::new(name)))?;
    // Some drivers have a fixed rate and refuse to set one; that rate is used then.
    if let Err(error) = device.set_params(&Parameters::with_fps(offer.fps)) {
        tracing::debug!(%error, "The camera keeps its frame rate");
    }
    Ok(Some(offer))
}

/// The formats that the driver lists and nokhwa can open.
fn offers(device: &Device) -> io::Result<Vec<Offer>> {
    let mut offers = Vec::new();
    for description in device.enum_formats()? {
        let Some(&(_, format)) = FORMATS.iter().find(|(name, _)| **name == description.fourcc.repr)
        else {
            continue;
        };
        for (width, height) in sizes(device, description.fourcc)? {
            // A driver may fail to list the intervals of a size that it lists.
            let intervals =
                device.enum_frameintervals(description.fourcc, width, height).unwrap_or_default();
            let rates = intervals.into_iter().flat_map(|interval| rates(&interval.interval));
            offers.extend(rates.map(|fps| Offer { width, height, fps, format }));
        }
    }
    Ok(offers)
}

fn sizes(device: &Device, fourcc: FourCC) -> io::Result<Vec<(u32, u32)>> {
    let listed = device.enum_framesizes(fourcc)?;
    let sizes = |size: FrameSizeEnum| match size {
        FrameSizeEnum::Discrete(size) => vec![(size.width, size.height)],
        FrameSizeEnum::Stepwise(any) => {
            let fits = |least: u32, most: u32, step: u32, side: u32| {
                (least..=most).contains(&side) && (side - least).is_multiple_of(step.max(1))
            };
            let fit = |&(width, height): &(u32, u32)| {
                fits(any.min_width, any.max_width, any.step_width, width)
                    && fits(any.min_height, any.max_height, any.step_height, height)
            };
            SIZES.into_iter().filter(fit).collect()
        }
    };
    Ok(listed.into_iter().flat_map(|listed| sizes(listed.size)).collect())
}

/// Whole numbers of frames a second; nokhwa supports no others.
fn rates(interval: &FrameIntervalEnum) -> Vec<u32> {
    match interval {
        FrameIntervalEnum::Discrete(time) if time.numerator == 1 => vec![time.denominator],
        FrameIntervalEnum::Discrete(_) => Vec::new(),
        FrameIntervalEnum::Stepwise(any) => {
            // a/b <= 1/fps <= c/d
            let at_least = |fps: u32| {
                u64::from(any.min.numerator) * u64::from(fps) <= u64::from(any.min.denominator)
            };
            let at_most = |fps: u32| {
                u64::from(any.max.numerator) * u64::from(fps) >= u64::from(any.max.denominator)
            };
            RATES.into_iter().filter(|&fps| at_least(fps) && at_most(fps)).collect()
        }
    }
}

/// Interrupts a thread that waits for a picture of this camera: it stops the stream underneath, so
/// that the wait ends with an error. Must be called while the camera is open, by the thread that
/// opened it.
pub(super) fn interrupter(index: &CameraIndex) -> impl Fn() + Send + 'static {
    let opened = index
        .as_index()
        .map(|number| opened(&PathBuf::from(format!("/dev/video{number}"))))
        .unwrap_or_default();
    move || opened.iter().for_each(stream_off)
}

/// A second handle on the file that nokhwa has opened and does not expose. It may include other
/// handles on the same node, for example of a concurrent listing; stopping a stream on those is
/// refused.
fn opened(node: &Path) -> Vec<OwnedFd> {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else { return Vec::new() };
    let numbers = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        fs::read_link(entry.path()).ok().filter(|target| target == node)?;
        entry.file_name().to_str()?.parse().ok()
    });
    let duplicate = |number| {
        // SAFETY: the number was an open file just now. If another thread should have closed it
        // since, this fails or gives some other file, on which stopping a video stream is refused;
        // the borrow ends before anything else is done.
        let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
        borrowed.try_clone_to_owned().ok()
    };
    numbers.filter_map(duplicate).collect()
}

fn stream_off(fd: &OwnedFd) {
    let mut kind: libc::c_int = v4l::buffer::Type::VideoCapture as libc::c_int;
    // SAFETY: VIDIOC_STREAMOFF reads one int, which lives on this stack until the call returns;
    // `fd` is open.
    let stopped = unsafe {
        v4l::v4l2::ioctl(
            fd.as_raw_fd(),
            v4l::v4l2::vidioc::VIDIOC_STREAMOFF,
            ptr::from_mut(&mut kind).cast(),
        )
    };
    if let Err(error) = stopped {
        tracing::debug!(%error, "Could not interrupt the camera");
    }
}

/// Blocks signals for the calling thread: a signal that arrives while nokhwa waits breaks its
/// stream.
pub(super) fn quieten_signals() {
    // SAFETY: an all-zero `sigset_t` is a valid value to be filled in; both calls get pointers to
    // it while it lives, and the mask they change belongs to this thread alone.
    unsafe {
        let mut all: libc::sigset_t = mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, ptr::null_mut());
    }
}

#[cfg(test)]
mod tests {
    use v4l::Fraction;

    use super::*;

    #[test]
    fn permission_is_denied_only_if_every_camera_refuses() {
        let refused = Err(io::ErrorKind::PermissionDenied);
        let denied = Permission::Denied { help: REFUSED_HELP };
        for (cameras, permission) in [
            (vec![], Permission::Granted),
            (vec![Ok(())], Permission::Granted),
            (vec![refused], denied),
            (vec![refused, refused], denied),
            (vec![refused, Ok(())], Permission::Granted),
            (vec![refused, Err(io::ErrorKind::ResourceBusy)], Permission::Granted),
        ] {
            assert_eq!(judged(cameras.clone().into_iter()), permission, "{cameras:?}");
        }
    }

    #[test]
    fn only_whole_rates_are_offered() {
        let discrete = |numerator, denominator| {
            rates(&FrameIntervalEnum::Discrete(Fraction { numerator, denominator }))
        };
        assert_eq!(discrete(1, 30), [30]);
        assert!(discrete(2, 25).is_empty(), "12.5 frames a second is nothing nokhwa can open");
        let step = Fraction::new(1, 1);
        let any = v4l::frameinterval::Stepwise {
            min: Fraction::new(1, 60),
            max: Fraction::new(1, 20),
            step,
        };
        assert_eq!(rates(&FrameIntervalEnum::Stepwise(any)), [60, 30, 25, 24]);
    }
}
