//! Options that several commands have, and how a command ends.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use super::defaults;
use crate::{
    device::Device,
    engine::kernels::simd::Isa,
    error::{Error, Result},
    numerics::Numerics,
    report::{command_line, quoted},
    store::Store,
};

/// How a command ended when it could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// Everything is as it should be.
    Good,
    /// A run failed, or a band or the lock is violated.
    Bad,
    /// The user stopped it; what was finished is stored.
    Interrupted,
}

/// Options of every command that reads a spec.
#[derive(Debug, Args)]
pub(super) struct SpecOptions {
    /// The spec, a YAML file.
    pub(super) spec: PathBuf,
    /// Replace a value of the spec, such as `grid.seed.count=3`; may be repeated. A name with a dot stands in quotes:
    /// `'architectures."net.v1".pair[1].linear=20'`.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(super) overrides: Vec<String>,
    /// Folder of the store, the frames and the locks.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(super) results: PathBuf,
    /// Folder of tables and figures.
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub(super) reports: PathBuf,
    /// Where runs are trained: `cpu`, `cuda` (the first GPU), `cuda:1`, `cuda:0,2` or `cuda:all`. Runs of CUDA have keys
    /// and folders of their own.
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    pub(super) device: Device,
    /// Replace what belongs to something else: outputs of another spec's file, digests of a lock.
    #[arg(long)]
    pub(super) force: bool,
    /// Show all faults of a spec, not only the first four.
    #[arg(long)]
    pub(super) all_faults: bool,
    #[command(flatten)]
    pub(super) data: DataOptions,
    #[command(flatten)]
    pub(super) talk: TalkOptions,
}

/// Checks that a folder, if it is there, is one; if not, that it can be made.
pub(super) fn folder(path: &Path, option: &str) -> Result<()> {
    for part in path.ancestors().filter(|part| !part.as_os_str().is_empty()) {
        let Ok(found) = part.symlink_metadata() else { continue };
        if part.is_dir() {
            return Ok(());
        }
        let what = match std::fs::read_link(part) {
            Ok(target) if found.is_symlink() && !part.exists() => {
                format!("is a link to `{}`, which does not exist", target.display())
            }
            _ => "is a file, not a folder".to_owned(),
        };
        return Err(Error::Usage {
            message: format!("`{}` {what}", part.display()),
            hint: format!("name a folder with `{option} DIR`"),
        });
    }
    Ok(())
}

/// Checks that the store of a results folder, if it is there, is a folder.
pub(super) fn store_folder(results: &Path) -> Result<()> {
    folder(&results.join("store"), "--results").map_err(|error| match error {
        Error::Usage { message, .. } => Error::Usage {
            message,
            hint: "the store is a folder: move this away, or name other results with `--results DIR`".into(),
        },
        other => other,
    })
}

/// Reads a number of runs at once.
pub(super) fn jobs(text: &str) -> std::result::Result<NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "write a whole number, 1 or more; without `--jobs` it is the number of cores".to_owned())
}

impl SpecOptions {
    /// Has all faults shown, if that is wanted.
    pub(super) fn all_faults(&self, mut error: Error) -> Error {
        if let Error::Spec(faults) = &mut error {
            faults.all = self.all_faults;
        }
        error
    }

    /// Returns which bits the runs have that are meant.
    pub(super) fn numerics(&self) -> Numerics {
        self.device.numerics()
    }

    /// Returns the command line of `verb` with all that was given here, to be pasted into a shell.
    pub(super) fn command(&self, verb: &str) -> String {
        let mut options: Vec<(&str, String)> =
            self.overrides.iter().map(|value| ("--set", value.clone())).collect();
        for (option, folder) in [("--results", &self.results), ("--reports", &self.reports)] {
            let folder = folder.display().to_string();
            if !defaults::is_default(&option[2..], &folder) {
                options.push((option, folder));
            }
        }
        // A folder that the variable names is there for the next command as well.
        let given = self.data.data_dir.as_ref().filter(|folder| {
            std::env::var_os(defaults::DATA_DIR).is_none_or(|set| set != *folder.as_os_str())
        });
        options.extend(given.map(|folder| ("--data-dir", folder.display().to_string())));
        if self.data.offline {
            options.push(("--offline", String::new()));
        }
        command_line(verb, &self.spec.display().to_string(), &options, &self.device)
    }
}

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub(super) struct DataOptions {
    /// Folder with the files of the data set, packed or not.
    #[arg(long, value_name = "DIR", value_parser = any_path())]
    pub(super) data_dir: Option<PathBuf>,
    /// Never use the network.
    #[arg(long, value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) offline: bool,
}

/// Parses a path that may be empty, as a variable that is set to nothing is.
pub(super) fn any_path() -> impl clap::builder::TypedValueParser<Value = PathBuf> {
    use clap::builder::TypedValueParser;
    clap::builder::OsStringValueParser::new().map(PathBuf::from)
}

/// Which store; options of the commands that read no spec.
#[derive(Debug, Args)]
pub(super) struct StoreOptions {
    /// Folder of the store, the frames and the locks.
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(super) results: PathBuf,
}

impl StoreOptions {
    /// Returns what another command takes to find the same store; nothing if it finds it by itself.
    pub(super) fn again(&self) -> String {
        let folder = self.results.display().to_string();
        if defaults::is_default("results", &folder) {
            String::new()
        } else {
            format!(" --results {}", quoted(&folder))
        }
    }

    /// Returns the store.
    ///
    /// # Errors
    /// Returns [`Error::Usage`] if there is no such folder: a misspelt one is no empty store.
    pub(super) fn store(&self) -> Result<Store> {
        folder(&self.results, "--results")?;
        store_folder(&self.results)?;
        if self.results.exists() {
            return Ok(Store::new(&self.results));
        }
        Err(Error::Usage {
            message: format!("there is no folder `{}`", self.results.display()),
            hint: "`replikat run SPEC` makes it; `--results DIR` names another one".into(),
        })
    }
}

/// How much to say.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct TalkOptions {
    /// Say one line: the answer.
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Say more: each run as it ends, each file and why it was made.
    #[arg(short, long, conflicts_with = "quiet")]
    pub(super) verbose: bool,
}

/// Instruction sets that `--isa` knows.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum IsaName {
    Scalar,
    Neon,
    Avx2,
    Avx512,
}

impl IsaName {
    /// Fixes the instruction set of this process; all give the same bits.
    pub(super) fn choose(self) -> Result<()> {
        let isa = match self {
            Self::Scalar => Isa::Scalar,
            Self::Neon => Isa::Neon,
            Self::Avx2 => Isa::Avx2,
            Self::Avx512 => Isa::Avx512,
        };
        if isa.available() {
            isa.choose();
            return Ok(());
        }
        Err(Error::Usage {
            message: format!("this machine does not have the instruction set `{}`", isa.name()),
            hint: format!("leave `--isa` out; the best one here is `{}`", Isa::best().name()),
        })
    }
}
