//! Questions at a module's end: their answers are hidden until a key shows them.

use super::fixture::*;
use crate::i18n::Lang;
use crate::tui::{Account, Effect, Entry, Msg, Past};

fn revealed(question: &str) -> Effect {
    Effect::Record(Entry::Revealed { module: 0, question: question.to_owned() })
}

#[test]
fn the_key_goes_to_the_questions_and_then_shows_one_answer_after_the_other() {
    for size in [(120, 30), (80, 24), (60, 20)] {
        let mut learner = Learner::at_work(size);
        assert_eq!(learner.press("r"), [], "the first press goes there");
        learner.sees("Questions to think about");
        learner.sees("Who may call it?");
        learner.sees("r shows the answer");
        learner.sees_not("Everybody.");
        assert_eq!(learner.press("r"), [revealed("who")]);
        learner.sees("Answer: Everybody.");
        learner.sees_not("Nobody yet.");
        if learner.press("r").is_empty() {
            // The second question stood below the window.
            learner.sees("Who closes it?");
            assert_eq!(learner.press("r"), [revealed("close")]);
        }
        learner.sees("Nobody yet.");
        assert_eq!(learner.press("r"), []);
        learner.sees("No answer is hidden here.");
    }
}

#[test]
fn answers_that_were_shown_earlier_stay_open_in_both_languages() {
    let mut learner = Learner::at_work((140, 45));
    let revealed = [(0, "who".to_owned())].into();
    learner.tell(Msg::Past(Past { revealed, ..Past::default() }));
    learner.press("G");
    learner.sees("Answer: Everybody.");
    learner.sees("r answer");
    learner.press("l");
    assert_eq!(learner.model.lang, Lang::Ja);
    learner.sees("答え: 誰でも。");
    learner.sees("まず考えてみてください");
}

#[test]
fn without_an_account_answers_are_shown_and_not_recorded() {
    let mut learner = Learner::at_work((140, 45));
    learner.model.account = Account::None;
    assert_eq!(learner.press("rr"), []);
    learner.sees("Answer: Everybody.");
}

#[test]
fn a_module_without_questions_says_so() {
    let mut learner = Learner::at_work((140, 45));
    learner.press("\x1b");
    // The module list stands left of the page.
    learner.press("\t\tj\n");
    learner.sees("1 Authentication");
    learner.press("r");
    learner.sees("No answer is hidden here.");
}
