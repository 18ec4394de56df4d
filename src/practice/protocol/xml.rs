//! XML answers out of JSON values, and texts out of XML.

use quick_xml::events::Event;
use serde_json::Value;

use super::present;

/// A whole document with one root element.
pub fn document(root: &str, members: &Value) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // S3's lists are flattened: one element an item, named like the member.
    element(&mut out, root, members, None);
    out
}

/// Writes `value` as the element `name`. `item` names a list's items; none flattens lists.
pub fn element(
    out: &mut String,
    name: &str,
    value: &Value,
    item: Option<fn(&str) -> &'static str>,
) {
    if let (Value::Array(items), None) = (value, item) {
        for each in items {
            element(out, name, each, item);
        }
        return;
    }
    out.push('<');
    out.push_str(name);
    out.push('>');
    content(out, name, value, item);
    // An attribute such as a namespace belongs to the start tag alone.
    let tag = name.split_once(' ').map_or(name, |(tag, _)| tag);
    out.push_str("</");
    out.push_str(tag);
    out.push('>');
}

fn content(out: &mut String, name: &str, value: &Value, item: Option<fn(&str) -> &'static str>) {
    match value {
        Value::Null => {}
        Value::String(text) => escape(out, text),
        Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
        Value::Array(items) => {
            let tag = item.map_or("member", |item| item(name));
            for each in items {
                element(out, tag, each, item);
            }
        }
        Value::Object(members) => {
            for (member, value) in present(members) {
                element(out, member, value, item);
            }
        }
    }
}

/// Writes text; characters that XML 1.0 can't hold become U+FFFD.
pub fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
}

/// The texts of all elements of that name; none where the document isn't well-formed.
pub fn texts(document: &[u8], name: &str) -> Option<Vec<String>> {
    let mut reader = quick_xml::Reader::from_str(std::str::from_utf8(document).ok()?);
    let (mut found, mut current) = (Vec::new(), None::<String>);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) if tag.local_name().as_ref() == name => current = Some(String::new()),
            Event::End(tag) if tag.local_name().as_ref() == name => found.extend(current.take()),
            Event::Text(part) => {
                if let Some(current) = &mut current {
                    current.push_str(&part);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(current) = &mut current {
                    current.push_str(&entity(&reference));
                }
            }
            Event::Eof => return Some(found),
            _ => {}
        }
    }
}

/// What `&name;` stands for.
fn entity(name: &str) -> String {
    quick_xml::escape::unescape(&format!("&{name};"))
        .map_or_else(|_| char::REPLACEMENT_CHARACTER.to_string(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn texts_keep_their_entities() {
        let body =
            b"<Delete><Object><Key>a&amp;b</Key></Object><Object><Key>c</Key></Object></Delete>";
        assert_eq!(texts(body, "Key").unwrap(), ["a&b", "c"]);
        assert!(texts(b"<a></b>", "Key").is_none());
    }
}
