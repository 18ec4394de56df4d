//! What the course's test came to: scenarios, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::judge::Finding;
use crate::course::PartId;

/// What the course's test did with one account.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "scenario", rename_all = "snake_case")]
pub(super) enum Kind {
    /// Nothing was done to it.
    Empty,
    /// Modules were solved, in this order.
    Solved {
        /// Their numbers.
        modules: Vec<u8>,
    },
    /// Modules were solved by running their instructions, in this order.
    Executed {
        /// Their numbers.
        modules: Vec<u8>,
    },
    /// Modules were solved, and then everything was cleaned up.
    CleanedUp {
        /// Their numbers.
        modules: Vec<u8>,
        /// By running the instructions.
        executed: bool,
    },
    /// The modules were solved (and the clean-up, for a check of its own), and a check's `breaks`
    /// entry was done to it.
    Broken {
        /// The check's module; none for the clean-up's.
        #[serde(skip_serializing_if = "Option::is_none")]
        module: Option<u8>,
        /// The check that must turn red.
        check: String,
        /// What was broken.
        #[serde(rename = "break")]
        by: String,
    },
}

/// One account and what the checks said of it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Scenario {
    /// What was done to it.
    #[serde(flatten)]
    pub(super) kind: Kind,
    /// Checks that came to something else than they should.
    pub(super) findings: Vec<Finding>,
    /// Why the scenario could not be played to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    /// Checks that pass.
    pub(super) passing: usize,
    /// Checks that were looked at.
    pub(super) checks: usize,
    /// How long it took.
    pub(super) seconds: f64,
}

impl Scenario {
    pub(super) fn holds(&self) -> bool {
        self.findings.is_empty() && self.error.is_none()
    }
}

/// Everything that the test found.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Outcome {
    /// Version of this shape: 1.
    pub(super) schema: u32,
    /// Whether every scenario holds.
    pub(super) holds: bool,
    /// How long it all took.
    pub(super) seconds: f64,
    /// In the order that they were played.
    pub(super) scenarios: Vec<Scenario>,
}

impl Outcome {
    pub(super) fn new(scenarios: Vec<Scenario>, seconds: f64) -> Self {
        let holds = scenarios.iter().all(Scenario::holds);
        Self { schema: 1, holds, seconds, scenarios }
    }

    /// The last lines for people: each part's scenarios, and all of them.
    pub(super) fn summary(&self) -> String {
        let mut parts: BTreeMap<PartId, Tally> = BTreeMap::new();
        for scenario in &self.scenarios {
            // A state counts for the module that was done last.
            let (part, broken) = match &scenario.kind {
                Kind::Empty => continue,
                Kind::Solved { modules } | Kind::Executed { modules } => {
                    (modules.last().copied().unwrap_or_default().into(), false)
                }
                Kind::CleanedUp { .. } => (PartId::Cleanup, false),
                Kind::Broken { module, .. } => (module.map_or(PartId::Cleanup, Into::into), true),
            };
            let tally = parts.entry(part).or_default();
            tally.states += usize::from(!broken);
            tally.breaks += usize::from(broken);
            tally.wrong += usize::from(!scenario.holds());
            tally.seconds += scenario.seconds;
        }
        let mut text = String::new();
        for (part, Tally { states, breaks, wrong, seconds }) in parts {
            let name = match part {
                PartId::Module(number) => format!("module {number:>2}"),
                PartId::Cleanup => "clean-up ".to_owned(),
            };
            let verdict = match wrong {
                0 => "all hold".to_owned(),
                wrong => format!("{wrong} don't hold"),
            };
            // Writing to a string can't fail.
            let _ = writeln!(
                text,
                "{name}: {states:>2} states, {breaks:>2} breaks, {seconds:>5.1} s, {verdict}"
            );
        }
        let breaks =
            self.scenarios.iter().filter(|s| matches!(s.kind, Kind::Broken { .. })).count();
        let states = self.scenarios.len() - breaks;
        let wrong = self.scenarios.iter().filter(|scenario| !scenario.holds()).count();
        let verdict = match wrong {
            0 => "the course holds".to_owned(),
            wrong => format!("{wrong} of {} scenarios don't hold", self.scenarios.len()),
        };
        text + &format!("{verdict}: {states} states, {breaks} breaks, {:.1} s", self.seconds)
    }
}

/// A part's scenarios.
#[derive(Debug, Default)]
struct Tally {
    states: usize,
    breaks: usize,
    wrong: usize,
    seconds: f64,
}

/// `0, 1, 5`
fn list(modules: &[u8]) -> String {
    modules.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}

/// One scenario for people: a line, and one more for each finding.
pub(super) fn line(scenario: &Scenario) -> String {
    let mark = if scenario.holds() { "ok  " } else { "FAIL" };
    let what = match &scenario.kind {
        Kind::Empty => "an empty account".to_owned(),
        Kind::Solved { modules } => format!("solved: {}", list(modules)),
        Kind::Executed { modules } => format!("instructions run: {}", list(modules)),
        Kind::CleanedUp { modules, executed: false } => format!("cleaned up: {}", list(modules)),
        Kind::CleanedUp { modules, executed: true } => {
            format!("clean-up's instructions run: {}", list(modules))
        }
        Kind::Broken { check, by, .. } => format!("{check}: {by}"),
    };
    let (passing, checks, seconds) = (scenario.passing, scenario.checks, scenario.seconds);
    let mut text = format!("{mark} {what} ({passing} of {checks} checks pass, {seconds:.1} s)");
    for finding in &scenario.findings {
        text.extend(["\n       ", &finding.to_string()]);
    }
    for line in scenario.error.iter().flat_map(|error| error.lines()) {
        text.extend(["\n       ", line]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::judge::Ask;
    use super::*;
    use crate::check::Verdict;

    fn broken(findings: Vec<Finding>) -> Scenario {
        Scenario {
            kind: Kind::Broken {
                module: Some(1),
                check: "every-method".into(),
                by: "GET /socks asks for nothing".into(),
            },
            findings,
            error: None,
            passing: 3,
            checks: 4,
            seconds: 0.25,
        }
    }

    #[test]
    fn a_finding_stands_below_its_scenario_and_fails_the_whole() {
        let finding = Finding {
            check: "every-method".into(),
            asked: Ask::Red,
            found: Some(Verdict::Pass),
            message: String::new(),
        };
        let scenario = broken(vec![finding]);
        assert_eq!(
            line(&scenario),
            "FAIL every-method: GET /socks asks for nothing (3 of 4 checks pass, 0.2 s)\n       \
             every-method should fail, and passes"
        );
        let outcome = Outcome::new(vec![broken(Vec::new()), scenario], 1.0);
        assert!(!outcome.holds);
        assert_eq!(
            outcome.summary(),
            "module  1:  0 states,  2 breaks,   0.5 s, 1 don't hold\n\
             1 of 2 scenarios don't hold: 0 states, 2 breaks, 1.0 s"
        );
    }

    #[test]
    fn a_scenario_as_json_names_check_and_break() {
        let json = serde_json::to_value(broken(Vec::new())).unwrap();
        assert_eq!(json["scenario"], "broken");
        assert_eq!(json["check"], "every-method");
        assert_eq!(json["break"], "GET /socks asks for nothing");
    }
}
