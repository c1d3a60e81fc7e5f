//! Which device a person wants: [`DeviceSelector`], as written on a command line or kept in
//! settings.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{CaptureError, Device, SourceKind};

/// One word for one source: `off`, `default`, `synthetic`, a device's id, or part of its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum DeviceSelector {
    /// Do not record this kind.
    Off,
    /// The one that the system prefers, else the first.
    #[default]
    Default,
    /// A synthetic source, see [`crate::synthetic`].
    Synthetic,
    /// By id, by name, or by part of the name, in this order, ignoring case.
    Named(String),
}

impl DeviceSelector {
    /// The device this picks from `devices`.
    ///
    /// # Errors
    /// [`CaptureError::Off`] for *off*, [`CaptureError::None`] if there are no devices,
    /// [`CaptureError::Unknown`] if none has such an id or name. *Synthetic* is no device either.
    pub(crate) fn find<'a>(
        &self,
        kind: SourceKind,
        devices: &'a [Device],
    ) -> Result<&'a Device, CaptureError> {
        match self {
            Self::Off => Err(CaptureError::Off(kind)),
            Self::Default => devices
                .iter()
                .find(|d| d.default)
                .or(devices.first())
                .ok_or(CaptureError::None(kind)),
            Self::Synthetic => Err(unknown(kind, "synthetic", devices)),
            Self::Named(wanted) => {
                let lower = wanted.to_lowercase();
                let by = |fits: &dyn Fn(&Device) -> bool| devices.iter().find(|d| fits(d));
                by(&|d| d.id == *wanted)
                    .or_else(|| by(&|d| d.name.to_lowercase() == lower))
                    .or_else(|| by(&|d| d.name.to_lowercase().contains(&lower)))
                    .ok_or_else(|| unknown(kind, wanted, devices))
            }
        }
    }
}

fn unknown(kind: SourceKind, wanted: &str, devices: &[Device]) -> CaptureError {
    CaptureError::Unknown {
        kind,
        wanted: wanted.to_owned(),
        present: devices.iter().map(|d| d.name.clone()).collect(),
    }
}

impl From<String> for DeviceSelector {
    fn from(word: String) -> Self {
        match word.trim() {
            "off" | "none" => Self::Off,
            "default" | "" => Self::Default,
            "synthetic" => Self::Synthetic,
            name => Self::Named(name.to_owned()),
        }
    }
}

impl FromStr for DeviceSelector {
    type Err = Infallible;
    fn from_str(word: &str) -> Result<Self, Infallible> {
        Ok(word.to_owned().into())
    }
}

impl From<DeviceSelector> for String {
    fn from(selector: DeviceSelector) -> Self {
        selector.to_string()
    }
}

impl fmt::Display for DeviceSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Default => "default",
            Self::Synthetic => "synthetic",
            Self::Named(name) => name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn devices() -> Vec<Device> {
        let device = |id: &str, name: &str, default| Device {
            id: id.into(),
            name: name.into(),
            default,
            width: None,
            height: None,
        };
        vec![
            device("a", "Webcam (old)", false),
            device("Old", "Webcam", true),
            device("b", "Ölkamera", false),
        ]
    }

    #[test]
    fn ids_go_before_names_and_names_before_parts() {
        let devices = devices();
        for (word, id) in [
            ("default", "Old"),
            ("a", "a"),
            ("webcam", "Old"),
            ("old", "a"),
            ("Old", "Old"),
            ("ÖLK", "b"),
        ] {
            let selector: DeviceSelector = word.parse().unwrap();
            assert_eq!(selector.find(SourceKind::Camera, &devices).unwrap().id, id, "{word}");
        }
    }

    #[test]
    fn what_is_not_there_is_said() {
        let selector = DeviceSelector::Named("x".into());
        assert!(matches!(
            selector.find(SourceKind::Camera, &devices()),
            Err(CaptureError::Unknown { present, .. }) if present.len() == 3
        ));
        assert_eq!(
            DeviceSelector::Default.find(SourceKind::Camera, &[]),
            Err(CaptureError::None(SourceKind::Camera))
        );
        assert_eq!(
            DeviceSelector::Off.find(SourceKind::Screen, &devices()),
            Err(CaptureError::Off(SourceKind::Screen))
        );
    }
}
