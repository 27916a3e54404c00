//! The runs and their curves as the page's script reads them.

use serde_json::json;

use super::{
    curves,
    listed::Listed,
    runs,
    values::{Page, shown},
};
use crate::digest::canonical;

/// Returns the listed runs and the curves as JSON that is inert inside of a script element. Numbers are without their decimal
/// point, whose place is told once for a column.
pub(super) fn json(page: &Page<'_>) -> String {
    let (plan, listed, columns) = (page.of.plan, Listed::of(page), shown(page));
    let mut details = serde_json::Map::new();
    let (mut status, mut keys) = (String::new(), String::new());
    for index in listed.runs() {
        let (word, detail) = runs::status(page, index);
        status.push_str(&word[..1]);
        if !detail.is_empty() {
            details.insert(index.to_string(), json!(detail));
        }
        keys.push_str(&plan.runs[index].key.short());
    }
    let columns = columns.iter().map(|column| {
        let mut decimals = 0;
        let values: Vec<String> = listed
            .runs()
            .map(|index| match runs::value(page, index, column) {
                None => "null".to_owned(),
                Some(text) => {
                    decimals = text.split_once('.').map_or(0, |(_, after)| after.len());
                    let digits: String = text.chars().filter(|c| *c != '.').collect();
                    let plain = digits.trim_start_matches('0');
                    if plain.is_empty() { "0".to_owned() } else { plain.to_owned() }
                }
            })
            .collect();
        format!("{{\"decimals\":{decimals},\"values\":[{}]}}", values.join(","))
    });
    let columns = columns.collect::<Vec<_>>().join(",\n");
    let labels: Vec<String> = (0..listed.configs).map(|config| plan.label(config)).collect();
    let seeds: Vec<u64> = plan.runs.iter().take(listed.rounds).map(|run| run.seed).collect();
    let rows = json!({
        "configs": labels, "seeds": seeds, "planned": listed.planned, "status": status, "details": details, "keys": keys,
        "range": curves::range(page).unwrap_or([0.0, 1.0]).map(|v| 100.0 * v), "show": page.of.source.show("KEY"),
    });
    let rows = canonical(&rows);
    format!("{{\"rows\":{rows},\n\"columns\":[{columns}],\n{}}}", curves::json(page)).replace('<', "\\u003c")
}
