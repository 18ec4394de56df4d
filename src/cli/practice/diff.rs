//! Applies the content's diffs to the practice copy of the app.

use std::path::Path;

use crate::cli::whole;
use crate::course::{PatchError, patch};

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
    let shown = file.display();
    let Some(after) = patch(&before, diff).map_err(|problem| match problem {
        PatchError::Broken(why) => format!("the course's diff for {shown} is broken: {why}"),
        problem => format!(
            "{shown} was edited by hand, so that the solution's change doesn't fit any more: {problem}"
        ),
    })?
    else {
        return Ok(Applied::Before);
    };
    whole::write(file, after.as_bytes())
        .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    Ok(Applied::Now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "--- a\n+++ b\n@@ -1,2 +1,3 @@\n one\n+and a half\n two\n";

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
    fn a_file_is_changed_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("template.yaml");
        std::fs::write(&file, "one\ntwo\n").unwrap();
        assert_eq!(apply(&file, DIFF), Ok(Applied::Now));
        assert_eq!(apply(&file, DIFF), Ok(Applied::Before));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "one\nand a half\ntwo\n");
    }
}
