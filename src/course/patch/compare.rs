//! Two versions of a file side by side: what a diff would change, in the file's own line numbers.

/// Lines around a change that are shown with it.
const AROUND: usize = 3;

/// What happens to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It stays.
    None,
    /// It goes.
    Removed,
    /// It comes.
    Added,
}

/// A line of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedLine {
    /// What happens to it.
    pub change: Change,
    /// Its number, from 1: in the file as it is for a line that goes, else as it will be.
    pub number: usize,
    /// Its text, without its end.
    pub text: String,
}

/// The places where two versions differ, each with the lines around it.
pub fn changes(before: &str, after: &str) -> Vec<Vec<ChangedLine>> {
    let mut options = diffy::DiffOptions::new();
    options.set_context_len(AROUND);
    let patch = options.create_patch(before, after);
    patch.hunks().iter().map(shown).collect()
}

fn shown(hunk: &diffy::Hunk<'_, str>) -> Vec<ChangedLine> {
    let mut old = hunk.old_range().start().max(1);
    let mut new = hunk.new_range().start().max(1);
    let line = |change, number, text: &str| {
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        ChangedLine { change, number, text }
    };
    let mut lines = Vec::new();
    for part in hunk.lines() {
        match part {
            diffy::Line::Context(text) => {
                lines.push(line(Change::None, new, text));
                old += 1;
                new += 1;
            }
            diffy::Line::Delete(text) => {
                lines.push(line(Change::Removed, old, text));
                old += 1;
            }
            diffy::Line::Insert(text) => {
                lines.push(line(Change::Added, new, text));
                new += 1;
            }
        }
    }
    lines
}
