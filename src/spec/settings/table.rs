//! The list of settings. To add one: its field in the struct that uses it, and an entry here.

use std::borrow::Cow;

use crate::engine::optimizer::Optimizer;
use crate::model::{Architecture, Layer};
use crate::spec::{config::Config, words::Vary};
use crate::task::pairs::{Draw, Scale};
use crate::yaml::kind::{Field, Kind, Scalar};
use crate::{data, task};

/// A setting of a spec.
#[derive(Debug)]
pub struct Setting {
    /// Path in the spec; `NAME` stands for the name of an architecture.
    pub path: &'static str,
    /// Path in a run key's preimage; `None` if it enters no key.
    pub key: Option<&'static str>,
    /// What it is called in tables and figures.
    pub label: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// What may be written; for a setting below `grid`, of one value.
    pub kind: Kind,
    /// What holds if it is left out; `None` if it may not be.
    pub default: Option<Scalar>,
    /// Whether key and ledger leave it out where it has its default, as all do that came after the first keys.
    pub quiet: bool,
    /// Why a grid may not vary it, if so.
    pub fixed: Option<&'static str>,
    /// Where configs have it.
    pub at: Option<At>,
}

/// Where configs have a setting.
#[derive(Debug, Clone, Copy)]
pub struct At {
    /// Returns its value; nothing where it does not apply.
    pub get: fn(&Config) -> Scalar,
    /// Gives it a value of its kind.
    pub set: fn(&mut Config, &Scalar),
}

impl Setting {
    /// Returns the name of its axis in the grid, if that is not its path.
    #[must_use]
    pub fn short(&self) -> Option<&'static str> {
        self.path.strip_prefix("grid.")
    }

    /// Returns the name of its axis, column and filter.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.short().unwrap_or(self.path)
    }

    /// Returns its value in a config.
    #[must_use]
    pub fn get(&self, config: &Config) -> Scalar {
        self.at.map_or(Scalar::Nothing, |at| (at.get)(config))
    }

    /// Says whether key and ledger leave it out for this value.
    #[must_use]
    pub fn is_left_out(&self, value: &Scalar) -> bool {
        self.quiet && self.default.as_ref() == Some(value)
    }

    /// Returns the setting whose axis has this short name.
    #[must_use]
    pub fn short_named(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|s| s.short() == Some(name))
    }

    /// Returns the setting at a path of a spec.
    #[must_use]
    pub fn find(path: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|s| s.path == path)
    }
}

/// A field of [`Config`].
macro_rules! at {
    ($($field:ident).+) => {
        Some(At {
            get: |config| config.$($field).+.scalar(),
            set: |config, scalar| {
                if let Some(value) = Field::of(scalar) {
                    config.$($field).+ = value;
                }
            },
        })
    };
}

/// What is read off an architecture.
macro_rules! of_architecture {
    ($get:expr) => {
        Some(At { get: |config| $get(&*config.architecture), set: |_, _| {} })
    };
}

/// What is read off an optimiser, which reads itself.
macro_rules! of_optimizer {
    ($get:expr) => {
        Some(At { get: |config| $get(config.train.optimizer), set: |_, _| {} })
    };
}

/// Most of what an entry leaves open.
const BASE: Setting = Setting {
    path: "",
    key: None,
    label: "",
    doc: "",
    kind: Kind::Flag,
    default: None,
    quiet: false,
    fixed: None,
    at: None,
};

const ONE_DATA_SET: &str = "a plan and its report are of one data set: run the spec once for each with `--set data.source=…`, \
                            or make them variants of a sweep";

/// Every setting, in the order in which they are told.
pub static SETTINGS: &[Setting] = &[
    Setting {
        path: "task",
        key: Some("task"),
        label: "Task",
        doc: "What the networks are trained for.",
        kind: Kind::Registered(|| task::words().into_iter().map(|(word, _)| word).collect()),
        default: Some(Scalar::Text(Cow::Borrowed("digit-pairs"))),
        quiet: true,
        fixed: Some("a task has metrics of its own, and a report is of one task"),
        at: at!(task),
    },
    Setting {
        path: "data.source",
        key: Some("dataset.source"),
        label: "Data set",
        doc: "The data set: MNIST, or digits that the program draws itself.",
        kind: Kind::Registered(|| data::words().into_iter().map(|(word, _)| word).collect()),
        fixed: Some(ONE_DATA_SET),
        at: at!(data.source),
        ..BASE
    },
    Setting {
        path: "data.otherwise",
        label: "Data set otherwise",
        doc: "What to use where the data set cannot be had; such results are marked and never compared with the paper.",
        kind: Kind::Registered(|| data::stand_ins().into_iter().map(|(word, _)| word).collect()),
        default: Some(Scalar::Nothing),
        fixed: Some("it is a way out, not a setting of the experiment; name one data set"),
        at: at!(data.otherwise),
        ..BASE
    },
    Setting {
        path: "data.pairs.train",
        key: Some("pairs.train"),
        label: "Training pairs",
        doc: "Number of training pairs; a pair uses two images.",
        kind: Kind::Integer(1, 30_000),
        at: at!(pairs.train),
        ..BASE
    },
    Setting {
        path: "data.pairs.test",
        key: Some("pairs.test"),
        label: "Test pairs",
        doc: "Number of test pairs.",
        kind: Kind::Integer(1, 5_000),
        at: at!(pairs.test),
        ..BASE
    },
    Setting {
        path: "data.pairs.draw",
        key: Some("pairs.draw"),
        label: "Drawing of pairs",
        doc: "Whether all rounds have the same pairs, or each seed draws its own.",
        kind: Kind::Words(Draw::NAMES),
        default: Some(Scalar::Text(Cow::Borrowed("fixed"))),
        at: at!(pairs.draw),
        ..BASE
    },
    Setting {
        path: "data.pairs.index",
        key: Some("pairs.index"),
        label: "Draw of pairs",
        doc: "Which draw of the pairs it is: each has other pairs of the data set, all as probable as the first, which is 0.",
        kind: Kind::Integer(0, 1_000_000),
        default: Some(Scalar::Integer(0)),
        quiet: true,
        at: at!(pairs.index),
        ..BASE
    },
    Setting {
        path: "data.scale",
        key: Some("scale"),
        label: "Scale of pixels",
        doc: "Pixels from 0 to 255, from 0 to 1, or with mean 0 and standard deviation 1 over the training pairs.",
        kind: Kind::Words(Scale::NAMES),
        default: Some(Scalar::Text(Cow::Borrowed("raw"))),
        at: at!(scale),
        ..BASE
    },
    Setting {
        path: "train.epochs",
        key: Some("train.epochs"),
        label: "Epochs",
        doc: "Passes over the training pairs.",
        kind: Kind::Integer(1, 100_000),
        at: at!(train.epochs),
        ..BASE
    },
    Setting {
        path: "train.batch",
        key: Some("train.batch"),
        label: "Batch size",
        doc: "Pairs per step; the last batch of an epoch may be smaller.",
        kind: Kind::Integer(1, 30_000),
        at: at!(train.batch),
        ..BASE
    },
    Setting {
        path: "train.shuffle",
        key: Some("train.shuffle"),
        label: "Shuffled",
        doc: "Whether each epoch visits the pairs in a new random order.",
        kind: Kind::Flag,
        default: Some(Scalar::Flag(true)),
        at: at!(train.shuffle),
        ..BASE
    },
    Setting {
        path: "train.optimizer.sgd.momentum",
        key: Some("train.momentum"),
        label: "Momentum",
        doc: "Momentum μ of stochastic gradient descent, `v = μv + g; w −= lr·v`; `optimizer: sgd` is short for momentum 0.",
        kind: Kind::Number("in [0, 1)", below_one),
        default: Some(Scalar::Number(0.0)),
        at: of_optimizer!(|Optimizer::Sgd(sgd)| sgd.momentum.scalar()),
        ..BASE
    },
    Setting {
        path: "train.optimizer.sgd.nesterov",
        key: Some("train.nesterov"),
        label: "Nesterov's momentum",
        doc: "Whether the momentum is Nesterov's, `w −= lr·(g + μv)`.",
        kind: Kind::Flag,
        default: Some(Scalar::Flag(false)),
        quiet: true,
        at: of_optimizer!(|Optimizer::Sgd(sgd)| sgd.nesterov.scalar()),
        ..BASE
    },
    Setting {
        path: "train.loss",
        key: Some("loss"),
        label: "Loss",
        doc: "The loss: the mean negative log-likelihood.",
        kind: Kind::Words(&["nll"]),
        default: Some(NLL),
        fixed: Some("there is only one loss so far"),
        at: Some(At { get: |_| NLL, set: |_, _| {} }),
        ..BASE
    },
    Setting {
        path: "train.evaluate_every",
        key: Some("train.evaluate_every"),
        label: "Epochs between evaluations",
        doc: "Both sets are evaluated after every so many epochs, and after the last.",
        kind: Kind::Integer(1, 100_000),
        default: Some(Scalar::Integer(1)),
        at: at!(train.evaluate_every),
        ..BASE
    },
    Setting {
        path: "architectures.NAME.pair",
        key: Some("architecture.pair"),
        label: "Layers for the pair",
        doc: "Layers of a network that sees both images as two channels of one input and ends in two scores.",
        kind: LAYERS,
        at: of_architecture!(|a: &Architecture| match a {
            Architecture::Pair(pair) => layers(pair, Some(a)),
            Architecture::Each { .. } => Scalar::Nothing,
        }),
        ..BASE
    },
    Setting {
        path: "architectures.NAME.each",
        key: Some("architecture.each"),
        label: "Layers for each image",
        doc: "Layers through which each image goes on its own; in place of `pair`.",
        kind: LAYERS,
        at: of_architecture!(|a: &Architecture| match a {
            Architecture::Each { each, .. } => layers(each, Some(a)),
            Architecture::Pair(_) => Scalar::Nothing,
        }),
        ..BASE
    },
    Setting {
        path: "architectures.NAME.share",
        key: Some("architecture.share"),
        label: "Shared weights",
        doc: "Whether both images go through the same weights.",
        kind: Kind::Flag,
        default: Some(Scalar::Flag(true)),
        at: of_architecture!(|a: &Architecture| match a {
            Architecture::Each { share, .. } => share.scalar(),
            Architecture::Pair(_) => Scalar::Nothing,
        }),
        ..BASE
    },
    Setting {
        path: "architectures.NAME.digits.loss_weight",
        key: Some("architecture.digit_loss"),
        label: "Weight of the digits' loss",
        doc: "The outputs of `each` are ten digit scores, whose loss is added with this weight; left out, they are not.",
        kind: Kind::Number("a number from 0 to 1e6", |v| (0.0..=1e6).contains(&v)),
        default: Some(Scalar::Nothing),
        at: of_architecture!(|a: &Architecture| match a {
            Architecture::Each { digit_loss, .. } => digit_loss.map_or(NO_DIGITS, Field::scalar),
            Architecture::Pair(_) => Scalar::Nothing,
        }),
        ..BASE
    },
    Setting {
        path: "architectures.NAME.then",
        key: Some("architecture.then"),
        label: "Layers for the joined outputs",
        doc: "Layers for the two joined outputs of `each`; they end in two scores.",
        kind: LAYERS,
        at: of_architecture!(|a: &Architecture| match a {
            Architecture::Each { then, .. } => layers(then, None),
            Architecture::Pair(_) => Scalar::Nothing,
        }),
        ..BASE
    },
    Setting {
        path: "grid.architecture",
        label: "Architecture",
        doc: "Names of architectures.",
        kind: Kind::Text("a name from `architectures`"),
        at: Some(At { get: |config| Scalar::Text(Cow::Owned(config.name.to_string())), set: |_, _| {} }),
        ..BASE
    },
    Setting {
        path: "grid.lr",
        key: Some("lr"),
        label: "Learning rate",
        doc: "Learning rates.",
        kind: Kind::Number("a number above 1e-30 and at most 1e6", |v| v > 1e-30 && v <= 1e6),
        at: at!(lr),
        ..BASE
    },
    Setting {
        path: "grid.dropout",
        key: Some("dropout"),
        label: "Dropout rate",
        doc: "Dropout rates.",
        kind: Kind::Number("in [0, 1)", below_one),
        default: Some(Scalar::Number(0.0)),
        at: at!(dropout),
        ..BASE
    },
    Setting {
        path: "grid.vary",
        key: Some("vary"),
        label: "What follows the seed",
        doc: "Which random streams follow the seed: all of them, or one kind while the others are those of seed 0.",
        kind: Kind::Words(Vary::NAMES),
        default: Some(Scalar::Text(Cow::Borrowed("all"))),
        quiet: true,
        at: at!(vary),
        ..BASE
    },
];

const NLL: Scalar = Scalar::Text(Cow::Borrowed("nll"));
const NO_DIGITS: Scalar = Scalar::Text(Cow::Borrowed("none"));
const LAYERS: Kind = Kind::Any("a list of layers");

/// Says whether a number lies in `[0, 1)`, also as the `f32` that it becomes.
fn below_one(v: f64) -> bool {
    v >= 0.0 && (v as f32) < 1.0
}

/// Says how many layers there are, and of a whole network how many weights.
fn layers(layers: &[Layer], whole: Option<&Architecture>) -> Scalar {
    let weights = whole.map(|a| format!(", {} weights in all", a.parameter_count())).unwrap_or_default();
    Scalar::Text(Cow::Owned(format!("{} layers{weights}", layers.len())))
}
