//! References to resources whose logical id the transform changes: layers, whose id follows their
//! content.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::practice::template::functions;

/// New logical ids by the template's own.
pub(super) type Renamed = BTreeMap<String, String>;

/// The value with `Ref`, `Fn::GetAtt` and `Fn::Sub` pointing at the new ids.
pub(super) fn follow(value: &Value, renamed: &Renamed) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| follow(item, renamed)).collect(),
        Value::Object(map) => {
            let followed: Map<String, Value> =
                map.iter().map(|(key, value)| (key.clone(), follow(value, renamed))).collect();
            match functions::intrinsic(&followed) {
                Some((function @ ("Ref" | "Fn::GetAtt" | "Fn::Sub"), argument)) => {
                    let argument = argument_of(function, argument, renamed);
                    Map::from_iter([(function.to_owned(), argument)]).into()
                }
                _ => followed.into(),
            }
        }
        other => other.clone(),
    }
}

fn argument_of(function: &str, argument: &Value, renamed: &Renamed) -> Value {
    match (function, argument) {
        ("Fn::Sub", Value::String(text)) => substituted(text, renamed).into(),
        // Names of the second member shadow resources.
        ("Fn::Sub", Value::Array(parts)) => {
            let mut parts = parts.clone();
            if let [Value::String(text), Value::Object(own)] = &mut parts[..] {
                let mut renamed = renamed.clone();
                renamed.retain(|name, _| !own.contains_key(name));
                *text = substituted(text, &renamed);
            }
            parts.into()
        }
        (_, Value::String(path)) => {
            let (name, rest) = path.split_at(path.find('.').unwrap_or(path.len()));
            renamed.get(name).map_or_else(|| argument.clone(), |new| format!("{new}{rest}").into())
        }
        (_, Value::Array(parts)) => {
            let mut parts = parts.clone();
            if let Some(Value::String(name)) = parts.first_mut()
                && let Some(new) = renamed.get(name)
            {
                name.clone_from(new);
            }
            parts.into()
        }
        _ => argument.clone(),
    }
}

fn substituted(text: &str, renamed: &Renamed) -> String {
    let mut text = text.to_owned();
    for (name, new) in renamed {
        for end in ['}', '.'] {
            text = text.replace(&format!("${{{name}{end}"), &format!("${{{new}{end}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_reference_follows_and_nothing_else_changes() {
        let renamed = Renamed::from([("Shared".to_owned(), "Shared01".to_owned())]);
        let template = json!({
            "Layers": [{"Ref": "Shared"}, {"Ref": "SharedToo"}],
            "A": {"Fn::GetAtt": ["Shared", "LayerVersionArn"]},
            "B": {"Fn::GetAtt": "Shared.LayerVersionArn"},
            "C": {"Fn::Sub": "${Shared}/${SharedToo}/${Shared.LayerVersionArn}/${!Shared}"},
            "D": {"Fn::Sub": ["${Shared}", {"Shared": {"Ref": "Shared"}}]},
            "E": "Shared",
        });
        assert_eq!(
            follow(&template, &renamed),
            json!({
                "Layers": [{"Ref": "Shared01"}, {"Ref": "SharedToo"}],
                "A": {"Fn::GetAtt": ["Shared01", "LayerVersionArn"]},
                "B": {"Fn::GetAtt": "Shared01.LayerVersionArn"},
                "C": {"Fn::Sub": "${Shared01}/${SharedToo}/${Shared01.LayerVersionArn}/${!Shared}"},
                "D": {"Fn::Sub": ["${Shared}", {"Shared": {"Ref": "Shared01"}}]},
                "E": "Shared",
            })
        );
    }
}
