//! The web ACL before the API's stage. Rules are judged by what they block, wherever they stand: in
//! the ACL, in a rule group, in one of AWS's managed groups, in one that Firewall Manager put there.

use std::collections::BTreeMap;

use aws_sdk_wafv2::types as sdk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::apigateway::Stage;
use super::missing;
use crate::account::call::Operation;
use crate::account::fact::{CannotLook, FactError, Known, Reason};
use crate::account::reader::{Reader, known};

mod statements;

use statements::{Looks, looks};

/// The web ACL before the API's stage.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct WebAcl {
    /// Its ARN.
    arn: String,
    /// Its name; of AWS WAF Classic its id.
    name: String,
    /// `v2`; `classic` for AWS WAF Classic, which AWS no longer supports.
    generation: String,
    /// What happens to a request that no rule ends: `ALLOW` or `BLOCK`.
    default_action: String,
    /// Its rules with those of its groups, in the order of evaluation; none of AWS WAF Classic.
    rules: Vec<Rule>,
}

/// A rule, as far as this course asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Rule {
    /// Its name.
    name: String,
    /// Name of the rule group that it comes from, or null.
    group: Option<String>,
    /// `BLOCK`, `COUNT`, `ALLOW`, `CAPTCHA`, `CHALLENGE`, after all overrides.
    action: String,
    /// It refuses what it matches: `BLOCK`.
    blocks: bool,
    /// It holds under a further condition alone: a scope-down, or another statement beside it.
    narrowed: bool,
    /// Bytes of a body beyond which it matches, or null where it isn't about the body's size.
    size: Option<i64>,
    /// Where it looks for SQL injection, decoded: `path`, `query`, `body`.
    sql: Vec<String>,
    /// Requests in five minutes beyond which it matches, or null where it counts none.
    rate: Option<i64>,
}

/// What a statement looks for.
/// A rule of AWS's managed groups: its name, the part it inspects for SQL, or its body limit.
struct Managed(&'static str, &'static str, Option<i64>);

/// What AWS's managed groups hold of what this course asks for. Their other rules are left out.
fn managed(group: &str) -> &'static [Managed] {
    match group {
        "AWSManagedRulesSQLiRuleSet" => &[
            Managed("SQLi_QUERYARGUMENTS", "query", None),
            Managed("SQLiExtendedPatterns_QUERYARGUMENTS", "query", None),
            Managed("SQLi_BODY", "body", None),
            Managed("SQLiExtendedPatterns_BODY", "body", None),
            Managed("SQLi_URIPATH", "path", None),
            Managed("SQLiExtendedPatterns_URIPATH", "path", None),
        ],
        // 8 KB.
        "AWSManagedRulesCommonRuleSet" => &[Managed("SizeRestrictions_BODY", "", Some(8192))],
        _ => &[],
    }
}

pub(crate) async fn web_acl(reader: &Reader, facts: &Known) -> Result<WebAcl, FactError> {
    let stage: Stage = known(facts, "stage")?;
    let Some(arn) = stage.web_acl else {
        return Err(missing(format!("web ACL on stage {}", stage.name)));
    };
    let account = &reader.account;
    // arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID, of AWS WAF Classic
    // arn:aws:waf-regional:REGION:ACCOUNT:webacl/ID
    let Some((name, id)) = named(&arn, "webacl") else {
        let name = arn.rsplit('/').next().unwrap_or_default().to_owned();
        return Ok(WebAcl {
            arn,
            name,
            generation: "classic".to_owned(),
            default_action: String::new(),
            rules: Vec::new(),
        });
    };
    let request =
        account.clients().wafv2.get_web_acl().name(name).scope(sdk::Scope::Regional).id(id).send();
    let answer = account.call(Operation("wafv2", "GetWebACL"), request).await.map_err(|error| {
        if error.is(&["WAFNonexistentItemException"]) {
            missing(format!("web ACL {name}"))
        } else {
            error.into()
        }
    })?;
    let acl = answer.web_acl().ok_or_else(|| unreadable(name))?;
    let mut rules = Vec::new();
    for group in acl.pre_process_firewall_manager_rule_groups() {
        of_firewall_manager(reader, group, &mut rules).await?;
    }
    let mut own: Vec<&sdk::Rule> = acl.rules().iter().collect();
    own.sort_by_key(|rule| rule.priority());
    for rule in own {
        of_rule(reader, rule, &mut rules).await?;
    }
    for group in acl.post_process_firewall_manager_rule_groups() {
        of_firewall_manager(reader, group, &mut rules).await?;
    }
    let blocks = acl.default_action().is_some_and(|action| action.block().is_some());
    Ok(WebAcl {
        name: acl.name().to_owned(),
        generation: "v2".to_owned(),
        default_action: if blocks { "BLOCK" } else { "ALLOW" }.to_owned(),
        arn,
        rules,
    })
}

/// Name and id in an ARN of AWS WAF: `…:regional/webacl/NAME/ID`.
fn named<'a>(arn: &'a str, kind: &str) -> Option<(&'a str, &'a str)> {
    let mut parts = arn.split(':');
    (parts.nth(2) == Some("wafv2")).then_some(())?;
    let mut path = parts.next_back()?.split('/');
    path.next()?;
    (path.next() == Some(kind)).then_some(())?;
    Some((path.next()?, path.next()?))
}

fn unreadable(name: &str) -> FactError {
    FactError::CannotLook(CannotLook {
        reason: Reason::Service,
        message: format!("AWS WAF doesn't say what web ACL {name} holds."),
        remedy: "Look at the web ACL in the AWS WAF console.".to_owned(),
    })
}

async fn of_rule(reader: &Reader, rule: &sdk::Rule, to: &mut Vec<Rule>) -> Result<(), FactError> {
    let Some(statement) = rule.statement() else { return Ok(()) };
    let counted = rule.override_action().is_some_and(|action| action.count().is_some());
    if let Some(group) = statement.managed_rule_group_statement() {
        to.extend(of_managed(group, counted));
        return Ok(());
    }
    if let Some(group) = statement.rule_group_reference_statement() {
        return of_group(reader, group, counted, to).await;
    }
    to.push(made(rule.name(), None, action(rule.action()), looks(statement)));
    Ok(())
}

async fn of_firewall_manager(
    reader: &Reader,
    group: &sdk::FirewallManagerRuleGroup,
    to: &mut Vec<Rule>,
) -> Result<(), FactError> {
    let Some(statement) = group.firewall_manager_statement() else { return Ok(()) };
    let counted = group.override_action().is_some_and(|action| action.count().is_some());
    if let Some(group) = statement.managed_rule_group_statement() {
        to.extend(of_managed(group, counted));
    }
    if let Some(group) = statement.rule_group_reference_statement() {
        of_group(reader, group, counted, to).await?;
    }
    Ok(())
}

fn made(name: &str, group: Option<&str>, action: &str, looks: Looks) -> Rule {
    Rule {
        name: name.to_owned(),
        group: group.map(ToOwned::to_owned),
        action: action.to_owned(),
        blocks: action == "BLOCK",
        narrowed: looks.narrowed,
        size: looks.size,
        sql: looks.sql,
        rate: looks.rate,
    }
}

/// Actions of single rules of a group that the web ACL overrides, by the rules' names.
fn overrides<'a>(
    overridden: &'a [sdk::RuleActionOverride],
    excluded: &'a [sdk::ExcludedRule],
) -> BTreeMap<&'a str, &'static str> {
    let excluded = excluded.iter().map(|rule| (rule.name(), "COUNT"));
    let overridden = overridden.iter().map(|rule| (rule.name(), action(rule.action_to_use())));
    excluded.chain(overridden).collect()
}

fn of_managed(group: &sdk::ManagedRuleGroupStatement, counted: bool) -> Vec<Rule> {
    let overrides = overrides(group.rule_action_overrides(), group.excluded_rules());
    let narrowed = group.scope_down_statement().is_some();
    let rules = if group.vendor_name() == "AWS" { managed(group.name()) } else { &[] };
    let rules = rules.iter().map(|Managed(name, sql, size)| {
        let own = overrides.get(name).copied().unwrap_or("BLOCK");
        let looks = Looks {
            size: *size,
            sql: Some(*sql)
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .into_iter()
                .collect(),
            rate: None,
            narrowed,
        };
        made(name, Some(group.name()), if counted { "COUNT" } else { own }, looks)
    });
    rules.collect()
}

async fn of_group(
    reader: &Reader,
    reference: &sdk::RuleGroupReferenceStatement,
    counted: bool,
    to: &mut Vec<Rule>,
) -> Result<(), FactError> {
    let arn = reference.arn();
    let request = reader.account.clients().wafv2.get_rule_group().arn(arn).send();
    let answer = reader.account.call(Operation("wafv2", "GetRuleGroup"), request).await?;
    let group = answer.rule_group().ok_or_else(|| unreadable(arn))?;
    let overrides = overrides(reference.rule_action_overrides(), reference.excluded_rules());
    let mut rules: Vec<&sdk::Rule> = group.rules().iter().collect();
    rules.sort_by_key(|rule| rule.priority());
    for rule in rules {
        let Some(statement) = rule.statement() else { continue };
        let own = overrides.get(rule.name()).copied().unwrap_or_else(|| action(rule.action()));
        let action = if counted { "COUNT" } else { own };
        to.push(made(rule.name(), Some(group.name()), action, looks(statement)));
    }
    Ok(())
}

/// A rule without an action of its own counts as one that only counts: it is never shown as blocking.
fn action(action: Option<&sdk::RuleAction>) -> &'static str {
    match action {
        Some(action) if action.block().is_some() => "BLOCK",
        Some(action) if action.allow().is_some() => "ALLOW",
        Some(action) if action.captcha().is_some() => "CAPTCHA",
        Some(action) if action.challenge().is_some() => "CHALLENGE",
        _ => "COUNT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_managed_group_blocks_where_nothing_overrides_it() {
        let count = sdk::RuleAction::builder().count(sdk::CountAction::builder().build()).build();
        let override_one = sdk::RuleActionOverride::builder()
            .name("SQLi_URIPATH")
            .action_to_use(count)
            .build()
            .expect("whole");
        let group = sdk::ManagedRuleGroupStatement::builder()
            .vendor_name("AWS")
            .name("AWSManagedRulesSQLiRuleSet")
            .rule_action_overrides(override_one)
            .build()
            .expect("whole");
        let blocking = |rules: Vec<Rule>| {
            rules.into_iter().filter(|rule| rule.blocks).map(|rule| rule.name).collect::<Vec<_>>()
        };
        let names = blocking(of_managed(&group, false));
        assert!(
            names.contains(&"SQLi_BODY".to_owned()) && !names.contains(&"SQLi_URIPATH".to_owned())
        );
        assert!(blocking(of_managed(&group, true)).is_empty());
    }

    #[test]
    fn an_arn_of_the_classic_firewall_is_not_one_of_todays() {
        let arn = "arn:aws:wafv2:us-east-1:000000000000:regional/webacl/ProtectUnicorn/1a-2b";
        assert_eq!(named(arn, "webacl"), Some(("ProtectUnicorn", "1a-2b")));
        assert_eq!(named("arn:aws:waf-regional:us-east-1:000000000000:webacl/1a", "webacl"), None);
        assert_eq!(named("", "webacl"), None);
    }
}
