//! What the instructor can do: one closed list that feeds keys, help, footer and palette.

use crossterm::event::KeyEvent;

use crate::i18n::{DashboardWords, Lang, Words};
use crate::tui::{self, Key, KeyMap};

/// Everything that a key can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the help text beside each one says what it does")]
pub enum Action {
    Map,
    Room,
    Queue,
    Claims,
    NextScreen,
    PreviousScreen,
    Open,
    Close,
    Down,
    Up,
    HalfDown,
    HalfUp,
    PageDown,
    PageUp,
    Top,
    Bottom,
    Sort,
    SortBack,
    Filter,
    NextModule,
    PreviousModule,
    Narrow,
    Search,
    NextHit,
    PreviousHit,
    MessageAll,
    MessageOne,
    Attend,
    ProveOne,
    ProveAll,
    Export,
    Language,
    Help,
    Palette,
    Suspend,
    Interrupt,
    Quit,
}

/// Where an action has its keys.
#[derive(Debug, Clone, Copy)]
pub enum Keys {
    /// It is the dashboard's own.
    Own(&'static str),
    /// The attendee's interface has it too: the same keys, also where a file says others.
    As(tui::Action),
}

/// An action's line in the help: its keys, its name, what it does, and its name in the footer.
pub struct Entry {
    /// The action.
    pub action: Action,
    /// Its keys.
    pub keys: Keys,
    /// Its name in the palette: `message-all`.
    pub name: &'static str,
    /// What it does.
    pub help: fn(&DashboardWords) -> &'static str,
    /// Its short name; none where it stands in the help only.
    pub footer: Option<fn(&DashboardWords) -> &'static str>,
}

macro_rules! entries {
    ($($action:ident $name:literal ($($keys:tt)+) $help:ident $($footer:ident)?;)*) => {
        /// All actions in the order of the help.
        pub const ENTRIES: &[Entry] = &[$(Entry {
            action: Action::$action,
            keys: entries!(@keys $($keys)+),
            name: $name,
            help: |words| words.$help,
            footer: entries!(@footer $($footer)?),
        },)*];
    };
    (@keys as $shared:ident) => { Keys::As(tui::Action::$shared) };
    (@keys $own:literal) => { Keys::Own($own) };
    (@footer) => { None };
    (@footer $footer:ident) => { Some(|words| words.$footer) };
}

entries! {
    Open "open" (as Open) a_open f_open;
    Filter "filter" (as Filter) a_filter f_filter;
    Sort "sort" ("s") a_sort f_sort;
    Search "search" (as Search) a_search f_search;
    MessageAll "message-all" ("M") a_message_all f_message_all;
    MessageOne "message-one" ("t") a_message_one f_message_one;
    Attend "on-my-way" ("o") a_attend f_attend;
    Map "map" (as Map) a_map f_map;
    Room "room" ("r") a_room f_room;
    Queue "help-queue" ("h") a_queue f_queue;
    Claims "claims" ("c") a_claims f_claims;
    ProveOne "prove-one" ("p") a_prove_one f_prove_one;
    ProveAll "prove-all" ("P") a_prove_all f_prove_all;
    Export "export" ("x") a_export f_export;
    NextHit "next-hit" (as NextStep) a_next_hit;
    PreviousHit "previous-hit" (as PreviousHit) a_previous_hit;
    Narrow "narrow" ("F") a_narrow;
    NextModule "next-module" ("]") a_next_module;
    PreviousModule "previous-module" ("[") a_previous_module;
    SortBack "sort-back" ("S") a_sort_back;
    NextScreen "next-screen" (as NextPane) a_next_screen;
    PreviousScreen "previous-screen" (as PreviousPane) a_previous_screen;
    Down "down" (as Down) a_down;
    Up "up" (as Up) a_up;
    HalfDown "half-down" (as HalfDown) a_half_down;
    HalfUp "half-up" (as HalfUp) a_half_up;
    PageDown "page-down" (as PageDown) a_page_down;
    PageUp "page-up" (as PageUp) a_page_up;
    Top "top" (as Top) a_top;
    Bottom "bottom" (as Bottom) a_bottom;
    Close "close" (as Close) a_close f_close;
    Language "language" (as Language) a_language f_language;
    Help "help" (as Help) a_help f_help;
    Palette "palette" (as Palette) a_palette;
    Suspend "suspend" (as Suspend) a_suspend;
    Interrupt "interrupt" (as Interrupt) a_interrupt;
    Quit "quit" (as Quit) a_quit f_quit;
}

/// Which key does what.
#[derive(Debug, Clone)]
pub struct Bindings {
    common: KeyMap,
    /// The words of both interfaces with these keys in them, by language.
    words: [(Lang, &'static DashboardWords); 2],
}

impl Bindings {
    /// The dashboard's own keys beside the attendee's.
    pub fn new(common: KeyMap) -> Self {
        let key = |name: &str| {
            let entry = ENTRIES.iter().find(|entry| entry.name == name)?;
            keys_of(&common, entry).first().map(Key::to_string)
        };
        // Made once a run, and as long-lived as the words in the program.
        let words = [Lang::En, Lang::Ja].map(|lang| {
            let words = lang.dashboard().with_keys(&key);
            (lang, &*Box::leak(Box::new(words)))
        });
        Self { common, words }
    }

    /// Whether the terminal is asked to tell of the mouse.
    pub fn mouse(&self) -> bool {
        self.common.mouse
    }

    /// The action of a key, if it has one. A key that both interfaces know means the same in both.
    pub fn action_of(&self, event: &KeyEvent) -> Option<Action> {
        let common = self.common.action_of(event);
        let shared =
            |entry: &&Entry| matches!(entry.keys, Keys::As(action) if Some(action) == common);
        let key = Key::of(event);
        let own = |entry: &&Entry| keys_of(&self.common, entry).contains(&key);
        let found = ENTRIES.iter().find(shared).or_else(|| ENTRIES.iter().find(own));
        found.map(|entry| entry.action)
    }

    /// Whether a key leaves or suspends also while a text is typed.
    pub(super) fn leaves_text(&self, event: &KeyEvent) -> bool {
        self.common.leaves_text(event)
    }

    /// An action's first key, as the footer shows it.
    pub fn first(&self, action: Action) -> Option<String> {
        self.keys(action).first().map(Key::to_string)
    }

    /// An action's keys as the help shows them.
    pub fn shown(&self, action: Action) -> String {
        self.keys(action).iter().map(Key::to_string).collect::<Vec<_>>().join(" ")
    }

    fn keys(&self, action: Action) -> Vec<Key> {
        let entry = ENTRIES.iter().find(|entry| entry.action == action);
        entry.map(|entry| keys_of(&self.common, entry)).unwrap_or_default()
    }

    /// The words that the attendee's interface has too.
    pub fn common_words(&self, lang: Lang) -> &'static Words {
        self.common.words(lang)
    }

    /// The dashboard's words.
    pub fn words(&self, lang: Lang) -> &'static DashboardWords {
        let found = self.words.iter().find(|(known, _)| *known == lang);
        found.map_or_else(|| lang.dashboard(), |(_, words)| words)
    }
}

fn keys_of(common: &KeyMap, entry: &Entry) -> Vec<Key> {
    match entry.keys {
        Keys::As(action) => common.keys(action).to_vec(),
        Keys::Own(keys) => keys.split(' ').filter_map(|key| Key::parse(key).ok()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_action_stands_once_in_the_help_and_every_key_means_one_thing() {
        let (mut actions, mut names, mut keys) = (HashSet::new(), HashSet::new(), HashSet::new());
        let common = KeyMap::default();
        for entry in ENTRIES {
            assert!(actions.insert(entry.action), "{:?} twice", entry.action);
            assert!(names.insert(entry.name), "{} twice", entry.name);
            let bound = keys_of(&common, entry);
            assert!(!bound.is_empty(), "{} has no key", entry.name);
            for key in bound {
                assert!(keys.insert(key), "{key} twice");
            }
        }
        assert_eq!(actions.len(), Action::Quit as usize + 1, "an action is not in the help");
    }

    #[test]
    fn keys_of_the_learners_own_file_are_the_dashboards_too() {
        let common = KeyMap::read("keys.yaml", "down: [z]\nquit: [Z]\n").unwrap();
        let keys = Bindings::new(common);
        let press = |letter| {
            KeyEvent::new(
                crossterm::event::KeyCode::Char(letter),
                crossterm::event::KeyModifiers::NONE,
            )
        };
        assert_eq!(keys.action_of(&press('z')), Some(Action::Down));
        assert_eq!(keys.action_of(&press('q')), None);
        assert_eq!(keys.action_of(&press('M')), Some(Action::MessageAll));
        assert_eq!(keys.shown(Action::Quit), "Z");
    }
}
