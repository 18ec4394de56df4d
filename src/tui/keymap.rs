//! Which key does what: the defaults, and what the learner's own file says instead.

mod file;
mod key;

use std::fmt::Write as _;
use std::sync::LazyLock;

use crossterm::event::KeyEvent;

use crate::i18n::{Lang, Words};

use super::action::{Action, ENTRIES};

pub use file::KeyFile;
pub use key::{Key, KeyError};

/// Actions without which the interface couldn't be used: the help, and what windows are answered by.
const NEEDED: &[Action] = &[Action::Help, Action::Open, Action::Close];

static DEFAULT: LazyLock<KeyMap> = LazyLock::new(|| {
    let keys = |keys: &str| keys.split(' ').filter_map(|key| Key::parse(key).ok()).collect();
    KeyMap::new(ENTRIES.iter().map(|entry| (entry.action, keys(entry.keys))).collect(), true)
});

/// Which key does what, and whether the mouse is used.
#[derive(Debug, Clone)]
pub struct KeyMap {
    /// The keys of each action, in the order of the help.
    bound: Vec<(Action, Vec<Key>)>,
    /// Whether the terminal is asked to tell of the mouse.
    pub mouse: bool,
    /// The interface's words with these keys in them, by language.
    words: [(Lang, &'static Words); 2],
}

impl Default for KeyMap {
    fn default() -> Self {
        DEFAULT.clone()
    }
}

impl KeyMap {
    fn new(bound: Vec<(Action, Vec<Key>)>, mouse: bool) -> Self {
        // Made once a run, and as long-lived as the words in the program.
        let words = [Lang::En, Lang::Ja].map(|lang| {
            let words = lang.words().with_keys(&|name| shown(&bound, action_named(name)?));
            (lang, &*Box::leak(Box::new(words)))
        });
        Self { bound, mouse, words }
    }

    /// The action of a key, if it has one.
    pub fn action_of(&self, event: &KeyEvent) -> Option<Action> {
        let key = Key::of(event);
        self.action(key).or_else(|| self.action(key.without_shift()?))
    }

    fn action(&self, key: Key) -> Option<Action> {
        let bound = self.bound.iter().find(|(_, keys)| keys.contains(&key));
        bound.map(|(action, _)| *action)
    }

    /// Whether a key leaves or suspends also while a text is typed: one that isn't part of a text.
    pub(crate) fn leaves_text(&self, event: &KeyEvent) -> bool {
        let action = self.action_of(event);
        let leaves = matches!(action, Some(Action::Interrupt | Action::Suspend));
        leaves && !Key::of(event).is_text()
    }

    /// The keys of an action.
    pub fn keys(&self, action: Action) -> &[Key] {
        let found = self.bound.iter().find(|(bound, _)| *bound == action);
        found.map_or(&[], |(_, keys)| keys)
    }

    /// An action's first key, as the footer shows it.
    pub fn first(&self, action: Action) -> Option<String> {
        self.keys(action).first().map(Key::to_string)
    }

    /// An action's keys as the help shows them; the way through the palette where it has none.
    pub fn shown(&self, action: Action) -> String {
        let keys: Vec<String> = self.keys(action).iter().map(Key::to_string).collect();
        if keys.is_empty() {
            shown(&self.bound, action).unwrap_or_default()
        } else {
            keys.join(" ")
        }
    }

    /// The interface's words, with these keys where they name some.
    pub fn words(&self, lang: Lang) -> &'static Words {
        let found = self.words.iter().find(|(known, _)| *known == lang);
        found.map_or_else(|| lang.words(), |(_, words)| words)
    }

    /// The map as a file that says the same, with what each action does.
    pub fn to_yaml(&self, lang: Lang) -> String {
        let words = self.words(lang);
        let mut out = String::new();
        let comment = |out: &mut String, text: &str| {
            for line in text.lines() {
                let _ = writeln!(out, "# {line}");
            }
        };
        comment(&mut out, words.keys_intro);
        let _ = writeln!(out);
        comment(&mut out, words.keys_mouse);
        let _ = writeln!(out, "{}: {}", file::MOUSE, self.mouse);
        for entry in ENTRIES {
            let _ = writeln!(out);
            comment(&mut out, (entry.help)(words));
            let keys = self.keys(entry.action).iter();
            let keys: Vec<String> = keys.map(|key| quoted(&key.to_string())).collect();
            let _ = writeln!(out, "{}: [{}]", entry.action.name(), keys.join(", "));
        }
        out
    }
}

/// A key's name as YAML: some are numbers, signs of YAML, or truth values.
fn quoted(key: &str) -> String {
    serde_json::Value::from(key).to_string()
}

/// An action's first key; where it has none, the way through the palette: `:map`.
fn shown(bound: &[(Action, Vec<Key>)], action: Action) -> Option<String> {
    let first = |action| {
        let found = bound.iter().find(|(bound, _)| *bound == action)?;
        found.1.first().map(Key::to_string)
    };
    first(action).or_else(|| {
        let palette = first(Action::Palette)?;
        let space = if palette.len() > 1 { " " } else { "" };
        Some(format!("{palette}{space}{}", action.name()))
    })
}

/// The action with a name.
pub(super) fn action_named(name: &str) -> Option<Action> {
    ENTRIES.iter().map(|entry| entry.action).find(|action| action.name() == name)
}

#[cfg(test)]
mod tests;
