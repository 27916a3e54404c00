//! A network of the spec on candle tensors: a cohort of runs with the same shapes.

use candle_core::{Device, Result, Tensor, Var};

use super::ops;
use crate::{
    engine::init::initial,
    model::{Architecture, Dropout, Layer, Parameter, Part, SIDE, Shape},
    parallel,
};

/// The weights of a cohort, `[R, …]` each, in the order of [`Architecture::parameters`].
#[derive(Debug)]
pub struct Network {
    architecture: Architecture,
    parts: Vec<Part>,
    parameters: Vec<Parameter>,
    vars: Vec<Var>,
}

/// What a network says about a batch of `N` pairs.
#[derive(Debug)]
pub struct Logits {
    /// Scores of the two classes, `[R, 2, N]`.
    pub comparison: Tensor,
    /// Scores of the digits, `[R, 10, 2N]`: the first images of all pairs, then the second ones.
    pub digits: Option<Tensor>,
}

/// A dropout layer that asks for its mask.
#[derive(Debug, Clone, Copy)]
pub struct MaskRequest<'a> {
    /// Such as `each.dropout1`; the random stream is named after it.
    pub name: &'a str,
    /// The layer.
    pub layer: Dropout,
    /// Shape of one sample's activation.
    pub shape: Shape,
    /// Images per pair that pass here at once, 1 or 2: the mask has that many times `N` samples.
    pub images: usize,
}

/// Whether dropout is active; in training it asks for a mask, `[R, values, images · N]`.
pub enum Mode<'a> {
    /// Training, with the source of masks.
    Train(&'a mut dyn FnMut(MaskRequest<'_>) -> Result<Tensor>),
    /// Evaluation: dropout does nothing, and no gradients are recorded.
    Eval,
}

impl Network {
    /// Makes the networks of a cohort, one for each seed.
    ///
    /// # Errors
    /// Returns candle's error if memory cannot be had.
    pub fn new(architecture: &Architecture, seeds: &[u64], device: &Device) -> Result<Self> {
        let parameters = architecture.parameters();
        let make = |p: &Parameter| {
            let values = parallel::map(seeds.len(), |run| initial(p, seeds[run])).concat();
            let shape = [&[seeds.len()], p.shape.as_slice()].concat();
            Var::from_vec(values, shape, device)
        };
        let vars = parameters.iter().map(make).collect::<Result<_>>()?;
        Ok(Self { architecture: architecture.clone(), parts: architecture.walk(), parameters, vars })
    }

    /// Returns the variables in the order of [`Architecture::parameters`].
    #[must_use]
    pub fn vars(&self) -> &[Var] {
        &self.vars
    }

    /// Returns the scores for `input`, whose layout [`input_shape`] gives. An input of one run is that of all.
    ///
    /// # Errors
    /// Returns candle's error if the shapes do not fit.
    pub fn forward(&self, input: &Tensor, mut mode: Mode<'_>) -> Result<Logits> {
        // Parts ask for their variables in the order of the parameters.
        let mut vars = self.vars.iter();
        let mut pass = |part: usize, x: &Tensor| run(&self.parts[part], x, &mut vars, &mut mode);
        match &self.architecture {
            Architecture::Pair(_) => Ok(Logits { comparison: scores(&pass(0, input)?)?, digits: None }),
            Architecture::Each { share, digit_loss, .. } => {
                let samples = input.dim(4)? / 2;
                let half = |x: &Tensor, i: usize| x.narrow(4, i * samples, samples)?.contiguous();
                let (first, second, both) = if *share {
                    let both = pass(0, input)?;
                    (half(&both, 0)?, half(&both, 1)?, both)
                } else {
                    let (first, second) = (pass(0, &half(input, 0)?)?, pass(1, &half(input, 1)?)?);
                    let both = Tensor::cat(&[&first, &second], 4)?;
                    (first, second, both)
                };
                let joined = Tensor::cat(&[&first, &second], 1)?;
                let comparison = scores(&pass(self.parts.len() - 1, &joined)?)?;
                let digits = digit_loss.map(|_| scores(&both)).transpose()?;
                Ok(Logits { comparison, digits })
            }
        }
    }

    /// Returns the weights of every run of the cohort, all parameters in order.
    ///
    /// # Errors
    /// Returns candle's error if they cannot be read back.
    pub fn weights(&self) -> Result<Vec<Vec<f32>>> {
        let mut all = Vec::new();
        for (var, parameter) in self.vars.iter().zip(&self.parameters) {
            let values = var.as_detached_tensor().flatten_all()?.to_vec1::<f32>()?;
            let runs = values.chunks_exact(parameter.count());
            all.resize(runs.len(), Vec::new());
            all.iter_mut().zip(runs).for_each(|(all, run)| all.extend_from_slice(run));
        }
        Ok(all)
    }
}

/// Runs `x` through the layers of a part, which take their variables from `vars`.
fn run<'a>(
    part: &Part,
    x: &Tensor,
    vars: &mut impl Iterator<Item = &'a Var>,
    mode: &mut Mode<'_>,
) -> Result<Tensor> {
    let mut x = x.clone();
    for step in &part.steps {
        // Without history in evaluation.
        let own: Vec<Tensor> = vars
            .take(step.parameters().len())
            .map(|var| match mode {
                Mode::Train(_) => var.as_tensor().clone(),
                Mode::Eval => var.as_detached_tensor(),
            })
            .collect();
        x = match step.layer {
            Layer::Conv(conv) => ops::conv(&x, &own[0], &own[1], conv.padding)?,
            Layer::Linear(_) => {
                let (views, samples) = (x.dim(0)?, x.dim(4)?);
                let y = ops::linear(&x.reshape((views, (), samples))?, &own[0], &own[1])?;
                y.reshape((own[0].dim(0)?, (), 1, 1, samples))?
            }
            Layer::MaxPool(pool) => ops::max_pool(&x, pool.size)?,
            Layer::Relu(_) => ops::relu(&x)?,
            Layer::Tanh(_) => x.tanh()?,
            Layer::Flatten(_) => {
                let (runs, samples) = (x.dim(0)?, x.dim(4)?);
                x.reshape((runs, (), 1, 1, samples))?
            }
            Layer::Dropout(layer) => match mode {
                Mode::Eval => x,
                Mode::Train(masks) => {
                    let (name, shape, images) = (step.name.as_str(), step.input, part.images);
                    ops::mask(&x, &masks(MaskRequest { name, layer, shape, images })?)?
                }
            },
        };
    }
    Ok(x)
}

/// Returns an output of one position, `[R, K, 1, 1, N]`, as `[R, K, N]`.
fn scores(output: &Tensor) -> Result<Tensor> {
    let (runs, samples) = (output.dim(0)?, output.dim(4)?);
    output.reshape((runs, (), samples))
}

/// Returns the shape of the input of a batch: `[R, 2, 14, 14, N]`, the images of a pair as channels,
/// or `[R, 1, 14, 14, 2N]`, first the first images of all pairs, then the second ones.
#[must_use]
pub fn input_shape(architecture: &Architecture, runs: usize, samples: usize) -> [usize; 5] {
    match architecture {
        Architecture::Pair(_) => [runs, 2, SIDE, SIDE, samples],
        Architecture::Each { .. } => [runs, 1, SIDE, SIDE, 2 * samples],
    }
}
