//! A YAML file as a tree in which every key and value knows its place.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::Spanned;

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// The value.
    pub(super) kind: Kind,
    /// Line and column, from 1.
    pub(super) place: (usize, usize),
    /// Byte offset in the file.
    offset: usize,
}

/// What a YAML node holds. Scalars are texts: their types are the typed parser's business.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Null,
    Scalar(String),
    List(Vec<Node>),
    /// Entries with the places of their keys.
    Map(Vec<(String, (usize, usize), Node)>),
}

impl Node {
    /// The tree of a file; none when it is no YAML.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let root: Spanned<Kind> =
            serde_yaml::from_str_with_options(text, crate::course::load::options()).ok()?;
        Some(root.into())
    }

    /// A map's entry.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|e| e.0 == key).map(|e| &e.2),
            Kind::List(items) => items.get(key.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// The place of a value by the keys and indexes that lead to it, or of the last one found.
    pub(super) fn place_of(&self, path: &[&str]) -> (usize, usize) {
        self.nearest(path).place
    }

    /// The place of the key at the end of a path, or of the nearest value.
    pub(super) fn place_of_key(&self, path: &[&str]) -> (usize, usize) {
        let Some((last, parents)) = path.split_last() else { return self.place };
        let parent = self.nearest(parents);
        if let Kind::Map(entries) = &parent.kind
            && let Some(entry) = entries.iter().find(|e| e.0 == *last)
        {
            return entry.1;
        }
        self.place_of(path)
    }

    /// The place of a character inside a text value, however the text is written: plain, quoted
    /// or as a block. Line ends and indentation differ between a text and how it is written, so
    /// the characters that aren't white space are counted.
    pub(super) fn place_inside(&self, file: &str, path: &[&str], offset: usize) -> (usize, usize) {
        let node = self.nearest(path);
        let Kind::Scalar(value) = &node.kind else { return node.place };
        let count = value.chars().take(offset).filter(|c| !c.is_whitespace()).count();
        let raw = &file[node.offset.min(file.len())..];
        let (skip, escapes) = match raw.chars().next() {
            Some('"') => (1, true),
            Some('\'') => (1, false),
            // `|` or `>`, perhaps with `-`, and a comment: the text starts on the next line.
            Some('|' | '>') if value != raw.lines().next().unwrap_or_default() => {
                (raw.find('\n').map_or(raw.len(), |n| n + 1), false)
            }
            _ => (0, false),
        };
        let mut seen = 0;
        let mut chars = raw[skip..].char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c.is_whitespace() {
                continue;
            }
            if seen == count {
                return crate::course::page::place_of(file, node.offset + skip + at);
            }
            seen += 1;
            let doubled = !escapes && skip == 1 && c == '\'';
            if (escapes && c == '\\') || doubled {
                chars.next();
            }
        }
        node.place
    }

    fn nearest(&self, path: &[&str]) -> &Node {
        let mut node = self;
        for key in path {
            match node.get(key) {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }
}

impl From<Spanned<Kind>> for Node {
    fn from(spanned: Spanned<Kind>) -> Self {
        let at = spanned.referenced;
        let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        Self {
            kind: spanned.value,
            place: (number(at.line()), number(at.column())),
            offset: number(at.span().byte_offset().unwrap_or_default()),
        }
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Kind, D::Error> {
        Kind::deserialize(from)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Kind, E> {
        Ok(Kind::Scalar(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Scalar(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Kind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element::<Spanned<Kind>>()? {
            items.push(item.into());
        }
        Ok(Kind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let at = key.referenced;
            let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
            let place = (number(at.line()), number(at.column()));
            entries.push((key.value, place, map.next_value::<Spanned<Kind>>()?.into()));
        }
        Ok(Kind::Map(entries))
    }
}
