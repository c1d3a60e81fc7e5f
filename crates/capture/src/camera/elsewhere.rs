//! Cameras on systems where nokhwa needs no help.

use nokhwa::Camera;
use nokhwa::pixel_format::RgbFormat;
use nokhwa::utils::{ApiBackend, CameraIndex, RequestedFormat, RequestedFormatType};

use super::driver::plain;
use super::offer::{Offer, choose};
use crate::Permission;

/// The connected cameras, by the index of the driver.
pub(super) fn present() -> Vec<(CameraIndex, String)> {
    let cameras = nokhwa::query(ApiBackend::Auto).unwrap_or_default();
    cameras.into_iter().map(|camera| (camera.index().clone(), camera.human_name())).collect()
}

/// The system keeps a list of the programs that may use cameras, and asks the person about a new
/// one.
pub(super) fn permission() -> Permission {
    if nokhwa::nokhwa_check() { Permission::Granted } else { Permission::Ask }
}

/// Opens a camera in the format that suits best, with at most so many frames a second.
pub(super) fn open(index: &CameraIndex, fps: u32) -> Result<Camera, String> {
    let any = RequestedFormat::new::<RgbFormat>(RequestedFormatType::None);
    let mut camera = Camera::new(index.clone(), any).map_err(|why| plain(&why))?;
    let offers = camera.compatible_camera_formats().map_err(|why| plain(&why))?;
    let offers = offers.into_iter().map(|format| Offer {
        width: format.width(),
        height: format.height(),
        fps: format.frame_rate(),
        format: format.format(),
    });
    if let Some(offer) = choose(offers, fps) {
        let exactly = RequestedFormat::new::<RgbFormat>(RequestedFormatType::Exact(offer.into()));
        camera.set_camera_requset(exactly).map_err(|why| plain(&why))?;
    }
    Ok(camera)
}

/// These drivers cannot be interrupted while they wait for a picture: a stuck thread is abandoned.
pub(super) fn interrupter(_index: &CameraIndex) -> impl Fn() + Send + 'static {
    || {}
}

/// Does nothing: signals do not disturb these drivers.
pub(super) fn quieten_signals() {}
