//! Optimisers. A file for each says what it means (its settings and how a spec writes them) and how it takes a step, on
//! the CPU and on candle's tensors.
//!
//! To add one: a file here and its name in the list below. Its settings enter run keys beside the others, and `momentum`
//! alone means SGD there: what another optimiser writes must hold its own word.

mod rule;
mod sgd;

use std::ops::Range;

use candle_core::{Tensor, Var, backprop::GradStore};
use serde::Serialize;

pub use sgd::Sgd;

use crate::{
    engine::kernels::simd::Isa,
    yaml::{
        decode::Decoder,
        near::suggest,
        node::{Node, Value},
    },
};
use rule::Rule;

/// Makes the enum of all optimisers.
macro_rules! optimizers {
    ($($name:ident),+) => {
        /// How weights are changed by their gradients.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Optimizer {
            $(#[doc = concat!("See [`", stringify!($name), "`].")] $name($name)),+
        }

        impl Optimizer {
            /// The word of every optimiser in specs, and what it does.
            pub const KINDS: &[(&str, &str)] = &[$(($name::WORD, $name::SUMMARY)),+];

            fn rule(&self) -> &dyn Rule {
                match self { $(Self::$name(rule) => rule),+ }
            }

            /// Reads the settings of the optimiser called `word`; `None` leaves all at their defaults.
            fn of(word: &str, d: &mut Decoder, settings: Option<&Node>) -> Option<Self> {
                $(if word == $name::WORD {
                    return $name::decode(d, settings).map(Self::$name);
                })+
                None
            }
        }
    };
}

optimizers!(Sgd);

impl Default for Optimizer {
    fn default() -> Self {
        Self::Sgd(Sgd::default())
    }
}

impl Optimizer {
    /// Reads `sgd`, or `sgd: {momentum: 0.5}`.
    pub(crate) fn decode(d: &mut Decoder, node: &Node) -> Option<Self> {
        let words: Vec<&str> = Self::KINDS.iter().map(|(word, _)| *word).collect();
        if matches!(node.value, Value::Text(_)) {
            let choices: Vec<(&str, &str)> = words.iter().map(|word| (*word, *word)).collect();
            let word = d.choice(node, &choices)?;
            return Self::of(word, d, None);
        }
        if let Value::Map(entries) = &node.value
            && let Some((key, _)) = entries.iter().find(|(key, _)| !words.contains(&key.name.as_str()))
        {
            let message = format!("{}: unknown optimiser `{}`", node.path, key.name);
            let help =
                format!("{}; write `optimizer: {{sgd: {{momentum: 0.9}}}}`", suggest(&key.name, &words));
            return d.fault(&key.span, message, Some(help));
        }
        let fields = d.fields(node, &words)?;
        let given: Vec<&str> = words.iter().copied().filter(|word| fields.get(word).is_some()).collect();
        if let [_, second, ..] = given[..] {
            let message = format!("{}: there is one optimiser, and `{second}` is a second one", node.path);
            return d.fault(&node.span, message, Some("remove one of them".to_owned()));
        }
        let word = given.first().unwrap_or(&words[0]);
        let settings = d.required(&fields, word)?;
        Self::of(word, d, Some(settings))
    }

    /// Returns the settings by their paths below `train.optimizer`, with their values for people.
    #[must_use]
    pub fn settings(&self) -> Vec<(String, String)> {
        self.rule().settings()
    }

    /// Returns the numbers that it keeps of every weight from step to step.
    #[must_use]
    pub fn states(&self) -> usize {
        self.rule().states()
    }
}

/// An optimiser of one run on the CPU.
#[derive(Debug)]
pub struct CpuOptimizer {
    optimizer: Optimizer,
    states: Vec<Vec<f32>>,
}

impl CpuOptimizer {
    /// Begins with states of zero for `count` weights.
    #[must_use]
    pub fn new(optimizer: Optimizer, count: usize) -> Self {
        Self { optimizer, states: vec![vec![0.0; count]; optimizer.states()] }
    }

    /// Changes the weights at `place` by their gradients.
    ///
    /// # Panics
    /// If there are more or fewer gradients or weights than states.
    pub fn step(&mut self, isa: Isa, lr: f32, gradients: &[f32], weights: &mut [f32], place: Range<usize>) {
        let mut states: Vec<&mut [f32]> = self.states.iter_mut().map(|s| &mut s[place.clone()]).collect();
        let (gradients, weights) = (&gradients[place.clone()], &mut weights[place]);
        self.optimizer.rule().step(isa, lr, gradients, &mut states, weights);
    }
}

/// An optimiser of a cohort on candle's variables, `[R, …]` each.
#[derive(Debug)]
pub struct TensorOptimizer {
    config: TensorConfig,
    weights: Vec<(Var, Vec<Var>)>,
}

/// Settings of a [`TensorOptimizer`].
#[derive(Debug, Clone)]
pub struct TensorConfig {
    /// The optimiser of all runs.
    pub optimizer: Optimizer,
    /// Learning rate of each run.
    pub lr: Vec<f32>,
}

impl candle_nn::Optimizer for TensorOptimizer {
    type Config = TensorConfig;

    /// Begins with states of zero.
    fn new(vars: Vec<Var>, config: TensorConfig) -> candle_core::Result<Self> {
        let with_states = |var: Var| {
            let states = (0..config.optimizer.states()).map(|_| Var::from_tensor(&var.zeros_like()?));
            let states = states.collect::<candle_core::Result<_>>()?;
            Ok((var, states))
        };
        let weights = vars.into_iter().map(with_states).collect::<candle_core::Result<_>>()?;
        Ok(Self { config, weights })
    }

    /// Returns the largest learning rate of the runs.
    fn learning_rate(&self) -> f64 {
        self.config.lr.iter().copied().fold(0.0, |most, lr| f64::from(lr).max(most))
    }

    /// Gives every run the same learning rate.
    fn set_learning_rate(&mut self, lr: f64) {
        self.config.lr.fill(lr as f32);
    }

    fn step(&mut self, grads: &GradStore) -> candle_core::Result<()> {
        let Some((first, _)) = self.weights.first() else { return Ok(()) };
        let lr = Tensor::new(self.config.lr.as_slice(), first.device())?;
        for (var, states) in &self.weights {
            let Some(gradient) = grads.get(var) else { continue };
            let mut each = vec![1; var.rank()];
            each[0] = self.config.lr.len();
            self.config.optimizer.rule().tensor_step(&lr.reshape(each)?, gradient, states, var)?;
        }
        Ok(())
    }
}
