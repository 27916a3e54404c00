//! `ro-crate-metadata.json`: a report as a research object that other programs understand.
//!
//! The profile is Process Run Crate 0.5 on RO-Crate 1.1: one action, the run of the spec, with this program as its instrument,
//! the spec and the data set as its objects, and every file as its result, each with its SHA-256. Spec and frames are copied
//! beside the report, so that the folder is complete. There is no time in it, as there is none in a report;
//! `datePublished`, which the profile demands, is the release date of the program.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::page::Source;
use crate::{digest::Digest, error::Result, files, plan::Plan};

/// Name of the metadata file in a report's folder.
pub const FILE: &str = "ro-crate-metadata.json";

/// The day on which this version was released; `CITATION.cff` has the same.
pub const RELEASED: &str = "2026-11-24";

const PROFILE: &str = "https://w3id.org/ro/wfrun/process/0.5";

/// What a crate describes.
#[derive(Debug, Clone, Copy)]
pub struct Crate<'a> {
    /// Name of the experiment.
    pub name: &'a str,
    /// The plan.
    pub plan: &'a Plan,
    /// The spec's text.
    pub source: &'a Source,
    /// Whether every planned run finished.
    pub complete: bool,
    /// A warning that belongs on everything.
    pub stamp: Option<&'a str>,
}

/// A file of a crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Path within the crate, with `/` between its parts.
    pub path: String,
    /// Size in bytes.
    pub size: usize,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

/// Completes a report's folder with spec and frames and writes the metadata of `reports`, the files that the report wrote;
/// returns each file that it wrote itself with whether its bytes are new.
///
/// # Errors
/// Returns an error if a file cannot be read or written.
pub fn write(
    described: &Crate<'_>,
    folder: &Path,
    frames: &Path,
    reports: &[PathBuf],
) -> Result<Vec<(PathBuf, bool)>> {
    let mut written = Vec::new();
    let mut parts = Vec::new();
    let mut save = |name: &str, bytes: &[u8]| -> Result<()> {
        let path = folder.join(name);
        let changed = files::write_if_changed(&path, bytes)?;
        written.push((path, changed));
        Ok(())
    };
    let mut note = |path: &str, bytes: &[u8]| {
        parts.push(Part { path: path.to_owned(), size: bytes.len(), digest: Digest::of(bytes) });
    };
    save(SPEC, described.source.text.as_bytes())?;
    note(SPEC, described.source.text.as_bytes());
    for name in ["runs.csv", "runs.parquet", "epochs.csv", "epochs.parquet"] {
        if let Some(bytes) = files::read_if_present(&frames.join(name))? {
            let path = format!("data/{name}");
            save(&path, &bytes)?;
            note(&path, &bytes);
        }
    }
    let names = reports.iter().filter_map(|path| path.strip_prefix(folder).ok()?.to_str());
    for name in names {
        if let Some(bytes) = files::read_if_present(&folder.join(name))? {
            note(name, &bytes);
        }
    }
    parts.sort_by(|a, b| a.path.cmp(&b.path));
    let text = serde_json::to_string_pretty(&sorted(&metadata(described, &parts))).unwrap_or_default() + "\n";
    save(FILE, text.as_bytes())?;
    Ok(written)
}

/// Name of the spec within a crate.
const SPEC: &str = "spec.yaml";

/// Returns a value with sorted names, whatever order the map keeps.
fn sorted(value: &Value) -> Value {
    serde_json::from_str(&crate::digest::canonical(value)).unwrap_or_default()
}

/// Returns the metadata of a crate with these files.
#[must_use]
pub fn metadata(described: &Crate<'_>, parts: &[Part]) -> Value {
    let Crate { name, plan, source, complete, stamp } = *described;
    let id = |id: &str| json!({"@id": id});
    let ids =
        |parts: &mut dyn Iterator<Item = &Part>| parts.map(|p| id(&address(&p.path))).collect::<Vec<_>>();
    let license = [id("https://spdx.org/licenses/MIT"), id("https://spdx.org/licenses/Apache-2.0")];
    let about = format!(
        "{} runs of the experiment, their tables, figures and verdicts; index.html shows them.{} The publication date is the \
         program's release date: the report has no time of its own.",
        plan.runs.len(),
        stamp.map_or(String::new(), |stamp| format!(" Note: {stamp}."))
    );
    let status = if complete { "CompletedActionStatus" } else { "FailedActionStatus" };
    let mut graph = vec![
        json!({"@id": FILE, "@type": "CreativeWork", "about": id("./"),
            "conformsTo": id("https://w3id.org/ro/crate/1.1")}),
        json!({"@id": "./", "@type": "Dataset", "name": format!("replikat report: {name}"), "description": about,
            "datePublished": RELEASED, "license": license, "conformsTo": id(PROFILE),
            "hasPart": ids(&mut parts.iter()), "mentions": id("#run")}),
        json!({"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}),
        json!({"@id": "https://spdx.org/licenses/MIT", "@type": "CreativeWork", "name": "MIT License"}),
        json!({"@id": "https://spdx.org/licenses/Apache-2.0", "@type": "CreativeWork", "name": "Apache License 2.0"}),
        json!({"@id": "#replikat", "@type": "SoftwareApplication", "name": "replikat",
            "softwareVersion": env!("CARGO_PKG_VERSION"), "description": format!("engine {}", plan.numerics.name())}),
        json!({"@id": "#data", "@type": "CreativeWork", "name": plan.dataset.source.title(),
            "identifier": format!("sha256:{}", plan.dataset.digest)}),
        json!({"@id": "#run", "@type": "CreateAction", "name": source.command("run"), "instrument": id("#replikat"),
            "description": "Trains the runs of the spec and writes the report.",
            "object": [id(SPEC), id("#data")], "result": ids(&mut parts.iter().filter(|p| p.path != SPEC)),
            "actionStatus": format!("http://schema.org/{status}")}),
    ];
    graph.extend(parts.iter().map(|part| {
        json!({"@id": address(&part.path), "@type": "File", "name": part.path, "encodingFormat": format_of(&part.path),
            "contentSize": part.size.to_string(), "sha256": part.digest.to_string()})
    }));
    json!({
        "@context": ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}],
        "@graph": graph,
    })
}

/// Returns a path as a relative address.
fn address(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    path.bytes()
        .map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect::<Vec<_>>()
        .concat()
}

fn format_of(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html",
        "md" => "text/markdown",
        "csv" => "text/csv",
        "tex" => "application/x-tex",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "yaml" => "application/yaml",
        "parquet" => "application/vnd.apache.parquet",
        _ => "application/octet-stream",
    }
}
