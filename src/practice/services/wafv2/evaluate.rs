//! Evaluates a web ACL: its rules by priority, until one blocks or allows.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Value, json};

use super::managed;
use super::parts::{Inspected, inspect, is_script, is_sql, transform};
use super::{IP_SET, REGEX_SET, RULE_GROUP, WEB_ACL};
use crate::practice::resource::Resource;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, epoch};

pub use super::parts::Seen;

/// Collection of requests by second, by `{rule}`.
const HITS: &str = "wafv2:hits";
/// Collection of sampled requests, by web ACL.
const SAMPLES: &str = "wafv2:samples";
/// Samples that are kept of a web ACL.
const MOST_SAMPLES: usize = 100;
/// Who calls: practice accounts are on loopback.
const CALLER: &str = "127.0.0.1";

/// Whether the web ACL of that ARN blocks the request. One that is gone blocks nothing.
///
/// # Errors
/// The practice account's own.
pub fn blocks(tx: &Tx<'_>, arn: &str, seen: Seen<'_>) -> Result<bool, Fault> {
    let Some(acl) = WEB_ACL.by_arn(tx, arn)? else { return Ok(false) };
    let judge = Judge { tx, seen, acl: &acl };
    for rule in by_priority(acl.properties.get("Rules")) {
        if let Some(action) = judge.rule(rule)? {
            judge.sample(rule, action)?;
            match action {
                "Block" | "Captcha" | "Challenge" => return Ok(true),
                "Allow" => return Ok(false),
                _ => {}
            }
        }
    }
    Ok(acl.properties.pointer("/DefaultAction/Block").is_some())
}

fn by_priority(rules: Option<&Value>) -> Vec<&Value> {
    let mut rules: Vec<&Value> = rules.and_then(Value::as_array).into_iter().flatten().collect();
    rules.sort_by_key(|rule| rule.get("Priority").and_then(Value::as_i64));
    rules
}

/// The action that a document of actions names: `{"Block": {}}`.
fn action(of: Option<&Value>) -> Option<&'static str> {
    let names = ["Block", "Allow", "Count", "Captcha", "Challenge"];
    names.into_iter().find(|name| of.is_some_and(|of| of.get(*name).is_some()))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("")
}

/// A reference's ARN: templates write `Arn`, calls `ARN`.
fn arn(value: &Value) -> &str {
    match text(value, "Arn") {
        "" => text(value, "ARN"),
        arn => arn,
    }
}

struct Judge<'t, 'a> {
    tx: &'t Tx<'a>,
    seen: Seen<'t>,
    acl: &'t Resource,
}

impl Judge<'_, '_> {
    /// What the rule does with the request; none where it doesn't match.
    fn rule(&self, rule: &Value) -> Result<Option<&'static str>, Fault> {
        let statement = &rule["Statement"];
        let group = if let Some(group) = statement.get("ManagedRuleGroupStatement") {
            Some((group, managed::rules(text(group, "Name"))))
        } else if let Some(group) = statement.get("RuleGroupReferenceStatement") {
            let found = RULE_GROUP.by_arn(self.tx, arn(group))?;
            let rules = found.map(|found| found.properties["Rules"].clone());
            Some((group, rules.and_then(|rules| rules.as_array().cloned()).unwrap_or_default()))
        } else {
            None
        };
        let name = text(rule, "Name");
        let Some((group, rules)) = group else {
            let matches = self.matches(statement, name)?;
            return Ok(matches.then(|| action(rule.get("Action")).unwrap_or("Count")));
        };
        if let Some(scope) = group.get("ScopeDownStatement")
            && !self.matches(scope, name)?
        {
            return Ok(None);
        }
        let ended = self.group(group, &rules, name)?;
        let counted = rule.pointer("/OverrideAction/Count").is_some();
        Ok(ended.map(|ended| if counted { "Count" } else { ended }))
    }

    /// The first action of a group's rules that ends the evaluation, else `Count` where one counts.
    fn group(
        &self,
        group: &Value,
        rules: &[Value],
        name: &str,
    ) -> Result<Option<&'static str>, Fault> {
        let list = |member: &str| group.get(member).and_then(Value::as_array).into_iter().flatten();
        let rules = Value::from(rules.to_vec());
        let mut counted = None;
        for rule in by_priority(Some(&rules)) {
            let own = text(rule, "Name");
            if !self.matches(&rule["Statement"], &format!("{name}/{own}"))? {
                continue;
            }
            let overridden = list("RuleActionOverrides").find(|one| text(one, "Name") == own);
            let does = if list("ExcludedRules").any(|one| text(one, "Name") == own) {
                Some("Count")
            } else if let Some(one) = overridden {
                action(one.get("ActionToUse"))
            } else {
                action(rule.get("Action"))
            };
            match does {
                Some("Count") | None => counted = Some("Count"),
                ends => return Ok(ends),
            }
        }
        Ok(counted)
    }

    /// Whether a statement matches; `name` is the rule's, for what is counted.
    fn matches(&self, statement: &Value, name: &str) -> Result<bool, Fault> {
        let Some((kind, inner)) = statement.as_object().and_then(|all| all.iter().next()) else {
            return Ok(false);
        };
        let nested = inner.get("Statements").and_then(Value::as_array);
        let nested = nested.into_iter().flatten();
        match kind.as_str() {
            "AndStatement" => {
                for one in nested {
                    if !self.matches(one, name)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            "OrStatement" => {
                for one in nested {
                    if self.matches(one, name)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            "NotStatement" => Ok(!self.matches(&inner["Statement"], name)?),
            "RateBasedStatement" => self.rate(inner, name),
            "IPSetReferenceStatement" => {
                let set = IP_SET.by_arn(self.tx, arn(inner))?;
                let addresses = set.map(|set| set.texts("Addresses")).unwrap_or_default();
                Ok(addresses.iter().any(|range| holds(range)))
            }
            "RegexPatternSetReferenceStatement" => {
                let set = REGEX_SET.by_arn(self.tx, arn(inner))?;
                let patterns = set.map(|set| patterns(&set)).unwrap_or_default();
                Ok(self.any(inner, |text| patterns.iter().any(|one| one.is_match(text))))
            }
            "SizeConstraintStatement" => Ok(self.size(inner)),
            "SqliMatchStatement" => {
                let high = text(inner, "SensitivityLevel") == "HIGH";
                Ok(self.any(inner, |text| is_sql(text, high)))
            }
            "XssMatchStatement" => Ok(self.any(inner, is_script)),
            "RegexMatchStatement" => {
                let pattern = Regex::new(text(inner, "RegexString")).ok();
                Ok(self.any(inner, |text| pattern.as_ref().is_some_and(|one| one.is_match(text))))
            }
            "ByteMatchStatement" => Ok(self.bytes(inner)),
            // Countries and labels: the practice account knows neither.
            _ => Ok(false),
        }
    }

    /// Whether any inspected text fits, after the statement's transformations.
    fn any(&self, statement: &Value, fits: impl Fn(&str) -> bool) -> bool {
        match inspect(self.seen, &statement["FieldToMatch"]) {
            Inspected::Oversize(matches) => matches,
            Inspected::Texts(texts) => texts.iter().any(|text| fits(&transform(text, statement))),
        }
    }

    fn size(&self, statement: &Value) -> bool {
        let size = statement
            .get("Size")
            .and_then(|size| size.as_i64().or_else(|| size.as_str()?.parse().ok()));
        let Some(size) = size else { return false };
        let operator = text(statement, "ComparisonOperator");
        self.any(statement, |text| {
            let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
            match operator {
                "GT" => length > size,
                "GE" => length >= size,
                "LT" => length < size,
                "LE" => length <= size,
                "EQ" => length == size,
                "NE" => length != size,
                _ => false,
            }
        })
    }

    /// Calls of the API send the text in base64, templates as it is.
    fn bytes(&self, statement: &Value) -> bool {
        let wanted = text(statement, "SearchString");
        self.any(statement, |text| match self::text(statement, "PositionalConstraint") {
            "EXACTLY" => text == wanted,
            "STARTS_WITH" => text.starts_with(wanted),
            "ENDS_WITH" => text.ends_with(wanted),
            _ => text.contains(wanted),
        })
    }

    /// Counts the request, and says whether there were too many in the window.
    fn rate(&self, statement: &Value, name: &str) -> Result<bool, Fault> {
        if let Some(scope) = statement.get("ScopeDownStatement")
            && !self.matches(scope, name)?
        {
            return Ok(false);
        }
        let number = |member: &str| {
            statement
                .get(member)
                .and_then(|value| value.as_i64().or_else(|| value.as_str()?.parse().ok()))
        };
        let window = number("EvaluationWindowSec").unwrap_or(300);
        let now = self.tx.now().as_second();
        let id = format!("{}/{name}", self.acl.id);
        let mut seconds: BTreeMap<i64, i64> = self.tx.get(HITS, &id)?.unwrap_or_default();
        seconds.retain(|second, _| now - *second < window);
        *seconds.entry(now).or_default() += 1;
        self.tx.put(HITS, &id, &seconds)?;
        Ok(number("Limit").is_some_and(|limit| seconds.values().sum::<i64>() > limit))
    }

    /// Keeps the request as a sample of the rule.
    fn sample(&self, rule: &Value, action: &str) -> Result<(), Fault> {
        let metric = rule.pointer("/VisibilityConfig/MetricName").and_then(Value::as_str);
        let query = match self.seen.request.query.as_str() {
            "" => String::new(),
            query => format!("?{query}"),
        };
        let sample = json!({"metric": metric, "at": self.tx.now().as_second(), "sample": {
            "Request": {"ClientIP": CALLER, "Country": "-", "Method": self.seen.request.method,
                "URI": format!("{}{query}", self.seen.path), "HTTPVersion": "HTTP/1.1",
                // Headers may hold tokens.
                "Headers": []},
            "Weight": 1, "Timestamp": epoch(self.tx.now()), "Action": action.to_uppercase()}});
        let mut kept: Vec<Value> = self.tx.get(SAMPLES, &self.acl.id)?.unwrap_or_default();
        kept.insert(0, sample);
        kept.truncate(MOST_SAMPLES);
        self.tx.put(SAMPLES, &self.acl.id, &kept)
    }
}

/// Whether a range of addresses holds the caller's.
fn holds(range: &str) -> bool {
    let (address, bits) = range.split_once('/').unwrap_or((range, "32"));
    let number = |text: &str| text.parse::<std::net::Ipv4Addr>().ok().map(u32::from);
    let (Some(address), Some(caller)) = (number(address), number(CALLER)) else { return false };
    let bits: u32 = bits.parse().unwrap_or(32).min(32);
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    address & mask == caller & mask
}

/// Templates list texts, calls list documents with `RegexString`.
fn patterns(set: &Resource) -> Vec<Regex> {
    let list = set.properties.get("RegularExpressionList").and_then(Value::as_array);
    let texts = list
        .into_iter()
        .flatten()
        .filter_map(|one| one.as_str().or_else(|| one.get("RegexString")?.as_str()));
    texts.filter_map(|text| Regex::new(text).ok()).collect()
}

/// The samples of a rule within a time window.
pub(super) fn sampled(tx: &Tx<'_>, call: &Call) -> Answer {
    let acl = WEB_ACL.by_arn(tx, call.required("WebAclArn")?)?.ok_or_else(super::nonexistent)?;
    let metric = call.required("RuleMetricName")?;
    let window = &call.input["TimeWindow"];
    #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970")]
    let time = |name: &str| window.get(name).and_then(Value::as_f64).map(|seconds| seconds as i64);
    let (start, end) = (time("StartTime").unwrap_or(0), time("EndTime").unwrap_or(i64::MAX));
    let most = usize::try_from(call.number("MaxItems").unwrap_or(100)).unwrap_or(100);
    let kept: Vec<Value> = tx.get(SAMPLES, &acl.id)?.unwrap_or_default();
    let own = kept.iter().filter(|kept| {
        let at = kept["at"].as_i64().unwrap_or(0);
        // The window's end is cut to whole seconds; what was just blocked is within.
        text(kept, "metric") == metric && (start..=end.saturating_add(1)).contains(&at)
    });
    let samples: Vec<Value> = own.map(|kept| kept["sample"].clone()).take(most).collect();
    Ok(Reply::ok(json!({"PopulationSize": samples.len(), "SampledRequests": samples,
        "TimeWindow": window})))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_the_caller_or_not() {
        assert!(holds("127.0.0.0/8") && holds("127.0.0.1/32") && holds("0.0.0.0/0"));
        assert!(!holds("10.0.0.0/8") && !holds("127.0.0.2/32") && !holds("::1/128"));
    }

    #[test]
    fn the_first_named_action_counts() {
        assert_eq!(action(Some(&json!({"Count": {}}))), Some("Count"));
        assert_eq!(action(Some(&json!({}))), None);
        assert_eq!(action(None), None);
    }
}
