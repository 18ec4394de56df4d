//! What each check is worth: one point, or what a grader's file says.
//!
//! ```yaml
//! pass_mark: 70                      # percent of the possible points; none without it
//! default: 1                         # each required check that nothing below names
//! extra: 0.5                         # each optional one: extra credit, counted apart; 0 without it
//! modules: { 3: 2 }                  # each required check of module 3
//! steps: { 1d: 3 }                   # each check of step 1d
//! checks: { tokens-are-verified: 5 } # this check
//! ```
//! The narrowest that names a check says what it is worth.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_yaml::{Location, Spanned};

use crate::check::{CheckResult, StepResult};
use crate::course::{Course, CourseError, Diagnostic, nearest, parse_yaml};

/// The most points that one check may be worth.
const MOST: f64 = 1000.0;

/// What each check is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// Percent of the possible points that must be earned; none where there is no mark.
    pub pass_mark: Option<f64>,
    default: f64,
    extra: f64,
    modules: BTreeMap<String, f64>,
    steps: BTreeMap<String, f64>,
    checks: BTreeMap<String, f64>,
}

/// A point for each required check, nothing for extra credit, no pass mark.
impl Default for Weights {
    fn default() -> Self {
        let (modules, steps, checks) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { pass_mark: None, default: 1.0, extra: 0.0, modules, steps, checks }
    }
}

/// The file of `--weights`.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeightFile {
    /// Percent of the possible points that must be earned.
    #[schemars(with = "Option<f64>")]
    pass_mark: Option<Spanned<f64>>,
    /// Points of each required check that nothing else names; 1 without it.
    #[schemars(with = "Option<f64>")]
    default: Option<Spanned<f64>>,
    /// Points of each optional check that nothing else names: extra credit; 0 without it.
    #[schemars(with = "Option<f64>")]
    extra: Option<Spanned<f64>>,
    /// Points of each required check of a module, by the module's number.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, f64>")]
    modules: Named,
    /// Points of each check of a step, by the step's id.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, f64>")]
    steps: Named,
    /// Points of a check, by its name.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, f64>")]
    checks: Named,
}

impl Weights {
    /// Reads a grader's file. `path` is what complaints call it.
    ///
    /// # Errors
    /// Everything that is wrong with it, with path, line, column and excerpt.
    pub fn read(path: &str, bytes: &[u8], course: &Course) -> Result<Self, CourseError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|_| {
            Diagnostic::of_file(path, "the weights aren't UTF-8 text", "save them as UTF-8")
        })?;
        let file: WeightFile = parse_yaml(path, text)?;
        let mut check = Check { path, text, wrong: Vec::new() };
        let modules: Vec<String> =
            course.modules.iter().map(|module| module.entry.number.to_string()).collect();
        let parts = || course.parts().flat_map(|part| part.steps);
        let steps: Vec<String> = parts().map(|step| step.spec.id.clone()).collect();
        let checks: Vec<String> =
            parts().flat_map(|step| &step.checks).map(|check| check.check.clone()).collect();
        let without = Self::default();
        let weights = Self {
            pass_mark: file.pass_mark.map(|mark| check.number(&mark, 100.0)),
            default: file.default.map_or(without.default, |points| check.number(&points, MOST)),
            extra: file.extra.map_or(without.extra, |points| check.number(&points, MOST)),
            modules: check.named("module", file.modules, &modules),
            steps: check.named("step", file.steps, &steps),
            checks: check.named("check", file.checks, &checks),
        };
        CourseError::from_list(check.wrong)?;
        Ok(weights)
    }

    /// What a check is worth when it passes. The clean-up has no module's number.
    pub fn worth(&self, module: Option<u8>, step: &StepResult, check: &CheckResult) -> f64 {
        let named = self.checks.get(&check.check).or_else(|| self.steps.get(&step.step));
        if step.optional || check.optional {
            return named.copied().unwrap_or(self.extra);
        }
        let module = module.and_then(|number| self.modules.get(&number.to_string()));
        named.or(module).copied().unwrap_or(self.default)
    }
}

/// A file being checked, and what is wrong with it.
struct Check<'a> {
    path: &'a str,
    text: &'a str,
    wrong: Vec<Diagnostic>,
}

impl Check<'_> {
    fn complain(&mut self, at: Location, message: String, remedy: String) {
        let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let place = (number(at.line()), number(at.column()));
        self.wrong.push(Diagnostic::at(self.path, self.text, place, message, remedy));
    }

    /// A number from 0 to `most`, with at most two decimals: sums stay exact to the cent.
    fn number(&mut self, number: &Spanned<f64>, most: f64) -> f64 {
        let value = number.value;
        let hundredths = value * 100.0;
        if !(0.0..=most).contains(&value) || (hundredths - hundredths.round()).abs() > 1e-6 {
            let remedy = format!("give a number from 0 to {most}, with at most two decimals");
            self.complain(number.referenced, format!("{value} can't be used here"), remedy);
        }
        value
    }

    fn named(&mut self, what: &str, named: Named, known: &[String]) -> BTreeMap<String, f64> {
        let mut points = BTreeMap::new();
        for (name, number) in named.0 {
            if !known.contains(&name.value) {
                let remedy = match nearest(&name.value, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("name a {what} of the course"),
                };
                let message = format!("the course has no {what} `{}`", name.value);
                self.complain(name.referenced, message, remedy);
            }
            let number = self.number(&number, MOST);
            points.insert(name.value, number);
        }
        points
    }
}

/// Points by name, with their places.
#[derive(Debug, Default)]
struct Named(Vec<(Spanned<String>, Spanned<f64>)>);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(NamedVisitor)
    }
}

struct NamedVisitor;

impl<'de> Visitor<'de> for NamedVisitor {
    type Value = Named;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("points by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named, A::Error> {
        let mut named = Vec::new();
        while let Some(entry) = map.next_entry()? {
            named.push(entry);
        }
        Ok(Named(named))
    }
}
