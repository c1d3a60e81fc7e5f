//! [`Chance`]: numbers that look random and come again with the same seed, which every failure prints.

/// A seeded sequence (SplitMix64).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The sequence of `VIGNETTE_SEED`, or of `otherwise` where that is not set.
    #[must_use]
    pub fn seeded(otherwise: u64) -> Self {
        let seed = std::env::var("VIGNETTE_SEED")
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(otherwise);
        eprintln!("VIGNETTE_SEED={seed}");
        Self(seed)
    }

    /// The next number from `from` up to, not including, `to`.
    ///
    /// # Panics
    /// If there is none between.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        assert!(from < to, "there is a number between {from} and {to}");
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        from + (mixed ^ (mixed >> 31)) % (to - from)
    }
}
