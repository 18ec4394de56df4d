//! Search over all pages.

use ratatui::style::Modifier;

use super::fixture::*;
use crate::tui::{Effect, Msg};

/// What is underlined or reversed on the page, and reversed.
fn looks(learner: &Learner) -> (String, String) {
    let cells = learner.look().cells;
    let page = |look: Modifier| {
        let cells = cells.content.iter().skip(2 * usize::from(cells.area.width));
        let cells = cells.filter(|cell| cell.modifier.contains(look | Modifier::BOLD));
        cells.map(ratatui::buffer::Cell::symbol).collect::<String>()
    };
    (page(Modifier::UNDERLINED), page(Modifier::REVERSED))
}

#[test]
fn results_of_all_modules_are_listed_while_a_word_is_typed() {
    let mut learner = Learner::at_work((80, 24));
    let effects = learner.press("/");
    assert!(matches!(effects[..], [Effect::Index(_)]), "{effects:?}");
    learner.sees("SEARCH");
    learner.sees("Type a word.");
    learner.press("dep");
    learner.sees("Reading the pages");
    learner.reads(effects);
    learner.sees("/ dep");
    learner.sees("hits: 4");
    learner.sees("0a Deploy the stack");
    learner.sees("First change the template, then deploy it.");
    learner.sees("1a Ask for a token");
    learner.sees("Deploy first.");
    learner.press("loy first");
    learner.sees("hits: 1");
    learner.press("x");
    learner.sees("Nothing found.");
    learner.press("⌫");
    learner.sees("hits: 1");
}

#[test]
fn enter_goes_to_the_result_and_n_to_the_next_also_on_another_page() {
    let mut learner = Learner::at_work((80, 24));
    learner.searches("deploy");
    learner.press("\n");
    learner.sees("/deploy  1 of 4");
    let (others, current) = looks(&learner);
    assert_eq!(current, "Deploy", "the one that was gone to");
    assert!(others.contains("deploy"), "{others}");
    learner.press("nn");
    learner.sees("/deploy  3 of 4");
    let effects = learner.press("n");
    assert_eq!(learner.model.part, 1.into(), "{effects:?}");
    learner.sees("/deploy  4 of 4");
    learner.press("n");
    assert_eq!((learner.model.part, looks(&learner).1.as_str()), (0.into(), "Deploy"));
    learner.press("N");
    assert_eq!(learner.model.part, 1.into());
}

#[test]
fn the_first_result_is_the_next_one_below_where_the_learner_reads() {
    let mut learner = Learner::at_work((80, 24));
    learner.press("nn");
    learner.searches("it");
    learner.press("\n");
    assert_eq!(learner.model.page.step.as_deref(), Some("0b"));
}

#[test]
fn esc_ends_the_search_and_n_is_the_next_step_again() {
    let mut learner = Learner::at_work((80, 24));
    learner.searches("deploy");
    learner.press("\n");
    assert!(learner.lines()[23].contains("n next hit"), "{}", learner.lines()[23]);
    learner.press("\u{1b}");
    learner.sees_not("/deploy");
    assert_eq!(looks(&learner).0, "");
    assert!(learner.lines()[23].contains("n next "), "{}", learner.lines()[23]);
    learner.press("n");
    assert_eq!(learner.model.page.step.as_deref(), Some("0b"));
    learner.press("b");
    assert_eq!(learner.model.page.step, None, "back to where the search began");
}

#[test]
fn esc_in_the_list_leaves_everything_as_it_was() {
    let mut learner = Learner::at_work((80, 24));
    let before = learner.screen();
    learner.searches("deploy");
    learner.press("\u{1b}");
    assert_eq!(learner.screen(), before);
}

#[test]
fn letters_are_letters_while_a_word_is_typed() {
    let mut learner = Learner::at_work((80, 24));
    learner.searches("qmnvl?");
    learner.sees("/ qmnvl?");
    assert!(learner.model.map.is_none() && learner.model.run.is_none());
}

#[test]
fn what_is_pasted_is_searched_for() {
    let mut learner = Learner::at_work((80, 24));
    learner.tell(Msg::Paste("nothing".into()));
    learner.sees_not("nothing");
    learner.searches("");
    learner.tell(Msg::Paste("capes\u{1b}[31m\nmore".into()));
    learner.sees("/ capes");
    learner.sees("GET /capes");
}

#[test]
fn code_that_is_out_of_view_is_scrolled_to() {
    let mut learner = Learner::at_work((80, 24));
    learner.searches("capability_iam");
    learner.press("\n");
    learner.sees("CAPABILITY_IAM");
    assert_eq!(looks(&learner).1, "CAPABILITY_IAM");
}

#[test]
fn a_search_goes_on_in_the_other_width_language_and_with_other_values() {
    let mut learner = Learner::at_work((140, 45));
    learner.searches("127.0.0.1");
    learner.sees("Nothing found.");
    let effects = learner.tell(Msg::Values(known_values()));
    learner.reads(effects);
    learner.sees("hits: 1");
    learner.press("\n");
    assert_eq!(looks(&learner).1, "127.0.0.1");
    learner.tell(Msg::Resize(80, 24));
    assert_eq!(looks(&learner).1, "127.0.0.1");
    let effects = learner.press("l");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Index(_))));
}

#[test]
fn the_list_is_for_every_terminal() {
    for size in [(40, 10), (80, 24), (140, 45)] {
        let mut theme = PLAIN;
        theme.ascii = true;
        let mut learner = Learner::at_work_in(size, theme);
        learner.searches("deploy");
        assert!(learner.screen().is_ascii(), "{}", learner.screen());
        learner.sees("deploy");
    }
}
