//! The [`Terms`] of a text: what each sentence is about, as weighted word stems, and how alike two
//! sentences are.

use std::collections::HashMap;

use super::phrases::Phrases;
use super::sentence::Sentence;

/// A word without its ending; one for all forms of it, as far as simple rules go.
pub(super) fn stem(plain: &str) -> &str {
    let plain = plain.strip_suffix("'s").unwrap_or(plain);
    for ending in ["ations", "ation", "ings", "ing", "ies", "ied", "es", "ed", "s", "y", "e"] {
        if let Some(stem) = plain.strip_suffix(ending)
            && stem.chars().count() >= 3
            && !stem.ends_with('s')
        {
            return stem;
        }
    }
    plain
}

/// Which stems a text has, and which of them stand in which sentence.
pub(super) struct Terms {
    /// How often each stem stands in the whole text.
    counts: HashMap<String, u32>,
    /// For each sentence its stems and their weight, by id; the squares of the weights add up to
    /// one.
    vectors: Vec<Vec<(u32, f32)>>,
}

impl Terms {
    /// The stems of all words that `phrases` does not call stop words; without tables, of all words
    /// of four letters or more.
    pub(super) fn of(sentences: &[Sentence], phrases: Option<&Phrases>) -> Self {
        let counted = |plain: &str| match phrases {
            Some(phrases) => !phrases.stop_words.has(plain) && plain.chars().count() > 2,
            None => plain.chars().count() > 3,
        };
        let mut ids: HashMap<&str, u32> = HashMap::new();
        let mut counts: Vec<u32> = Vec::new();
        let mut sentences_with: Vec<u32> = Vec::new();
        let mut raw: Vec<Vec<(u32, f32)>> = Vec::with_capacity(sentences.len());
        for sentence in sentences {
            let mut own: Vec<u32> = Vec::new();
            for word in sentence.words.iter().filter(|word| counted(&word.plain)) {
                let next = u32::try_from(counts.len()).unwrap_or(u32::MAX);
                let id = *ids.entry(stem(&word.plain)).or_insert(next);
                if id == next {
                    counts.push(0);
                    sentences_with.push(0);
                }
                counts[id as usize] += 1;
                own.push(id);
            }
            own.sort_unstable();
            let mut vector: Vec<(u32, f32)> = Vec::new();
            for id in own {
                match vector.last_mut() {
                    Some((last, times)) if *last == id => *times += 1.0,
                    _ => {
                        sentences_with[id as usize] += 1;
                        vector.push((id, 1.0));
                    }
                }
            }
            raw.push(vector);
        }
        let all = as_f32(sentences.len());
        for vector in &mut raw {
            for (id, weight) in vector.iter_mut() {
                *weight *= (1.0 + all / as_f32(sentences_with[*id as usize] as usize)).ln();
            }
            let length = vector
                .iter()
                .map(|(_, weight)| weight * weight)
                .sum::<f32>()
                .sqrt()
                .max(f32::EPSILON);
            vector.iter_mut().for_each(|(_, weight)| *weight /= length);
        }
        let counts =
            ids.into_iter().map(|(stem, id)| (stem.to_owned(), counts[id as usize])).collect();
        Self { counts, vectors: raw }
    }

    /// How often a word stands in the text, in any of its forms.
    pub(super) fn count(&self, plain: &str) -> u32 {
        self.counts.get(stem(plain)).copied().unwrap_or(0)
    }

    /// How alike two sentences are: from 0, no stem in common, to 1.
    pub(super) fn likeness(&self, one: usize, two: usize) -> f32 {
        let (mut one, mut two) =
            (self.vectors[one].iter().peekable(), self.vectors[two].iter().peekable());
        let mut sum = 0.0;
        while let (Some((id_one, weight_one)), Some((id_two, weight_two))) =
            (one.peek(), two.peek())
        {
            match id_one.cmp(id_two) {
                std::cmp::Ordering::Less => drop(one.next()),
                std::cmp::Ordering::Greater => drop(two.next()),
                std::cmp::Ordering::Equal => {
                    sum += weight_one * weight_two;
                    one.next();
                    two.next();
                }
            }
        }
        sum
    }

    /// How much a sentence says that is said elsewhere too: the sum of the counts of its stems, for
    /// a quick first choice.
    pub(super) fn mass(&self, sentence: usize) -> f32 {
        self.vectors[sentence].iter().map(|(_, weight)| weight).sum()
    }
}

/// For ratios; no text has more sentences than an `f32` holds exactly.
pub(super) fn as_f32(count: usize) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for (one, two) in [
            ("invoices", "invoice"),
            ("queries", "query"),
            ("loading", "loads"),
            ("migration", "migrate"),
        ] {
            assert!(
                stem(two).starts_with(stem(one)) || stem(one).starts_with(stem(two)),
                "{one} and {two}"
            );
        }
        assert_eq!(stem("address"), "address", "a double s is no plural");
        assert_eq!(stem("is"), "is", "short words stay");
    }
}
