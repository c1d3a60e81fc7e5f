//! [`PictureConverter`]: converts decoded pictures to 8-bit 4:2:0, BT.709, limited range, even
//! sides, upright, progressive.
//!
//! ```text
//! decoded ─▶ [bwdif] ─▶ scale ──────────────────────────────▶ 4:2:0 ─▶ [rotate, mirror]
//!         if interlaced  ╰▶ 16-bit RGB ─▶ haldclut ─▶ scale ─╯
//!                           wide gamut, high dynamic range
//! ```

use ff::filter::{self, Graph};
use ff::format::Pixel;
use ff::{Rational, color, frame};
use ffmpeg_next as ff;

use super::rotation::Orientation;
use super::wide::{ColourSpace, is_bright, table};
use crate::{Canvas, EncodeError};

/// FFmpeg's filter for look-up tables of colours.
pub(super) const BY_TABLE: &str = "haldclut";
const SCALING: &str = "bicubic+accurate_rnd+full_chroma_int";

/// Converts decoded pictures, whose format may change from one to the next.
pub(super) struct PictureConverter {
    orientation: Orientation,
    base: Rational,
    interlaced: bool,
    graph: Option<(Form, Graph)>,
    out: frame::Video,
    /// Time stamp of the last picture that had one.
    last: i64,
    by_table: &'static str,
    hdr_unconverted: bool,
}

/// The properties of pictures on which the conversion depends.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Form {
    format: Pixel,
    size: Canvas,
    interlaced: bool,
    space: color::Space,
    range: color::Range,
    primaries: color::Primaries,
    transfer: color::TransferCharacteristic,
}

impl PictureConverter {
    /// `base` is what time stamps are in.
    /// `by_table` is the filter that converts colours of high dynamic range: [`BY_TABLE`].
    pub(super) fn new(
        orientation: Orientation,
        base: Rational,
        interlaced: bool,
        by_table: &'static str,
    ) -> Self {
        Self {
            orientation,
            base,
            interlaced,
            graph: None,
            out: frame::Video::empty(),
            last: 0,
            by_table,
            hdr_unconverted: false,
        }
    }

    /// Whether there were colours of high dynamic range that could not be converted.
    pub(super) const fn hdr_unconverted(&self) -> bool {
        self.hdr_unconverted
    }

    /// Takes a decoded picture; calls `each` with those that are ready, with their time stamps and
    /// time base.
    pub(super) fn take(
        &mut self,
        mut frame: frame::Video,
        mut each: impl FnMut(&frame::Video, i64, Rational) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.interlaced |= frame.is_interlaced();
        let form = Form {
            format: frame.format(),
            size: Canvas { width: frame.width(), height: frame.height() },
            interlaced: self.interlaced,
            space: frame.color_space(),
            range: frame.color_range(),
            primaries: frame.color_primaries(),
            transfer: frame.color_transfer_characteristic(),
        };
        if self.graph.as_ref().is_none_or(|(of, _)| *of != form) {
            self.finish(&mut each)?;
            let (graph, hdr_unconverted) = graph(form, self.orientation, self.base, self.by_table)?;
            self.hdr_unconverted |= hdr_unconverted;
            self.graph = Some((form, graph));
        }
        self.last = frame.timestamp().unwrap_or(self.last);
        frame.set_pts(Some(self.last));
        if let Some((_, graph)) = &mut self.graph {
            let mut input = graph.get("in").ok_or_else(unknown)?;
            input.source().add(&frame).map_err(EncodeError::at("converting a picture"))?;
        }
        self.ready(&mut each)
    }

    /// Gives the pictures that are left.
    pub(super) fn finish(
        &mut self,
        mut each: impl FnMut(&frame::Video, i64, Rational) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        if let Some((_, graph)) = &mut self.graph {
            let mut input = graph.get("in").ok_or_else(unknown)?;
            // After the end was signalled the filter may report it too.
            let _ = input.source().flush();
        }
        self.ready(&mut each)?;
        self.graph = None;
        Ok(())
    }

    fn ready(
        &mut self,
        each: &mut impl FnMut(&frame::Video, i64, Rational) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let Some((_, graph)) = &mut self.graph else { return Ok(()) };
        let mut output = graph.get("out").ok_or_else(unknown)?;
        let base = output.sink().time_base();
        while output.sink().frame(&mut self.out).is_ok() {
            each(&self.out, self.out.pts().unwrap_or(0), base)?;
        }
        Ok(())
    }
}

fn unknown() -> EncodeError {
    EncodeError::NotAVideo { what: "its pictures have colours of a kind that is not known here" }
}

/// Whether pictures have a wide gamut or highlights beyond an ordinary screen, and which.
fn wide(form: Form) -> Option<ColourSpace> {
    let wide = form.primaries == color::Primaries::BT2020;
    (wide || is_bright(form.transfer)).then_some(ColourSpace { transfer: form.transfer, wide })
}

/// The filters for pictures of one form, and whether the result looks pale since the colours cannot
/// be converted.
fn graph(
    form: Form,
    orientation: Orientation,
    base: Rational,
    by_table: &str,
) -> Result<(Graph, bool), EncodeError> {
    if form.size.width < 2 || form.size.height < 2 {
        return Err(EncodeError::NotAVideo {
            what: "its pictures are not between 2 and 16384 pixels wide and high",
        });
    }
    let size = orientation.laid_down(form.size);
    let wide = wide(form);
    if let Some(colours) = wide {
        match built(form, orientation, base, &looked_up(form, size, by_table), Some(colours)) {
            Ok(graph) => return Ok((graph, false)),
            Err(error) => {
                tracing::warn!(%error, "This FFmpeg cannot convert colours of high dynamic range")
            }
        }
    }
    let graph = built(form, orientation, base, &scaled(form, size), None).map_err(|_| unknown())?;
    Ok((graph, wide.is_some()))
}

fn built(
    form: Form,
    orientation: Orientation,
    base: Rational,
    converted: &str,
    colours: Option<ColourSpace>,
) -> Result<Graph, ff::Error> {
    let mut graph = Graph::new();
    let name = form
        .format
        .descriptor()
        .map(|descriptor| descriptor.name())
        .ok_or(ff::Error::InvalidData)?;
    let Canvas { width, height } = form.size;
    let input = format!(
        "video_size={width}x{height}:pix_fmt={name}:time_base={}/{}:pixel_aspect=1/1",
        base.numerator(),
        base.denominator()
    );
    let find = |name| filter::find(name).ok_or(ff::Error::FilterNotFound);
    graph.add(&find("buffer")?, "in", &input)?;
    graph.add(&find("buffersink")?, "out", "")?;
    // bwdif uses three lines at once. Progressive pictures pass through it unchanged.
    let fields = if form.interlaced && height >= 16 && width >= 16 {
        "bwdif=mode=send_frame:parity=auto:deint=interlaced,"
    } else {
        ""
    };
    let spec = format!("[in]{fields}{converted}{}[out]", orientation.filters());
    let Some(colours) = colours else {
        graph.output("in", 0)?.input("out", 0)?.parse(&spec)?;
        graph.validate()?;
        return Ok(graph);
    };
    let mut table = table(colours);
    let (width, height) = (table.width(), table.height());
    let input =
        format!("video_size={width}x{height}:pix_fmt=rgb48le:time_base=1/1:pixel_aspect=1/1");
    graph.add(&find("buffer")?, "table", &input)?;
    graph.output("in", 0)?.output("table", 0)?.input("out", 0)?.parse(&spec)?;
    graph.validate()?;
    // The table is sent once, before any picture.
    table.set_pts(Some(i64::from(i32::MIN)));
    let mut input = graph.get("table").ok_or(ff::Error::FilterNotFound)?;
    input.source().add(&table)?;
    input.source().flush()?;
    Ok(graph)
}

/// Size and colours of ordinary pictures.
fn scaled(form: Form, size: Canvas) -> String {
    use color::Space;
    let matrix = match form.space {
        Space::BT709 => "bt709",
        Space::SMPTE170M | Space::BT470BG => "smpte170m",
        Space::FCC => "fcc",
        Space::SMPTE240M => "smpte240m",
        Space::BT2020NCL | Space::BT2020CL => "bt2020",
        // Small pictures usually have no colour tags; then BT.601 is meant, the standard of
        // television before HD.
        _ if form.size.height < 720 => "smpte170m",
        _ => "bt709",
    };
    let Canvas { width, height } = size;
    format!(
        "scale=w={width}:h={height}:flags={SCALING}:\
         in_color_matrix={matrix}:out_color_matrix=bt709:\
         in_range={}:out_range=limited,format=yuv420p",
        range(form)
    )
}

/// Size and colours of pictures that are looked up in the table.
fn looked_up(form: Form, size: Canvas, by_table: &str) -> String {
    let matrix = match form.space {
        color::Space::BT709 => "bt709",
        _ => "bt2020",
    };
    let Canvas { width, height } = size;
    format!(
        "scale=w={width}:h={height}:flags={SCALING}:\
         in_color_matrix={matrix}:in_range={}:out_range=full,format=rgb48le[picture];\
         [picture][table]{by_table}=interp=tetrahedral,\
         scale=flags={SCALING}:out_color_matrix=bt709:out_range=limited,format=yuv420p",
        range(form)
    )
}

fn range(form: Form) -> &'static str {
    let full = form.range == color::Range::JPEG
        || matches!(
            form.format,
            Pixel::YUVJ420P | Pixel::YUVJ422P | Pixel::YUVJ444P | Pixel::YUVJ440P | Pixel::YUVJ411P
        );
    if full { "full" } else { "limited" }
}
