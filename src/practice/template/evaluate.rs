//! Intrinsic functions: what a template's values come to once parameters, conditions and the
//! resources made so far are known. Faults are worded as CloudFormation words them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::functions::{self, Piece};
use super::refuse;
use crate::practice::wire::Fault;

/// Where the values of resources and of other stacks' exports come from.
pub trait Source {
    /// What `Ref` of a resource gives.
    fn reference(&self, logical: &str) -> Result<Value, Fault>;
    /// What `Fn::GetAtt` of a resource gives.
    fn attribute(&self, logical: &str, attribute: &str) -> Result<Value, Fault>;
    /// The value of another stack's export.
    fn import(&self, name: &str) -> Result<Value, Fault>;
}

/// What is known about a deployment before its resources are made.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// 12 digits.
    pub account: String,
    /// `us-east-1`.
    pub region: String,
    /// The stack's name.
    pub stack_name: String,
    /// The stack's ARN.
    pub stack_id: String,
    /// Values of the parameters: text, numbers or lists.
    pub parameters: Map<String, Value>,
    /// The template's `Mappings`.
    pub mappings: Map<String, Value>,
    /// The template's conditions, evaluated.
    pub conditions: BTreeMap<String, bool>,
}

impl Environment {
    /// Whether a resource or output is part of the deployment: its condition holds, if it has one.
    pub fn wants(&self, body: &Value) -> bool {
        body.get("Condition")
            .and_then(Value::as_str)
            .is_none_or(|name| self.conditions.get(name).copied().unwrap_or(false))
    }
}

/// Evaluates values of one template.
pub struct Evaluator<'a> {
    environment: &'a Environment,
    source: &'a dyn Source,
}

/// For places where no resource may be named (conditions).
pub struct NoResources;

impl Source for NoResources {
    fn reference(&self, logical: &str) -> Result<Value, Fault> {
        Err(refuse(format!(
            "Template format error: Unresolved dependencies [{logical}]. Cannot reference resources in the Conditions block of the template"
        )))
    }
    fn attribute(&self, logical: &str, _: &str) -> Result<Value, Fault> {
        self.reference(logical)
    }
    fn import(&self, _: &str) -> Result<Value, Fault> {
        Err(refuse("Template error: Cannot use Fn::ImportValue in Conditions."))
    }
}

/// Evaluates the template's conditions into the environment.
pub fn conditions(environment: &mut Environment, template: &Value) -> Result<(), Fault> {
    let Some(all) = template.get("Conditions").and_then(Value::as_object) else { return Ok(()) };
    // A condition may name a later one: go on until nothing is left or nothing moves.
    let mut left: Vec<(&String, &Value)> = all.iter().collect();
    while !left.is_empty() {
        let before = left.len();
        let mut waiting = Vec::new();
        for (name, body) in left {
            let mut needed = Vec::new();
            functions::conditions_named(body, &mut needed);
            if let Some(missing) = needed.iter().find(|needed| !all.contains_key(**needed)) {
                return Err(refuse(format!(
                    "Template format error: Unresolved condition dependency {missing} in the Conditions block of the template"
                )));
            }
            if needed.iter().all(|needed| environment.conditions.contains_key(*needed)) {
                let holds = Evaluator::new(environment, &NoResources).condition(body)?;
                environment.conditions.insert(name.clone(), holds);
            } else {
                waiting.push((name, body));
            }
        }
        if waiting.len() == before {
            let names: Vec<_> = waiting.iter().map(|(name, _)| name.as_str()).collect();
            return Err(refuse(format!(
                "Template format error: Circular dependency between conditions: [{}]",
                names.join(", ")
            )));
        }
        left = waiting;
    }
    Ok(())
}

impl<'a> Evaluator<'a> {
    /// Evaluates in this environment, with resources from `source`.
    pub fn new(environment: &'a Environment, source: &'a dyn Source) -> Self {
        Self { environment, source }
    }

    /// The value; none for `AWS::NoValue`, which takes its key or list item away.
    pub fn value(&self, value: &Value) -> Result<Option<Value>, Fault> {
        match value {
            Value::Array(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    list.extend(self.value(item)?);
                }
                Ok(Some(Value::from(list)))
            }
            Value::Object(map) => match functions::intrinsic(map) {
                Some((name, argument)) => self.function(name, argument),
                None => self.map(map).map(|map| Some(Value::from(map))),
            },
            other => Ok(Some(other.clone())),
        }
    }

    fn map(&self, map: &Map<String, Value>) -> Result<Map<String, Value>, Fault> {
        let mut evaluated = Map::new();
        for (key, value) in map {
            if let Some(value) = self.value(value)? {
                evaluated.insert(key.clone(), value);
            }
        }
        Ok(evaluated)
    }

    /// The value, where `AWS::NoValue` has no place.
    fn definite(&self, value: &Value, function: &str) -> Result<Value, Fault> {
        self.value(value)?.ok_or_else(|| {
            refuse(format!("Template error: {function} cannot have AWS::NoValue as a value"))
        })
    }

    /// The value as text.
    pub fn text(&self, value: &Value, function: &str) -> Result<String, Fault> {
        let value = self.definite(value, function)?;
        functions::as_text(&value).ok_or_else(|| {
            refuse(format!("Template error: every value of {function} must be a string"))
        })
    }

    fn list(&self, value: &Value, function: &str) -> Result<Vec<Value>, Fault> {
        match self.definite(value, function)? {
            Value::Array(items) => Ok(items),
            _ => Err(refuse(format!("Template error: {function} requires a list"))),
        }
    }

    fn arguments<'v>(value: &'v Value, count: usize, function: &str) -> Result<&'v [Value], Fault> {
        match value.as_array() {
            Some(items) if items.len() == count => Ok(items),
            _ => Err(refuse(format!(
                "Template error: {function} requires a list argument with {count} elements"
            ))),
        }
    }

    fn function(&self, name: &str, argument: &Value) -> Result<Option<Value>, Fault> {
        let value = match name {
            "Ref" => return self.reference(argument.as_str().unwrap_or_default()),
            "Fn::If" => return self.choose(argument),
            "Fn::GetAtt" => self.attribute(argument)?,
            "Fn::Sub" => Value::from(self.substitute(argument)?),
            "Fn::Join" => Value::from(self.join(argument)?),
            "Fn::Split" => self.split(argument)?,
            "Fn::Select" => self.select(argument)?,
            "Fn::FindInMap" => self.find_in_map(argument)?,
            "Fn::ImportValue" => self.source.import(&self.text(argument, name)?)?,
            "Fn::Base64" => Value::from(STANDARD.encode(self.text(argument, name)?)),
            "Fn::GetAZs" => self.zones(&self.text(argument, name)?),
            "Fn::Cidr" => self.cidr(argument)?,
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" | "Condition" => {
                Value::from(self.condition(&Value::Object(Map::from_iter([(
                    name.to_owned(),
                    argument.clone(),
                )])))?)
            }
            other => {
                return Err(refuse(format!(
                    "Template error: {other} is not supported by the practice account"
                )));
            }
        };
        Ok(Some(value))
    }

    fn reference(&self, name: &str) -> Result<Option<Value>, Fault> {
        if let Some(value) = self.environment.parameters.get(name) {
            return Ok(Some(value.clone()));
        }
        let Some(pseudo) = name.strip_prefix("AWS::") else {
            return self.source.reference(name).map(Some);
        };
        let environment = self.environment;
        Ok(Some(Value::from(match pseudo {
            "AccountId" => environment.account.as_str(),
            "Region" => &environment.region,
            "StackName" => &environment.stack_name,
            "StackId" => &environment.stack_id,
            "Partition" => "aws",
            "URLSuffix" => "amazonaws.com",
            "NotificationARNs" => return Ok(Some(Value::Array(Vec::new()))),
            "NoValue" => return Ok(None),
            _ => {
                return Err(refuse(format!(
                    "Template format error: Unresolved resource dependencies [{name}] in the Resources block of the template"
                )));
            }
        })))
    }

    fn attribute(&self, argument: &Value) -> Result<Value, Fault> {
        let (logical, attribute) = functions::attribute_parts(argument).ok_or_else(|| {
            refuse("Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute")
        })?;
        self.source.attribute(logical, &self.text(&attribute, "Fn::GetAtt")?)
    }

    fn choose(&self, argument: &Value) -> Result<Option<Value>, Fault> {
        self.value(self.branch(argument)?)
    }

    /// The branch of an `Fn::If` that is taken. The other one is no part of the deployment.
    fn branch<'v>(&self, argument: &'v Value) -> Result<&'v Value, Fault> {
        let arguments = Self::arguments(argument, 3, "Fn::If")?;
        let name = arguments[0].as_str().unwrap_or_default();
        let holds = self.environment.conditions.get(name).ok_or_else(|| {
            refuse(format!("Template error: unresolved condition dependency {name} in Fn::If"))
        })?;
        Ok(&arguments[if *holds { 1 } else { 2 }])
    }

    /// Adds the names of the exports that the value imports.
    pub fn imports(&self, value: &Value, names: &mut BTreeSet<String>) -> Result<(), Fault> {
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| self.imports(item, names)),
            Value::Object(map) => match functions::intrinsic(map) {
                Some(("Fn::ImportValue", name)) => {
                    names.insert(self.text(name, "Fn::ImportValue")?);
                    Ok(())
                }
                Some(("Fn::If", argument)) => self.imports(self.branch(argument)?, names),
                Some((_, argument)) => self.imports(argument, names),
                None => map.values().try_for_each(|value| self.imports(value, names)),
            },
            _ => Ok(()),
        }
    }

    fn substitute(&self, argument: &Value) -> Result<String, Fault> {
        let (template, local) = functions::sub_parts(argument).ok_or_else(|| {
            refuse("Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string")
        })?;
        let mut text = String::new();
        for piece in functions::pieces(template) {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Literal(name) => {
                    text.push_str("${");
                    text.push_str(name);
                    text.push('}');
                }
                Piece::Name(name) => text.push_str(&self.substitution(name, local)?),
            }
        }
        Ok(text)
    }

    fn substitution(
        &self,
        name: &str,
        local: Option<&Map<String, Value>>,
    ) -> Result<String, Fault> {
        if let Some(value) = local.and_then(|local| local.get(name)) {
            return self.text(value, "Fn::Sub");
        }
        let value = match name.split_once('.') {
            Some((logical, attribute)) => self.source.attribute(logical, attribute)?,
            None => self.reference(name)?.unwrap_or_else(|| Value::from("")),
        };
        functions::as_text(&value).ok_or_else(|| {
            refuse(format!(
                "Template error: variable {name} in Fn::Sub expression does not resolve to a string"
            ))
        })
    }

    fn join(&self, argument: &Value) -> Result<String, Fault> {
        let arguments = Self::arguments(argument, 2, "Fn::Join")?;
        let texts = self.list(&arguments[1], "Fn::Join")?;
        let texts: Option<Vec<_>> = texts.iter().map(functions::as_text).collect();
        let texts = texts.ok_or_else(|| {
            refuse("Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.")
        })?;
        Ok(texts.join(&self.text(&arguments[0], "Fn::Join")?))
    }

    fn split(&self, argument: &Value) -> Result<Value, Fault> {
        let arguments = Self::arguments(argument, 2, "Fn::Split")?;
        let delimiter = self.text(&arguments[0], "Fn::Split")?;
        let text = self.text(&arguments[1], "Fn::Split")?;
        if delimiter.is_empty() {
            return Err(refuse("Template error: Fn::Split delimiter cannot be empty"));
        }
        Ok(text.split(&delimiter).collect::<Vec<_>>().into())
    }

    fn select(&self, argument: &Value) -> Result<Value, Fault> {
        let arguments = Self::arguments(argument, 2, "Fn::Select")?;
        let list = self.list(&arguments[1], "Fn::Select")?;
        let index = self.text(&arguments[0], "Fn::Select")?;
        index.parse::<usize>().ok().and_then(|index| list.get(index).cloned()).ok_or_else(|| {
            refuse(format!(
                "Template error: Fn::Select cannot select nonexistent value at index {index}"
            ))
        })
    }

    fn find_in_map(&self, argument: &Value) -> Result<Value, Fault> {
        let arguments = Self::arguments(argument, 3, "Fn::FindInMap")?;
        let keys = arguments
            .iter()
            .map(|key| self.text(key, "Fn::FindInMap"))
            .collect::<Result<Vec<_>, _>>()?;
        self.environment
            .mappings
            .get(&keys[0])
            .ok_or_else(|| refuse(format!("Template error: Mapping named '{}' is not present in the 'Mappings' section of template.", keys[0])))?
            .get(&keys[1])
            .and_then(|map| map.get(&keys[2]))
            .cloned()
            .ok_or_else(|| refuse(format!("Template error: Unable to get mapping for {}", keys.join("::"))))
    }

    fn zones(&self, region: &str) -> Value {
        let region = if region.is_empty() { &self.environment.region } else { region };
        ["a", "b", "c"].map(|zone| format!("{region}{zone}")).to_vec().into()
    }

    fn cidr(&self, argument: &Value) -> Result<Value, Fault> {
        let parts = argument.as_array().filter(|parts| (2..=3).contains(&parts.len()));
        let parts = parts.ok_or_else(|| {
            refuse("Template error: Fn::Cidr requires a list argument with two or three elements")
        })?;
        let mut texts =
            parts.iter().map(|part| self.text(part, "Fn::Cidr")).collect::<Result<Vec<_>, _>>()?;
        if texts.len() == 2 {
            texts.push("8".to_owned());
        }
        functions::subnets(&texts[0], &texts[1], &texts[2]).map(Value::from).ok_or_else(|| {
            refuse(format!(
                "Template error: Fn::Cidr cannot divide {} into {} blocks of {} bits",
                texts[0], texts[1], texts[2]
            ))
        })
    }

    /// Whether a condition holds.
    pub fn condition(&self, body: &Value) -> Result<bool, Fault> {
        let malformed = || {
            refuse(
                "Template format error: Every Condition member must be a string or a boolean operation.",
            )
        };
        let (name, argument) =
            body.as_object().and_then(functions::intrinsic).ok_or_else(malformed)?;
        let all = || -> Result<Vec<bool>, Fault> {
            argument
                .as_array()
                .ok_or_else(malformed)?
                .iter()
                .map(|item| self.condition(item))
                .collect()
        };
        match name {
            "Fn::Equals" => {
                let sides = Self::arguments(argument, 2, name)?;
                let left = self.definite(&sides[0], name)?;
                let right = self.definite(&sides[1], name)?;
                Ok(match (functions::as_text(&left), functions::as_text(&right)) {
                    (Some(left), Some(right)) => left == right,
                    _ => left == right,
                })
            }
            "Fn::And" => Ok(all()?.into_iter().all(|holds| holds)),
            "Fn::Or" => Ok(all()?.into_iter().any(|holds| holds)),
            "Fn::Not" => match all()?.as_slice() {
                [one] => Ok(!one),
                _ => {
                    Err(refuse("Template error: Fn::Not requires a list argument with one element"))
                }
            },
            "Condition" => {
                let name = argument.as_str().ok_or_else(malformed)?;
                self.environment.conditions.get(name).copied().ok_or_else(|| {
                    refuse(format!("Template format error: Unresolved condition dependency {name} in the Conditions block of the template"))
                })
            }
            _ => Err(malformed()),
        }
    }
}
