//! The learner's own keys, in a file.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value, json};
use serde_yaml::Spanned;

use crate::course::{CourseError, Diagnostic, nearest, parse_yaml};
use crate::i18n::Lang;

use super::{Action, DEFAULT, ENTRIES, Key, KeyMap, NEEDED, action_named};

/// The entry that isn't an action.
pub(super) const MOUSE: &str = "mouse";

/// A file of keys: `verify-step: [v, Ctrl-S]`. It says what is different from the defaults.
#[derive(Debug, Default)]
pub struct KeyFile {
    mouse: Option<bool>,
    entries: Vec<Entry>,
}

/// A line of the file: an action's name and its keys, each with its place.
#[derive(Debug)]
struct Entry {
    name: String,
    place: (usize, usize),
    keys: Vec<(String, (usize, usize))>,
}

impl KeyMap {
    /// The defaults, with what a file's text says instead.
    ///
    /// # Errors
    /// Everything that is wrong with the file, with path, line, column and excerpt.
    pub fn read(path: &str, text: &str) -> Result<Self, CourseError> {
        let file: KeyFile = parse_yaml(path, text)?;
        let mut reading = Reading { path, text, wrong: Vec::new() };
        let mut bound = DEFAULT.bound.clone();
        let mut named = Vec::new();
        for entry in &file.entries {
            let Some(action) = reading.action(entry) else { continue };
            let keys: Vec<Placed> = entry.keys.iter().filter_map(|key| reading.key(key)).collect();
            reading.needed(action, entry);
            named.push((action, keys));
        }
        for (action, keys) in &named {
            if let Some((_, bound)) = bound.iter_mut().find(|(other, _)| other == action) {
                *bound = keys.iter().map(|(key, _)| *key).collect();
            }
        }
        keep_ctrl_c(&mut bound);
        for (action, keys) in &named {
            reading.clashes(*action, keys, &bound, &named);
        }
        CourseError::from_list(reading.wrong)?;
        Ok(Self::new(bound, file.mouse.unwrap_or(DEFAULT.mouse)))
    }
}

type Placed = (Key, (usize, usize));

/// Whatever a file says, Ctrl-C stops what runs, or leaves.
fn keep_ctrl_c(bound: &mut [(Action, Vec<Key>)]) {
    let interrupt = bound.iter_mut().find(|(action, _)| *action == Action::Interrupt);
    if let Some((_, keys)) = interrupt.filter(|(_, keys)| !keys.contains(&Key::CTRL_C)) {
        keys.push(Key::CTRL_C);
    }
}

/// A file being read, and what is wrong with it.
struct Reading<'a> {
    path: &'a str,
    text: &'a str,
    wrong: Vec<Diagnostic>,
}

impl Reading<'_> {
    fn complain(
        &mut self,
        place: (usize, usize),
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.wrong.push(Diagnostic::at(self.path, self.text, place, message, remedy));
    }

    fn action(&mut self, entry: &Entry) -> Option<Action> {
        let action = action_named(&entry.name);
        if action.is_none() {
            let names = ENTRIES.iter().map(|entry| entry.action.name()).chain([MOUSE]);
            let remedy = match nearest(&entry.name, names) {
                Some(near) => format!("did you mean `{near}`? `stepproof keys` lists all of them"),
                None => "`stepproof keys` lists all of them".to_owned(),
            };
            self.complain(entry.place, format!("there is no action `{}`", entry.name), remedy);
        }
        action
    }

    fn key(&mut self, (name, place): &(String, (usize, usize))) -> Option<Placed> {
        match Key::parse(name) {
            Ok(key) => Some((key, *place)),
            Err(why) => {
                let remedy = "write keys like v, V, Ctrl-S, Alt-x, Shift-Tab, Space, PgDn or F5";
                self.complain(*place, why.to_string(), remedy);
                None
            }
        }
    }

    fn needed(&mut self, action: Action, entry: &Entry) {
        if entry.keys.is_empty() && NEEDED.contains(&action) {
            let remedy = "without one there is no way on: give it a key, or take this line out";
            self.complain(entry.place, format!("`{}` needs a key", entry.name), remedy);
        }
    }

    /// The same key for two actions: it is said where the file says it last.
    fn clashes(
        &mut self,
        action: Action,
        keys: &[Placed],
        bound: &[(Action, Vec<Key>)],
        named: &[(Action, Vec<Placed>)],
    ) {
        let at = named.iter().position(|(other, _)| *other == action);
        for (index, (key, place)) in keys.iter().enumerate() {
            if keys[..index].iter().any(|(other, _)| other == key) {
                self.complain(*place, format!("`{key}` stands here twice"), "take one out");
                continue;
            }
            if *key == Key::CTRL_C && action != Action::Interrupt {
                let message = "Ctrl-C always stops what runs, or leaves";
                self.complain(*place, message, "choose another key");
                continue;
            }
            let other = bound.iter().find(|(other, keys)| *other != action && keys.contains(key));
            let Some((other, _)) = other else { continue };
            // Of two in the file, the later one is in the way of the earlier.
            if named
                .iter()
                .position(|(name, _)| name == other)
                .is_some_and(|other| Some(other) > at)
            {
                continue;
            }
            let other = other.name();
            let message = format!("`{key}` is the key of `{other}` already");
            let remedy = format!("choose another key, or give `{other}` others: `{other}: []`");
            self.complain(*place, message, remedy);
        }
    }
}

impl<'de> Deserialize<'de> for KeyFile {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(FileVisitor)
    }
}

struct FileVisitor;

impl<'de> Visitor<'de> for FileVisitor {
    type Value = KeyFile;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("actions with their keys, such as `verify-step: [v, Ctrl-S]`")
    }

    /// A file of comments alone.
    fn visit_unit<E>(self) -> Result<KeyFile, E> {
        Ok(KeyFile::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<KeyFile, A::Error> {
        let mut file = KeyFile::default();
        while let Some(name) = map.next_key::<Spanned<String>>()? {
            if name.value == MOUSE {
                file.mouse = Some(map.next_value()?);
                continue;
            }
            let keys: Vec<Spanned<String>> = map.next_value()?;
            let keys = keys.into_iter().map(|key| {
                let place = place(&key);
                (key.value, place)
            });
            let place = place(&name);
            file.entries.push(Entry { name: name.value, place, keys: keys.collect() });
        }
        Ok(file)
    }
}

/// Line and column, from 1.
fn place<T>(spanned: &Spanned<T>) -> (usize, usize) {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    (number(spanned.referenced.line()), number(spanned.referenced.column()))
}

impl JsonSchema for KeyFile {
    fn schema_name() -> Cow<'static, str> {
        "Keys".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words = DEFAULT.words(Lang::En);
        let mut properties = Map::new();
        let mouse = json!({
            "description": "Whether the mouse scrolls and chooses.",
            "type": "boolean",
            "default": DEFAULT.mouse,
        });
        properties.insert(MOUSE.to_owned(), mouse);
        for entry in ENTRIES {
            let keys: Vec<String> = DEFAULT.keys(entry.action).iter().map(Key::to_string).collect();
            let mut keys = json!({
                "description": (entry.help)(words),
                "type": "array",
                "items": { "$ref": "#/$defs/Key" },
                "uniqueItems": true,
                "default": keys,
            });
            if NEEDED.contains(&entry.action) {
                keys["minItems"] = 1.into();
            }
            properties.insert(entry.action.name().to_owned(), keys);
        }
        let mut schema = json_schema!({
            "description": "Keys of the terminal interface: what is different from the defaults. \
                            An action that isn't named keeps its keys; an empty list takes them off.",
            "type": ["object", "null"],
            "additionalProperties": false,
        });
        schema.insert("properties".to_owned(), Value::Object(properties));
        let key = json!({
            "description": "A letter or sign (v, V, /), or a key's name (Enter, Esc, Tab, Space, Up, \
                            Down, Left, Right, Home, End, PgUp, PgDn, Backspace, Delete, Insert, F1 \
                            to F12), behind Ctrl-, Alt- or Shift- where those are held.",
            "type": "string",
            "pattern": r"^\S+$",
        });
        schema.insert("$defs".to_owned(), json!({ "Key": key }));
        schema
    }
}
