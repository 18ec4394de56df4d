//! Views at the sizes that matter.

use proptest::prelude::*;
use ratatui::style::Color;

use super::fixture::*;
use crate::check::Verdict;
use crate::tui::Msg;

#[test]
fn three_columns_from_120_on() {
    let learner = Learner::at_work((140, 45));
    let lines = learner.lines();
    assert!(lines[0].starts_with(" A small course") && lines[0].contains("practice 000000000000"));
    let titles = &lines[1];
    let at = |text: &str| titles.find(text).unwrap_or_else(|| panic!("{text}: {titles}"));
    assert!(at("MODULES") < at("0 Initial setup") && at("0 Initial setup") < at("PROOF"));
    assert!(titles.contains("0 of 2"), "{titles}");
    assert!(lines[44].contains("v check step") && lines[44].contains("? help"), "{}", lines[44]);
}

#[test]
fn two_columns_with_the_proof_below_at_80_by_24() {
    let learner = Learner::at_work((80, 24));
    let lines = learner.lines();
    assert!(lines[1].contains("MODULES") && lines[1].contains("Initial setup"));
    assert!(!lines[1].contains("PROOF"));
    assert!(lines.iter().skip(10).any(|line| line.contains("PROOF")));
    assert!(lines[23].ends_with("? help  q leave"), "{}", lines[23]);
    learner.sees("Not checked yet. Press v.");
}

#[test]
fn one_pane_under_80() {
    let mut learner = Learner::at_work((60, 20));
    learner.sees("Why this matters");
    learner.sees_not("MODULES");
    learner.press("\t");
    learner.sees("PROOF");
    learner.sees_not("Why this matters");
    learner.press("\t");
    learner.sees("MODULES");
}

#[test]
fn a_window_that_is_too_small_says_so() {
    let mut learner = Learner::at_work((20, 5));
    learner.sees("This window is too");
    learner.press("nvhs?\t\nGg");
    learner.sees("too");
    learner.tell(Msg::Resize(1, 1));
    learner.screen();
    learner.tell(Msg::Resize(80, 24));
    learner.press("\u{1b}\u{1b}");
    learner.sees("PROOF");
}

#[test]
fn modules_say_why_they_have_to_wait() {
    let mut learner = Learner::at_work((140, 45));
    learner.press("\t\tj");
    learner.sees("50 min, first do module 0");
    learner.press("j");
    learner.sees("20 min, not written yet");
    learner.press("\n");
    learner.sees("Module 4 is not written yet.");
}

#[test]
fn long_code_scrolls_sideways_and_says_so() {
    let mut learner = Learner::at_work((80, 24));
    learner.press("n]");
    learner.sees_not("CAPABILITY_IAM");
    let cut = learner.lines().into_iter().find(|line| line.contains("aws cloudformation")).unwrap();
    assert!(cut.ends_with('>'), "{cut}");
    for _ in 0..12 {
        learner.press("→");
    }
    learner.sees("CAPABILITY_IAM");
    learner.sees_not("aws cloudformation");
}

#[test]
fn the_marked_code_block_offers_its_copy() {
    let learner = Learner::at_work((140, 45));
    let line = learner.lines().into_iter().find(|line| line.contains("c copy ")).unwrap();
    assert!(line.contains("┏━ change: template.yaml") && line.contains("x apply"), "{line}");
}

#[test]
fn titles_and_labels_over_a_dim_rule_are_not_dim() {
    let learner = Learner::at_work((140, 45));
    let cells = learner.look().cells;
    let (lines, columns) = (learner.lines(), usize::from(cells.area.width));
    for text in ["MODULES", "PROOF", "0 of 2", "c copy"] {
        let (y, line) = lines.iter().enumerate().find(|(_, line)| line.contains(text)).unwrap();
        let x = line[..line.find(text).unwrap()].chars().count();
        let cell = &cells.content[y * columns + x];
        assert!(!cell.modifier.contains(ratatui::style::Modifier::DIM), "{text}");
    }
}

#[test]
fn every_key_is_in_the_help() {
    let mut learner = Learner::at_work((80, 24));
    learner.press("?");
    let mut seen = learner.screen();
    for _ in crate::tui::ENTRIES {
        learner.press("j");
        seen.push_str(&learner.screen());
    }
    for entry in crate::tui::ENTRIES {
        let help = (entry.help)(learner.model.words());
        let line = |line: &str| line.contains(entry.keys) && line.contains(help);
        assert!(seen.lines().any(line), "no {} {help}", entry.keys);
    }
    learner.press("\u{1b}");
    learner.sees_not("Esc closes");
}

#[test]
fn no_color_shows_the_same_without_colours() {
    let failed = || result("stack-is-there", Verdict::Fail, "There is no stack.", &["x"]);
    let mut plain = Learner::at_work_in((140, 45), PLAIN);
    let mut coloured = Learner::at_work_in((140, 45), COLOUR);
    for learner in [&mut plain, &mut coloured] {
        learner.verifies("v", vec![("0a", failed())]);
    }
    assert_eq!(plain.screen(), coloured.screen());
    let colours = |learner: &Learner| {
        learner
            .look()
            .cells
            .content
            .iter()
            .any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset)
    };
    assert!(!colours(&plain));
    assert!(colours(&coloured));
}

#[test]
fn an_ascii_terminal_gets_ascii() {
    let mut theme = PLAIN;
    theme.ascii = true;
    let mut learner = Learner::at_work_in((140, 45), theme);
    let pass = result("stack-is-there", Verdict::Pass, "Done — “yes”.", &[]);
    learner.verifies("v", vec![("0a", pass)]);
    for keys in ["", "?", "\u{1b}s", "\u{1b}\u{1b}"] {
        learner.press(keys);
        assert!(learner.screen().is_ascii(), "{}", learner.screen());
    }
    learner.sees("+ 0a Deploy the stack");
}

#[test]
fn links_are_for_the_terminal_to_open() {
    let mut theme = COLOUR;
    theme.hyperlinks = true;
    let learner = Learner::at_work_in((80, 24), theme);
    assert!(!learner.screen().contains('\u{1b}'), "a page without links has no sequences");
}

#[test]
fn nothing_that_an_account_says_reaches_the_terminal_as_a_sequence() {
    let mut learner = Learner::at_work((140, 45));
    let evil = "x\u{1b}]52;c;ZXZpbA==\u{7}\u{9b}31m\u{202e}\ny";
    let failed = result("stack-is-there", Verdict::Fail, evil, &[evil]);
    learner.verifies("v", vec![("0a", failed)]);
    let info = crate::tui::AccountInfo { region: evil.into(), account: evil.into(), ..practice() };
    learner.tell(Msg::Account(Ok(info)));
    learner.press("a");
    learner.tell(Msg::Profiles(vec![Some(evil.into())]));
    for screen in [learner.screen(), {
        learner.press("\u{1b}");
        learner.screen()
    }] {
        assert!(!screen.chars().any(|c| c.is_control() && c != '\n'), "{screen:?}");
        assert!(!screen.contains("ZXZpbA") && !screen.contains('\u{202e}'), "{screen:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_size_and_no_keys_panic(
        columns in 1u16..220,
        rows in 1u16..70,
        keys in "[:vVAnphscxUeo\\[\\]jkdugGla?mftbN/{}\n\t\u{1b}→↓⌫ ]{0,32}",
        other in (1u16..220, 1u16..70),
    ) {
        let mut learner = Learner::at_work((columns, rows));
        learner.press(&keys);
        learner.screen();
        learner.tell(Msg::Resize(other.0, other.1));
        learner.screen();
        learner.press(&keys);
        learner.screen();
    }
}
