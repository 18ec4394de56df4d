//! The analytics function's role against the template that its stack was deployed with: what was
//! changed by hand, the next deployment that touches the role undoes.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cloudformation::AppStack;
use super::iam::AnalyticsRole;
use super::statements::list;
use super::sts::Caller;
use crate::account::call::Operation;
use crate::account::fact::{CannotLook, FactError, Known, Reason, clip};
use crate::account::reader::{Reader, known};

/// Where role and template differ.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Drift {
    /// Logical id of the role in the template; null where the stack has no such role.
    role: Option<String>,
    /// The differences.
    changes: Vec<Change>,
}

/// A difference.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Change {
    /// `attached` (a managed policy), `inline`, or `boundary`.
    kind: String,
    /// Name of the policy.
    name: String,
    /// `added` by hand, `removed` by hand, or `changed` by hand.
    how: String,
}

/// Where a text of the template can't be known here, it has this; it fits anything.
const OPEN: char = '\u{1}';

pub(crate) async fn drift(reader: &Reader, facts: &Known) -> Result<Drift, FactError> {
    let caller: Caller = known(facts, "caller")?;
    let stack: AppStack = known(facts, "app_stack")?;
    let role: AnalyticsRole = known(facts, "analytics_role")?;
    let own = stack
        .resources
        .iter()
        .find(|(_, found)| found.kind == "AWS::IAM::Role" && found.id == role.name);
    // A role of another stack, or made by hand: this stack's deployments don't change it.
    let Some((logical, _)) = own else {
        return Ok(Drift { role: None, changes: Vec::new() });
    };
    let account = &reader.account;
    let request = account
        .clients()
        .cloudformation
        .get_template()
        .stack_name(&stack.stack.name)
        .template_stage(aws_sdk_cloudformation::types::TemplateStage::Processed)
        .send();
    let answer = account.call(Operation("cloudformation", "GetTemplate"), request).await?;
    // The transform's result is JSON; a template that needed none is what the learner wrote.
    let template = parse(answer.template_body().unwrap_or_default()).ok_or_else(unreadable)?;
    let names = Names { caller: &caller, stack: &stack };
    let deployed = deployed(&template, logical, &role.name, &names);
    Ok(Drift { role: Some(logical.clone()), changes: compare(&deployed, &role) })
}

fn parse(body: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(body).ok()?;
    value.is_object().then_some(value)
}

fn unreadable() -> FactError {
    FactError::CannotLook(CannotLook {
        reason: Reason::Service,
        message: "The processed template of the application's stack is no JSON.".to_owned(),
        remedy: "Compare the role with template.yaml yourself: `aws cloudformation get-template`."
            .to_owned(),
    })
}

/// What the template gives the role.
#[derive(Debug, Default)]
struct Deployed {
    attached: BTreeSet<String>,
    inline: BTreeMap<String, Value>,
    boundary: Option<String>,
}

/// What names in a template stand for.
struct Names<'a> {
    caller: &'a Caller,
    stack: &'a AppStack,
}

impl Names<'_> {
    fn reference(&self, name: &str) -> String {
        let open = || OPEN.to_string();
        match name {
            "AWS::AccountId" => self.caller.account.clone(),
            "AWS::Region" => self.caller.region.clone(),
            "AWS::StackName" => self.stack.stack.name.clone(),
            "AWS::Partition" | "AWS::URLSuffix" => open(),
            _ => match self.stack.resources.get(name) {
                Some(resource) => resource.id.clone(),
                None => self.stack.stack.parameters.get(name).cloned().unwrap_or_else(open),
            },
        }
    }

    /// A value with its references resolved as far as they can be here.
    fn resolve(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.resolve(item)).collect(),
            Value::Object(members) => match members.iter().next() {
                Some((name, inside)) if members.len() == 1 => match name.as_str() {
                    "Ref" => Value::from(self.reference(inside.as_str().unwrap_or_default())),
                    "Fn::Sub" => Value::from(self.substitute(inside)),
                    "Fn::Join" => Value::from(self.join(inside)),
                    other if other.starts_with("Fn::") => Value::from(OPEN.to_string()),
                    _ => self.members(members),
                },
                _ => self.members(members),
            },
            other => other.clone(),
        }
    }

    fn members(&self, members: &serde_json::Map<String, Value>) -> Value {
        let resolved = members.iter().map(|(name, value)| (name.clone(), self.resolve(value)));
        Value::Object(resolved.collect())
    }

    fn substitute(&self, value: &Value) -> String {
        let (text, own) = match value {
            Value::Array(parts) => (parts.first(), parts.get(1)),
            other => (Some(other), None),
        };
        let mut rest = text.and_then(Value::as_str).unwrap_or_default();
        let mut out = String::new();
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let Some((name, after)) = after.split_once('}') else { break };
            if let Some(literal) = name.strip_prefix('!') {
                out.extend(["${", literal, "}"]);
            } else if name.contains('.') || own.is_some_and(|own| own.get(name).is_some()) {
                out.push(OPEN);
            } else {
                out.push_str(&self.reference(name));
            }
            rest = after;
        }
        out + rest
    }

    fn join(&self, value: &Value) -> String {
        let Some([Value::String(between), Value::Array(parts)]) =
            value.as_array().map(Vec::as_slice)
        else {
            return OPEN.to_string();
        };
        let part = |part: &Value| match self.resolve(part) {
            Value::String(text) => text,
            _ => OPEN.to_string(),
        };
        parts.iter().map(part).collect::<Vec<_>>().join(between)
    }
}

/// The role's policies as the template has them: its own, and those of other resources that name it.
fn deployed(template: &Value, logical: &str, role: &str, names: &Names<'_>) -> Deployed {
    let mut deployed = Deployed::default();
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("").to_owned();
    for (name, resource) in template["Resources"].as_object().into_iter().flatten() {
        let properties = names.resolve(&resource["Properties"]);
        let names_it = |property: &str| {
            list(properties.get(property)).iter().any(|one| one.as_str() == Some(role))
        };
        match resource["Type"].as_str().unwrap_or_default() {
            "AWS::IAM::Role" if name == logical => {
                let arns = list(properties.get("ManagedPolicyArns"));
                deployed.attached.extend(arns.iter().map(|arn| text(Some(arn))));
                for policy in list(properties.get("Policies")) {
                    let document = policy.get("PolicyDocument").cloned().unwrap_or_default();
                    deployed.inline.insert(text(policy.get("PolicyName")), document);
                }
                let boundary = text(properties.get("PermissionsBoundary"));
                deployed.boundary = Some(boundary).filter(|arn| !arn.is_empty());
            }
            "AWS::IAM::Policy" | "AWS::IAM::RolePolicy"
                if names_it("Roles") || names_it("RoleName") =>
            {
                let document = properties.get("PolicyDocument").cloned().unwrap_or_default();
                deployed.inline.insert(text(properties.get("PolicyName")), document);
            }
            "AWS::IAM::ManagedPolicy" if names_it("Roles") => {
                deployed.attached.insert(names.reference(name));
            }
            _ => {}
        }
    }
    deployed
}

fn compare(deployed: &Deployed, role: &AnalyticsRole) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut note = |kind: &str, name: &str, how: &str| {
        let (kind, how) = (kind.to_owned(), how.to_owned());
        changes.push(Change { kind, name: clip(name, 128), how });
    };
    let short = |arn: &str| arn.rsplit('/').next().unwrap_or(arn).replace(OPEN, "");
    let live: Vec<&str> = role.policies.iter().filter_map(|policy| policy.arn.as_deref()).collect();
    for arn in live.iter().filter(|arn| !deployed.attached.iter().any(|known| fits(known, arn))) {
        note("attached", &short(arn), "added");
    }
    for arn in deployed.attached.iter().filter(|known| !live.iter().any(|arn| fits(known, arn))) {
        note("attached", &short(arn), "removed");
    }
    let inline: Vec<_> = role.policies.iter().filter(|policy| policy.arn.is_none()).collect();
    for policy in &inline {
        let found = deployed.inline.iter().find(|(known, _)| fits(known, &policy.name));
        let document: Value = serde_json::from_str(&policy.document).unwrap_or_default();
        match found {
            None => note("inline", &policy.name, "added"),
            Some((_, known)) if !same(known, &document) => note("inline", &policy.name, "changed"),
            Some(_) => {}
        }
    }
    for known in deployed.inline.keys() {
        if !inline.iter().any(|policy| fits(known, &policy.name)) {
            note("inline", &known.replace(OPEN, ""), "removed");
        }
    }
    match (&deployed.boundary, &role.boundary) {
        (None, Some(arn)) => note("boundary", &short(arn), "added"),
        (Some(known), None) => note("boundary", &short(known), "removed"),
        (Some(known), Some(arn)) if !fits(known, arn) => note("boundary", &short(arn), "changed"),
        _ => {}
    }
    changes
}

/// Whether a text of the template can be this one.
fn fits(template: &str, live: &str) -> bool {
    let mut parts = template.split(OPEN);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = live.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// Whether two documents say the same: order and one-or-list don't matter.
fn same(template: &Value, live: &Value) -> bool {
    match (template, live) {
        (Value::String(known), Value::String(found)) => fits(known, found),
        (Value::Object(known), Value::Object(found)) => {
            known.len() == found.len()
                && known
                    .iter()
                    .all(|(name, value)| found.get(name).is_some_and(|found| same(value, found)))
        }
        // Numbers and truth values may be texts in the template.
        (Value::Array(_), _) | (_, Value::Array(_)) => {
            let (known, found) = (list(Some(template)), list(Some(live)));
            known.len() == found.len()
                && known.iter().all(|one| found.iter().any(|other| same(one, other)))
        }
        (known, found) => {
            known.to_string().trim_matches('"') == found.to_string().trim_matches('"')
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_with_open_places_fits_what_it_may_become() {
        let arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        let open = "arn:\u{1}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        assert!(fits(open, arn));
        assert!(fits("\u{1}", ""));
        assert!(fits("a\u{1}b\u{1}c", "a-b-b-c"));
        assert!(!fits("arn:\u{1}:iam::aws:policy/Other", arn));
        assert!(!fits("a", "ab"));
    }

    #[test]
    fn documents_are_the_same_whatever_their_order() {
        let one = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": ["a:B", "a:C"], "Resource": "\u{1}"}]});
        let other = json!({"Statement": {"Resource": ["arn:x"], "Action": ["a:C", "a:B"],
            "Effect": "Allow"}, "Version": "2012-10-17"});
        assert!(same(&one, &other));
        let less = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": ["a:B"], "Resource": "arn:x"}]});
        assert!(!same(&one, &less));
    }
}
