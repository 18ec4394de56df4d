//! The language switches in place: words, titles, the page, and what isn't translated.

use super::fixture::*;
use crate::tui::Msg;

fn at_work_in_both(page: &str, size: (u16, u16)) -> Learner {
    Learner::at_work_on(course_with_japanese(page), size, COLOUR)
}

#[test]
fn a_page_that_is_not_translated_says_so() {
    let mut learner = Learner::at_work((140, 45));
    learner.press("l");
    learner.sees("初期設定");
    learner.sees("ステップ確認");
    learner.sees("このページは英語版のみです。");
    learner.sees("英語版  ");
    learner.sees("Why this matters");
    learner.press("l");
    learner.sees("Initial setup");
    learner.sees_not("English only");
}

#[test]
fn the_page_switches_and_shows_no_stamp() {
    let mut learner = at_work_in_both(SETUP_PAGE_JA, (140, 45));
    learner.sees("Why this matters");
    learner.press("l");
    learner.sees("アドレスを知っていれば、誰でも API を呼び出せ");
    learner.sees_not("Why this matters");
    learner.sees_not("source");
    learner.sees_not("英語版");
    learner.press("l");
    learner.sees("Why this matters");
}

/// Wherever the page stands: the same step is read, the same block is marked, and the topmost row
/// belongs to the same block; a row of code stays the very same row.
#[test]
fn the_place_is_kept_in_both_directions() {
    for size in [(40, 10), (60, 12), (80, 24), (140, 16)] {
        let mut learner = at_work_in_both(SETUP_PAGE_JA, size);
        learner.tell(Msg::Values(known_values()));
        let mut last = usize::MAX;
        while learner.model.page.scroll != last {
            last = learner.model.page.scroll;
            let before = place(&learner);
            learner.press("l");
            assert_eq!(place(&learner), before, "to Japanese at row {last} of {size:?}");
            learner.press("l");
            assert_eq!(place(&learner), before, "and back at row {last} of {size:?}");
            let back = learner.model.page.scroll;
            learner.press("ll");
            assert_eq!(learner.model.page.scroll, back, "it doesn't wander");
            learner.model.page.scroll = last;
            learner.press("j");
        }
        assert!(last > 3, "{size:?} scrolls");
    }
}

/// A terminal draws nothing in the second column of a wide character.
#[test]
fn no_wide_character_hides_the_edge_of_a_window() {
    use ratatui::buffer::CellWidth as _;
    for columns in 60..=141 {
        let mut learner = at_work_in_both(SETUP_PAGE_JA, (columns, 24));
        learner.press("ljjj:");
        let cells = learner.look().cells;
        let top = learner.lines().iter().position(|line| line.contains("─ すべての操作")).unwrap();
        let top = u16::try_from(top).unwrap();
        let edge = (0..columns).find(|&x| cells[(x, top)].symbol() == "┌").unwrap();
        let mut rows = (top..24).take_while(|&y| ["┌", "│"].contains(&cells[(edge, y)].symbol()));
        let hidden = |y: u16| edge > 0 && cells[(edge - 1, y)].symbol().cell_width() > 1;
        assert!(!rows.any(hidden), "{columns}\n{}", learner.screen());
    }
}

/// The step that is read, the marked block, and the topmost row where it is code.
fn place(learner: &Learner) -> (Option<String>, Option<usize>, Option<String>) {
    let page = &learner.model.page;
    let top = page.rows.get(page.scroll).and_then(|row| Some((row, row.code?)));
    // A frame's row has a word of the interface.
    let text = top
        .map(|(row, code)| if code.fixed == row.spans.len() { "frame".into() } else { row.text() });
    (page.step.clone(), page.code(), text)
}

#[test]
fn a_step_that_is_missing_in_the_translation_is_shown_in_the_source_language() {
    let start = SETUP_PAGE_JA.find("## API を呼び出す").unwrap();
    let end = SETUP_PAGE_JA.find("## 振り返り").unwrap();
    let page = [&SETUP_PAGE_JA[..start], &SETUP_PAGE_JA[end..]].concat();
    let mut learner = at_work_in_both(&page, (140, 45));
    learner.press("l");
    learner.sees("次のステップは英語版のみです: 0b");
    learner.sees("まずテンプレートを変更し、次にデプロイします。");
    learner.press("nn");
    learner.sees("Call the API ─");
    learner.sees("英語版  ");
    learner.sees("curl");
    assert_eq!(learner.model.page.step.as_deref(), Some("0b"));
    learner.press("Gu");
    learner.sees("まだ何も攻撃者を止めません。");
    learner.press("l");
    learner.sees_not("English only");
}
