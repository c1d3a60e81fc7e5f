//! Converts patches of any pixel format into a [`Picture`], at a cost in proportion to their
//! pixels.
//!
//! swscale is not used: it needs a context for every size of patch, which costs more than most
//! patches, and rows with its own alignment. The crate `yuv` is faster but not used either: of a
//! patch within a larger picture it skips the last two rows, since it skips a row that does not end
//! with its full stride (`docs/benchmarks.md`). The loops here are plain integer arithmetic that
//! the compiler vectorises.

#![expect(
    clippy::cast_possible_truncation,
    reason = "the matrices' coefficients keep every sum within a byte"
)]

use std::borrow::Cow;

use vignette_model::{Frame, Patch, PixelFormat, Pixels, Rect};

use crate::EncodeError;
use crate::picture::Picture;

/// The largest side of a source's picture.
const MOST_SIDE: u32 = 16_384;
/// The most pixels of a source's picture.
const MOST_PIXELS: u64 = 1 << 26;

/// The pixels of a frame in the computer's memory, checked.
pub(crate) fn pixels(frame: &Frame) -> Result<Cow<'_, Pixels>, EncodeError> {
    let pixels = frame.pixels().map_err(|why| {
        tracing::debug!(why, "A picture could not be read back");
        EncodeError::BadFrame {
            at: frame.at,
            what: "it cannot be read back from the graphics processor",
        }
    })?;
    check(frame, &pixels)?;
    Ok(pixels)
}

/// Validates a frame: afterwards every patch lies within the picture and has all its bytes.
fn check(frame: &Frame, pixels: &Pixels) -> Result<(), EncodeError> {
    let bad = |what| EncodeError::BadFrame { at: frame.at, what };
    let (width, height) = (frame.width, frame.height);
    if width < 2 || height < 2 || width > MOST_SIDE || height > MOST_SIDE {
        return Err(bad("its sides are not between 2 and 16384 pixels"));
    }
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(bad("it has more than 64 million pixels"));
    }
    for patch in &pixels.patches {
        let rect = patch.rect;
        let within = |from: u32, length: u32, side: u32| {
            from.checked_add(length).is_some_and(|end| end <= side)
        };
        if !within(rect.x, rect.width, width) || !within(rect.y, rect.height, height) {
            return Err(bad("a patch lies outside of the picture"));
        }
        let whole = rect == Rect::whole(width, height);
        let (row_bytes, rows) = match pixels.format {
            PixelFormat::Bgrx => (rect.width as usize * 4, rect.height as usize),
            PixelFormat::Rgb => (rect.width as usize * 3, rect.height as usize),
            // Two pixels share their colour.
            PixelFormat::Yuyv if rect.x % 2 == 0 => {
                (rect.width.next_multiple_of(2) as usize * 2, rect.height as usize)
            }
            PixelFormat::Yuyv => {
                return Err(bad("a YUYV patch begins in the middle of a pair of pixels"));
            }
            PixelFormat::Nv12 if whole => (
                rect.width.next_multiple_of(2) as usize,
                rect.height as usize + rect.height.div_ceil(2) as usize,
            ),
            PixelFormat::Nv12 => return Err(bad("an NV12 patch does not cover the picture")),
        };
        if patch.stride_bytes < row_bytes {
            return Err(bad("the rows of a patch overlap"));
        }
        let needed = rows
            .checked_sub(1)
            .and_then(|rows| rows.checked_mul(patch.stride_bytes))
            .and_then(|b| b.checked_add(row_bytes));
        if rows > 0 && needed.is_none_or(|needed| patch.pixels.len() < needed) {
            return Err(bad("a patch has fewer bytes than pixels"));
        }
    }
    Ok(())
}

/// Applies a patch of a checked frame to `picture`, which is as large as the frame but for an odd
/// last column and row. Returns the changed part, widened to even sides; `None` if nothing changed.
pub(crate) fn put(picture: &mut Picture, format: PixelFormat, patch: &Patch) -> Option<Rect> {
    let right = (patch.rect.x + patch.rect.width).min(picture.size.width);
    let bottom = (patch.rect.y + patch.rect.height).min(picture.size.height);
    let rect = Rect {
        width: right.checked_sub(patch.rect.x).filter(|&w| w > 0)?,
        height: bottom.checked_sub(patch.rect.y).filter(|&h| h > 0)?,
        ..patch.rect
    };
    match format {
        PixelFormat::Bgrx => put_rgb::<[u8; 4]>(picture, rect, patch),
        PixelFormat::Rgb => put_rgb::<[u8; 3]>(picture, rect, patch),
        PixelFormat::Yuyv => put_yuyv(picture, rect, patch),
        PixelFormat::Nv12 => put_nv12(picture, patch),
    }
    let (x, y) = (rect.x & !1, rect.y & !1);
    Some(Rect {
        x,
        y,
        width: right.next_multiple_of(2) - x,
        height: bottom.next_multiple_of(2) - y,
    })
}

/// A pixel as it stands in a patch.
trait Pixel: Copy {
    const BYTES: usize;

    fn slice(bytes: &[u8]) -> &[Self];

    /// Blue, green and red from the lowest byte up; the highest byte is ignored. Read as one
    /// number, which the compiler can vectorise.
    fn word(self) -> u32;
}

/// Blue, green, red, unused.
impl Pixel for [u8; 4] {
    const BYTES: usize = 4;

    #[inline(always)]
    fn slice(bytes: &[u8]) -> &[Self] {
        bytes.as_chunks().0
    }

    #[inline(always)]
    fn word(self) -> u32 {
        u32::from_le_bytes(self)
    }
}

/// Red, green, blue.
impl Pixel for [u8; 3] {
    const BYTES: usize = 3;

    #[inline(always)]
    fn slice(bytes: &[u8]) -> &[Self] {
        bytes.as_chunks().0
    }

    #[inline(always)]
    fn word(self) -> u32 {
        u32::from_le_bytes([self[2], self[1], self[0], 0])
    }
}

/// BT.709, limited range, in 1/256.
#[inline(always)]
fn luma(word: u32) -> u8 {
    let (r, g, b) = ((word >> 16) & 0xff, (word >> 8) & 0xff, word & 0xff);
    ((47 * r + 157 * g + 16 * b + 128 + (16 << 8)) >> 8) as u8
}

/// The same for U and V, of the sum of `1 << LOG` pixels.
#[inline(always)]
fn chroma<const LOG: u32>(r: i32, g: i32, b: i32) -> (u8, u8) {
    let offset = (128 << (8 + LOG)) + (128 << LOG);
    let u = (112 * b - 86 * g - 26 * r + offset) >> (8 + LOG);
    let v = (112 * r - 102 * g - 10 * b + offset) >> (8 + LOG);
    (u as u8, v as u8)
}

fn put_rgb<P: Pixel>(picture: &mut Picture, rect: Rect, patch: &Patch) {
    let (stride, half) = (picture.stride(0), picture.stride(1));
    let (x, y, width, height) =
        (rect.x as usize, rect.y as usize, rect.width as usize, rect.height as usize);
    let row = |row: usize| P::slice(&patch.pixels[row * patch.stride_bytes..][..width * P::BYTES]);
    // Chroma: one value for 2×2 pixels. Here for those that lie entirely in the patch, while their
    // rows are in the cache.
    let (left, top) = (x.next_multiple_of(2), y.next_multiple_of(2));
    let (right, bottom) = ((x + width) & !1, (y + height) & !1);
    let [ys, us, vs] = &mut picture.planes;
    for line in y..y + height {
        for (to, pixel) in ys[line * stride + x..][..width].iter_mut().zip(row(line - y)) {
            *to = luma(pixel.word());
        }
        if line > top && line % 2 == 1 && left < right {
            let colour = line / 2 * half + left / 2..line / 2 * half + right / 2;
            let pairs = |line: usize| &row(line - y)[left - x..];
            chroma_row(pairs(line - 1), pairs(line), &mut us[colour.clone()], &mut vs[colour]);
        }
    }

    // Where the patch covers only some of the four pixels, the new chroma is weighted by that part.
    let mut edge = |column: usize, line: usize| {
        let (mut sum, mut count) = ([0_u16; 3], 0_u16);
        for line in line.max(y)..(line + 2).min(y + height) {
            for column in column.max(x)..(column + 2).min(x + width) {
                let [blue, green, red, _] =
                    row(line - y)[column - x].word().to_le_bytes().map(u16::from);
                sum = [sum[0] + red, sum[1] + green, sum[2] + blue];
                count += 1;
            }
        }
        if count == 0 {
            return;
        }
        let [r, g, b] = sum.map(|sum| i32::from(sum / count));
        let (u, v) = chroma::<0>(r, g, b);
        let at = line / 2 * half + column / 2;
        let mix = |old: u8, new: u8| {
            ((u16::from(old) * (4 - count) + u16::from(new) * count + 2) / 4) as u8
        };
        (us[at], vs[at]) = (mix(us[at], u), mix(vs[at], v));
    };
    let columns = (x & !1)..(x + width);
    for line in
        [(y < top).then_some(y & !1), (bottom < y + height).then_some(bottom)].into_iter().flatten()
    {
        columns.clone().step_by(2).for_each(|column| edge(column, line));
    }
    for column in
        [(x < left).then_some(x & !1), (right < x + width).then_some(right)].into_iter().flatten()
    {
        (top..bottom).step_by(2).for_each(|line| edge(column, line));
    }
}

/// Colour of a row of 2×2 pixels.
fn chroma_row<P: Pixel>(upper: &[P], lower: &[P], us: &mut [u8], vs: &mut [u8]) {
    let (upper, lower) = (upper.as_chunks::<2>().0, lower.as_chunks::<2>().0);
    for (((u, v), above), below) in us.iter_mut().zip(vs).zip(upper).zip(lower) {
        let four = [above[0], above[1], below[0], below[1]].map(P::word);
        // Two chroma sums in one number; four bytes of each never overflow into the other.
        let blue_red: u32 = four.iter().map(|word| word & 0xff_00ff).sum();
        let green: u32 = four.iter().map(|word| (word >> 8) & 0xff).sum();
        (*u, *v) = chroma::<2>((blue_red >> 16) as i32, green as i32, (blue_red & 0xffff) as i32);
    }
}

/// BT.601, which cameras use, to BT.709: Y, U, V in 1/256, U and V around zero.
#[inline(always)]
fn colour_from_601(u: u8, v: u8) -> (i16, u8, u8) {
    let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
    let offset = (-30 * u - 53 * v + 128) >> 8;
    let wide = |value: i32| (((value + 128) >> 8) + 128).clamp(0, 255) as u8;
    (offset as i16, wide(261 * u + 29 * v), wide(19 * u + 262 * v))
}

#[inline(always)]
fn luma_from_601(y: u8, offset: i16) -> u8 {
    (i16::from(y) + offset).clamp(0, 255) as u8
}

fn put_yuyv(picture: &mut Picture, rect: Rect, patch: &Patch) {
    let (stride, half) = (picture.stride(0), picture.stride(1));
    // Even, since the left side was checked and an odd last column belongs to a complete pair.
    let (x, y) = (rect.x as usize, rect.y as usize);
    let pairs = (rect.width as usize).div_ceil(2);
    let [ys, us, vs] = &mut picture.planes;
    for line in 0..rect.height as usize {
        let (from, _) = patch.pixels[line * patch.stride_bytes..][..pairs * 4].as_chunks::<4>();
        let to = &mut ys[(y + line) * stride + x..][..pairs * 2];
        let colour = (y + line) / 2 * half + x / 2;
        let (us, vs) = (&mut us[colour..][..pairs], &mut vs[colour..][..pairs]);
        let (to, _) = to.as_chunks_mut::<2>();
        let second = (y + line) % 2 == 1;
        for (((to, u), v), pair) in to.iter_mut().zip(us).zip(vs).zip(from) {
            let (offset, new_u, new_v) = colour_from_601(pair[1], pair[3]);
            *to = [luma_from_601(pair[0], offset), luma_from_601(pair[2], offset)];
            // The second of two rows adds its half.
            (*u, *v) = if second { (u.midpoint(new_u), v.midpoint(new_v)) } else { (new_u, new_v) };
        }
    }
}

fn put_nv12(picture: &mut Picture, patch: &Patch) {
    let (stride, half) = (picture.stride(0), picture.stride(1));
    let colours = patch.rect.height as usize * patch.stride_bytes;
    let [ys, us, vs] = &mut picture.planes;
    for line in 0..picture.size.height as usize / 2 {
        let (from, _) =
            patch.pixels[colours + line * patch.stride_bytes..][..half * 2].as_chunks::<2>();
        let (us, vs) = (&mut us[line * half..][..half], &mut vs[line * half..][..half]);
        let (upper, lower) = ys[line * 2 * stride..][..stride * 2].split_at_mut(stride);
        let rows = [
            &patch.pixels[line * 2 * patch.stride_bytes..][..stride],
            &patch.pixels[(line * 2 + 1) * patch.stride_bytes..][..stride],
        ];
        for (pair, colour) in from.iter().enumerate() {
            let (offset, u, v) = colour_from_601(colour[0], colour[1]);
            (us[pair], vs[pair]) = (u, v);
            for (to, from) in [(&mut *upper, rows[0]), (&mut *lower, rows[1])] {
                to[pair * 2] = luma_from_601(from[pair * 2], offset);
                to[pair * 2 + 1] = luma_from_601(from[pair * 2 + 1], offset);
            }
        }
    }
}
