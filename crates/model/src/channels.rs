//! [`Channels`]: how many channels sound has, and where each of them belongs.

use std::sync::Arc;

/// Where in a room a channel belongs, as far as it matters for a mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Left of the listener's front, however far.
    Left,
    /// Right of the listener's front, however far.
    Right,
    /// In front. Where there is only one channel, that one.
    Center,
    /// Low frequency effects.
    Low,
    /// Beside, behind or above the listener, to the left.
    SurroundLeft,
    /// Beside, behind or above the listener, to the right.
    SurroundRight,
    /// Behind or above the listener, in the middle.
    SurroundCenter,
}

/// The channels of interleaved sound, in their order. Their number and their places cannot disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channels(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Discrete(u16),
    Placed(&'static [Place]),
    Custom(Arc<[Place]>),
}

impl Channels {
    /// One channel.
    pub const MONO: Self = Self(Kind::Placed(&[Place::Center]));
    /// Left and right.
    pub const STEREO: Self = Self(Kind::Placed(&[Place::Left, Place::Right]));

    /// So many channels that have nothing to do with each other, such as the inputs of an interface.
    #[must_use]
    pub const fn discrete(count: u16) -> Self {
        Self(Kind::Discrete(count))
    }

    /// Channels at these places; discrete ones if there are more than 65,535.
    #[must_use]
    pub fn placed(places: &[Place]) -> Self {
        match places {
            [Place::Center] => Self::MONO,
            [Place::Left, Place::Right] => Self::STEREO,
            _ if places.len() > usize::from(u16::MAX) => Self::discrete(u16::MAX),
            _ => Self(Kind::Custom(places.into())),
        }
    }

    /// How many there are.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "`placed` takes no more than fit")]
    pub fn count(&self) -> u16 {
        match &self.0 {
            Kind::Discrete(count) => *count,
            Kind::Placed(places) => places.len() as u16,
            Kind::Custom(places) => places.len() as u16,
        }
    }

    /// Where they belong; `None` if that has no meaning.
    #[must_use]
    pub fn places(&self) -> Option<&[Place]> {
        match &self.0 {
            Kind::Discrete(_) => None,
            Kind::Placed(places) => Some(places),
            Kind::Custom(places) => Some(places),
        }
    }
}

/// What is known of channels if only their number is: one is mono, two are stereo, more are discrete.
impl From<u16> for Channels {
    fn from(count: u16) -> Self {
        match count {
            1 => Self::MONO,
            2 => Self::STEREO,
            _ => Self::discrete(count),
        }
    }
}
