//! Statistics of sets of rounds: of all sets of a size, of random ones, of resamples.

use crate::{
    Summary, mean,
    random::{Stream, stream},
    std, summarize_in,
};

/// Numbers of several rounds: `[round][epoch]`.
pub type Matrix = Vec<Vec<f64>>;

/// What a statistic is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The last epoch of each round.
    LastEpochs,
    /// The epochs of the curve averaged over the rounds.
    MeanCurve,
}

impl Of {
    /// Puts what it is into `values`, for the rounds `chosen`.
    pub fn take(self, rounds: &Matrix, chosen: &[usize], values: &mut Vec<f64>) {
        values.clear();
        match self {
            Self::LastEpochs => values.extend(chosen.iter().filter_map(|round| rounds[*round].last())),
            Self::MeanCurve => {
                let count = chosen.len() as f64;
                values.resize(rounds.first().map_or(0, Vec::len), 0.0);
                for round in chosen {
                    values.iter_mut().zip(&rounds[*round]).for_each(|(sum, v)| *sum += v);
                }
                for sum in values.iter_mut() {
                    *sum /= count;
                }
            }
        }
    }
}

/// Statistics of sets of some rounds; the sets share their room, since resampling asks for many.
#[derive(Debug, Clone)]
pub struct Subset<'a> {
    matrix: &'a Matrix,
    of: Of,
    scale: f64,
    values: Vec<f64>,
    sorted: Vec<f64>,
}

impl<'a> Subset<'a> {
    /// Begins without any set; the statistics will be `scale` times as large as the numbers, such as 100 for percent.
    #[must_use]
    pub fn new(matrix: &'a Matrix, of: Of, scale: f64) -> Self {
        Self { matrix, of, scale, values: Vec::new(), sorted: Vec::new() }
    }

    /// Returns the statistics of the rounds `chosen`; `None` if there are none or one is not a number.
    pub fn statistics(&mut self, chosen: &[usize]) -> Option<Summary> {
        self.of.take(self.matrix, chosen, &mut self.values);
        // Scaled at the end, as tables are: a number has the same last digit in both.
        Some(summarize_in(&self.values, &mut self.sorted)?.times(self.scale))
    }

    /// Returns the statistics of samples of as many rounds as there are, drawn with replacement; `None` if one has none.
    pub fn resampled(&mut self, resamples: usize, random: &mut Stream) -> Option<Vec<Summary>> {
        let mut chosen = vec![0; self.matrix.len()];
        let mut found = Vec::with_capacity(resamples);
        for _ in 0..resamples {
            redraw(&mut chosen, random);
            found.push(self.statistics(&chosen)?);
        }
        Some(found)
    }
}

/// Draws an index below their number for each of some places.
fn redraw(chosen: &mut [usize], random: &mut Stream) {
    let count = chosen.len() as u32;
    for index in chosen {
        *index = random.below(count) as usize;
    }
}

/// Returns the means of samples of as many of `values` as there are, drawn with replacement.
#[must_use]
pub fn resampled_means(values: &[f64], resamples: usize, random: &mut Stream) -> Vec<f64> {
    resampled(values, resamples, random, mean)
}

/// Returns the sample standard deviations of samples of as many of `values` as there are, drawn with replacement.
#[must_use]
pub fn resampled_stds(values: &[f64], resamples: usize, random: &mut Stream) -> Vec<f64> {
    resampled(values, resamples, random, std)
}

fn resampled(values: &[f64], resamples: usize, random: &mut Stream, of: fn(&[f64]) -> f64) -> Vec<f64> {
    let (mut chosen, mut sample) = (vec![0; values.len()], vec![0.0; values.len()]);
    let draw = |_| {
        redraw(&mut chosen, random);
        sample.iter_mut().zip(&chosen).for_each(|(to, from)| *to = values[*from]);
        of(&sample)
    };
    (0..resamples).map(draw).collect()
}

/// How the subsets were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// All subsets.
    All,
    /// Random subsets.
    Subsets,
    /// Random draws with replacement, since there are fewer than `2n` rounds.
    Replacement,
}

impl Choice {
    /// Names it for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all subsets",
            Self::Subsets => "random subsets",
            Self::Replacement => "draws with replacement",
        }
    }
}

/// Sets of `size` rounds, one after the other; the round of index `rounds` is the one that we may have missed.
#[derive(Debug, Clone)]
pub struct Subsets {
    /// How they were chosen.
    pub choice: Choice,
    /// Rounds of ours.
    pub rounds: usize,
    /// Rounds in a set.
    pub size: usize,
    chosen: Vec<usize>,
}

impl Subsets {
    /// Chooses sets of `size` of `rounds` and one more, both at least 1: all, or `draws` of them.
    #[must_use]
    pub fn choose(rounds: usize, size: usize, draws: usize) -> Self {
        let all = rounds + 1;
        let mut random = stream(0, "verdict/subsets");
        let mut chosen = Vec::new();
        let replacement = rounds < 2 * size;
        let choice = match count(all, size).filter(|_| !replacement) {
            Some(count) if count <= draws => {
                every_subset(all, size, &mut chosen);
                Choice::All
            }
            _ if replacement => {
                chosen.extend((0..draws * size).map(|_| random.below(all as u32) as usize));
                Choice::Replacement
            }
            _ => {
                let mut order: Vec<usize> = (0..all).collect();
                for _ in 0..draws {
                    for i in 0..size {
                        order.swap(i, i + random.below((all - i) as u32) as usize);
                    }
                    chosen.extend_from_slice(&order[..size]);
                }
                Choice::Subsets
            }
        };
        Self { choice, rounds, size, chosen }
    }

    /// Returns the statistics of every set: first of those of our rounds only, then of all others.
    #[must_use]
    pub fn statistics(&self, matrix: &Matrix, of: Of, scale: f64) -> Statistics {
        let worst = matrix.iter().filter_map(|epochs| epochs.first()).copied().fold(f64::INFINITY, f64::min);
        let mut with_one_more = matrix.clone();
        with_one_more.push(vec![worst; matrix.first().map_or(0, Vec::len)]);
        let mut subset = Subset::new(&with_one_more, of, scale);
        let mut found = Statistics::default();
        for chosen in self.chosen.chunks_exact(self.size) {
            let group = if chosen.contains(&self.rounds) { &mut found.others } else { &mut found.ours };
            group.extend(subset.statistics(chosen));
        }
        found
    }

    /// Returns by how much a distribution over the sets is widened so that it is that of `size` new rounds minus ours: by
    /// `√((N + n)/(N − n))`, with replacement by `√((N + n)/(N − 1))`.
    #[must_use]
    pub fn widening(&self) -> f64 {
        let (ours, size) = (self.rounds as f64, self.size as f64);
        let rest = if self.choice == Choice::Replacement { ours - 1.0 } else { ours - size };
        ((ours + size) / rest).sqrt()
    }
}

/// Statistics of sets of rounds.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    /// Of the sets of our rounds only.
    pub ours: Vec<Summary>,
    /// Of the sets with the round that we may have missed.
    pub others: Vec<Summary>,
}

/// Returns the binomial coefficient if it fits.
fn count(rounds: usize, size: usize) -> Option<usize> {
    (0..size).try_fold(1_usize, |n, i| Some(n.checked_mul(rounds.checked_sub(i)?)? / (i + 1)))
}

fn every_subset(rounds: usize, size: usize, chosen: &mut Vec<usize>) {
    let mut subset: Vec<usize> = (0..size).collect();
    loop {
        chosen.extend_from_slice(&subset);
        let Some(at) = (0..size).rev().find(|i| subset[*i] < rounds - size + i) else { return };
        subset[at] += 1;
        for i in at + 1..size {
            subset[i] = subset[i - 1] + 1;
        }
    }
}
