//! Applies the content's diffs to the practice copy of the app.

use std::path::Path;

/// What came of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Applied {
    /// The file is changed now.
    Now,
    /// The file held the change already.
    Before,
}

/// Applies a unified diff to a file, once: a change that is there already is recognised.
///
/// # Errors
/// The file can't be read or written, the diff is broken, or it doesn't fit the file. The file is
/// then as it was.
pub(super) fn apply(file: &Path, diff: &str) -> Result<Applied, String> {
    let before = std::fs::read_to_string(file)
        .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let Some(after) = changed(&before, diff).map_err(|problem| match problem {
        Problem::Broken(why) => {
            format!("the course's diff for {} is broken: {why}", file.display())
        }
        Problem::Misfit => format!(
            "{} was edited by hand, so that the solution's change doesn't fit any more",
            file.display()
        ),
    })?
    else {
        return Ok(Applied::Before);
    };
    write(file, &after).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    Ok(Applied::Now)
}

/// Writes a file as a whole or not at all.
pub(super) fn write(file: &Path, contents: &str) -> std::io::Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let fresh = file.with_file_name(format!(".{name}.{}", std::process::id()));
    std::fs::write(&fresh, contents).and_then(|()| std::fs::rename(&fresh, file)).inspect_err(
        |_| {
            let _ = std::fs::remove_file(&fresh);
        },
    )
}

#[derive(Debug, PartialEq, Eq)]
enum Problem {
    Broken(String),
    Misfit,
}

/// The text after the diff; none when the diff is in it already.
fn changed(before: &str, diff: &str) -> Result<Option<String>, Problem> {
    let patch = diffy::Patch::from_str(diff).map_err(|e| Problem::Broken(e.to_string()))?;
    if patch.hunks().is_empty() {
        return Err(Problem::Broken("it has no hunk".to_owned()));
    }
    // Backwards first: where lines are only added, the diff would fit a second time.
    if diffy::apply(before, &patch.reverse()).is_ok() || holds_insertions(before, &patch) {
        return Ok(None);
    }
    diffy::apply(before, &patch).map(Some).map_err(|_| Problem::Misfit)
}

/// Whether all lines that the diff adds stand in the text, run by run. A later diff may have
/// changed the lines around them, so that the diff doesn't fit backwards any more.
fn holds_insertions(text: &str, patch: &diffy::Patch<'_, str>) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    let mut runs: Vec<Vec<&str>> = Vec::new();
    for hunk in patch.hunks() {
        let mut run = Vec::new();
        for line in hunk.lines() {
            match line {
                diffy::Line::Insert(added) => run.push(added.trim_end_matches(['\r', '\n'])),
                diffy::Line::Context(_) | diffy::Line::Delete(_) => {
                    runs.push(std::mem::take(&mut run));
                }
            }
        }
        runs.push(run);
    }
    runs.retain(|run| run.iter().any(|line| !line.trim().is_empty()));
    !runs.is_empty()
        && runs.iter().all(|run| lines.windows(run.len()).any(|window| window == run.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "--- a\n+++ b\n@@ -1,2 +1,3 @@\n one\n+and a half\n two\n";

    #[test]
    fn a_diff_applies_once() {
        let after = changed("one\ntwo\n", DIFF).unwrap().unwrap();
        assert_eq!(after, "one\nand a half\ntwo\n");
        assert_eq!(changed(&after, DIFF), Ok(None));
    }

    #[test]
    fn a_diff_is_recognised_after_a_later_one_changed_its_surroundings() {
        assert_eq!(changed("zero\nand a half\nand more\ntwo\n", DIFF), Ok(None));
    }

    #[test]
    fn a_file_that_was_edited_is_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("template.yaml");
        std::fs::write(&file, "one\n2\n").unwrap();
        let error = apply(&file, DIFF).unwrap_err();
        assert!(error.contains("edited by hand"), "{error}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "one\n2\n");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_broken_diff_says_so() {
        assert!(matches!(changed("one\n", "@@ nonsense"), Err(Problem::Broken(_))));
        assert!(matches!(changed("one\n", ""), Err(Problem::Broken(_))));
    }
}
