//! What a scenario of the course's test asks of every check, and where a report differs from it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::check::{CheckResult, Report, Verdict};
use crate::course::{Break, CheckSpec, Course, PartId};

/// What a check must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ask {
    /// Its control is there.
    Pass,
    /// Its control isn't there: anything but pass, as long as it could look.
    NotPass,
    /// Its control was just broken.
    Red,
    /// It rests on the control that was just broken: fail, or blocked by a step that does.
    RedOrBlocked,
    /// A step that it needs was just broken: pass or blocked.
    PassOrBlocked,
    /// The course was never here, so that there is nothing to clean up, and nothing to praise.
    Untold,
}

impl Ask {
    fn met_by(self, verdict: Verdict) -> bool {
        match self {
            Self::Pass => verdict == Verdict::Pass,
            Self::NotPass => {
                matches!(verdict, Verdict::Fail | Verdict::Blocked)
            }
            Self::Red => verdict == Verdict::Fail,
            Self::RedOrBlocked => matches!(verdict, Verdict::Fail | Verdict::Blocked),
            Self::PassOrBlocked => matches!(verdict, Verdict::Pass | Verdict::Blocked),
            Self::Untold => matches!(verdict, Verdict::CannotTell | Verdict::Blocked),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Pass => "should pass",
            Self::NotPass => "should not pass",
            Self::Red => "should fail",
            Self::RedOrBlocked => "should fail, or be blocked",
            Self::PassOrBlocked => "should pass, or be blocked",
            Self::Untold => "should not be able to tell, or be blocked",
        }
    }
}

/// What is asked of each check, by its name.
pub(super) type Asks<'a> = BTreeMap<&'a str, Ask>;

/// A check that came to something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// The check's name.
    pub(super) check: String,
    /// What was asked.
    pub(super) asked: Ask,
    /// What it came to; none when the report doesn't hold it.
    pub(super) found: Option<Verdict>,
    /// The check's own words.
    pub(super) message: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let found = match self.found {
            Some(verdict) => words(verdict),
            None => "is not in the report",
        };
        write!(f, "{} {}, and {found}", self.check, self.asked.words())?;
        if self.message.is_empty() { Ok(()) } else { write!(f, ": {}", self.message) }
    }
}

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "passes",
        Verdict::Fail => "fails",
        Verdict::Waiting => "is waiting",
        Verdict::Blocked => "is blocked",
        Verdict::CannotTell => "cannot tell",
        Verdict::Skipped => "is skipped",
    }
}

/// What was done to an account.
#[derive(Debug, Clone, Copy)]
pub(super) enum Done<'a> {
    /// Nothing.
    Nothing,
    /// Some modules. What of the clean-up holds by then is nobody's business.
    Modules(&'a [u8]),
    /// All modules.
    All,
    /// All modules, and then the clean-up.
    Cleanup,
}

/// What is asked of each check. Where nothing was made, the clean-up can't tell; where everything
/// was, it doesn't pass; once it is done, it passes, and no module does.
pub(super) fn solved<'a>(course: &'a Course, done: Done<'_>) -> Asks<'a> {
    let ask = |part| match (part, done) {
        (PartId::Module(number), Done::Modules(solved)) if solved.contains(&number) => {
            Some(Ask::Pass)
        }
        (PartId::Module(_), Done::All) => Some(Ask::Pass),
        (PartId::Cleanup, Done::Modules(_)) => None,
        (PartId::Cleanup, Done::Nothing) => Some(Ask::Untold),
        (PartId::Cleanup, Done::Cleanup) => Some(Ask::Pass),
        (PartId::Module(_), _) | (PartId::Cleanup, Done::All) => Some(Ask::NotPass),
    };
    let asked = checks(course).map(|(part, check)| Some((check.check.as_str(), ask(part)?)));
    asked.flatten().collect()
}

/// The clean-up is done: what is asked of its own checks, whatever becomes of the modules.
pub(super) fn cleaned(course: &Course) -> Asks<'_> {
    let own = checks(course).filter(|(part, _)| *part == PartId::Cleanup);
    own.map(|(_, check)| (check.check.as_str(), Ask::Pass)).collect()
}

/// All that was asked of is done, and then `broken` was broken by `by`.
pub(super) fn broken<'a>(
    course: &'a Course,
    mut asks: Asks<'a>,
    broken: &'a CheckSpec,
    by: &'a Break,
) -> Asks<'a> {
    let red: BTreeSet<&str> =
        by.also.iter().map(String::as_str).chain([broken.check.as_str()]).collect();
    let unproven = unproven_steps(course, &red);
    for (_, check) in checks(course) {
        let Some(ask) = asks.get_mut(check.check.as_str()) else { continue };
        if check.check == broken.check {
            *ask = Ask::Red;
        } else if red.contains(check.check.as_str()) {
            *ask = Ask::RedOrBlocked;
        } else if *ask == Ask::Pass && waits_for(course, &check.step, &unproven) {
            *ask = Ask::PassOrBlocked;
        }
    }
    asks
}

/// Compares a report with what was asked, in the course's order.
pub(super) fn judge(course: &Course, asks: &Asks<'_>, report: &Report) -> Vec<Finding> {
    let results: BTreeMap<&str, &CheckResult> =
        results(report).map(|result| (result.check.as_str(), result)).collect();
    checks(course)
        .filter_map(|(_, check)| {
            let asked = *asks.get(check.check.as_str())?;
            let result = results.get(check.check.as_str());
            let found = result.map(|result| result.verdict);
            let met = found.is_some_and(|verdict| asked.met_by(verdict));
            (!met).then(|| Finding {
                check: check.check.clone(),
                asked,
                found,
                message: result.map(|result| result.message.clone()).unwrap_or_default(),
            })
        })
        .collect()
}

/// All results of a report.
pub(super) fn results(report: &Report) -> impl Iterator<Item = &CheckResult> {
    report.steps().flat_map(|step| &step.checks)
}

/// All checks with their parts, in the course's order.
pub(super) fn checks(course: &Course) -> impl Iterator<Item = (PartId, &CheckSpec)> {
    course.parts().flat_map(|part| {
        part.steps.iter().flat_map(move |step| step.checks.iter().map(move |c| (part.id, c)))
    })
}

/// Steps that a red check leaves unproven, and the steps that are blocked by them.
fn unproven_steps<'a>(course: &'a Course, red: &BTreeSet<&str>) -> BTreeSet<&'a str> {
    let mut unproven: BTreeSet<&str> = checks(course)
        .filter(|(_, check)| red.contains(check.check.as_str()) && !check.optional)
        .map(|(_, check)| check.step.as_str())
        .collect();
    loop {
        let before = unproven.len();
        for step in course.parts().flat_map(|part| part.steps) {
            if step.spec.needs.iter().any(|need| unproven.contains(need.as_str())) {
                unproven.insert(&step.spec.id);
            }
        }
        if unproven.len() == before {
            return unproven;
        }
    }
}

/// Whether the step needs one of the unproven ones.
fn waits_for(course: &Course, step: &str, unproven: &BTreeSet<&str>) -> bool {
    let found = course.step(step).map(|(_, step)| step);
    found.is_some_and(|step| step.spec.needs.iter().any(|need| unproven.contains(need.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clean_up_holds_after_itself_alone() {
        let course = Course::embedded().unwrap();
        let of = |done: Done<'_>, name: &str| solved(&course, done).get(name).copied();
        let (module, cleanup) = ("setup-stack-complete", "setup-stack-is-deleted");
        assert_eq!(of(Done::Nothing, cleanup), Some(Ask::Untold));
        assert_eq!(of(Done::Modules(&[0]), cleanup), None);
        assert_eq!(of(Done::All, cleanup), Some(Ask::NotPass));
        assert_eq!(of(Done::Cleanup, cleanup), Some(Ask::Pass));
        assert_eq!(of(Done::Cleanup, module), Some(Ask::NotPass));
        assert!(cleaned(&course).contains_key(cleanup));
        assert!(!cleaned(&course).contains_key(module));
        for verdict in [Verdict::Pass, Verdict::Fail] {
            assert!(!Ask::Untold.met_by(verdict), "where nothing was, there is nothing to say");
        }
    }

    #[test]
    fn a_check_that_could_not_look_meets_nothing() {
        for ask in [Ask::Pass, Ask::NotPass, Ask::Red, Ask::RedOrBlocked, Ask::PassOrBlocked] {
            assert!(!ask.met_by(Verdict::CannotTell), "{ask:?}");
            assert!(!ask.met_by(Verdict::Skipped), "{ask:?}");
        }
    }

    #[test]
    fn a_finding_names_check_expectation_and_verdict() {
        let finding = Finding {
            check: "every-method".into(),
            asked: Ask::Red,
            found: Some(Verdict::Pass),
            message: "All nine ask for a token.".into(),
        };
        assert_eq!(
            finding.to_string(),
            "every-method should fail, and passes: All nine ask for a token."
        );
    }
}
