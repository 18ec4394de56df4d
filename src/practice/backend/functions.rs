//! The starter app's functions: same statuses, bodies and headers as its Node.js code.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::context::{Context, DEMAND_TABLE, PARTNER_TABLE, Payload, Thrown};
use super::database::{Outcome, SqlError};
use super::permissions;
use crate::practice::resource;
use crate::practice::services::cognito;
use crate::practice::wire::Fault;

/// The company of whoever calls without an authorizer.
const PLACEHOLDER_COMPANY: &str = "1";
const COLUMNS: &str = "ID, NAME, COMPANY, IMAGEURL, SOCK, HORN, GLASSES, CAPE";

/// An answer that API Gateway passes on as it is.
fn answer(status: u16, body: &Value) -> Value {
    json!({"statusCode": status,
        "headers": {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"},
        "body": body.to_string()})
}

fn message(status: u16, text: &str) -> Value {
    answer(status, &json!({"message": text}))
}

/// The first statement's outcome.
fn first(outcomes: Vec<Outcome>) -> Outcome {
    outcomes.into_iter().next().unwrap_or(Outcome::Rows(Vec::new()))
}

/// What the driver gives for one text: rows, a summary, or a list of both.
fn result(outcomes: Vec<Outcome>) -> Value {
    let one = |outcome: Outcome| match outcome {
        Outcome::Rows(rows) => rows.into(),
        Outcome::Done { insert_id, affected } => json!({"fieldCount": 0,
            "affectedRows": affected, "insertId": insert_id, "serverStatus": 2,
            "warningCount": 0, "message": "", "protocol41": true, "changedRows": 0}),
    };
    let mut all: Vec<Value> = outcomes.into_iter().map(one).collect();
    if all.len() == 1 { all.remove(0) } else { all.into() }
}

/// A value as JavaScript writes it into a text.
fn js(value: Option<&Value>) -> String {
    match value {
        None => "undefined".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(_)) => "[object Object]".to_owned(),
        Some(Value::Array(list)) => {
            let item =
                |value: &Value| if value.is_null() { String::new() } else { js(Some(value)) };
            list.iter().map(item).collect::<Vec<_>>().join(",")
        }
        Some(Value::Number(number)) => match number.as_f64() {
            // Whole numbers have no fraction in JavaScript.
            Some(float) if number.is_f64() => float.to_string(),
            _ => number.to_string(),
        },
        Some(other) => other.to_string(),
    }
}

/// The request's JSON object, or none. A package that reads the header `content-type` takes no
/// other content type (module 5).
fn read_body(context: &Context<'_, '_>, event: &Value) -> Option<Map<String, Value>> {
    let headers = event.get("headers").and_then(Value::as_object).into_iter().flatten();
    let mut kinds = headers.filter(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let kind = kinds.next().and_then(|(_, value)| value.as_str()).unwrap_or("");
    let is_json = kind.is_empty() || kind.to_ascii_lowercase().starts_with("application/json");
    if !is_json && context.package.mentions("\"content-type\"") {
        return None;
    }
    let text = event.get("body")?.as_str()?;
    let encoded = event.get("isBase64Encoded") == Some(&true.into());
    let bytes = if encoded { STANDARD.decode(text).ok()? } else { text.as_bytes().to_vec() };
    match serde_json::from_slice(&bytes).ok()? {
        Value::Object(body) => Some(body),
        _ => None,
    }
}

/// `GET /socks` and the other three lists.
pub(super) fn parts(context: &Context<'_, '_>, event: &Value) -> Payload {
    let table = match event.get("resource").and_then(Value::as_str) {
        Some("/socks") => "Socks",
        Some("/horns") => "Horns",
        Some("/glasses") => "Glasses",
        Some("/capes") => "Capes",
        _ => return Ok(message(404, "No such part")),
    };
    Ok(match context.query(&format!("SELECT ID, NAME, PRICE FROM {table} ORDER BY ID"))? {
        Ok(outcomes) => answer(200, &result(outcomes)),
        Err(_) => message(500, "Error listing parts"),
    })
}

/// `/customizations` and `/customizations/{id}`.
pub(super) fn customizations(context: &Context<'_, '_>, event: &Value) -> Payload {
    let authorizer = event.pointer("/requestContext/authorizer");
    let principal = authorizer.and_then(|a| a.get("principalId")).and_then(Value::as_str);
    let company = match principal {
        Some(principal) if !principal.is_empty() => {
            js(authorizer.and_then(|a| a.get("CompanyID")).or(Some(&"".into())))
        }
        _ => PLACEHOLDER_COMPANY.to_owned(),
    };
    if company.is_empty() {
        return Ok(message(400, "Company not valid"));
    }
    let id = js(event.pointer("/pathParameters/id"));
    match customize(context, event, principal.unwrap_or(""), &company, &id) {
        // The handler catches what it meets and says only that something went wrong.
        Err(Thrown::Error(..)) => Ok(message(500, "Error customizing unicorn")),
        other => other,
    }
}

fn customize(
    context: &Context<'_, '_>,
    event: &Value,
    caller: &str,
    company: &str,
    id: &str,
) -> Payload {
    let member = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or("");
    let method = (member("httpMethod"), member("resource"));
    let action = match method {
        ("GET", "/customizations/{id}") => Some("GetUnicorn"),
        ("DELETE", "/customizations/{id}") => Some("DeleteUnicorn"),
        _ => None,
    };
    if let Some(action) = action
        && !permissions::may(context, action, caller, id)?
    {
        return Ok(message(403, "Not your unicorn"));
    }
    let done = match method {
        ("GET", "/customizations") => context
            .query(&format!(
                "SELECT {COLUMNS} FROM Custom_Unicorns WHERE COMPANY = {company} ORDER BY ID"
            ))?
            .map(|outcomes| answer(200, &result(outcomes))),
        ("GET", "/customizations/{id}") => read(context, company, id)?,
        ("DELETE", "/customizations/{id}") => {
            let removed = remove(context, company, id)?;
            if removed.as_ref().is_ok_and(|answer| answer["statusCode"] == 200) {
                permissions::revoke(context, id)?;
            }
            removed
        }
        ("POST", "/customizations") => match read_body(context, event) {
            Some(order) => {
                let created = create(context, company, &order)?;
                if let Ok(answer) = &created {
                    permissions::grant(context, caller, answer)?;
                }
                created
            }
            None => Ok(message(400, "The body is not a JSON object")),
        },
        _ => Ok(message(404, "No such method")),
    };
    Ok(done.unwrap_or_else(|_| message(500, "Error customizing unicorn")))
}

type Answered = Result<Result<Value, SqlError>, Fault>;

// The caller's text goes into the SQL as it comes: that is the hole that the course is about.

fn create(context: &Context<'_, '_>, company: &str, order: &Map<String, Value>) -> Answered {
    let of = |name: &str| js(order.get(name));
    let sql = format!(
        "INSERT INTO Custom_Unicorns (NAME, COMPANY, IMAGEURL, SOCK, HORN, GLASSES, CAPE)
     VALUES ('{}', {company}, '{}', {}, {}, {}, {})",
        of("name"),
        of("imageUrl"),
        of("sock"),
        of("horn"),
        of("glasses"),
        of("cape")
    );
    Ok(context.query(&sql)?.map(|outcomes| match first(outcomes) {
        Outcome::Done { insert_id, .. } => answer(200, &json!({"customUnicornId": insert_id})),
        Outcome::Rows(_) => answer(200, &json!({})),
    }))
}

fn read(context: &Context<'_, '_>, company: &str, id: &str) -> Answered {
    let sql =
        format!("SELECT {COLUMNS} FROM Custom_Unicorns WHERE COMPANY = {company} AND ID = {id}");
    Ok(context.query(&sql)?.map(|outcomes| match first(outcomes) {
        Outcome::Rows(rows) => match rows.into_iter().next() {
            Some(row) => answer(200, &row.into()),
            None => message(404, "No such customization"),
        },
        Outcome::Done { .. } => answer(200, &json!({})),
    }))
}

fn remove(context: &Context<'_, '_>, company: &str, id: &str) -> Answered {
    let sql = format!("DELETE FROM Custom_Unicorns WHERE COMPANY = {company} AND ID = {id}");
    Ok(context.query(&sql)?.map(|outcomes| match first(outcomes) {
        Outcome::Done { affected: 0, .. } => message(404, "No such customization"),
        Outcome::Done { affected, .. } => answer(200, &json!({"deleted": affected})),
        Outcome::Rows(_) => answer(200, &json!({})),
    }))
}

/// `POST /partners`.
pub(super) fn partners(context: &Context<'_, '_>, event: &Value) -> Payload {
    let body = read_body(context, event);
    let name = body.as_ref().and_then(|body| body.get("name")).and_then(Value::as_str);
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Ok(message(400, "The body needs a name"));
    };
    let inserted = context.query(&format!("INSERT INTO Companies (NAME) VALUES ('{name}')"))?;
    let company = match inserted.map(first) {
        Ok(Outcome::Done { insert_id, .. }) => insert_id,
        Err(error) if error.code == "ER_DUP_ENTRY" => {
            return Ok(message(400, "Company already registered"));
        }
        _ => return Ok(message(500, "Error registering the partner")),
    };
    match credentials(context, name, company) {
        Ok(credentials) => Ok(answer(200, &credentials)),
        Err(Thrown::Error(kind, _)) => {
            // Without a client the company is of no use, and its name would stay taken.
            let _ = context.query(&format!("DELETE FROM Companies WHERE ID = {company}"))?;
            Ok(if kind == "ScopeDoesNotExistException" {
                message(409, "The user pool has no scope WildRydes/CustomizeUnicorn yet")
            } else {
                message(500, "Error registering the partner")
            })
        }
        Err(fault) => Err(fault),
    }
}

fn credentials(context: &Context<'_, '_>, name: &str, company: i64) -> Payload {
    let pool = context.variable("USER_POOL_ID");
    let arn = context.tx.arn("cognito-idp", &format!("userpool/{pool}"));
    let made = context.call(
        "cognito-idp",
        "CreateUserPoolClient",
        &arn,
        json!({"UserPoolId": pool, "ClientName": name, "GenerateSecret": true,
            "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthFlowsUserPoolClient": true,
            "AllowedOAuthScopes": ["WildRydes/CustomizeUnicorn"]}),
    )?;
    let client = made.pointer("/UserPoolClient/ClientId").cloned().unwrap_or_default();
    let secret = made.pointer("/UserPoolClient/ClientSecret").cloned().unwrap_or_default();
    context.put_item(
        context.one_of(PARTNER_TABLE),
        &json!({"ClientID": {"S": client}, "CompanyID": {"S": company.to_string()},
            "CompanyName": {"S": name}}),
    )?;
    Ok(json!({"ClientID": client, "ClientSecret": secret}))
}

/// Counts the ordered parts and writes one row.
pub(super) fn analytics(context: &Context<'_, '_>) -> Payload {
    let kinds = [("Socks", "SOCK"), ("Horns", "HORN"), ("Glasses", "GLASSES"), ("Capes", "CAPE")];
    let time = context.tx.now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let mut item = json!({"RecordTimeStamp": time});
    let mut stored = json!({"RecordTimeStamp": {"S": time}});
    for (kind, column) in kinds {
        let sql = format!(
            "SELECT part.NAME AS name, COUNT(*) AS orders
     FROM Custom_Unicorns AS unicorn JOIN {kind} AS part ON part.ID = unicorn.{column}
     GROUP BY part.ID, part.NAME"
        );
        let mut plain = Map::new();
        let mut typed = Map::new();
        if let Outcome::Rows(rows) = first(context.query(&sql)??) {
            for row in rows {
                let name = js(row.get("name"));
                let orders = row.get("orders").cloned().unwrap_or_default();
                typed.insert(name.clone(), json!({"N": orders.to_string()}));
                plain.insert(name, orders);
            }
        }
        item[kind] = plain.into();
        stored[kind] = json!({"M": typed});
    }
    context.put_item(context.one_of(DEMAND_TABLE), &stored)?;
    Ok(item)
}

/// Creates what is missing of the tables and their first rows: the package's own SQL.
pub(super) fn set_up_database(context: &Context<'_, '_>) -> Payload {
    let schema = context.package.ending(".sql").unwrap_or("");
    let mut database = context.database()??;
    database.create();
    let result = database.query(schema);
    let mut rows = Map::new();
    if result.is_ok() {
        for table in ["Companies", "Socks", "Horns", "Glasses", "Capes"] {
            let counted = database.query(&format!("SELECT COUNT(*) AS count FROM {table}"))?;
            if let Outcome::Rows(found) = first(counted) {
                let count = found.first().and_then(|row| row.get("count")).cloned();
                rows.insert(table.to_owned(), count.unwrap_or_default());
            }
        }
    }
    database.keep(context.tx)?;
    result?;
    Ok(json!({"database": "unicorn_customization", "rows": rows}))
}

/// The TOKEN authorizer of module 1: no valid token, `Unauthorized`; a valid one, a policy for the
/// whole stage.
pub(super) fn authorizer(context: &Context<'_, '_>, event: &Value) -> Payload {
    let unauthorized = || Thrown::Error("Error".to_owned(), "Unauthorized".to_owned());
    let header = event
        .get("authorizationToken")
        .or_else(|| event.pointer("/headers/authorization"))
        .and_then(Value::as_str)
        .ok_or_else(unauthorized)?;
    let bearer = header.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer "));
    let token = if bearer { &header[7..] } else { header };
    let pool = context.variable("USER_POOL_ID");
    if resource::get(context.tx, "AWS::Cognito::UserPool", pool)?.is_none() {
        // The pool's keys can't be had: nobody can tell whether the token is valid.
        return Err(Thrown::Error("FetchError".to_owned(), "status 404".to_owned()));
    }
    let claims = cognito::keys::verify(context.tx, pool, token)?.ok_or_else(unauthorized)?;
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or("");
    if claim("token_use") != "access" {
        return Err(unauthorized());
    }
    let scopes: Vec<&str> = claim("scope").split(' ').collect();
    let mut allowed = vec!["GET/socks", "GET/horns", "GET/glasses", "GET/capes"];
    let mut told = Map::new();
    if scopes.contains(&"WildRydes/ManagePartners") {
        allowed.push("POST/partners");
    }
    if scopes.contains(&"WildRydes/CustomizeUnicorn")
        && let Some(company) = company_of(context, claim("client_id"))?
    {
        allowed.extend([
            "GET/customizations",
            "POST/customizations",
            "GET/customizations/*",
            "DELETE/customizations/*",
        ]);
        told.insert("CompanyID".to_owned(), company);
    }
    let method = event.get("methodArn").and_then(Value::as_str).unwrap_or("");
    let stage: Vec<&str> = method.splitn(3, '/').take(2).collect();
    let resources: Vec<String> =
        allowed.iter().map(|method| format!("{}/{method}", stage.join("/"))).collect();
    let mut answer = json!({
        "principalId": claim("client_id"),
        "policyDocument": {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resources}]},
        "context": told});
    if context.package.reaches(context.function.text("Handler"), "usageIdentifierKey") {
        answer["usageIdentifierKey"] = claim("client_id").into();
    }
    Ok(answer)
}

/// The company that a client belongs to, or none.
fn company_of(context: &Context<'_, '_>, client: &str) -> Result<Option<Value>, Thrown> {
    let table = context.one_of(PARTNER_TABLE);
    let arn = context.tx.arn("dynamodb", &format!("table/{table}"));
    let input = json!({"TableName": table, "Key": {"ClientID": {"S": client}},
        "ConsistentRead": true});
    let found = context.call("dynamodb", "GetItem", &arn, input)?;
    Ok(["S", "N"]
        .iter()
        .find_map(|kind| found.pointer(&format!("/Item/CompanyID/{kind}")))
        .filter(|value| value.is_string())
        .cloned())
}
