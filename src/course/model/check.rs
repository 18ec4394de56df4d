//! What a checks file says.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, Text};

/// `checks/NN-slug.yaml`, and `checks/slug.yaml` of the clean-up: a list of checks.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct CheckFile(pub Vec<CheckSpec>);

/// One check: which facts it reads, when it holds, what to say when it doesn't.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckSpec {
    /// Unique name, `[a-z0-9-]+`.
    pub check: String,
    /// The step that it proves.
    pub step: String,
    /// Facts that the expressions read.
    pub facts: Vec<String>,
    /// CEL expression for a list that must come out empty.
    #[serde(default)]
    pub offenders: Option<String>,
    /// How an offender is shown: a minijinja template over its fields, or `{{ it }}`.
    #[serde(default)]
    pub each: Option<String>,
    /// CEL expression that must come out true.
    #[serde(default)]
    pub expect: Option<String>,
    /// CEL expressions whose values stand beside the verdict, by label: what was looked at.
    #[serde(default)]
    pub evidence: BTreeMap<String, String>,
    /// The first of these whose `when` holds replaces `fail`: exists → enabled → configured →
    /// deployed → behaves.
    #[serde(default)]
    pub cases: Vec<FailCase>,
    /// What is proven when it holds, in a sentence: a minijinja template over facts.
    #[serde(default)]
    pub pass: Option<Text>,
    /// What to say when it fails: a minijinja template over facts and `offenders`.
    pub fail: Text,
    /// A ladder of hints by language: where, what, command.
    pub hints: BTreeMap<String, Vec<String>>,
    /// How long the control may take to show.
    #[serde(default)]
    pub settle: Option<Settle>,
    /// Checks that don't count towards the step.
    #[serde(default)]
    pub optional: bool,
    /// Changes to the solved account, each of which must turn this check red.
    pub breaks: Vec<Break>,
}

/// A more exact message for one way to fail.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailCase {
    /// CEL expression over the facts.
    pub when: String,
    /// What to say then.
    pub fail: Text,
}

/// A settle window: until `since + within`, a failing check is waiting.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// Length of the window: `60s`, `5m`.
    #[serde(with = "duration")]
    #[schemars(with = "String")]
    pub within: Duration,
    /// CEL expression: when the control was last changed, RFC 3339 text or null.
    pub since: String,
}

/// A change to the solved practice account that must turn a check red.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Break {
    /// What is broken, for the report.
    pub name: String,
    /// The change.
    #[serde(rename = "do")]
    pub actions: Vec<Action>,
    /// Other checks that rest on the same control and turn red too.
    #[serde(default)]
    pub also: Vec<String>,
}

/// `60s`, `5m`, `1h` as a [`Duration`].
mod duration {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format!("{}s", value.as_secs()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(from)?;
        let bad = || D::Error::custom(format!("`{text}` is not a time such as 60s, 5m or 1h"));
        let (number, unit) = text.split_at(text.len().saturating_sub(1));
        let factor = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return Err(bad()),
        };
        number.parse::<u64>().map(|n| Duration::from_secs(n * factor)).map_err(|_| bad())
    }
}
