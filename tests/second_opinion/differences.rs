//! Where the two accounts differ, and the list of what is known to.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Verdicts by check.
pub(crate) type Verdicts = BTreeMap<String, Verdict>;

/// A check's verdict with its message.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub(crate) step: String,
    /// `pass`, `fail`, `cannot_tell`.
    pub(crate) word: String,
    pub(crate) message: String,
}

/// Both accounts in one state.
pub(crate) struct State {
    pub(crate) name: String,
    pub(crate) practice: Verdicts,
    pub(crate) emulators: Verdicts,
    pub(crate) differences: Vec<Difference>,
}

/// A check that came to another verdict on the emulators than on the practice account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Difference {
    state: String,
    check: String,
    practice: String,
    emulators: String,
}

/// `differences.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    differences: Vec<Listed>,
    pub(crate) unconfirmed: Vec<Unconfirmed>,
}

/// An entry: each of the checks differs so in each of the states.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    /// As the suite prints them.
    states: Vec<String>,
    checks: Vec<String>,
    practice: String,
    emulators: String,
    /// What the emulators can't represent.
    reason: String,
}

/// Checks that in no state came to a same verdict of this kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unconfirmed {
    pub(crate) checks: Vec<String>,
    /// `pass`, `fail`, or both.
    pub(crate) verdicts: Vec<String>,
    pub(crate) reason: String,
}

impl Listed {
    fn each(&self) -> impl Iterator<Item = Difference> {
        let pairs = self
            .states
            .iter()
            .flat_map(|state| self.checks.iter().map(move |check| (state.clone(), check.clone())));
        pairs.map(|(state, check)| Difference {
            state,
            check,
            practice: self.practice.clone(),
            emulators: self.emulators.clone(),
        })
    }
}

impl Unconfirmed {
    fn each(&self) -> impl Iterator<Item = (String, String)> {
        let pairs = self.checks.iter();
        pairs.flat_map(|check| {
            self.verdicts.iter().map(move |verdict| (check.clone(), verdict.clone()))
        })
    }
}

impl Known {
    pub(crate) fn read() -> Self {
        let known: Self = serde_yaml::from_str(include_str!("differences.yaml")).unwrap();
        let reasons = known.differences.iter().map(|entry| (&entry.checks, &entry.reason));
        let more = known.unconfirmed.iter().map(|entry| (&entry.checks, &entry.reason));
        for (checks, reason) in reasons.chain(more) {
            assert!(reason.len() > 20, "{checks:?} need a reason");
        }
        known
    }

    /// The lists hold every difference and every verdict that nobody confirmed, and nothing else.
    pub(crate) fn assert_exact(&self, states: &[State], unconfirmed: &[(String, String)]) {
        let found = states.iter().flat_map(|state| state.differences.clone()).collect();
        let listed = self.differences.iter().flat_map(Listed::each).collect();
        assert_same("what differs", found, listed);
        let listed = self.unconfirmed.iter().flat_map(Unconfirmed::each).collect();
        assert_same("what nobody confirms", unconfirmed.to_vec(), listed);
    }
}

fn assert_same<T: Ord + std::fmt::Debug>(what: &str, mut found: Vec<T>, mut listed: Vec<T>) {
    found.sort();
    listed.sort();
    let missing: Vec<_> = found.iter().filter(|one| !listed.contains(one)).collect();
    let stale: Vec<_> = listed.iter().filter(|one| !found.contains(one)).collect();
    assert!(missing.is_empty(), "{what}: differences.yaml doesn't list {missing:#?}");
    assert!(stale.is_empty(), "{what}: differences.yaml lists what isn't so {stale:#?}");
    assert_eq!(listed.len(), found.len(), "{what}: differences.yaml lists something twice");
}

impl State {
    /// Compares both accounts. Prints both messages where the verdicts differ.
    pub(crate) fn compared(name: &str, practice: Verdicts, emulators: Verdicts) -> Self {
        let name = name.to_owned();
        let mut state = Self { name, practice, emulators, differences: Vec::new() };
        let mut differences = Vec::new();
        for (check, ours, theirs) in state.checks() {
            if word(ours) == word(theirs) {
                continue;
            }
            println!("{}: {check}", state.name);
            for (account, verdict) in [("practice", ours), ("emulators", theirs)] {
                let message = verdict.map(|verdict| verdict.message.as_str()).unwrap_or_default();
                println!("    {account}: {}: {message}", word(verdict));
            }
            differences.push(Difference {
                state: state.name.clone(),
                check: check.clone(),
                practice: word(ours).to_owned(),
                emulators: word(theirs).to_owned(),
            });
        }
        state.differences = differences;
        state
    }

    /// Names of all checks with both accounts' verdicts, in order of the names.
    pub(crate) fn checks(
        &self,
    ) -> impl Iterator<Item = (&String, Option<&Verdict>, Option<&Verdict>)> {
        let more = self.emulators.keys().filter(|name| !self.practice.contains_key(*name));
        let names = self.practice.keys().chain(more);
        names.map(|name| (name, self.practice.get(name), self.emulators.get(name)))
    }

    /// Whether a check differs.
    pub(crate) fn differs(&self, check: &str) -> bool {
        self.differences.iter().any(|one| one.check == check)
    }
}

pub(crate) fn word(verdict: Option<&Verdict>) -> &str {
    verdict.map_or("absent", |verdict| &verdict.word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(text: &str) -> Known {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    #[should_panic(expected = "lists what isn't so")]
    fn an_entry_that_no_longer_differs_is_refused() {
        let listed = "differences: [{states: [solved], checks: [c], practice: pass, \
            emulators: fail, reason: r}]\nunconfirmed: []";
        known(listed).assert_exact(&[], &[]);
    }

    #[test]
    #[should_panic(expected = "lists what isn't so")]
    fn a_verdict_that_is_confirmed_by_now_is_refused() {
        let listed = "differences: []\nunconfirmed: [{checks: [c], verdicts: [pass], reason: r}]";
        known(listed).assert_exact(&[], &[]);
    }

    #[test]
    #[should_panic(expected = "doesn't list")]
    fn a_difference_that_is_not_listed_is_refused() {
        let verdicts = |verdict: &str| {
            let word = verdict.to_owned();
            let verdict = Verdict { step: "1a".to_owned(), word, message: String::new() };
            Verdicts::from([("c".to_owned(), verdict)])
        };
        let state = State::compared("solved", verdicts("pass"), verdicts("fail"));
        known("differences: []\nunconfirmed: []").assert_exact(&[state], &[]);
    }
}
