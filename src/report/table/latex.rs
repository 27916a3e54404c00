//! Tables in LaTeX, for the `booktabs` package.

use super::model::Table;

/// Makes text inert in LaTeX.
pub(in crate::report) fn escape(text: &str) -> String {
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

impl Table {
    /// Returns the table as LaTeX; a name that repeats is shown once, under a rule.
    #[must_use]
    pub fn latex(&self) -> String {
        let line = |cells: &[String]| format!("    {} \\\\\n", cells.join(" & "));
        let caption = match &self.caveat {
            Some(caveat) => format!("{} ({caveat})", self.caption),
            None => self.caption.clone(),
        };
        let columns: String =
            self.columns.iter().map(|column| if column.right { 'r' } else { 'l' }).collect();
        let mut out = format!(
            "\\begin{{table}}\n  \\centering\n  \\caption{{{}}}\n  \\begin{{tabular}}{{{columns}}}\n    \\toprule\n",
            escape(&caption)
        );
        out += &line(&self.columns.iter().map(|column| escape(&column.name)).collect::<Vec<_>>());
        for (i, row) in self.rows.iter().enumerate() {
            let mut cells: Vec<String> = row.iter().map(|cell| escape(cell.shown())).collect();
            if self.repeats(i) {
                cells[0].clear();
            } else {
                out += "    \\midrule\n";
            }
            out += &line(&cells);
        }
        out + "    \\bottomrule\n  \\end{tabular}\n\\end{table}\n"
    }
}
