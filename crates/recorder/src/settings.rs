//! [`Settings`]: what a person chose once and means from then on.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;
use vignette_capture::{CaptureTarget, RestoreToken, TargetKind};
use vignette_model::Rect;
use vignette_model::text::PersonName;

use crate::{BubbleView, RecorderError, ShortcutAction, Sources, SpeechSettings};

/// Kept as `settings.json` in the folder for settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The library that new takes go to; none: this computer's own.
    #[ts(as = "Option<String>")]
    pub library: Option<Url>,
    /// What was recorded last time.
    pub sources: Sources,
    /// What kind of thing of the screen was recorded last time.
    pub target: TargetKind,
    /// The region of a display that was recorded last.
    pub region: Option<Rect>,
    /// Where the camera lies over the screen; none: it is hidden.
    pub bubble: Option<BubbleView>,
    /// Repeats the choice of a screen, where the system asks for one at each start: what
    /// [`crate::Recording::restore_token`] gave last.
    #[serde(skip_serializing_if = "Option::is_none")]
    // The window neither shows nor changes it.
    #[ts(skip)]
    pub restore_token: Option<RestoreToken>,
    /// Seconds of countdown; none: three.
    pub countdown_s: Option<u8>,
    /// How speech is transcribed. Files of versions before 0.2 call it `words`.
    #[serde(alias = "words")]
    pub speech: SpeechSettings,
    /// The keys that a person chose for what they can do in any program; empty: none. What is not
    /// here has its usual keys.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    // The window is told of them apart, with what is wrong about each.
    #[ts(skip)]
    pub shortcuts: BTreeMap<ShortcutAction, String>,
    /// What this person is called in the library of this computer; none: as their account on this
    /// computer.
    #[ts(as = "Option<String>")]
    pub name: Option<PersonName>,
    /// Whether the first questions were answered or skipped. Settings of versions that did not ask
    /// say nothing of it, and who has them is not asked.
    #[serde(default = "introduced_by_use")]
    pub introduced: bool,
}

/// Whoever has settings has used Vignette before.
const fn introduced_by_use() -> bool {
    true
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            library: None,
            sources: Sources::default(),
            target: TargetKind::default(),
            region: None,
            bubble: Some(BubbleView::default()),
            restore_token: None,
            countdown_s: None,
            speech: SpeechSettings::default(),
            shortcuts: BTreeMap::new(),
            name: None,
            introduced: false,
        }
    }
}

impl Settings {
    /// The keys that do something in any program; none: no keys do.
    #[must_use]
    pub fn keys(&self, action: ShortcutAction) -> Option<&str> {
        let chosen = self.shortcuts.get(&action).map(String::as_str);
        chosen.or(action.usual_keys()).filter(|keys| !keys.is_empty())
    }

    /// What is kept in `folder`; the usual if nothing is.
    ///
    /// # Errors
    /// [`RecorderError::SettingsUnreadable`]; the file is left as it is.
    pub fn open(folder: &Path) -> Result<Self, RecorderError> {
        let path = path(folder);
        let unreadable = |reason| RecorderError::SettingsUnreadable { path: path.clone(), reason };
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| unreadable(e.to_string())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(unreadable(error.to_string())),
        }
    }

    /// Remembers what of the screen is recorded, as far as it means something after the next start.
    pub fn remember_target(&mut self, target: &CaptureTarget) {
        self.target = target.kind();
        if let CaptureTarget::Region { rect } = target {
            self.region = Some(*rect);
        }
    }

    /// Changes what is kept in `folder`, and gives the settings as they are then. The file is read,
    /// changed and replaced under a lock that every program of this person takes, so of two changes
    /// at once neither is lost.
    ///
    /// # Errors
    /// As [`Settings::open`]; [`RecorderError::SettingsNotKept`]. Then the file is as it was.
    pub fn change(folder: &Path, change: impl FnOnce(&mut Self)) -> Result<Self, RecorderError> {
        let lock = lock(folder).map_err(RecorderError::SettingsNotKept)?;
        let before = Self::open(folder)?;
        let mut settings = before.clone();
        change(&mut settings);
        if settings != before || !path(folder).exists() {
            let json = serde_json::to_vec_pretty(&settings)
                .map_err(|error| RecorderError::SettingsNotKept(error.into()))?;
            vignette_durable::write(&path(folder), &json)
                .map_err(RecorderError::SettingsNotKept)?;
        }
        drop(lock);
        Ok(settings)
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("settings.json")
}

/// Locks the settings until the file that this gives is dropped. It is a file of its own, since the
/// settings themselves are replaced by another file with each change.
fn lock(folder: &Path) -> io::Result<File> {
    vignette_durable::create_folder(folder)?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("settings.lock"))?;
    file.lock()?;
    Ok(file)
}
