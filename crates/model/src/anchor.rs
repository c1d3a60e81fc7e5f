//! What a reply is pinned to: a moment or a range of its clip, with or without a line drawn on the picture.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Micros;

/// A moment of a clip, or a range if it has an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The moment, or where the range begins.
    pub start_us: Micros,
    /// Where the range ends: later than it begins. Nothing for a moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_us: Option<Micros>,
    /// What is drawn on the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
}

impl Anchor {
    /// A moment.
    #[must_use]
    pub const fn moment(start_us: Micros) -> Self {
        Self { start_us, end_us: None, shape: None }
    }

    /// The last moment that it names.
    #[must_use]
    pub fn last(&self) -> Micros {
        self.end_us.map_or(self.start_us, |end| end.max(self.start_us))
    }
}

/// `1:02`, or `1:02–1:10` for a range.
impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.end_us {
            Some(end) => write!(f, "{}–{end}", self.start_us),
            None => self.start_us.fmt(f),
        }
    }
}

/// A line drawn by hand on the picture, from point to point; a frame or an arrow is one too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "UncheckedShape")]
pub struct Shape {
    /// Its points, in order.
    #[schema(min_items = 2, max_items = 64)]
    points: Vec<Point>,
}

/// A point of the picture, in thousandths of its size, from its top left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Thousandths of the width, to the right.
    #[schema(maximum = 1000)]
    pub x: u16,
    /// Thousandths of the height, downwards.
    #[schema(maximum = 1000)]
    pub y: u16,
}

/// Why points are no shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Too few or too many points.
    #[error("a shape has {fewest} to {most} points, this one has {0}", fewest = Shape::FEWEST, most = Shape::MOST)]
    Points(usize),
    /// A point lies outside the picture.
    #[error("a point of a shape has an x and a y of 0 to {most}, in thousandths of the picture", most = Shape::FAR)]
    OutsideThePicture,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedShape {
    points: Vec<Point>,
}

impl Shape {
    /// The fewest points.
    const FEWEST: usize = 2;
    /// The most points.
    pub const MOST: usize = 64;
    /// The coordinate of the right and of the lower edge.
    pub const FAR: u16 = 1000;

    /// A line through these points.
    ///
    /// # Errors
    /// [`ShapeError`] if there are too few or too many, or one lies outside the picture.
    pub fn new(points: Vec<Point>) -> Result<Self, ShapeError> {
        if !(Self::FEWEST..=Self::MOST).contains(&points.len()) {
            return Err(ShapeError::Points(points.len()));
        }
        if points.iter().any(|point| point.x.max(point.y) > Self::FAR) {
            return Err(ShapeError::OutsideThePicture);
        }
        Ok(Self { points })
    }
}

impl TryFrom<UncheckedShape> for Shape {
    type Error = ShapeError;
    fn try_from(unchecked: UncheckedShape) -> Result<Self, ShapeError> {
        Self::new(unchecked.points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_ranges_are_written_as_people_read_them() {
        let mut anchor = Anchor::moment(Micros::from_secs(62));
        assert_eq!((anchor.to_string(), anchor.last()), ("1:02".to_owned(), Micros::from_secs(62)));
        anchor.end_us = Some(Micros::from_secs(70));
        assert_eq!(
            (anchor.to_string(), anchor.last()),
            ("1:02–1:10".to_owned(), Micros::from_secs(70))
        );
    }

    #[test]
    fn a_shape_is_bounded_however_it_comes() {
        let corner = Point { x: 1000, y: 0 };
        assert_eq!(Shape::new(vec![corner]), Err(ShapeError::Points(1)));
        assert_eq!(Shape::new(vec![corner; 65]), Err(ShapeError::Points(65)));
        assert!(Shape::new(vec![corner; 64]).is_ok());
        let outside = r#"{ "points": [{ "x": 0, "y": 0 }, { "x": 0, "y": 1001 }] }"#;
        let refused = serde_json::from_str::<Shape>(outside).unwrap_err().to_string();
        assert!(refused.contains("thousandths of the picture"), "{refused}");
    }
}
