//! What the learner can do: one closed list that feeds keys, help, footer and palette.

use std::sync::LazyLock;

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
    AskHelp,
    Room,
    LeaveRoom,
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
    Palette,
}

/// An action's line in the help: its default keys, what it does, and its name in the footer.
pub struct Entry {
    /// The action.
    pub action: Action,
    /// Its default keys, as [`Key::parse`](super::Key::parse) reads them.
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
    AskHelp "H" a_ask_help f_ask_help;
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
    Room "R" a_room;
    LeaveRoom "L" a_leave_room;
    Down "j Down" a_down;
    Up "k Up" a_up;
    HalfDown "d Ctrl-D" a_half_down;
    HalfUp "u Ctrl-U" a_half_up;
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
    Palette ":" a_palette f_palette;
    Suspend "Ctrl-Z" a_suspend;
    Interrupt "Ctrl-C" a_interrupt;
    Quit "q" a_quit f_quit;
}

impl Action {
    /// Its name in files: `verify-step`.
    pub fn name(self) -> &'static str {
        static NAMES: LazyLock<Vec<(Action, String)>> = LazyLock::new(|| {
            let name =
                |action: Action| serde_json::to_value(action).ok()?.as_str().map(str::to_owned);
            let actions = ENTRIES.iter().map(|entry| entry.action);
            actions.filter_map(|action| Some((action, name(action)?))).collect()
        });
        let found = NAMES.iter().find(|(action, _)| *action == self);
        found.map_or("", |(_, name)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_action_stands_once_in_the_help_with_a_name() {
        let mut seen = HashSet::new();
        for entry in ENTRIES {
            assert!(seen.insert(entry.action), "{:?} twice", entry.action);
            assert!(!entry.action.name().is_empty(), "{:?}", entry.action);
        }
        // The last one of the list: an action that isn't in the help has no number.
        assert_eq!(seen.len(), Action::Palette as usize + 1, "an action is not in the help");
        assert_eq!(Action::VerifyStep.name(), "verify-step");
    }
}
