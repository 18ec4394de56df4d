//! Where the two accounts differ, and the list of what is known to.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Verdicts by check.
pub(crate) type Verdicts = BTreeMap<String, Verdict>;

/// A check's verdict with its message.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub(crate) verdict: String,
    pub(crate) message: String,
}

/// A check that came to another verdict on ministack than on the practice account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Difference {
    state: String,
    check: String,
    practice: String,
    ministack: String,
}

/// An entry of `differences.yaml`: each of the checks differs so in each of the states.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listed {
    /// `empty`, `insecure`, `authenticated` or `module N`, as the suite prints them.
    states: Vec<String>,
    checks: Vec<String>,
    practice: String,
    ministack: String,
    /// What ministack can't represent.
    reason: String,
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
            ministack: self.ministack.clone(),
        })
    }
}

/// `differences.yaml`.
pub(crate) fn listed() -> Vec<Listed> {
    let listed: Vec<Listed> = serde_yaml::from_str(include_str!("differences.yaml")).unwrap();
    for entry in &listed {
        assert!(entry.reason.len() > 20, "{:?} needs a reason", entry.checks);
    }
    listed
}

/// Prints both messages where the verdicts differ.
pub(crate) fn compare(state: &str, practice: &Verdicts, ministack: &Verdicts) -> Vec<Difference> {
    let names =
        practice.keys().chain(ministack.keys().filter(|name| !practice.contains_key(*name)));
    let mut differences = Vec::new();
    for name in names {
        let (ours, theirs) = (practice.get(name), ministack.get(name));
        let word = |verdict: Option<&Verdict>| {
            verdict.map_or_else(|| "absent".to_owned(), |verdict| verdict.verdict.clone())
        };
        if word(ours) != word(theirs) {
            println!("{state}: {name}");
            for (account, verdict) in [("practice", ours), ("ministack", theirs)] {
                let message = verdict.map(|verdict| verdict.message.as_str()).unwrap_or_default();
                println!("    {account}: {}: {message}", word(verdict));
            }
            differences.push(Difference {
                state: state.to_owned(),
                check: name.clone(),
                practice: word(ours),
                ministack: word(theirs),
            });
        }
    }
    differences
}

/// The list holds every difference, and nothing else.
pub(crate) fn assert_exact(found: &[Difference], listed: &[Listed]) {
    let mut known: Vec<Difference> = listed.iter().flat_map(Listed::each).collect();
    let mut found = found.to_vec();
    known.sort();
    found.sort();
    let missing: Vec<_> = found.iter().filter(|one| !known.contains(one)).collect();
    let stale: Vec<_> = known.iter().filter(|one| !found.contains(one)).collect();
    assert!(missing.is_empty(), "differences that differences.yaml doesn't list: {missing:#?}");
    assert!(stale.is_empty(), "differences.yaml lists what no longer differs: {stale:#?}");
    assert_eq!(known.len(), found.len(), "differences.yaml lists something twice");
}

#[test]
#[should_panic(expected = "no longer differs")]
fn an_entry_that_no_longer_differs_is_refused() {
    let listed = "- {states: [solved], checks: [c], practice: pass, ministack: fail, reason: r}";
    assert_exact(&[], &serde_yaml::from_str::<Vec<Listed>>(listed).unwrap());
}

#[test]
#[should_panic(expected = "doesn't list")]
fn a_difference_that_is_not_listed_is_refused() {
    let verdicts = |verdict: &str| {
        let verdict = Verdict { verdict: verdict.to_owned(), message: String::new() };
        Verdicts::from([("c".to_owned(), verdict)])
    };
    assert_exact(&compare("solved", &verdicts("pass"), &verdicts("fail")), &[]);
}
