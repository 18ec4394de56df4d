//! Models and validators of the API. ministack's import of a `Body` takes none; its API has both.

use std::path::Path;

use aws_config::SdkConfig;
use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{Integration, Method};
use serde_json::Value;

/// Bodies are held against these models, as module 5 says.
const METHODS: [(&str, &str); 2] =
    [("/customizations", "CustomizationPost"), ("/partners", "PartnerPost")];

/// Gives the API the models that the template has, and the methods their validator.
pub(crate) async fn give_the_api_its_models(config: &SdkConfig, app: &Path) {
    let models = definitions(&app.join("template.yaml"));
    if models.is_empty() {
        return;
    }
    let client = Client::new(config);
    let apis = client.get_rest_apis().send().await.unwrap();
    // Deleted by the clean-up.
    let Some(api) = apis.items().first().and_then(|api| api.id()) else { return };
    let known = client.get_models().rest_api_id(api).send().await.unwrap();
    let is_known = |name: &str| known.items().iter().any(|own| own.name() == Some(name));
    if models.keys().all(|name| is_known(name)) {
        return;
    }
    let validator = client.create_request_validator().rest_api_id(api).name("body");
    let validator = validator.validate_request_body(true).send().await.unwrap();
    let resources = client.get_resources().rest_api_id(api).embed("methods").send().await.unwrap();
    for (path, name) in METHODS {
        let Some(schema) = models.get(name) else { continue };
        if !is_known(name) {
            let create = client.create_model().rest_api_id(api).name(name);
            let create = create.content_type("application/json").schema(schema.to_string());
            create.send().await.unwrap();
        }
        let resource = resources.items().iter().find(|one| one.path() == Some(path)).unwrap();
        let id = resource.id().unwrap();
        let method = resource.resource_methods().and_then(|all| all.get("POST")).unwrap();
        validate(&client, (api, id), method, name, validator.id().unwrap()).await;
    }
}

/// Puts a method anew, with a model and a validator: ministack's update of a method takes no model.
async fn validate(
    client: &Client,
    (api, resource): (&str, &str),
    method: &Method,
    model: &str,
    validator: &str,
) {
    let put = client.put_method().rest_api_id(api).resource_id(resource).http_method("POST");
    let put = put.authorization_type(method.authorization_type().unwrap_or("NONE"));
    let put = put.set_authorizer_id(method.authorizer_id().map(ToOwned::to_owned));
    let put = put.api_key_required(method.api_key_required().unwrap_or_default());
    let put = put.request_models("application/json", model).request_validator_id(validator);
    put.send().await.unwrap();
    let integration = method.method_integration().unwrap();
    let put = client.put_integration().rest_api_id(api).resource_id(resource).http_method("POST");
    let put = put.set_type(integration.r#type().cloned()).integration_http_method("POST");
    let put = put.set_uri(Integration::uri(integration).map(ToOwned::to_owned));
    put.send().await.unwrap();
}

/// The template's `definitions` by name; none where it has none.
fn definitions(template: &Path) -> serde_json::Map<String, Value> {
    let text = std::fs::read_to_string(template).unwrap_or_default();
    let mut lines = text.lines().skip_while(|line| line.trim() != "definitions:");
    let Some(first) = lines.next() else { return serde_json::Map::new() };
    let indent = first.len() - first.trim_start().len();
    let deeper = |line: &&str| line.len() - line.trim_start().len() > indent;
    let block: Vec<&str> = lines.take_while(deeper).collect();
    serde_yaml::from_str(&block.join("\n")).unwrap()
}
