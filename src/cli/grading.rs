//! The formats of `verify` and `grade`, and the weights that both take.

use std::path::{Path, PathBuf};

use super::{Error, output, signing};
use crate::course::Course;
use crate::report::signature::Key;
use crate::report::{self, Learner, Sheet, Weights};

/// How results are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// Text for people
    #[default]
    Human,
    /// Everything, for programs
    Json,
    /// JUnit XML: a suite for each learner, a case for each check
    Junit,
    /// Test Anything Protocol 14: a subtest for each learner of a roster
    Tap,
    /// Gradescope's results.json; for a roster, a directory with a file for each account
    Gradescope,
    /// GitHub Classroom's autograding result; for a roster, a directory with a file for each account
    Github,
    /// A line for each check of each learner, for spreadsheets
    Csv,
    /// A line for each learner, for spreadsheets
    Gradebook,
}

impl Format {
    /// Whether it holds one learner: a roster then becomes a directory of files.
    pub(super) fn is_of_one(self) -> bool {
        matches!(self, Self::Gradescope | Self::Github)
    }

    /// The text; none for the formats that each command writes itself.
    ///
    /// # Errors
    /// It can't be written as JSON: a defect.
    pub(super) fn of_sheet(self, sheet: &Sheet<'_>) -> Result<Option<String>, Error> {
        Ok(match self {
            Self::Human | Self::Json => None,
            Self::Junit => Some(report::junit(sheet)),
            Self::Tap => Some(report::tap(sheet)),
            Self::Csv => Some(report::csv(sheet)),
            Self::Gradebook => Some(report::gradebook(sheet)),
            Self::Gradescope | Self::Github => match sheet.learners.first() {
                Some(learner) => Some(self.of_learner(sheet, learner)?),
                None => None,
            },
        })
    }

    /// One learner's text, in a format that holds one.
    fn of_learner(self, sheet: &Sheet<'_>, learner: &Learner<'_>) -> Result<String, Error> {
        if self == Self::Github {
            return Ok(report::github(sheet, learner));
        }
        report::json(&report::gradescope(sheet, learner))
            .map_err(|error| Error::usage(format!("cannot write JSON: {error}")))
    }

    /// Writes a directory with a file for each account, and each file's signature where there is a key.
    ///
    /// # Errors
    /// It is there already and holds something, or can't be written.
    pub(super) fn write_each(
        self,
        sheet: &Sheet<'_>,
        dir: &Path,
        key: Option<&Key>,
    ) -> Result<(), Error> {
        let ending = if self == Self::Github { "txt" } else { "json" };
        let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
        for learner in &sheet.learners {
            let name = PathBuf::from(format!("{}.{ending}", learner.account));
            let bytes = self.of_learner(sheet, learner)?.into_bytes();
            if let Some(key) = key {
                files.push((signing::beside(&name), signing::signature(key, &bytes)?.into_bytes()));
            }
            files.push((name, bytes));
        }
        let files: Vec<(&Path, &[u8])> =
            files.iter().map(|(name, bytes)| (name.as_path(), bytes.as_slice())).collect();
        output::directory(dir, &files)
    }
}

/// What each check is worth: a point, or what the file of `--weights` says.
///
/// # Errors
/// The file can't be read, or is wrong.
pub(super) fn weights(path: Option<&Path>, course: &Course) -> Result<Weights, Error> {
    let Some(path) = path else { return Ok(Weights::default()) };
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|error| Error::usage(format!("cannot read the weights {name}: {error}")))?;
    Weights::read(&name, &bytes, course)
        .map_err(|wrong| Error::usage(format!("the weights are wrong\n{wrong}")))
}
