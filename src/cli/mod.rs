//! The command line: clap types, one file per command; the only printing code.

mod check;
mod context;
mod data;
mod diff;
mod explain;
mod judge;
mod lock;
mod lock_file;
mod plan;
mod progress;
mod report;
mod run;
mod schema;
mod show;
mod store;
mod sweep;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{
    device::Device,
    engine::kernels::simd::Isa,
    error::{Error, Result},
    numerics::Numerics,
};

/// How a command ended when it could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// Everything is as it should be.
    Good,
    /// A run failed, or a band or the lock is violated.
    Bad,
    /// The user stopped it; what was finished is stored.
    Interrupted,
}

/// Turn a paper's experiment into runs, tables, figures and a verdict that anyone can check.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train the missing runs, then write tables and figures and compare with bands and lock.
    Run(run::Options),
    /// Show the grid and which runs are stored; change nothing.
    Plan(plan::Options),
    /// Say of every run why it is stored or not: hit, miss, failed or damaged; change nothing.
    Explain(explain::Options),
    /// Write the tables and figures that changed, from the store; train nothing.
    Report(report::Options),
    /// Judge the stored runs by the bands of the spec and the lock.
    Check(check::Options),
    /// Run a spec with other settings and say which verdicts move.
    Sweep(sweep::Options),
    /// Write the lock: the outcome digest of every run, for everyone to compare with.
    Lock(lock::Options),
    /// Print the JSON Schema of specs, or their reference.
    Schema(schema::Options),
    /// Show a stored run: its config, how it went, where it was made.
    Show(show::Options),
    /// Compare two stored runs: config fields, and the first epoch and metric that differ.
    Diff(diff::Options),
    /// List and verify what is stored, or remove what no spec needs.
    Store(store::Options),
    /// Say where a data set is, or download it.
    Data(data::Options),
}

/// Options of every command that reads a spec.
#[derive(Debug, Args)]
struct SpecOptions {
    /// The spec, a YAML file.
    spec: PathBuf,
    /// Replace a value of the spec, such as `grid.seed.count=3`; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    overrides: Vec<String>,
    /// Folder of the store, the frames and the locks.
    #[arg(long, value_name = "DIR", default_value = "results")]
    results: PathBuf,
    /// Folder of tables and figures.
    #[arg(long, value_name = "DIR", default_value = "reports")]
    reports: PathBuf,
    /// Where runs are trained: `cpu`, `cuda` (the first GPU), `cuda:1`, `cuda:0,2` or `cuda:all`. Runs of CUDA have keys
    /// and folders of their own.
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: Device,
    #[command(flatten)]
    data: DataOptions,
    #[command(flatten)]
    talk: TalkOptions,
}

impl SpecOptions {
    /// Returns which bits the runs have that are meant.
    fn numerics(&self) -> Numerics {
        self.device.numerics()
    }

    /// Returns the command line of `verb` for this spec and device.
    fn command(&self, verb: &str) -> String {
        format!("replikat {verb} {}{}", self.spec.display(), self.device.option())
    }
}

/// Where the data is.
#[derive(Debug, Clone, Args)]
struct DataOptions {
    /// Folder with the files of the data set, packed or not.
    #[arg(long, value_name = "DIR", env = "REPLIKAT_DATA_DIR", hide_env_values = true, value_parser = any_path())]
    data_dir: Option<PathBuf>,
    /// Never use the network.
    #[arg(long)]
    offline: bool,
}

/// Parses a path that may be empty, as a variable that is set to nothing is.
fn any_path() -> impl clap::builder::TypedValueParser<Value = PathBuf> {
    use clap::builder::TypedValueParser;
    clap::builder::OsStringValueParser::new().map(PathBuf::from)
}

/// Which store; options of the commands that read no spec.
#[derive(Debug, Args)]
struct StoreOptions {
    /// Folder of the store, the frames and the locks.
    #[arg(long, value_name = "DIR", default_value = "results")]
    results: PathBuf,
}

/// How much to say.
#[derive(Debug, Clone, Copy, Args)]
struct TalkOptions {
    /// Say less: errors and results only.
    #[arg(short, long)]
    quiet: bool,
}

/// Instruction sets that `--isa` knows.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum IsaName {
    Scalar,
    Neon,
    Avx2,
    Avx512,
}

impl IsaName {
    /// Fixes the instruction set of this process; all give the same bits.
    fn choose(self) -> Result<()> {
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

/// Parses the command line, runs the command and returns the exit code: 0 good, 1 a run failed or
/// a band or the lock is violated, 2 usage, spec or I/O error, 130 interrupted.
#[must_use]
pub fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run(options) => run::command(&options),
        Command::Plan(options) => plan::command(&options),
        Command::Report(options) => report::command(&options),
        Command::Check(options) => check::command(&options),
        Command::Sweep(options) => sweep::command(&options),
        Command::Lock(options) => lock::command(&options),
        Command::Explain(options) => explain::command(&options),
        Command::Schema(options) => Ok(schema::command(&options)),
        Command::Show(options) => show::command(&options),
        Command::Diff(options) => diff::command(&options),
        Command::Store(options) => store::command(&options),
        Command::Data(options) => data::command(&options),
    };
    match result {
        Ok(Status::Good) => ExitCode::SUCCESS,
        Ok(Status::Bad) => ExitCode::from(1),
        Ok(Status::Interrupted) => ExitCode::from(130),
        Err(error) => {
            report_error(&error);
            ExitCode::from(2)
        }
    }
}

fn report_error(error: &Error) {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    match error {
        Error::Spec(faults) => anstream::eprintln!("{}", faults.render(true)),
        error => anstream::eprintln!("{red}error{red:#}: {error}"),
    }
    if let Some(hint) = error.hint() {
        anstream::eprintln!("\nhint: {hint}");
    }
}

/// Prints a line of data to stdout.
macro_rules! out {
    ($($arg:tt)*) => { $crate::cli::print_line(format_args!($($arg)*)) };
}
use out;

/// Prints a line to stdout; ends the program if it cannot be written. If nobody reads any more, the work goes on, and its
/// exit code is what it would have been.
fn print_line(line: std::fmt::Arguments<'_>) {
    use std::io::Write;
    match writeln!(anstream::stdout(), "{line}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            report_error(&Error::File { action: "write", path: "stdout".into(), source: error });
            std::process::exit(2);
        }
        Err(_) | Ok(()) => {}
    }
}

/// Prints a line of talk to stderr, unless it should be quiet.
macro_rules! say {
    ($talk:expr, $($arg:tt)*) => {
        if !$talk.quiet {
            anstream::eprintln!($($arg)*);
        }
    };
}
use say;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Returns `docs/commands.md`: what `--help` says of each command.
    fn page() -> String {
        let mut page = "# Commands\n\nWhat `replikat COMMAND --help` says, of each command. The exit codes: 0 good; 1 a run \
             failed,\na band or the lock is violated, or a record is damaged; 2 usage, spec or I/O error; 130 \
             interrupted.\n\nMade by `REPLIKAT_WRITE_DOCS=1 cargo test --lib commands`.\n"
            .to_owned();
        let mut sections = |command: &mut clap::Command, name: &str| {
            let help = command.clone().bin_name(name).term_width(100).render_long_help().to_string();
            let help: Vec<&str> = help.lines().map(str::trim_end).collect();
            page += &format!("\n## {name}\n\n```text\n{}\n```\n", help.join("\n").trim());
        };
        let mut all = Cli::command();
        all.build();
        for command in all.get_subcommands_mut().filter(|c| !c.is_hide_set() && c.get_name() != "help") {
            let name = format!("replikat {}", command.get_name());
            if command.has_subcommands() {
                for inner in command.get_subcommands_mut().filter(|c| c.get_name() != "help") {
                    let name = format!("{name} {}", inner.get_name());
                    sections(inner, &name);
                }
            } else {
                sections(command, &name);
            }
        }
        page
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a page of this folder is made")]
    fn the_page_of_commands_is_what_help_says() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
        if std::env::var_os("REPLIKAT_WRITE_DOCS").is_some() {
            std::fs::write(&path, page()).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(kept == page(), "docs/commands.md is old; REPLIKAT_WRITE_DOCS=1 cargo test --lib commands");
    }
}
