use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Map, Value, json};

use super::super::{parameters, parse};
use super::transform;

const SOURCE: &str = include_str!("../../../../tests/fixtures/templates/serverless.yaml");
/// What aws-sam-translator 1.115.0 makes of it, without the deployments' hashes: they rest on the
/// order of Python's dictionaries.
const TRANSLATED: &str =
    include_str!("../../../../tests/fixtures/templates/serverless.translated.json");

fn transformed(template: &Value) -> Value {
    let texts = parameters::resolve(template, &BTreeMap::new(), &BTreeMap::new()).unwrap();
    transform(template, &parameters::values(template, &texts)).unwrap()
}

fn without_hashes(template: &Value) -> Value {
    let text = template.to_string();
    let text = Regex::new("ApiDeployment[0-9a-f]{10}").unwrap().replace_all(&text, "ApiDeployment");
    let text =
        Regex::new("deployment id: [0-9a-f]{40}").unwrap().replace_all(&text, "deployment id: ");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn makes_what_the_aws_translator_makes() {
    let ours = without_hashes(&transformed(&parse(SOURCE).unwrap()));
    let theirs: Value = serde_json::from_str(TRANSLATED).unwrap();
    let names = |template: &Value| {
        let mut names: Vec<_> =
            template["Resources"].as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(names(&ours), names(&theirs));
    for (name, resource) in theirs["Resources"].as_object().unwrap() {
        assert_eq!(&ours["Resources"][name], resource, "{name}");
    }
    for section in ["Parameters", "Conditions", "Outputs", "Description"] {
        assert_eq!(ours[section], theirs[section]);
    }
    assert!(ours.get("Transform").is_none() && ours.get("Globals").is_none());
}

fn deployment(template: &Value) -> String {
    let made = transformed(template);
    let names: Vec<_> = made["Resources"]
        .as_object()
        .unwrap()
        .keys()
        .filter(|name| name.starts_with("KiteApiDeployment"))
        .cloned()
        .collect();
    assert_eq!(names.len(), 1, "{names:?}");
    names[0].clone()
}

#[test]
fn a_changed_definition_brings_a_new_deployment_and_nothing_else_does() {
    let mut template = parse(SOURCE).unwrap();
    let before = deployment(&template);
    template["Resources"]["RentFunction"]["Properties"]["Timeout"] = json!(10);
    assert_eq!(deployment(&template), before);
    template["Resources"]["KiteApi"]["Properties"]["DefinitionBody"]["paths"]["/kites"]["get"]["security"] =
        json!([]);
    assert_ne!(deployment(&template), before);
}

#[test]
fn names_every_resource_that_is_wrong() {
    let template = json!({"Resources": {
        "A": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "app/"}},
        "B": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "dev", "DefinitonBody": {}}},
    }});
    let fault = transform(&template, &Map::new()).unwrap_err();
    assert_eq!(fault.code, "ValidationError");
    for part in [
        "Number of errors found: 2.",
        "Resource with id [A] is invalid. 'CodeUri' is not a valid S3 Uri",
        "Resource with id [B] is invalid. property DefinitonBody not defined for resource of type AWS::Serverless::Api",
    ] {
        assert!(fault.message.contains(part), "{}", fault.message);
    }
}

#[test]
fn globals_may_hold_only_what_they_can_share() {
    let template = json!({"Globals": {"Function": {"Policies": []}}, "Resources": {"A": {"Type": "AWS::SNS::Topic"}}});
    let fault = transform(&template, &Map::new()).unwrap_err();
    assert!(
        fault.message.contains("'Policies' is not a supported property of 'Function'"),
        "{}",
        fault.message
    );
}
