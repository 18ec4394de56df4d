//! What a signed report says of itself: whose account, who looked, over which course, when.

use serde::Deserialize;

use super::super::grade::Summary;
use super::super::sheet::one_line;
use super::super::words as common;
use super::words;
use crate::check::{AccountKind, CourseId, Score};

/// The head of a report of `verify` or `grade` that was written as JSON.
#[derive(Debug, Clone, Deserialize)]
pub struct Contents {
    tool: String,
    course: CourseId,
    started: String,
    #[serde(flatten)]
    of: Of,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Of {
    /// Of `verify`.
    Account { account: String, caller: String, kind: AccountKind, region: String, score: Score },
    /// Of `grade`.
    Roster { summary: Summary },
}

impl Contents {
    /// None where it is no such report: one in another format says who it is of in its own way.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// A line each, for people. `course` is the one that this program has.
    pub fn lines(&self, lang: &str, course: &CourseId) -> Vec<String> {
        let mut lines = match &self.of {
            Of::Account { account, caller, kind, region, score } => vec![
                format!("{} · {}", common::account(lang, *kind, account), region),
                words::read_by(lang, caller, &self.started),
                words::score(lang, score.earned, score.possible),
            ],
            Of::Roster { summary } => {
                vec![words::read_at(lang, &self.started), common::counts(lang, *summary)]
            }
        };
        lines.push(words::made_by(lang, &self.tool));
        let same = self.course.id == course.id && self.course.sha256 == course.sha256;
        lines.push(words::course(lang, &self.course.id, &self.course.sha256, same));
        lines.iter().map(|line| one_line(line)).collect()
    }
}
