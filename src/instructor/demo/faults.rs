//! What goes wrong: the course's own checks and sentences, with plausible things that they find.

use crate::course::{CheckSpec, Course, Step};
use crate::instructor::crowd::Outline;
use crate::progress::Failure;

/// What checks of the built-in course find, each as the check would show it. A check that isn't
/// here fails where its sentence stands by itself.
const FOUND: &[(&str, &[&str])] = &[
    ("dependencies-packaged", &["CustomizeUnicornFunction: mysql", "UnicornPartsFunction: mysql"]),
    ("functions-ready", &["CustomUnicornAnalyticsFunction (Pending)"]),
    ("part-lists-answer", &["GET /socks (502)", "GET /glasses (502)", "GET /capes (502)"]),
    ("scopes-defined", &["WildRydes/CustomizeUnicorn", "WildRydes/ManagePartners"]),
    (
        "every-method-has-an-authorizer",
        &["DELETE /customizations/{id}", "GET /capes", "POST /partners", "GET /socks"],
    ),
    (
        "every-method-is-deployed-closed",
        &["DELETE /customizations/{id}", "GET /socks", "GET /horns"],
    ),
    ("anonymous-calls-are-refused", &["GET /socks (200)", "GET /customizations (200)"]),
    ("partner-token-stays-in-its-scope", &["GET /partners (200)"]),
    ("dangerous-actions-are-denied", &["dynamodb:DeleteTable", "iam:PassRole", "s3:GetObject"]),
    ("needed-actions-are-allowed", &["dynamodb:PutItem", "logs:PutLogEvents"]),
    ("stranger-is-denied", &["DeleteUnicorn Unicorn::\"1\""]),
    (
        "no-unused-dependency",
        &["minimatch 2.0.10 (UnicornPartsFunction)", "babel-core 6.26.3 (ManagePartnerFunction)"],
    ),
    ("order-model-deployed", &["sock: text instead of a number", "no name"]),
    ("bad-orders-are-refused", &["SQL in imageUrl (200)", "no body (500)"]),
    ("registrations-validated", &["name: a list"]),
    ("functions-are-scanned", &["ManagePartnerFunction (pending)"]),
    ("functions-may-read-the-secret", &["CustomizeUnicornFunction (the functions' role)"]),
    ("code-holds-no-password", &["CustomizeUnicornFunction, UnicornPartsFunction"]),
    ("code-asks-for-tls", &["CustomizeUnicornFunction, ManagePartnerFunction"]),
    ("application-answers-over-tls", &["GET /socks (500)"]),
    ("partner-methods-ask-for-a-key", &["GET /glasses", "POST /customizations"]),
    ("plan-limits-rate-and-quota", &["BasicPlan"]),
    ("sql-injection-is-blocked", &["body", "query string"]),
    ("attacks-are-refused", &["SQL in the query string (401)", "20 kB body (401)"]),
    ("functions-are-traced", &["CustomizeUnicornFunction (PassThrough)"]),
];

/// A way for a step to fail.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    /// The check's place in [`Outline::checks`].
    pub(super) check: usize,
    spec: CheckSpec,
    found: &'static [&'static str],
}

/// The ways for each step to fail, in the order of [`Outline::steps`]: one at least, unless the step
/// has no required check.
pub(super) fn faults(course: &Course, outline: &Outline) -> Vec<Vec<Fault>> {
    let of = |step: &crate::instructor::crowd::OutlineStep| {
        course.step(&step.id).map_or_else(Vec::new, |(_, step)| of_step(step, outline))
    };
    outline.steps.iter().map(of).collect()
}

fn of_step(step: &Step, outline: &Outline) -> Vec<Fault> {
    let required = step.checks.iter().filter(|check| !check.optional);
    let all = required.filter_map(|spec| {
        let found = FOUND.iter().find(|(name, _)| *name == spec.check);
        let found = found.map_or(&[][..], |(_, found)| found);
        Some(Fault { check: outline.check(&spec.check)?, spec: spec.clone(), found })
    });
    let (told, silent): (Vec<Fault>, Vec<Fault>) = all.partition(Fault::says_something);
    if told.is_empty() { silent } else { told }
}

impl Fault {
    fn says_something(&self) -> bool {
        !self.message("en", &[]).is_empty()
            && (self.spec.offenders.is_none() || !self.found.is_empty())
    }

    /// What the check finds: it begins with another of the list for another `first`.
    fn offenders(&self, first: usize) -> Vec<String> {
        let many = self.found.len().min(2);
        let found = self.found.iter().cycle().skip(first % self.found.len().max(1)).take(many);
        found.map(|text| (*text).to_owned()).collect()
    }

    /// What the check says when it finds that; empty where its sentence needs the account.
    fn message(&self, lang: &str, offenders: &[String]) -> String {
        let mut text = self.spec.fail.get(lang).to_owned();
        if let Some(begin) = text.find("{{ offenders | join('")
            && let Some(end) = text[begin..].find("}}")
        {
            let between = text[begin..begin + end].split('\'').nth(1).unwrap_or(", ").to_owned();
            text.replace_range(begin..begin + end + 2, &offenders.join(&between));
        }
        if text.contains("{{") || text.contains("{%") { String::new() } else { text }
    }

    /// The check's failure, as a journal keeps it.
    pub(super) fn failure(&self, lang: &str, first: usize) -> Failure {
        let offenders = self.offenders(first);
        Failure { message: self.message(lang, &offenders), offenders }
    }
}
