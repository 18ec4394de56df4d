//! What the learner can do: one closed list that feeds keys, help and footer.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde::{Deserialize, Serialize};

use crate::i18n::Words;

/// Everything that a key can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the help text beside each one says what it does")]
pub enum Action {
    VerifyStep,
    VerifyModule,
    VerifyAll,
    NextStep,
    PreviousStep,
    Map,
    Search,
    PreviousHit,
    NextValue,
    PreviousValue,
    Back,
    Filter,
    Domain,
    Hint,
    Evidence,
    Reveal,
    Solve,
    Perform,
    Copy,
    Undo,
    NextCode,
    PreviousCode,
    Down,
    Up,
    HalfDown,
    HalfUp,
    PageDown,
    PageUp,
    Top,
    Bottom,
    Left,
    Right,
    NextPane,
    PreviousPane,
    Open,
    Close,
    Language,
    Account,
    Output,
    Help,
    Suspend,
    Interrupt,
    Quit,
}

/// An action's line in the help: keys as shown, what it does, and its name in the footer.
pub struct Entry {
    /// The action.
    pub action: Action,
    /// Its keys as the help shows them.
    pub keys: &'static str,
    /// What it does.
    pub help: fn(&Words) -> &'static str,
    /// Its short name; none where it stands in the help only.
    pub footer: Option<fn(&Words) -> &'static str>,
}

macro_rules! entries {
    ($($action:ident $keys:literal $help:ident $($footer:ident)?;)*) => {
        /// All actions in the order of the help.
        pub const ENTRIES: &[Entry] = &[$(Entry {
            action: Action::$action,
            keys: $keys,
            help: |words| words.$help,
            footer: entries!(@footer $($footer)?),
        },)*];
    };
    (@footer) => { None };
    (@footer $footer:ident) => { Some(|words| words.$footer) };
}

entries! {
    VerifyStep "v" a_verify_step f_verify_step;
    VerifyModule "V" a_verify_module f_verify_module;
    VerifyAll "A" a_verify_all;
    NextStep "n" a_next_step f_next_step;
    PreviousStep "p" a_previous_step;
    Map "m" a_map f_map;
    Hint "h" a_hint f_hint;
    Perform "x" a_perform f_run;
    Reveal "r" a_reveal f_reveal;
    Copy "c y" a_copy f_copy;
    Search "/" a_search f_search;
    PreviousHit "N" a_previous_hit f_previous_hit;
    NextValue "}" a_next_value f_next_value;
    PreviousValue "{" a_previous_value;
    Back "b" a_back f_back;
    Evidence "e" a_evidence f_evidence;
    Solve "s" a_solve f_solve;
    NextCode "]" a_next_code;
    PreviousCode "[" a_previous_code;
    Undo "U" a_undo;
    Output "o" a_output;
    Down "j Down" a_down;
    Up "k Up" a_up;
    HalfDown "d" a_half_down;
    HalfUp "u" a_half_up;
    PageDown "PgDn Space" a_page_down;
    PageUp "PgUp" a_page_up;
    Top "g Home" a_top;
    Bottom "G End" a_bottom;
    Right "Right >" a_right;
    Left "Left <" a_left;
    NextPane "Tab" a_next_pane f_next_pane;
    PreviousPane "Shift-Tab" a_previous_pane;
    Open "Enter" a_open f_open;
    Filter "f" a_filter f_filter;
    Domain "t" a_domain f_domain;
    Close "Esc" a_close;
    Language "l" a_language f_language;
    Account "a" a_account;
    Help "?" a_help f_help;
    Suspend "Ctrl-Z" a_suspend;
    Interrupt "Ctrl-C" a_interrupt;
    Quit "q" a_quit f_quit;
}

/// The action of a key, if it has one.
pub fn action_of(key: &KeyEvent) -> Option<Action> {
    if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) {
        return match (key.code, key.modifiers.contains(KeyModifiers::CONTROL)) {
            (KeyCode::Char('c'), true) => Some(Action::Interrupt),
            (KeyCode::Char('z'), true) => Some(Action::Suspend),
            (KeyCode::Char('d'), true) => Some(Action::HalfDown),
            (KeyCode::Char('u'), true) => Some(Action::HalfUp),
            _ => None,
        };
    }
    let action = match key.code {
        KeyCode::Char('v') => Action::VerifyStep,
        KeyCode::Char('V') => Action::VerifyModule,
        KeyCode::Char('A') => Action::VerifyAll,
        KeyCode::Char('n') => Action::NextStep,
        KeyCode::Char('p') => Action::PreviousStep,
        KeyCode::Char('m') => Action::Map,
        KeyCode::Char('/') => Action::Search,
        KeyCode::Char('N') => Action::PreviousHit,
        KeyCode::Char('}') => Action::NextValue,
        KeyCode::Char('{') => Action::PreviousValue,
        KeyCode::Char('b') => Action::Back,
        KeyCode::Char('f') => Action::Filter,
        KeyCode::Char('t') => Action::Domain,
        KeyCode::Char('h') => Action::Hint,
        KeyCode::Char('e') => Action::Evidence,
        KeyCode::Char('r') => Action::Reveal,
        KeyCode::Char('s') => Action::Solve,
        KeyCode::Char('x') => Action::Perform,
        KeyCode::Char('U') => Action::Undo,
        KeyCode::Char('o') => Action::Output,
        KeyCode::Char('c' | 'y') => Action::Copy,
        KeyCode::Char(']') => Action::NextCode,
        KeyCode::Char('[') => Action::PreviousCode,
        KeyCode::Char('j') | KeyCode::Down => Action::Down,
        KeyCode::Char('k') | KeyCode::Up => Action::Up,
        KeyCode::Char('d') => Action::HalfDown,
        KeyCode::Char('u') => Action::HalfUp,
        KeyCode::PageDown | KeyCode::Char(' ') => Action::PageDown,
        KeyCode::PageUp => Action::PageUp,
        KeyCode::Char('g') | KeyCode::Home => Action::Top,
        KeyCode::Char('G') | KeyCode::End => Action::Bottom,
        KeyCode::Right | KeyCode::Char('>') => Action::Right,
        KeyCode::Left | KeyCode::Char('<') => Action::Left,
        KeyCode::Tab => Action::NextPane,
        KeyCode::BackTab => Action::PreviousPane,
        KeyCode::Enter => Action::Open,
        KeyCode::Esc => Action::Close,
        KeyCode::Char('l') => Action::Language,
        KeyCode::Char('a') => Action::Account,
        KeyCode::Char('?') => Action::Help,
        KeyCode::Char('q') => Action::Quit,
        _ => return None,
    };
    Some(action)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The key events of a help entry, so that help and keys can't drift apart.
    fn events(keys: &str) -> Vec<KeyEvent> {
        let event = |key: &str| {
            let (code, modifiers) = match key {
                "Down" => (KeyCode::Down, KeyModifiers::NONE),
                "Up" => (KeyCode::Up, KeyModifiers::NONE),
                "Right" => (KeyCode::Right, KeyModifiers::NONE),
                "Left" => (KeyCode::Left, KeyModifiers::NONE),
                "PgDn" => (KeyCode::PageDown, KeyModifiers::NONE),
                "PgUp" => (KeyCode::PageUp, KeyModifiers::NONE),
                "Space" => (KeyCode::Char(' '), KeyModifiers::NONE),
                "Home" => (KeyCode::Home, KeyModifiers::NONE),
                "End" => (KeyCode::End, KeyModifiers::NONE),
                "Tab" => (KeyCode::Tab, KeyModifiers::NONE),
                "Shift-Tab" => (KeyCode::BackTab, KeyModifiers::SHIFT),
                "Enter" => (KeyCode::Enter, KeyModifiers::NONE),
                "Esc" => (KeyCode::Esc, KeyModifiers::NONE),
                "Ctrl-Z" => (KeyCode::Char('z'), KeyModifiers::CONTROL),
                "Ctrl-C" => (KeyCode::Char('c'), KeyModifiers::CONTROL),
                one => (KeyCode::Char(one.chars().next().unwrap()), KeyModifiers::NONE),
            };
            KeyEvent::new(code, modifiers)
        };
        keys.split(' ').map(event).collect()
    }

    #[test]
    fn every_key_in_the_help_does_what_the_help_says() {
        let mut seen = HashSet::new();
        for entry in ENTRIES {
            assert!(seen.insert(entry.action), "{:?} twice", entry.action);
            for event in events(entry.keys) {
                assert_eq!(action_of(&event), Some(entry.action), "{}", entry.keys);
            }
        }
        for letter in ('!'..='~').map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)) {
            if let Some(action) = action_of(&letter) {
                assert!(seen.contains(&action), "{action:?} is not in the help");
            }
        }
    }
}
