//! What templates make of API Gateway.

mod api;
mod method;
mod parts;
mod plans;
mod stage;

use serde_json::{Map, Value};

pub(super) use api::api_attributes;

use super::model::{Api, bad_request};
use crate::practice::properties::{flag, number, text};
use crate::practice::resource::{Desired, Provider, Resource, Updated, forget, put};
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// All of them.
pub const PROVIDERS: [&dyn Provider; 12] = [
    &api::RestApi,
    &api::Account,
    &parts::PathResources,
    &method::Methods,
    &parts::Authorizers,
    &parts::Models,
    &parts::Validators,
    &stage::Deployments,
    &stage::Stages,
    &plans::UsagePlans,
    &plans::ApiKeys,
    &plans::UsagePlanKeys,
];

/// A part of an API's draft: what differs between resources, methods, authorizers, models and
/// validators. Loading the draft, writing it and keeping the document are the same for all.
trait Part: Sync {
    /// The CloudFormation type.
    const KIND: &'static str;
    /// Properties that can't be changed in place, beside `RestApiId`.
    const FIXED: &'static [&'static str];

    /// Adds it to the draft: its id, and what `GetAtt` gives.
    fn add(api: &mut Api, desired: &Desired<'_>) -> Result<(String, Map<String, Value>), Fault>;

    /// Changes it in the draft.
    fn change(api: &mut Api, old: &Resource, properties: &Value) -> Result<(), Fault>;

    /// Takes it out of the draft, where it still is.
    fn remove(api: &mut Api, old: &Resource) -> Result<(), Fault>;
}

impl<T: Part> Provider for T {
    fn kind(&self) -> &'static str {
        T::KIND
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let mut api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        let (id, attributes) = T::add(&mut api, desired)?;
        api.save(tx)?;
        let made = made(tx, T::KIND, id, desired, attributes);
        put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if differs(old, desired, &["RestApiId"]) || differs(old, desired, T::FIXED) {
            return Ok(Updated::Replace);
        }
        let mut api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        T::change(&mut api, old, desired.properties)?;
        api.save(tx)?;
        changed(tx, old, desired)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        // The API may be gone already, and its parts with it.
        if let Ok(mut api) = Api::load(tx, text(&old.properties, "RestApiId")) {
            T::remove(&mut api, old)?;
            api.save(tx)?;
        }
        forget(tx, old)
    }
}

fn required<'a>(properties: &'a Value, name: &str) -> Result<&'a str, Fault> {
    match text(properties, name) {
        "" => Err(bad_request(format!("Property {name} cannot be empty."))),
        text => Ok(text),
    }
}

fn owned(properties: &Value, name: &str) -> Option<String> {
    Some(text(properties, name).to_owned()).filter(|text| !text.is_empty())
}

fn list<T: serde::de::DeserializeOwned + Default>(
    properties: &Value,
    name: &str,
) -> Result<T, Fault> {
    match properties.get(name) {
        None | Some(Value::Null) => Ok(T::default()),
        Some(value) => serde_json::from_value(value.clone())
            .map_err(|error| bad_request(format!("Property {name} is invalid: {error}"))),
    }
}

fn made(
    tx: &Tx<'_>,
    kind: &str,
    id: String,
    desired: &Desired<'_>,
    attributes: Map<String, Value>,
) -> Resource {
    Resource {
        kind: kind.to_owned(),
        id,
        properties: desired.properties.clone(),
        attributes,
        stack: desired.stack.map(str::to_owned),
        logical: desired.logical.map(str::to_owned),
        created: tx.now(),
        changed: tx.now(),
    }
}

/// Stores the resource with its new properties.
fn changed(tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
    put(
        tx,
        &Resource { properties: desired.properties.clone(), changed: tx.now(), ..old.clone() },
    )?;
    Ok(Updated::InPlace)
}

/// Whether a property changed that can't be changed in place.
fn differs(old: &Resource, desired: &Desired<'_>, names: &[&str]) -> bool {
    names.iter().any(|name| old.properties.get(*name) != desired.properties.get(*name))
}
