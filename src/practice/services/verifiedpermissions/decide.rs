//! Decisions.

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, Request};
use serde_json::{Map, Value, json};

use super::{cedar, invalid, sources, stores};
use crate::practice::resource::Resource;
use crate::practice::services::cognito;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

/// An attribute of the API as Cedar's JSON writes it.
fn attribute(value: &Value) -> Result<Value, Fault> {
    let union = value.as_object().filter(|members| members.len() == 1);
    let Some((kind, value)) = union.and_then(|members| members.iter().next()) else {
        return Err(invalid("An attribute's value has one member that tells its type"));
    };
    let extension = |name: &str| json!({"__extn": {"fn": name, "arg": value}});
    Ok(match kind.as_str() {
        "boolean" | "long" | "string" => value.clone(),
        "entityIdentifier" => json!({"__entity":
            {"type": value["entityType"], "id": value["entityId"]}}),
        "set" => {
            let items = value.as_array().into_iter().flatten();
            items.map(attribute).collect::<Result<Vec<_>, _>>()?.into()
        }
        "record" => attributes(value)?,
        "ipaddr" => extension("ip"),
        "decimal" | "datetime" | "duration" => extension(kind),
        _ => return Err(invalid(format!("{kind} is not a type of attribute"))),
    })
}

fn attributes(value: &Value) -> Result<Value, Fault> {
    let members = value.as_object().into_iter().flatten();
    let all: Result<Map<String, Value>, Fault> =
        members.map(|(name, value)| Ok((name.clone(), attribute(value)?))).collect();
    Ok(all?.into())
}

fn parse(text: &Value, what: &str) -> Result<Value, Fault> {
    serde_json::from_str(text.as_str().unwrap_or(""))
        .map_err(|error| invalid(format!("{what} is not JSON: {error}")))
}

/// The request's entities as Cedar's JSON.
fn entities(input: &Value) -> Result<Vec<Value>, Fault> {
    let given = input.get("entities").unwrap_or(&Value::Null);
    if let Some(text) = given.get("cedarJson") {
        let parsed = parse(text, "entities")?;
        return parsed.as_array().cloned().ok_or_else(|| invalid("entities is not a list"));
    }
    let uid = |value: &Value| json!({"type": value["entityType"], "id": value["entityId"]});
    let mut all = Vec::new();
    for item in given.get("entityList").and_then(Value::as_array).into_iter().flatten() {
        cedar::entity(&item["identifier"])?;
        let parents = item.get("parents").and_then(Value::as_array);
        all.push(json!({
            "uid": uid(&item["identifier"]), "attrs": attributes(&item["attributes"])?,
            "tags": attributes(&item["tags"])?,
            "parents": parents.into_iter().flatten().map(uid).collect::<Vec<_>>()}));
    }
    Ok(all)
}

fn context(input: &Value) -> Result<Value, Fault> {
    let given = input.get("context").unwrap_or(&Value::Null);
    match given.get("cedarJson") {
        Some(text) => parse(text, "context"),
        None => attributes(given.get("contextMap").unwrap_or(&Value::Null)),
    }
}

/// A part of a request that names nobody.
fn unspecified(part: &str) -> Result<EntityUid, Fault> {
    cedar::entity(&json!({"entityType": "Unspecified", "entityId": part}))
}

fn optional(
    input: &Value,
    part: &str,
    read: fn(&Value) -> Result<EntityUid, Fault>,
) -> Result<EntityUid, Fault> {
    input.get(part).map_or_else(|| unspecified(part), read)
}

struct Asked {
    principal: EntityUid,
    entities: Vec<Value>,
    context: Value,
}

fn decide(tx: &Tx<'_>, input: &Value, store: &Resource, asked: Asked) -> Result<Value, Fault> {
    let set = cedar::policy_set(tx, &store.id)?;
    let fault = |error: &dyn std::fmt::Display| invalid(error.to_string());
    let mut entities =
        Entities::from_json_value(asked.entities.into(), None).map_err(|e| fault(&e))?;
    // What the schema says about groups of actions counts for every request.
    if let Some(text) = stores::schema_text(store)
        && let Ok(actions) = cedar::schema(text)?.0.action_entities()
    {
        entities = entities.upsert_entities(actions, None).map_err(|e| fault(&e))?;
    }
    let request = Request::new(
        asked.principal,
        optional(input, "action", cedar::action)?,
        optional(input, "resource", cedar::entity)?,
        Context::from_json_value(asked.context, None).map_err(|e| fault(&e))?,
        None,
    )
    .map_err(|e| fault(&e))?;
    let response = Authorizer::new().is_authorized(&request, &set, &entities);
    let mut determining: Vec<String> =
        response.diagnostics().reason().map(ToString::to_string).collect();
    determining.sort();
    let determining: Vec<Value> =
        determining.into_iter().map(|id| json!({"policyId": id})).collect();
    let errors: Vec<Value> = response
        .diagnostics()
        .errors()
        .map(|error| json!({"errorDescription": error.to_string()}))
        .collect();
    let decision = if response.decision() == Decision::Allow { "ALLOW" } else { "DENY" };
    Ok(json!({"decision": decision, "determiningPolicies": determining, "errors": errors}))
}

pub(super) fn is_authorized(tx: &Tx<'_>, call: &Call) -> Answer {
    let store = stores::of(tx, call)?;
    let asked = Asked {
        principal: optional(&call.input, "principal", cedar::entity)?,
        entities: entities(&call.input)?,
        context: context(&call.input)?,
    };
    Ok(Reply::ok(decide(tx, &call.input, &store, asked)?))
}

/// Requests that a batch takes.
const MOST_REQUESTS: usize = 30;

/// Several requests that have the principal or the resource in common, over the same entities.
pub(super) fn batch_is_authorized(tx: &Tx<'_>, call: &Call) -> Answer {
    let store = stores::of(tx, call)?;
    let requests = call.input.get("requests").and_then(Value::as_array);
    let requests = requests.map_or(&[][..], Vec::as_slice);
    if requests.is_empty() || requests.len() > MOST_REQUESTS {
        return Err(invalid(format!("A batch has 1 to {MOST_REQUESTS} requests")));
    }
    let same = |part: &str| requests.windows(2).all(|pair| pair[0].get(part) == pair[1].get(part));
    if !same("principal") && !same("resource") {
        return Err(invalid(
            "The requests of a batch have the same principal or the same resource",
        ));
    }
    let mut results = Vec::new();
    for request in requests {
        let asked = Asked {
            principal: optional(request, "principal", cedar::entity)?,
            entities: entities(&call.input)?,
            context: context(request)?,
        };
        let mut result = decide(tx, request, &store, asked)?;
        result["request"] = request.clone();
        results.push(result);
    }
    Ok(Reply::ok(json!({ "results": results })))
}

/// The caller is whom the token names: its user, in the groups that the token lists.
pub(super) fn is_authorized_with_token(tx: &Tx<'_>, call: &Call) -> Answer {
    let store = stores::of(tx, call)?;
    let sources = sources::of(tx, &store.id)?;
    let source =
        sources.first().ok_or_else(|| invalid("The policy store has no identity source"))?;
    let (kind, token) = match (call.text("accessToken"), call.text("identityToken")) {
        ("", "") => return Err(invalid("accessToken or identityToken is needed")),
        ("", token) => ("id", token),
        (token, _) => ("access", token),
    };
    let pool = sources::pool(source);
    let claims = cognito::keys::verify(tx, pool, token)?
        .filter(|claims| claims["token_use"] == kind)
        .ok_or_else(|| invalid("The token can't be verified by the identity source"))?;
    let client = claims.get("client_id").or_else(|| claims.get("aud"));
    let client = client.and_then(Value::as_str).unwrap_or("");
    let clients = sources::clients(source);
    if !clients.is_empty() && !clients.contains(&client) {
        return Err(invalid("The token's client is not one of the identity source"));
    }
    let user = format!("{pool}|{}", claims["sub"].as_str().unwrap_or(""));
    let named = json!({"entityType": sources::principal_type(tx, source)?, "entityId": user});
    let mut asked = Asked {
        principal: cedar::entity(&named)?,
        entities: entities(&call.input)?,
        context: context(&call.input)?,
    };
    asked.entities.push(caller(source, pool, &named, &claims, kind));
    if kind == "access" {
        asked.context["token"] = plain(&claims);
    }
    let mut answer = decide(tx, &call.input, &store, asked)?;
    answer["principal"] = named;
    Ok(Reply::ok(answer))
}

/// The caller's entity: parents from the groups, attributes from an identity token.
fn caller(source: &Resource, pool: &str, named: &Value, claims: &Value, kind: &str) -> Value {
    let group_type = sources::group_type(source);
    let groups = claims.get("cognito:groups").and_then(Value::as_array);
    let groups = groups.into_iter().flatten().filter_map(Value::as_str);
    let parents: Vec<Value> = groups
        .filter(|_| !group_type.is_empty())
        .map(|group| json!({"type": group_type, "id": format!("{pool}|{group}")}))
        .collect();
    let attributes = if kind == "id" { plain(claims) } else { json!({}) };
    json!({"uid": {"type": named["entityType"], "id": named["entityId"]}, "attrs": attributes,
        "parents": parents})
}

/// Claims that Cedar has types for.
fn plain(claims: &Value) -> Value {
    let fits = |value: &Value| value.is_string() || value.is_boolean() || value.is_i64();
    let members = claims.as_object().into_iter().flatten();
    let kept = members.filter(|(_, value)| {
        fits(value) || value.as_array().is_some_and(|all| all.iter().all(Value::is_string))
    });
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}
