//! Module 5: models and validators that the instructions don't teach, and ones that check nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::Practice;

/// Where the method stands in the template.
const POST: &str = "Resources.UnicornApi.Properties.DefinitionBody.paths./customizations.post";
const MODEL: &str = "Resources.UnicornApi.Properties.DefinitionBody.definitions.CustomizationPost";
const VALIDATORS: &str =
    "Resources.UnicornApi.Properties.DefinitionBody.x-amazon-apigateway-request-validators";

/// Id of the path /customizations.
fn resource_id(practice: &Practice, api: &str) -> String {
    let query = "items[?path=='/customizations'].id";
    let words = ["apigateway", "get-resources", "--rest-api-id", api, "--query", query];
    practice.ok(&[&words[..], &["--output", "text"]].concat())
}

/// A schema for orders whose parts look like this.
fn schema(part: &Value) -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "imageUrl", "sock", "horn", "glasses", "cape"],
        "properties": {
            "name": { "type": "string", "pattern": "^[A-Za-z0-9 ]{1,30}$" },
            "imageUrl": { "type": "string", "pattern": "^https://[a-z.]+/[a-z.]+$" },
            "sock": part, "horn": part, "glasses": part, "cape": part,
        },
    })
}

/// Puts model and validator on POST /customizations, in the draft alone.
fn attach(practice: &Practice, api: &str, kind: &str, model: &str, validator: &str) {
    let resource = resource_id(practice, api);
    let path = format!("/restapis/{api}/resources/{resource}/methods/POST");
    let operations = json!({ "patchOperations": [
        { "op": "replace", "path": "/requestValidatorId", "value": validator },
        { "op": "add", "path": format!("/requestModels/{}", kind.replace('/', "~1")), "value": model },
    ]});
    practice.rest("apigateway", "PATCH", &path, Some(&operations));
}

fn publish(practice: &Practice, api: &str) {
    practice.ok(&["apigateway", "create-deployment", "--rest-api-id", api, "--stage-name", "dev"]);
}

#[test]
fn a_model_made_by_hand_passes_once_it_is_deployed() {
    let practice = Practice::solved(&["0", "1"]);
    let api = practice.api_id();
    practice.verify(&["5"]).assert_fails("order-model-deployed", "no model");

    let schema = schema(&json!({ "type": "string", "pattern": "^[0-9]+$" })).to_string();
    practice.ok(&[
        "apigateway",
        "create-model",
        "--rest-api-id",
        &api,
        "--name",
        "MyOwnOrder",
        "--content-type",
        "application/json",
        "--schema",
        &schema,
    ]);
    let validator = practice.ok(&[
        "apigateway",
        "create-request-validator",
        "--rest-api-id",
        &api,
        "--name",
        "Validate body",
        "--validate-request-body",
        "--query",
        "id",
        "--output",
        "text",
    ]);
    attach(&practice, &api, "application/json", "MyOwnOrder", &validator);
    let report = practice.verify(&["5"]);
    report.assert_fails("order-model-deployed", "isn't deployed");
    report.assert_fails("order-body-validated", "isn't deployed");

    publish(&practice, &api);
    practice.verify(&["5"]).assert_proven();
}

#[test]
fn a_model_of_a_template_with_numbers_and_for_every_content_type_passes() {
    let practice = Practice::solved(&["0", "1"]);
    let api = practice.api_id();
    let template = json!({
        "Resources": {
            "Order": { "Type": "AWS::ApiGateway::Model", "Properties": {
                "RestApiId": api, "Name": "Strict", "ContentType": "application/json",
                "Schema": schema(&json!({ "type": "integer", "minimum": 1 })),
            }},
            "Check": { "Type": "AWS::ApiGateway::RequestValidator", "Properties": {
                "RestApiId": api, "Name": "all", "ValidateRequestBody": true,
                "ValidateRequestParameters": true,
            }},
        },
        "Outputs": { "Check": { "Value": { "Ref": "Check" } } },
    });
    practice.file("models.json", &template.to_string());
    assert!(practice.deploy("Models", "models.json", &[]).good());
    let validator = practice.output("Models", "Check");
    attach(&practice, &api, "$default", "Strict", &validator);
    publish(&practice, &api);
    let report = practice.verify(&["5"]);
    assert_eq!(report.verdict("order-model-deployed"), "pass", "{:?}", report.not_passing());
    assert_eq!(report.verdict("bad-orders-are-refused"), "pass", "{:?}", report.not_passing());
    // `$default` closes the content-type gap at the gateway.
    assert_eq!(report.verdict("other-content-types-are-refused"), "pass");
}

/// The deployed API as OpenAPI 3.
fn exported(practice: &Practice, api: &str) {
    practice.ok(&[
        "apigateway",
        "get-export",
        "--rest-api-id",
        api,
        "--stage-name",
        "dev",
        "--export-type",
        "oas30",
        "--parameters",
        "extensions=apigateway",
        "export.json",
    ]);
}

#[test]
fn an_api_that_is_written_as_openapi_3_passes() {
    let practice = Practice::solved(&["0", "1", "5"]);
    let api = practice.api_id();
    exported(&practice, &api);
    practice.ok(&[
        "apigateway",
        "put-rest-api",
        "--rest-api-id",
        &api,
        "--mode",
        "overwrite",
        "--body",
        "fileb://export.json",
    ]);
    publish(&practice, &api);
    practice.verify(&["5"]).assert_proven();
}

#[test]
fn what_checks_nothing_fails_and_is_named() {
    let practice = Practice::solved(&["0", "1", "5"]);
    practice.verify(&["5"]).assert_proven();
    let decoys: [(&str, &str, Value, &str, &str); 6] = [
        ("validator without model", "parameters", Value::Null, "order-model-deployed", "no model"),
        (
            "model without validator",
            "x-amazon-apigateway-request-validator",
            Value::Null,
            "order-body-validated",
            "no request validator",
        ),
        ("empty schema", MODEL, json!({}), "order-model-deployed", "no sock"),
        (
            "no field is required",
            MODEL,
            json!({ "type": "object", "additionalProperties": true }),
            "order-model-deployed",
            "no name",
        ),
        (
            "only unknown fields are refused",
            MODEL,
            json!({ "type": "object", "additionalProperties": false, "properties": {
                "name": {}, "imageUrl": {}, "sock": {}, "horn": {}, "glasses": {}, "cape": {} } }),
            "order-model-deployed",
            "cape = ",
        ),
        (
            "the validator doesn't look at bodies",
            VALIDATORS,
            json!({ "body": { "validateRequestBody": false, "validateRequestParameters": true } }),
            "order-body-validated",
            "doesn't look at the body",
        ),
    ];
    for (name, place, value, check, naming) in decoys {
        let place = match place {
            place if place.starts_with("Resources.") => place.to_owned(),
            member => format!("{POST}.{member}"),
        };
        practice.deploy_app(&BTreeMap::from([(place, value)]));
        let report = practice.verify(&["5"]);
        assert_eq!(report.code, 1, "{name}");
        report.assert_fails(check, naming);
    }
}

#[test]
fn another_api_that_is_well_protected_does_not_count() {
    let practice = Practice::solved(&["0", "1", "5"]);
    let api = practice.api_id();
    exported(&practice, &api);
    practice.deploy_app(&BTreeMap::from([(format!("{POST}.parameters"), Value::Null)]));
    let other = practice.ok(&[
        "apigateway",
        "import-rest-api",
        "--body",
        "fileb://export.json",
        "--query",
        "id",
        "--output",
        "text",
    ]);
    publish(&practice, &other);
    let report = practice.verify(&["5"]);
    assert_eq!(report.code, 1);
    report.assert_fails("order-model-deployed", "no model");
}

#[test]
fn who_may_not_look_cannot_tell() {
    let practice = Practice::solved(&["0", "1", "5"]);
    // API Gateway's actions are verbs.
    practice.fault(&json!([{ "action": "apigateway:GET", "fault": "access_denied" }]));
    let report = practice.verify(&["5"]);
    assert_eq!(report.code, 3, "{:#?}", report.not_passing());
    assert_eq!(report.verdict("order-model-deployed"), "cannot_tell");
    assert_eq!(report.verdict("order-body-validated"), "cannot_tell");
    assert_eq!(report.verdict("bad-orders-are-refused"), "cannot_tell");
}
