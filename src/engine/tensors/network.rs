//! A network of the spec on candle tensors: a cohort of runs with the same shapes.

use candle_core::{Device, Result, Tensor, Var};

use super::ops::Numerics;
use crate::{
    engine::init::initial,
    model::{Architecture, DropoutUnit, Layer, Parameter, SIDE, Shape},
    parallel,
};

/// The weights of a cohort, `[R, …]` each, in the order of [`Architecture::parameters`].
#[derive(Debug)]
pub struct Network {
    architecture: Architecture,
    parameters: Vec<Parameter>,
    vars: Vec<Var>,
    numerics: Numerics,
}

/// What a network says about a batch of `N` pairs.
#[derive(Debug)]
pub struct Scores {
    /// Scores of the two classes, `[R, 2, N]`.
    pub comparison: Tensor,
    /// Scores of the digits, `[R, 10, 2N]`: the first images of all pairs, then the second ones.
    pub digits: Option<Tensor>,
}

/// A dropout layer that asks for its mask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropoutSite {
    /// Such as `each.dropout1`; the random stream is named after it.
    pub name: String,
    /// What is dropped at once.
    pub unit: DropoutUnit,
    /// Shape of one sample's activation.
    pub shape: Shape,
    /// Images per pair that pass here at once, 1 or 2: the mask has that many times `N` samples.
    pub images: usize,
}

impl DropoutSite {
    /// Returns how many values one sample's mask has.
    #[must_use]
    pub fn values(&self) -> usize {
        let [c, h, w] = self.shape;
        match self.unit {
            DropoutUnit::Elements => c * h * w,
            DropoutUnit::Channels => c,
        }
    }
}

/// Whether dropout is active; in training it asks for a mask, `[R, values, images · N]`.
pub enum Mode<'a> {
    /// Training, with the source of masks.
    Train(&'a mut dyn FnMut(&DropoutSite) -> Result<Tensor>),
    /// Evaluation: dropout does nothing, and no gradients are recorded.
    Eval,
}

impl Network {
    /// Makes the networks of a cohort, one for each seed.
    ///
    /// # Errors
    /// Returns candle's error if memory cannot be had.
    pub fn new(
        architecture: &Architecture,
        seeds: &[u64],
        device: &Device,
        numerics: Numerics,
    ) -> Result<Self> {
        let parameters = architecture.parameters();
        let make = |p: &Parameter| {
            let values = parallel::map(seeds.len(), |run| initial(p, seeds[run])).concat();
            let shape = [&[seeds.len()], p.shape.as_slice()].concat();
            Var::from_vec(values, shape, device)
        };
        let vars = parameters.iter().map(make).collect::<Result<_>>()?;
        Ok(Self { architecture: architecture.clone(), parameters, vars, numerics })
    }

    /// Returns how its operations are computed.
    #[must_use]
    pub fn numerics(&self) -> Numerics {
        self.numerics
    }

    /// Returns the variables in the order of [`Architecture::parameters`].
    #[must_use]
    pub fn vars(&self) -> &[Var] {
        &self.vars
    }

    /// Returns the scores for `input`, whose layout [`input_shape`] gives. With the composed operations an input of one
    /// run is that of all.
    ///
    /// # Errors
    /// Returns candle's error if the shapes do not fit.
    pub fn forward(&self, input: &Tensor, mut mode: Mode<'_>) -> Result<Scores> {
        match &self.architecture {
            Architecture::Pair(layers) => {
                let comparison = self.pass("", layers, [2, SIDE, SIDE], input, 1, &mut mode)?;
                Ok(Scores { comparison: scores(&comparison)?, digits: None })
            }
            Architecture::Each { each, share, digit_loss, then } => {
                let samples = input.dim(4)? / 2;
                let one = [1, SIDE, SIDE];
                let (first, second, both) = if *share {
                    let both = self.pass("each.", each, one, input, 2, &mut mode)?;
                    let half = |i: usize| both.narrow(4, i * samples, samples)?.contiguous();
                    (half(0)?, half(1)?, both)
                } else {
                    let half = |i: usize| input.narrow(4, i * samples, samples)?.contiguous();
                    let first = self.pass("first.", each, one, &half(0)?, 1, &mut mode)?;
                    let second = self.pass("second.", each, one, &half(1)?, 1, &mut mode)?;
                    let both = Tensor::cat(&[&first, &second], 4)?;
                    (first, second, both)
                };
                let joined = Tensor::cat(&[&first, &second], 1)?;
                let shape = self.architecture.joined();
                let comparison = self.pass("then.", then, shape, &joined, 1, &mut mode)?;
                let digits = digit_loss.map(|_| scores(&both)).transpose()?;
                Ok(Scores { comparison: scores(&comparison)?, digits })
            }
        }
    }

    /// Runs `x` through layers whose parameters are named with `prefix`.
    fn pass(
        &self,
        prefix: &str,
        layers: &[Layer],
        input: Shape,
        x: &Tensor,
        images: usize,
        mode: &mut Mode<'_>,
    ) -> Result<Tensor> {
        let ops = self.numerics;
        let mut x = x.clone();
        let (mut convs, mut linears, mut dropouts) = (0, 0, 0);
        let mut shape = input;
        for layer in layers {
            x = match *layer {
                Layer::Conv { padding, .. } => {
                    convs += 1;
                    let (w, b) = self.pair(&format!("{prefix}conv{convs}"), mode)?;
                    ops.conv(&x, &w, &b, padding, x.track_op())?
                }
                Layer::Linear { .. } => {
                    linears += 1;
                    let (w, b) = self.pair(&format!("{prefix}linear{linears}"), mode)?;
                    let (views, samples) = (x.dim(0)?, x.dim(4)?);
                    let y = ops.dense(&x.reshape((views, (), samples))?, &w, &b)?;
                    y.reshape((w.dim(0)?, (), 1, 1, samples))?
                }
                Layer::MaxPool { size } => ops.max_pool(&x, size)?,
                Layer::Relu => ops.relu(&x)?,
                Layer::Flatten => {
                    let (runs, samples) = (x.dim(0)?, x.dim(4)?);
                    x.reshape((runs, (), 1, 1, samples))?
                }
                Layer::Dropout { unit } => {
                    dropouts += 1;
                    match mode {
                        Mode::Eval => x,
                        Mode::Train(masks) => {
                            let name = format!("{prefix}dropout{dropouts}");
                            ops.mask(&x, &masks(&DropoutSite { name, unit, shape, images })?)?
                        }
                    }
                }
            };
            shape = layer.output_shape(shape);
        }
        Ok(x)
    }

    /// Returns weight and bias of a layer, without history in evaluation.
    fn pair(&self, layer: &str, mode: &Mode<'_>) -> Result<(Tensor, Tensor)> {
        let get = |kind: &str| {
            let name = format!("{layer}.{kind}");
            let index = self.parameters.iter().position(|p| p.name == name);
            let var = index.map(|i| &self.vars[i]);
            let Some(var) = var else { candle_core::bail!("there is no parameter {name}") };
            Ok(match mode {
                Mode::Train(_) => var.as_tensor().clone(),
                Mode::Eval => var.as_detached_tensor(),
            })
        };
        Ok((get("weight")?, get("bias")?))
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
