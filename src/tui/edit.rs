//! Changes to a file of the app: what a diff of the page would make of the learner's own file.

use std::path::PathBuf;

use crate::course::{PatchError, changes, patch};

use super::work::{EditKind, EditPlan, Fit, Refusal};

/// Lines around a place that doesn't fit.
const AROUND: usize = 3;

impl EditPlan {
    /// A diff over the file as it is.
    ///
    /// # Errors
    /// The file isn't text.
    pub fn change(
        (step, file, path): (String, String, PathBuf),
        before: Vec<u8>,
        diff: &str,
    ) -> Result<Self, Refusal> {
        let text = text(&path, &before)?;
        let (after, fit) = match patch(text, diff) {
            Ok(Some(after)) => {
                let fit = Fit::Fits(changes(text, &after));
                (Some(after.into_bytes()), fit)
            }
            Ok(None) => (None, Fit::There),
            Err(PatchError::Broken(why)) => (None, Fit::Broken(why)),
            Err(PatchError::Ambiguous { at, .. }) => (None, Fit::Ambiguous(at)),
            Err(PatchError::Misfit { near, lines }) => {
                let excerpt = near.as_ref().map(|near| excerpt(text, near.line));
                let excerpt = excerpt.unwrap_or_default();
                (None, Fit::Misfit { expected: lines, near, excerpt })
            }
        };
        let after = after.or_else(|| Some(before.clone()));
        let kind = EditKind::Change;
        Ok(Self { step, file, path, kind, before: Some(before), after, fit })
    }

    /// New contents for a file, which may not exist yet.
    ///
    /// # Errors
    /// The file isn't text.
    pub fn write(
        (step, file, path): (String, String, PathBuf),
        before: Option<Vec<u8>>,
        contents: &str,
    ) -> Result<Self, Refusal> {
        let now = text(&path, before.as_deref().unwrap_or_default())?;
        let fit = match &before {
            Some(_) if now == contents => Fit::There,
            _ => Fit::Fits(changes(now, contents)),
        };
        let after = Some(contents.as_bytes().to_vec());
        Ok(Self { step, file, path, kind: EditKind::Write, before, after, fit })
    }

    /// What was there before a change, instead of what is there now.
    pub fn undo(
        (step, file, path): (String, String, PathBuf),
        now: Option<Vec<u8>>,
        before: Option<Vec<u8>>,
    ) -> Self {
        let shown = |bytes: &Option<Vec<u8>>| {
            String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned()
        };
        let fit = Fit::Fits(changes(&shown(&now), &shown(&before)));
        Self { step, file, path, kind: EditKind::Undo, before: now, after: before, fit }
    }
}

fn text<'a>(path: &std::path::Path, bytes: &'a [u8]) -> Result<&'a str, Refusal> {
    std::str::from_utf8(bytes).map_err(|_| Refusal::NotText(path.to_owned()))
}

/// The lines around one, with their numbers.
fn excerpt(text: &str, line: usize) -> Vec<(usize, String)> {
    let first = line.saturating_sub(AROUND).max(1);
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.to_owned()));
    lines.filter(|(number, _)| (first..=line + AROUND).contains(number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "--- a\n+++ b\n@@ -1,2 +1,3 @@\n one\n+and a half\n two\n";

    fn place() -> (String, String, PathBuf) {
        ("1a".into(), "template.yaml".into(), "/app/template.yaml".into())
    }

    fn change(text: &str) -> EditPlan {
        EditPlan::change(place(), text.as_bytes().to_vec(), DIFF).unwrap()
    }

    #[test]
    fn what_fits_is_written_as_it_is_shown() {
        let plan = change("zero\r\none\r\ntwo\r\n");
        assert_eq!(plan.after.as_deref(), Some(&b"zero\r\none\r\nand a half\r\ntwo\r\n"[..]));
        let Fit::Fits(places) = plan.fit else { panic!("{:?}", plan.fit) };
        assert!(places[0].iter().any(|line| line.text == "and a half" && line.number == 3));
    }

    #[test]
    fn what_does_not_fit_says_where() {
        let plan = change("a\nb\nc\nd\none\n2\ne\nf\ng\nh\n");
        let Fit::Misfit { near: Some(near), excerpt, .. } = plan.fit else {
            panic!("{:?}", plan.fit)
        };
        assert_eq!(
            (near.line, near.expected.as_str(), near.found.as_deref()),
            (6, "two", Some("2"))
        );
        let numbers: Vec<usize> = excerpt.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(change("one\nand a half\ntwo\n").fit, Fit::There);
        assert_eq!(change("one\ntwo\none\ntwo\n").fit, Fit::Ambiguous(vec![1, 3]));
        let binary = EditPlan::change(place(), vec![0xff, 0xfe], DIFF);
        assert!(matches!(binary, Err(Refusal::NotText(_))));
    }

    #[test]
    fn a_file_is_written_anew_or_over_another() {
        let write = |before: Option<&str>| {
            EditPlan::write(place(), before.map(Into::into), "{}\n").unwrap().fit
        };
        assert!(matches!(write(None), Fit::Fits(places) if places[0].len() == 1));
        assert_eq!(write(Some("{}\n")), Fit::There);
        assert!(matches!(write(Some("{ }\n")), Fit::Fits(places) if places[0].len() == 2));
    }
}
