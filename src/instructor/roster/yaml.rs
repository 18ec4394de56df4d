//! A roster as a list of maps. Values are texts as they are written: an account's number keeps its
//! leading zeros.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_yaml::{Location, Spanned};

use super::{Cell, Raw, csv::Place};
use crate::course::{Diagnostic, parse_yaml};

/// The rows of a file.
///
/// # Errors
/// The text is no list of maps with texts.
pub(super) fn rows(path: &str, text: &str) -> Result<Vec<Raw>, Diagnostic> {
    let rows: Vec<Spanned<Row>> = parse_yaml(path, text).map_err(|mut wrong: Diagnostic| {
        "a roster is a list: - { name: Ann, account: \"111111111111\" }"
            .clone_into(&mut wrong.remedy);
        wrong
    })?;
    let raw = |row: Spanned<Row>| Raw { place: place(row.referenced), cells: row.value.0 };
    Ok(rows.into_iter().map(raw).collect())
}

struct Row(Vec<Cell>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a learner: name, account and how it is reached")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut cells = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let value = map.next_value::<Spanned<String>>()?;
            cells.push(Cell {
                column: key.value,
                column_place: place(key.referenced),
                text: value.value,
                place: place(value.referenced),
            });
        }
        Ok(Row(cells))
    }
}

fn place(at: Location) -> Place {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    (number(at.line()), number(at.column()))
}
