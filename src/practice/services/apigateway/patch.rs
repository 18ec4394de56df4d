//! Patch operations: how console and command line change one member of an API.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::model::bad_request;
use crate::practice::wire::Fault;

/// Applies the operations to a value of the API; `allowed` are the members that may change.
///
/// Values come as text and take the type that the member has; a member that holds a list or a map
/// takes `add`, `remove` and `replace` on its elements.
pub(super) fn apply<T: Serialize + DeserializeOwned>(
    target: &T,
    operations: &Value,
    allowed: &[(&str, Kind)],
) -> Result<T, Fault> {
    let mut value = serde_json::to_value(target)?;
    let Some(list) = operations.as_array() else {
        return Err(bad_request("patchOperations is required"));
    };
    for operation in list {
        one(&mut value, operation, allowed)?;
    }
    serde_json::from_value(value).map_err(|_| bad_request("Invalid patch operation specified"))
}

/// What a member holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// `true` or `false`.
    Flag,
    /// An integer.
    Number,
    /// A list of texts.
    List,
    /// Text by name.
    Map,
    /// `true` or `false` by name.
    Flags,
}

fn one(value: &mut Value, operation: &Value, allowed: &[(&str, Kind)]) -> Result<(), Fault> {
    let member = |name: &str| operation.get(name).and_then(Value::as_str);
    let path = member("path").unwrap_or("");
    let verb = member("op").unwrap_or("");
    if !["add", "remove", "replace"].contains(&verb) {
        return Err(bad_request(format!("Invalid patch operation specified: {verb}")));
    }
    let mut parts = path.trim_start_matches('/').splitn(2, '/');
    let name = parts.next().unwrap_or("");
    let key = parts.next().map(|key| key.replace("~1", "/").replace("~0", "~"));
    let Some((_, kind)) = allowed.iter().find(|(known, _)| *known == name) else {
        let names: Vec<String> = allowed.iter().map(|(name, _)| format!("/{name}")).collect();
        return Err(bad_request(format!(
            "Invalid patch path '{path}' specified for op '{verb}'. Must be one of: [{}]",
            names.join(", ")
        )));
    };
    let text = member("value");
    let Value::Object(map) = value else { return Ok(()) };
    match kind {
        Kind::List => list(map, name, verb, key, text),
        Kind::Map | Kind::Flags => entry(map, name, verb, key, text, *kind),
        _ if verb == "remove" => {
            map.shift_remove(name);
            Ok(())
        }
        _ => {
            map.insert(name.to_owned(), scalar(path, text, *kind)?);
            Ok(())
        }
    }
}

fn scalar(path: &str, text: Option<&str>, kind: Kind) -> Result<Value, Fault> {
    let invalid = || bad_request(format!("Invalid value specified for patch path '{path}'"));
    let text = text.ok_or_else(invalid)?;
    match kind {
        Kind::Flag | Kind::Flags => text.parse::<bool>().map(Value::from).map_err(|_| invalid()),
        Kind::Number => text.parse::<i64>().map(Value::from).map_err(|_| invalid()),
        _ => Ok(text.into()),
    }
}

fn list(
    map: &mut Map<String, Value>,
    name: &str,
    verb: &str,
    key: Option<String>,
    text: Option<&str>,
) -> Result<(), Fault> {
    let held = map.entry(name.to_owned()).or_insert_with(|| json!([]));
    let Value::Array(items) = held else { return Ok(()) };
    let item = key.or_else(|| text.map(str::to_owned));
    match (verb, item) {
        ("remove", Some(item)) => items.retain(|known| known.as_str() != Some(&item)),
        ("remove", None) => items.clear(),
        (_, Some(item)) if item.is_empty() => return Err(bad_request("Invalid value specified")),
        ("replace", Some(item)) => *items = item.split(',').map(Value::from).collect(),
        (_, Some(item)) => items.push(item.into()),
        (_, None) => return Err(bad_request("Invalid value specified")),
    }
    Ok(())
}

fn entry(
    map: &mut Map<String, Value>,
    name: &str,
    verb: &str,
    key: Option<String>,
    text: Option<&str>,
    kind: Kind,
) -> Result<(), Fault> {
    let Some(key) = key else {
        return Err(bad_request(format!("Invalid patch path '/{name}' specified")));
    };
    let held = map.entry(name.to_owned()).or_insert_with(|| json!({}));
    let Value::Object(entries) = held else { return Ok(()) };
    if verb == "remove" {
        entries.shift_remove(&key);
    } else {
        entries.insert(key.clone(), scalar(&format!("/{name}/{key}"), text, kind)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::model::Method;
    use super::*;

    const ALLOWED: [(&str, Kind); 3] = [
        ("authorizationType", Kind::Text),
        ("apiKeyRequired", Kind::Flag),
        ("requestModels", Kind::Map),
    ];

    #[test]
    fn members_take_their_own_type_and_maps_their_escaped_keys() {
        let operations = json!([
            {"op": "replace", "path": "/authorizationType", "value": "CUSTOM"},
            {"op": "replace", "path": "/apiKeyRequired", "value": "true"},
            {"op": "add", "path": "/requestModels/application~1json", "value": "Post"}]);
        let method = apply(&Method::default(), &operations, &ALLOWED).expect("patched");
        assert_eq!(method.authorization_type, "CUSTOM");
        assert!(method.api_key_required);
        assert_eq!(method.request_models["application/json"], "Post");
    }

    #[test]
    fn an_unknown_path_names_what_is_possible() {
        let operations = json!([{"op": "replace", "path": "/authorizaton", "value": "CUSTOM"}]);
        let fault = apply(&Method::default(), &operations, &ALLOWED).expect_err("refused");
        assert_eq!(
            fault.message,
            "Invalid patch path '/authorizaton' specified for op 'replace'. Must be one of: \
             [/authorizationType, /apiKeyRequired, /requestModels]"
        );
        let fault = apply(
            &Method::default(),
            &json!([{"op": "replace", "path": "/apiKeyRequired", "value": "maybe"}]),
            &ALLOWED,
        )
        .expect_err("refused");
        assert_eq!(fault.status, 400);
    }
}
