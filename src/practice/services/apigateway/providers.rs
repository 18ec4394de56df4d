//! What templates make of API Gateway.

use serde_json::{Map, Value, json};

use super::model::{
    Api, Authorizer, Deployment, Integration, Method, Model, Stage, Validator, bad_request,
};
use super::{apis, import as reader, methods, schemas, stages};
use crate::practice::random;
use crate::practice::resource::{Desired, Provider, Resource, Updated, forget, put};
use crate::practice::services::s3;
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// `AWS::ApiGateway::RestApi`.
#[derive(Debug)]
pub struct RestApi;
/// `AWS::ApiGateway::Resource`.
#[derive(Debug)]
pub struct PathResources;
/// `AWS::ApiGateway::Method`.
#[derive(Debug)]
pub struct Methods;
/// `AWS::ApiGateway::Authorizer`.
#[derive(Debug)]
pub struct Authorizers;
/// `AWS::ApiGateway::Model`.
#[derive(Debug)]
pub struct Models;
/// `AWS::ApiGateway::RequestValidator`.
#[derive(Debug)]
pub struct Validators;
/// `AWS::ApiGateway::Deployment`.
#[derive(Debug)]
pub struct Deployments;
/// `AWS::ApiGateway::Stage`.
#[derive(Debug)]
pub struct Stages;

/// All of them.
pub const PROVIDERS: [&dyn Provider; 8] =
    [&RestApi, &PathResources, &Methods, &Authorizers, &Models, &Validators, &Deployments, &Stages];

/// What `GetAtt` gives of an API.
pub(super) fn api_attributes(api: &Api) -> Map<String, Value> {
    Map::from_iter([
        ("RootResourceId".to_owned(), api.root().into()),
        ("RestApiId".to_owned(), api.id.as_str().into()),
    ])
}

fn text<'a>(properties: &'a Value, name: &str) -> &'a str {
    properties.get(name).and_then(Value::as_str).unwrap_or("")
}

fn required<'a>(properties: &'a Value, name: &str) -> Result<&'a str, Fault> {
    match text(properties, name) {
        "" => Err(bad_request(format!("Property {name} cannot be empty."))),
        text => Ok(text),
    }
}

/// A property that templates write as a number or as text.
fn number(properties: &Value, name: &str) -> Option<i64> {
    let value = properties.get(name)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn flag(properties: &Value, name: &str) -> bool {
    properties.get(name).is_some_and(|value| value == true || value == "true")
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

/// The draft that a part belongs to; none when the API is gone already.
fn draft(tx: &Tx<'_>, old: &Resource) -> Option<Api> {
    Api::load(tx, text(&old.properties, "RestApiId")).ok()
}

/// Whether a property changed that can't be changed in place.
fn differs(old: &Resource, desired: &Desired<'_>, names: &[&str]) -> bool {
    names.iter().any(|name| old.properties.get(*name) != desired.properties.get(*name))
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

impl Provider for PathResources {
    fn kind(&self) -> &'static str {
        "AWS::ApiGateway::Resource"
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let mut api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        let parent = required(desired.properties, "ParentId")?;
        let id = api.add_resource(parent, required(desired.properties, "PathPart")?)?.id.clone();
        api.save(tx)?;
        let attributes = Map::from_iter([("ResourceId".to_owned(), id.as_str().into())]);
        let made = made(tx, self.kind(), id, desired, attributes);
        put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if differs(old, desired, &["RestApiId", "ParentId", "PathPart"]) {
            return Ok(Updated::Replace);
        }
        changed(tx, old, desired)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        if let Some(mut api) = draft(tx, old)
            && methods::remove_resource(&mut api, &old.id).is_ok()
        {
            api.save(tx)?;
        }
        forget(tx, old)
    }
}

/// CloudFormation writes members in Pascal case where the service writes camel case.
fn camel(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| {
                let mut letters = name.chars();
                let first = letters.next().map(|c| c.to_ascii_lowercase());
                let name: String = first.into_iter().chain(letters).collect();
                // Names inside of these are data.
                let inner = if name.ends_with("Parameters")
                    || name.ends_with("Templates")
                    || name.ends_with("Models")
                {
                    value.clone()
                } else {
                    camel(value)
                };
                (name, inner)
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(list) => list.iter().map(camel).collect(),
        other => other.clone(),
    }
}

fn method_of(properties: &Value) -> Result<Method, Fault> {
    let mut integration = None;
    if let Some(value) = properties.get("Integration") {
        let mut view = camel(value);
        let responses = view.as_object_mut().and_then(|m| m.shift_remove("integrationResponses"));
        if let Some(members) = view.as_object_mut() {
            let verb = members.shift_remove("integrationHttpMethod");
            members.insert("httpMethod".to_owned(), verb.unwrap_or(Value::Null));
            if let Some(timeout) = number(value, "TimeoutInMillis") {
                members.insert("timeoutInMillis".to_owned(), timeout.into());
            }
        }
        let mut read: Integration = list(&json!({"Integration": view}), "Integration")?;
        for mut response in
            responses.as_ref().and_then(Value::as_array).cloned().unwrap_or_default()
        {
            status_as_text(&mut response);
            let response: super::model::IntegrationResponse =
                list(&json!({"IntegrationResponses": response}), "IntegrationResponses")?;
            read.integration_responses.insert(response.status_code.clone(), response);
        }
        integration = Some(methods::finish(read)?);
    }
    let mut method = Method {
        http_method: required(properties, "HttpMethod")?.to_owned(),
        authorization_type: owned(properties, "AuthorizationType")
            .unwrap_or_else(|| "NONE".to_owned()),
        authorizer_id: owned(properties, "AuthorizerId"),
        authorization_scopes: list(properties, "AuthorizationScopes")?,
        api_key_required: flag(properties, "ApiKeyRequired"),
        request_validator_id: owned(properties, "RequestValidatorId"),
        operation_name: owned(properties, "OperationName"),
        request_parameters: list(properties, "RequestParameters")?,
        request_models: list(properties, "RequestModels")?,
        method_integration: integration,
        ..Method::default()
    };
    let responses = properties.get("MethodResponses").and_then(Value::as_array);
    for response in responses.into_iter().flatten() {
        let mut view = camel(response);
        status_as_text(&mut view);
        let status = view["statusCode"].as_str().unwrap_or("200").to_owned();
        method.method_responses.insert(status, view);
    }
    Ok(method)
}

fn status_as_text(response: &mut Value) {
    if let Some(status) = response.get("statusCode").and_then(Value::as_i64) {
        response["statusCode"] = status.to_string().into();
    }
}

impl Provider for Methods {
    fn kind(&self) -> &'static str {
        "AWS::ApiGateway::Method"
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let mut api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        let resource = required(desired.properties, "ResourceId")?;
        methods::put_method(&mut api, resource, method_of(desired.properties)?)?;
        api.save(tx)?;
        let id = format!("{}-{}", desired.logical.unwrap_or("Method"), random::upper(12));
        let made = made(tx, self.kind(), id, desired, Map::new());
        put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if differs(old, desired, &["RestApiId", "ResourceId", "HttpMethod"]) {
            return Ok(Updated::Replace);
        }
        let mut api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        let method = method_of(desired.properties)?;
        method.check_authorizer(&api.authorizers)?;
        methods::check_references(&api, &method)?;
        let resource = api.resource_mut(required(desired.properties, "ResourceId")?)?;
        resource.methods.insert(method.http_method.clone(), method);
        api.save(tx)?;
        changed(tx, old, desired)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        if let Some(mut api) = draft(tx, old)
            && let Ok(resource) = api.resource_mut(text(&old.properties, "ResourceId"))
        {
            resource.methods.remove(text(&old.properties, "HttpMethod"));
            api.save(tx)?;
        }
        forget(tx, old)
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

impl Provider for Authorizers {
    fn kind(&self) -> &'static str {
        "AWS::ApiGateway::Authorizer"
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let mut api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        let id = apis::add_authorizer(&mut api, authorizer_of(desired.properties)?)?.id;
        api.save(tx)?;
        let attributes = Map::from_iter([("AuthorizerId".to_owned(), id.as_str().into())]);
        let made = made(tx, self.kind(), id, desired, attributes);
        put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if differs(old, desired, &["RestApiId"]) {
            return Ok(Updated::Replace);
        }
        let mut api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        let next = Authorizer { id: old.id.clone(), ..authorizer_of(desired.properties)? };
        next.check()?;
        api.authorizers.retain(|known| known.id != old.id);
        api.authorizers.push(next);
        api.save(tx)?;
        changed(tx, old, desired)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        if let Some(mut api) = draft(tx, old)
            && api.authorizer(&old.id).is_some()
        {
            apis::remove_authorizer(&mut api, &old.id)?;
            api.save(tx)?;
        }
        forget(tx, old)
    }
}

impl Provider for Models {
    fn kind(&self) -> &'static str {
        "AWS::ApiGateway::Model"
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let mut api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        let name = owned(desired.properties, "Name").unwrap_or_else(|| random::letters(12));
        let schema = desired.properties.get("Schema").cloned().unwrap_or_else(|| json!({}));
        let model = Model {
            id: String::new(),
            name,
            description: owned(desired.properties, "Description"),
            schema: schema.as_str().map_or_else(|| schema.to_string(), str::to_owned),
            content_type: owned(desired.properties, "ContentType")
                .unwrap_or_else(|| "application/json".to_owned()),
        };
        let model = schemas::add_model(&mut api, model)?;
        api.save(tx)?;
        let id = format!("{}/{}", api.id, model.name);
        let attributes = Map::from_iter([("Ref".to_owned(), model.name.into())]);
        let made = made(tx, self.kind(), id, desired, attributes);
        put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if differs(old, desired, &["RestApiId", "Name", "ContentType"]) {
            return Ok(Updated::Replace);
        }
        let mut api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        let schema = desired.properties.get("Schema").cloned().unwrap_or_else(|| json!({}));
        if let Some(model) = api.models.iter_mut().find(|known| known.name == old.reference()) {
            model.schema = schema.as_str().map_or_else(|| schema.to_string(), str::to_owned);
            model.description = owned(desired.properties, "Description");
        }
        for model in &api.models {
            model.check(&api.models)?;
        }
        api.save(tx)?;
        changed(tx, old, desired)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        if let Some(mut api) = draft(tx, old) {
            api.models.retain(|known| known.name != old.reference());
            api.save(tx)?;
        }
        forget(tx, old)
    }
}

impl Provider for Validators {
    fn kind(&self) -> &'static str {
        "AWS::ApiGateway::RequestValidator"
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let mut api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        let id = random::lower(6);
        api.validators.push(validator_of(desired.properties, &id));
        api.save(tx)?;
        let attributes = Map::from_iter([("RequestValidatorId".to_owned(), id.as_str().into())]);
        let made = made(tx, self.kind(), id, desired, attributes);
        put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if differs(old, desired, &["RestApiId", "Name"]) {
            return Ok(Updated::Replace);
        }
        let mut api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        api.validators.retain(|known| known.id != old.id);
        api.validators.push(validator_of(desired.properties, &old.id));
        api.save(tx)?;
        changed(tx, old, desired)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        if let Some(mut api) = draft(tx, old) {
            api.validators.retain(|known| known.id != old.id);
            api.save(tx)?;
        }
        forget(tx, old)
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

impl Provider for Deployments {
    fn kind(&self) -> &'static str {
        "AWS::ApiGateway::Deployment"
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        let description = desired.properties.get("Description").and_then(Value::as_str);
        let id = Deployment::make(tx, &api, description)?.id;
        if let Some(stage) = owned(desired.properties, "StageName") {
            stages::point(tx, &api.id, &stage, &id)?;
        }
        let attributes = Map::from_iter([("DeploymentId".to_owned(), id.as_str().into())]);
        let made = made(tx, self.kind(), id, desired, attributes);
        put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if differs(old, desired, &["RestApiId"]) {
            return Ok(Updated::Replace);
        }
        changed(tx, old, desired)
    }

    /// A stage that the deployment itself made goes with it, when nothing newer is served there.
    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        let api = text(&old.properties, "RestApiId");
        let own = text(&old.properties, "StageName");
        if Stage::find(tx, api, own)?.is_some_and(|stage| stage.deployment_id == old.id) {
            Stage::remove(tx, api, own)?;
        }
        Deployment::remove(tx, api, &old.id)?;
        forget(tx, old)
    }
}

/// Members of a stage that its properties set; what other services set on it stays.
fn apply_stage(stage: &mut Stage, properties: &Value) -> Result<(), Fault> {
    required(properties, "DeploymentId")?.clone_into(&mut stage.deployment_id);
    stage.description = owned(properties, "Description");
    stage.tracing_enabled = flag(properties, "TracingEnabled");
    stage.variables = list(properties, "Variables")?;
    stage.access_log_settings = properties.get("AccessLogSetting").map(camel);
    stage.method_settings.clear();
    let settings = properties.get("MethodSettings").and_then(Value::as_array);
    for setting in settings.into_iter().flatten() {
        let path = text(setting, "ResourcePath");
        let path = if path == "/*" { "*" } else { path.trim_start_matches('/') };
        let key = format!("{}/{}", path.replace('/', "~1"), text(setting, "HttpMethod"));
        let mut view = camel(setting);
        if let Some(members) = view.as_object_mut() {
            members.shift_remove("resourcePath");
            members.shift_remove("httpMethod");
        }
        stage.method_settings.insert(key, view);
    }
    Ok(())
}

impl Provider for Stages {
    fn kind(&self) -> &'static str {
        "AWS::ApiGateway::Stage"
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        let name = required(desired.properties, "StageName")?;
        if Stage::find(tx, &api.id, name)?.is_some() {
            return Err(Fault::new(409, "AlreadyExists", "Stage already exists"));
        }
        let mut stage = Stage::new(tx, name, "")?;
        apply_stage(&mut stage, desired.properties)?;
        Deployment::load(tx, &api.id, &stage.deployment_id)?;
        stage.save(tx, &api.id)?;
        let attributes = Map::from_iter([("Ref".to_owned(), name.into())]);
        let made = made(tx, self.kind(), format!("{}/{name}", api.id), desired, attributes);
        put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if differs(old, desired, &["RestApiId", "StageName"]) {
            return Ok(Updated::Replace);
        }
        let api = required(desired.properties, "RestApiId")?;
        let name = required(desired.properties, "StageName")?;
        let mut stage = match Stage::find(tx, api, name)? {
            Some(stage) => stage,
            None => Stage::new(tx, name, "")?,
        };
        apply_stage(&mut stage, desired.properties)?;
        Deployment::load(tx, api, &stage.deployment_id)?;
        stage.last_updated_date = tx.now().as_second();
        stage.save(tx, api)?;
        changed(tx, old, desired)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        let name = text(&old.properties, "StageName");
        Stage::remove(tx, text(&old.properties, "RestApiId"), name)?;
        forget(tx, old)
    }
}
