//! Paths, authorizers, models and validators.

use serde_json::{Map, Value, json};

use super::super::model::{Api, Authorizer, Model, Validator};
use super::super::{apis, methods, schemas};
use super::{Part, flag, list, number, owned, required, text};
use crate::practice::random;
use crate::practice::resource::{Desired, Resource};
use crate::practice::wire::Fault;

/// `AWS::ApiGateway::Resource`.
#[derive(Debug)]
pub(super) struct PathResources;
/// `AWS::ApiGateway::Authorizer`.
#[derive(Debug)]
pub(super) struct Authorizers;
/// `AWS::ApiGateway::Model`.
#[derive(Debug)]
pub(super) struct Models;
/// `AWS::ApiGateway::RequestValidator`.
#[derive(Debug)]
pub(super) struct Validators;

type Added = Result<(String, Map<String, Value>), Fault>;

/// An id that is an attribute as well.
fn with_attribute(id: String, name: &str) -> (String, Map<String, Value>) {
    let attributes = Map::from_iter([(name.to_owned(), id.as_str().into())]);
    (id, attributes)
}

impl Part for PathResources {
    const KIND: &'static str = "AWS::ApiGateway::Resource";
    const FIXED: &'static [&'static str] = &["ParentId", "PathPart"];

    fn add(api: &mut Api, desired: &Desired<'_>) -> Added {
        let parent = required(desired.properties, "ParentId")?;
        let id = api.add_resource(parent, required(desired.properties, "PathPart")?)?.id.clone();
        Ok(with_attribute(id, "ResourceId"))
    }

    /// All that it has is fixed.
    fn change(_: &mut Api, _: &Resource, _: &Value) -> Result<(), Fault> {
        Ok(())
    }

    fn remove(api: &mut Api, old: &Resource) -> Result<(), Fault> {
        if api.resource(&old.id).is_ok() {
            methods::remove_resource(api, &old.id)?;
        }
        Ok(())
    }
}

fn authorizer_of(properties: &Value) -> Result<Authorizer, Fault> {
    Ok(Authorizer {
        id: String::new(),
        name: required(properties, "Name")?.to_owned(),
        kind: required(properties, "Type")?.to_owned(),
        provider_arns: list(properties, "ProviderARNs")?,
        auth_type: owned(properties, "AuthType"),
        authorizer_uri: owned(properties, "AuthorizerUri"),
        authorizer_credentials: owned(properties, "AuthorizerCredentials"),
        identity_source: owned(properties, "IdentitySource"),
        identity_validation_expression: owned(properties, "IdentityValidationExpression"),
        authorizer_result_ttl_in_seconds: number(properties, "AuthorizerResultTtlInSeconds"),
    })
}

impl Part for Authorizers {
    const KIND: &'static str = "AWS::ApiGateway::Authorizer";
    const FIXED: &'static [&'static str] = &[];

    fn add(api: &mut Api, desired: &Desired<'_>) -> Added {
        let id = apis::add_authorizer(api, authorizer_of(desired.properties)?)?.id;
        Ok(with_attribute(id, "AuthorizerId"))
    }

    fn change(api: &mut Api, old: &Resource, properties: &Value) -> Result<(), Fault> {
        let next = Authorizer { id: old.id.clone(), ..authorizer_of(properties)? };
        next.check()?;
        api.authorizers.retain(|known| known.id != old.id);
        api.authorizers.push(next);
        Ok(())
    }

    fn remove(api: &mut Api, old: &Resource) -> Result<(), Fault> {
        if api.authorizer(&old.id).is_some() {
            apis::remove_authorizer(api, &old.id)?;
        }
        Ok(())
    }
}

/// The schema's text: templates write it as text or as an object.
fn schema_of(properties: &Value) -> String {
    let schema = properties.get("Schema").cloned().unwrap_or_else(|| json!({}));
    schema.as_str().map_or_else(|| schema.to_string(), str::to_owned)
}

impl Part for Models {
    const KIND: &'static str = "AWS::ApiGateway::Model";
    const FIXED: &'static [&'static str] = &["Name", "ContentType"];

    fn add(api: &mut Api, desired: &Desired<'_>) -> Added {
        let model = Model {
            id: String::new(),
            name: owned(desired.properties, "Name").unwrap_or_else(|| random::letters(12)),
            description: owned(desired.properties, "Description"),
            schema: schema_of(desired.properties),
            content_type: owned(desired.properties, "ContentType")
                .unwrap_or_else(|| "application/json".to_owned()),
        };
        let name = schemas::add_model(api, model)?.name;
        let attributes = Map::from_iter([("Ref".to_owned(), name.as_str().into())]);
        Ok((format!("{}/{name}", api.id), attributes))
    }

    fn change(api: &mut Api, old: &Resource, properties: &Value) -> Result<(), Fault> {
        if let Some(model) = api.models.iter_mut().find(|known| known.name == old.reference()) {
            model.schema = schema_of(properties);
            model.description = owned(properties, "Description");
            let changed = model.clone();
            changed.check(&api.models)?;
        }
        Ok(())
    }

    fn remove(api: &mut Api, old: &Resource) -> Result<(), Fault> {
        api.models.retain(|known| known.name != old.reference());
        Ok(())
    }
}

fn validator_of(properties: &Value, id: &str) -> Validator {
    Validator {
        id: id.to_owned(),
        name: text(properties, "Name").to_owned(),
        validate_request_body: flag(properties, "ValidateRequestBody"),
        validate_request_parameters: flag(properties, "ValidateRequestParameters"),
    }
}

impl Part for Validators {
    const KIND: &'static str = "AWS::ApiGateway::RequestValidator";
    const FIXED: &'static [&'static str] = &["Name"];

    fn add(api: &mut Api, desired: &Desired<'_>) -> Added {
        let id = random::lower(6);
        api.validators.push(validator_of(desired.properties, &id));
        Ok(with_attribute(id, "RequestValidatorId"))
    }

    fn change(api: &mut Api, old: &Resource, properties: &Value) -> Result<(), Fault> {
        api.validators.retain(|known| known.id != old.id);
        api.validators.push(validator_of(properties, &old.id));
        Ok(())
    }

    fn remove(api: &mut Api, old: &Resource) -> Result<(), Fault> {
        api.validators.retain(|known| known.id != old.id);
        Ok(())
    }
}
