//! `Auth` and `Cors` of an API, written into its OpenAPI definition.

use serde_json::{Map, Value, json};

use super::{Item, Outcome};

const METHODS: [&str; 8] =
    ["get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method"];

/// Adds authorizers, the default one, and the API key; the permissions that Lambda authorizers need.
pub(super) fn add(item: &Item<'_>, body: &mut Value, auth: &Value) -> Outcome<Map<String, Value>> {
    let auth = auth.as_object().ok_or("Invalid value for 'Auth' property")?;
    for key in auth.keys() {
        match key.as_str() {
            "Authorizers"
            | "DefaultAuthorizer"
            | "ApiKeyRequired"
            | "AddDefaultAuthorizerToCorsPreflight" => {}
            "AddApiKeyRequiredToCorsPreflight" | "UsagePlan" | "ResourcePolicy" | "InvokeRole" => {
                return Err(format!("The practice account's transform doesn't offer Auth.{key}."));
            }
            _ => return Err("Invalid value for 'Auth' property".to_owned()),
        }
    }
    let mut permissions = Map::new();
    let mut scopes = Map::new();
    for (name, authorizer) in
        auth.get("Authorizers").and_then(Value::as_object).into_iter().flatten()
    {
        schemes(body)?.insert(name.clone(), scheme(name, authorizer)?);
        scopes.insert(
            name.clone(),
            authorizer.get("AuthorizationScopes").cloned().unwrap_or_else(|| json!([])),
        );
        let quiet = authorizer["DisableFunctionDefaultPermissions"] == true;
        if let Some(function) = authorizer.get("FunctionArn").filter(|_| !quiet) {
            permissions.insert(
                format!("{}{name}AuthorizerPermission", item.id),
                permission(item, function),
            );
        }
    }
    set_default(body, auth, &scopes)?;
    if auth.get("ApiKeyRequired").is_some_and(|required| required == true || required == "true") {
        require_key(body)?;
    }
    Ok(permissions)
}

/// Sets the default authorizer.
fn set_default(
    body: &mut Value,
    auth: &Map<String, Value>,
    scopes: &Map<String, Value>,
) -> Outcome<()> {
    let Some(default) = auth.get("DefaultAuthorizer") else { return Ok(()) };
    let name = default.as_str().ok_or("DefaultAuthorizer is not a string.")?;
    let scope = scopes.get(name).ok_or_else(|| {
        format!(
            "Unable to set DefaultAuthorizer because '{name}' was not defined in 'Authorizers'."
        )
    })?;
    let preflight = auth.get("AddDefaultAuthorizerToCorsPreflight").is_none_or(|add| add != false);
    secure(body, name, scope, scopes, preflight);
    Ok(())
}

/// Requires an API key of every method but `OPTIONS`.
fn require_key(body: &mut Value) -> Outcome<()> {
    schemes(body)?.insert(
        "api_key".to_owned(),
        json!({"type": "apiKey", "name": "x-api-key", "in": "header"}),
    );
    for (verb, method) in methods(body) {
        if verb == "options" {
            continue;
        }
        let mut security =
            method.get("security").and_then(Value::as_array).cloned().unwrap_or_default();
        match security.first_mut().and_then(Value::as_object_mut) {
            Some(first) => {
                first.insert("api_key".to_owned(), json!([]));
            }
            None => security.push(json!({"api_key": []})),
        }
        method["security"] = security.into();
    }
    Ok(())
}

fn permission(item: &Item<'_>, function: &Value) -> Value {
    item.beside(
        "AWS::Lambda::Permission",
        json!({
            "Action": "lambda:InvokeFunction",
            "FunctionName": function,
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": {"Fn::Sub": [
                "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/authorizers/*",
                {"__ApiId__": {"Ref": item.id}},
            ]},
        }),
    )
}

/// The map at a JSON pointer, made on the way.
pub(super) fn at<'a>(body: &'a mut Value, pointer: &str) -> Outcome<&'a mut Map<String, Value>> {
    let mut place = body;
    for key in pointer.split('/').skip(1) {
        place = place
            .as_object_mut()
            .ok_or("'DefinitionBody' does not contain a valid Swagger definition.")?
            .entry(key)
            .or_insert_with(|| json!({}));
    }
    place
        .as_object_mut()
        .ok_or_else(|| "'DefinitionBody' does not contain a valid Swagger definition.".to_owned())
}

fn schemes(body: &mut Value) -> Outcome<&mut Map<String, Value>> {
    let pointer = if body.get("openapi").is_some() {
        "/components/securitySchemes"
    } else {
        "/securityDefinitions"
    };
    at(body, pointer)
}

fn scheme(name: &str, authorizer: &Value) -> Outcome<Value> {
    let identity = authorizer.get("Identity");
    let header = identity
        .and_then(|identity| identity.get("Header"))
        .cloned()
        .unwrap_or_else(|| "Authorization".into());
    let expression = identity.and_then(|identity| identity.get("ValidationExpression"));
    let mut inner;
    let mut scheme;
    if let Some(pools) = authorizer.get("UserPoolArn") {
        let pools = if pools.is_array() { pools.clone() } else { json!([pools]) };
        inner = json!({"type": "cognito_user_pools", "providerARNs": pools});
        scheme = json!({"type": "apiKey", "name": header, "in": "header", "x-amazon-apigateway-authtype": "cognito_user_pools"});
        if let Some(expression) = expression {
            inner["identityValidationExpression"] = expression.clone();
        }
    } else {
        let function = authorizer
            .get("FunctionArn")
            .ok_or_else(|| format!("{name} Authorizer must have UserPoolArn or FunctionArn."))?;
        let payload =
            authorizer.get("FunctionPayloadType").and_then(Value::as_str).unwrap_or("TOKEN");
        let is_request = match payload {
            "TOKEN" => false,
            "REQUEST" => true,
            other => {
                return Err(format!(
                    "{name} Authorizer has invalid 'FunctionPayloadType': {other}."
                ));
            }
        };
        inner = json!({"type": payload.to_lowercase(), "authorizerUri": {"Fn::Sub": [
            "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${__FunctionArn__}/invocations",
            {"__FunctionArn__": function},
        ]}});
        if let Some(seconds) = identity.and_then(|identity| identity.get("ReauthorizeEvery")) {
            inner["authorizerResultTtlInSeconds"] = seconds.clone();
        }
        if let Some(role) = authorizer.get("FunctionInvokeRole").filter(|role| *role != "NONE") {
            inner["authorizerCredentials"] = role.clone();
        }
        let name = if is_request { "Unused".into() } else { header };
        scheme = json!({"type": "apiKey", "name": name, "in": "header", "x-amazon-apigateway-authtype": "custom"});
        if is_request {
            let source = identity_source(identity);
            if !source.is_empty() {
                inner["identitySource"] = source.into();
            }
        } else if let Some(expression) = expression {
            inner["identityValidationExpression"] = expression.clone();
        }
    }
    scheme["x-amazon-apigateway-authorizer"] = inner;
    Ok(scheme)
}

fn identity_source(identity: Option<&Value>) -> String {
    let parts = [
        ("Headers", "method.request.header."),
        ("QueryStrings", "method.request.querystring."),
        ("StageVariables", "stageVariables."),
        ("Context", "context."),
    ];
    let mut sources = Vec::new();
    for (key, prefix) in parts {
        let names = identity.and_then(|identity| identity.get(key)).and_then(Value::as_array);
        sources.extend(
            names
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(|name| format!("{prefix}{name}")),
        );
    }
    sources.join(", ")
}

/// Methods that have an integration: SAM leaves others alone.
fn methods(body: &mut Value) -> impl Iterator<Item = (String, &mut Value)> {
    body.get_mut("paths")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut)
        .flatten()
        .filter(|(verb, method)| {
            METHODS.contains(&verb.to_lowercase().as_str())
                && method.get("x-amazon-apigateway-integration").is_some()
        })
        .map(|(verb, method)| (verb.to_lowercase(), method))
}

/// Gives the default authorizer to every method that names no authorizer itself.
fn secure(
    body: &mut Value,
    default: &str,
    scope: &Value,
    authorizers: &Map<String, Value>,
    preflight: bool,
) {
    for (verb, method) in methods(body) {
        if verb == "options" && !preflight {
            continue;
        }
        let existing =
            method.get("security").and_then(Value::as_array).cloned().unwrap_or_default();
        let names = |entry: &Value, wanted: &dyn Fn(&str) -> bool| {
            entry.as_object().is_some_and(|entry| entry.keys().any(|name| wanted(name)))
        };
        let has_own =
            existing.iter().any(|entry| names(entry, &|name| authorizers.contains_key(name)));
        let opted_out = existing.iter().any(|entry| names(entry, &|name| name == "NONE"));
        let mut security: Vec<Value> =
            existing.into_iter().filter(|entry| !names(entry, &|name| name == "NONE")).collect();
        if !has_own && !opted_out {
            security.push(json!({default: scope}));
        }
        if !security.is_empty() {
            method["security"] = security.into();
        }
    }
}

/// Adds an `OPTIONS` method that answers preflight requests to every path without one.
pub(super) fn add_cors(body: &mut Value, cors: &Value) -> Outcome<()> {
    let origin =
        if cors.is_object() { cors.get("AllowOrigin").cloned() } else { Some(cors.clone()) };
    let origin = origin.unwrap_or_else(|| "'*'".into());
    let paths = body.get_mut("paths").and_then(Value::as_object_mut);
    let paths = paths.ok_or("Unable to add Cors configuration because 'DefinitionBody' does not contain a valid Swagger definition.")?;
    for item in paths.values_mut().filter_map(Value::as_object_mut) {
        if item.contains_key("options") {
            continue;
        }
        let verbs: Vec<String> = item
            .keys()
            .filter(|verb| METHODS.contains(&verb.as_str()))
            .map(|verb| verb.to_uppercase())
            .collect();
        let allowed = if verbs.iter().any(|verb| verb.starts_with("X-AMAZON")) {
            "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT".to_owned()
        } else {
            let mut verbs = verbs;
            verbs.push("OPTIONS".to_owned());
            verbs.sort();
            verbs.join(",")
        };
        let mut values = Map::new();
        let mut headers = Map::new();
        let mut set = |header: &str, value: Value| {
            values.insert(format!("method.response.header.{header}"), value);
            headers.insert(header.to_owned(), json!({"type": "string"}));
        };
        if let Some(value) = cors.get("AllowHeaders") {
            set("Access-Control-Allow-Headers", value.clone());
        }
        set(
            "Access-Control-Allow-Methods",
            cors.get("AllowMethods").cloned().unwrap_or_else(|| format!("'{allowed}'").into()),
        );
        set("Access-Control-Allow-Origin", origin.clone());
        if let Some(value) = cors.get("MaxAge") {
            set("Access-Control-Max-Age", value.clone());
        }
        if cors["AllowCredentials"] == true {
            set("Access-Control-Allow-Credentials", "'true'".into());
        }
        item.insert("options".to_owned(), json!({
            "summary": "CORS support",
            "consumes": ["application/json"],
            "produces": ["application/json"],
            "x-amazon-apigateway-integration": {
                "type": "mock",
                "requestTemplates": {"application/json": "{\n  \"statusCode\" : 200\n}\n"},
                "responses": {"default": {"statusCode": "200", "responseParameters": values,
                    "responseTemplates": {"application/json": "{}\n"}}},
            },
            "responses": {"200": {"description": "Default response for CORS method", "headers": headers}},
        }));
    }
    Ok(())
}
