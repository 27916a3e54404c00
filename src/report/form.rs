//! Forms of text: aligned columns, Markdown, CSV, LaTeX, XML. What comes from a spec is inert in each.

/// Returns rows in columns for a terminal, with a header and a rule.
pub(super) fn aligned<const N: usize>(header: &[&str; N], right: [bool; N], rows: &[[String; N]]) -> String {
    let mut widths = header.map(|h| h.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[&str; N]| {
        let padded = cells.iter().zip(widths).zip(right).map(|((cell, width), right)| {
            let space = " ".repeat(width - cell.chars().count());
            if right { space + cell } else { (*cell).to_owned() + &space }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let mut out = line(header) + &line(&widths.map(|w| "─".repeat(w)).each_ref().map(String::as_str));
    for row in rows {
        out += &line(&row.each_ref().map(String::as_str));
    }
    out
}

/// Returns rows as a table in Markdown.
pub(super) fn markdown_table(header: &[&str], right: &[bool], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut out = line(&header.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>());
    out +=
        &line(&right.iter().map(|right| if *right { "---:" } else { "---" }.to_owned()).collect::<Vec<_>>());
    for row in rows {
        out += &line(&row.iter().map(|cell| markdown_escape(cell)).collect::<Vec<_>>());
    }
    out
}

/// Returns a line of CSV (RFC 4180).
pub(super) fn csv_line(cells: &[&str]) -> String {
    let quote = |cell: &&str| {
        let plain = !cell.contains(['"', ',', '\n', '\r']);
        if plain { (*cell).to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
    };
    cells.iter().map(quote).collect::<Vec<_>>().join(",") + "\n"
}

/// Makes text inert in Markdown.
pub(super) fn markdown_escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '$' => out.extend(['\\', c]),
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '&' => out += "&amp;",
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

/// Makes text inert in LaTeX.
pub(super) fn latex_escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' => out += "\\textbackslash{}",
            '~' => out += "\\textasciitilde{}",
            '^' => out += "\\textasciicircum{}",
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
            // At the beginning of a row a bracket would open an argument of the command before it.
            '[' | ']' => out.extend(['{', c, '}']),
            '–' => out += "--",
            '×' => out += "$\\times$",
            '≤' => out += "$\\le$",
            '±' => out += "$\\pm$",
            '\n' | '\r' => out.push(' '),
            // Beyond Latin letters pdfLaTeX knows no letter of its own.
            '\u{250}'.. => out += &format!("\\texttt{{U+{:04X}}}", u32::from(c)),
            _ => out.push(c),
        }
    }
    out
}

/// Makes text inert in XML, in text and in attributes; characters that XML does not have become `?`.
pub(super) fn xml_escape(text: &str) -> String {
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
