//! The roster: whose accounts are read, and how each is reached.
//!
//! A CSV file with a header, or a YAML list; both have the same columns. Only `account` must be
//! there.
//!
//! | column | |
//! |---|---|
//! | `name` | how the learner is called in results |
//! | `account` | 12 digits: the account that the credentials must lead to |
//! | `role`, `external_id` | the ARN of the role to assume, and what its trust policy asks for |
//! | `profile` | the AWS profile to use instead of a role |
//! | `region` | where it isn't the one of `--region` |
//! | `stack_…` | a stack's own name, by its role in the course: `stack_app` |

mod check;
mod csv;
mod yaml;

use std::collections::BTreeMap;

use crate::account::Role;
use crate::course::{CourseError, Diagnostic};
use csv::Place;

/// A learner of the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name; the account's number where the roster has none.
    pub name: String,
    /// The account's 12 digits.
    pub account: String,
    /// How it is reached.
    pub access: Access,
    /// The region, where the roster says it.
    pub region: Option<String>,
    /// Names of stacks by role, where they differ from the course's.
    pub stacks: BTreeMap<String, String>,
}

/// How an account is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// With the credentials that the grader runs with.
    Own,
    /// Through a profile of the grader's.
    Profile(String),
    /// Through a role in the account, assumed with the credentials that the grader runs with.
    Role(Role),
}

/// What a roster may name.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The course's stacks, by role.
    pub stacks: Vec<String>,
    /// The machine's AWS profiles; none where they don't matter.
    pub profiles: Option<Vec<String>>,
}

/// A file's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Fields between commas.
    Csv,
    /// A list of maps.
    Yaml,
}

impl Form {
    /// By a file's name; none for another kind of file.
    pub fn of(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }
}

/// Reads a roster. `path` is what complaints call it.
///
/// # Errors
/// Everything that is wrong with it, with path, line, column and excerpt.
pub fn read(
    path: &str,
    bytes: &[u8],
    form: Form,
    known: &Known,
) -> Result<Vec<Entry>, CourseError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| {
        let remedy = "save it as UTF-8; a spreadsheet calls that \"CSV UTF-8\"";
        Diagnostic::of_file(path, "the roster isn't UTF-8 text", remedy)
    })?;
    let rows = if text.trim().is_empty() {
        Vec::new()
    } else {
        match form {
            Form::Csv => csv_rows(path, text)?,
            Form::Yaml => yaml::rows(path, text)?,
        }
    };
    if rows.is_empty() {
        let remedy = "write a line for each learner, with at least an account";
        return Err(Diagnostic::of_file(path, "the roster names nobody", remedy).into());
    }
    check::entries(path, text, &rows, known)
}

/// A row as the file has it.
#[derive(Debug)]
struct Raw {
    place: Place,
    cells: Vec<Cell>,
}

/// A value of a row.
#[derive(Debug)]
struct Cell {
    column: String,
    column_place: Place,
    text: String,
    place: Place,
}

fn csv_rows(path: &str, text: &str) -> Result<Vec<Raw>, CourseError> {
    let records = csv::records(text)
        .map_err(|wrong| Diagnostic::at(path, text, wrong.place, wrong.message, wrong.remedy))?;
    let mut records = records.into_iter();
    let header = records.next().unwrap_or_default();
    if let [only] = header.as_slice()
        && let Some(other) = [';', '\t'].into_iter().find(|mark| only.text.contains(*mark))
    {
        let column = only.text.chars().take_while(|letter| *letter != other).count() + 1;
        let remedy = "save it with commas between the fields";
        let message = "the columns aren't separated by commas";
        return Err(Diagnostic::at(path, text, (only.place.0, column), message, remedy).into());
    }
    let mut wrong = Vec::new();
    for (at, column) in header.iter().enumerate() {
        if header[..at].iter().any(|other| other.text.trim() == column.text.trim()) {
            let message = format!("the column `{}` is there twice", column.text.trim());
            wrong.push(Diagnostic::at(path, text, column.place, message, "take one out"));
        }
    }
    let mut rows = Vec::new();
    for record in records {
        let place = record.first().map_or((1, 1), |field| field.place);
        if record.len() != header.len() {
            let message = format!(
                "this line has {} fields, and the header has {}",
                record.len(),
                header.len()
            );
            let remedy = "give it as many commas; put a field that holds a comma in quotes";
            wrong.push(Diagnostic::at(path, text, place, message, remedy));
            continue;
        }
        let cells = header.iter().zip(record).map(|(column, field)| Cell {
            column: column.text.trim().to_owned(),
            column_place: column.place,
            text: field.text,
            place: field.place,
        });
        rows.push(Raw { place, cells: cells.collect() });
    }
    CourseError::from_list(wrong)?;
    Ok(rows)
}

#[cfg(test)]
mod tests;
