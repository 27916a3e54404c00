//! Defaults of options: what a file says in place of what the program has. A variable of the environment is stronger than a
//! file, and an option than both.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use clap::Command;

use crate::{
    device::Device,
    error::{Error, Fault, Result, Source, SpecFaults},
    files,
    yaml::{
        decode::Decoder,
        node::{Node, Value},
        parse::parse,
    },
};

/// The file in the working folder.
const HERE: &str = "replikat.config.yaml";
/// The file of a user, in the folder of his configuration.
const OF_USER: &str = "replikat/config.yaml";
/// The variable that names another file, or none if it is empty.
const NAMED: &str = "REPLIKAT_CONFIG";

/// Most bytes of the file.
const MAX_BYTES: usize = 64 << 10;

/// The options whose default can be set, as the command line writes them.
const OPTIONS: [&str; 6] = ["results", "reports", "data-dir", "device", "jobs", "offline"];

/// The variable that names the data's folder.
pub(super) const DATA_DIR: &str = "REPLIKAT_DATA_DIR";

/// The variables that set them, in this order.
const VARIABLES: [&str; 6] = [
    "REPLIKAT_RESULTS",
    "REPLIKAT_REPORTS",
    DATA_DIR,
    "REPLIKAT_DEVICE",
    "REPLIKAT_JOBS",
    "REPLIKAT_OFFLINE",
];

/// Lets the variables set the options of all commands.
pub(super) fn with_variables(command: Command) -> Command {
    let command = command.mut_args(|argument| {
        match OPTIONS.iter().position(|option| argument.get_long() == Some(option)) {
            Some(index) => argument.env(VARIABLES[index]).hide_env_values(true),
            None => argument,
        }
    });
    command.mut_subcommands(with_variables)
}

/// Gives the options of all commands the defaults that a file sets.
///
/// # Errors
/// Returns an error if the file cannot be read, or says what it cannot say.
pub(super) fn set(command: Command) -> Result<Command> {
    let command = with_variables(command);
    let Some(path) = find()? else { return Ok(command) };
    let text = files::read_text(&path, MAX_BYTES)?;
    let defaults = read(&text).map_err(|mut faults| {
        for fault in &mut faults {
            // What the root of other files is called.
            if let Some(own) = fault.message.strip_prefix("spec: ") {
                fault.message = own.to_owned();
            }
        }
        let sources = vec![Source { name: path.display().to_string(), text: text.clone() }];
        Error::Spec(Box::new(SpecFaults { sources, faults, all: false }))
    })?;
    Ok(apply(command, IN_FORCE.get_or_init(|| defaults)))
}

/// What the program itself takes for these.
const OWN: [(&str, &str); 3] = [("results", "results"), ("reports", "reports"), ("device", "cpu")];

/// Says whether a command that does not name this option has this value for it, wherever it is called: what a file or a
/// variable says here is not said elsewhere.
pub(super) fn is_default(option: &str, value: &str) -> bool {
    let changed = IN_FORCE.get().is_some_and(|all| all.iter().any(|(name, _)| *name == option));
    let variable = OPTIONS.iter().zip(VARIABLES).find(|(name, _)| **name == option);
    let set = variable.is_some_and(|(_, variable)| std::env::var_os(variable).is_some());
    OWN.contains(&(option, value)) && !changed && !set
}

/// What a file sets.
static IN_FORCE: OnceLock<Vec<Default>> = OnceLock::new();

/// An option with its default, for as long as the program runs.
type Default = (&'static str, &'static str);

fn apply(command: Command, defaults: &[Default]) -> Command {
    let command = command.mut_args(|argument| {
        let default = defaults.iter().find(|(option, _)| argument.get_long() == Some(option));
        match default {
            Some((_, value)) => argument.default_value(*value),
            None => argument,
        }
    });
    command.mut_subcommands(|below| apply(below, defaults))
}

/// Finds the file: the one that the variable names, else the one here, else the user's.
fn find() -> Result<Option<PathBuf>> {
    if let Some(named) = std::env::var_os(NAMED) {
        let path = PathBuf::from(named);
        if path.as_os_str().is_empty() || path.is_file() {
            return Ok(Some(path).filter(|path| !path.as_os_str().is_empty()));
        }
        return Err(Error::Usage {
            message: format!("there is no plain file `{}`, which the variable {NAMED} names", path.display()),
            hint: format!("correct {NAMED}, or set it to nothing"),
        });
    }
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let of_user = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")));
    let places = [Some(PathBuf::from(HERE)), of_user.map(|folder| folder.join(OF_USER))];
    let Some(path) = places.into_iter().flatten().find(|path| path.symlink_metadata().is_ok()) else {
        return Ok(None);
    };
    if path.is_file() {
        return Ok(Some(path));
    }
    Err(Error::Usage {
        message: format!("`{}` is no plain file, so nobody knows which defaults it sets", path.display()),
        hint: format!("remove it, or set {NAMED} to another file or to nothing"),
    })
}

fn read(text: &str) -> std::result::Result<Vec<Default>, Vec<Fault>> {
    let root = parse(text, 0).map_err(|fault| vec![fault])?;
    // A file of comments sets nothing.
    if matches!(root.value, Value::Null) {
        return Ok(Vec::new());
    }
    let mut decoder = Decoder::default();
    let found = options(&mut decoder, &root);
    match found {
        Some(found) if decoder.faults.is_empty() => Ok(found),
        _ => Err(decoder.faults),
    }
}

fn options(d: &mut Decoder, root: &Node) -> Option<Vec<Default>> {
    let fields = d.fields(root, &OPTIONS)?;
    let mut found = Vec::new();
    for option in OPTIONS {
        if let Some(node) = fields.get(option) {
            let value: &'static str = value(d, option, node)?.leak();
            found.push((option, value));
        }
    }
    Some(found)
}

fn value(d: &mut Decoder, option: &str, node: &Node) -> Option<String> {
    match option {
        "jobs" => d.integer(node, 1..=100_000).map(|jobs| jobs.to_string()),
        "offline" => d.boolean(node).map(|offline| offline.to_string()),
        "device" => {
            let text = d.text(node)?;
            match text.parse::<Device>() {
                Ok(_) => Some(text.to_owned()),
                Err(known) => {
                    d.fault(&node.span, format!("{}: there is no device `{text}`", node.path), known)
                }
            }
        }
        _ => {
            let text = d.text(node)?;
            if Path::new(text).as_os_str().is_empty() {
                let message = format!("{}: the name of the folder is empty", node.path);
                return d.fault(&node.span, message, "name a folder, or remove the line".to_owned());
            }
            if text.starts_with('~') {
                let message =
                    format!("{}: `~` is no folder of yours here: only a shell reads it so", node.path);
                return d.fault(&node.span, message, "write the whole path".to_owned());
            }
            Some(text.to_owned())
        }
    }
}
