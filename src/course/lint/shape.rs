//! Unknown fields, missing fields, lists where an object belongs: all of them, with their places.

use super::schema::{Schema, Shape, nearest};
use super::tree::{Kind, Node};
use crate::course::diagnostic::Diagnostic;

/// Compares a file's tree with its schema.
pub(super) fn check(
    path: &str,
    text: &str,
    tree: &Node,
    schema: Schema<'_>,
    out: &mut Vec<Diagnostic>,
) {
    Walk { path, text, out }.node(tree, schema);
}

struct Walk<'a> {
    path: &'a str,
    text: &'a str,
    out: &'a mut Vec<Diagnostic>,
}

impl Walk<'_> {
    fn node(&mut self, node: &Node, schema: Schema<'_>) {
        match (schema.shape(), &node.kind) {
            // Whether null may stand here, the typed parser knows.
            (Shape::Scalar(_), Kind::Scalar(_)) | (Shape::Any, _) | (_, Kind::Null) => {}
            (Shape::List(items), Kind::List(list)) => {
                for item in list {
                    if let Some(schema) = items {
                        self.node(item, schema);
                    }
                }
            }
            (Shape::Object { .. }, Kind::Map(entries)) => self.object(node, entries, schema),
            (Shape::OneOf(options), Kind::Map(entries)) => self.one_of(node, entries, &options),
            (shape, _) => {
                let expected = match shape {
                    Shape::Object { .. } | Shape::OneOf(_) => "fields (`name: value`)",
                    Shape::List(_) => "a list (`- …`)",
                    _ => "a single value",
                };
                self.say(node.place, format!("{expected} belong here"), "write it that way");
            }
        }
    }

    fn object(
        &mut self,
        node: &Node,
        entries: &[(String, (usize, usize), Node)],
        schema: Schema<'_>,
    ) {
        let Shape::Object { fields, .. } = schema.shape() else { return };
        let names = || fields.into_iter().flat_map(|f| f.keys().map(String::as_str));
        for (key, place, value) in entries {
            match schema.field(key) {
                Some(schema) => self.node(value, schema),
                None => self.unknown(*place, key, &names().collect::<Vec<_>>()),
            }
        }
        for name in schema.required() {
            if !entries.iter().any(|e| e.0 == name) {
                self.say(node.place, format!("`{name}` is missing"), format!("add `{name}:` here"));
            }
        }
    }

    /// Externally tagged: one key says which it is.
    fn one_of(
        &mut self,
        node: &Node,
        entries: &[(String, (usize, usize), Node)],
        options: &[Schema<'_>],
    ) {
        let names: Vec<&str> = options.iter().flat_map(|o| o.required()).collect();
        let [(key, place, value)] = entries else {
            let one = format!("exactly one of {} belongs here", names.join(", "));
            return self.say(node.place, one, "split it into several items");
        };
        match options.iter().find_map(|o| o.field(key)) {
            Some(schema) => self.node(value, schema),
            None => self.unknown(*place, key, &names),
        }
    }

    fn unknown(&mut self, place: (usize, usize), key: &str, known: &[&str]) {
        let remedy = match nearest(key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here: {}", known.join(", ")),
        };
        self.say(place, format!("unknown field `{key}`"), remedy);
    }

    fn say(&mut self, place: (usize, usize), message: String, remedy: impl Into<String>) {
        self.out.push(Diagnostic::at(self.path, self.text, place, message, remedy));
    }
}
