//! JPEGs: the [`PosterPicker`] of a take, the [`preview`] of a camera, [`Thumbnails`] of a screen.

use ffmpeg_next::frame;
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use vignette_model::{Frame, Micros, Rect};

use crate::canvas::Layer;
use crate::changed_region::ChangedRegion;
use crate::picture::Picture;
use crate::{Canvas, EncodeError, convert};

/// The widest poster, in pixels.
const MOST_WIDTH: u32 = 1280;
/// The largest poster.
const MOST_BYTES: usize = 300_000;
/// By when people have usually moved from the recorder's window to what they want to show.
const SETTLED: Micros = Micros::from_secs(1);
/// JPEG qualities, tried in order until one is small enough.
const QUALITIES: [u8; 5] = [85, 75, 60, 45, 30];

/// Picks the poster of a take: the first picture after a second on which something is to be seen, or
/// else the best that there was.
#[derive(Default)]
pub(crate) struct PosterPicker {
    best: Option<(Worth, Picture)>,
    decided: bool,
}

/// How much of a poster a picture is, from the least up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    Black,
    OneColour,
    Content,
}

impl PosterPicker {
    /// Considers a picture that is shown from `at` on.
    pub(crate) fn look(&mut self, frame: &frame::Video, at: Micros) {
        let settled = at >= SETTLED;
        let known = self.best.as_ref().map(|(worth, _)| *worth);
        if self.decided || (!settled && known == Some(Worth::Content)) {
            return;
        }
        let size = Canvas { width: frame.width(), height: frame.height() };
        let mut picture = Picture::black(size);
        picture.copy_from(Rect::whole(size.width, size.height), frame, 0, 0);
        let worth = worth(&picture);
        self.decided = settled && worth == Worth::Content;
        if self.decided || known.is_none_or(|known| worth > known) {
            self.best = Some((worth, picture));
        }
    }

    /// Whether no later picture will be taken.
    pub(crate) const fn is_decided(&self) -> bool {
        self.decided
    }

    /// The poster as a JPEG.
    pub(crate) fn jpeg(&self) -> Option<Result<Vec<u8>, EncodeError>> {
        self.best.as_ref().map(|(_, picture)| small_jpeg(picture))
    }
}

/// A picture is black if fewer than one pixel in a hundred is brighter than dark grey, and of one
/// colour if fewer than one in a thousand differs from the most common one.
fn worth(picture: &Picture) -> Worth {
    let [luma, ..] = &picture.planes;
    let bright = luma.iter().step_by(7).filter(|&&y| y > 48).count();
    if bright * 100 < luma.len() / 7 {
        return Worth::Black;
    }
    let is_even = |plane: &Vec<u8>| {
        let mut counts = [0_usize; 256];
        plane.iter().step_by(7).for_each(|value| counts[usize::from(*value)] += 1);
        let common = (0..256).max_by_key(|value| counts[*value]).unwrap_or_default();
        let near = &counts[common.saturating_sub(4)..(common + 5).min(256)];
        let all: usize = counts.iter().sum();
        (all - near.iter().sum::<usize>()) * 1000 < all
    };
    if picture.planes.iter().all(is_even) { Worth::OneColour } else { Worth::Content }
}

fn small_jpeg(picture: &Picture) -> Result<Vec<u8>, EncodeError> {
    let mut width = MOST_WIDTH;
    loop {
        let image = rgb(picture, width);
        for quality in QUALITIES {
            let bytes = jpeg(&image, quality)?;
            if bytes.len() <= MOST_BYTES
                || (width < 64 && quality == QUALITIES[QUALITIES.len() - 1])
            {
                return Ok(bytes);
            }
        }
        width /= 2;
    }
}

fn jpeg(image: &RgbImage, quality: u8) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(image)?;
    Ok(bytes)
}

/// A small JPEG of a whole frame (one patch that covers everything), at most `max_width` wide,
/// mirrored as in a mirror.
///
/// # Errors
/// [`EncodeError::BadFrame`] if the frame is not whole or not what it says.
pub fn preview(frame: &Frame, max_width: u32) -> Result<Vec<u8>, EncodeError> {
    let pixels = convert::pixels(frame)?;
    let whole = Rect::whole(frame.width, frame.height);
    if !pixels.patches.iter().any(|patch| patch.rect == whole) {
        return Err(EncodeError::BadFrame {
            at: frame.at,
            what: "no patch covers the whole picture",
        });
    }
    let mut picture = Picture::black(Canvas { width: frame.width, height: frame.height });
    for patch in &pixels.patches {
        convert::put(&mut picture, pixels.format, patch);
    }
    let mut image = rgb(&picture, max_width.max(2));
    image::imageops::flip_horizontal_in_place(&mut image);
    jpeg(&image, 75)
}

/// Small JPEGs of a picture that comes as what changed of it. Only what changed is scaled.
pub struct Thumbnails {
    most: Canvas,
    layer: Option<(Canvas, Layer)>,
}

impl Thumbnails {
    /// At most `most_width` wide, and never taller than that.
    #[must_use]
    pub fn new(most_width: u32) -> Self {
        let side = most_width.max(2);
        Self { most: Canvas { width: side, height: side }, layer: None }
    }

    /// Takes a frame in, and gives the picture as it is now.
    ///
    /// # Errors
    /// [`EncodeError::BadFrame`] if the frame is not what it says; the picture stays as it was.
    pub fn show(&mut self, frame: &Frame) -> Result<Vec<u8>, EncodeError> {
        let size = Canvas { width: frame.width, height: frame.height };
        let (_, layer) = match &mut self.layer {
            Some(kept) if kept.0 == size => kept,
            other => other.insert((size, Layer::new(size.fitted(self.most), false))),
        };
        layer.put(frame)?;
        layer.settle(&mut ChangedRegion::default())?;
        let Some((picture, _)) = layer.laid_out() else {
            return Err(EncodeError::BadFrame { at: frame.at, what: "it has no picture" });
        };
        jpeg(&rgb(picture, self.most.width), 75)
    }
}

/// The picture in RGB, at most `most_width` wide: every pixel is the mean of those that it
/// replaces.
fn rgb(picture: &Picture, most_width: u32) -> RgbImage {
    let Canvas { width, height } = picture.size;
    let to_width = width.min(most_width).max(1);
    let to_height = u32::try_from(u64::from(height) * u64::from(to_width) / u64::from(width))
        .unwrap_or(height)
        .max(1);
    let span = |to: u32, of: u32, all: u32, shift: u32| {
        let at = |to: u32| {
            usize::try_from(u64::from(to) * u64::from(all) / u64::from(of)).unwrap_or_default()
                >> shift
        };
        at(to)..at(to + 1).max(at(to) + 1)
    };
    let mean = |plane: usize, x: u32, y: u32| {
        let shift = u32::from(plane > 0);
        let (columns, rows) = (span(x, to_width, width, shift), span(y, to_height, height, shift));
        let count = columns.len() * rows.len();
        let row =
            |row: usize| &picture.planes[plane][row * picture.stride(plane)..][columns.clone()];
        let sum: usize =
            rows.map(|at| row(at).iter().map(|&value| usize::from(value)).sum::<usize>()).sum();
        sum as f32 / count as f32
    };
    RgbImage::from_fn(to_width, to_height, |x, y| {
        let luma = 1.1644 * (mean(0, x, y) - 16.0);
        let (u, v) = (mean(1, x, y) - 128.0, mean(2, x, y) - 128.0);
        #[expect(clippy::cast_possible_truncation, reason = "bounded to a byte")]
        let channel = |value: f32| value.round().clamp(0.0, 255.0) as u8;
        image::Rgb([
            channel(luma + 1.7927 * v),
            channel(luma - 0.2132 * u - 0.5329 * v),
            channel(luma + 2.1124 * u),
        ])
    })
}
