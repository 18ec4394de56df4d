//! The content's diffs: hunks are found by their lines, wherever other modules' changes have moved
//! them, and are applied once.

use std::ops::Range;

/// Why a diff can't be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// It is no unified diff, or changes nothing.
    #[error("{0}")]
    Broken(String),
    /// The lines that a hunk changes aren't there, and neither is its change.
    #[error("the file has no such lines: {0}")]
    Misfit(String),
    /// The lines that a hunk changes are there several times.
    #[error("these lines stand at {places} places: {lines}")]
    Ambiguous {
        /// How often they are there.
        places: usize,
        /// The hunk's lines before its change.
        lines: String,
    },
}

/// A hunk's lines, before and after its change.
#[derive(Debug, Default)]
struct Hunk {
    before: Vec<String>,
    after: Vec<String>,
    added: Vec<Run>,
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
/// there are left, and those that aren't are applied.
///
/// # Errors
/// It is no diff, or a hunk's lines aren't there, or are there several times.
pub fn patch(text: &str, diff: &str) -> Result<Option<String>, PatchError> {
    let hunks = hunks(diff)?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut changed = false;
    for hunk in hunks {
        let Some(at) = place(&lines, &hunk)? else { continue };
        lines.splice(at, hunk.after);
        changed = true;
    }
    if !changed {
        return Ok(None);
    }
    let end = if text.ends_with('\n') || text.is_empty() { "\n" } else { "" };
    Ok(Some(lines.join("\n") + end))
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
                }
                diffy::Line::Delete(line) => hunk.before.push(text(line)),
                diffy::Line::Insert(line) => hunk.after.push(text(line)),
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
    let shown = || hunk.before.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" | ");
    match (open.len(), there.is_empty()) {
        (1, _) => Ok(open.pop()),
        (0, false) => Ok(None),
        (0, true) => Err(PatchError::Misfit(shown())),
        (places, _) => Err(PatchError::Ambiguous { places, lines: shown() }),
    }
}

fn places(lines: &[String], wanted: &[String]) -> Vec<Range<usize>> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let at = lines.windows(wanted.len()).enumerate().filter(|(_, window)| *window == wanted);
    at.map(|(start, _)| start..start + wanted.len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "--- a\n+++ b\n@@ -1,2 +1,3 @@\n one\n+and a half\n two\n";

    #[test]
    fn a_diff_applies_once() {
        let after = patch("one\ntwo\n", DIFF).unwrap().unwrap();
        assert_eq!(after, "one\nand a half\ntwo\n");
        assert_eq!(patch(&after, DIFF), Ok(None));
    }

    #[test]
    fn a_hunk_is_found_by_its_lines_wherever_they_moved() {
        let after = patch("a\nb\nc\nd\none\ntwo\nthree\n", DIFF).unwrap().unwrap();
        assert_eq!(after, "a\nb\nc\nd\none\nand a half\ntwo\nthree\n");
    }

    #[test]
    fn a_short_line_that_stands_elsewhere_is_no_sign_of_the_change() {
        let text = "and a half\none\ntwo\n";
        assert_eq!(patch(text, DIFF).unwrap().unwrap(), "and a half\none\nand a half\ntwo\n");
    }

    /// Module 1 adds one resource after another before the same comment.
    #[test]
    fn a_change_is_recognised_after_a_later_one_came_beside_it() {
        let adds = |name: &str| {
            format!(
                "--- a\n+++ b\n@@ -1,2 +1,6 @@\n \n+  {name}:\n+    Type: T\n+    Name: {name}\n+\n   # What is called.\n"
            )
        };
        let text = "Resources:\n  Pool: 1\n\n  # What is called.\n  Api: 1\n";
        let (one, two) = (adds("One"), adds("Two"));
        let after = patch(&patch(text, &one).unwrap().unwrap(), &two).unwrap().unwrap();
        assert!(after.find("One").unwrap() < after.find("Two").unwrap());
        assert_eq!(patch(&after, &one), Ok(None));
        assert_eq!(patch(&after, &two), Ok(None));
    }

    /// Module 1 adds the same line to each method.
    #[test]
    fn the_same_line_elsewhere_is_another_hunks() {
        let hunk = |old: u8, new: u8, name: &str| {
            format!("@@ -{old},2 +{new},3 @@\n {name}\n+closed\n json\n")
        };
        let diff = format!("--- a\n+++ b\n{}{}", hunk(1, 1, "one"), hunk(3, 4, "two"));
        let after = patch("one\njson\ntwo\njson\n", &diff).unwrap().unwrap();
        assert_eq!(after, "one\nclosed\njson\ntwo\nclosed\njson\n");
        assert_eq!(patch(&after, &diff), Ok(None));
    }

    #[test]
    fn what_is_added_at_the_end_is_added_once() {
        let diff = "--- a\n+++ b\n@@ -1 +1,2 @@\n one\n+two\n";
        let after = patch("one\n", diff).unwrap().unwrap();
        assert_eq!((after.as_str(), patch(&after, diff)), ("one\ntwo\n", Ok(None)));
    }

    #[test]
    fn a_line_is_taken_out_once_whatever_looks_like_the_result() {
        let diff = "--- a\n+++ b\n@@ -1,3 +1,2 @@\n one\n-gone\n two\n";
        let after = patch("one\ntwo\none\ngone\ntwo\n", diff).unwrap().unwrap();
        assert_eq!(after, "one\ntwo\none\ntwo\n");
        assert_eq!(patch(&after, diff), Ok(None));
    }

    #[test]
    fn hunks_that_are_there_are_left_and_the_others_applied() {
        let diff = "--- a\n+++ b\n@@ -1 +1 @@\n-one\n+1\n@@ -2 +2 @@\n-two\n+2\n";
        assert_eq!(patch("1\ntwo\n", diff).unwrap().unwrap(), "1\n2\n");
    }

    #[test]
    fn lines_that_stand_twice_are_no_place() {
        let error = patch("one\ntwo\none\ntwo\n", DIFF).unwrap_err();
        assert_eq!(error, PatchError::Ambiguous { places: 2, lines: "one | two".into() });
        assert!(matches!(patch("one\n2\n", DIFF), Err(PatchError::Misfit(_))));
    }

    #[test]
    fn a_broken_diff_says_so() {
        for diff in ["@@ nonsense", "", "--- a\n+++ b\n@@ -1 +1 @@\n one\n"] {
            assert!(matches!(patch("one\n", diff), Err(PatchError::Broken(_))), "{diff}");
        }
    }

    #[test]
    fn a_text_without_a_last_line_end_keeps_none() {
        assert_eq!(patch("one\ntwo", DIFF).unwrap().unwrap(), "one\nand a half\ntwo");
    }

    /// A diff that adds a line before the line `at`.
    fn adds(at: usize, added: &str) -> String {
        let (above, below) = (at - 1, at);
        format!("--- a\n+++ b\n@@ -1,2 +1,3 @@\n line {above}\n+{added}\n line {below}\n")
    }

    proptest::proptest! {
        /// Hunks that share no line come to the same file in either order, each once.
        #[test]
        fn hunks_apart_apply_in_any_order(first in 1_usize..10, apart in 2_usize..10) {
            let lines: Vec<String> = (0..20).map(|n| format!("line {n}")).collect();
            let text = lines.join("\n");
            let (one, two) = (adds(first, "one"), adds(first + apart, "two"));
            let apply = |text: &str, diff: &str| patch(text, diff).unwrap().unwrap();
            let both = apply(&apply(&text, &one), &two);
            proptest::prop_assert_eq!(&both, &apply(&apply(&text, &two), &one));
            proptest::prop_assert_eq!(patch(&both, &one), Ok(None));
            proptest::prop_assert_eq!(patch(&both, &two), Ok(None));
        }
    }
}
