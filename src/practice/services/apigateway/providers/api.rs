//! APIs themselves, and the account's settings.

use serde_json::{Map, Value};

use super::super::model::{Api, bad_request};
use super::super::{account, apis, import as reader};
use super::{changed, differs, made, owned, text};
use crate::practice::resource::{Desired, Provider, Resource, Updated, forget, put};
use crate::practice::services::s3;
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// `AWS::ApiGateway::RestApi`.
#[derive(Debug)]
pub(super) struct RestApi;
/// `AWS::ApiGateway::Account`: the role that writes logs. There is one an account and region, and
/// removing it from a stack leaves the setting as it is.
#[derive(Debug)]
pub(super) struct Account;

/// What `GetAtt` gives of an API.
pub(in super::super) fn api_attributes(api: &Api) -> Map<String, Value> {
    Map::from_iter([
        ("RootResourceId".to_owned(), api.root().into()),
        ("RestApiId".to_owned(), api.id.as_str().into()),
    ])
}

/// The document of `Body` or `BodyS3Location`.
fn body(tx: &Tx<'_>, properties: &Value) -> Result<Option<Value>, Fault> {
    if let Some(body) = properties.get("Body").filter(|body| !body.is_null()) {
        return Ok(Some(body.clone()));
    }
    let Some(location) = properties.get("BodyS3Location") else { return Ok(None) };
    let (bucket, key) = (text(location, "Bucket"), text(location, "Key"));
    let object = s3::object(tx, bucket, key).map_err(|fault| {
        bad_request(format!(
            "Unable to read the API definition from s3://{bucket}/{key}: {}",
            fault.message
        ))
    })?;
    reader::parse(&object).map(Some)
}

fn apply_properties(api: &mut Api, properties: &Value) -> Result<(), Fault> {
    if let Some(name) = owned(properties, "Name") {
        api.name = name;
    }
    if let Some(description) = owned(properties, "Description") {
        api.description = Some(description);
    }
    if let Some(source) = owned(properties, "ApiKeySourceType") {
        api.api_key_source = source;
    }
    if let Some(types) = properties.pointer("/EndpointConfiguration/Types") {
        api.endpoint_types = serde_json::from_value(types.clone())
            .map_err(|_| bad_request("Invalid EndpointConfiguration"))?;
    }
    if let Some(tags) = properties.get("Tags").and_then(Value::as_array) {
        api.tags = tags
            .iter()
            .map(|tag| (text(tag, "Key").to_owned(), text(tag, "Value").to_owned()))
            .collect();
    }
    Ok(())
}

impl Provider for RestApi {
    fn kind(&self) -> &'static str {
        apis::KIND
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let mut api = Api::new(tx, text(desired.properties, "Name"));
        if let Some(document) = body(tx, desired.properties)? {
            api = reader::import(&api, &document, false)?;
        }
        apply_properties(&mut api, desired.properties)?;
        if api.name.is_empty() {
            return Err(bad_request("API name cannot be null or empty"));
        }
        let made = made(tx, self.kind(), api.id.clone(), desired, api_attributes(&api));
        apis::register(tx, &api, &made)?;
        Ok(made)
    }

    /// The document is imported again only when it changed: a change made in the console
    /// survives a deployment that doesn't touch it, and is lost in one that does.
    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        let mut api = Api::load(tx, &old.id)?;
        if differs(old, desired, &["Body", "BodyS3Location"])
            && let Some(document) = body(tx, desired.properties)?
        {
            let merge = text(desired.properties, "Mode") == "merge";
            api = reader::import(&api, &document, merge)?;
        }
        apply_properties(&mut api, desired.properties)?;
        api.save(tx)?;
        changed(tx, old, desired)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        Api::remove(tx, &old.id)?;
        forget(tx, old)
    }
}

impl Provider for Account {
    fn kind(&self) -> &'static str {
        "AWS::ApiGateway::Account"
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        account::set_role(tx, text(desired.properties, "CloudWatchRoleArn"))?;
        let id = desired.generated_name(64);
        let made = made(tx, self.kind(), id.clone(), desired, Map::new()).with("Id", id);
        put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        account::set_role(tx, text(desired.properties, "CloudWatchRoleArn"))?;
        changed(tx, old, desired)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        forget(tx, old)
    }
}
