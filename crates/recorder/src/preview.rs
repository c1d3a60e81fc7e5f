//! [`Preview`]: the camera as a person sees it while recording, small and a few times a second.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;
use vignette_model::{Frame, Micros, Span};

/// Time between two pictures.
const PICTURE_INTERVAL: Span = Span::from_millis(100);
/// Width in pixels.
const WIDTH: u32 = 320;

/// Makes a small JPEG of a camera frame now and then, if somebody looks.
#[derive(Clone)]
pub(crate) struct Preview {
    picture: Arc<watch::Sender<Option<Bytes>>>,
    shown_at: Option<Micros>,
}

impl Preview {
    pub(crate) fn new() -> Self {
        Self::showing(Arc::new(watch::Sender::new(None)))
    }

    /// Shows its pictures there.
    pub(crate) fn showing(picture: Arc<watch::Sender<Option<Bytes>>>) -> Self {
        Self { picture, shown_at: None }
    }

    /// Where the pictures are to be seen. Nothing is drawn while nobody has subscribed.
    pub(crate) fn screen(&self) -> Arc<watch::Sender<Option<Bytes>>> {
        self.picture.clone()
    }

    /// Shows `frame` if it is time for the next picture and anybody is watching.
    pub(crate) fn show(&mut self, frame: &Frame) {
        let due = self.shown_at.is_none_or(|at| frame.at >= at + PICTURE_INTERVAL);
        if !due || self.picture.receiver_count() == 0 {
            return;
        }
        self.shown_at = Some(frame.at);
        match vignette_encode::preview(frame, WIDTH) {
            Ok(jpeg) => drop(self.picture.send_replace(Some(jpeg.into()))),
            Err(error) => tracing::debug!(%error, "No preview of this frame"),
        }
    }
}
