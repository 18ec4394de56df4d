//! AWS WAF: web ACLs with their rule groups and sets, before the stages of APIs.
//!
//! What is kept are the CloudFormation types' properties, which are the API's members but for one:
//! the API writes `ARN` where templates write `Arn`.

pub mod evaluate;
mod items;
mod managed;
mod parts;
mod stages;

use serde_json::{Value, json};

use crate::practice::resource::{Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

pub use items::Item;

/// Web ACLs.
pub const WEB_ACL: Item = Item { kind: "AWS::WAFv2::WebACL", noun: "WebACL", path: "webacl" };
/// Rule groups.
pub const RULE_GROUP: Item =
    Item { kind: "AWS::WAFv2::RuleGroup", noun: "RuleGroup", path: "rulegroup" };
/// Sets of addresses.
pub const IP_SET: Item = Item { kind: "AWS::WAFv2::IPSet", noun: "IPSet", path: "ipset" };
/// Sets of patterns.
pub const REGEX_SET: Item =
    Item { kind: "AWS::WAFv2::RegexPatternSet", noun: "RegexPatternSet", path: "regexpatternset" };
static ITEMS: [&Item; 4] = [&WEB_ACL, &RULE_GROUP, &IP_SET, &REGEX_SET];

/// What templates make of the service.
pub const PROVIDERS: [&dyn Provider; 5] =
    [&WEB_ACL, &RULE_GROUP, &IP_SET, &REGEX_SET, &Association];

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "AssociateWebACL" => {
            stages::associate(tx, call.required("WebACLArn")?, call.required("ResourceArn")?)?;
            Ok(Reply::ok(json!({})))
        }
        "DisassociateWebACL" => {
            stages::disassociate(tx, call.required("ResourceArn")?)?;
            Ok(Reply::ok(json!({})))
        }
        "GetWebACLForResource" => {
            let stage = stages::Place::of(tx, call.required("ResourceArn")?)?.load(tx)?;
            let Some(arn) = stage.web_acl_arn else { return Ok(Reply::ok(json!({}))) };
            let acl = WEB_ACL.by_arn(tx, &arn)?.ok_or_else(nonexistent)?;
            Ok(Reply::ok(json!({ "WebACL": WEB_ACL.view(&acl) })))
        }
        "ListResourcesForWebACL" => {
            let arns = stages::of_acl(tx, call.required("WebACLArn")?)?;
            Ok(Reply::ok(json!({ "ResourceArns": arns })))
        }
        "GetSampledRequests" => evaluate::sampled(tx, call),
        "ListAvailableManagedRuleGroups" => Ok(Reply::ok(managed::available())),
        "DescribeManagedRuleGroup" => managed::describe(call.required("Name")?).map(Reply::ok),
        operation => {
            let (verb, item) = ITEMS
                .iter()
                .find_map(|item| {
                    let plural = format!("List{}s", item.noun);
                    if operation == plural {
                        return Some(("List", *item));
                    }
                    operation.strip_suffix(item.noun).map(|verb| (verb, *item))
                })
                .ok_or_else(|| call.unknown())?;
            match verb {
                "Create" => item.create_by_call(tx, call),
                "Get" => item.get(tx, call),
                "List" => item.list(tx),
                "Update" => item.update_by_call(tx, call),
                "Delete" => item.delete_by_call(tx, call),
                _ => Err(call.unknown()),
            }
        }
    }
}

fn nonexistent() -> Fault {
    Fault::new(
        400,
        "WAFNonexistentItemException",
        "AWS WAF couldn’t perform the operation because your resource doesn’t exist.",
    )
}

fn invalid(reason: &str, field: &str) -> Fault {
    Fault::new(
        400,
        "WAFInvalidParameterException",
        format!("Error reason: {reason}, field: {field}, parameter: {field}"),
    )
}

/// `AWS::WAFv2::WebACLAssociation`.
#[derive(Debug)]
pub struct Association;

impl Association {
    fn arns(properties: &Value) -> Result<(&str, &str), Fault> {
        let text = |name| properties.get(name).and_then(Value::as_str);
        let acl = text("WebACLArn").ok_or_else(|| invalid("The ARN is missing", "WebACLArn"))?;
        let at = text("ResourceArn").ok_or_else(|| invalid("The ARN is missing", "ResourceArn"))?;
        Ok((acl, at))
    }
}

impl Provider for Association {
    fn kind(&self) -> &'static str {
        "AWS::WAFv2::WebACLAssociation"
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let (acl, at) = Self::arns(desired.properties)?;
        stages::associate(tx, acl, at)?;
        let made = Resource::new(tx, self.kind(), format!("{acl}|{at}"), desired);
        crate::practice::resource::put(tx, &made)?;
        Ok(made)
    }

    /// All that it has is fixed.
    fn update(&self, _: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        let same = Self::arns(&old.properties)? == Self::arns(desired.properties)?;
        Ok(if same { Updated::InPlace } else { Updated::Replace })
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        let (acl, at) = Self::arns(&old.properties)?;
        // Another web ACL may stand there by now, and the stage may be gone.
        if let Ok(place) = stages::Place::of(tx, at)
            && let Ok(stage) = place.load(tx)
            && stage.web_acl_arn.as_deref() == Some(acl)
        {
            stages::disassociate(tx, at)?;
        }
        crate::practice::resource::forget(tx, old)
    }
}
