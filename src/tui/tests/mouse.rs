//! The mouse: nothing that a key couldn't do.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::fixture::*;
use crate::tui::{Choice, Effect, Mark, Msg, Pane};

impl Learner {
    fn mouse(&mut self, kind: MouseEventKind, (column, row): (u16, u16)) -> Vec<Effect> {
        let modifiers = KeyModifiers::NONE;
        self.tell(Msg::Mouse(MouseEvent { kind, column, row, modifiers }))
    }

    fn clicks(&mut self, place: (u16, u16)) -> Vec<Effect> {
        self.mouse(MouseEventKind::Down(MouseButton::Left), place)
    }

    /// Where a text stands.
    #[track_caller]
    fn place(&self, text: &str) -> (u16, u16) {
        let lines = self.lines();
        let found =
            lines.iter().enumerate().find_map(|(y, line)| Some((y, line, line.find(text)?)));
        let (y, line, at) = found.unwrap_or_else(|| panic!("no {text:?} in\n{}", self.screen()));
        let x = crate::markdown::width(&line[..at]);
        (u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
    }

    #[track_caller]
    fn clicks_on(&mut self, text: &str) -> Vec<Effect> {
        self.clicks(self.place(text))
    }
}

#[test]
fn the_wheel_scrolls_what_is_under_it_and_leaves_the_focus() {
    let mut learner = Learner::at_work((80, 24));
    let page = learner.place("Why this matters");
    learner.mouse(MouseEventKind::ScrollDown, page);
    assert_eq!(learner.model.page.scroll, 3);
    learner.mouse(MouseEventKind::ScrollUp, page);
    learner.mouse(MouseEventKind::ScrollUp, page);
    assert_eq!(learner.model.page.scroll, 0);
    let modules = learner.place("MODULES");
    learner.mouse(MouseEventKind::ScrollDown, modules);
    assert_eq!((learner.model.cursor, learner.model.pane), (1, Pane::Page));
    learner.press("?");
    let before = learner.screen();
    learner.mouse(MouseEventKind::ScrollDown, (40, 12));
    assert_ne!(learner.screen(), before, "the help has more than a screen");
}

#[test]
fn a_click_goes_to_a_module_or_step() {
    for size in [(80, 24), (140, 45)] {
        let mut learner = Learner::at_work(size);
        learner.clicks_on("1 Authent");
        assert_eq!((learner.model.part, learner.model.pane), (1.into(), Pane::Page));
        learner.press("b");
        assert_eq!(learner.model.part, 0.into(), "b comes back");
        // In the proof, whether its steps stand below or beside each other.
        let (x, y) = learner.place("PROOF");
        let (step, row) = (0..12)
            .flat_map(|row| (0..30).map(move |column| (x + column, y + 1 + row)))
            .find(|place| {
                let line = &learner.lines()[usize::from(place.1)];
                let here: String = line.chars().skip(usize::from(place.0)).take(2).collect();
                here == "0b"
            })
            .expect("the step stands in the proof");
        learner.clicks((step, row));
        assert_eq!(learner.model.page.step.as_deref(), Some("0b"), "{size:?}");
    }
}

#[test]
fn a_click_marks_a_code_block_and_focuses_a_pane() {
    let mut learner = Learner::at_work((140, 45));
    learner.clicks_on("curl");
    assert_eq!(learner.model.page.mark, Some(Mark::Code(2)));
    learner.clicks_on("PROOF");
    assert_eq!(learner.model.pane, Pane::Proof);
    learner.clicks_on("Why this matters");
    assert_eq!(learner.model.pane, Pane::Page);
}

#[test]
fn in_lists_the_first_click_marks_and_the_second_opens() {
    let mut learner = Learner::at_work((80, 24));
    learner.press("m");
    assert_eq!(learner.clicks_on("Authentication"), []);
    assert_eq!(learner.model.map.as_ref().map(|map| map.marked), Some(1.into()));
    learner.clicks_on("Authentication");
    assert!(learner.model.map.is_none() && learner.model.part == 1.into());

    learner.press("a");
    learner.tell(Msg::Profiles(vec![Some("workshop".into())]));
    assert_eq!(learner.clicks_on("AWS profile workshop"), []);
    let open = Effect::OpenAccount(Choice::Profile(Some("workshop".into())));
    assert_eq!(learner.clicks_on("AWS profile workshop"), [open]);

    let mut learner = Learner::at_work((80, 24));
    learner.searches("deploy");
    learner.clicks_on("Deploy first.");
    learner.sees("  > Deploy first.");
    learner.clicks_on("Deploy first.");
    assert_eq!(learner.model.part, 1.into());

    learner.press("\u{1b}:account");
    learner.clicks_on("choose another account");
    assert!(learner.model.chooser.is_some());
}

#[test]
fn a_click_beside_a_window_leaves_it_and_one_on_it_agrees_to_nothing() {
    let mut learner = Learner::at_work((120, 40));
    learner.press("?");
    learner.clicks_on("KEYS");
    assert!(learner.model.sheet.is_some());
    learner.clicks((0, 0));
    assert!(learner.model.sheet.is_none());
    learner.press(":");
    learner.clicks((0, 39));
    assert!(learner.model.palette.is_none());
    learner.press("ns");
    for text in ["Enter apply", "deploy template.yaml"] {
        assert_eq!(learner.clicks_on(text), []);
        assert!(learner.model.sheet.is_some());
    }
}

#[test]
fn a_mouse_anywhere_on_any_screen_does_no_harm() {
    use MouseEventKind::{Down, Drag, Moved, ScrollDown, ScrollLeft, ScrollRight, ScrollUp, Up};
    let left = MouseButton::Left;
    let kinds = [
        Down(left),
        Down(MouseButton::Right),
        Up(left),
        Drag(left),
        Moved,
        ScrollDown,
        ScrollUp,
        ScrollLeft,
        ScrollRight,
    ];
    for size in [(1, 1), (13, 4), (40, 10), (80, 24), (140, 45)] {
        for screen in ["", "m", "?", "/", ":", "a", "s", "\t"] {
            let mut learner = Learner::at_work(size);
            for x in (0..=size.0).step_by(23).chain([u16::MAX]) {
                for y in (0..=size.1).step_by(7).chain([u16::MAX]) {
                    for kind in kinds {
                        learner.press("\u{1b}\u{1b}");
                        learner.press(screen);
                        learner.mouse(kind, (x, y));
                    }
                }
            }
            learner.screen();
        }
    }
}

#[test]
fn what_the_mouse_does_nothing_with_draws_nothing() {
    let mut learner = Learner::at_work((80, 24));
    learner.model.dirty = false;
    learner.mouse(MouseEventKind::Moved, (10, 10));
    learner.mouse(MouseEventKind::Up(MouseButton::Left), (10, 10));
    learner.mouse(MouseEventKind::ScrollDown, (300, 300));
    assert!(!learner.model.dirty);
}
