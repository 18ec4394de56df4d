//! What each value of a roster may be.

use std::collections::BTreeMap;

use super::{Access, Cell, Entry, Known, Raw, csv::Place};
use crate::account::{Role, check_region};
use crate::course::{CourseError, Diagnostic, nearest};

/// The columns that every roster may have, beside those of the course's stacks.
const COLUMNS: [&str; 6] = ["name", "account", "role", "external_id", "profile", "region"];
/// Before a stack's role.
const STACK: &str = "stack_";

/// The rows as entries.
pub(super) fn entries(
    path: &str,
    text: &str,
    rows: &[Raw],
    known: &Known,
) -> Result<Vec<Entry>, CourseError> {
    let mut check = Check { path, text, known, lines: BTreeMap::new(), wrong: Vec::new() };
    let entries: Vec<Entry> = rows.iter().filter_map(|row| check.entry(row)).collect();
    CourseError::from_list(check.wrong)?;
    Ok(entries)
}

/// A roster being checked, and what is wrong with it.
struct Check<'a> {
    path: &'a str,
    text: &'a str,
    known: &'a Known,
    /// The line on which each account stands.
    lines: BTreeMap<String, usize>,
    wrong: Vec<Diagnostic>,
}

impl Check<'_> {
    fn complain(&mut self, place: Place, message: impl Into<String>, remedy: impl Into<String>) {
        self.wrong.push(Diagnostic::at(self.path, self.text, place, message, remedy));
    }

    /// None where something is wrong with it.
    fn entry(&mut self, row: &Raw) -> Option<Entry> {
        let before = self.wrong.len();
        for cell in &row.cells {
            self.column(cell);
        }
        let account = self.account(row);
        let entry = Entry {
            name: value(row, "name").map_or(&account, |cell| &cell.text).trim().to_owned(),
            access: self.access(row, &account),
            region: self.region(row),
            stacks: stacks(row),
            account,
        };
        (self.wrong.len() == before).then_some(entry)
    }

    fn column(&mut self, cell: &Cell) {
        let name = cell.column.as_str();
        let stack = name.strip_prefix(STACK);
        let is_stack = |role: &str| self.known.stacks.iter().any(|known| known == role);
        if COLUMNS.contains(&name) || stack.is_some_and(is_stack) {
            return;
        }
        let stacks = self.known.stacks.iter().map(|role| format!("{STACK}{role}"));
        let all: Vec<String> =
            COLUMNS.iter().map(|name| (*name).to_owned()).chain(stacks).collect();
        let remedy = match nearest(name, all.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("a roster may have {}", all.join(", ")),
        };
        // A column of a CSV file is every row's: it is said once, because complaints are unique.
        self.complain(cell.column_place, format!("there is no column `{name}`"), remedy);
    }

    fn account(&mut self, row: &Raw) -> String {
        let Some(cell) = value(row, "account") else {
            let remedy = "give each learner the 12 digits of an account, in the column `account`";
            self.complain(row.place, "the account is missing", remedy);
            return String::new();
        };
        let account = cell.text.trim();
        if !is_account(account) {
            let message = format!("`{account}` is no account: one has 12 digits");
            let remedy = if account
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"+.,eE ".contains(&byte))
            {
                "a spreadsheet may have taken the zeros at its front: make the column text, and write the number again"
            } else {
                "write the digits without spaces or hyphens"
            };
            self.complain(cell.place, message, remedy);
        } else if let Some(line) = self.lines.insert(account.to_owned(), cell.place.0) {
            let message = format!("account {account} is on line {line} already");
            self.complain(cell.place, message, "take one of the two lines out");
        }
        account.to_owned()
    }

    fn access(&mut self, row: &Raw, account: &str) -> Access {
        let (role, profile) = (value(row, "role"), value(row, "profile"));
        let external_id = value(row, "external_id");
        if let (None, Some(cell)) = (role, external_id) {
            let remedy = "give the role that it is for, or leave it empty";
            self.complain(cell.place, "an external id goes with a role", remedy);
        }
        match (role, profile) {
            (Some(_), Some(cell)) => {
                let remedy =
                    "give one of the two; --profile names the profile that roles are assumed with";
                self.complain(cell.place, "a role and a profile are two ways", remedy);
                Access::Own
            }
            (Some(cell), None) => self.role(cell, external_id, account),
            (None, Some(cell)) => self.profile(cell),
            (None, None) => Access::Own,
        }
    }

    fn role(&mut self, cell: &Cell, external_id: Option<&Cell>, account: &str) -> Access {
        let arn = cell.text.trim();
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", partition, "iam", "", of, path]
                if partition.starts_with("aws") && is_account(of) && is_role(path) =>
            {
                if *of != account && is_account(account) {
                    let message = format!(
                        "the role is in account {of}, and the learner's account is {account}"
                    );
                    self.complain(cell.place, message, "give a role in the learner's own account");
                }
            }
            _ => {
                let remedy = "write it as arn:aws:iam::111111111111:role/NAME";
                self.complain(cell.place, format!("`{arn}` is no ARN of a role"), remedy);
            }
        }
        let external_id = external_id.map(|cell| cell.text.trim().to_owned());
        Access::Role(Role { arn: arn.to_owned(), external_id })
    }

    fn profile(&mut self, cell: &Cell) -> Access {
        let name = cell.text.trim();
        if let Some(known) = &self.known.profiles
            && name != "default"
            && !known.iter().any(|known| known == name)
        {
            let remedy = match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`aws configure list-profiles` names this machine's profiles".to_owned(),
            };
            self.complain(cell.place, format!("there is no AWS profile `{name}`"), remedy);
        }
        Access::Profile(name.to_owned())
    }

    fn region(&mut self, row: &Raw) -> Option<String> {
        let cell = value(row, "region")?;
        let region = cell.text.trim();
        if let Err(cannot) = check_region(region) {
            self.complain(cell.place, cannot.message, "write it like us-east-1");
        }
        Some(region.to_owned())
    }
}

/// A row's value, unless it is empty.
fn value<'a>(row: &'a Raw, column: &str) -> Option<&'a Cell> {
    row.cells.iter().find(|cell| cell.column == column && !cell.text.trim().is_empty())
}

fn stacks(row: &Raw) -> BTreeMap<String, String> {
    let named = |cell: &Cell| {
        let (role, name) = (cell.column.strip_prefix(STACK)?, cell.text.trim());
        (!name.is_empty()).then(|| (role.to_owned(), name.to_owned()))
    };
    row.cells.iter().filter_map(named).collect()
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_role(path: &str) -> bool {
    let name = path.strip_prefix("role/").unwrap_or_default();
    !name.is_empty() && !name.contains(char::is_whitespace)
}
