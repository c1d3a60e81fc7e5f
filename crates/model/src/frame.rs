//! What a source gives: a [`Frame`] (what changed in a picture), a block of [`Samples`], or a [`Notice`].

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{Channels, Micros};

/// How the bytes of a [`Patch`] make pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelFormat {
    /// Four bytes a pixel: blue, green, red, unused. What X11 and Windows screens give.
    Bgrx,
    /// Three bytes a pixel: red, green, blue. What decoded MJPEG cameras give.
    Rgb,
    /// Two bytes a pixel, packed 4:2:2: Y0 U Y1 V. What most webcams give.
    Yuyv,
    /// 4:2:0 with a plane of Y and a plane of interleaved U and V below it, same stride. A patch is always the whole picture.
    Nv12,
}

/// A rectangle in pixels; the origin is the top left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
pub struct Rect {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Rect {
    /// The whole of a picture.
    #[must_use]
    pub const fn whole(width: u32, height: u32) -> Self {
        Self { x: 0, y: 0, width, height }
    }
}

/// Text that is no rectangle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is not a rectangle such as 1280x720+100+50: width, height, left edge, top edge, in pixels"
)]
pub struct NotARect(String);

impl FromStr for Rect {
    type Err = NotARect;

    /// Reads `WxH+X+Y`, as X writes it. A side of less than two pixels makes no picture.
    fn from_str(text: &str) -> Result<Self, NotARect> {
        let read = || {
            let (size, place) = text.split_once('+')?;
            let (width, height) = size.split_once(['x', '×'])?;
            let (x, y) = place.split_once('+')?;
            let [width, height, x, y] = [width, height, x, y].map(|n| n.parse::<u32>().ok());
            Some(Self { x: x?, y: y?, width: width?, height: height? })
        };
        let rect = read().filter(|rect| rect.width >= 2 && rect.height >= 2);
        rect.ok_or_else(|| NotARect(text.to_owned()))
    }
}

/// New pixels for one rectangle of a picture.
#[derive(Clone, Debug)]
pub struct Patch {
    /// Where they belong.
    pub rect: Rect,
    /// Bytes from the start of one row to the start of the next.
    pub stride_bytes: usize,
    /// `rect.height` rows, each of `stride_bytes` bytes but the last, which may be shorter.
    pub pixels: Bytes,
}

/// What changed in a picture, stamped with the time it was captured. The first frame of a source, and the first after a
/// change of size, has one patch that covers everything.
#[derive(Clone, Debug)]
pub struct Frame {
    /// When it was captured, by the take's clock.
    pub at: Micros,
    /// Width of the whole picture in pixels.
    pub width: u32,
    /// Height of the whole picture in pixels.
    pub height: u32,
    /// What changed.
    pub data: FrameData,
}

/// Where the pixels of a frame are.
#[derive(Clone, Debug)]
pub enum FrameData {
    /// In the computer's memory.
    Cpu(Pixels),
    /// In the memory of a graphics processor: always the whole picture.
    Gpu(Arc<dyn GpuPicture>),
}

/// What changed in a picture, in the computer's memory.
#[derive(Clone, Debug)]
pub struct Pixels {
    /// How the patches' bytes make pixels.
    pub format: PixelFormat,
    /// What is new. Patches may overlap; a later one lies on top.
    pub patches: Vec<Patch>,
}

/// A picture in the memory of a graphics processor. It stays as it is while this lives, so those who take frames keep
/// few.
pub trait GpuPicture: fmt::Debug + Send + Sync {
    /// Copies all of it into the computer's memory. This waits for the graphics processor.
    ///
    /// # Errors
    /// Why it cannot be copied, as it would follow "because".
    fn read_back(&self) -> Result<Pixels, String>;
}

impl Frame {
    /// A frame whose pixels are in the computer's memory.
    #[must_use]
    pub const fn in_memory(
        at: Micros,
        width: u32,
        height: u32,
        format: PixelFormat,
        patches: Vec<Patch>,
    ) -> Self {
        Self { at, width, height, data: FrameData::Cpu(Pixels { format, patches }) }
    }

    /// The pixels in the computer's memory, copied there if need be.
    ///
    /// # Errors
    /// As [`GpuPicture::read_back`].
    pub fn pixels(&self) -> Result<Cow<'_, Pixels>, String> {
        match &self.data {
            FrameData::Cpu(pixels) => Ok(Cow::Borrowed(pixels)),
            FrameData::Gpu(picture) => picture.read_back().map(Cow::Owned),
        }
    }
}

/// A block of sound, stamped with the time its first sample was captured.
#[derive(Clone, Debug)]
pub struct Samples {
    /// When the first sample was captured, by the take's clock.
    pub at: Micros,
    /// Samples a second, per channel.
    pub rate_hz: u32,
    /// Its channels, interleaved in this order.
    pub channels: Channels,
    /// `-1.0..=1.0`, interleaved.
    pub interleaved: Vec<f32>,
}

impl Samples {
    /// Samples per channel.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.interleaved.len() / usize::from(self.channels.count().max(1))
    }
}

/// What a source says about itself while it runs. A take goes on whatever it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It gives nothing at the moment and tries again by itself. The text is for a person.
    Lost {
        /// What happened and what the person can do.
        why: String,
    },
    /// It gives again.
    Back,
}

/// Anything a source sends.
#[derive(Clone, Debug)]
pub enum Captured {
    /// A picture, or what changed in it.
    Frame(Frame),
    /// A block of sound.
    Samples(Samples),
    /// A word about the source itself.
    Notice(Notice),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_are_read_as_x_writes_them() {
        let rect = Rect { x: 100, y: 50, width: 1280, height: 720 };
        assert_eq!("1280x720+100+50".parse(), Ok(rect));
        for text in ["", "1280x720", "1x2+0+0", "10x10+0", "10x10-5+0", "10x10+0+0+0", "axb+0+0"] {
            assert_eq!(text.parse::<Rect>(), Err(NotARect(text.to_owned())), "{text}");
        }
    }
}
