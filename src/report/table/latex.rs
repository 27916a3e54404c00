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
            // In LaTeX's default fonts these are other characters.
            '<' => out += "\\textless{}",
            '>' => out += "\\textgreater{}",
            '|' => out += "\\textbar{}",
            '–' => out += "--",
            '−' => out += "$-$",
            '×' => out += "$\\times$",
            '≤' => out += "$\\le$",
            '±' => out += "$\\pm$",
            '\n' | '\r' => out.push(' '),
            _ if c.is_ascii() || is_known(c) => out.push(c),
            _ => out += &format!("\\texttt{{U+{:04X}}}", u32::from(c)),
        }
    }
    out
}

/// Says whether pdfLaTeX sets a letter with its default fonts and no further package: Latin letters with an accent above or a
/// cedilla, and a few with a command of their own.
fn is_known(c: char) -> bool {
    match c {
        'Ð' | 'ð' | 'Þ' | 'þ' | '×' | '÷' | 'Đ' | 'đ' | 'Ą' | 'ą' | 'Ę' | 'ę' | 'Į' | 'į' | 'Ħ' | 'ħ'
        | 'Ĳ' | 'ĳ' | 'ĸ' | 'Ŀ' | 'ŀ' | 'ŉ' | 'Ŋ' | 'ŋ' | 'Ŧ' | 'ŧ' | 'Ų' | 'ų' | 'ſ' | 'ı' => {
            false
        }
        '\u{c0}'..='\u{17e}' | '¡' | '¿' | '§' | '¶' | '©' | '£' => true,
        _ => false,
    }
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
        let head = line(&self.columns.iter().map(|column| escape(&column.name)).collect::<Vec<_>>());
        let caption = escape(&caption);
        let (mut out, end) = if self.is_long() {
            // The heading stands on every page.
            let out = format!(
                "\\begin{{longtable}}{{{columns}}}\n    \\caption{{{caption}}} \\\\\n    \\toprule\n{head}    \\midrule\n    \\endhead\n"
            );
            (out, "    \\bottomrule\n\\end{longtable}\n")
        } else {
            let out = format!(
                "\\begin{{table}}\n  \\centering\n  \\caption{{{caption}}}\n  \\begin{{tabular}}{{{columns}}}\n    \\toprule\n{head}"
            );
            (out, "    \\bottomrule\n  \\end{tabular}\n\\end{table}\n")
        };
        for (i, row) in self.rows.iter().enumerate() {
            let mut cells: Vec<String> = row.iter().map(|cell| escape(&cell.shown())).collect();
            if self.repeats(i) {
                cells[0].clear();
            } else if !(self.is_long() && i == 0) {
                out += "    \\midrule\n";
            }
            out += &line(&cells);
        }
        out + end
    }

    /// Says whether it is longer than a page, and needs the package `longtable`.
    pub(in crate::report) fn is_long(&self) -> bool {
        self.rows.len() > 40
    }
}
