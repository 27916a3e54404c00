//! Judgements as JUnit XML, which CI systems show.

/// A group of judgements, such as all bands.
#[derive(Debug, Clone)]
pub struct Suite {
    /// Name of the group.
    pub name: &'static str,
    /// Its judgements.
    pub cases: Vec<Case>,
}

/// One judgement.
#[derive(Debug, Clone)]
pub struct Case {
    /// What was judged.
    pub name: String,
    /// What is wrong; `None` if it is good.
    pub failure: Option<String>,
    /// What else is to be said.
    pub output: String,
}

/// Returns the XML document of all suites of an experiment.
#[must_use]
pub fn junit(experiment: &str, suites: &[Suite]) -> String {
    let failures = |cases: &[Case]| cases.iter().filter(|c| c.failure.is_some()).count();
    let tests: usize = suites.iter().map(|s| s.cases.len()).sum();
    let failed: usize = suites.iter().map(|s| failures(&s.cases)).sum();
    let name = xml_escape(experiment);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{name}\" tests=\"{tests}\" failures=\"{failed}\">\n"
    );
    for Suite { name: suite, cases } in suites {
        out += &format!(
            "  <testsuite name=\"{suite}\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n",
            cases.len(),
            failures(cases)
        );
        for case in cases {
            out +=
                &format!("    <testcase classname=\"{name}.{suite}\" name=\"{}\">\n", xml_escape(&case.name));
            if let Some(failure) = &case.failure {
                out += &format!("      <failure message=\"{}\"/>\n", xml_escape(failure));
            }
            if !case.output.is_empty() {
                out += &format!("      <system-out>{}</system-out>\n", xml_escape(&case.output));
            }
            out += "    </testcase>\n";
        }
        out += "  </testsuite>\n";
    }
    out + "</testsuites>\n"
}

/// Makes text inert in XML, in text and in attributes; characters that XML does not have become `?`.
fn xml_escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&apos;",
            '\n' | '\r' | '\t' => out += &format!("&#{};", u32::from(c)),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => out.push('?'),
            _ => out.push(c),
        }
    }
    out
}
