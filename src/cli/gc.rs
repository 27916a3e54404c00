//! `replikat store gc`: what nothing needs is moved away, and removed for good only when that is asked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, IsTerminal},
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    lock_file,
    options::{Status, StoreOptions, folder},
    show::config_of,
    talk::{out, say_line},
};
use crate::{
    digest::Digest,
    error::{Error, Result},
    files,
    lines::counted,
    numerics::Numerics,
    plan::{Plan, RunKey},
    record::Record,
    report::{self, quoted},
    spec::{MAX_BYTES, Spec, Sweep},
    store::{Lookup, Store},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Say what would be moved; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
    /// Remove for good what was moved to the trash before.
    #[arg(long)]
    empty_trash: bool,
    /// Folder of the specs whose runs are kept, with all folders below it.
    #[arg(long, value_name = "DIR", default_value = "experiments")]
    experiments: PathBuf,
    #[command(flatten)]
    store: StoreOptions,
}

/// Configs and keys are named up to this many.
const NAMED: usize = 10;

pub(super) fn command(options: &Options) -> Result<Status> {
    let store = options.store.store()?;
    if options.empty_trash {
        return empty_trash(&store, options);
    }
    folder(&options.experiments, "--experiments")?;
    if !options.experiments.exists() {
        return Err(Error::Usage {
            message: format!("there is no folder `{}`", options.experiments.display()),
            hint: "name the folder of your specs with `--experiments DIR`".into(),
        });
    }
    let (specs, links) = specs_below(&options.experiments)?;
    for link in links {
        out!("not looked into: {} is a link", link.display());
    }
    if specs.is_empty() {
        return Err(Error::Usage {
            message: format!("there is no spec in `{}` or below it", options.experiments.display()),
            hint: "name the folder of your specs with `--experiments DIR`".into(),
        });
    }
    let needs = Needs::of(&store, &specs, &options.store.results)?;
    let listing = store.list()?;
    let unneeded = needs.others(&listing.keys);
    let leftovers = left_behind(&store, &listing.strays, false)?;
    out!(
        "{} of {} records are needed: by {} in {}{}",
        listing.keys.len() - unneeded.len(),
        listing.keys.len(),
        counted(specs.len(), "spec"),
        options.experiments.display(),
        needs.others_named()
    );
    if unneeded.is_empty() && leftovers == (0, 0) {
        out!("nothing to move");
        return Ok(Status::Good);
    }
    describe(options, &store, &unneeded)?;
    let what = format!(
        "move {} to {}{}",
        counted(unneeded.len(), "record"),
        store.trash().display(),
        remains(leftovers, ", and remove ")
    );
    if options.dry_run {
        out!("would {what}");
        return Ok(Status::Good);
    }
    confirm(options, &what)?;
    collect(&store, options, &unneeded, &listing.strays)
}

/// What records are needed by.
struct Needs {
    keys: BTreeSet<RunKey>,
    locks: usize,
    outputs: usize,
    processes: usize,
}

impl Needs {
    fn of(store: &Store, specs: &[PathBuf], results: &Path) -> Result<Self> {
        let mut keys = needed(specs)?;
        let (locks, outputs) = vouched_for(results, &mut keys)?;
        let (processes, in_use) = store.needed_by_others()?;
        keys.extend(in_use);
        Ok(Self { keys, locks, outputs, processes })
    }

    /// Counts what else than specs needs records, as the rest of a sentence.
    fn others_named(&self) -> String {
        let all = [
            (self.locks, "", "lock", ""),
            (self.outputs, "the outputs of ", "experiment", ""),
            (self.processes, "", "process", " at work"),
        ];
        let named = |(count, of, word, more)| format!(", by {of}{}{more}", counted(count, word));
        all.into_iter().filter(|(count, ..)| *count > 0).map(named).collect::<Vec<_>>().concat()
    }

    /// Returns those of the keys that nothing needs.
    fn others(&self, keys: &[RunKey]) -> Vec<RunKey> {
        keys.iter().filter(|key| !self.keys.contains(key)).copied().collect()
    }
}

/// Names what processes left that have ended: half-written files, then leases and notes; nothing if there is none.
fn remains((half_written, notes): (usize, usize), before: &str) -> String {
    let notes_named =
        if notes == 1 { "1 lease or note".to_owned() } else { format!("{notes} leases and notes") };
    let counts = [(half_written, counted(half_written, "half-written file")), (notes, notes_named)];
    let named: Vec<String> =
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(_, named)| named).collect();
    if named.is_empty() {
        String::new()
    } else {
        format!("{before}{} of processes that have ended", named.join(" and "))
    }
}

/// Counts the half-written files, then the leases and notes, of processes that have ended; with `remove`, removes them.
fn left_behind(store: &Store, strays: &[PathBuf], remove: bool) -> Result<(usize, usize)> {
    let leftover = |sum, path: &PathBuf| Ok::<_, Error>(sum + usize::from(store.is_leftover(path, remove)?));
    Ok((strays.iter().try_fold(0, leftover)?, store.left_behind(remove)?.len()))
}

/// Moves records to the trash, those aside that something came to need while it was asked.
fn collect(store: &Store, options: &Options, unneeded: &[RunKey], strays: &[PathBuf]) -> Result<Status> {
    // Whoever begins a run now waits, and then finds what is left.
    let gate = store.gate()?;
    let needs = Needs::of(store, &specs_below(&options.experiments)?.0, &options.store.results)?;
    let (mut moved, mut bytes) = (0_usize, 0);
    for key in needs.others(unneeded) {
        let size = store.path(key).symlink_metadata().map_or(0, |m| m.len());
        if store.discard(key)? {
            moved += 1;
            bytes += size;
        }
    }
    drop(gate);
    let also = remains(left_behind(store, strays, true)?, ", and removed ");
    out!(
        "moved {}, {} kB, to {}{also}; \
         `replikat store gc --empty-trash{}` removes them for good, `cp -rn {} {}` puts them back",
        counted(moved, "record"),
        bytes.div_ceil(1000),
        store.trash().display(),
        options.store.again(),
        quoted(&format!("{}/.", store.trash().display())),
        quoted(&format!("{}/", store.records().display()))
    );
    Ok(Status::Good)
}

/// Asks whether to go on; on no terminal, `--yes` must have said so.
fn confirm(options: &Options, what: &str) -> Result<()> {
    if options.yes {
        return Ok(());
    }
    let refused = |hint: &str| Error::Usage {
        message: format!("nothing was changed: it would {what}"),
        hint: hint.into(),
    };
    if !std::io::stdin().is_terminal() {
        return Err(refused("say `--yes` to do it, or see it with `--dry-run`"));
    }
    say_line(format_args!("{what}? [y/N]"));
    let mut answer = String::new();
    let _ = std::io::stdin().lock().read_line(&mut answer);
    if ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) {
        return Ok(());
    }
    Err(refused("answer `y` to do it"))
}

/// Says which configs have records that nothing needs.
fn describe(options: &Options, store: &Store, unneeded: &[RunKey]) -> Result<()> {
    let mut groups: BTreeMap<String, Vec<RunKey>> = BTreeMap::new();
    let named = |record: Record| config_of(&record).0.to_string();
    for (key, found) in unneeded.iter().zip(store.look_up(unneeded, named)?) {
        let group = match found {
            Lookup::Hit(config) => config,
            Lookup::Damaged(_) => "damaged".to_owned(),
            Lookup::Miss => continue,
        };
        groups.entry(group).or_default().push(*key);
    }
    for keys in groups.values().take(NAMED) {
        out!(
            "  {} of one config, see it with `replikat show {}{}`",
            counted(keys.len(), "record"),
            keys[0].short(),
            options.store.again()
        );
    }
    if groups.len() > NAMED {
        out!("  and records of {} more", counted(groups.len() - NAMED, "config"));
    }
    Ok(())
}

/// Adds the runs of all locks and of all outputs in a results folder; returns how many there are of both.
fn vouched_for(results: &Path, needed: &mut BTreeSet<RunKey>) -> Result<(usize, usize)> {
    let (mut locks, mut outputs) = (0, 0);
    for path in files::entries(results)? {
        if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".lock.json")) {
            let keys = lock_file::read_at(&path)?.into_iter().flat_map(|lock| lock.runs.into_keys());
            needed.extend(keys.filter_map(|key| Digest::parse(&key).map(RunKey)));
            locks += 1;
        } else {
            if !path.is_dir() {
                continue;
            }
            let Some(runs) = report::runs_of(&path)? else { continue };
            needed.extend(keys_in(&runs));
            outputs += 1;
        }
    }
    Ok((locks, outputs))
}

/// Returns every run key that stands in a text.
fn keys_in(text: &str) -> impl Iterator<Item = RunKey> + '_ {
    let words = text.split(|c: char| !c.is_ascii_hexdigit()).filter(|word| word.len() == 64);
    words.filter_map(|word| Digest::parse(word).map(RunKey))
}

fn empty_trash(store: &Store, options: &Options) -> Result<Status> {
    let (trash, found) = (store.trash(), store.discarded()?);
    let what = format!("remove {} in {} for good", counted(found.len(), "record"), trash.display());
    if found.is_empty() {
        out!("the trash {} is empty", trash.display());
        return Ok(Status::Good);
    }
    if options.dry_run {
        out!("would {what}");
        return Ok(Status::Good);
    }
    confirm(options, &what)?;
    let mut removed = 0;
    for path in &found {
        removed += usize::from(files::remove(path)?);
    }
    out!("removed {} for good", counted(removed, "record"));
    Ok(Status::Good)
}

/// Returns the specs and sweeps in a folder and below it, and the links to folders, which are not followed.
fn specs_below(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut found, mut links, mut folders) = (Vec::new(), Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for path in files::entries(&folder)? {
            if path.is_dir() && path.is_symlink() {
                links.push(path);
            } else if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
                if !path.is_file() {
                    return Err(Error::Usage {
                        message: format!(
                            "`{}` is no plain file, so nobody knows which runs it needs",
                            path.display()
                        ),
                        hint: "remove it, or give it another name".into(),
                    });
                }
                found.push(path);
            }
        }
    }
    found.sort();
    Ok((found, links))
}

/// Reads the files: specs, and of sweeps the spec with and without what each variant replaces.
fn every_spec(paths: &[PathBuf]) -> Result<Vec<Spec>> {
    let mut found = Vec::new();
    for path in paths {
        let (name, text) = (path.display().to_string(), files::read_text(path, MAX_BYTES)?);
        if !Sweep::is_one(&text) {
            found.push(Spec::parse(&name, &text, &[])?);
            continue;
        }
        let sweep = Sweep::parse(&name, &text)?;
        let base = path.with_file_name(&sweep.base);
        let text = files::read_text(&base, MAX_BYTES)?;
        for variant in std::iter::once(&[][..]).chain(sweep.variants.iter().map(|v| &v.set[..])) {
            found.push(Spec::parse(&base.display().to_string(), &text, &[&sweep.set, variant].concat())?);
        }
    }
    Ok(found)
}

/// Returns the keys of all runs of the specs, with every numerics, on their own data sets and on those that may stand in.
fn needed(specs: &[PathBuf]) -> Result<BTreeSet<RunKey>> {
    let mut needed = BTreeSet::new();
    for spec in every_spec(specs)? {
        for source in std::iter::once(spec.data.source).chain(spec.data.fallback()) {
            for numerics in Numerics::ALL {
                let plan = Plan::expand_for(&spec, source.id(), numerics);
                needed.extend(plan.runs.iter().map(|run| run.key));
            }
        }
    }
    Ok(needed)
}
