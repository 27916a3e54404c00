//! The training of a network as an immutable program: stages, parameters, dropout layers and barriers; no data in it.
//!
//! A *stage* is one layer with those after it that run in the same pass over a block of samples. Stages form
//! *segments*: within a segment an engine goes block by block through all stages; between two segments all blocks wait
//! for each other. Only a layer that needs the whole batch is a *barrier*: a segment ends before it on the way forward,
//! and behind it on the way back. Where the segments end changes no bit, since every stage sees the blocks in the same order.

use std::{collections::BTreeSet, ops::Range};

use super::optimizer::Optimizer;
use crate::model::{Architecture, DropoutUnit, Layer, Parameter, Part, Shape, Step};

/// A network as an engine runs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// How the pair is seen.
    pub kind: PairKind,
    /// The chains of [`Architecture::walk`].
    pub chains: Vec<Chain>,
    /// All parameters in order; their values stand one after the other.
    pub parameters: Vec<Parameter>,
    /// The values that the optimiser changes.
    pub trained: Vec<Range<usize>>,
    /// The dropout layers in the order of the chains.
    pub dropouts: Vec<DropoutLayer>,
    /// How the trained values are changed.
    pub optimizer: Optimizer,
    /// Pairs of the largest batch.
    pub batch: usize,
}

/// How a network sees the two images of a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PairKind {
    /// Both at once.
    Stacked,
    /// One by one; the last chain sees what they give.
    Each {
        /// Whether both go through the same chain.
        share: bool,
        /// Weight of the auxiliary loss on the digit classes.
        digit_loss: Option<f64>,
    },
}

/// A chain of stages.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// Images of a pair that go through it one by one.
    pub images: usize,
    /// Values of one sample's input.
    pub input: usize,
    /// The stages in order.
    pub stages: Vec<Stage>,
    /// The segments of the way forward.
    pub forward: Vec<Range<usize>>,
    /// The segments of the way back, the last one first.
    pub backward: Vec<Range<usize>>,
}

/// A layer with those after it that run in the same pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The layer.
    pub layer: Layer,
    /// What it took in.
    pub then: Then,
    /// Shape of its input.
    pub input: Shape,
    /// Shape of its output.
    pub output: Shape,
    /// The place of its parameters among all values.
    pub parameters: Range<usize>,
    /// Values of one sample's dropout mask.
    pub mask: usize,
}

/// What a stage does after its layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Then {
    /// A dropout mask right after the layer.
    pub dropout: Option<DropoutUnit>,
    /// 2×2 max-pooling.
    pub pool: bool,
    /// `ReLU`.
    pub relu: bool,
    /// The output counts as a vector.
    pub flatten: bool,
}

/// A dropout layer, which asks for a mask in every step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropoutLayer {
    /// Such as `each.dropout1`; the random stream is named after it.
    pub name: String,
    /// Mask values of one sample.
    pub values: usize,
    /// Images per pair that pass here, 1 or 2.
    pub images: usize,
    /// Index of its chain.
    pub chain: usize,
    /// Index of its stage.
    pub stage: usize,
}

impl Program {
    /// Plans the training of `architecture` in batches of at most `batch` pairs.
    #[must_use]
    pub fn plan(architecture: &Architecture, optimizer: Optimizer, batch: usize) -> Self {
        let kind = match architecture {
            Architecture::Pair(_) => PairKind::Stacked,
            Architecture::Each { share, digit_loss, .. } => {
                PairKind::Each { share: *share, digit_loss: *digit_loss }
            }
        };
        let parameters = architecture.parameters();
        let (mut chains, mut dropouts, mut at) = (Vec::new(), Vec::new(), 0);
        for part in &architecture.walk() {
            let (chain, found) = Chain::plan(part, &mut at);
            dropouts.extend(found.into_iter().map(|layer| DropoutLayer { chain: chains.len(), ..layer }));
            chains.push(chain);
        }
        let trained = trained(&parameters);
        Self { kind, chains, parameters, trained, dropouts, optimizer, batch }
    }

    /// Returns the number of all values.
    #[must_use]
    pub fn weight_count(&self) -> usize {
        self.parameters.iter().map(Parameter::count).sum()
    }
}

/// Returns the places of trained values; neighbours are one range.
fn trained(parameters: &[Parameter]) -> Vec<Range<usize>> {
    let (mut found, mut at): (Vec<Range<usize>>, _) = (Vec::new(), 0);
    for parameter in parameters {
        let here = at..at + parameter.count();
        at = here.end;
        match found.last_mut() {
            Some(last) if parameter.trained && last.end == here.start => last.end = here.end,
            _ if parameter.trained => found.push(here),
            _ => {}
        }
    }
    found
}

impl Chain {
    /// Cuts a part into stages, whose parameters begin at `at`; returns its dropout layers too.
    fn plan(part: &Part, at: &mut usize) -> (Self, Vec<DropoutLayer>) {
        let (mut stages, mut dropouts): (Vec<Stage>, _) = (Vec::new(), Vec::new());
        for step in &part.steps {
            if !stages.last_mut().is_some_and(|stage| stage.take_in(step)) {
                stages.push(Stage::of(step, *at));
                *at += step.parameters().iter().map(Parameter::count).sum::<usize>();
            }
            if let Layer::Dropout(dropout) = step.layer {
                let (stage, values) = (stages.len() - 1, dropout.mask_values(step.input));
                stages[stage].mask = values;
                dropouts.push(DropoutLayer {
                    name: step.name.clone(),
                    values,
                    images: part.images,
                    chain: 0,
                    stage,
                });
            }
        }
        let barriers: Vec<usize> =
            (0..stages.len()).filter(|i| stages[*i].layer.needs_whole_batch()).collect();
        let input = part.input.iter().product();
        let mut chain =
            Self { images: part.images, input, stages, forward: Vec::new(), backward: Vec::new() };
        chain.cut(&barriers.iter().copied().collect(), &barriers.iter().map(|i| i + 1).collect());
        (chain, dropouts)
    }

    /// Ends segments before these stages: on the way forward, and on the way back.
    pub fn cut(&mut self, forward: &BTreeSet<usize>, backward: &BTreeSet<usize>) {
        let segments = |cuts: &BTreeSet<usize>| {
            let ends = cuts.iter().copied().chain([self.stages.len()]);
            let starts = [0].into_iter().chain(cuts.iter().copied());
            starts.zip(ends).map(|(start, end)| start..end).collect::<Vec<_>>()
        };
        (self.forward, self.backward) = (segments(forward), segments(backward));
        self.backward.reverse();
    }

    /// Returns the values of one sample before stage `stage`, or behind the last one.
    #[must_use]
    pub fn values_before(&self, stage: usize) -> usize {
        if stage == 0 { self.input } else { self.stages[stage - 1].output.iter().product() }
    }

    /// Returns the values of one sample's output.
    #[must_use]
    pub fn output(&self) -> usize {
        self.values_before(self.stages.len())
    }
}

impl Stage {
    fn of(step: &Step, at: usize) -> Self {
        let count = step.parameters().iter().map(Parameter::count).sum::<usize>();
        let Step { layer, input, output, .. } = *step;
        Self { layer, then: Then::default(), input, output, parameters: at..at + count, mask: 0 }
    }

    /// Takes in the layer that follows if both can run in one pass.
    ///
    /// Pooling and `ReLU` change places freely: both keep the order of values, and where a window's maximum is not above
    /// zero no gradient passes either way.
    fn take_in(&mut self, step: &Step) -> bool {
        let Self { layer, then, .. } = self;
        let conv = matches!(layer, Layer::Conv(_));
        if let Layer::Flatten(_) = step.layer {
            then.flatten = true;
        } else if let Layer::Relu(_) = step.layer
            && (conv || matches!(layer, Layer::Linear(_)))
        {
            then.relu = true;
        } else if let Layer::MaxPool(pool) = step.layer
            && (conv && pool.size == 2 && !then.pool)
        {
            then.pool = true;
        } else if let Layer::Dropout(dropout) = step.layer
            && (conv && *then == Then::default())
        {
            then.dropout = Some(dropout.unit);
        } else {
            return false;
        }
        self.output = step.output;
        true
    }
}
