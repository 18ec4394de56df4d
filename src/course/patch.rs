//! The content's diffs: hunks are found by their lines, wherever other modules' changes have moved
//! them, and are applied once.

mod compare;
mod near;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use compare::{Change, ChangedLine, changes};
pub use near::Near;

/// Why a diff can't be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// It is no unified diff, or changes nothing.
    #[error("{0}")]
    Broken(String),
    /// The lines that a hunk changes aren't there, and neither is its change.
    #[error("the file has no such lines: {}", joined(lines))]
    Misfit {
        /// The hunk's lines before its change.
        lines: Vec<String>,
        /// Where the file comes closest; none where nothing of the hunk is in it.
        near: Option<Near>,
    },
    /// The lines that a hunk changes are there several times.
    #[error("these lines stand at {} places: {}", at.len(), joined(lines))]
    Ambiguous {
        /// The numbers of the lines where they begin.
        at: Vec<usize>,
        /// The hunk's lines before its change.
        lines: Vec<String>,
    },
}

/// Lines on one line.
fn joined(lines: &[String]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" | ")
}

/// A hunk's lines, before and after its change.
#[derive(Debug, Default)]
struct Hunk {
    before: Vec<String>,
    after: Vec<String>,
    /// What each line of the hunk does, in order.
    deeds: Vec<Deed>,
    added: Vec<Run>,
}

/// What a hunk does with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Keep,
    Remove,
    Add,
}

/// Lines that a hunk adds next to each other, and the lines around them that stay.
#[derive(Debug, Default)]
struct Run {
    above: Vec<String>,
    lines: Vec<String>,
    below: Vec<String>,
}

impl Run {
    /// Whether the run stands next to the lines above it or below it: a later change may have come
    /// between it and the others.
    fn stands(&self, text: &[String]) -> bool {
        let full = |lines: &[String]| lines.iter().filter(|line| !line.trim().is_empty()).count();
        let beside = |anchor: &[String], both: &[String]| {
            // The same few lines beside lines that stand in many places may be another hunk's.
            let tells = places(text, anchor).len() == 1 || full(&self.lines) > 2;
            !anchor.is_empty() && tells && !places(text, both).is_empty()
        };
        beside(&self.above, &[&self.above[..], &self.lines].concat())
            || beside(&self.below, &[&self.lines[..], &self.below].concat())
    }
}

/// Applies a unified diff to a file's text; none where all of it is there already. Hunks that are
/// there are left, and those that aren't are applied. Lines keep their ends; added ones end as the
/// file's first line does.
///
/// # Errors
/// It is no diff, or a hunk's lines aren't there, or are there several times.
pub fn patch(text: &str, diff: &str) -> Result<Option<String>, PatchError> {
    let hunks = hunks(diff)?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut ends: Vec<&str> = text.split_inclusive('\n').map(end_of).collect();
    let usual = ends.first().copied().filter(|end| !end.is_empty()).unwrap_or("\n");
    let mut changed = false;
    for hunk in hunks {
        let Some(at) = place(&lines, &hunk)? else { continue };
        let kept = ends_after(&hunk.deeds, &ends[at.clone()], usual);
        ends.splice(at.clone(), kept);
        lines.splice(at, hunk.after);
        changed = true;
    }
    if !changed {
        return Ok(None);
    }
    let whole = text.ends_with('\n') || text.is_empty();
    let mut after = String::with_capacity(text.len());
    for (number, (line, end)) in lines.iter().zip(ends).enumerate() {
        after.push_str(line);
        after.push_str(match end {
            _ if number + 1 == lines.len() && !whole => "",
            "" => usual,
            end => end,
        });
    }
    Ok(Some(after))
}

/// What ends a line: `\n`, `\r\n`, or nothing at the file's end.
fn end_of(line: &str) -> &'static str {
    if line.ends_with("\r\n") {
        "\r\n"
    } else if line.ends_with('\n') {
        "\n"
    } else {
        ""
    }
}

/// The line ends of a hunk's lines after its change.
fn ends_after<'a>(deeds: &[Deed], before: &[&'a str], usual: &'a str) -> Vec<&'a str> {
    let mut before = before.iter().copied();
    let mut after = Vec::new();
    for deed in deeds {
        match deed {
            Deed::Keep => after.push(before.next().unwrap_or(usual)),
            Deed::Remove => drop(before.next()),
            Deed::Add => after.push(usual),
        }
    }
    after
}

/// Applies a diff that must change the text.
///
/// # Errors
/// Why it can't be read or applied, or that the change is there already.
pub fn apply_diff(before: &str, diff: &str) -> Result<String, String> {
    match patch(before, diff) {
        Ok(Some(after)) => Ok(after),
        Ok(None) => Err("its change is there already".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The hunks of a diff, each with a change in it.
fn hunks(diff: &str) -> Result<Vec<Hunk>, PatchError> {
    let parsed = diffy::Patch::from_str(diff).map_err(|e| PatchError::Broken(e.to_string()))?;
    let mut hunks = Vec::new();
    for part in parsed.hunks() {
        let mut hunk = Hunk { added: runs(part), ..Hunk::default() };
        for line in part.lines() {
            let text = |line: &str| line.trim_end_matches(['\r', '\n']).to_owned();
            match line {
                diffy::Line::Context(line) => {
                    hunk.before.push(text(line));
                    hunk.after.push(text(line));
                    hunk.deeds.push(Deed::Keep);
                }
                diffy::Line::Delete(line) => {
                    hunk.before.push(text(line));
                    hunk.deeds.push(Deed::Remove);
                }
                diffy::Line::Insert(line) => {
                    hunk.after.push(text(line));
                    hunk.deeds.push(Deed::Add);
                }
            }
        }
        if hunk.before.is_empty() {
            return Err(PatchError::Broken("a hunk has no line of the file".to_owned()));
        }
        if hunk.before != hunk.after {
            hunks.push(hunk);
        }
    }
    if hunks.is_empty() {
        return Err(PatchError::Broken("it changes nothing".to_owned()));
    }
    Ok(hunks)
}

/// The runs of lines that a hunk adds.
fn runs(hunk: &diffy::Hunk<'_, str>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut above = Vec::new();
    let mut open = false;
    for line in hunk.lines() {
        match line {
            diffy::Line::Context(line) => {
                let line = line.trim_end_matches(['\r', '\n']).to_owned();
                // Lines between two runs are below the one and above the other.
                if let Some(run) = runs.last_mut() {
                    run.below.push(line.clone());
                }
                if open {
                    above.clear();
                }
                open = false;
                above.push(line);
            }
            diffy::Line::Insert(line) => {
                if !open {
                    runs.push(Run { above: above.clone(), ..Run::default() });
                }
                open = true;
                if let Some(run) = runs.last_mut() {
                    run.lines.push(line.trim_end_matches(['\r', '\n']).to_owned());
                }
            }
            diffy::Line::Delete(_) => {}
        }
    }
    runs
}

/// Where a hunk is to be applied; none where its change is there already.
fn place(lines: &[String], hunk: &Hunk) -> Result<Option<Range<usize>>, PatchError> {
    if !hunk.added.is_empty() && hunk.added.iter().all(|run| run.stands(lines)) {
        return Ok(None);
    }
    let there = places(lines, &hunk.after);
    // A hunk that only adds at its end still fits where it was applied: that is no second place.
    let own = |at: &Range<usize>| {
        hunk.after.len() > hunk.before.len()
            && there.iter().any(|t| t.start <= at.start && at.end <= t.end)
    };
    let mut open: Vec<Range<usize>> =
        places(lines, &hunk.before).into_iter().filter(|at| !own(at)).collect();
    let expected = || hunk.before.clone();
    match (open.len(), there.is_empty()) {
        (1, _) => Ok(open.pop()),
        (0, false) => Ok(None),
        (0, true) => {
            let near = near::nearest(lines, &hunk.before);
            Err(PatchError::Misfit { lines: expected(), near })
        }
        _ => {
            let at = open.iter().map(|place| place.start + 1).collect();
            Err(PatchError::Ambiguous { at, lines: expected() })
        }
    }
}

fn places(lines: &[String], wanted: &[String]) -> Vec<Range<usize>> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let at = lines.windows(wanted.len()).enumerate().filter(|(_, window)| *window == wanted);
    at.map(|(start, _)| start..start + wanted.len()).collect()
}
