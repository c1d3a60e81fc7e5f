//! [`table`]: converts colours of high dynamic range and of wide gamut (BT.2020) to those of an
//! ordinary screen (BT.709), as a Hald table for FFmpeg's filter `haldclut`, which every FFmpeg
//! has, unlike `zscale`.
//!
//! ```text
//! code value ─▶ light (1 = white) ─▶ BT.709's primaries ─▶ highlights compressed ─▶ code value
//! ```
//!
//! White and what is darker is unchanged; only brighter highlights are compressed.

use ff::color::TransferCharacteristic;
use ff::format::Pixel;
use ff::frame;
use ffmpeg_next as ff;

/// The brightness of white in pictures of high dynamic range in nits (ITU-R BT.2408), and the usual
/// maximum of their highlights.
const WHITE_NITS: f64 = 203.0;
const HIGHLIGHT_NITS: f64 = 1000.0;
/// The brightness, relative to white, from which highlights are compressed.
const KNEE: f64 = 0.9;
/// The gamma of an ordinary screen (ITU-R BT.1886).
const SCREEN_GAMMA: f64 = 2.4;
/// The level of the Hald table: it has `LEVEL`³ rows and columns, and `LEVEL`² values of each of
/// red, green and blue.
const LEVEL: usize = 8;
const SIDE: usize = LEVEL * LEVEL * LEVEL;
const VALUES: usize = LEVEL * LEVEL;

/// The meaning of the code values of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ColourSpace {
    pub(super) transfer: TransferCharacteristic,
    /// Whether the primaries are those of BT.2020, else of BT.709.
    pub(super) wide: bool,
}

/// The format of the table and of the pictures that are converted with it. With a planar format,
/// FFmpeg 5.1 swaps the colours.
pub(super) const FORMAT: Pixel = Pixel::RGB48LE;

/// The table for pictures of such colours: 512 × 512 pixels.
pub(super) fn table(colours: ColourSpace) -> frame::Video {
    #[expect(clippy::cast_possible_truncation, reason = "512")]
    let side = SIDE as u32;
    let mut frame = frame::Video::new(FORMAT, side, side);
    let stride = frame.stride(0);
    #[expect(clippy::cast_precision_loss, reason = "below 64")]
    let value = |n: usize| (n % VALUES) as f64 / (VALUES - 1) as f64;
    for row in 0..SIDE {
        for (column, pixel) in frame.data_mut(0)[row * stride..][..SIDE * 6]
            .as_chunks_mut::<6>()
            .0
            .iter_mut()
            .enumerate()
        {
            // Red changes fastest, then green.
            let n = row * SIDE + column;
            let colour = shown(colours, [value(n), value(n / VALUES), value(n / VALUES / VALUES)]);
            for (bytes, part) in pixel.as_chunks_mut::<2>().0.iter_mut().zip(colour) {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it lies between 0 and 65535"
                )]
                let code = (part * 65_535.0).round() as u16;
                *bytes = code.to_le_bytes();
            }
        }
    }
    frame
}

/// A colour, red first, as an ordinary screen is told to show it; all parts from 0 to 1.
fn shown(colours: ColourSpace, code: [f64; 3]) -> [f64; 3] {
    let mut light = light(colours.transfer, code);
    if colours.wide {
        light = narrowed(light);
    }
    let most = light.into_iter().fold(1e-6, f64::max);
    let pressed = if is_bright(colours.transfer) { pressed(most) / most } else { 1.0 };
    light.map(|part| (part * pressed).clamp(0.0, 1.0).powf(1.0 / SCREEN_GAMMA))
}

/// Whether pictures of that kind may be brighter than white.
pub(super) const fn is_bright(transfer: TransferCharacteristic) -> bool {
    matches!(transfer, TransferCharacteristic::SMPTE2084 | TransferCharacteristic::ARIB_STD_B67)
}

/// The linear light of a colour, relative to white.
fn light(transfer: TransferCharacteristic, code: [f64; 3]) -> [f64; 3] {
    match transfer {
        TransferCharacteristic::SMPTE2084 => code.map(|part| pq_nits(part) / WHITE_NITS),
        // ITU-R BT.2100: a display of 1,000 nits has a gamma of 1.2. Applied to each component as
        // zimg does, not to the luminance, which would make a saturated blue dark.
        TransferCharacteristic::ARIB_STD_B67 => {
            code.map(|part| hlg_scene(part).powf(1.2) * HIGHLIGHT_NITS / WHITE_NITS)
        }
        _ => code.map(|part| part.powf(SCREEN_GAMMA)),
    }
}

/// SMPTE ST 2084, in nits.
fn pq_nits(code: f64) -> f64 {
    const M1: f64 = 2610.0 / 16_384.0;
    const M2: f64 = 2523.0 / 4096.0 * 128.0;
    const C1: f64 = 3424.0 / 4096.0;
    const C2: f64 = 2413.0 / 4096.0 * 32.0;
    const C3: f64 = 2392.0 / 4096.0 * 32.0;
    let root = code.powf(1.0 / M2);
    10_000.0 * ((root - C1).max(0.0) / (C2 - C3 * root)).powf(1.0 / M1)
}

/// ARIB STD-B67: scene light, relative to its maximum.
fn hlg_scene(code: f64) -> f64 {
    const A: f64 = 0.178_832_77;
    const B: f64 = 1.0 - 4.0 * A;
    const C: f64 = 0.559_910_73;
    if code <= 0.5 { code * code / 3.0 } else { (((code - C) / A).exp() + B) / 12.0 }
}

/// Converts linear light from the primaries of BT.2020 to those of BT.709 (ITU-R BT.2087).
fn narrowed([red, green, blue]: [f64; 3]) -> [f64; 3] {
    [
        1.6605 * red - 0.5876 * green - 0.0728 * blue,
        -0.1246 * red + 1.1329 * green - 0.0083 * blue,
        -0.0182 * red - 0.1006 * green + 1.1187 * blue,
    ]
}

/// Compresses the brightest component of a colour: a Möbius curve that leaves the knee at a slope
/// of 1 and maps the brightest highlight to white.
fn pressed(light: f64) -> f64 {
    if light <= KNEE {
        return light;
    }
    let peak = HIGHLIGHT_NITS / WHITE_NITS;
    let a = -KNEE * KNEE * (peak - 1.0) / (KNEE * KNEE - 2.0 * KNEE + peak);
    let b = (KNEE * KNEE - 2.0 * KNEE * peak + peak) / (peak - 1.0);
    (b * b + 2.0 * b * KNEE + KNEE * KNEE) / (b - a) * (light + a) / (light + b)
}

#[cfg(test)]
mod tests {
    use TransferCharacteristic::{ARIB_STD_B67, BT709, SMPTE2084};

    use super::*;

    #[test]
    fn known_lights_are_shown_as_they_should_be() {
        // 203 nits and 75 % are white by definition; 1,000 nits are the brightest.
        for (transfer, white, brightest) in [(SMPTE2084, 0.5807, 0.7518), (ARIB_STD_B67, 0.75, 1.0)]
        {
            let grey = |code: f64| shown(ColourSpace { transfer, wide: true }, [code; 3])[0];
            assert!((0.96..0.99).contains(&grey(white)), "{transfer:?}: white is {}", grey(white));
            assert!(
                (0.999..=1.0).contains(&grey(brightest)),
                "{transfer:?}: the brightest is {}",
                grey(brightest)
            );
            assert!(grey(0.0) < 0.001, "black stays black");
            let greys: Vec<f64> = (0..100).map(|n| grey(f64::from(n) / 99.0)).collect();
            assert!(
                greys.windows(2).all(|pair| pair[0] <= pair[1]),
                "{transfer:?}: what is brighter looks brighter"
            );
        }
        for code in [0.0, 0.2, 0.9, 1.0] {
            let same = shown(ColourSpace { transfer: BT709, wide: false }, [code, 0.5, 0.1]);
            assert!((same[0] - code).abs() < 1e-9, "what is ordinary stays as it is");
        }
    }
}
