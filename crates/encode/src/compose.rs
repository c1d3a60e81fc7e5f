//! [`Composer`]: composes screen and camera into one picture, of which only changed parts are
//! redrawn.
//!
//! ```text
//! screen ─▶ layer ─ damage ─┐
//!                           ├─ copy ─▶ composed frame ◀─ bubble laid over its own area
//! camera ─▶ layer ──────────┘ (in place of the screen while there is none)
//! ```
//!
//! The layers never contain the bubble: it is drawn into the composed frame alone, after its area
//! was copied again.

use ffmpeg_next::frame;
use vignette_model::{Frame, Micros, Rect};

use crate::bubble::Drawn;
use crate::canvas::Layer;
use crate::changed_region::ChangedRegion;
use crate::picture::{Picture, black_frame, blacken};
use crate::settings::Bubble;
use crate::{Canvas, EncodeError};

/// Screen and camera as one picture.
pub(crate) struct Composer {
    size: Canvas,
    screen: Layer,
    camera: Layer,
    /// Whether the camera changed since the bubble was last drawn.
    camera_is_new: bool,
    bubble: Option<Drawn>,
    composed: frame::Video,
    damage: ChangedRegion,
    /// What the composed frame shows, apart from the bubble.
    ground: Ground,
    /// When the newest change was captured that the composed frame does not show yet.
    newest: Option<Micros>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ground {
    Black,
    Camera(Rect),
    Screen(Rect),
}

impl Composer {
    pub(crate) fn new(size: Canvas, bubble: Option<Bubble>) -> Self {
        Self {
            size,
            screen: Layer::new(size, false),
            camera: Layer::new(size, true),
            camera_is_new: false,
            bubble: bubble.map(|bubble| Drawn::new(bubble, size)),
            composed: black_frame(size),
            damage: ChangedRegion::default(),
            ground: Ground::Black,
            newest: None,
        }
    }

    pub(crate) fn screen(&mut self, frame: &Frame) -> Result<(), EncodeError> {
        self.screen.put(frame)?;
        if self.screen.changed() {
            self.note(frame.at);
        }
        Ok(())
    }

    /// Applies a decoded picture as the screen.
    pub(crate) fn decoded(&mut self, picture: &frame::Video, at: Micros) {
        self.screen.put_decoded(picture);
        self.note(at);
    }

    pub(crate) fn camera(&mut self, frame: &Frame) -> Result<(), EncodeError> {
        self.camera.put(frame)?;
        self.camera_is_new = true;
        if self.bubble.is_some() || self.screen.picture().is_none() {
            self.note(frame.at);
        }
        Ok(())
    }

    pub(crate) fn set_bubble(&mut self, bubble: Option<Bubble>, now: Micros) {
        if let Some(old) = &self.bubble {
            self.damage.add(old.place);
        }
        let old = self.bubble.take();
        self.bubble = bubble.map(|bubble| match old {
            Some(old) => old.changed(bubble, self.size),
            None => Drawn::new(bubble, self.size),
        });
        if let Some(new) = &self.bubble {
            self.damage.add(new.place);
        }
        self.camera_is_new = true;
        self.note(now);
    }

    fn note(&mut self, at: Micros) {
        self.newest = Some(self.newest.map_or(at, |newest| newest.max(at)));
    }

    /// When the newest change was captured that no picture shows yet.
    pub(crate) fn newest(&self) -> Option<Micros> {
        self.newest
    }

    /// The last composed picture.
    pub(crate) fn composed(&mut self) -> &mut frame::Video {
        &mut self.composed
    }

    /// Composes the current picture.
    pub(crate) fn compose(&mut self) -> Result<&mut frame::Video, EncodeError> {
        self.newest = None;
        let on_screen = self.screen.picture().is_some();
        let layer = if on_screen { &mut self.screen } else { &mut self.camera };
        layer.settle(&mut self.damage)?;
        let laid_out = if on_screen { self.screen.laid_out() } else { self.camera.laid_out() };
        let ground = match laid_out {
            Some((_, place)) if on_screen => Ground::Screen(place),
            Some((_, place)) => Ground::Camera(place),
            None => Ground::Black,
        };
        if ground != self.ground {
            self.damage.clear();
            self.damage.add(Rect::whole(self.size.width, self.size.height));
            self.ground = ground;
        }

        let bubble = self.bubble.as_mut().filter(|_| on_screen);
        let camera = self.camera.picture();
        if let (Some(bubble), Some(camera)) = (bubble, camera) {
            let beneath =
                self.damage.parts().iter().any(|part| overlap(*part, bubble.place).is_some());
            if self.camera_is_new {
                bubble.show(camera)?;
            }
            let again = self.camera_is_new || beneath;
            if again {
                self.damage.add(bubble.place);
            }
            restore(&mut self.composed, laid_out, &self.damage);
            if again {
                bubble.draw(&mut self.composed);
            }
            self.camera_is_new = false;
        } else {
            restore(&mut self.composed, laid_out, &self.damage);
        }
        self.damage.clear();
        Ok(&mut self.composed)
    }
}

/// Copies what changed into the composed frame; around the picture it is black.
fn restore(
    composed: &mut frame::Video,
    laid_out: Option<(&Picture, Rect)>,
    damage: &ChangedRegion,
) {
    for &part in damage.parts() {
        let shown =
            laid_out.and_then(|(picture, place)| Some((picture, place, overlap(part, place)?)));
        if shown.is_none_or(|(_, _, shown)| shown != part) {
            blacken(composed, part);
        }
        if let Some((picture, place, part)) = shown {
            picture.copy_to(
                Rect { x: part.x - place.x, y: part.y - place.y, ..part },
                composed,
                part.x,
                part.y,
            );
        }
    }
}

fn overlap(a: Rect, b: Rect) -> Option<Rect> {
    let (x, y) = (a.x.max(b.x), a.y.max(b.y));
    let (right, bottom) =
        ((a.x + a.width).min(b.x + b.width), (a.y + a.height).min(b.y + b.height));
    (x < right && y < bottom).then(|| Rect { x, y, width: right - x, height: bottom - y })
}
