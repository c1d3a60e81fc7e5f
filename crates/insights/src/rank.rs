//! The [`rank`] of sentences: how much of the text each one speaks for (LexRank: Erkan and Radev,
//! 2004).

use super::terms::{Terms, as_f32};

/// Each sentence is compared with each, so not more than these take part: the ones that say most,
/// from all over the text.
pub(super) const MOST_RANKED: usize = 240;
const DAMPING: f32 = 0.85;
const ROUNDS: usize = 30;

/// Which sentences of `count` take part, in order.
pub(super) fn candidates(terms: &Terms, count: usize) -> Vec<usize> {
    if count <= MOST_RANKED {
        return (0..count).collect();
    }
    let edge = |part: usize| part * count / MOST_RANKED;
    let fullest = |part: usize| {
        (edge(part)..edge(part + 1))
            .max_by(|one, two| terms.mass(*one).total_cmp(&terms.mass(*two)))
    };
    (0..MOST_RANKED).filter_map(fullest).collect()
}

/// For each of the sentences `among` from 0 to 1; the best has 1.
pub(super) fn rank(terms: &Terms, among: &[usize]) -> Vec<f32> {
    let likeness: Vec<Vec<f32>> = among
        .iter()
        .map(|one| {
            among
                .iter()
                .map(|two| if one == two { 0.0 } else { terms.likeness(*one, *two) })
                .collect()
        })
        .collect();
    let sums: Vec<f32> =
        likeness.iter().map(|row| row.iter().sum::<f32>().max(f32::EPSILON)).collect();
    let base = (1.0 - DAMPING) / as_f32(among.len().max(1));
    let mut ranks = vec![1.0 / as_f32(among.len().max(1)); among.len()];
    for _ in 0..ROUNDS {
        let mut next = vec![base; among.len()];
        for ((row, sum), rank) in likeness.iter().zip(&sums).zip(&ranks) {
            let share = DAMPING * rank / sum;
            next.iter_mut().zip(row).for_each(|(next, like)| *next += share * like);
        }
        ranks = next;
    }
    let best = ranks.iter().copied().fold(f32::EPSILON, f32::max);
    ranks.iter().map(|rank| rank / best).collect()
}
