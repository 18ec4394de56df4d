//! The shapes of intrinsic functions, without any values: which function a map is, the pieces of a
//! `Fn::Sub`, the names that a value refers to.

use std::net::Ipv4Addr;

use serde_json::{Map, Value};

/// The function and its argument, if the map is one.
pub fn intrinsic(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    if map.len() != 1 {
        return None;
    }
    let (name, argument) = map.iter().next()?;
    let is_function = name == "Ref" && argument.is_string()
        || name == "Condition" && argument.is_string()
        || name.starts_with("Fn::");
    is_function.then_some((name.as_str(), argument))
}

/// Text, numbers and booleans as text; none for lists and maps.
pub fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// A piece of the text of a `Fn::Sub`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Stays as it is.
    Text(&'a str),
    /// `${!Name}`: comes out as `${Name}`.
    Literal(&'a str),
    /// `${Name}` or `${Resource.Attribute}`.
    Name(&'a str),
}

/// The pieces of the text, in order. `${` that nothing closes is text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        if start > 0 {
            pieces.push(Piece::Text(&rest[..start]));
        }
        let inner = &rest[start + 2..start + length];
        pieces.push(inner.strip_prefix('!').map_or(Piece::Name(inner), Piece::Literal));
        rest = &rest[start + length + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// Text and local values of a `Fn::Sub`.
pub fn sub_parts(argument: &Value) -> Option<(&str, Option<&Map<String, Value>>)> {
    match argument {
        Value::String(text) => Some((text, None)),
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(text), Value::Object(local)] => Some((text, Some(local))),
            _ => None,
        },
        _ => None,
    }
}

/// Resource and attribute of a `Fn::GetAtt`, in both its spellings.
pub fn attribute_parts(argument: &Value) -> Option<(&str, Value)> {
    match argument {
        Value::String(text) => {
            text.split_once('.').map(|(logical, rest)| (logical, Value::from(rest)))
        }
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(logical), attribute] => Some((logical, attribute.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// What a value refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference<'a> {
    /// A parameter, pseudo parameter or resource.
    Ref(&'a str),
    /// A resource whose attribute is asked for.
    Attribute(&'a str),
    /// A condition of `Fn::If`.
    Condition(&'a str),
}

/// Calls `found` for everything that the value refers to.
pub fn references<'a>(value: &'a Value, found: &mut dyn FnMut(Reference<'a>)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(map) => match intrinsic(map) {
            Some(("Ref", name)) => found(Reference::Ref(name.as_str().unwrap_or_default())),
            Some(("Condition", _)) => {}
            Some(("Fn::GetAtt", argument)) => {
                let logical = match argument {
                    Value::String(text) => text.split('.').next(),
                    Value::Array(parts) => parts.first().and_then(Value::as_str),
                    _ => None,
                };
                found(Reference::Attribute(logical.unwrap_or_default()));
            }
            Some(("Fn::Sub", argument)) => substituted(argument, found),
            Some((name, argument)) => {
                if name == "Fn::If"
                    && let Some(Value::String(condition)) = argument.get(0)
                {
                    found(Reference::Condition(condition));
                }
                references(argument, found);
            }
            None => map.values().for_each(|value| references(value, found)),
        },
        _ => {}
    }
}

fn substituted<'a>(argument: &'a Value, found: &mut dyn FnMut(Reference<'a>)) {
    let Some((text, local)) = sub_parts(argument) else { return };
    for piece in pieces(text) {
        let Piece::Name(name) = piece else { continue };
        if local.is_some_and(|local| local.contains_key(name)) {
            continue;
        }
        found(match name.split_once('.') {
            Some((logical, _)) => Reference::Attribute(logical),
            None => Reference::Ref(name),
        });
    }
    if let Some(local) = local {
        local.values().for_each(|value| references(value, found));
    }
}

/// Names of the conditions that a condition rests on.
pub fn conditions_named<'a>(body: &'a Value, names: &mut Vec<&'a str>) {
    match body {
        Value::Array(items) => items.iter().for_each(|item| conditions_named(item, names)),
        Value::Object(map) => match intrinsic(map) {
            Some(("Condition", Value::String(name))) => names.push(name),
            Some((_, argument)) => conditions_named(argument, names),
            None => {}
        },
        _ => {}
    }
}

/// `count` IPv4 blocks with `bits` host bits each, from the start of `block`.
pub fn subnets(block: &str, count: &str, bits: &str) -> Option<Vec<String>> {
    let (address, prefix) = block.split_once('/')?;
    let prefix: u32 = prefix.parse().ok().filter(|prefix| *prefix <= 32)?;
    let bits: u32 = bits.parse().ok().filter(|bits| (1..=31).contains(bits))?;
    let count: u64 = count.parse().ok().filter(|count| (1..=256).contains(count))?;
    let start =
        u64::from(u32::from(address.parse::<Ipv4Addr>().ok()?)) >> (32 - prefix) << (32 - prefix);
    if count << bits > 1 << (32 - prefix) {
        return None;
    }
    (0..count)
        .map(|n| {
            let address = u32::try_from(start + (n << bits)).ok()?;
            Some(format!("{}/{}", Ipv4Addr::from(address), 32 - bits))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn divides_a_block() {
        assert_eq!(subnets("10.0.0.0/16", "2", "8").unwrap(), ["10.0.0.0/24", "10.0.1.0/24"]);
        assert_eq!(subnets("10.0.0.0/24", "2", "8"), None);
        assert_eq!(subnets("10.0.0/24", "1", "8"), None);
        assert_eq!(subnets("0.0.0.0/0", "256", "24").unwrap().len(), 256);
    }

    proptest! {
        #[test]
        fn pieces_make_up_the_text(text in "([$]?[{]!?[a-zA-Z:.]{0,4}[}]?|[$ -~é]){0,12}") {
            let mut whole = String::new();
            for piece in pieces(&text) {
                match piece {
                    Piece::Text(part) => whole.push_str(part),
                    Piece::Literal(name) => whole.extend(["${!", name, "}"]),
                    Piece::Name(name) => whole.extend(["${", name, "}"]),
                }
            }
            prop_assert_eq!(whole, text);
        }
    }
}
