//! `ro-crate-metadata.json`: a report as a research object that other programs understand.
//!
//! The profile is Process Run Crate 0.5 on RO-Crate 1.1: one action, the run of the spec, with this program as its instrument,
//! the spec and the data set as its objects, and every file as its result, each with its SHA-256. Spec and frames are copied
//! beside the report, so that the folder is complete. There is no time in it, as there is none in a report;
//! `datePublished`, which the profile demands, is the release date of the program.

use serde_json::{Value, json};

use super::{inputs::Source, links::address};
use crate::{digest::Digest, plan::Plan};

/// Name of the metadata file in a report's folder.
pub const FILE: &str = "ro-crate-metadata.json";

/// The day on which this version was released; `CITATION.cff` has the same.
pub const RELEASED: &str = "2026-11-24";

const PROFILE: &str = "https://w3id.org/ro/wfrun/process/0.5";

/// What a crate describes.
#[derive(Debug, Clone)]
pub struct Crate<'a> {
    /// Name of the experiment.
    pub name: &'a str,
    /// The plan.
    pub plan: &'a Plan,
    /// The spec's text.
    pub source: &'a Source,
    /// Whether every planned run finished.
    pub complete: bool,
    /// What has to be said on everything.
    pub caveat: Option<String>,
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

/// Returns what completes a report's folder: the spec, the frames under `data/` and the metadata of all of its files.
#[must_use]
pub fn files(
    described: &Crate<'_>,
    frames: Vec<(String, Vec<u8>)>,
    reports: &[(String, Vec<u8>)],
) -> Vec<(String, Vec<u8>)> {
    let spec = (SPEC.to_owned(), described.source.text.clone().into_bytes());
    let frames = frames.into_iter().map(|(name, bytes)| (format!("data/{name}"), bytes));
    let mut own: Vec<_> = std::iter::once(spec).chain(frames).collect();
    let part = |(path, bytes): &(String, Vec<u8>)| Part {
        path: path.clone(),
        size: bytes.len(),
        digest: Digest::of(bytes),
    };
    let mut parts: Vec<Part> = own.iter().chain(reports).map(part).collect();
    parts.sort_by(|a, b| a.path.cmp(&b.path));
    let text = serde_json::to_string_pretty(&sorted(&metadata(described, &parts))).unwrap_or_default() + "\n";
    own.push((FILE.to_owned(), text.into_bytes()));
    own
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
    let Crate { name, plan, source, complete, caveat } = described;
    let id = |id: &str| json!({"@id": id});
    let ids =
        |parts: &mut dyn Iterator<Item = &Part>| parts.map(|p| id(&address(&p.path))).collect::<Vec<_>>();
    let license = [id("https://spdx.org/licenses/MIT"), id("https://spdx.org/licenses/Apache-2.0")];
    let about = format!(
        "{} runs of the experiment, their tables, figures and verdicts; index.html shows them.{} The publication date is the \
         program's release date: the report has no time of its own.",
        plan.runs.len(),
        caveat.as_ref().map_or(String::new(), |caveat| format!(" Note: {caveat}."))
    );
    let status = if *complete { "CompletedActionStatus" } else { "FailedActionStatus" };
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
