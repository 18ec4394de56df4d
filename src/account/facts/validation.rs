//! What the deployed API checks of request bodies. A model is judged by what it lets through, not
//! by its name: sample bodies are held against the deployed schema.

use jsonschema::Validator;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::apigateway::{Stage, absent};
use crate::account::call::Operation;
use crate::account::fact::{CannotLook, FactError, Known, Reason};
use crate::account::reader::{Reader, known};

/// What the deployed API checks of request bodies.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Validation {
    /// POST /customizations and POST /partners, where the stage has them.
    pub(in crate::account) methods: Vec<ValidatedMethod>,
    /// Where the deployed API takes API keys from: `HEADER` or `AUTHORIZER`.
    pub(in crate::account) key_source: String,
}

/// A deployed method that takes a body.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ValidatedMethod {
    /// `POST`
    verb: String,
    /// `/customizations`
    pub(in crate::account) path: String,
    /// Name of its request validator, or null.
    validator: Option<String>,
    /// Whether that validator looks at the body.
    pub(in crate::account) validates_body: bool,
    /// Its models, by content type.
    pub(in crate::account) models: Vec<BodyModel>,
}

/// A model that bodies of one content type are held against.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct BodyModel {
    /// `application/json`; `$default` stands for all others.
    pub(in crate::account) content_type: String,
    /// The model's name, or empty for a schema without one.
    model: String,
    /// Whether the schema lets a well-formed body through.
    accepts_good: bool,
    /// Bad bodies that the schema lets through: `no sock`, `cape = 1); SELECT 1 -- `.
    lets_through: Vec<String>,
    /// A number that no part has and the schema lets through, or null: an order with it is well
    /// formed and still can't be stored.
    pub(in crate::account) unknown_part: Option<String>,
}

/// Numbers that no part has: AUTO_INCREMENT counts from 1, and the shop has eight at most.
const UNKNOWN_PARTS: [&str; 3] = ["9999", "999", "99"];
/// Parts of an order that are numbers of a table's rows.
const PARTS: [&str; 4] = ["sock", "horn", "glasses", "cape"];

pub(crate) async fn validation(reader: &Reader, facts: &Known) -> Result<Validation, FactError> {
    let stage: Stage = known(facts, "stage")?;
    let account = &reader.account;
    let request = account
        .clients()
        .apigateway
        .get_export()
        .rest_api_id(&stage.api)
        .stage_name(&stage.name)
        .export_type("oas30")
        .parameters("extensions", "apigateway")
        .accepts("application/json")
        .send();
    let export = account
        .call(Operation("apigateway", "GetExport"), request)
        .await
        .map_err(|error| absent(error, &format!("deployment on stage {}", stage.name)))?;
    let body = export.body().map(AsRef::as_ref).unwrap_or_default();
    let document: Value =
        serde_json::from_slice(body).map_err(|_| unreadable("The exported API is no JSON."))?;
    let methods = ["/customizations", "/partners"].iter();
    let methods = methods.filter_map(|path| method(&document, path).transpose());
    let source = document.get("x-amazon-apigateway-api-key-source").and_then(Value::as_str);
    Ok(Validation {
        methods: methods.collect::<Result<_, _>>()?,
        // Without a word about it, it is the header.
        key_source: source.unwrap_or("HEADER").to_owned(),
    })
}

/// A method of the exported document; none where the document has no such method.
fn method(document: &Value, path: &str) -> Result<Option<ValidatedMethod>, FactError> {
    const VALIDATOR: &str = "x-amazon-apigateway-request-validator";
    let item = document.get("paths").and_then(|paths| paths.get(path));
    let Some(item) = item else { return Ok(None) };
    let operation = item.get("post").or_else(|| item.get("x-amazon-apigateway-any-method"));
    let Some(operation) = operation else { return Ok(None) };
    let validator =
        operation.get(VALIDATOR).or_else(|| document.get(VALIDATOR)).and_then(Value::as_str);
    let validates_body = validator
        .and_then(|name| document.get("x-amazon-apigateway-request-validators")?.get(name))
        .and_then(|validator| validator.get("validateRequestBody"))
        .is_some_and(|flag| flag == true || flag == "true");
    let content = operation.pointer("/requestBody/content").and_then(Value::as_object);
    let models = content.into_iter().flatten().filter_map(|(kind, media)| {
        let schema = media.get("schema")?;
        model(document, path, kind, schema).transpose()
    });
    Ok(Some(ValidatedMethod {
        verb: "POST".to_owned(),
        path: path.to_owned(),
        validator: validator.map(ToOwned::to_owned),
        validates_body,
        models: models.collect::<Result<_, _>>()?,
    }))
}

/// Judges the model of one content type; none for the model `Empty` that every API comes with.
fn model(
    document: &Value,
    path: &str,
    content_type: &str,
    schema: &Value,
) -> Result<Option<BodyModel>, FactError> {
    let reference = schema.get("$ref").and_then(Value::as_str).unwrap_or_default();
    let name = reference.rsplit('/').next().unwrap_or_default();
    if name == "Empty" {
        return Ok(None);
    }
    // The schema where it is, so that its references to other models hold.
    let root = json!({"allOf": [schema], "components": document.get("components")});
    let schema = jsonschema::draft4::new(&root).map_err(|error| {
        let problem = error.to_string();
        unreadable(&format!("The model {name} can't be judged: {problem}."))
    })?;
    let (good, bad) = if path == "/partners" { partners() } else { orders() };
    let order = |part: &str| with(&order_of(&json!("2")), "sock", json!(part));
    Ok(Some(BodyModel {
        content_type: content_type.to_owned(),
        model: name.to_owned(),
        accepts_good: good.iter().any(|body| schema.is_valid(body)),
        lets_through: through(&schema, &bad),
        unknown_part: UNKNOWN_PARTS
            .iter()
            .find(|part| schema.is_valid(&order(part)))
            .map(|part| (*part).to_owned()),
    }))
}

fn through(schema: &Validator, bad: &[(String, Value)]) -> Vec<String> {
    bad.iter().filter(|(_, body)| schema.is_valid(body)).map(|(label, _)| label.clone()).collect()
}

fn order_of(part: &Value) -> Value {
    json!({"name": "Cherry one", "imageUrl": "https://example.com/cherry.png",
        "sock": part, "horn": part, "glasses": part, "cape": part})
}

fn with(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[field] = value;
    body
}

fn without(body: &Value, field: &str) -> Value {
    let mut body = body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove(field);
    }
    body
}

/// Orders to accept (one of them: numbers may be text or numbers) and orders to refuse, labelled.
fn orders() -> (Vec<Value>, Vec<(String, Value)>) {
    let good = vec![order_of(&json!("2")), order_of(&json!(2))];
    let mut bad = Vec::new();
    // A schema takes one of the two spellings, and must refuse the faults in that one.
    for order in &good {
        for field in ["name", "imageUrl"].iter().chain(&PARTS) {
            bad.push((format!("no {field}"), without(order, field)));
        }
        let mut wrong = vec![
            ("imageUrl", "not a URL"),
            ("imageUrl", "https://example.com/x',1,1,1,1);SELECT(1);#"),
            ("name", "x', 1, 'y', 1, 1, 1, 1); SELECT 1 -- "),
        ];
        for part in PARTS {
            wrong.extend([(part, "two"), (part, "0 OR 1"), (part, "1); SELECT 1 -- ")]);
        }
        for (field, value) in wrong {
            bad.push((format!("{field} = {value}"), with(order, field, json!(value))));
        }
    }
    (good, bad)
}

/// The same for registrations.
fn partners() -> (Vec<Value>, Vec<(String, Value)>) {
    let named = |name: Value| json!({"name": name});
    let bad = vec![
        ("no name".to_owned(), json!({})),
        ("name = 7".to_owned(), named(json!(7))),
        ("name = (empty)".to_owned(), named(json!(""))),
        ("name = x'); SELECT 1 -- ".to_owned(), named(json!("x'); SELECT 1 -- "))),
    ];
    (vec![named(json!("Cherry 7"))], bad)
}

fn unreadable(message: &str) -> FactError {
    FactError::CannotLook(CannotLook {
        reason: Reason::Service,
        message: message.to_owned(),
        remedy: "Use patterns without constructs of one language alone, deploy, then verify again."
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exported document of an API whose POST /customizations has this schema.
    fn document(schema: &Value) -> Value {
        json!({
            "openapi": "3.0.1",
            "x-amazon-apigateway-request-validators": {"body": {"validateRequestBody": true}},
            "paths": {"/customizations": {"post": {
                "x-amazon-apigateway-request-validator": "body",
                "requestBody": {"content": {"application/json":
                    {"schema": {"$ref": "#/components/schemas/Order"}}}}}}},
            "components": {"schemas": {"Order": schema, "Part":
                {"type": "string", "pattern": "^[0-9]{1,4}$"}}}})
    }

    fn judged(schema: &Value) -> BodyModel {
        let method = method(&document(schema), "/customizations").unwrap().unwrap();
        assert!(method.validates_body);
        method.models.into_iter().next().unwrap()
    }

    fn strict(part: &Value) -> Value {
        json!({"type": "object",
            "required": ["name", "imageUrl", "sock", "horn", "glasses", "cape"],
            "properties": {
                "name": {"type": "string", "pattern": "^[-A-Za-z0-9 .]{1,50}$"},
                "imageUrl": {"type": "string", "pattern": "^https?://[-A-Za-z0-9.]+(/[-A-Za-z0-9._~/%]*)?$"},
                "sock": part, "horn": part, "glasses": part, "cape": part}})
    }

    #[test]
    fn a_model_is_strict_with_text_with_numbers_and_by_reference() {
        for part in [
            json!({"type": "string", "pattern": "^[0-9]{1,4}$"}),
            json!({"type": "integer", "minimum": 1}),
            json!({"$ref": "#/components/schemas/Part"}),
        ] {
            let model = judged(&strict(&part));
            assert!(model.accepts_good, "{part}");
            assert_eq!(model.lets_through, Vec::<String>::new(), "{part}");
        }
    }

    #[test]
    fn what_a_weak_model_lets_through_is_named() {
        assert!(judged(&json!({})).lets_through.contains(&"no sock".to_owned()));
        let unanchored = judged(&strict(&json!({"type": "string", "pattern": "[0-9]+$"})));
        assert!(unanchored.lets_through.contains(&"cape = 0 OR 1".to_owned()));
        let closed = json!({"type": "object", "additionalProperties": false});
        let model = judged(&closed);
        assert!(!model.accepts_good && model.lets_through.is_empty());
    }

    #[test]
    fn the_empty_model_and_a_pattern_of_another_language_are_told_apart() {
        let mut document = document(&strict(&json!({"type": "string", "pattern": "(["})));
        assert!(matches!(method(&document, "/customizations"), Err(FactError::CannotLook(_))));
        document["paths"]["/customizations"]["post"]["requestBody"]["content"]["application/json"] =
            json!({"schema": {"$ref": "#/components/schemas/Empty"}});
        assert!(method(&document, "/customizations").unwrap().unwrap().models.is_empty());
        assert!(method(&document, "/partners").unwrap().is_none());
    }
}
