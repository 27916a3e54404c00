//! `replikat init`: a spec to begin with.

use std::path::PathBuf;

use clap::Args;

use super::{
    options::{Status, folder},
    talk::out,
};
use crate::{
    error::{Error, Result},
    files, spec,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Name of the experiment, and of the file.
    #[arg(default_value = "first")]
    name: String,
    /// Folder of the spec.
    #[arg(long, value_name = "DIR", default_value = "experiments")]
    experiments: PathBuf,
}

/// The spec; `NAME` stands for the experiment's name.
const TEMPLATE: &str = include_str!("init.yaml");

/// Name of the schema's file, which the spec's first line leads editors to.
const SCHEMA: &str = "spec.schema.json";

pub(super) fn command(options: &Options) -> Result<Status> {
    if let Some(bare) = [".yaml", ".yml"].iter().find_map(|ending| options.name.strip_suffix(ending)) {
        return Err(Error::Usage {
            message: format!("`{}` is the name of a file, not of an experiment", options.name),
            hint: format!("give the name without the ending: `replikat init {bare}`"),
        });
    }
    if options.name.contains(['/', '\\']) {
        return Err(Error::Usage {
            message: format!("`{}` is a path, not the name of an experiment", options.name),
            hint: "name the folder apart: `replikat init NAME --experiments DIR`".into(),
        });
    }
    folder(&options.experiments, "--experiments")?;
    let text = TEMPLATE.replace("NAME", &options.name);
    let path = options.experiments.join(format!("{}.yaml", options.name));
    // A name that no experiment can have is noticed before anything is written.
    spec::Spec::parse(&path.display().to_string(), &text, &[])?;
    if !files::write_new(&path, text.as_bytes())? {
        return Err(Error::Usage {
            message: format!("{} is there already, and was left as it is", path.display()),
            hint: "choose another name: `replikat init NAME`".into(),
        });
    }
    let schema = serde_json::to_string_pretty(&spec::schema()).unwrap_or_default() + "\n";
    let made = files::write_new(&options.experiments.join(SCHEMA), schema.as_bytes())?;
    out!("{}: a spec to change", path.display());
    if made {
        out!("{}: what editors complete and check specs by", options.experiments.join(SCHEMA).display());
    }
    let spec = path.display();
    out!(
        "\nnext:\n  replikat plan {spec}     # the grid; trains nothing\n  replikat run {spec}      # trains it: tables, figures, page"
    );
    Ok(Status::Good)
}
