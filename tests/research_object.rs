//! The RO-Crate of a report.

use std::path::Path;

use replikat::report::research_object;

use crate::page::made;

#[test]
fn a_crate_names_every_file_with_its_digest() {
    let made = made();
    let folder = made.folder.path().join("reports/page");
    let text = made.read(research_object::FILE);
    let metadata: serde_json::Value = serde_json::from_str(&text).unwrap();
    let graph = metadata["@graph"].as_array().unwrap();
    let entity = |id: &str| graph.iter().find(|e| e["@id"] == id).unwrap_or_else(|| panic!("{id}"));
    let parts = entity("./")["hasPart"].as_array().unwrap();
    let mut on_disk = Vec::new();
    for sub in ["", "data"] {
        for entry in std::fs::read_dir(folder.join(sub)).unwrap().map(|e| e.unwrap()) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_file() && name != research_object::FILE {
                on_disk.push(if sub.is_empty() { name } else { format!("{sub}/{name}") });
            }
        }
    }
    assert_eq!((parts.len(), on_disk.len()), (21, 21));
    for name in on_disk {
        let bytes = std::fs::read(folder.join(&name)).unwrap();
        let file = entity(&name);
        assert_eq!(file["sha256"], replikat::digest::Digest::of(&bytes).to_string());
        assert_eq!(file["contentSize"], bytes.len().to_string());
    }
    assert_eq!(entity("#run")["actionStatus"], "http://schema.org/FailedActionStatus", "runs are missing");
    assert_eq!(entity("#run")["name"], "replikat run page.yaml --set 'a=b c'");
    let citation =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("CITATION.cff")).unwrap();
    assert!(citation.contains(&format!("date-released: {}\n", research_object::RELEASED)));
}
