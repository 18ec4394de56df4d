//! `AWS::Serverless::Api`: the API, a deployment that is new whenever the definition is, the stage.

use serde_json::{Map, Value, json};

use super::{Item, Outcome, Sam, auth, hash, id_part, s3_object, tag_list};

const API_PASSED: [&str; 10] = [
    "BinaryMediaTypes",
    "MinimumCompressionSize",
    "FailOnWarnings",
    "Name",
    "Description",
    "Mode",
    "ApiKeySourceType",
    "Policy",
    "SecurityPolicy",
    "EndpointAccessMode",
];
const STAGE_PASSED: [&str; 7] = [
    "CacheClusterEnabled",
    "CacheClusterSize",
    "Variables",
    "MethodSettings",
    "AccessLogSetting",
    "CanarySetting",
    "TracingEnabled",
];
const TRANSLATED: [&str; 11] = [
    "StageName",
    "DefinitionBody",
    "DefinitionUri",
    "OpenApiVersion",
    "Auth",
    "Cors",
    "EndpointConfiguration",
    "Tags",
    "AlwaysDeploy",
    "PropagateTags",
    "Models",
];
const NOT_OFFERED: [&str; 4] =
    ["MergeDefinitions", "Domain", "GatewayResponses", "DisableExecuteApiEndpoint"];

pub(super) fn transform(sam: &Sam<'_>, item: &Item<'_>) -> Outcome<Map<String, Value>> {
    let known: Vec<&str> = API_PASSED.iter().chain(&STAGE_PASSED).copied().collect();
    item.only(&known, &TRANSLATED, &NOT_OFFERED)?;
    let stage_name = item.get("StageName").ok_or("Missing required property 'StageName'.")?;
    let version = item.get("OpenApiVersion").map(|version| sam.with_parameters(version));

    let mut made = Map::new();
    let mut api = item.pass(&API_PASSED);
    if let Some(endpoint) = item.get("EndpointConfiguration") {
        let kind = endpoint.get("Type").unwrap_or(endpoint);
        api.insert("EndpointConfiguration".to_owned(), json!({"Types": [kind]}));
        api.insert("Parameters".to_owned(), json!({"endpointConfigurationTypes": kind}));
    }
    let (hashed, permissions) = define(sam, item, &mut api)?;
    made.insert(item.id.to_owned(), item.main("AWS::ApiGateway::RestApi", api));

    let digest = digest(item, &hashed, version.as_ref());
    let deployment = format!("{}Deployment{:.10}", item.id, digest);
    let mut properties = json!({
        "Description": format!("RestApi deployment id: {digest}"),
        "RestApiId": {"Ref": item.id},
    });
    if version.is_none() {
        // Without OpenApiVersion, SAM's deployments make a stage of this name as well.
        properties["StageName"] = "Stage".into();
    }
    made.insert(deployment.clone(), item.beside("AWS::ApiGateway::Deployment", properties));

    let mut stage = Map::from_iter([
        ("DeploymentId".to_owned(), json!({"Ref": deployment})),
        ("RestApiId".to_owned(), json!({"Ref": item.id})),
        ("StageName".to_owned(), stage_name.clone()),
    ]);
    stage.extend(item.pass(&STAGE_PASSED));
    let tags = tag_list(item.get("Tags"));
    if !tags.is_empty() {
        stage.insert("Tags".to_owned(), tags.into());
    }
    let stage_id = match stage_name.as_str() {
        Some(name) if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            format!("{}{name}Stage", item.id)
        }
        name => format!("{}Stage{}", item.id, id_part(name.unwrap_or_default())),
    };
    made.insert(stage_id, item.beside("AWS::ApiGateway::Stage", stage));
    made.extend(permissions);
    Ok(made)
}

/// Puts the definition into the API's properties; what its deployment's id hashes, and the
/// permissions of its authorizers.
fn define(
    sam: &Sam<'_>,
    item: &Item<'_>,
    api: &mut Map<String, Value>,
) -> Outcome<(Value, Map<String, Value>)> {
    match (item.get("DefinitionBody"), item.get("DefinitionUri")) {
        (Some(_), Some(_)) => {
            Err("Specify either 'DefinitionUri' or 'DefinitionBody' property and not both."
                .to_owned())
        }
        (None, None) => {
            Err("The practice account's transform needs DefinitionBody or DefinitionUri."
                .to_owned())
        }
        (None, Some(uri)) => {
            for property in ["Auth", "Cors", "Models"] {
                if item.get(property).is_some() {
                    return Err(format!(
                        "{property} works only with inline Swagger specified in 'DefinitionBody' property."
                    ));
                }
            }
            let location = s3_object(uri, "DefinitionUri", ["Bucket", "Key", "Version"])?;
            api.insert("BodyS3Location".to_owned(), location.clone());
            Ok((location, Map::new()))
        }
        (Some(body), None) => {
            let mut body = body.clone();
            if let Some(cors) = item.get("Cors") {
                auth::add_cors(&mut body, cors)?;
            }
            let permissions = match item.get("Auth") {
                Some(auth) => auth::add(item, &mut body, auth)?,
                None => Map::new(),
            };
            if let Some(models) = item.get("Models") {
                add_models(&mut body, models)?;
            }
            let hashed = sam.with_parameters(&body);
            api.insert("Body".to_owned(), body);
            Ok((hashed, permissions))
        }
    }
}

fn add_models(body: &mut Value, models: &Value) -> Outcome<()> {
    let models = models.as_object().ok_or("Invalid value for 'Models' property")?;
    let place = if body.get("openapi").is_some() { "/components/schemas" } else { "/definitions" };
    for (name, model) in models {
        auth::at(body, place)?.insert(name.to_lowercase(), model.clone());
    }
    Ok(())
}

fn digest(item: &Item<'_>, definition: &Value, version: Option<&Value>) -> String {
    let always = item.get("AlwaysDeploy").is_some_and(|always| always == true || always == "true");
    if always {
        return hash(&Value::from(crate::practice::random::uuid()), 40);
    }
    match version {
        None => hash(definition, 40),
        Some(version) => hash(&json!([definition, version]), 40),
    }
}
