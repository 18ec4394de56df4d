//! One place of a template, named by its path.

use serde_json::Value;

/// Why a patch doesn't fit the template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// No such place.
    #[error("the template has no {missing} (patching {path})")]
    Unknown {
        /// The whole path.
        path: String,
        /// The part of it that isn't there.
        missing: String,
    },
    /// Nothing to set or remove.
    #[error("the path of a patch is empty")]
    Empty,
}

/// Sets the value at `path`, or removes it if the value is null. The path is made of keys and
/// array indices joined by dots; a key that holds dots itself is found too
/// (`paths./a.b.get.security`: the longest key that exists wins). Everything but the last part
/// must exist; to remove, the last part must as well.
pub fn patch(template: &mut Value, path: &str, value: Value) -> Result<(), PatchError> {
    if path.is_empty() {
        return Err(PatchError::Empty);
    }
    let parts: Vec<&str> = path.split('.').collect();
    let mut place = template;
    let mut done = 0;
    loop {
        let rest = &parts[done..];
        let Some(taken) = step(place, rest) else {
            // Nothing of the rest exists: one new key may be added, no more.
            if rest.len() > 1 || value.is_null() {
                return Err(unknown(path, &parts[..=done]));
            }
            return replace(place, rest[0], value, path);
        };
        let key = rest[..taken].join(".");
        if taken == rest.len() {
            return replace(place, &key, value, path);
        }
        done += taken;
        place = match place {
            Value::Array(items) => key.parse::<usize>().ok().and_then(|i| items.get_mut(i)),
            other => other.get_mut(&key),
        }
        .ok_or_else(|| unknown(path, &parts[..done]))?;
    }
}

fn unknown(path: &str, parts: &[&str]) -> PatchError {
    PatchError::Unknown { path: path.to_owned(), missing: parts.join(".") }
}

/// How many parts the longest key takes that exists here.
fn step(place: &Value, rest: &[&str]) -> Option<usize> {
    match place {
        Value::Array(items) => (rest[0].parse::<usize>().ok()? < items.len()).then_some(1),
        Value::Object(map) => {
            (1..=rest.len()).rev().find(|taken| map.contains_key(&rest[..*taken].join(".")))
        }
        _ => None,
    }
}

fn replace(place: &mut Value, key: &str, value: Value, path: &str) -> Result<(), PatchError> {
    match place {
        Value::Object(map) if value.is_null() => {
            map.shift_remove(key);
        }
        Value::Object(map) => {
            map.insert(key.to_owned(), value);
        }
        Value::Array(items) => {
            let index = key.parse::<usize>().ok().filter(|index| *index <= items.len());
            match (index, value.is_null()) {
                (Some(index), true) => {
                    items.remove(index);
                }
                (Some(index), false) if index == items.len() => items.push(value),
                (Some(index), false) => items[index] = value,
                (None, _) => return Err(unknown(path, &[path])),
            }
        }
        _ => return Err(unknown(path, &[path])),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn api() -> Value {
        json!({"paths": {"/socks": {"get": {"security": [{"A": []}], "tags": ["x", "y"]}},
                         "/v1.0/socks": {"get": {}}}})
    }

    #[test]
    fn sets_and_removes_by_path() {
        let mut template = api();
        patch(&mut template, "paths./socks.get.security", json!([])).unwrap();
        assert_eq!(template["paths"]["/socks"]["get"]["security"], json!([]));
        patch(&mut template, "paths./socks.get.security", Value::Null).unwrap();
        assert_eq!(template["paths"]["/socks"]["get"], json!({"tags": ["x", "y"]}));
        patch(&mut template, "paths./socks.get.tags.0", Value::Null).unwrap();
        assert_eq!(template["paths"]["/socks"]["get"]["tags"], json!(["y"]));
    }

    #[test]
    fn finds_keys_that_hold_dots() {
        let mut template = api();
        patch(&mut template, "paths./v1.0/socks.get.deprecated", json!(true)).unwrap();
        assert_eq!(template["paths"]["/v1.0/socks"]["get"]["deprecated"], true);
    }

    #[test]
    fn names_the_first_part_that_is_missing() {
        let mut template = api();
        let error = patch(&mut template, "paths./hats.get.security", json!([])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the template has no paths./hats (patching paths./hats.get.security)"
        );
        let gone = patch(&mut template, "paths./socks.get.consumes", Value::Null).unwrap_err();
        assert!(gone.to_string().contains("no paths./socks.get.consumes"), "{gone}");
        assert_eq!(template, api(), "a patch that fails changes nothing");
    }

    proptest! {
        #[test]
        fn what_is_set_can_be_read_and_removed(keys in prop::collection::vec("[a-z/{}]{1,6}", 1..5), new in "[A-Z]{1,5}") {
            let mut template = json!({});
            let mut place = &mut template;
            for key in &keys {
                place = &mut place[key.as_str()];
                *place = json!({});
            }
            let before = template.clone();
            let path = format!("{}.{new}", keys.join("."));
            patch(&mut template, &path, json!(7)).unwrap();
            prop_assert_eq!(&template.pointer(&format!("/{}", path.split('.').map(|k| k.replace('~', "~0").replace('/', "~1")).collect::<Vec<_>>().join("/"))).cloned(), &Some(json!(7)));
            patch(&mut template, &path, Value::Null).unwrap();
            prop_assert_eq!(template, before);
        }
    }
}
