//! [`channels_of`]: converts the channel layouts of FFmpeg.

use ffmpeg_next::frame;
use vignette_model::{Channels, Place};

/// The channels of FFmpeg by their bit in the mask of a layout (`libavutil/channel_layout.h`). A
/// layout with any other channel has no places.
const PLACES: &[(u64, Place)] = &[
    (0, Place::Left),
    (1, Place::Right),
    (2, Place::Center),
    (3, Place::Low),
    // Back left and right.
    (4, Place::SurroundLeft),
    (5, Place::SurroundRight),
    // Front, left and right of the center.
    (6, Place::Left),
    (7, Place::Right),
    // Back center; sides.
    (8, Place::SurroundCenter),
    (9, Place::SurroundLeft),
    (10, Place::SurroundRight),
    // Above: in the middle, in front, behind.
    (11, Place::SurroundCenter),
    (12, Place::SurroundLeft),
    (13, Place::SurroundCenter),
    (14, Place::SurroundRight),
    (15, Place::SurroundLeft),
    (16, Place::SurroundCenter),
    (17, Place::SurroundRight),
    // A mix to stereo; wide left and right.
    (29, Place::Left),
    (30, Place::Right),
    (31, Place::Left),
    (32, Place::Right),
    // The second channel of low frequencies.
    (35, Place::Low),
];

/// The channels of a decoded frame.
pub(super) fn channels_of(frame: &frame::Audio) -> Channels {
    of_mask(frame.channel_layout().bits(), frame.channels())
}

/// The channels of a layout are in the order of their bits. A mask with another number of bits is
/// invalid.
fn of_mask(mask: u64, count: u16) -> Channels {
    let places: Vec<Place> =
        PLACES.iter().filter(|(bit, _)| mask >> bit & 1 == 1).map(|(_, place)| *place).collect();
    let whole = places.len() == usize::from(count) && mask.count_ones() == u32::from(count);
    if whole { Channels::placed(&places) } else { count.into() }
}

#[cfg(test)]
mod tests {
    use Place::{Center, Left, Low, Right, SurroundLeft, SurroundRight};

    use super::*;

    #[test]
    fn layouts_of_files_are_known() {
        for (mask, count, expected) in [
            (0x4, 1, Channels::MONO),
            (0, 1, Channels::MONO),
            (0x3, 2, Channels::STEREO),
            (0x33, 4, Channels::placed(&[Left, Right, SurroundLeft, SurroundRight])),
            (0x60f, 6, Channels::placed(&[Left, Right, Center, Low, SurroundLeft, SurroundRight])),
            (0, 16, Channels::discrete(16)),
            (0x3, 6, Channels::discrete(6)),
            (0xffff_ffff_ffff_ffff, 64, Channels::discrete(64)),
        ] {
            assert_eq!(of_mask(mask, count), expected, "{mask:#x}");
        }
    }
}
