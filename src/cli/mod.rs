//! The command line: clap types, one file per command; the only printing code.

mod answer;
mod check;
mod context;
mod data;
mod diff;
mod explain;
mod gc;
mod init;
mod judge;
mod lock;
mod lock_file;
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
mod store;
mod sweep;
mod talk;
mod training;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use options::Status;
use talk::report_error;

/// Turn a paper's experiment into runs, tables, figures and a verdict that anyone can check.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a spec to begin with.
    Init(init::Options),
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

/// Parses the command line, runs the command and returns the exit code: 0 good, 1 a run failed or
/// a band or the lock is violated, 2 usage, spec or I/O error, 130 interrupted.
#[must_use]
pub fn main() -> ExitCode {
    screen::choose_colours();
    let result = match Cli::parse().command {
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
