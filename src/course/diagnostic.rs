//! What is wrong with a course file: where exactly, and what to do.

use std::fmt;

/// One thing wrong with a course.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The file, relative to the course.
    pub path: String,
    /// Line, counted from 1; 0 when the whole file is meant.
    pub line: usize,
    /// Column in characters, counted from 1; 0 when the whole file is meant.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// The line as written, without control characters; empty when the whole file is meant.
    pub excerpt: String,
}

impl Diagnostic {
    /// About a whole file or directory.
    pub fn of_file(
        path: impl fmt::Display,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            path: path.to_string(),
            line: 0,
            column: 0,
            message: message.into(),
            remedy: remedy.into(),
            excerpt: String::new(),
        }
    }

    /// About a place in a file's text. `line` and `column` count from 1, columns in characters.
    pub fn at(
        path: &str,
        text: &str,
        (line, column): (usize, usize),
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let (line, column) = (line.max(1), column.max(1));
        Self {
            path: path.to_owned(),
            line,
            column,
            message: message.into(),
            remedy: remedy.into(),
            excerpt: text.lines().nth(line - 1).map(visible).unwrap_or_default(),
        }
    }
}

impl fmt::Display for Diagnostic {
    /// `path:line:col: message`, the line with a caret under the place, and what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            writeln!(f, "{}: {}", visible(&self.path), visible_lines(&self.message))?;
        } else {
            let path = visible(&self.path);
            writeln!(f, "{path}:{}:{}: {}", self.line, self.column, visible_lines(&self.message))?;
            if !self.excerpt.is_empty() {
                let number = self.line.to_string();
                let (excerpt, caret) = window(&self.excerpt, self.column);
                writeln!(f, "  {number} | {excerpt}")?;
                writeln!(f, "  {} | {}^", " ".repeat(number.len()), " ".repeat(caret))?;
            }
        }
        write!(f, "  → {}", visible_lines(&self.remedy))
    }
}

/// Everything that is wrong with a course: at least one diagnostic, in the order of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseError(pub Vec<Diagnostic>);

impl CourseError {
    /// `Ok` when nothing is wrong; sorts what is.
    ///
    /// # Errors
    /// When there is a diagnostic.
    pub fn from_list(mut list: Vec<Diagnostic>) -> Result<(), Self> {
        list.sort();
        list.dedup();
        if list.is_empty() { Ok(()) } else { Err(Self(list)) }
    }
}

impl std::error::Error for CourseError {}

impl From<Diagnostic> for CourseError {
    fn from(one: Diagnostic) -> Self {
        Self(vec![one])
    }
}

impl fmt::Display for CourseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, one) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("\n\n")?;
            }
            one.fmt(f)?;
        }
        Ok(())
    }
}

/// Text without what a terminal would obey: control characters become `·`, tabs one space.
pub(crate) fn visible(text: &str) -> String {
    let shown = |c: char| match c {
        '\t' => ' ',
        c if c.is_control() || is_hidden(c) => '·',
        c => c,
    };
    text.chars().map(shown).collect()
}

/// [`visible`], but line ends stay.
pub(crate) fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// Characters that change how others show without showing themselves: direction overrides, the
/// placeholder's own marks, and other private-use characters.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{e000}'..='\u{f8ff}')
}

/// At most 100 characters of a line around a column, and the number of columns before the place.
fn window(line: &str, column: usize) -> (String, usize) {
    use unicode_width::UnicodeWidthStr;
    let start = (column - 1).saturating_sub(70);
    let shown: String = line.chars().skip(start).take(100).collect();
    let before: String = line.chars().skip(start).take(column - 1 - start).collect();
    let (cut_left, cut_right) = (start > 0, line.chars().count() > start + 100);
    let text =
        format!("{}{shown}{}", if cut_left { "…" } else { "" }, if cut_right { "…" } else { "" });
    (text, before.width() + usize::from(cut_left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_place_after_wide_characters() {
        let text = "a: 1\nja: 日本語 x\n";
        let shown = Diagnostic::at("m.yaml", text, (2, 9), "no x", "take it out").to_string();
        assert_eq!(
            shown,
            "m.yaml:2:9: no x\n  2 | ja: 日本語 x\n    |            ^\n  → take it out"
        );
    }

    #[test]
    fn escape_sequences_never_come_out() {
        let text = "a: \u{1b}[31mred\u{202e}";
        let shown = Diagnostic::at("\u{1b}p", text, (1, 4), "\u{9b}m", "\u{7}").to_string();
        assert!(!shown.contains(['\u{1b}', '\u{9b}', '\u{7}', '\u{202e}']), "{shown:?}");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let line = format!("{}X{}", "a".repeat(200), "b".repeat(200));
        let shown = Diagnostic::at("p", &line, (1, 201), "m", "r").to_string();
        let lines: Vec<&str> = shown.lines().collect();
        let caret = lines[2].chars().position(|c| c == '^').unwrap();
        assert_eq!(lines[1].chars().nth(caret), Some('X'));
        assert!(lines[1].chars().count() < 115);
    }
}
