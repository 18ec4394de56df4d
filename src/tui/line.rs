//! A line of text while it is typed: in the search, in the palette.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::markdown::sanitize;

/// The longest line that is taken.
const LONGEST: usize = 200;

/// The line after a key; none where the key isn't one of text.
pub(crate) fn edit(line: &str, key: &KeyEvent) -> Option<String> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let mut text = line.to_owned();
    match key.code {
        KeyCode::Backspace => {
            let end = text.grapheme_indices(true).next_back().map_or(0, |(at, _)| at);
            text.truncate(end);
        }
        KeyCode::Char('u') if control => text.clear(),
        KeyCode::Char('w') if control => {
            let kept = text.trim_end();
            text.truncate(kept.rfind(char::is_whitespace).map_or(0, |at| at + 1));
        }
        KeyCode::Char(letter) if !control => text.push(letter),
        _ => return None,
    }
    Some(within(line, text))
}

/// The line after a paste, of which the first line counts.
pub(crate) fn paste(line: &str, pasted: &str) -> String {
    // Terminals send either as a line's end.
    let first = pasted.split(['\n', '\r']).next().unwrap_or_default();
    within(line, format!("{line}{}", sanitize::clean_line(first)))
}

/// What is too long isn't taken.
fn within(line: &str, text: String) -> String {
    if text.chars().count() > LONGEST { line.to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_text_edit_and_others_do_not() {
        let edit = |line: &str, code, modifiers| edit(line, &KeyEvent::new(code, modifiers));
        let (none, control) = (KeyModifiers::NONE, KeyModifiers::CONTROL);
        assert_eq!(edit("日", KeyCode::Char('本'), none).as_deref(), Some("日本"));
        assert_eq!(edit("日本", KeyCode::Backspace, none).as_deref(), Some("日"));
        assert_eq!(edit("", KeyCode::Backspace, none).as_deref(), Some(""));
        assert_eq!(edit("a b ", KeyCode::Char('w'), control).as_deref(), Some("a "));
        assert_eq!(edit("a b", KeyCode::Char('u'), control).as_deref(), Some(""));
        assert_eq!(edit("a", KeyCode::Char('x'), control), None);
        assert_eq!(edit("a", KeyCode::F(1), none), None);
    }

    #[test]
    fn a_paste_is_one_short_line_without_sequences() {
        assert_eq!(paste("a", "b\u{1b}[31mc\nd"), "abc");
        assert_eq!(paste("a", "\n\nq"), "a");
        assert_eq!(paste("a", "b\rq"), "ab");
        assert_eq!(paste("a", &"x".repeat(1000)), "a");
    }
}
