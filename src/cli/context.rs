//! What every command that reads a spec begins with.

use std::path::{Path, PathBuf};

use super::{
    options::{DataOptions, SpecOptions, folder, store_folder},
    progress, spec_file,
    talk::say,
};
use crate::{
    data::Source,
    error::{Error, Result},
    plan::{Plan, RunKey},
    record::{Record, StoredOutcome},
    report::{Folders, Owner},
    spec::Spec,
    store::{Lookup, Store},
    yaml::near::nearest,
};

/// The spec of a command and the folders that it works in.
pub(super) struct Context<'a> {
    pub(super) options: &'a SpecOptions,
    pub(super) spec: Spec,
    /// The text of the spec.
    pub(super) text: String,
    pub(super) store: Store,
}

/// Damaged records are named up to this many.
const NAMED: usize = 5;

/// Records of a plan, one for each run in its order.
pub(super) type Records = Vec<Option<StoredOutcome>>;

impl<'a> Context<'a> {
    /// Reads the spec.
    pub(super) fn new(options: &'a SpecOptions) -> Result<Self> {
        folder(&options.results, "--results")?;
        store_folder(&options.results)?;
        folder(&options.reports, "--reports")?;
        let text = spec_file::read(&options.spec)?;
        let spec = Spec::parse(&options.spec.display().to_string(), &text, &options.overrides);
        let spec = spec.map_err(|error| options.all_faults(error))?;
        tell_of_unused(options, &spec);
        Ok(Self { options, spec, text, store: Store::new(&options.results) })
    }

    /// Returns the plan on the spec's data set.
    pub(super) fn plan(&self) -> Plan {
        self.plan_on(self.spec.data.source)
    }

    /// Returns the plan on `source`.
    pub(super) fn plan_on(&self, source: &'static Source) -> Plan {
        Plan::expand_for(&self.spec, source.id(), self.options.numerics())
    }

    /// Reads the record of every run; says what is damaged, and changes nothing.
    pub(super) fn records(&self, plan: &Plan) -> Result<Records> {
        let mut records = vec![None; plan.runs.len()];
        self.fill(plan, &mut records)?;
        Ok(records)
    }

    /// Reads the records that are not there yet, as [`Context::records`] does.
    pub(super) fn fill(&self, plan: &Plan, records: &mut Records) -> Result<()> {
        let absent: Vec<usize> = (0..plan.runs.len()).filter(|i| records[*i].is_none()).collect();
        let keys: Vec<RunKey> = absent.iter().map(|i| plan.runs[*i].key).collect();
        let mut damaged = 0;
        for (index, found) in absent.into_iter().zip(self.store.look_up(&keys, Record::into_stored)?) {
            match found {
                Lookup::Hit(found) => records[index] = Some(found),
                Lookup::Miss => {}
                Lookup::Damaged(reason) => {
                    damaged += 1;
                    if damaged <= NAMED {
                        let name = plan.name(&plan.runs[index]);
                        say!(self.options.talk, "warning: the record of {name} is damaged: {reason}");
                    }
                }
            }
        }
        if damaged > NAMED {
            say!(self.options.talk, "warning: {} more records are damaged", damaged - NAMED);
        }
        Ok(())
    }

    /// Returns plan and records of the spec's own data set, of which at least one must be stored.
    pub(super) fn own_stored(&self) -> Result<(Plan, Records)> {
        let plan = self.plan();
        let records = self.records(&plan)?;
        if records.iter().all(Option::is_none) {
            return Err(self.nothing_stored());
        }
        Ok((plan, records))
    }

    /// Makes the error for a spec of which nothing is stored.
    pub(super) fn nothing_stored(&self) -> Error {
        if let Ok((plan, records)) = self.stored()
            && records.iter().any(Option::is_some)
        {
            let (other, own) = (plan.dataset.source.word(), self.spec.data.source.word());
            return Error::Usage {
                message: format!("only runs on {other} are stored, none on {own}"),
                hint: how_to_get(self.spec.data.source),
            };
        }
        Error::Usage {
            message: format!(
                "no run of `{}` by engine {} is stored",
                self.options.spec.display(),
                self.options.numerics().name()
            ),
            hint: format!("train them with `{}`", self.options.command("run")),
        }
    }

    /// Returns plan and records of the spec's data set, or of its fallback if only that has records.
    pub(super) fn stored(&self) -> Result<(Plan, Records)> {
        let plan = self.plan();
        let records = self.records(&plan)?;
        if records.iter().all(Option::is_none)
            && let Some(other) = self.spec.data.fallback()
        {
            let other_plan = self.plan_on(other);
            let other_records = self.records(&other_plan)?;
            if other_records.iter().any(Option::is_some) {
                return Ok((other_plan, other_records));
            }
        }
        Ok((plan, records))
    }

    /// Finds the files of `source`, or downloads them if the network may be used.
    pub(super) fn find_files(&self, source: &Source) -> Result<Option<PathBuf>> {
        find_files(source, &self.options.data, self.options.talk.quiet)
    }

    /// Returns the folders for reports.
    pub(super) fn folders(&self) -> Folders {
        let owner = Owner { spec: self.options.spec.clone(), force: self.options.force };
        Folders {
            results: self.options.results.clone(),
            reports: self.options.reports.clone(),
            owner: Some(owner),
        }
    }

    /// Returns the path of the lock.
    pub(super) fn lock_path(&self) -> PathBuf {
        self.options.results.join(format!("{}.lock.json", self.spec.experiment))
    }
}

/// Says that an option made a network that no run has.
fn tell_of_unused(options: &SpecOptions, spec: &Spec) {
    let used: Vec<String> = spec.grid.architectures().collect();
    let known: Vec<&str> = used.iter().map(String::as_str).collect();
    for name in spec.architectures.keys().filter(|name| !used.contains(name)) {
        let path = format!("architectures.{name}");
        let made = |option: &&String| option.strip_prefix(&path).is_some_and(|r| r.starts_with(['.', '=']));
        let Some(option) = options.overrides.iter().find(made) else { continue };
        let near = nearest(name, &known).map(|near| {
            let meant = option.replacen(name.as_str(), near, 1);
            format!("; did you mean `{}`?", meant.split('=').next().unwrap_or_default())
        });
        say!(
            options.talk,
            "note: the architecture `{name}` of `--set {option}` is in no grid{}",
            near.unwrap_or_default()
        );
    }
}

/// Returns the folder that was named; a variable that is set to nothing names none.
pub(super) fn chosen(options: &DataOptions) -> Option<&Path> {
    options.data_dir.as_deref().filter(|folder| !folder.as_os_str().is_empty())
}

/// Finds the files of `source` in the chosen folder or the user's cache, else downloads them if that is allowed; `None`
/// if it has none.
pub(super) fn find_files(source: &Source, options: &DataOptions, quiet: bool) -> Result<Option<PathBuf>> {
    let Some(archive) = source.archive() else { return Ok(None) };
    if let Some(folder) = archive.find(chosen(options))? {
        return Ok(Some(folder));
    }
    let Some(folder) = archive.cache_folder() else {
        return Err(archive.absent("  there is no cache folder: neither XDG_CACHE_HOME nor HOME is set"));
    };
    if options.offline {
        return Err(archive.absent(&format!("  {}: not there, and --offline was given", folder.display())));
    }
    let bar = progress::download(quiet);
    let fetched = archive.fetch(&folder, &|name, done, total| {
        bar.set_message(name.to_owned());
        bar.set_length(total.unwrap_or(done));
        bar.set_position(done);
    });
    bar.finish_and_clear();
    fetched.map(|()| Some(folder))
}

/// Returns the next step where a data set is not at hand.
pub(super) fn how_to_get(source: &Source) -> String {
    format!(
        "get {} with `replikat data fetch {}`, or name its folder with `--data-dir DIR`, and run again",
        source.title(),
        source.word()
    )
}
