//! Every key, and what it does.

use crate::markdown::{Span, Tone, width};
use crate::tui::action::ENTRIES;
use crate::tui::model::Model;

use super::Rows;

pub(super) fn rows(model: &Model, page: &mut Rows) {
    let words = model.words();
    let rows = ENTRIES.iter().map(|entry| (model.keys.shown(entry.action), (entry.help)(words)));
    let mouse = model.keys.mouse.then(|| (words.mouse.to_owned(), words.keys_by_mouse));
    let rows: Vec<(String, &str)> = rows.chain(mouse).collect();
    let longest = rows.iter().map(|(keys, _)| width(keys)).max().unwrap_or(0);
    for (keys, help) in rows {
        let space = " ".repeat(longest + 2 - width(&keys));
        page.hanging(&Span::new(format!("{keys}{space}"), Tone::Text), help, Tone::Text);
    }
}
