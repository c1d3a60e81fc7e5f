//! [`Layer`]: the picture of a source, kept and placed on a canvas of fixed size.
//!
//! ```text
//! frame ─ patches ─▶ picture (the source's own size) ──────── same size ────────▶ part of the canvas
//!                         └─ damage ─▶ bands of rows ─ swscale ─▶ picture (scaled) ─▶ part of the canvas
//! ```
//!
//! A source that fits is never scaled: it is centred on the canvas, pixel for pixel. Only changed
//! parts are processed.

use ffmpeg_next::frame;
use vignette_model::{Frame, Rect};

use crate::changed_region::ChangedRegion;
use crate::convert;
use crate::picture::Picture;
use crate::scale::Scaler;
use crate::{Canvas, EncodeError};

/// About how many rows are scaled at a time.
const BAND_ROWS: u32 = 64;

/// The picture of a source on the canvas.
pub(crate) struct Layer {
    canvas: Canvas,
    /// Whether a picture smaller than the canvas is made larger.
    enlarge: bool,
    shown: Option<Shown>,
}

/// A source that has delivered a picture.
struct Shown {
    /// Its size as the source says it; the picture lacks an odd last row or column.
    source: Canvas,
    picture: Picture,
    damage: ChangedRegion,
    /// Where it lies on the canvas.
    place: Rect,
    /// Created when it is first needed: a camera in a bubble never needs it.
    scaled: Option<Scaled>,
}

/// A picture that is kept in a second size and scaled in bands, which are chosen so that whole rows
/// become whole rows.
struct Scaled {
    picture: Picture,
    band: Scaler,
    /// Rows of the source, and the rows that they become.
    band_rows: (u32, u32),
    /// For the remaining rows, which are no whole band.
    rest: Option<Scaler>,
}

impl Layer {
    pub(crate) fn new(canvas: Canvas, enlarge: bool) -> Self {
        Self { canvas, enlarge, shown: None }
    }

    /// Applies the patches of a frame.
    pub(crate) fn put(&mut self, frame: &Frame) -> Result<(), EncodeError> {
        let pixels = convert::pixels(frame)?;
        let source = Canvas { width: frame.width, height: frame.height };
        if self.shown.as_ref().is_none_or(|shown| shown.source != source) {
            self.shown = Some(Shown::new(source, self.canvas, self.enlarge));
        }
        let Some(shown) = &mut self.shown else { return Ok(()) };
        for patch in &pixels.patches {
            if let Some(part) = convert::put(&mut shown.picture, pixels.format, patch) {
                shown.damage.add(part);
            }
        }
        Ok(())
    }

    /// Applies a whole picture that is already in the format of [`Picture`].
    pub(crate) fn put_decoded(&mut self, frame: &frame::Video) {
        let source = Canvas { width: frame.width(), height: frame.height() };
        let shown = match &mut self.shown {
            Some(shown) if shown.source == source => shown,
            other => other.insert(Shown::new(source, self.canvas, self.enlarge)),
        };
        let whole = Rect::whole(source.width, source.height);
        shown.picture.copy_from(whole, frame, 0, 0);
        shown.damage.add(whole);
    }

    /// The source's picture at its own size.
    pub(crate) fn picture(&self) -> Option<&Picture> {
        self.shown.as_ref().map(|shown| &shown.picture)
    }

    /// Whether anything changed since [`Layer::settle`].
    pub(crate) fn changed(&self) -> bool {
        self.shown.as_ref().is_some_and(|shown| !shown.damage.is_empty())
    }

    /// Brings the scaled picture up to date, and adds what changed to `damage`, in pixels of the
    /// canvas.
    pub(crate) fn settle(&mut self, damage: &mut ChangedRegion) -> Result<(), EncodeError> {
        match &mut self.shown {
            Some(shown) => shown.settle(damage),
            None => Ok(()),
        }
    }

    /// The picture on the canvas and its place. The canvas around it is black.
    pub(crate) fn laid_out(&self) -> Option<(&Picture, Rect)> {
        let shown = self.shown.as_ref()?;
        Some((shown.scaled.as_ref().map_or(&shown.picture, |scaled| &scaled.picture), shown.place))
    }
}

impl Shown {
    fn new(source: Canvas, canvas: Canvas, enlarge: bool) -> Self {
        let picture = Picture::black(source);
        let fits = picture.size.width <= canvas.width && picture.size.height <= canvas.height;
        let size = if fits && !enlarge { picture.size } else { largest(picture.size, canvas) };
        let middle = |all: u32, part: u32| ((all - part) / 2) & !1;
        let place = Rect {
            x: middle(canvas.width, size.width),
            y: middle(canvas.height, size.height),
            width: size.width,
            height: size.height,
        };
        let mut damage = ChangedRegion::default();
        damage.add(Rect::whole(picture.size.width, picture.size.height));
        Self { source, picture, damage, place, scaled: None }
    }

    fn settle(&mut self, damage: &mut ChangedRegion) -> Result<(), EncodeError> {
        let size = Canvas { width: self.place.width, height: self.place.height };
        if self.scaled.is_none() && size != self.picture.size {
            self.scaled = Some(Scaled::new(self.picture.size, size)?);
            self.damage.add(Rect::whole(self.picture.size.width, self.picture.size.height));
        }
        for part in self.damage.parts() {
            let part = match &mut self.scaled {
                Some(scaled) => scaled.update(&self.picture, *part)?,
                None => *part,
            };
            damage.add(Rect { x: part.x + self.place.x, y: part.y + self.place.y, ..part });
        }
        self.damage.clear();
        Ok(())
    }
}

impl Scaled {
    fn new(from: Canvas, to: Canvas) -> Result<Self, EncodeError> {
        // `unit` rows become whole rows, an even number of them on both sides. If there is no such
        // number, the whole picture is one band.
        let unit = (1..=from.height / 2)
            .map(|half| half * 2)
            .find(|&rows| {
                u64::from(rows) * u64::from(to.height) % (2 * u64::from(from.height)) == 0
            })
            .unwrap_or(from.height);
        let rows = if to.height < from.height {
            (unit * BAND_ROWS.div_ceil(unit)).min(from.height)
        } else {
            from.height
        };
        let become_rows = |rows: u32| {
            u32::try_from(u64::from(rows) * u64::from(to.height) / u64::from(from.height))
                .unwrap_or(to.height)
        };
        let scaler = |rows: u32, become_rows: u32| {
            Scaler::new(
                Canvas { width: from.width, height: rows },
                Canvas { width: to.width, height: become_rows },
            )
        };
        let band_rows = (rows, become_rows(rows));
        let (rest, become_rest) =
            (from.height % rows, to.height - from.height / rows * band_rows.1);
        Ok(Self {
            picture: Picture::black(to),
            band: scaler(band_rows.0, band_rows.1)?,
            band_rows,
            rest: if rest > 0 && become_rest > 0 { Some(scaler(rest, become_rest)?) } else { None },
        })
    }

    /// Scales the bands that `part` of `from` touches; returns the changed part of the scaled
    /// picture.
    fn update(&mut self, from: &Picture, part: Rect) -> Result<Rect, EncodeError> {
        let (rows, become_rows) = self.band_rows;
        let first = part.y / rows;
        let last = (part.y + part.height - 1) / rows;
        let whole = from.size.height / rows;
        for band in first..=last {
            let scaler = if band < whole { Some(&mut self.band) } else { self.rest.as_mut() };
            if let Some(scaler) = scaler {
                let size = scaler.to();
                let scaled = scaler.scale(from, 0, band * rows)?;
                let to =
                    Rect { x: 0, y: band * become_rows, width: size.width, height: size.height };
                self.picture.copy_from(to, scaled, 0, 0);
            }
        }
        let top = first * become_rows;
        let bottom = ((last + 1) * become_rows).min(self.picture.size.height);
        Ok(Rect { x: 0, y: top, width: self.picture.size.width, height: bottom - top })
    }
}

/// The largest size of the same shape within `canvas`, whether that is smaller or larger.
fn largest(size: Canvas, canvas: Canvas) -> Canvas {
    // `fitted` never enlarges, so it is given a larger size first.
    let by = canvas.width.div_ceil(size.width).max(canvas.height.div_ceil(size.height)).max(1);
    Canvas { width: size.width.saturating_mul(by), height: size.height.saturating_mul(by) }
        .fitted(canvas)
}
