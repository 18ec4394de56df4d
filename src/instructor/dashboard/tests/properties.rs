//! Any size, any keys, any looks.

use proptest::prelude::*;
use ratatui::style::Color;

use super::fixture::*;
use crate::i18n::Lang;
use crate::instructor::dashboard::*;

const SCREENS: &[&str] = &["", "r", "h", "c", "\n", "?", ":", "MHello\n", "P", "/k", "x"];

#[test]
fn without_colour_every_screen_says_the_same() {
    for size in [(44, 12), (80, 24), (140, 45)] {
        for keys in SCREENS {
            let at = |theme| {
                let mut instructor = Instructor::at_work_in(size, theme, Lang::En);
                instructor.press(keys);
                instructor
            };
            let (plain, coloured) = (at(PLAIN), at(COLOUR));
            assert_eq!(plain.screen(), coloured.screen(), "{keys:?}");
            let colour =
                |cell: &ratatui::buffer::Cell| (cell.fg, cell.bg) != (Color::Reset, Color::Reset);
            assert!(!plain.look().cells.content.iter().any(colour), "{keys:?}");
        }
    }
}

#[test]
fn in_ascii_every_screen_is_ascii() {
    for size in [(44, 12), (80, 24), (140, 45)] {
        for keys in SCREENS {
            let mut instructor = Instructor::at_work_in(size, ASCII, Lang::En);
            instructor.press(keys);
            assert!(instructor.screen().is_ascii(), "{keys:?}\n{}", instructor.screen());
        }
    }
}

#[test]
fn nothing_that_an_attendee_writes_reaches_the_terminal_as_a_sequence() {
    let evil = "x\u{1b}]52;c;ZXZpbA==\u{7}\u{9b}31m\u{202e}\ny";
    let mut instructor = Instructor::at_work((140, 45));
    let mut hostile = item(1, evil, "1d", 60);
    let mut fails = crate::progress::room::CheckNews::new(minute(99));
    fails.verdict = Some(crate::check::Verdict::Fail);
    (fails.failed, fails.same) = (9, 9);
    fails.message = evil.into();
    fails.offenders = vec![evil.into()];
    hostile.checks.insert(CHECK.into(), fails);
    hostile.help = Some(crate::progress::room::Help {
        step: "1d".into(),
        asked: minute(99),
        over: None,
        evidence: vec![evil.into()],
    });
    instructor.hears(vec![row(2, hostile, 100)]);
    for keys in ["g", "r", "h", "\n", ":x", "\u{1b}mt"] {
        instructor.press(keys);
        let screen = instructor.screen();
        assert!(!screen.chars().any(|c| c.is_control() && c != '\n'), "{screen:?}");
        assert!(!screen.contains('\u{202e}'), "{screen:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_size_and_no_keys_panic_and_no_row_is_wider_than_the_window(
        columns in 1u16..300,
        rows in 1u16..80,
        keys in "[mrhcsSfFxMtopP/nN:?ljkdugG\\[\\]\n\t\u{1b}↓↑⌫ a-z]{0,32}",
        other in (1u16..300, 1u16..80),
        japanese: bool,
    ) {
        let lang = if japanese { Lang::Ja } else { Lang::En };
        let mut instructor = Instructor::at_work_in((columns, rows), COLOUR, lang);
        instructor.press(&keys);
        for size in [(columns, rows), other] {
            instructor.tell(Msg::Resize(size.0, size.1));
            for line in instructor.lines() {
                prop_assert!(crate::markdown::width(&line) <= size.0.into(), "{line:?}");
            }
        }
        instructor.press(&keys);
        instructor.screen();
    }
}
