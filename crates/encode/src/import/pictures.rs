//! [`Pictures`]: decoded pictures of any kind as ours: 8-bit 4:2:0, BT.709, limited range, even sides, upright, whole.
//!
//! ```text
//! decoded ─▶ [bwdif] ─▶ scale ───────────────────────────────────▶ 4:2:0 ─▶ [turn, mirror] ─▶ ours
//!       two fields a picture ╰▶ zscale: light ─ tonemap ─ zscale ──╯ wide colours, more than white
//! ```

use ff::filter::{self, Graph};
use ff::format::Pixel;
use ff::{Rational, color, frame};
use ffmpeg_next as ff;

use super::look::Look;
use crate::{Canvas, EncodeError};

/// How bright the white of a page is in pictures of high dynamic range, in nits (ITU-R BT.2408), and how bright their
/// highlights mostly are at most.
const WHITE_NITS: f64 = 203.0;
const HIGHLIGHT_NITS: f64 = 1000.0;
/// From where on highlights are pressed together so that they fit, of white.
const KNEE: f64 = 0.9;

/// Makes decoded pictures ours. What a picture is may change from one to the next.
pub(super) struct Pictures {
    look: Look,
    base: Rational,
    interlaced: bool,
    graph: Option<(Form, Graph)>,
    out: frame::Video,
    /// Time stamp of the last picture that had one.
    last: i64,
}

/// What has to be known of pictures to convert them.
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

impl Pictures {
    /// `base` is what time stamps are in.
    pub(super) fn new(look: Look, base: Rational, interlaced: bool) -> Self {
        Self { look, base, interlaced, graph: None, out: frame::Video::empty(), last: 0 }
    }

    /// Takes a decoded picture; `each` gets those that are ready, with their time stamps and what these are in.
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
            self.graph = Some((form, graph(form, self.look, self.base)?));
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
            // Once it was told that nothing follows it may say so itself.
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

/// Whether pictures have colours or highlights that no ordinary screen shows.
fn is_wide(form: Form) -> bool {
    use color::TransferCharacteristic::{ARIB_STD_B67, SMPTE2084};
    matches!(form.transfer, SMPTE2084 | ARIB_STD_B67) || form.primaries == color::Primaries::BT2020
}

/// Builds the filters for pictures of one form.
fn graph(form: Form, look: Look, base: Rational) -> Result<Graph, EncodeError> {
    if form.size.width < 2 || form.size.height < 2 {
        return Err(EncodeError::NotAVideo { what: "its pictures are not between 2 and 16384 pixels wide and high" });
    }
    let has = |name| filter::find(name).is_some();
    let wide = is_wide(form);
    if wide
        && has("zscale")
        && has("tonemap")
        && let Ok(graph) = built(form, look, base, &tone_mapped(form, look.laid_down(form.size)))
    {
        return Ok(graph);
    }
    if wide {
        tracing::warn!("This FFmpeg cannot convert colours of high dynamic range; they will look pale");
    }
    built(form, look, base, &scaled(form, look.laid_down(form.size))).map_err(|_| unknown())
}

fn built(form: Form, look: Look, base: Rational, converted: &str) -> Result<Graph, ff::Error> {
    let mut graph = Graph::new();
    let name = form.format.descriptor().map(|descriptor| descriptor.name()).ok_or(ff::Error::InvalidData)?;
    let Canvas { width, height } = form.size;
    let input = format!(
        "video_size={width}x{height}:pix_fmt={name}:time_base={}/{}:pixel_aspect=1/1",
        base.numerator(),
        base.denominator()
    );
    let find = |name| filter::find(name).ok_or(ff::Error::FilterNotFound);
    graph.add(&find("buffer")?, "in", &input)?;
    graph.add(&find("buffersink")?, "out", "")?;
    // bwdif looks at three lines at once. Pictures that are whole already pass through it.
    let fields =
        if form.interlaced && height >= 16 && width >= 16 { "bwdif=mode=send_frame:parity=auto:deint=interlaced," } else { "" };
    let spec = format!("{fields}{converted}{}", look.filters());
    graph.output("in", 0)?.input("out", 0)?.parse(&spec)?;
    graph.validate()?;
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
        // Nobody says it of small pictures, and then it is what television had before 2000.
        _ if form.size.height < 720 => "smpte170m",
        _ => "bt709",
    };
    let Canvas { width, height } = size;
    format!(
        "scale=w={width}:h={height}:flags=bicubic+accurate_rnd+full_chroma_int:in_color_matrix={matrix}:out_color_matrix=bt709:\
         in_range={}:out_range=limited,format=yuv420p",
        range(form)
    )
}

/// Size and colours of pictures of high dynamic range: to light, to what an ordinary screen shows, and back. White stays
/// white; only what is brighter is pressed together.
fn tone_mapped(form: Form, size: Canvas) -> String {
    use color::{Space, TransferCharacteristic};
    let transfer = match form.transfer {
        TransferCharacteristic::SMPTE2084 => "smpte2084",
        TransferCharacteristic::ARIB_STD_B67 => "arib-std-b67",
        _ => "bt709",
    };
    let matrix = match form.space {
        Space::BT709 => "bt709",
        Space::RGB => "gbr",
        Space::BT2020CL => "bt2020c",
        _ => "bt2020nc",
    };
    let primaries = if form.primaries == color::Primaries::BT709 { "bt709" } else { "bt2020" };
    let peak = HIGHLIGHT_NITS / WHITE_NITS;
    let pressed =
        if transfer == "bt709" { String::new() } else { format!("tonemap=mobius:param={KNEE}:peak={peak:.3}:desat=0,") };
    let Canvas { width, height } = size;
    format!(
        "zscale=w={width}:h={height}:tin={transfer}:min={matrix}:pin={primaries}:rin={}:t=linear:npl={WHITE_NITS},format=gbrpf32le,\
         zscale=p=bt709,{pressed}zscale=t=bt709:m=bt709:p=bt709:r=limited,format=yuv420p",
        range(form)
    )
}

fn range(form: Form) -> &'static str {
    let full = form.range == color::Range::JPEG
        || matches!(form.format, Pixel::YUVJ420P | Pixel::YUVJ422P | Pixel::YUVJ444P | Pixel::YUVJ440P | Pixel::YUVJ411P);
    if full { "full" } else { "limited" }
}
