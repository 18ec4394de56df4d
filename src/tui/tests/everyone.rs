//! Screens without colour and in ASCII: what is said is there, and what is marked can be told.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use super::fixture::*;
use super::room::{heard, in_room, message};
use super::work::{edit_plan, prepared, run_plan, running};
use crate::check::Verdict;
use crate::i18n::Lang;
use crate::tui::{Model, Msg, Plan, Theme};

const ASCII: Theme = Theme { colour: false, ascii: true, hyperlinks: false };

/// The way to a screen, from the practice account's first page.
type Way = fn(&mut Learner);

/// Every screen of the interface.
const SCREENS: &[(&str, Way)] = &[
    ("page", |_| {}),
    ("modules", |learner| drop(learner.press("\t\t"))),
    ("proof", |learner| {
        let verdicts = [Verdict::Pass, Verdict::Fail, Verdict::CannotTell, Verdict::Waiting];
        for (step, verdict) in ["0a", "0b", "0a", "0b"].into_iter().zip(verdicts) {
            learner.verifies("A", vec![(step, result("stack-is-there", verdict, "So.", &["it"]))]);
        }
        learner.press("\t");
    }),
    ("marked value", |learner| drop(learner.press("}"))),
    ("marked block", |learner| drop(learner.press("]]"))),
    ("search", |learner| learner.searches("deploy")),
    ("found", |learner| {
        learner.searches("deploy");
        learner.press("\nn");
    }),
    ("map", |learner| {
        learner.at("09:00");
        learner.tell(Msg::Ends(Some(instant("10:30"))));
        learner.press("mj");
    }),
    ("countdown", |learner| {
        learner.at("09:00");
        learner.tell(Msg::Ends(Some(instant("09:04"))));
        learner.at("09:01");
    }),
    ("help", |learner| drop(learner.press("?"))),
    ("palette", |learner| drop(learner.press(":↓"))),
    ("palette, nothing", |learner| drop(learner.press(":zzzz"))),
    ("solution", |learner| drop(learner.press("s"))),
    ("chooser", |learner| {
        learner.press("a");
        learner.tell(Msg::Profiles(vec![Some("workshop".into()), None]));
    }),
    ("commands", |learner| {
        learner.press("]x");
        learner.tell(prepared(Plan::Run(run_plan())));
    }),
    ("change", |learner| {
        learner.press("x");
        learner.tell(prepared(Plan::Edit(edit_plan("Open: true\n"))));
    }),
    ("no change", |learner| {
        learner.press("x");
        learner.tell(prepared(Plan::Edit(edit_plan("Else: true\n"))));
    }),
    ("evidence", |learner| {
        let failed = result("stack-is-there", Verdict::Fail, "There is no stack.", &["x"]);
        learner.verifies("v", vec![("0a", failed)]);
        learner.press("e");
    }),
    ("message", |learner| {
        learner.at("10:00");
        learner.tell(heard(in_room(&[message(true, "Look at line 3", "10:00", "10:15")])));
    }),
    ("room", |learner| {
        learner.tell(heard(in_room(&[])));
        learner.press("R");
    }),
    ("room to join", |learner| drop(learner.press("Rk7qm3xpt\n\n"))),
    ("help to ask for", |learner| {
        learner.tell(heard(in_room(&[])));
        learner.press("H");
    }),
    ("trouble", |learner| {
        learner.tell(Msg::Journal(crate::tui::Trouble::new("It is gone.", "Bring it back.")));
    }),
];

fn at(way: Way, size: (u16, u16), theme: Theme) -> Learner {
    let mut learner = Learner::at_work_in(size, theme);
    way(&mut learner);
    learner
}

#[test]
fn in_ascii_every_screen_is_ascii() {
    for size in [(44, 12), (80, 24), (140, 45)] {
        for (name, way) in SCREENS {
            let screen = at(*way, size, ASCII).screen();
            assert!(screen.is_ascii(), "{name}:\n{screen}");
            // What the interface draws itself has signs of its own: nothing is lost in a `?`.
            assert!(!screen.contains("??"), "{name}:\n{screen}");
        }
    }
}

#[test]
fn what_a_command_prints_is_shown_in_ascii_too() {
    let mut learner = running((120, 40));
    learner.model.theme = ASCII;
    learner.press("\t");
    assert!(learner.screen().is_ascii(), "{}", learner.screen());
}

#[test]
fn without_colour_every_screen_says_the_same() {
    for size in [(44, 12), (80, 24), (140, 45)] {
        for (name, way) in SCREENS {
            let (plain, coloured) = (at(*way, size, PLAIN), at(*way, size, COLOUR));
            assert_eq!(plain.screen(), coloured.screen(), "{name}");
            let colour =
                |cell: &ratatui::buffer::Cell| (cell.fg, cell.bg) != (Color::Reset, Color::Reset);
            assert!(!plain.look().cells.content.iter().any(colour), "{name}");
        }
    }
}

/// Symbols and looks without their colours.
fn bare(cells: &Buffer) -> Vec<(String, Modifier)> {
    cells.content.iter().map(|cell| (cell.symbol().to_owned(), cell.modifier)).collect()
}

#[test]
fn without_colour_what_is_marked_can_be_told() {
    // A key that marks something else, and where: text or look has to change.
    for (name, keys) in [
        ("page", "]"),
        ("modules", "j"),
        ("page", "}"),
        ("marked block", "["),
        ("found", "n"),
        ("map", "k"),
        ("palette", "↓"),
        ("chooser", "j"),
        ("search", "↓"),
        ("page", "\t"),
    ] {
        for theme in [PLAIN, ASCII] {
            let way = SCREENS.iter().find(|(other, _)| *other == name).expect("a screen").1;
            let mut learner = at(way, (140, 45), theme);
            let before = bare(&learner.look().cells);
            learner.press(keys);
            assert_ne!(before, bare(&learner.look().cells), "{name}: {keys:?} can't be seen");
        }
    }
}

#[test]
fn without_colour_a_change_has_its_signs() {
    for (name, way) in SCREENS.iter().filter(|(name, _)| ["page", "change"].contains(name)) {
        let learner = at(*way, (140, 45), ASCII);
        for line in ["-Open: true", "+Open: false"] {
            let bare = learner.screen().replace("- Open", "-Open").replace("+ Open", "+Open");
            assert!(bare.contains(line), "{name}: no {line:?} in\n{bare}");
        }
    }
}

#[test]
fn where_japanese_cannot_be_shown_it_is_said_in_english() {
    let model = Model::new(ASCII, Lang::Ja, (80, 24));
    assert_eq!(model.lang, Lang::En);
    let learner = Learner { model };
    learner.sees("Japanese can't be shown. Set LANG");
    let mut learner = Learner::at_work_in((80, 24), ASCII);
    learner.press("l");
    assert_eq!(learner.model.lang, Lang::En);
    learner.sees("Japanese can't be shown. Set LANG");
}
