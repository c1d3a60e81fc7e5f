//! [`WindowMemory`]: where the windows of the app were left.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::BarPlace;

const FILE: &str = "windows.json";
/// Steps of the zoom, as browsers have them.
const ZOOM_STEPS: [f64; 13] = [0.5, 0.67, 0.75, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0];

/// Where a window was, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowPlace {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width inside its frame.
    pub width: u32,
    /// Height inside its frame.
    pub height: u32,
    /// Whether it filled the screen; the rest is where it was before.
    pub maximized: bool,
}

/// A change of the zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Zoom {
    /// Larger by a step.
    In,
    /// Smaller by a step.
    Out,
    /// As it is made.
    Reset,
}

/// Kept as `windows.json` beside the settings. It is not worth a sentence to a person: a file that
/// is missing or cannot be read is the usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowMemory {
    /// The app's window; none: it has not been moved yet.
    pub main: Option<WindowPlace>,
    /// How much larger than usual its page is; none: not at all.
    pub zoom: Option<f64>,
    /// The floating bar.
    pub bar: BarPlace,
    /// Whether the person knows that closing the window leaves the app running.
    pub knows_tray: bool,
}

impl WindowMemory {
    /// What is kept in `folder`.
    #[must_use]
    pub fn open(folder: &Path) -> Self {
        let read = fs::read(folder.join(FILE)).ok();
        read.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default()
    }

    /// Keeps it in `folder`.
    ///
    /// # Errors
    /// That of the disk.
    pub fn keep(&self, folder: &Path) -> io::Result<()> {
        vignette_durable::write(&folder.join(FILE), &serde_json::to_vec_pretty(self)?)
    }

    /// Changes the zoom, and gives it as it is then.
    pub fn change_zoom(&mut self, change: Zoom) -> f64 {
        let now = self.zoom();
        let next = match change {
            Zoom::In => ZOOM_STEPS.into_iter().find(|step| *step > now + 0.01),
            Zoom::Out => ZOOM_STEPS.into_iter().rev().find(|step| *step < now - 0.01),
            Zoom::Reset => Some(1.0),
        };
        let next = next.unwrap_or(now);
        self.zoom = (next != 1.0).then_some(next);
        next
    }

    /// How much larger than usual the page is, within the steps there are.
    #[must_use]
    pub fn zoom(&self) -> f64 {
        let [least, .., most] = ZOOM_STEPS;
        self.zoom.filter(|zoom| zoom.is_finite()).unwrap_or(1.0).clamp(least, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_there_again_and_a_damaged_file_is_the_usual() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(WindowMemory::open(folder.path()), WindowMemory::default());
        let place = WindowPlace { x: -4, y: 20, width: 900, height: 700, maximized: true };
        let memory =
            WindowMemory { main: Some(place), knows_tray: true, ..WindowMemory::default() };
        memory.keep(folder.path()).unwrap();
        assert_eq!(WindowMemory::open(folder.path()), memory);
        vignette_durable::write(&folder.path().join(FILE), b"{").unwrap();
        assert_eq!(WindowMemory::open(folder.path()), WindowMemory::default());
    }

    #[test]
    fn the_zoom_goes_by_steps_and_back_to_the_usual() {
        let mut memory = WindowMemory::default();
        assert_eq!(memory.change_zoom(Zoom::In), 1.1);
        assert_eq!(memory.change_zoom(Zoom::In), 1.25);
        assert_eq!(memory.change_zoom(Zoom::Out), 1.1);
        assert_eq!(memory.change_zoom(Zoom::Reset), 1.0);
        assert_eq!(memory.zoom, None);
        for _ in 0..30 {
            memory.change_zoom(Zoom::Out);
        }
        assert_eq!(memory.zoom(), 0.5);
        memory.zoom = Some(f64::INFINITY);
        assert_eq!(memory.zoom(), 1.0);
    }
}
