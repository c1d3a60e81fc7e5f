//! [`BubbleView`]: where the camera lies over the screen, as a person moves and sizes it.

use serde::{Deserialize, Serialize};
use vignette_encode::Bubble;

/// Where the camera's bubble lies. It is always moved so that all of it lies in the picture, at
/// least a fortieth of the shorter side away from its edges.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct BubbleView {
    /// Its centre, as a fraction of the picture's width from the left.
    pub x: f32,
    /// Its centre, as a fraction of the picture's height from the top.
    pub y: f32,
    /// Its diameter, as a fraction of the picture's shorter side: 0.05 to 0.8.
    pub size: f32,
}

impl Default for BubbleView {
    /// In the corner at the bottom left.
    fn default() -> Self {
        Bubble::default().into()
    }
}

impl From<Bubble> for BubbleView {
    fn from(Bubble { x, y, size, .. }: Bubble) -> Self {
        Self { x, y, size }
    }
}

impl From<BubbleView> for Bubble {
    fn from(BubbleView { x, y, size }: BubbleView) -> Self {
        Self { x, y, size, mirrored: true }
    }
}
