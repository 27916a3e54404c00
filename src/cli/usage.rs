//! What is wrong with a command line, and the command that was probably meant.

use std::{path::Path, process::ExitCode};

use clap::{
    Command,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::{
    spec_file,
    talk::{out, report_error},
};
use crate::{
    error::Error,
    spec::{SETTINGS, Setting},
    yaml::near::nearest,
};

/// What others call a command, and the command.
const MEANT: &[(&[&str], &str)] = &[
    (&["train", "start", "execute", "repro", "exec", "fit", "resume", "continue"], "run SPEC"),
    (&["list", "ls", "runs"], "store list"),
    (&["status", "dry-run", "validate", "lint", "grid"], "plan SPEC"),
    (&["test", "verify", "eval", "evaluate"], "check SPEC"),
    (&["new", "create", "template", "example"], "init NAME"),
    (&["page", "open", "view", "plot", "figures", "tables"], "report SPEC --open"),
    (&["clean", "rm", "remove", "delete", "prune", "gc"], "store gc --dry-run"),
    (&["fsck"], "store fsck"),
    (&["fetch", "download", "pull"], "data fetch"),
    (&["why"], "explain SPEC"),
    (&["log", "cat", "get", "info"], "show KEY"),
    (&["hyperopt", "search", "multirun"], "sweep SWEEP"),
    (&["version"], "--version"),
];

/// What others have an option for, and what is there in its place.
const INSTEAD: &[(&[&str], &str)] = &[
    (&["gpu", "gpus", "cuda"], "`--device cuda` trains on a GPU"),
    (&["resume", "continue"], "`replikat run` goes on by itself with what is missing"),
    (&["dry-run"], "`replikat plan SPEC` says what would be trained"),
    (&["format"], "the forms are fixed: tables are csv, md and tex, figures svg and png, the page is html"),
];

/// Prints help where that is wanted, or what is wrong; returns the exit code. `words` are the arguments without the
/// program's name.
pub(super) fn tell(error: &clap::Error, program: &Command, words: &[String]) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = error.print();
            ExitCode::SUCCESS
        }
        // Nothing was asked for: that is no mistake.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if words.is_empty() => {
            out!("{}", program.clone().render_help().to_string().trim_end());
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            ExitCode::from(2)
        }
        _ => {
            let said = Said { error, words, command: command(program, words) };
            let message = said.message();
            let hint = said.hint().unwrap_or_else(|| format!("`{} --help` says what it takes", said.name()));
            report_error(&Error::Usage { message, hint });
            ExitCode::from(2)
        }
    }
}

/// Returns the command that the words begin with, with the names before it.
fn command<'a>(program: &'a Command, words: &[String]) -> Vec<&'a Command> {
    let mut found = vec![program];
    for word in words {
        match found.last().and_then(|command| command.find_subcommand(word)) {
            Some(inner) => found.push(inner),
            None => break,
        }
    }
    found
}

struct Said<'a> {
    error: &'a clap::Error,
    words: &'a [String],
    command: Vec<&'a Command>,
}

impl Said<'_> {
    fn context(&self, kind: ContextKind) -> Option<String> {
        match self.error.get(kind)? {
            ContextValue::String(text) => Some(text.clone()),
            ContextValue::Strings(texts) => texts.first().cloned(),
            ContextValue::StyledStr(text) => Some(text.to_string()),
            _ => None,
        }
    }

    /// Returns the argument that has the fault, without its value.
    fn argument(&self) -> String {
        let argument = self.context(ContextKind::InvalidArg).unwrap_or_default();
        argument.split(' ').next().unwrap_or_default().trim_matches(['<', '>', '[', ']', '.']).to_owned()
    }

    fn value(&self) -> String {
        self.context(ContextKind::InvalidValue).unwrap_or_default()
    }

    fn name(&self) -> String {
        self.command.iter().map(|command| command.get_name()).collect::<Vec<_>>().join(" ")
    }

    fn message(&self) -> String {
        let (argument, value) = (self.argument(), self.value());
        match self.error.kind() {
            ErrorKind::UnknownArgument if argument.starts_with('-') => {
                format!("there is no option `{argument}`")
            }
            ErrorKind::UnknownArgument => format!("`{argument}` is one argument too many"),
            ErrorKind::InvalidSubcommand => {
                format!(
                    "there is no command `{}`",
                    self.context(ContextKind::InvalidSubcommand).unwrap_or_default()
                )
            }
            ErrorKind::MissingRequiredArgument => format!("{argument} is missing"),
            ErrorKind::InvalidValue if value.is_empty() => format!("`{argument}` needs a value"),
            ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
                format!("`{value}` is no value of {}", self.place())
            }
            ErrorKind::ArgumentConflict => {
                let prior = self.context(ContextKind::PriorArg).unwrap_or_default();
                let prior = prior.split(' ').next().unwrap_or_default().to_owned();
                if prior == argument {
                    format!("`{argument}` is there twice")
                } else {
                    format!("`{argument}` and `{prior}` exclude each other")
                }
            }
            _ => self
                .error
                .to_string()
                .lines()
                .next()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned(),
        }
    }

    /// Says where a value comes from: an option, or the variable that stands for it.
    fn place(&self) -> String {
        let (argument, value) = (self.argument(), self.value());
        let long = argument.trim_start_matches('-');
        let mut all = self.command.last().into_iter().flat_map(|command| command.get_arguments());
        let variable = all.find(|a| a.get_long() == Some(long)).and_then(clap::Arg::get_env);
        let set = variable.filter(|name| std::env::var_os(name).is_some_and(|set| set == *value));
        match set {
            Some(name) if !self.words.iter().any(|word| word.contains(&value)) => {
                format!("the variable `{}`", name.to_string_lossy())
            }
            _ => format!("`{argument}`"),
        }
    }

    fn hint(&self) -> Option<String> {
        let argument = self.argument();
        match self.error.kind() {
            ErrorKind::UnknownArgument => self.hint_of_argument(&argument),
            ErrorKind::InvalidSubcommand => self.hint_of_command(),
            ErrorKind::MissingRequiredArgument if argument == "SPEC" => {
                let specs = spec_file::specs_here();
                let name = self.name();
                Some(match specs.first() {
                    Some(spec) => format!("name the spec, such as `{name} {}`", spec.display()),
                    None => "`replikat init` writes a spec to begin with".to_owned(),
                })
            }
            ErrorKind::ArgumentConflict => Some("leave one of them out".to_owned()),
            ErrorKind::InvalidValue => self.hint_of_value(&argument),
            ErrorKind::ValueValidation => std::error::Error::source(self.error).map(ToString::to_string),
            _ => None,
        }
    }

    fn hint_of_argument(&self, argument: &str) -> Option<String> {
        if argument.starts_with('-') {
            let behind = |word: &String| word.strip_prefix(argument)?.strip_prefix('=').map(str::to_owned);
            let next = || self.words.iter().skip_while(|word| *word != argument).nth(1).cloned();
            if let Some(path) = setting(argument.trim_start_matches('-')) {
                let value = self.words.iter().find_map(behind).or_else(next);
                let value = value.filter(|v| !v.starts_with('-')).unwrap_or_else(|| "VALUE".to_owned());
                return Some(format!("settings of the spec are replaced by `--set {path}={value}`"));
            }
            let name = argument.trim_start_matches('-');
            if let Some((_, instead)) = INSTEAD.iter().find(|(names, _)| names.contains(&name)) {
                return Some((*instead).to_owned());
            }
            let near = self.context(ContextKind::SuggestedArg)?;
            return Some(format!("did you mean `{}`?", near.split(' ').next().unwrap_or_default()));
        }
        if argument.contains('=') {
            return Some(format!("settings are replaced by `--set {argument}`"));
        }
        if is_spec(argument) && self.command.last()?.get_positionals().next().is_none() {
            return Some(format!("`{}` takes no file", self.name()));
        }
        if is_spec(argument) {
            return Some("one spec at a time: run the command once for each".to_owned());
        }
        None
    }

    fn hint_of_command(&self) -> Option<String> {
        let word = self.context(ContextKind::InvalidSubcommand)?;
        if is_spec(&word) {
            return Some(format!("train it with `replikat run {word}`"));
        }
        let known: Vec<&str> = self.command.last()?.get_subcommands().map(Command::get_name).collect();
        let lower = word.to_lowercase();
        let meant =
            MEANT.iter().find(|(words, _)| words.contains(&lower.as_str()) && self.command.len() == 1);
        if let Some((_, command)) = meant {
            return Some(format!("use `replikat {command}`"));
        }
        let name = self.name();
        match nearest(&word, &known) {
            Some(near) => Some(format!("did you mean `{name} {near}`?")),
            None => Some(format!("the commands are {}; `{name} --help` explains them", known.join(", "))),
        }
    }

    fn hint_of_value(&self, argument: &str) -> Option<String> {
        let Some(ContextValue::Strings(known)) = self.error.get(ContextKind::ValidValue) else {
            let set = argument == "--set";
            return set.then(|| "write `--set PATH=VALUE`, such as `--set grid.seed.count=3`".to_owned());
        };
        if known.is_empty() {
            return (argument == "--set")
                .then(|| "write `--set PATH=VALUE`, such as `--set grid.seed.count=3`".to_owned());
        }
        // They are few, and the nearest by its letters may be the opposite.
        Some(format!("choose one of {}", known.join(", ")))
    }
}

/// Says whether a word is the name of a YAML file.
fn is_spec(word: &str) -> bool {
    Path::new(word).extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
}

/// Returns the path of the setting that is called like an option.
fn setting(name: &str) -> Option<&'static str> {
    let name = name.replace('-', "_");
    match name.as_str() {
        "seed" => return Some("grid.seed"),
        "seeds" | "rounds" | "repeats" => return Some("grid.seed.count"),
        _ => {}
    }
    let paths: Vec<&'static str> =
        SETTINGS.iter().map(|s: &Setting| s.path).filter(|p| p.contains('.')).collect();
    let last = |path: &&&str| path.rsplit('.').next() == Some(name.as_str());
    let whole = || match name.as_str() {
        "learning_rate" => Some("grid.lr"),
        "batch_size" => Some("train.batch"),
        _ => None,
    };
    paths.iter().find(last).copied().filter(|path| !path.contains("NAME")).or_else(whole)
}
