//! What `stepproof verify --format json` said.

use std::process::Output;

use serde_json::Value;

use super::program::{code, text};

/// A report and the exit code that it came with.
pub struct Report {
    /// The exit code.
    pub code: i32,
    /// The whole report.
    pub json: Value,
}

impl Report {
    /// What the program printed.
    pub fn of(output: &Output) -> Self {
        let json = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", text(output)));
        Self { code: code(output), json }
    }

    /// All checks, in the course's order; the clean-up's last.
    pub fn checks(&self) -> Vec<&Value> {
        self.json["modules"]
            .as_array()
            .unwrap()
            .iter()
            .chain(self.json.get("cleanup"))
            .flat_map(|part| part["steps"].as_array().unwrap())
            .flat_map(|step| step["checks"].as_array().unwrap())
            .collect()
    }

    /// The check of that name.
    pub fn check(&self, name: &str) -> &Value {
        let found = self.checks().into_iter().find(|check| check["check"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {}", self.json))
    }

    /// Its verdict.
    pub fn verdict(&self, name: &str) -> &str {
        self.check(name)["verdict"].as_str().unwrap()
    }

    /// Its message.
    pub fn message(&self, name: &str) -> &str {
        self.check(name)["message"].as_str().unwrap()
    }

    /// Its offenders.
    pub fn offenders(&self, name: &str) -> Vec<&str> {
        let offenders = self.check(name)["offenders"].as_array().unwrap();
        offenders.iter().map(|one| one.as_str().unwrap()).collect()
    }

    /// Checks that don't pass, with verdict and message.
    pub fn not_passing(&self) -> Vec<String> {
        self.checks()
            .into_iter()
            .filter(|check| check["verdict"] != "pass")
            .map(|check| format!("{} {}: {}", check["check"], check["verdict"], check["message"]))
            .collect()
    }

    /// Checks that pass.
    pub fn passing(&self) -> Vec<&str> {
        let passing = self.checks().into_iter().filter(|check| check["verdict"] == "pass");
        passing.map(|check| check["check"].as_str().unwrap()).collect()
    }

    /// Everything that is required passes.
    pub fn assert_proven(&self) {
        assert_eq!(self.code, 0, "{:#?}", self.not_passing());
    }

    /// The check fails, and its message or offenders name this.
    pub fn assert_fails(&self, check: &str, naming: &str) {
        assert_eq!(self.verdict(check), "fail", "{}", self.check(check));
        let offended = self.offenders(check).iter().any(|offender| offender.contains(naming));
        let said = self.message(check).contains(naming);
        assert!(said || offended, "{check} doesn't name {naming}: {}", self.check(check));
    }
}
