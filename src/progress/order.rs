//! The order in which things happened: rows as they were written, and those of other journals that
//! were imported later, put between each other by their times.
//!
//! Within one journal the order of writing holds, not the clock, which may jump. An import tells how
//! many of the rows behind it are another journal's.

use jiff::Timestamp;

use super::journal::Entry;

/// A row of the journal's file.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// When it happened; none where that can't be read.
    pub(super) at: Option<Timestamp>,
    /// What happened, as written.
    pub(super) what: String,
    /// The same as far as this version knows it.
    pub(super) entry: Option<Entry>,
}

impl Row {
    pub(super) fn new(at: &str, what: String) -> Self {
        let entry = serde_json::from_str(&what).ok();
        Self { at: at.parse().ok(), what, entry }
    }
}

/// Rows as they were written, oldest event first.
pub(super) fn in_order(rows: Vec<Row>) -> Vec<Row> {
    // Of this journal, and of the import that is being read: the latest time so far.
    let (mut own, mut other) = (Timestamp::MIN, Timestamp::MIN);
    let mut imported = 0_usize;
    let mut keyed = Vec::with_capacity(rows.len());
    for row in rows {
        let latest = if imported > 0 { &mut other } else { &mut own };
        *latest = row.at.map_or(*latest, |at| at.max(*latest));
        let key = *latest;
        imported = imported.saturating_sub(1);
        if let Some(Entry::Imported { events, .. }) = row.entry {
            (imported, other) = (events, Timestamp::MIN);
        }
        keyed.push((key, row));
    }
    // Stable: what was written first stays first.
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(minute: i64, entry: &Entry) -> Row {
        let at = Timestamp::from_second(minute * 60).unwrap();
        Row::new(&at.to_string(), serde_json::to_string(&entry).unwrap())
    }

    fn opened(minute: i64, step: &str) -> Row {
        row(minute, &Entry::Opened { step: step.to_owned() })
    }

    fn imported(minute: i64, events: usize) -> Row {
        row(minute, &Entry::Imported { events, tool: String::new() })
    }

    fn steps(rows: Vec<Row>) -> String {
        let step = |row: Row| match row.entry {
            Some(Entry::Opened { step }) => step,
            _ => "+".to_owned(),
        };
        in_order(rows).into_iter().map(step).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_clock_that_goes_back_changes_no_order() {
        assert_eq!(steps(vec![opened(50, "a"), opened(10, "b"), opened(20, "c")]), "a b c");
    }

    #[test]
    fn what_was_imported_stands_where_it_happened() {
        let rows = vec![
            opened(10, "a"),
            opened(40, "d"),
            imported(90, 2),
            opened(20, "b"),
            opened(30, "c"),
            opened(95, "e"),
        ];
        assert_eq!(steps(rows), "a b c d + e");
    }

    #[test]
    fn another_journals_clock_changes_no_order_either() {
        let rows = vec![
            opened(10, "a"),
            imported(90, 3),
            opened(50, "x"),
            opened(20, "y"),
            opened(60, "z"),
        ];
        assert_eq!(steps(rows), "a x y z +");
    }

    #[test]
    fn an_import_that_promises_too_much_is_read_to_the_end() {
        let rows = vec![imported(90, usize::MAX), opened(20, "b"), opened(10, "c")];
        assert_eq!(steps(rows), "b c +");
    }

    #[test]
    fn a_time_that_can_not_be_read_keeps_its_place() {
        let odd = Row::new("yesterday", r#"{"event":"opened","step":"b"}"#.to_owned());
        assert_eq!(steps(vec![opened(10, "a"), odd, opened(20, "c")]), "a b c");
    }
}
