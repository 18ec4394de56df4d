//! The palette: every action, module and step by its name.

use super::fixture::*;
use crate::i18n::Lang;
use crate::tui::{Action, ENTRIES, Effect, KeyMap, Msg, Scope};

/// The palette's lines below what is typed.
fn listed(learner: &Learner) -> Vec<String> {
    let lines = learner.lines();
    let prompt = lines.iter().position(|line| line.contains(" : ")).expect("a prompt");
    let inside =
        |line: &String| line.contains('│').then(|| line.split('│').nth(1).map(str::to_owned));
    lines[prompt + 1..].iter().map_while(|line| inside(line)?).collect()
}

#[test]
fn every_action_is_there_with_its_key_its_name_and_why_it_would_do_nothing() {
    let mut learner = Learner::at_work((120, 60));
    learner.press(":");
    learner.sees("ALL ACTIONS");
    for entry in ENTRIES.iter().filter(|entry| entry.action != Action::Palette) {
        for _ in 0..learner.model.palette.as_ref().unwrap().text.len() {
            learner.press("⌫");
        }
        learner.press(entry.action.name());
        let first = &listed(&learner)[0];
        let help = (entry.help)(learner.model.words());
        assert!(
            first.contains(help),
            "{help:?} isn't first for {}:\n{}",
            entry.action.name(),
            learner.screen()
        );
        assert!(first.contains(entry.keys.split(' ').next().unwrap()), "{first}");
    }
    learner.press("\u{1b}");
    learner.sees_not("ALL ACTIONS");
}

#[test]
fn what_it_offers_does_something_and_what_it_does_not_says_why() {
    // To the left of its start code goes nowhere.
    let none = [Action::Palette, Action::Left];
    for entry in ENTRIES.iter().filter(|entry| !none.contains(&entry.action)) {
        let mut learner = Learner::at_work((120, 40));
        // In the middle of the page, so that there is a way everywhere.
        learner.press("n]");
        let before = learner.look().cells;
        learner.press(":");
        learner.press(entry.action.name());
        let line = listed(&learner)[0].clone();
        let effects = learner.press("\n");
        learner.sees_not("ALL ACTIONS");
        let changed = learner.look().cells != before;
        assert!(changed || !effects.is_empty(), "{:?} does nothing: {line}", entry.action);
        if !line.contains(entry.action.name()) {
            let said = learner.model.notice.as_ref().map(|notice| notice.text.clone());
            assert!(said.is_some_and(|said| said.contains(": ")), "{:?}: {line}", entry.action);
        }
    }
}

#[test]
fn enter_does_what_is_marked() {
    let mut learner = Learner::at_work((80, 24));
    learner.press(":check this st");
    assert_eq!(learner.press("\n"), [Effect::Verify(1, Scope::Step("0a".into()), Lang::En)]);
    learner.press(":verify-module");
    learner.sees("something runs");
    assert_eq!(learner.press("\n"), []);
    let said = learner.model.notice.as_ref().map(|notice| notice.text.as_str());
    assert_eq!(said, Some("check this module: something runs"));
    learner.press("\u{1b}:quit");
    assert_eq!(learner.press("\n"), [Effect::Cancel, Effect::Quit]);
}

#[test]
fn a_number_or_a_title_leads_to_its_module_or_step() {
    let mut learner = Learner::at_work((80, 24));
    learner.press(":1\n");
    assert_eq!(learner.model.part, 1.into());
    learner.press(":0b\n");
    assert_eq!((learner.model.part, learner.model.page.step.as_deref()), (0.into(), Some("0b")));
    learner.press(":ask token\n");
    assert_eq!(learner.model.page.step.as_deref(), Some("1a"));
    learner.press("b");
    assert_eq!(learner.model.page.step.as_deref(), Some("0b"), "back to where it was opened");
    learner.press("m:authen\n");
    assert!(learner.model.map.is_none() && learner.model.part == 1.into());
    learner.press(":4");
    learner.sees("not written yet");
}

#[test]
fn letters_with_others_between_them_fit_and_the_best_comes_first() {
    let mut learner = Learner::at_work((80, 24));
    learner.press(":vmod");
    assert!(listed(&learner)[0].contains("check this module"), "{}", learner.screen());
    learner.press("\u{1b}:zzzz");
    learner.sees("Nothing is called that.");
    assert_eq!(learner.press("\n"), []);
    learner.press("⌫⌫⌫⌫");
    assert!(listed(&learner)[0].contains("check this step"), "the order of the help");
}

#[test]
fn down_and_up_move_and_letters_are_letters() {
    let mut learner = Learner::at_work((80, 24));
    learner.press(":↓↓");
    assert!(listed(&learner)[2].trim_start().starts_with("> "), "{}", learner.screen());
    learner.press("qjk?:");
    learner.sees(": qjk?:");
    assert!(learner.model.sheet.is_none());
}

#[test]
fn it_is_for_every_size_language_and_terminal() {
    for size in [(20, 5), (40, 10), (80, 24), (140, 45)] {
        for lang in [Lang::En, Lang::Ja] {
            let mut learner = Learner::at_work_in(size, PLAIN);
            learner.model.lang = lang;
            learner.press(":");
            let typed = if lang == Lang::Ja { "マップ" } else { "map" };
            learner.press(typed);
            learner.sees(&format!(": {typed}"));
            learner.sees("> ");
            learner.press("\n");
            assert!(learner.model.map.is_some(), "{size:?} {lang:?}\n{}", learner.screen());
        }
    }
    let mut learner = Learner::at_work((80, 24));
    learner.model.lang = Lang::Ja;
    learner.press(":ヒント");
    assert!(listed(&learner)[0].contains("次のヒントを開く"), "{}", learner.screen());
    // The same word in the other kana, and by the action's name.
    learner.press("\u{1b}:ひんと");
    assert!(listed(&learner)[0].contains("次のヒントを開く"), "{}", learner.screen());
    learner.press("\u{1b}:hint");
    assert!(listed(&learner)[0].contains("次のヒントを開く"), "{}", learner.screen());
}

#[test]
fn what_is_pasted_is_one_line_of_text() {
    let mut learner = Learner::at_work((80, 24));
    learner.press(":");
    assert_eq!(learner.tell(Msg::Paste("quit\nverify-step\r\n\u{1b}[31m".into())), []);
    learner.sees(": quit");
    assert!(learner.model.palette.is_some() && learner.model.run.is_none());
}

#[test]
fn it_waits_while_something_else_is_asked() {
    let mut learner = Learner::at_work((80, 24));
    learner.press("?:");
    assert!(learner.model.palette.is_none());
    learner.press("\u{1b}a:");
    assert!(learner.model.palette.is_none());
}

#[test]
fn it_shows_the_learners_own_keys() {
    let mut learner = Learner::at_work((80, 24));
    learner.model.keys =
        KeyMap::read("keys.yaml", "hint: [F4]\nmap: []\nnext-step: [+]\n").unwrap();
    learner.press(":unlock");
    assert!(listed(&learner)[0].trim_end().ends_with("F4"), "{}", learner.screen());
    learner.press("\u{1b}");
    assert!(learner.lines()[23].contains("+ next"), "{}", learner.lines()[23]);
    learner.press("m");
    assert!(learner.model.map.is_none());
    learner.press("?");
    for text in ["F4", ":map", "+ "] {
        learner.sees(text);
    }
}
