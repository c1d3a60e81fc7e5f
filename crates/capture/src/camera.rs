//! The camera: a webcam, driven by nokhwa. It is found by its name, opened in the format that suits
//! a clip best, and opened again after it was lost.

mod driver;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
mod offer;
mod picture;

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

use crossbeam_channel::Sender;
use nokhwa::utils::CameraIndex;
use vignette_model::{Captured, TakeClock};

use self::driver::CameraDriver;
use crate::source::{CaptureOutput, RunningSource, Source};
use crate::supervise::supervise;
use crate::{
    CaptureError, Device, DeviceSelector, Permission, SourceKind, StartOptions, synthetic,
};

/// The webcams that are plugged in.
pub(crate) fn list() -> Vec<Device> {
    let device = |(number, present): (usize, Present)| Device {
        id: present.id,
        name: present.name,
        default: number == 0,
        width: None,
        height: None,
    };
    identify(system::present()).into_iter().enumerate().map(device).collect()
}

/// Whether this system lets us use cameras.
pub(crate) fn permission() -> Permission {
    system::permission()
}

/// A source of one webcam. The picture is not mirrored: it is as the lens sees it.
///
/// # Errors
/// [`CaptureError`] if there is no such camera.
pub fn camera(selector: &DeviceSelector) -> Result<Box<dyn Source>, CaptureError> {
    if *selector == DeviceSelector::Synthetic {
        return Ok(Box::new(synthetic::Camera));
    }
    let devices = list();
    let device = selector.find(SourceKind::Camera, &devices)?;
    Ok(Box::new(Camera { id: device.id.clone(), name: device.name.clone() }))
}

/// A camera that is plugged in.
#[derive(Clone, Debug)]
struct Present {
    /// The index under which the driver lists it now; it may change when the camera is plugged in
    /// again.
    index: CameraIndex,
    name: String,
    /// Its name, with a number if others have the same.
    id: String,
}

/// Makes ids and names unique: cameras of the same name get different ids, and names with a number.
fn identify(cameras: Vec<(CameraIndex, String)>) -> Vec<Present> {
    let mut present: Vec<Present> = Vec::with_capacity(cameras.len());
    for (index, driver_name) in cameras {
        let name = spoken(&driver_name).to_owned();
        let twins =
            present.iter().filter(|other| other.id.split(" #").next() == Some(&name)).count();
        let id = if twins == 0 { name.clone() } else { format!("{name} #{}", twins + 1) };
        present.push(Present { index, name: id.clone(), id });
    }
    present
}

/// Removes the repetition from a name. Drivers cut names off after 31 characters, and some repeat
/// the product name: `HD Webcam: HD Web` becomes `HD Webcam`.
fn spoken(name: &str) -> &str {
    let name = name.trim();
    match name.split_once(": ") {
        Some((first, again)) if !first.is_empty() && first.starts_with(again.trim()) => first,
        _ => name,
    }
}

/// A camera that was found and is not open yet.
struct Camera {
    id: String,
    name: String,
}

impl Source for Camera {
    fn describe(&self) -> String {
        self.name.clone()
    }

    fn start(
        self: Box<Self>,
        options: &StartOptions,
        clock: TakeClock,
        out: Sender<Captured>,
    ) -> Result<RunningSource, CaptureError> {
        let fps = options.fps;
        RunningSource::spawn(SourceKind::Camera, move |stop| {
            let output = CaptureOutput::new(out, stop.clone());
            let driver = CameraDriver::new(self.id, fps, clock);
            supervise(SourceKind::Camera, &self.name, driver, &stop, &output);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cameras_are_told_apart_by_name() {
        let names = ["HD Webcam: HD Web", "Other: thing", "HD Webcam", " HD Webcam "];
        let cameras =
            (0u32..).zip(names).map(|(n, name)| (CameraIndex::Index(n), name.to_owned())).collect();
        let ids: Vec<String> = identify(cameras).into_iter().map(|present| present.id).collect();
        assert_eq!(ids, ["HD Webcam", "Other: thing", "HD Webcam #2", "HD Webcam #3"]);
    }
}
