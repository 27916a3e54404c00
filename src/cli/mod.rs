//! The command line: clap types, one file per command; the only printing code.

mod answer;
mod check;
mod compare;
mod completions;
mod context;
mod data;
mod defaults;
mod diff;
mod doctor;
mod experiments;
mod explain;
mod gc;
mod init;
mod judge;
mod limits;
mod lock;
mod lock_file;
mod man;
mod memory;
mod options;
mod pace;
mod plan;
mod progress;
mod report;
mod run;
mod schema;
mod screen;
mod show;
mod spec_file;
mod store;
mod store_list;
mod sweep;
mod sweep_faults;
mod talk;
mod training;
mod usage;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use options::Status;
use talk::report_error;

/// Turn a paper's experiment into runs, tables, figures and a verdict that anyone can check.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, after_help = ORDER, after_long_help = ORDER)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What stands below the list of commands.
const ORDER: &str = "\
In this order:
  replikat init mine                            write a spec to change
  replikat plan experiments/mine.yaml           see its grid; trains nothing
  replikat run experiments/mine.yaml            train it: tables, figures, page
  replikat report experiments/mine.yaml --open  look at the page

What a spec may say: `replikat schema --markdown`.
A command's options, with examples: `replikat COMMAND --help`.
Shell completion: `replikat completions bash`. Manual: `replikat man run`.
Defaults of --results, --reports, --data-dir, --device, --jobs and --offline:
variables such as REPLIKAT_RESULTS, or lines such as `results: DIR` in
`replikat.config.yaml` here or in ~/.config/replikat/config.yaml.
Exit codes: 0 good; 1 a run failed, or a band or the lock is violated;
2 a mistake in spec or command, or a disk that does not work; 130 interrupted.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a spec to begin with.
    #[command(after_help = "Examples:\n  replikat init mine        # experiments/mine.yaml")]
    Init(init::Options),
    /// Train the missing runs, then write tables and figures and compare with bands and lock.
    #[command(
        after_help = "Examples:\n  replikat run experiments/mine.yaml\n  replikat run experiments/mine.yaml --set grid.seed.count=30 \\\n    --set experiment=mine-30\n  replikat run experiments/mine.yaml --set 'grid.lr=[0.01, 0.02]' --jobs 4"
    )]
    Run(run::Options),
    /// Show the grid and which runs are stored; change nothing.
    #[command(
        after_help = "Examples:\n  replikat plan experiments/mine.yaml\n  replikat plan experiments/mine.yaml --json | jq '.runs | length'"
    )]
    Plan(plan::Options),
    /// Say of every run why it is stored or not: hit, miss, diverged, failed or damaged; change nothing.
    #[command(
        after_help = "Examples:\n  replikat explain experiments/mine.yaml --set train.batch=64   # what is new?"
    )]
    Explain(explain::Options),
    /// Write the tables and figures that changed, from the store; train nothing.
    #[command(after_help = "Examples:\n  replikat report experiments/mine.yaml --open")]
    Report(report::Options),
    /// Judge the stored runs by the bands of the spec and the lock.
    #[command(
        after_help = "Examples:\n  replikat check experiments/paper.yaml\n  replikat check experiments/paper.yaml --fail-on not-replicated   # in CI"
    )]
    Check(check::Options),
    /// Run a spec with other settings and say which verdicts move.
    #[command(
        after_help = "Examples:\n  replikat sweep experiments/assumptions.yaml --set grid.seed.count=30"
    )]
    Sweep(sweep::Options),
    /// Write the lock: the outcome digest of every run, for everyone to compare with.
    #[command(
        after_help = "Examples:\n  replikat lock experiments/mine.yaml   # then commit results/mine.lock.json"
    )]
    Lock(lock::Options),
    /// Print the JSON Schema of specs, or their reference.
    #[command(
        after_help = "Examples:\n  replikat schema > spec.schema.json\n  # for editors, the first line of a spec:\n  # yaml-language-server: $schema=spec.schema.json\n  replikat schema --markdown | less"
    )]
    Schema(schema::Options),
    /// Show a stored run: its config, how it went, where it was made.
    #[command(after_help = "Examples:\n  replikat show 546c1e      # the first digits of a key")]
    Show(show::Options),
    /// Compare two stored runs: config fields, and the first epoch and metric that differ.
    #[command(after_help = "Examples:\n  replikat diff 546c1e 9a3c7a")]
    Diff(diff::Options),
    /// Compare two experiments config by config: how far apart, with intervals; train nothing.
    #[command(
        after_help = "Examples:\n  replikat compare experiments/mine.yaml experiments/other.yaml\n  replikat compare experiments/mine.yaml experiments/mine.yaml \\\n    --set train.batch=64"
    )]
    Compare(compare::Options),
    /// List and verify what is stored; move away what nothing needs.
    #[command(
        after_help = "Examples:\n  replikat store list\n  replikat store fsck\n  replikat store gc --dry-run"
    )]
    Store(store::Options),
    /// List the experiments that have outputs: how many runs finished, and their specs.
    Experiments(experiments::Options),
    /// Say where a data set is, or download it.
    #[command(after_help = "Examples:\n  replikat data status\n  replikat data fetch mnist")]
    Data(data::Options),
    /// Print what a shell completes commands and options by.
    #[command(
        after_help = "Examples:\n  replikat completions bash \\\n    > ~/.local/share/bash-completion/completions/replikat\n  replikat completions zsh > ~/.zfunc/_replikat"
    )]
    Completions(completions::Options),
    /// Print a manual page.
    #[command(
        after_help = "Examples:\n  replikat man | man -l -\n  replikat man run > ~/.local/share/man/man1/replikat-run.1"
    )]
    Man(man::Options),
}

/// Parses the command line, runs the command and returns the exit code: 0 good, 1 a run failed or
/// a band or the lock is violated, 2 usage, spec or I/O error, 130 interrupted.
#[must_use]
pub fn main() -> ExitCode {
    limits::prepare();
    screen::choose_colours();
    let program = match defaults::set(Cli::command()) {
        Ok(program) => program,
        Err(error) => {
            // Help is there for whoever has to correct that.
            let plain = defaults::with_variables(Cli::command());
            if let Err(asked) = plain.clone().try_get_matches()
                && !asked.use_stderr()
            {
                return usage::tell(&asked, &plain, &[]);
            }
            report_error(&error);
            return ExitCode::from(2);
        }
    };
    let parsed = program.clone().try_get_matches().and_then(|found| Cli::from_arg_matches(&found));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            let words: Vec<String> =
                std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
            return usage::tell(&error, &program, &words);
        }
    };
    let result = match cli.command {
        Command::Init(options) => init::command(&options),
        Command::Run(options) => run::command(&options),
        Command::Plan(options) => plan::command(&options),
        Command::Report(options) => report::command(&options),
        Command::Check(options) => check::command(&options),
        Command::Sweep(options) => sweep::command(&options),
        Command::Lock(options) => lock::command(&options),
        Command::Explain(options) => explain::command(&options),
        Command::Schema(options) => Ok(schema::command(&options)),
        Command::Show(options) => show::command(&options),
        Command::Compare(options) => compare::command(&options),
        Command::Diff(options) => diff::command(&options),
        Command::Store(options) => store::command(&options),
        Command::Experiments(options) => experiments::command(&options),
        Command::Data(options) => data::command(&options),
        Command::Completions(options) => {
            Ok(completions::command(&options, defaults::with_variables(Cli::command())))
        }
        Command::Man(options) => man::command(&options, defaults::with_variables(Cli::command())),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns `docs/commands.md`: what `--help` says of each command.
    fn page() -> String {
        let mut page = "# Commands\n\nWhat `replikat COMMAND --help` says, of each command. The exit codes: 0 good; 1 a run \
             failed,\na band or the lock is violated, or a record is damaged; 2 usage, spec or I/O error; 130 \
             interrupted.\n\nDefaults of \
             `--results`, `--reports`, `--data-dir`, `--device`, `--jobs` and `--offline` are set by variables, such \
             as\n`REPLIKAT_RESULTS=DIR`, or by a file, such as one with the line `results: DIR`: \
             `replikat.config.yaml` in the\nworking folder, else `~/.config/replikat/config.yaml`, or the one that \
             `REPLIKAT_CONFIG` names. An option is stronger\nthan a variable, and that than a file.\n\nMade by `REPLIKAT_WRITE_DOCS=1 cargo test --lib commands`.\n"
            .to_owned();
        let mut sections = |command: &mut clap::Command, name: &str| {
            let help = command.clone().bin_name(name).term_width(100).render_long_help().to_string();
            let help: Vec<&str> = help.lines().map(str::trim_end).collect();
            page += &format!("\n## {name}\n\n```text\n{}\n```\n", help.join("\n").trim());
        };
        let mut all = defaults::with_variables(Cli::command());
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
    fn examples_fit_into_80_columns() {
        for command in Cli::command().get_subcommands() {
            let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(text.lines().all(|line| line.len() <= 80), "{text}");
        }
        assert!(ORDER.lines().all(|line| line.len() <= 80));
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
