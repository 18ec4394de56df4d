//! AWS's managed rule groups: the same names, with rules of our own that do what their names say.

use serde_json::{Value, json};

use super::nonexistent;
use crate::practice::wire::Fault;

/// Groups whose rules are evaluated here, with what they ask of a web ACL's capacity.
const EVALUATED: [(&str, i64); 3] = [
    ("AWSManagedRulesSQLiRuleSet", 200),
    ("AWSManagedRulesCommonRuleSet", 700),
    ("AWSManagedRulesKnownBadInputsRuleSet", 200),
];
/// Groups that may be named, and never match here: they know addresses and robots of the real world.
const NAMED: [(&str, i64); 9] = [
    ("AWSManagedRulesAdminProtectionRuleSet", 100),
    ("AWSManagedRulesAmazonIpReputationList", 25),
    ("AWSManagedRulesAnonymousIpList", 50),
    ("AWSManagedRulesBotControlRuleSet", 50),
    ("AWSManagedRulesLinuxRuleSet", 200),
    ("AWSManagedRulesPHPRuleSet", 100),
    ("AWSManagedRulesUnixRuleSet", 100),
    ("AWSManagedRulesWindowsRuleSet", 200),
    ("AWSManagedRulesWordPressRuleSet", 100),
];

/// All groups.
pub(super) fn available() -> Value {
    let all = EVALUATED.iter().chain(&NAMED).map(|(name, _)| {
        json!({"VendorName": "AWS", "Name": name, "VersioningSupported": true, "Description": ""})
    });
    json!({ "ManagedRuleGroups": all.collect::<Vec<_>>() })
}

/// A group's rules, by name.
pub(super) fn describe(name: &str) -> Result<Value, Fault> {
    let known = EVALUATED.iter().chain(&NAMED).find(|(known, _)| *known == name);
    let (_, capacity) = known.ok_or_else(nonexistent)?;
    let rules = rules(name);
    let rules = rules.iter().map(|rule| json!({"Name": rule["Name"], "Action": rule["Action"]}));
    Ok(json!({"VersionName": "Version_2.0", "Capacity": capacity,
        "Rules": rules.collect::<Vec<_>>()}))
}

/// Paths that lead out of where files are served from.
const FILES: &str = r"\.\./|/etc/passwd";
/// A look-up of Log4j.
const JAVA: &str = r"(?i)\$\{jndi:";

/// A group's rules, in the form of a rule group's.
pub(super) fn rules(name: &str) -> Vec<Value> {
    let decoded = json!([{"Priority": 0, "Type": "URL_DECODE"}]);
    let arguments = json!({"AllQueryArguments": {}});
    let body = json!({"Body": {"OversizeHandling": "CONTINUE"}});
    let path = json!({"UriPath": {}});
    let of = |kind: &str, field: &Value, more: Value| {
        let mut statement = json!({"FieldToMatch": field, "TextTransformations": decoded});
        for (name, value) in more.as_object().into_iter().flatten() {
            statement[name] = value.clone();
        }
        json!({ kind: statement })
    };
    let sql = |field: &Value, level: &str| {
        of("SqliMatchStatement", field, json!({"SensitivityLevel": level}))
    };
    let xss = |field: &Value| of("XssMatchStatement", field, json!({}));
    let size = |field: &Value, most: i64| {
        of("SizeConstraintStatement", field, json!({"ComparisonOperator": "GT", "Size": most}))
    };
    let regex = |field: &Value, text: &str| {
        of("RegexMatchStatement", field, json!({ "RegexString": text }))
    };
    let header = json!({"SingleHeader": {"Name": "user-agent"}});
    let no_agent = json!({"NotStatement": {"Statement": size(&header, 0)}});
    let query = json!({"QueryString": {}});
    let named = match name {
        "AWSManagedRulesSQLiRuleSet" => vec![
            ("SQLi_QUERYARGUMENTS", sql(&arguments, "LOW")),
            ("SQLiExtendedPatterns_QUERYARGUMENTS", sql(&arguments, "HIGH")),
            ("SQLi_BODY", sql(&body, "LOW")),
            ("SQLiExtendedPatterns_BODY", sql(&body, "HIGH")),
            ("SQLi_COOKIE", sql(&json!({"Cookies": {}}), "LOW")),
            ("SQLi_URIPATH", sql(&path, "LOW")),
            ("SQLiExtendedPatterns_URIPATH", sql(&path, "HIGH")),
        ],
        "AWSManagedRulesCommonRuleSet" => vec![
            ("NoUserAgent_HEADER", no_agent),
            ("SizeRestrictions_QUERYSTRING", size(&query, 2048)),
            ("SizeRestrictions_BODY", size(&body, 8192)),
            ("SizeRestrictions_URIPATH", size(&path, 1024)),
            ("GenericLFI_QUERYARGUMENTS", regex(&arguments, FILES)),
            ("GenericLFI_URIPATH", regex(&path, FILES)),
            ("GenericLFI_BODY", regex(&body, FILES)),
            ("CrossSiteScripting_QUERYARGUMENTS", xss(&arguments)),
            ("CrossSiteScripting_BODY", xss(&body)),
            ("CrossSiteScripting_URIPATH", xss(&path)),
        ],
        "AWSManagedRulesKnownBadInputsRuleSet" => vec![
            ("Log4JRCE_QUERYSTRING", regex(&query, JAVA)),
            ("Log4JRCE_BODY", regex(&body, JAVA)),
            ("Log4JRCE_URIPATH", regex(&path, JAVA)),
        ],
        _ => Vec::new(),
    };
    named
        .into_iter()
        .zip(0..)
        .map(|((name, statement), priority)| {
            json!({"Name": name, "Priority": priority, "Action": {"Block": {}}, "Statement": statement})
        })
        .collect()
}
