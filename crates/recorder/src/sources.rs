//! [`Sources`]: which devices a take records, and what each is for.

use serde::{Deserialize, Serialize};
use vignette_capture::DeviceSelector;
use vignette_model::{SourceKind, SourceRole};

/// One source that a person chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceChoice {
    /// What it is.
    pub kind: SourceKind,
    /// What it is for.
    pub role: SourceRole,
    /// Which device.
    pub selector: DeviceSelector,
}

/// The sources that a person chose: pictures first, then sound, in the order of their tracks. Those
/// that are *off* are kept too, so that the choice is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(from = "NamedSources", into = "NamedSources")]
#[ts(as = "NamedSources")]
pub struct Sources(Vec<SourceChoice>);

impl Sources {
    /// A screen, a camera (a bubble over the screen, or the whole picture if the screen is off) and
    /// a microphone.
    #[must_use]
    pub fn new(screen: DeviceSelector, camera: DeviceSelector, microphone: DeviceSelector) -> Self {
        let choice = |kind, role, selector| SourceChoice { kind, role, selector };
        Self(vec![
            choice(SourceKind::Screen, SourceRole::Picture, screen),
            choice(SourceKind::Camera, SourceRole::Bubble, camera),
            choice(SourceKind::Microphone, SourceRole::Voice, microphone),
        ])
    }

    /// The same with one more source of sound, such as the monitor of what the computer plays.
    #[must_use]
    pub fn with_background(mut self, selector: DeviceSelector) -> Self {
        let (kind, role) = (SourceKind::Microphone, SourceRole::Background);
        self.0.push(SourceChoice { kind, role, selector });
        self
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &SourceChoice> {
        self.0.iter()
    }

    /// The screen.
    pub(crate) fn screen(&self) -> DeviceSelector {
        self.selector(SourceRole::Picture)
    }

    /// Whether none of them is recorded.
    pub(crate) fn all_off(&self) -> bool {
        self.0.iter().all(|choice| choice.selector == DeviceSelector::Off)
    }

    /// The same without those of a kind.
    #[must_use]
    pub(crate) fn without(mut self, kind: SourceKind) -> Self {
        self.0.retain(|choice| choice.kind != kind);
        self
    }

    /// The device of the first source that has this role; *off* if there is none.
    fn selector(&self, role: SourceRole) -> DeviceSelector {
        self.0
            .iter()
            .find(|choice| choice.role == role)
            .map_or(DeviceSelector::Off, |choice| choice.selector.clone())
    }
}

impl Default for Sources {
    /// The default screen, camera and microphone.
    fn default() -> Self {
        NamedSources::default().into()
    }
}

/// How sources are written in settings and plans.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
struct NamedSources {
    #[ts(type = "DeviceSelector")]
    screen: DeviceSelector,
    #[ts(type = "DeviceSelector")]
    camera: DeviceSelector,
    #[ts(type = "DeviceSelector")]
    microphone: DeviceSelector,
    /// More sources of sound.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<String>>", optional)]
    background: Vec<DeviceSelector>,
}

impl From<NamedSources> for Sources {
    fn from(named: NamedSources) -> Self {
        let sources = Self::new(named.screen, named.camera, named.microphone);
        named.background.into_iter().fold(sources, Self::with_background)
    }
}

impl From<Sources> for NamedSources {
    fn from(sources: Sources) -> Self {
        let background = sources.iter().filter(|choice| choice.role == SourceRole::Background);
        Self {
            background: background.map(|choice| choice.selector.clone()).collect(),
            screen: sources.selector(SourceRole::Picture),
            camera: sources.selector(SourceRole::Bubble),
            microphone: sources.selector(SourceRole::Voice),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_version_before_wrote_is_read_and_written_the_same() {
        let old = r#"{"screen":"whole-screen","camera":"off","microphone":"default"}"#;
        let sources: Sources = serde_json::from_str(old).unwrap();
        let named = |name: &str| DeviceSelector::Named(name.into());
        assert_eq!(
            sources,
            Sources::new(named("whole-screen"), DeviceSelector::Off, DeviceSelector::Default)
        );
        assert_eq!(serde_json::to_string(&sources).unwrap(), old);
    }

    #[test]
    fn more_sound_is_kept() {
        let sources = Sources::default().with_background(DeviceSelector::Synthetic);
        let kept = serde_json::to_string(&sources).unwrap();
        assert_eq!(serde_json::from_str::<Sources>(&kept).unwrap(), sources, "{kept}");
    }
}
