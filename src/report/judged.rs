//! What was said about the paper's printed numbers, kept: to change a title does not mean to judge them again.
//!
//! `results/<experiment>/judged.json` has two lines: the digests of the inputs (the claims and tables of the spec, the
//! outcomes, the program's sources) and of the second line; and the judged rows.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Folders, built::Inputs, folder_name};
use crate::{
    digest::{Digest, compact},
    files,
    plan::Plan,
    record::StoredOutcome,
    spec::Spec,
    verdict::{self, JudgedRows, Verdicts},
};

/// Name of the file.
const FILE: &str = "judged.json";

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seal {
    inputs: Inputs,
    rows: String,
}

/// Judges everything that a spec claims, as [`verdict::judge`] does, with the rows that an earlier call kept if nothing
/// they are made of changed; `configs` is what [`super::config_digests`] returns.
#[must_use]
pub fn judge(
    spec: &Spec,
    plan: &Plan,
    records: &[Option<StoredOutcome>],
    configs: &[Digest],
    folders: &Folders,
) -> Option<Verdicts> {
    spec.claims.as_ref()?;
    let labels: Vec<String> = (0..plan.configs.len()).map(|config| plan.label(config)).collect();
    let own = format!("{:?} {:?} {labels:?} {:?}", spec.claims, spec.tables, plan.dataset);
    let inputs = Inputs::of(configs, &own);
    let path = folders.results.join(folder_name(spec, plan)).join(FILE);
    let known = read(&path, &inputs);
    let fresh = known.is_none();
    let verdicts = verdict::judge(spec, plan, records, known)?;
    if fresh {
        let rows = compact(&(&verdicts.rows, &verdicts.readings));
        let seal = compact(&Seal { inputs, rows: Digest::of(rows.as_bytes()).to_string() });
        // Where it cannot be kept, it is judged again; the folder's other files say what is wrong with it.
        files::write_if_changed(&path, format!("{seal}\n{rows}\n").as_bytes()).ok();
    }
    Some(verdicts)
}

/// Returns the rows that were kept; `None` if there are none, they are of other inputs, or the file is damaged.
fn read(path: &Path, inputs: &Inputs) -> Option<JudgedRows> {
    let text = String::from_utf8(files::read_if_present(path).ok()??).ok()?;
    let mut lines = text.lines();
    let seal: Seal = serde_json::from_str(lines.next()?).ok()?;
    let rows = lines.next()?;
    let whole = seal.inputs == *inputs && seal.rows == Digest::of(rows.as_bytes()).to_string();
    whole.then(|| serde_json::from_str(rows).ok()).flatten()
}
