//! Sampling rules: which requests are recorded. Each rule has a reservoir of requests a second, and
//! a rate for those beyond it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::invalid;
use crate::practice::policy::fits;
use crate::practice::random;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, HttpRequest, Reply, epoch};

const RULES: &str = "xray:rule";
const RESERVOIRS: &str = "xray:reservoir";
/// The rule of what no other rule matches.
const DEFAULT: &str = "Default";
/// Rates of the default rule, and of functions that sample their own invocations.
const DEFAULT_RESERVOIR: i64 = 1;
const DEFAULT_RATE: f64 = 0.05;

/// A rule as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rule {
    /// Members as the API calls them.
    members: Map<String, Value>,
    created: Timestamp,
    modified: Timestamp,
}

/// What is left of a rule's reservoir.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Reservoir {
    /// Unix time in seconds.
    second: i64,
    used: i64,
}

/// What rules look at of a request.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    /// `CustomizeUnicorns/dev`.
    pub(super) service: String,
    /// `AWS::ApiGateway::Stage`.
    pub(super) kind: &'static str,
    pub(super) host: String,
    /// The path with the stage.
    pub(super) path: String,
    pub(super) arn: String,
    pub(super) request: &'a HttpRequest,
}

impl Rule {
    fn default_rule(tx: &Tx<'_>) -> Self {
        let members = json!({
            "RuleName": DEFAULT, "Priority": 10_000, "FixedRate": DEFAULT_RATE,
            "ReservoirSize": DEFAULT_RESERVOIR, "ResourceARN": "*", "ServiceName": "*",
            "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*", "Version": 1,
            "Attributes": {},
        });
        let mut members = members.as_object().cloned().unwrap_or_default();
        members.insert("RuleARN".to_owned(), arn(tx, DEFAULT).into());
        Self { members, created: Timestamp::UNIX_EPOCH, modified: Timestamp::UNIX_EPOCH }
    }

    /// All rules in the order in which they are asked.
    fn all(tx: &Tx<'_>) -> Result<Vec<Self>, Fault> {
        let mut rules: Vec<Self> = tx.list(RULES)?.into_iter().map(|(_, rule)| rule).collect();
        if !rules.iter().any(|rule: &Self| rule.name() == DEFAULT) {
            rules.push(Self::default_rule(tx));
        }
        let order = |rule: &Self| (rule.number("Priority"), rule.name().to_owned());
        rules.sort_by_key(order);
        Ok(rules)
    }

    fn find(tx: &Tx<'_>, call: &Value) -> Result<Self, Fault> {
        let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or("");
        let (name, arn) = (text("RuleName"), text("RuleARN"));
        Self::all(tx)?
            .into_iter()
            .find(|rule| rule.name() == name || (!arn.is_empty() && rule.text("RuleARN") == arn))
            .ok_or_else(|| invalid("Sampling rule does not exist."))
    }

    fn text(&self, member: &str) -> &str {
        self.members.get(member).and_then(Value::as_str).unwrap_or("")
    }

    fn number(&self, member: &str) -> i64 {
        self.members.get(member).and_then(Value::as_i64).unwrap_or_default()
    }

    fn rate(&self) -> f64 {
        self.members.get("FixedRate").and_then(Value::as_f64).unwrap_or_default()
    }

    fn name(&self) -> &str {
        self.text("RuleName")
    }

    fn matches(&self, subject: &Subject<'_>) -> bool {
        let headers = self.members.get("Attributes").and_then(Value::as_object);
        let mut headers = headers.into_iter().flatten();
        fits(self.text("ServiceName"), &subject.service)
            && fits(self.text("ServiceType"), subject.kind)
            && fits(self.text("Host"), &subject.host)
            && fits(self.text("HTTPMethod"), &subject.request.method)
            && fits(self.text("URLPath"), &subject.path)
            && fits(self.text("ResourceARN"), &subject.arn)
            && headers.all(|(name, pattern)| {
                let value = subject.request.header(&name.to_ascii_lowercase());
                fits(pattern.as_str().unwrap_or(""), value)
            })
    }

    fn record(&self) -> Value {
        json!({ "SamplingRule": self.members, "CreatedAt": epoch(self.created),
            "ModifiedAt": epoch(self.modified) })
    }
}

fn arn(tx: &Tx<'_>, name: &str) -> String {
    tx.arn("xray", &format!("sampling-rule/{name}"))
}

/// The name of the rule that chose the request, or none where it isn't recorded.
///
/// # Errors
/// The practice account's own.
pub(super) fn decide(tx: &Tx<'_>, subject: &Subject<'_>) -> Result<Option<String>, Fault> {
    let rule = Rule::all(tx)?.into_iter().find(|rule| rule.matches(subject));
    let Some(rule) = rule else { return Ok(None) };
    let chosen = draw(tx, rule.name(), rule.number("ReservoirSize"), rule.rate())?;
    Ok(chosen.then(|| rule.name().to_owned()))
}

/// Whether a function records an invocation that nobody before it decided on. Rules don't reach it.
///
/// # Errors
/// The practice account's own.
pub(super) fn of_function(tx: &Tx<'_>, function: &str) -> Result<bool, Fault> {
    draw(tx, &format!("function {function}"), DEFAULT_RESERVOIR, DEFAULT_RATE)
}

fn draw(tx: &Tx<'_>, from: &str, size: i64, rate: f64) -> Result<bool, Fault> {
    let second = tx.now().as_second();
    let mut reservoir: Reservoir = tx.get(RESERVOIRS, from)?.unwrap_or_default();
    if reservoir.second != second {
        reservoir = Reservoir { second, used: 0 };
    }
    if reservoir.used < size {
        reservoir.used += 1;
        tx.put(RESERVOIRS, from, &reservoir)?;
        return Ok(true);
    }
    let number = f64::from(u32::from_le_bytes(random::bytes())) / f64::from(u32::MAX);
    Ok(number < rate)
}

pub(super) fn list(tx: &Tx<'_>) -> Answer {
    let records: Vec<Value> = Rule::all(tx)?.iter().map(Rule::record).collect();
    Ok(Reply::ok(json!({ "SamplingRuleRecords": records })))
}

pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    let given = call.input.get("SamplingRule").and_then(Value::as_object);
    let mut members = given.cloned().ok_or_else(|| invalid("SamplingRule is required"))?;
    let name = members.get("RuleName").and_then(Value::as_str).unwrap_or("").to_owned();
    if name.is_empty() {
        return Err(invalid("RuleName is required"));
    }
    if Rule::all(tx)?.iter().any(|rule| rule.name() == name) {
        return Err(invalid("Sampling rule already exists."));
    }
    members.insert("RuleARN".to_owned(), arn(tx, &name).into());
    members.entry("Attributes").or_insert_with(|| json!({}));
    check(&members)?;
    let rule = Rule { members, created: tx.now(), modified: tx.now() };
    tx.put(RULES, &name, &rule)?;
    Ok(Reply::ok(json!({ "SamplingRuleRecord": rule.record() })))
}

pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let given = call.input.get("SamplingRuleUpdate").cloned().unwrap_or_default();
    let mut rule = Rule::find(tx, &given)?;
    let fixed = ["RuleName", "RuleARN", "Version"];
    // What every request that no other rule matches is asked for can't be narrowed.
    let rates = ["FixedRate", "ReservoirSize"];
    for (name, value) in given.as_object().into_iter().flatten() {
        if fixed.contains(&name.as_str()) {
            continue;
        }
        if rule.name() == DEFAULT && !rates.contains(&name.as_str()) {
            return Err(invalid("Only the rate and the reservoir of the default rule can change."));
        }
        rule.members.insert(name.clone(), value.clone());
    }
    check(&rule.members)?;
    rule.modified = tx.now();
    tx.put(RULES, rule.name(), &rule)?;
    Ok(Reply::ok(json!({ "SamplingRuleRecord": rule.record() })))
}

pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    let rule = Rule::find(tx, &call.input)?;
    if rule.name() == DEFAULT {
        return Err(invalid("The default rule can't be deleted."));
    }
    tx.delete(RULES, rule.name())?;
    Ok(Reply::ok(json!({ "SamplingRuleRecord": rule.record() })))
}

/// What the service refuses of a rule.
fn check(members: &Map<String, Value>) -> Result<(), Fault> {
    let texts = ["ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath"];
    if let Some(missing) =
        texts.iter().find(|name| !members.get(**name).is_some_and(Value::is_string))
    {
        return Err(invalid(format!("{missing} is required")));
    }
    let rate = members.get("FixedRate").and_then(Value::as_f64);
    if !rate.is_some_and(|rate| (0.0..=1.0).contains(&rate)) {
        return Err(invalid("FixedRate must be between 0 and 1"));
    }
    let number = |name: &str| members.get(name).and_then(Value::as_i64);
    if !number("ReservoirSize").is_some_and(|size| size >= 0) {
        return Err(invalid("ReservoirSize must not be negative"));
    }
    if !number("Priority").is_some_and(|priority| (1..=10_000).contains(&priority)) {
        return Err(invalid("Priority must be between 1 and 9999"));
    }
    Ok(())
}
