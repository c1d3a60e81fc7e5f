//! [`Device`]: something a source can be made of.

use serde::{Deserialize, Serialize};

/// Something a source can be made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Device {
    /// What picks exactly this one, now and after it was plugged out and in again.
    pub id: String,
    /// What a person calls it.
    pub name: String,
    /// Whether the system prefers it.
    pub default: bool,
    /// Width in pixels; screens only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[ts(optional)]
    pub width: Option<u32>,
    /// Height in pixels; screens only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[ts(optional)]
    pub height: Option<u32>,
}
