//! Web ACLs, rule groups and sets: made, read, changed and removed alike. A change needs the lock
//! token of the state that it was made from.

use serde_json::{Map, Value, json};

use super::{invalid, managed, nonexistent, stages};
use crate::practice::random;
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

/// A type of item.
#[derive(Debug)]
pub struct Item {
    /// CloudFormation type.
    pub kind: &'static str,
    /// How operations call it.
    pub noun: &'static str,
    /// How ARNs call it.
    pub path: &'static str,
}

/// Members of calls that are no property of the item.
const NO_PROPERTY: [&str; 3] = ["Id", "LockToken", "ARN"];

impl Item {
    fn find(&self, tx: &Tx<'_>, call: &Call) -> Result<Resource, Fault> {
        let found = match call.text("ARN") {
            "" => resource::get(tx, self.kind, call.text("Id"))?.filter(|item| {
                item.text("Name") == call.text("Name") && item.text("Scope") == call.text("Scope")
            }),
            arn => self.by_arn(tx, arn)?,
        };
        found.ok_or_else(nonexistent)
    }

    /// The item of that ARN.
    pub fn by_arn(&self, tx: &Tx<'_>, arn: &str) -> Result<Option<Resource>, Fault> {
        let id = arn.rsplit('/').next().unwrap_or_default();
        Ok(resource::get(tx, self.kind, id)?.filter(|item| item.attribute("Arn") == arn))
    }

    /// The item as the API shows it.
    pub(super) fn view(&self, item: &Resource) -> Value {
        let mut view = Map::new();
        for name in ["Name", "Id", "Arn"] {
            let value = if name == "Name" { item.text(name) } else { item.attribute(name) };
            view.insert(if name == "Arn" { "ARN" } else { name }.to_owned(), value.into());
        }
        for (name, value) in item.properties.as_object().into_iter().flatten() {
            if !["Name", "Scope", "Tags"].contains(&name.as_str()) {
                view.insert(name.clone(), with_arns(value));
            }
        }
        if self.noun == "WebACL" {
            view.insert("Capacity".to_owned(), 50.into());
            view.insert("ManagedByFirewallManager".to_owned(), false.into());
        }
        view.into()
    }

    fn summary(item: &Resource) -> Value {
        json!({"Name": item.text("Name"), "Id": item.id, "ARN": item.attribute("Arn"),
            "Description": item.text("Description"), "LockToken": item.attribute("LockToken")})
    }

    pub(super) fn create_by_call(&self, tx: &Tx<'_>, call: &Call) -> Answer {
        let desired = Desired { properties: &call.input, stack: None, logical: None };
        let made = self.create(tx, &desired)?;
        Ok(Reply::ok(json!({ "Summary": Self::summary(&made) })))
    }

    pub(super) fn get(&self, tx: &Tx<'_>, call: &Call) -> Answer {
        let item = self.find(tx, call)?;
        let token = item.attribute("LockToken");
        Ok(Reply::ok(json!({ self.noun: self.view(&item), "LockToken": token })))
    }

    pub(super) fn list(&self, tx: &Tx<'_>) -> Answer {
        let items = resource::all(tx, self.kind)?;
        let all: Vec<Value> = items.iter().map(Self::summary).collect();
        Ok(Reply::ok(json!({ format!("{}s", self.noun): all })))
    }

    pub(super) fn update_by_call(&self, tx: &Tx<'_>, call: &Call) -> Answer {
        let item = self.locked(tx, call)?;
        let mut properties = call.input.clone();
        if let Some(members) = properties.as_object_mut() {
            members.retain(|name, _| !NO_PROPERTY.contains(&name.as_str()));
        }
        let desired = Desired {
            properties: &properties,
            stack: item.stack.as_deref(),
            logical: item.logical.as_deref(),
        };
        Self::check(&properties)?;
        let token = Self::store(tx, &item.changed_to(tx, &desired))?;
        Ok(Reply::ok(json!({ "NextLockToken": token })))
    }

    pub(super) fn delete_by_call(&self, tx: &Tx<'_>, call: &Call) -> Answer {
        let item = self.locked(tx, call)?;
        self.delete(tx, &item)?;
        Ok(Reply::ok(json!({})))
    }

    /// The item, where the call's lock token is its newest.
    fn locked(&self, tx: &Tx<'_>, call: &Call) -> Result<Resource, Fault> {
        let item = self.find(tx, call)?;
        if call.text("LockToken") == item.attribute("LockToken") {
            return Ok(item);
        }
        Err(Fault::new(
            400,
            "WAFOptimisticLockException",
            "AWS WAF couldn’t save your changes because someone changed the resource after you \
             started to edit it. Reapply your changes.",
        ))
    }

    /// Writes it with a new lock token.
    fn store(tx: &Tx<'_>, item: &Resource) -> Result<String, Fault> {
        let token = random::uuid();
        resource::put(tx, &item.clone().with("LockToken", token.as_str()))?;
        Ok(token)
    }

    /// Refuses what the service refuses.
    fn check(properties: &Value) -> Result<(), Fault> {
        if !["REGIONAL", "CLOUDFRONT"].contains(&text(properties, "Scope")) {
            return Err(invalid("The scope is not valid", "SCOPE_VALUE"));
        }
        let rules = properties.get("Rules").and_then(Value::as_array);
        let mut priorities = Vec::new();
        for rule in rules.into_iter().flatten() {
            let priority = rule.get("Priority").and_then(Value::as_i64);
            if priority.is_none() || priorities.contains(&priority) {
                return Err(invalid("Each rule needs a priority of its own", "RULE"));
            }
            priorities.push(priority);
            let statement = rule.get("Statement").and_then(Value::as_object);
            let Some((kind, inner)) = statement.and_then(|all| all.iter().next()) else {
                return Err(invalid("A rule needs one statement", "STATEMENT"));
            };
            let group =
                kind.ends_with("RuleGroupStatement") || kind == "RuleGroupReferenceStatement";
            if rule.get(if group { "OverrideAction" } else { "Action" }).is_none() {
                return Err(invalid(
                    "A reference in your rule statement is not valid.",
                    "RULE_ACTION",
                ));
            }
            if kind == "ManagedRuleGroupStatement" {
                managed::describe(text(inner, "Name"))?;
            }
        }
        Ok(())
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("")
}

/// Members as the API calls them.
fn with_arns(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(with_arns).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let name = if name == "Arn" { "ARN" } else { name };
                (name.to_owned(), with_arns(value))
            })
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

impl Provider for Item {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        Self::check(desired.properties)?;
        let name = desired.name("Name", 128);
        let scope = desired.text("Scope");
        let taken = resource::all(tx, self.kind)?;
        if taken.iter().any(|item| item.text("Name") == name && item.text("Scope") == scope) {
            return Err(Fault::new(
                400,
                "WAFDuplicateItemException",
                "AWS WAF couldn’t perform the operation because some resource in your request is \
                 a duplicate of an existing one.",
            ));
        }
        let id = random::uuid();
        let place = if scope == "CLOUDFRONT" { "global" } else { "regional" };
        let arn = tx.arn("wafv2", &format!("{place}/{}/{name}/{id}", self.path));
        let mut made = Resource::new(tx, self.kind, id.as_str(), desired)
            .with("Ref", format!("{name}|{id}|{scope}"))
            .with("Arn", arn)
            .with("Id", id);
        made.properties["Name"] = name.into();
        let token = Self::store(tx, &made)?;
        Ok(made.with("LockToken", token))
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        let named = desired.text("Name");
        if (!named.is_empty() && named != old.text("Name"))
            || desired.text("Scope") != old.text("Scope")
        {
            return Ok(Updated::Replace);
        }
        Self::check(desired.properties)?;
        let mut changed = old.changed_to(tx, desired);
        changed.properties["Name"] = old.text("Name").into();
        Self::store(tx, &changed)?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        if self.noun == "WebACL" && !stages::of_acl(tx, old.attribute("Arn"))?.is_empty() {
            return Err(Fault::new(
                400,
                "WAFAssociatedItemException",
                "AWS WAF couldn’t perform the operation because your resource is being used by \
                 another resource or it’s associated with another resource.",
            ));
        }
        resource::forget(tx, old)
    }
}
