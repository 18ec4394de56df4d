//! A line of input as a command. Actions are called by their names (`verify-step`), so that every
//! action there is can be typed; the ones that are used most have short names too.

use std::sync::LazyLock;

use crate::i18n::{Lang, Words};
use crate::tui::action::{Action, ENTRIES, Entry};
use crate::tui::map::Filter;
use crate::tui::room::JoinAsk;

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// Nothing.
    Empty,
    /// An action, as a key would ask for it.
    Act(Action),
    /// The map with these modules.
    Map(Filter),
    /// A step, a module, the clean-up.
    Go(String),
    /// A verification of one of these.
    Verify(String),
    /// Planning for a domain.
    Domain(String),
    /// A search.
    Search(String),
    /// A result of the search, counted from 1.
    Hit(usize),
    /// A number alone.
    Number(usize),
    /// The text of the step, or of the whole page.
    Read {
        /// The whole page.
        all: bool,
    },
    /// A code block, counted from 1; without a number: which there are.
    Code(Option<usize>),
    /// What a code block is for, counted from 1: to run it, to apply it, to write it.
    Perform(usize),
    /// A room to join, and the name to be shown.
    Join(JoinAsk),
    /// The steps of the open module.
    Steps,
    /// The hints that are unlocked.
    Hints,
    /// Values that aren't known yet.
    Values,
    /// Where the learner is, and the time.
    Where,
    /// An answer to a question.
    Answer(bool),
    /// An action that moves on a screen: its name as it was typed.
    ScreenOnly(String),
    /// No command: the text.
    Unknown(String),
}

/// Other names of actions, the one that the help shows first.
const NAMES: &[(&str, Action)] = &[
    ("verify", Action::VerifyStep),
    ("v", Action::VerifyStep),
    ("V", Action::VerifyModule),
    ("A", Action::VerifyAll),
    ("next", Action::NextStep),
    ("n", Action::NextStep),
    ("previous", Action::PreviousStep),
    ("p", Action::PreviousStep),
    ("m", Action::Map),
    ("h", Action::Hint),
    ("s", Action::Solve),
    ("b", Action::Back),
    ("run", Action::Perform),
    ("apply", Action::Perform),
    ("x", Action::Perform),
    ("e", Action::Evidence),
    ("answer", Action::Reveal),
    ("cancel", Action::Close),
    ("l", Action::Language),
    ("a", Action::Account),
    ("?", Action::Help),
    ("q", Action::Quit),
    ("exit", Action::Quit),
];

/// How an action is asked for here.
enum Usage {
    /// By its name.
    Named,
    /// By a command with this form.
    As(&'static str),
    /// By a form of another command.
    Within,
    /// Not at all: it moves on a screen.
    Screen,
}

fn usage(action: Action) -> Usage {
    match action {
        Action::Search => Usage::As("search TEXT"),
        Action::Open => Usage::As("open NUMBER"),
        Action::Copy => Usage::As("code [NUMBER]"),
        Action::Domain => Usage::As("domain NAME"),
        Action::NextValue => Usage::As("values"),
        Action::Perform => Usage::As("run NUMBER"),
        Action::Filter | Action::PreviousValue | Action::Interrupt => Usage::Within,
        Action::Down
        | Action::Up
        | Action::HalfDown
        | Action::HalfUp
        | Action::PageDown
        | Action::PageUp
        | Action::Top
        | Action::Bottom
        | Action::Left
        | Action::Right
        | Action::NextPane
        | Action::PreviousPane
        | Action::NextCode
        | Action::PreviousCode
        | Action::PreviousHit
        | Action::Output
        | Action::Palette => Usage::Screen,
        // Also whatever comes later.
        _ => Usage::Named,
    }
}

static WORDS: LazyLock<[(Lang, Words); 2]> = LazyLock::new(|| {
    let command = |name: &str| called(action_named(name)?);
    [Lang::En, Lang::Ja].map(|lang| (lang, lang.plain_words().with_keys(&command)))
});

/// The words of `--plain`, with commands where the interface's words name keys.
pub(in crate::tui) fn words(lang: Lang) -> &'static Words {
    let found = WORDS.iter().find(|(known, _)| *known == lang);
    found.map_or_else(|| lang.plain_words(), |(_, words)| words)
}

/// What is typed for an action.
fn called(action: Action) -> Option<String> {
    match usage(action) {
        Usage::As(form) => form.split(' ').next().map(str::to_owned),
        Usage::Named => {
            let short = NAMES.iter().find(|(_, named)| *named == action);
            Some(short.map_or_else(|| action.name(), |(name, _)| name).to_owned())
        }
        Usage::Within | Usage::Screen => None,
    }
}

/// Reads a line.
pub(super) fn parse(line: &str) -> Command {
    let line = line.trim();
    let (word, rest) = line.split_once([' ', '\t', '\u{3000}']).unwrap_or((line, ""));
    let (word, rest) = (half_width(word), rest.trim());
    if word.is_empty() {
        return Command::Empty;
    }
    if let Ok(number) = word.parse() {
        return Command::Number(number);
    }
    if let Some(action) = action_named(&word) {
        return with_action(action, &word, rest, line);
    }
    let argument = half_width(rest);
    match (word.to_lowercase().as_str(), argument.as_str()) {
        ("go" | "g", _) if !rest.is_empty() => Command::Go(argument),
        ("read" | "r", "") => Command::Read { all: false },
        ("read" | "r", "all") => Command::Read { all: true },
        ("code" | "c", _) => code(&argument, line),
        ("steps", "") => Command::Steps,
        ("hints", "") => Command::Hints,
        ("values", "") => Command::Values,
        ("where" | "w" | "time", "") => Command::Where,
        ("yes" | "y", "") => Command::Answer(true),
        ("no", "") => Command::Answer(false),
        _ => Command::Unknown(line.to_owned()),
    }
}

fn action_named(word: &str) -> Option<Action> {
    let short = NAMES.iter().find(|(name, _)| *name == word);
    let lower = word.to_lowercase();
    let other = || NAMES.iter().find(|(name, _)| *name == lower);
    let long = || ENTRIES.iter().map(|entry| entry.action).find(|&action| action.name() == lower);
    short.map(|(_, action)| *action).or_else(long).or_else(|| other().map(|(_, action)| *action))
}

fn with_action(action: Action, word: &str, rest: &str, line: &str) -> Command {
    let argument = half_width(rest).to_lowercase();
    match (action, argument.as_str()) {
        (Action::Search, _) => Command::Search(rest.to_owned()),
        (Action::Open, text) => text.parse().map_or_else(|_| unknown(line), Command::Hit),
        (Action::Copy, text) => code(text, line),
        (Action::Perform, text) => text.parse().map_or_else(|_| unknown(line), Command::Perform),
        (Action::Domain, text) if !text.is_empty() => Command::Domain(rest.to_owned()),
        (Action::Map | Action::Filter, "" | "all") => Command::Map(Filter::All),
        (Action::Map | Action::Filter, "open") => Command::Map(Filter::Open),
        (Action::Map | Action::Filter, "fits") => Command::Map(Filter::Fits),
        (Action::Map | Action::Filter, "done") => Command::Map(Filter::Done),
        (Action::Map | Action::Filter, "chosen") => Command::Map(Filter::Chosen),
        (Action::NextValue | Action::PreviousValue, "") => Command::Values,
        (Action::VerifyStep, "step") => Command::Act(Action::VerifyStep),
        (Action::VerifyStep, "module") => Command::Act(Action::VerifyModule),
        (Action::VerifyStep, "all") => Command::Act(Action::VerifyAll),
        (Action::VerifyStep, text) if !text.is_empty() => Command::Verify(text.to_owned()),
        (Action::Domain, _) => unknown(line),
        (Action::Room, text) if !text.is_empty() => Command::Join(room(rest)),
        (action, "") => match usage(action) {
            Usage::Screen => Command::ScreenOnly(word.to_owned()),
            _ => Command::Act(action),
        },
        _ => unknown(line),
    }
}

/// A room's code, and what comes behind it.
fn room(text: &str) -> JoinAsk {
    let (code, name) = text.split_once([' ', '\t', '\u{3000}']).unwrap_or((text, ""));
    JoinAsk { code: half_width(code), name: name.trim().to_owned() }
}

fn unknown(line: &str) -> Command {
    Command::Unknown(line.to_owned())
}

fn code(argument: &str, line: &str) -> Command {
    if argument.is_empty() {
        return Command::Code(None);
    }
    argument.parse().map_or_else(|_| unknown(line), |number| Command::Code(Some(number)))
}

/// Letters and digits as an input method for Japanese may type them: ｖｅｒｉｆｙ　１.
fn half_width(text: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    };
    text.chars().map(half).collect()
}

/// All commands with what they do, a line each.
pub(super) fn help(words: &Words) -> Vec<String> {
    let own = [
        ("read [all], r", words.p_c_read),
        ("go STEP, go MODULE, go cleanup, g", words.p_c_go),
        ("steps", words.p_c_steps),
        ("verify STEP, verify MODULE", words.p_c_verify),
        ("hints", words.p_c_hints),
        ("where, time, w", words.p_c_where),
        ("yes, no", words.p_c_answer),
    ];
    let line = |(form, help): (&str, &str)| format!("{form}: {help}");
    ENTRIES.iter().filter_map(|entry| action_help(entry, words)).chain(own.map(line)).collect()
}

fn action_help(entry: &Entry, words: &Words) -> Option<String> {
    let form = match usage(entry.action) {
        Usage::As(form) => form.to_owned(),
        Usage::Named => {
            let short = NAMES.iter().filter(|(_, action)| *action == entry.action);
            let short = short.map(|(name, _)| *name);
            short.chain([entry.action.name()]).collect::<Vec<_>>().join(", ")
        }
        Usage::Within | Usage::Screen => return None,
    };
    Some(format!("{form}: {}", (entry.help)(words)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_can_be_typed_by_its_name() {
        for entry in ENTRIES {
            let command = parse(entry.action.name());
            assert!(!matches!(command, Command::Empty | Command::Go(_)), "{command:?}");
            let needs_more =
                matches!(entry.action, Action::Open | Action::Domain | Action::Perform);
            assert_eq!(matches!(command, Command::Unknown(_)), needs_more, "{:?}", entry.action);
        }
    }

    #[test]
    fn every_action_that_is_no_movement_is_in_the_help() {
        let help = help(crate::i18n::Lang::En.plain_words()).join("\n");
        for entry in ENTRIES {
            let own = matches!(usage(entry.action), Usage::Named);
            let named = help.contains(&format!("{}: ", entry.action.name()));
            assert_eq!(named, own, "{:?} in\n{help}", entry.action);
        }
        assert!(help.contains("verify, v, verify-step: check this step"), "{help}");
        assert!(help.contains("search TEXT: search all pages"), "{help}");
    }

    #[test]
    fn a_line_is_read_as_it_may_be_typed() {
        assert_eq!(parse("  Verify "), Command::Act(Action::VerifyStep));
        assert_eq!(parse("V"), Command::Act(Action::VerifyModule));
        assert_eq!(parse("verify all"), Command::Act(Action::VerifyAll));
        assert_eq!(parse("verify 1d"), Command::Verify("1d".into()));
        assert_eq!(parse("ｇｏ　１ｄ"), Command::Go("1d".into()));
        assert_eq!(parse("search  Access Analyzer "), Command::Search("Access Analyzer".into()));
        assert_eq!(parse("map fits"), Command::Map(Filter::Fits));
        assert_eq!(parse("code 2"), Command::Code(Some(2)));
        assert_eq!(parse("copy"), Command::Code(None));
        assert_eq!(parse("run 2"), Command::Perform(2));
        assert_eq!(parse("room"), Command::Act(Action::Room));
        let ask = JoinAsk { code: "k7qm3xpt".into(), name: "Kai さん".into() };
        assert_eq!(parse("room　ｋ７ｑｍ３ｘｐｔ　Kai さん "), Command::Join(ask));
        assert_eq!(parse("2"), Command::Number(2));
        assert_eq!(parse("down"), Command::ScreenOnly("down".into()));
        assert_eq!(parse("quit now"), Command::Unknown("quit now".into()));
        assert_eq!(parse("code two"), Command::Unknown("code two".into()));
        assert_eq!(parse(" \t"), Command::Empty);
    }
}
