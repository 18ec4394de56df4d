use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyModifiers};
use schemars::schema_for;

use super::*;

fn press(keys: &KeyMap, name: &str) -> Option<Action> {
    keys.action(Key::parse(name).unwrap())
}

/// What is wrong with a file's text.
#[track_caller]
fn wrong(text: &str) -> String {
    KeyMap::read("keys.yaml", text).expect_err("wrong").to_string()
}

#[test]
fn every_default_key_is_a_key_and_has_one_action() {
    let keys = KeyMap::default();
    let mut seen = BTreeMap::new();
    for entry in ENTRIES {
        assert_eq!(keys.shown(entry.action), entry.keys, "{:?}", entry.action);
        for key in entry.keys.split(' ') {
            assert_eq!(seen.insert(key, entry.action), None, "{key}");
            assert_eq!(press(&keys, key), Some(entry.action), "{key}");
        }
    }
    assert_eq!(press(&keys, "Ctrl-C"), Some(Action::Interrupt));
}

#[test]
fn a_file_replaces_the_keys_of_the_actions_that_it_names() {
    let keys =
        KeyMap::read("keys.yaml", "verify-step: [V, ctrl-s]\nverify-module: [v]\nhint: []\n");
    let keys = keys.unwrap();
    assert_eq!(press(&keys, "V"), Some(Action::VerifyStep));
    assert_eq!(press(&keys, "Ctrl-S"), Some(Action::VerifyStep));
    assert_eq!(press(&keys, "v"), Some(Action::VerifyModule));
    assert_eq!(press(&keys, "h"), None);
    assert_eq!(press(&keys, "n"), Some(Action::NextStep), "not named");
    assert!(keys.mouse);
    assert!(!KeyMap::read("keys.yaml", "mouse: false").unwrap().mouse);
}

#[test]
fn a_file_that_says_nothing_changes_nothing() {
    for text in ["", "\n", "# only a comment\n", "{}\n"] {
        let keys =
            KeyMap::read("keys.yaml", text).unwrap_or_else(|wrong| panic!("{text:?} {wrong}"));
        assert_eq!(keys.bound, DEFAULT.bound, "{text:?}");
    }
}

#[test]
fn shift_that_means_nothing_more_is_let_through() {
    let keys = KeyMap::default();
    let event = |code| KeyEvent::new(code, KeyModifiers::SHIFT);
    assert_eq!(keys.action_of(&event(KeyCode::Down)), Some(Action::Down));
    assert_eq!(keys.action_of(&event(KeyCode::Char(' '))), Some(Action::PageDown));
    assert_eq!(keys.action_of(&event(KeyCode::BackTab)), Some(Action::PreviousPane));
    let control = KeyEvent::new(KeyCode::Down, KeyModifiers::CONTROL);
    assert_eq!(keys.action_of(&control), None);
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_to_do() {
    assert_eq!(
        wrong("next-step: [n]\nverfy-step: [v]\n"),
        "keys.yaml:2:1: there is no action `verfy-step`\n  2 | verfy-step: [v]\n    | ^\n  \
         → did you mean `verify-step`? `stepproof keys` lists all of them"
    );
    assert_eq!(
        wrong("verify-step: [v, hyper-v]\n"),
        "keys.yaml:1:18: there is no key `hyper-v`\n  1 | verify-step: [v, hyper-v]\n    \
         |                  ^\n  → write keys like v, V, Ctrl-S, Alt-x, Shift-Tab, Space, PgDn or F5"
    );
    assert_eq!(
        wrong("verify-step:\n  - t\n"),
        "keys.yaml:2:5: `t` is the key of `domain` already\n  2 |   - t\n    |     ^\n  \
         → choose another key, or give `domain` others: `domain: []`"
    );
    for (text, place, what) in [
        ("map: [z]\nhint: [z]\n", "2:8", "`z` is the key of `map` already"),
        ("map: [z, z]\n", "1:10", "`z` stands here twice"),
        ("map: [ctrl-c]\n", "1:7", "Ctrl-C always stops what runs, or leaves"),
        ("help: []\n", "1:1", "`help` needs a key"),
        ("open: []\n", "1:1", "`open` needs a key"),
        ("map: [ctrl-m]\n", "1:7", "a terminal sends Enter for `ctrl-m`"),
        ("map: m\n", "1:6", "sequence"),
        ("map: [m]\nmap: [z]\n", "2:1", "map"),
        ("mouse: sometimes\n", "1:8", "bool"),
        ("- map\n", "1:1", "actions with their keys"),
        ("map: [\n", "", ""),
    ] {
        let said = wrong(text);
        assert!(said.starts_with(&format!("keys.yaml:{place}")) && said.contains(what), "{said}");
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let said = wrong("no-such: [a]\nmap: [f99]\nclose: []\n");
    assert_eq!(said.matches("keys.yaml:").count(), 3, "{said}");
}

#[test]
fn ctrl_c_always_leaves_and_keys_of_signs_are_keys() {
    let keys = KeyMap::read(
        "keys.yaml",
        "interrupt: [F10]\nquit: []\nmap: [1, '#', \"{\"]\nprevious-value: []\n",
    );
    let keys = keys.unwrap();
    assert_eq!(press(&keys, "Ctrl-C"), Some(Action::Interrupt));
    assert_eq!(press(&keys, "F10"), Some(Action::Interrupt));
    assert_eq!(press(&keys, "q"), None);
    for key in ["1", "#", "{"] {
        assert_eq!(press(&keys, key), Some(Action::Map), "{key}");
    }
}

#[test]
fn the_printed_map_says_the_same_in_both_languages_and_fits_its_schema() {
    let file = "verify-step: [v, Ctrl-S]\nhint: []\nmap: ['~', '-']\nmouse: false\n";
    let schema = schema_for!(KeyFile).to_value();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let json = |text: &str| serde_yaml::from_str::<serde_json::Value>(text).unwrap();
    for keys in [KeyMap::default(), KeyMap::read("keys.yaml", file).unwrap()] {
        for lang in [Lang::En, Lang::Ja] {
            let text = keys.to_yaml(lang);
            let again = KeyMap::read("keys.yaml", &text).unwrap_or_else(|wrong| panic!("{wrong}"));
            assert_eq!((again.bound, again.mouse), (keys.bound.clone(), keys.mouse), "{text}");
            assert!(text.contains((ENTRIES[0].help)(lang.words())), "{text}");
            assert!(schema.is_valid(&json(&text)), "{text}");
        }
    }
    for text in ["verfy-step: [v]", "verify-step: v", "help: []", "mouse: 1", "map: ['a b']"] {
        assert!(!schema.is_valid(&json(text)), "{text}");
    }
}

#[test]
fn words_name_the_keys_that_do_it() {
    let keys = KeyMap::read("keys.yaml", "verify-step: [F5]\nhint: []\nclose: [Ctrl-G]\n").unwrap();
    let words = keys.words(Lang::En);
    assert_eq!(words.not_checked, "Not checked yet. Press F5.");
    assert_eq!(words.cancel_key, "Ctrl-G cancels");
    assert_eq!(words.hint_more, "hint {} of {}: press :hint");
    assert_eq!(keys.shown(Action::Hint), ":hint");
    assert!(keys.words(Lang::Ja).not_checked.contains("F5 を"));
    let keys = KeyMap::read("keys.yaml", "palette: [Ctrl-P]\nhint: []\n").unwrap();
    assert_eq!(keys.shown(Action::Hint), "Ctrl-P hint");
    let keys = KeyMap::read("keys.yaml", "palette: []\nhint: []\n").unwrap();
    assert_eq!(keys.words(Lang::En).hint_more, "hint {} of {}: press hint");
}

/// Keys of a text field, which no file changes, and units.
const FIXED: &[&str] = &["search_keys", "palette_keys", "join_keys", "seconds", "p_hours"];

/// A text's words outside of braces, without what is no key, or always the same one.
fn bare_words(text: &str) -> Vec<String> {
    let text = text.replace("Ctrl-C", "").replace("C.UTF-8", "");
    let outside = text.split(['{', '}']).step_by(2);
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '\'' | '’');
    let words = outside.flat_map(|part| part.split(move |c| !part_of_word(c)));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[test]
fn no_word_names_a_key_that_a_file_could_change() {
    let names: Vec<&str> = ENTRIES.iter().map(|entry| entry.action.name()).collect();
    for lang in [Lang::En, Lang::Ja] {
        for (name, text) in lang.words().all() {
            for (action, _) in text.split('{').skip(1).filter_map(|part| part.split_once('}')) {
                let known = action.is_empty() || names.contains(&action);
                assert!(known, "{name} names no action: {action}");
            }
            if FIXED.contains(&name) {
                continue;
            }
            for word in bare_words(text) {
                // A letter alone is a key, but for the article.
                let letter = word.len() == 1 && word.chars().all(|c| c.is_ascii_alphabetic());
                let key = ["Esc", "Enter", "Tab"].contains(&word.as_str());
                assert!(
                    !key && (!letter || matches!(word.as_str(), "a" | "A")),
                    "{name} names the key {word}: write its action's name in braces: {text}"
                );
            }
        }
    }
}
