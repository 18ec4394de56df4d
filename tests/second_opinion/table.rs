//! The table: check × account kind × state.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

use super::differences::{Known, State, Verdict, word};

/// What the suite came to.
pub(crate) struct Table<'a> {
    states: &'a [State],
    /// Step and name of each check, by step, with the verdicts that both accounts gave in
    /// a same state.
    confirmed: Vec<(&'a str, &'a str, BTreeSet<&'a str>)>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(states: &'a [State]) -> Self {
        let mut confirmed: BTreeMap<(PartKey, &str), (&str, BTreeSet<&str>)> = BTreeMap::new();
        for (name, ours, theirs) in states.iter().flat_map(State::checks) {
            let step = ours.or(theirs).map_or("", |verdict| verdict.step.as_str());
            let (_, verdicts) =
                confirmed.entry((part_key(step), name)).or_insert((step, BTreeSet::new()));
            if word(ours) == word(theirs) {
                verdicts.insert(word(ours));
            }
        }
        let confirmed = confirmed.into_iter();
        let confirmed = confirmed.map(|((_, name), (step, verdicts))| (step, name, verdicts));
        Self { states, confirmed: confirmed.collect() }
    }

    /// Checks with the verdicts, `pass` and `fail`, that no state confirms.
    pub(crate) fn unconfirmed(&self) -> Vec<(String, String)> {
        let each = self.confirmed.iter().flat_map(|(_, name, verdicts)| {
            let open = ["pass", "fail"].into_iter().filter(|verdict| !verdicts.contains(verdict));
            open.map(|verdict| ((*name).to_owned(), verdict.to_owned()))
        });
        each.collect()
    }

    /// The table as Markdown, which is readable as it is.
    pub(crate) fn markdown(&self, known: &Known) -> String {
        let mut text = String::from("# Second opinions\n\n");
        text.push_str(
            "Each cell: the verdict on the practice account, then on the emulators (ministack and moto).\n\
             ✔ pass, ✘ fail or waiting, ? cannot tell. * differs, with the reason in \
             tests/second_opinion/differences.yaml.\n\n",
        );
        let heads = self.states.iter().map(|state| state.name.replace("module ", ""));
        let mut rows: Vec<Vec<String>> =
            vec![["step", "check"].into_iter().map(str::to_owned).chain(heads).collect()];
        rows.extend(self.confirmed.iter().map(|(step, name, _)| {
            let cells = self.states.iter().map(|state| cell(state, name));
            [(*step).to_owned(), (*name).to_owned()].into_iter().chain(cells).collect()
        }));
        align(&mut text, &rows);
        text.push_str(&self.summary(known));
        text
    }

    fn summary(&self, known: &Known) -> String {
        let cells: usize = self.states.iter().map(|state| state.checks().count()).sum();
        let differ: usize = self.states.iter().map(|state| state.differences.len()).sum();
        let has = |verdict: &str, verdicts: &BTreeSet<&str>| verdicts.contains(verdict);
        let count = |pass: bool, fail: bool| {
            let same = |(_, _, verdicts): &&(&str, &str, BTreeSet<&str>)| {
                (has("pass", verdicts), has("fail", verdicts)) == (pass, fail)
            };
            self.confirmed.iter().filter(same).count()
        };
        let mut text = format!(
            "\n{cells} cells compared in {} states: {} equal, {differ} differ, all of them listed.\n\
             Of {} checks, {} are confirmed for pass and for fail, {} for pass alone, {} for fail \
             alone, {} not at all.\n\n",
            self.states.len(),
            cells - differ,
            self.confirmed.len(),
            count(true, true),
            count(true, false),
            count(false, true),
            count(false, false),
        );
        for entry in &known.unconfirmed {
            let (verdicts, checks) = (entry.verdicts.join(" and "), entry.checks.join(", "));
            let _ = writeln!(text, "- No {verdicts} of {checks}: {}", entry.reason);
        }
        text
    }

    /// Writes the table below the target directory.
    pub(crate) fn save(markdown: &str) -> PathBuf {
        let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let path = target.parent().unwrap().join("second-opinion.md");
        std::fs::write(&path, markdown).unwrap();
        path
    }
}

fn cell(state: &State, check: &str) -> String {
    let sign = |verdict: Option<&Verdict>| match word(verdict) {
        "pass" => '✔',
        "fail" => '✘',
        _ => '?',
    };
    let (ours, theirs) = (state.practice.get(check), state.emulators.get(check));
    format!("{}/{}{}", sign(ours), sign(theirs), if state.differs(check) { "*" } else { "" })
}

/// Module and step, to sort by: the clean-up's steps come last.
type PartKey = (u32, String);

fn part_key(step: &str) -> PartKey {
    let digits = step.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    (digits.parse().unwrap_or(u32::MAX), step.to_owned())
}

/// Rows of a Markdown table, the first its head, in columns of equal width.
fn align(text: &mut String, rows: &[Vec<String>]) {
    let columns = rows.first().map_or(0, Vec::len);
    let width =
        |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!(" {cell:width$} |"));
        let _ = writeln!(text, "|{}", cells.collect::<String>());
        if number == 0 {
            let rule = widths.iter().map(|width| format!("{}|", "-".repeat(width + 2)));
            let _ = writeln!(text, "|{}", rule.collect::<String>());
        }
    }
}
