//! What reports are made of, where they go, and what has to be said on them.

use std::path::PathBuf;

use crate::{device::Device, plan::Plan, record::StoredOutcome, results::Rounds, spec::Spec, verdict::Word};

/// What reports are made of.
#[derive(Debug, Clone, Copy)]
pub struct ReportInputs<'a> {
    /// The spec.
    pub spec: &'a Spec,
    /// Its plan.
    pub plan: &'a Plan,
    /// One for each run of the plan.
    pub records: &'a [Option<StoredOutcome>],
    /// One for each config of the plan, of these records.
    pub rounds: &'a [Rounds],
    /// Where the spec was read.
    pub source: &'a Source,
    /// How the runs agree with the lock, and why, if there is one.
    pub lock: Option<&'a (Word, String)>,
}

impl ReportInputs<'_> {
    /// Returns what stands in for the paper's data; such runs are not judged.
    pub(super) fn stand_in(&self) -> Option<StandIn> {
        stand_in(self.spec, self.plan)
    }

    /// Returns what is said on everything that is made of these runs; see [`caveat`].
    pub(super) fn caveat(&self) -> Option<String> {
        caveat(self.plan, self.stand_in(), self.rounds)
    }
}

/// Drawn images where a paper's data set is meant: in place of the spec's own, or beside numbers of the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandIn {
    /// What the images are, in the plural.
    pub these: &'static str,
    /// Name of the data set that is meant.
    pub meant: &'static str,
}

impl StandIn {
    /// Returns the caveat that belongs on everything made of them.
    #[must_use]
    pub fn caveat(self) -> String {
        format!("{}, not {}: not comparable with the paper", self.these, self.meant)
    }

    /// Says why nothing is judged.
    #[must_use]
    pub fn reason(self) -> String {
        format!("these are {} and the paper's data is {}", self.these, self.meant)
    }
}

/// Returns what stands in for the paper's data, if anything does.
#[must_use]
pub fn stand_in(spec: &Spec, plan: &Plan) -> Option<StandIn> {
    let drawn = plan.dataset.source.drawn()?;
    let own = spec.data.source.drawn();
    let beside_the_paper = || spec.tables.values().any(|t| t.rows.iter().any(|row| row.paper.is_some()));
    let meant = own.map_or(spec.data.source, |own| own.stands_in_for).title();
    (own.is_none() || beside_the_paper()).then_some(StandIn { these: drawn.instead, meant })
}

/// Returns what is said on everything made of a plan's runs: that other data stands in, how their bits compare if they are not
/// everyone's, and that some are not there.
#[must_use]
pub fn caveat(plan: &Plan, stand_in: Option<StandIn>, rounds: &[Rounds]) -> Option<String> {
    let caveats = stand_in.map(StandIn::caveat).into_iter().chain(plan.numerics.caveat().map(str::to_owned));
    let caveats: Vec<String> = caveats.chain(incomplete(plan, rounds)).collect();
    (!caveats.is_empty()).then(|| caveats.join("; "))
}

/// Says how many runs ended, if some did not; one that diverged has ended.
fn incomplete(plan: &Plan, rounds: &[Rounds]) -> Option<String> {
    const NAMED: usize = 3;
    let ended = |of: &Rounds| of.finished() + of.diverged.len();
    let lacking: Vec<usize> = (0..rounds.len()).filter(|c| ended(&rounds[*c]) < rounds[*c].planned).collect();
    let sum = |f: &dyn Fn(&Rounds) -> usize| rounds.iter().map(f).sum::<usize>();
    if lacking.is_empty() {
        return None;
    }
    let mut named: Vec<String> = lacking
        .iter()
        .take(NAMED)
        .map(|c| format!("{} of {} of {}", ended(&rounds[*c]), rounds[*c].planned, plan.label(*c)))
        .collect();
    if lacking.len() > NAMED {
        named.push(format!("{} more configs lack some", lacking.len() - NAMED));
    }
    let which = if rounds.len() > 1 { format!(" ({})", named.join(", ")) } else { String::new() };
    Some(format!("incomplete: {} of {} runs{which}", sum(&ended), sum(&|of| of.planned)))
}

/// Where reports and frames go.
#[derive(Debug, Clone)]
pub struct Folders {
    /// The folder of the frames.
    pub results: PathBuf,
    /// The folder of tables, figures and page.
    pub reports: PathBuf,
    /// Whose outputs they are; nobody's if that is not to be noticed.
    pub owner: Option<Owner>,
}

/// The spec that outputs belong to.
#[derive(Debug, Clone)]
pub struct Owner {
    /// Its file.
    pub spec: PathBuf,
    /// Whether it takes over the outputs of another file.
    pub force: bool,
}

impl Folders {
    /// Returns the folders of a plan's outputs within these; see [`folder_name`].
    #[must_use]
    pub fn of(&self, spec: &Spec, plan: &Plan) -> Self {
        let name = folder_name(spec, plan);
        Self {
            results: self.results.join(&name),
            reports: self.reports.join(&name),
            owner: self.owner.clone(),
        }
    }
}

/// Returns the name of the folders for a plan's outputs: the experiment's, or one beside it for the data
/// set that stands in for the spec's own and for bits that are not everyone's, so that none replaces another.
#[must_use]
pub fn folder_name(spec: &Spec, plan: &Plan) -> String {
    let mut name = spec.experiment.clone();
    if plan.dataset.source != spec.data.source {
        name += &format!("-{}", plan.dataset.source.word());
    }
    if let Some(folder) = plan.numerics.folder() {
        name += &format!("-{folder}");
    }
    name
}

/// The text of a spec, and how the user named it.
#[derive(Debug, Clone)]
pub struct Source {
    /// The file as it was named on the command line.
    pub path: String,
    /// The text.
    pub text: String,
    /// Values that were replaced on the command line, as `path=value`.
    pub overrides: Vec<String>,
    /// The folder of the store and the frames, if it is not the usual one.
    pub results: Option<String>,
    /// The folder of the reports, if it is not the usual one.
    pub reports: Option<String>,
    /// The device that was asked for.
    pub device: Device,
}

impl Source {
    /// Returns the command line of `verb` for this spec: it works where the user's own did.
    #[must_use]
    pub fn command(&self, verb: &str) -> String {
        let folders = [("--results", &self.results), ("--reports", &self.reports)];
        let folders = folders.into_iter().filter_map(|(name, folder)| Some((name, folder.clone()?)));
        let set = self.overrides.iter().map(|value| ("--set", value.clone()));
        command_line(verb, &self.path, &folders.chain(set).collect::<Vec<_>>(), &self.device)
    }

    /// Returns the command line that shows a run of the store.
    #[must_use]
    pub fn show(&self, key: &str) -> String {
        let results = self.results.as_ref().map(|folder| format!(" --results {}", quoted(folder)));
        format!("replikat show {key}{}", results.unwrap_or_default())
    }
}

/// Returns a command line for a shell: a verb, a spec, options with their values, or without if that is empty, and the device
/// if it is not the CPU.
#[must_use]
pub fn command_line(verb: &str, spec: &str, options: &[(&str, String)], device: &Device) -> String {
    // A name that begins with a dash is no option.
    let dashed = if spec.starts_with('-') { "./" } else { "" };
    let mut command = format!("replikat {verb} {}", quoted(&format!("{dashed}{spec}")));
    for (option, value) in options {
        command += &format!(" {option}");
        if !value.is_empty() {
            command += &format!(" {}", quoted(value));
        }
    }
    command + device.option()
}

/// Quotes a word for a shell if it needs it.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
