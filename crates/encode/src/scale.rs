//! [`Scaler`]: swscale for one pair of sizes.

use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame;
use ffmpeg_next::software::scaling::{Context, Flags};
use vignette_model::Rect;

use crate::picture::{Picture, black_frame};
use crate::{Canvas, EncodeError};

/// Scales parts of a picture of one size to parts of another size.
pub(crate) struct Scaler {
    context: Context,
    from: frame::Video,
    to: frame::Video,
}

// SAFETY: a SwsContext is a block of memory with no tie to the thread that made it, and `Scaler`
// alone has it: it is only used through `&mut self`. ffmpeg-next says the same of its other
// contexts and has left this one out.
unsafe impl Send for Scaler {}

impl Scaler {
    /// Sizes must be even.
    pub(crate) fn new(from: Canvas, to: Canvas) -> Result<Self, EncodeError> {
        // Area averaging when scaling down: no pixel of a thin line is lost, and no part needs its
        // neighbours.
        let flags = if to.width < from.width { Flags::AREA } else { Flags::BICUBIC };
        let context = Context::get(
            Pixel::YUV420P,
            from.width,
            from.height,
            Pixel::YUV420P,
            to.width,
            to.height,
            flags,
        )
        .map_err(EncodeError::at("preparing to scale a picture"))?;
        Ok(Self { context, from: black_frame(from), to: black_frame(to) })
    }

    /// The size it scales to.
    pub(crate) fn to(&self) -> Canvas {
        Canvas { width: self.to.width(), height: self.to.height() }
    }

    /// Scales the part of `picture` at `(x, y)` and gives the result, which stays until the next
    /// call.
    pub(crate) fn scale(
        &mut self,
        picture: &Picture,
        x: u32,
        y: u32,
    ) -> Result<&frame::Video, EncodeError> {
        let area = Rect { x, y, width: self.from.width(), height: self.from.height() };
        picture.copy_to(area, &mut self.from, 0, 0);
        self.context.run(&self.from, &mut self.to).map_err(EncodeError::at("scaling a picture"))?;
        Ok(&self.to)
    }
}
