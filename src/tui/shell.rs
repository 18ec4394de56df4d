//! A command that runs, or ran last, and the end of its output.

use std::collections::VecDeque;
use std::time::Duration;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::markdown::width;

use super::work::{Refusal, Stop};

/// Lines of output that are kept.
pub const KEPT_LINES: usize = 1_000;
/// Bytes of output that are kept.
const KEPT_BYTES: usize = 512 * 1024;

/// A command.
#[derive(Debug)]
pub struct Shell {
    /// Events of other commands are late and don't count.
    pub number: u64,
    /// The step that it belongs to; may be empty.
    pub step: String,
    /// Its first line.
    pub command: String,
    /// Where it stands.
    pub state: ShellState,
    /// When it began, by the interface's clock.
    pub began: Duration,
    /// The end of what it printed.
    pub output: Output,
    /// Rows scrolled back from the end; 0 follows the output.
    pub back: usize,
    /// Whether the pane is shown.
    pub shown: bool,
}

/// Where a command stands.
#[derive(Debug, Clone, PartialEq)]
pub enum ShellState {
    /// It runs.
    Running,
    /// It was told to end.
    Stopping(Stop),
    /// It ended.
    Ended(Ended),
    /// It could not be started.
    Refused(Refusal),
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// Its exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// Whether the learner ended it.
    pub stopped: bool,
    /// How long it ran.
    pub time: Duration,
}

impl Ended {
    /// Whether it did what it should.
    pub fn good(&self) -> bool {
        self.code == Some(0) && !self.stopped
    }
}

/// Output since the last batch, cleaned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Lines that were printed and aren't kept.
    pub dropped: usize,
    /// Whole lines.
    pub lines: Vec<String>,
    /// The last line, which may go on.
    pub open: String,
}

impl Shell {
    /// Whether it hasn't ended.
    pub fn runs(&self) -> bool {
        matches!(self.state, ShellState::Running | ShellState::Stopping(_))
    }

    /// How long it has run, or ran.
    pub fn time(&self, now: Duration) -> Duration {
        match &self.state {
            ShellState::Ended(ended) => ended.time,
            ShellState::Refused(_) => Duration::ZERO,
            ShellState::Running | ShellState::Stopping(_) => now.saturating_sub(self.began),
        }
    }

    /// Takes output; a view that is scrolled back stays where it is.
    pub fn take(&mut self, batch: Batch, columns: usize) {
        if self.back == 0 {
            self.output.take(batch);
            return;
        }
        let before = self.output.count(columns);
        self.output.take(batch);
        self.back += self.output.count(columns).saturating_sub(before);
    }

    /// The rows that are seen, from the top.
    pub fn visible(&self, columns: usize, height: usize) -> Vec<&str> {
        let mut rows: VecDeque<&str> = VecDeque::new();
        let mut skip = match self.back {
            0 => 0,
            back => back.min(self.output.count(columns).saturating_sub(height)),
        };
        for line in self.output.newest_first() {
            for row in fold(line, columns).into_iter().rev() {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                rows.push_front(row);
                if rows.len() == height {
                    return rows.into();
                }
            }
        }
        rows.into()
    }
}

/// The end of what a command printed.
#[derive(Debug, Default)]
pub struct Output {
    lines: VecDeque<String>,
    bytes: usize,
    open: String,
    /// Lines before those that are kept.
    pub dropped: usize,
}

impl Output {
    fn take(&mut self, batch: Batch) {
        self.dropped += batch.dropped;
        for line in batch.lines {
            self.bytes += line.len();
            self.lines.push_back(line);
        }
        self.open = batch.open;
        while self.lines.len() > KEPT_LINES || self.bytes > KEPT_BYTES {
            let Some(line) = self.lines.pop_front() else { break };
            self.bytes -= line.len();
            self.dropped += 1;
        }
    }

    /// The last line, where it may go on.
    pub fn open(&self) -> &str {
        &self.open
    }

    /// Whether nothing was printed.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.open.is_empty()
    }

    fn newest_first(&self) -> impl Iterator<Item = &str> {
        let open = Some(self.open.as_str()).filter(|open| !open.is_empty());
        open.into_iter().chain(self.lines.iter().rev().map(String::as_str))
    }

    /// How many rows the kept output takes.
    pub fn count(&self, columns: usize) -> usize {
        let rows = |line: &str| {
            // As many as there are to cut, without cutting.
            let ascii = line.is_ascii().then(|| line.len().div_ceil(columns.max(1)).max(1));
            ascii.unwrap_or_else(|| fold(line, columns).len())
        };
        self.newest_first().map(rows).sum()
    }
}

/// Cuts a line into rows of some columns. Columns stay under each other, as the program meant it:
/// no words are kept together.
fn fold(line: &str, columns: usize) -> Vec<&str> {
    let columns = columns.max(1);
    if width(line) <= columns {
        return vec![line];
    }
    let mut rows = Vec::new();
    let (mut from, mut used) = (0, 0);
    for (at, cluster) in line.grapheme_indices(true) {
        let wide = width(cluster);
        if used + wide > columns && at > from {
            rows.push(&line[from..at]);
            (from, used) = (at, 0);
        }
        used += wide;
    }
    rows.push(&line[from..]);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell() -> Shell {
        Shell {
            number: 1,
            step: "0a".into(),
            command: "true".into(),
            state: ShellState::Running,
            began: Duration::ZERO,
            output: Output::default(),
            back: 0,
            shown: true,
        }
    }

    fn batch(lines: &[&str]) -> Batch {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Batch { lines, ..Batch::default() }
    }

    #[test]
    fn the_end_is_seen_and_what_is_scrolled_back_to_stays() {
        let mut shell = shell();
        shell.take(batch(&["one", "two", "three", "four"]), 10);
        assert_eq!(shell.visible(10, 2), ["three", "four"]);
        shell.back = 1;
        assert_eq!(shell.visible(10, 2), ["two", "three"]);
        shell.take(batch(&["five", "a line of two rows"]), 10);
        assert_eq!(shell.visible(10, 2), ["two", "three"]);
        shell.back = 99;
        assert_eq!(shell.visible(10, 2), ["one", "two"]);
    }

    #[test]
    fn only_the_end_is_kept_and_the_rest_is_counted() {
        let mut shell = shell();
        let many: Vec<String> = (0..KEPT_LINES + 5).map(|n| n.to_string()).collect();
        shell.take(Batch { dropped: 2, lines: many, open: "…".into() }, 80);
        assert_eq!((shell.output.dropped, shell.output.count(80)), (7, KEPT_LINES + 1));
        let long = "x".repeat(KEPT_BYTES);
        shell.take(batch(&[&long, "end"]), 80);
        assert_eq!(shell.visible(80, 1), ["end"]);
        assert!(shell.output.count(80) < 10);
    }

    #[test]
    fn lines_are_cut_at_the_width_and_no_letter_is_lost() {
        for columns in 1..12 {
            let line = "ab日本語 🌞 x";
            let rows = fold(line, columns);
            assert_eq!(rows.concat(), line);
            assert!(rows.iter().all(|row| width(row) <= columns.max(2)), "{rows:?}");
        }
        assert_eq!(fold("", 5), [""]);
    }
}
